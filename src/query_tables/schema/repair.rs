//! Repairs query tables that an operator changed, so that they match the catalogue again.

use super::ddl;
use super::diff::{ActualTable, Drift, diff};
use super::lock_wait::LockWait;
use crate::columns::{Catalogue, Rows};
use crate::query_tables::{Ident, QueryTables, execute};
use crate::store::tx::savepoint;
use crate::store::{Connection, StoreError};

impl QueryTables {
    /// Repairs what an operator changed: adds dropped columns, changes types back, replaces a dropped primary key.
    /// Marks fields whose rows need a backfill then. Returns what was done, in words.
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
        let actual = self.actual(connection).await?;
        let mut done = take_over_types(catalogue, &actual);
        for table in &actual {
            let relation = self.relation(table.side);
            let mut restored = false;
            for drift in diff(catalogue, table) {
                let (column, sql, what) = match drift {
                    Drift::NoSystemColumn(name) => {
                        return Err(StoreError::Damaged(relation.to_string(), name.to_owned()));
                    }
                    Drift::NoUniqueKey => {
                        execute(connection, ddl::unique_index(relation, table.side)).await?;
                        done.push(format!("{relation} had no unique key"));
                        continue;
                    }
                    Drift::NoColumn(name, wanted) => {
                        let sql = ddl::restore_column(relation, Ident(&name), wanted);
                        (name, sql, "was dropped".to_owned())
                    }
                    Drift::OtherType(name, found, wanted) => {
                        let sql = ddl::restore_type(relation, Ident(&name), wanted);
                        (name, sql, format!("was {found}"))
                    }
                };
                savepoint::mark(connection).await?;
                let executed = execute(connection, sql).await;
                // A view depends on it, for example. The operator keeps the column, and the field gets another.
                let refused = savepoint::conclude_if(connection, executed, StoreError::is_refusal).await?.is_err();
                for field in catalogue.fields_mut().filter(|field| field.column_name == column) {
                    field.needs_backfill = Some(Rows::All);
                    if refused {
                        field.column_type = None;
                    }
                }
                done.push(format!("column {column} of {relation} {what}"));
                restored = true;
            }
            if restored {
                self.comment(connection, catalogue, table.side).await?;
            }
        }
        usual.restore(connection).await?;
        Ok(done)
    }
}

/// Lets columns have the types that an operator chose, if they are polysink's and the same in both tables. Returns what
/// was done, in words.
fn take_over_types(catalogue: &mut Catalogue, actual: &[ActualTable]) -> Vec<String> {
    let mut done = Vec::new();
    for field in catalogue.fields_mut().filter(|field| field.column_type.is_some()) {
        let mut found = actual.iter().map(|table| table.columns.get(&field.column_name));
        let first = found.next().flatten();
        if let Some(column_type) = first.and_then(|name| name.parse().ok())
            && field.column_type != Some(column_type)
            && found.all(|other| other == first)
        {
            done.push(format!("column {} is now {}", field.column_name, column_type.as_str()));
            field.column_type = Some(column_type);
            field.needs_backfill = Some(Rows::All);
        }
    }
    done
}
