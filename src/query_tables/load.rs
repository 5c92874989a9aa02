//! Reads rows of the query tables.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row as _};

use super::QueryTables;
use super::place::read_sighting;
use crate::history::{Current, StoredVersion};
use crate::store::{Connection, StoreError};

impl QueryTables {
    /// The existing rows with these keys.
    pub async fn current(&self, connection: &mut Connection, keys: &[&str]) -> Result<Vec<Current>, StoreError> {
        let sql = format!(
            "select _key, _hash, _first_received_at, _changed_at, _sent_at, _envelope_id, _position, _last_received_at
             from {} where _key = any($1)",
            self.table
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(keys).fetch_all(connection).await?;
        rows.iter().map(read_current).collect::<Result<_, _>>().map_err(StoreError::Sql)
    }

    /// The versions with these keys that last, or ended at `since` or later, oldest first.
    pub async fn versions(
        &self,
        connection: &mut Connection,
        keys: &[&str],
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<StoredVersion>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "select _key, _hash, _sent_at, _envelope_id, _position, _first_received_at, _valid_to, _last_sent_at,
                    _last_envelope_id, _last_position, _last_received_at
             from {} where _key = any($1) and (_valid_to is null or _valid_to >= $2)
             order by _key, _sent_at, _envelope_id, _position",
            self.history
        );
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(keys).bind(since).fetch_all(connection).await?;
        rows.iter().map(read_version).collect::<Result<_, _>>().map_err(StoreError::Sql)
    }
}

fn read_current(row: &PgRow) -> sqlx::Result<Current> {
    Ok(Current {
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
    Ok(StoredVersion {
        key: row.try_get("_key")?,
        hash: row.try_get("_hash")?,
        first: read_sighting(row, ["_sent_at", "_envelope_id", "_position", "_first_received_at"])?,
        valid_to: row.try_get("_valid_to")?,
        last,
    })
}
