//! The admin listener: metrics, and pages for people. Started by `app`, and served by a worker of its own, so that no
//! delivery delays it.

mod access;
mod examination;
mod metrics;
mod observation;
mod observe;
mod pages;
mod replays;

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::runtime::Handle;
use uuid::Uuid;

use self::examination::Examination;
pub use self::examination::{Examine, Warning};
use self::observation::Observation;
pub(crate) use self::observe::observe;
use self::pages::read::{self, Overview};
pub use self::replays::{ReplayRequest, Replays};
use super::failures::Failures;
use super::problem::Problem;
use super::public::PublicUse;
use crate::metrics::Metrics;
use crate::store::{Role, Store, StoreError};
use crate::verify::{AdminToken, PageKey};
use crate::writer::Queue;

/// Scrapers and people are few.
const MAX_CONNECTIONS: usize = 64;

/// Time for a client to send its headers.
const HEADERS: Duration = Duration::from_secs(5);

/// The parts of the admin listener.
#[derive(Debug)]
pub struct AdminOptions {
    /// Without one, the listener's address is loopback.
    pub token: Option<AdminToken>,
    pub metrics: Metrics,
    pub queue: Queue,
    pub store: Store,
    pub public_use: PublicUse,
    /// The folders whose disks are measured: `spool`, `data`.
    pub folders: Vec<(&'static str, PathBuf)>,
    /// The spool's limit in bytes.
    pub spool_max: u64,
    /// Runs the checks of `doctor`.
    pub examine: Examine,
    /// Where the pages ask for replays.
    pub replays: Replays,
    /// Returns the time.
    pub now: fn() -> DateTime<Utc>,
}

/// State that the handlers share.
#[derive(Debug)]
struct Shared {
    options: AdminOptions,
    failures: Failures,
    observation: Observation,
    examination: Examination,
    /// Signs the sessions and forms of the pages.
    key: PageKey,
    pages: Store,
    /// The service's runtime, which the connections belong to.
    runtime: Handle,
    /// The last one that could be read.
    overview: Mutex<Option<Arc<Overview>>>,
}

/// Time for the database to answer a page.
const PAGE: Duration = Duration::from_secs(5);

/// How long an overview is reused, so that many readers cost no more than one.
const OVERVIEW: TimeDelta = TimeDelta::seconds(2);

impl Shared {
    /// Reads for a page; `None` if the database does not answer.
    async fn read<T: Send + 'static, F>(&self, work: impl FnOnce(Store) -> F) -> Option<T>
    where
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let (store, work) = (self.pages.clone(), work(self.pages.clone()));
        let done = self.runtime.spawn(async move { store.within(PAGE, work).await }).await;
        match done {
            Ok(Ok(done)) => Some(done),
            Ok(Err(error)) => {
                tracing::debug!(%error, "cannot read what a page shows");
                None
            }
            Err(_) => None,
        }
    }

    /// The status of everything, and whether it is of now; otherwise it is the last one that could be read.
    async fn overview(&self, now: DateTime<Utc>) -> (Option<Arc<Overview>>, bool) {
        let last = self.overview.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if last.as_ref().is_some_and(|last| (now - last.read_at).abs() < OVERVIEW) {
            return (last, true);
        }
        match self.read(async move |store| read::overview(&store, now).await).await {
            Some(overview) => {
                let overview = Arc::new(overview);
                *self.overview.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&overview));
                (Some(overview), true)
            }
            None => (last, false),
        }
    }
}

/// Starts serving on `listener`. The returned server's handle stops it, not signals. The database is queried from the
/// runtime that this is called on.
pub fn serve(listener: TcpListener, mut options: AdminOptions) -> std::io::Result<Server> {
    let examine = std::mem::replace(&mut options.examine, Examine::nothing());
    let key = match &options.token {
        Some(token) => token.page_key(),
        // Sessions are not needed, and forms are as old as this process at the most.
        None => PageKey::new([Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes).as_flattened()),
    };
    let shared = web::Data::new(Shared {
        failures: Failures::default(),
        observation: Observation::new(&options.store, options.now),
        examination: Examination::new(examine, options.now),
        key,
        pages: options.store.for_role(Role::Pages),
        runtime: Handle::current(),
        overview: Mutex::default(),
        options,
    });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::clone(&shared))
            .wrap(from_fn(access::check))
            .service(
                web::resource("/metrics")
                    .route(web::get().to(metrics::metrics))
                    .route(web::head().to(metrics::metrics))
                    .default_service(web::to(not_allowed)),
            )
            .configure(pages::routes)
            .default_service(web::to(not_found))
    });
    let server = server
        .workers(1)
        .max_connections(MAX_CONNECTIONS)
        .client_request_timeout(HEADERS)
        .shutdown_timeout(1)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

async fn not_allowed() -> HttpResponse {
    Problem::MethodNotAllowed("GET, HEAD").response()
}

async fn not_found() -> HttpResponse {
    Problem::NotFound("The admin listener has /, /syncs/ID, /deliveries/ID and /metrics.".to_owned()).response()
}
