//! From the spool to the database: oldest first, through the same transactions as new deliveries, and beside them.
//!
//! An entry is deleted after its commit. A crash in between writes it once more, and the envelope's id makes that a
//! no-op. While the database does not answer, the oldest entry is tried again and again. An entry that fails although it
//! answers does not hold up those behind it: a group that fails is divided until the entry is alone, and then it is
//! skipped, and tried once more after the next one that succeeds. If it fails then too, it is tried after all others.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::erasures::ErasedCounts;
use super::spool::{Entry, Page, Spool, SpoolError};
use super::transaction::{Transaction, WriteMode};
use super::{Availability, Failing, Limit};
use crate::backoff::Backoff;
use crate::failpoints;
use crate::ledger::Delivery;
use crate::store::tables::erasures;
use crate::store::{ErrorKind, Role, Store, StoreError};

/// A group's size, in bytes. What it takes in memory is a few times as much.
const GROUP_BYTES: u64 = 2 << 20;

/// A group's size, in entries.
const GROUP_ENTRIES: usize = 512;

/// Delay after a failure; doubles up to the maximum, which is how late the return of the database is noticed.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// Time for a question to the database: a connection and a few round trips, over a slow link too.
const PATIENCE: Duration = Duration::from_secs(5);

/// After so many questions in a row without an answer, the database does not answer any more.
const SILENT: u32 = 3;

/// The longest limit of an entry alone, without what its size adds.
const MAX_TRY: Duration = Duration::from_mins(2);

/// How often the log says what the spool holds.
const REPORT_EVERY: Duration = Duration::from_mins(1);

/// The task that drains the spool.
pub(super) struct Drain {
    transaction: Transaction,
    spool: Spool,
    availability: Availability,
    /// To see whether the database is back, while the spool holds nothing to try it with.
    monitor: Store,
    /// Asks what was erased while the entries waited.
    erasures: Store,
    backoff: Backoff,
    /// Entries that are tried together.
    group: usize,
    failing: Failing,
    /// Entries that are stored, and that a full disk has no room to delete.
    undeleted: Vec<Uuid>,
    /// Since when the spool has held entries, and how many have been stored since.
    began: Option<Instant>,
    stored: u64,
    reported: Instant,
}

/// What became of a group.
enum Tried {
    /// Every entry is stored or set aside.
    All,
    /// Some stay. The database answers.
    Failed,
    /// Some stay. The database does not answer.
    Away,
}

impl Drain {
    pub fn new(transaction: Transaction, spool: Spool, availability: Availability, failing: Failing) -> Self {
        Self {
            monitor: transaction.store.for_role(Role::Monitor),
            erasures: transaction.store.for_role(Role::Maintenance),
            transaction,
            spool,
            availability,
            backoff: Backoff::new(FIRST_PAUSE),
            group: 1,
            failing,
            undeleted: Vec::new(),
            began: None,
            stored: 0,
            reported: Instant::now(),
        }
    }

    /// Drains a spool that takes no more deliveries, and closes it.
    pub async fn run_until_empty(mut self) {
        self.availability.until_prepared().await;
        while self.spool.status().totals.entries > 0 {
            if self.round().await.is_err() {
                self.look().await;
                self.pause().await;
            }
        }
        self.report_end();
        let spool = self.spool.clone();
        let _ = tokio::task::spawn_blocking(move || spool.close()).await;
    }

    /// Drains for ever.
    pub async fn run(mut self) {
        self.availability.until_prepared().await;
        loop {
            match self.round().await {
                Ok(()) if self.spool.status().totals.entries == 0 => self.idle().await,
                Ok(()) => {}
                // The spool logs its errors.
                Err(_) => {
                    self.look().await;
                    self.pause().await;
                }
            }
        }
    }

