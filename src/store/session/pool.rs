//! A role's connections: opened, named, and checked before they are reused.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool::managed::{self, Metrics, RecycleError};
use uuid::Uuid;

use super::endpoint::Servers;
use super::{Connection, Role};
use crate::store::StoreError;

/// A connection that was idle for this long is pinged first.
const TRUSTED: Duration = Duration::from_secs(1);

/// Since when connections are suspect. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Suspicion(Arc<Mutex<Option<Instant>>>);

impl Suspicion {
    pub fn raise(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn falls_on(&self, created: Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|since| created < since)
    }
}

/// The names of sessions on the server, in `application_name`, so that another session can find them. They are few and
/// reused: each makes a statement of its own in `pg_stat_statements`.
#[derive(Clone)]
pub(super) struct Names {
    process: Arc<str>,
    taken: Arc<Mutex<BTreeSet<(&'static str, usize)>>>,
}

impl Names {
    pub fn new() -> Self {
        let (process, ..) = Uuid::new_v4().as_fields();
        Self { process: format!("{process:08x}").into(), taken: Arc::default() }
    }

    /// The last part of the names of this process.
    pub fn process(&self) -> Arc<str> {
        Arc::clone(&self.process)
    }

    fn take(&self, role: Role) -> StatementName {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let free = |n: &usize| !taken.contains(&(role.name(), *n));
        let n = (1..usize::MAX).find(free).expect("there are more numbers than sessions");
        taken.insert((role.name(), n));
        let text = format!("polysink {} {n} {}", role.name(), self.process);
        StatementName { text, role, n, names: self.clone() }
    }
}

/// A session's name, free again on drop.
pub(super) struct StatementName {
    pub text: String,
    pub role: Role,
    n: usize,
    names: Names,
}

impl Drop for StatementName {
    fn drop(&mut self) {
        let mut taken = self.names.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.remove(&(self.role.name(), self.n));
    }
}

pub(super) struct PooledConnection {
    pub raw: Connection,
    pub name: StatementName,
}

/// Opens a role's connections, and decides which can be reused.
pub(super) struct Manager {
    pub servers: Arc<Servers>,
    pub role: Role,
    pub suspicion: Suspicion,
    pub names: Names,
}

impl managed::Manager for Manager {
    type Type = PooledConnection;
    type Error = StoreError;

    async fn create(&self) -> Result<PooledConnection, StoreError> {
        let raw = self.servers.connect().await?;
        Ok(PooledConnection { raw, name: self.names.take(self.role) })
    }

    async fn recycle(
        &self,
        connection: &mut PooledConnection,
        metrics: &Metrics,
    ) -> Result<(), RecycleError<StoreError>> {
        if self.suspicion.falls_on(metrics.created) {
            return Err(RecycleError::message("another connection was dead"));
        }
        if metrics.last_used() < TRUSTED {
            return Ok(());
        }
        // The pool gives up on it after `PING`; until it has answered, the others are suspect too.
        let mut doubt = Doubt { suspicion: Some(&self.suspicion) };
        connection.raw.ping().await.map_err(StoreError::from)?;
        doubt.suspicion = None;
        Ok(())
    }
}

/// Raises the suspicion, unless it is lifted before.
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
