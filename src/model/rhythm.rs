//! Whether a sync is late, by its schedule or by its own rhythm.

use chrono::{DateTime, TimeDelta, Utc};

/// How late a run that is due may begin.
const OVERDUE: TimeDelta = TimeDelta::minutes(15);

/// No sync is quiet within this time, however short its usual pauses are.
const NEVER_QUIET: TimeDelta = TimeDelta::hours(1);

/// When deliveries of a sync have come, and when they usually come.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    pub last_received_at: DateTime<Utc>,
    /// `None` if its schedule is not known.
    pub next_run_at: Option<DateTime<Utc>>,
    /// The longest usual pause between deliveries, in seconds; `None` if there were too few to tell.
    pub usual_pause: Option<f64>,
}

/// How fresh a sync is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Neither schedule nor rhythm is known yet.
    Unknown,
    /// By its schedule: when its next run is due.
    Due(DateTime<Utc>),
    /// Its run should have begun then.
    Overdue(DateTime<Utc>),
    /// By its rhythm: its longest usual pause.
    Usual(TimeDelta),
    /// Its pause is more than twice as long as this one.
    Quiet(TimeDelta),
}

impl Freshness {
    /// Whether deliveries should have come.
    pub fn is_late(self) -> bool {
        matches!(self, Self::Overdue(_) | Self::Quiet(_))
    }
}

impl Rhythm {
    /// How fresh the sync is now.
    pub fn freshness(&self, now: DateTime<Utc>) -> Freshness {
        if let Some(next) = self.next_run_at {
            return if now - next > OVERDUE { Freshness::Overdue(next) } else { Freshness::Due(next) };
        }
        let Some(seconds) = self.usual_pause else { return Freshness::Unknown };
        #[expect(clippy::cast_possible_truncation, reason = "a pause is at most some months")]
        let usual = TimeDelta::seconds(seconds as i64);
        let age = now - self.last_received_at;
        if age > (usual * 2).max(NEVER_QUIET) { Freshness::Quiet(usual) } else { Freshness::Usual(usual) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_is_late_by_its_schedule_or_by_its_own_rhythm() {
        let after = |hours: i64| DateTime::UNIX_EPOCH + TimeDelta::hours(hours);
        let unknown = Rhythm { last_received_at: DateTime::UNIX_EPOCH, next_run_at: None, usual_pause: None };
        assert_eq!(unknown.freshness(after(10_000)), Freshness::Unknown);
        let hourly = Rhythm { usual_pause: Some(3_600.0), ..unknown };
        assert_eq!(hourly.freshness(after(2)), Freshness::Usual(TimeDelta::hours(1)));
        assert_eq!(hourly.freshness(after(3)), Freshness::Quiet(TimeDelta::hours(1)));
        let often = Rhythm { usual_pause: Some(700.0), ..unknown };
        assert!(!often.freshness(after(1)).is_late(), "an hour is never too long");
        let due = Rhythm { next_run_at: Some(after(5)), ..hourly };
        assert_eq!(due.freshness(after(4)), Freshness::Due(after(5)), "the schedule counts");
        assert!(due.freshness(after(6)).is_late());
    }
}
