//! The projection transaction: holds a sync's lock while its query tables or its fields are written.

use std::collections::HashMap;

use super::schema::lock;
use super::schema::lock_wait::{LockWait, wait_briefly};
use super::{By, DueChanges, Origin, QueryTables, Reshaped, Shadow};
use crate::columns::{Catalogue, KeyColumn, MAX_FIELDS, changed_columns};
use crate::model::{AppliedDeletion, SyncId};
use crate::store::session::Session;
use crate::store::tables::backfills::{self, Backfill, Cursor};
use crate::store::tables::changes::{self, ChangeAction};
use crate::store::tables::deletions;
use crate::store::tables::fields::{self, Uncatalogued};
use crate::store::tables::syncs::{self, SyncState};
use crate::store::{Store, StoreError, try_lock, wait_for_lock};

/// A transaction that holds a sync's lock: no other session writes its query tables or its fields until it ends.
///
/// It begins with one of the functions of this module and ends with the session's commit or rollback.
#[derive(Debug)]
pub struct Projection {
    pub(crate) session: Session,
    pub sync: SyncState,
    pub tables: QueryTables,
    /// The runs whose deletions are applied to the tables.
    pub deletions: Vec<AppliedDeletion>,
}

/// Why `try_begin` has not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBegun {
    /// Another session projects the sync.
    Busy,
    NoSuchSync,
}

/// Begins to project a sync, unless another session does.
pub async fn try_begin(store: &Store, sync_id: SyncId) -> Result<Result<Projection, NotBegun>, StoreError> {
    let mut session = store.begin().await?;
    if !try_lock(&mut session, lock::sync_lock(sync_id)).await? {
        session.rollback().await?;
        return Ok(Err(NotBegun::Busy));
    }
    Ok(Projection::begin(session, sync_id).await?.ok_or(NotBegun::NoSuchSync))
}

/// Begins to project a sync as soon as no other session does; `None` if the sync does not exist.
pub async fn begin(store: &Store, sync_id: SyncId) -> Result<Option<Projection>, StoreError> {
    let mut session = store.begin().await?;
    wait_for_lock(&mut session, lock::sync_lock(sync_id)).await?;
    Projection::begin(session, sync_id).await
}

/// Begins a transaction on a shadow's tables. It takes no lock: a rebuild holds that of [`super::lock::hold_rebuild`].
pub async fn begin_on_shadow(store: &Store, sync: SyncState, shadow: &Shadow) -> Result<Projection, StoreError> {
    let session = store.begin().await?;
    // Deletions are applied once its rows are merged.
    Ok(Projection { session, sync, tables: shadow.tables.clone(), deletions: Vec::new() })
}

impl Projection {
    /// In a session that holds the sync's lock.
    async fn begin(mut session: Session, sync_id: SyncId) -> Result<Option<Self>, StoreError> {
        let Some(sync) = syncs::state(&mut session, sync_id).await? else {
            session.rollback().await?;
            return Ok(None);
        };
        let tables = QueryTables::synced(&sync.table_name);
        let mut deletions = Vec::new();
        if sync.has_deletions && sync.identity.is_some() {
            deletions = deletions::applied(&mut session, sync_id).await?;
            // An operator may have dropped the column.
            if tables.exist(&mut session).await? == (true, true) && tables.add_deleted_at(&mut session).await? {
                tables.mark_deleted(&mut session, &deletions, None).await?;
            }
        }
        Ok(Some(Self { session, sync, tables, deletions }))
    }

    /// Writes the fields that changed.
    pub async fn save(&mut self, catalogue: &mut Catalogue) -> Result<(), StoreError> {
        self.save_counting(catalogue, &Uncatalogued::default()).await
    }

