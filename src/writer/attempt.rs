//! One group of deliveries, tried until each of them is answered.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::job::{Job, Work};
use super::signal::BacklogSignal;
use super::{Answer, Held, Item, Unavailable};
use crate::backoff::Backoff;
use crate::store::{ErrorKind, Store, StoreError};

/// No try begins later than this after a delivery was submitted. With the last try, it is answered within about ten
/// seconds: Polytomic documents no timeout; clients and proxies in general give up about then.
const PATIENCE: Duration = Duration::from_secs(6);

/// Time for the first try; doubles with each further one, up to the last. The first is short, because a dead connection
/// is silent, and the second try has a fresh one.
const FIRST_TRY: Duration = Duration::from_secs(2);
const MAX_TRY: Duration = Duration::from_secs(4);

/// Additional time per record, at the rate of a slow and distant database: a working one is not cut off, however large
/// the delivery.
const TRY_PER_RECORD: Duration = Duration::from_micros(500);

/// A delivery that is bisected takes many statements.
const TRY_ALONE: Duration = Duration::from_secs(5);

/// Delay before the next try; doubles up to the maximum.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// Deliveries that are tried together. `jobs` and `waiting` run in parallel.
struct Group {
    jobs: Vec<Job>,
    waiting: Vec<Waiting>,
}

/// The caller that waits for an answer, and since when.
struct Waiting {
    answer: Answer,
    since: Instant,
    _held: Held,
}

/// Writes the items in one transaction. If their data fails it, writes each by itself and quarantines what the database
/// refuses. If the database fails, retries for a while.
pub async fn commit(store: Store, items: Vec<Item>, signal: BacklogSignal) {
    let waiting = |item: Item| (item.job, Waiting { answer: item.answer, since: item.submitted, _held: item.held });
    let (jobs, waiting) = items.into_iter().map(waiting).unzip();
    let mut group = Group { jobs, waiting };
    if write(&store, &mut group, WriteMode::Grouped, &signal).await == Verdict::BadData {
        for (job, waiting) in group.jobs.into_iter().zip(group.waiting) {
            let mut alone = Group { jobs: vec![job], waiting: vec![waiting] };
            if write(&store, &mut alone, WriteMode::Isolating, &signal).await == Verdict::BadData {
                alone.refuse_older_than(Duration::ZERO, &"the quarantine refuses it too");
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WriteMode {
    /// All in one transaction.
    Grouped,
    /// One delivery; what the database refuses of it is quarantined.
    Isolating,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Every delivery is answered.
    Answered,
    /// The database refuses some of the data; no delivery is answered.
    BadData,
}

async fn write(store: &Store, group: &mut Group, mode: WriteMode, signal: &BacklogSignal) -> Verdict {
    let first_try = if mode == WriteMode::Grouped { FIRST_TRY } else { TRY_ALONE };
    let mut tries = Backoff::new(first_try);
    let mut backoff = Backoff::new(FIRST_PAUSE);
    loop {
        let records: usize = group.jobs.iter().map(Job::record_count).sum();
        let limit = tries.fail(MAX_TRY.max(first_try))
            + TRY_PER_RECORD.saturating_mul(u32::try_from(records).unwrap_or(u32::MAX));
        let error = match store.within(limit, one_try(store, &mut group.jobs, mode, limit)).await {
            Ok(()) => {
                signal.raise(group.jobs.iter().filter_map(Job::sync_id));
                group.answer();
                return Verdict::Answered;
            }
            Err(error) => error,
        };
        match error.kind() {
            ErrorKind::Data => {
                tracing::debug!(%error, deliveries = group.jobs.len(), "a transaction failed on its data");
                return Verdict::BadData;
            }
            ErrorKind::TryAgain => tracing::debug!(%error, "retrying a transaction"),
            ErrorKind::MissingPartition | ErrorKind::Unavailable => tracing::warn!(%error, "the database failed"),
        }
        let pause = backoff.fail(MAX_PAUSE);
        group.refuse_older_than(PATIENCE.saturating_sub(pause), &error);
        if group.jobs.is_empty() {
            return Verdict::Answered;
        }
        sleep(pause).await;
    }
}

async fn one_try(store: &Store, jobs: &mut [Job], mode: WriteMode, limit: Duration) -> Result<(), StoreError> {
    match write_once(store, jobs, mode, limit).await {
        Err(error) if error.kind() == ErrorKind::MissingPartition => {
            store.make_partitions_of(jobs.iter().map(Job::day).collect()).await?;
            write_once(store, jobs, mode, limit).await
        }
        other => other,
    }
}

async fn write_once(store: &Store, jobs: &mut [Job], mode: WriteMode, limit: Duration) -> Result<(), StoreError> {
    if mode == WriteMode::Isolating
        && let [Job { work: Work::Envelope(envelope), counts, quarantined }] = jobs
    {
        *quarantined = store.write_isolating_bad_rows(envelope, counts, limit).await?;
        return Ok(());
    }
    let mut counts: Vec<_> = jobs.iter().map(|job| job.counts).collect();
    let deliveries: Vec<_> = jobs.iter().map(Job::delivery).collect();
    let done = store.write(&deliveries, &mut counts, limit).await;
    for (job, counts) in jobs.iter_mut().zip(counts) {
        job.counts = counts;
    }
    done
}

impl Group {
    /// The client may have gone; its delivery is stored all the same.
    fn answer(&mut self) {
        for (job, waiting) in self.jobs.drain(..).zip(self.waiting.drain(..)) {
            let _ = waiting.answer.send(job.into_outcome().ok_or(Unavailable));
        }
    }

    /// Refuses the deliveries that have waited for longer than `patience`.
    fn refuse_older_than(&mut self, patience: Duration, why: &dyn std::fmt::Display) {
        let all = self.jobs.len();
        let (jobs, waiting) = (std::mem::take(&mut self.jobs), std::mem::take(&mut self.waiting));
        for (job, waiting) in jobs.into_iter().zip(waiting) {
            if waiting.since.elapsed() < patience {
                self.jobs.push(job);
                self.waiting.push(waiting);
            } else {
                let _ = waiting.answer.send(Err(Unavailable));
            }
        }
        let refused = all - self.jobs.len();
        if refused > 0 {
            tracing::error!(deliveries = refused, %why, "cannot store deliveries; refusing them");
        }
    }
}
