//! Whether the database takes deliveries, as far as the writers know.

use std::sync::Arc;

use tokio::sync::watch;

/// Shared by the writers, the drain and the health checks. Clones share it.
#[derive(Debug, Clone)]
pub struct Availability(Arc<watch::Sender<State>>);

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
        Self(Arc::new(watch::Sender::new(if prepared { State::Present } else { State::Unprepared })))
    }

    /// Whether deliveries should not wait for the database.
    pub fn is_away(&self) -> bool {
        *self.0.borrow() != State::Present
    }

    /// The database did not take a delivery.
    pub(super) fn lost(&self) {
        if self.change(State::Present, State::Away) {
            tracing::warn!("the database does not take deliveries; spooling them until it does");
        }
    }

    /// The database took a delivery.
    pub(super) fn found(&self) {
        if self.change(State::Away, State::Present) {
            tracing::info!("the database takes deliveries again");
        }
    }

    /// Changes one state to another. Returns false in any other state.
    fn change(&self, from: State, to: State) -> bool {
        self.0.send_if_modified(|state| {
            let changes = *state == from;
            if changes {
                *state = to;
            }
            changes
        })
    }

    /// The database has been reached and migrated.
    pub fn prepared(&self) {
        self.0.send_replace(State::Present);
    }

    /// Waits until deliveries should not wait for the database.
    pub(super) async fn until_away(&self) {
        let _ = self.0.subscribe().wait_for(|state| *state != State::Present).await;
    }

    /// Waits until the database has been reached and migrated once.
    pub async fn until_prepared(&self) {
        let mut states = self.0.subscribe();
        // The sender lives as long as `self`.
        let _ = states.wait_for(|state| *state != State::Unprepared).await;
    }
}
