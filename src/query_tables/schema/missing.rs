//! The schema of the query tables, and tables that are gone or left over.

use crate::model::SyncId;
use crate::store::{Store, StoreError};

/// Makes the schema of the query tables again after an operator has dropped it, or has restored schema `polysink`
/// alone. Returns whether it was missing.
pub async fn restore_schema(store: &Store) -> Result<bool, StoreError> {
    let mut session = store.begin().await?;
    let missing = sqlx::query_scalar!(r#"select to_regnamespace('synced') is null as "missing!""#);
    let missing = missing.fetch_one(&mut *session).await?;
    if missing {
        // Two services may do this at the same time.
        sqlx::raw_sql(
            "create schema if not exists synced;
             comment on schema synced is
                 'One table per Polytomic sync. Everything here can be rebuilt from schema polysink.'",
        )
        .execute(&mut *session)
        .await?;
    }
    session.commit().await?;
    Ok(missing)
}

/// Syncs that have had a query table, or a history, and do not have it any more. One whose table's name a relation has
/// that polysink did not create is left out.
pub async fn syncs_without_tables(store: &Store) -> Result<Vec<SyncId>, StoreError> {
    let mut session = store.begin().await?;
    let syncs = sqlx::query_scalar!(
        "select s.sync_id
         from polysink.syncs s
         cross join lateral (values (s.table_name, true), (s.table_name || '_history',
         s.identity is not null)) as t (name, due)
         where t.due
           and exists (select from polysink.fields f where f.sync_id = s.sync_id and f.column_type is not null)
           and not exists (select from pg_catalog.pg_class c
                           where c.relnamespace = to_regnamespace('synced') and c.relname = t.name)
         group by s.sync_id"
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(syncs.into_iter().map(SyncId).collect())
}

/// Tables that polysink made and no sync has: they were renamed, for example.
pub async fn tables_of_no_sync(store: &Store) -> Result<Vec<String>, StoreError> {
    let mut session = store.begin().await?;
    let tables = sqlx::query_scalar!(
        r#"select c.oid::regclass::text as "table!"
           from pg_catalog.pg_class c
           where c.relnamespace = to_regnamespace('synced') and c.relkind in ('r', 'p')
             and (select count(*) from pg_catalog.pg_attribute a
                  where a.attrelid = c.oid and not a.attisdropped
                    and a.attname in ('_key', '_hash', '_envelope_id', '_position')) = 4
             and not exists (select from polysink.syncs s
                             where c.relname in (s.table_name, s.table_name || '_history'))
           order by c.relname"#
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(tables)
}
