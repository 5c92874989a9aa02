//! Which sync is projected next, and when. Pure: the time is an argument.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::rebuilds::Cause;
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
    /// At once, while its keys are rebuilt. If its tables were dropped, when they are rebuilt.
    Rebuild(Cause),
}

/// Syncs in the order in which they came, each once.
#[derive(Debug, Default)]
struct SyncQueue {
    order: VecDeque<SyncId>,
    members: HashSet<SyncId>,
}

impl SyncQueue {
    /// Appends a sync, unless the queue has it already.
    fn push(&mut self, sync_id: SyncId) {
        if self.members.insert(sync_id) {
            self.order.push_back(sync_id);
        }
    }

    /// Returns whether the queue had it.
    fn remove(&mut self, sync_id: SyncId) -> bool {
        let is_member = self.members.remove(&sync_id);
        if is_member {
            self.order.retain(|member| *member != sync_id);
        }
        is_member
    }
}

/// The syncs to project. Each is handed to one worker at a time; after its turn it comes after all that wait.
#[derive(Debug, Default)]
pub struct Schedule {
    due: SyncQueue,
    /// When the oldest delivery was sent that came since the sync's last turn.
    arrived: HashMap<SyncId, DateTime<Utc>>,
    /// Not before then.
    later: HashMap<SyncId, Instant>,
    /// Then at the latest.
    by: HashMap<SyncId, Instant>,
    working: HashSet<SyncId>,
    /// Not before their tables are rebuilt.
    without_tables: HashSet<SyncId>,
    progress: HashMap<SyncId, SyncProgress>,
}

impl Schedule {
    /// Notes that these syncs have something to project.
    pub fn add(&mut self, syncs: impl IntoIterator<Item = SyncId>) {
        syncs.into_iter().for_each(|sync_id| self.due.push(sync_id));
    }

    /// Notes that these syncs have deliveries in the backlog.
    ///
    /// * `syncs`: each with the time at which its oldest delivery was sent
    pub fn add_deliveries(&mut self, syncs: impl IntoIterator<Item = (SyncId, DateTime<Utc>)>) {
        for (sync_id, sent_at) in syncs {
            let oldest = self.arrived.entry(sync_id).or_insert(sent_at);
            *oldest = sent_at.min(*oldest);
            self.due.push(sync_id);
        }
    }

    /// Returns syncs that are due, to keep `workers` busy, each with its state.
    pub fn take(&mut self, workers: usize, now: Instant) -> Vec<(SyncId, SyncProgress)> {
        for waiting in [&mut self.later, &mut self.by] {
            waiting.extract_if(|_, at| *at <= now).for_each(|(sync_id, _)| self.due.push(sync_id));
        }
        let free = workers.saturating_sub(self.working.len());
        let ready = |sync_id: &&SyncId| {
            let waits = self.working.contains(sync_id) || self.without_tables.contains(sync_id);
            !waits && !self.later.contains_key(sync_id)
        };
        let ready: Vec<SyncId> = self.due.order.iter().filter(ready).copied().take(free).collect();
        let taken = ready.into_iter().map(|sync_id| {
            self.due.remove(sync_id);
            self.by.remove(&sync_id);
            self.working.insert(sync_id);
            let mut progress = self.progress.remove(&sync_id).unwrap_or_default();
            if let Some(sent_at) = self.arrived.remove(&sync_id) {
                progress.state.look_from.arrived(sent_at);
            }
            (sync_id, progress)
        });
        taken.collect()
    }

    /// Takes a sync back from a worker.
    pub fn done(&mut self, sync_id: SyncId, progress: SyncProgress, next: Next, now: Instant) {
        self.working.remove(&sync_id);
        // A sync that got deliveries during its turn comes after those that waited for theirs.
        if self.due.remove(sync_id) || matches!(next, Next::AtOnce | Next::Rebuild(_)) {
            self.due.push(sync_id);
        }
        match next {
            Next::OnSignal | Next::AtOnce | Next::Rebuild(Cause::KeysOutdated) => {}
            Next::Rebuild(Cause::Dropped) => drop(self.without_tables.insert(sync_id)),
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

    /// Notes that a rebuild of the sync's tables has ended.
    ///
    /// * `pause`: before it is projected
    pub fn rebuilt(&mut self, sync_id: SyncId, pause: Duration, now: Instant) {
        if self.without_tables.remove(&sync_id) {
            self.later.insert(sync_id, now + pause);
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
    use crate::store::tables::backlog::LookFrom;

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
    fn busy_syncs_do_not_come_before_a_waiting_one() {
        let now = Instant::now();
        for (busy, quiet) in [([ONE, TWO], THREE), ([TWO, THREE], ONE)] {
            let mut schedule = Schedule::default();
            schedule.add(busy);
            assert_eq!(take(&mut schedule, now), busy);
            // Their backlogs grow all the time, and each turn ends with some left.
            schedule.add(busy);
            schedule.add([quiet]);
            schedule.done(busy[0], SyncProgress::default(), Next::AtOnce, now);
            assert_eq!(take(&mut schedule, now), [quiet]);
            schedule.done(busy[1], SyncProgress::default(), Next::AtOnce, now);
            assert_eq!(take(&mut schedule, now), [busy[0]], "they take turns too");
        }
    }

    #[test]
    fn a_sync_whose_tables_were_dropped_takes_no_worker_until_they_are_rebuilt() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        schedule.add([ONE, TWO]);
        take(&mut schedule, now);
        schedule.done(ONE, SyncProgress::default(), Next::Rebuild(Cause::Dropped), now);
        schedule.done(TWO, SyncProgress::default(), Next::Rebuild(Cause::KeysOutdated), now);
        schedule.add([ONE, TWO, THREE]);
        assert_eq!(take(&mut schedule, now), [TWO, THREE]);
        schedule.done(TWO, SyncProgress::default(), Next::OnSignal, now);
        assert_eq!(take(&mut schedule, now), []);
        schedule.rebuilt(ONE, Duration::ZERO, now);
        assert_eq!(take(&mut schedule, now), [ONE]);
    }

    #[test]
    fn the_oldest_new_delivery_is_where_the_backlog_begins() {
        let (mut schedule, now) = (Schedule::default(), Instant::now());
        let sent = |seconds| DateTime::from_timestamp(seconds, 0).expect("it is a time");
        let taken = |schedule: &mut Schedule| schedule.take(2, now).pop().expect("it is due").1;
        schedule.add_deliveries([(ONE, sent(5))]);
        let mut progress = taken(&mut schedule);
        assert_eq!(progress.state.look_from, LookFrom::Beginning, "nothing is known yet");
        progress.state.look_from = LookFrom::End;
        schedule.add_deliveries([(ONE, sent(9))]);
        schedule.add_deliveries([(ONE, sent(7))]);
        schedule.done(ONE, progress, Next::OnSignal, now);
        let progress = taken(&mut schedule);
        assert_eq!(progress.state.look_from, LookFrom::SentAt(sent(7)));
        schedule.add_deliveries([(ONE, sent(8))]);
        schedule.done(ONE, progress, Next::OnSignal, now);
        assert_eq!(taken(&mut schedule).state.look_from, LookFrom::SentAt(sent(7)));
    }

    #[test]
    fn a_failed_sync_waits_out_its_pause_and_one_that_is_not_urgent_is_due_with_its_next_delivery() {
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
