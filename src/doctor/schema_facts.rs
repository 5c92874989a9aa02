//! The queries of the schema's checks: migrations, privileges, the raw log, the state of the catalogue.

use chrono::{DateTime, Utc};

use crate::store::{Store, StoreError, migrations};

/// polysink's tables, as far as the migrations go.
#[derive(Debug, Clone)]
pub struct SchemaFacts {
    /// Whether there are any.
    pub migrated: bool,
    /// The names of migrations that this version has and the database does not.
    pub missing: Vec<String>,
    /// The numbers of migrations that the database has and this version does not know.
    pub unknown: Vec<i64>,
}

/// A privilege that the role is missing.
#[derive(Debug, Clone)]
pub struct MissingPrivilege {
    /// In words: `insert on polysink.records`.
    pub what: String,
    /// The statement that grants it.
    pub grant: String,
}

/// The parts of a migrated schema's content that the checks judge.
#[derive(Debug, Clone)]
pub struct SchemaState {
    /// Whether the bodies of the raw log are compressed with lz4.
    pub lz4: bool,
    /// Partitions of the raw log.
    pub days: i64,
    /// Those that polysink did not create; a default partition among them.
    pub foreign_partitions: Vec<String>,
    /// Tables of today and of coming days that are detached from the raw log.
    pub detached_days: Vec<String>,
    /// The ledger's index, in bytes.
    pub ledger_index_bytes: i64,
    /// Fields whose columns cannot be changed: table, field, why.
    pub blocked: Vec<(String, String, String)>,
    /// Tables with many columns for fields: table and number.
    pub wide: Vec<(String, i64)>,
    /// Whether `polysink_reader` exists and may use schema `synced`.
    pub reader: bool,
    /// Erasures that were interrupted, or are in progress: table, and when they started. The oldest first.
    pub unfinished_erasures: Vec<(String, DateTime<Utc>)>,
}

/// How far the migrations are.
pub async fn migrations(store: &Store) -> Result<SchemaFacts, StoreError> {
    let mut session = store.begin().await?;
    let migrated = sqlx::query_scalar!(r#"select to_regclass('polysink._sqlx_migrations') is not null as "migrated!""#)
        .fetch_one(&mut *session)
        .await?;
    let difference = if migrated { Some(migrations::compare(&mut session).await?) } else { None };
    session.commit().await?;
    let (missing, unknown) = difference.map(|found| (found.missing, found.unknown)).unwrap_or_default();
    Ok(SchemaFacts { migrated, missing, unknown })
}

/// The privileges that the service needs on existing objects and that its role is missing.
pub async fn missing_privileges(store: &Store) -> Result<Vec<MissingPrivilege>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query!(
        r#"with wanted as (
               select 'schema' as kind, n.nspname::text as name, p.privilege
               from pg_catalog.pg_namespace n, unnest(array['usage', 'create']) as p (privilege)
               where n.nspname in ('polysink', 'synced')
               union all
               select 'table', format('%I.%I', 'polysink', c.relname), p.privilege
               from pg_catalog.pg_class c, unnest(array['select', 'insert', 'update', 'delete']) as p (privilege)
               where c.relnamespace = to_regnamespace('polysink') and c.relkind in ('r', 'p') and not c.relispartition
                 and not starts_with(c.relname, 'shadow_')
               union all
               select 'owner', format('%I.%I', n.nspname, c.relname), 'ownership'
               from pg_catalog.pg_class c
               join pg_catalog.pg_namespace n on n.oid = c.relnamespace
               where c.relkind in ('r', 'p')
                 and (c.relnamespace = to_regnamespace('polysink') and c.relname = 'envelopes'
                      or c.relnamespace = to_regnamespace('synced')
                         and exists (select from pg_catalog.pg_attribute a
                                     where a.attrelid = c.oid and a.attname = '_key' and not a.attisdropped))
           )
           select w.kind as "kind!", w.name as "name!", w.privilege as "privilege!"
           from wanted w
           where not case w.kind
               when 'schema' then has_schema_privilege(w.name, w.privilege)
               when 'table' then has_table_privilege(w.name, w.privilege)
               else pg_has_role((select c.relowner from pg_catalog.pg_class c where c.oid = w.name::regclass), 'usage')
           end
           order by w.kind, w.name, w.privilege"#
    )
    .fetch_all(&mut *session)
    .await?;
    let user = sqlx::query_scalar!(r#"select quote_ident(current_user) as "user!""#).fetch_one(&mut *session).await?;
    session.commit().await?;
    let missing = rows.into_iter().map(|row| match row.kind.as_str() {
        "schema" => MissingPrivilege {
            what: format!("{} on schema {}", row.privilege, row.name),
            grant: format!("grant {} on schema {} to {user}", row.privilege, row.name),
        },
        "table" => MissingPrivilege {
            what: format!("{} on {}", row.privilege, row.name),
            grant: format!("grant {} on {} to {user}", row.privilege, row.name),
        },
        _ => MissingPrivilege {
            what: format!("ownership of {}", row.name),
            grant: format!("alter table {} owner to {user}", row.name),
        },
    });
    Ok(missing.collect())
}

