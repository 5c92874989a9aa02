//! One group of spooled entries: written in one transaction, then deleted from the spool.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;
use uuid::Uuid;

use super::{ANSWER_LIMIT, Drain, answers};
use crate::failpoints;
use crate::ledger::Delivery;
use crate::store::tables::erasures;
use crate::store::{ErrorKind, Store, StoreError};
use crate::writer::erasures::ErasedCounts;
use crate::writer::spool::{Entry, SpoolError};
use crate::writer::transaction::{Transaction, WriteMode};
use crate::writer::{Availability, Limit};

/// After this many probes in a row without an answer, the database counts as away.
const SILENT_PROBES: u32 = 3;

/// The longest limit of an entry alone, without what its size adds.
const MAX_TRY: Duration = Duration::from_mins(2);

/// The result of writing a group.
pub enum GroupResult {
    /// Every entry is stored or moved aside.
    All,
    /// Some stay. The database answers.
    Failed,
    /// Some stay. The database does not answer.
    Away,
}

impl Drain {
    /// Tries entries in one transaction; deletes those that are stored.
    ///
    /// * `is_suspect`: whether it is one entry that failed before, and the database has taken others since
    pub async fn try_group(&mut self, entries: Vec<Entry>, is_suspect: bool) -> Result<GroupResult, SpoolError> {
        let alone = if let [entry] = &entries[..] { Some(entry.id()) } else { None };
        let mut stored = Vec::with_capacity(entries.len());
        let (mut away, mut failed, mut too_slow) = (false, None, false);
        failpoints::reach("drain-read");
        let written = self.write(entries).await;
        failpoints::reach("drain-written");
        for (id, outcome) in written {
            match outcome {
                EntryResult::Stored => stored.push(id),
                EntryResult::Unstorable => {
                    self.set_aside(id, "the database refuses it, and so does the quarantine").await?;
                }
                EntryResult::Panicked if alone.is_some() => self.set_aside(id, "it makes the writer panic").await?,
                EntryResult::Away => away = true,
                EntryResult::Slow(why) => (failed, too_slow) = (Some(why), true),
                EntryResult::Failed(why) => failed = Some(why),
                EntryResult::Panicked => failed = Some("the writer panicked".to_owned()),
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
        let Some(why) = failed else { return Ok(if away { GroupResult::Away } else { GroupResult::All }) };
        if !answers(&self.monitor).await {
            return Ok(GroupResult::Away);
        }
        if let Some(id) = alone
            && (too_slow || is_suspect)
            && self.failing.failed(id, too_slow)
        {
            tracing::warn!(
                envelope_id = %id, why,
                "the database answers, but does not take this spooled delivery; retrying it"
            );
            if too_slow {
                self.transaction.pace.too_short();
            }
        }
        Ok(GroupResult::Failed)
    }

    /// Writes entries without what was erased since they were received.
    async fn write(&self, entries: Vec<Entry>) -> Vec<(Uuid, EntryResult)> {
        let ids: Vec<Uuid> = entries.iter().map(Entry::id).collect();
        let all = |result: &EntryResult| ids.iter().map(|id| (*id, result.clone())).collect();
        let Some(oldest) = entries.iter().map(|entry| entry.receipt.received_at).min() else { return Vec::new() };
        let guard = match self.erasures.within(ANSWER_LIMIT, erasures::guard(&self.erasures, oldest)).await {
            Ok(Some(guard)) => guard,
            Ok(None) => return all(&EntryResult::Failed("an erasure is about to start".to_owned())),
            Err(error) => {
                tracing::debug!(%error, "cannot read the erasures");
                if error.kind() == ErrorKind::TryAgain {
                    return all(&EntryResult::Failed(error.to_string()));
                }
                self.availability.lost();
                return all(&EntryResult::Away);
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
            return all(&EntryResult::Panicked);
        };
        let too_slow = if let [id] = ids[..] { self.failing.too_slow(id) } else { 0 };
        let limit = (0..too_slow).fold(self.transaction.pace.first(), |limit, _| limit.doubled(MAX_TRY));
        // On a task of its own, which may panic, and ends with the drain.
        let mut task = JoinSet::new();
        let monitor = (too_slow > 0).then(|| self.monitor.clone());
        task.spawn(write(self.transaction.clone(), monitor, self.availability.clone(), deliveries, limit));
        let outcomes: Vec<(Uuid, EntryResult)> = match task.join_next().await {
            Some(Ok(outcomes)) => ids.iter().copied().zip(outcomes).collect(),
            _ => all(&EntryResult::Panicked),
        };
        // A group that fails is written again, and counted then.
        let erased = if outcomes.iter().all(|(_, outcome)| matches!(outcome, EntryResult::Stored)) {
            erased.by_erasure()
        } else {
            Vec::new()
        };
        if let Err(error) = self.erasures.within(ANSWER_LIMIT, guard.release(&erased)).await {
            tracing::warn!(%error, "cannot count what spooled deliveries have lost to an erasure");
        }
        outcomes
    }
}

/// Resolves when a long try should stop: the writers know the database to be away, or it no longer answers. One silent
/// probe is not enough: the try itself may fill the link.
async fn until_away(monitor: Option<&Store>, availability: &Availability) {
    let Some(monitor) = monitor else { return std::future::pending().await };
    let is_silent = async {
        let mut silent = 0;
        while silent < SILENT_PROBES {
            sleep(ANSWER_LIMIT).await;
            silent = if answers(monitor).await { 0 } else { silent + 1 };
        }
    };
    tokio::select! { () = is_silent => {}, () = availability.until_away() => {} }
}

/// The result of writing an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
enum EntryResult {
    /// It is in the ledger or in the quarantine.
    Stored,
    /// The database did not take it now, for this reason.
    Failed(String),
    /// The database does not answer.
    Away,
    /// It was not written in its time.
    Slow(String),
    /// The database will never take it.
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
) -> Vec<EntryResult> {
    let try_once = async |deliveries: &mut [&mut Delivery], mode, limit| {
        let tried =
            transaction.try_once(deliveries, mode, limit, &[], until_away(monitor.as_ref(), &availability)).await;
        entry_result(tried, &availability)
    };
    let mut group: Vec<&mut Delivery> = deliveries.iter_mut().collect();
    let together = try_once(&mut group, WriteMode::Grouped, limit).await;
    if together != EntryResult::Unstorable {
        return vec![together; deliveries.len()];
    }
    let mut outcomes = Vec::with_capacity(deliveries.len());
    for delivery in &mut deliveries {
        outcomes.push(try_once(&mut [delivery], WriteMode::Isolating, Limit::ISOLATING.max(limit)).await);
    }
    outcomes
}

fn entry_result(tried: Result<(), StoreError>, availability: &Availability) -> EntryResult {
    match tried {
        Ok(()) => {
            availability.found();
            EntryResult::Stored
        }
        Err(error) if error.kind() == ErrorKind::Data => EntryResult::Unstorable,
        Err(error) => {
            // It is tried every second, for as long as the database is away.
            tracing::debug!(%error, "the database failed");
            if error.is_too_slow() {
                return EntryResult::Slow(error.to_string());
            }
            if error.kind() != ErrorKind::TryAgain {
                availability.lost();
            }
            EntryResult::Failed(error.to_string())
        }
    }
}
