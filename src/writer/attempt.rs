//! One group of deliveries, tried until each of them is answered.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use super::{Answer, Item, Unavailable};
use crate::store::{Job, Kind, Store, StoreError};

/// The first pause after a failure; each further one is twice as long, up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LAST_PAUSE: Duration = Duration::from_secs(1);

/// Deliveries that are tried together. `jobs` and `waiting` run in parallel.
struct Group {
    jobs: Vec<Job>,
    waiting: Vec<Waiting>,
}

struct Waiting {
    answer: Answer,
    deadline: Instant,
}

/// Writes the items as one transaction. Should their data make it fail, each is written alone, and what the database refuses
/// of it is quarantined. Should the database fail, it is tried again until each item's deadline.
pub async fn settle(store: &Store, items: Vec<Item>) {
    let (jobs, waiting) =
        items.into_iter().map(|item| (item.job, Waiting { answer: item.answer, deadline: item.deadline })).unzip();
    let mut group = Group { jobs, waiting };
    if write(store, &mut group, Care::Together).await == Verdict::BadData {
        for (job, waiting) in group.jobs.into_iter().zip(group.waiting) {
            let mut alone = Group { jobs: vec![job], waiting: vec![waiting] };
            if write(store, &mut alone, Care::Alone).await == Verdict::BadData {
                alone.fail("even the quarantine refuses it");
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

async fn write(store: &Store, group: &mut Group, care: Care) -> Verdict {
    let mut pause = FIRST_PAUSE;
    loop {
        group.expire();
        let Some(deadline) = group.last_deadline() else { return Verdict::Answered };
        let tried = timeout_at(deadline, one_try(store, group, care)).await;
        let error = match tried {
            Ok(Ok(())) => {
                group.answer();
                return Verdict::Answered;
            }
            Ok(Err(error)) => error,
            Err(_) => {
                group.fail("the database did not answer in time");
                return Verdict::Answered;
            }
        };
        match error.kind() {
            Kind::Data => {
                tracing::debug!(%error, deliveries = group.jobs.len(), "a transaction failed on its data");
                return Verdict::BadData;
            }
            Kind::TryAgain => tracing::debug!(%error, "trying a transaction again"),
            Kind::MissingPartition | Kind::Unavailable => tracing::warn!(%error, "the database failed; trying again"),
        }
        sleep_until((Instant::now() + pause).min(deadline)).await;
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

async fn one_try(store: &Store, group: &mut Group, care: Care) -> Result<(), StoreError> {
    let jobs = &mut group.jobs[..];
    let tried = match (care, &mut *jobs) {
        (Care::Alone, [job]) => store.write_carefully(job).await,
        _ => store.write(jobs).await,
    };
    match tried {
        Err(error) if error.kind() == Kind::MissingPartition => {
            store.make_partitions_for(jobs).await?;
            match (care, jobs) {
                (Care::Alone, [job]) => store.write_carefully(job).await,
                (_, jobs) => store.write(jobs).await,
            }
        }
        other => other,
    }
}

impl Group {
    /// Answers those whose time is up, and those whose sender has gone stay: what was received is stored if it can be.
    fn expire(&mut self) {
        let now = Instant::now();
        let expired: Vec<usize> = (0..self.waiting.len()).filter(|n| self.waiting[*n].deadline <= now).collect();
        if !expired.is_empty() {
            tracing::error!(deliveries = expired.len(), "deliveries could not be stored in time and are refused");
        }
        for n in expired.into_iter().rev() {
            self.jobs.swap_remove(n);
            let waiting = self.waiting.swap_remove(n);
            let _ = waiting.answer.send(Err(Unavailable)); // nobody listens where the client has gone
        }
    }

    fn last_deadline(&self) -> Option<Instant> {
        self.waiting.iter().map(|waiting| waiting.deadline).max()
    }

    fn answer(&mut self) {
        for (job, waiting) in self.jobs.drain(..).zip(self.waiting.drain(..)) {
            let outcome = job.into_outcome().ok_or(Unavailable);
            let _ = waiting.answer.send(outcome);
        }
    }

    fn fail(&mut self, why: &str) {
        tracing::error!(deliveries = self.jobs.len(), why, "deliveries could not be stored and are refused");
        self.jobs.clear();
        for waiting in self.waiting.drain(..) {
            let _ = waiting.answer.send(Err(Unavailable));
        }
    }
}