/// The parts of a migrated schema's content that the checks judge.
///
/// * `many`: from how many columns for fields on a table is wide
pub async fn state(store: &Store, many: usize) -> Result<SchemaState, StoreError> {
    let mut session = store.begin().await?;
    let row = sqlx::query!(
        r#"select exists (select from pg_catalog.pg_attribute
                          where attrelid = 'polysink.envelopes'::regclass and attname = 'body'
                            and attcompression = 'l') as "lz4!",
                  (select count(*) from pg_catalog.pg_inherits
                   where inhparent = 'polysink.envelopes'::regclass) as "days!",
                  pg_indexes_size('polysink.records') as "ledger_index_bytes!",
                  coalesce((select has_schema_privilege(r.oid, 'synced', 'usage')
                            from pg_catalog.pg_roles r where r.rolname = 'polysink_reader'), false) as "reader!""#
    )
    .fetch_one(&mut *session)
    .await?;
    let foreign_partitions = sqlx::query_scalar!(
        r#"select format('%I.%I', n.nspname, c.relname) as "name!"
           from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
           join pg_catalog.pg_namespace n on n.oid = c.relnamespace
           where i.inhparent = 'polysink.envelopes'::regclass
             and (c.relname !~ '^envelopes_[0-9]{8}$' or c.relnamespace <> 'polysink'::regnamespace)
           order by 1"#
    )
    .fetch_all(&mut *session)
    .await?;
    let detached_days = sqlx::query_scalar!(
        r#"select format('polysink.%I', c.relname) as "name!"
           from pg_catalog.pg_class c
           where c.relnamespace = 'polysink'::regnamespace and c.relkind = 'r' and not c.relispartition
             and c.relname ~ '^envelopes_[0-9]{8}$' and c.relname >= to_char(now(), '"envelopes_"YYYYMMDD')
           order by c.relname"#
    )
    .fetch_all(&mut *session)
    .await?;
    let blocked = sqlx::query!(
        r#"select s.table_name, f.name, f.blocked as "blocked!"
           from polysink.fields f join polysink.syncs s on s.sync_id = f.sync_id
           where f.blocked is not null and not f.hidden
           order by s.table_name, f.ordinal"#
    )
    .fetch_all(&mut *session)
    .await?;
    let wide = sqlx::query!(
        r#"select s.table_name, count(*) as "columns!"
           from polysink.fields f join polysink.syncs s on s.sync_id = f.sync_id
           where f.column_type is not null
           group by s.table_name having count(*) >= $1
           order by s.table_name"#,
        i64::try_from(many).unwrap_or(i64::MAX),
    )
    .fetch_all(&mut *session)
    .await?;
    let erasures = sqlx::query!(
        "select s.table_name, e.started_at
         from polysink.erasures e join polysink.syncs s on s.sync_id = e.sync_id
         where e.finished_at is null
         order by e.started_at"
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(SchemaState {
        lz4: row.lz4,
        days: row.days,
        foreign_partitions,
        detached_days,
        ledger_index_bytes: row.ledger_index_bytes,
        blocked: blocked.into_iter().map(|row| (row.table_name, row.name, row.blocked)).collect(),
        wide: wide.into_iter().map(|row| (row.table_name, row.columns)).collect(),
        reader: row.reader,
        unfinished_erasures: erasures.into_iter().map(|row| (row.table_name, row.started_at)).collect(),
    })
}
