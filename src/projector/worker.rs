//! One worker's turn with one sync.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::cooldown::Cooldown;
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

/// How long a sync's turn is, if others wait.
const TURN: Duration = Duration::from_secs(1);

/// How often to check whether the index of the identity exists.
const INDEX_EVERY: Duration = Duration::from_secs(300);

/// A sync's state between its turns. Losing it does no harm.
#[derive(Debug)]
pub struct SyncProgress {
    pub state: PassState,
    backoff: Backoff,
    /// After a look for the index of the identity.
    index: Cooldown,
}

impl Default for SyncProgress {
    fn default() -> Self {
        Self { state: PassState::default(), backoff: Backoff::new(FIRST_PAUSE), index: Cooldown::default() }
    }
}

impl SyncProgress {
    /// Whether to look for the index of the identity now.
    pub fn takes_index_turn(&mut self) -> bool {
        let is_due = self.index.is_over();
        if is_due {
            self.index.start(INDEX_EVERY);
        }
        is_due
    }

    /// The next step after a pass.
    fn after(&mut self, done: Pass) -> ControlFlow<Next> {
        match done {
            Pass::Projected(_) | Pass::Backfilled | Pass::Partly | Pass::Prepared => ControlFlow::Continue(()),
            Pass::Idle => ControlFlow::Break(Next::OnSignal),
            Pass::Waiting(pause) => ControlFlow::Break(Next::AfterOrOnSignal(pause)),
            Pass::Busy => ControlFlow::Break(Next::After(BUSY_PAUSE)),
            Pass::Dropped => ControlFlow::Break(Next::Rebuild(Cause::Dropped)),
            Pass::KeysOutdated => {
                self.state.keep_keys();
                ControlFlow::Break(Next::Rebuild(Cause::KeysOutdated))
            }
        }
    }

    /// Logs a failure. Returns the delay before the sync is retried.
    fn fail(&mut self, sync_id: SyncId, error: &StoreError) -> Duration {
        if matches!(error, StoreError::OldIndex(..)) {
            self.index.reset(); // it is dropped as soon as that can be
        }
        let may_end = error.is_outage() || error.is_lock_timeout();
        let pause = self.backoff.fail(if may_end { MAX_PAUSE_AWAY } else { MAX_PAUSE });
        let is_usual = error.kind() == ErrorKind::TryAgain && !error.is_too_slow() && pause < MAX_PAUSE_AWAY;
        if is_usual {
            tracing::debug!(%sync_id, %error, "retrying a projection");
        } else {
            tracing::warn!(%sync_id, %error, again_in = ?pause, "a projection failed");
        }
        pause
    }
}

/// State that the workers share.
#[derive(Debug, Clone)]
pub struct WorkerContext {
    pub store: Store,
    pub load: WriteLoad,
    pub metrics: Metrics,
    /// Held by the one that projects a large delivery.
    pub large: Arc<Semaphore>,
    /// Held by the one that waits for rows that another session has locked.
    pub patient: Arc<Semaphore>,
}

/// Passes over one sync until nothing waits. Other syncs get their turn between passes.
pub async fn work(
    context: WorkerContext,
    sync_id: SyncId,
    mut progress: SyncProgress,
    stopped: watch::Receiver<bool>,
) -> (SyncId, SyncProgress, Next) {
    let turn_ends = Instant::now() + TURN;
    let next = loop {
        if *stopped.borrow() {
            break Next::OnSignal;
        }
        if let ControlFlow::Break(next) = context.pass(sync_id, &mut progress).await {
            break next;
        }
        if Instant::now() >= turn_ends {
            break Next::AtOnce;
        }
    };
    (sync_id, progress, next)
}

impl WorkerContext {
    /// One pass. Continues if the sync has more to do at once.
    async fn pass(&self, sync_id: SyncId, progress: &mut SyncProgress) -> ControlFlow<Next> {
        let slot = self.load.contention_slot().await;
        // No other sync waits for the end of this turn.
        let patience = if slot.is_none() { self.patient.try_acquire().ok() } else { None };
        let began = self.load.sample();
        let span = traces::projection(sync_id);
        let (state, is_patient) = (&mut progress.state, patience.is_some());
        let passing = self
            .store
            .watched(Some(PASS_LIMIT), async |store| pass(&store, sync_id, state, &self.large, is_patient).await);
        match passing.instrument(span.clone()).await {
            Ok(done) => {
                // Tables that were repaired prove nothing: what fails may fail again.
                if done != Pass::Prepared {
                    progress.backoff.reset();
                }
                if let Pass::Projected(records) = done {
                    tracing::debug!(%sync_id, records, "projected");
                    self.metrics.projected(records, began.elapsed());
                    span.record("records", records);
                }
                if matches!(done, Pass::Projected(_) | Pass::Backfilled | Pass::Partly) {
                    self.load.yield_to_deliveries(began).await;
                }
                progress.after(done)
            }
            Err(error) if progress.state.suspects(&error) => {
                tracing::debug!(%sync_id, %error, "the tables do not match the catalogue");
                ControlFlow::Continue(())
            }
            Err(error) => {
                self.metrics.projection_failed();
                traces::failed(&span, &error);
                ControlFlow::Break(Next::After(progress.fail(sync_id, &error)))
            }
        }
    }
}
