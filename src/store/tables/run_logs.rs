//! The part of `polysink.runs` about the runs' logs in Polytomic.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::model::SyncId;
use crate::store::{Store, StoreError};

/// The result of comparing a run's log with what has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogResult {
    /// How many records it has, and how many of them have not arrived; or why they could not be compared.
    pub counts: Result<LogCounts, String>,
    pub checked_at: DateTime<Utc>,
}

/// Records of a run's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogCounts {
    pub records: u64,
    /// Those that have not arrived since the run began.
    pub absent: u64,
}

impl LogResult {
    /// As it is stored; `None` if the log was never read.
    pub(super) fn of(
        records: Option<i64>,
        absent: Option<i64>,
        checked_at: Option<DateTime<Utc>>,
        problem: Option<String>,
    ) -> Option<Self> {
        let counts = records
            .zip(absent)
            .map(|(records, absent)| LogCounts { records: records.unsigned_abs(), absent: absent.unsigned_abs() });
        Some(Self { counts: counts.ok_or(problem.unwrap_or_default()), checked_at: checked_at? })
    }
}

/// A run whose log can be read.
#[derive(Debug, Clone)]
pub struct LoggedRun {
    pub sync_id: SyncId,
    /// Polytomic's id of its sync.
    pub source_id: SyncId,
    pub execution_id: String,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    pub counts: Value,
    /// Whether another run was in progress at the same time, or in the same second.
    pub overlaps: bool,
    /// The connection's name, which chooses the key.
    pub connection: Option<String>,
    pub expected_basis: Vec<String>,
}

/// Keeps the result for a run, and has it compared again. A result that is there stays if the log could not be read
/// again.
pub async fn save(store: &Store, sync_id: SyncId, execution_id: &str, result: &LogResult) -> Result<(), StoreError> {
    let counts = result.counts.as_ref().ok();
    let mut session = store.begin().await?;
    sqlx::query!(
        "update polysink.runs set
             log_records = coalesce($3, log_records), absent = coalesce($4, absent), log_checked_at = $5,
             log_problem = $6, check_at = case when $3::bigint is null then check_at else '-infinity' end
         where sync_id = $1 and execution_id = $2",
        sync_id.0,
        execution_id,
        counts.map(|counts| counts.records.cast_signed()),
        counts.map(|counts| counts.absent.cast_signed()),
        result.checked_at,
        result.counts.as_ref().err(),
    )
    .execute(&mut *session)
    .await?;
    session.commit().await
}

/// The run of a sync with an id; `None` if it is not known.
pub async fn find(store: &Store, sync_id: SyncId, execution_id: &str) -> Result<Option<LoggedRun>, StoreError> {
    let mut session = store.begin().await?;
    let row = sqlx::query!(
        r#"select r.source_id, r.started_at, r.completed_at, r.counts, p.connection,
                  coalesce(p.expected_basis, '{}') as "expected_basis!",
                  exists (select from polysink.runs o
                          where o.sync_id = r.sync_id and o.execution_id <> r.execution_id and o.verdict <> 'unknown'
                            and o.started_at <= r.completed_at + interval '2 seconds'
                            and (o.completed_at >= r.started_at - interval '2 seconds'
                                 or o.completed_at is null
                                    and o.status not in ('failed', 'canceled', 'interrupted', 'completed')))
                      as "overlaps!"
           from polysink.runs r
           left join polysink.sync_sources p on p.source_id = r.source_id
           where r.sync_id = $1 and r.execution_id = $2"#,
        sync_id.0,
        execution_id,
    )
    .fetch_optional(&mut *session)
    .await?;
    session.commit().await?;
    Ok(row.map(|row| LoggedRun {
        sync_id,
        source_id: SyncId(row.source_id),
        execution_id: execution_id.to_owned(),
        started_at: row.started_at,
        completed_at: row.completed_at,
        counts: row.counts,
        overlaps: row.overlaps,
        connection: row.connection,
        expected_basis: row.expected_basis,
    }))
}
