//! The cost of slow clients for a normal one: `cargo bench --bench slow_clients`.
//!
//! One real service with its private PostgreSQL. A normal client sends deliveries of 100 records one after the other,
//! by turns alone and with 1,000 slow clients: a third sends a header a byte a second, a third a body a byte a
//! second, and a third never sends the body that it announced. One that is cut off connects again. It prints the
//! normal client's latencies, and how many of its deliveries were refused.

mod harness;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::SecondsFormat;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use uuid::Uuid;

use harness::{Service, deliver};

const SLOW: usize = 1_000;

/// How long each turn is, and how many there are of each kind.
const TURN: Duration = Duration::from_secs(10);
const TURNS: usize = 3;

/// Time for the slow clients to connect.
const GATHER: Duration = Duration::from_secs(3);

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    runtime.block_on(run());
}

async fn run() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    // All of them come from one address here.
    let service = Service::start_with(&[("POLYSINK_MAX_CONNECTIONS_PER_ADDRESS", "2000")]);
    let secret = std::fs::read_to_string(service.data.path().join("secret")).expect("it was made").trim().to_owned();
    normal(&service.url, &secret, TURN / 5).await; // warm
    println!("| turn | deliveries | refused | median | p99 | slow clients cut off |\n|---|---|---|---|---|---|");
    let mut ratios = Vec::new();
    for _ in 0..TURNS {
        let alone = normal(&service.url, &secret, TURN).await;
        alone.print("alone", 0);
        let cut = Arc::new(AtomicU64::new(0));
        let mut slow = JoinSet::new();
        for n in 0..SLOW {
            slow.spawn(slow_client(service.url.clone(), secret.clone(), n, Arc::clone(&cut)));
        }
        tokio::time::sleep(GATHER).await; // until they are connected
        let beside = normal(&service.url, &secret, TURN).await;
        slow.shutdown().await;
        beside.print("beside 1,000 slow clients", cut.load(Ordering::Relaxed));
        ratios.push(beside.p99().as_secs_f64() / alone.p99().as_secs_f64());
    }
    ratios.sort_by(f64::total_cmp);
    println!("\np99 beside them to p99 alone: {:.2} (median of {TURNS} pairs)", ratios[TURNS / 2]);
}

/// What a normal client saw.
struct RecordSighting {
    latencies: Vec<Duration>,
    refused: usize,
}

impl RecordSighting {
    fn at(&self, share: f64) -> Duration {
        let mut sorted = self.latencies.clone();
        sorted.sort();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a list"
        )]
        let place = (sorted.len() as f64 * share) as usize;
        sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
    }

    fn p99(&self) -> Duration {
        self.at(0.99)
    }

    fn print(&self, turn: &str, cut: u64) {
        let milliseconds = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
        let (median, p99) = (milliseconds(self.at(0.5)), milliseconds(self.p99()));
        println!("| {turn} | {} | {} | {median} | {p99} | {cut} |", self.latencies.len(), self.refused);
    }
}

async fn normal(url: &str, secret: &str, turn: Duration) -> RecordSighting {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client can be made");
    let sync_id = Uuid::now_v7();
    let mut seen = RecordSighting { latencies: Vec::new(), refused: 0 };
    let began = Instant::now();
    for n in 0.. {
        if began.elapsed() >= turn {
            break;
        }
        let records: Vec<_> =
            (0..100).map(|k| json!({"hash": format!("{n}-{k}"), "fields": {"id": k, "n": n}})).collect();
        let (stored, took) = deliver(&http, url, secret, sync_id, "Normal", &records).await;
        seen.latencies.push(took);
        seen.refused += usize::from(!stored);
    }
    seen
}

/// Sends a byte a second, or nothing; comes again when it is cut off.
async fn slow_client(url: String, secret: String, n: usize, cut: Arc<AtomicU64>) {
    let address = url.strip_prefix("http://").and_then(|rest| rest.split('/').next()).expect("it is a URL").to_owned();
    let sent_at = polysink::app::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let head = format!(
        "POST /webhooks/polytomic HTTP/1.1\r\nHost: polysink\r\nContent-Type: application/json\r\nContent-Length: \
         100000\r\n\
         Authorization: Bearer {secret}\r\nPolytomic-Signature-Timestamp: {sent_at}\r\n\r\n"
    );
    loop {
        let Ok(mut stream) = TcpStream::connect(&address).await else { continue };
        let at_once = if n.is_multiple_of(3) { 0 } else { head.len() };
        let trickle = if n % 3 == 2 { "" } else { &head };
        let _ = stream.write_all(&head.as_bytes()[..at_once]).await;
        let mut bytes = trickle.bytes();
        let mut answer = [0; 1024];
        loop {
            let ended = tokio::select! {
                read = stream.read(&mut answer) => !matches!(read, Ok(read) if read > 0),
                () = tokio::time::sleep(Duration::from_secs(1)) => match bytes.next() {
                    Some(byte) => stream.write_all(&[byte]).await.is_err(),
                    None => false,
                }
            };
            if ended {
                cut.fetch_add(1, Ordering::Relaxed);
                break;
            }
        }
    }
}
