//! Every setting: its name, its default, what it means, what it may be. Nothing else in the crate reads the environment.
//!
//! A setting is looked up through a closure, so that tests leave the environment alone: [`Reader::read`] takes it, has the
//! groups below ask it, and reports every bad setting at once. Only `main`, `cli` and `app` see this module; everything else
//! gets the values.

mod document;
mod settings;
mod value;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use etcetera::BaseStrategy as _;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;

use crate::verify::{Credentials, Policy};

pub use document::{env_example, markdown_table};
pub use settings::*;

/// One setting, as `--help`, `.env.example` and the error messages show it.
#[derive(Debug)]
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// What stands for the value in `--help`.
    pub placeholder: &'static str,
    /// The default as it would be written; `None` where there is none.
    pub default: Option<&'static str>,
    /// A value for the commented line of `.env.example`, where there is no default.
    pub example: &'static str,
    /// What it means, in a sentence or two.
    pub doc: &'static str,
    /// Never shown, and also read from the file that `NAME_FILE` names.
    pub secret: bool,
}

impl Setting {
    /// The flag of the same name: `POLYSINK_MAX_BODY` is `--max-body`.
    pub fn flag(&self) -> String {
        self.name.strip_prefix("POLYSINK_").unwrap_or(self.name).to_lowercase().replace('_', "-")
    }
}

/// A variable of the process's environment, in which `.env` has been loaded; one that is no text counts as none.
#[expect(clippy::disallowed_methods, reason = "this module is the owner of the environment")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A setting that cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    pub name: String,
    /// What is wrong, what was expected; never a secret's value.
    pub message: String,
}

/// Every bad setting, each with what was expected.
#[derive(Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the settings cannot be used:")?;
        for problem in &self.0 {
            write!(f, "\n  {}: {}", problem.name, problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Looks settings up and gathers what is wrong with them.
pub struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// * `lookup`: a variable's value by its name; an empty value counts as none
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, problems: Vec::new() }
    }

    /// What `read` makes of the settings, or every problem that was met on the way.
    pub fn read<T>(
        lookup: &'a dyn Fn(&str) -> Option<String>,
        read: impl FnOnce(&mut Self) -> T,
    ) -> Result<T, Problems> {
        let mut reader = Self::new(lookup);
        let value = read(&mut reader);
        reader.finish(value)
    }

    fn finish<T>(self, value: T) -> Result<T, Problems> {
        if self.problems.is_empty() { Ok(value) } else { Err(Problems(self.problems)) }
    }

    fn problem(&mut self, name: &str, message: impl Into<String>) {
        self.problems.push(Problem { name: name.to_owned(), message: message.into() });
    }

    fn raw(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.trim().is_empty())
    }

    /// The value, or the default, through `parse`; a bad value is noted and the default stands in for it.
    fn get<T>(&mut self, setting: &Setting, parse: impl Fn(&str) -> Result<T, String>) -> T {
        let default = || {
            let text = setting.default.expect("a setting that is read with `get` has a default");
            parse(text).expect("a setting's default is a good value of it")
        };
        match self.raw(setting.name) {
            None => default(),
            Some(value) => parse(value.trim()).unwrap_or_else(|expected| {
                self.problem(setting.name, format!("`{}` is {expected}", value.trim()));
                default()
            }),
        }
    }

    fn optional<T>(&mut self, setting: &Setting, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let value = self.raw(setting.name)?;
        parse(value.trim())
            .map_err(|expected| self.problem(setting.name, format!("`{}` is {expected}", value.trim())))
            .ok()
    }

    /// A secret's value, from the variable itself or from the file that `NAME_FILE` names.
    fn secret(&mut self, setting: &Setting) -> Option<SecretString> {
        debug_assert!(setting.secret);
        let file_name = format!("{}_FILE", setting.name);
        match (self.raw(setting.name), self.raw(&file_name)) {
            (Some(_), Some(_)) => {
                self.problem(&file_name, format!("is set beside {}; set one of the two", setting.name));
                None
            }
            (Some(value), None) => Some(value.trim().into()),
            (None, Some(path)) => match std::fs::read_to_string(path.trim()) {
                Ok(content) if content.trim().is_empty() => {
                    self.problem(&file_name, format!("the file {} is empty", path.trim()));
                    None
                }
                Ok(content) => Some(content.trim().into()),
                Err(error) => {
                    self.problem(&file_name, format!("the file {} cannot be read: {error}", path.trim()));
                    None
                }
            },
            (None, None) => None,
        }
    }
}

