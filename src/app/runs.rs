//! The clients of Polytomic's API, and the watch of runs.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::Notify;

use super::{Availability, now};
use crate::config::{PolytomicConfig, ServeConfig};
use crate::http;
use crate::metrics::Metrics;
use crate::polytomic;
use crate::polytomic::api::{ApiClients, ApiError, ApiUrl};
use crate::polytomic::runs::{RunPace, RunWatch};
use crate::store::{Role, Store};
use crate::verify::EventSecrets;
use crate::writer::Queue;

/// A client of Polytomic's API for each key.
pub fn polytomic_clients(config: PolytomicConfig, pace: &RunPace) -> Result<ApiClients, ApiError> {
    ApiClients::new(&ApiUrl::new(config.url), config.keys, pace.first_pause, now)
}

/// The clients that the settings ask for; `None` if Polytomic's API is not asked.
pub fn polytomic_clients_of(config: &ServeConfig) -> Result<Option<ApiClients>, ApiError> {
    config.polytomic.clone().map(|polytomic| polytomic_clients(polytomic, &RunPace::default())).transpose()
}

/// * `reach`: how far the time at which a delivery was sent may be from its receipt
pub(super) fn run_watch(
    config: PolytomicConfig,
    pace: RunPace,
    store: &Store,
    metrics: &Metrics,
    queue: Queue,
    reach: TimeDelta,
    wake: Arc<Notify>,
) -> Result<RunWatch, ApiError> {
    let auto_identity = config.auto_identity;
    Ok(RunWatch {
        store: store.clone(),
        clients: Arc::new(polytomic_clients(config, &pace)?),
        metrics: metrics.clone(),
        pace,
        now,
        wake,
        queue,
        reach,
        auto_identity,
    })
}

/// Watches the runs of all syncs, once the database has been reached.
pub(super) async fn watch_runs(runs: RunWatch, availability: Availability) {
    availability.until_prepared().await;
    polytomic::runs::watch(runs).await;
}

/// How events are taken, which have the watch look at once.
pub(super) fn event_options(secrets: EventSecrets, store: &Store, wake: &Arc<Notify>) -> http::EventOptions {
    http::EventOptions { secrets, store: store.for_role(Role::Polytomic), wake: Arc::clone(wake) }
}
