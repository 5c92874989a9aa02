//! From a request to a committed transaction: a bounded queue, a few writers, and retries.
//!
//! `http` submits work through a [`Queue`] and waits for the result; `app` owns the [`Writer`]. A writer takes whatever
//! is queued and writes it in one transaction: under load the groups grow, and without load nothing waits for a timer.

mod attempt;
mod job;
mod load;
mod signal;

use std::sync::Arc;

use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::store::{Role, Store};

pub use self::job::{Work, WriteOutcome};
pub use self::load::WriteLoad;
pub use self::signal::BacklogSignal;
pub use crate::store::Counts;

use self::job::Job;

/// How many deliveries are queued at most; more wait. The listener bounds what they hold in memory.
const QUEUE: usize = 1_024;

/// A group is closed at this many records or bytes, whichever comes first. Larger groups gain nothing, and cost more
/// when a transaction is lost.
const GROUP_RECORDS: usize = 5_000;
const GROUP_BYTES: usize = 16 << 20;

/// The delivery was not stored, as far as is known; sending it again may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the database is not available")]
pub struct Unavailable;

type Answer = oneshot::Sender<Result<WriteOutcome, Unavailable>>;

/// Kept until a delivery is answered, and dropped then.
type Held = Box<dyn Send>;

/// One delivery in the queue.
struct Item {
    job: Job,
    answer: Answer,
    submitted: Instant,
    held: Held,
}

/// Where deliveries are submitted. Clones submit to the same writer; none keeps it alive.
#[derive(Debug, Clone)]
pub struct Queue {
    sender: mpsc::WeakSender<Item>,
    load: WriteLoad,
}

impl Queue {
    /// Submits the work, and returns once it is committed.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if it could not be committed, or if the service is stopping.
    ///
    /// * `held`: kept until the work is answered, even if the caller is gone: what the work takes of a budget
    pub async fn submit(&self, work: Work, held: impl Send + 'static) -> Result<WriteOutcome, Unavailable> {
        let (answer, answered) = oneshot::channel();
        let sender = self.sender.upgrade().ok_or(Unavailable)?;
        let _in_flight = self.load.deliver();
        sender
            .send(Item { job: Job::new(work), answer, submitted: Instant::now(), held: Box::new(held) })
            .await
            .map_err(|_| Unavailable)?;
        drop(sender);
        answered.await.unwrap_or(Err(Unavailable))
    }
}

/// The writers, and the only strong end of their queue.
#[derive(Debug)]
pub struct Writer {
    sender: mpsc::Sender<Item>,
    tasks: JoinSet<()>,
    load: WriteLoad,
}

impl Writer {
    /// Starts `writers` tasks on the current runtime.
    ///
    /// * `signal`: raised after each commit
    pub fn start(store: &Store, writers: usize, signal: &BacklogSignal) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let receiver = Arc::new(Mutex::new(receiver));
        let mut tasks = JoinSet::new();
        let store = store.for_role(Role::Writer);
        for _ in 0..writers {
            tasks.spawn(write_all(store.clone(), Arc::clone(&receiver), signal.clone()));
        }
        Self { sender, tasks, load: WriteLoad::default() }
    }

    /// Where to submit.
    pub fn queue(&self) -> Queue {
        Queue { sender: self.sender.downgrade(), load: self.load.clone() }
    }

    /// The load of its deliveries.
    pub fn load(&self) -> WriteLoad {
        self.load.clone()
    }

    /// Accepts nothing more, and returns when all accepted work is answered.
    pub async fn drain(self) {
        let Self { sender, tasks, .. } = self;
        drop(sender);
        tasks.join_all().await;
    }
}

/// One writer: writes groups until the queue is closed and empty.
async fn write_all(store: Store, receiver: Arc<Mutex<mpsc::Receiver<Item>>>, signal: BacklogSignal) {
    while let Some(group) = next_group(&receiver).await {
        // On a task of its own: if it panics, its deliveries are refused and the writer goes on.
        if tokio::spawn(attempt::commit(store.clone(), group, signal.clone())).await.is_err() {
            tracing::error!("a writer panicked; refusing its deliveries");
        }
    }
}

/// Takes what is queued, up to the bounds of a group; waits for the first. Only one writer at a time waits here.
async fn next_group(receiver: &Mutex<mpsc::Receiver<Item>>) -> Option<Vec<Item>> {
    let mut receiver = receiver.lock().await;
    let mut group = vec![receiver.recv().await?];
    let (mut records, mut bytes) = (group[0].job.record_count(), group[0].job.bytes());
    while records < GROUP_RECORDS
        && bytes < GROUP_BYTES
        && let Ok(item) = receiver.try_recv()
    {
        records += item.job.record_count();
        bytes += item.job.bytes();
        group.push(item);
    }
    Some(group)
}
