//! The query tables as the database has them.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;

use super::diff::ActualTable;
use crate::query_tables::{QueryTables, Relation, Side};
use crate::store::{Connection, Store, StoreError};

impl QueryTables {
    /// Whether the table and its history exist. A relation that polysink did not create does not count: it has no
    /// `_key`, or is not a table.
    pub async fn exist(&self, connection: &mut Connection) -> Result<(bool, bool), StoreError> {
        let found = sqlx::query_as(
            "select coalesce(bool_or(c.relname = $2), false), coalesce(bool_or(c.relname = $3), false)
             from pg_catalog.pg_class c
             where c.relnamespace = to_regnamespace($1) and c.relname in ($2, $3) and c.relkind in ('r', 'p')
               and exists (select from pg_catalog.pg_attribute a
                           where a.attrelid = c.oid and a.attname = '_key' and not a.attisdropped)",
        )
        .bind(self.table.schema)
        .bind(&self.table.name)
        .bind(&self.history.name)
        .fetch_one(connection)
        .await?;
        Ok(found)
    }

    /// The relation that has the name of a query table which does not exist: the name, and the kind of relation.
    pub async fn occupied(&self, connection: &mut Connection) -> Result<Option<(Relation, String)>, StoreError> {
        let (has_table, has_history) = self.exist(connection).await?;
        for relation in
            [(!has_table).then_some(&self.table), (!has_history).then_some(&self.history)].into_iter().flatten()
        {
            let what: Option<String> = sqlx::query_scalar(
                "select case c.relkind when 'r' then 'table' when 'p' then 'table' when 'v' then 'view'
                                       when 'm' then 'materialized view' when 'i' then 'index' when 'I' then 'index'
                                       when 'S' then 'sequence' when 'f' then 'foreign table' else 'type' end
                 from pg_catalog.pg_class c where c.relnamespace = to_regnamespace($1) and c.relname = $2
                 union all
                 select 'type' from pg_catalog.pg_type t where t.typnamespace = to_regnamespace($1) and t.typname = $2
                 limit 1",
            )
            .bind(relation.schema)
            .bind(&relation.name)
            .fetch_optional(&mut *connection)
            .await?;
            if let Some(what) = what {
                return Ok(Some((relation.clone(), what)));
            }
        }
        Ok(None)
    }

    /// The tables that exist.
    pub(in crate::query_tables) async fn existing(
        &self,
        connection: &mut Connection,
    ) -> Result<Vec<(Side, &Relation)>, StoreError> {
        let (has_table, has_history) = self.exist(connection).await?;
        let sides = [has_table.then_some(Side::Current), has_history.then_some(Side::History)];
        Ok(sides.into_iter().flatten().map(|side| (side, self.relation(side))).collect())
    }

    /// The tables that exist, as they are.
    pub(in crate::query_tables) async fn actual(
        &self,
        connection: &mut Connection,
    ) -> Result<Vec<ActualTable>, StoreError> {
        let mut actual = Vec::new();
        for (side, relation) in self.existing(connection).await? {
            let columns = actual_columns(connection, relation).await?;
            let has_unique_key = has_unique(connection, relation, side.primary_key()).await?;
            actual.push(ActualTable { side, columns, has_unique_key });
        }
        Ok(actual)
    }

    /// The number of rows of the larger table, counted up to a limit.
    pub async fn rows_up_to(&self, connection: &mut Connection, limit: i64) -> Result<i64, StoreError> {
        let mut most = 0;
        for (_, relation) in self.existing(connection).await? {
            let sql = format!("select count(*) from (select 1 from {relation} limit $1) as counted");
            let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).bind(limit).fetch_one(&mut *connection).await?;
            most = most.max(rows);
        }
        Ok(most)
    }

    /// The number of rows of the current table.
    pub async fn rows(&self, connection: &mut Connection) -> Result<i64, StoreError> {
        let sql = format!("select count(*) from {}", self.table);
        Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await?)
    }
}

/// The number of rows of a current table; 0 if it does not exist.
pub async fn row_count(store: &Store, tables: &QueryTables) -> Result<i64, StoreError> {
    let mut session = store.begin().await?;
    let rows = if tables.exist(&mut session).await?.0 { tables.rows(&mut session).await? } else { 0 };
    session.commit().await?;
    Ok(rows)
}

/// Whether something depends on a column, such as an index or a view, or a privilege is on it alone.
pub(in crate::query_tables) async fn has_dependents(
    connection: &mut Connection,
    relation: &Relation,
    column: &str,
) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar(
        "select exists (
             select from pg_catalog.pg_attribute a
             where a.attrelid = to_regclass($1) and a.attname = $2
               and (a.attacl is not null
                    or exists (select from pg_catalog.pg_depend d
                               where d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid
                               and d.refobjsubid = a.attnum))
         )",
    )
    .bind(relation.to_string())
    .bind(column)
    .fetch_one(connection)
    .await?;
    Ok(found)
}

/// A table's columns with their types, whoever created them.
pub(in crate::query_tables) async fn actual_columns(
    connection: &mut Connection,
    relation: &Relation,
) -> Result<HashMap<String, String>, StoreError> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select attname::text,
                case when a.atttypid = 'timestamptz'::regtype then 'timestamptz'
                     when a.atttypid = 'timestamp'::regtype then 'timestamp'
                     -- `quote_all_identifiers` would quote their printed names.
                     when a.atttypmod = -1 and a.atttypid = 'boolean'::regtype then 'boolean'
                     when a.atttypmod = -1 and a.atttypid = 'bigint'::regtype then 'bigint'
                     when a.atttypmod = -1 and a.atttypid = 'numeric'::regtype then 'numeric'
                     when a.atttypmod = -1 and a.atttypid = 'date'::regtype then 'date'
                     when a.atttypmod = -1 and a.atttypid = 'uuid'::regtype then 'uuid'
                     when a.atttypmod = -1 and a.atttypid = 'text'::regtype then 'text'
                     when a.atttypmod = -1 and a.atttypid = 'jsonb'::regtype then 'jsonb'
                     else format_type(a.atttypid, a.atttypmod) end
         from pg_catalog.pg_attribute a
         where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped",
    )
    .bind(relation.to_string())
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().collect())
}

/// Whether a unique index covers exactly these columns.
async fn has_unique(connection: &mut Connection, relation: &Relation, key: &[&str]) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar(
        "select exists (
             select from pg_catalog.pg_index i
             where i.indrelid = to_regclass($1) and i.indisunique and i.indisvalid and i.indpred is null
               and (select array_agg(a.attname::text order by a.attname::text)
               from unnest(i.indkey::smallint[]) as k (n)
                    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.n)
                   = (select array_agg(name order by name) from unnest($2::text[]) as name)
         )",
    )
    .bind(relation.to_string())
    .bind(key)
    .fetch_one(connection)
    .await?;
    Ok(found)
}
