//! Rebuilds a sync's query tables from what is stored: after a change of identity, or on an operator's command.
//!
//! Batches go into a shadow that nobody reads, while deliveries go on into the old tables. At the end one transaction,
//! under the sync's lock, adds what has arrived since and merges the shadow into the query tables. Readers see the old
//! content until it commits, and grants, views and indexes stay.
//!
//! Sightings whose deliveries are no longer in the raw log come from the history, if the identity stays the same, and
//! from the ledger, which has the first and the last sighting of each record.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::sleep;
use uuid::Uuid;

use super::apply::{Misfit, TakenFrom, apply_bisecting};
use super::batch::{self, Parsed};
use super::pass::cut;
use super::same_values::unify;
use crate::columns::{Catalogue, Field, Rows};
use crate::envelope::Receipt;
use crate::model::{Sighting, SyncId};
use crate::query_tables::{
    BuiltOn, By, ChangeError, Origin, Projection, QueryTables, Refused, Shadow, before_raw, change, identity_index,
    inspect, lock, new_tables, projection,
};
use crate::store::tables::records::{self, FieldPages};
use crate::store::tables::{envelopes, fields, rejections, same_values, syncs};
use crate::store::{ErrorKind, HeldLock, LedgerRecord, RejectedRecord, Store, StoreError, SyncState, Waiting};

/// How many records of the ledger are read at a time.
const LEDGER_BATCH: i64 = 5_000;

/// Catching up ends when no more than this arrived during the last round; the rest is done under the lock.
const FEW_RECORDS: i64 = 2_000;
const ROUNDS: usize = 20;

/// How many times the tables may change shape during a rebuild.
const ATTEMPTS: usize = 10;

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

/// What a rebuild will do.
#[derive(Debug)]
pub struct RebuildPlan {
    store: Store,
    sync: SyncState,
    identity: Option<Vec<String>>,
    /// Whether values will make the versions.
    by_values: bool,
    lock: HeldLock,
    /// Whether the tables are dropped and made new.
    new_tables: bool,
    /// When the oldest delivery in the raw log was received.
    pub raw_since: Option<DateTime<Utc>>,
    /// Distinct records in the ledger.
    pub records: i64,
    /// Records whose first or last sighting is no longer in the raw log. Only these two are known of them, and what the
    /// history has between.
    pub before_raw: i64,
    /// Versions that are lost: their deliveries are no longer in the raw log, and they belong to another identity.
    pub lost_versions: i64,
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

/// Prepares a rebuild.
///
/// * `identity`: returns the new identity; the current one for a plain rebuild
pub async fn plan(
    store: &Store,
    sync_id: SyncId,
    identity: impl FnOnce(&SyncState) -> Option<Vec<String>>,
) -> Result<RebuildPlan, RebuildError> {
    let lock = lock::hold_rebuild(store, sync_id).await?.ok_or(RebuildError::Running)?;
    let sync = syncs::find(store, sync_id).await?.ok_or(RebuildError::NoSuchSync)?;
    let identity = identity(&sync);
    let raw_since = records::raw_since(store, sync_id).await?;
    let (records, before_raw) = records::size(store, sync_id).await?;
    let changes = identity != sync.identity;
    let tables = QueryTables::synced(&sync.table_name);
    let lost_versions =
        if changes && sync.identity.is_some() { before_raw::versions_gone(store, sync_id, &tables).await? } else { 0 };
    let new_tables = false;
    let by_values = sync.by_values && identity.is_some();
    Ok(RebuildPlan {
        store: store.clone(),
        sync,
        identity,
        by_values,
        lock,
        new_tables,
        raw_since,
        records,
        before_raw,
        lost_versions,
    })
}

impl RebuildPlan {
    /// What is built on the tables.
    pub async fn built_on(&self) -> Result<BuiltOn, RebuildError> {
        let catalogue = fields::catalogue(&self.store, self.sync.sync_id).await?;
        Ok(new_tables::built_on(&self.store, &QueryTables::synced(&self.sync.table_name), &catalogue).await?)
    }

    /// The same rebuild, but versions are made by values, or by hashes.
    #[must_use]
    pub fn comparing(self, by_values: bool) -> Self {
        Self { by_values, ..self }
    }

