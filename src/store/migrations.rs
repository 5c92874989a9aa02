//! Applies the migrations, in one process at a time.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::migrate::{MigrateError, Migration, Migrator};

use super::session::SessionLimits;
use super::{Connection, Role, Store, StoreError, wait_for_lock};
use crate::store::tables::{partitions, replicas};

/// Any constant will do: "polysink" in ASCII.
pub(super) const LOCK: i64 = 0x706f_6c79_7369_6e6b;

/// A migration may rewrite every row. It asks for each lock briefly, because the deliveries of other replicas queue
/// behind the request; long enough that PostgreSQL cancels an autovacuum that is in the way, after `deadlock_timeout`.
const LIMITS: SessionLimits = SessionLimits {
    lock: Duration::from_millis(1_500),
    statement: Duration::from_secs(6 * 3_600),
    idle: Duration::from_secs(60),
};

/// Waits for another process that migrates: nothing else needs this lock.
const WAIT_FOR_OTHERS: &str = "set local lock_timeout = '10min'";
const ASK_BRIEFLY: &str = "set local client_min_messages = warning; set local lock_timeout = '1500ms'";

/// Creates sqlx's own table, which `sqlx-cli` knows too, and its schema.
const MAKE_TABLE: &str = "do $$ begin
    if to_regnamespace('polysink') is null then
        create schema polysink;
    end if;
    if to_regclass('polysink._sqlx_migrations') is null then
        create table polysink._sqlx_migrations (
            version        bigint primary key,
            description    text not null,
            installed_on   timestamptz not null default now(),
            success        boolean not null,
            checksum       bytea not null,
            execution_time bigint not null
        );
    end if;
end $$";

/// SHA-384 of the earlier texts of migrations, by version. A release could have applied them, and they create the same.
const EARLIER: [(i64, &str); 2] = [
    // It said `create schema if not exists`, which a role without the right to create schemas cannot run.
    (1, "a95fe6e44d6f6f6da41601f298c092a103ed8d719c5e094994b6df4f312d707cd459c88c1e65f9436dce114cb256b5b2"),
    // A parameter was named `json`, a keyword since PostgreSQL 17. Migration 14 renames it.
    (4, "d4ce3b32a4d585e7bfb109b29e55879d8b0afdbce8aaa3c59bbbaf1a4d033adae20b6ff30ca0f2da9d36a90dd6e2a2d9"),
];

/// How the migrations of a database differ from those of this version.
pub(crate) struct Difference {
    /// The missing ones, by the names of their files.
    pub missing: Vec<String>,
    /// Those that this version does not know.
    pub unknown: Vec<i64>,
}

/// A line of a migration that takes away what earlier versions use, with the first migration whose program does not
/// use it any more.
const TAKES_AWAY: &str = "-- contracts: ";

/// The latest migration of this version.
pub fn latest() -> i64 {
    sqlx::migrate!().iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Which migration programs must know so that this one takes nothing away from them; `None` if it takes nothing away.
fn must_know(migration: &Migration) -> Option<i64> {
    migration.sql.as_str().lines().find_map(|line| line.strip_prefix(TAKES_AWAY)?.trim().parse().ok())
}

/// Compares the migrations of a database with polysink's tables.
pub(crate) async fn compare(connection: &mut Connection) -> Result<Difference, StoreError> {
    let had: Vec<i64> = sqlx::query_scalar!("select version from polysink._sqlx_migrations where success")
        .fetch_all(connection)
        .await?;
    let all = sqlx::migrate!();
    let missing = all.iter().filter(|migration| !had.contains(&migration.version));
    let missing = missing.map(|migration| format!("{:04}_{}", migration.version, migration.description)).collect();
    let unknown = had.into_iter().filter(|version| all.iter().all(|known| known.version != *version)).collect();
    Ok(Difference { missing, unknown })
}

/// Migrates the schema, and creates the partitions of the coming days.
///
/// Each migration is a transaction, under a lock that ends with it: a process that dies leaves nothing behind, and
/// processes that start together migrate once.
///
/// * `now`: the first day of the partitions
///
/// Returns the warnings of [`partitions::make_ahead`].
///
/// # Errors
///
/// [`StoreError::Blocked`] if another session keeps a lock that a migration needs, and [`StoreError::Unsafe`] while
/// services run from which a migration would take something away; try again.
pub async fn migrate(store: &Store, now: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
    apply(store, &sqlx::migrate!()).await?;
    partitions::make_ahead(store, now).await
}

/// Applies those of these migrations that are missing.
pub async fn apply(store: &Store, migrator: &Migrator) -> Result<(), StoreError> {
    loop {
        match migrate_once(store, migrator).await {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) if error.is_lock_timeout() => {
                let holders = lock_holders(&store.for_role(Role::Monitor)).await.unwrap_or_default();
                return Err(StoreError::Blocked(holders));
            }
            Err(error) => return Err(error),
        }
    }
}

