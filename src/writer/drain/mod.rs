//! From the spool to the database: oldest first, through the same transactions as new deliveries, while those continue.
//!
//! An entry is deleted after its commit. A crash in between writes it once more, and the envelope's id makes that a
//! no-op. While the database does not answer, the drain retries the oldest entry. An entry that fails although the
//! database answers does not hold up those behind it: a failed group is bisected until the entry is alone, and then it
//! is skipped, and tried once more after the next one that succeeds. If it fails then too, it is tried after all
//! others.

mod group;

use std::time::Duration;

use tokio::time::{Instant, sleep};
use uuid::Uuid;

use self::group::GroupResult;
use super::spool::{Entry, Spool, SpoolError, SpoolPage};
use super::transaction::Transaction;
use super::{Availability, Failing};
use crate::backoff::Backoff;
use crate::store::{Role, Store};

/// A group's size, in bytes. It takes a few times as much memory.
const GROUP_BYTES: u64 = 2 << 20;

/// A group's size, in entries.
const GROUP_ENTRIES: usize = 512;

/// Delay after a failure; doubles up to the maximum, which bounds the delay in detecting that the database is back.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// Time limit for a probe of the database: a connection and a few round trips, over a slow link too.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// How often the log says what the spool holds.
const REPORT_EVERY: Duration = Duration::from_mins(1);

/// The task that drains the spool.
pub(super) struct Drain {
    transaction: Transaction,
    spool: Spool,
    availability: Availability,
    /// Probes the database while the spool holds nothing to try it with.
    monitor: Store,
    /// Reads which erasures ran while the entries waited.
    erasures: Store,
    backoff: Backoff,
    /// Entries that are tried together.
    group: usize,
    failing: Failing,
    /// Entries that are stored, and that a full disk has no room to delete.
    undeleted: Vec<Uuid>,
    /// When the spool got its first entry, and how many have been stored since.
    began: Option<Instant>,
    stored: u64,
    reported: Instant,
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
                self.probe().await;
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
                    self.probe().await;
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
            let mut found = self.spool.read(SpoolPage { after, bytes: GROUP_BYTES, entries: self.group }).await?;
            let Some(last) = found.last().map(Entry::id) else { break };
            found.retain(|entry| !self.failing.contains(entry.id()) && !self.undeleted.contains(&entry.id()));
            let Some(first) = found.first().map(Entry::id) else {
                after = Some(last);
                continue;
            };
            let tried = found.len();
            match self.try_group(found, false).await? {
                GroupResult::All => {
                    self.backoff.reset();
                    self.group = (self.group * 2).min(GROUP_ENTRIES);
                    after = Some(last);
                    for id in std::mem::take(&mut suspects) {
                        self.try_failing(id).await?;
                    }
                }
                GroupResult::Away => {
                    self.group = 1;
                    self.pause().await;
                }
                GroupResult::Failed if tried > 1 => self.group = (tried / 2).max(1),
                GroupResult::Failed => {
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
            if !self.probe().await {
                self.pause().await;
                break;
            }
            if !matches!(self.try_failing(id).await?, GroupResult::All) {
                self.pause().await;
            }
        }
        Ok(())
    }

    /// Tries an entry that has failed alone, and the database has taken others since.
    async fn try_failing(&mut self, id: Uuid) -> Result<GroupResult, SpoolError> {
        let mut found = self.spool.read(SpoolPage::at(id)).await?;
        found.retain(|entry| entry.id() == id);
        self.try_group(found, true).await
    }

    /// Waits for an entry. Probes the database meanwhile if it is away.
    async fn idle(&mut self) {
        self.report_end();
        if self.spool.status().error.is_some() {
            // Without a delivery, only this shows that the disk is usable again.
            if self.spool.delete(Vec::new()).await.is_err() {
                self.probe().await;
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
        if !self.probe().await {
            self.pause().await;
        }
    }

    /// Probes a database that is away, when there is no entry to try it with: deliveries are tried again once it
    /// answers. Returns whether it does.
    async fn probe(&self) -> bool {
        let answers = !self.availability.is_away() || answers(&self.monitor).await;
        if answers {
            self.availability.found();
        }
        answers
    }

    /// Logs that the spool is empty, if it was not before.
    fn report_end(&mut self) {
        if let Some(began) = self.began.take() {
            let seconds = began.elapsed().as_secs();
            tracing::info!(deliveries = self.stored, seconds, "the spool is empty: all spooled deliveries are stored");
            self.stored = 0;
        }
    }

    /// Logs how much the spool holds, at its first entry and every minute.
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

    /// Deletes what is stored. A full disk may have no room for that before everything can be deleted, which needs
    /// hardly any; meanwhile the others are stored too.
    async fn delete(&mut self) -> Result<(), SpoolError> {
        match self.spool.delete(self.undeleted.clone()).await {
            Err(SpoolError::NoSpace) => Ok(()),
            deleted => {
                self.undeleted.clear();
                deleted
            }
        }
    }

    async fn set_aside(&self, id: Uuid, why: &str) -> Result<(), SpoolError> {
        let folder = self.spool.set_aside(id).await?;
        self.failing.remove(id);
        tracing::error!(
            envelope_id = %id, folder = %folder.display(), why,
            "a spooled delivery was moved aside; it is not stored"
        );
        Ok(())
    }
}

/// Whether the database answers.
async fn answers(monitor: &Store) -> bool {
    monitor.within(ANSWER_LIMIT, monitor.check()).await.is_ok()
}
