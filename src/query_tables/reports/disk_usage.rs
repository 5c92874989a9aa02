//! The disk space of each sync, with indexes and values that are stored out of line.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::store::{Connection, Store, StoreError};

/// Tables that all syncs share are sampled above this many pages of 8 kB.
const SAMPLED_PAGES: f64 = 20_000.0;

/// Bytes on disk of one sync.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sizes {
    pub table: i64,
    pub history: i64,
    /// Its share of `polysink.records`.
    pub ledger: i64,
    /// Its share of `polysink.envelopes`.
    pub raw_log: i64,
}

impl Sizes {
    pub fn total(&self) -> i64 {
        self.table + self.history + self.ledger + self.raw_log
    }
}

/// The sizes of all syncs, by their ids. Tables that they share are divided by the bytes of each sync's rows, which are
/// sampled in large ones.
pub async fn of_syncs(store: &Store) -> Result<HashMap<Uuid, Sizes>, StoreError> {
    let mut session = store.begin().await?;
    let ledger = shares(&mut session, "polysink.records").await?;
    let raw_log = shares(&mut session, "polysink.envelopes").await?;
    let syncs: Vec<(Uuid, i64, i64)> = sqlx::query_as(
        "select sync_id, coalesce(pg_total_relation_size(to_regclass(format('synced.%I', table_name))), 0),
                coalesce(pg_total_relation_size(to_regclass(format('synced.%I', table_name || '_history'))), 0)
         from polysink.syncs",
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    let share = |of: &HashMap<Uuid, i64>, sync_id| of.get(&sync_id).copied().unwrap_or_default();
    let sizes = syncs.into_iter().map(|(sync_id, table, history)| {
        let (ledger, raw_log) = (share(&ledger, sync_id), share(&raw_log, sync_id));
        (sync_id, Sizes { table, history, ledger, raw_log })
    });
    Ok(sizes.collect())
}

/// Divides the bytes of a table among the syncs, by the bytes of their rows.
///
/// * `table`: with its partitions, if it has any
async fn shares(connection: &mut Connection, table: &'static str) -> Result<HashMap<Uuid, i64>, StoreError> {
    let (bytes, pages): (i64, f64) = sqlx::query_as(
        "select coalesce(sum(pg_total_relation_size(t.relid)), 0)::bigint,
                coalesce(sum(pg_relation_size(t.relid)), 0)::float8 / current_setting('block_size')::float8
         from (select to_regclass($1) as relid union select relid from pg_partition_tree(to_regclass($1))) as t",
    )
    .bind(table)
    .fetch_one(&mut *connection)
    .await?;
    let percent = (100.0 * SAMPLED_PAGES / pages.max(1.0)).min(100.0);
    let sql = format!(
        "with rows as (
             select sync_id, sum(pg_column_size(t.*)) as bytes
             from {table} as t tablesample system ($1) group by sync_id
         )
         select sync_id, ($2 * bytes / nullif(sum(bytes) over (), 0))::bigint from rows"
    );
    let rows: Vec<(Option<Uuid>, Option<i64>)> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(percent).bind(bytes).fetch_all(connection).await?;
    Ok(rows.into_iter().filter_map(|(sync_id, bytes)| Some((sync_id?, bytes?))).collect())
}
