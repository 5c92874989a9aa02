//! Citus: which tables are distributed over the nodes, and by which column.
//!
//! Its catalogs exist only with the extension, so these statements are checked when they run.

use sqlx::{AssertSqlSafe, Row as _};

use super::{Connection, Role, Store, StoreError};

/// How a table is distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    /// Whole, on each node.
    Reference,
    /// In shards, by the hash of a column.
    By(&'static str),
    /// The same, with rows of one value on the node where the other table has them.
    With(&'static str, &'static str),
}

/// The tables of schema `polysink` that are distributed, in this order. The others stay on the coordinator: they are
/// small, or belong to one sync.
pub const TABLES: [(&str, Distribution); 8] = [
    ("syncs", Distribution::Reference),
    ("fields", Distribution::Reference),
    ("records", Distribution::By("hash")),
    ("replay_counts", Distribution::With("hash", "polysink.records")),
    ("envelopes", Distribution::By("envelope_id")),
    ("heads", Distribution::With("envelope_id", "polysink.envelopes")),
    ("backlog", Distribution::With("envelope_id", "polysink.envelopes")),
    ("replaying", Distribution::With("envelope_id", "polysink.envelopes")),
];

/// Query tables, present and future.
pub const QUERY_TABLES: Distribution = Distribution::With("_key", "polysink.records");

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitusCluster {
    /// The extension's version.
    pub version: String,
    /// Nodes that hold shards.
    pub nodes: i64,
    /// Whether the coordinator is known to the other nodes, as joins of local and reference tables need.
    pub has_coordinator: bool,
}

/// A table that is to be distributed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undistributed {
    /// With its schema, quoted.
    pub relation: String,
    pub distribution: Distribution,
    /// With its indexes and partitions.
    pub bytes: i64,
}

/// The cluster; `None` on a server without the extension.
pub async fn cluster(connection: &mut Connection) -> Result<Option<CitusCluster>, StoreError> {
    let version = sqlx::query_scalar!("select extversion from pg_catalog.pg_extension where extname = 'citus'");
    let Some(version) = version.fetch_optional(&mut *connection).await? else { return Ok(None) };
    let sql = "select count(*) filter (where shouldhaveshards and isactive),
                      coalesce(bool_or(groupid = 0), false)
               from pg_catalog.pg_dist_node where noderole = 'primary'";
    let row = sqlx::query(sql).fetch_one(connection).await?;
    Ok(Some(CitusCluster { version, nodes: row.try_get(0)?, has_coordinator: row.try_get(1)? }))
}

/// Whether polysink's tables are distributed, as far as a new query table is concerned.
pub async fn is_in_use(connection: &mut Connection) -> Result<bool, StoreError> {
    let has_catalog = sqlx::query_scalar!(
        r#"select to_regclass('pg_catalog.pg_dist_partition') is not null
               and to_regclass('polysink.records') is not null as "has!""#
    );
    if !has_catalog.fetch_one(&mut *connection).await? {
        return Ok(false);
    }
    let sql = "select exists (select from pg_catalog.pg_dist_partition
                              where logicalrelid = 'polysink.records'::regclass and partmethod = 'h')";
    Ok(sqlx::query_scalar(sql).fetch_one(connection).await?)
}

/// Those of these tables that exist and are not distributed, with their sizes.
///
/// * `tables`: schema and name of each
pub async fn undistributed(
    connection: &mut Connection,
    tables: &[(String, String, Distribution)],
) -> Result<Vec<Undistributed>, StoreError> {
    let schemas: Vec<&str> = tables.iter().map(|(schema, ..)| schema.as_str()).collect();
    let names: Vec<&str> = tables.iter().map(|(_, name, _)| name.as_str()).collect();
    let sql = "select t.n, format('%I.%I', t.schema, t.name),
                      (select coalesce(sum(pg_total_relation_size(i.relid)), pg_total_relation_size(c.oid))::int8
                       from pg_partition_tree(c.oid) as i)
               from unnest($1::text[], $2::text[]) with ordinality as t (schema, name, n)
               join pg_catalog.pg_class c on c.relname = t.name and c.relnamespace = to_regnamespace(t.schema)
                                             and c.relkind in ('r', 'p')
               where not exists (select from pg_catalog.pg_dist_partition d
                                 where d.logicalrelid = c.oid
                                   -- Citus may know a table that stays on the coordinator.
                                   and (d.partmethod = 'h' or d.partmethod = 'n' and d.repmodel = 't'))
               order by t.n";
    let rows = sqlx::query(sql).bind(schemas).bind(names).fetch_all(connection).await?;
    let table = |row: &sqlx::postgres::PgRow| {
        let n: i64 = row.try_get(0)?;
        let (.., distribution) = tables[usize::try_from(n).unwrap_or(1) - 1];
        Ok(Undistributed { relation: row.try_get(1)?, distribution, bytes: row.try_get(2)? })
    };
    rows.iter().map(table).collect::<Result<_, sqlx::Error>>().map_err(StoreError::from)
}

/// Distributes a table, in the session's transaction: copies its rows to the nodes.
///
/// * `shards`: how many, if it is distributed with no other; `None` for the server's setting
pub async fn distribute(
    connection: &mut Connection,
    relation: &str,
    distribution: Distribution,
    shards: Option<u16>,
) -> Result<(), StoreError> {
    // It says what it does in notices, which the log would have.
    sqlx::raw_sql("set local client_min_messages = warning").execute(&mut *connection).await?;
    match distribution {
        Distribution::Reference => {
            sqlx::query("select create_reference_table($1::regclass)").bind(relation).execute(connection).await?;
        }
        Distribution::With(column, other) => {
            let sql = "select create_distributed_table($1::regclass, $2, colocate_with => $3)";
            sqlx::query(sql).bind(relation).bind(column).bind(other).execute(connection).await?;
        }
        Distribution::By(column) => {
            let sql = match shards {
                Some(shards) => format!("select create_distributed_table($1::regclass, $2, shard_count => {shards})"),
                None => "select create_distributed_table($1::regclass, $2)".to_owned(),
            };
            sqlx::query(AssertSqlSafe(sql)).bind(relation).bind(column).execute(connection).await?;
        }
    }
    Ok(())
}

/// Frees the space of a table's rows that were copied to the nodes.
pub async fn truncate_local(connection: &mut Connection, relation: &str) -> Result<(), StoreError> {
    let sql = "select truncate_local_data_after_distributing_table($1::regclass)";
    sqlx::query(sql).bind(relation).execute(connection).await?;
    Ok(())
}

/// How many bytes the copies in progress have written to the nodes.
pub async fn copied(store: &Store) -> Result<i64, StoreError> {
    let mut session = store.for_role(Role::Monitor).begin().await?;
    let sql = "select coalesce(sum(result::int8) filter (where success), 0)::int8
               from run_command_on_workers('select coalesce(sum(bytes_processed), 0) from pg_stat_progress_copy')";
    let copied = sqlx::query_scalar(sql).fetch_one(&mut *session).await?;
    session.commit().await?;
    Ok(copied)
}
