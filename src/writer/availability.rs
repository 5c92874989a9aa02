//! Whether the database takes deliveries, as far as the writers know.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::watch;

/// After this many transactions in a row that could not get a lock, it is held on a whole table, and every further
/// delivery would wait for it in vain.
const LOCKED: u32 = 3;

/// Shared by the writers, the drain and the health checks. Clones share it.
#[derive(Debug, Clone)]
pub struct Availability(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: watch::Sender<State>,
    /// Transactions in a row that could not get a lock.
    locked: AtomicU32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The schema has not been seen yet: the service started while its database was away.
    Unprepared,
    /// A delivery failed. Others do not wait for the database until one has been stored.
    Away,
    Present,
}

impl Availability {
    /// * `prepared`: whether the database has been reached and migrated
    pub fn new(prepared: bool) -> Self {
        let state = watch::Sender::new(if prepared { State::Present } else { State::Unprepared });
        Self(Arc::new(Shared { state, locked: AtomicU32::new(0) }))
    }

    /// Whether deliveries should not wait for the database.
    pub fn is_away(&self) -> bool {
        *self.0.state.borrow() != State::Present
    }

    /// The database did not take a delivery.
    pub(super) fn lost(&self) {
        if self.change(State::Present, State::Away) {
            tracing::warn!("the database does not take deliveries; spooling them until it does");
        }
    }

    /// A transaction could not get a lock in time.
    pub(super) fn locked(&self) {
        if self.0.locked.fetch_add(1, Ordering::Relaxed) + 1 >= LOCKED {
            self.lost();
        }
    }

    /// The database took a delivery.
    pub(super) fn found(&self) {
        self.0.locked.store(0, Ordering::Relaxed);
        if self.change(State::Away, State::Present) {
            tracing::info!("the database takes deliveries again");
        }
    }

    /// Changes one state to another. Returns false in any other state.
    fn change(&self, from: State, to: State) -> bool {
        self.0.state.send_if_modified(|state| {
            let changes = *state == from;
            if changes {
                *state = to;
            }
            changes
        })
    }

    /// The database has been reached and migrated.
    pub fn prepared(&self) {
        self.0.state.send_replace(State::Present);
    }

    /// Waits until deliveries should not wait for the database.
    pub(super) async fn until_away(&self) {
        let _ = self.0.state.subscribe().wait_for(|state| *state != State::Present).await;
    }

    /// Waits until the database has been reached and migrated once.
    pub async fn until_prepared(&self) {
        let mut states = self.0.state.subscribe();
        // The sender lives as long as `self`.
        let _ = states.wait_for(|state| *state != State::Unprepared).await;
    }
}
