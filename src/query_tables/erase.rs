//! Finds and deletes all rows of entities.

use std::collections::BTreeSet;

use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row as _};

use super::{QueryTables, Side};
use crate::store::{Connection, LogPlace, StoreError};

/// What the query tables have of entities.
#[derive(Debug, Clone, Default)]
pub struct EntityTraces {
    /// The keys that have a row or a version.
    pub keys: BTreeSet<String>,
    pub rows: u64,
    pub versions: u64,
    /// Of their records.
    pub hashes: BTreeSet<String>,
    /// The deliveries of the first and the last sighting of each version.
    pub places: BTreeSet<LogPlace>,
}

impl QueryTables {
    /// Their names, quoted.
    pub fn names(&self) -> [String; 2] {
        [self.table.to_string(), self.history.to_string()]
    }

    /// What there is of the entities with these keys.
    pub async fn traces(&self, connection: &mut Connection, keys: &[&str]) -> Result<EntityTraces, StoreError> {
        let mut traces = EntityTraces::default();
        for (side, relation) in self.existing(connection).await? {
            let (last, since) = match side {
                Side::Current => ("_envelope_id", "_last_received_at"),
                Side::History => ("_last_envelope_id", "_first_received_at"),
            };
            let sql = format!(
                "select _key, _hash, _envelope_id, {since} as received_at, {last} as last_envelope_id,
                        _last_received_at as last_received_at
                 from {relation} where _key = any($1)"
            );
            let rows = sqlx::query(AssertSqlSafe(sql)).bind(keys).fetch_all(&mut *connection).await?;
            for row in &rows {
                traces.add(row)?;
            }
            match side {
                Side::Current => traces.rows = rows.len() as u64,
                Side::History => traces.versions = rows.len() as u64,
            }
        }
        Ok(traces)
    }

    /// Deletes the entities with these keys. Returns how many rows, and how many versions.
    pub async fn erase(&self, connection: &mut Connection, keys: &[&str]) -> Result<(u64, u64), StoreError> {
        let (mut rows, mut versions) = (0, 0);
        for (side, relation) in self.existing(connection).await? {
            let sql = format!("delete from {relation} where _key = any($1)");
            let deleted = sqlx::query(AssertSqlSafe(sql)).bind(keys).execute(&mut *connection).await?.rows_affected();
            match side {
                Side::Current => rows = deleted,
                Side::History => versions = deleted,
            }
        }
        Ok((rows, versions))
    }
}

impl EntityTraces {
    fn add(&mut self, row: &PgRow) -> sqlx::Result<()> {
        self.keys.insert(row.try_get("_key")?);
        self.hashes.insert(row.try_get("_hash")?);
        self.places
            .insert(LogPlace { received_at: row.try_get("received_at")?, envelope_id: row.try_get("_envelope_id")? });
        if let Some(envelope_id) = row.try_get("last_envelope_id")? {
            self.places.insert(LogPlace { received_at: row.try_get("last_received_at")?, envelope_id });
        }
        Ok(())
    }
}
