//! How long a record takes from its acknowledgement to its row, at a steady rate, and the memory that takes.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use uuid::Uuid;

use crate::harness::SECRET;
use crate::harness::app::http_client;
use crate::harness::proc::status;
use crate::load::{Deliveries, Shape, Source, post};
use crate::measure::Database;
use crate::service::Polysink;

/// Records of a delivery.
const BATCH: usize = 100;

/// Between two looks at the backlog: the precision of the lag.
const LOOK_EVERY: Duration = Duration::from_millis(4);

/// Percentiles of the times, and the memory.
#[derive(Debug, Clone, Copy)]
pub struct Lag {
    /// Records a second that were sent.
    pub rate: f64,
    /// From the moment at which a delivery was due to its answer.
    pub answer: Percentiles,
    /// From the answer until the backlog does not hold the delivery any more.
    pub row: Percentiles,
    /// The most memory of the service, in MiB.
    pub memory: u64,
}

/// Which percentiles, in thousandths.
pub const SHARES: [usize; 7] = [100, 250, 500, 750, 900, 990, 1_000];

/// Times at [`SHARES`].
#[derive(Debug, Clone, Copy)]
pub struct Percentiles(pub [Duration; SHARES.len()]);

impl Percentiles {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(SHARES.map(|share| times[(times.len() * share / 1_000).min(times.len() - 1)]))
    }

    /// * `share`: one of [`SHARES`]
    pub fn at(&self, share: usize) -> Duration {
        self.0[SHARES.iter().position(|other| *other == share).expect("it is one of them")]
    }
}

/// Sends at a steady rate, whatever the answers take.
///
/// * `rate`: records a second
pub async fn measure(database: &Database, polysink: &Polysink, rate: f64, seconds: u64) -> Lag {
    let every = Duration::from_secs_f64(1.0 / rate) * u32::try_from(BATCH).expect("it is small");
    let count = usize::try_from(Duration::from_secs(seconds).as_millis() / every.as_millis().max(1)).unwrap_or(1);
    let deliveries = Deliveries::make(&Source::new(1_000_000), &Shape::batches(BATCH), count * BATCH);
    database.checkpoint().await;
    std::fs::write(format!("/proc/{}/clear_refs", polysink.pid()), "5").expect("the process is ours");

    let acknowledged = Arc::<Mutex<HashMap<Uuid, Instant>>>::default();
    let watch = tokio::spawn(rows_appear(database.url(), Arc::clone(&acknowledged), deliveries.bodies.len()));
    let (http, mut posts, began) = (http_client(), JoinSet::new(), Instant::now());
    for (n, body) in (0_u32..).zip(deliveries.bodies) {
        let due = began + every * n;
        tokio::time::sleep_until(due.into()).await;
        let (http, url) = (http.clone(), polysink.service.url.clone());
        let acknowledged = Arc::clone(&acknowledged);
        posts.spawn(async move {
            let text = post(&http, &url, SECRET, body, false).await;
            let now = Instant::now();
            let answer: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
            let id = answer["envelope_id"].as_str().and_then(|id| id.parse().ok()).expect("it has an id");
            acknowledged.lock().unwrap_or_else(PoisonError::into_inner).insert(id, now);
            now - due
        });
    }
    let answers = posts.join_all().await;
    let rows = tokio::time::timeout(Duration::from_secs(120), watch).await.expect("every delivery is projected");
    let rows = rows.expect("it does not panic");
    let memory = status(polysink.pid(), "VmHWM:") / 1024;
    Lag { rate, answer: Percentiles::of(answers), row: Percentiles::of(rows), memory }
}

/// Waits until so many deliveries have been acknowledged and have left the backlog. Returns how long each took.
async fn rows_appear(url: String, acknowledged: Arc<Mutex<HashMap<Uuid, Instant>>>, count: usize) -> Vec<Duration> {
    use sqlx::Connection as _;
    let mut connection = sqlx::PgConnection::connect(&url).await.expect("it takes connections");
    let mut lags = Vec::with_capacity(count);
    while lags.len() < count {
        let waiting: Vec<(Uuid, Instant)> = {
            let acknowledged = acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
            acknowledged.iter().map(|(id, at)| (*id, *at)).collect()
        };
        let backlog: HashSet<Uuid> = sqlx::query_scalar("select envelope_id from polysink.backlog")
            .fetch_all(&mut connection)
            .await
            .expect("it can be read")
            .into_iter()
            .collect();
        let now = Instant::now();
        for (id, at) in waiting.into_iter().filter(|(id, _)| !backlog.contains(id)) {
            acknowledged.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
            lags.push(now - at);
        }
        tokio::time::sleep(LOOK_EVERY).await; // between two looks
    }
    lags
}
