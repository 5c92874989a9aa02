//! A sync's tables, rebuilt out of sight and then merged into the query tables.
//!
//! A shadow is in schema `polysink`: the two query tables, the queue of envelopes to project, and the records that
//! cannot be projected. The tables are unlogged: an interrupted rebuild starts over. Their names are unique to a run,
//! so that a run which lost its lock to another finds no table rather than the other's.

use std::collections::HashSet;

use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use crate::columns::Catalogue;
use crate::model::SyncId;
use crate::query_tables::schema::lock;
use crate::query_tables::{Origin, QueryTables, Relation, columns};
use crate::store::citus::{self, Distribution};
use crate::store::tables::backlog::PendingDelivery;
use crate::store::tables::rejections;
use crate::store::{Connection, RejectedRecord, Store, StoreError};

/// How the names of all shadows begin.
const PREFIX: &str = "shadow_";

/// Syncs with tables of a rebuild, one that runs or one that was killed.
pub async fn syncs_with_shadows(store: &Store) -> Result<Vec<SyncId>, StoreError> {
    let mut session = store.begin().await?;
    let names: Vec<String> = sqlx::query_scalar!(
        r#"select relname::text as "name!" from pg_catalog.pg_class
           where relnamespace = to_regnamespace('polysink') and relkind = 'r' and starts_with(relname, $1)"#,
        PREFIX,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    let sync_id = |name: &String| name.strip_prefix(PREFIX)?.split('_').next()?.parse().ok();
    let mut syncs: Vec<SyncId> = names.iter().filter_map(sync_id).map(SyncId).collect();
    syncs.sort_unstable();
    syncs.dedup();
    Ok(syncs)
}

/// Drops the tables that a rebuild of this sync has left, if none runs. Returns whether it did.
pub async fn drop_left(store: &Store, sync_id: SyncId) -> Result<bool, StoreError> {
    let Some(lock) = lock::hold_rebuild(store, sync_id).await? else { return Ok(false) };
    let mut session = store.begin().await?;
    Shadow::of_new_run(sync_id).drop_all(&mut session).await?;
    session.commit().await?;
    drop(lock);
    Ok(true)
}

/// Where a rebuild reads the records of deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordSource {
    /// In the ledger, which has all of them: nothing is left to read in the raw log.
    Ledger,
    /// In the raw log, which has each sighting.
    RawLog,
}

/// The tables of a rebuild.
#[derive(Debug, Clone)]
pub struct Shadow {
    pub sync_id: SyncId,
    pub tables: QueryTables,
    /// The sync's deliveries in the raw log.
    pub queue: Relation,
    misfits: Relation,
}

impl Shadow {
    /// The tables of a new run, not created yet.
    pub fn of_new_run(sync_id: SyncId) -> Self {
        let (run, ..) = Uuid::new_v4().as_fields();
        let name = format!("{}_{run:08x}", Self::prefix(sync_id));
        let queue = Relation { schema: "polysink", name: format!("{name}_queue") };
        let misfits = Relation { schema: "polysink", name: format!("{name}_misfits") };
        Self { sync_id, tables: QueryTables::shadow(&name), queue, misfits }
    }

    /// Prefix of all shadows of a sync. The full names stay below PostgreSQL's 63 bytes.
    fn prefix(sync_id: SyncId) -> String {
        format!("{PREFIX}{}", sync_id.0.simple())
    }

    /// Creates the tables, empty, after dropping those of an interrupted run.
    pub async fn create(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        origin: &Origin<'_>,
    ) -> Result<(), StoreError> {
        self.drop_all(connection).await?;
        self.tables.create(connection, catalogue, origin, true, false).await?;
        let (queue, misfits) = (&self.queue, &self.misfits);
        let sql = format!(
            "create unlogged table {queue} (
                 envelope_id uuid primary key, received_at timestamptz not null, sent_at timestamptz not null,
                 records integer not null, bytes integer not null, done boolean not null
             );
             comment on table {queue} is 'The deliveries that polysink rebuild works through. Dropped at its end.';
             create index on {queue} (sent_at, envelope_id) where not done;
             create unlogged table {misfits} (like polysink.rejections, primary key (envelope_id, position));
             comment on table {misfits} is
                 'Records that polysink rebuild could not project. Moved to polysink.rejections at its end.';"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
        if citus::is_in_use(connection).await? {
            // It is joined with deliveries and with histories, which are not on the same nodes.
            citus::distribute(connection, &queue.to_string(), Distribution::Reference, None).await?;
        }
        Ok(())
    }