    /// Tries every entry once; those that are failing after all others.
    async fn round(&mut self) -> Result<(), SpoolError> {
        let mut after = None;
        // Entries that failed, and none has been stored since.
        let mut suspects = Vec::new();
        loop {
            self.report();
            let mut found = self.spool.read(Page { after, bytes: GROUP_BYTES, entries: self.group }).await?;
            let Some(last) = found.last().map(Entry::id) else { break };
            found.retain(|entry| !self.failing.contains(entry.id()) && !self.undeleted.contains(&entry.id()));
            let Some(first) = found.first().map(Entry::id) else {
                after = Some(last);
                continue;
            };
            let tried = found.len();
            match self.try_group(found, false).await? {
                Tried::All => {
                    self.backoff.reset();
                    self.group = (self.group * 2).min(GROUP_ENTRIES);
                    after = Some(last);
                    for id in std::mem::take(&mut suspects) {
                        self.try_failing(id).await?;
                    }
                }
                Tried::Away => {
                    self.group = 1;
                    self.pause().await;
                }
                Tried::Failed if tried > 1 => self.group = (tried / 2).max(1),
                Tried::Failed => {
                    if !self.failing.contains(first) {
                        suspects.push(first);
                    }
                    after = Some(last);
                    self.pause().await;
                }
            }
        }
        if !self.undeleted.is_empty() {
            self.delete().await?;
            if !self.undeleted.is_empty() {
                self.pause().await;
            }
        }
        for id in self.failing.ids() {
            if !self.look().await {
                self.pause().await;
                break;
            }
            if !matches!(self.try_failing(id).await?, Tried::All) {
                self.pause().await;
            }
        }
        Ok(())
    }

    /// Tries an entry that has failed alone, and the database has taken others since.
    async fn try_failing(&mut self, id: Uuid) -> Result<Tried, SpoolError> {
        let mut found = self.spool.read(Page::at(id)).await?;
        found.retain(|entry| entry.id() == id);
        self.try_group(found, true).await
    }

    /// Waits for an entry, and looks after a database that is away meanwhile.
    async fn idle(&mut self) {
        self.report_end();
        if self.spool.status().error.is_some() {
            // Without a delivery, only this shows that the disk is well again.
            if self.spool.delete(Vec::new()).await.is_err() {
                self.look().await;
                self.pause().await;
            }
            return;
        }
        if !self.availability.is_away() {
            tokio::select! {
                () = self.spool.appended() => {}
                () = self.availability.until_away() => {}
            }
            self.backoff.reset();
            return;
        }
        // A delivery was neither stored nor spooled.
        if !self.look().await {
            self.pause().await;
        }
    }

    /// Looks after a database that is away, when there is no entry to try it with: deliveries are tried again once it
    /// answers. Returns whether it does.
    async fn look(&self) -> bool {
        let answers = !self.availability.is_away() || answers(&self.monitor).await;
        if answers {
            self.availability.found();
        }
        answers
    }

    /// Says that the spool is empty, if it was not before.
    fn report_end(&mut self) {
        if let Some(began) = self.began.take() {
            let seconds = began.elapsed().as_secs();
            tracing::info!(deliveries = self.stored, seconds, "the spool is empty: all spooled deliveries are stored");
            self.stored = 0;
        }
    }

    /// Says what the spool holds, at its first entry and every minute.
    fn report(&mut self) {
        let totals = self.spool.status().totals;
        if totals.entries == 0 {
            return;
        }
        let first = self.began.is_none();
        self.began.get_or_insert_with(Instant::now);
        if first || self.reported.elapsed() >= REPORT_EVERY {
            self.reported = Instant::now();
            let away = self.availability.is_away();
            tracing::warn!(deliveries = totals.entries, bytes = totals.bytes, away, "deliveries wait in the spool");
        }
    }

    async fn pause(&mut self) {
        sleep(self.backoff.fail(MAX_PAUSE)).await;
    }

