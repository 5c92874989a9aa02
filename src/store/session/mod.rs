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

mod end;
mod pool;
mod role;
mod watch;

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Weak};
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{Object, Pool, PoolConfig, PoolError, QueueMode, TimeoutType, Timeouts};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::time::{sleep, timeout};

pub use self::role::Role;
pub(crate) use self::watch::Scope;

use self::pool::{Manager, Names, PooledConnection, Suspicion};
use super::{Store, StoreError};
use crate::metrics::PoolUse;

/// Time for a new connection, with authentication. A writer's try must have time for a second one.
const CONNECT: Duration = Duration::from_secs(2);

/// Time to wait for a connection of a role's pool: longer than its holders may take.
const WAIT: Duration = Duration::from_secs(5);

/// Time for a ping, and for a graceful close.
const PING: Duration = Duration::from_secs(1);

/// A connection that is not used for this long is closed: middleboxes drop idle connections silently.
const IDLE: Duration = Duration::from_secs(60);
const REAP_EVERY: Duration = Duration::from_secs(15);

/// The pools of all roles.
#[derive(Clone)]
pub(crate) struct Sessions(Arc<Shared>);

struct Shared {
    options: PgConnectOptions,
    pools: Vec<Pool<Manager>>,
    suspicion: Suspicion,
    /// How many transactions are being ended on the server.
    ending: tokio::sync::watch::Sender<usize>,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

impl Sessions {
    /// Makes the pools. Nothing connects yet.
    ///
    /// * `writers`: the number of connections for deliveries
    pub fn new(options: PgConnectOptions, writers: usize) -> Self {
        let options = options.application_name(concat!("polysink/", env!("CARGO_PKG_VERSION")));
        let (suspicion, names) = (Suspicion::default(), Names::new());
        let pools = Role::ALL.map(|role| {
            let manager =
                Manager { options: options.clone(), role, suspicion: suspicion.clone(), names: names.clone() };
            let mut config = PoolConfig::new(role.connections(writers));
            config.timeouts = Timeouts { wait: Some(WAIT), create: Some(CONNECT), recycle: Some(PING) };
            config.queue_mode = QueueMode::Lifo;
            let pool = Pool::builder(manager).config(config).runtime(Runtime::Tokio1).build();
            pool.expect("the runtime for its timeouts is named")
        });
        let shared =
            Arc::new(Shared { options, pools: pools.into(), suspicion, ending: tokio::sync::watch::Sender::new(0) });
        tokio::spawn(reap(Arc::downgrade(&shared)));
        Self(shared)
    }

    fn pool(&self, role: Role) -> &Pool<Manager> {
        &self.0.pools[role as usize]
    }

    /// A connection outside any transaction.
    async fn connection(&self, role: Role) -> Result<Object<Manager>, StoreError> {
        // Boxed: a connection in the making is large, and every future around this one would be as large.
        Box::pin(self.pool(role).get()).await.map_err(|error| match error {
            PoolError::Backend(error) => StoreError::Sql(error),
            PoolError::Timeout(TimeoutType::Wait) => StoreError::Busy(role),
            PoolError::Timeout(_) | PoolError::PostCreateHook(_) => StoreError::TimedOut,
            PoolError::Closed | PoolError::NoRuntimeSpecified => StoreError::Sql(sqlx::Error::PoolClosed),
        })
    }

    /// Closes the idle connections: one of them was dead, and checking each takes time.
    fn suspect(&self) {
        self.0.suspicion.raise();
        for pool in &self.0.pools {
            drop(pool.retain(|_, _| false));
        }
    }

    /// Closes the idle connections, and those in use when their users are done. No new ones are made.
    pub async fn close(&self) {
        // Transactions that were given up are ended on the server first, as far as it answers.
        let _ = timeout(CONNECT, self.0.ending.subscribe().wait_for(|ending| *ending == 0)).await;
        let idle = self.0.pools.iter().flat_map(|pool| pool.retain(|_, _| false).removed).collect();
        self.0.pools.iter().for_each(Pool::close);
        say_goodbye(idle).await;
    }
}

/// Closes connections that have not been used for a while.
async fn reap(shared: Weak<Shared>) {
    loop {
        sleep(REAP_EVERY).await;
        let Some(shared) = shared.upgrade() else { return };
        let idle: Vec<PooledConnection> =
            shared.pools.iter().flat_map(|pool| pool.retain(|_, metrics| metrics.last_used() < IDLE).removed).collect();
        drop(shared);
        say_goodbye(idle).await;
    }
}

/// Closes each gracefully. The server may be gone, and the connection with it.
async fn say_goodbye(connections: Vec<PooledConnection>) {
    let goodbyes = connections.into_iter().map(|connection| connection.raw.close());
    let _ = timeout(PING, futures_util::future::join_all(goodbyes)).await;
}

/// A transaction with the limits of its role. If it is dropped before its end, it is ended on the server, and its
/// connection is closed.
pub(crate) struct Session {
    connection: Option<Object<Manager>>,
    sessions: Sessions,
    scope: Option<Scope>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.connection.as_ref().map(|connection| &connection.name.text);
        f.debug_struct("Session").field("name", &name).finish_non_exhaustive()
    }
}

