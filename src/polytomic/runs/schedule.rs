//! When Polytomic's API is asked about a sync. Pure.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::polytomic::records::LogLimits;
use crate::store::tables::sync_sources::SyncSource;

/// How often things are done, and how much at once.
#[derive(Debug, Clone, Copy)]
pub struct RunPace {
    /// Between two looks at all syncs.
    pub look: Duration,
    /// Before a question that failed is asked again; it doubles, up to a minute.
    pub first_pause: Duration,
    /// Between two questions about a sync that runs, and after a first failure.
    pub busy: TimeDelta,
    /// The longest time between two questions about a sync.
    pub idle: TimeDelta,
    /// How long after a run's end its deliveries may still come: requests in flight, and retries.
    pub settling: TimeDelta,
    /// Limits on reading the log of a run.
    pub log: LogLimits,
}

impl Default for RunPace {
    fn default() -> Self {
        Self {
            look: Duration::from_secs(15),
            first_pause: Duration::from_secs(1),
            busy: TimeDelta::minutes(1),
            idle: TimeDelta::hours(1),
            settling: TimeDelta::minutes(5),
            log: LogLimits::default(),
        }
    }
}

/// Whether a sync is to be asked about.
pub fn is_due(source: &SyncSource, pace: &RunPace, now: DateTime<Utc>) -> bool {
    let Some(asked_at) = source.asked_at else { return true };
    if source.failures > 0 {
        let doubled = 1_i32.checked_shl(source.failures - 1).filter(|times| *times > 0).unwrap_or(i32::MAX);
        return now >= asked_at + pace.busy.checked_mul(doubled).unwrap_or(pace.idle).min(pace.idle);
    }
    // Polytomic says that something has happened.
    if source.last_event_at > Some(asked_at) {
        return true;
    }
    // A delivery is the proof of a run, whatever the schedule says.
    let has_begun = source.next_execution_at.is_some_and(|next| asked_at <= next && next <= now);
    let is_busy = source.is_running || source.last_received_at > asked_at || has_begun;
    now >= asked_at + if is_busy { pace.busy } else { pace.idle }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SyncId;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_770_000_000 + 60 * minutes, 0).expect("it is a time")
    }

    fn source() -> SyncSource {
        SyncSource {
            source_id: SyncId(uuid::Uuid::nil()),
            sync_id: SyncId(uuid::Uuid::nil()),
            connection: None,
            first_received_at: at(-100),
            last_received_at: at(-10),
            last_event_at: None,
            expected_basis: Vec::new(),
            asked_at: Some(at(0)),
            next_execution_at: None,
            failures: 0,
            is_running: false,
            model_at: None,
            has_identity: false,
            from_polytomic: false,
        }
    }

    fn due_after(source: &SyncSource) -> i64 {
        let is_due = |minutes: &i64| is_due(source, &RunPace::default(), at(*minutes));
        (0..1_000).find(is_due).expect("it is due at some time")
    }

    #[test]
    fn a_sync_is_asked_about_when_something_may_have_happened() {
        assert_eq!(due_after(&SyncSource { asked_at: None, ..source() }), 0);
        assert_eq!(due_after(&source()), 60);
        assert_eq!(due_after(&SyncSource { is_running: true, ..source() }), 1);
        assert_eq!(due_after(&SyncSource { last_received_at: at(1), ..source() }), 1);
        assert_eq!(due_after(&SyncSource { next_execution_at: Some(at(7)), ..source() }), 7);
        assert_eq!(due_after(&SyncSource { last_event_at: Some(at(1)), ..source() }), 0, "whoever looks then");
        assert_eq!(due_after(&SyncSource { last_event_at: Some(at(0)), ..source() }), 60);
        assert_eq!(due_after(&SyncSource { next_execution_at: Some(at(-7)), ..source() }), 60);
    }

    #[test]
    fn after_failures_it_is_asked_less_and_less_often() {
        let waits: Vec<i64> =
            (1..9).map(|failures| due_after(&SyncSource { failures, is_running: true, ..source() })).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(due_after(&SyncSource { failures: 1_000, ..source() }), 60);
    }
}
