//! The admin listener: metrics. Started by `app`, and served by a worker of its own, so that no delivery delays it.

mod access;
mod metrics;
mod observation;
mod observe;

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use chrono::{DateTime, Utc};

use self::observation::Observation;
pub(crate) use self::observe::observe;
use super::failures::Failures;
use super::problem::Problem;
use super::public::PublicUse;
use crate::metrics::Metrics;
use crate::store::Store;
use crate::verify::AdminToken;
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
    /// Returns the time.
    pub now: fn() -> DateTime<Utc>,
}

/// State that the handlers share.
#[derive(Debug)]
struct Shared {
    options: AdminOptions,
    failures: Failures,
    observation: Observation,
}

/// Starts serving on `listener`. The returned server's handle stops it, not signals. The database is queried from the
/// runtime that this is called on.
pub fn serve(listener: TcpListener, options: AdminOptions) -> std::io::Result<Server> {
    let observation = Observation::new(&options.store, options.now);
    let shared = web::Data::new(Shared { options, failures: Failures::default(), observation });
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
    Problem::NotFound("The admin listener has /metrics.".to_owned()).response()
}
