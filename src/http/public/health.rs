//! `/health/live` and `/health/ready`, open to all clients.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use actix_web::{HttpResponse, web};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::shared::{Phase, PublicState};
use crate::store::{Role, Store, StoreError};

/// How long an answer is reused, so that frequent probes query the database once.
const FRESH: Duration = Duration::from_secs(1);

/// How long a probe waits for the database: its own timeout is seldom longer. The query continues, for the next probe.
const PATIENCE: Duration = Duration::from_secs(2);

/// Time for the database to answer: a new connection and a few round trips, however far it is.
const LIMIT: Duration = Duration::from_secs(10);

/// Why deliveries cannot be stored: a code for programs and a sentence for people.
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
            // The error can name hosts and users, so only the log has it.
            _ => return Self::away(),
        };
        Self { word, detail }
    }
}

impl Unready {
    fn away() -> Self {
        Self { word: "away", detail: "the database is not available; the service's log says why".to_owned() }
    }
}

/// Whether deliveries can be stored, as of a moment ago. Clones share the answer.
#[derive(Debug, Clone)]
pub struct Readiness {
    store: Store,
    /// The service's runtime, which queries the database: an HTTP worker's can be busy, and with it the connections
    /// made there.
    runtime: Handle,
    latest: Arc<Mutex<Latest>>,
}

type Latest = Option<(Instant, Result<(), Unready>)>;

impl Readiness {
    /// Queries the database from the runtime that this is called on.
    pub fn new(store: &Store) -> Self {
        Self { store: store.for_role(Role::Monitor), runtime: Handle::current(), latest: Arc::default() }
    }

    async fn check(&self) -> Result<(), Unready> {
        let asked = self.clone();
        // Continues if the client has gone, for the next one that asks.
        let checked = self.runtime.spawn(async move { asked.ask().await });
        match timeout(PATIENCE, checked).await {
            Ok(Ok(checked)) => checked,
            _ => Err(StoreError::TimedOut.into()),
        }
    }

    async fn ask(&self) -> Result<(), Unready> {
        let mut latest = self.latest.lock().await;
        if let Some((when, ready)) = &*latest
            && when.elapsed() < FRESH
        {
            return ready.clone();
        }
        let checked = self.store.within(LIMIT, self.store.check()).await;
        let ready = checked.inspect_err(|error| tracing::warn!(%error, "not ready")).map_err(Unready::from);
        *latest = Some((Instant::now(), ready.clone()));
        ready
    }
}

/// The process runs and answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// A delivery sent now would be answered with 200: stored, or spooled while the database is away. A service that is
/// about to stop says so first.
pub async fn ready(shared: web::Data<PublicState>) -> HttpResponse {
    if *shared.stopping.phase.borrow() != Phase::Serving {
        return HttpResponse::ServiceUnavailable().json(json!({"status": "stopping"}));
    }
    let database = match shared.readiness.check().await {
        // It answers, and takes no deliveries: its disk is full, for example.
        Ok(()) if shared.queue.is_away() => Err(Unready::away()),
        other => other,
    };
    let spool = shared.queue.spool_status();
    let spool_word = match &spool {
        None => "off",
        Some(spool) if spool.error.is_some() => "failed",
        Some(spool) if spool.is_full() => "full",
        Some(_) => "ok",
    };
    let ready = database.is_ok() || spool_word == "ok";
    let mut answer = json!({"status": if ready { "ok" } else { "unavailable" }, "database": "ok", "spool": spool_word});
    if let Err(Unready { word, detail }) = database {
        answer["database"] = json!(word);
        answer["detail"] = json!(detail);
    }
    let totals = shared.queue.spooled();
    if spool.is_some() || totals.entries > 0 {
        let age = totals.oldest_at().and_then(seconds_since);
        let failing = shared.queue.spool_failing_since().and_then(seconds_since);
        answer["spooled"] = json!({
            "deliveries": totals.entries,
            "bytes": totals.bytes,
            "oldest_seconds": age,
            "failing_seconds": failing,
            "set_aside": shared.queue.set_aside(),
        });
    }
    let mut response = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.json(answer)
}

/// How long ago a time was, in seconds since 1970.
fn seconds_since(at: u64) -> Option<u64> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(now.as_secs().saturating_sub(at))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use sqlx::postgres::PgConnectOptions;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_look_at_the_database_outlives_the_worker_that_asked() {
        // A database that accepts connections and never answers.
        let database = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = database.local_addr().expect("it has one").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (connected, first) = oneshot::channel();
        std::thread::spawn({
            let connections = Arc::clone(&connections);
            move || {
                let mut connected = Some(connected);
                let mut open = Vec::new();
                for stream in database.incoming() {
                    open.push(stream);
                    connections.fetch_add(1, Ordering::SeqCst);
                    connected.take().map(|connected| connected.send(()));
                }
            }
        });
        let store = Store::new(PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port), 1);
        let readiness = Readiness::new(&store);

        // A worker that asks, and ends as soon as the database has been reached.
        let asking = readiness.clone();
        let worker = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("it can be made");
            runtime.block_on(async {
                tokio::select! { _ = asking.check() => {}, reached = first => reached.expect("it was") }
            });
        });
        tokio::task::spawn_blocking(move || worker.join()).await.expect("it can wait").expect("it does not panic");
        let unready = readiness.check().await.expect_err("it says nothing");
        assert_eq!(unready.word, "away");
        assert_eq!(connections.load(Ordering::SeqCst), 1, "the check that was begun continued");
    }
}
