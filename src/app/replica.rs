//! This service among those on the same database.

use tokio::task::JoinSet;
use uuid::Uuid;

use super::{Availability, now};
use crate::maintenance::report_replica;
use crate::store::tables::replicas::{self, Replica};
use crate::store::{Role, Store};

/// The name of this machine; `None` if the system does not say it.
pub fn host() -> Option<String> {
    nix::unistd::gethostname().ok()?.into_string().ok()
}

/// A service that says in the database that it runs.
#[derive(Debug)]
pub(super) struct RunningReplica(Uuid);

impl RunningReplica {
    /// Says so once the database has been reached, and again and again.
    pub(super) fn start(store: &Store, availability: Availability, background: &mut JoinSet<()>) -> Self {
        let replica = Replica {
            id: Uuid::now_v7(),
            host: host().unwrap_or_default(),
            version: env!("POLYSINK_BUILD_VERSION").to_owned(),
            started_at: now(),
            seen_at: now(),
        };
        let (id, store) = (replica.id, store.clone());
        background.spawn(async move {
            availability.until_prepared().await;
            report_replica(store, replica).await;
        });
        Self(id)
    }

    /// Removes its row.
    pub(super) async fn stop(self, store: &Store) {
        if let Err(error) = replicas::delete(&store.for_role(Role::Maintenance), self.0).await {
            tracing::debug!(%error, "the database still lists this service as running");
        }
    }
}
