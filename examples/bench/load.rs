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
    /// How many of 100 records have been sent before.
    pub known: usize,
}

impl Shape {
    pub const fn batches(batch: usize) -> Self {
        Self { batch, gzip: false, identity: false, known: 0 }
    }

    pub const fn gzipped(self) -> Self {
        Self { gzip: true, ..self }
    }

    pub const fn identified(self) -> Self {
        Self { identity: true, ..self }
    }

    pub const fn known(self, known: usize) -> Self {
        Self { known, ..self }
    }

    /// Whether only the size of its batches makes it what it is.
    pub const fn is_plain(&self) -> bool {
        !self.gzip && !self.identity && self.known == 0
    }

    /// Records of a round.
    ///
    /// * `most`: with deliveries of 100 and more; small ones take longer
    pub fn records(&self, most: usize) -> usize {
        match self.batch {
            1 => most / 10,
            2..100 => most / 2,
            _ => most,
        }
    }
}

/// A sync that sends.
#[derive(Debug, Clone)]
pub struct Source {
    pub id: Uuid,
    name: String,
    /// The table that it gets.
    pub table: String,
}

impl Source {
    /// * `number`: one that no other has
    pub fn new(number: usize) -> Self {
        Self { id: Uuid::now_v7(), name: format!("Bench {number}"), table: format!("synced.bench_{number}") }
    }
}

/// Deliveries of one sync.
pub struct Deliveries {
    pub source: Source,
    pub bodies: Vec<Bytes>,
    pub records: usize,
    gzip: bool,
}

impl Deliveries {
    /// Those of one round.
    pub fn make(source: &Source, shape: &Shape, records: usize) -> Self {
        // With an identity, the second half of the deliveries changes the entities of the first.
        let entities = if shape.identity { (records / 2).max(1) } else { records };
        Self::of(source, shape, (0..records).map(|n| (n % entities, n)))
    }

    /// The records of a round that are sent before it.
    pub fn known(source: &Source, shape: &Shape, records: usize) -> Self {
        Self::of(source, shape, (0..records).filter(|n| n % 100 < shape.known).map(|n| (n, n)))
    }

    /// * `records`: of each the entity, and what makes its content
    pub fn of(source: &Source, shape: &Shape, records: impl Iterator<Item = (usize, usize)>) -> Self {
        let records: Vec<(usize, usize)> = records.collect();
        let bodies = records.chunks(shape.batch).map(|batch| {
            let (id, name) = (source.id, &source.name);
            let mut body = format!(r#"{{"event":"sync.records","object":{{"id":"{id}","name":"{name}","records":["#);
            for (at, (entity, n)) in batch.iter().enumerate() {
                let comma = if at > 0 { "," } else { "" };
                write!(body, "{comma}{}", record(*entity, *n)).expect("a string takes every write");
            }
            body.push_str(r#"],"metadata":{}}}"#);
            Bytes::from(if shape.gzip { gzip(body.as_bytes()) } else { body.into_bytes() })
        });
        Self { source: source.clone(), bodies: bodies.collect(), records: records.len(), gzip: shape.gzip }
    }

    /// The first of them alone.
    pub fn first(&self) -> Self {
        Self { source: self.source.clone(), bodies: self.bodies[..1].to_vec(), ..*self }
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
pub fn spread_hash(n: usize) -> String {
    let spread = (n as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (spread ^ (spread >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    format!("{mixed:016x}{:016x}", mixed.rotate_left(23) ^ spread)
}
