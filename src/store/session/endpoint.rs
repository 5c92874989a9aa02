//! Where the database is, and what stands in front of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Executor, Postgres};
use tokio::time::timeout;

use super::{CONNECT, Connection, Listener};
use crate::store::StoreError;

/// Until a transaction sets one of its own.
const APPLICATION_NAME: &str = concat!("polysink/", env!("CARGO_PKG_VERSION"));

/// Whether a connection keeps its server session between transactions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pooler {
    /// It does: without a pooler, or with one in session mode.
    #[default]
    Session,
    /// It does not: each transaction may run on another server connection.
    Transaction,
}

/// How the database is reached.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The servers, tried in this order. At least one.
    pub servers: Vec<PgConnectOptions>,
    /// Whether only a server that takes writes will do.
    pub read_write: bool,
    pub pooler: Pooler,
    /// The database without the transaction pooler, for what needs a session.
    pub direct: Option<Box<Endpoint>>,
}

impl From<PgConnectOptions> for Endpoint {
    fn from(server: PgConnectOptions) -> Self {
        Self { servers: vec![server], read_write: false, pooler: Pooler::Session, direct: None }
    }
}

impl Endpoint {
    /// Host and port, or the path of the socket, of each server.
    pub fn address(&self) -> String {
        let address = |server: &PgConnectOptions| match server.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", server.get_host(), server.get_port()),
        };
        self.servers.iter().map(address).collect::<Vec<_>>().join(", ")
    }
}

/// An endpoint, and which of its servers answered last. That one is tried first: a dead server before it would cost
/// each new connection its time.
pub(super) struct Servers {
    endpoint: Endpoint,
    last: AtomicUsize,
}

impl Servers {
    pub fn new(mut endpoint: Endpoint) -> Self {
        for server in &mut endpoint.servers {
            // PgBouncer refuses `extra_float_digits` at the start of a session; it is pinned later.
            *server = server.clone().application_name(APPLICATION_NAME).extra_float_digits(None);
        }
        Self { endpoint, last: AtomicUsize::new(0) }
    }

    pub fn pooler(&self) -> Pooler {
        self.endpoint.pooler
    }

    pub fn address(&self) -> String {
        self.endpoint.address()
    }

    /// Connects to the first server that will do. With several, each gets its share of the time.
    ///
    /// # Errors
    ///
    /// That of the last server tried.
    pub async fn connect(&self) -> Result<Connection, StoreError> {
        self.first(|server| self.connect_to(server)).await
    }

    /// Listens on a channel of the first server that takes it.
    ///
    /// * `name`: of the session
    pub async fn listen(&self, channel: &str, name: &str) -> Result<Listener, StoreError> {
        self.first(|server| Listener::open(server.application_name(name), channel)).await
    }

    async fn first<T, F>(&self, open: impl Fn(PgConnectOptions) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let count = self.endpoint.servers.len();
        let first = self.last.load(Ordering::Relaxed);
        let share = CONNECT / u32::try_from(count).unwrap_or(u32::MAX);
        let mut last_error = StoreError::TimedOut;
        for n in (0..count).map(|n| (first + n) % count) {
            match timeout(share, open(self.endpoint.servers[n].clone())).await {
                Ok(Ok(opened)) => {
                    self.last.store(n, Ordering::Relaxed);
                    return Ok(opened);
                }
                Ok(Err(error)) => last_error = error,
                Err(_) => last_error = StoreError::TimedOut,
            }
        }
        Err(last_error)
    }

    async fn connect_to(&self, server: PgConnectOptions) -> Result<Connection, StoreError> {
        let mut connection = Connection::open(&server, self.endpoint.pooler).await?;
        if self.endpoint.read_write && is_read_only(&mut connection).await? {
            let _ = timeout(Duration::from_secs(1), connection.close()).await;
            return Err(StoreError::ReadOnly);
        }
        Ok(connection)
    }
}

impl Servers {
    /// Whether a transaction pooler stands in front. Such a pooler gives the server connection of an idle client to
    /// another one, or gives a client different ones.
    pub async fn detect(&self) -> Result<Pooler, StoreError> {
        let (mut one, mut other) = (self.connect().await?, self.connect().await?);
        let first = backend(&mut one).await?;
        let borrowed = backend(&mut other).await?;
        let found = borrowed == first || backend(&mut one).await? != first || backend(&mut other).await? != borrowed;
        let closed = futures_util::future::join(one.close(), other.close());
        let _ = timeout(Duration::from_secs(1), closed).await;
        Ok(if found { Pooler::Transaction } else { Pooler::Session })
    }
}

/// The server process that runs a transaction of the connection. A simple query: it leaves nothing behind.
async fn backend(connection: &mut Connection) -> Result<i32, StoreError> {
    let row = sqlx::raw_sql("select pg_backend_pid()").fetch_one(connection).await?;
    Ok(sqlx::Row::try_get(&row, 0)?)
}

/// Whether the server takes no writes.
pub(super) async fn is_read_only(connection: impl Executor<'_, Database = Postgres>) -> Result<bool, StoreError> {
    let row = sqlx::raw_sql("select current_setting('transaction_read_only') = 'on'").fetch_one(connection).await?;
    Ok(sqlx::Row::try_get(&row, 0)?)
}
