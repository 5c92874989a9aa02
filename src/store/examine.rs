//! What `doctor` asks the database: the server, the schema, privileges, and the state of the catalogue.

use chrono::{DateTime, Utc};

use super::{Store, StoreError, migrations};

/// The server and its settings.
#[derive(Debug, Clone)]
pub struct ServerFacts {
    /// As a number: 150004, for example.
    pub version: i32,
    pub version_text: String,
    /// A standby, or read-only by its settings.
    pub read_only: bool,
    pub encoding: String,
    pub fsync: bool,
    pub full_page_writes: bool,
    /// `off`, or how.
    pub wal_compression: String,
    pub max_wal_bytes: i64,
    pub checkpoint_seconds: i64,
    pub shared_buffers_bytes: i64,
    pub max_connections: i32,
    pub connections: i64,
    pub max_locks_per_transaction: i64,
    /// How many locks all sessions can have at once.
    pub max_locks: i64,
    /// The server's clock.
    pub time: DateTime<Utc>,
    /// What keeps a snapshot for longer than ten minutes, in words, the oldest first.
    pub old_snapshots: Vec<String>,
    /// The versions of the polysinks that are connected, this one included.
    pub polysinks: Vec<String>,
}

/// polysink's tables, as far as the migrations go.
#[derive(Debug, Clone)]
pub struct SchemaFacts {
    /// Whether there are any.
    pub migrated: bool,
    /// The names of migrations that this version has and the database lacks.
    pub missing: Vec<String>,
    /// The numbers of migrations that the database has and this version does not know.
    pub unknown: Vec<i64>,
}

/// A privilege that the role lacks.
#[derive(Debug, Clone)]
pub struct MissingPrivilege {
    /// In words: `insert on polysink.records`.
    pub what: String,
    /// The statement that grants it.
    pub grant: String,
}

/// What a migrated schema holds that deserves a look.
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
    /// Of the ledger, in bytes.
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

impl Store {
    /// The server and its settings.
    pub async fn server_facts(&self) -> Result<ServerFacts, StoreError> {
        let mut session = self.begin().await?;
        let row = sqlx::query!(
            r#"select current_setting('server_version_num')::integer as "version!",
                      current_setting('server_version') as "version_text!",
                      current_setting('transaction_read_only')::boolean or pg_is_in_recovery() as "read_only!",
                      current_setting('server_encoding') as "encoding!",
                      current_setting('fsync')::boolean as "fsync!",
                      current_setting('full_page_writes')::boolean as "full_page_writes!",
                      current_setting('wal_compression') as "wal_compression!",
                      pg_size_bytes(current_setting('max_wal_size')) as "max_wal_bytes!",
                      extract(epoch from current_setting('checkpoint_timeout')::interval)::bigint as "checkpoint_seconds!",
                      pg_size_bytes(current_setting('shared_buffers')) as "shared_buffers_bytes!",
                      current_setting('max_connections')::integer as "max_connections!",
                      current_setting('max_locks_per_transaction')::bigint as "max_locks_per_transaction!",
                      current_setting('max_locks_per_transaction')::bigint
                          * (current_setting('max_connections')::bigint
                             + current_setting('max_prepared_transactions')::bigint) as "max_locks!",
                      (select count(*) from pg_catalog.pg_stat_activity where backend_type = 'client backend') as "connections!",
                      clock_timestamp() as "time!",
                      (select coalesce(array_agg(distinct substr(application_name, 10)), '{}')
                       from pg_catalog.pg_stat_activity
                       where datname = current_database() and starts_with(application_name, 'polysink/')) as "polysinks!""#
        )
        .fetch_one(&mut *session)
        .await?;
        // Without the privilege to see it, the start of a session's transaction is null; its age in transactions is not.
        let old_snapshots = sqlx::query_scalar!(
            r#"select what as "what!"
               from (select format('process %s of %s (%s), %s', pid, coalesce(usename, 'a replica'), coalesce(application_name, ''),
                                   coalesce('in a transaction since ' || to_char(xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
                                            'a snapshot of ' || age(coalesce(backend_xmin, backend_xid)) || ' transactions ago')) as what,
                            xact_start as since
                     from pg_catalog.pg_stat_activity
                     where (datname = current_database() or datname is null)
                       and backend_type in ('client backend', 'walsender') and coalesce(backend_xmin, backend_xid) is not null
                       and coalesce(xact_start < now() - interval '10 minutes', age(coalesce(backend_xmin, backend_xid)) > 100000)
                     union all
                     select format('the prepared transaction %L of %s, since %s', gid, owner,
                                   to_char(prepared at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')), prepared
                     from pg_catalog.pg_prepared_xacts
                     where database = current_database() and prepared < now() - interval '10 minutes'
                     union all
                     select format('the replication slot %I, a snapshot of %s transactions ago', slot_name, age(xmin)), null
                     from pg_catalog.pg_replication_slots where age(xmin) > 100000) as old
               order by since nulls last"#
        )
        .fetch_all(&mut *session)
        .await?;
        session.commit().await?;
        Ok(ServerFacts {
            version: row.version,
            version_text: row.version_text,
            read_only: row.read_only,
            encoding: row.encoding,
            fsync: row.fsync,
            full_page_writes: row.full_page_writes,
            wal_compression: row.wal_compression,
            max_wal_bytes: row.max_wal_bytes,
            checkpoint_seconds: row.checkpoint_seconds,
            shared_buffers_bytes: row.shared_buffers_bytes,
            max_connections: row.max_connections,
            connections: row.connections,
            max_locks_per_transaction: row.max_locks_per_transaction,
            max_locks: row.max_locks,
            time: row.time,
            old_snapshots,
            polysinks: row.polysinks,
        })
    }

    /// How far the migrations are.
    pub async fn schema_facts(&self) -> Result<SchemaFacts, StoreError> {
        let mut session = self.begin().await?;
        let migrated =
            sqlx::query_scalar!(r#"select to_regclass('polysink._sqlx_migrations') is not null as "migrated!""#)
                .fetch_one(&mut *session)
                .await?;
        let difference = if migrated { Some(migrations::compare(&mut session).await?) } else { None };
        session.commit().await?;
        let (missing, unknown) = difference.map(|found| (found.missing, found.unknown)).unwrap_or_default();
        Ok(SchemaFacts { migrated, missing, unknown })
    }

    /// The privileges that the service needs and its role lacks, on what exists.
    pub async fn missing_privileges(&self) -> Result<Vec<MissingPrivilege>, StoreError> {
        let mut session = self.begin().await?;
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
        let user =
            sqlx::query_scalar!(r#"select quote_ident(current_user) as "user!""#).fetch_one(&mut *session).await?;
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

    /// What a migrated schema holds that deserves a look.
    ///
    /// * `many`: from how many columns for fields on a table is wide
    pub async fn schema_state(&self, many: usize) -> Result<SchemaState, StoreError> {
        let mut session = self.begin().await?;
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
}
