//! Deliveries whose clients wait: tried for a while, then spooled, or refused.

use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until};
use tracing::Span;

use super::spool::{Entry, Spool};
use super::transaction::{Transaction, WriteMode};
use super::{Availability, Limit, Unavailable, WriteOutcome};
use crate::backoff::Backoff;
use crate::ledger::Delivery;
use crate::metrics::{Metrics, RecordResult};
use crate::store::{ErrorKind, StoreError};

/// No try begins later than this after a delivery was submitted. With the last try, it is answered within about ten
/// seconds: Polytomic documents no timeout; clients and proxies in general give up about then.
const PATIENCE: Duration = Duration::from_secs(6);

/// With a spool, a delivery that was not stored by then is spooled instead of tried again.
const PATIENCE_WITH_SPOOL: Duration = Duration::from_secs(2);

/// The longest limit of a try, without what its size adds.
const MAX_TRY: Duration = Duration::from_secs(4);

/// Delay before the next try; doubles up to the maximum.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// A delivery, and the client that waits for its answer.
pub struct Request {
    pub delivery: Delivery,
    pub reply: oneshot::Sender<Result<WriteOutcome, Unavailable>>,
    pub submitted: Instant,
    /// Dropped when it is answered.
    pub held: Box<dyn Send>,
    pub span: Span,
}

impl Request {
    /// The client may have gone; its delivery is stored all the same.
    fn answer(self, answer: Result<WriteOutcome, Unavailable>) {
        let _ = self.reply.send(answer);
    }
}

/// State that the clients' writers share.
#[derive(Debug, Clone)]
pub struct Clients {
    pub transaction: Transaction,
    /// Without one, deliveries are refused while the database is away.
    pub spool: Option<Spool>,
    pub availability: Availability,
    /// When the service has no more time for deliveries, once it stops.
    pub deadline: watch::Receiver<Option<Instant>>,
}

impl Clients {
    fn metrics(&self) -> &Metrics {
        &self.transaction.metrics
    }

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

    /// Writes the deliveries in one transaction, and answers them. If their data fails it, writes each by itself and
    /// quarantines what the database refuses. If the database fails, retries for a while; what is not stored then goes
    /// to the spool.
    pub async fn commit(self, group: Vec<Request>) {
        for request in &group {
            self.metrics().taken(request.submitted.elapsed());
        }
        if self.spool.is_some() && (self.availability.is_away() || self.is_late()) {
            return self.give_up(group, &"the database is away").await;
        }
        for request in self.write(group, WriteMode::Grouped).await {
            for unstorable in self.write(vec![request], WriteMode::Isolating).await {
                refuse(vec![unstorable], &"the quarantine refuses it too", Unavailable::Unstorable);
            }
        }
    }

    /// Tries until every delivery is answered. Returns those whose data the database refuses, unanswered.
    async fn write(&self, mut group: Vec<Request>, mode: WriteMode) -> Vec<Request> {
        let mut limit = if mode == WriteMode::Grouped { self.transaction.pace.first() } else { Limit::ISOLATING };
        let mut backoff = Backoff::new(FIRST_PAUSE);
        loop {
            let spans: Vec<Span> = group.iter().map(|request| request.span.clone()).collect();
            let mut deliveries: Vec<&mut Delivery> = group.iter_mut().map(|request| &mut request.delivery).collect();
            let tried = self.transaction.try_once(&mut deliveries, mode, limit, &spans, self.until_late()).await;
            let Err(error) = tried else {
                self.availability.found();
                for request in group {
                    let outcome = WriteOutcome::written(&request.delivery);
                    request.answer(Ok(outcome));
                }
                return Vec::new();
            };
            match error.kind() {
                ErrorKind::Data => {
                    tracing::debug!(%error, deliveries = group.len(), "a transaction failed on its data");
                    return group;
                }
                ErrorKind::TryAgain => tracing::debug!(%error, "retrying a transaction"),
                ErrorKind::MissingPartition | ErrorKind::Unavailable => tracing::warn!(%error, "the database failed"),
            }
            let pause = backoff.fail(MAX_PAUSE);
            let patience = self.patience(&error).saturating_sub(pause);
            let late: Vec<Request> = group.extract_if(.., |request| request.submitted.elapsed() >= patience).collect();
            if self.spool.is_some() && !self.is_late() {
                if error.is_lock_timeout() {
                    self.availability.locked();
                } else if !late.is_empty() && error.kind() != ErrorKind::TryAgain {
                    self.availability.lost();
                }
            }
            self.give_up(late, &error).await;
            if group.is_empty() {
                return group;
            }
            sleep(pause).await;
            limit = limit.doubled(MAX_TRY);
        }
    }

    /// How long a delivery is tried after an error.
    fn patience(&self, error: &StoreError) -> Duration {
        match &self.spool {
            Some(_) if error.is_refusal_of_service() || self.is_late() => Duration::ZERO,
            Some(spool) if spool.status().takes_deliveries() => PATIENCE_WITH_SPOOL,
            _ => PATIENCE,
        }
    }

    /// Spools the deliveries, or refuses them without a spool.
    async fn give_up(&self, group: Vec<Request>, why: &(dyn std::fmt::Display + Sync)) {
        match &self.spool {
            // They share the spool's syncs to disk.
            Some(spool) => {
                futures_util::future::join_all(group.into_iter().map(|request| self.spool(spool, request))).await;
            }
            None => refuse(group, why, Unavailable::Database),
        }
    }

    /// Spools a delivery, and answers it once it is on disk.
    async fn spool(&self, spool: &Spool, request: Request) {
        let Request { delivery, reply, held, .. } = request;
        let (outcome, sync_id) = (WriteOutcome::spooled(&delivery), delivery.sync_id());
        let answer = match spool.append(Entry::from(delivery.work)).await {
            Ok(()) => {
                self.metrics().spooled();
                if let WriteOutcome::Spooled { records, .. } = &outcome {
                    self.metrics().records(sync_id, RecordResult::Spooled, *records);
                }
                Ok(outcome)
            }
            Err(error) => {
                tracing::error!(%error, "cannot store or spool a delivery; refusing it");
                Err(Unavailable::Spool)
            }
        };
        let _ = reply.send(answer);
        drop(held); // what it takes of the budget, until it is on disk
    }
}

/// Answers all deliveries with an error.
fn refuse(group: Vec<Request>, why: &dyn std::fmt::Display, unavailable: Unavailable) {
    if group.is_empty() {
        return;
    }
    tracing::error!(deliveries = group.len(), %why, "cannot store deliveries; refusing them");
    for request in group {
        request.answer(Err(unavailable));
    }
}