    /// The same rebuild, but the tables are dropped in its last transaction, and made new. Readers wait for that transaction.
    #[must_use]
    pub fn with_new_tables(self) -> Self {
        Self { new_tables: true, ..self }
    }

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
        // Neither does a missing index: the projector makes it later, also the one that was dropped if the rebuild failed.
        let mut summary = done?;
        if let Err(error) = identity_index::build(&self.store, self.sync.sync_id).await {
            tracing::warn!(sync_id = %self.sync.sync_id, %error, "cannot make the index of the identity yet");
            summary.no_index = Some(error.to_string());
        }
        Ok(summary)
    }

    async fn drop_shadow(&mut self, shadow: &Shadow) -> Result<(), StoreError> {
        self.lock.confirm().await?;
        let mut projection = projection::begin_on_shadow(&self.store, self.sync.clone(), shadow).await?;
        shadow.drop_all(&mut projection.session).await?;
        projection.session.commit().await
    }

    async fn run_attempts(
        &mut self,
        shadow: &Shadow,
        watcher: &mut impl Watcher,
    ) -> Result<RebuildSummary, RebuildError> {
        for _ in 0..ATTEMPTS {
            let catalogue = self.begin(shadow).await?;
            let mut progress = Progress { done: 0, total: 0, watcher };
            match self.attempt(shadow, &catalogue, &mut progress).await {
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

    async fn attempt(
        &mut self,
        shadow: &Shadow,
        catalogue: &Catalogue,
        progress: &mut Progress<'_, impl Watcher>,
    ) -> Result<Option<RebuildSummary>, RebuildError> {
        self.fill(shadow, catalogue, progress).await?;
        self.finish(shadow, catalogue, progress).await
    }

    /// The sync with its new identity.
    ///
    /// * `catalogue`: the fields whose columns the keys are made by
    fn target(&self, catalogue: &Catalogue) -> SyncState {
        let key_columns = self.identity.as_ref().map(|identity| catalogue.key_columns(identity));
        SyncState { identity: self.identity.clone(), key_columns, by_values: self.by_values, ..self.sync.clone() }
    }

    /// Creates the shadow, with the columns that the tables have, or had before an operator dropped them.
    async fn begin(&self, shadow: &Shadow) -> Result<Catalogue, RebuildError> {
        let (mut projection, mut catalogue) = self.with_identity_columns().await?;
        if !projection.has_a_table().await? {
            projection.take_free_name().await?;
            catalogue.give_columns();
            projection.save(&mut catalogue).await?;
        } else if !projection.tables_exist().await?
            && let Some((relation, what)) = projection.tables.occupied(&mut projection.session).await?
        {
            return Err(RebuildError::Store(StoreError::Occupied(relation.to_string(), what)));
        }
        same_values::delete_revised(&mut projection.session, self.sync.sync_id, None).await?;
        shadow.create(&mut projection.session, &catalogue, &Origin::of(&self.target(&catalogue))).await?;
        projection.session.commit().await?;
        Ok(catalogue)
    }

    /// Begins with tables in good repair, in which each field of the identity has a column.
    async fn with_identity_columns(&self) -> Result<(Projection, Catalogue), RebuildError> {
        let mut tries = change::Tries::of(&self.store, self.sync.sync_id);
        loop {
            let (mut projection, mut catalogue, wait) = tries.next().await?;
            projection.sync.identity.clone_from(&self.identity);
            catalogue.set_key_fields(self.identity.as_deref());
            let lacks_column = |field: &&Field| field.is_key && field.column_type.is_none();
            if !catalogue.fields().iter().any(|field| lacks_column(&field)) || !projection.has_a_table().await? {
                return Ok((projection, catalogue));
            }
            match projection.try_reshape(&mut catalogue, By::Projector, wait).await {
                Err(ChangeError::TableInUse) => {
                    projection.session.rollback().await?;
                    continue;
                }
                done => done?,
            }
            if let Some(field) = catalogue.fields().iter().find(lacks_column)
                && self.identity != self.sync.identity
            {
                let why = field.blocked.clone().unwrap_or_default();
                return Err(RebuildError::NoColumn(field.name.clone(), why));
            }
            projection.save(&mut catalogue).await?;
            return Ok((projection, catalogue));
        }
    }

    async fn locked(&self) -> Result<Projection, RebuildError> {
        projection::begin(&self.store, self.sync.sync_id).await?.ok_or(RebuildError::NoSuchSync)
    }

    /// Projects everything stored at the start, and then what arrived meanwhile, until that is little.
    async fn fill(
        &self,
        shadow: &Shadow,
        catalogue: &Catalogue,
        progress: &mut Progress<'_, impl Watcher>,
    ) -> Result<(), RebuildError> {
        // Without an identity the ledger has everything: what is in the raw log now is in the ledger too.
        let from_ledger = self.identity.is_none();
        let mut projection = projection::begin_on_shadow(&self.store, self.target(catalogue), shadow).await?;
        let queued = shadow.enqueue(&mut projection.session, from_ledger).await?;
        projection.session.commit().await?;
        if from_ledger {
            progress.total = number(self.records);
            self.take_ledger(shadow, catalogue, Sightings::All, progress).await?;
        } else {
            // Deliveries may have been removed since the plan was made. What is removed from now on is noticed.
            let (_, before_raw) = records::size(&self.store, self.sync.sync_id).await?;
            progress.total = number(queued + before_raw);
            if before_raw > 0 {
                self.take_what_was_before(shadow, catalogue, progress).await?;
            }
        }
        for _ in 0..ROUNDS {
            self.take_queue(shadow, catalogue, progress).await?;
            let mut projection = projection::begin_on_shadow(&self.store, self.target(catalogue), shadow).await?;
            let arrived = shadow.enqueue(&mut projection.session, false).await?;
            projection.session.commit().await?;
            progress.total += number(arrived);
            if arrived <= FEW_RECORDS {
                break;
            }
        }
        Ok(())
    }

    async fn take_what_was_before(
        &self,
        shadow: &Shadow,
        catalogue: &Catalogue,
        progress: &mut Progress<'_, impl Watcher>,
    ) -> Result<(), RebuildError> {
        let tables = QueryTables::synced(&self.sync.table_name);
        let SyncState { key_columns, by_values, .. } = self.target(catalogue);
        let are_alike = (&key_columns, by_values) == (&self.sync.key_columns, self.sync.by_values);
        if self.identity == self.sync.identity && !are_alike {
            self.take_history(shadow, &tables, catalogue, progress).await?;
        } else if self.identity == self.sync.identity
            && before_raw::versions_gone(&self.store, self.sync.sync_id, &tables).await? > 0
        {
            let mut projection = projection::begin_on_shadow(&self.store, self.target(catalogue), shadow).await?;
            shadow.seed(&mut projection.session, &tables, catalogue).await?;
            projection.session.commit().await?;
        }
        self.take_ledger(shadow, catalogue, Sightings::Gone, progress).await
    }

    /// Projects the ledger's records, each at its first and its last sighting.
    ///
    /// * `which`: the sightings to project
    async fn take_ledger(
        &self,
        shadow: &Shadow,
        catalogue: &Catalogue,
        which: Sightings,
        progress: &mut Progress<'_, impl Watcher>,
    ) -> Result<(), RebuildError> {
        let (mut after, mut size) = (String::new(), records::PAGE);
        loop {
            let records = records::page(&self.store, self.sync.sync_id, &after, &mut size).await?;
            let Some(last) = records.last() else { return Ok(()) };
            after.clone_from(&last.hash);
            let kept = match which {
                Sightings::All => HashSet::new(),
                Sightings::Gone => self.kept(shadow, &records).await?,
            };
            let wanted = |sighting: Sighting| !kept.contains(&sighting.envelope_id);
            let mut catalogue = catalogue.clone();
            let mut parsed: Vec<Parsed<'_>> = Vec::with_capacity(records.len());
            for record in &records {
                let first = wanted(record.first).then_some(record.first);
                let last = (record.last != record.first && wanted(record.last)).then_some(record.last);
                parsed.extend(batch::sightings(&record.hash, &record.fields, [first, last], &mut catalogue));
            }
            self.project_parsed(shadow, &catalogue, &mut parsed).await?;
            progress.add(u64::try_from(parsed.len()).unwrap_or(u64::MAX))?;
        }
    }

    /// The deliveries of these records' first and last sightings that are in the raw log.
    async fn kept(&self, shadow: &Shadow, records: &[LedgerRecord]) -> Result<HashSet<Uuid>, StoreError> {
        let envelopes: HashSet<Uuid> =
            records.iter().flat_map(|record| [record.first.envelope_id, record.last.envelope_id]).collect();
        let mut session = self.store.begin().await?;
        let kept = shadow.queued(&mut session, &envelopes.into_iter().collect::<Vec<_>>()).await?;
        session.commit().await?;
        Ok(kept)
    }

    /// Projects what only the history knows: of each version the first and the last sighting, those whose deliveries are gone.
    async fn take_history(
        &self,
        shadow: &Shadow,
        tables: &QueryTables,
        catalogue: &Catalogue,
        progress: &mut Progress<'_, impl Watcher>,
    ) -> Result<(), RebuildError> {
        let mut after = None;
        loop {
            let mut session = self.store.begin().await?;
            let versions =
                tables.versions_before_raw(&mut session, &shadow.queue, after.as_ref(), LEDGER_BATCH).await?;
            session.commit().await?;
            let Some(last) = versions.last() else { return Ok(()) };
            after = Some(last.place.clone());
            let hashes = versions.iter().map(|version| version.hash.as_str()).collect();
            let mut pages = FieldPages::of(self.sync.sync_id, hashes);
            loop {
                let mut session = self.store.begin().await?;
                let page = pages.next(&mut session).await?;
                session.commit().await?;
                let Some((page, fields)) = page else { break };
                let mut catalogue = catalogue.clone();
                let mut parsed: Vec<Parsed<'_>> = Vec::with_capacity(page.len());
                for version in &versions[page] {
                    let Some(json) = fields.get(&version.hash) else { continue };
                    parsed.extend(batch::sightings(&version.hash, json, [version.first, version.last], &mut catalogue));
                }
                self.project_parsed(shadow, &catalogue, &mut parsed).await?;
                progress.add(u64::try_from(parsed.len()).unwrap_or(u64::MAX))?;
            }
        }
    }

    /// Projects records of the ledger, and notes those that cannot be projected.
    async fn project_parsed(
        &self,
        shadow: &Shadow,
        catalogue: &Catalogue,
        parsed: &mut [Parsed<'_>],
    ) -> Result<(), RebuildError> {
        let mut projection = projection::begin_on_shadow(&self.store, self.target(catalogue), shadow).await?;
        unify(&mut projection, parsed).await?;
        let (groups, mut misfits) = batch::group(parsed, catalogue, &projection.sync);
        apply_bisecting(&mut projection, catalogue, &groups, &mut misfits, TakenFrom::Ledger, None).await?;
        // A record's first and last sighting fail alike: one of them is enough.
        misfits.sort_by_key(|misfit| misfit.record.hash);
        misfits.dedup_by_key(|misfit| misfit.record.hash);
        let receipts: Vec<Receipt> = misfits.iter().map(|misfit| ledger_receipt(misfit.record.at)).collect();
        let noted: Vec<_> = misfits
            .into_iter()
            .zip(&receipts)
            .map(|(misfit, receipt)| ledger_rejection(self.sync.sync_id, misfit, receipt))
            .collect();
        shadow.note(&mut projection.session, &noted).await?;
        projection.session.commit().await?;
        Ok(())
    }

    /// Projects the envelopes in the queue, in the order of sending.
    async fn take_queue(
        &self,
        shadow: &Shadow,
        catalogue: &Catalogue,
        progress: &mut Progress<'_, impl Watcher>,
    ) -> Result<(), RebuildError> {
        loop {
            let mut projection = projection::begin_on_shadow(&self.store, self.target(catalogue), shadow).await?;
            let Some(records) = take_some(&mut projection, shadow, catalogue).await? else { return Ok(()) };
            projection.session.commit().await?;
            progress.add(records)?;
        }
    }

    /// Under the sync's lock: projects what arrived last, and merges. `None` if the tables have changed shape.
    async fn finish(
        &mut self,
        shadow: &Shadow,
        catalogue: &Catalogue,
        progress: &mut Progress<'_, impl Watcher>,
    ) -> Result<Option<RebuildSummary>, RebuildError> {
        let mut projection = self.locked().await?;
        let mut current = projection.catalogue().await?;
        if !same_shape(catalogue, &current) {
            projection.session.rollback().await?;
            return Ok(None);
        }
        let synced = projection.tables.clone();
        let SyncState { identity, key_columns, by_values, .. } = self.target(catalogue);
        (projection.sync.identity, projection.sync.key_columns) = (identity, key_columns);
        projection.sync.by_values = by_values;
        projection.tables = shadow.tables.clone();
        shadow.enqueue(&mut projection.session, false).await?;
        while let Some(records) = take_some(&mut projection, shadow, catalogue).await? {
            progress.add(records)?;
        }
        projection.tables = synced.clone();
        // If it is interrupted before the commit, the statement is cancelled on the server too, and nothing changes.
        let (refused, quarantined) = tokio::select! {
            merged = self.merge(&mut projection, shadow, catalogue, &mut current) => merged?,
            () = progress.interrupted() => return Err(RebuildError::Interrupted),
        };
        projection.session.commit().await?;
        let rows = inspect::row_count(&self.store, &synced).await?;
        let unidentified = records::unidentified(&self.store, self.sync.sync_id).await?;
        Ok(Some(RebuildSummary { rows, unidentified, quarantined, refused, no_index: None }))
    }
}

impl RebuildPlan {
    /// Merges the shadow into the query tables, with all that follows. Returns what they refused, and how many records
    /// cannot be projected.
    async fn merge(
        &mut self,
        projection: &mut Projection,
        shadow: &Shadow,
        catalogue: &Catalogue,
        current: &mut Catalogue,
    ) -> Result<(Refused, u64), RebuildError> {
        self.lock.confirm().await.map_err(|_| RebuildError::LockLost)?;
        let mut refused = Refused::default();
        let has_columns = catalogue.columns().next().is_some();
        if has_columns {
            let grants = if self.new_tables {
                Some(projection.tables.drop_to_renew(&mut projection.session).await?)
            } else {
                None
            };
            projection.create_tables(catalogue).await?;
            if let Some(grants) = grants {
                projection.tables.grant_again(&mut projection.session, grants).await?;
            }
            refused = shadow.merge(&mut projection.session, &projection.tables, catalogue).await?;
            let columns = self.identity.as_ref().map(|identity| catalogue.index_columns(identity)).unwrap_or_default();
            if refused.too_large
                && let Some(error) = projection.tables.old_index(&mut projection.session, &columns).await?
            {
                return Err(error.into());
            }
        }
        // These lock rows in `fields` and `syncs` that other sessions need: last, and only until the commit.
        let quarantined = shadow.quarantine(&mut projection.session, refused.keys.is_empty()).await?;
        if has_columns {
            // The merge leaves equal rows as they are, with the values to erase.
            let filled = current.fields().iter().filter(|field| field.needs_backfill != Some(Rows::Erase));
            let filled: Vec<String> = filled.map(|field| field.name.clone()).collect();
            if self.new_tables {
                // They may have a place now: the next pass tries.
                current.fields_mut().filter(|field| field.column_type.is_none()).for_each(|field| field.blocked = None);
            }
            projection.backfilled(current, &filled).await?;
        }
        let key_columns = self.target(catalogue).key_columns;
        let is_as_before = (&self.identity, &key_columns, self.by_values)
            == (&self.sync.identity, &self.sync.key_columns, self.sync.by_values);
        if !is_as_before {
            projection.set_identity(self.identity.as_deref(), key_columns.as_deref(), self.by_values).await?;
        }
        if self.sync.by_values && !self.by_values {
            same_values::delete_all(&mut projection.session, self.sync.sync_id).await?;
        }
        Ok((refused, quarantined))
    }
}

/// Which of the ledger's sightings to project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sightings {
    All,
    /// Those that the raw log does not have.
    Gone,
}

/// Projects one batch of the shadow's queue. Returns the number of records; `None` if the queue is empty.
async fn take_some(
    projection: &mut Projection,
    shadow: &Shadow,
    catalogue: &Catalogue,
) -> Result<Option<u64>, RebuildError> {
    let waiting = cut(shadow.next(&mut projection.session, super::pass::BATCH_ENVELOPES).await?);
    if waiting.is_empty() {
        return Ok(None);
    }
    let delivered = envelopes::bodies(&mut projection.session, waiting.iter().map(Waiting::place)).await?;
    if delivered.len() < waiting.len() {
        return Err(RebuildError::Pruned);
    }
    let unstorable: HashSet<_> = rejections::unstorable(&mut projection.session, &waiting).await?;
    let mut catalogue = catalogue.clone();
    let envelopes = tokio::task::block_in_place(|| batch::envelopes(delivered));
    let mut records = tokio::task::block_in_place(|| batch::records(&envelopes, &unstorable, &mut catalogue));
    unify(projection, &mut records).await?;
    let (groups, mut misfits) = batch::group(&records, &catalogue, &projection.sync);
    apply_bisecting(projection, &catalogue, &groups, &mut misfits, TakenFrom::Deliveries, None).await?;
    let noted = batch::rejections(&envelopes, misfits);
    shadow.note(&mut projection.session, &noted).await?;
    shadow.done(&mut projection.session, &waiting).await?;
    Ok(Some(waiting.iter().map(|waiting| u64::from(waiting.records.unsigned_abs())).sum()))
}

/// The receipt of a delivery that is no longer in the raw log.
fn ledger_receipt(at: Sighting) -> Receipt {
    Receipt {
        envelope_id: at.envelope_id,
        received_at: at.received_at,
        sent_at: at.sent_at,
        connection: String::new(),
        source_ip: None,
        user_agent: None,
    }
}

/// The rejection of a record of the ledger.
fn ledger_rejection<'a>(sync_id: SyncId, misfit: Misfit<'_>, receipt: &'a Receipt) -> RejectedRecord<'a> {
    let hash = serde_json::to_string(misfit.record.hash).expect("a string is always JSON");
    let payload = format!(r#"{{"hash":{hash},"fields":{}}}"#, misfit.record.json);
    RejectedRecord {
        receipt,
        sync_id: Some(sync_id),
        reason: misfit.reason,
        detail: misfit.detail.into(),
        position: misfit.record.at.position,
        payload: payload.into(),
    }
}

/// Whether a row of one has the same columns in the other.
fn same_shape(one: &Catalogue, other: &Catalogue) -> bool {
    let shape = |catalogue: &Catalogue| -> Vec<_> {
        let fields = catalogue.fields().iter().filter(|field| field.column_type.is_some() || field.hidden);
        let shape = fields.map(|field| {
            let reading = (field.pinned, field.format.clone());
            (field.name.clone(), field.column_name.clone(), field.column_type, reading, field.hidden)
        });
        shape.collect()
    };
    shape(one) == shape(other)
}

/// Rebuilds a sync's tables without an operator: they were dropped, or their keys are outdated.
///
/// * `stopped`: called between batches
pub async fn rebuild_tables(
    store: &Store,
    sync_id: SyncId,
    stopped: impl Fn() -> bool,
) -> Result<RebuildSummary, RebuildError> {
    struct Quiet<F>(F);

    impl<F: Fn() -> bool> Watcher for Quiet<F> {
        fn at(&mut self, _: u64, _: u64) {}

        fn is_interrupted(&self) -> bool {
            (self.0)()
        }
    }

    let rebuild =
        async |store: Store| plan(&store, sync_id, |sync| sync.identity.clone()).await?.run(&mut Quiet(stopped)).await;
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

struct Progress<'a, W> {
    done: u64,
    total: u64,
    watcher: &'a mut W,
}

impl<W: Watcher> Progress<'_, W> {
    fn add(&mut self, records: u64) -> Result<(), RebuildError> {
        self.done += records;
        self.watcher.at(self.done, self.total.max(self.done));
        if self.watcher.is_interrupted() { Err(RebuildError::Interrupted) } else { Ok(()) }
    }

    /// Resolves when the rebuild should stop.
    async fn interrupted(&self) {
        while !self.watcher.is_interrupted() {
            sleep(LOOK_EVERY).await;
        }
    }
}

/// How often a long statement checks for an interruption.
const LOOK_EVERY: Duration = Duration::from_millis(100);

fn number(count: i64) -> u64 {
    count.max(0).unsigned_abs()
}
