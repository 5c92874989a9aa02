//! How busy deliveries keep the machine, so that the projector yields to them.
//!
//! Deliveries and the projector share a machine, and deliveries come first: no sender repeats them. While several are
//! in flight, the projector pauses a little after each batch and compares: if fewer deliveries were answered per second
//! during its batches than during its pauses, they contend for the machine, and the pauses become long.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::MutexGuard;
use tokio::time::{Instant, sleep};

/// With no more deliveries in flight than this, on average, there is nothing to yield to. A sender that waits for each
/// answer is one.
const FEW: f64 = 2.0;

/// The pause after each batch while there are more, as a share of the batch's time.
const SAMPLE: f64 = 0.25;

/// Pauses become long if the throughput during batches is below this share of the throughput during pauses.
const GOOD_THROUGHPUT: f64 = 0.85;

/// A long pause takes this many times the batch's time: the projector gets a tenth of a contended machine.
const YIELD: f64 = 9.0;

/// The longest pause, so that the tables always advance.
const LONGEST_YIELD: Duration = Duration::from_secs(1);

/// How often a long pause checks how many deliveries are in flight.
const YIELD_STEP: Duration = Duration::from_millis(2);

/// A measurement counts half after this time.
const HALF_LIFE: Duration = Duration::from_millis(500);

/// The load of the deliveries. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct WriteLoad(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    /// Deliveries that were submitted and not yet answered.
    in_flight: AtomicU32,
    /// Those that were answered, and how long they took together, in microseconds.
    answered: AtomicU64,
    answered_in: AtomicU64,
    throughput: Mutex<Throughput>,
    /// Held during a batch while deliveries contend for the machine: one sync at a time.
    slot: tokio::sync::Mutex<()>,
}

/// How many deliveries were answered lately, during batches and during pauses.
#[derive(Debug, Default, Clone, Copy)]
struct Throughput {
    batches: Rate,
    pauses: Rate,
    contended: bool,
}

#[derive(Debug, Default, Clone, Copy)]
struct Rate {
    count: f64,
    seconds: f64,
}

/// The counters of answered deliveries at some time.
#[derive(Debug, Clone, Copy)]
pub struct LoadSample {
    at: Instant,
    answered: u64,
    answered_in: u64,
}

impl WriteLoad {
    /// Counts a delivery as in flight until the guard is dropped.
    pub(super) fn deliver(&self) -> InFlight<'_> {
        self.0.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight { load: self, since: Instant::now() }
    }

    /// How many deliveries are in flight.
    pub(super) fn in_flight(&self) -> u32 {
        self.0.in_flight.load(Ordering::Relaxed)
    }

    /// Before a batch: waits for the only slot, while deliveries contend for the machine. `None` while they do not.
    pub async fn contention_slot(&self) -> Option<MutexGuard<'_, ()>> {
        let contended = self.throughput(|throughput| throughput.contended);
        if contended { Some(self.0.slot.lock().await) } else { None }
    }

    /// The counters now.
    pub fn sample(&self) -> LoadSample {
        LoadSample {
            at: Instant::now(),
            answered: self.0.answered.load(Ordering::Relaxed),
            answered_in: self.0.answered_in.load(Ordering::Relaxed),
        }
    }

    /// After a batch: pauses while deliveries need the machine more.
    ///
    /// * `began`: sampled before the batch
    pub async fn yield_to_deliveries(&self, began: LoadSample) {
        let ended = self.sample();
        let took = ended.at - began.at;
        let contended = began.in_flight_until(ended) > FEW;
        self.throughput(|throughput| {
            throughput.contended = contended;
            throughput.batches.add(began, ended);
        });
        if !contended {
            return;
        }
        sleep(took.mul_f64(SAMPLE).clamp(YIELD_STEP, LONGEST_YIELD)).await;
        let sampled = self.sample();
        let good_throughput = self.throughput(|throughput| {
            throughput.pauses.add(ended, sampled);
            throughput.batches.per_second() >= GOOD_THROUGHPUT * throughput.pauses.per_second()
        });
        if good_throughput {
            return;
        }
        let until = ended.at + took.mul_f64(YIELD).min(LONGEST_YIELD);
        let in_flight = || f64::from(self.in_flight());
        // A single measurement is noisy, so a moving average decides when the load has gone.
        let mut average = in_flight().max(FEW);
        while Instant::now() < until && average >= FEW {
            sleep(YIELD_STEP).await;
            average = 0.9 * average + 0.1 * in_flight();
        }
        self.throughput(|throughput| throughput.pauses.add(sampled, self.sample()));
    }

    fn throughput<T>(&self, look: impl FnOnce(&mut Throughput) -> T) -> T {
        look(&mut self.0.throughput.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl LoadSample {
    /// How long ago it was taken.
    pub fn elapsed(self) -> Duration {
        self.at.elapsed()
    }

    /// How many deliveries were in flight on average, from this sample to a later one.
    fn in_flight_until(self, later: Self) -> f64 {
        let micros = Duration::from_micros(later.answered_in - self.answered_in);
        micros.as_secs_f64() / (later.at - self.at).as_secs_f64().max(f64::EPSILON)
    }
}

impl Rate {
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits")]
    fn add(&mut self, from: LoadSample, to: LoadSample) {
        let seconds = (to.at - from.at).as_secs_f64();
        let left = 0.5_f64.powf(seconds / HALF_LIFE.as_secs_f64());
        self.count = self.count * left + (to.answered - from.answered) as f64;
        self.seconds = self.seconds * left + seconds;
    }

    fn per_second(self) -> f64 {
        self.count / self.seconds.max(f64::EPSILON)
    }
}

/// A delivery in flight.
#[derive(Debug)]
pub struct InFlight<'a> {
    load: &'a WriteLoad,
    since: Instant,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let counters = &self.load.0;
        let micros = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        counters.in_flight.fetch_sub(1, Ordering::Relaxed);
        counters.answered.fetch_add(1, Ordering::Relaxed);
        counters.answered_in.fetch_add(micros, Ordering::Relaxed);
    }
}
