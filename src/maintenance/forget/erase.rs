//! Erases the records that were found, and those that were received since.
//!
//! Bodies first, a few at a time, because they can be many. The rest is one transaction under the sync's lock and that
//! of replays: what a projection or a replay reads is either as before and erased after it, or without the entities'
//! records. A delivery that is committed after the ledger's rows are gone counts as new.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::redaction::{Redaction, redact_body, redact_rejection};
use super::search::{Findings, parts, sized};
use super::target::ErasureTarget;
use super::{ErasureContext, ForgetError};
use crate::failpoints;
use crate::model::SyncId;
use crate::query_tables::Projection;
use crate::query_tables::projection;
use crate::store::tables::{
    backfills, backlog, envelopes, erasures, records, rejections, replays, same_values, split_versions,
};
use crate::store::{Connection, ErasureCounts, LogPlace, Store, StoreError, StoredDelivery};

/// How many deliveries lose their records in one transaction.
const BATCH: usize = 50;

/// The data that a transaction has erased.
#[derive(Debug, Default)]
pub struct Erased {
    pub counts: ErasureCounts,
    /// The hashes of records that were cut out of deliveries, for use within the transaction.
    cut: HashSet<String>,
    /// The days of the raw log that were changed.
    pub days: BTreeSet<chrono::NaiveDate>,
}

impl Erased {
    /// Adds what another transaction has erased.
    pub fn add(&mut self, other: Self) {
        self.counts = self.counts + other.counts;
        self.days.extend(other.days);
    }
}

/// Divides deliveries into those that lose their records together.
pub fn batches(found: &Findings) -> Vec<Vec<LogPlace>> {
    let places: Vec<LogPlace> = found.deliveries.keys().copied().collect();
    places.chunks(BATCH).map(<[LogPlace]>::to_vec).collect()
}

/// Cuts the entities' records out of some deliveries, in a transaction of its own.
///
/// * `hashes`: of records that are known to be theirs
pub async fn cut_some(
    store: &Store,
    target: &ErasureTarget,
    hashes: &HashSet<String>,
    places: &[LogPlace],
) -> Result<Erased, StoreError> {
    let mut erased = Erased::default();
    let mut session = store.begin().await?;
    let done = cut(&mut session, target, hashes, &mut erased, places).await;
    session.conclude(done).await?;
    Ok(erased)
}

/// Cuts the entities' records out of deliveries. Only those that have some are locked.
async fn cut(
    connection: &mut Connection,
    target: &ErasureTarget,
    hashes: &HashSet<String>,
    erased: &mut Erased,
    places: &[LogPlace],
) -> Result<(), StoreError> {
    let sizes = sized(envelopes::sizes(connection, places.iter().copied()).await?);
    for part in parts(&sizes) {
        let places = part.iter().map(|(place, _)| *place);
        let mut theirs = Vec::new();
        for delivered in envelopes::bodies(connection, places).await? {
            let redacted = tokio::task::block_in_place(|| redact_body(target, hashes, &delivered));
            if redacted.redaction != Redaction::Keep {
                theirs.push(delivered.place());
            }
        }
        if theirs.is_empty() {
            continue;
        }
        envelopes::lock(connection, theirs.iter().copied()).await?;
        for delivered in envelopes::bodies(connection, theirs).await? {
            cut_one(connection, target, hashes, erased, &delivered).await?;
        }
    }
    Ok(())
}

async fn cut_one(
    connection: &mut Connection,
    target: &ErasureTarget,
    hashes: &HashSet<String>,
    erased: &mut Erased,
    delivered: &StoredDelivery,
) -> Result<(), StoreError> {
    let redacted = tokio::task::block_in_place(|| redact_body(target, hashes, delivered));
    let place = delivered.place();
    match redacted.redaction {
        Redaction::Keep => return Ok(()),
        Redaction::Delete => envelopes::delete(connection, place).await?,
        Redaction::Rewrite(left) => {
            envelopes::replace_body(connection, place, &left.body, &left.erased, left.record_count).await?;
        }
    }
    erased.days.insert(place.received_at.date_naive());
    erased.counts.deliveries += 1;
    erased.counts.sightings += redacted.removed;
    erased.cut.extend(redacted.hashes);
    Ok(())
}

