//! A delivery in the writer's hands: what is to be done, and what came of it.

use chrono::NaiveDate;

use crate::envelope::{Envelope, Receipt};
use crate::model::SyncId;
use crate::store::{Counts, Delivery, RejectedBody};

/// What a delivery asks the writer to do.
#[derive(Debug)]
pub enum Work {
    Envelope(Box<Envelope>),
    Rejection(Box<RejectedBody>),
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteOutcome {
    Stored(Counts),
    /// The database took it under no circumstances; it is in the quarantine, for this reason.
    Quarantined(String),
}

/// A piece of work, and what came of it so far.
#[derive(Debug)]
pub(super) struct Job {
    pub work: Work,
    /// Set by a try that got as far as its commit.
    pub counts: Option<Counts>,
    /// Why the whole body had to go to the quarantine.
    pub quarantined: Option<String>,
}

impl Job {
    pub fn new(work: Work) -> Self {
        Self { work, counts: None, quarantined: None }
    }

    /// As the store takes it.
    pub fn delivery(&self) -> Delivery<'_> {
        match &self.work {
            Work::Envelope(envelope) => Delivery::Envelope(envelope),
            Work::Rejection(body) => Delivery::Body(body),
        }
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

    /// The day of its partition.
    pub fn day(&self) -> NaiveDate {
        let receipt: &Receipt = match &self.work {
            Work::Envelope(envelope) => &envelope.receipt,
            Work::Rejection(body) => &body.receipt,
        };
        receipt.received_at.date_naive()
    }

    /// What became of it, once a write has returned.
    pub fn into_outcome(self) -> Option<WriteOutcome> {
        match self.work {
            Work::Rejection(body) => Some(WriteOutcome::Quarantined(body.detail)),
            Work::Envelope(_) => {
                self.quarantined.map(WriteOutcome::Quarantined).or(self.counts.map(WriteOutcome::Stored))
            }
        }
    }
}
