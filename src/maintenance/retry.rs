//! Tries again what collided with another transaction, and waits for locks of other processes.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::backoff::Backoff;
use crate::store::{ErrorKind, HeldLock, StoreError};

/// Tries of a batch that collides with deliveries, and the delays between them.
const TRIES: usize = 10;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const MAX_PAUSE: Duration = Duration::from_secs(2);

/// An error that can be a collision with another transaction.
pub trait Retried {
    fn is_collision(&self) -> bool;
}

impl Retried for StoreError {
    fn is_collision(&self) -> bool {
        self.kind() == ErrorKind::TryAgain
    }
}

/// Does the work, again if it collided with another transaction.
pub async fn again<T, E: Retried>(mut work: impl AsyncFnMut() -> Result<T, E>) -> Result<T, E> {
    let mut backoff = Backoff::new(FIRST_PAUSE);
    let mut tries = 1;
    loop {
        match work().await {
            Err(error) if error.is_collision() && tries < TRIES => {
                tries += 1;
                sleep(backoff.fail(MAX_PAUSE)).await;
            }
            other => return other,
        }
    }
}

/// Waits for a lock; `None` if another process still holds it after this time.
///
/// * `take`: takes it, or returns `None`
pub async fn wait_for_lock(
    limit: Duration,
    mut take: impl AsyncFnMut() -> Result<Option<HeldLock>, StoreError>,
) -> Result<Option<HeldLock>, StoreError> {
    let (began, mut backoff) = (Instant::now(), Backoff::new(FIRST_PAUSE));
    loop {
        match take().await? {
            None if began.elapsed() < limit => sleep(backoff.fail(MAX_PAUSE)).await,
            taken => return Ok(taken),
        }
    }
}
