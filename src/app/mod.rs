//! The composition root: turns settings into a running service. Called by `cli::serve`, and by the tests on port 0.

mod files;
mod notices;
mod pages;
mod prepare;
mod public;
mod replica;
mod runs;
mod secret;
mod spools;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use actix_server::Server;
use anyhow::Context as _;
use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use crate::config::{DataConfig, Database, DatabaseUrl, RetentionConfig, ServeConfig, ServerUrls, SpoolConfig};
use crate::http::{self, Phase};
use crate::local_pg::{self, LocalPostgres};
use crate::maintenance::{Retention, keep_summaries, make_partitions_ahead, retain};
use crate::metrics::Metrics;
use crate::notify::NotifyPace;
use crate::polytomic;
use crate::polytomic::runs::RunPace;
use crate::projector::Projector;
use crate::query_tables::missing;
use crate::store::{Endpoint, Pooler, Store, migrations, reader_role};
use crate::tls::TlsPace;
use crate::writer::spool::{self, Spool};
use crate::writer::{Availability, BacklogSignal, Writer};

use prepare::Preparation;
use public::{public_options, start_tls};
use replica::RunningReplica;
use runs::{event_options, run_watch, watch_runs};
use spools::SpoolFolders;

pub use notices::sinks;
pub use pages::subject;
pub use prepare::is_blocked;
pub use public::{own_url, reachable};
pub use replica::host;
pub use runs::{polytomic_clients, polytomic_clients_of};
pub use secret::LocalSecret;

/// How often to check that the private PostgreSQL runs. It may have been adopted, so it is not a child process to wait
/// for.
const WATCH_EVERY: Duration = Duration::from_secs(1);

/// Time to say in the database that this service no longer runs.
const LEAVE: Duration = Duration::from_secs(1);

/// Shares of the shutdown timeout, after the delay: when deliveries in flight are spooled instead of stored, and when
/// they must have been answered. The rest is for what comes after them.
const STORING_SHARE: f64 = 0.5;
const REQUESTS_SHARE: f64 = 0.75;

/// A service that listens and is ready to run.
pub struct Application {
    address: SocketAddr,
    has_tls: bool,
    webhook_path: String,
    secret_file: Option<PathBuf>,
    server: Server,
    admin: Option<(SocketAddr, Server)>,
    writer: Writer,
    projector: Projector,
    background: JoinSet<()>,
    store: Store,
    local: Option<Arc<LocalPostgres>>,
    shutdown: Shutdown,
    phase: watch::Sender<Phase>,
    folders: SpoolFolders,
    metrics: Metrics,
    replica: RunningReplica,
}

/// The pace of what looks again and again.
#[derive(Debug, Clone, Default)]
pub struct ServicePace {
    /// For the questions to Polytomic's API.
    pub runs: RunPace,
    pub notices: NotifyPace,
    /// Between two looks at the TLS files.
    pub tls: TlsPace,
}

/// The times of a stop.
struct Shutdown {
    /// How long deliveries are accepted, while `/health/ready` says that they should go elsewhere.
    delay: Duration,
    /// For all of it, with the delay.
    timeout: Duration,
}

impl Shutdown {
    /// For what comes after the delay.
    fn left(&self) -> Duration {
        self.timeout.saturating_sub(self.delay)
    }
}

/// Migrates the schema and grants read access to `polysink_reader`. Returns what could not be done, and can wait.
pub async fn migrate(store: &Store) -> anyhow::Result<Vec<String>> {
    let mut warnings = migrations::migrate(store, now()).await.context("cannot migrate the database")?;
    match missing::restore_schema(store).await {
        Ok(false) => {}
        Ok(true) => warnings.push("schema synced was gone; the query tables are rebuilt".to_owned()),
        // Deliveries are stored all the same.
        Err(error) if error.is_refusal() => {
            warnings.push(format!("the query tables are missing until schema synced exists again ({error})"));
            return Ok(warnings);
        }
        Err(error) => return Err(error.into()),
    }
    if let Some(missing) = reader_role::grant_read_access(store).await? {
        warnings.push(format!(
            "polysink_reader cannot read the query tables ({missing}); docs/querying.md has the grants to run instead"
        ));
    }
    Ok(warnings)
}

