//! For syncs that compare values: gives records with the same values one hash, so that one is a repeat of the other.
//!
//! That hash is the first one that was projected with these values, and is remembered. The ledger has the record of it,
//! and so the values of all of them. A hash that came with different fields says nothing of its values, so it stands
//! only for itself.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::batch::Parsed;
use crate::columns::{ValuesDigest, values_digest};
use crate::model::SyncId;
use crate::query_tables::Projection;
use crate::store::tables::{records, same_values};
use crate::store::{Connection, StoreError, SyncState};

/// Gives the records their common hashes, if their sync compares values.
pub async fn unify(projection: &mut Projection, records: &mut [Parsed<'_>]) -> Result<(), StoreError> {
    let SyncState { sync_id, by_values, .. } = projection.sync;
    if !by_values || records.is_empty() {
        return Ok(());
    }
    let hashes: Vec<&str> = records.iter().map(|record| record.hash).collect();
    let revised = records::revised(&mut projection.session, sync_id, &hashes).await?;
    let digests: Vec<Option<ValuesDigest>> = tokio::task::block_in_place(|| {
        let digest = |record: &Parsed<'_>| values_digest(record.json).filter(|_| !revised.contains(record.hash));
        records.iter().map(digest).collect()
    });
    // In the order of sending, so the first is the oldest.
    let mut given: HashMap<ValuesDigest, &str> = HashMap::new();
    for (record, digest) in records.iter().zip(&digests) {
        if let Some(digest) = digest {
            given.entry(*digest).or_insert(record.hash);
        }
    }
    let first = same_values::first_hashes(&mut projection.session, sync_id, &given).await?;
    for (record, digest) in records.iter_mut().zip(digests) {
        if let Some(hash) = digest.and_then(|digest| first.get(&digest)).filter(|hash| *hash != record.hash) {
            record.same_as = Cow::Owned(hash.clone());
        }
    }
    Ok(())
}

/// Whether one of the records came with other fields after it had become the first with its values: then rows of others
/// have its hash, and the tables need a rebuild.
pub async fn are_outdated(projection: &mut Projection, records: &[Parsed<'_>]) -> Result<bool, StoreError> {
    let SyncState { sync_id, by_values, .. } = projection.sync;
    if !by_values || records.is_empty() {
        return Ok(false);
    }
    let hashes: Vec<&str> = records.iter().map(|record| record.hash).collect();
    Ok(same_values::delete_revised(&mut projection.session, sync_id, Some(&hashes)).await? > 0)
}

/// The hash that each of these records has in the query tables.
///
/// * `records`: their hashes, and the digests of their values
pub async fn common_hashes(
    connection: &mut Connection,
    sync_id: SyncId,
    records: &[(&str, Option<ValuesDigest>)],
) -> Result<Vec<String>, StoreError> {
    let hashes: Vec<&str> = records.iter().map(|(hash, _)| *hash).collect();
    let revised = records::revised(connection, sync_id, &hashes).await?;
    let digests: HashSet<ValuesDigest> = records.iter().filter_map(|(_, digest)| *digest).collect();
    let digests = digests.iter().map(|digest| digest.to_vec()).collect();
    let known = same_values::known(connection, sync_id, digests).await?;
    let common = records.iter().map(|(hash, digest)| {
        let first = digest.filter(|_| !revised.contains(*hash)).and_then(|digest| known.get(&digest));
        first.cloned().unwrap_or_else(|| (*hash).to_owned())
    });
    Ok(common.collect())
}