    /// Writes the fields that changed, and adds to the count of records with fields that the catalogue has no room for.
    pub async fn save_counting(
        &mut self,
        catalogue: &mut Catalogue,
        uncatalogued: &Uncatalogued,
    ) -> Result<(), StoreError> {
        let sync_id = self.sync.sync_id;
        if let Some((before, after)) = changed_columns(catalogue) {
            changes::insert(&mut self.session, Some(sync_id), ChangeAction::Columns, before, Some(after)).await?;
        }
        let saved = fields::save(&mut self.session, sync_id, catalogue, uncatalogued).await?;
        if let Some(field) = uncatalogued.field.as_ref().filter(|_| saved.uncatalogued == uncatalogued.records) {
            tracing::warn!(
                %sync_id, field,
                "the sync has more fields than its catalogue takes, {MAX_FIELDS}, or longer names; their values stay \
                 in _unfit"
            );
        }
        self.sync.catalogue_version = saved.version;
        Ok(())
    }

    /// Whether all query tables exist that the sync should have.
    pub async fn tables_exist(&mut self) -> Result<bool, StoreError> {
        let (table, history) = self.tables.exist(&mut self.session).await?;
        Ok(table && (history || self.sync.identity.is_none()))
    }

    /// Whether one of the query tables exists.
    pub async fn has_a_table(&mut self) -> Result<bool, StoreError> {
        let (table, history) = self.tables.exist(&mut self.session).await?;
        Ok(table || history)
    }

    /// Renames the sync's tables, which do not exist yet, if a relation that polysink did not create has their name.
    pub async fn take_free_name(&mut self) -> Result<(), StoreError> {
        if let Some((relation, what)) = self.tables.occupied(&mut self.session).await? {
            let name = syncs::rename_table(&mut self.session, self.sync.sync_id, &self.sync.table_name).await?;
            tracing::warn!(
                sync_id = %self.sync.sync_id,
                "{relation} is a {what} that polysink did not create; the sync's table is {name}"
            );
            self.tables = QueryTables::synced(&name);
            self.sync.table_name = name;
        }
        Ok(())
    }

    /// Creates the query tables that are missing, with a column for each field of the catalogue that has one.
    pub async fn create_tables(&mut self, catalogue: &Catalogue) -> Result<(), StoreError> {
        if !self.tables_exist().await?
            && let Some((relation, what)) = self.tables.occupied(&mut self.session).await?
        {
            return Err(StoreError::Occupied(relation.to_string(), what));
        }
        let history = self.sync.identity.is_some();
        self.tables.create(&mut self.session, catalogue, &Origin::of(&self.sync), history, true).await?;
        if self.sync.has_deletions {
            self.tables.add_deleted_at(&mut self.session).await?;
        }
        Ok(())
    }

    /// Drops the query tables. Waits only briefly for other sessions, and fails if something depends on the tables.
    pub async fn drop_tables(&mut self) -> Result<(), StoreError> {
        let usual = wait_briefly(&mut self.session).await?;
        self.tables.drop_to_renew(&mut self.session).await?;
        usual.restore(&mut self.session).await
    }

    /// Repairs tables that an operator changed, and saves the catalogue; see [`QueryTables::repair`].
    pub async fn repair(&mut self, catalogue: &mut Catalogue, wait: LockWait) -> Result<(), StoreError> {
        let done = self.tables.repair(&mut self.session, catalogue, wait).await?;
        for what in &done {
            tracing::warn!(
                sync_id = %self.sync.sync_id,
                "repaired a query table that an operator changed: {what}. Use `polysink column` to change columns"
            );
        }
        if done.is_empty() {
            return Ok(());
        }
        backfills::delete(&mut self.session, self.sync.sync_id).await?;
        self.save(catalogue).await
    }

    /// Updates the tables' comments to the sync's name and identity. Waits only briefly for a lock.
    pub async fn describe_tables(&mut self) -> Result<(), StoreError> {
        let usual = wait_briefly(&mut self.session).await?;
        self.tables.describe(&mut self.session, &Origin::of(&self.sync)).await?;
        usual.restore(&mut self.session).await
    }