/// The database: that of the settings, or the private one, which is started.
async fn database(data: &DataConfig) -> anyhow::Result<(Option<Arc<LocalPostgres>>, Endpoint)> {
    match &data.database {
        Database::Url(urls) => Ok((None, endpoint(urls))),
        Database::Local => {
            let data_dir = data.data_dir.clone();
            tracing::info!(data = %data_dir.display(), "starting the private PostgreSQL");
            let start = move || LocalPostgres::start(&data_dir);
            let local = tokio::task::spawn_blocking(start).await.context("starting PostgreSQL panicked")??;
            let options = local.options();
            Ok((Some(Arc::new(local)), options.into()))
        }
    }
}

/// How to reach the server of the settings.
pub fn endpoint(urls: &ServerUrls) -> Endpoint {
    let of = |url: &DatabaseUrl, pooler, direct| Endpoint {
        servers: url.servers().to_vec(),
        read_write: url.read_write(),
        pooler,
        direct,
    };
    let pooler = if urls.transaction_pooler { Pooler::Transaction } else { Pooler::Session };
    let direct = urls.direct.as_ref().map(|direct| Box::new(of(direct, Pooler::Session, None)));
    of(&urls.url, pooler, direct)
}

/// Opens the spool of this run, and those of earlier ones in which deliveries wait.
fn open_spools(config: Option<SpoolConfig>, data_dir: &Path) -> anyhow::Result<SpoolFolders> {
    let current = match config {
        Some(SpoolConfig { folder, max }) => {
            let spool = Spool::open(spool::SpoolOptions { folder: folder.clone(), max })?;
            Some((folder, spool))
        }
        None => None,
    };
    SpoolFolders::open(data_dir, current)
}

/// How long deliveries are kept, by the settings.
pub fn retention(config: RetentionConfig) -> Retention {
    Retention { bodies: config.bodies, heads: config.heads }
}

/// The scheduled work, once the database has been reached.
///
/// * `retention`: how long deliveries are kept; `None` for ever
/// * `migrates`: whether the start creates the partitions ahead
async fn upkeep(
    store: Store,
    retention: Option<Retention>,
    metrics: Metrics,
    availability: Availability,
    migrates: bool,
) {
    availability.until_prepared().await;
    let partitions = make_partitions_ahead(store.clone(), now, migrates);
    let summaries = keep_summaries(store.clone(), now);
    let retained = async {
        if let Some(keep) = retention {
            retain(store, keep, now, metrics).await;
        }
    };
    tokio::join!(partitions, summaries, retained);
}

/// Connects once. The error names the server.
pub async fn try_connection(store: &Store) -> anyhow::Result<()> {
    store.try_connection().await.with_context(|| format!("cannot connect to the database at {}", store.address()))
}

impl Application {
    /// Listens, starts the private PostgreSQL if the settings ask for it, and connects.
    ///
    /// * `migrate`: migrate the schema first; otherwise it must be up to date
    pub async fn build(config: ServeConfig, migrate: bool) -> anyhow::Result<Self> {
        Self::build_paced(config, migrate, ServicePace::default()).await
    }

