//! Lets a sync that was made again in Polytomic continue as the earlier one, when an operator asks.
//!
//! From the first transaction on, what is sent under the new id is stored under the earlier one. Then what the new sync
//! had is moved: its tables go first, its ledger next, so that its deliveries, which are projected like new ones, find
//! their records. Each part is committed by itself. An adoption that was interrupted is finished by running it again;
//! until then nothing is replayed and nothing erased. It holds the rebuild locks of both syncs, and that of replays.

use std::ops::ControlFlow;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::replay::lock_replay;
use super::retry::{again, wait_for_lock};
use crate::failpoints;
use crate::ledger::replay;
use crate::model::SyncId;
use crate::query_tables::{BuiltOn, LockWait, QueryTables, Shadow, lock, new_tables, pause_between_tries, projection};
use crate::store::tables::{adoptions, erasures, fields, records, syncs};
use crate::store::{Adoption, HeldLock, Store, StoreError, SyncState};

/// How long a rebuild or the index of an identity is waited for.
const REBUILD: Duration = Duration::from_secs(10);

/// How many deliveries are moved in one transaction.
const DELIVERIES: usize = 500;

/// Why a sync was not adopted, or not to the end.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the sync does not exist")]
    NoSuchSync,
    #[error("a sync cannot adopt itself")]
    Same,
    #[error("another process is rebuilding one of the syncs or erasing from it; wait for it, or stop it")]
    Rebuilding,
    #[error("another process is replaying; wait for it, or stop it, and run this again")]
    Replaying,
    #[error(
        "a replay was interrupted; `polysink replay` says how to finish it, and does so before anything is adopted"
    )]
    UnfinishedReplay,
    #[error("an erasure from one of the syncs was interrupted; run it again with its keys before anything is adopted")]
    UnfinishedErasure,
    #[error("other sessions keep using its tables; run this again")]
    TableInUse,
    #[error("lost the connection that holds the locks; run this again")]
    LockLost,
    #[error("interrupted; run this again to finish it")]
    Interrupted,
}

/// The plan of an adoption.
#[derive(Debug)]
pub struct AdoptPlan {
    store: Store,
    locks: Vec<HeldLock>,
    pub adoption: Adoption,
    /// Whether it was begun before.
    pub is_begun: bool,
    /// The sync that continues.
    pub earlier: SyncState,
    /// The one that is adopted; `None` if its tables are gone already.
    pub adopted: Option<Adopted>,
}

/// The stored data of a sync that will be adopted.
#[derive(Debug)]
pub struct Adopted {
    pub sync: SyncState,
    pub deliveries: u64,
    /// Distinct records.
    pub records: u64,
    /// Objects that are built on its tables.
    pub built_on: BuiltOn,
    /// The fields of the earlier sync's identity that it does not have.
    pub missing: Vec<String>,
}

/// Prepares an adoption, or the rest of one that was interrupted.
pub async fn plan_adoption(store: &Store, adopted_id: SyncId, sync_id: SyncId) -> Result<AdoptPlan, AdoptError> {
    if adopted_id == sync_id {
        return Err(AdoptError::Same);
    }
    let mut locks = vec![lock_replay(store).await?.ok_or(AdoptError::Replaying)?];
    for id in [adopted_id, sync_id] {
        let lock = wait_for_lock(REBUILD, async || lock::hold_rebuild(store, id).await).await?;
        locks.push(lock.ok_or(AdoptError::Rebuilding)?);
    }
    if replay::unfinished(store).await?.is_some() {
        return Err(AdoptError::UnfinishedReplay);
    }
    let begun = adoptions::unfinished(store).await?;
    let begun = begun.into_iter().find(|adoption| (adoption.adopted_id, adoption.sync_id) == (adopted_id, sync_id));
    let earlier = syncs::find(store, sync_id).await?.ok_or(AdoptError::NoSuchSync)?;
    let adopted = match syncs::find(store, adopted_id).await? {
        Some(sync) => Some(Adopted::of(store, sync, &earlier).await?),
        None if begun.is_some() => None,
        None => return Err(AdoptError::NoSuchSync),
    };
    let adoption = match begun {
        Some(adoption) => adoption,
        None if erasures::has_unfinished(store, adopted_id).await?
            || erasures::has_unfinished(store, sync_id).await? =>
        {
            return Err(AdoptError::UnfinishedErasure);
        }
        None => {
            let (_, before_raw) = records::size(store, adopted_id).await?;
            Adoption { adopted_id, sync_id, rebuild: before_raw > 0 }
        }
    };
    Ok(AdoptPlan { store: store.clone(), locks, adoption, is_begun: begun.is_some(), earlier, adopted })
}

