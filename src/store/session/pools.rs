//! The pools of all roles, and when their connections are closed.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{Object, Pool, PoolConfig, PoolError, QueueMode, TimeoutType, Timeouts};
use strum::VariantArray as _;
use tokio::time::{sleep, timeout};

use super::endpoint::{Endpoint, Servers};
use super::pool::{Manager, Names, PooledConnection, Suspicion};
use super::{CONNECT, PING, Role};
use crate::store::StoreError;

/// Time to wait for a connection of a role's pool: longer than its holders may take.
const WAIT: Duration = Duration::from_secs(5);

/// A connection that is not used for this long is closed: middleboxes drop idle connections silently.
const IDLE: Duration = Duration::from_secs(60);
const REAP_EVERY: Duration = Duration::from_secs(15);

/// The pools of all roles.
#[derive(Clone)]
pub(crate) struct Sessions(pub(super) Arc<SharedPools>);

pub(super) struct SharedPools {
    pub(super) servers: Arc<Servers>,
    /// Those of work that needs a session. The same, unless a transaction pooler stands in front.
    pub(super) direct: Arc<Servers>,
    /// The last part of the names of this process's sessions.
    pub(super) process: Arc<str>,
    pools: Vec<Pool<Manager>>,
    suspicion: Suspicion,
    /// How many transactions are being ended on the server.
    pub(super) ending: tokio::sync::watch::Sender<usize>,
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
    pub fn new(endpoint: Endpoint, writers: usize) -> Self {
        let direct = endpoint.direct.as_deref().cloned();
        let servers = Arc::new(Servers::new(endpoint));
        let direct = direct.map_or_else(|| Arc::clone(&servers), |direct| Arc::new(Servers::new(direct)));
        let (suspicion, names) = (Suspicion::default(), Names::new());
        let pool = |&role: &Role| {
            let servers = Arc::clone(if role.needs_session() { &direct } else { &servers });
            let manager = Manager { servers, role, suspicion: suspicion.clone(), names: names.clone() };
            let mut config = PoolConfig::new(role.connections(writers));
            config.timeouts = Timeouts { wait: Some(WAIT), create: Some(CONNECT), recycle: Some(PING) };
            config.queue_mode = QueueMode::Lifo;
            let pool = Pool::builder(manager).config(config).runtime(Runtime::Tokio1).build();
            pool.expect("the runtime for its timeouts is named")
        };
        let pools = Role::VARIANTS.iter().map(pool).collect();
        let (process, ending) = (names.process(), tokio::sync::watch::Sender::new(0));
        let shared = Arc::new(SharedPools { servers, direct, process, pools, suspicion, ending });
        tokio::spawn(reap(Arc::downgrade(&shared)));
        Self(shared)
    }

    pub(super) fn pool(&self, role: Role) -> &Pool<Manager> {
        &self.0.pools[role as usize]
    }

    /// A connection outside any transaction.
    pub(super) async fn connection(&self, role: Role) -> Result<Object<Manager>, StoreError> {
        // Boxed: a connection in the making is large, and every future around this one would be as large.
        Box::pin(self.pool(role).get()).await.map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Timeout(TimeoutType::Wait) => StoreError::Busy(role),
            PoolError::Timeout(_) | PoolError::PostCreateHook(_) => StoreError::TimedOut,
            PoolError::Closed | PoolError::NoRuntimeSpecified => StoreError::Sql(sqlx::Error::PoolClosed),
        })
    }

    /// Closes the idle connections, and does not reuse others: one of them was dead, and checking each takes time; or
    /// it leads to a server that does not take writes any more.
    pub(in crate::store) fn suspect(&self) {
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
async fn reap(shared: Weak<SharedPools>) {
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
