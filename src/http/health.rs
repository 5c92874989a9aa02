//! `/health/live` and `/health/ready`, open to everybody.

use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};
use serde_json::json;
use tokio::sync::Mutex;

use super::Shared;
use crate::store::{Role, Store};

/// For so long an answer of the database is repeated, so that whoever asks often asks the database once.
const FRESH: Duration = Duration::from_secs(1);

/// How long the database may take: a probe's own timeout is seldom longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether deliveries can be stored, as of a moment ago.
#[derive(Debug)]
pub struct Readiness {
    store: Store,
    latest: Mutex<Option<(Instant, bool)>>,
}

impl Readiness {
    pub fn new(store: Store) -> Self {
        Self { store: store.for_role(Role::Monitor), latest: Mutex::new(None) }
    }

    async fn check(&self) -> bool {
        let mut latest = self.latest.lock().await;
        if let Some((when, ready)) = *latest
            && when.elapsed() < FRESH
        {
            return ready;
        }
        let ready = match self.store.within(PATIENCE, self.store.check()).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "not ready");
                false
            }
        };
        *latest = Some((Instant::now(), ready));
        ready
    }
}

/// The process runs and answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// A delivery sent now would be answered with 200.
pub async fn ready(shared: web::Data<Shared>) -> HttpResponse {
    if shared.readiness.check().await {
        HttpResponse::Ok().json(json!({"status": "ok", "database": "ok"}))
    } else {
        HttpResponse::ServiceUnavailable().json(json!({"status": "unavailable", "database": "away"}))
    }
}
