//! Finds and deletes all rows of entities.

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;

use crate::query_tables::{QueryTables, Side};
use crate::store::{Connection, StoreError};

/// The entities' data in the query tables.
#[derive(Debug, Clone, Default)]
pub struct EntityTraces {
    /// The keys that have a row or a version.
    pub keys: BTreeSet<String>,
    pub rows: u64,
    pub versions: u64,
    /// The hashes of their records.
    pub hashes: BTreeSet<String>,
}

impl QueryTables {
    /// Their names, quoted.
    pub fn names(&self) -> [String; 2] {
        [self.table.to_string(), self.history.to_string()]
    }

    /// The data of the entities with these keys.
    pub async fn traces(&self, connection: &mut Connection, keys: &[&str]) -> Result<EntityTraces, StoreError> {
        let mut traces = EntityTraces::default();
        for (side, relation) in self.existing(connection).await? {
            let sql = format!("select _key, _hash from {relation} where _key = any($1)");
            let rows: Vec<(String, String)> =
                sqlx::query_as(AssertSqlSafe(sql)).bind(keys).fetch_all(&mut *connection).await?;
            match side {
                Side::Current => traces.rows = rows.len() as u64,
                Side::History => traces.versions = rows.len() as u64,
            }
            for (key, hash) in rows {
                traces.keys.insert(key);
                traces.hashes.insert(hash);
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
