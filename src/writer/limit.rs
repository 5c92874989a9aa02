//! How long a try of a transaction may take.

use std::time::Duration;

/// Time for a first try. It is short, because a dead connection is silent, and the second try has a fresh one.
pub const FIRST_TRY: Duration = Duration::from_secs(2);

/// A delivery that is bisected takes many statements.
const ISOLATING: Duration = Duration::from_secs(5);

/// Additional time per record and per byte of the bodies, at the rate of a slow and distant database: a working one is not
/// cut off, however large the delivery.
const PER_RECORD: Duration = Duration::from_micros(500);
const PER_BYTE: Duration = Duration::from_micros(1);

/// The limit of a try, without what its size adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(Duration);

impl Limit {
    pub const FIRST: Self = Self(FIRST_TRY);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_grows_with_records_with_bytes_and_with_each_try() {
        let seconds = Duration::from_secs;
        assert_eq!(Limit::FIRST.of(0, 0), seconds(2));
        assert_eq!(Limit::FIRST.of(10_000, 0), seconds(7));
        assert_eq!(Limit::FIRST.of(80, 20_000_000), seconds(22) + Duration::from_millis(40));
        assert_eq!(Limit::FIRST.doubled(seconds(600)).doubled(seconds(600)).of(0, 0), seconds(8));
        assert_eq!(Limit::ISOLATING.doubled(seconds(4)), Limit::ISOLATING);
    }
}
