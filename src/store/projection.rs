//! The projection transaction: one sync's backlog into its query tables, all or nothing, one holder at a time.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::fields::Uncatalogued;
use super::query::{self, Backfill, By, Cursor, LockWait, Origin, Reshaped};
use super::session::{self, Session};
use super::{
    QueryTables, RejectedRecord, Shadow, Store, StoreError, Waiting, backfills, backlog, fields, rejections, savepoint,
    syncs,
};
use crate::columns::Catalogue;
use crate::envelope::Receipt;
use crate::model::SyncId;

/// What is known of a sync that is projected.
#[derive(Debug, Clone)]
pub struct SyncState {
    pub sync_id: SyncId,
    pub name: Option<String>,
    pub table_name: String,
    /// The fields that name an entity; `None` until chosen.
    pub identity: Option<Vec<String>>,
    /// Of its fields; 0 where it has none.
    pub catalogue_version: i64,
}

impl SyncState {
    pub fn origin(&self) -> Origin<'_> {
        Origin { sync_id: self.sync_id, name: self.name.as_deref(), identity: self.identity.as_deref() }
    }
}

/// An envelope with its body, out of the raw log.
#[derive(Debug)]
pub struct Delivered {
    pub receipt: Receipt,
    pub body: String,
}

/// A transaction that holds a sync's lock: nobody else writes its query tables or its fields until it ends.
#[derive(Debug)]
pub struct Projection {
    session: Session,
    pub sync: SyncState,
    pub tables: QueryTables,
}

impl Store {
    /// Starts to project a sync; `None` while somebody else does, or where there is no such sync.
    pub async fn try_project(&self, sync_id: SyncId) -> Result<Option<Projection>, StoreError> {
        let mut session = self.begin().await?;
        let lock = query::sync_lock(sync_id);
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
        sqlx::query!("select pg_advisory_xact_lock($1)", query::sync_lock(sync_id)).execute(&mut *session).await?;
        Projection::begin(session, sync_id).await
    }

