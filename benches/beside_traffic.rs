//! What work on a large table costs the traffic beside it: `cargo bench --bench beside_traffic`.
//!
//! One real service with its private PostgreSQL. Two syncs get small deliveries all the time, the large one among them,
//! each fifth with a new name; meanwhile columns of the large table are changed and its tables rebuilt. For each of
//! these: how many deliveries were not answered with 200, how long they took, and how far the query tables were behind,
//! beside the same with nothing going on. `POLYSINK_BENCH_ROWS` changes the 1,000,000 rows.

mod harness;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use polysink::local_pg;
use serde_json::json;
use sqlx::postgres::PgPool;
use tokio::task::JoinSet;
use uuid::Uuid;

use harness::{Service, drained, polysink, rows};

/// How long the traffic is looked at with nothing going on.
const IDLE: Duration = Duration::from_secs(10);

/// Between two deliveries of a sync, and between two looks at the backlog.
const EVERY: Duration = Duration::from_millis(50);

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    runtime.block_on(run());
}

/// What was seen since it was last taken.
#[derive(Default)]
struct RecordSighting {
    refused: usize,
    latencies: Vec<Duration>,
    lags: Vec<Duration>,
}

impl RecordSighting {
    fn add(&mut self, latency: Duration, stored: bool) {
        self.latencies.push(latency);
        self.refused += usize::from(!stored);
    }
}

async fn run() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let rows = rows();
    let service = Service::start();
    let options = local_pg::running(service.data.path()).expect("it runs").options;
    let pool = PgPool::connect_with(options).await.expect("it takes connections");
    let large = Uuid::now_v7();
    service.send(large, rows, &["--batch", "1000"]);
    drained(&pool).await;
    let table: String = sqlx::query_scalar("select table_name from polysink.syncs where sync_id = $1")
        .bind(large)
        .fetch_one(&pool)
        .await
        .expect("it is there");

    let secret = std::fs::read_to_string(service.data.path().join("secret")).expect("it was made");
    let seen = Arc::new(Mutex::new(RecordSighting::default()));
    let mut traffic = JoinSet::new();
    for sync_id in [large, Uuid::now_v7()] {
        traffic.spawn(deliver(service.url.clone(), secret.trim().to_owned(), sync_id, Arc::clone(&seen)));
    }
    traffic.spawn(watch(pool.clone(), Arc::clone(&seen)));

    println!("{rows} rows\n");
    println!("| meanwhile | took | deliveries | not 200 | p50 | p99 | slowest | lag p99 | largest lag |");
    println!("|---|---|---|---|---|---|---|---|---|");
    tokio::time::sleep(IDLE).await;
    report("nothing", IDLE, &seen);
    for arguments in [
        &["column", &table, "plan", "--hide"][..],
        &["column", &table, "plan", "--show"],
        &["column", &table, "seats", "--type", "text", "--yes"],
        &["identity", "set", &table, "id"],
        &["rebuild", &table],
    ] {
        let mut command = polysink(service.data.path());
        command.args(arguments);
        let began = Instant::now();
        let output = tokio::task::spawn_blocking(move || command.output()).await.expect("it does not panic");
        let output = output.expect("the binary can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let what: Vec<&str> = arguments.iter().copied().filter(|argument| **argument != *table).collect();
        report(&format!("`{}`", what.join(" ")), began.elapsed(), &seen);
    }
    traffic.shutdown().await;
}

fn report(what: &str, took: Duration, seen: &Mutex<RecordSighting>) {
    let mut seen = std::mem::take(&mut *seen.lock().expect("no holder of the lock panicked"));
    seen.latencies.sort();
    seen.lags.sort();
    let at = |sorted: &[Duration], share: usize| sorted[(sorted.len() - 1) * share / 100].as_millis();
    println!(
        "| {what} | {:.1} s | {} | {} | {} ms | {} ms | {} ms | {} ms | {} ms |",
        took.as_secs_f64(),
        seen.latencies.len(),
        seen.refused,
        at(&seen.latencies, 50),
        at(&seen.latencies, 99),
        at(&seen.latencies, 100),
        at(&seen.lags, 99),
        at(&seen.lags, 100),
    );
}

/// Deliveries of ten new records each, one after the other.
async fn deliver(url: String, secret: String, sync_id: Uuid, seen: Arc<Mutex<RecordSighting>>) {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client can be made");
    for n in 0_u64.. {
        let records: Vec<_> = (0..10)
            .map(|k| {
                let fields = json!({"id": 10_000_000 + n * 10 + k, "plan": "team", "seats": k});
                json!({"hash": Uuid::now_v7().to_string(), "fields": fields})
            })
            .collect();
        let name = format!("Beside traffic {}", n / 5);
        let (stored, took) = harness::deliver(&http, &url, &secret, sync_id, &name, &records).await;
        seen.lock().expect("no holder of the lock panicked").add(took, stored);
        tokio::time::sleep(EVERY).await; // the rate of the traffic
    }
}

/// Looks how far the query tables are behind.
async fn watch(pool: PgPool, seen: Arc<Mutex<RecordSighting>>) {
    loop {
        let oldest: Option<DateTime<Utc>> = sqlx::query_scalar("select min(received_at) from polysink.backlog")
            .fetch_one(&pool)
            .await
            .expect("it answers");
        let lag = oldest.and_then(|oldest| (polysink::app::now() - oldest).to_std().ok()).unwrap_or_default();
        seen.lock().expect("no holder of the lock panicked").lags.push(lag);
        tokio::time::sleep(EVERY).await; // between two looks
    }
}
