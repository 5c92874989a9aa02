//! How long a try of a transaction may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Time for a first try. It is short, because a dead connection is silent, and the second try has a fresh one.
const FIRST_TRY: Duration = Duration::from_secs(2);

/// A delivery that is bisected takes many statements.
const ISOLATING: Duration = Duration::from_secs(5);

/// Additional time per record and per byte of the bodies, at the rate of a slow and distant database: a working one is
/// not cut off, however large the delivery.
const PER_RECORD: Duration = Duration::from_micros(500);
const PER_BYTE: Duration = Duration::from_micros(1);

/// The limit of a try, without what its size adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit(Duration);

impl Limit {
    pub const ISOLATING: Self = Self(ISOLATING);

    /// Twice as long, at most `most`.
    pub fn doubled(self, most: Duration) -> Self {
        Self((self.0 * 2).min(most.max(self.0)))
    }

    /// With what the size of the deliveries adds.
    pub fn of(self, records: usize, bytes: usize) -> Duration {
        let times = |unit: Duration, count: usize| unit.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
        self.0 + times(PER_RECORD, records) + times(PER_BYTE, bytes)
    }
}

/// The longest first limit that a slow database gets. A dead connection is noticed that late.
const LONGEST_FIRST_TRY: Duration = Duration::from_secs(10);

/// The first limit, in milliseconds: twice the time that the last transactions took beyond their size's share. It is
/// doubled when that is too short. A database with long round trips, or one that commits slowly, needs more than one
/// that is near. Clones share it.
#[derive(Debug, Clone)]
pub struct Pace(Arc<AtomicU64>);

impl Default for Pace {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(millis(FIRST_TRY))))
    }
}

impl Pace {
    /// The limit of a first try.
    pub fn first(&self) -> Limit {
        Limit(Duration::from_millis(self.0.load(Ordering::Relaxed)))
    }

    /// A transaction succeeded. A quick one lowers the limit little, so that a database that is slow at times keeps it.
    pub fn succeeded(&self, took: Duration, records: usize, bytes: usize) {
        let beyond = took.saturating_sub(Limit(Duration::ZERO).of(records, bytes));
        let wanted = millis((beyond * 2).clamp(FIRST_TRY, LONGEST_FIRST_TRY));
        let before = self.0.load(Ordering::Relaxed);
        self.0.store(wanted.max(before - before / 10), Ordering::Relaxed);
    }

    /// A first try was too short, although the database answers: it may be slow for every delivery.
    pub fn too_short(&self) {
        let longer = self.0.load(Ordering::Relaxed).saturating_mul(2).min(millis(LONGEST_FIRST_TRY));
        self.0.store(longer, Ordering::Relaxed);
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_grows_with_records_with_bytes_and_with_each_try() {
        let (seconds, first) = (Duration::from_secs, Pace::default().first());
        assert_eq!(first.of(0, 0), seconds(2));
        assert_eq!(first.of(10_000, 0), seconds(7));
        assert_eq!(first.of(80, 20_000_000), seconds(22) + Duration::from_millis(40));
        assert_eq!(first.doubled(seconds(600)).doubled(seconds(600)).of(0, 0), seconds(8));
        assert_eq!(Limit::ISOLATING.doubled(seconds(4)), Limit::ISOLATING);
    }

    #[test]
    fn a_slow_database_gets_more_time_at_first_and_a_quick_one_less_again() {
        let (pace, seconds) = (Pace::default(), Duration::from_secs);
        pace.succeeded(seconds(3), 0, 0);
        assert_eq!(pace.first().of(0, 0), seconds(6));
        pace.succeeded(seconds(3), 6_000, 0);
        assert_eq!(pace.first().of(0, 0), Duration::from_millis(5_400), "its size explains what it took");
        pace.succeeded(seconds(60), 0, 0);
        assert_eq!(pace.first().of(0, 0), LONGEST_FIRST_TRY);
        (0..30).for_each(|_| pace.succeeded(Duration::from_millis(5), 1, 100));
        assert_eq!(pace.first().of(0, 0), FIRST_TRY);
        pace.too_short();
        assert_eq!(pace.first().of(0, 0), seconds(4));
        (0..3).for_each(|_| pace.too_short());
        assert_eq!(pace.first().of(0, 0), LONGEST_FIRST_TRY);
    }
}
