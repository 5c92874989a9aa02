//! Runs of syncs: asked for, and compared with what arrived, which gives each its verdict.
//!
//! `app` starts [`watch`]. Each look asks Polytomic's API about the syncs that are due and compares the runs that may
//! have changed; the state is in the database, so that replicas take turns and a restart changes nothing.

mod ask;
mod basis;
mod compare;
mod log;
mod schedule;
mod verdict;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::maintenance::configure::{self, ConfigureError};
use crate::maintenance::deletions;
use crate::metrics::Metrics;
use crate::polytomic::api::ApiClients;
use crate::store::tables::sync_sources::{self, SyncSource};
use crate::store::tables::{run_logs, runs, source_models};
use crate::store::{Role, Store, StoreError};
use crate::writer::Queue;

pub use log::{compare_log, run_log};
pub use schedule::RunPace;

use ask::AskError;
use compare::Comparison;

/// A day, where the time at which a delivery was sent is not checked.
const UNCHECKED_REACH: TimeDelta = TimeDelta::days(1);

/// How long a sync is a new one.
const NEW: TimeDelta = TimeDelta::days(1);

/// How far the time at which a delivery was sent may be from its receipt, with a second for its fraction.
///
/// * `tolerance`: of the check of that time; zero if there is none
pub fn reach(tolerance: TimeDelta) -> TimeDelta {
    if tolerance.is_zero() { UNCHECKED_REACH } else { tolerance + TimeDelta::seconds(1) }
}

/// Watches the runs of all syncs.
#[derive(Debug, Clone)]
pub struct RunWatch {
    pub store: Store,
    pub clients: Arc<ApiClients>,
    pub metrics: Metrics,
    pub pace: RunPace,
    /// Returns the time.
    pub now: fn() -> DateTime<Utc>,
    /// Has it look at once.
    pub wake: Arc<Notify>,
    /// Its spool may have deliveries of a run.
    pub queue: Queue,
    /// How far the time at which a delivery was sent may be from its receipt.
    pub reach: TimeDelta,
    /// Whether new syncs are configured as their models say.
    pub auto_identity: bool,
}

/// Looks at all syncs, again and again, forever.
pub async fn watch(runs: RunWatch) {
    let runs = RunWatch { store: runs.store.for_role(Role::Polytomic), ..runs };
    loop {
        match runs.look().await {
            Ok(()) => {}
            // It is asked again soon, and whether the database is away is said elsewhere.
            Err(error) => tracing::debug!(%error, "cannot look at the runs of syncs"),
        }
        tokio::select! { () = sleep(runs.pace.look) => {}, () = runs.wake.notified() => {} }
    }
}

impl RunWatch {
    /// Asks about the syncs that are due, and compares their runs, unless another process does so.
    async fn look(&self) -> Result<(), StoreError> {
        let Some(mut lock) = runs::hold_lock(&self.store).await? else { return Ok(()) };
        let mut log_to_read = None;
        for source in sync_sources::list(&self.store).await? {
            lock.confirm().await?;
            let now = (self.now)();
            if schedule::is_due(&source, &self.pace, now) {
                self.ask(source.clone(), now).await?;
            }
            let comparison = Comparison {
                store: &self.store,
                source: &source,
                pace: &self.pace,
                reach: self.reach,
                is_spooled: self.queue.spooled().entries > 0,
                now: (self.now)(),
            };
            let compared = comparison.run().await?;
            for new in compared.new {
                self.metrics.run_verdict(new.verdict);
            }
            // A table that is locked must not keep the other syncs from their turn.
            if let Err(error) = deletions::infer(&self.store, source.sync_id, (self.now)()).await {
                tracing::debug!(sync_id = %source.sync_id, %error, "cannot look for deleted rows; it is tried again");
            }
            log_to_read = compared.logs_to_read.into_iter().next_back().map(|run| (source, run)).or(log_to_read);
        }
        // One each time, after all counts: a large log takes minutes. The others stay due.
        if let Some((source, run)) = log_to_read {
            lock.confirm().await?;
            self.read_log(&source, &run).await?;
        }
        // The next look may begin at once.
        lock.release().await
    }

    /// Has a sync's tables follow its model, if it is a new one, or an operator has said so.
    async fn configure(&self, source: &SyncSource, now: DateTime<Utc>) -> Result<(), ConfigureError> {
        let is_new = !source.has_identity && now < source.first_received_at + NEW;
        if source.from_polytomic {
            let model = source_models::find(&self.store, source.sync_id).await?.unwrap_or_default();
            configure::describe(&self.store, source.sync_id, &model).await?;
        } else if self.auto_identity && is_new {
            configure::configure_new(&self.store, source.sync_id).await?;
        }
        Ok(())
    }

    /// Compares a run's log with what has arrived; the next look gives the verdict.
    async fn read_log(&self, source: &SyncSource, execution_id: &str) -> Result<(), StoreError> {
        let connection = source.connection.as_deref().unwrap_or_default();
        let Some(client) = self.clients.for_connection(connection) else { return Ok(()) };
        let run = run_logs::find(&self.store, source.sync_id, execution_id).await?;
        let Some(run) = run.as_ref().and_then(run_log) else { return Ok(()) };
        let compared = compare_log(&self.store, client, &run, self.reach, &self.pace.log, (self.now)()).await?;
        // A reason not to is kept with the run.
        drop(compared);
        Ok(())
    }

    /// Asks about a sync. Why the API does not answer is kept, and said when it changes.
    async fn ask(&self, source: SyncSource, now: DateTime<Utc>) -> Result<(), StoreError> {
        let deliveries = sync_sources::deliveries(&self.store, &source).await?;
        let source = &SyncSource { connection: deliveries.connection, ..source };
        let connection = source.connection.as_deref().unwrap_or_default();
        let Some(client) = self.clients.for_connection(connection) else {
            let error = format!("POLYSINK_POLYTOMIC_KEY has no key named {connection}, as the sync's connection is");
            return sync_sources::save_error(&self.store, source, &error, now).await;
        };
        match ask::ask(&self.store, client, source, deliveries.first_sent_at, now).await {
            Ok(()) => {
                self.metrics.asked_polytomic("ok");
                // A table that is locked, or that is not ours, must not keep the other syncs from their turn.
                if let Err(error) = self.configure(source, now).await {
                    tracing::debug!(sync_id = %source.sync_id, %error, "cannot configure a sync; it is tried again");
                }
                Ok(())
            }
            Err(AskError::Store(error)) => Err(error),
            Err(AskError::Api(error)) => {
                self.metrics.asked_polytomic(error.as_str());
                if source.failures == 0 {
                    tracing::warn!(sync_id = %source.source_id, %error, "cannot ask Polytomic about a sync");
                }
                sync_sources::save_error(&self.store, source, &error.to_string(), now).await
            }
        }
    }
}
