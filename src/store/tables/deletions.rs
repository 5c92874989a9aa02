//! `polysink.deletions`: whole full runs of syncs, and how many rows they did not send.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::changes::{self, ChangeAction};
use crate::model::{AppliedDeletion, SyncId};
use crate::store::{Connection, Store, StoreError};

/// A run, as far as it tells which rows are deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullRun {
    pub execution_id: String,
    /// The second in which it began.
    pub started_at: DateTime<Utc>,
    pub completed_at: DateTime<Utc>,
    /// Records of it, and bodies of its time, that were quarantined.
    pub quarantined: i64,
    /// Whether Polytomic has errors for it.
    pub has_errors: bool,
    /// When it was known to be whole.
    pub settled_at: DateTime<Utc>,
}

/// The state of a run's deletions.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, strum::IntoStaticStr, strum::EnumString, strum::Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DeletionState {
    /// For an operator to apply.
    Waiting,
    Applied,
    /// By an operator.
    Undone,
}

/// A run's deletions, as they are listed.
#[derive(Debug, Clone, serde::Serialize)]
pub struct DeletionRow {
    pub execution_id: String,
    pub started_at: DateTime<Utc>,
    pub completed_at: DateTime<Utc>,
    pub rows: i64,
    pub state: DeletionState,
    pub reason: Option<String>,
    pub changed_at: DateTime<Utc>,
}

/// The runs of a sync whose deletions are applied, the oldest first.
pub async fn applied(connection: &mut Connection, sync_id: SyncId) -> Result<Vec<AppliedDeletion>, StoreError> {
    let rows = sqlx::query_as!(
        AppliedDeletion,
        "select started_at as since, completed_at as at from polysink.deletions
         where sync_id = $1 and state = 'applied' and rows > 0
         order by started_at",
        sync_id.0,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// The last whole full run of a sync, if nothing is known of its deletions nor of a later one's.
pub async fn latest_run(store: &Store, sync_id: SyncId) -> Result<Option<FullRun>, StoreError> {
    let mut session = store.begin().await?;
    let run = sqlx::query_as!(
        FullRun,
        r#"select r.execution_id, date_trunc('second', r.started_at) as "started_at!",
                  r.completed_at as "completed_at!", r.settled_at as "settled_at!",
                  coalesce(r.rejected, 0) + coalesce(r.refused, 0) as "quarantined!",
                  coalesce((r.counts->>'error')::numeric, 0) > 0 or cardinality(r.errors) > 0 as "has_errors!"
           from polysink.runs r
           where r.sync_id = $1 and r.full_run and r.verdict = 'complete' and r.started_at < r.completed_at
             and r.settled_at is not null
             and r.completed_at > coalesce((select max(d.completed_at) from polysink.deletions d
                                            where d.sync_id = r.sync_id), '-infinity')
           order by r.completed_at desc limit 1"#,
        sync_id.0,
    )
    .fetch_optional(&mut *session)
    .await?;
    session.commit().await?;
    Ok(run)
}

/// Notes how many rows a run did not send.
///
/// * `reason`: why an operator is asked; `None` if the deletions are applied
pub async fn insert(
    connection: &mut Connection,
    sync_id: SyncId,
    run: &FullRun,
    rows: u64,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let state = if reason.is_some() { DeletionState::Waiting } else { DeletionState::Applied };
    sqlx::query!(
        "insert into polysink.deletions
             (sync_id, execution_id, started_at, completed_at, rows, state, reason, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        sync_id.0,
        run.execution_id,
        run.started_at,
        run.completed_at,
        rows.cast_signed(),
        <&str>::from(state),
        reason,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Changes the state of a run's deletions. Returns when the run ended; `None` if they were not in one of the states
/// `from`.
///
/// * `rows`: how many there are now; `None` to leave that
pub async fn change(
    connection: &mut Connection,
    sync_id: SyncId,
    execution_id: &str,
    from: &[DeletionState],
    to: DeletionState,
    rows: Option<u64>,
    now: DateTime<Utc>,
) -> Result<Option<AppliedDeletion>, StoreError> {
    let from: Vec<&str> = from.iter().map(Into::into).collect();
    let changed = sqlx::query_as!(
        AppliedDeletion,
        "update polysink.deletions set state = $3, rows = coalesce($4, rows), reason = null, changed_at = $5
         where sync_id = $1 and execution_id = $2 and state = any($6)
         returning started_at as since, completed_at as at",
        sync_id.0,
        execution_id,
        <&str>::from(to),
        rows.map(u64::cast_signed),
        now,
        &from as _,
    )
    .fetch_optional(connection)
    .await?;
    Ok(changed)
}

/// The runs of a sync whose deletions are known, the latest first.
pub async fn list(store: &Store, sync_id: SyncId, limit: i64) -> Result<Vec<DeletionRow>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query!(
        "select execution_id, started_at, completed_at, rows, state, reason, changed_at
         from polysink.deletions where sync_id = $1
         order by completed_at desc limit $2",
        sync_id.0,
        limit,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    let rows = rows.into_iter().map(|row| DeletionRow {
        execution_id: row.execution_id,
        started_at: row.started_at,
        completed_at: row.completed_at,
        rows: row.rows,
        state: row.state.parse().expect("the table allows no other"),
        reason: row.reason,
        changed_at: row.changed_at,
    });
    Ok(rows.collect())
}

/// Runs whose deletions wait for an operator: the table, the run and how many rows.
pub async fn waiting(store: &Store) -> Result<Vec<(String, String, u64)>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query!(
        "select s.table_name, d.execution_id, d.rows from polysink.deletions d
         join polysink.syncs s on s.sync_id = d.sync_id
         where d.state = 'waiting' and s.infers_deletions
           and not exists (select from polysink.deletions l
                           where l.sync_id = d.sync_id and l.completed_at > d.completed_at)
         order by s.table_name, d.completed_at"
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(rows.into_iter().map(|row| (row.table_name, row.execution_id, row.rows.unsigned_abs())).collect())
}

/// Whether rows of a sync that a whole full run did not send count as deleted.
pub async fn are_inferred(store: &Store, sync_id: SyncId) -> Result<bool, StoreError> {
    let mut session = store.begin().await?;
    let are = sqlx::query_scalar!("select infers_deletions from polysink.syncs where sync_id = $1", sync_id.0)
        .fetch_optional(&mut *session)
        .await?;
    session.commit().await?;
    Ok(are.unwrap_or(false))
}

/// Turns that on or off.
pub async fn set_inferred(store: &Store, sync_id: SyncId, inferred: bool) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    let done = sqlx::query!(
        "update polysink.syncs set infers_deletions = $2 where sync_id = $1 and infers_deletions <> $2",
        sync_id.0,
        inferred
    );
    if done.execute(&mut *session).await?.rows_affected() > 0 {
        let on = |on: bool| Some(json!({ "on": on }));
        changes::insert(&mut session, Some(sync_id), ChangeAction::Deletes, on(!inferred), on(inferred)).await?;
    }
    session.commit().await
}
