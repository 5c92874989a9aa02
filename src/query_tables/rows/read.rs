//! Reads rows of the query tables.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Row as _};

use super::place::read_sighting;
use crate::history::{Row, StoredVersion, VersionBounds};
use crate::model::Sighting;
use crate::query_tables::QueryTables;
use crate::store::tables::split_versions::SplitVersion;
use crate::store::{Connection, StoreError};

impl QueryTables {
    /// The existing rows with these keys.
    pub async fn current(&self, connection: &mut Connection, keys: &[&str]) -> Result<Vec<Row<String>>, StoreError> {
        let sql = format!(
            "select _key, _hash, _first_received_at, _changed_at, _sent_at, _envelope_id, _position, _last_received_at
             from {} where _key = any($1)",
            self.table
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(keys).fetch_all(connection).await?;
        rows.iter().map(read_current).collect::<Result<_, _>>().map_err(StoreError::Sql)
    }

    /// The versions of these entities that last: each is the newest, so the primary key finds it, however many came
    /// before.
    ///
    /// * `keys`: of entities with a row in the current table
    pub async fn lasting_versions(
        &self,
        connection: &mut Connection,
        keys: &[&str],
    ) -> Result<Vec<StoredVersion>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "select {VERSION_OF_V}, true as is_followed
             from {} c
             cross join lateral (
                 select {VERSION} from {} t where t._key = c._key
                 order by t._sent_at desc, t._envelope_id desc, t._position desc limit 1
             ) as v
             where c._key = any($1) and v._valid_to is null",
            self.table, self.history
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(keys).fetch_all(connection).await?;
        rows.iter().map(read_version).collect::<Result<_, _>>().map_err(StoreError::Sql)
    }

    /// The versions of entities that lie in periods, at least in part, oldest first.
    ///
    /// * `split`: not more than one of an entity
    pub async fn versions_within(
        &self,
        connection: &mut Connection,
        split: &[&SplitVersion],
    ) -> Result<Vec<StoredVersion>, StoreError> {
        let sql = format!(
            "select {VERSION}, _valid_to is null
                    or lead(_key) over (partition by _key order by _sent_at, _envelope_id, _position) is not null
                       as is_followed
             from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) as n (k, since, until)
             join {} t on t._key = n.k and t._sent_at <= n.until and (t._valid_to is null or t._valid_to >= n.since)
             order by _key, _sent_at, _envelope_id, _position",
            self.history
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(split.iter().map(|split| split.key.as_str()).collect::<Vec<_>>())
            .bind(split.iter().map(|split| split.since).collect::<Vec<_>>())
            .bind(split.iter().map(|split| split.until).collect::<Vec<_>>())
            .fetch_all(connection)
            .await?;
        rows.iter().map(read_version).collect::<Result<_, _>>().map_err(StoreError::Sql)
    }

    /// The neighbours of these sightings of entities: versions, oldest first, each once: the one that begins last
    /// before a sighting or with it, and the one after it. As many rows are read as there are sightings, however long a
    /// history is.
    ///
    /// * `sightings`: each with the key of its entity, which has a row in the current table
    pub async fn neighbouring_versions(
        &self,
        connection: &mut Connection,
        sightings: &[(&str, Sighting)],
    ) -> Result<Vec<StoredVersion>, StoreError> {
        if sightings.is_empty() {
            return Ok(Vec::new());
        }
        let mut of_key: HashMap<&str, Vec<usize>> = HashMap::new();
        for (n, (key, _)) in sightings.iter().enumerate() {
            of_key.entry(key).or_default().push(n + 1);
        }
        // A lateral subquery with a limit may refer to a row of a table that is distributed alike, and to no list.
        let sql = format!(
            "select {VERSION}, bool_or(is_before) as is_followed
             from (select c._key as k, jsonb_array_elements_text($1 -> c._key)::integer as i
                   from {table} c where c._key = any($2)) as n
             cross join lateral (
                 (select {VERSION}, true as is_before from {history} t
                  where t._key = n.k and (t._sent_at, t._envelope_id, t._position)
                                         <= (($3::timestamptz[])[n.i], ($4::uuid[])[n.i], ($5::integer[])[n.i])
                  order by t._sent_at desc, t._envelope_id desc, t._position desc limit 1)
                 union all
                 (select {VERSION}, false from {history} t
                  where t._key = n.k and (t._sent_at, t._envelope_id, t._position)
                                         > (($3::timestamptz[])[n.i], ($4::uuid[])[n.i], ($5::integer[])[n.i])
                  order by t._sent_at, t._envelope_id, t._position limit 1)
             ) as v
             group by {VERSION}
             order by _key, _sent_at, _envelope_id, _position",
            table = self.table,
            history = self.history
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(Json(&of_key))
            .bind(of_key.keys().copied().collect::<Vec<_>>())
            .bind(sightings.iter().map(|(_, at)| at.sent_at).collect::<Vec<_>>())
            .bind(sightings.iter().map(|(_, at)| at.envelope_id).collect::<Vec<_>>())
            .bind(sightings.iter().map(|(_, at)| at.position).collect::<Vec<_>>())
            .fetch_all(connection)
            .await?;
        rows.iter().map(read_version).collect::<Result<_, _>>().map_err(StoreError::Sql)
    }
}

/// The same of `v`, where another table has columns of these names too.
const VERSION_OF_V: &str = "v._key, v._hash, v._sent_at, v._envelope_id, v._position, v._first_received_at, \
                            v._valid_to, v._last_sent_at, v._last_envelope_id, v._last_position, \
                            v._last_received_at";

/// The columns of a version, without its content.
const VERSION: &str = "_key, _hash, _sent_at, _envelope_id, _position, _first_received_at, _valid_to, _last_sent_at, \
                       _last_envelope_id, _last_position, _last_received_at";

fn read_current(row: &PgRow) -> sqlx::Result<Row<String>> {
    Ok(Row {
        key: row.try_get("_key")?,
        hash: row.try_get("_hash")?,
        first_received_at: row.try_get("_first_received_at")?,
        changed_at: row.try_get("_changed_at")?,
        latest: read_sighting(row, ["_sent_at", "_envelope_id", "_position", "_last_received_at"])?,
    })
}

fn read_version(row: &PgRow) -> sqlx::Result<StoredVersion> {
    let last_sent_at: Option<DateTime<Utc>> = row.try_get("_last_sent_at")?;
    let last = ["_last_sent_at", "_last_envelope_id", "_last_position", "_last_received_at"];
    let last = last_sent_at.map(|_| read_sighting(row, last)).transpose()?;
    let bounds = VersionBounds {
        key: row.try_get("_key")?,
        hash: row.try_get("_hash")?,
        first: read_sighting(row, ["_sent_at", "_envelope_id", "_position", "_first_received_at"])?,
        valid_to: row.try_get("_valid_to")?,
        last,
    };
    Ok(StoredVersion { bounds, is_followed: row.try_get("is_followed")? })
}
