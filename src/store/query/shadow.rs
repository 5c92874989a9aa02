//! A sync's tables, derived again out of sight and then merged into those that people query.
//!
//! The shadow's three tables stand in schema `polysink`: the two query tables, and the queue of the envelopes that they are
//! made from. They are not logged: whoever is interrupted begins anew.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use uuid::Uuid;

use super::{HISTORY_COLUMNS, Ident, Origin, QueryTables, Relation, SYSTEM_COLUMNS, columns};
use crate::columns::Catalogue;
use crate::envelope::SyncId;
use crate::store::backlog::Waiting;
use crate::store::fold::Sighting;
use crate::store::{Store, StoreError};

/// The tables that a sync is derived into.
#[derive(Debug, Clone)]
pub struct Shadow {
    pub sync_id: SyncId,
    pub tables: QueryTables,
    queue: Relation,
}

/// Where in the order of sending the raw log begins, for one sync: nothing that was sent before is left in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Horizon {
    pub sent_at: DateTime<Utc>,
    pub envelope_id: Uuid,
}

impl Horizon {
    /// Whether a sighting was before.
    pub fn is_after(self, sighting: &Sighting) -> bool {
        (sighting.sent_at, sighting.envelope_id) < (self.sent_at, self.envelope_id)
    }
}

/// A record of the ledger, with its oldest and its newest sighting.
#[derive(Debug, Clone)]
pub struct LedgerRecord {
    pub hash: String,
    pub fields: String,
    pub first: Sighting,
    pub last: Sighting,
}

impl Shadow {
    pub fn of(sync_id: SyncId) -> Self {
        let queue = Relation { schema: "polysink", name: format!("shadow_{}_queue", sync_id.0.simple()) };
        Self { sync_id, tables: QueryTables::shadow(sync_id), queue }
    }

    /// Makes the tables, empty; those that an interrupted run left are dropped first.
    pub async fn create(
        &self,
        connection: &mut PgConnection,
        catalogue: &Catalogue,
        origin: &Origin<'_>,
    ) -> Result<(), StoreError> {
        self.drop(connection).await?;
        self.tables.create(connection, catalogue, origin, true, false).await?;
        let queue = &self.queue;
        let sql = format!(
            "create unlogged table {queue} (
                 envelope_id uuid primary key, received_at timestamptz not null, sent_at timestamptz not null,
                 records integer not null, bytes integer not null, done boolean not null
             );
             comment on table {queue} is 'The deliveries that a sync is being derived from again. Made by polysink rebuild, and gone when it is done.';
             create index on {queue} (sent_at, envelope_id) where not done;"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
        Ok(())
    }

