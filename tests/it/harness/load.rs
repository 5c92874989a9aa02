//! Clients that send deliveries without a pause, and note what was acknowledged.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use sqlx::PgPool;
use tokio::task::JoinSet;

use super::app::http_client;
use super::{Delivery, record};

/// Records of one delivery.
pub const RECORDS: usize = 10;

/// Clients that run. Each record they send has a hash of its own.
pub struct Load {
    shared: Arc<Shared>,
    clients: JoinSet<()>,
}

#[derive(Default)]
struct Shared {
    tally: Mutex<Tally>,
    over: AtomicBool,
}

/// What became of the deliveries.
#[derive(Debug, Default)]
pub struct Tally {
    /// The hashes of the records that were answered 200.
    pub hashes: HashSet<String>,
    /// Deliveries that were stored.
    pub stored: usize,
    /// Deliveries that were spooled.
    pub spooled: usize,
    /// Deliveries that were answered 503.
    pub refused: usize,
}

/// What is wrong in the ledger, in records.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Acknowledged, and not there.
    pub lost: usize,
    /// There, and received more than once.
    pub twice: i64,
    /// In an envelope, and not in the ledger.
    pub torn: i64,
}

impl Load {
    /// Starts `clients` clients. A client ends when the service does not answer.
    ///
    /// * `name`: begins the hashes
    /// * `urls`: of the webhooks, taken by turns
    pub fn start(name: &str, urls: &[&str], clients: usize) -> Self {
        let shared = Arc::<Shared>::default();
        let mut tasks = JoinSet::new();
        for (n, url) in (0..clients).zip(urls.iter().cycle()) {
            tasks.spawn(send(format!("{name}-{n}"), (*url).to_owned(), Arc::clone(&shared)));
        }
        Self { shared, clients: tasks }
    }

    /// Waits until so many deliveries have been acknowledged, or every client has ended.
    pub async fn reaches(&self, deliveries: usize) {
        while self.acknowledged() < deliveries && !self.ended() {
            tokio::time::sleep(Duration::from_millis(1)).await; // between two looks
        }
    }

    /// How many deliveries have been acknowledged.
    pub fn acknowledged(&self) -> usize {
        let tally = self.shared.tally();
        tally.stored + tally.spooled
    }

    /// Waits until the answers are like that, or every client has ended.
    pub async fn until(&self, enough: impl Fn(&Tally) -> bool) {
        while !enough(&self.shared.tally()) && !self.ended() {
            tokio::time::sleep(Duration::from_millis(1)).await; // between two looks
        }
    }

    /// Whether every client has ended.
    fn ended(&self) -> bool {
        Arc::strong_count(&self.shared) == 1
    }

    /// Lets the clients finish what they are sending.
    pub async fn finish(self) -> Tally {
        self.shared.over.store(true, Ordering::Relaxed);
        self.gone().await
    }

    /// Waits until every client has ended by itself.
    pub async fn gone(self) -> Tally {
        self.clients.join_all().await;
        std::mem::take(&mut *self.shared.tally())
    }
}

impl Shared {
    fn tally(&self) -> std::sync::MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn send(name: String, url: String, shared: Arc<Shared>) {
    let http = http_client();
    for n in 0.. {
        if shared.over.load(Ordering::Relaxed) {
            return;
        }
        let hashes: Vec<String> = (0..RECORDS).map(|k| format!("{name}-{n}-{k}")).collect();
        let records: Vec<_> = hashes.iter().map(|hash| record(hash, json!({"id": hash}))).collect();
        let Ok(answer) = Delivery::of(&records).try_post(&http, &url).await else { return };
        let mut tally = shared.tally();
        match answer.status {
            200 => {
                tally.hashes.extend(hashes);
                // An answer that was cut off has no body.
                let spooled = answer.text.contains("\"spooled\":true");
                *(if spooled { &mut tally.spooled } else { &mut tally.stored }) += 1;
            }
            503 => tally.refused += 1,
            _ => panic!("{answer:?}"),
        }
    }
}

impl Tally {
    /// Adds another load's.
    pub fn add(&mut self, other: Self) {
        self.hashes.extend(other.hashes);
        self.stored += other.stored;
        self.spooled += other.spooled;
        self.refused += other.refused;
    }

    /// Checks that every acknowledged record was stored, and no record twice.
    pub async fn check(&self, pool: &PgPool) {
        assert!(!self.hashes.is_empty(), "nothing was acknowledged");
        assert_eq!(self.compare(pool).await, Compared::default());
    }

    /// Compares what was acknowledged with the ledger, and the ledger with the envelopes.
    pub async fn compare(&self, pool: &PgPool) -> Compared {
        let stored = sqlx::query_scalar("select hash from polysink.records").fetch_all(pool).await;
        let stored: HashSet<String> = stored.expect("the statement is good").into_iter().collect();
        let lost = self.hashes.difference(&stored).count();
        let count = async |sql: &'static str| -> i64 {
            sqlx::query_scalar(sql).fetch_one(pool).await.expect("the statement is good")
        };
        let twice = count("select count(*) from polysink.records where times_received <> 1").await;
        let torn = "select coalesce((select sum(record_count)::bigint from polysink.envelopes), 0)
                         - (select count(*) from polysink.records)";
        Compared { lost, twice, torn: count(torn).await }
    }
}
