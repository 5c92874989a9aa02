//! One group of deliveries, tried until each of them is answered.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::{Answer, Item, Unavailable};
use crate::projector::Wake;
use crate::store::{Job, Kind, Store, StoreError};

/// For so long a failing transaction is tried again, counted from its first try. Polytomic documents no timeout of its own;
/// clients and proxies in general give up after ten seconds and more.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long one try may take: a base, and more for each record, at the rate of a database that is slow and far away. One that
/// works is not cut off, however large the delivery; one that hangs is noticed.
const TRY: Duration = Duration::from_secs(5);
const TRY_PER_RECORD: Duration = Duration::from_micros(500);

/// The first pause after a failure; each further one is twice as long, up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LAST_PAUSE: Duration = Duration::from_secs(1);

/// Deliveries that are tried together. `jobs` and `answers` run in parallel.
struct Group {
    jobs: Vec<Job>,
    answers: Vec<Answer>,
}

/// Writes the items as one transaction. Should their data make it fail, each is written alone, and what the database refuses
/// of it is quarantined. Should the database fail, it is tried again for a while.
pub async fn settle(store: Store, items: Vec<Item>, wake: Wake) {
    let (jobs, answers) = items.into_iter().map(|item| (item.job, item.answer)).unzip();
    let mut group = Group { jobs, answers };
    if write(&store, &mut group, Care::Together, &wake).await == Verdict::BadData {
        for (job, answer) in group.jobs.into_iter().zip(group.answers) {
            let mut alone = Group { jobs: vec![job], answers: vec![answer] };
            if write(&store, &mut alone, Care::Alone, &wake).await == Verdict::BadData {
                alone.refuse("even the quarantine does not take it");
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    Together,
    Alone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Everybody has an answer.
    Answered,
    /// The database refuses something in it; nobody has an answer.
    BadData,
}

async fn write(store: &Store, group: &mut Group, care: Care, wake: &Wake) -> Verdict {
    let records: usize = group.jobs.iter().map(Job::record_count).sum();
    let limit = TRY + TRY_PER_RECORD.saturating_mul(u32::try_from(records).unwrap_or(u32::MAX));
    let give_up = Instant::now() + PATIENCE;
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match timeout(limit, one_try(store, &mut group.jobs, care)).await {
            Ok(Ok(())) => {
                wake.wake(group.jobs.iter().filter_map(Job::sync_id));
                group.answer();
                return Verdict::Answered;
            }
            Ok(Err(error)) => error,
            Err(_) => {
                group.refuse("the database did not answer in time");
                return Verdict::Answered;
            }
        };
        match error.kind() {
            Kind::Data => {
                tracing::debug!(%error, deliveries = group.jobs.len(), "a transaction failed on its data");
                return Verdict::BadData;
            }
            Kind::TryAgain => tracing::debug!(%error, "trying a transaction again"),
            Kind::MissingPartition | Kind::Unavailable => tracing::warn!(%error, "the database failed"),
        }
        if Instant::now() + pause >= give_up {
            group.refuse("the database kept failing");
            return Verdict::Answered;
        }
        sleep(pause).await;
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

async fn one_try(store: &Store, jobs: &mut [Job], care: Care) -> Result<(), StoreError> {
    match write_once(store, jobs, care).await {
        Err(error) if error.kind() == Kind::MissingPartition => {
            store.make_partitions_for(jobs).await?;
            write_once(store, jobs, care).await
        }
        other => other,
    }
}

async fn write_once(store: &Store, jobs: &mut [Job], care: Care) -> Result<(), StoreError> {
    match (care, jobs) {
        (Care::Alone, [job]) => store.write_carefully(job).await,
        (_, jobs) => store.write(jobs).await,
    }
}

impl Group {
    /// Nobody listens where the client has gone; what it sent is stored all the same.
    fn answer(&mut self) {
        for (job, answer) in self.jobs.drain(..).zip(self.answers.drain(..)) {
            let _ = answer.send(job.into_outcome().ok_or(Unavailable));
        }
    }

    fn refuse(&mut self, why: &str) {
        tracing::error!(deliveries = self.jobs.len(), why, "deliveries could not be stored and are refused");
        self.jobs.clear();
        for answer in self.answers.drain(..) {
            let _ = answer.send(Err(Unavailable));
        }
    }
}
