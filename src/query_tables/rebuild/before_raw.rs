//! Versions of a history whose deliveries are no longer in the raw log.

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row as _};

use crate::model::{Sighting, SyncId};
use crate::query_tables::rows::place::{PLACE, bind_after, read_place, read_sighting};
use crate::query_tables::{QueryTables, Relation};
use crate::store::tables::backfills::RowPlace;
use crate::store::{Connection, Store, StoreError};

/// A version whose first or last sighting is missing in the raw log.
#[derive(Debug, Clone)]
pub struct VersionBeforeRaw {
    /// Its row in the history.
    pub place: RowPlace,
    pub hash: String,
    /// The missing ones.
    pub first: Option<Sighting>,
    pub last: Option<Sighting>,
}

impl QueryTables {
    /// A query for the history's versions with their last sighting (`l_…`), which the current row has while a version
    /// lasts, and whether the raw log has their first and last sightings (`first_kept`, `last_kept`).
    ///
    /// * `log`: a relation with the ids of the sync's deliveries in the raw log
    pub(in crate::query_tables) async fn versions_sql(
        &self,
        connection: &mut Connection,
        log: &Relation,
    ) -> Result<String, StoreError> {
        let (has_table, _) = self.exist(connection).await?;
        let table = if has_table {
            self.table.to_string()
        } else {
            "(select null::text as _key, null::text as _hash, null::timestamptz as _last_received_at,
                     null::timestamptz as _sent_at, null::uuid as _envelope_id, null::integer as _position)"
                .to_owned()
        };
        Ok(format!(
            "select h.*, l.*, {first_kept} as first_kept, {last_kept} as last_kept
             from {history} h
             left join {table} t
                 on t._key = h._key and t._hash = h._hash and h._last_sent_at is null
             cross join lateral (
                 select coalesce(h._last_sent_at, t._sent_at, h._sent_at) as l_sent_at,
                        coalesce(h._last_envelope_id, t._envelope_id, h._envelope_id) as l_envelope_id,
                        coalesce(h._last_position, t._position, h._position) as l_position,
                        case when h._last_sent_at is null then coalesce(t._last_received_at, h._first_received_at)
                             else h._last_received_at end as l_received_at
             ) as l",
            first_kept = kept(log, "h._envelope_id"),
            last_kept = kept(log, "l.l_envelope_id"),
            history = self.history,
        ))
    }

    /// The versions with a sighting that is missing in the raw log, in the order of their places.
    ///
    /// * `log`: a relation with the ids of the sync's deliveries in the raw log
    /// * `after`: the last place of the batch before
    pub async fn versions_before_raw(
        &self,
        connection: &mut Connection,
        log: &Relation,
        after: Option<&RowPlace>,
        limit: i64,
    ) -> Result<Vec<VersionBeforeRaw>, StoreError> {
        if !self.exist(connection).await?.1 {
            return Ok(Vec::new());
        }
        let versions = self.versions_sql(connection, log).await?;
        let sql = format!(
            "select {PLACE}, _hash, _first_received_at, first_kept, l_sent_at, l_envelope_id,
                l_position, l_received_at, last_kept
             from ({versions}) as v
             where not (first_kept and last_kept) and ($1::text is null or ({PLACE}) > ($1, $2, $3, $4))
             order by {PLACE} limit $5"
        );
        let query = bind_after(sqlx::query(AssertSqlSafe(sql)), after);
        let rows = query.bind(limit).fetch_all(connection).await?;
        let read = |row: &PgRow| -> sqlx::Result<VersionBeforeRaw> {
            let first = read_sighting(row, ["_sent_at", "_envelope_id", "_position", "_first_received_at"])?;
            let last = read_sighting(row, ["l_sent_at", "l_envelope_id", "l_position", "l_received_at"])?;
            let (first_kept, last_kept): (bool, bool) = (row.try_get("first_kept")?, row.try_get("last_kept")?);
            Ok(VersionBeforeRaw {
                place: read_place(row)?,
                hash: row.try_get("_hash")?,
                first: (!first_kept).then_some(first),
                last: (!last_kept && last != first).then_some(last),
            })
        };
        rows.iter().map(read).collect::<sqlx::Result<_>>().map_err(StoreError::Sql)
    }
}

/// How many versions of a sync's history are no longer in the raw log: the delivery of their first sighting is
/// gone.
pub async fn versions_gone(store: &Store, sync_id: SyncId, tables: &QueryTables) -> Result<i64, StoreError> {
    let mut session = store.begin().await?;
    let mut gone = 0;
    if tables.exist(&mut session).await?.1 {
        let sql = format!(
            "with log as materialized (select envelope_id from polysink.envelopes where sync_id = $1)
             select count(*) from {} h
             where not exists (select from log where log.envelope_id = h._envelope_id)",
            tables.history
        );
        gone = sqlx::query_scalar(AssertSqlSafe(sql)).bind(sync_id.0).fetch_one(&mut *session).await?;
    }
    session.commit().await?;
    Ok(gone)
}

/// SQL for whether the raw log has the delivery of a sighting.
fn kept(log: &Relation, envelope_id: &str) -> String {
    format!("exists (select from {log} e where e.envelope_id = {envelope_id})")
}
