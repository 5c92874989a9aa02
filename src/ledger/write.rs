//! The write transaction: envelopes, backlog, syncs, ledger and quarantine for a group of deliveries, all or nothing.

use std::collections::HashMap;
use std::time::Duration;

use uuid::Uuid;

use super::delivery::{Delivery, Work};
use super::fold::fold;
use crate::envelope::Envelope;
use crate::store::tables::{backlog, envelopes, records, rejections, syncs};
use crate::store::{Connection, RejectedBody, RejectedRecord, Store, StoreError};

/// Counts of a delivery's records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub records: usize,
    pub new: usize,
    pub rejected: usize,
}

impl Counts {
    /// Records known already, from an earlier delivery or from this one.
    pub fn duplicates(self) -> usize {
        self.records - self.new - self.rejected
    }
}

/// Writes the deliveries in one transaction, committed when this returns.
///
/// Idempotent: an envelope that an earlier try committed is skipped, even if that try seemed to fail. The counts of the
/// envelopes that this transaction writes are set before the commit: if its answer is lost, the retry finds the
/// envelope written, and these are its counts.
///
/// * `limit`: time for a statement; see [`Store::within`] for the caller's deadline
///
/// # Errors
///
/// Any; then nothing was written, unless the connection was lost during the commit.
pub async fn write(store: &Store, deliveries: &mut [&mut Delivery], limit: Duration) -> Result<(), StoreError> {
    match write_once(store, deliveries, limit).await {
        // It was expected to be new. Now none of its sync is.
        Err(error) if error.is_known_record() => write_once(store, deliveries, limit).await,
        written => written,
    }
}

async fn write_once(store: &Store, deliveries: &mut [&mut Delivery], limit: Duration) -> Result<(), StoreError> {
    let mut session = store.begin_limited(limit).await?;
    let written = write_all(&mut session, deliveries, store).await;
    let done = written.map(|(written, changes)| {
        for delivery in deliveries.iter_mut() {
            let id = delivery.envelope().map(|envelope| envelope.receipt.envelope_id);
            if let Some(counts) = id.and_then(|id| written.get(&id)) {
                delivery.counts = Some(*counts);
            }
        }
        changes
    });
    store.known_syncs().remember(session.conclude(done).await?);
    Ok(())
}

/// Returns the counts of the envelopes that were new, by their ids, and the syncs that were written. Deliveries of
/// adopted syncs become deliveries of the earlier syncs.
async fn write_all(
    transaction: &mut Connection,
    deliveries: &mut [&mut Delivery],
    store: &Store,
) -> Result<(HashMap<Uuid, Counts>, Vec<syncs::Change>), StoreError> {
    let all: Vec<&Envelope> = deliveries.iter().filter_map(|delivery| delivery.envelope()).collect();
    let new = envelopes::insert(transaction, &all).await?;
    for delivery in deliveries.iter_mut() {
        if let Work::Envelope(envelope) = &mut delivery.work
            && let Some(sync_id) = new.get(&envelope.receipt.envelope_id)
        {
            envelope.sync_id = *sync_id;
        }
    }
    let all = deliveries.iter().filter_map(|delivery| delivery.envelope());
    let fresh: Vec<&Envelope> = all.filter(|envelope| new.contains_key(&envelope.receipt.envelope_id)).collect();
    let bodies: Vec<&RejectedBody> = deliveries.iter().filter_map(|delivery| delivery.rejection()).collect();
    backlog::insert(transaction, &fresh, false).await?;
    let changes = syncs::upsert(transaction, store.known_syncs(), &fresh).await?;
    let rows = fold(&fresh);
    let is_new = records::insert(transaction, &rows, store.novelty()).await?;
    let rejected = fresh
        .iter()
        .flat_map(|&envelope| envelope.rejections.iter().map(move |rejection| RejectedRecord::of(envelope, rejection)));
    rejections::insert_records(transaction, rejected.collect()).await?;
    rejections::insert_bodies(transaction, &bodies).await?;

    let mut new_records = vec![0; fresh.len()];
    for row in rows.iter().zip(is_new).filter_map(|(row, is_new)| is_new.then_some(row)) {
        new_records[row.envelope] += 1;
    }
    let counts = fresh.iter().zip(new_records).map(|(envelope, new)| {
        let counts = Counts { records: envelope.record_count, new, rejected: envelope.rejections.len() };
        (envelope.receipt.envelope_id, counts)
    });
    Ok((counts.collect(), changes))
}
