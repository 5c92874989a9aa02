//! The write transaction: envelopes, backlog, syncs, ledger and quarantine of one group of deliveries, all or nothing.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::NaiveDate;
use sqlx::PgConnection;
use uuid::Uuid;

use super::error::Kind;
use super::fold::{LedgerRow, fold};
use super::syncs::KnownSyncs;
use super::{
    Bisection, RejectedBody, RejectedRecord, Store, StoreError, backlog, envelopes, records, rejections, savepoint,
    syncs,
};
use crate::envelope::{Envelope, Record, Rejection, raw_records};
use crate::model::SyncId;

/// What a delivery asks the store to do.
#[derive(Debug)]
pub enum Work {
    Envelope(Box<Envelope>),
    Rejection(Box<RejectedBody>),
}

/// A piece of work, and what came of it so far.
#[derive(Debug)]
pub struct Job {
    pub work: Work,
    /// Set by a try that got as far as its commit. Should the commit's answer be lost, the next try finds the envelope
    /// written and this holds the counts.
    outcome: Option<Outcome>,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Stored(Counts),
    /// The database took it under no circumstances; it is in the quarantine, for this reason.
    Quarantined(String),
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

impl Job {
    pub fn new(work: Work) -> Self {
        Self { work, outcome: None }
    }

    /// How many records it brings: what groups are measured by.
    pub fn record_count(&self) -> usize {
        match &self.work {
            Work::Envelope(envelope) => envelope.record_count,
            Work::Rejection(_) => 0,
        }
    }

    /// How many bytes it holds.
    pub fn bytes(&self) -> usize {
        match &self.work {
            Work::Envelope(envelope) => envelope.body.len(),
            Work::Rejection(body) => body.payload.len(),
        }
    }

    /// The sync whose query table it adds to.
    pub fn sync_id(&self) -> Option<SyncId> {
        match &self.work {
            Work::Envelope(envelope) => envelope.sync_id.filter(|_| !envelope.records.is_empty()),
            Work::Rejection(_) => None,
        }
    }

    fn day(&self) -> NaiveDate {
        match &self.work {
            Work::Envelope(envelope) => envelope.receipt.received_at.date_naive(),
            Work::Rejection(body) => body.receipt.received_at.date_naive(),
        }
    }

    /// What became of it, once a write has returned.
    pub fn into_outcome(self) -> Option<Outcome> {
        self.outcome
    }
}

impl Store {
    /// Writes all of the jobs in one transaction, committed when this returns.
    ///
    /// * `limit`: how long a statement may take; see [`Store::within`] for the caller's own patience
    ///
    /// Idempotent: an envelope that an earlier try has committed is passed over, whatever that try's answer was.
    ///
    /// # Errors
    ///
    /// Any; then nothing was written, unless the connection was lost during the commit.
    pub async fn write(&self, jobs: &mut [Job], limit: Duration) -> Result<(), StoreError> {
        let mut session = self.begin_limited(limit).await?;
        let done = write_all(&mut session, jobs, &self.known_syncs).await;
        self.known_syncs.remember(session.conclude(done).await?);
        Ok(())
    }

    /// Writes one job that failed on its data: what the database refuses goes to the quarantine, the rest is stored.
    ///
    /// # Errors
    ///
    /// Any but [`Kind::Data`], unless even the quarantine refuses it.
    pub async fn write_carefully(&self, job: &mut Job, limit: Duration) -> Result<(), StoreError> {
        let Work::Envelope(envelope) = &mut job.work else {
            return self.write(std::slice::from_mut(job), limit).await;
        };
        let mut session = self.begin_limited(limit).await?;
        // The metadata can be more than jsonb holds, like any field. The body keeps its text.
        if let Some(metadata) = &envelope.metadata
            && records::jsonb_errors(&mut session, &[metadata.as_str()]).await?.iter().any(Option::is_some)
        {
            envelope.metadata = None;
        }
        let mut rejected = Vec::new();
        let outcome = match write_envelope(&mut session, envelope, &mut rejected, &self.known_syncs).await {
            Ok((outcome, changes)) => {
                session.commit().await?;
                self.known_syncs.remember(changes);
                outcome
            }
            Err(error) if error.kind() == Kind::Data => {
                session.rollback().await?;
                Some(self.quarantine(envelope, &error).await?)
            }
            Err(error) => return session.conclude(Err(error)).await,
        };
        job.outcome = outcome.or(job.outcome.take());
        Ok(())
    }

