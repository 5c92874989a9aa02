//! How long DDL on the query tables waits for a lock that another session holds.

use std::time::Duration;

use crate::query_tables::{Projection, QueryTables, execute};
use crate::store::{Connection, StoreError};

/// How long DDL and projections wait for a table, and projections for rows if others have to wait for them.
const BRIEF: Duration = Duration::from_millis(100);

/// How long a projection waits for rows otherwise.
const PATIENT: Duration = Duration::from_secs(5);

/// Readers queue behind waiting DDL, so it waits only briefly, and is tried again later. Returns the limit before.
const WAIT_BRIEFLY: &str = "with before as materialized (select current_setting('lock_timeout') as setting)
                            select setting, set_config('lock_timeout', $1, true) from before";

/// A `deadlock_timeout` above this is not waited for, in milliseconds.
const LONGEST_DEADLOCK_TIMEOUT: i64 = 5_000;

/// How long DDL waits for a lock that another session holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockWait {
    /// 100 ms, which readers do not notice.
    Briefly,
    /// The same, but just longer than `deadlock_timeout` if vacuum or analyze holds the lock: only then does PostgreSQL
    /// cancel an autovacuum that blocks others. Readers queue for as long, so use it rarely.
    OutlastVacuum,
}

impl LockWait {
    /// How often an operator's command tries a change while another session uses the table: for ten seconds and more.
    pub const TRIES: usize = 100;

    /// For an operator's command that tries every 100 ms: outlasts a vacuum at the second try, and every ten seconds
    /// from there.
    ///
    /// * `n`: which try it is, counted from 1
    pub fn of_try(n: usize) -> Self {
        if n % 100 == 2 { Self::OutlastVacuum } else { Self::Briefly }
    }
}

/// Between two of the tries of [`LockWait::of_try`].
pub async fn pause_between_tries() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// The limit that a transaction had before it was limited further.
#[derive(Debug)]
#[must_use]
pub struct UsualWait(String);

impl UsualWait {
    /// Restores it. A failure before that leaves a transaction that can only be rolled back.
    pub async fn restore(self, connection: &mut Connection) -> Result<(), StoreError> {
        sqlx::query("select set_config('lock_timeout', $1, true)").bind(self.0).execute(connection).await?;
        Ok(())
    }
}

/// Limits how long this transaction waits for a lock, until the usual limit is restored.
pub(in crate::query_tables) async fn wait_briefly(connection: &mut Connection) -> Result<UsualWait, StoreError> {
    let (before, _): (String, String) =
        sqlx::query_as(WAIT_BRIEFLY).bind(BRIEF.as_millis().to_string()).fetch_one(connection).await?;
    Ok(UsualWait(before))
}

impl QueryTables {
    /// Limits how long this transaction waits for a lock on these tables, until the usual limit is restored.
    pub async fn limit_wait(&self, connection: &mut Connection, wait: LockWait) -> Result<UsualWait, StoreError> {
        let usual = wait_briefly(connection).await?;
        if wait == LockWait::OutlastVacuum {
            // Every role sees the process and the table of other sessions' vacuums.
            sqlx::query(
                "select set_config('lock_timeout', (setting::bigint + 200)::text, true) from pg_catalog.pg_settings
                 where name = 'deadlock_timeout' and setting::bigint <= $3
                   and exists (
                       select from pg_catalog.pg_locks l
                       join (select pid from pg_catalog.pg_stat_progress_vacuum
                             union select pid from pg_catalog.pg_stat_progress_analyze) as v using (pid)
                       where l.granted
                         and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
                         and l.relation in (to_regclass($1), to_regclass($2))
                   )",
            )
            .bind(self.table.to_string())
            .bind(self.history.to_string())
            .bind(LONGEST_DEADLOCK_TIMEOUT)
            .execute(connection)
            .await?;
        }
        Ok(usual)
    }
}

impl Projection {
    /// Begins to write tables that exist: locks them against DDL that forbids it, such as `create index`. Waits only
    /// briefly for another session's, because other syncs wait for the end of this one's turn.
    ///
    /// * `patient`: wait longer for locked rows, in what follows
    pub async fn lock_to_write(&mut self, patient: bool) -> Result<(), StoreError> {
        let QueryTables { table, history } = &self.tables;
        let history = if self.sync.identity.is_some() { format!(", only {history}") } else { String::new() };
        let rows = if patient { PATIENT } else { BRIEF };
        let sql = format!(
            "set local lock_timeout = {}; lock table only {table}{history} in row exclusive mode; \
             set local lock_timeout = {}",
            BRIEF.as_millis(),
            rows.as_millis(),
        );
        execute(&mut self.session, sql).await
    }
}
