//! Connections to the database: a pool for each role, limits in every transaction, and what becomes of a connection that does
//! not answer.
//!
//! Three rules keep a slow server or a dead network from spreading:
//!
//! * Every transaction begins with the limits of its role, so the server ends what its client has forgotten. They are `set local`,
//!   which also holds behind a transaction pooler.
//! * A connection whose work was given up is closed, never pooled, and its transaction is ended on the server through another
//!   connection. Whoever tries again gets a fresh connection.
//! * Whoever waits for the database has a deadline ([`Store::within`]), or a watch that tells a slow statement from a dead
//!   connection ([`Store::watched`]).

use std::collections::BTreeSet;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use deadpool::Runtime;
use deadpool::managed::{
    self, Metrics, Object, Pool, PoolConfig, PoolError, QueueMode, RecycleError, TimeoutType, Timeouts,
};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::{Store, StoreError};

/// How long a new connection may take, its authentication included. A try of a writer has to have time for a second one.
const CONNECT: Duration = Duration::from_secs(2);

/// How long to wait for a place in a role's pool. Longer than its holders may take, there is none to be expected.
const WAIT: Duration = Duration::from_secs(5);

/// A connection that was not used for this long is asked for a sign of life first.
const TRUSTED: Duration = Duration::from_secs(1);
const PING: Duration = Duration::from_secs(1);

/// A connection that is not used for this long is closed: middleboxes forget idle connections without telling anybody.
const IDLE: Duration = Duration::from_secs(60);
const REAP_EVERY: Duration = Duration::from_secs(15);

/// How often work is compared with what the server says of it, and for how long the server may have been waiting for us.
const WATCH_EVERY: Duration = Duration::from_secs(1);
const WATCH_IDLE_SECONDS: f64 = 3.0;

/// Without any answer for this long, watched work is given up: the server or the way to it is gone.
const WATCH_SILENCE: Duration = Duration::from_secs(10);

/// How long the end of a transaction that was given up is tried to be brought about. Its own limits end it later at the latest.
const END_TRIES: u32 = 60;

/// What a connection is for. Each role has connections of its own, which no other can use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Deliveries into the ledger.
    Writer,
    /// Backlog into query tables.
    Projector,
    /// What goes through a sync's whole content: rebuilds, and the commands of an operator.
    Operator,
    /// Partitions and other work by the clock.
    Maintenance,
    /// Health checks, and looks at what the others do.
    Monitor,
}

impl Role {
    const ALL: [Self; 5] = [Self::Writer, Self::Projector, Self::Operator, Self::Maintenance, Self::Monitor];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Writer => "writer",
            Self::Projector => "projector",
            Self::Operator => "operator",
            Self::Maintenance => "maintenance",
            Self::Monitor => "monitor",
        }
    }

    /// How many connections there are at most.
    fn connections(self, writers: usize) -> usize {
        match self {
            Self::Writer => writers,
            // Two workers and the look at the backlog.
            Self::Projector => 3,
            // Each of two rebuilds in the service holds its lock, a transaction, and reads the ledger beside it.
            Self::Operator => 6,
            Self::Maintenance => 1,
            Self::Monitor => 2,
        }
    }

    /// `lock_timeout`, `statement_timeout` and `idle_in_transaction_session_timeout`, in seconds.
    ///
    /// * A writer tries again rather than wait for a lock; how long its statements may take depends on the delivery.
    /// * A projection waits for somebody's lock on a query table, such as a new index takes, without harm to deliveries. Its
    ///   batches are bounded, so a statement of a minute is out of all proportion.
    /// * An operator's work goes over whole tables. It waits for a lock as long as a person would.
    fn limits(self) -> (u64, u64, u64) {
        match self {
            Self::Writer => (2, 4, 5),
            Self::Projector | Self::Maintenance => (5, 60, 10),
            Self::Operator => (60, 3_600, 60),
            Self::Monitor => (1, 2, 2),
        }
    }
}

/// The pools of all roles.
#[derive(Clone)]
pub(super) struct Sessions(Arc<Shared>);

struct Shared {
    options: PgConnectOptions,
    pools: Vec<Pool<Manager>>,
    suspicion: Suspicion,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

impl Sessions {
    /// Makes the pools. Nothing is connected yet.
    ///
    /// * `writers`: connections for deliveries
    pub fn new(options: PgConnectOptions, writers: usize) -> Self {
        let options = options.application_name("polysink");
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
        let shared = Arc::new(Shared { options, pools: pools.into(), suspicion });
        tokio::spawn(reap(Arc::downgrade(&shared)));
        Self(shared)
    }

    fn pool(&self, role: Role) -> &Pool<Manager> {
        &self.0.pools[role as usize]
    }

