//! The times of a run whose deletions are applied.

use chrono::{DateTime, TimeDelta, Utc};

/// The times of a whole full run: an entity that was last sent before it began, and was not sent in it, is deleted when
/// it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppliedDeletion {
    /// The second in which it began.
    pub since: DateTime<Utc>,
    /// When it ended.
    pub at: DateTime<Utc>,
}

impl AppliedDeletion {
    /// Whether the run did not send an entity, though it was sent before and after.
    ///
    /// * `last`: when it was last sent before
    /// * `next`: when it was sent next
    pub fn is_between(&self, last: DateTime<Utc>, next: DateTime<Utc>) -> bool {
        last < self.since && self.at + TimeDelta::seconds(1) < next
    }
}
