//! Which sync is projected next, and when. Pure: the time is an argument.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use super::worker::SyncProgress;
use crate::model::SyncId;

/// How many fields are cached between passes, of all syncs together: some tens of megabytes.
const KEPT_FIELDS: usize = 100_000;

/// When a sync is projected again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// When its backlog grows.
    OnSignal,
    AtOnce,
    /// Not before this time has passed.
    After(Duration),
    /// When this time has passed, or its backlog grows.
    AfterOrOnSignal(Duration),
}

/// The syncs to project. Each is handed to one worker at a time.
#[derive(Debug, Default)]
pub struct Schedule {
    due: BTreeSet<SyncId>,
    /// Not before then.
    later: HashMap<SyncId, Instant>,
    /// Then at the latest.
    by: HashMap<SyncId, Instant>,
    working: BTreeSet<SyncId>,
    progress: HashMap<SyncId, SyncProgress>,
}

impl Schedule {
    /// Notes that these syncs have backlog.
    pub fn add(&mut self, syncs: impl IntoIterator<Item = SyncId>) {
        self.due.extend(syncs);
    }

    /// Returns syncs that are due, to keep `workers` busy, each with its state.
    pub fn take(&mut self, workers: usize, now: Instant) -> Vec<(SyncId, SyncProgress)> {
        for waiting in [&mut self.later, &mut self.by] {
            self.due.extend(waiting.extract_if(|_, at| *at <= now).map(|(sync_id, _)| sync_id));
        }
        let free = workers.saturating_sub(self.working.len());
        let ready = |sync_id: &&SyncId| !self.working.contains(sync_id) && !self.later.contains_key(sync_id);
        let ready: Vec<SyncId> = self.due.iter().filter(ready).copied().take(free).collect();
        let taken = ready.into_iter().map(|sync_id| {
            self.due.remove(&sync_id);
            self.by.remove(&sync_id);
            self.working.insert(sync_id);
            (sync_id, self.progress.remove(&sync_id).unwrap_or_default())
        });
        taken.collect()
    }

    /// Takes a sync back from a worker.
    pub fn done(&mut self, sync_id: SyncId, progress: SyncProgress, next: Next, now: Instant) {
        self.working.remove(&sync_id);
        match next {
            Next::OnSignal => {}
            Next::AtOnce => drop(self.due.insert(sync_id)),
            Next::After(pause) => drop(self.later.insert(sync_id, now + pause)),
            Next::AfterOrOnSignal(pause) => drop(self.by.insert(sync_id, now + pause)),
        }
        self.progress.insert(sync_id, progress);
        // The next pass reads the fields again.
        if self.progress.values().map(|progress| progress.state.fields()).sum::<usize>() > KEPT_FIELDS {
            for progress in self.progress.values_mut() {
                progress.state.forget_fields();
            }
        }
    }

    /// Notes that a worker panicked; the next read of the backlog finds its sync.
    pub fn lost(&mut self) {
        self.working.clear();
    }

    /// When the next sync becomes due without a signal, if any does.
    pub fn next_at(&self) -> Option<Instant> {
        self.later.values().chain(self.by.values()).copied().min()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ONE: SyncId = SyncId(Uuid::from_u128(1));
    const TWO: SyncId = SyncId(Uuid::from_u128(2));
    const THREE: SyncId = SyncId(Uuid::from_u128(3));

    fn take(schedule: &mut Schedule, now: Instant) -> Vec<SyncId> {
        schedule.take(2, now).into_iter().map(|(sync_id, _)| sync_id).collect()
    }

    #[test]
    fn each_sync_goes_to_one_worker_and_no_more_than_there_are() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        schedule.add([ONE, TWO, THREE]);
        assert_eq!(take(&mut schedule, now), [ONE, TWO]);
        schedule.add([ONE]);
        assert_eq!(take(&mut schedule, now), []);
        schedule.done(TWO, SyncProgress::default(), Next::OnSignal, now);
        assert_eq!(take(&mut schedule, now), [THREE], "the first is still worked on");
        schedule.done(ONE, SyncProgress::default(), Next::AtOnce, now);
        assert_eq!(take(&mut schedule, now), [ONE]);
    }

    #[test]
    fn a_sync_that_failed_waits_whatever_arrives_and_one_that_is_not_urgent_comes_with_its_next_delivery() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        let pause = Duration::from_secs(1);
        schedule.add([ONE, TWO]);
        take(&mut schedule, now);
        schedule.done(ONE, SyncProgress::default(), Next::After(pause), now);
        schedule.done(TWO, SyncProgress::default(), Next::AfterOrOnSignal(pause), now);
        schedule.add([ONE, TWO]);
        assert_eq!(take(&mut schedule, now), [TWO]);
        assert_eq!(schedule.next_at(), Some(now + pause));
        assert_eq!(take(&mut schedule, now + pause), [ONE]);
    }
}
