//! Which runs' logs are read, and what is kept of it.

use chrono::{DateTime, TimeDelta, Utc};

use super::basis::{Basis, fewest, readings};
use super::compare::counts_of;
use crate::polytomic::api::Client;
use crate::polytomic::records::{LogComparison, LogError, LogLimits, RunLog};
use crate::store::tables::run_logs::{self, LogResult, LoggedRun};
use crate::store::tables::runs::ArrivedRun;
use crate::store::{Store, StoreError};

/// The time of a sync's last delivery is about a minute behind.
const NOTED: TimeDelta = TimeDelta::minutes(2);

/// Whether a run's log is to be read: it was not, or what was missing may have come since; then its age must have grown
/// by a tenth. After a log that could not be compared it must have doubled.
///
/// * `last_received_at`: of the sync
pub fn is_due(run: &ArrivedRun, last_received_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    let (Some(_), Some(completed_at), false) = (run.started_at, run.completed_at, run.precedes_log) else {
        return false;
    };
    let Some(LogResult { counts, checked_at }) = &run.log else { return true };
    let age = *checked_at - completed_at;
    match counts {
        Ok(counts) => counts.absent > 0 && last_received_at + NOTED > *checked_at && now >= *checked_at + age / 10,
        // Polytomic may have it by now.
        Err(_) => now >= *checked_at + age,
    }
}

/// A run whose log can be compared; `None` if it is not known when it began and ended.
pub fn run_log(run: &LoggedRun) -> Option<RunLog> {
    let counts = counts_of(&run.counts);
    let learned = readings(&run.expected_basis);
    let guess = || Basis::TotalWithoutErrors.expected(&counts).filter(|_| run.overlaps);
    Some(RunLog {
        sync_id: run.sync_id,
        source_id: run.source_id,
        execution_id: run.execution_id.clone(),
        started_at: run.started_at?,
        completed_at: run.completed_at?,
        expected: fewest(&learned, &counts).or_else(guess),
        overlaps: run.overlaps,
    })
}

/// Compares the log of a run with what has arrived, and keeps the result.
///
/// * `reach`: how far the time at which a delivery was sent may be from its receipt
///
/// # Errors
///
/// If the result cannot be kept; why the log says nothing is in the result.
pub async fn compare_log(
    store: &Store,
    client: &Client,
    run: &RunLog,
    reach: TimeDelta,
    limits: &LogLimits,
    now: DateTime<Utc>,
) -> Result<Result<LogComparison, LogError>, StoreError> {
    let compared = run.compare(store, client, reach, limits, now).await;
    let (sync_id, run_id) = (run.sync_id, &run.execution_id);
    let counts = match &compared {
        Ok(LogComparison { counts, .. }) => {
            tracing::info!(%sync_id, run = run_id, records = counts.records, absent = counts.absent,
                "compared the log of a run with what has arrived");
            Ok(*counts)
        }
        Err(error) => {
            tracing::info!(%sync_id, run = run_id, %error, "cannot compare the log of a run");
            Err(error.to_string())
        }
    };
    run_logs::save(store, sync_id, run_id, &LogResult { counts, checked_at: now }).await?;
    Ok(compared)
}
