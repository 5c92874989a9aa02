//! The projection transaction: one sync's backlog into its query tables, all or nothing, one holder at a time.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use sqlx::PgConnection;
use tokio::time::sleep;
use uuid::Uuid;

use super::lock::{self, RebuildLock};
use super::{By, LockWait, Origin, QueryTables, Reshaped, Shadow};
use crate::columns::Catalogue;
use crate::model::SyncId;
use crate::store::session::Session;
use crate::store::tables::backfills::{self, Backfill, Cursor};
use crate::store::tables::backlog::{self, Waiting};
use crate::store::tables::envelopes::{self, Delivered};
use crate::store::tables::fields::{self, Uncatalogued};
use crate::store::tables::syncs::{self, SyncState};
use crate::store::tables::{records, rejections};
use crate::store::tx::savepoint;
use crate::store::{RejectedRecord, Store, StoreError};

/// A transaction that holds a sync's lock: nobody else writes its query tables or its fields until it ends.
#[derive(Debug)]
pub struct Projection {
    session: Session,
    pub sync: SyncState,
    pub tables: QueryTables,
}

impl Store {
    /// Starts to project a sync; `None` while another session does, or where there is no such sync.
    pub async fn try_project(&self, sync_id: SyncId) -> Result<Option<Projection>, StoreError> {
        let mut session = self.begin().await?;
        let lock = lock::sync_lock(sync_id);
        let held = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "held!""#, lock)
            .fetch_one(&mut *session)
            .await?;
        if !held {
            session.rollback().await?;
            return Ok(None);
        }
        Projection::begin(session, sync_id).await
    }

    /// Starts to project a sync as soon as nobody else does; `None` where there is no such sync.
    pub async fn project(&self, sync_id: SyncId) -> Result<Option<Projection>, StoreError> {
        let mut session = self.begin().await?;
        sqlx::query!("select pg_advisory_xact_lock($1)", lock::sync_lock(sync_id)).execute(&mut *session).await?;
        Projection::begin(session, sync_id).await
    }

