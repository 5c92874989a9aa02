//! A delivery that is written: what to write, and what came of it so far.

use chrono::{DateTime, NaiveDate, Utc};

use super::Counts;
use crate::envelope::Envelope;
use crate::model::SyncId;
use crate::store::RejectedBody;

/// The work that a delivery asks for.
#[derive(Debug)]
pub enum Work {
    Envelope(Box<Envelope>),
    /// A body that is not an envelope, for the quarantine.
    Rejection(Box<RejectedBody>),
}

/// A piece of work, and its result so far.
#[derive(Debug)]
pub struct Delivery {
    pub work: Work,
    /// Set by a try that reached its commit.
    pub counts: Option<Counts>,
    /// Why the whole body was quarantined.
    pub quarantined: Option<String>,
}

impl Delivery {
    pub fn new(work: Work) -> Self {
        Self { work, counts: None, quarantined: None }
    }

    pub(super) fn envelope(&self) -> Option<&Envelope> {
        match &self.work {
            Work::Envelope(envelope) => Some(envelope),
            Work::Rejection(_) => None,
        }
    }

    pub(super) fn rejection(&self) -> Option<&RejectedBody> {
        match &self.work {
            Work::Envelope(_) => None,
            Work::Rejection(body) => Some(body),
        }
    }

    /// Its records, by which groups are measured.
    pub fn record_count(&self) -> usize {
        self.envelope().map_or(0, |envelope| envelope.record_count)
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> usize {
        match &self.work {
            Work::Envelope(envelope) => envelope.body.len(),
            Work::Rejection(body) => body.payload.len(),
        }
    }

    /// The sync whose backlog it adds to, and when it was sent.
    pub fn backlog(&self) -> Option<(SyncId, DateTime<Utc>)> {
        let envelope = self.envelope().filter(|envelope| !envelope.records.is_empty())?;
        Some((envelope.sync_id?, envelope.receipt.sent_at))
    }

    /// The sync whose backlog it adds to.
    pub fn sync_id(&self) -> Option<SyncId> {
        self.backlog().map(|(sync_id, _)| sync_id)
    }

    /// The day of its partition.
    pub fn day(&self) -> NaiveDate {
        let receipt = match &self.work {
            Work::Envelope(envelope) => &envelope.receipt,
            Work::Rejection(body) => &body.receipt,
        };
        receipt.received_at.date_naive()
    }
}