    /// A connection outside any transaction.
    async fn connection(&self, role: Role) -> Result<Object<Manager>, StoreError> {
        // Boxed, because a connection in the making is large and every future around this one would be as large.
        Box::pin(self.pool(role).get()).await.map_err(|error| match error {
            PoolError::Backend(error) => StoreError::Sql(error),
            PoolError::Timeout(TimeoutType::Wait) => StoreError::Busy(role),
            PoolError::Timeout(_) | PoolError::PostCreateHook(_) => StoreError::TimedOut,
            PoolError::Closed | PoolError::NoRuntimeSpecified => StoreError::Sql(sqlx::Error::PoolClosed),
        })
    }

    /// Closes the connections that nobody uses: one of their kind was dead, and finding out for each takes time.
    fn suspect(&self) {
        self.0.suspicion.raise();
        for pool in &self.0.pools {
            drop(pool.retain(|_, _| false));
        }
    }

    /// Ends a transaction on the server whose client has given it up, in the background.
    fn end(&self, connection: PooledConnection) {
        let PooledConnection { raw, name } = connection;
        drop(raw); // closes the socket; a backend that waits for a lock or has lost its network notices nothing of it
        if name.role == Role::Monitor {
            return; // its own limits are as quick, and it is what ends the others
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let sessions = Arc::downgrade(&self.0);
        runtime.spawn(async move {
            for _ in 0..END_TRIES {
                let Some(shared) = sessions.upgrade() else { return };
                match timeout(CONNECT, terminate(&Self(shared), &name.text)).await {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => {
                        tracing::debug!(%error, session = name.text, "cannot end a session on the server yet");
                    }
                    Err(_) => {}
                }
                sleep(Duration::from_secs(1)).await;
            }
        });
    }

    /// Returns when the work of these sessions is lost, or has taken longer than `limit`.
    async fn watch(&self, scope: &Scope, limit: Option<Duration>) -> StoreError {
        let began = Instant::now();
        let mut answered = Instant::now();
        let mut suspects: Vec<(Instant, String)> = Vec::new();
        loop {
            sleep(WATCH_EVERY).await;
            if limit.is_some_and(|limit| began.elapsed() >= limit) {
                return StoreError::TimedOut;
            }
            let mut open = scope.open();
            if open.is_empty() {
                answered = Instant::now();
                continue;
            }
            let names: Vec<String> = open.iter().map(|(_, name)| name.clone()).collect();
            match timeout(CONNECT, lost(self, &names)).await {
                Ok(Ok(lost)) => {
                    answered = Instant::now();
                    open.retain(|(_, name)| lost.contains(name));
                    // Twice, because a session is unknown to the server for a moment at either end, too.
                    if open.iter().any(|session| suspects.contains(session)) {
                        return StoreError::Lost;
                    }
                    suspects = open;
                }
                Ok(Err(error)) => tracing::debug!(%error, "cannot see how the sessions are doing"),
                Err(_) => {}
            }
            if answered.elapsed() >= WATCH_SILENCE {
                return StoreError::Lost;
            }
        }
    }

    /// Closes the connections that nobody uses. Those in use are closed when their users are done, and no new ones are made.
    pub async fn close(&self) {
        let idle = self.0.pools.iter().flat_map(|pool| pool.retain(|_, _| false).removed).collect();
        self.0.pools.iter().for_each(Pool::close);
        say_goodbye(idle).await;
    }
}

/// Closes what has not been used for a while.
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

/// Tells the server of each that it is closed. The server may be gone, and the connection with it.
async fn say_goodbye(connections: Vec<PooledConnection>) {
    let goodbyes = connections.into_iter().map(|connection| connection.raw.close());
    let _ = timeout(PING, futures_util::future::join_all(goodbyes)).await;
}

async fn terminate(sessions: &Sessions, name: &str) -> Result<(), StoreError> {
    let mut session = sessions.begin(Role::Monitor, None, None).await?;
    sqlx::query_scalar!(
        r#"select count(pg_terminate_backend(pid)) as "count!" from pg_catalog.pg_stat_activity
           where application_name = $1 and pid <> pg_backend_pid()"#,
        name,
    )
    .fetch_one(&mut *session)
    .await?;
    session.commit().await
}

/// Those of these sessions that the server does not know, or whose client it waits for.
async fn lost(sessions: &Sessions, names: &[String]) -> Result<Vec<String>, StoreError> {
    let mut session = sessions.begin(Role::Monitor, None, None).await?;
    let lost = sqlx::query_scalar!(
        r#"select s.name as "name!" from unnest($1::text[]) as s (name)
           where not exists (
               select from pg_catalog.pg_stat_activity a
               where a.application_name = s.name
                 and (coalesce(a.wait_event_type, '') <> 'Client'
                      or a.state_change > clock_timestamp() - make_interval(secs => $2))
           )"#,
        names,
        WATCH_IDLE_SECONDS,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(lost)
}

/// Since when connections are not trusted. Clones share it.
#[derive(Clone, Default)]
struct Suspicion(Arc<Mutex<Option<Instant>>>);

impl Suspicion {
    fn raise(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn falls_on(&self, created: Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|since| created < since)
    }
}

/// The names that sessions have on the server, in `application_name`, so that another session can find them. Few, and used
/// again: each makes a statement of its own in `pg_stat_statements`.
#[derive(Clone)]
struct Names {
    process: Arc<str>,
    taken: Arc<Mutex<BTreeSet<(&'static str, usize)>>>,
}

impl Names {
    fn new() -> Self {
        let (process, ..) = Uuid::new_v4().as_fields();
        Self { process: format!("{process:08x}").into(), taken: Arc::default() }
    }

    fn take(&self, role: Role) -> Name {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let free = |n: &usize| !taken.contains(&(role.name(), *n));
        let n = (1..usize::MAX).find(free).expect("there are more numbers than sessions");
        taken.insert((role.name(), n));
        let text = format!("polysink {} {n} {}", role.name(), self.process);
        Name { text, role, n, names: self.clone() }
    }
}

/// A session's name, free again when this is dropped.
struct Name {
    text: String,
    role: Role,
    n: usize,
    names: Names,
}

impl Drop for Name {
    fn drop(&mut self) {
        let mut taken = self.names.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.remove(&(self.role.name(), self.n));
    }
}

struct PooledConnection {
    raw: PgConnection,
    name: Name,
}

/// Makes a role's connections, and says which of them can be used again.
struct Manager {
    options: PgConnectOptions,
    role: Role,
    suspicion: Suspicion,
    names: Names,
}

impl managed::Manager for Manager {
    type Type = PooledConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<PooledConnection, sqlx::Error> {
        let raw = PgConnection::connect_with(&self.options).await?;
        Ok(PooledConnection { raw, name: self.names.take(self.role) })
    }

    async fn recycle(
        &self,
        connection: &mut PooledConnection,
        metrics: &Metrics,
    ) -> Result<(), RecycleError<sqlx::Error>> {
        if self.suspicion.falls_on(metrics.created) {
            return Err(RecycleError::message("another connection was dead"));
        }
        if metrics.last_used() < TRUSTED {
            return Ok(());
        }
        // The pool gives up on it after `PING`; until it has answered, the others are suspect too.
        let mut doubt = Doubt { suspicion: Some(&self.suspicion) };
        connection.raw.ping().await?;
        doubt.suspicion = None;
        Ok(())
    }
}

/// Raises the suspicion unless it is lifted first.
struct Doubt<'a> {
    suspicion: Option<&'a Suspicion>,
}

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        if let Some(suspicion) = self.suspicion {
            suspicion.raise();
        }
    }
}

/// The sessions that a piece of work has open: when each began, and its name. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope(Arc<Mutex<Vec<(Instant, String)>>>);

impl Scope {
    fn open(&self) -> Vec<(Instant, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((Instant::now(), name.to_owned()));
    }

