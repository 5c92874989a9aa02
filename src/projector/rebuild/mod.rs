//! Rebuilds a sync's query tables from what is stored: after a change of identity, or on an operator's command.
//!
//! Batches go into a shadow, hidden from readers, while deliveries continue into the old tables. At the end one
//! transaction, under the sync's lock, adds what has arrived since and merges the shadow into the query tables. Readers
//! see the old content until it commits, and grants, views and indexes stay.
//!
//! `plan` says what a rebuild will do and prepares the tables, `sources` fills the shadow, `merge` ends the rebuild.

mod merge;
mod plan;
mod sources;

use std::time::Duration;

use tokio::time::sleep;

use self::sources::Attempt;
use crate::model::SyncId;
use crate::query_tables::{ChangeError, QueryTables, Refused, Shadow, identity_index, lock, projection};
use crate::store::{ErrorKind, Store, StoreError, SyncState};

pub use self::plan::{RebuildPlan, plan};

/// How many times the tables may change shape during a rebuild.
const ATTEMPTS: usize = 10;

/// How often a long statement checks for an interruption.
const CHECK_INTERRUPTED_EVERY: Duration = Duration::from_millis(100);

/// Why a sync was not rebuilt. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the sync does not exist")]
    NoSuchSync,
    #[error("another process is rebuilding this sync; wait for it, or stop it")]
    Running,
    #[error("other sessions keep using the table; nothing was changed, try again later")]
    TableInUse,
    /// A field of the new identity, and why.
    #[error("the field {0:?} cannot get a column, which an identity needs: {1}")]
    NoColumn(String, String),
    #[error("its tables kept changing; try again when its fields are stable")]
    TablesChanging,
    #[error("lost the connection that holds the rebuild's lock; nothing was changed, run it again")]
    LockLost,
    #[error("interrupted; nothing was changed")]
    Interrupted,
    #[error("deliveries were removed from the raw log during the rebuild")]
    Pruned,
}

impl From<ChangeError> for RebuildError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Store(error) => Self::Store(error),
            ChangeError::NoSuchSync => Self::NoSuchSync,
            _ => Self::TableInUse,
        }
    }
}

impl RebuildError {
    /// How to react to it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Store(error) => error.kind(),
            Self::LockLost => ErrorKind::Unavailable,
            _ => ErrorKind::TryAgain,
        }
    }
}

/// The result of a rebuild.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RebuildSummary {
    /// Rows of the current table: entities, or distinct records.
    pub rows: i64,
    /// Records in the ledger without a key: a field of the identity is missing or null.
    pub unidentified: i64,
    /// Records that cannot be projected, because their key is too large for an index, for example. They are
    /// quarantined.
    pub quarantined: u64,
    /// Rows that the tables refused, because of an operator's constraint, for example.
    pub refused: Refused,
    /// Why the identity has no index yet; `None` if it has one, or needs none.
    pub no_index: Option<String>,
}

/// Receives the progress, and says when to stop.
pub trait Watcher {
    /// * `total`: the number of records, as far as it is known
    fn at(&mut self, done: u64, total: u64);

    /// Called between batches, and while a long statement runs.
    fn is_interrupted(&self) -> bool;
}

impl RebuildPlan {
    /// Runs it.
    pub async fn run(mut self, watcher: &mut impl Watcher) -> Result<RebuildSummary, RebuildError> {
        let shadow = Shadow::of_new_run(self.sync.sync_id);
        let tables = QueryTables::synced(&self.sync.table_name);
        if self.identity != self.sync.identity
            && let Err(error) = identity_index::drop_all(&self.store, &tables).await
        {
            tracing::warn!(sync_id = %self.sync.sync_id, %error, "cannot drop the index of the old identity yet");
        }
        let done = self.run_attempts(&shadow, watcher).await;
        // A shadow that cannot be dropped does not fail the rebuild: the next run drops it.
        if let Err(error) = self.drop_shadow(&shadow).await {
            tracing::warn!(sync_id = %self.sync.sync_id, %error, "cannot drop the rebuild's temporary tables");
        }
        // Neither does a missing index: the projector makes it later, also the one that was dropped if the rebuild
        // failed.
        let mut summary = done?;
        if let Err(error) = identity_index::build(&self.store, self.sync.sync_id).await {
            tracing::warn!(sync_id = %self.sync.sync_id, %error, "cannot make the index of the identity yet");
            summary.no_index = Some(error.to_string());
        }
        Ok(summary)
    }

