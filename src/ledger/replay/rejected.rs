//! Replays rejections after a fix: a delivery or record that now succeeds is stored, and its rejection is resolved.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::envelope::Envelope;
use crate::ledger::fold::fold;
use crate::ledger::isolate::{upsert_isolating, write_envelope};
use crate::store::tables::rejections::OpenRejection;
use crate::store::tables::{backlog, partitions, rejections, syncs};
use crate::store::tx::savepoint;
use crate::store::{Connection, RejectedRecord, Store, StoreError};

/// The result of a retried rejection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is stored, and the rejection resolved.
    Stored,
    /// Its delivery is projected again. The rejection is resolved once that has worked.
    Projecting,
    /// It was resolved before, or does not exist.
    AlreadyResolved,
    /// It is still wrong, for this reason; the rejection stays open.
    Open(String),
}

/// The result for a rejection, and the syncs that it changed.
type RetryDone = (Verdict, Vec<syncs::Change>);

/// The reasons that the projector gives.
const PROJECTION: [&str; 2] = ["key_too_large", "unprojectable"];

/// Replays one rejection, in a transaction of its own.
///
/// * `corrected`: what to store in place of its payload
pub async fn replay_rejection(
    store: &Store,
    id: Uuid,
    corrected: Option<&[u8]>,
    now: DateTime<Utc>,
) -> Result<Verdict, StoreError> {
    let Some(received_at) = rejections::received_at(store, id).await? else { return Ok(Verdict::AlreadyResolved) };
    // A body that becomes an envelope only now goes to the day on which it was received.
    partitions::make_days(store, BTreeSet::from([received_at.date_naive()])).await?;
    let mut session = store.begin().await?;
    let done = replay_open(store, &mut session, id, corrected, now).await;
    let (verdict, changes) = session.conclude(done).await?;
    store.known_syncs().remember(changes);
    Ok(verdict)
}

async fn replay_open(
    store: &Store,
    transaction: &mut Connection,
    id: Uuid,
    corrected: Option<&[u8]>,
    now: DateTime<Utc>,
) -> Result<RetryDone, StoreError> {
    let Some(mut open) = OpenRejection::find(transaction, id).await? else {
        return Ok((Verdict::AlreadyResolved, Vec::new()));
    };
    if let Some(corrected) = corrected {
        corrected.clone_into(&mut open.payload);
    }
    let (verdict, changes) = match (open.scope.as_str(), corrected) {
        ("envelope", _) => write_rejected(store, transaction, open.as_envelope()).await?,
        // The delivery has them as they were.
        (_, Some(_)) => write_rejected(store, transaction, open.records_as_envelope()).await?,
        (_, None) => replay_records(store, transaction, &open).await?,
    };
    if verdict == Verdict::Stored {
        rejections::resolve_replayed(transaction, id, now).await?;
    }
    Ok((verdict, changes))
}

/// Writes an envelope that is not in the raw log, like a new delivery.
///
/// * `envelope`: or why the body is not one
async fn write_rejected(
    store: &Store,
    transaction: &mut Connection,
    envelope: Result<Envelope, String>,
) -> Result<RetryDone, StoreError> {
    let mut envelope = match envelope {
        Ok(envelope) => envelope,
        Err(why) => return Ok(still_open(why)),
    };
    savepoint::mark(transaction).await?;
    let mut rejected = Vec::new();
    let done = write_envelope(transaction, &mut envelope, &mut rejected, store.known_syncs()).await;
    Ok(match savepoint::conclude(transaction, done).await? {
        Ok((_, changes)) => (Verdict::Stored, changes),
        Err(error) => still_open(error.to_string()),
    })
}

/// Replays records of a delivery that was otherwise stored.
async fn replay_records(
    store: &Store,
    transaction: &mut Connection,
    open: &OpenRejection,
) -> Result<RetryDone, StoreError> {
    let by_projector = PROJECTION.contains(&open.reason.as_str());
    let Some(mut envelope) = open.find_delivery(transaction).await? else {
        if by_projector {
            return Ok(still_open("its delivery is no longer kept; `polysink rebuild` projects it from the ledger"));
        }
        return write_rejected(store, transaction, open.records_as_envelope()).await;
    };
    if by_projector {
        backlog::insert(transaction, &[&envelope], true).await?;
        return Ok((Verdict::Projecting, Vec::new()));
    }
    let positions: HashSet<i32> = open.positions.iter().copied().collect();
    envelope.records.retain(|record| positions.contains(&record.position.cast_signed()));
    envelope.rejections.retain(|rejection| positions.contains(&rejection.position.cast_signed()));
    if envelope.records.is_empty() {
        let why = envelope.rejections.first().map(|rejection| rejection.detail.as_ref());
        return Ok(still_open(why.unwrap_or("the delivery has no such record")));
    }
    savepoint::mark(transaction).await?;
    let changes = syncs::upsert(transaction, store.known_syncs(), &[&envelope]).await?;
    let mut refused = Vec::new();
    // None of them is counted yet: the ledger or the parser refused them when the delivery came.
    upsert_isolating(transaction, &fold(&[&envelope]), &envelope, &mut refused).await?;
    if refused.len() == envelope.records.len() {
        savepoint::undo(transaction).await?;
        return Ok(still_open(refused[0].detail.as_ref()));
    }
    savepoint::keep(transaction).await?;
    let failing = envelope.rejections.iter().chain(&refused);
    let failing = failing.map(|rejection| RejectedRecord::of(&envelope, rejection)).collect();
    rejections::insert_records(transaction, failing).await?;
    // As if for the first time: these records have not been learned from.
    backlog::insert(transaction, &[&envelope], false).await?;
    Ok((Verdict::Stored, changes))
}

fn still_open(why: impl Into<String>) -> RetryDone {
    (Verdict::Open(why.into()), Vec::new())
}
