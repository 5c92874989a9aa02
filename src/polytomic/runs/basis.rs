//! Which counts of a run say how many records were sent here. Pure.
//!
//! Polytomic does not document what its counts mean for a webhook, so it is learned: a reading that gave the received
//! number of records three runs in a row is taken, and said with each verdict.

use strum::VariantArray as _;

use crate::polytomic::api::RunCounts;

/// How many runs in a row must agree.
pub const RUNS_TO_LEARN: usize = 3;

/// A reading of the counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString, strum::VariantArray, strum::Display,
)]
pub enum Basis {
    #[strum(serialize = "total")]
    Total,
    #[strum(serialize = "total - error")]
    TotalWithoutErrors,
    #[strum(serialize = "upserts")]
    Upserts,
    #[strum(serialize = "insert + update")]
    InsertsAndUpdates,
    #[strum(serialize = "insert + update + upserts")]
    AllWrites,
}

impl Basis {
    /// How many records were sent, read so; `None` if the counts do not have it.
    pub fn expected(self, counts: &RunCounts) -> Option<u64> {
        let sum = |parts: &[Option<u64>]| {
            let known = parts.iter().flatten();
            known.copied().fold(None, |sum: Option<u64>, part| Some(sum.unwrap_or(0).saturating_add(part)))
        };
        match self {
            Self::Total => counts.total,
            Self::TotalWithoutErrors => counts.total?.checked_sub(counts.error.unwrap_or(0)),
            Self::Upserts => counts.upserts,
            Self::InsertsAndUpdates => sum(&[counts.insert, counts.update]),
            Self::AllWrites => sum(&[counts.insert, counts.update, counts.upserts]),
        }
    }
}

/// The readings that were kept as words; those that are unknown are left out.
pub fn readings(words: &[String]) -> Vec<Basis> {
    words.iter().filter_map(|word| word.parse().ok()).collect()
}

/// The fewest records that were sent by any of these readings; `None` if that is not known.
pub fn fewest(readings: &[Basis], counts: &RunCounts) -> Option<u64> {
    readings.iter().filter_map(|basis| basis.expected(counts)).min()
}

/// A run whose records have all had the time to arrive.
#[derive(Debug, Clone, Copy)]
pub struct EndedRun {
    pub counts: RunCounts,
    /// Records of its payloads.
    pub received: u64,
}

/// The readings that fit each of the last runs; `before` while there are too few, or none fits.
///
/// * `runs`: the latest first; those without records teach nothing
/// * `before`: the readings that were learned earlier. Those that are among the new ones stay: each run that tells
///   two readings apart leaves the right one
pub fn learn(runs: &[EndedRun], before: &[Basis]) -> Vec<Basis> {
    let telling: Vec<&EndedRun> = runs.iter().filter(|run| run.received > 0).take(RUNS_TO_LEARN).collect();
    if telling.len() < RUNS_TO_LEARN {
        return before.to_vec();
    }
    let fits = |basis: &Basis| telling.iter().all(|run| basis.expected(&run.counts) == Some(run.received));
    let fitting: Vec<Basis> = Basis::VARIANTS.iter().copied().filter(fits).collect();
    let common: Vec<Basis> = fitting.iter().copied().filter(|basis| before.contains(basis)).collect();
    match (fitting.is_empty(), common.is_empty()) {
        (true, _) => before.to_vec(),
        (false, true) => fitting,
        (false, false) => common,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(total: u64, error: u64, received: u64) -> EndedRun {
        let counts =
            RunCounts { total: Some(total), error: Some(error), insert: Some(total - error), ..RunCounts::default() };
        EndedRun { counts, received }
    }

    #[test]
    fn nothing_is_taken_before_three_runs_agree() {
        assert_eq!(learn(&[run(10, 0, 10), run(7, 0, 7)], &[]), []);
        assert_eq!(learn(&[run(10, 0, 10), run(7, 0, 7), run(0, 0, 0), run(3, 0, 2)], &[]), []);
        let agreeing = [run(10, 0, 10), run(7, 0, 7), run(0, 0, 0), run(3, 0, 3)];
        assert_eq!(
            learn(&agreeing, &[]),
            [Basis::Total, Basis::TotalWithoutErrors, Basis::InsertsAndUpdates, Basis::AllWrites]
        );
    }

    #[test]
    fn a_run_that_tells_readings_apart_leaves_the_right_one() {
        let runs = [run(10, 2, 8), run(7, 0, 7), run(3, 0, 3)];
        let before = [Basis::Total, Basis::TotalWithoutErrors];
        assert_eq!(learn(&runs, &before), [Basis::TotalWithoutErrors]);
    }

    #[test]
    fn a_short_run_does_not_change_what_was_learned() {
        assert_eq!(learn(&[run(10, 0, 9), run(7, 0, 7), run(3, 0, 3)], &[Basis::Total]), [Basis::Total]);
    }

    #[test]
    fn three_runs_that_fit_another_reading_replace_it() {
        let runs = [run(10, 1, 9), run(7, 2, 5), run(3, 1, 2)];
        assert_eq!(
            learn(&runs, &[Basis::Total]),
            [Basis::TotalWithoutErrors, Basis::InsertsAndUpdates, Basis::AllWrites]
        );
    }

    #[test]
    fn counts_that_are_absent_give_no_number() {
        for basis in Basis::VARIANTS {
            assert_eq!(basis.expected(&RunCounts::default()), None, "{basis}");
        }
        let fewer = RunCounts { total: Some(1), error: Some(2), ..RunCounts::default() };
        assert_eq!(Basis::TotalWithoutErrors.expected(&fewer), None);
    }
}
