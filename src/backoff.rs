//! Delays between tries that double up to a maximum.

use std::time::Duration;

/// The delays of one retried operation. Pure: the caller waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    next: Duration,
}

impl Backoff {
    /// * `first`: the delay after the first failure
    pub const fn new(first: Duration) -> Self {
        Self { first, next: first }
    }

    /// Returns the delay after this failure, at most `max`. The next one is twice as long.
    pub fn fail(&mut self, max: Duration) -> Duration {
        let pause = self.next.min(max);
        self.next = pause.saturating_mul(2);
        pause
    }

    /// Resets after a success.
    pub fn reset(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_maximum_and_start_again_after_a_success() {
        let mut backoff = Backoff::new(Duration::from_millis(100));
        let max = Duration::from_millis(350);
        let pauses: Vec<u128> = (0..4).map(|_| backoff.fail(max).as_millis()).collect();
        assert_eq!(pauses, [100, 200, 350, 350]);
        assert_eq!(backoff.fail(Duration::from_millis(50)).as_millis(), 50, "another maximum");
        assert_eq!(backoff.fail(max).as_millis(), 100);
        backoff.reset();
        assert_eq!(backoff.fail(max).as_millis(), 100);
    }
}
