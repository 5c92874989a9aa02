//! The slow way of a delivery that failed on its data: what the database refuses is quarantined, the rest is stored.

use std::collections::HashMap;
use std::time::Duration;

use super::delivery::{Delivery, Work};
use super::fold::fold;
use super::write::{Counts, write};
use crate::envelope::{Envelope, Record, Rejection};
use crate::store::tables::records::LedgerRow;
use crate::store::tables::syncs::KnownSyncs;
use crate::store::tables::{backlog, envelopes, records, rejections, syncs};
use crate::store::tx::savepoint;
use crate::store::{Bisection, Connection, ErrorKind, RejectedBody, RejectedRecord, Store, StoreError};

/// Writes one delivery that failed on its data: quarantines what the database refuses, and stores the rest.
///
/// # Errors
///
/// Any but [`ErrorKind::Data`], unless the quarantine refuses it too.
pub async fn write_isolating_bad_rows(
    store: &Store,
    delivery: &mut Delivery,
    limit: Duration,
) -> Result<(), StoreError> {
    let Delivery { work: Work::Envelope(envelope), counts, quarantined } = delivery else {
        return write(store, &mut [delivery], limit).await;
    };
    let mut session = store.begin_limited(limit).await?;
    // The metadata can exceed jsonb's limits, like any field. The body keeps its text.
    if let Some(metadata) = &envelope.metadata
        && records::jsonb_errors(&mut session, &[metadata.as_str()]).await?.iter().any(Option::is_some)
    {
        envelope.metadata = None;
    }
    let mut rejected = Vec::new();
    match write_envelope(&mut session, envelope, &mut rejected, store.known_syncs()).await {
        Ok((written, changes)) => {
            session.commit().await?;
            store.known_syncs().remember(changes);
            *counts = written.or(counts.take());
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::Data => {
            session.rollback().await?;
            *quarantined = Some(quarantine(store, envelope, &error).await?);
            Ok(())
        }
        Err(error) => session.conclude(Err(error)).await,
    }
}

/// The last resort: quarantines the whole body, because the envelope itself cannot be written. Returns why.
async fn quarantine(store: &Store, envelope: &Envelope, error: &StoreError) -> Result<String, StoreError> {
    let body = RejectedBody {
        receipt: envelope.receipt.clone(),
        reason: "unstorable".into(),
        detail: error.to_string(),
        sync_id: envelope.sync_id,
        payload: envelope.body.clone().into_bytes(),
    };
    let mut session = store.begin().await?;
    rejections::insert_bodies(&mut session, &[&body]).await?;
    session.commit().await?;
    Ok(body.detail)
}

/// Writes one envelope, record by record if need be. No counts if an earlier try has committed it.
pub(super) async fn write_envelope(
    transaction: &mut Connection,
    envelope: &mut Envelope,
    rejected: &mut Vec<Rejection>,
    known_syncs: &KnownSyncs,
) -> Result<(Option<Counts>, Vec<syncs::Change>), StoreError> {
    let new = envelopes::insert(transaction, &[envelope]).await?;
    let Some(sync_id) = new.get(&envelope.receipt.envelope_id) else { return Ok((None, Vec::new())) };
    envelope.sync_id = *sync_id;
    let envelope = &*envelope;
    backlog::insert(transaction, &[envelope], false).await?;
    let changes = syncs::upsert(transaction, known_syncs, &[envelope]).await?;
    let rows = fold(&[envelope]);
    let new = upsert_isolating(transaction, &rows, envelope, rejected).await?;
    let all = envelope.rejections.iter().chain(rejected.iter());
    let all = all.map(|rejection| RejectedRecord::of(envelope, rejection)).collect();
    rejections::insert_records(transaction, all).await?;
    let counts = Counts { records: envelope.record_count, new, rejected: envelope.rejections.len() + rejected.len() };
    Ok((Some(counts), changes))
}

/// How many statements a bisection may take. Rows that are not singled out by then are quarantined together, so that
/// the delivery is answered in time.
const BISECTIONS: usize = 100;

/// Writes the rows that the database takes, and adds the records of the others to `rejected`. Returns how many rows
/// were new.
///
/// One statement finds what jsonb refuses. If the rest still fails, it is bisected.
pub(super) async fn upsert_isolating(
    transaction: &mut Connection,
    rows: &[LedgerRow<'_>],
    envelope: &Envelope,
    rejected: &mut Vec<Rejection>,
) -> Result<usize, StoreError> {
    let fields: Vec<&str> = rows.iter().map(|row| row.fields).collect();
    let errors = records::jsonb_errors(transaction, &fields).await?;
    let mut culprits: HashMap<&str, String> = HashMap::new();
    let mut good: Vec<LedgerRow<'_>> = Vec::with_capacity(rows.len());
    for (row, error) in rows.iter().zip(errors) {
        match error {
            Some(error) => drop(culprits.insert(row.hash, error)),
            None => good.push(row.clone()),
        }
    }
    let mut new = 0;
    let mut bisection = Bisection::bounded(&good, BISECTIONS);
    while let Some(part) = bisection.next_part() {
        savepoint::mark(transaction).await?;
        let done = records::upsert(transaction, part).await;
        match savepoint::conclude(transaction, done).await? {
            Ok(is_new) => new += is_new.into_iter().filter(|is_new| *is_new).count(),
            Err(error) => {
                culprits.extend(bisection.failed(part).iter().map(|culprit| (culprit.hash, error.to_string())));
            }
        }
    }
    rejected.extend(unstorable(envelope, &culprits));
    Ok(new)
}

/// A rejection for each record of the envelope that was folded into a failing row.
///
/// * `culprits`: by hash, with the database's message
fn unstorable(envelope: &Envelope, culprits: &HashMap<&str, String>) -> Vec<Rejection> {
    if culprits.is_empty() {
        return Vec::new();
    }
    let raw = envelope.raw_records();
    let rejection = |record: &Record| {
        let detail = culprits.get(record.hash.as_str())?.clone().into();
        let payload = raw.get(&record.position).cloned().unwrap_or_default();
        Some(Rejection { reason: "unstorable", detail, position: record.position, payload })
    };
    envelope.records.iter().filter_map(rejection).collect()
}
