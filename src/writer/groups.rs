//! Which deliveries share a transaction.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, sleep_until};

use super::clients::{Clients, Request};

/// A group is closed at this many records or bytes, whichever comes first. Larger groups gain nothing, and cost more
/// when a transaction is lost.
const GROUP_RECORDS: usize = 5_000;
const GROUP_BYTES: usize = 16 << 20;

/// A group of this many records is written at once, while others are. A smaller one waits until the one before it is
/// written, and grows: two small transactions take more of the machine than a larger one.
const WORTH_A_TRANSACTION: usize = 100;

/// How long a group waits at most. It takes longer where the database is slow or far away: then the network's time is
/// shared, not the machine.
const PATIENCE: Duration = Duration::from_millis(20);

/// Takes the deliveries that wait to be written. Clones share them: each writer has one.
#[derive(Debug, Clone)]
pub struct Grouping {
    queue: Arc<Mutex<mpsc::Receiver<Request>>>,
    /// Held while a small group is written.
    turn: Arc<Semaphore>,
}

/// Deliveries that share a transaction.
struct Group {
    requests: Vec<Request>,
    records: usize,
    bytes: usize,
    /// Until it is written.
    turn: Option<OwnedSemaphorePermit>,
}

impl Grouping {
    pub fn of(queue: mpsc::Receiver<Request>) -> Self {
        Self { queue: Arc::new(Mutex::new(queue)), turn: Arc::new(Semaphore::new(1)) }
    }

    /// One writer: writes groups until the queue is closed and empty.
    pub async fn write_all(self, clients: Clients) {
        while let Some(Group { requests, turn, .. }) = self.next().await {
            // On a task of its own: if it panics, its deliveries are refused and the writer continues.
            if tokio::spawn(clients.clone().commit(requests)).await.is_err() {
                tracing::error!("a writer panicked; refusing its deliveries");
            }
            drop(turn);
        }
    }

    /// Takes what is queued, up to the bounds of a group; waits for the first. Only one writer at a time waits here.
    async fn next(&self) -> Option<Group> {
        let mut queue = self.queue.lock().await;
        let mut group = Group::of(queue.recv().await?);
        let until = Instant::now() + PATIENCE;
        loop {
            while !group.is_full()
                && let Ok(request) = queue.try_recv()
            {
                group.add(request);
            }
            if group.records >= WORTH_A_TRANSACTION || group.is_full() {
                return Some(group);
            }
            tokio::select! {
                biased;
                turn = Arc::clone(&self.turn).acquire_owned() => {
                    group.turn = turn.ok();
                    return Some(group);
                }
                Some(request) = queue.recv() => group.add(request),
                () = sleep_until(until) => return Some(group),
            }
        }
    }
}

impl Group {
    fn of(request: Request) -> Self {
        let mut group = Self { requests: Vec::new(), records: 0, bytes: 0, turn: None };
        group.add(request);
        group
    }

    fn add(&mut self, request: Request) {
        self.records += request.delivery.record_count();
        self.bytes += request.delivery.bytes();
        self.requests.push(request);
    }

    fn is_full(&self) -> bool {
        self.records >= GROUP_RECORDS || self.bytes >= GROUP_BYTES
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;
    use tracing::Span;

    use super::*;
    use crate::envelope::{parse, receipt};
    use crate::ledger::{Delivery, Work};

    fn request(records: usize) -> Request {
        let records = (0..records).map(|n| format!(r#"{{"hash":"{n}","fields":{{}}}}"#)).collect::<Vec<_>>().join(",");
        let object = format!(r#"{{"id":"1ea8f90a-b22e-4218-86d5-c3c109e1fbb7","records":[{records}]}}"#);
        let body = format!(r#"{{"event":"sync.records","object":{object}}}"#);
        let envelope = parse(body, receipt(), usize::MAX).expect("it is a good envelope");
        Request {
            delivery: Delivery::new(Work::Envelope(Box::new(envelope))),
            reply: oneshot::channel().0,
            submitted: Instant::now(),
            held: Box::new(()),
            span: Span::none(),
        }
    }

    async fn queued(grouping: &mpsc::Sender<Request>, records: usize) {
        grouping.send(request(records)).await.expect("the queue is open");
    }

    fn sizes(group: Option<Group>) -> Vec<usize> {
        let group = group.expect("the queue is open");
        group.requests.iter().map(|request| request.delivery.record_count()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn small_deliveries_wait_for_the_one_before_them_and_share_a_transaction() {
        let (sender, queue) = mpsc::channel(16);
        let grouping = Grouping::of(queue);
        queued(&sender, 1).await;
        let began = Instant::now();
        let first = grouping.next().await;
        assert_eq!(began.elapsed(), Duration::ZERO, "nothing is being written");
        queued(&sender, 2).await;
        let writer = tokio::spawn({
            let grouping = grouping.clone();
            async move { grouping.next().await }
        });
        tokio::task::yield_now().await;
        queued(&sender, 3).await;
        tokio::task::yield_now().await;
        assert!(!writer.is_finished());
        drop(first);
        let second = writer.await.expect("it does not panic");
        assert_eq!(sizes(second), [2, 3]);
        assert_eq!(began.elapsed(), Duration::ZERO, "it waits for nothing else");
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_does_not_wait_if_it_is_large_nor_for_longer_than_its_patience() {
        let (sender, queue) = mpsc::channel(16);
        let grouping = Grouping::of(queue);
        queued(&sender, 1).await;
        let first = grouping.next().await;
        let began = Instant::now();
        queued(&sender, 60).await;
        queued(&sender, 40).await;
        assert_eq!(sizes(grouping.next().await), [60, 40]);
        assert_eq!(began.elapsed(), Duration::ZERO);
        queued(&sender, 1).await;
        assert_eq!(sizes(grouping.next().await), [1]);
        assert_eq!(began.elapsed(), PATIENCE);
        assert_eq!(sizes(first), [1]);
        drop(sender);
        assert!(grouping.next().await.is_none(), "the queue is closed and empty");
    }
}
