//! Applies the migrations, in one process at a time.

use chrono::{DateTime, Utc};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::{Store, StoreError};

/// Any constant will do: "polysink" in ASCII.
pub(super) const LOCK: i64 = 0x706f_6c79_7369_6e6b;

/// A migration may rewrite every row, and waits for those of another process.
const BEGIN: &str = "begin; set local client_min_messages = warning; set local lock_timeout = '10min'; \
                     set local statement_timeout = '6h'; set local idle_in_transaction_session_timeout = '60s'";

/// Creates the schema that sqlx's own table is in.
const MAKE_SCHEMA: &str =
    "do $$ begin if to_regnamespace('polysink') is null then create schema polysink; end if; end $$";

/// SHA-384 of the earlier texts of migrations, by version. A release could have applied them, and they create the same.
const EARLIER: [(i64, &str); 2] = [
    // It said `create schema if not exists`, which a role without the right to create schemas cannot run.
    (1, "a95fe6e44d6f6f6da41601f298c092a103ed8d719c5e094994b6df4f312d707cd459c88c1e65f9436dce114cb256b5b2"),
    // A parameter was named `json`, a keyword since PostgreSQL 17. Migration 14 renames it.
    (4, "d4ce3b32a4d585e7bfb109b29e55879d8b0afdbce8aaa3c59bbbaf1a4d033adae20b6ff30ca0f2da9d36a90dd6e2a2d9"),
];

/// How the migrations of a database differ from those of this version.
pub(super) struct Difference {
    /// Those that the database lacks, by the names of their files.
    pub missing: Vec<String>,
    /// Those that this version does not know.
    pub unknown: Vec<i64>,
}

/// Compares the migrations of a database with polysink's tables.
pub(super) async fn compare(connection: &mut PgConnection) -> Result<Difference, StoreError> {
    let had: Vec<i64> = sqlx::query_scalar!("select version from polysink._sqlx_migrations where success")
        .fetch_all(connection)
        .await?;
    let all = sqlx::migrate!();
    let missing = all.iter().filter(|migration| !had.contains(&migration.version));
    let missing = missing.map(|migration| format!("{:04}_{}", migration.version, migration.description)).collect();
    let unknown = had.into_iter().filter(|version| all.iter().all(|known| known.version != *version)).collect();
    Ok(Difference { missing, unknown })
}

impl Store {
    /// Migrates the schema, and creates the partitions of the coming days.
    ///
    /// One transaction for everything, under a lock that ends with it: a process that dies leaves nothing behind, and
    /// processes that start together migrate once.
    ///
    /// * `now`: the first day of the partitions
    pub async fn migrate(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        // sqlx makes its savepoints through its own transaction.
        let mut session = self.sessions.connect(self.role, self.scope.as_ref()).await?;
        let begin = format!("{BEGIN}; set local application_name = '{}'", session.name());
        let mut transaction = session.begin_with(AssertSqlSafe(begin)).await?;
        let encoding = sqlx::query_scalar!(r#"select current_setting('server_encoding') as "encoding!""#)
            .fetch_one(&mut *transaction)
            .await?;
        if encoding != "UTF8" {
            return Err(StoreError::Encoding(encoding));
        }
        sqlx::query!("select pg_advisory_xact_lock($1)", LOCK).execute(&mut *transaction).await?;
        // sqlx's own lock belongs to a session, and a transaction pooler would leave it on some connection.
        let mut migrator = sqlx::migrate!();
        migrator.set_locking(false);
        sqlx::raw_sql(MAKE_SCHEMA).execute(&mut *transaction).await?;
        accept_earlier(&mut transaction, &migrator).await?;
        migrator.run_direct(None, &mut *transaction, false).await?;
        transaction.commit().await?;
        session.give_back();
        self.make_partitions(now).await
    }
}

/// Records that a migration with an earlier text is the one of today.
async fn accept_earlier(connection: &mut PgConnection, migrator: &Migrator) -> Result<(), StoreError> {
    let migrated = sqlx::query_scalar!(r#"select to_regclass('polysink._sqlx_migrations') is not null as "migrated!""#)
        .fetch_one(&mut *connection)
        .await?;
    if !migrated {
        return Ok(());
    }
    for (version, earlier) in EARLIER {
        let today =
            migrator.iter().find(|migration| migration.version == version).map(|migration| &*migration.checksum);
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
