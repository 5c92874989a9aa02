//! `polysink.adoptions`: ids under which Polytomic sends what is stored under the id of an earlier sync.
//!
//! Deliveries get the id under which they are stored from the statements that insert them, in [`super::envelopes`] and
//! [`super::rejections`]. An adoption waits until no transaction is left that has not seen it, and moves what was
//! stored before.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::changes::{self, ChangeAction};
use super::envelopes::LogPlace;
use super::{backlog, envelopes, notices, records, same_values, summaries};
use crate::model::SyncId;
use crate::store::{Connection, Store, StoreError};

/// How often the lock is tried that an adoption takes, and the pause between: deliveries queue behind it for a second.
const TRIES: usize = 30;
const PAUSE: Duration = Duration::from_millis(500);

/// How many rows are moved in one transaction. Deliveries of the same records wait for it.
const RECORDS: i64 = 2_000;
const REJECTIONS: i64 = 1_000;

/// A sync that continues as an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adoption {
    /// The id under which Polytomic sends.
    pub adopted_id: SyncId,
    /// The id under which it is stored.
    pub sync_id: SyncId,
    /// Whether the query tables have to be rebuilt at the end.
    pub rebuild: bool,
}

/// The id under which something is stored that was sent under this one.
pub async fn stored_as(connection: &mut Connection, sent_as: SyncId) -> Result<SyncId, StoreError> {
    let adopted_by = sqlx::query_scalar!("select sync_id from polysink.adoptions where adopted_id = $1", sent_as.0)
        .fetch_optional(connection)
        .await?;
    Ok(adopted_by.map_or(sent_as, SyncId))
}

/// The adoptions that were begun and have not ended.
pub async fn unfinished(store: &Store) -> Result<Vec<Adoption>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query!(
        "select adopted_id, sync_id, rebuild from polysink.adoptions where finished_at is null order by started_at"
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    let adoption =
        |(adopted_id, sync_id, rebuild)| Adoption { adopted_id: SyncId(adopted_id), sync_id: SyncId(sync_id), rebuild };
    Ok(rows.into_iter().map(|row| adoption((row.adopted_id, row.sync_id, row.rebuild))).collect())
}

/// Begins an adoption: what is written from here on goes to the earlier sync, and nothing more to the adopted one.
///
/// # Errors
///
/// [`StoreError::TimedOut`] if deliveries are written for so long that it cannot wait for them.
pub async fn begin(store: &Store, adoption: Adoption, now: DateTime<Utc>) -> Result<(), StoreError> {
    for _ in 0..TRIES {
        match try_begin(store, adoption, now).await {
            Err(error) if error.is_lock_timeout() => tokio::time::sleep(PAUSE).await,
            done => return done,
        }
    }
    Err(StoreError::TimedOut)
}

async fn try_begin(store: &Store, adoption: Adoption, now: DateTime<Utc>) -> Result<(), StoreError> {
    let Adoption { adopted_id, sync_id, rebuild } = adoption;
    let mut session = store.begin().await?;
    sqlx::query!("set local lock_timeout = '1s'").execute(&mut *session).await?;
    // It waits for whoever is writing the raw log, and not for readers, such as pg_dump.
    sqlx::query!("lock table only polysink.envelopes in share row exclusive mode").execute(&mut *session).await?;
    // And for whoever notes a run: the next one sees the adoption.
    sqlx::query!("lock table polysink.runs, polysink.sync_sources in share row exclusive mode")
        .execute(&mut *session)
        .await?;
    sqlx::query!("update polysink.adoptions set sync_id = $2 where sync_id = $1", adopted_id.0, sync_id.0)
        .execute(&mut *session)
        .await?;
    // Deliveries in a spool respect what was erased from it.
    sqlx::query!("update polysink.erasures set sync_id = $2 where sync_id = $1", adopted_id.0, sync_id.0)
        .execute(&mut *session)
        .await?;
    sqlx::query!("update polysink.runs set sync_id = $2 where sync_id = $1", adopted_id.0, sync_id.0)
        .execute(&mut *session)
        .await?;
    sqlx::query!("delete from polysink.deletions where sync_id = $1", adopted_id.0).execute(&mut *session).await?;
    sqlx::query!("update polysink.sync_sources set sync_id = $2 where sync_id = $1", adopted_id.0, sync_id.0)
        .execute(&mut *session)
        .await?;
    let after = json!({ "adopted": adopted_id.0 });
    changes::insert(&mut session, Some(sync_id), ChangeAction::Adopt, None, Some(after)).await?;
    sqlx::query!(
        "insert into polysink.adoptions (adopted_id, sync_id, started_at, rebuild) values ($1, $2, $3, $4)",
        adopted_id.0,
        sync_id.0,
        now,
        rebuild,
    )
    .execute(&mut *session)
    .await?;
    session.commit().await
}