/// Where the data lands.
#[derive(Debug, Clone)]
pub enum Database {
    /// A server that somebody else runs.
    Url(Box<DatabaseUrl>),
    /// The private PostgreSQL in the data folder.
    Local,
}

/// A `DATABASE_URL` that could be read. `Debug` does not show it.
#[derive(Clone)]
pub struct DatabaseUrl {
    text: SecretString,
    options: PgConnectOptions,
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

impl DatabaseUrl {
    fn parse(text: &SecretString) -> Result<Self, String> {
        let exposed = text.expose_secret();
        let expected = "expected postgres://user:password@host:5432/database";
        if !exposed.starts_with("postgres://") && !exposed.starts_with("postgresql://") {
            return Err(format!("is no PostgreSQL URL; {expected}"));
        }
        // sqlx's own message can quote the part that it stumbled over, so it is not passed on.
        let options = exposed.parse().map_err(|_| format!("cannot be read as a URL; {expected}"))?;
        Ok(Self { text: text.clone(), options })
    }

    /// What sqlx connects with.
    pub fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// The URL itself, password included.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }
}

/// Where things are: what every command that looks at data needs.
#[derive(Debug, Clone)]
pub struct Place {
    pub database: Database,
    pub data_dir: PathBuf,
}

/// The settings of a command that only reads or migrates.
pub const PLACE: &[&Setting] = &[&DATABASE_URL, &DATA_DIR];

impl Place {
    /// Reads [`PLACE`].
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let url = reader.secret(&DATABASE_URL);
        let database = match url.map(|url| DatabaseUrl::parse(&url)) {
            None => Database::Local,
            Some(Ok(url)) => Database::Url(Box::new(url)),
            Some(Err(message)) => {
                reader.problem(DATABASE_URL.name, message);
                Database::Local
            }
        };
        Self { database, data_dir: data_dir(reader) }
    }
}

fn data_dir(reader: &mut Reader<'_>) -> PathBuf {
    let path = match reader.optional(&DATA_DIR, |path| Ok(PathBuf::from(path))) {
        Some(path) => path,
        None => default_data_dir(&|name| reader.raw(name)).unwrap_or_else(|| {
            reader.problem(DATA_DIR.name, "has no default here, because there is no home folder; set it");
            PathBuf::new()
        }),
    };
    std::path::absolute(&path).unwrap_or(path)
}

/// Root's is where a service keeps its state, anybody else's is the platform's folder for a user's data.
fn default_data_dir(lookup: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    if nix::unistd::geteuid().is_root() {
        return Some(PathBuf::from("/var/lib/polysink"));
    }
    // The closure first, so that a test decides; then the library, which knows the platforms.
    if let Some(data_home) = lookup("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute()) {
        return Some(data_home.join("polysink"));
    }
    etcetera::base_strategy::choose_native_strategy().ok().map(|native| native.data_dir().join("polysink"))
}

/// What is held in memory at once.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of one body, on the wire and decompressed.
    pub max_body: usize,
    /// Bytes of all bodies.
    pub max_inflight: usize,
    /// Connections on the public listener.
    pub max_connections: usize,
}

/// Everything that `serve` needs.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    pub place: Place,
    pub policy: Policy,
    pub limits: Limits,
    pub listen: SocketAddr,
    pub webhook_path: String,
    pub writers: usize,
    pub shutdown_timeout: Duration,
}

/// The settings of `serve`.
pub const SERVE: &[&Setting] = &[
    &DATABASE_URL,
    &SECRETS,
    &BASIC,
    &HEADER,
    &LISTEN,
    &MAX_CONNECTIONS,
    &WEBHOOK_PATH,
    &TIMESTAMP_TOLERANCE,
    &MAX_BODY,
    &MAX_INFLIGHT,
    &ALLOWED_IPS,
    &TRUSTED_PROXIES,
    &WRITERS,
    &SHUTDOWN_TIMEOUT,
    &DATA_DIR,
];

