//! Which syncs have new backlog: set by the writer after each commit, taken by the projector.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use crate::model::SyncId;

/// The syncs with new backlog, and when the oldest of its deliveries was sent. Clones share them. Losing it does no
/// harm: the table `backlog` has all of it.
#[derive(Debug, Clone, Default)]
pub struct BacklogSignal(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    syncs: Mutex<BTreeMap<SyncId, DateTime<Utc>>>,
    raised: Notify,
    /// For those who tell other processes.
    untold: Notify,
}

impl BacklogSignal {
    /// Notes that deliveries were committed.
    ///
    /// * `deliveries`: for each, the sync and when it was sent
    pub(super) fn raise(&self, deliveries: impl IntoIterator<Item = (SyncId, DateTime<Utc>)>) {
        let mut known = self.0.syncs.lock().unwrap_or_else(PoisonError::into_inner);
        for (sync_id, sent_at) in deliveries {
            let oldest = known.entry(sync_id).or_insert(sent_at);
            *oldest = sent_at.min(*oldest);
        }
        if !known.is_empty() {
            self.0.raised.notify_one();
            self.0.untold.notify_one();
        }
    }

    /// Waits until it was raised.
    pub async fn raised(&self) {
        self.0.raised.notified().await;
    }

    /// Waits until it was raised after the last wait of this kind.
    pub async fn untold(&self) {
        self.0.untold.notified().await;
    }

    /// Takes the syncs that it was raised for.
    pub fn take(&self) -> BTreeMap<SyncId, DateTime<Utc>> {
        std::mem::take(&mut *self.0.syncs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