    /// Drops the tables, those that are there.
    pub async fn drop(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        for relation in [&self.tables.table, &self.tables.history, &self.queue] {
            let sql = format!("drop table if exists {relation}");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// Puts the sync's envelopes into the queue that are in the raw log and not in the queue yet. Returns how many records
    /// they have.
    ///
    /// * `done`: they need no work, because what is in them has been taken from elsewhere
    pub async fn enqueue(&self, connection: &mut PgConnection, done: bool) -> Result<i64, StoreError> {
        let queue = &self.queue;
        let sql = format!(
            "with new as (
                 insert into {queue} (envelope_id, received_at, sent_at, records, bytes, done)
                 select e.envelope_id, e.received_at, e.sent_at, e.record_count, octet_length(e.body), $2
                 from polysink.envelopes e
                 where e.sync_id = $1 and e.outcome = 'stored' and e.record_count > 0
                   and not exists (select from {queue} q where q.envelope_id = e.envelope_id)
                 returning records
             )
             select coalesce(sum(records), 0) from new"
        );
        let records =
            sqlx::query_scalar(AssertSqlSafe(sql)).bind(self.sync_id.0).bind(done).fetch_one(connection).await?;
        Ok(records)
    }

    /// The oldest envelopes of the queue that are not done.
    pub async fn next(&self, connection: &mut PgConnection, limit: i64) -> Result<Vec<Waiting>, StoreError> {
        let sql = format!(
            "select envelope_id, received_at, sent_at, records, bytes from {}
             where not done order by sent_at, envelope_id limit $1",
            self.queue
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(limit).fetch_all(connection).await?;
        let waiting = rows.iter().map(|row| {
            Ok(Waiting {
                envelope_id: row.try_get(0)?,
                received_at: row.try_get(1)?,
                sent_at: row.try_get(2)?,
                records: row.try_get(3)?,
                bytes: row.try_get(4)?,
            })
        });
        waiting.collect::<sqlx::Result<_>>().map_err(StoreError::Sql)
    }

    /// Notes that these are done.
    pub async fn done(&self, connection: &mut PgConnection, envelopes: &[Waiting]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = envelopes.iter().map(|waiting| waiting.envelope_id).collect();
        let sql = format!("update {} set done = true where envelope_id = any($1)", self.queue);
        sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(connection).await?;
        Ok(())
    }

    /// Takes the entities over as they were before the raw log begins, from the tables that people query.
    pub async fn seed(
        &self,
        connection: &mut PgConnection,
        from: &QueryTables,
        catalogue: &Catalogue,
        horizon: Option<Horizon>,
    ) -> Result<(), StoreError> {
        let fields: Vec<String> = columns(catalogue).iter().map(|column| column.name.to_string()).collect();
        let comma = |prefix: &str| {
            let names = std::iter::once(String::new()).chain(fields.iter().map(|name| format!("{prefix}{name}")));
            names.collect::<Vec<_>>().join(", ")
        };
        let (history, table) = (&self.tables.history, &self.tables.table);
        // A spell that went on after the horizon is cut at its first sighting: the raw log knows the rest. The end of the
        // spell that lasts is the row's.
        let sql = format!(
            "insert into {history} (_key, _hash, _unfit, _first_received_at, _last_received_at, _changed_at, _sent_at,
                 _envelope_id, _position, _valid_from, _valid_to, _last_sent_at, _last_envelope_id, _last_position{into})
             select _key, _hash, _unfit, _first_received_at,
                    case when known then last_received_at else _first_received_at end, _changed_at, _sent_at, _envelope_id,
                    _position, _valid_from, lead(_sent_at) over spells,
                    case when known then last_sent_at else _sent_at end,
                    case when known then last_envelope_id else _envelope_id end,
                    case when known then last_position else _position end{select}
             from (
                 select h.*,
                        coalesce(h._last_sent_at, t._sent_at) as last_sent_at,
                        coalesce(h._last_envelope_id, t._envelope_id) as last_envelope_id,
                        coalesce(h._last_position, t._position) as last_position,
                        case when h._last_sent_at is null then t._last_received_at else h._last_received_at end
                            as last_received_at,
                        ($1::timestamptz is null
                         or (coalesce(h._last_sent_at, t._sent_at), coalesce(h._last_envelope_id, t._envelope_id)) < ($1, $2))
                            as known
                 from {old_history} h join {old_table} t using (_key)
                 where $1::timestamptz is null or (h._sent_at, h._envelope_id) < ($1, $2)
             ) as s
             window spells as (partition by _key order by _sent_at, _envelope_id, _position)",
            into = comma(""),
            select = comma("s."),
            old_history = from.history,
            old_table = from.table,
        );
        let at = (horizon.map(|horizon| horizon.sent_at), horizon.map(|horizon| horizon.envelope_id));
        sqlx::query(AssertSqlSafe(sql)).bind(at.0).bind(at.1).execute(&mut *connection).await?;
        let sql = format!(
            "insert into {table} (_key, _hash, _unfit, _first_received_at, _last_received_at, _changed_at, _sent_at,
                 _envelope_id, _position{into})
             select h._key, h._hash, h._unfit, t._first_received_at, h._last_received_at, h._changed_at, h._last_sent_at,
                    h._last_envelope_id, h._last_position{select}
             from {history} h join {old_table} t using (_key)
             where h._valid_to is null",
            into = comma(""),
            select = comma("h."),
            old_table = from.table,
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

    /// Makes the tables that people query the same as the shadow's, in the caller's transaction: readers see the old content
    /// until it commits, and what does not differ is not written.
    pub async fn merge(
        &self,
        connection: &mut PgConnection,
        into: &QueryTables,
        catalogue: &Catalogue,
    ) -> Result<(), StoreError> {
        let (_, has_history) = into.exist(connection).await?;
        merge(connection, &self.tables.table, &into.table, catalogue, false).await?;
        if has_history {
            merge(connection, &self.tables.history, &into.history, catalogue, true).await?;
        }
        Ok(())
    }
}

async fn merge(
    connection: &mut PgConnection,
    from: &Relation,
    into: &Relation,
    catalogue: &Catalogue,
    history: bool,
) -> Result<(), StoreError> {
    let key: &[&str] = if history { &["_key", "_sent_at", "_envelope_id", "_position"] } else { &["_key"] };
    let further = if history { HISTORY_COLUMNS } else { &[] };
    let system = SYSTEM_COLUMNS.iter().chain(further).map(|(name, ..)| Ident(name).to_string());
    let names: Vec<String> = system.chain(columns(catalogue).iter().map(|column| column.name.to_string())).collect();
    let key: Vec<String> = key.iter().map(|name| Ident(name).to_string()).collect();
    let same: Vec<String> = key.iter().map(|name| format!("s.{name} = t.{name}")).collect();
    let sql = format!("delete from {into} t where not exists (select from {from} s where {})", same.join(" and "));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
    let others: Vec<&String> = names.iter().filter(|name| !key.contains(name)).collect();
    let list = |prefix: &str| others.iter().map(|name| format!("{prefix}{name}")).collect::<Vec<_>>().join(", ");
    let sets: Vec<String> = others.iter().map(|name| format!("{name} = excluded.{name}")).collect();
    let all = names.join(", ");
    let sql = format!(
        "insert into {into} as t ({all}) select {all} from {from} on conflict ({}) do update set {}
         where ({}) is distinct from ({})",
        key.join(", "),
        sets.join(", "),
        list("t."),
        list("excluded."),
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}

impl Store {
    /// Where the raw log begins for a sync; `None` where nothing of it is left.
    pub async fn horizon(&self, sync_id: SyncId) -> Result<Option<Horizon>, StoreError> {
        let row = sqlx::query_as!(
            Horizon,
            "select sent_at, envelope_id from polysink.envelopes
             where sync_id = $1 and outcome = 'stored' and record_count > 0
             order by sent_at, envelope_id limit 1",
            sync_id.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row)
    }

    /// Records of the ledger in order of their hashes.
    ///
    /// * `after`: the last hash of the batch before
    pub async fn ledger_records(
        &self,
        sync_id: SyncId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<LedgerRecord>, StoreError> {
        let rows = sqlx::query!(
            r#"select hash, fields::text as "fields!", first_envelope_id, first_sent_at, first_position, first_received_at,
                      last_envelope_id, last_sent_at, last_position, last_received_at
               from polysink.records
               where sync_id = $1 and hash > $2
               order by hash limit $3"#,
            sync_id.0,
            after,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let records = rows.into_iter().map(|row| LedgerRecord {
            hash: row.hash,
            fields: row.fields,
            first: Sighting {
                sent_at: row.first_sent_at,
                envelope_id: row.first_envelope_id,
                position: row.first_position,
                received_at: row.first_received_at,
            },
            last: Sighting {
                sent_at: row.last_sent_at,
                envelope_id: row.last_envelope_id,
                position: row.last_position,
                received_at: row.last_received_at,
            },
        });
        Ok(records.collect())
    }

    /// How many records the ledger has of a sync, and how many of them were first sent before the raw log begins.
    pub async fn ledger_size(&self, sync_id: SyncId, horizon: Option<Horizon>) -> Result<(i64, i64), StoreError> {
        let row = sqlx::query!(
            r#"select count(*) as "all!",
                      count(*) filter (where $2::timestamptz is null or (first_sent_at, first_envelope_id) < ($2, $3))
                          as "before!"
               from polysink.records where sync_id = $1"#,
            sync_id.0,
            horizon.map(|horizon| horizon.sent_at),
            horizon.map(|horizon| horizon.envelope_id),
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((row.all, row.before))
    }

    /// How many spells of a sync's history began before the raw log does.
    pub async fn spells_before(&self, tables: &QueryTables, horizon: Option<Horizon>) -> Result<i64, StoreError> {
        let mut connection = self.pool.acquire().await?;
        if !tables.exist(&mut connection).await?.1 {
            return Ok(0);
        }
        let sql = format!(
            "select count(*) from {} where $1::timestamptz is null or (_sent_at, _envelope_id) < ($1, $2)",
            tables.history
        );
        let count = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(horizon.map(|horizon| horizon.sent_at))
            .bind(horizon.map(|horizon| horizon.envelope_id))
            .fetch_one(&mut *connection)
            .await?;
        Ok(count)
    }
}