impl ServeConfig {
    /// Reads [`SERVE`].
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let place = Place::read(reader);
        let policy = Policy {
            credentials: credentials(reader),
            allowed: reader.optional(&ALLOWED_IPS, value::networks),
            trusted_proxies: reader.optional(&TRUSTED_PROXIES, value::networks).unwrap_or_default(),
            timestamp_tolerance: reader.get(&TIMESTAMP_TOLERANCE, value::tolerance),
        };
        if policy.credentials.is_empty()
            && let Database::Url(_) = place.database
            && reader.problems.is_empty()
        {
            reader.problem(
                SECRETS.name,
                "is not set, and without a secret anybody could write to your database; set the one that the Polytomic \
                 connection has",
            );
        }
        let limits = Limits {
            max_body: reader.get(&MAX_BODY, |text| value::size(text, 1024, 256 << 20)),
            max_inflight: reader.get(&MAX_INFLIGHT, |text| value::size(text, 1024, 1 << 40)),
            max_connections: reader.get(&MAX_CONNECTIONS, |text| value::count(text, 1, 1_000_000)),
        };
        if limits.max_inflight < limits.max_body {
            reader.problem(
                MAX_INFLIGHT.name,
                format!("is smaller than {}, so that the largest body could never be taken", MAX_BODY.name),
            );
        }
        Self {
            place,
            policy,
            limits,
            listen: reader.get(&LISTEN, value::listen),
            webhook_path: reader.get(&WEBHOOK_PATH, value::path),
            writers: reader.get(&WRITERS, |text| value::count(text, 1, 64)),
            shutdown_timeout: reader.get(&SHUTDOWN_TIMEOUT, value::duration),
        }
    }
}

/// Adds what one setting lists.
type Add = fn(&mut Credentials, &SecretString) -> Result<(), String>;

fn credentials(reader: &mut Reader<'_>) -> Credentials {
    let mut credentials = Credentials::default();
    let kinds: [(&Setting, Add); 3] =
        [(&SECRETS, Credentials::add_secrets), (&BASIC, Credentials::add_basic), (&HEADER, Credentials::add_headers)];
    for (setting, add) in kinds {
        if let Some(list) = reader.secret(setting)
            && let Err(message) = add(&mut credentials, &list)
        {
            reader.problem(setting.name, message);
        }
    }
    credentials
}

/// What `send` and `health` need to reach the service that these settings describe.
#[derive(Debug, Clone)]
pub struct Target {
    pub listen: SocketAddr,
    pub webhook_path: String,
    /// The first of the configured secrets.
    pub secret: Option<SecretString>,
    pub data_dir: PathBuf,
}

/// The settings of `send` and `health`.
pub const TARGET: &[&Setting] = &[&LISTEN, &WEBHOOK_PATH, &SECRETS, &DATA_DIR];

impl Target {
    /// Reads [`TARGET`].
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let secret = reader.secret(&SECRETS).and_then(|list| {
            let mut credentials = Credentials::default();
            match credentials.add_secrets(&list) {
                Ok(()) => Credentials::first_secret(&list),
                Err(message) => {
                    reader.problem(SECRETS.name, message);
                    None
                }
            }
        });
        Self {
            listen: reader.get(&LISTEN, value::listen),
            webhook_path: reader.get(&WEBHOOK_PATH, value::path),
            secret,
            data_dir: data_dir(reader),
        }
    }
}

/// What is logged, and how it is written.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// A filter of the `tracing` family, such as `info` or `polysink=debug,info`.
    pub filter: String,
    /// `None`: text on a terminal, else JSON.
    pub format: Option<LogFormat>,
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// The settings of every command that logs.
pub const LOGGING: &[&Setting] = &[&LOG, &LOG_FORMAT];