const OPEN: &str = "a session has its connection until it ends";

impl Deref for Session {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection.as_ref().expect(OPEN).raw
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection.as_mut().expect(OPEN).raw
    }
}

impl Sessions {
    /// Begins a transaction.
    ///
    /// * `statement_timeout`: in seconds, if it is not the role's
    /// * `scope`: the watched work that it belongs to
    pub async fn begin(
        &self,
        role: Role,
        statement_timeout: Option<u64>,
        scope: Option<&Scope>,
    ) -> Result<Session, StoreError> {
        let mut session = self.connect(role, scope).await?;
        let name = session.name();
        let (lock, statement, idle) = role.limits();
        // `synchronous_commit`: an answer of 200 means that the commit is on disk, whatever the server's default.
        let statement = statement_timeout.unwrap_or(statement);
        let sql = format!(
            "begin; set local application_name = '{name}'; set local synchronous_commit = on; set local lock_timeout = '{lock}s'; \
             set local statement_timeout = '{statement}s'; set local idle_in_transaction_session_timeout = '{idle}s'"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *session).await?;
        Ok(session)
    }

    /// A connection outside any transaction, for libraries that begin their own. These set [`Session::name`].
    pub async fn connect(&self, role: Role, scope: Option<&Scope>) -> Result<Session, StoreError> {
        let connection = self.connection(role).await?;
        let session = Session { connection: Some(connection), sessions: self.clone(), scope: scope.cloned() };
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

    /// Returns the connection to the pool. It is in no transaction.
    pub fn give_back(mut self) {
        self.release();
    }

    /// Takes back the limits of [`Store::begin_outside`], and returns the connection to the pool.
    pub async fn end_outside(mut self) -> Result<(), StoreError> {
        let sql = "reset application_name; reset lock_timeout; reset statement_timeout";
        sqlx::raw_sql(sql).execute(&mut *self).await?;
        self.release();
        Ok(())
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

    fn release(&mut self) {
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
pub(crate) fn trim(connection: &mut PgConnection, bytes: usize) {
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

    /// The same database outside the scope of watched work: for a session that is idle by nature, and not lost.
    #[must_use]
    pub(crate) fn unwatched(&self) -> Self {
        Self { scope: None, ..self.clone() }
    }

    /// Begins a transaction of this store's role.
    pub(crate) async fn begin(&self) -> Result<Session, StoreError> {
        self.sessions.begin(self.role, None, self.scope.as_ref()).await
    }

    /// Begins one whose statements may take `limit`, rounded up so that few statements differ.
    pub(crate) async fn begin_limited(&self, limit: Duration) -> Result<Session, StoreError> {
        let seconds = (limit.as_secs() + 1).next_power_of_two();
        self.sessions.begin(self.role, Some(seconds), self.scope.as_ref()).await
    }

    /// A connection outside any transaction, for statements that PostgreSQL takes only there, with limits of its own in
    /// seconds. Ends with [`Session::end_outside`].
    pub(crate) async fn begin_outside(&self, lock: u64, statement: u64) -> Result<Session, StoreError> {
        let mut session = self.sessions.connect(self.role, self.scope.as_ref()).await?;
        let sql = format!(
            "set application_name = '{}'; set lock_timeout = '{lock}s'; set statement_timeout = '{statement}s'",
            session.name()
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *session).await?;
        Ok(session)
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
        let scope = Scope::default();
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
        let pools = Role::ALL.map(|role| {
            let status = self.sessions.pool(role).status();
            PoolUse {
                role: role.name(),
                in_use: status.size.saturating_sub(status.available),
                idle: status.available,
                limit: status.max_size,
                waiting: status.waiting,
            }
        });
        pools.into()
    }

    /// Where the server is: host and port, or the path of its socket.
    pub fn address(&self) -> String {
        let options = &self.sessions.0.options;
        match options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        }
    }

    /// Connects once, outside the pools.
    pub async fn try_connection(&self) -> Result<(), StoreError> {
        let connection = timeout(CONNECT * 2, PgConnection::connect_with(&self.sessions.0.options));
        match connection.await {
            Ok(connection) => {
                let _ = timeout(PING, connection?.close()).await;
                Ok(())
            }
            Err(_) => Err(StoreError::TimedOut),
        }
    }

    /// Closes the connections. Those in use are closed when their users are done.
    pub async fn close(&self) {
        self.sessions.close().await;
    }
}
