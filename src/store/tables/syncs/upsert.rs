//! Writes the rows of the syncs of a transaction, as far as they changed.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::table_names::table_names;
use crate::envelope::Envelope;
use crate::model::SyncId;
use crate::store::{Connection, StoreError};

/// How far `last_received_at` may lag. Otherwise each delivery of a sync would write this one row.
const TOUCH: TimeDelta = TimeDelta::seconds(1);

/// After how long a row is written as a whole, with the same name and metadata.
const REFRESH: TimeDelta = TimeDelta::seconds(60);

/// The values that this process last wrote for each sync, so that it need not write them again. If another process has
/// changed a row since, its name may be stale until the next refresh. If the database went back to a time before a row,
/// the next touch finds that out, and the delivery after it makes the row again; without one, the projector does.
#[derive(Debug, Clone, Default)]
pub struct KnownSyncs(Arc<Mutex<HashMap<SyncId, Known>>>);

#[derive(Debug, Clone)]
struct Known {
    /// The digest of name and metadata, which can be large, and are kept for each sync.
    digest: [u8; 32],
    received_at: DateTime<Utc>,
    /// The `received_at` when all of it was last written.
    refreshed_at: DateTime<Utc>,
}

/// The rows that a transaction writes; [`KnownSyncs::remember`] takes them after its commit.
#[derive(Debug)]
pub struct Change {
    sync_id: SyncId,
    name: Option<String>,
    metadata: Option<String>,
    known: Known,
    /// Whether its time was written long enough ago to be written again.
    is_stale: bool,
}

impl KnownSyncs {
    /// The rows of the syncs of these envelopes, in key order: those to write, and those that were written with the
    /// same name and metadata.
    fn changes(&self, envelopes: &[&Envelope]) -> (Vec<Change>, Vec<Change>) {
        let mut newest: BTreeMap<SyncId, &Envelope> = BTreeMap::new();
        for envelope in envelopes.iter().filter(|envelope| envelope.outcome == crate::envelope::Outcome::Stored) {
            let Some(sync_id) = envelope.sync_id else { continue };
            let slot = newest.entry(sync_id).or_insert(envelope);
            if envelope.receipt.received_at >= slot.receipt.received_at {
                *slot = envelope;
            }
        }
        let change = |(sync_id, envelope): (SyncId, &Envelope)| {
            let (name, metadata) = (envelope.name.clone(), envelope.metadata.clone());
            let digest = digest(name.as_deref(), metadata.as_deref());
            let received_at = envelope.receipt.received_at;
            let known = Known { digest, received_at, refreshed_at: received_at };
            Change { sync_id, name, metadata, known, is_stale: true }
        };
        let (mut changed, mut unchanged) = (Vec::new(), Vec::new());
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for mut change in newest.into_iter().map(change) {
            match known.get(&change.sync_id) {
                Some(known)
                    if known.digest == change.known.digest
                        && change.known.received_at - known.refreshed_at < REFRESH =>
                {
                    change.known.refreshed_at = known.refreshed_at;
                    change.is_stale = change.known.received_at - known.received_at >= TOUCH;
                    unchanged.push(change);
                }
                _ => changed.push(change),
            }
        }
        (changed, unchanged)
    }

    /// Forgets syncs, so that the next delivery of each writes all of its row.
    fn forget(&self, syncs: impl Iterator<Item = SyncId>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        syncs.for_each(|sync_id| {
            known.remove(&sync_id);
        });
    }

    /// Remembers what has been committed.
    pub fn remember(&self, changes: Vec<Change>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(changes.into_iter().map(|change| (change.sync_id, change.known)));
    }
}

/// The digest that two rows with the same name and metadata have in common.
fn digest(name: Option<&str>, metadata: Option<&str>) -> [u8; 32] {
    let mut digest = Sha256::new();
    for text in [name, metadata] {
        // The length tells one text from the next, and none from an empty one.
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        digest.update(length.to_be_bytes());
        digest.update(text.unwrap_or_default());
    }
    digest.finalize().into()
}

