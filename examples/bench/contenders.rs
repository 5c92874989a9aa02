//! The receivers: polysink, and a hand-tuned one in Node.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::Figure;
use crate::harness::proc::children;
use crate::harness::{SECRET, Service, eventually, process};
use crate::load::Deliveries;
use crate::measure::{Database, Measured};

/// The service, on the database of the benchmark.
pub struct Polysink {
    pub service: Service,
    _data: tempfile::TempDir,
}

impl Polysink {
    pub async fn start(database: &Database) -> Self {
        let data = tempfile::tempdir().expect("there is a temporary folder");
        let mut command = Service::on(&database.url(), data.path());
        command.env("POLYSINK_LOG", "error");
        let service = Service::start(command);
        database.server.becomes("select count(*)::text from pg_tables where tablename = 'records'", "1").await;
        Self { service, _data: data }
    }

    pub fn pid(&self) -> u32 {
        self.service.pid().as_raw().unsigned_abs()
    }

    /// Sends deliveries, and waits until they are rows. Returns both times.
    pub async fn store(
        &self,
        database: &Database,
        deliveries: &Deliveries,
        connections: usize,
    ) -> (Duration, Duration) {
        let began = Instant::now();
        let acknowledged = deliveries.send(&self.service.url, SECRET, connections).await;
        let waiting = "select count(*) from (select from polysink.backlog limit 1) as b";
        eventually("every delivery is projected", async || database.number(waiting).await == 0).await;
        (acknowledged, began.elapsed())
    }

    pub async fn run(&self, database: &Database, figure: &Figure, deliveries: &Deliveries) -> Measured {
        if figure.shape.repeat {
            self.store(database, deliveries, figure.connections).await;
            database.checkpoint().await;
        }
        if figure.shape.identity {
            // The sync exists before its first record does.
            self.store(database, &deliveries.first(), 1).await;
            process::works(&database.url(), &["identity", "set", &deliveries.sync_id.to_string(), "id", "--yes"]);
        }
        let before = database.counters(&[self.pid()]).await;
        let (acknowledged, end_to_end) = self.store(database, deliveries, figure.connections).await;
        let after = database.counters(&[self.pid()]).await;
        let rows = deliveries.records / if figure.shape.identity { 2 } else { 1 };
        assert_eq!(database.rows(&deliveries.table).await, rows, "every entity is a row");
        Measured::of(deliveries.records, acknowledged, end_to_end, before, after)
    }
}

/// A receiver in Node: two processes, one statement for each delivery.
pub struct Fastify {
    child: Child,
    url: String,
}

impl Fastify {
    /// `None` without Node, or where its packages cannot be fetched.
    pub async fn start(database: &Database) -> Option<Self> {
        let folder = installed()?;
        let schema = std::fs::read_to_string(folder.join("schema.sql")).expect("it was copied");
        database.server.run(&schema).await;
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).ok()?.port();
        let mut command = Command::new("node");
        command.arg("fastify_unnest.js").current_dir(&folder).stdout(Stdio::null());
        command.env("DATABASE_URL", database.url()).env("PORT", port.to_string());
        let child = command.spawn().ok()?;
        let fastify = Self { child, url: format!("http://127.0.0.1:{port}/webhooks/polytomic") };
        eventually("Fastify listens", async || TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
        Some(fastify)
    }

    pub async fn run(&self, database: &Database, deliveries: &Deliveries, connections: usize) -> Measured {
        let mut own = children(self.child.id());
        own.push(self.child.id());
        let before = database.counters(&own).await;
        let took = deliveries.send(&self.url, "secret", connections).await;
        let after = database.counters(&own).await;
        Measured::of(deliveries.records, took, took, before, after)
    }
}

impl Drop for Fastify {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The folder of the receivers with their packages, which npm fetches once.
fn installed() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("target/peers");
    std::fs::create_dir_all(&folder).expect("it can be made");
    for file in ["fastify_unnest.js", "package.json", "schema.sql"] {
        std::fs::copy(root.join("benches/peers").join(file), folder.join(file)).expect("it can be copied");
    }
    let is_there = folder.join("node_modules/fastify").exists();
    let npm = || Command::new("npm").args(["install", "--no-audit", "--no-fund"]).current_dir(&folder).status();
    if is_there || npm().is_ok_and(|status| status.success()) {
        return Some(folder);
    }
    eprintln!("node or its packages are missing: polysink is compared with the limit only");
    None
}