    /// Tries entries in one transaction; deletes those that are stored.
    ///
    /// * `is_suspect`: whether it is one entry that failed before, and the database has taken others since
    async fn try_group(&mut self, entries: Vec<Entry>, is_suspect: bool) -> Result<Tried, SpoolError> {
        let alone = if let [entry] = &entries[..] { Some(entry.id()) } else { None };
        let mut stored = Vec::with_capacity(entries.len());
        let (mut away, mut failed, mut too_slow) = (false, None, false);
        failpoints::reach("drain-read");
        let written = self.write(entries).await;
        failpoints::reach("drain-written");
        for (id, outcome) in written {
            match outcome {
                Outcome::Stored => stored.push(id),
                Outcome::Unstorable => {
                    self.set_aside(id, "the database refuses it, and so does the quarantine").await?;
                }
                Outcome::Panicked if alone.is_some() => self.set_aside(id, "it makes the writer panic").await?,
                Outcome::Away => away = true,
                Outcome::Slow(why) => (failed, too_slow) = (Some(why), true),
                Outcome::Failed(why) => failed = Some(why),
                Outcome::Panicked => failed = Some("the writer panicked".to_owned()),
            }
        }
        for id in &stored {
            self.failing.remove(*id);
        }
        self.stored += stored.len() as u64;
        self.transaction.metrics.drained(stored.len());
        if !stored.is_empty() {
            self.undeleted.extend(stored);
            self.delete().await?;
            failpoints::reach("drain-deleted");
        }
        let Some(why) = failed else { return Ok(if away { Tried::Away } else { Tried::All }) };
        if !answers(&self.monitor).await {
            return Ok(Tried::Away);
        }
        if let Some(id) = alone
            && (too_slow || is_suspect)
            && self.failing.failed(id, too_slow)
        {
            tracing::warn!(envelope_id = %id, why, "the database is there, but does not take this spooled delivery; it is tried again");
            if too_slow {
                self.transaction.pace.too_short();
            }
        }
        Ok(Tried::Failed)
    }

    /// Deletes what is stored. A full disk may have no room for that before everything can be deleted, which needs hardly
    /// any; meanwhile the others are stored too.
    async fn delete(&mut self) -> Result<(), SpoolError> {
        match self.spool.delete(self.undeleted.clone()).await {
            Err(SpoolError::NoSpace) => Ok(()),
            deleted => {
                self.undeleted.clear();
                deleted
            }
        }
    }

    /// Writes entries without what was erased since they were received.
    async fn write(&self, entries: Vec<Entry>) -> Vec<(Uuid, Outcome)> {
        let ids: Vec<Uuid> = entries.iter().map(Entry::id).collect();
        let all = |outcome: &Outcome| ids.iter().map(|id| (*id, outcome.clone())).collect();
        let Some(oldest) = entries.iter().map(|entry| entry.receipt.received_at).min() else { return Vec::new() };
        let guard = match self.erasures.within(PATIENCE, erasures::guard(&self.erasures, oldest)).await {
            Ok(Some(guard)) => guard,
            // An erasure is about to start.
            Ok(None) => return all(&Outcome::Failed("an erasure is about to start".to_owned())),
            Err(error) => {
                tracing::debug!(%error, "cannot ask what was erased");
                if error.kind() == ErrorKind::TryAgain {
                    return all(&Outcome::Failed(error.to_string()));
                }
                self.availability.lost();
                return all(&Outcome::Away);
            }
        };
        let without_erased = move || {
            let mut erased = ErasedCounts::default();
            let deliver = |mut entry: Entry| {
                erased.cut_out(&mut entry, &guard.erasures);
                Delivery::new(entry.into_work())
            };
            let deliveries: Vec<Delivery> = entries.into_iter().map(deliver).collect();
            (deliveries, erased, guard)
        };
        let Ok((deliveries, erased, guard)) = tokio::task::spawn_blocking(without_erased).await else {
            return all(&Outcome::Panicked);
        };
        let too_slow = if let [id] = ids[..] { self.failing.too_slow(id) } else { 0 };
        let limit = (0..too_slow).fold(self.transaction.pace.first(), |limit, _| limit.doubled(MAX_TRY));
        // On a task of its own, which may panic, and ends with the drain.
        let mut task = JoinSet::new();
        let monitor = (too_slow > 0).then(|| self.monitor.clone());
        task.spawn(write(self.transaction.clone(), monitor, self.availability.clone(), deliveries, limit));
        let outcomes: Vec<(Uuid, Outcome)> = match task.join_next().await {
            Some(Ok(outcomes)) => ids.iter().copied().zip(outcomes).collect(),
            _ => all(&Outcome::Panicked),
        };
        // A group that fails is written again, and counted then.
        let erased = if outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::Stored)) {
            erased.by_erasure()
        } else {
            Vec::new()
        };
        if let Err(error) = self.erasures.within(PATIENCE, guard.release(&erased)).await {
            tracing::warn!(%error, "cannot count what spooled deliveries have lost to an erasure");
        }
        outcomes
    }

    async fn set_aside(&self, id: Uuid, why: &str) -> Result<(), SpoolError> {
        let folder = self.spool.set_aside(id).await?;
        self.failing.remove(id);
        tracing::error!(envelope_id = %id, folder = %folder.display(), why, "a spooled delivery was set aside; it is not stored");
        Ok(())
    }
}

