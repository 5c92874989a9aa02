//! The write transaction: envelopes, backlog, syncs, ledger and quarantine of one group of deliveries, all or nothing.

use std::collections::HashMap;
use std::time::Duration;

use sqlx::PgConnection;
use uuid::Uuid;

use super::error::ErrorKind;
use super::fold::{LedgerRow, fold};
use super::tables::syncs::KnownSyncs;
use super::tables::{backlog, envelopes, records, rejections, syncs};
use super::tx::savepoint;
use super::{Bisection, RejectedBody, RejectedRecord, Store, StoreError};
use crate::envelope::{Envelope, Record, Rejection, raw_records};

/// A delivery on its way into the database.
#[derive(Debug, Clone, Copy)]
pub enum Delivery<'a> {
    Envelope(&'a Envelope),
    /// A body that is no envelope, for the quarantine.
    Body(&'a RejectedBody),
}

/// What became of a delivery's records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub records: usize,
    pub new: usize,
    pub rejected: usize,
}

impl Counts {
    /// Those that were known already, from an earlier delivery or from this one.
    pub fn duplicates(self) -> usize {
        self.records - self.new - self.rejected
    }
}

impl Store {
    /// Writes all of the deliveries in one transaction, committed when this returns.
    ///
    /// * `counts`: one for each delivery, set for the envelopes that this transaction writes, before it commits. Should the commit's
    ///   answer be lost, the next try finds the envelope written, and these are its counts.
    /// * `limit`: how long a statement may take; see [`Store::within`] for the caller's own patience
    ///
    /// Idempotent: an envelope that an earlier try has committed is passed over, whatever that try's answer was.
    ///
    /// # Errors
    ///
    /// Any; then nothing was written, unless the connection was lost during the commit.
    pub async fn write(
        &self,
        deliveries: &[Delivery<'_>],
        counts: &mut [Option<Counts>],
        limit: Duration,
    ) -> Result<(), StoreError> {
        let mut session = self.begin_limited(limit).await?;
        let done = write_all(&mut session, deliveries, counts, &self.known_syncs).await;
        self.known_syncs.remember(session.conclude(done).await?);
        Ok(())
    }

    /// Writes one envelope that failed on its data: what the database refuses goes to the quarantine, the rest is stored. Returns why,
    /// where the whole body had to go there.
    ///
    /// * `counts`: set where this transaction writes the envelope
    ///
    /// # Errors
    ///
    /// Any but [`ErrorKind::Data`], unless even the quarantine refuses it.
    pub async fn write_isolating_bad_rows(
        &self,
        envelope: &mut Envelope,
        counts: &mut Option<Counts>,
        limit: Duration,
    ) -> Result<Option<String>, StoreError> {
        let mut session = self.begin_limited(limit).await?;
        // The metadata can be more than jsonb holds, like any field. The body keeps its text.
        if let Some(metadata) = &envelope.metadata
            && records::jsonb_errors(&mut session, &[metadata.as_str()]).await?.iter().any(Option::is_some)
        {
            envelope.metadata = None;
        }
        let mut rejected = Vec::new();
        match write_envelope(&mut session, envelope, &mut rejected, &self.known_syncs).await {
            Ok((written, changes)) => {
                session.commit().await?;
                self.known_syncs.remember(changes);
                *counts = written.or(counts.take());
                Ok(None)
            }
            Err(error) if error.kind() == ErrorKind::Data => {
                session.rollback().await?;
                Ok(Some(self.quarantine(envelope, &error).await?))
            }
            Err(error) => session.conclude(Err(error)).await,
        }
    }

    /// The last resort: the whole body, because the envelope itself cannot be written. Returns why.
    async fn quarantine(&self, envelope: &Envelope, error: &StoreError) -> Result<String, StoreError> {
        let body = RejectedBody {
            receipt: envelope.receipt.clone(),
            reason: "unstorable",
            detail: error.to_string(),
            sync_id: envelope.sync_id,
            payload: envelope.body.clone().into_bytes(),
        };
        let mut session = self.begin().await?;
        rejections::insert_bodies(&mut session, &[&body]).await?;
        session.commit().await?;
        Ok(body.detail)
    }
}

async fn write_all(
    transaction: &mut PgConnection,
    deliveries: &[Delivery<'_>],
    counts: &mut [Option<Counts>],
    known_syncs: &KnownSyncs,
) -> Result<Vec<syncs::Change>, StoreError> {
    let mut all = Vec::new();
    let mut bodies = Vec::new();
    for delivery in deliveries {
        match delivery {
            Delivery::Envelope(envelope) => all.push(*envelope),
            Delivery::Body(body) => bodies.push(*body),
        }
    }
    let new = envelopes::insert(transaction, &all).await?;
    let fresh: Vec<&Envelope> =
        all.into_iter().filter(|envelope| new.contains(&envelope.receipt.envelope_id)).collect();
    backlog::insert(transaction, &fresh).await?;
    let changes = syncs::upsert(transaction, known_syncs.changes(&fresh)).await?;
    let rows = fold(&fresh);
    let is_new = records::upsert(transaction, &rows).await?;
    let rejected = fresh
        .iter()
        .flat_map(|&envelope| envelope.rejections.iter().map(move |rejection| RejectedRecord::of(envelope, rejection)));
    rejections::insert_records(transaction, rejected.collect()).await?;
    rejections::insert_bodies(transaction, &bodies).await?;

    let mut written: Vec<(Uuid, Counts)> = fresh
        .iter()
        .map(|envelope| {
            let counts = Counts { records: envelope.record_count, new: 0, rejected: envelope.rejections.len() };
            (envelope.receipt.envelope_id, counts)
        })
        .collect();
    for row in rows.iter().zip(is_new).filter_map(|(row, is_new)| is_new.then_some(row)) {
        written[row.envelope].1.new += 1;
    }
    let mut written = written.into_iter().peekable();
    for (delivery, counts) in deliveries.iter().zip(counts) {
        let Delivery::Envelope(envelope) = delivery else { continue };
        // Both are in one order; an envelope without counts was committed by an earlier try.
        if let Some((_, new)) = written.next_if(|(id, _)| *id == envelope.receipt.envelope_id) {
            *counts = Some(new);
        }
    }
    Ok(changes)
}

/// One envelope, record by record where need be. No counts where an earlier try has committed it.
async fn write_envelope(
    transaction: &mut PgConnection,
    envelope: &Envelope,
    rejected: &mut Vec<Rejection>,
    known_syncs: &KnownSyncs,
) -> Result<(Option<Counts>, Vec<syncs::Change>), StoreError> {
    let new = envelopes::insert(transaction, &[envelope]).await?;
    if new.is_empty() {
        return Ok((None, Vec::new()));
    }
    backlog::insert(transaction, &[envelope]).await?;
    let changes = syncs::upsert(transaction, known_syncs.changes(&[envelope])).await?;
    let rows = fold(&[envelope]);
    let new = upsert_isolating(transaction, &rows, envelope, rejected).await?;
    let all = envelope.rejections.iter().chain(rejected.iter());
    let all = all.map(|rejection| RejectedRecord::of(envelope, rejection)).collect();
    rejections::insert_records(transaction, all).await?;
    let counts = Counts { records: envelope.record_count, new, rejected: envelope.rejections.len() + rejected.len() };
    Ok((Some(counts), changes))
}

/// How many statements are spent on finding the rows that fail for a reason that nobody thought of. Rows that are not found by
/// then are quarantined together, so that a delivery is answered in time whatever is in it.
const BISECTIONS: usize = 100;

/// Writes the rows that the database takes; of the others, the records go to `rejected`. Returns how many rows were new.
///
/// What jsonb refuses is found by one statement. Should the rest fail all the same, it is bisected.
async fn upsert_isolating(
    transaction: &mut PgConnection,
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

/// A rejection for each record of the envelope that was folded into a culprit.
///
/// * `culprits`: by hash, with what the database said
fn unstorable(envelope: &Envelope, culprits: &HashMap<&str, String>) -> Vec<Rejection> {
    if culprits.is_empty() {
        return Vec::new();
    }
    let raw = raw_records(&envelope.body);
    let rejection = |record: &Record| {
        let detail = culprits.get(record.hash.as_str())?.clone().into();
        let payload = raw.get(record.position as usize).cloned().unwrap_or_default();
        Some(Rejection { reason: "unstorable", detail, position: record.position, payload })
    };
    envelope.records.iter().filter_map(rejection).collect()
}
