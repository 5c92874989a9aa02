//! The 200 of a delivery, and its line in the log.

use serde::Serialize;
use uuid::Uuid;

use super::caller::Caller;
use crate::ledger::Counts;
use crate::model::SyncId;

/// Advice about rejected records.
const HINT: &str = "Rejected records are quarantined with a reason: run `polysink rejections` on the receiver.";

/// The body of a 200, which Polytomic reads.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    Stored {
        received: bool,
        envelope_id: Uuid,
        records: usize,
        new: usize,
        duplicates: usize,
        rejected: usize,
        /// Where to look, if records were rejected.
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<&'static str>,
    },
    Ignored {
        received: bool,
        ignored: String,
    },
    /// On disk; the database takes it later, and says then which records are new.
    Spooled {
        received: bool,
        spooled: bool,
        envelope_id: Uuid,
        records: usize,
        rejected: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<&'static str>,
    },
}

impl Answer {
    pub fn stored(envelope_id: Uuid, counts: Counts) -> Self {
        let Counts { records, new, rejected } = counts;
        let (duplicates, hint) = (counts.duplicates(), hint(rejected));
        Self::Stored { received: true, envelope_id, records, new, duplicates, rejected, hint }
    }

    pub fn spooled(envelope_id: Uuid, records: usize, rejected: usize) -> Self {
        Self::Spooled { received: true, spooled: true, envelope_id, records, rejected, hint: hint(rejected) }
    }

    /// * `event`: the unknown event
    pub fn ignored(event: String) -> Self {
        Self::Ignored { received: true, ignored: event }
    }

    /// The word in the metrics.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Stored { .. } => "stored",
            Self::Ignored { .. } => "ignored",
            Self::Spooled { .. } => "spooled",
        }
    }
}

fn hint(rejected: usize) -> Option<&'static str> {
    (rejected > 0).then_some(HINT)
}

/// A delivery that was answered 200.
#[derive(Debug)]
pub struct DeliveryAnswer {
    pub answer: Answer,
    pub envelope_id: Uuid,
    pub sync_id: Option<SyncId>,
    /// The name of its secret.
    pub connection: String,
    /// Bytes of its body, decompressed.
    pub bytes: usize,
}

impl DeliveryAnswer {
    /// Its line in the log.
    pub fn log(&self, caller: &Caller) {
        let Self { answer, envelope_id, sync_id, connection, bytes } = self;
        let (request_id, client, ms) = (caller.id.as_str(), caller.client, caller.millis());
        let sync_id = sync_id.map(tracing::field::display);
        match answer {
            Answer::Stored { records, new, duplicates, rejected, .. } => tracing::info!(
                request_id, %envelope_id, sync_id, connection, records, new, duplicates, rejected, bytes, ms, %client,
                "a delivery was stored"
            ),
            Answer::Spooled { records, rejected, .. } => tracing::info!(
                request_id, %envelope_id, sync_id, connection, records, rejected, bytes, ms, %client,
                "a delivery was spooled"
            ),
            Answer::Ignored { ignored, .. } => tracing::info!(
                request_id, %envelope_id, sync_id, connection, event = ignored, bytes, ms, %client,
                "a delivery with an unknown event was kept"
            ),
        }
    }
}