    /// Drops the tables of every run for this sync. The caller holds the sync's rebuild lock.
    pub async fn drop_all(&self, connection: &mut Connection) -> Result<(), StoreError> {
        let tables: Vec<String> = sqlx::query_scalar!(
            r#"select relname::text as "name!" from pg_catalog.pg_class
               where relnamespace = 'polysink'::regnamespace and relkind = 'r' and starts_with(relname, $1)"#,
            Self::prefix(self.sync_id),
        )
        .fetch_all(&mut *connection)
        .await?;
        for name in tables {
            let sql = format!("drop table if exists {}", Relation { schema: "polysink", name });
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// Keeps records that cannot be projected, to be quarantined if the rebuild succeeds.
    pub async fn note(&self, connection: &mut Connection, records: &[RejectedRecord<'_>]) -> Result<(), StoreError> {
        rejections::insert_each_into(connection, &self.misfits.to_string(), records).await
    }

    /// Brings the quarantine in line with the rebuilt tables: adds the records that the rebuild could not project, and
    /// resolves the rejections of the projected ones. Returns how many could not be projected.
    ///
    /// * `all_projected`: whether the query tables took every row, so that their earlier refusals are resolved too
    pub async fn quarantine(&self, connection: &mut Connection, all_projected: bool) -> Result<u64, StoreError> {
        let misfits = &self.misfits;
        let sql = format!(
            "update polysink.rejections r set settled_at = now(), settlement = 'rebuilt'
             where r.sync_id = $1 and r.scope = 'record' and r.settled_at is null
               and (r.reason = 'key_too_large' or (r.reason = 'unprojectable' and $2))
               and not exists (select from {misfits} m where m.envelope_id = r.envelope_id and m.position = r.position)"
        );
        sqlx::query(AssertSqlSafe(sql)).bind(self.sync_id.0).bind(all_projected).execute(&mut *connection).await?;
        let sql = format!(
            "insert into polysink.rejections
             select m.* from {misfits} m
             where not exists (select from polysink.rejections r
                               where r.received_at = m.received_at and r.envelope_id = m.envelope_id
                                 and r.position = m.position and r.scope = 'record' and r.settled_at is null)"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
        let sql = format!("select count(*) from {misfits}");
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await?;
        Ok(count.unsigned_abs())
    }

    /// Adds the sync's envelopes in the raw log to the queue. Returns how many records were added.
    pub async fn enqueue(&self, connection: &mut Connection, from: RecordSource) -> Result<i64, StoreError> {
        let queue = &self.queue;
        let done = from == RecordSource::Ledger;
        let sql = format!(
            "insert into {queue} (envelope_id, received_at, sent_at, records, bytes, done)
             select e.envelope_id, e.received_at, e.sent_at, e.record_count, octet_length(e.body), $2
             from polysink.envelopes e
             where e.sync_id = $1 and e.outcome = 'stored' and e.record_count > 0
               and not exists (select from {queue} q where q.envelope_id = e.envelope_id)"
        );
        let before = self.records(connection).await?;
        sqlx::query(AssertSqlSafe(sql)).bind(self.sync_id.0).bind(done).execute(&mut *connection).await?;
        Ok(self.records(connection).await? - before)
    }

    /// How many records the deliveries of the queue have.
    async fn records(&self, connection: &mut Connection) -> Result<i64, StoreError> {
        let sql = format!("select coalesce(sum(records), 0)::int8 from {}", self.queue);
        Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await?)
    }

    /// Those of these deliveries that are in the queue.
    pub async fn queued(&self, connection: &mut Connection, envelopes: &[Uuid]) -> Result<HashSet<Uuid>, StoreError> {
        let sql = format!("select envelope_id from {} where envelope_id = any($1)", self.queue);
        let queued: Vec<Uuid> = sqlx::query_scalar(AssertSqlSafe(sql)).bind(envelopes).fetch_all(connection).await?;
        Ok(queued.into_iter().collect())
    }

    /// The oldest envelopes of the queue that are not done.
    pub async fn next(&self, connection: &mut Connection, limit: i64) -> Result<Vec<PendingDelivery>, StoreError> {
        let sql = format!(
            "select envelope_id, received_at, sent_at, records, bytes from {}
             where not done order by sent_at, envelope_id limit $1",
            self.queue
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(limit).fetch_all(connection).await?;
        let waiting = rows.iter().map(|row| {
            Ok(PendingDelivery {
                envelope_id: row.try_get(0)?,
                received_at: row.try_get(1)?,
                sent_at: row.try_get(2)?,
                replayed: true,
                records: row.try_get(3)?,
                bytes: row.try_get(4)?,
            })
        });
        waiting.collect::<sqlx::Result<_>>().map_err(StoreError::Sql)
    }

    /// Marks envelopes as done.
    pub async fn done(&self, connection: &mut Connection, envelopes: &[PendingDelivery]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = envelopes.iter().map(|waiting| waiting.envelope_id).collect();
        let sql = format!("update {} set done = true where envelope_id = any($1)", self.queue);
        sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(connection).await?;
        Ok(())
    }

    /// Copies from the public history what the raw log no longer has: the first and the last sighting of each version
    /// whose delivery is gone. The raw log has the rest.
    pub async fn seed(
        &self,
        connection: &mut Connection,
        from: &QueryTables,
        catalogue: &Catalogue,
    ) -> Result<(), StoreError> {
        let fields: Vec<String> = columns(catalogue).iter().map(|column| format!(", {}", column.name)).collect();
        let fields = fields.concat();
        let (history, table) = (&self.tables.history, &self.tables.table);
        let versions = from.versions_sql(connection, &self.queue).await?;
        let sql = format!(
            "with versions as ({versions}),
             gone as (
                 select _key, _hash, _unfit{fields},
                        case when first_kept then l_received_at else _first_received_at end as _first_received_at,
                        case when first_kept then l_sent_at else _sent_at end as _sent_at,
                        case when first_kept then l_envelope_id else _envelope_id end as _envelope_id,
                        case when first_kept then l_position else _position end as _position,
                        case when last_kept then _first_received_at else l_received_at end as _last_received_at,
                        case when last_kept then _sent_at else l_sent_at end as _last_sent_at,
                        case when last_kept then _envelope_id else l_envelope_id end as _last_envelope_id,
                        case when last_kept then _position else l_position end as _last_position
                 from versions where not (first_kept and last_kept)
             )
             insert into {history} (_key, _hash, _unfit{fields}, _first_received_at, _last_received_at, _changed_at,
             _sent_at,
                 _envelope_id, _position, _valid_from, _valid_to, _last_sent_at, _last_envelope_id, _last_position)
             select _key, _hash, _unfit{fields}, _first_received_at, _last_received_at, _sent_at, _sent_at,
                    _envelope_id, _position, _sent_at,
                    lead(_sent_at) over (partition by _key order by _sent_at, _envelope_id, _position),
                    _last_sent_at, _last_envelope_id, _last_position
             from gone"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
        let sql = format!(
            "insert into {table} (_key, _hash, _unfit{fields},
                         _first_received_at, _last_received_at, _changed_at, _sent_at,
                 _envelope_id, _position)
             select _key, _hash, _unfit{fields},
                    (select o._first_received_at from {history} o where o._key = h._key
                     order by o._sent_at, o._envelope_id, o._position limit 1),
                    _last_received_at, _changed_at, _last_sent_at, _last_envelope_id, _last_position
             from {history} h
             where _valid_to is null",
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
        let sql = format!(
            "update {history} set _last_sent_at = null, _last_envelope_id = null, _last_position = null,
                 _last_received_at = _first_received_at
             where _valid_to is null"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
        Ok(())
    }
}
