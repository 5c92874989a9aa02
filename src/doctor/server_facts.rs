//! The queries of the server's checks.

use chrono::{DateTime, Utc};

use crate::store::tables::replicas::{self, Replica};
use crate::store::{Store, StoreError};

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
    /// The value of `wal_compression` that costs the least time: lz4, where the server has it.
    pub best_wal_compression: String,
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
    /// The sessions and objects that keep a snapshot for longer than ten minutes, in words, the oldest first.
    pub old_snapshots: Vec<String>,
    /// The versions of the polysinks that are connected, this one included.
    pub polysinks: Vec<String>,
    /// The services that run.
    pub services: Vec<Replica>,
}

/// The server and its settings.
pub async fn read(store: &Store) -> Result<ServerFacts, StoreError> {
    let mut session = store.begin().await?;
    let row = sqlx::query!(
        r#"select current_setting('server_version_num')::integer as "version!",
                  current_setting('server_version') as "version_text!",
                  current_setting('transaction_read_only')::boolean or pg_is_in_recovery() as "read_only!",
                  current_setting('server_encoding') as "encoding!",
                  current_setting('fsync')::boolean as "fsync!",
                  current_setting('full_page_writes')::boolean as "full_page_writes!",
                  current_setting('wal_compression') as "wal_compression!",
                  case when exists (select from pg_catalog.pg_settings
                                    where name = 'wal_compression' and 'lz4' = any(enumvals))
                       then 'lz4' else 'on' end as "best_wal_compression!",
                  pg_size_bytes(current_setting('max_wal_size')) as "max_wal_bytes!",
                  extract(epoch from current_setting('checkpoint_timeout')::interval)::bigint as "checkpoint_seconds!",
                  pg_size_bytes(current_setting('shared_buffers')) as "shared_buffers_bytes!",
                  current_setting('max_connections')::integer as "max_connections!",
                  current_setting('max_locks_per_transaction')::bigint as "max_locks_per_transaction!",
                  current_setting('max_locks_per_transaction')::bigint
                      * (current_setting('max_connections')::bigint
                         + current_setting('max_prepared_transactions')::bigint) as "max_locks!",
                  (select count(*) from pg_catalog.pg_stat_activity
                  where backend_type = 'client backend') as "connections!",
                  clock_timestamp() as "time!",
                  to_regclass('polysink.replicas') is not null as "has_replicas!",
                  (select coalesce(array_agg(distinct substr(application_name, 10)), '{}')
                   from pg_catalog.pg_stat_activity
                   where datname = current_database() and starts_with(application_name, 'polysink/')) as "polysinks!""#
    )
    .fetch_one(&mut *session)
    .await?;
    let services = if row.has_replicas { replicas::list(&mut session).await? } else { Vec::new() };
    // Without the privilege to see it, the start of a session's transaction is null; its age in transactions is not.
    let old_snapshots = sqlx::query_scalar!(
        r#"select what as "what!"
           from (select format('process %s of %s (%s), %s',
                               pid, coalesce(usename, 'a replica'), coalesce(application_name, ''),
                               coalesce('in a transaction since '
                                            || to_char(xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
                                        'a snapshot of ' || age(s.snapshot) || ' transactions ago')) as what,
                        xact_start as since
                 from pg_catalog.pg_stat_activity,
                      lateral (select coalesce(backend_xmin, backend_xid) as snapshot) as s
                 where (datname = current_database() or datname is null)
                   and backend_type in ('client backend', 'walsender') and s.snapshot is not null
                   and coalesce(xact_start < now() - interval '10 minutes', age(s.snapshot) > 100000)
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
        best_wal_compression: row.best_wal_compression,
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
        services,
    })
}