    /// The same, with the tables repaired where somebody changed them, and the fields. While somebody uses a table that has to
    /// be repaired, it is tried again for ten seconds.
    pub async fn project_mended(&self, sync_id: SyncId) -> Result<Option<(Projection, Catalogue)>, StoreError> {
        const TRIES: usize = 100;
        for n in 1.. {
            let Some(mut projection) = self.project(sync_id).await? else { break };
            let mut catalogue = projection.catalogue().await?;
            match projection.mend(&mut catalogue, LockWait::of_try(n)).await {
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
    /// A transaction that works on the tables of a shadow. No lock: whoever derives a sync again holds that of
    /// [`Store::lock_rebuild`].
    pub async fn project_shadow(&self, sync: SyncState, shadow: &Shadow) -> Result<Projection, StoreError> {
        let session = self.begin().await?;
        Ok(Projection { session, sync, tables: shadow.tables.clone() })
    }

    /// Keeps others from deriving the same sync again; `None` while somebody does. Held until it is dropped, or the process
    /// dies.
    pub async fn lock_rebuild(&self, sync_id: SyncId) -> Result<Option<RebuildLock>, StoreError> {
        // Outside the scope of the work: this session is idle by its nature, and not lost.
        let mut session = Store { scope: None, ..self.clone() }.begin().await?;
        let lock = query::rebuild_lock(sync_id);
        if take_rebuild_lock(&mut session, lock).await? {
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

    /// How many records of the ledger lack a field of the identity, or have null in it.
    pub async fn unidentified(&self, sync_id: SyncId) -> Result<i64, StoreError> {
        let mut session = self.begin().await?;
        let count = sqlx::query_scalar!(
            r#"select count(*) as "count!" from polysink.unidentified where sync_id = $1"#,
            sync_id.0
        )
        .fetch_one(&mut *session)
        .await?;
        session.commit().await?;
        Ok(count)
    }

    /// The sync of that id.
    pub async fn sync_state(&self, sync_id: SyncId) -> Result<Option<SyncState>, StoreError> {
        let mut session = self.begin().await?;
        let state = state(&mut session, sync_id).await?;
        session.commit().await?;
        Ok(state)
    }
}

/// The right to rebuild a sync's query tables.
///
/// Its transaction is idle, so a task of its own keeps it from the server's limit for that: a process that dies or loses its
/// network is rid of the lock a minute later.
#[derive(Debug)]
pub struct RebuildLock {
    session: Arc<Mutex<Session>>,
    lock: i64,
    _keeper: JoinSet<()>,
}

/// Well within the limit of an operator's transaction.
const KEEP_EVERY: Duration = Duration::from_secs(15);

/// How long the lock's session may take to answer.
const CONFIRM: Duration = Duration::from_secs(5);

impl RebuildLock {
    fn of(session: Session, lock: i64) -> Self {
        let session = Arc::new(Mutex::new(session));
        let mut keeper = JoinSet::new();
        keeper.spawn({
            let session = Arc::downgrade(&session);
            async move {
                loop {
                    sleep(KEEP_EVERY).await;
                    let Some(session) = session.upgrade() else { return };
                    if let Err(error) = confirm(&session, lock).await {
                        tracing::warn!(%error, "the lock of a rebuild was lost");
                        return;
                    }
                }
            }
        });
        Self { session, lock, _keeper: keeper }
    }

    /// Fails where it is no longer held: a connection that is lost takes the lock with it.
    pub async fn confirm(&mut self) -> Result<(), StoreError> {
        confirm(&self.session, self.lock).await
    }
}

async fn confirm(session: &Mutex<Session>, lock: i64) -> Result<(), StoreError> {
    let confirmed = timeout(CONFIRM, async {
        // In the transaction that holds it, taking it again always works.
        let mut session = session.lock().await;
        take_rebuild_lock(&mut session, lock).await.map(drop)
    });
    confirmed.await.unwrap_or(Err(StoreError::TimedOut))
}

async fn take_rebuild_lock(connection: &mut PgConnection, lock: i64) -> Result<bool, StoreError> {
    let held =
        sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "held!""#, lock).fetch_one(connection).await?;
    Ok(held)
}

async fn state(connection: &mut PgConnection, sync_id: SyncId) -> Result<Option<SyncState>, StoreError> {
    let row = sqlx::query!(
        r#"select s.name, s.table_name, s.identity, coalesce(c.version, 0) as "catalogue_version!"
           from polysink.syncs s
           left join polysink.catalogues c on c.sync_id = s.sync_id
           where s.sync_id = $1"#,
        sync_id.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| SyncState {
        sync_id,
        name: row.name,
        table_name: row.table_name,
        identity: row.identity,
        catalogue_version: row.catalogue_version,
    }))
}

impl Projection {
    /// Begins it in a transaction that has the sync's lock; `None` where there is no such sync.
    async fn begin(mut session: Session, sync_id: SyncId) -> Result<Option<Self>, StoreError> {
        let Some(sync) = state(&mut session, sync_id).await? else {
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
        bodies(&mut self.session, envelopes).await
    }

    /// Which records of the envelopes the ledger did not take: envelope and position.
    pub async fn unstorable(&mut self, envelopes: &[Waiting]) -> Result<HashSet<(Uuid, i32)>, StoreError> {
        unstorable(&mut self.session, envelopes).await
    }

    /// What the ledger has of these hashes: the fields, as JSON.
    pub async fn ledger(&mut self, hashes: &[&str]) -> Result<HashMap<String, String>, StoreError> {
        let rows = sqlx::query!(
            r#"select hash, fields::text as "fields!" from polysink.records where sync_id = $1 and hash = any($2)"#,
            self.sync.sync_id.0,
            hashes as _,
        )
        .fetch_all(&mut *self.session)
        .await?;
        Ok(rows.into_iter().map(|row| (row.hash, row.fields)).collect())
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
        self.tables.create(&mut self.session, catalogue, &self.sync.origin(), history, true).await
    }

    /// Repairs what somebody changed of the tables, and notes it in the catalogue; see [`QueryTables::mend`].
    pub async fn mend(&mut self, catalogue: &mut Catalogue, wait: LockWait) -> Result<(), StoreError> {
        let done = self.tables.mend(&mut self.session, catalogue, wait).await?;
        for what in &done {
            tracing::warn!(sync_id = %self.sync.sync_id, "somebody changed a query table: {what}; repaired. `polysink column` changes columns");
        }
        if done.is_empty() {
            return Ok(());
        }
        self.restart_backfill().await?;
        self.save(catalogue).await
    }

    /// Says in the tables' comments what the sync is called now. Waits for a lock no longer than a change of the tables does.
    pub async fn describe_tables(&mut self) -> Result<(), StoreError> {
        query::wait_briefly(&mut self.session).await?;
        self.tables.describe(&mut self.session, &self.sync.origin()).await
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
            catalogue.fields().iter().map(|field| (field.column_type, field.unsettled)).collect()
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
            field.unsettled = None;
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
        sqlx::query!("update polysink.syncs set identity = $2 where sync_id = $1", self.sync.sync_id.0, identity as _)
            .execute(&mut *self.session)
            .await?;
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

pub(super) async fn bodies(connection: &mut PgConnection, envelopes: &[Waiting]) -> Result<Vec<Delivered>, StoreError> {
    let ids: Vec<Uuid> = envelopes.iter().map(|waiting| waiting.envelope_id).collect();
    let received: Vec<DateTime<Utc>> = envelopes.iter().map(|waiting| waiting.received_at).collect();
    // The time names the partition, so that one look at one index finds an envelope.
    let rows = sqlx::query!(
        "select e.envelope_id, e.received_at, e.sent_at, e.connection, e.body
         from unnest($1::timestamptz[], $2::uuid[]) as w (received_at, envelope_id)
         join polysink.envelopes e on e.received_at = w.received_at and e.envelope_id = w.envelope_id
         order by e.sent_at, e.envelope_id",
        &received,
        &ids,
    )
    .fetch_all(&mut *connection)
    .await?;
    session::trim(connection, rows.iter().map(|row| row.body.len()).sum());
    let delivered = rows.into_iter().map(|row| Delivered {
        receipt: Receipt {
            envelope_id: row.envelope_id,
            received_at: row.received_at,
            sent_at: row.sent_at,
            connection: row.connection,
            source_ip: None,
            user_agent: None,
        },
        body: row.body,
    });
    Ok(delivered.collect())
}

pub(super) async fn unstorable(
    connection: &mut PgConnection,
    envelopes: &[Waiting],
) -> Result<HashSet<(Uuid, i32)>, StoreError> {
    let ids: Vec<Uuid> = envelopes.iter().map(|waiting| waiting.envelope_id).collect();
    let rows = sqlx::query!(
        r#"select envelope_id as "envelope_id!", unnest(coalesce(positions, array[position])) as "position!"
           from polysink.rejections
           where envelope_id = any($1) and scope = 'record' and reason = 'unstorable' and settled_at is null"#,
        &ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.envelope_id, row.position)).collect())
}