/// Whether the database could take deliveries.
async fn answers(monitor: &Store) -> bool {
    monitor.within(PATIENCE, monitor.check()).await.is_ok()
}

/// Resolves when a long try should not go on: the writers know the database to be away, or it does not answer any more. Once is
/// not enough: the try itself may fill the link.
async fn until_away(monitor: Option<&Store>, availability: &Availability) {
    let Some(monitor) = monitor else { return std::future::pending().await };
    let is_silent = async {
        let mut silent = 0;
        while silent < SILENT {
            sleep(PATIENCE).await;
            silent = if answers(monitor).await { 0 } else { silent + 1 };
        }
    };
    tokio::select! { () = is_silent => {}, () = availability.until_away() => {} }
}

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// It is in the ledger or in the quarantine.
    Stored,
    /// The database did not take it now, for this reason.
    Failed(String),
    /// The database does not answer.
    Away,
    /// It was not written in its time.
    Slow(String),
    /// It never will.
    Unstorable,
    Panicked,
}

/// Writes the deliveries in one transaction. If their data fails it, writes each by itself.
///
/// * `monitor`: for a long try, which ends when the database is away
/// * `limit`: for all together
async fn write(
    transaction: Transaction,
    monitor: Option<Store>,
    availability: Availability,
    mut deliveries: Vec<Delivery>,
    limit: Limit,
) -> Vec<Outcome> {
    let try_once = async |deliveries: &mut [&mut Delivery], mode, limit| {
        let tried =
            transaction.try_once(deliveries, mode, limit, &[], until_away(monitor.as_ref(), &availability)).await;
        outcome(tried, &availability)
    };
    let mut group: Vec<&mut Delivery> = deliveries.iter_mut().collect();
    let together = try_once(&mut group, WriteMode::Grouped, limit).await;
    if together != Outcome::Unstorable {
        return vec![together; deliveries.len()];
    }
    let mut outcomes = Vec::with_capacity(deliveries.len());
    for delivery in &mut deliveries {
        outcomes.push(try_once(&mut [delivery], WriteMode::Isolating, Limit::ISOLATING.max(limit)).await);
    }
    outcomes
}

fn outcome(tried: Result<(), StoreError>, availability: &Availability) -> Outcome {
    match tried {
        Ok(()) => {
            availability.found();
            Outcome::Stored
        }
        Err(error) if error.kind() == ErrorKind::Data => Outcome::Unstorable,
        Err(error) => {
            // It is tried every second, for as long as the database is away.
            tracing::debug!(%error, "the database failed");
            if error.is_too_slow() {
                return Outcome::Slow(error.to_string());
            }
            if error.kind() != ErrorKind::TryAgain {
                availability.lost();
            }
            Outcome::Failed(error.to_string())
        }
    }
}