    /// The same, at another pace.
    pub async fn build_paced(mut config: ServeConfig, migrate: bool, pace: ServicePace) -> anyhow::Result<Self> {
        if let Database::Local = config.data.database {
            // Before the address, which another service on this folder is likely to have as well.
            local_pg::check_unused(&config.data.data_dir)?;
        }
        let listener = TcpListener::bind(config.listen)
            .with_context(|| format!("cannot listen on {} (POLYSINK_LISTEN)", config.listen))?;
        let address = listener.local_addr().context("the listener has no address")?;
        let admin_listener = config.admin.as_ref().map(pages::bind_admin).transpose()?.flatten();
        let (local, endpoint) = database(&config.data).await?;
        let secret_file = match &local {
            Some(_) if config.policy.credentials.is_empty() => {
                let secret = LocalSecret::find_or_make(&config.data.data_dir)?;
                config.policy.credentials.add_local_secret(secret.value()).map_err(anyhow::Error::msg)?;
                Some(secret.path().to_owned())
            }
            _ => None,
        };
        let store = Store::new(endpoint, config.writers);
        let (spool_config, data_dir) = (config.spool.clone(), config.data.data_dir.clone());
        let open = move || open_spools(spool_config, &data_dir);
        let folders = tokio::task::spawn_blocking(open).await.context("opening the spool panicked")??;
        let spools: Vec<Spool> = folders.spools().iter().map(|(_, spool)| spool.clone()).collect();
        let mut former = spools.clone();
        let spool = config.spool.is_some().then(|| former.remove(0));
        let preparation = Preparation { store: store.clone(), migrate, spools };
        let (prepared, preparing) = prepare::start(&preparation, spool.is_some()).await?;
        let availability = Availability::new(prepared);
        let (signal, metrics) = (BacklogSignal::default(), Metrics::default());
        let writer = Writer::start(&store, config.writers, &signal, spool, former, &availability, &metrics);
        let projector = Projector::start(&store, &signal, &writer.load(), &availability, &metrics);
        let phase = watch::Sender::new(Phase::Serving);
        let shutdown = Shutdown { delay: config.shutdown_delay, timeout: config.shutdown_timeout };
        let reach = polytomic::runs::reach(config.policy.timestamp_tolerance);
        let (tls_watch, tls) = config.tls.as_ref().map(|files| start_tls(files, pace.tls)).transpose()?.unzip();
        let http = public_options(&config, tls, shutdown.left().mul_f64(REQUESTS_SHARE), phase.subscribe());
        let wake = Arc::<Notify>::default();
        let events = config.events.take().map(|secrets| event_options(secrets, &store, &wake));
        let (server, public_use) = http::serve(listener, &http, events, writer.queue(), store.clone(), metrics.clone())
            .context("cannot start the server")?;
        let (replays, replay_requests) = http::admin::Replays::new();
        let admin = match admin_listener {
            Some(listener) => {
                let options = pages::AdminParts { config: &config, address, store: &store, replays };
                let options = options.options(&metrics, writer.queue(), public_use);
                let address = listener.local_addr().context("the admin listener has no address")?;
                let server = http::admin::serve(listener, options).context("cannot start the admin listener")?;
                Some((address, server))
            }
            None => None,
        };
        let mut background = JoinSet::new();
        if let Some(tls_watch) = tls_watch {
            background.spawn(tls_watch.run());
        }
        background.spawn(pages::replay_on_request(store.clone(), availability.clone(), replay_requests));
        if !prepared {
            background.spawn(prepare::go_on(preparation, preparing, availability.clone()));
        }
        if let Some(polytomic) = config.polytomic.take() {
            let runs = run_watch(polytomic, pace.runs, &store, &metrics, writer.queue(), reach, wake)?;
            background.spawn(watch_runs(runs, availability.clone()));
        }
        if let Some(notify) = config.notify.take() {
            let folders = notices::watched_folders(&config);
            background.spawn(notices::notifier(notify, pace.notices, &store, writer.queue(), folders)?.run());
        }
        background.spawn(upkeep(
            store.clone(),
            config.retention.map(retention),
            metrics.clone(),
            availability.clone(),
            migrate,
        ));
        let replica = RunningReplica::start(&store, availability, &mut background);
        if let Some(local) = &local {
            background.spawn(watch(Arc::clone(local)));
        }
        Ok(Self {
            address,
            has_tls: config.tls.is_some(),
            webhook_path: config.webhook_path,
            secret_file,
            server,
            admin,
            writer,
            projector,
            background,
            store,
            local,
            shutdown,
            phase,
            folders,
            metrics,
            replica,
        })
    }

    /// The address of the public listener.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The webhook's URL for a client on this machine.
    pub fn webhook_url(&self) -> String {
        own_url(self.address, self.has_tls, &self.webhook_path)
    }

    /// The service's metrics.
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// The URL of the metrics for a client on this machine, if there is an admin listener.
    pub fn metrics_url(&self) -> Option<String> {
        let (address, _) = self.admin.as_ref()?;
        Some(format!("http://{}/metrics", reachable(*address)))
    }

    /// The file with the generated secret, if none was configured.
    pub fn secret_file(&self) -> Option<&PathBuf> {
        self.secret_file.as_ref()
    }

    /// The private PostgreSQL, for an exit that cannot wait.
    pub fn local(&self) -> Weak<LocalPostgres> {
        self.local.as_ref().map(Arc::downgrade).unwrap_or_default()
    }

