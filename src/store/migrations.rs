//! The migrations, applied by one process at a time.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::{Store, StoreError};

/// Any number will do, as long as it stays the same: "polysink" in ASCII.
pub(super) const LOCK: i64 = 0x706f_6c79_7369_6e6b;

/// A migration may have to go through every row, and waits for those that another process makes.
const BEGIN: &str = "begin; set local client_min_messages = warning; set local lock_timeout = '10min'; \
                     set local statement_timeout = '6h'; set local idle_in_transaction_session_timeout = '60s'";

/// The migrations that a database with polysink's tables has not had, as their files are called.
pub(super) async fn lacking(connection: &mut PgConnection) -> Result<Vec<String>, StoreError> {
    let had: Vec<i64> = sqlx::query_scalar!("select version from polysink._sqlx_migrations where success")
        .fetch_all(connection)
        .await?;
    let all = sqlx::migrate!();
    let lacking = all.iter().filter(|migration| !had.contains(&migration.version));
    Ok(lacking.map(|migration| format!("{:04}_{}", migration.version, migration.description)).collect())
}

impl Store {
    /// Brings the schema up to date, and makes the partitions of the coming days.
    ///
    /// One transaction for all that is missing, under a lock that ends with it: a process that dies on the way leaves nothing
    /// behind, and processes that start together do it once.
    ///
    /// * `now`: the day that the partitions start from
    pub async fn migrate(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        // The library makes its savepoints through its own transaction.
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
        // The library's own lock is a session's, which a transaction pooler would leave on some connection.
        let mut migrator = sqlx::migrate!();
        migrator.set_locking(false);
        migrator.run_direct(None, &mut *transaction, false).await?;
        transaction.commit().await?;
        session.give_back();
        self.make_partitions(now).await
    }
}
