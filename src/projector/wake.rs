//! What the writer tells the projector: which syncs have news, and how deliveries fare meanwhile.
//!
//! Both need the same machine, and deliveries come first: nobody sends them again. So while many are under way the projector
//! pauses a little after each batch and compares: where fewer deliveries were done in the time of its batches than in that of
//! its pauses, the machine has too much to do, and the pauses become long.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::model::SyncId;
use tokio::sync::{MutexGuard, Notify};
use tokio::time::{Instant, sleep};

/// With no more deliveries under way than that, on the average, there is nobody to make way for. A sender that waits for each
/// answer is one.
const FEW: f64 = 2.0;

/// The pause after each batch while there are more, as a share of the time that the batch took.
const GLIMPSE: f64 = 0.25;

/// Where deliveries fare worse during batches than that share of how they fare during pauses, pauses become long.
const FARES_WELL: f64 = 0.85;

/// So many times as long as the batch took: the projector takes a tenth of a machine that has too much to do.
const YIELD: f64 = 9.0;

/// It pauses no longer than this at a time, so that the tables never stand still.
const LONGEST_YIELD: Duration = Duration::from_secs(1);

/// How often it looks how busy they are meanwhile.
const YIELD_STEP: Duration = Duration::from_millis(2);

/// What was measured counts half after that time.
const HALF_LIFE: Duration = Duration::from_millis(500);

#[derive(Debug, Clone, Default)]
pub struct Wake(Arc<News>);

#[derive(Debug, Default)]
struct News {
    syncs: Mutex<BTreeSet<SyncId>>,
    woken: Notify,
    /// Deliveries that have been submitted and not been answered.
    under_way: AtomicU32,
    /// Those that have been answered, and how long they took together, in microseconds.
    answered: AtomicU64,
    answered_in: AtomicU64,
    fares: Mutex<Fares>,
    /// While there is somebody to make way for, syncs take turns.
    turn: tokio::sync::Mutex<()>,
}

/// How many deliveries were answered lately, in the time of batches and in that of pauses.
#[derive(Debug, Default, Clone, Copy)]
struct Fares {
    batches: Rate,
    pauses: Rate,
    crowded: bool,
}

#[derive(Debug, Default, Clone, Copy)]
struct Rate {
    count: f64,
    seconds: f64,
}

/// A moment, and what had been answered until then.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    at: Instant,
    answered: u64,
    answered_in: u64,
}

impl Wake {
    /// Says that deliveries of these syncs have been committed.
    pub fn wake(&self, syncs: impl IntoIterator<Item = SyncId>) {
        let mut known = self.0.syncs.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(syncs);
        if !known.is_empty() {
            self.0.woken.notify_one();
        }
    }

    /// Says that a delivery is under way, until what it returns is dropped.
    pub fn under_way(&self) -> UnderWay<'_> {
        self.0.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay { wake: self, since: Instant::now() }
    }

    /// Until there is news.
    pub(super) async fn woken(&self) {
        self.0.woken.notified().await;
    }

    /// The syncs that have news.
    pub(super) fn take(&self) -> BTreeSet<SyncId> {
        std::mem::take(&mut *self.0.syncs.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Before a batch: where deliveries have to be made way for, one sync at a time.
    pub(super) async fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        let crowded = self.fares(|fares| fares.crowded);
        if crowded { Some(self.0.turn.lock().await) } else { None }
    }

    pub(super) fn moment(&self) -> Moment {
        Moment {
            at: Instant::now(),
            answered: self.0.answered.load(Ordering::Relaxed),
            answered_in: self.0.answered_in.load(Ordering::Relaxed),
        }
    }

    /// After a batch: lets deliveries pass.
    ///
    /// * `began`: when the batch did
    pub(super) async fn make_way(&self, began: Moment) {
        let ended = self.moment();
        let took = ended.at - began.at;
        let crowded = began.under_way_until(ended) > FEW;
        self.fares(|fares| {
            fares.crowded = crowded;
            fares.batches.add(began, ended);
        });
        if !crowded {
            return;
        }
        sleep(took.mul_f64(GLIMPSE).clamp(YIELD_STEP, LONGEST_YIELD)).await;
        let glimpsed = self.moment();
        let fares_well = self.fares(|fares| {
            fares.pauses.add(ended, glimpsed);
            fares.batches.per_second() >= FARES_WELL * fares.pauses.per_second()
        });
        if fares_well {
            return;
        }
        let until = ended.at + took.mul_f64(YIELD).min(LONGEST_YIELD);
        let under_way = || f64::from(self.0.under_way.load(Ordering::Relaxed));
        // One look is luck, so a moving average decides when they have let up.
        let mut average = under_way().max(FEW);
        while Instant::now() < until && average >= FEW {
            sleep(YIELD_STEP).await;
            average = 0.9 * average + 0.1 * under_way();
        }
        self.fares(|fares| fares.pauses.add(glimpsed, self.moment()));
    }

    fn fares<T>(&self, look: impl FnOnce(&mut Fares) -> T) -> T {
        look(&mut self.0.fares.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Moment {
    /// How many deliveries were under way on the average, from this moment to a later one.
    fn under_way_until(self, later: Self) -> f64 {
        let micros = Duration::from_micros(later.answered_in - self.answered_in);
        micros.as_secs_f64() / (later.at - self.at).as_secs_f64().max(f64::EPSILON)
    }
}

impl Rate {
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits")]
    fn add(&mut self, from: Moment, to: Moment) {
        let seconds = (to.at - from.at).as_secs_f64();
        let left = 0.5_f64.powf(seconds / HALF_LIFE.as_secs_f64());
        self.count = self.count * left + (to.answered - from.answered) as f64;
        self.seconds = self.seconds * left + seconds;
    }

    fn per_second(self) -> f64 {
        self.count / self.seconds.max(f64::EPSILON)
    }
}

/// A delivery under way.
#[derive(Debug)]
pub struct UnderWay<'a> {
    wake: &'a Wake,
    since: Instant,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let news = &self.wake.0;
        let micros = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        news.under_way.fetch_sub(1, Ordering::Relaxed);
        news.answered.fetch_add(1, Ordering::Relaxed);
        news.answered_in.fetch_add(micros, Ordering::Relaxed);
    }
}