    /// Serves until `shutdown_asked` resolves, then stops in order: is not ready any more, and accepts deliveries for
    /// the shutdown delay; accepts no more connections, finishes the requests in flight and the writer's work, lets the
    /// projector finish its batches, closes the database connections, stops PostgreSQL.
    ///
    /// One deadline covers all of it, the shutdown timeout. After half of it, deliveries are spooled instead of stored.
    /// Nothing that was answered 200 is lost beyond it: a batch that was not committed is projected again, and the next
    /// start adopts a PostgreSQL that is still running.
    ///
    /// # Errors
    ///
    /// If the server ends by itself, or the writer is not done in time.
    pub async fn run_until(self, shutdown_asked: impl Future<Output = ()>) -> anyhow::Result<()> {
        let Self { server, admin, writer, projector, mut background, store, local, shutdown, .. } = self;
        let (phase, folders, replica) = (self.phase, self.folders, self.replica);
        let handle = server.handle();
        let mut server = tokio::spawn(server);
        let admin = admin.map(|(_, server)| (server.handle(), tokio::spawn(server)));
        tokio::select! {
            () = shutdown_asked => {}
            ended = &mut server => {
                ended.context("the server panicked")?.context("the server failed")?;
                anyhow::bail!("the server stopped unexpectedly");
            }
        }
        phase.send_replace(Phase::Leaving);
        if !shutdown.delay.is_zero() {
            let seconds = shutdown.delay.as_secs();
            tracing::info!(seconds, "stopping: not ready any more, and still accepting deliveries");
            sleep(shutdown.delay).await;
        }
        tracing::info!("stopping: accepting no more deliveries, finishing those in flight");
        let (began, left) = (Instant::now(), shutdown.left());
        let deadline = began + left;
        writer.spool_from(began + left.mul_f64(STORING_SHARE));
        // A tenth is kept for the connections and PostgreSQL.
        let deliveries = began + left.mul_f64(0.9);
        phase.send_replace(Phase::Stopping);
        let answered = async {
            handle.stop(true).await;
            let ended = server.await;
            writer.finish().await;
            let _ = tokio::task::spawn_blocking(move || folders.finish()).await;
            ended
        };
        let (answered, projected) =
            tokio::join!(timeout_at(deliveries, answered), timeout_at(deliveries, projector.stop()));
        background.shutdown().await;
        if let Some((handle, server)) = admin {
            handle.stop(false).await;
            let _ = timeout_at(deadline, server).await;
        }
        if projected.is_err() {
            tracing::warn!("the projector did not finish in time; the next start continues from its last commit");
        }
        let _ = timeout_at(deadline.min(Instant::now() + LEAVE), replica.stop(&store)).await;
        if timeout_at(deadline, store.close()).await.is_err() {
            tracing::warn!("the database did not answer; closing its connections");
        }
        if let Some(local) = local {
            let left = deadline.saturating_duration_since(Instant::now());
            let stop = tokio::task::spawn_blocking(move || local.stop_within(left));
            // A start in progress can keep a reference longer.
            let stopped = timeout_at(deadline, stop).await.unwrap_or(Ok(false));
            if !stopped.context("stopping PostgreSQL panicked")? {
                tracing::warn!("PostgreSQL did not stop in time; the next start adopts it");
            }
        }
        let ended = answered.context("deliveries were still being written at the end of POLYSINK_SHUTDOWN_TIMEOUT")?;
        ended.context("the server panicked")?.context("the server failed")?;
        tracing::info!("stopped");
        Ok(())
    }
}

/// The current time, for work on a schedule.
#[expect(clippy::disallowed_methods, reason = "the composition root hands the time to what must not ask for it")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

async fn watch(local: Arc<LocalPostgres>) {
    let mut every = tokio::time::interval(WATCH_EVERY);
    loop {
        every.tick().await;
        let local = Arc::clone(&local);
        match tokio::task::spawn_blocking(move || local.revive()).await {
            Ok(Ok(false)) | Err(_) => {}
            Ok(Ok(true)) => tracing::error!("the private PostgreSQL had died; restarted it"),
            Ok(Err(error)) => tracing::error!(%error, "the private PostgreSQL has died; cannot restart it"),
        }
    }
}
