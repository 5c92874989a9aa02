//! The delay before something may be repeated.

use std::time::Duration;

use tokio::time::Instant;

/// A time before which something is not done again.
#[derive(Debug, Default, Clone, Copy)]
pub struct Cooldown(Option<Instant>);

impl Cooldown {
    /// Whether it may be done now.
    pub fn is_over(self) -> bool {
        self.0.is_none_or(|end| Instant::now() >= end)
    }

    /// Begins to wait, from now on.
    pub fn start(&mut self, pause: Duration) {
        self.0 = Some(Instant::now() + pause);
    }

    /// Ends it at once.
    pub fn reset(&mut self) {
        self.0 = None;
    }

    /// How long it lasts from now; `None` if it was not started.
    pub fn remaining(self) -> Option<Duration> {
        self.0.map(|end| end.saturating_duration_since(Instant::now()))
    }
}
