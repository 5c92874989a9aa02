//! One group of deliveries, tried until each of them is answered: stored, spooled or refused.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{Instrument as _, Span};

use super::job::{Job, Work, WriteOutcome};
use super::signal::BacklogSignal;
use super::spool::{Entry, Spool};
use super::{Answer, Availability, Held, Item, Unavailable};
use crate::backoff::Backoff;
use crate::failpoints;
use crate::metrics::{Metrics, RecordResult, TransactionResult};
use crate::store::{ErrorKind, Store, StoreError};
use crate::traces;

/// No try begins later than this after a delivery was submitted. With the last try, it is answered within about ten
/// seconds: Polytomic documents no timeout; clients and proxies in general give up about then.
const PATIENCE: Duration = Duration::from_secs(6);

/// With a spool, a delivery that was not stored by then is spooled instead of tried again.
const PATIENCE_WITH_SPOOL: Duration = Duration::from_secs(2);

/// Time for the first try; doubles with each further one, up to the last. The first is short, because a dead connection
/// is silent, and the second try has a fresh one.
pub const FIRST_TRY: Duration = Duration::from_secs(2);
const MAX_TRY: Duration = Duration::from_secs(4);

/// Additional time per record and per byte of the bodies, at the rate of a slow and distant database: a working one is not
/// cut off, however large the delivery.
const TRY_PER_RECORD: Duration = Duration::from_micros(500);
const TRY_PER_BYTE: Duration = Duration::from_micros(1);

/// A delivery that is bisected takes many statements.
const TRY_ALONE: Duration = Duration::from_secs(5);

/// Delay before the next try; doubles up to the maximum.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// What a writer works with. Clones share it.
#[derive(Debug, Clone)]
pub struct Context {
    pub store: Store,
    pub signal: BacklogSignal,
    /// Without one, deliveries are refused while the database is away.
    pub spool: Option<Spool>,
    pub availability: Availability,
    pub metrics: Metrics,
    /// When the service has no more time for deliveries, once it stops.
    pub deadline: watch::Receiver<Option<Instant>>,
}

impl Context {
    /// Whether deliveries should be spooled without a try, or another one.
    fn is_late(&self) -> bool {
        self.spool.is_some() && self.deadline.borrow().is_some_and(|deadline| deadline <= Instant::now())
    }

    /// Waits until deliveries should be spooled.
    async fn until_late(&self) {
        let deadline = self.deadline.clone().wait_for(Option::is_some).await.map(|deadline| *deadline);
        match deadline {
            Ok(Some(deadline)) if self.spool.is_some() => sleep_until(deadline).await,
            _ => std::future::pending().await,
        }
    }
}

/// Where deliveries come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A client that waits.
    Client,
    /// The spool, where they stay if they are not stored.
    Spool,
}

/// Deliveries that are tried together. `jobs` and `waiting` run in parallel.
struct Group {
    origin: Origin,
    jobs: Vec<Job>,
    waiting: Vec<Waiting>,
}

/// The caller that waits for an answer, and since when.
struct Waiting {
    answer: Answer,
    since: Instant,
    _held: Held,
    span: Span,
}

