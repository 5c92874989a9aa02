//! The settings of `serve`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use secrecy::SecretString;

use super::settings::{
    ADMIN_LISTEN, ADMIN_TOKEN, ALLOWED_IPS, AUTO_IDENTITY, BASIC, DATA_DIR, DATABASE_URL, DIRECT_URL, EVENTS_SECRET,
    HEADER, LISTEN, MAX_BODY, MAX_CONNECTIONS, MAX_CONNECTIONS_PER_ADDRESS, MAX_INFLIGHT, MAX_RECORDS, NOTIFY,
    NOTIFY_KINDS, OAUTH, POLYTOMIC_KEY, POLYTOMIC_URL, POOLER, QUERY, RETENTION, RETENTION_HEADERS, SECRETS,
    SHUTDOWN_DELAY, SHUTDOWN_TIMEOUT, SPOOL, SPOOL_MAX, TIMESTAMP_TOLERANCE, TLS_CERT, TLS_KEY, TRUSTED_PROXIES,
    WEBHOOK_PATH, WRITERS,
};
use super::tls::tls;
use super::{DataConfig, Database, NotifyConfig, PolytomicConfig, Reader, Setting, value};
use crate::tls::TlsFiles;
use crate::verify::{AdminToken, Credentials, EVENTS_PATH, EventSecrets, Policy, TOKEN_PATH};

/// Bounds on what is held in memory at once.
#[derive(Debug, Clone)]
pub struct ServeLimits {
    /// Bytes of one body, on the wire and decompressed.
    pub max_body: usize,
    /// Records of one delivery.
    pub max_records: usize,
    /// Bytes of all bodies together.
    pub max_inflight: usize,
    /// Connections on the public listener.
    pub max_connections: usize,
    /// Connections of one address, trusted proxies excepted.
    pub max_connections_per_address: usize,
}

/// Where deliveries wait while the database is away.
#[derive(Debug, Clone)]
pub struct SpoolConfig {
    pub folder: PathBuf,
    /// Bytes of all deliveries.
    pub max: u64,
}

/// The admin listener.
#[derive(Debug, Clone)]
pub struct AdminConfig {
    pub listen: SocketAddr,
    /// Whether the address is the default: another program may use it, and that must not stop the service.
    pub is_default: bool,
    /// Without one, the address is loopback.
    pub token: Option<AdminToken>,
}

/// The settings of `serve`.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    pub data: DataConfig,
    pub policy: Policy,
    pub limits: ServeLimits,
    pub listen: SocketAddr,
    /// `None` without TLS.
    pub tls: Option<TlsFiles>,
    /// `None` if it is off.
    pub admin: Option<AdminConfig>,
    pub webhook_path: String,
    pub writers: usize,
    /// `None` if it is off.
    pub spool: Option<SpoolConfig>,
    /// `None` to keep all.
    pub retention: Option<RetentionConfig>,
    /// `None` if Polytomic's API is not asked.
    pub polytomic: Option<PolytomicConfig>,
    /// The secrets of events; `None` if none are accepted.
    pub events: Option<EventSecrets>,
    /// `None` if nobody is notified.
    pub notify: Option<NotifyConfig>,
    /// How long a stop accepts deliveries.
    pub shutdown_delay: Duration,
    /// For all of a stop, with the delay.
    pub shutdown_timeout: Duration,
}

/// Settings that `prune` reads, besides the database.
pub const RETENTION_SETTINGS: &[&Setting] = &[&RETENTION, &RETENTION_HEADERS];

/// How long deliveries are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionConfig {
    pub bodies: TimeDelta,
    /// `None` for ever.
    pub heads: Option<TimeDelta>,
}

/// Reads [`RETENTION_SETTINGS`]; `None` to keep all.
pub fn retention(reader: &mut Reader<'_>) -> Option<RetentionConfig> {
    let (bodies, heads) = (reader.get(&RETENTION, value::retention), reader.get(&RETENTION_HEADERS, value::retention));
    Some(RetentionConfig { bodies: bodies?, heads })
}

/// Where the spool is.
pub const SPOOL_SETTINGS: &[&Setting] = &[&SPOOL];

/// Reads [`SPOOL_SETTINGS`]; `None` if it is off.
pub fn spool_folder(reader: &mut Reader<'_>, data_dir: &Path) -> Option<PathBuf> {
    match reader.optional(&SPOOL, |text| Ok(text.to_owned())) {
        Some(off) if off == "off" => None,
        Some(folder) => Some(std::path::absolute(&folder).unwrap_or_else(|_| folder.into())),
        None => Some(data_dir.join("spool")),
    }
}

/// Those that `serve` reads.
pub const SERVE: &[&Setting] = &[
    &DATABASE_URL,
    &POOLER,
    &DIRECT_URL,
    &SECRETS,
    &BASIC,
    &HEADER,
    &QUERY,
    &OAUTH,
    &LISTEN,
    &TLS_CERT,
    &TLS_KEY,
    &ADMIN_LISTEN,
    &ADMIN_TOKEN,
    &MAX_CONNECTIONS,
    &MAX_CONNECTIONS_PER_ADDRESS,
    &WEBHOOK_PATH,
    &TIMESTAMP_TOLERANCE,
    &MAX_BODY,
    &MAX_RECORDS,
    &MAX_INFLIGHT,
    &ALLOWED_IPS,
    &TRUSTED_PROXIES,
    &WRITERS,
    &SPOOL,
    &SPOOL_MAX,
    &RETENTION,
    &RETENTION_HEADERS,
    &POLYTOMIC_KEY,
    &POLYTOMIC_URL,
    &AUTO_IDENTITY,
    &EVENTS_SECRET,
    &NOTIFY,
    &NOTIFY_KINDS,
    &SHUTDOWN_DELAY,
    &SHUTDOWN_TIMEOUT,
    &DATA_DIR,
];

