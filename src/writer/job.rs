//! A delivery in the writer's hands: what to write, and the result so far.

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

/// What the writer did with a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteOutcome {
    Stored(Counts),
    /// The database refused it; it is quarantined, for this reason.
    Quarantined(String),
    /// The database is away; it is in the spool.
    Spooled {
        records: usize,
        /// Records that will be quarantined, as far as is known without the database.
        rejected: usize,
    },
}

/// A piece of work, and its result so far.
#[derive(Debug)]
pub(super) struct Job {
    pub work: Work,
    /// Set by a try that reached its commit.
    pub counts: Option<Counts>,
    /// Why the whole body was quarantined.
    pub quarantined: Option<String>,
}

impl Job {
    pub fn new(work: Work) -> Self {
        Self { work, counts: None, quarantined: None }
    }

    /// The form that the store takes.
    pub fn delivery(&self) -> Delivery<'_> {
        match &self.work {
            Work::Envelope(envelope) => Delivery::Envelope(envelope),
            Work::Rejection(body) => Delivery::Body(body),
        }
    }

    /// Its records, by which groups are measured.
    pub fn record_count(&self) -> usize {
        match &self.work {
            Work::Envelope(envelope) => envelope.record_count,
            Work::Rejection(_) => 0,
        }
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> usize {
        match &self.work {
            Work::Envelope(envelope) => envelope.body.len(),
            Work::Rejection(body) => body.payload.len(),
        }
    }

    /// The sync whose backlog it adds to.
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

    /// Its result, once it is in the spool.
    pub fn spooled(&self) -> WriteOutcome {
        match &self.work {
            Work::Envelope(envelope) => {
                WriteOutcome::Spooled { records: envelope.record_count, rejected: envelope.rejections.len() }
            }
            Work::Rejection(body) => WriteOutcome::Quarantined(body.detail.clone()),
        }
    }

    /// Its result, once a write has succeeded.
    pub fn into_outcome(self) -> WriteOutcome {
        if let Some(detail) = self.quarantined {
            return WriteOutcome::Quarantined(detail);
        }
        match self.work {
            Work::Rejection(body) => WriteOutcome::Quarantined(body.detail),
            Work::Envelope(envelope) => {
                // Without counts, it was there: a process that was killed then had written it from the spool.
                let (records, rejected) = (envelope.record_count, envelope.rejections.len());
                WriteOutcome::Stored(self.counts.unwrap_or(Counts { records, new: 0, rejected }))
            }
        }
    }
}