/// Erases the rest, and ends the erasure.
///
/// * `found`: by the search, whose deliveries have lost their records
/// * `before`: what has been erased already
/// * `erasure_id`: of the erasure that this ends
pub async fn finish(
    context: &ErasureContext,
    found: &Findings,
    before: &Erased,
    erasure_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Erased, ForgetError> {
    let sync_id = context.sync.sync_id;
    let Some(mut projection) = projection::begin(&context.store, sync_id).await? else {
        return Err(ForgetError::NoSuchSync);
    };
    let sync = &projection.sync;
    if (&sync.identity, &sync.key_columns) != (&context.sync.identity, &context.sync.key_columns) {
        projection.session.rollback().await?;
        return Err(ForgetError::IdentityChanged);
    }
    let mut erased = Erased::default();
    let done = finish_in(&mut projection, &context.target, found, &mut erased).await;
    let done = match done {
        Ok(()) => {
            let (keys, counts) = (context.target.keys(), before.counts + erased.counts);
            erasures::finish(&mut projection.session, erasure_id, sync_id, &keys, &counts, now).await
        }
        Err(error) => Err(error),
    };
    failpoints::reach("forget-finish");
    projection.session.conclude(done).await?;
    Ok(erased)
}

async fn finish_in(
    projection: &mut Projection,
    target: &ErasureTarget,
    found: &Findings,
    erased: &mut Erased,
) -> Result<(), StoreError> {
    let sync_id = projection.sync.sync_id;
    let tables = projection.tables.clone();
    let connection = &mut *projection.session;
    replays::lock(connection).await?;
    let mut hashes = found.hashes.clone();
    // Rejections before the ledger: a replay of them locks in this order too.
    quarantine(connection, target, sync_id, found, erased, &mut hashes).await?;
    let mut places = found.unseen(envelopes::places(connection, sync_id).await?);
    let mut read: HashSet<LogPlace> = HashSet::new();
    hashes.extend(tables.traces(connection, &target.keys()).await?.hashes);
    let mut deleted: HashSet<String> = HashSet::new();
    loop {
        places.retain(|place| read.insert(*place));
        cut(connection, target, &hashes, erased, &places).await?;
        // The bodies that are cut can show further hashes.
        hashes.extend(erased.cut.iter().cloned());
        let new: Vec<&str> = hashes.iter().filter(|&hash| !deleted.contains(hash)).map(String::as_str).collect();
        if new.is_empty() {
            break;
        }
        erased.counts.records += records::delete(connection, sync_id, &new).await?;
        replays::erase(connection, sync_id, &new).await?;
        same_values::delete(connection, sync_id, &new).await?;
        deleted.extend(new.into_iter().map(str::to_owned));
        // From here on no delivery with these records is committed before this transaction. One that was in the
        // meantime is in the backlog, from which no projection takes it while this one has the sync's lock.
        places = found.unseen(backlog::places(connection, sync_id).await?);
    }
    let keys = target.keys();
    (erased.counts.rows, erased.counts.versions) = tables.erase(connection, &keys).await?;
    split_versions::delete_at(connection, sync_id, &keys).await?;
    backfills::delete_at(connection, sync_id, &keys).await
}

/// Erases the entities' records from the quarantine.
///
/// * `found`: what a search has read, so that only the rest is read again
/// * `hashes`: gets those of the records
async fn quarantine(
    connection: &mut Connection,
    target: &ErasureTarget,
    sync_id: SyncId,
    found: &Findings,
    erased: &mut Erased,
    hashes: &mut HashSet<String>,
) -> Result<(), StoreError> {
    let mut ids = rejections::ids_of_sync(connection, sync_id).await?;
    ids.retain(|(id, _)| !found.without_match.contains(id));
    for part in parts(&ids) {
        let ids: Vec<Uuid> = part.iter().map(|(id, _)| *id).collect();
        for rejection in rejections::quarantined(connection, &ids, true).await? {
            let redacted = redact_rejection(target, &found.hashes, &rejection);
            match redacted.redaction {
                Redaction::Keep => continue,
                Redaction::Delete => rejections::delete(connection, rejection.rejection_id).await?,
                Redaction::Rewrite(left) => {
                    let (payload, positions) = (left.payload.as_bytes(), left.positions.as_deref());
                    rejections::replace_payload(connection, rejection.rejection_id, payload, positions).await?;
                }
            }
            erased.counts.rejections += 1;
            hashes.extend(redacted.hashes);
        }
    }
    Ok(())
}