impl ServeConfig {
    /// Reads [`SERVE`].
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let data = DataConfig::read(reader);
        let policy = Policy {
            credentials: credentials(reader),
            allowed: reader.optional(&ALLOWED_IPS, value::networks),
            trusted_proxies: reader.optional(&TRUSTED_PROXIES, value::networks).unwrap_or_default(),
            timestamp_tolerance: reader.get(&TIMESTAMP_TOLERANCE, value::tolerance),
        };
        if policy.credentials.is_empty()
            && let Database::Url(_) = data.database
            && reader.errors.is_empty()
        {
            reader.error(
                SECRETS.name,
                "is not set; without a secret, anyone could write to your database. Set the secret of the Polytomic \
                 connection",
            );
        }
        let limits = ServeLimits {
            max_body: reader.get(&MAX_BODY, |text| value::size(text, 1024, 256 << 20)),
            max_records: reader.get(&MAX_RECORDS, |text| value::count(text, 1, 100_000_000)),
            max_inflight: reader.get(&MAX_INFLIGHT, |text| value::size(text, 1024, 1 << 40)),
            max_connections: reader.get(&MAX_CONNECTIONS, |text| value::count(text, 1, 1_000_000)),
            max_connections_per_address: reader
                .get(&MAX_CONNECTIONS_PER_ADDRESS, |text| value::count(text, 1, 1_000_000)),
        };
        if limits.max_inflight < limits.max_body {
            reader.error(
                MAX_INFLIGHT.name,
                format!("is smaller than {}; the largest body would never be accepted", MAX_BODY.name),
            );
        }
        let max = reader.get(&SPOOL_MAX, |text| value::size(text, 1 << 20, 1 << 50)) as u64;
        let spool = spool_folder(reader, &data.data_dir).map(|folder| SpoolConfig { folder, max });
        if let Some(spool) = &spool
            && spool.max < limits.max_body as u64
        {
            reader.error(SPOOL_MAX.name, format!("is smaller than {}; the largest body would not fit", MAX_BODY.name));
        }
        let shutdown_delay = reader.get(&SHUTDOWN_DELAY, value::duration);
        let shutdown_timeout = reader.get(&SHUTDOWN_TIMEOUT, value::duration);
        if shutdown_delay > Duration::ZERO && shutdown_delay >= shutdown_timeout {
            let message = format!(
                "is not shorter than {}, which covers it; nothing could be finished after it",
                SHUTDOWN_TIMEOUT.name
            );
            reader.error(SHUTDOWN_DELAY.name, message);
        }
        Self {
            data,
            policy,
            limits,
            listen: reader.get(&LISTEN, value::listen),
            tls: tls(reader),
            admin: admin(reader),
            webhook_path: webhook_path(reader),
            writers: reader.get(&WRITERS, |text| value::count(text, 1, 64)),
            spool,
            retention: retention(reader),
            polytomic: PolytomicConfig::read(reader),
            events: events(reader),
            notify: NotifyConfig::read(reader),
            shutdown_delay,
            shutdown_timeout,
        }
    }
}

fn webhook_path(reader: &mut Reader<'_>) -> String {
    let path = reader.get(&WEBHOOK_PATH, value::path);
    let other = match &*path {
        EVENTS_PATH => Some("the address of Polytomic's events"),
        TOKEN_PATH => Some("where tokens are asked for"),
        _ => None,
    };
    if let Some(other) = other {
        reader.error(WEBHOOK_PATH.name, format!("`{path}` is {other}; choose another one"));
    }
    path
}

fn events(reader: &mut Reader<'_>) -> Option<EventSecrets> {
    let list = reader.secret(&EVENTS_SECRET)?;
    EventSecrets::parse(&list).map_err(|message| reader.error(EVENTS_SECRET.name, message)).ok()
}

fn admin(reader: &mut Reader<'_>) -> Option<AdminConfig> {
    let errors_before = reader.errors.len();
    let token = reader
        .secret(&ADMIN_TOKEN)
        .and_then(|token| AdminToken::new(&token).map_err(|message| reader.error(ADMIN_TOKEN.name, message)).ok());
    if reader.is_empty(&ADMIN_LISTEN) {
        return None;
    }
    let given = |text: &str| if text == "off" { Ok(None) } else { value::listen(text).map(Some) };
    let listen = reader.get(&ADMIN_LISTEN, given)?;
    let is_default = !reader.is_given(&ADMIN_LISTEN);
    if !listen.ip().is_loopback() && token.is_none() && reader.errors.len() == errors_before {
        let message =
            format!("`{listen}` is not loopback, and {} is not set; anyone could read the metrics", ADMIN_TOKEN.name);
        reader.error(ADMIN_LISTEN.name, message);
    }
    Some(AdminConfig { listen, is_default, token })
}

/// Adds the credentials that one setting lists.
type Add = fn(&mut Credentials, &SecretString) -> Result<(), String>;

fn credentials(reader: &mut Reader<'_>) -> Credentials {
    let mut credentials = Credentials::default();
    let kinds: [(&Setting, Add); 5] = [
        (&SECRETS, Credentials::add_secrets),
        (&BASIC, Credentials::add_basic),
        (&HEADER, Credentials::add_headers),
        (&QUERY, Credentials::add_queries),
        (&OAUTH, Credentials::add_oauth),
    ];
    for (setting, add) in kinds {
        if let Some(list) = reader.secret(setting)
            && let Err(message) = add(&mut credentials, &list)
        {
            reader.error(setting.name, message);
        }
    }
    credentials
}
