//! A sync's locks: for projecting it, and for rebuilding it.

use uuid::Uuid;

use crate::model::SyncId;
use crate::store::{HeldLock, Store, StoreError};

/// The lock for writing a sync's query tables and fields. Advisory locks are numbers.
pub fn sync_lock(sync_id: SyncId) -> i64 {
    fold(sync_id.0, 0x7072_6f6a_6563_7431)
}

/// The lock that a rebuild of the sync holds.
pub fn rebuild_lock(sync_id: SyncId) -> i64 {
    fold(sync_id.0, 0x7265_6275_696c_6431)
}

fn fold(id: Uuid, salt: u64) -> i64 {
    let (high, low) = id.as_u64_pair();
    (high.rotate_left(17) ^ low ^ salt).cast_signed()
}

/// Takes the sync's rebuild lock; `None` while another session holds it. Held until it is dropped, or the process
/// dies.
pub async fn hold_rebuild(store: &Store, sync_id: SyncId) -> Result<Option<HeldLock>, StoreError> {
    HeldLock::take(store, rebuild_lock(sync_id)).await
}

/// How many of these syncs are being rebuilt, in any process.
pub async fn rebuilds_running(store: &Store, syncs: &[SyncId]) -> Result<usize, StoreError> {
    let locks: Vec<i64> = syncs.iter().map(|sync_id| rebuild_lock(*sync_id)).collect();
    let mut session = store.begin().await?;
    // PostgreSQL shows a lock by one number as two parts.
    let running = sqlx::query_scalar!(
        r#"select count(*) as "running!"
           from pg_catalog.pg_locks
           where locktype = 'advisory' and objsubid = 1 and granted
             and database = (select oid from pg_catalog.pg_database where datname = current_database())
             and (classid::bigint << 32) | objid::bigint = any($1)"#,
        &locks,
    )
    .fetch_one(&mut *session)
    .await?;
    session.commit().await?;
    Ok(usize::try_from(running).unwrap_or(0))
}