    async fn run_attempts(
        &mut self,
        shadow: &Shadow,
        watcher: &mut impl Watcher,
    ) -> Result<RebuildSummary, RebuildError> {
        for _ in 0..ATTEMPTS {
            let catalogue = self.begin(shadow).await?;
            let sync = self.target(&catalogue);
            let progress = RebuildProgress { done: 0, total: 0, watcher };
            match (Attempt { plan: self, shadow, catalogue, sync, progress }).run().await {
                Ok(Some(summary)) => return Ok(summary),
                Ok(None) => {
                    tracing::info!(sync_id = %self.sync.sync_id, "the tables changed shape; starting over");
                }
                Err(error @ RebuildError::Pruned) => {
                    tracing::info!(sync_id = %self.sync.sync_id, %error, "starting over");
                }
                Err(error) => return Err(error),
            }
        }
        Err(RebuildError::TablesChanging)
    }

    async fn drop_shadow(&mut self, shadow: &Shadow) -> Result<(), StoreError> {
        self.lock.confirm().await?;
        let mut projection = projection::begin_on_shadow(&self.store, self.sync.clone(), shadow).await?;
        shadow.drop_all(&mut projection.session).await?;
        projection.session.commit().await
    }
}

/// Rebuilds a sync's tables without an operator: they were dropped, or their keys are outdated.
///
/// * `stopped`: called between batches
pub async fn rebuild_tables(
    store: &Store,
    sync_id: SyncId,
    stopped: impl Fn() -> bool,
) -> Result<RebuildSummary, RebuildError> {
    rebuild_with(store, sync_id, |sync| sync.identity.clone(), stopped).await
}

/// Sets a sync's identity, and rebuilds its tables.
///
/// * `stopped`: called between batches
pub async fn set_identity(
    store: &Store,
    sync_id: SyncId,
    identity: Vec<String>,
    stopped: impl Fn() -> bool,
) -> Result<RebuildSummary, RebuildError> {
    rebuild_with(store, sync_id, |_| Some(identity), stopped).await
}

async fn rebuild_with(
    store: &Store,
    sync_id: SyncId,
    identity: impl FnOnce(&SyncState) -> Option<Vec<String>>,
    stopped: impl Fn() -> bool,
) -> Result<RebuildSummary, RebuildError> {
    struct Quiet<F>(F);

    impl<F: Fn() -> bool> Watcher for Quiet<F> {
        fn at(&mut self, _: u64, _: u64) {}

        fn is_interrupted(&self) -> bool {
            (self.0)()
        }
    }

    let rebuild = async |store: Store| plan(&store, sync_id, identity).await?.run(&mut Quiet(stopped)).await;
    store.watched(None, rebuild).await
}

/// Makes the index of the sync's identity, if it is missing and no rebuild is running.
pub async fn index_identity(store: &Store, sync_id: SyncId) -> Result<(), StoreError> {
    let index = async |store: Store| {
        if !identity_index::is_due(&store, sync_id).await? {
            return Ok(());
        }
        let Some(lock) = lock::hold_rebuild(&store, sync_id).await? else { return Ok(()) };
        identity_index::build(&store, sync_id).await?;
        drop(lock);
        Ok(())
    };
    store.watched(None, index).await
}

struct RebuildProgress<'a, W> {
    done: u64,
    total: u64,
    watcher: &'a mut W,
}

impl<W: Watcher> RebuildProgress<'_, W> {
    fn add(&mut self, records: u64) -> Result<(), RebuildError> {
        self.done += records;
        self.watcher.at(self.done, self.total.max(self.done));
        if self.watcher.is_interrupted() { Err(RebuildError::Interrupted) } else { Ok(()) }
    }
}

/// Resolves when the rebuild should stop.
async fn interrupted(watcher: &impl Watcher) {
    while !watcher.is_interrupted() {
        sleep(CHECK_INTERRUPTED_EVERY).await;
    }
}
