//! Connections to the database: a pool per role, limits in every transaction, and what happens to a connection that
//! does not answer.
//!
//! Three rules keep a slow server or a dead network from spreading:
//!
//! * Every transaction begins with the limits of its role, so the server ends what its client has forgotten. They are
//!   `set local`, which also works behind a transaction pooler.
//! * A connection whose work was given up is closed, never pooled, and its transaction is ended on the server through
//!   another connection. A retry gets a fresh connection.
//! * Every wait for the database has a deadline ([`Store::within`]), or a watch that tells a slow statement from a dead
//!   connection ([`Store::watched`]).

mod connection;
mod end;
mod endpoint;
mod listener;
mod pool;
mod pools;
mod role;
mod watch;

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::Object;
use sqlx::AssertSqlSafe;
use strum::VariantArray as _;
use tokio::time::timeout;

pub use self::connection::Connection;
pub use self::endpoint::{Endpoint, Pooler};
pub(crate) use self::listener::Listener;
pub(crate) use self::pools::Sessions;
pub use self::role::Role;
pub(crate) use self::role::SessionLimits;
pub(crate) use self::watch::WatchScope;

use self::pool::Manager;
use self::pools::SharedPools;
use super::{Store, StoreError};
use crate::metrics::PoolUse;

/// Time for a new connection, with authentication. A writer's try must have time for a second one.
const CONNECT: Duration = Duration::from_secs(2);

/// Time to ask the server for its sessions: a connection and a few round trips, over a slow link too.
const ASK: Duration = Duration::from_secs(5);

/// Time for a ping, and for a graceful close.
const PING: Duration = Duration::from_secs(1);

/// How long DDL in a transaction waits for a lock; deliveries queue behind it.
const BRIEF_LOCK: Duration = Duration::from_millis(1_500);

/// A transaction with the limits of its role. If it is dropped before its end, it is ended on the server, and its
/// connection is closed.
pub(crate) struct Session {
    connection: Option<Object<Manager>>,
    sessions: Sessions,
    scope: Option<WatchScope>,
    /// Whether it is in no transaction.
    is_outside: bool,
    /// Who makes its changes; `None` for the service itself.
    actor: Option<Arc<str>>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.connection.as_ref().map(|connection| &connection.name.text);
        f.debug_struct("Session").field("name", &name).finish_non_exhaustive()
    }
}

const OPEN: &str = "a session has its connection until it ends";

impl Deref for Session {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection.as_ref().expect(OPEN).raw
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection.as_mut().expect(OPEN).raw
    }
}

impl Sessions {
    /// Begins a transaction.
    ///
    /// * `limits`: if they are not the role's
    /// * `scope`: the watched work that it belongs to
    pub async fn begin(
        &self,
        role: Role,
        limits: Option<SessionLimits>,
        scope: Option<&WatchScope>,
    ) -> Result<Session, StoreError> {
        let mut session = self.connect(role, scope).await?;
        let name = session.name();
        let SessionLimits { lock, statement, idle } = limits.unwrap_or(role.limits());
        // `synchronous_commit`: an answer of 200 means that the commit is on disk, whatever the server's default.
        let settings = format!(
            "set local application_name = '{name}'; set local synchronous_commit = on; set local lock_timeout = {}; \
             set local statement_timeout = {}; set local idle_in_transaction_session_timeout = {}",
            lock.as_millis(),
            statement.as_millis(),
            idle.as_millis(),
        );
        session.begin(&settings).await?;
        session.is_outside = false;
        Ok(session)
    }

    /// A connection outside any transaction.
    async fn connect(&self, role: Role, scope: Option<&WatchScope>) -> Result<Session, StoreError> {
        let connection = self.connection(role).await?;
        let session = Session {
            connection: Some(connection),
            sessions: self.clone(),
            scope: scope.cloned(),
            is_outside: true,
            actor: None,
        };
        if let Some(scope) = scope {
            scope.add(session.name());
        }
        Ok(session)
    }
}

impl Session {
    /// The `application_name` that its transaction sets.
    pub fn name(&self) -> &str {
        &self.connection.as_ref().expect(OPEN).name.text
    }

    /// Who makes its changes: an operator, or `polysink` itself.
    pub fn actor(&self) -> &str {
        self.actor.as_deref().unwrap_or("polysink")
    }

    /// The last part of the names of this process's sessions.
    pub fn process(&self) -> Arc<str> {
        Arc::clone(&self.sessions.0.process)
    }

