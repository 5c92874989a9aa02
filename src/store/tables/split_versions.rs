//! `polysink.split_versions`: periods of which the raw log knows more than a history.

use chrono::{DateTime, Utc};

use crate::model::SyncId;
use crate::store::{Connection, StoreError};

/// A period in the history of an entity: when the first and the last sighting of a version were sent that has been
/// split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitVersion {
    pub key: String,
    pub since: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// Grows with each late delivery of the entity.
    pub changes: i32,
}

/// Notes them.
pub async fn insert(connection: &mut Connection, sync_id: SyncId, split: &[SplitVersion]) -> Result<(), StoreError> {
    if split.is_empty() {
        return Ok(());
    }
    let (keys, since, until) = arrays(split);
    sqlx::query!(
        "insert into polysink.split_versions as s (sync_id, key, since, until)
         select $1, n.key, n.since, max(n.until)
         from unnest($2::text[], $3::timestamptz[], $4::timestamptz[]) as n (key, since, until)
         group by n.key, n.since
         order by n.key, n.since
         on conflict (sync_id, key, since) do update set until = greatest(s.until, excluded.until),
         changes = s.changes + 1",
        sync_id.0,
        &keys as _,
        &since,
        &until,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that something came late of these entities: who is reading the raw log for them has to do that again.
pub async fn touch(connection: &mut Connection, sync_id: SyncId, keys: &[&str]) -> Result<(), StoreError> {
    sqlx::query!(
        "update polysink.split_versions set changes = changes + 1 where sync_id = $1 and key = any($2)",
        sync_id.0,
        keys as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The next of a sync, oldest first.
pub async fn next(connection: &mut Connection, sync_id: SyncId, limit: i64) -> Result<Vec<SplitVersion>, StoreError> {
    let next = sqlx::query_as!(
        SplitVersion,
        "select key, since, until, changes from polysink.split_versions where sync_id = $1 order by since, key limit \
         $2",
        sync_id.0,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(next)
}

/// Removes those of these that have not changed, and returns them.
pub async fn take(
    connection: &mut Connection,
    sync_id: SyncId,
    split: &[SplitVersion],
) -> Result<Vec<SplitVersion>, StoreError> {
    let (keys, since, until) = arrays(split);
    let changes: Vec<i32> = split.iter().map(|split| split.changes).collect();
    let taken = sqlx::query_as!(
        SplitVersion,
        "delete from polysink.split_versions s
         using unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::integer[]) as n (key, since, until, changes)
         where s.sync_id = $1 and s.key = n.key and s.since = n.since and s.until = n.until and s.changes = n.changes
         returning s.key, s.since, s.until, s.changes",
        sync_id.0,
        &keys as _,
        &since,
        &until,
        &changes,
    )
    .fetch_all(connection)
    .await?;
    Ok(taken)
}

/// Removes those of these entities.
pub async fn delete_at(connection: &mut Connection, sync_id: SyncId, keys: &[&str]) -> Result<(), StoreError> {
    sqlx::query!("delete from polysink.split_versions where sync_id = $1 and key = any($2)", sync_id.0, keys as _)
        .execute(connection)
        .await?;
    Ok(())
}

fn arrays(split: &[SplitVersion]) -> (Vec<&str>, Vec<DateTime<Utc>>, Vec<DateTime<Utc>>) {
    (
        split.iter().map(|split| split.key.as_str()).collect(),
        split.iter().map(|split| split.since).collect(),
        split.iter().map(|split| split.until).collect(),
    )
}