    /// The same, with the tables repaired where an operator changed them, and the fields. While another session uses a table that has to
    /// be repaired, it is tried again for ten seconds.
    pub async fn project_repaired(&self, sync_id: SyncId) -> Result<Option<(Projection, Catalogue)>, StoreError> {
        const TRIES: usize = 100;
        for n in 1.. {
            let Some(mut projection) = self.project(sync_id).await? else { break };
            let mut catalogue = projection.catalogue().await?;
            match projection.repair(&mut catalogue, LockWait::of_try(n)).await {
                Ok(()) => return Ok(Some((projection, catalogue))),
                Err(error) if error.is_lock_timeout() && n < TRIES => {
                    projection.rollback().await?;
                    sleep(Duration::from_millis(100)).await;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

impl Store {
    /// A transaction that works on the tables of a shadow. No lock: a rebuild holds that of
    /// [`Store::lock_rebuild`].
    pub async fn project_shadow(&self, sync: SyncState, shadow: &Shadow) -> Result<Projection, StoreError> {
        let session = self.begin().await?;
        Ok(Projection { session, sync, tables: shadow.tables.clone() })
    }

    /// Keeps other sessions from rebuilding the sync; `None` while one does. Held until it is dropped, or the process
    /// dies.
    pub async fn lock_rebuild(&self, sync_id: SyncId) -> Result<Option<RebuildLock>, StoreError> {
        let mut session = self.unwatched().begin().await?;
        let lock = lock::rebuild_lock(sync_id);
        if lock::take_rebuild_lock(&mut session, lock).await? {
            Ok(Some(RebuildLock::of(session, lock)))
        } else {
            session.rollback().await?;
            Ok(None)
        }
    }

    /// The fields of a sync, as they are known now.
    pub async fn catalogue(&self, sync_id: SyncId) -> Result<Catalogue, StoreError> {
        let mut session = self.begin().await?;
        let catalogue = fields::load(&mut session, sync_id).await?;
        session.commit().await?;
        Ok(catalogue)
    }

    /// What was projected so far with fields that the sync's catalogue has no room for.
    pub async fn uncatalogued(&self, sync_id: SyncId) -> Result<Uncatalogued, StoreError> {
        let mut session = self.begin().await?;
        let uncatalogued = fields::uncatalogued(&mut session, sync_id).await?;
        session.commit().await?;
        Ok(uncatalogued)
    }

    /// How many rows a query table has; none where there is no table.
    pub async fn row_count(&self, tables: &QueryTables) -> Result<i64, StoreError> {
        let mut session = self.begin().await?;
        let rows = if tables.exist(&mut session).await?.0 { tables.rows(&mut session).await? } else { 0 };
        session.commit().await?;
        Ok(rows)
    }
}

impl Projection {
    /// Begins it in a transaction that has the sync's lock; `None` where there is no such sync.
    async fn begin(mut session: Session, sync_id: SyncId) -> Result<Option<Self>, StoreError> {
        let Some(sync) = syncs::state(&mut session, sync_id).await? else {
            session.rollback().await?;
            return Ok(None);
        };
        let tables = QueryTables::synced(&sync.table_name);
        Ok(Some(Self { session, sync, tables }))
    }

    /// The connection, and the tables to say something about.
    pub fn parts(&mut self) -> (&mut PgConnection, &QueryTables) {
        (&mut self.session, &self.tables)
    }

    /// The sync's fields.
    pub async fn catalogue(&mut self) -> Result<Catalogue, StoreError> {
        fields::load(&mut self.session, self.sync.sync_id).await
    }

    /// Writes what changed of the sync's fields.
    pub async fn save(&mut self, catalogue: &mut Catalogue) -> Result<(), StoreError> {
        self.save_counting(catalogue, &Uncatalogued::default()).await
    }

    /// The same, and counts records with fields that the catalogue has no room for.
    pub async fn save_counting(
        &mut self,
        catalogue: &mut Catalogue,
        uncatalogued: &Uncatalogued,
    ) -> Result<(), StoreError> {
        let version = fields::save(&mut self.session, self.sync.sync_id, catalogue, uncatalogued).await?;
        self.sync.catalogue_version = version;
        Ok(())
    }

    /// The oldest envelopes that wait.
    pub async fn waiting(&mut self, limit: i64) -> Result<Vec<Waiting>, StoreError> {
        backlog::oldest(&mut self.session, self.sync.sync_id, limit).await
    }

    /// Takes envelopes off the backlog that are no longer in the raw log. Returns how many there were.
    pub async fn drop_orphans(&mut self) -> Result<u64, StoreError> {
        backlog::delete_orphans(&mut self.session, self.sync.sync_id).await
    }

    /// The envelopes with their bodies, in the order of sending.
    pub async fn bodies(&mut self, envelopes: &[Waiting]) -> Result<Vec<Delivered>, StoreError> {
        envelopes::bodies(&mut self.session, envelopes).await
    }

    /// Which records of the envelopes the ledger did not take: envelope and position.
    pub async fn unstorable(&mut self, envelopes: &[Waiting]) -> Result<HashSet<(Uuid, i32)>, StoreError> {
        rejections::unstorable(&mut self.session, envelopes).await
    }

    /// What the ledger has of these hashes: the fields, as JSON.
    pub async fn ledger(&mut self, hashes: &[&str]) -> Result<HashMap<String, String>, StoreError> {
        records::fields_of(&mut self.session, self.sync.sync_id, hashes).await
    }

    /// Whether the query tables are there that the sync should have.
    pub async fn tables_exist(&mut self) -> Result<bool, StoreError> {
        let (table, history) = self.tables.exist(&mut self.session).await?;
        Ok(table && (history || self.sync.identity.is_none()))
    }

    /// Whether the sync has any query table.
    pub async fn has_a_table(&mut self) -> Result<bool, StoreError> {
        let (table, history) = self.tables.exist(&mut self.session).await?;
        Ok(table || history)
    }

    /// What has the name of a query table that is not there.
    pub async fn occupied(&mut self) -> Result<Option<(String, String)>, StoreError> {
        let found = self.tables.occupied(&mut self.session).await?;
        Ok(found.map(|(relation, what)| (relation.to_string(), what)))
    }

    /// Gives a sync without tables another name for them, where something that polysink did not make has this one.
    pub async fn take_free_name(&mut self) -> Result<(), StoreError> {
        if let Some((relation, what)) = self.occupied().await? {
            let name = syncs::rename_table(&mut self.session, self.sync.sync_id, &self.sync.table_name).await?;
            tracing::warn!(sync_id = %self.sync.sync_id, "{relation} is a {what} that polysink did not make; the sync's table is {name}");
            self.tables = QueryTables::synced(&name);
            self.sync.table_name = name;
        }
        Ok(())
    }

    /// Makes the query tables that are missing, with a column for each field of the catalogue that has one.
    pub async fn create_tables(&mut self, catalogue: &Catalogue) -> Result<(), StoreError> {
        if !self.tables_exist().await?
            && let Some((relation, what)) = self.occupied().await?
        {
            return Err(StoreError::Occupied(relation, what));
        }
        let history = self.sync.identity.is_some();
        self.tables.create(&mut self.session, catalogue, &Origin::of(&self.sync), history, true).await
    }

    /// Repairs what an operator changed of the tables, and notes it in the catalogue; see [`QueryTables::repair`].
    pub async fn repair(&mut self, catalogue: &mut Catalogue, wait: LockWait) -> Result<(), StoreError> {
        let done = self.tables.repair(&mut self.session, catalogue, wait).await?;
        for what in &done {
            tracing::warn!(sync_id = %self.sync.sync_id, "a query table was changed by hand: {what}; repaired. `polysink column` changes columns");
        }
        if done.is_empty() {
            return Ok(());
        }
        self.restart_backfill().await?;
        self.save(catalogue).await
    }

    /// Says in the tables' comments what the sync is called now. Waits for a lock no longer than a change of the tables does.
    pub async fn describe_tables(&mut self) -> Result<(), StoreError> {
        super::wait_briefly(&mut self.session).await?;
        self.tables.describe(&mut self.session, &Origin::of(&self.sync)).await
    }

    /// Brings the tables in line with the catalogue; see [`QueryTables::reshape`].
    pub async fn reshape(
        &mut self,
        catalogue: &mut Catalogue,
        by: By,
        blocked: bool,
        wait: LockWait,
    ) -> Result<Reshaped, StoreError> {
        let columns = |catalogue: &Catalogue| -> Vec<_> {
            catalogue.fields().iter().map(|field| (field.column_type, field.needs_backfill)).collect()
        };
        let before = columns(catalogue);
        let done = self.tables.reshape(&mut self.session, catalogue, self.sync.sync_id, by, blocked, wait).await?;
        if done == Reshaped::Done && columns(catalogue) != before {
            self.restart_backfill().await?;
        }
        Ok(done)
    }

    /// Does one batch of what is left to do after a change of columns; false where nothing is. Where the next batch begins is in the
    /// database, so whoever does the next one goes on from there.
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

    /// Notes that nothing is left to do for these fields.
    pub async fn backfilled(&mut self, catalogue: &mut Catalogue, names: &[String]) -> Result<(), StoreError> {
        for field in catalogue.fields_mut().filter(|field| names.contains(&field.name)) {
            field.needs_backfill = None;
        }
        backfills::delete(&mut self.session, self.sync.sync_id).await?;
        self.save(catalogue).await
    }

    /// Columns have changed: what there is to do starts at the first row.
    pub async fn restart_backfill(&mut self) -> Result<(), StoreError> {
        backfills::delete(&mut self.session, self.sync.sync_id).await
    }

    /// Quarantines records that cannot be projected.
    pub async fn quarantine(&mut self, records: &[RejectedRecord<'_>]) -> Result<(), StoreError> {
        rejections::insert_each(&mut self.session, records).await
    }

    /// Takes the envelopes off the backlog.
    pub async fn done(&mut self, envelopes: &[Waiting]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = envelopes.iter().map(|waiting| waiting.envelope_id).collect();
        backlog::delete(&mut self.session, &ids).await
    }

    /// Sets the fields that name an entity.
    pub async fn set_identity(&mut self, identity: Option<&[String]>) -> Result<(), StoreError> {
        syncs::set_identity(&mut self.session, self.sync.sync_id, identity).await?;
        self.sync.identity = identity.map(<[String]>::to_vec);
        Ok(())
    }

    /// Ends the transaction; from here on it is durable.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.session.commit().await
    }

    /// Ends it without a trace.
    pub async fn rollback(self) -> Result<(), StoreError> {
        self.session.rollback().await
    }

    /// What is done from here on can be undone without the rest.
    pub async fn mark(&mut self) -> Result<(), StoreError> {
        savepoint::mark(&mut self.session).await
    }

    /// Keeps what was done since the mark.
    pub async fn keep(&mut self) -> Result<(), StoreError> {
        savepoint::keep(&mut self.session).await
    }

    /// Undoes what was done since the mark.
    pub async fn undo(&mut self) -> Result<(), StoreError> {
        savepoint::undo(&mut self.session).await
    }
}
