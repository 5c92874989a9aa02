//! `/health/live` and `/health/ready`, open to everybody.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::Shared;
use crate::store::{Role, Store, StoreError};

/// For so long an answer of the database is repeated, so that whoever asks often asks the database once.
const FRESH: Duration = Duration::from_secs(1);

/// How long the database may take: a probe's own timeout is seldom longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why deliveries cannot be stored: a word for programs, and a sentence for people.
#[derive(Debug, Clone)]
struct Unready {
    word: &'static str,
    detail: String,
}

impl From<StoreError> for Unready {
    fn from(error: StoreError) -> Self {
        let (word, detail) = match &error {
            StoreError::NotMigrated | StoreError::Outdated(_) => ("outdated", error.to_string()),
            StoreError::ReadOnly => ("read-only", error.to_string()),
            StoreError::Encoding(_) => ("unusable", error.to_string()),
            // Its words can name hosts and users, which are nobody's business here. The log has them.
            _ => ("away", "the database does not answer, or not as it should; the service's log says more".to_owned()),
        };
        Self { word, detail }
    }
}

/// Whether deliveries can be stored, as of a moment ago. Clones share the answer.
#[derive(Debug, Clone)]
pub struct Readiness {
    store: Store,
    /// The database is asked from the service's runtime: that of an HTTP worker can be busy, and with it the connections that
    /// were made there.
    runtime: Handle,
    latest: Arc<Mutex<Latest>>,
}

type Latest = Option<(Instant, Result<(), Unready>)>;

impl Readiness {
    /// Asks from the runtime that this is called on.
    pub fn new(store: &Store) -> Self {
        Self { store: store.for_role(Role::Monitor), runtime: Handle::current(), latest: Arc::default() }
    }

    async fn check(&self) -> Result<(), Unready> {
        let asked = self.clone();
        // Goes on when the client has gone, for the next one that asks.
        let checked = self.runtime.spawn(async move { asked.ask().await });
        checked.await.unwrap_or_else(|_| Err(StoreError::TimedOut.into()))
    }

    async fn ask(&self) -> Result<(), Unready> {
        let mut latest = self.latest.lock().await;
        if let Some((when, ready)) = &*latest
            && when.elapsed() < FRESH
        {
            return ready.clone();
        }
        let checked = self.store.within(PATIENCE, self.store.check()).await;
        let ready = checked.inspect_err(|error| tracing::warn!(%error, "not ready")).map_err(Unready::from);
        *latest = Some((Instant::now(), ready.clone()));
        ready
    }
}

/// The process runs and answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// A delivery sent now would be answered with 200.
pub async fn ready(shared: web::Data<Shared>) -> HttpResponse {
    match shared.readiness.check().await {
        Ok(()) => HttpResponse::Ok().json(json!({"status": "ok", "database": "ok"})),
        Err(Unready { word, detail }) => HttpResponse::ServiceUnavailable()
            .json(json!({"status": "unavailable", "database": word, "detail": detail})),
    }
}
