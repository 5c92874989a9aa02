//! The service in this process, on port 0.

use polysink::app::{Application, ServicePace};
use polysink::config::{Reader, ServeConfig};
use polysink::notify::NotifyPace;
use polysink::polytomic::records::LogLimits;
use polysink::polytomic::runs::RunPace;
use polysink::tls::TlsPace;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Answer, Delivery, Metrics, SECRET, TestDatabase, process};

pub struct TestApp {
    pub db: TestDatabase,
    pub http: reqwest::Client,
    /// `http://127.0.0.1:PORT`
    pub base: String,
    metrics: String,
    _spool: tempfile::TempDir,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<anyhow::Result<()>>>,
}

impl TestApp {
    /// With the defaults, one secret, and a database of its own.
    pub async fn spawn() -> Self {
        Self::spawn_with(&[]).await
    }

    /// With further settings.
    pub async fn spawn_with(settings: &[(&str, &str)]) -> Self {
        Self::spawn_on(TestDatabase::create().await, settings).await
    }

    /// With another pace for the questions to Polytomic's API.
    pub async fn spawn_paced(db: TestDatabase, settings: &[(&str, &str)], pace: RunPace) -> Self {
        let started = start_paced(&db.url(), settings, pace).await;
        Self::of(db, started)
    }

    /// A pace that lets nothing wait.
    pub fn hasty() -> RunPace {
        let none = chrono::TimeDelta::zero();
        {
            let soon = std::time::Duration::from_millis(20);
            let log = LogLimits { records: 1_000, bytes: 4 << 20, record_bytes: 1 << 20, ..LogLimits::default() };
            RunPace { look: soon, first_pause: soon, busy: none, idle: none, settling: none, log }
        }
    }

    /// The same database with a new service, after this one was stopped.
    pub async fn restarted(self) -> Self {
        Self::spawn_on(self.db, &[]).await
    }

    pub async fn spawn_on(db: TestDatabase, settings: &[(&str, &str)]) -> Self {
        let url = db.url();
        Self::spawn_through(db, &url, settings).await
    }

    /// On a database that the service reaches by another URL.
    pub async fn spawn_through(db: TestDatabase, url: &str, settings: &[(&str, &str)]) -> Self {
        let started = start(url, settings).await;
        Self::of(db, started)
    }

    fn of(db: TestDatabase, started: Started) -> Self {
        let Started { base, metrics, spool, stop, running } = started;
        Self { db, http: http_client(), base, metrics, _spool: spool, stop: Some(stop), running: Some(running) }
    }

    /// A second service on the same database.
    pub async fn replica(&self) -> Replica {
        self.replica_with(&[]).await
    }

    pub async fn replica_with(&self, settings: &[(&str, &str)]) -> Replica {
        Replica { started: start(&self.db.url(), settings).await }
    }

    pub fn webhook(&self) -> String {
        format!("{}/webhooks/polytomic", self.base)
    }

    /// Posts a delivery.
    pub async fn send(&self, delivery: &Delivery) -> Answer {
        delivery.post(&self.http, &self.webhook()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        let response = self.http.get(format!("{}{path}", self.base)).send().await.expect("the service answers");
        Answer::read(response).await
    }

    /// The metrics that it has now.
    pub async fn metrics(&self) -> Metrics {
        Metrics::read(&self.http, &self.metrics).await
    }

    /// Waits until the metrics are so.
    pub async fn metrics_until(&self, is_so: impl Fn(&Metrics) -> bool) -> Metrics {
        Metrics::until(&self.http, &self.metrics, is_so).await
    }

    /// The URL of the metrics.
    pub fn metrics_url(&self) -> &str {
        &self.metrics
    }

    /// A connection without a request.
    pub async fn connect(&self) -> TcpStream {
        let address = self.base.strip_prefix("http://").expect("it is plain HTTP");
        TcpStream::connect(address).await.expect("it listens")
    }

    /// Runs a command on its database: whether it worked, and what it says.
    pub fn polysink(&self, arguments: &[&str]) -> (bool, String) {
        process::polysink(&self.db.url(), arguments)
    }

    /// The same for a command that has to work.
    #[track_caller]
    pub fn works(&self, arguments: &[&str]) -> String {
        process::works(&self.db.url(), arguments)
    }

    /// Stops it as a signal would, and waits for the end.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        drop(self.stop.take());
        match self.running.take() {
            Some(running) => running.await.expect("it does not panic"),
            None => Ok(()),
        }
    }

    /// Stops it, and waits for the end of its sessions: then the server's statistics have what they did.
    pub async fn stop_and_end_sessions(&mut self) {
        const SESSIONS: &str = "select count(*) from pg_stat_activity
                                where datname = current_database() and application_name like 'polysink%'";
        self.stop().await.expect("it stops");
        self.db.until(SESSIONS, |sessions: i64| sessions == 0).await;
    }
}

/// Another service on a test's database.
pub struct Replica {
    started: Started,
}

impl Replica {
    /// `http://127.0.0.1:PORT`
    pub fn base(&self) -> &str {
        &self.started.base
    }

    /// The URL of the metrics.
    pub fn metrics_url(&self) -> &str {
        &self.started.metrics
    }
}

struct Started {
    base: String,
    /// Empty if it has none.
    metrics: String,
    spool: tempfile::TempDir,
    stop: oneshot::Sender<()>,
    running: JoinHandle<anyhow::Result<()>>,
}

async fn start(url: &str, settings: &[(&str, &str)]) -> Started {
    start_paced(url, settings, TestApp::hasty()).await
}

async fn start_paced(url: &str, settings: &[(&str, &str)], pace: RunPace) -> Started {
    let _ = http_client(); // its TLS provider, which the service's client needs too
    let spool = tempfile::tempdir().expect("there is a temporary folder");
    let folder = spool.path().to_str().expect("it is text");
    let defaults = [
        ("DATABASE_URL", url),
        ("POLYSINK_SECRETS", SECRET),
        ("POLYSINK_LISTEN", "127.0.0.1:0"),
        ("POLYSINK_ADMIN_LISTEN", "127.0.0.1:0"),
        ("POLYSINK_DATA_DIR", folder),
        ("POLYSINK_SPOOL", folder),
    ];
    let lookup = |name: &str| {
        let all = settings.iter().chain(&defaults);
        all.into_iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    // What the service logs is shown when the test fails; RUST_LOG says how much.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_test_writer()
        .try_init();
    let config = Reader::read(&lookup, ServeConfig::read).expect("the settings are good");
    let soon = std::time::Duration::from_millis(20);
    let notices = NotifyPace {
        look: soon,
        lasting: std::time::Duration::ZERO,
        grace: chrono::TimeDelta::zero(),
        first_pause: soon,
    };
    let app = Application::build_paced(config, true, ServicePace { runs: pace, notices, tls: TlsPace { look: soon } })
        .await
        .expect("the service starts");
    let base = format!("http://{}", app.address());
    let metrics = app.metrics_url().unwrap_or_default();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(app.run_until(async {
        let _ = stopped.await;
    }));
    Started { base, metrics, spool, stop, running }
}

pub fn http_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default(); // by the first test that gets here
    reqwest::Client::builder().no_proxy().build().expect("a client can be made")
}
