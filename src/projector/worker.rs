//! One worker's turn with one sync.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::pass::{Pass, PassState, pass};
use super::rebuilds::Cause;
use super::schedule::Next;
use crate::backoff::Backoff;
use crate::metrics::Metrics;
use crate::model::SyncId;
use crate::store::{ErrorKind, Store, StoreError};
use crate::traces;
use crate::writer::WriteLoad;

/// Delay before retrying a sync that another session projects.
const BUSY_PAUSE: Duration = Duration::from_millis(50);

/// Delay before retrying a failed sync; doubles up to the maximum.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// The maximum while the database is away, or another session locks the tables: that may end at any moment.
const MAX_PAUSE_AWAY: Duration = Duration::from_secs(1);

/// Time for a pass while the server works on it. Batches are bounded; changing a column's type rewrites up to 100,000
/// rows.
const PASS_LIMIT: Duration = Duration::from_secs(300);

/// How often to look whether the index of the identity is there.
const INDEX_EVERY: Duration = Duration::from_secs(300);

/// What is remembered of a sync between its turns. Losing it does no harm.
#[derive(Debug)]
pub struct SyncProgress {
    pub state: PassState,
    backoff: Backoff,
    /// When to look for the index of the identity again.
    index_after: Option<Instant>,
}

impl Default for SyncProgress {
    fn default() -> Self {
        Self { state: PassState::default(), backoff: Backoff::new(FIRST_PAUSE), index_after: None }
    }
}

impl SyncProgress {
    /// Whether to look for the index of the identity now.
    pub fn takes_index_turn(&mut self) -> bool {
        let due = self.index_after.is_none_or(|after| Instant::now() >= after);
        if due {
            self.index_after = Some(Instant::now() + INDEX_EVERY);
        }
        due
    }

    /// Delay before the sync is retried after a failure.
    fn fail(&mut self, error: &StoreError) -> Duration {
        let may_end = error.is_outage() || error.is_lock_timeout();
        self.backoff.fail(if may_end { MAX_PAUSE_AWAY } else { MAX_PAUSE })
    }
}

/// What the workers share.
#[derive(Debug, Clone)]
pub struct Beside {
    pub load: WriteLoad,
    pub metrics: Metrics,
    /// Held by the one that projects a large delivery.
    pub large: Arc<Semaphore>,
    /// Held by the one that waits for rows that another session has locked.
    pub patient: Arc<Semaphore>,
}

/// Passes over one sync until nothing waits. Other syncs get their turn between passes.
pub async fn work(
    store: Store,
    sync_id: SyncId,
    mut progress: SyncProgress,
    beside: Beside,
    stopped: watch::Receiver<bool>,
) -> (SyncId, SyncProgress, Next) {
    let Beside { load, metrics, large, patient } = beside;
    let turn_ends = Instant::now() + Duration::from_secs(1);
    let next = loop {
        if *stopped.borrow() {
            break Next::OnSignal;
        }
        let turn = load.turn().await;
        // No other sync waits for the end of this turn.
        let patience = if turn.is_none() { patient.try_acquire().ok() } else { None };
        let is_patient = patience.is_some();
        let began = load.sample();
        let state = &mut progress.state;
        let span = traces::projection(sync_id);
        let passing =
            store.watched(Some(PASS_LIMIT), async |store| pass(&store, sync_id, state, &large, is_patient).await);
        match passing.instrument(span.clone()).await {
            Ok(done) => {
                // Tables that were repaired prove nothing: what fails may fail again.
                if done != Pass::Prepared {
                    progress.backoff.reset();
                }
                match done {
                    Pass::Projected(records) => {
                        tracing::debug!(%sync_id, records, "projected");
                        metrics.projected(records, began.elapsed());
                        span.record("records", records);
                        load.yield_to_deliveries(began).await;
                    }
                    Pass::Backfilled | Pass::Partly => load.yield_to_deliveries(began).await,
                    Pass::Prepared => {}
                    Pass::Idle => break Next::OnSignal,
                    Pass::Waiting(pause) => break Next::AfterOrOnSignal(pause),
                    Pass::Busy => break Next::After(BUSY_PAUSE),
                    Pass::Dropped => break Next::Rebuild(Cause::Dropped),
                    Pass::KeysOutdated => {
                        progress.state.keep_keys();
                        break Next::Rebuild(Cause::KeysOutdated);
                    }
                }
            }
            Err(error) if progress.state.suspects(&error) => {
                tracing::debug!(%sync_id, %error, "the tables do not match the catalogue");
            }
            Err(error) => {
                if matches!(error, StoreError::OldIndex(..)) {
                    progress.index_after = None; // it is dropped as soon as that can be
                }
                let pause = progress.fail(&error);
                metrics.projection_failed();
                traces::failed(&span, &error);
                let is_usual = error.kind() == ErrorKind::TryAgain && !error.is_too_slow() && pause < MAX_PAUSE_AWAY;
                if is_usual {
                    tracing::debug!(%sync_id, %error, "retrying a projection");
                } else {
                    tracing::warn!(%sync_id, %error, again_in = ?pause, "a projection failed");
                }
                break Next::After(pause);
            }
        }
        if Instant::now() >= turn_ends {
            break Next::AtOnce;
        }
    };
    (sync_id, progress, next)
}