/// Writes the rows of the syncs of these envelopes, as far as they changed; a new sync gets a table name. Returns those
/// that were written, for [`KnownSyncs::remember`].
///
/// A row that another transaction has locked is skipped: no delivery waits for the row of its sync. It is not
/// remembered either, so the next delivery tries again.
///
/// Two transactions can choose the same table name for two new syncs. The second then fails on the unique constraint,
/// and succeeds when it is retried.
pub async fn upsert(
    connection: &mut Connection,
    known_syncs: &KnownSyncs,
    envelopes: &[&Envelope],
) -> Result<Vec<Change>, StoreError> {
    let (mut changes, unchanged) = known_syncs.changes(envelopes);
    let stale = unchanged.into_iter().filter(|change| change.is_stale).collect();
    let touched = touch(connection, known_syncs, stale).await?;
    if changes.is_empty() {
        return Ok(touched);
    }
    changes.sort_by_key(|change| change.sync_id);
    let ids: Vec<Uuid> = changes.iter().map(|change| change.sync_id.0).collect();
    let names: Vec<Option<&str>> = changes.iter().map(|change| change.name.as_deref()).collect();
    let tables = table_names(connection, &names, &ids).await?;
    let metadata: Vec<Option<&str>> = changes.iter().map(|change| change.metadata.as_deref()).collect();
    let received: Vec<_> = changes.iter().map(|change| change.known.received_at).collect();
    let writable = writable(connection, &ids).await?;
    let written: Vec<Uuid> = sqlx::query_scalar!(
        "insert into polysink.syncs as s (sync_id, name, metadata, table_name, first_received_at, last_received_at)
         select n.sync_id, n.name, n.metadata::jsonb, n.table_name, n.received_at, n.received_at
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
              as n (sync_id, name, metadata, table_name, received_at)
         where n.sync_id = any($6)
         on conflict (sync_id) do update set
             name = case when excluded.last_received_at >= s.last_received_at
                         then coalesce(excluded.name, s.name) else s.name end,
             metadata = case when excluded.last_received_at >= s.last_received_at
                             then excluded.metadata else s.metadata end,
             first_received_at = least(s.first_received_at, excluded.first_received_at),
             last_received_at = greatest(s.last_received_at, excluded.last_received_at)
         returning s.sync_id",
        &ids,
        &names as _,
        &metadata as _,
        &tables,
        &received,
        &writable,
    )
    .fetch_all(connection)
    .await?;
    changes.retain(|change| written.contains(&change.sync_id.0));
    changes.extend(touched);
    Ok(changes)
}

/// Which of these syncs have no row, or one that no other transaction has locked. Locks those.
async fn writable(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
    let known = sqlx::query_scalar!("select sync_id from polysink.syncs where sync_id = any($1)", ids)
        .fetch_all(&mut *connection)
        .await?;
    let free = if known.is_empty() { Vec::new() } else { lock_free(connection, &known).await? };
    Ok(ids.iter().copied().filter(|id| free.contains(id) || !known.contains(id)).collect())
}

/// Locks the rows of these syncs that no other transaction has locked, and returns their ids.
async fn lock_free(connection: &mut Connection, ids: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
    let free =
        sqlx::query_scalar!("select sync_id from polysink.syncs where sync_id = any($1) for update skip locked", ids,)
            .fetch_all(connection)
            .await?;
    Ok(free)
}

/// Writes the times of rows. Returns those that were there, and that no other transaction has locked; forgets the
/// others.
async fn touch(
    connection: &mut Connection,
    known_syncs: &KnownSyncs,
    stale: Vec<Change>,
) -> Result<Vec<Change>, StoreError> {
    if stale.is_empty() {
        return Ok(stale);
    }
    let ids: Vec<Uuid> = stale.iter().map(|change| change.sync_id.0).collect();
    let received: Vec<_> = stale.iter().map(|change| change.known.received_at).collect();
    let free = lock_free(connection, &ids).await?;
    let touched: Vec<Uuid> = sqlx::query_scalar!(
        "update polysink.syncs s set
             first_received_at = least(s.first_received_at, n.received_at),
             last_received_at = greatest(s.last_received_at, n.received_at)
         from unnest($1::uuid[], $2::timestamptz[]) as n (sync_id, received_at)
         where s.sync_id = n.sync_id and n.sync_id = any($3)
         returning s.sync_id",
        &ids,
        &received,
        &free,
    )
    .fetch_all(connection)
    .await?;
    let (touched, missed): (Vec<Change>, Vec<Change>) =
        stale.into_iter().partition(|change| touched.contains(&change.sync_id.0));
    known_syncs.forget(missed.into_iter().map(|change| change.sync_id));
    Ok(touched)
}