    /// Updates the comments of the fields' columns. Waits only briefly for a lock.
    ///
    /// * `texts`: descriptions, by the fields' names
    pub async fn describe_fields(
        &mut self,
        catalogue: &Catalogue,
        texts: &HashMap<&str, &str>,
    ) -> Result<(), StoreError> {
        let usual = wait_briefly(&mut self.session).await?;
        self.tables.describe_fields(&mut self.session, catalogue, texts).await?;
        usual.restore(&mut self.session).await
    }

    /// Brings the tables in line with the catalogue; see [`QueryTables::reshape`].
    pub async fn reshape(
        &mut self,
        catalogue: &mut Catalogue,
        by: By,
        changes: DueChanges,
        wait: LockWait,
    ) -> Result<Reshaped, StoreError> {
        let columns = |catalogue: &Catalogue| -> Vec<_> {
            catalogue.fields().iter().map(|field| (field.column_type, field.needs_backfill)).collect()
        };
        let before = columns(catalogue);
        let done = self.tables.reshape(&mut self.session, catalogue, self.sync.sync_id, by, changes, wait).await?;
        if done == Reshaped::Done && columns(catalogue) != before {
            backfills::delete(&mut self.session, self.sync.sync_id).await?;
        }
        Ok(done)
    }

    /// Backfills one batch of rows after a change of columns. Returns false if there is nothing to backfill. The cursor
    /// is in the database, so any process can do the next batch.
    pub async fn backfill_some(&mut self, catalogue: &mut Catalogue) -> Result<bool, StoreError> {
        let Some(backfill) = Backfill::of(catalogue) else { return Ok(false) };
        let sync_id = self.sync.sync_id;
        let from = match backfills::load(&mut self.session, sync_id).await? {
            Some((begun, cursor)) if begun == backfill => cursor,
            _ => Cursor::default(),
        };
        match self.tables.backfill_batch(&mut self.session, catalogue, sync_id, &backfill, from).await? {
            Some(cursor) => backfills::save(&mut self.session, sync_id, &backfill, &cursor).await?,
            None => self.backfilled(catalogue, &backfill.fields).await?,
        }
        Ok(true)
    }

    /// Notes that these fields need no backfill any more.
    pub async fn backfilled(&mut self, catalogue: &mut Catalogue, names: &[String]) -> Result<(), StoreError> {
        for field in catalogue.fields_mut().filter(|field| names.contains(&field.name)) {
            field.needs_backfill = None;
        }
        backfills::delete(&mut self.session, self.sync.sync_id).await?;
        self.save(catalogue).await
    }

    /// Marks the rows that are deleted, and ends their versions, all of the table.
    pub async fn apply_deletions(&mut self) -> Result<(), StoreError> {
        let mut deletions = Vec::new();
        // Without an identity, a row is a record that was sent once.
        if self.sync.identity.is_some() {
            deletions = deletions::applied(&mut self.session, self.sync.sync_id).await?;
        }
        self.tables.add_deleted_at(&mut self.session).await?;
        self.tables.mark_deleted(&mut self.session, &deletions, None).await?;
        self.deletions = deletions;
        Ok(())
    }

    /// The sync's fields.
    pub async fn catalogue(&mut self) -> Result<Catalogue, StoreError> {
        let mut catalogue = fields::load(&mut self.session, self.sync.sync_id).await?;
        catalogue.set_key_fields(self.sync.identity.as_deref());
        Ok(catalogue)
    }

    /// Sets the fields that identify an entity, how keys are made of them, and whether values make its versions.
    pub async fn set_identity(
        &mut self,
        identity: Option<&[String]>,
        key_columns: Option<&[KeyColumn]>,
        by_values: bool,
    ) -> Result<(), StoreError> {
        syncs::set_identity(&mut self.session, self.sync.sync_id, identity, key_columns, by_values).await?;
        self.sync.by_values = by_values;
        self.sync.identity = identity.map(<[String]>::to_vec);
        self.sync.key_columns = key_columns.map(<[KeyColumn]>::to_vec);
        Ok(())
    }
}