    fn remove(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(_, other)| other != name);
    }
}

/// A transaction with the limits of its role. One that is dropped before its end is ended on the server, and its connection
/// is closed.
pub(super) struct Session {
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
    /// * `statement_timeout`: in seconds, where it is not the role's
    /// * `scope`: whose work it is part of
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
}

impl Sessions {
    /// A connection outside any transaction, for what makes its own. That sets [`Session::name`].
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
    /// What its transaction sets as `application_name`.
    pub fn name(&self) -> &str {
        &self.connection.as_ref().expect(OPEN).name.text
    }

    /// Gives the connection back. It is in no transaction.
    pub fn give_back(mut self) {
        self.release();
    }

    /// Ends the transaction; from here on it is durable.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        sqlx::raw_sql("commit").execute(&mut *self).await?;
        self.release();
        Ok(())
    }

    /// Ends it without a trace.
    pub async fn rollback(mut self) -> Result<(), StoreError> {
        sqlx::raw_sql("rollback").execute(&mut *self).await?;
        self.release();
        Ok(())
    }

    /// Commits where the work succeeded. Where the server refused it, the transaction is rolled back; where the server did not
    /// answer, the connection is closed.
    pub async fn conclude<T>(self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        match done {
            Ok(done) => self.commit().await.map(|()| done),
            Err(error) if error.is_from_server() => {
                // The first error is the one to tell.
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

impl Store {
    /// The same database, for work of another role.
    #[must_use]
    pub fn for_role(&self, role: Role) -> Self {
        Self { role, ..self.clone() }
    }

    /// Begins a transaction of this store's role.
    pub(super) async fn begin(&self) -> Result<Session, StoreError> {
        self.sessions.begin(self.role, None, self.scope.as_ref()).await
    }

    /// Begins one whose statements may take `limit`, rounded up so that few statements differ.
    pub(super) async fn begin_limited(&self, limit: Duration) -> Result<Session, StoreError> {
        let seconds = (limit.as_secs() + 1).next_power_of_two();
        self.sessions.begin(self.role, Some(seconds), self.scope.as_ref()).await
    }

    /// Does the work, or gives it up at the deadline: its connections are closed, and so are those that lie idle, which may be as
    /// dead.
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

    /// Does work of any length, and gives it up when the server is not at it: because it waits for a client whose words it does
    /// not get, has lost the session, or answers nobody.
    ///
    /// * `limit`: the longest that it may take all the same
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
