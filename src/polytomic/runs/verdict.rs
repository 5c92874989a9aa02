//! Whether a run arrived whole. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::basis::Basis;
use crate::model::RunVerdict;
use crate::polytomic::api::{ExecutionStatus, RunCounts};
use crate::store::tables::run_logs::LogCounts;

/// The facts about a run.
#[derive(Debug, Clone)]
pub struct Evidence<'a> {
    pub status: &'a ExecutionStatus,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    pub counts: RunCounts,
    /// Records of the payloads that were sent in the run, without and with the seconds that it shares with another run.
    pub received_min: u64,
    pub received_max: u64,
    /// Whether another run's time overlaps.
    pub overlaps: bool,
    /// Whether it began before the raw log does.
    pub precedes_log: bool,
    /// Deliveries of a spool may belong to it.
    pub is_spooled: bool,
    /// How counts are read.
    pub learned: &'a [Basis],
    /// How long after its end its deliveries may still come.
    pub settling: TimeDelta,
    pub now: DateTime<Utc>,
}

/// A verdict, and what it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    pub verdict: RunVerdict,
    /// How many records were sent, if that is known.
    pub expected: Option<u64>,
    /// The readings of the counts that say so.
    pub basis: Vec<Basis>,
    pub reason: Option<&'static str>,
}

impl Judgement {
    fn of(verdict: RunVerdict) -> Self {
        Self { verdict, expected: None, basis: Vec::new(), reason: None }
    }

    fn because(verdict: RunVerdict, reason: &'static str) -> Self {
        Self { reason: Some(reason), ..Self::of(verdict) }
    }
}

impl Judgement {
    /// Whether the log of the run's records can say more.
    pub fn is_open(&self) -> bool {
        matches!(self.verdict, RunVerdict::Short | RunVerdict::Unverified | RunVerdict::Ambiguous)
    }

    /// The judgement with what the log of the run's records says. Whether it stands on the log.
    pub fn with_log(self, log: LogCounts) -> (Self, bool) {
        if !self.is_open() {
            return (self, false);
        }
        let verdict = if log.absent == 0 { RunVerdict::Complete } else { RunVerdict::Short };
        // Where records are missing, the counts may know of more than the log has.
        let by_counts = self.expected.filter(|_| log.absent > 0);
        let basis = if by_counts.is_some() { self.basis } else { Vec::new() };
        (Self { verdict, expected: by_counts.or(Some(log.records)), basis, reason: None }, true)
    }
}

/// Judges a run.
pub fn judge(run: &Evidence<'_>) -> Judgement {
    match run.status {
        ExecutionStatus::Completed => {}
        ExecutionStatus::Failed(_) => return Judgement::of(RunVerdict::Failed),
        ExecutionStatus::Open(_) => return Judgement::of(RunVerdict::Running),
        ExecutionStatus::Other(_) => {
            return Judgement::because(RunVerdict::Unverified, "its status is not a known one");
        }
    }
    let (Some(_), Some(completed_at)) = (run.started_at, run.completed_at) else {
        return Judgement::because(RunVerdict::Unverified, "Polytomic does not say when it began and ended");
    };
    if run.precedes_log {
        return Judgement::because(RunVerdict::Unverified, "it began before the oldest delivery whose head is kept");
    }
    if run.overlaps {
        return Judgement::because(RunVerdict::Ambiguous, "another run of the sync was in progress at the same time");
    }
    let judgement = compare(run);
    let is_settling = run.is_spooled || run.now < completed_at + run.settling;
    if is_settling && judgement.verdict != RunVerdict::Complete {
        return Judgement { verdict: RunVerdict::Settling, reason: None, ..judgement };
    }
    judgement
}

