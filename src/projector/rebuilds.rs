//! The rebuilds that the service runs by itself, in tasks of their own: the workers project the other syncs meanwhile.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::{Id, JoinSet};

use super::cooldown::Cooldown;
use super::rebuild::{RebuildError, rebuild_tables};
use super::recount::recount;
use crate::backoff::Backoff;
use crate::model::SyncId;
use crate::store::{Role, Store};

/// How many run at a time: as many as the operator's connections allow.
const AT_A_TIME: usize = 2;

/// Delay before a failed rebuild is tried again; doubles up to the maximum.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// Why a sync's query tables need a rebuild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// An operator dropped them. The sync cannot be projected until they exist again.
    Dropped,
    /// A column of the identity has another type than when the keys were made, or records that had the same values no
    /// longer do. Until the tables are rebuilt, keys are made as before.
    KeysOutdated,
}

impl Cause {
    fn as_str(self) -> &'static str {
        match self {
            Self::Dropped => "they were dropped",
            Self::KeysOutdated => {
                "a column of the identity has another type, or records no longer have the same values"
            }
        }
    }
}

/// The rebuilds that run or wait for their turn.
#[derive(Debug)]
pub struct Rebuilds {
    store: Store,
    stopped: watch::Receiver<bool>,
    tasks: JoinSet<Result<(), RebuildError>>,
    turns: Arc<Semaphore>,
    running: HashMap<Id, SyncId>,
    /// The failed ones, and when each is tried again.
    failed: HashMap<SyncId, (Backoff, Cooldown)>,
}

impl Rebuilds {
    /// * `stopped`: interrupts them
    pub fn new(store: &Store, stopped: watch::Receiver<bool>) -> Self {
        Self {
            store: store.for_role(Role::Operator),
            stopped,
            tasks: JoinSet::new(),
            turns: Arc::new(Semaphore::new(AT_A_TIME)),
            running: HashMap::new(),
            failed: HashMap::new(),
        }
    }

    /// Begins to rebuild a sync's tables, unless that is being done already, or failed a moment ago.
    pub fn ask(&mut self, sync_id: SyncId, cause: Cause) {
        if self.is_taken(sync_id) {
            return;
        }
        tracing::warn!(%sync_id, why = cause.as_str(), "rebuilding the sync's query tables");
        self.start(sync_id, async move |store, stopped| {
            let summary = rebuild_tables(&store, sync_id, || *stopped.borrow()).await?;
            tracing::info!(%sync_id, rows = summary.rows, "the sync's query tables are rebuilt");
            Ok(())
        });
    }

    /// Begins to count those parts of a sync's histories again in which a late delivery has split a version; as for
    /// [`Self::ask`].
    pub fn ask_to_recount(&mut self, sync_id: SyncId) {
        if self.is_taken(sync_id) {
            return;
        }
        self.start(sync_id, async move |store, stopped| {
            let counted = recount(&store, sync_id, || *stopped.borrow()).await?;
            tracing::debug!(%sync_id, counted, "read parts of histories from the raw log again");
            Ok(())
        });
    }

    /// Whether there is a task for this sync, or one failed a moment ago.
    fn is_taken(&self, sync_id: SyncId) -> bool {
        let pauses = self.failed.get(&sync_id).is_some_and(|(_, cooldown)| !cooldown.is_over());
        pauses || self.running.values().any(|running| *running == sync_id)
    }

    /// Starts a task that waits for its turn.
    fn start<F>(&mut self, sync_id: SyncId, work: impl FnOnce(Store, watch::Receiver<bool>) -> F + Send + 'static)
    where
        F: Future<Output = Result<(), RebuildError>> + Send,
    {
        let (store, mut stopped, turns) = (self.store.clone(), self.stopped.clone(), self.turns.clone());
        let task = self.tasks.spawn(async move {
            let _turn = tokio::select! {
                turn = turns.acquire() => turn,
                _ = stopped.wait_for(|stopped| *stopped) => return Err(RebuildError::Interrupted),
            };
            work(store, stopped).await
        });
        self.running.insert(task.id(), sync_id);
    }

    /// Waits for the end of a rebuild; `None` if there is none. Returns the sync, and how long to pause before it is
    /// projected.
    pub async fn ended(&mut self) -> Option<(SyncId, Duration)> {
        let (task, pause) = match self.tasks.join_next_with_id().await? {
            Ok((task, Ok(()))) => (task, None),
            Ok((task, Err(error))) => (task, self.failed(task, &error)),
            Err(error) => {
                tracing::error!(%error, "a rebuild panicked");
                (error.id(), Some(MAX_PAUSE))
            }
        };
        let sync_id = self.running.remove(&task)?;
        if pause.is_none() {
            self.failed.remove(&sync_id);
        }
        Some((sync_id, pause.unwrap_or_default()))
    }

    /// Returns the delay before the next try.
    fn failed(&mut self, task: Id, error: &RebuildError) -> Option<Duration> {
        let sync_id = *self.running.get(&task)?;
        let (backoff, cooldown) =
            self.failed.entry(sync_id).or_insert_with(|| (Backoff::new(FIRST_PAUSE), Cooldown::default()));
        let pause = backoff.fail(MAX_PAUSE);
        cooldown.start(pause);
        match error {
            RebuildError::Interrupted => {}
            RebuildError::Running => tracing::debug!(%sync_id, %error, again_in = ?pause, "not rebuilding the tables"),
            error => tracing::warn!(%sync_id, %error, again_in = ?pause, "cannot rebuild the sync's query tables"),
        }
        Some(pause)
    }

    /// Waits until the interrupted rebuilds have ended.
    pub async fn stop(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}
