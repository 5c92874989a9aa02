//! Erases entities everywhere, when an operator asks: shows the stored data first, and leaves a record without the
//! data.
//!
//! [`plan_forget`] searches. [`ForgetPlan::run`] records the erasure, which drains of spools respect from then on,
//! searches the deliveries received since, and erases. It holds the sync's rebuild lock, so that no rebuild reads what
//! is being erased. One that was interrupted is run again with the same keys.

mod erase;
mod redaction;
mod search;
mod sieve;
mod target;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::retry::{Retried, again, wait_for_lock};
use crate::columns::EntityKeys;
use crate::failpoints;
use crate::model::SyncId;
use crate::query_tables::{QueryTables, Shadow, lock};
use crate::store::tables::{erasures, fields, records, syncs};
use crate::store::{ErasureCounts, HeldLock, NewErasure, Store, StoreError, SyncState};
use erase::Erased;
use search::{Findings, Search};
use target::{ErasureTarget, keys_meant};

/// How long a rebuild or the index of an identity is waited for.
const REBUILD: Duration = Duration::from_secs(10);

/// Why nothing, or not everything, was erased.
#[derive(Debug, thiserror::Error)]
pub enum ForgetError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the sync does not exist")]
    NoSuchSync,
    #[error("another process is rebuilding this sync or erasing from it; wait for it, or stop it")]
    Rebuilding,
    /// The key, and why no entity has it.
    #[error("{0:?} is not the key of an entity: {1}")]
    BadKey(String, String),
    /// The key, and those that it can mean.
    #[error("{0:?} can mean several entities; write one of these: {1}")]
    Ambiguous(String, String),
    #[error("the sync's identity was changed meanwhile; run it again")]
    IdentityChanged,
    #[error("lost the connection that holds the sync's lock; run it again")]
    LockLost,
    #[error("interrupted; run it again to erase the rest")]
    Interrupted,
}

impl Retried for ForgetError {
    fn is_collision(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_collision())
    }
}

/// The entities to erase, and how.
#[derive(Debug, Clone)]
pub struct ForgetOptions {
    /// As an operator writes them: the identity's value, a JSON array of its values, or a record's hash.
    pub keys: Vec<String>,
    /// Erase what cannot be read and mentions an entity.
    pub unreadable_too: bool,
    /// For the record.
    pub reference: Option<String>,
}

/// The sync and the target of an erasure.
struct ErasureContext {
    store: Store,
    sync: SyncState,
    target: ErasureTarget,
}

/// The plan of an erasure.
pub struct ForgetPlan {
    context: ErasureContext,
    lock: HeldLock,
    found: Findings,
    reference: Option<String>,
    pub table: String,
    pub counts: ErasureCounts,
    /// The number of entities.
    pub entities: u64,
    /// Keys without any data, as they were given.
    pub unknown: Vec<String>,
    /// Texts that mention one of the entities and cannot be read: they stay.
    pub unclear: u64,
    /// An earlier erasure of this sync was interrupted.
    pub unfinished: bool,
}

