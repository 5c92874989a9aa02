//! `polysink.same_values`: of syncs that compare values, the first hash of each set of values.

use std::collections::HashMap;

use crate::columns::ValuesDigest;
use crate::model::SyncId;
use crate::store::{Connection, StoreError};

/// The first hash of each of these sets of values; for those that are new, the one given.
///
/// * `given`: each digest once
pub async fn first_hashes(
    connection: &mut Connection,
    sync_id: SyncId,
    given: &HashMap<ValuesDigest, &str>,
) -> Result<HashMap<ValuesDigest, String>, StoreError> {
    let digests: Vec<Vec<u8>> = given.keys().map(|digest| digest.to_vec()).collect();
    let hashes: Vec<&str> = given.values().copied().collect();
    sqlx::query!(
        "insert into polysink.same_values (sync_id, digest, hash)
         select $1, n.digest, n.hash from unnest($2::bytea[], $3::text[]) as n (digest, hash) order by n.digest
         on conflict do nothing",
        sync_id.0,
        &digests,
        &hashes as _,
    )
    .execute(&mut *connection)
    .await?;
    known(connection, sync_id, digests).await
}

/// The first hash of each of these sets of values that there are.
pub async fn known(
    connection: &mut Connection,
    sync_id: SyncId,
    digests: Vec<Vec<u8>>,
) -> Result<HashMap<ValuesDigest, String>, StoreError> {
    let rows = sqlx::query!(
        "select digest, hash from polysink.same_values where sync_id = $1 and digest = any($2)",
        sync_id.0,
        &digests,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.digest.try_into().ok()?, row.hash))).collect())
}

/// Deletes those whose hash has come with other fields since. Returns how many there were.
///
/// * `hashes`: looks only at these; `None` for all
pub async fn delete_revised(
    connection: &mut Connection,
    sync_id: SyncId,
    hashes: Option<&[&str]>,
) -> Result<u64, StoreError> {
    let deleted = sqlx::query!(
        "delete from polysink.same_values s using polysink.records r
         where s.sync_id = $1 and r.sync_id = s.sync_id and r.hash = s.hash and r.revised
           and ($2::text[] is null or s.hash = any($2))",
        sync_id.0,
        hashes as _,
    )
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
}

/// Deletes those with these hashes.
pub async fn delete(connection: &mut Connection, sync_id: SyncId, hashes: &[&str]) -> Result<(), StoreError> {
    sqlx::query!("delete from polysink.same_values where sync_id = $1 and hash = any($2)", sync_id.0, hashes as _)
        .execute(connection)
        .await?;
    Ok(())
}

/// Deletes all of a sync.
pub async fn delete_all(connection: &mut Connection, sync_id: SyncId) -> Result<(), StoreError> {
    sqlx::query!("delete from polysink.same_values where sync_id = $1", sync_id.0).execute(connection).await?;
    Ok(())
}