/// Applies the next migration, if there is one. Returns whether there was.
async fn migrate_once(store: &Store, migrator: &Migrator) -> Result<bool, StoreError> {
    let mut session = store.begin_with(LIMITS).await?;
    let applied = apply_next(&mut session, migrator).await;
    session.conclude(applied).await
}

/// The sessions that hold locks on polysink's tables and are not polysink's, the oldest transaction first. Their
/// statements are left out: they may contain data.
async fn lock_holders(store: &Store) -> Result<String, StoreError> {
    let mut session = store.begin().await?;
    let holders = sqlx::query_scalar!(
        r#"select string_agg(
               format('process %s (user %s, application %s, %s, transaction since %s)', a.pid, a.usename,
                      coalesce(nullif(a.application_name, ''), 'unnamed'), a.state,
                      to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS UTC')),
               ', ' order by a.xact_start)
           from pg_catalog.pg_stat_activity a
           where a.datname = current_database() and a.application_name not like 'polysink %'
             and exists (
                 select from pg_catalog.pg_locks l
                 join pg_catalog.pg_class c on c.oid = l.relation
                 where l.pid = a.pid and l.granted and c.relnamespace = to_regnamespace('polysink')
                   and l.database = (select oid from pg_catalog.pg_database where datname = current_database()))"#
    )
    .fetch_one(&mut *session)
    .await?;
    session.commit().await?;
    Ok(holders.unwrap_or_default())
}

/// Applies the first missing migration. Returns false if none is missing.
async fn apply_next(connection: &mut Connection, migrator: &Migrator) -> Result<bool, StoreError> {
    let encoding = sqlx::query_scalar!(r#"select current_setting('server_encoding') as "encoding!""#)
        .fetch_one(&mut *connection)
        .await?;
    if encoding != "UTF8" {
        return Err(StoreError::Encoding(encoding));
    }
    sqlx::raw_sql(WAIT_FOR_OTHERS).execute(&mut *connection).await?;
    wait_for_lock(connection, LOCK).await?;
    sqlx::raw_sql(ASK_BRIEFLY).execute(&mut *connection).await?;
    sqlx::raw_sql(MAKE_TABLE).execute(&mut *connection).await?;
    accept_earlier(connection, &migrator.migrations).await?;
    let applied = sqlx::query!("select version, checksum, success from polysink._sqlx_migrations")
        .fetch_all(&mut *connection)
        .await?;
    for row in &applied {
        let known = migrator.iter().find(|migration| migration.version == row.version);
        let known = known.ok_or(MigrateError::VersionMissing(row.version))?;
        if !row.success {
            return Err(MigrateError::Dirty(row.version).into());
        }
        if *known.checksum != *row.checksum {
            return Err(MigrateError::VersionMismatch(row.version).into());
        }
    }
    let is_missing = |migration: &&Migration| applied.iter().all(|row| row.version != migration.version);
    let Some(next) = migrator.iter().find(is_missing) else { return Ok(false) };
    if let Some(known) = must_know(next) {
        let services = replicas::without(connection, known).await?;
        if !services.is_empty() {
            return Err(StoreError::Unsafe { migration: next.version, services: services.join(", ") });
        }
    }
    sqlx::raw_sql(next.sql.clone())
        .execute(&mut *connection)
        .await
        .map_err(|error| MigrateError::ExecuteMigration(error, next.version))?;
    sqlx::query!(
        "insert into polysink._sqlx_migrations (version, description, success, checksum, execution_time)
         values ($1, $2, true, $3, (extract(epoch from clock_timestamp() - transaction_timestamp()) * 1e9)::bigint)",
        next.version,
        &*next.description,
        &*next.checksum,
    )
    .execute(connection)
    .await?;
    Ok(true)
}

/// Records that a migration with an earlier text is the one of today.
async fn accept_earlier(connection: &mut Connection, migrations: &[Migration]) -> Result<(), StoreError> {
    for (version, earlier) in EARLIER {
        let today =
            migrations.iter().find(|migration| migration.version == version).map(|migration| &*migration.checksum);
        sqlx::query!(
            "update polysink._sqlx_migrations set checksum = $3 where version = $1 and checksum = decode($2, 'hex')",
            version,
            earlier,
            today,
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
