//! The cost of hostile bodies, in memory and for the deliveries that arrive meanwhile: `cargo bench --bench
//! hostile_bodies`.
//!
//! For each body a fresh service with its private PostgreSQL. The body is sent once, and then by 64 clients at once
//! that hang up as soon as it is sent. Meanwhile a small delivery is sent every 50 ms. It prints the most memory that
//! the service had above its idle memory (resident, by the kernel's own high-water mark), that of all its database
//! sessions together (anonymous, sampled), the answer, and the slowest of the small deliveries. Memory is in MiB.

mod harness;

use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::SecondsFormat;
use flate2::{Compression, write::GzEncoder};
use polysink::local_pg;
use serde_json::json;
use sqlx::postgres::PgPool;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use uuid::Uuid;

use harness::proc::status;
use harness::{Service, drained};

const MIB: usize = 1 << 20;

/// How many clients hang up.
const CLIENTS: usize = 64;

/// Between two small deliveries, and two looks at the database's sessions.
const EVERY: Duration = Duration::from_millis(50);
const LOOK_EVERY: Duration = Duration::from_millis(10);

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    runtime.block_on(run());
}

/// What became of the small deliveries.
#[derive(Default)]
struct RecordSighting {
    count: usize,
    refused: usize,
    slowest: Duration,
}

impl RecordSighting {
    fn add(&mut self, stored: bool, took: Duration) {
        self.count += 1;
        self.refused += usize::from(!stored);
        self.slowest = self.slowest.max(took);
    }
}

async fn run() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    println!("| body | sent | answer | took | service | its sessions | small deliveries | not 200 | slowest |");
    println!("|---|---|---|---|---|---|---|---|---|");
    // `cargo bench --bench hostile_bodies -- 90,000` looks at some of them.
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap_or_default();
    for (name, records) in bodies().into_iter().filter(|(name, _)| name.contains(&wanted)) {
        for clients in [1, CLIENTS] {
            case(name, &delivery(&records), clients).await;
        }
    }
}

