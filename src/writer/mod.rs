//! From a request to a committed transaction: a bounded queue, a few writers, retries, and the spool for what the
//! database does not take.
//!
//! `http` submits work through a [`Queue`] and waits for the result; `app` owns the [`Writer`]. A writer takes whatever
//! is queued and writes it in one transaction: under load the groups grow, and without load nothing waits.
//! While the database is away, deliveries go to the [`spool`], and `drain` writes them when it is back.

mod availability;
mod clients;
mod drain;
mod erasures;
mod failing;
mod groups;
mod limit;
mod load;
mod outcome;
mod signal;
pub mod spool;
mod transaction;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::Span;

use crate::metrics::Metrics;
use crate::store::{Role, Store};

pub use self::availability::Availability;
pub use self::load::WriteLoad;
pub use self::outcome::WriteOutcome;
pub use self::signal::BacklogSignal;
pub use crate::ledger::{Counts, Work};

use self::clients::{Clients, Request};
use self::drain::Drain;
use self::failing::Failing;
use self::groups::Grouping;
use self::limit::{Limit, Pace};
use self::spool::{Spool, Status, Totals};
use self::transaction::Transaction;
use crate::ledger::Delivery;

/// How many deliveries are queued at most; more wait. The listener bounds what they hold in memory.
const QUEUE_CAPACITY: usize = 1_024;

/// The delivery was not stored, as far as is known; sending it again may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    #[error("the database is not available")]
    Database,
    #[error("the database is not available, and the spool takes no more")]
    Spool,
    #[error("the database refuses it, and so does the quarantine")]
    Unstorable,
}

/// Where deliveries are submitted. Clones submit to the same writer; none keeps it alive.
#[derive(Debug, Clone)]
pub struct Queue {
    sender: mpsc::WeakSender<Request>,
    load: WriteLoad,
    spool: Option<Spool>,
    drained: Vec<(Spool, Failing)>,
    availability: Availability,
}

impl Queue {
    /// Submits the work, and returns once it is committed or spooled.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if it could be neither committed nor spooled, or if the service is stopping.
    ///
    /// * `held`: kept until the work is answered, even if the caller is gone: what the work takes of a budget
    pub async fn submit(&self, work: Work, held: impl Send + 'static) -> Result<WriteOutcome, Unavailable> {
        let (reply, answered) = oneshot::channel();
        let sender = self.sender.upgrade().ok_or(Unavailable::Database)?;
        let _in_flight = self.load.deliver();
        sender
            .send(Request {
                delivery: Delivery::new(work),
                reply,
                submitted: Instant::now(),
                held: Box::new(held),
                span: Span::current(),
            })
            .await
            .map_err(|_| Unavailable::Database)?;
        drop(sender);
        answered.await.unwrap_or(Err(Unavailable::Database))
    }

    /// Whether the writers know the database to be away.
    pub fn is_away(&self) -> bool {
        self.availability.is_away()
    }

    /// How many deliveries wait for a writer.
    pub fn waiting(&self) -> usize {
        self.sender.upgrade().map_or(0, |sender| sender.max_capacity() - sender.capacity())
    }

    /// How many deliveries were submitted and not yet answered.
    pub fn in_flight(&self) -> u32 {
        self.load.in_flight()
    }

    /// The state of the spool, if there is one.
    pub fn spool_status(&self) -> Option<Status> {
        self.spool.as_ref().map(Spool::status)
    }

    /// The deliveries in the spool, and in those of earlier runs.
    pub fn spooled(&self) -> Totals {
        self.drained.iter().map(|(spool, _)| spool.status().totals).sum()
    }

    /// How many files of spooled deliveries were [moved aside](spool::set_aside).
    pub fn set_aside(&self) -> u64 {
        self.drained.iter().map(|(spool, _)| spool.set_aside_files()).sum()
    }

    /// Since when the drain has tried in vain to store a delivery, although the database answered; in seconds since
    /// 1970.
    pub fn spool_failing_since(&self) -> Option<u64> {
        self.drained.iter().filter_map(|(_, failing)| failing.since()).min()
    }
}

/// The writers, and the only strong end of their queue.
#[derive(Debug)]
pub struct Writer {
    sender: mpsc::Sender<Request>,
    writers: JoinSet<()>,
    drain: JoinSet<()>,
    load: WriteLoad,
    /// The spool, and those of earlier runs.
    drained: Vec<(Spool, Failing)>,
    clients: Clients,
    deadline: watch::Sender<Option<Instant>>,
}

impl Writer {
    /// Starts `writers` tasks on the current runtime, and one that drains the spool.
    ///
    /// * `signal`: raised after each commit
    /// * `spool`: without one, deliveries are refused while the database is away
    /// * `former`: spools of earlier runs, which take no more deliveries
    pub fn start(
        store: &Store,
        writers: usize,
        signal: &BacklogSignal,
        spool: Option<Spool>,
        former: Vec<Spool>,
        availability: &Availability,
        metrics: &Metrics,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE_CAPACITY);
        let grouping = Grouping::of(receiver);
        let deadline = watch::Sender::new(None);
        let (signal, metrics) = (signal.clone(), metrics.clone());
        let clients = Clients {
            transaction: Transaction { store: store.for_role(Role::Writer), signal, pace: Pace::default(), metrics },
            spool,
            availability: availability.clone(),
            deadline: deadline.subscribe(),
        };
        let mut tasks = JoinSet::new();
        for _ in 0..writers {
            tasks.spawn(grouping.clone().write_all(clients.clone()));
        }
        let mut drain = JoinSet::new();
        let mut drained = Vec::new();
        let mut add = |spool: &Spool| {
            let (transaction, availability) = (clients.transaction.clone(), clients.availability.clone());
            let failing = Failing::default();
            drained.push((spool.clone(), failing.clone()));
            Drain::new(transaction, spool.clone(), availability, failing)
        };
        if let Some(spool) = &clients.spool {
            drain.spawn(add(spool).run());
        }
        for spool in &former {
            drain.spawn(add(spool).run_until_empty());
        }
        Self { sender, writers: tasks, drain, load: WriteLoad::default(), drained, clients, deadline }
    }

    /// Where to submit.
    pub fn queue(&self) -> Queue {
        let Clients { spool, availability, .. } = self.clients.clone();
        let drained = self.drained.clone();
        Queue { sender: self.sender.downgrade(), load: self.load.clone(), spool, drained, availability }
    }

    /// The load of its deliveries.
    pub fn load(&self) -> WriteLoad {
        self.load.clone()
    }

    /// The service stops: spools what is not stored by then. Without a spool, this changes nothing.
    pub fn spool_from(&self, deadline: Instant) {
        self.deadline.send_replace(Some(deadline));
    }

    /// Accepts nothing more, and returns when the spools of earlier runs are empty.
    pub async fn drained(mut self) {
        while self.drain.join_next().await.is_some() {}
        self.finish().await;
    }

    /// Accepts nothing more, and returns when all accepted work is answered. The spool keeps its entries.
    pub async fn finish(self) {
        let Self { sender, writers, mut drain, drained, .. } = self;
        drop(sender);
        writers.join_all().await;
        drain.shutdown().await;
        let close = move || drained.iter().for_each(|(spool, _)| spool.close());
        let _ = tokio::task::spawn_blocking(close).await;
    }
}
