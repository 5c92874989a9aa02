//! The writer's answer to a delivery.

use crate::ledger::{Counts, Delivery, Work};

/// The result of a delivery.
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

impl WriteOutcome {
    /// Once the delivery is in the spool.
    pub(super) fn spooled(delivery: &Delivery) -> Self {
        match &delivery.work {
            Work::Envelope(envelope) => {
                Self::Spooled { records: envelope.record_count, rejected: envelope.rejections.len() }
            }
            Work::Rejection(body) => Self::Quarantined(body.detail.clone()),
        }
    }

    /// Once a write has succeeded.
    pub(super) fn written(delivery: &Delivery) -> Self {
        if let Some(detail) = &delivery.quarantined {
            return Self::Quarantined(detail.clone());
        }
        match &delivery.work {
            Work::Rejection(body) => Self::Quarantined(body.detail.clone()),
            Work::Envelope(envelope) => {
                // Without counts, it was stored already: a process that was killed then had written it from the spool.
                let (records, rejected) = (envelope.record_count, envelope.rejections.len());
                Self::Stored(delivery.counts.unwrap_or(Counts { records, new: 0, rejected }))
            }
        }
    }
}
