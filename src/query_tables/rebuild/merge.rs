//! Makes one table the same as another.

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;

use crate::columns::Catalogue;
use crate::query_tables::rows::upsert::column_names;
use crate::query_tables::rows::write::attempt;
use crate::query_tables::{Ident, QueryTables, Relation, Shadow, Side, columns};
use crate::store::{Bisection, Connection, StoreError};

impl Shadow {
    /// Makes the query tables the same as the shadow's, in the caller's transaction. Readers see the old content until
    /// it commits; equal rows are not written. Rows that an operator's constraint refuses stay as they were.
    pub async fn merge(
        &self,
        connection: &mut Connection,
        into: &QueryTables,
        catalogue: &Catalogue,
    ) -> Result<Refused, StoreError> {
        let (_, has_history) = into.exist(connection).await?;
        let mut refused = Refused::default();
        for statement in merge_statements(&self.tables.table, &into.table, catalogue, Side::Current) {
            run_by_keys(connection, &statement, [&self.tables.table, &into.table], &mut refused).await?;
        }
        if has_history {
            for statement in merge_statements(&self.tables.history, &into.history, catalogue, Side::History) {
                run_by_keys(connection, &statement, [&self.tables.history, &into.history], &mut refused).await?;
            }
        }
        Ok(refused)
    }
}

/// The rows that the query tables refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    /// The entities' keys.
    pub keys: BTreeSet<String>,
    /// The error of the first.
    pub why: Option<String>,
    /// Whether some did not fit: an index, for example.
    pub too_large: bool,
}

/// A statement on the rows of all keys, and the same for a list of keys.
struct ByKeys {
    all: String,
    listed: String,
}

/// The statements that make one table the same as another: delete surplus rows, insert or update the others.
fn merge_statements(from: &Relation, into: &Relation, catalogue: &Catalogue, side: Side) -> [ByKeys; 2] {
    let names = column_names(side, &columns(catalogue));
    let key: Vec<String> = side.primary_key().iter().map(|name| Ident(name).to_string()).collect();
    let same: Vec<String> = key.iter().map(|name| format!("s.{name} = t.{name}")).collect();
    let delete = format!("delete from {into} t where not exists (select from {from} s where {})", same.join(" and "));
    let others: Vec<&String> = names.iter().filter(|name| !key.contains(name)).collect();
    let list = |prefix: &str| others.iter().map(|name| format!("{prefix}{name}")).collect::<Vec<_>>().join(", ");
    let sets: Vec<String> = others.iter().map(|name| format!("{name} = excluded.{name}")).collect();
    let all = names.join(", ");
    let insert = format!("insert into {into} as t ({all}) select {all} from {from} s");
    let update = format!(
        "on conflict ({}) do update set {} where ({}) is distinct from ({})",
        key.join(", "),
        sets.join(", "),
        list("t."),
        list("excluded."),
    );
    [
        ByKeys { listed: format!("{delete} and t._key = any($1)"), all: delete },
        ByKeys {
            all: format!("{insert} where true {update}"),
            listed: format!("{insert} where s._key = any($1) {update}"),
        },
    ]
}

/// Runs a statement on all keys. If it fails on the data, bisects the keys until each failing one stands alone.
async fn run_by_keys(
    connection: &mut Connection,
    statement: &ByKeys,
    relations: [&Relation; 2],
    refused: &mut Refused,
) -> Result<(), StoreError> {
    if attempt(connection, sqlx::query(AssertSqlSafe(statement.all.clone()))).await?.is_none() {
        return Ok(());
    }
    let [one, other] = relations;
    let sql = format!("select _key from {one} union select _key from {other} order by 1");
    let keys: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut *connection).await?;
    let mut bisection = Bisection::of(&keys);
    while let Some(part) = bisection.next_part() {
        let query = sqlx::query(AssertSqlSafe(statement.listed.clone())).bind(part);
        let Some(error) = attempt(connection, query).await? else { continue };
        for key in bisection.failed(part) {
            refused.keys.insert(key.clone());
            refused.why.get_or_insert_with(|| error.to_string());
            refused.too_large |= error.is_too_large();
        }
    }
    Ok(())
}
