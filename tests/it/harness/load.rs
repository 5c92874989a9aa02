//! Clients that send deliveries without a pause, and note what was acknowledged.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::app::http_client;
use super::{Delivery, eventually, record};

/// Records of one delivery.
pub const RECORDS: usize = 10;

/// How many contents an entity takes in turn, where clients share entities.
const CONTENTS: u32 = 5;

/// Clients that run.
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
    /// How often each record was sent and acknowledged, by its hash.
    pub records: HashMap<String, Counts>,
    /// Deliveries that were stored.
    pub stored: usize,
    /// Deliveries that were spooled.
    pub spooled: usize,
    /// Deliveries that were answered 503.
    pub refused: usize,
}

/// How often a record was sent, and how many of these deliveries were answered 200.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    pub sent: i64,
    pub acknowledged: i64,
}

impl Load {
    /// Starts `clients` clients, each of whose records has a hash and an entity of its own. A client ends when the
    /// service does not answer.
    ///
    /// * `name`: begins the hashes
    /// * `urls`: of the webhooks, taken by turns
    pub fn start(name: &str, urls: &[&str], clients: usize) -> Self {
        Self::start_sharing(0, name, urls, clients)
    }

    /// The same, but half of the records are of `entities` that all clients share, with a content that they share too.
    pub fn start_sharing(entities: u32, name: &str, urls: &[&str], clients: usize) -> Self {
        let shared = Arc::<Shared>::default();
        let mut tasks = JoinSet::new();
        for (n, url) in (0..clients).zip(urls.iter().cycle()) {
            tasks.spawn(send(format!("{name}-{n}"), entities, (*url).to_owned(), Arc::clone(&shared)));
        }
        Self { shared, clients: tasks }
    }

    /// Waits until so many deliveries have been acknowledged, or every client has ended.
    pub async fn reaches(&self, deliveries: usize) {
        eventually("the deliveries are acknowledged", async || self.acknowledged() >= deliveries || self.ended()).await;
    }

    /// How many deliveries have been acknowledged.
    pub fn acknowledged(&self) -> usize {
        let tally = self.shared.tally();
        tally.stored + tally.spooled
    }

    /// Waits until the answers are like that, or every client has ended.
    pub async fn until(&self, enough: impl Fn(&Tally) -> bool) {
        eventually("the answers are so", async || enough(&self.shared.tally()) || self.ended()).await;
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

async fn send(name: String, entities: u32, url: String, shared: Arc<Shared>) {
    let http = http_client();
    let seed = name.bytes().fold(0, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    let mut random = StdRng::seed_from_u64(seed);
    for n in 0.. {
        if shared.over.load(Ordering::Relaxed) {
            return;
        }
        let records: Vec<(String, Value)> = (0..RECORDS)
            .map(|k| match entities {
                1.. if k % 2 == 0 => version(random.random_range(0..entities), random.random_range(0..CONTENTS)),
                _ => (format!("{name}-{n}-{k}"), json!({"id": format!("{name}-{n}-{k}"), "n": n})),
            })
            .collect();
        for (hash, _) in &records {
            shared.tally().records.entry(hash.clone()).or_default().sent += 1;
        }
        let delivery: Vec<Value> = records.iter().map(|(hash, fields)| record(hash, fields.clone())).collect();
        let Ok(answer) = Delivery::of(&delivery).try_post(&http, &url).await else { return };
        let mut tally = shared.tally();
        match answer.status {
            200 => {
                for (hash, _) in records {
                    tally.records.entry(hash).or_default().acknowledged += 1;
                }
                // An answer that was cut off has no body.
                let spooled = answer.text.contains("\"spooled\":true");
                *(if spooled { &mut tally.spooled } else { &mut tally.stored }) += 1;
            }
            503 => tally.refused += 1,
            _ => panic!("{answer:?}"),
        }
    }
}

/// One of the contents of a shared entity: hash and fields.
fn version(entity: u32, content: u32) -> (String, Value) {
    (format!("shared-{entity}-{content}"), json!({"id": format!("shared-{entity}"), "n": content}))
}

impl Tally {
    /// Adds another load's.
    pub fn add(&mut self, other: Self) {
        for (hash, counts) in other.records {
            let sum = self.records.entry(hash).or_default();
            sum.sent += counts.sent;
            sum.acknowledged += counts.acknowledged;
        }
        self.stored += other.stored;
        self.spooled += other.spooled;
        self.refused += other.refused;
    }

    /// Notes a record that was acknowledged beside the load.
    pub fn note(&mut self, hash: &str) {
        let counts = self.records.entry(hash.to_owned()).or_default();
        counts.sent += 1;
        counts.acknowledged += 1;
    }

    /// How many records were acknowledged, each as often as it was.
    pub fn acknowledged(&self) -> usize {
        (self.stored + self.spooled) * RECORDS
    }
}
