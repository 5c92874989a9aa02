//! Which syncs have new backlog: set by the writer after each commit, taken by the projector.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::model::SyncId;

/// The syncs with new backlog. Clones share them. Losing it does no harm: the table `backlog` has all of it.
#[derive(Debug, Clone, Default)]
pub struct BacklogSignal(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    syncs: Mutex<BTreeSet<SyncId>>,
    raised: Notify,
}

impl BacklogSignal {
    /// Notes that deliveries of these syncs were committed.
    pub(super) fn raise(&self, syncs: impl IntoIterator<Item = SyncId>) {
        let mut known = self.0.syncs.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(syncs);
        if !known.is_empty() {
            self.0.raised.notify_one();
        }
    }

    /// Waits until it was raised.
    pub async fn raised(&self) {
        self.0.raised.notified().await;
    }

    /// Takes the syncs that it was raised for.
    pub fn take(&self) -> BTreeSet<SyncId> {
        std::mem::take(&mut *self.0.syncs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
