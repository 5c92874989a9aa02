//! The service that is measured.

use std::time::{Duration, Instant};

use crate::figures::Figure;
use crate::harness::{SECRET, Service, eventually, process};
use crate::load::Deliveries;
use crate::measure::{Database, Measured};

/// The service, on the database of the benchmark.
pub struct Polysink {
    pub service: Service,
    _data: tempfile::TempDir,
}

impl Polysink {
    /// * `url`: the way to the database
    /// * `writers`: 4 by default
    pub async fn start(database: &Database, url: &str, writers: usize) -> Self {
        let data = tempfile::tempdir().expect("there is a temporary folder");
        let mut command = Service::on(url, data.path());
        command.env("POLYSINK_LOG", "error").env("POLYSINK_WRITERS", writers.to_string());
        let service = Service::start(command);
        database
            .server
            .becomes(
                "select count(*)::text from pg_tables where schemaname = 'polysink' and tablename = 'records'",
                "1",
            )
            .await;
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

    /// Stores what the figure says is known, and sets its identity.
    pub async fn prepare(&self, database: &Database, figure: &Figure, deliveries: &Deliveries) {
        let source = &deliveries.source;
        if figure.shape.known > 0 {
            let known = Deliveries::known(source, &figure.shape, deliveries.records);
            self.store(database, &known, figure.connections).await;
            database.checkpoint().await;
        }
        if figure.shape.identity {
            // The sync exists before its first record does.
            self.store(database, &deliveries.first(), 1).await;
            process::works(&database.url(), &["identity", "set", &source.id.to_string(), "id", "--yes"]);
        }
    }

    /// Prepares a figure, and then measures its deliveries.
    pub async fn run(&self, database: &Database, figure: &Figure, deliveries: &Deliveries) -> Measured {
        self.prepare(database, figure, deliveries).await;
        let measured = self.measure(database, deliveries, figure.connections).await;
        let rows = deliveries.records / if figure.shape.identity { 2 } else { 1 };
        assert_eq!(database.rows(&deliveries.source.table).await, rows, "every entity is a row");
        measured
    }

    /// Measures deliveries until they are rows.
    pub async fn measure(&self, database: &Database, deliveries: &Deliveries, connections: usize) -> Measured {
        let before = database.counters(&[self.pid()]).await;
        let (acknowledged, end_to_end) = self.store(database, deliveries, connections).await;
        let after = database.counters(&[self.pid()]).await;
        Measured::of(deliveries.records, acknowledged, end_to_end, before, after)
    }
}