impl LogConfig {
    /// Reads [`LOGGING`].
    pub fn read(reader: &mut Reader<'_>) -> Self {
        Self { filter: reader.get(&LOG, value::log_filter), format: reader.optional(&LOG_FORMAT, value::log_format) }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn serve(pairs: &[(&str, &str)]) -> Result<ServeConfig, Problems> {
        let lookup = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Reader::read(&lookup, ServeConfig::read)
    }

    const URL: (&str, &str) = ("DATABASE_URL", "postgres://u:hunter2@db/app");
    const SECRET: (&str, &str) = ("POLYSINK_SECRETS", "prod=hunter2-hunter2");

    #[test]
    fn nothing_set_means_the_local_database_and_the_documented_defaults() {
        let config = serve(&[]).expect("every default is good");
        assert!(matches!(config.place.database, Database::Local));
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.webhook_path, "/webhooks/polytomic");
        assert_eq!(config.limits.max_body, 32 << 20);
        assert_eq!(config.policy.timestamp_tolerance, TimeDelta::seconds(300));
    }

    #[test]
    fn a_database_without_a_secret_is_refused() {
        let problems = serve(&[URL]).expect_err("anybody could write");
        assert_eq!(problems.0.len(), 1);
        assert_eq!(problems.0[0].name, "POLYSINK_SECRETS");
        serve(&[URL, SECRET]).expect("both are there");
        serve(&[URL, ("POLYSINK_BASIC", "a=user:password")]).expect("basic is a credential too");
    }

    #[test]
    fn every_bad_setting_is_reported_at_once_by_name() {
        let problems = serve(&[
            ("DATABASE_URL", "mysql://u:hunter2@db/app"),
            ("POLYSINK_SECRETS", "a"),
            ("POLYSINK_LISTEN", "here"),
            ("POLYSINK_MAX_BODY", "many"),
            ("POLYSINK_TIMESTAMP_TOLERANCE", "-3"),
            ("POLYSINK_WRITERS", "0"),
            ("POLYSINK_WEBHOOK_PATH", "no-slash"),
            ("POLYSINK_ALLOWED_IPS", "10.0.0.0/8,home"),
            ("POLYSINK_BASIC_FILE", "/nowhere/at/all"),
        ])
        .expect_err("nine settings are bad");
        let mut names: Vec<_> = problems.0.iter().map(|problem| problem.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "DATABASE_URL",
                "POLYSINK_ALLOWED_IPS",
                "POLYSINK_BASIC_FILE",
                "POLYSINK_LISTEN",
                "POLYSINK_MAX_BODY",
                "POLYSINK_SECRETS",
                "POLYSINK_TIMESTAMP_TOLERANCE",
                "POLYSINK_WEBHOOK_PATH",
                "POLYSINK_WRITERS",
            ]
        );
        assert!(!problems.to_string().contains("hunter2"), "{problems}");
    }

    #[test]
    fn secrets_can_come_from_files() {
        let file = tempfile::NamedTempFile::new().expect("there is a temporary folder");
        std::fs::write(file.path(), "one=hunter2-hunter2\ntwo=hunter3-hunter3\n").expect("it can be written");
        let path = file.path().to_str().expect("it is text");
        let config = serve(&[URL, ("POLYSINK_SECRETS_FILE", path)]).expect("the file is good");
        assert_eq!(config.policy.credentials.names().collect::<Vec<_>>(), ["one", "two"]);
        serve(&[URL, SECRET, ("POLYSINK_SECRETS_FILE", path)]).expect_err("both at once is a mistake");
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", serve(&[URL, SECRET, ("POLYSINK_HEADER", "k=X-Key:hunter2")]).expect("it is good"));
        assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn each_default_is_a_good_value_and_each_setting_has_a_place() {
        for setting in ALL {
            assert!(setting.default.is_some() || !setting.example.is_empty(), "{}", setting.name);
            assert!(setting.doc.ends_with('.'), "{}", setting.name);
        }
        let used: Vec<_> = SERVE.iter().chain(LOGGING).map(|setting| setting.name).collect();
        assert!(ALL.iter().all(|setting| used.contains(&setting.name)), "`serve` takes every setting");
    }
}