impl Adopted {
    async fn of(store: &Store, sync: SyncState, earlier: &SyncState) -> Result<Self, StoreError> {
        let catalogue = fields::catalogue(store, sync.sync_id).await?;
        let built_on = new_tables::built_on(store, &QueryTables::synced(&sync.table_name), &catalogue).await?;
        let (records, _) = records::size(store, sync.sync_id).await?;
        let deliveries = adoptions::deliveries_of(store, sync.sync_id).await?.len() as u64;
        let identity = earlier.identity.iter().flatten();
        let missing = identity.filter(|name| catalogue.field(name).is_none()).cloned().collect();
        Ok(Self { sync, deliveries, records: records.max(0).unsigned_abs(), built_on, missing })
    }
}

impl AdoptPlan {
    /// Runs it. The caller does the rest: the rebuild, if one is needed, and `adoptions::finish`.
    ///
    /// * `now`: returns the time
    /// * `at`: called with how many deliveries are moved of how many; returns whether to continue
    pub async fn run(
        mut self,
        now: fn() -> DateTime<Utc>,
        mut at: impl FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<(), AdoptError> {
        let Self { store, adoption, .. } = &self;
        if !self.is_begun {
            adoptions::begin(store, *adoption, now()).await?;
            failpoints::reach("adopt-begun");
        }
        if self.adopted.is_some() {
            self.remove_tables().await?;
            failpoints::reach("adopt-tables-removed");
        }
        let mut after = String::new();
        while let Some(last) = again(async || adoptions::move_records(store, *adoption, &after).await).await? {
            after = last;
            failpoints::reach("adopt-records-moved");
            go_on(at(0, 0))?;
        }
        while again(async || adoptions::move_rejections(store, *adoption, now()).await).await? > 0 {
            go_on(at(0, 0))?;
        }
        let places = adoptions::deliveries_of(store, adoption.adopted_id).await?;
        let (mut moved, all) = (0, places.len() as u64);
        for some in places.chunks(DELIVERIES) {
            again(async || adoptions::move_deliveries(store, *adoption, some).await).await?;
            failpoints::reach("adopt-deliveries-moved");
            moved += some.len() as u64;
            go_on(at(moved, all))?;
        }
        for lock in &mut self.locks {
            lock.confirm().await.map_err(|_| AdoptError::LockLost)?;
        }
        Ok(())
    }

    /// Drops the tables of the adopted sync, and removes everything of it but its records, deliveries and rejections.
    /// The earlier one gets the fields that it does not have.
    async fn remove_tables(&self) -> Result<(), AdoptError> {
        let Adoption { adopted_id, sync_id, .. } = self.adoption;
        let fields = fields::catalogue(&self.store, adopted_id).await?;
        let mut projection = projection::begin(&self.store, sync_id).await?.ok_or(AdoptError::NoSuchSync)?;
        let mut catalogue = projection.catalogue().await?;
        catalogue.adopt(&fields);
        projection.save(&mut catalogue).await?;
        projection.session.commit().await?;
        for _ in 0..LockWait::TRIES {
            match self.try_remove_tables().await {
                Err(error) if error.is_lock_timeout() => pause_between_tries().await,
                done => return Ok(done?),
            }
        }
        Err(AdoptError::TableInUse)
    }

    async fn try_remove_tables(&self) -> Result<(), StoreError> {
        let Adoption { adopted_id, sync_id, .. } = self.adoption;
        let Some(mut projection) = projection::begin(&self.store, adopted_id).await? else { return Ok(()) };
        Shadow::of_new_run(adopted_id).drop_all(&mut projection.session).await?;
        projection.drop_tables().await?;
        adoptions::remove_adopted(&mut projection.session, adopted_id, sync_id).await?;
        projection.session.commit().await
    }
}

fn go_on(flow: ControlFlow<()>) -> Result<(), AdoptError> {
    if flow.is_break() { Err(AdoptError::Interrupted) } else { Ok(()) }
}
