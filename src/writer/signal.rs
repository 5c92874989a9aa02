//! Which syncs have deliveries that wait to be projected: set by the writer after each commit, taken by the projector.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::model::SyncId;

/// The syncs with new backlog. Clones share them. All of it can be lost: the backlog in the database is the truth.
#[derive(Debug, Clone, Default)]
pub struct BacklogSignal(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    syncs: Mutex<BTreeSet<SyncId>>,
    raised: Notify,
}

impl BacklogSignal {
    /// Deliveries of these syncs were committed.
    pub(super) fn raise(&self, syncs: impl IntoIterator<Item = SyncId>) {
        let mut known = self.0.syncs.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(syncs);
        if !known.is_empty() {
            self.0.raised.notify_one();
        }
    }

    /// Returns as soon as it was raised.
    pub async fn raised(&self) {
        self.0.raised.notified().await;
    }

    /// Takes the syncs that it was raised for.
    pub fn take(&self) -> BTreeSet<SyncId> {
        std::mem::take(&mut *self.0.syncs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
