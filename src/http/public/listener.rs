//! The server below the handlers: admits connections, speaks HTTP/1, and checks the headers before it invites a body.
//!
//! It is built from the parts of actix-web's `HttpServer`, which offers no control over who gets a connection and over
//! the answer to `Expect: 100-continue`.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpMessage as _, HttpService, Request};
use actix_server::Server;
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt as _, fn_service, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::http::Method;
use actix_web::{Error, HttpResponse, web};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::either::Either;

use super::client_connection::{ClientConnection, ClientStream, DRAIN, drain};
use super::connections::{HeldPlace, Line, Patience};
use super::shared::{PublicOptions, PublicState};
use super::webhook;
use crate::http::problem::{PROBLEM_JSON, Problem};
use crate::memory;
use crate::tls::Tls;
use crate::verify::TOKEN_PATH;

/// Time for a client to send its headers.
const HEADERS: Duration = Duration::from_secs(10);

/// How long an idle connection is kept for the next request.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// How much later a connection is cut off that actix has not closed by then.
const LATER: Duration = Duration::from_secs(1);

/// The same for a connection over a limit, and how many of those get an answer at a time; others are closed without
/// one.
const FAREWELL: Duration = Duration::from_millis(500);
const FAREWELLS: usize = 64;

/// Connections that actix allows beyond ours, so that our limit decides.
const SPARE: usize = 1_024;

/// Starts the server. Its handle stops it, not signals.
///
/// * `app`: makes each worker's application
pub fn start<F, A, S, B>(
    listener: TcpListener,
    workers: usize,
    options: &PublicOptions,
    shared: &web::Data<PublicState>,
    app: F,
) -> io::Result<Server>
where
    F: Fn() -> A + Clone + Send + 'static,
    A: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = Error, InitError = ()>
        + 'static,
    S::Future: 'static,
    <S::Service as actix_service::Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    raise_file_limit(options.max_connections);
    let server = Server::build()
        .workers(workers)
        .max_concurrent_connections(options.max_connections + SPARE)
        .shutdown_timeout(options.shutdown_timeout.as_secs().max(1))
        .disable_signals();
    let stopping = server.graceful_shutdown_signal();
    let shared = shared.clone();
    let webhook_path: Arc<str> = options.webhook_path.as_str().into();
    let farewells = Arc::new(Semaphore::new(FAREWELLS));
    let server = server.listen("polysink", listener, move || {
        // Each worker calls this on its own thread.
        actix_web::rt::spawn(memory::keep_collecting());
        let (for_admission, farewells) = (shared.clone(), Arc::clone(&farewells));
        let admit = fn_service(move |stream: TcpStream| {
            let (shared, farewells) = (for_admission.clone(), Arc::clone(&farewells));
            async move { admit(stream, &shared, &farewells).await }
        });
        let (shared, webhook_path) = (shared.clone(), Arc::clone(&webhook_path));
        let invite = fn_service(move |request: Request| {
            let (shared, webhook_path) = (shared.clone(), Arc::clone(&webhook_path));
            async move { invite(request, &webhook_path, &shared).await }
        });
        let stopping = stopping.clone();
        let http = HttpService::build()
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEADERS)
            .client_disconnect_timeout(DRAIN)
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .expect(invite)
            .on_connect_ext(|connection: &ClientConnection, data| drop(data.insert(Arc::clone(connection.line()))))
            .h1(map_config(app(), |()| AppConfig::default()));
        admit.and_then(http)
    })?;
    Ok(server.run())
}

/// Open files besides the connections: the database's, the log, the service's own.
const OTHER_FILES: u64 = 256;

/// A connection is an open file, and shells often allow 1,024. Raises the limit to what is needed.
fn raise_file_limit(max_connections: usize) {
    let wanted = max_connections as u64 + OTHER_FILES;
    let Ok((now, most)) = getrlimit(Resource::RLIMIT_NOFILE) else { return };
    if now < wanted && setrlimit(Resource::RLIMIT_NOFILE, wanted.min(most), most).is_err() || most < wanted {
        tracing::warn!(
            limit = most.max(now),
            wanted,
            "the system allows fewer open files than POLYSINK_MAX_CONNECTIONS needs"
        );
    }
}

