//! Spooled deliveries that the database does not take, although it answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use uuid::Uuid;

/// Shared by the drain, the health check and the metrics. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Failing(Arc<Mutex<BTreeMap<Uuid, Failed>>>);

#[derive(Debug)]
struct Failed {
    since: SystemTime,
    /// How often it was not written in its time.
    too_slow: u32,
}

impl Failing {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Uuid, Failed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A delivery failed alone, although the database answered. Returns true if it is the first time.
    pub(super) fn failed(&self, id: Uuid, too_slow: bool) -> bool {
        let mut failing = self.lock();
        let is_first = !failing.contains_key(&id);
        let failed = failing.entry(id).or_insert(Failed { since: SystemTime::now(), too_slow: 0 });
        failed.too_slow += u32::from(too_slow);
        is_first
    }

    /// A delivery has left the spool.
    pub(super) fn remove(&self, id: Uuid) {
        self.lock().remove(&id);
    }

    pub(super) fn contains(&self, id: Uuid) -> bool {
        self.lock().contains_key(&id)
    }

    /// Oldest first.
    pub(super) fn ids(&self) -> Vec<Uuid> {
        self.lock().keys().copied().collect()
    }

    /// How often a delivery was not written in its time.
    pub(super) fn too_slow(&self, id: Uuid) -> u32 {
        self.lock().get(&id).map_or(0, |failed| failed.too_slow)
    }

    /// When the first of them failed, in seconds since 1970; `None` without one.
    pub fn since(&self) -> Option<u64> {
        let since = self.lock().values().map(|failed| failed.since).min()?;
        since.duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs())
    }
}