/// Names, and what stands in `records`.
fn bodies() -> Vec<(&'static str, String)> {
    let many = |count: usize, record: &dyn Fn(usize) -> String| (0..count).map(record).collect::<Vec<_>>().join(",");
    let ones = |bytes: usize| vec!["1"; bytes / 2].join(",");
    let padding = "x".repeat(320);
    vec![
        ("30 MiB of `1`", ones(30 * MIB)),
        ("8 MiB of `{}`", vec!["{}"; 8 * MIB / 3].join(",")),
        ("1,090,000 records of 27 bytes", many(1_090_000, &|n| format!(r#"{{"hash":"{n:x}","fields":{{}}}}"#))),
        ("100,000 records of 27 bytes", many(100_000, &|n| format!(r#"{{"hash":"{n:x}","fields":{{}}}}"#))),
        ("100,000 times `1`", ones(200_000)),
        (
            "32 MiB in 90,000 records",
            many(90_000, &|n| format!(r#"{{"hash":"{n:x}","fields":{{"id":{n},"text":"{padding}"}}}}"#)),
        ),
        (
            "32 MiB in 90,000 unusable records",
            many(90_000, &|n| format!(r#"{{"hash":{n},"fields":{{"id":{n},"text":"{padding}"}}}}"#)),
        ),
        (
            "a record with 800,000 names",
            format!(r#"{{"hash":"w","fields":{{{}}}}}"#, many(800_000, &|n| format!(r#""n{n:06}":{n}"#))),
        ),
    ]
}

/// The body, gzipped.
fn delivery(records: &str) -> Vec<u8> {
    let sync_id = Uuid::now_v7();
    let body =
        format!(r#"{{"event":"sync.records","object":{{"id":"{sync_id}","name":"Hostile","records":[{records}]}}}}"#);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body.as_bytes()).expect("a vector takes every write");
    encoder.finish().expect("a vector takes every write")
}

async fn case(name: &str, body: &[u8], clients: usize) {
    let service = Service::start();
    let options = local_pg::running(service.data.path()).expect("it runs").options;
    let pool = PgPool::connect_with(options).await.expect("it takes connections");
    let secret = std::fs::read_to_string(service.data.path().join("secret")).expect("it was made").trim().to_owned();

    let seen = Arc::new(Mutex::new(RecordSighting::default()));
    let mut beside = JoinSet::new();
    beside.spawn(small_deliveries(service.url.clone(), secret.clone(), Arc::clone(&seen)));
    tokio::time::sleep(Duration::from_secs(1)).await; // the small ones have their table by then
    let looking = Arc::new(AtomicBool::new(true));
    let sessions = Arc::new(AtomicU64::new(0));
    let looker = std::thread::spawn({
        let (looking, sessions, data) = (Arc::clone(&looking), Arc::clone(&sessions), service.data.path().to_owned());
        move || {
            while looking.load(Ordering::Relaxed) {
                sessions.fetch_max(sessions_memory(&data), Ordering::Relaxed);
                std::thread::sleep(LOOK_EVERY);
            }
        }
    });
    let idle = status(service.pid(), "VmRSS:");
    let idle_sessions = sessions_memory(service.data.path());
    std::fs::write(format!("/proc/{}/clear_refs", service.pid()), "5").expect("the process is ours");

    let began = Instant::now();
    let answer = if clients == 1 {
        post(&service.url, &secret, body, true).await
    } else {
        let mut all = JoinSet::new();
        for _ in 0..clients {
            let (url, secret, body) = (service.url.clone(), secret.clone(), body.to_vec());
            all.spawn(async move { post(&url, &secret, &body, false).await });
        }
        all.join_all().await;
        "none".to_owned()
    };
    let took = began.elapsed();
    quiet(&pool).await;
    let peak = status(service.pid(), "VmHWM:");
    looking.store(false, Ordering::Relaxed);
    looker.join().expect("it does not panic");
    beside.shutdown().await;
    let RecordSighting { count, refused, slowest } = *seen.lock().expect("no holder of the lock panicked");
    println!(
        "| {name} | {} | {answer} | {:.1} s | +{} | +{} | {count} | {refused} | {} ms |",
        if clients == 1 { "once".to_owned() } else { format!("{clients} times, hung up") },
        took.as_secs_f64(),
        (peak.saturating_sub(idle)) / 1024,
        sessions.load(Ordering::Relaxed).saturating_sub(idle_sessions) / 1024,
        slowest.as_millis(),
    );
}

/// Nothing is written and nothing waits to be projected any more.
async fn quiet(pool: &PgPool) {
    let mut quiet_since = Instant::now();
    while quiet_since.elapsed() < Duration::from_secs(2) {
        drained(pool).await;
        let busy: bool = sqlx::query_scalar(
            "select exists (select from pg_stat_activity where application_name like 'polysink %' and state <> 'idle'
                            and query_start < now() - interval '100 ms')",
        )
        .fetch_one(pool)
        .await
        .expect("it answers");
        if busy {
            quiet_since = Instant::now();
        }
        tokio::time::sleep(EVERY).await; // between two looks
    }
}

/// What the database's processes hold of their own, in KiB.
fn sessions_memory(data: &Path) -> u64 {
    let Ok(text) = std::fs::read_to_string(data.join("postgres/postmaster.pid")) else { return 0 };
    let Some(postmaster) = text.lines().next().and_then(|pid| pid.trim().parse::<u32>().ok()) else { return 0 };
    let children =
        std::fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children")).unwrap_or_default();
    children.split_whitespace().filter_map(|pid| pid.parse().ok()).map(|pid| status(pid, "RssAnon:")).sum()
}

/// Sends a body, and waits for the answer's status unless the client hangs up.
async fn post(url: &str, secret: &str, body: &[u8], wait: bool) -> String {
    let address = url.strip_prefix("http://").and_then(|rest| rest.split('/').next()).expect("it is a URL");
    let mut stream = TcpStream::connect(address).await.expect("the service listens");
    let head = format!(
        "POST /webhooks/polytomic HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nAuthorization: \
         Bearer {secret}\r\n\
         Polytomic-Signature-Timestamp: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        polysink::app::now().to_rfc3339_opts(SecondsFormat::Secs, true),
        body.len()
    );
    let sent = async {
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body).await
    };
    if sent.await.is_err() || !wait {
        return "none".to_owned();
    }
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    answer.split_whitespace().nth(1).unwrap_or("none").to_owned()
}

async fn small_deliveries(url: String, secret: String, seen: Arc<Mutex<RecordSighting>>) {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client can be made");
    let sync_id = Uuid::now_v7();
    loop {
        let record = json!({"hash": Uuid::now_v7().to_string(), "fields": {"id": 1}});
        let (stored, took) = harness::deliver(&http, &url, &secret, sync_id, "Small", &[record]).await;
        seen.lock().expect("no holder of the lock panicked").add(stored, took);
        tokio::time::sleep(EVERY).await; // the rate of the traffic
    }
}
