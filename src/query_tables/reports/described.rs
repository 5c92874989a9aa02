//! The query tables with their columns and comments, from PostgreSQL's catalogue.

use crate::store::{Store, StoreError};

/// A query table.
#[derive(Debug, Clone)]
pub struct DescribedTable {
    pub name: String,
    pub comment: String,
    /// Whether it is a `_history` table.
    pub is_history: bool,
    /// In their order.
    pub columns: Vec<DescribedColumn>,
}

#[derive(Debug, Clone)]
pub struct DescribedColumn {
    pub name: String,
    pub sql_type: String,
    pub comment: String,
    /// Whether it is the column of a field of the identity.
    pub is_identity: bool,
}

/// The query tables of every sync, by name.
pub async fn tables(store: &Store) -> Result<Vec<DescribedTable>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query!(
        r#"select c.relname::text as "table!", coalesce(obj_description(c.oid, 'pg_class'), '') as "table_comment!",
                  c.relname <> s.table_name as "is_history!", a.attname::text as "name!",
                  format_type(a.atttypid, a.atttypmod) as "sql_type!",
                  coalesce(col_description(c.oid, a.attnum), '') as "comment!",
                  exists (select from polysink.fields f
                          where f.sync_id = s.sync_id and f.column_name = a.attname
                          and f.name = any (s.identity)) as "is_identity!"
           from polysink.syncs s
           join pg_catalog.pg_class c
             on c.relnamespace = to_regnamespace('synced') and c.relkind in ('r', 'p')
                and c.relname in (s.table_name, s.table_name || '_history')
           join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
           order by c.relname, a.attnum"#
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    let mut tables: Vec<DescribedTable> = Vec::new();
    for row in rows {
        if tables.last().is_none_or(|table| table.name != row.table) {
            tables.push(DescribedTable {
                name: row.table,
                comment: row.table_comment,
                is_history: row.is_history,
                columns: Vec::new(),
            });
        }
        let column = DescribedColumn {
            name: row.name,
            sql_type: row.sql_type,
            comment: row.comment,
            is_identity: row.is_identity,
        };
        tables.last_mut().expect("one was just pushed").columns.push(column);
    }
    Ok(tables)
}
