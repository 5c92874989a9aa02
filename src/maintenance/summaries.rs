//! Counts in the background what the pages show, and reports that this service runs.
//!
//! All is counted again each time, so they are right whatever happened in between: a drained spool, an erasure, an
//! operator's own statements. The pauses between two rounds grow with their cost. One process at a time counts.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{Instant, interval, sleep};

use crate::query_tables::{QueryTables, inspect};
use crate::store::tables::replicas::{self, Replica};
use crate::store::tables::{passes, summaries};
use crate::store::{Role, Store, StoreError};

/// The least time between two rounds: a first delivery is counted soon.
const EVERY: Duration = Duration::from_secs(10);

/// A round is followed by a pause of this many times its length.
const PAUSE_FACTOR: u32 = 20;

/// How often a service says that it runs.
const REPORT_EVERY: Duration = Duration::from_secs(30);
const REPORT_LIMIT: Duration = Duration::from_secs(10);

/// How long the times of projections are kept.
const PASSES_KEPT: TimeDelta = TimeDelta::days(7);

/// Counts, forever.
///
/// * `now`: returns the time
pub async fn keep_summaries(store: Store, now: fn() -> DateTime<Utc>) {
    let store = store.for_role(Role::Maintenance);
    loop {
        let began = Instant::now();
        let counted = store.watched(None, async |store| count(&store, now).await).await;
        if let Err(error) = counted {
            tracing::debug!(%error, "cannot count what the pages show");
        }
        sleep(EVERY.max(began.elapsed() * PAUSE_FACTOR)).await;
    }
}

/// Does one round, unless another process does.
pub async fn count(store: &Store, now: fn() -> DateTime<Utc>) -> Result<(), StoreError> {
    let Some(lock) = summaries::hold_lock(store).await? else { return Ok(()) };
    summaries::count_deliveries(store, now()).await?;
    for stale in summaries::stale(store, now()).await? {
        let counted_at = now();
        let rows = inspect::row_count(store, &QueryTables::synced(&stale.table_name)).await?;
        summaries::count_sync(store, stale.sync_id, rows, counted_at).await?;
    }
    summaries::delete_gone(store).await?;
    while passes::delete(store, now() - PASSES_KEPT).await? > 0 {}
    lock.release().await
}

/// Says that this service runs, forever.
///
/// * `replica`: this service
pub async fn report_replica(store: Store, replica: Replica) {
    let store = store.for_role(Role::Maintenance);
    let mut every = interval(REPORT_EVERY);
    loop {
        every.tick().await;
        if let Err(error) = store.within(REPORT_LIMIT, replicas::report(&store, &replica)).await {
            tracing::debug!(%error, "cannot say in the database that this service runs");
        }
    }
}
