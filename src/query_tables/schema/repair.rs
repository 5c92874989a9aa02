//! Repairs query tables that an operator changed, so that they match the catalogue again.

use std::collections::HashMap;

use super::ddl;
use super::inspect::actual_columns;
use super::lock_wait::LockWait;
use crate::columns::{Catalogue, ColumnType, Rows};
use crate::query_tables::{Ident, QueryTables, Relation, Side, execute};
use crate::store::tx::savepoint;
use crate::store::{Connection, StoreError};

impl QueryTables {
    /// Repairs what an operator changed: adds dropped columns, changes types back, replaces a dropped primary key. Marks fields whose
    /// rows need a backfill then. Returns what was done, in words.
    ///
    /// In the caller's transaction, like [`QueryTables::reshape`].
    ///
    /// * `wait`: for a lock that another session holds
    pub async fn repair(
        &self,
        connection: &mut Connection,
        catalogue: &mut Catalogue,
        wait: LockWait,
    ) -> Result<Vec<String>, StoreError> {
        let usual = self.limit_wait(connection, wait).await?;
        let mut done = Vec::new();
        let mut actual: Vec<(Side, &Relation, HashMap<String, String>)> = Vec::new();
        for (side, relation) in self.existing(connection).await? {
            actual.push((side, relation, actual_columns(connection, relation).await?));
        }
        // A type that an operator chose stays if it is one of polysink's.
        for field in catalogue.fields_mut().filter(|field| field.column_type.is_some()) {
            let mut found = actual.iter().map(|(.., columns)| columns.get(&field.column_name));
            let first = found.next().flatten();
            if let Some(column_type) = first.and_then(|name| ColumnType::named(name))
                && field.column_type != Some(column_type)
                && found.all(|other| other == first)
            {
                done.push(format!("column {} is now {}", field.column_name, column_type.as_str()));
                field.column_type = Some(column_type);
                field.needs_backfill = Some(Rows::All);
            }
        }
        for (side, relation, actual) in actual {
            if let Some(lost) = side.system_columns().iter().find(|column| !actual.contains_key(column.name)) {
                return Err(StoreError::Damaged(relation.to_string(), lost.name.to_owned()));
            }
            let mut changed = false;
            for field in catalogue.fields_mut() {
                let Some(column_type) = field.column_type else { continue };
                let name = Ident(&field.column_name);
                let (sql, what) = match actual.get(&field.column_name) {
                    None => (ddl::restore_column(relation, name, column_type), "was dropped".to_owned()),
                    Some(found) if found != column_type.as_str() => {
                        (ddl::restore_type(relation, name, column_type), format!("was {found}"))
                    }
                    Some(_) => continue,
                };
                savepoint::mark(connection).await?;
                let restored = execute(connection, sql).await;
                // A view depends on it, for example. The operator keeps the column, and the field gets another.
                if savepoint::conclude_if(connection, restored, StoreError::is_refusal).await?.is_err() {
                    field.column_type = None;
                }
                done.push(format!("column {} of {relation} {what}", field.column_name));
                field.needs_backfill = Some(Rows::All);
                changed = true;
            }
            if changed {
                self.comment(connection, catalogue, side).await?;
            }
            if !has_unique(connection, relation, side.primary_key()).await? {
                execute(connection, ddl::unique_index(relation, side)).await?;
                done.push(format!("{relation} had no unique key"));
            }
        }
        usual.restore(connection).await?;
        Ok(done)
    }
}

/// Whether a unique index covers exactly these columns.
async fn has_unique(connection: &mut Connection, relation: &Relation, key: &[&str]) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar(
        "select exists (
             select from pg_catalog.pg_index i
             where i.indrelid = to_regclass($1) and i.indisunique and i.indisvalid and i.indpred is null
               and (select array_agg(a.attname::text order by a.attname::text) from unnest(i.indkey::smallint[]) as k (n)
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