    /// The keyword for DDL here: `concurrently` outside a transaction, nothing inside one.
    pub fn concurrently(&self) -> &'static str {
        if self.is_outside { "concurrently" } else { "" }
    }

    /// Ends what [`Store::begin_outside`] has begun: takes back its limits, or concludes its transaction. Returns the
    /// connection to the pool.
    pub async fn end_outside<T>(mut self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        if !self.is_outside {
            return self.conclude(done).await;
        }
        let sql = "reset application_name; reset lock_timeout; reset statement_timeout";
        sqlx::raw_sql(sql).execute(&mut *self).await?;
        self.release();
        done
    }

    /// Commits the transaction.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        sqlx::raw_sql("commit").execute(&mut *self).await?;
        self.release();
        Ok(())
    }

    /// Rolls the transaction back.
    pub async fn rollback(mut self) -> Result<(), StoreError> {
        sqlx::raw_sql("rollback").execute(&mut *self).await?;
        self.release();
        Ok(())
    }

    /// Commits if the work succeeded. If the server refused it, rolls back; if the server did not answer, closes the
    /// connection.
    pub async fn conclude<T>(self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        if done.as_ref().is_err_and(StoreError::is_refused_by_this_server) {
            // The address may lead to another server now.
            self.sessions.suspect();
        }
        match done {
            Ok(done) => self.commit().await.map(|()| done),
            Err(error) if error.is_from_server() => {
                // The first error is the one to report.
                let _ = self.rollback().await;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the connection to the pool.
    pub fn release(&mut self) {
        self.leave_scope();
        self.connection = None;
    }

    fn leave_scope(&self) {
        if let (Some(scope), Some(connection)) = (&self.scope, &self.connection) {
            scope.remove(&connection.name.text);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.leave_scope();
        if let Some(connection) = self.connection.take() {
            self.sessions.end(Object::take(connection));
        }
    }
}

/// After a statement of more bytes, the connection's buffers are released.
const BULKY: usize = 1 << 20;

/// Releases the connection's buffers after a large statement; they would stay as large as the largest one.
///
/// * `bytes`: that the statement sent or received
pub(crate) fn trim(connection: &mut Connection, bytes: usize) {
    if bytes > BULKY {
        connection.shrink_buffers();
    }
}

impl Store {
    /// The same database with the connections of another role.
    #[must_use]
    pub fn for_role(&self, role: Role) -> Self {
        Self { role, ..self.clone() }
    }

    /// The same database, changed by an operator.
    ///
    /// * `actor`: who that is, for `polysink.changes`
    #[must_use]
    pub fn acting_as(&self, actor: &str) -> Self {
        Self { actor: Some(actor.into()), ..self.clone() }
    }

    /// The same database outside the scope of watched work: for a session that is idle by nature, and not lost.
    #[must_use]
    pub(crate) fn unwatched(&self) -> Self {
        Self { scope: None, ..self.clone() }
    }

    /// Begins a transaction of this store's role.
    pub(crate) async fn begin(&self) -> Result<Session, StoreError> {
        self.begin_with(self.role.limits()).await
    }

    /// Begins one with other limits than the role's.
    pub(crate) async fn begin_with(&self, limits: SessionLimits) -> Result<Session, StoreError> {
        let mut session = self.sessions.begin(self.role, Some(limits), self.scope.as_ref()).await?;
        session.actor.clone_from(&self.actor);
        Ok(session)
    }

    /// Begins one whose statements may take `limit`, rounded up so that few statements differ.
    pub(crate) async fn begin_limited(&self, limit: Duration) -> Result<Session, StoreError> {
        let statement = Duration::from_secs((limit.as_secs() + 1).next_power_of_two());
        self.begin_with(SessionLimits { statement, ..self.role.limits() }).await
    }

    /// A connection outside any transaction, for DDL that then waits for others without blocking them, with limits of
    /// its own in seconds. Behind a transaction pooler the limits cannot be set there, so it is in a transaction, and
    /// asks for locks briefly. Ends with [`Session::end_outside`].
    pub(crate) async fn begin_outside(&self, lock: u64, statement: u64) -> Result<Session, StoreError> {
        let statement = Duration::from_secs(statement);
        if !self.keeps_sessions() {
            return self.begin_with(SessionLimits { lock: BRIEF_LOCK, statement, ..self.role.limits() }).await;
        }
        let mut session = self.connect_outside().await?;
        let sql = format!(
            "set application_name = '{}'; set lock_timeout = '{lock}s'; set statement_timeout = {}",
            session.name(),
            statement.as_millis(),
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *session).await?;
        Ok(session)
    }

    /// Begins DDL on a table that others use. It takes as long as it takes; the table's lock is asked for briefly,
    /// because deliveries and readers queue behind the request.
    pub(crate) async fn begin_ddl(&self) -> Result<Session, StoreError> {
        let day = Duration::from_secs(24 * 3_600);
        self.begin_with(SessionLimits { lock: BRIEF_LOCK, statement: day, ..self.role.limits() }).await
    }

    /// A connection outside any transaction, without limits. Ends with [`Session::release`].
    pub(crate) async fn connect_outside(&self) -> Result<Session, StoreError> {
        self.sessions.connect(self.role, self.scope.as_ref()).await
    }

    /// Does the work, or gives it up at the deadline: closes its connections, and the idle ones, which may be as dead.
    ///
    /// # Errors
    ///
    /// [`StoreError::TimedOut`] at the deadline; the server may have finished it all the same.
    pub async fn within<T, E: From<StoreError>>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        timeout(limit, work).await.unwrap_or_else(|_| {
            self.sessions.suspect();
            Err(StoreError::TimedOut.into())
        })
    }

    /// Does work of any length, and gives it up when the server does not work on it: because it waits for a client that
    /// it does not hear, has lost the session, or does not answer.
    ///
    /// * `limit`: the longest time that it may take all the same
    /// * `work`: uses the store that it is given
    ///
    /// # Errors
    ///
    /// [`StoreError::Lost`], and [`StoreError::TimedOut`] at the limit.
    pub async fn watched<T, E, F>(&self, limit: Option<Duration>, work: impl FnOnce(Store) -> F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: Future<Output = Result<T, E>>,
    {
        let scope = WatchScope::default();
        let work = work(Store { scope: Some(scope.clone()), ..self.clone() });
        tokio::select! {
            biased;
            done = work => done,
            error = self.sessions.watch(&scope, limit) => {
                self.sessions.suspect();
                Err(error.into())
            }
        }
    }

    /// The connections of each role.
    pub fn pools(&self) -> Vec<PoolUse> {
        let pools = Role::VARIANTS.iter().map(|&role| {
            let status = self.sessions.pool(role).status();
            PoolUse {
                role: role.name(),
                in_use: status.size.saturating_sub(status.available),
                idle: status.available,
                limit: status.max_size,
                waiting: status.waiting,
            }
        });
        pools.collect()
    }

    /// The last part of the names of this process's sessions.
    pub(crate) fn process(&self) -> Arc<str> {
        Arc::clone(&self.sessions.0.process)
    }

    /// Where the servers are: host and port, or the path of the socket.
    pub fn address(&self) -> String {
        self.sessions.0.servers.address()
    }

    /// Connects once, outside the pools.
    pub async fn try_connection(&self) -> Result<(), StoreError> {
        let connection = timeout(CONNECT * 2, self.sessions.0.servers.connect());
        match connection.await {
            Ok(connection) => {
                let _ = timeout(PING, connection?.close()).await;
                Ok(())
            }
            Err(_) => Err(StoreError::TimedOut),
        }
    }

    /// Checks that no transaction pooler stands in front, unless the settings say so. It would break statements with
    /// names, and what polysink sets for a session would reach other clients.
    ///
    /// # Errors
    ///
    /// [`StoreError::TransactionPooler`]
    pub async fn check_pooler(&self) -> Result<(), StoreError> {
        let SharedPools { servers, direct, .. } = &*self.sessions.0;
        for servers in [servers, direct] {
            if servers.pooler() == Pooler::Session
                && timeout(CONNECT * 2, servers.detect()).await.unwrap_or(Err(StoreError::TimedOut))?
                    == Pooler::Transaction
            {
                return Err(StoreError::TransactionPooler);
            }
            if Arc::ptr_eq(servers, direct) {
                break;
            }
        }
        Ok(())
    }

    /// Whether this role's connections keep their server sessions, which statements outside a transaction need.
    pub(crate) fn keeps_sessions(&self) -> bool {
        let SharedPools { servers, direct, .. } = &*self.sessions.0;
        let servers = if self.role.needs_session() { direct } else { servers };
        servers.pooler() == Pooler::Session
    }

    /// Closes the connections. Those in use are closed when their users are done.
    pub async fn close(&self) {
        self.sessions.close().await;
    }
}