    /// The last resort: the whole body, because the envelope itself cannot be written.
    async fn quarantine(&self, envelope: &Envelope, error: &StoreError) -> Result<Outcome, StoreError> {
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
        Ok(Outcome::Quarantined(body.detail))
    }

    /// Makes the partitions that these jobs want.
    pub async fn make_partitions_for(&self, jobs: &[Job]) -> Result<(), StoreError> {
        let days: HashSet<NaiveDate> = jobs.iter().map(Job::day).collect();
        self.make_partitions_of(days).await
    }
}

async fn write_all(
    transaction: &mut PgConnection,
    jobs: &mut [Job],
    known_syncs: &KnownSyncs,
) -> Result<Vec<syncs::Change>, StoreError> {
    let mut all = Vec::new();
    let mut bodies = Vec::new();
    for job in jobs.iter() {
        match &job.work {
            Work::Envelope(envelope) => all.push(&**envelope),
            Work::Rejection(body) => bodies.push(&**body),
        }
    }
    let new = envelopes::insert(transaction, &all).await?;
    let fresh: Vec<&Envelope> =
        all.into_iter().filter(|envelope| new.contains(&envelope.receipt.envelope_id)).collect();
    backlog::insert(transaction, &fresh).await?;
    let changes = syncs::upsert(transaction, known_syncs.changes(&fresh)).await?;
    let rows = fold(&fresh);
    let is_new = records::upsert(transaction, &rows).await?;
    let of = |envelope: &'_ &Envelope| envelope.rejections.len();
    let mut rejected = Vec::with_capacity(fresh.iter().map(of).sum());
    for envelope in &fresh {
        rejected.extend(envelope.rejections.iter().map(|rejection| RejectedRecord::of(envelope, rejection)));
    }
    rejections::insert_records(transaction, rejected).await?;
    rejections::insert_bodies(transaction, &bodies).await?;

    let mut counts: Vec<(Uuid, Counts)> = fresh
        .iter()
        .map(|envelope| {
            let counts = Counts { records: envelope.record_count, new: 0, rejected: envelope.rejections.len() };
            (envelope.receipt.envelope_id, counts)
        })
        .collect();
    for row in rows.iter().zip(is_new).filter_map(|(row, is_new)| is_new.then_some(row)) {
        counts[row.envelope].1.new += 1;
    }
    let mut counts = counts.into_iter().peekable();
    for job in jobs {
        match &job.work {
            // Both are in the order of the jobs; what is missing from the counts was committed by an earlier try.
            Work::Envelope(envelope) => {
                if let Some((_, counts)) = counts.next_if(|(id, _)| *id == envelope.receipt.envelope_id) {
                    job.outcome = Some(Outcome::Stored(counts));
                }
            }
            Work::Rejection(body) => job.outcome = Some(Outcome::Quarantined(body.detail.clone())),
        }
    }
    Ok(changes)
}

/// One envelope, record by record where need be. `None` for the outcome where an earlier try has committed it.
async fn write_envelope(
    transaction: &mut PgConnection,
    envelope: &Envelope,
    rejected: &mut Vec<Rejection>,
    known_syncs: &KnownSyncs,
) -> Result<(Option<Outcome>, Vec<syncs::Change>), StoreError> {
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
    Ok((Some(Outcome::Stored(counts)), changes))
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
