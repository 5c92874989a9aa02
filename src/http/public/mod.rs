//! The public listener: its routes and answers. Started by `app`.
//!
//! Handlers verify, parse, write and answer. They use the writer's queue and, for health, the store.

mod answer;
mod body;
mod caller;
mod client_connection;
mod connections;
mod events;
mod head_limit;
mod health;
mod inflight;
mod listener;
mod request_id;
mod shared;
mod token;
mod webhook;

use std::net::TcpListener;
use std::sync::Arc;

use actix_server::Server;
use actix_web::dev::Service as _;
use actix_web::middleware::NormalizePath;
use actix_web::{App, HttpRequest, HttpResponse, web};
use tokio::sync::Semaphore;

use crate::http::failures::Failures;
use crate::http::problem::{EXPECTED, Problem};
use crate::metrics::Metrics;
use crate::store::Store;
use crate::verify::{CredentialFault, EVENTS_PATH, TOKEN_PATH};
use crate::writer::Queue;
use connections::{Connections, Line};
pub use events::EventOptions;
use events::EventState;
use health::Readiness;
use inflight::Inflight;
pub use shared::{DeliveryLimits, Phase, PublicOptions, PublicUse};
use shared::{PublicState, Stopping};
use strum::VariantArray as _;

/// Starts serving on `listener`. The returned server's handle stops it, not signals.
pub fn serve(
    listener: TcpListener,
    options: &PublicOptions,
    events: Option<EventOptions>,
    queue: Queue,
    store: Store,
    metrics: Metrics,
) -> std::io::Result<(Server, PublicUse)> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let inflight = Inflight::new(options.max_inflight);
    let failures = Arc::<Failures>::default();
    let connections = Connections::new(
        options.max_connections,
        options.max_connections_per_address,
        options.policy.trusted_proxies.clone(),
        Arc::clone(&failures),
        metrics.clone(),
    );
    let faults: Vec<&str> = CredentialFault::VARIANTS.iter().map(|fault| fault.as_str()).collect();
    metrics.expect_refusals(&EXPECTED, &faults);
    let public_use =
        PublicUse { inflight: inflight.clone(), connections: connections.clone(), tls: options.tls.clone() };
    let shared = web::Data::from(Arc::new(PublicState {
        webhook_path: options.webhook_path.clone(),
        tls: options.tls.clone(),
        policy: options.policy.clone(),
        limits: options.limits,
        inflight,
        failures,
        metrics,
        connections,
        queue,
        readiness: Readiness::new(&store),
        opening: Arc::new(Semaphore::new(workers)),
        huge: Arc::new(Semaphore::new(1)),
        stopping: Stopping { phase: options.phase.clone(), grace: options.shutdown_timeout / 4 },
    }));
    let (for_app, webhook_path) = (shared.clone(), options.webhook_path.clone());
    let events = events.map(|events| web::Data::new(EventState::new(events)));
    let server = listener::start(listener, workers, options, &shared, move || {
        App::new()
            .app_data(web::Data::clone(&for_app))
            // An address with one slash more is the same.
            .wrap(NormalizePath::trim())
            .wrap_fn(|request, service| {
                let handling = request.conn_data::<Arc<Line>>().cloned().map(Line::handling);
                let response = service.call(request);
                async move {
                    let response = response.await;
                    drop(handling);
                    response
                }
            })
            .service(
                web::resource(&webhook_path)
                    .route(web::post().to(webhook::receive))
                    .default_service(web::to(|shared| not_allowed(shared, "POST"))),
            )
            .configure(|app| add_events(app, events.as_ref()))
            .configure(|app| add_token(app, for_app.policy.credentials.has_oauth()))
            .service(
                health_resource("/health/live").route(web::get().to(health::live)).route(web::head().to(health::live)),
            )
            .service(
                health_resource("/health/ready")
                    .route(web::get().to(health::ready))
                    .route(web::head().to(health::ready)),
            )
            .default_service(web::to(answer_not_found))
    })?;
    Ok((server, public_use))
}

fn add_events(app: &mut web::ServiceConfig, state: Option<&web::Data<EventState>>) {
    if let Some(state) = state {
        let resource = web::resource(EVENTS_PATH).app_data(web::Data::clone(state));
        let resource = resource.route(web::post().to(events::receive));
        app.service(resource.default_service(web::to(|shared| not_allowed(shared, "POST"))));
    }
}

/// * `has_clients`: whether anyone may ask for a token
fn add_token(app: &mut web::ServiceConfig, has_clients: bool) {
    if has_clients {
        let resource = web::resource(TOKEN_PATH).route(web::post().to(token::issue));
        app.service(resource.default_service(web::to(|shared| not_allowed(shared, "POST"))));
    }
}

/// The problem of a path that leads nowhere.
fn not_found(webhook_path: &str) -> Problem {
    Problem::NotFound(format!(
        "The webhook is POST {webhook_path}; the health checks are GET /health/live and /health/ready."
    ))
}

fn health_resource(path: &str) -> actix_web::Resource {
    web::resource(path).default_service(web::to(|shared| not_allowed(shared, "GET, HEAD")))
}

async fn not_allowed(shared: web::Data<PublicState>, allow: &'static str) -> HttpResponse {
    shared.metrics.refused_request("method");
    Problem::MethodNotAllowed(allow).response()
}

async fn answer_not_found(request: HttpRequest, shared: web::Data<PublicState>) -> HttpResponse {
    shared.metrics.refused_request("not-found");
    tracing::debug!(path = request.path(), "unknown path");
    not_found(&shared.webhook_path).response()
}