/// Admits the connection, or answers with the limit that it exceeds.
async fn admit(
    stream: TcpStream,
    shared: &PublicState,
    farewells: &Semaphore,
) -> Result<(ClientConnection, Option<SocketAddr>), DispatchError> {
    let peer = stream.peer_addr().map_err(DispatchError::Io)?;
    match shared.connections.admit(peer.ip()) {
        Ok(line) => {
            let place = HeldPlace::of(line);
            let stream = secured(stream, place.line(), shared).await.map_err(|error| {
                tracing::debug!(%peer, %error, "a connection came to no TLS");
                DispatchError::Io(error)
            })?;
            // actix answers first: with 408 if it can.
            let patience = Patience { headers: HEADERS + LATER, idle: KEEP_ALIVE + LATER };
            Ok((ClientConnection::new(stream, place, patience), Some(peer)))
        }
        Err(why) => {
            tracing::debug!(%peer, ?why, "a connection is over a limit");
            shared.metrics.refused_connection(why.as_str());
            if let Ok(_permit) = farewells.try_acquire() {
                let farewell = async {
                    let stream = handshake(stream, shared.tls.as_ref()).await?;
                    say_farewell(stream, &Problem::TooManyConnections(why)).await
                };
                let _ = timeout(FAREWELL, farewell).await;
            }
            Err(DispatchError::Io(io::ErrorKind::ConnectionRefused.into()))
        }
    }
}

/// The connection with TLS around it, if that is on. A client has as long for it as for its headers.
async fn secured(stream: TcpStream, line: &Line, shared: &PublicState) -> io::Result<ClientStream> {
    let mut stopping = shared.stopping.clone();
    let handshake = timeout(HEADERS, handshake(stream, shared.tls.as_ref()));
    let secured = tokio::select! {
        biased;
        secured = handshake => secured.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())),
        () = line.closed() => Err(io::ErrorKind::ConnectionAborted.into()),
        () = stopping.begun() => Err(io::ErrorKind::ConnectionAborted.into()),
    };
    // One that went away is none of ours.
    if secured.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::UnexpectedEof) {
        shared.metrics.refused_request("tls");
    }
    secured
}

/// Puts TLS around a connection, if it is on. HTTP without it is answered, and fails.
async fn handshake(stream: TcpStream, tls: Option<&Tls>) -> io::Result<ClientStream> {
    let Some(tls) = tls else { return Ok(Either::Left(stream)) };
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    // That of a method. TLS begins with the number 22.
    if first[0].is_ascii_uppercase() {
        say_farewell(stream, &Problem::PlainHttp).await?;
        return Err(io::Error::other("it speaks HTTP without TLS"));
    }
    Ok(Either::Right(Box::new(tls.acceptor().accept(stream).await?)))
}

/// Answers a connection that is not served, and closes it.
async fn say_farewell(mut stream: impl AsyncRead + AsyncWrite + Unpin, problem: &Problem) -> io::Result<()> {
    // Clients expect no answer before they have asked.
    let _ = timeout(FAREWELL / 2, stream.read(&mut [0; 4_096])).await;
    let body = problem.document(None);
    let further = problem.extra_header().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap_or("")));
    let answer = format!(
        "HTTP/1.1 {}\r\ncontent-type: {PROBLEM_JSON}\r\n{}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        problem.status(),
        further.unwrap_or_default(),
        body.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    drain(stream).await
}

/// Answers `Expect: 100-continue` with an invitation, unless the headers alone refuse the request.
async fn invite(
    request: Request,
    webhook_path: &str,
    shared: &PublicState,
) -> Result<Request, actix_http::Response<actix_web::body::BoxBody>> {
    let is_webhook = is_same_path(request.path(), webhook_path);
    if is_webhook && request.method() == Method::POST {
        let query = request.uri().query().unwrap_or_default();
        let invited = webhook::invite(request.headers(), query, request.peer_addr(), shared).await;
        return invited.map(|()| request).map_err(HttpResponse::into);
    }
    let asks_for_token = is_same_path(request.path(), TOKEN_PATH) && shared.policy.credentials.has_oauth();
    if asks_for_token && request.method() == Method::POST {
        // It is small.
        return Ok(request);
    }
    let problem =
        if is_webhook || asks_for_token { Problem::MethodNotAllowed("POST") } else { super::not_found(webhook_path) };
    Err(problem.response().into())
}

/// Whether a request is for this path, but for slashes more than it has.
fn is_same_path(asked: &str, path: &str) -> bool {
    let parts = |path| str::split(path, '/').filter(|part| !part.is_empty());
    parts(asked).eq(parts(path))
}