/// Compares what was sent with what was received.
fn compare(run: &Evidence<'_>) -> Judgement {
    let (min, max) = (run.received_min, run.received_max);
    let known = run.counts.known();
    if !known.is_empty() && max == 0 && known.values().all(|count| *count == 0) {
        return Judgement { expected: Some(0), ..Judgement::of(RunVerdict::Complete) };
    }
    if run.learned.is_empty() {
        return Judgement::because(
            RunVerdict::Unverified,
            "which count is that of the records sent here is not known yet",
        );
    }
    let readings: Vec<(Basis, u64)> =
        run.learned.iter().filter_map(|basis| Some((*basis, basis.expected(&run.counts)?))).collect();
    let that_say = |expected: u64| {
        let basis = readings.iter().filter(|(_, number)| *number == expected).map(|(basis, _)| *basis).collect();
        (Some(expected), basis)
    };
    let fitting = readings.iter().map(|(_, number)| *number).find(|number| (min..=max).contains(number));
    let least = readings.iter().map(|(_, number)| *number).min();
    let most = readings.iter().map(|(_, number)| *number).max();
    let (verdict, (expected, basis)) = match (fitting, least, most) {
        (Some(fitting), ..) => (RunVerdict::Complete, that_say(fitting)),
        (None, Some(least), _) if least > max => (RunVerdict::Short, that_say(least)),
        (None, _, Some(most)) if most < min => (RunVerdict::Over, that_say(most)),
        (None, Some(_), Some(_)) => {
            return Judgement::because(RunVerdict::Unverified, "its counts can be read in two ways, and neither fits");
        }
        _ => return Judgement::because(RunVerdict::Unverified, "Polytomic gives no counts for it"),
    };
    Judgement { verdict, expected, basis, reason: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_770_000_000 + seconds, 0).expect("it is a time")
    }

    /// A run of a minute, long ago.
    fn run(total: u64, received: u64) -> Evidence<'static> {
        Evidence {
            status: &ExecutionStatus::Completed,
            started_at: Some(at(0)),
            completed_at: Some(at(60)),
            counts: RunCounts { total: Some(total), ..RunCounts::default() },
            received_min: received,
            received_max: received,
            overlaps: false,
            precedes_log: false,
            is_spooled: false,
            learned: &[Basis::Total],
            settling: TimeDelta::minutes(5),
            now: at(3600),
        }
    }

    fn verdict(run: &Evidence<'_>) -> RunVerdict {
        judge(run).verdict
    }

    #[test]
    fn a_run_is_complete_short_or_over() {
        assert_eq!(verdict(&run(10, 10)), RunVerdict::Complete);
        let short = judge(&run(10, 7));
        assert_eq!((short.verdict, short.expected, short.basis), (RunVerdict::Short, Some(10), vec![Basis::Total]));
        assert_eq!(verdict(&run(10, 11)), RunVerdict::Over);
    }

    #[test]
    fn deliveries_of_the_seconds_at_its_borders_may_be_its_own() {
        assert_eq!(verdict(&Evidence { received_min: 8, received_max: 12, ..run(10, 0) }), RunVerdict::Complete);
        assert_eq!(verdict(&Evidence { received_min: 8, received_max: 9, ..run(10, 0) }), RunVerdict::Short);
        assert_eq!(verdict(&Evidence { received_min: 11, received_max: 12, ..run(10, 0) }), RunVerdict::Over);
    }

    #[test]
    fn a_run_settles_unless_it_is_complete_already() {
        let soon = at(60 + 299);
        assert_eq!(verdict(&Evidence { now: soon, ..run(10, 9) }), RunVerdict::Settling);
        assert_eq!(verdict(&Evidence { now: soon, ..run(10, 10) }), RunVerdict::Complete);
        assert_eq!(verdict(&Evidence { is_spooled: true, ..run(10, 9) }), RunVerdict::Settling);
    }

    #[test]
    fn nothing_is_guessed() {
        let unlearned = judge(&Evidence { learned: &[], ..run(10, 10) });
        assert_eq!((unlearned.verdict, unlearned.expected), (RunVerdict::Unverified, None));
        let uncounted = judge(&Evidence { counts: RunCounts::default(), ..run(0, 10) });
        assert_eq!(uncounted.verdict, RunVerdict::Unverified);
        assert_eq!(uncounted.reason, Some("Polytomic gives no counts for it"));
        let untimed = judge(&Evidence { started_at: None, ..run(10, 10) });
        assert_eq!(untimed.verdict, RunVerdict::Unverified);
        let early = judge(&Evidence { precedes_log: true, ..run(10, 0) });
        assert_eq!(early.verdict, RunVerdict::Unverified, "its deliveries may have been removed");
        let paused = ExecutionStatus::Other("paused".to_owned());
        assert_eq!(verdict(&Evidence { status: &paused, ..run(10, 10) }), RunVerdict::Unverified);
    }

    #[test]
    fn a_run_without_records_is_complete() {
        assert_eq!(verdict(&Evidence { learned: &[], ..run(0, 0) }), RunVerdict::Complete);
    }

    #[test]
    fn readings_that_disagree_decide_nothing_between_them() {
        let counts = RunCounts { total: Some(10), error: Some(4), ..RunCounts::default() };
        let learned = &[Basis::Total, Basis::TotalWithoutErrors][..];
        let of = |received| judge(&Evidence { counts, learned, ..run(0, received) });
        assert_eq!((of(10).verdict, of(10).basis), (RunVerdict::Complete, vec![Basis::Total]));
        assert_eq!((of(6).verdict, of(6).basis), (RunVerdict::Complete, vec![Basis::TotalWithoutErrors]));
        assert_eq!((of(5).verdict, of(5).expected), (RunVerdict::Short, Some(6)));
        assert_eq!((of(11).verdict, of(11).expected), (RunVerdict::Over, Some(10)));
        assert_eq!(of(8).verdict, RunVerdict::Unverified);
    }

    #[test]
    fn the_log_decides_where_counts_do_not() {
        let with = |run: &Evidence<'_>, records, absent| {
            let (judgement, by_log) = judge(run).with_log(LogCounts { records, absent });
            (judgement.verdict, judgement.expected, by_log)
        };
        assert_eq!(with(&run(10, 7), 10, 0), (RunVerdict::Complete, Some(10), true), "they came in another run");
        assert_eq!(with(&run(10, 7), 9, 2), (RunVerdict::Short, Some(10), true));
        let unlearned = Evidence { learned: &[], ..run(10, 7) };
        assert_eq!(with(&unlearned, 7, 0), (RunVerdict::Complete, Some(7), true));
        assert_eq!(with(&Evidence { overlaps: true, ..run(10, 7) }, 10, 3), (RunVerdict::Short, Some(10), true));
        assert_eq!(with(&run(10, 10), 12, 2), (RunVerdict::Complete, Some(10), false), "its counts have decided");
        let soon = Evidence { now: at(60), ..run(10, 9) };
        assert_eq!(with(&soon, 10, 0).0, RunVerdict::Settling);
    }

    #[test]
    fn other_ends_have_their_own_words() {
        let failed = ExecutionStatus::Failed("canceled".to_owned());
        assert_eq!(verdict(&Evidence { status: &failed, ..run(10, 10) }), RunVerdict::Failed);
        let open = ExecutionStatus::Open("running".to_owned());
        assert_eq!(verdict(&Evidence { status: &open, completed_at: None, ..run(10, 3) }), RunVerdict::Running);
        assert_eq!(verdict(&Evidence { overlaps: true, ..run(10, 10) }), RunVerdict::Ambiguous);
    }
}
