//! Deliveries, made before the clock runs, and the clients that send them.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::harness::app::http_client;
use crate::harness::delivery::{gzip, timestamp};

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Records of a delivery.
    pub batch: usize,
    pub gzip: bool,
    /// Whether the sync has an identity, and each entity comes twice.
    pub identity: bool,
    /// Whether all records have been sent before.
    pub repeat: bool,
}

impl Shape {
    pub const fn batches(batch: usize) -> Self {
        Self { batch, gzip: false, identity: false, repeat: false }
    }

    pub const fn gzipped(self) -> Self {
        Self { gzip: true, ..self }
    }

    pub const fn identified(self) -> Self {
        Self { identity: true, ..self }
    }

    pub const fn repeated(self) -> Self {
        Self { repeat: true, ..self }
    }
}

/// Deliveries of one sync.
pub struct Deliveries {
    pub sync_id: Uuid,
    /// The table that the sync gets.
    pub table: String,
    pub bodies: Vec<Bytes>,
    pub records: usize,
    gzip: bool,
}

impl Deliveries {
    /// Makes deliveries of a sync that no other number has.
    pub fn make(shape: &Shape, records: usize, number: usize) -> Self {
        let (sync_id, name) = (Uuid::now_v7(), format!("Bench {number}"));
        let bodies = (0..records).step_by(shape.batch).map(|first| {
            let mut body =
                format!(r#"{{"event":"sync.records","object":{{"id":"{sync_id}","name":"{name}","records":["#);
            for n in first..records.min(first + shape.batch) {
                let comma = if n > first { "," } else { "" };
                // With an identity, the second half of the deliveries changes the entities of the first.
                let entity = if shape.identity { n % (records / 2).max(1) } else { n };
                write!(body, "{comma}{}", record(entity, n)).expect("a string takes every write");
            }
            body.push_str(r#"],"metadata":{}}}"#);
            Bytes::from(if shape.gzip { gzip(body.as_bytes()) } else { body.into_bytes() })
        });
        let table = format!("synced.bench_{number}");
        Self { sync_id, table, bodies: bodies.collect(), records, gzip: shape.gzip }
    }

    /// The first of them alone.
    pub fn first(&self) -> Self {
        Self { table: self.table.clone(), bodies: self.bodies[..1].to_vec(), ..*self }
    }

    /// Sends all of them, each connection one after another. Returns when the last was answered 200.
    pub async fn send(&self, url: &str, secret: &str, connections: usize) -> Duration {
        let next = Arc::new(AtomicUsize::new(0));
        let bodies: Arc<[Bytes]> = self.bodies.clone().into();
        let mut clients = JoinSet::new();
        let began = Instant::now();
        for _ in 0..connections {
            let (next, bodies, gzip) = (Arc::clone(&next), Arc::clone(&bodies), self.gzip);
            let (url, secret, http) = (url.to_owned(), secret.to_owned(), http_client());
            clients.spawn(async move {
                while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                    post(&http, &url, &secret, body.clone(), gzip).await;
                }
            });
        }
        clients.join_all().await;
        began.elapsed()
    }
}

/// Posts a delivery, which has to be stored. Returns the answer's text.
pub async fn post(http: &reqwest::Client, url: &str, secret: &str, body: Bytes, gzip: bool) -> String {
    let mut request = http
        .post(url)
        .bearer_auth(secret)
        .header("content-type", "application/json")
        .header("polytomic-signature-timestamp", timestamp(0));
    if gzip {
        request = request.header("content-encoding", "gzip");
    }
    let answer = request.body(body).send().await.expect("the receiver answers");
    let status = answer.status();
    let text = answer.text().await.expect("the answer is whole");
    assert!(status.is_success() && !text.contains("\"spooled\":true"), "{status}: {text}");
    text
}

/// A record of 350 bytes, as a customer of a shop would be.
///
/// * `entity`: whose it is
/// * `n`: makes its content
pub fn record(entity: usize, n: usize) -> String {
    let plan = ["free", "team", "business", "enterprise"][n % 4];
    let (seats, mrr, cents, active) = (n % 500, n % 7_000, n % 100, !n.is_multiple_of(3));
    let (year, month, day) = (10 + n % 15, 1 + n % 12, 1 + n % 28);
    let notes = &"What the customer said when an account manager last asked about it.".as_bytes()[..48 + n % 20];
    let notes = String::from_utf8_lossy(notes);
    // Hashes are spread like those of a real digest.
    let hash = spread_hash(n);
    let fields = format!(
        r#""id":{entity},"email":"customer.{entity}@example.com","name":"Customer Number {n}","plan":"{plan}","#
    );
    let values = format!(
        r#""seats":{seats},"mrr":{mrr}.{cents:02},"active":{active},"signed_up_at":"20{year:02}-{month:02}-{day:02}"#
    );
    format!(r#"{{"hash":"{hash}","fields":{{{fields}{values}T12:34:56Z","notes":"{notes}"}}}}"#)
}

/// 32 hexadecimal digits, which differ for each number.
fn spread_hash(n: usize) -> String {
    let spread = (n as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (spread ^ (spread >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    format!("{mixed:016x}{:016x}", mixed.rotate_left(23) ^ spread)
}
