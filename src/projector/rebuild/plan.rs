//! The plan of a rebuild, and the tables it begins with.

use chrono::{DateTime, Utc};

use super::RebuildError;
use crate::columns::{Catalogue, Field};
use crate::model::SyncId;
use crate::query_tables::{
    BuiltOn, By, ChangeError, Origin, Projection, QueryTables, Shadow, before_raw, change, lock, new_tables,
};
use crate::store::tables::{envelopes, fields, records, same_values, syncs};
use crate::store::{HeldLock, Store, StoreError, SyncState};

/// The plan of a rebuild.
#[derive(Debug)]
pub struct RebuildPlan {
    pub(super) store: Store,
    pub(super) sync: SyncState,
    pub(super) identity: Option<Vec<String>>,
    /// Whether values will make the versions.
    by_values: bool,
    pub(super) lock: HeldLock,
    /// Whether the tables are dropped and made new.
    pub(super) new_tables: bool,
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
    let raw_since = envelopes::raw_since(store, sync_id).await?;
    let (records, before_raw) = records::size(store, sync_id).await?;
    let tables = QueryTables::synced(&sync.table_name);
    let lost_versions = if sync.identity.is_some() && identity != sync.identity {
        before_raw::versions_gone(store, sync_id, &tables).await?
    } else {
        0
    };
    Ok(RebuildPlan {
        store: store.clone(),
        by_values: sync.by_values && identity.is_some(),
        sync,
        identity,
        lock,
        new_tables: false,
        raw_since,
        records,
        before_raw,
        lost_versions,
    })
}

impl RebuildPlan {
    /// Objects that operators have built on the tables.
    pub async fn built_on(&self) -> Result<BuiltOn, RebuildError> {
        let catalogue = fields::catalogue(&self.store, self.sync.sync_id).await?;
        Ok(new_tables::built_on(&self.store, &QueryTables::synced(&self.sync.table_name), &catalogue).await?)
    }

    /// The same rebuild, but versions are made by values, or by hashes.
    #[must_use]
    pub fn comparing(self, by_values: bool) -> Self {
        Self { by_values, ..self }
    }

    /// The same rebuild, but the tables are dropped in its last transaction, and made new. Readers wait for that
    /// transaction.
    #[must_use]
    pub fn with_new_tables(self) -> Self {
        Self { new_tables: true, ..self }
    }

    /// The sync as the rebuild will leave it.
    ///
    /// * `catalogue`: the fields whose columns the keys are made by
    pub(super) fn target(&self, catalogue: &Catalogue) -> SyncState {
        let key_columns = self.identity.as_ref().map(|identity| catalogue.key_columns(identity));
        SyncState { identity: self.identity.clone(), key_columns, by_values: self.by_values, ..self.sync.clone() }
    }

    /// Creates the shadow, with the columns that the tables have, or had before an operator dropped them.
    pub(super) async fn begin(&self, shadow: &Shadow) -> Result<Catalogue, RebuildError> {
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

    /// Begins with repaired tables, in which each field of the identity has a column.
    async fn with_identity_columns(&self) -> Result<(Projection, Catalogue), RebuildError> {
        let mut tries = change::Tries::of(&self.store, self.sync.sync_id);
        loop {
            let (mut projection, mut catalogue, wait) = tries.next().await?;
            projection.sync.identity.clone_from(&self.identity);
            catalogue.set_key_fields(self.identity.as_deref());
            let has_no_column = |field: &&Field| field.is_key && field.column_type.is_none();
            if !catalogue.fields().iter().any(|field| has_no_column(&field)) || !projection.has_a_table().await? {
                return Ok((projection, catalogue));
            }
            match projection.try_reshape(&mut catalogue, By::Projector, wait).await {
                Err(ChangeError::TableInUse) => {
                    projection.session.rollback().await?;
                    continue;
                }
                done => done?,
            }
            if let Some(field) = catalogue.fields().iter().find(has_no_column)
                && self.identity != self.sync.identity
            {
                let why = field.blocked.clone().unwrap_or_default();
                return Err(RebuildError::NoColumn(field.name.clone(), why));
            }
            projection.save(&mut catalogue).await?;
            return Ok((projection, catalogue));
        }
    }
}