/// Moves the next records of the ledger. Returns the hash of the last one; `None` at the end.
///
/// * `after`: the hash of the last one before
pub async fn move_records(store: &Store, adoption: Adoption, after: &str) -> Result<Option<String>, StoreError> {
    let Adoption { adopted_id, sync_id, .. } = adoption;
    let mut session = store.begin().await?;
    let last = records::change_sync(&mut session, adopted_id, sync_id, after, RECORDS).await?;
    session.commit().await?;
    Ok(last)
}

/// Moves the next rejections. Returns how many; 0 at the end.
///
/// Rejections of records that could not be projected are resolved: these records are projected again.
pub async fn move_rejections(store: &Store, adoption: Adoption, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let mut session = store.begin().await?;
    let moved = sqlx::query!(
        "update polysink.rejections set
             sync_id = $2,
             settlement = case when is_projected then 'rebuilt' else settlement end,
             settled_at = case when is_projected then $3 else settled_at end
         from (select rejection_id as id,
                      settled_at is null and reason in ('key_too_large', 'unprojectable') as is_projected
               from polysink.rejections where sync_id = $1 limit $4 for update) as next
         where rejection_id = next.id",
        adoption.adopted_id.0,
        adoption.sync_id.0,
        now,
        REJECTIONS,
    )
    .execute(&mut *session)
    .await?;
    session.commit().await?;
    Ok(moved.rows_affected())
}

/// The deliveries that are to be moved.
pub async fn deliveries_of(store: &Store, sync_id: SyncId) -> Result<Vec<LogPlace>, StoreError> {
    let mut session = store.begin().await?;
    let places = envelopes::places(&mut session, sync_id).await?;
    session.commit().await?;
    Ok(places)
}

/// Moves deliveries, and adds them to the backlog as if they were new.
pub async fn move_deliveries(store: &Store, adoption: Adoption, places: &[LogPlace]) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    envelopes::change_sync(&mut session, places, adoption.sync_id).await?;
    backlog::insert_stored(&mut session, places).await?;
    session.commit().await
}

/// Ends an adoption.
pub async fn finish(store: &Store, adoption: Adoption, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    let id = adoption.adopted_id.0;
    sqlx::query!("update polysink.adoptions set finished_at = $2 where adopted_id = $1", id, now)
        .execute(&mut *session)
        .await?;
    session.commit().await
}

/// Removes everything of a sync but its records, deliveries and rejections, once its tables are dropped. The earlier
/// one takes its name and its times.
pub async fn remove_adopted(
    connection: &mut Connection,
    adopted_id: SyncId,
    sync_id: SyncId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update polysink.syncs o set
             name = case when n.last_received_at >= o.last_received_at then coalesce(n.name, o.name) else o.name end,
             metadata = case when n.last_received_at >= o.last_received_at then n.metadata else o.metadata end,
             first_received_at = least(o.first_received_at, n.first_received_at),
             last_received_at = greatest(o.last_received_at, n.last_received_at)
         from polysink.syncs n where n.sync_id = $1 and o.sync_id = $2",
        adopted_id.0,
        sync_id.0,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("delete from polysink.backlog where sync_id = $1", adopted_id.0).execute(&mut *connection).await?;
    sqlx::query!("delete from polysink.split_versions where sync_id = $1", adopted_id.0)
        .execute(&mut *connection)
        .await?;
    same_values::delete_all(connection, adopted_id).await?;
    sqlx::query!("delete from polysink.backfills where sync_id = $1", adopted_id.0).execute(&mut *connection).await?;
    sqlx::query!("delete from polysink.fields where sync_id = $1", adopted_id.0).execute(&mut *connection).await?;
    sqlx::query!("delete from polysink.catalogues where sync_id = $1", adopted_id.0).execute(&mut *connection).await?;
    sqlx::query!("update polysink.changes set sync_id = $2 where sync_id = $1", adopted_id.0, sync_id.0)
        .execute(&mut *connection)
        .await?;
    sqlx::query!("delete from polysink.passes where sync_id = $1", adopted_id.0).execute(&mut *connection).await?;
    summaries::delete(connection, adopted_id).await?;
    notices::delete(connection, adopted_id).await?;
    sqlx::query!("delete from polysink.syncs where sync_id = $1", adopted_id.0).execute(connection).await?;
    Ok(())
}
