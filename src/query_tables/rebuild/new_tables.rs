//! Makes query tables new, so that nothing is left of the columns that were dropped: PostgreSQL counts them towards its
//! 1,600 for as long as a table lives.

use crate::columns::Catalogue;
use crate::query_tables::rows::deleted::DELETED_AT;
use crate::query_tables::schema::identity_index::PREFIX;
use crate::query_tables::{Ident, QueryTables, Relation, execute};
use crate::store::{Connection, Store, StoreError};

/// Objects that operators have built on query tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuiltOn {
    /// Objects that keep a table from being dropped, and have to be dropped first: views, foreign keys of other tables,
    /// row security.
    pub in_the_way: Vec<String>,
    /// Objects that are dropped with a table: columns, indexes, triggers and so on.
    pub lost: Vec<String>,
}

/// Statements that grant on the new tables what was granted on the old ones.
#[derive(Debug, Default)]
pub struct Grants(Vec<String>);

/// The objects that are built on the query tables of a sync.
pub async fn built_on(store: &Store, tables: &QueryTables, catalogue: &Catalogue) -> Result<BuiltOn, StoreError> {
    let mut session = store.begin().await?;
    let mut built = BuiltOn::default();
    for (side, relation) in tables.existing(&mut session).await? {
        let own = side.system_columns().iter().map(|column| column.name.to_owned());
        let own = own.chain([DELETED_AT.to_owned()]);
        let own: Vec<String> = own.chain(catalogue.columns().map(|field| field.column_name.clone())).collect();
        built.in_the_way.extend(in_the_way(&mut session, relation).await?);
        built.lost.extend(lost(&mut session, relation, &own).await?);
    }
    session.commit().await?;
    Ok(built)
}

/// The syncs' tables that have had many columns, with those that were dropped: the table's name, and how many.
///
/// * `many`: from how many
pub async fn worn_tables(store: &Store, many: i16) -> Result<Vec<(String, i16)>, StoreError> {
    let mut session = store.begin().await?;
    let worn = sqlx::query!(
        r#"select s.table_name, max(a.attnum) as "columns!"
           from polysink.syncs s
           join pg_catalog.pg_class c
             on c.relnamespace = to_regnamespace('synced') and c.relname in (s.table_name, s.table_name || '_history')
           join pg_catalog.pg_attribute a on a.attrelid = c.oid
           group by s.table_name having max(a.attnum) >= $1
           order by 2 desc, 1"#,
        many,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(worn.into_iter().map(|row| (row.table_name, row.columns)).collect())
}

impl QueryTables {
    /// Drops the tables, in the caller's transaction. Fails if something depends on them.
    pub async fn drop_to_renew(&self, connection: &mut Connection) -> Result<Grants, StoreError> {
        let mut grants = Grants::default();
        for (_, relation) in self.existing(connection).await? {
            grants.0.extend(granted(connection, relation).await?);
            execute(connection, format!("drop table {relation}")).await?;
        }
        Ok(grants)
    }

    /// Grants on the new tables what was granted on the old ones.
    pub async fn grant_again(&self, connection: &mut Connection, grants: Grants) -> Result<(), StoreError> {
        for grant in grants.0 {
            execute(connection, grant).await?;
        }
        Ok(())
    }
}

async fn in_the_way(connection: &mut Connection, relation: &Relation) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar(
        "select distinct 'the ' || case c.relkind when 'm' then 'materialized view ' else 'view ' end || c.oid::regclass
         from pg_catalog.pg_depend d
         join pg_catalog.pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
         join pg_catalog.pg_class c on c.oid = r.ev_class
         where d.refclassid = 'pg_class'::regclass and d.refobjid = to_regclass($1) and c.oid <> d.refobjid
         union all
         select format('the foreign key %I of %s', conname, conrelid::regclass)
         from pg_catalog.pg_constraint where contype = 'f' and confrelid = to_regclass($1) and conrelid <> confrelid
         union all
         select 'the table ' || inhrelid::regclass || ', which inherits from it'
         from pg_catalog.pg_inherits where inhparent = to_regclass($1)
         union all
         select 'its row security' from pg_catalog.pg_class where oid = to_regclass($1) and relrowsecurity
         order by 1",
    )
    .bind(relation.to_string())
    .fetch_all(connection)
    .await?)
}

/// * `own`: the columns that the new table has
async fn lost(connection: &mut Connection, relation: &Relation, own: &[String]) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar(
        "select 'the column ' || attname from pg_catalog.pg_attribute
         where attrelid = to_regclass($1) and attnum > 0 and not attisdropped and attname <> all ($2)
         union all
         select 'the index ' || indexrelid::regclass
         from pg_catalog.pg_index join pg_catalog.pg_class c on c.oid = indexrelid
         where indrelid = to_regclass($1) and not indisprimary and not starts_with(c.relname, $3)
           and not exists (select from pg_catalog.pg_constraint where conindid = indexrelid and conrelid = indrelid)
           and coalesce((select string_agg(attname, ' ' order by n) from unnest(indkey) with ordinality as k (attnum, n)
                         join pg_catalog.pg_attribute a on a.attrelid = indrelid and a.attnum = k.attnum), '')
               || case when indpred is null then '' else ' where' end not in ('_key where', '_key _valid_to')
         union all
         select 'the constraint ' || conname from pg_catalog.pg_constraint
         where conrelid = to_regclass($1) and contype in ('c', 'f', 'u', 'x')
         union all
         select 'the trigger ' || tgname from pg_catalog.pg_trigger where tgrelid = to_regclass($1) and not tgisinternal
         union all
         select 'the rule ' || rulename from pg_catalog.pg_rewrite where ev_class = to_regclass($1)
         union all
         select 'the statistics ' || stxname from pg_catalog.pg_statistic_ext where stxrelid = to_regclass($1)
         union all
         select 'its place in the publication ' || pubname
         from pg_catalog.pg_publication p join pg_catalog.pg_publication_rel r on r.prpubid = p.oid
         where r.prrelid = to_regclass($1)
         union all
         select 'its storage parameters ' || array_to_string(reloptions, ', ') from pg_catalog.pg_class
         where oid = to_regclass($1) and reloptions is not null
         order by 1",
    )
    .bind(relation.to_string())
    .bind(own)
    .bind(PREFIX)
    .fetch_all(connection)
    .await?)
}

async fn granted(connection: &mut Connection, relation: &Relation) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String, Option<String>, String, bool)> = sqlx::query_as(
        "select a.privilege_type, g.column_name,
                case a.grantee when 0 then 'public' else a.grantee::regrole::text end, a.is_grantable
         from (select relacl as acl, relowner as owner, null::text as column_name from pg_catalog.pg_class
         where oid = to_regclass($1)
               union all
               select t.attacl, c.relowner, t.attname::text
               from pg_catalog.pg_attribute t join pg_catalog.pg_class c on c.oid = t.attrelid
               where t.attrelid = to_regclass($1) and t.attnum > 0 and not t.attisdropped) as g
         cross join lateral aclexplode(g.acl) a
         where g.acl is not null and a.grantee <> g.owner",
    )
    .bind(relation.to_string())
    .fetch_all(connection)
    .await?;
    let statement = |(privilege, column, role, is_grantable): (String, Option<String>, String, bool)| {
        let column = column.map(|column| format!(" ({})", Ident(&column))).unwrap_or_default();
        let option = if is_grantable { " with grant option" } else { "" };
        format!("grant {privilege}{column} on {relation} to {role}{option}")
    };
    Ok(rows.into_iter().map(statement).collect())
}
