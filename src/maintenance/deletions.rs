//! Rows that are deleted in the source: inferred from a full run that is known to be whole and did not send them.
//!
//! The watch of Polytomic's runs calls [`infer`] after each look; an operator turns that on, applies what waits, and
//! undoes it. The rows themselves follow from the runs, see [`QueryTables::mark_deleted`].
//!
//! [`QueryTables::mark_deleted`]: crate::query_tables::QueryTables::mark_deleted

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::model::SyncId;
use crate::query_tables::{Projection, lock, projection};
use crate::store::tables::changes::{self, ChangeAction};
use crate::store::tables::deletions::{self, DeletionState, FullRun};
use crate::store::tables::{adoptions, backlog, syncs};
use crate::store::{Store, StoreError};

/// More rows, or a larger share of them, wait for an operator: a filter may have changed, and not the source.
const MOST_ROWS: u64 = 1_000;
const LARGEST_SHARE: u64 = 20;

/// Why a run's deletions cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum DeletionError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "the sync has no identity, so that each edit of an entity is a row of its own: set one with `polysink \
         identity` first"
    )]
    NoIdentity,
    #[error("no deletions of a run {0:?} {1}; `polysink deletes` lists them")]
    NoSuchRun(String, &'static str),
    #[error("the sync's tables do not exist yet")]
    NoTable,
}

/// Has the rows of a sync count as deleted that its last whole full run did not send; if they are many, notes that they
/// wait for an operator.
pub async fn infer(store: &Store, sync_id: SyncId, now: DateTime<Utc>) -> Result<(), StoreError> {
    if !deletions::are_inferred(store, sync_id).await? {
        return Ok(());
    }
    let Some(run) = deletions::latest_run(store, sync_id).await? else { return Ok(()) };
    // An adoption moves rows of another sync here, which may be those of the run.
    let Some(_lock) = lock::hold_rebuild(store, sync_id).await? else { return Ok(()) };
    if adoptions::unfinished(store).await?.iter().any(|adoption| adoption.sync_id == sync_id) {
        return Ok(());
    }
    // Its last deliveries may not be in the table yet.
    if backlog::behind(store, sync_id, Some(run.settled_at)).await?.deliveries > 0 {
        return Ok(());
    }
    let Ok(mut projection) = projection::try_begin(store, sync_id).await? else { return Ok(()) };
    if projection.sync.identity.is_none() || !projection.tables_exist().await? {
        return projection.session.rollback().await;
    }
    let (unsent, living) = projection.tables.count_unsent(&mut projection.session, run.started_at).await?;
    let reason = reason_to_wait(&run, unsent, living);
    deletions::insert(&mut projection.session, sync_id, &run, unsent, reason.as_deref(), now).await?;
    if reason.is_none() && unsent > 0 {
        projection.apply_deletions().await?;
    }
    projection.session.commit().await?;
    let run = &run.execution_id;
    match reason {
        Some(reason) => tracing::warn!(%sync_id, run, rows = unsent, reason, "deletions wait for an operator"),
        None if unsent > 0 => {
            tracing::info!(%sync_id, run, rows = unsent, "rows that a full run did not send are deleted");
        }
        None => {}
    }
    Ok(())
}

fn reason_to_wait(run: &FullRun, unsent: u64, living: u64) -> Option<String> {
    if unsent == 0 {
        return None;
    }
    if run.quarantined > 0 {
        return Some("records of the run were quarantined, and may be those of the rows".to_owned());
    }
    if run.has_errors {
        return Some("Polytomic could not send records of the run, which may be those of the rows".to_owned());
    }
    if unsent > MOST_ROWS {
        return Some(format!("they are more than {MOST_ROWS} rows"));
    }
    let is_large = unsent.saturating_mul(LARGEST_SHARE) > living;
    is_large.then(|| format!("they are more than {} % of {living} rows", 100 / LARGEST_SHARE))
}

/// Turns it on or off that rows count as deleted. Those that do stay so until they are sent again.
///
/// # Errors
///
/// [`DeletionError::NoIdentity`] to turn it on.
pub async fn switch(store: &Store, sync_id: SyncId, on: bool) -> Result<(), DeletionError> {
    let sync = syncs::find(store, sync_id).await?.ok_or(DeletionError::NoTable)?;
    if on && sync.identity.is_none() {
        return Err(DeletionError::NoIdentity);
    }
    Ok(deletions::set_inferred(store, sync_id, on).await?)
}

/// Applies the deletions of a run that wait. Returns how many rows.
pub async fn apply(
    store: &Store,
    sync_id: SyncId,
    execution_id: &str,
    now: DateTime<Utc>,
) -> Result<u64, DeletionError> {
    let mut projection = begin(store, sync_id).await?;
    let from = [DeletionState::Waiting, DeletionState::Undone];
    let to = DeletionState::Applied;
    let connection = &mut projection.session;
    let Some(run) = deletions::change(connection, sync_id, execution_id, &from, to, None, now).await? else {
        return Err(DeletionError::NoSuchRun(execution_id.to_owned(), "wait"));
    };
    let (unsent, _) = projection.tables.count_unsent(connection, run.since).await?;
    let applied = [DeletionState::Applied];
    deletions::change(connection, sync_id, execution_id, &applied, to, Some(unsent), now).await?;
    projection.apply_deletions().await?;
    let after = json!({ "run": execution_id, "state": "applied", "rows": unsent });
    changes::insert(&mut projection.session, Some(sync_id), ChangeAction::Deletes, None, Some(after)).await?;
    projection.session.commit().await?;
    Ok(unsent)
}

/// Undoes the deletions of a run, or rejects those that wait.
pub async fn undo(store: &Store, sync_id: SyncId, execution_id: &str, now: DateTime<Utc>) -> Result<(), DeletionError> {
    let mut projection = begin(store, sync_id).await?;
    let from = [DeletionState::Waiting, DeletionState::Applied];
    let connection = &mut projection.session;
    let undone = DeletionState::Undone;
    let Some(run) = deletions::change(connection, sync_id, execution_id, &from, undone, None, now).await? else {
        return Err(DeletionError::NoSuchRun(execution_id.to_owned(), "wait or are applied"));
    };
    projection.tables.add_deleted_at(connection).await?;
    projection.tables.undelete(connection, run.at).await?;
    projection.apply_deletions().await?;
    let after = json!({ "run": execution_id, "state": "undone" });
    changes::insert(&mut projection.session, Some(sync_id), ChangeAction::Deletes, None, Some(after)).await?;
    Ok(projection.session.commit().await?)
}

async fn begin(store: &Store, sync_id: SyncId) -> Result<Projection, DeletionError> {
    let mut projection = projection::begin(store, sync_id).await?.ok_or(DeletionError::NoTable)?;
    if !projection.tables_exist().await? {
        return Err(DeletionError::NoTable);
    }
    if projection.sync.identity.is_none() {
        return Err(DeletionError::NoIdentity);
    }
    Ok(projection)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(quarantined: i64, has_errors: bool, unsent: u64, living: u64) -> Option<String> {
        let at = DateTime::UNIX_EPOCH;
        let run = FullRun {
            execution_id: "run".to_owned(),
            started_at: at,
            completed_at: at,
            quarantined,
            has_errors,
            settled_at: at,
        };
        reason_to_wait(&run, unsent, living)
    }

    #[test]
    fn what_may_not_be_a_deletion_waits() {
        assert_eq!(reason(0, false, 5, 100), None);
        assert_eq!(reason(0, false, 6, 100).as_deref(), Some("they are more than 5 % of 100 rows"));
        assert_eq!(reason(0, false, 1_000, 1_000_000), None);
        assert_eq!(reason(0, false, 1_001, 1_000_000).as_deref(), Some("they are more than 1000 rows"));
        assert!(reason(1, false, 1, 100).is_some_and(|reason| reason.contains("quarantined")));
        assert!(reason(0, true, 1, 100).is_some_and(|reason| reason.contains("could not send")));
        assert_eq!(reason(1, true, 0, 100), None);
    }
}