/// Writes the items in one transaction. If their data fails it, writes each by itself and quarantines what the database
/// refuses. If the database fails, retries for a while; what is not stored then goes to the spool.
pub async fn commit(context: Context, items: Vec<Item>, origin: Origin) {
    if origin == Origin::Client {
        for item in &items {
            context.metrics.taken(item.submitted.elapsed());
        }
    }
    let waiting = |item: Item| {
        (item.job, Waiting { answer: item.answer, since: item.submitted, _held: item.held, span: item.span })
    };
    let (jobs, waiting) = items.into_iter().map(waiting).unzip();
    let mut group = Group { origin, jobs, waiting };
    if origin == Origin::Client && context.spool.is_some() && (context.availability.is_away() || context.is_late()) {
        return group.give_up(&"the database is away", &context).await;
    }
    if write(&context, &mut group, WriteMode::Grouped).await == Verdict::BadData {
        for (job, waiting) in group.jobs.into_iter().zip(group.waiting) {
            let mut alone = Group { origin, jobs: vec![job], waiting: vec![waiting] };
            if write(&context, &mut alone, WriteMode::Isolating).await == Verdict::BadData {
                alone.refuse(&"the quarantine refuses it too", Unavailable::Unstorable);
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

async fn write(context: &Context, group: &mut Group, mode: WriteMode) -> Verdict {
    let store = &context.store;
    let first_try = if mode == WriteMode::Grouped { FIRST_TRY } else { TRY_ALONE };
    let mut tries = Backoff::new(first_try);
    let mut backoff = Backoff::new(FIRST_PAUSE);
    loop {
        let records: usize = group.jobs.iter().map(Job::record_count).sum();
        let bytes: usize = group.jobs.iter().map(Job::bytes).sum();
        let limit = tries.fail(MAX_TRY.max(first_try)) + time_for(records, bytes);
        let began = Instant::now();
        let span = traces::transaction(group.jobs.len(), records, group.waiting.iter().map(|waiting| &waiting.span));
        failpoints::reach("write");
        let done = tokio::select! {
            done = store.within(limit, one_try(store, &mut group.jobs, mode, limit).instrument(span.clone())) => done,
            () = context.until_late(), if group.origin == Origin::Client => Err(StoreError::TimedOut),
        };
        let result = if done.is_ok() { TransactionResult::Committed } else { TransactionResult::Failed };
        context.metrics.transaction(result, group.jobs.len(), records, began.elapsed());
        let error = match done {
            Ok(()) => {
                failpoints::reach("written");
                context.availability.found();
                context.signal.raise(group.jobs.iter().filter_map(Job::sync_id));
                group.answer(&context.metrics);
                return Verdict::Answered;
            }
            Err(error) => error,
        };
        traces::failed(&span, &error);
        let kind = error.kind();
        match kind {
            ErrorKind::Data => {
                tracing::debug!(%error, deliveries = group.jobs.len(), "a transaction failed on its data");
                return Verdict::BadData;
            }
            ErrorKind::TryAgain => tracing::debug!(%error, "retrying a transaction"),
            // The drain tries every second, for as long as the database is away.
            _ if group.origin == Origin::Spool => tracing::debug!(%error, "the database failed"),
            ErrorKind::MissingPartition | ErrorKind::Unavailable => tracing::warn!(%error, "the database failed"),
        }
        let pause = backoff.fail(MAX_PAUSE);
        let patience = group.patience(&error, context).saturating_sub(pause);
        let late = group.take_older_than(patience);
        if !late.jobs.is_empty() && kind != ErrorKind::TryAgain && context.spool.is_some() && !context.is_late() {
            context.availability.lost();
        }
        late.give_up(&error, context).await;
        if group.jobs.is_empty() {
            return Verdict::Answered;
        }
        sleep(pause).await;
    }
}

/// The time that a try may take beyond the first seconds.
fn time_for(records: usize, bytes: usize) -> Duration {
    let times = |unit: Duration, count: usize| unit.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
    times(TRY_PER_RECORD, records) + times(TRY_PER_BYTE, bytes)
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
    fn answer(&mut self, metrics: &Metrics) {
        for (job, waiting) in self.jobs.drain(..).zip(self.waiting.drain(..)) {
            let sync_id = job.sync_id();
            let outcome = job.into_outcome();
            if let WriteOutcome::Stored(counts) = &outcome {
                metrics.records(sync_id, RecordResult::New, counts.new);
                metrics.records(sync_id, RecordResult::Duplicate, counts.duplicates());
                metrics.records(sync_id, RecordResult::Rejected, counts.rejected);
            }
            let _ = waiting.answer.send(Ok(outcome));
        }
    }

    /// How long a delivery is tried after an error.
    fn patience(&self, error: &StoreError, context: &Context) -> Duration {
        match (&context.spool, self.origin) {
            (_, Origin::Spool) => Duration::ZERO,
            (None, Origin::Client) => PATIENCE,
            (Some(_), Origin::Client) if error.is_refusal_of_service() || context.is_late() => Duration::ZERO,
            (Some(spool), Origin::Client) => {
                if spool.status().takes_deliveries() {
                    PATIENCE_WITH_SPOOL
                } else {
                    PATIENCE
                }
            }
        }
    }

    /// Removes the deliveries that have waited for `patience`.
    fn take_older_than(&mut self, patience: Duration) -> Self {
        let (jobs, waiting) = (std::mem::take(&mut self.jobs), std::mem::take(&mut self.waiting));
        let mut old = Self { origin: self.origin, jobs: Vec::new(), waiting: Vec::new() };
        for (job, waiting) in jobs.into_iter().zip(waiting) {
            let group = if waiting.since.elapsed() < patience { &mut *self } else { &mut old };
            group.jobs.push(job);
            group.waiting.push(waiting);
        }
        old
    }

    /// Spools the deliveries of clients, and refuses others.
    async fn give_up(mut self, why: &(dyn std::fmt::Display + Sync), context: &Context) {
        match (&context.spool, self.origin) {
            (Some(spool), Origin::Client) => self.spool(spool, &context.metrics).await,
            _ => self.refuse(why, Unavailable::Database),
        }
    }

    /// Spools all deliveries, and answers each once it is on disk. They share its syncs.
    async fn spool(&mut self, spool: &Spool, metrics: &Metrics) {
        let jobs = self.jobs.drain(..).zip(self.waiting.drain(..));
        let spooling = jobs.map(|(job, waiting)| async move {
            let (outcome, sync_id) = (job.spooled(), job.sync_id());
            let answer = match spool.append(Entry::from(job.work)).await {
                Ok(()) => {
                    metrics.spooled();
                    if let WriteOutcome::Spooled { records, .. } = &outcome {
                        metrics.records(sync_id, RecordResult::Spooled, *records);
                    }
                    Ok(outcome)
                }
                Err(error) => {
                    tracing::error!(%error, "cannot store or spool a delivery; refusing it");
                    Err(Unavailable::Spool)
                }
            };
            let _ = waiting.answer.send(answer);
        });
        futures_util::future::join_all(spooling).await;
    }

    /// Answers all deliveries with an error.
    fn refuse(&mut self, why: &dyn std::fmt::Display, unavailable: Unavailable) {
        if self.jobs.is_empty() {
            return;
        }
        if self.origin == Origin::Client {
            tracing::error!(deliveries = self.jobs.len(), %why, "cannot store deliveries; refusing them");
        }
        self.jobs.clear();
        for waiting in self.waiting.drain(..) {
            let _ = waiting.answer.send(Err(unavailable));
        }
    }
}
