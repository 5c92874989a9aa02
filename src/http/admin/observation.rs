//! The database's part of the metrics, as of a moment ago.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::{Instant, timeout};

use super::observe::observe;
use crate::metrics::Observed;
use crate::store::{Role, Store};

/// How long an answer is reused, so that several scrapers query the database once.
const FRESH: Duration = Duration::from_secs(2);

/// How long a scrape waits for the database. After that, it reports the previous answer, and the query continues.
const PATIENCE: Duration = Duration::from_secs(2);

/// Time for the database to answer: a long backlog takes long to count.
const LIMIT: Duration = Duration::from_secs(60);

/// A previous answer is left out after this time.
const STALE: Duration = Duration::from_secs(300);

/// The latest answer. Clones share it.
#[derive(Debug, Clone)]
pub struct Observation {
    store: Store,
    now: fn() -> DateTime<Utc>,
    /// The service's runtime.
    runtime: Handle,
    /// Held by the query in progress.
    querying: Arc<AsyncMutex<()>>,
    latest: Arc<Mutex<Latest>>,
}

#[derive(Debug, Default)]
struct Latest {
    observed: Option<(Instant, Arc<Observed>)>,
    /// Whether the last query was answered.
    up: bool,
}

impl Observation {
    pub fn new(store: &Store, now: fn() -> DateTime<Utc>) -> Self {
        let (querying, latest) = (Arc::default(), Arc::default());
        Self { store: store.for_role(Role::Metrics), now, runtime: Handle::current(), querying, latest }
    }

    /// The latest answer, and whether the database answered now.
    pub async fn latest(&self) -> (Option<Arc<Observed>>, bool) {
        let querying = self.clone();
        let query = self.runtime.spawn(async move { querying.query().await });
        let in_time = matches!(timeout(PATIENCE, query).await, Ok(Ok(())));
        let latest = self.lock();
        let observed = latest.observed.as_ref().filter(|(at, _)| at.elapsed() < STALE);
        (observed.map(|(_, observed)| Arc::clone(observed)), in_time && latest.up)
    }

    /// Queries the database, unless that was done a moment ago.
    async fn query(&self) {
        let _one_at_a_time = self.querying.lock().await;
        let is_fresh = |latest: &Latest| latest.observed.as_ref().is_some_and(|(at, _)| at.elapsed() < FRESH);
        if is_fresh(&self.lock()) {
            return;
        }
        let observed = self.store.within(LIMIT, observe(&self.store, (self.now)())).await;
        let mut latest = self.lock();
        latest.up = observed.is_ok();
        match observed {
            Ok(observed) => latest.observed = Some((Instant::now(), Arc::new(observed))),
            Err(error) => tracing::debug!(%error, "cannot read the metrics of the database"),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