/// Finds everything that is stored about the entities.
///
/// * `at`: called with how many deliveries have been read of how many; returns whether to continue
pub async fn plan_forget(
    store: &Store,
    sync_id: SyncId,
    options: ForgetOptions,
    at: impl FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<ForgetPlan, ForgetError> {
    let lock = lock(store, sync_id).await?;
    let sync = syncs::find(store, sync_id).await?.ok_or(ForgetError::NoSuchSync)?;
    let entity_keys = entity_keys(store, &sync).await?;
    let meant = choose(store, &sync, &entity_keys, options.keys).await?;
    let keys: BTreeSet<String> = meant.iter().flat_map(|(_, keys)| keys.iter().cloned()).collect();
    let target = ErasureTarget::of(entity_keys, keys, options.unreadable_too);
    let unfinished = erasures::has_unfinished(store, sync_id).await?;
    let found = Search { store, sync: &sync, target: &target }.run(at).await?;
    let is_unknown = |keys: &[String]| !keys.iter().any(|key| found.keys.contains(key));
    let unknown = meant.iter().filter(|(_, keys)| is_unknown(keys)).map(|(given, _)| given.clone()).collect();
    Ok(ForgetPlan {
        lock,
        reference: options.reference,
        table: sync.table_name.clone(),
        counts: found.counts(),
        entities: meant.len() as u64,
        unknown,
        unclear: found.unclear(),
        found,
        unfinished,
        context: ErasureContext { store: store.clone(), sync, target },
    })
}

/// Takes the sync's rebuild lock. The service holds it for a moment when it makes an index.
async fn lock(store: &Store, sync_id: SyncId) -> Result<HeldLock, ForgetError> {
    wait_for_lock(REBUILD, async || lock::hold_rebuild(store, sync_id).await).await?.ok_or(ForgetError::Rebuilding)
}

/// How the keys of the sync's query tables are made.
async fn entity_keys(store: &Store, sync: &SyncState) -> Result<EntityKeys, ForgetError> {
    Ok(sync.entity_keys(&fields::catalogue(store, sync.sync_id).await?))
}

/// If a key can mean several things, chooses the one that exists: an entity of the query tables, or a record of the
/// ledger that belongs to none, by its hash.
async fn choose(
    store: &Store,
    sync: &SyncState,
    entity_keys: &EntityKeys,
    given: Vec<String>,
) -> Result<Vec<(String, Vec<String>)>, ForgetError> {
    let meant: Vec<(String, Result<Vec<String>, ForgetError>)> =
        given.into_iter().map(|given| (given.clone(), keys_meant(entity_keys, &given))).collect();
    let keys: Vec<&str> =
        meant.iter().filter_map(|(_, keys)| keys.as_ref().ok()).flatten().map(String::as_str).collect();
    let hashes: Vec<&str> = meant.iter().map(|(given, _)| given.as_str()).collect();
    let mut session = store.begin().await?;
    let known = QueryTables::synced(&sync.table_name).traces(&mut session, &keys).await?.keys;
    let mut without_key: BTreeSet<String> = BTreeSet::new();
    let asked = records::each_fields(&mut session, sync.sync_id, hashes, |hash, fields| {
        if entity_keys.of_record(Some(&hash), Some(fields)).is_none() {
            without_key.insert(hash);
        }
    });
    asked.await?;
    session.commit().await?;
    let chosen = meant.into_iter().map(|(given, keys)| {
        let there: Vec<String> = keys.iter().flatten().filter(|key| known.contains(*key)).cloned().collect();
        match there.len() {
            0 if without_key.contains(&given) => Ok((given.clone(), vec![given])),
            0 => Ok((given, keys?)),
            1 => Ok((given, there)),
            _ => Err(ForgetError::Ambiguous(given, there.join(", "))),
        }
    });
    chosen.collect()
}

impl ForgetPlan {
    /// Whether anything was found.
    pub fn is_empty(&self) -> bool {
        self.counts == ErasureCounts::default()
    }

    /// Runs it.
    ///
    /// * `now`: returns the time
    /// * `at`: called with how many deliveries are done of how many; returns whether to continue
    pub async fn run(
        mut self,
        now: fn() -> DateTime<Utc>,
        mut at: impl FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<ErasureCounts, ForgetError> {
        let Self { context, found, reference, .. } = &mut self;
        let ErasureContext { store, sync, target } = context;
        let (erasure_id, started_at) = (Uuid::now_v7(), now());
        let erasure = NewErasure {
            erasure_id,
            sync_id: sync.sync_id,
            reference: reference.as_deref(),
            started_at,
            entity_keys: &target.entity_keys,
            keys: target.keys(),
        };
        erasures::start(store, &erasure).await?;
        failpoints::reach("forget-started");
        drop_shadows(store, sync).await?;
        // A spool may have been drained since the first search.
        Search { store, sync, target }.catch_up(found, &mut at).await?;
        let mut erased = Erased::default();
        let batches = erase::batches(found);
        for (n, places) in batches.iter().enumerate() {
            erased.add(again(async || erase::cut_some(store, target, &found.hashes, places).await).await?);
            failpoints::reach("forget-cut");
            if at(n as u64 + 1, batches.len() as u64).is_break() {
                return Err(ForgetError::Interrupted);
            }
        }
        self.lock.confirm().await.map_err(|_| ForgetError::LockLost)?;
        let (context, found, now) = (&self.context, &self.found, now());
        let last = async || erase::finish(context, found, &erased, erasure_id, now).await;
        erased.add(again(last).await?);
        failpoints::reach("forget-finished");
        let tables = QueryTables::synced(&self.context.sync.table_name);
        if let Err(error) = erasures::vacuum_after(&self.context.store, &tables.names(), &erased.days).await {
            tracing::warn!(%error, "cannot vacuum the tables; their dead rows stay until the next autovacuum");
        }
        Ok(erased.counts)
    }
}

/// Drops the tables that an interrupted rebuild has left. The caller holds the rebuild lock.
async fn drop_shadows(store: &Store, sync: &SyncState) -> Result<(), ForgetError> {
    let mut session = store.begin().await?;
    Shadow::of_new_run(sync.sync_id).drop_all(&mut session).await?;
    session.commit().await?;
    Ok(())
}
