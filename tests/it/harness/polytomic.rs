//! A Polytomic that answers as its API is documented to, and misbehaves when told to.

use std::collections::{HashMap, VecDeque};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine as _;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

/// The key that it accepts.
pub const KEY: &str = "key-of-the-organization";

/// A server on this machine; it stops when it is dropped.
pub struct FakePolytomic {
    pub url: String,
    state: Arc<Mutex<State>>,
    handle: ServerHandle,
}

/// What it has, and what it was asked.
pub struct State {
    /// Whether it wants the key as the user's name of basic authentication.
    pub basic: bool,
    /// By the id of the sync; each has the members of the API.
    pub syncs: HashMap<String, Value>,
    pub models: HashMap<String, Value>,
    /// By the id of the sync, in the order in which they began.
    pub runs: HashMap<String, Vec<Value>>,
    /// By the id of the run: the lines of its log.
    pub logs: HashMap<String, String>,
    /// By the id of the run: other links than to its log here.
    pub links: HashMap<String, Vec<String>>,
    pub next_execution_time: Option<String>,
    pub page_size: usize,
    /// What it does instead of answering the next requests.
    pub faults: VecDeque<Fault>,
    /// By the path, without the query: answers wait for a permit of these.
    pub held: HashMap<String, Arc<Semaphore>>,
    pub requests: Vec<Asked>,
    started: HashMap<String, Value>,
}

/// A request that it got.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// With the query.
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: Value,
}

/// A way to misbehave.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Another status, with headers and a body.
    Status(u16, Vec<(&'static str, String)>, String),
    /// The connection ends within the answer.
    Cut,
    /// This body, with 200.
    Body(String),
    /// A body without end.
    Endless,
}

impl FakePolytomic {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let state = Arc::new(Mutex::new(State {
            basic: false,
            syncs: HashMap::new(),
            models: HashMap::new(),
            runs: HashMap::new(),
            logs: HashMap::new(),
            links: HashMap::new(),
            next_execution_time: None,
            page_size: 3,
            faults: VecDeque::new(),
            held: HashMap::new(),
            requests: Vec::new(),
            started: HashMap::new(),
        }));
        let (shared, base) = (Arc::clone(&state), url.clone());
        let server = HttpServer::new(move || {
            let (shared, base) = (Arc::clone(&shared), base.clone());
            App::new().default_service(web::to(move |request: HttpRequest, body: web::Bytes| {
                let (shared, base) = (Arc::clone(&shared), base.clone());
                async move { answer(&shared, &base, &request, &body).await }
            }))
        });
        let server =
            server.workers(1).disable_signals().shutdown_timeout(0).listen(listener).expect("it listens").run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, state, handle }
    }

    /// What it has; changes are seen by the next request.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Misbehaves once, for the next request.
    pub fn fail(&self, fault: Fault) {
        self.state().faults.push_back(fault);
    }

    /// Adds a run, or changes it.
    pub fn put_run(&self, sync_id: &str, run: Value) {
        let mut state = self.state();
        state.syncs.entry(sync_id.to_owned()).or_insert_with(|| json!({"id": sync_id, "name": "A sync"}));
        let runs = state.runs.entry(sync_id.to_owned()).or_default();
        match runs.iter_mut().find(|known| known["id"] == run["id"]) {
            Some(known) => *known = run,
            None => runs.push(run),
        }
    }

    /// The paths that it was asked for.
    pub fn paths(&self) -> Vec<String> {
        self.state().requests.iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect()
    }
}

impl Drop for FakePolytomic {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn answer(state: &Mutex<State>, base: &str, request: &HttpRequest, body: &[u8]) -> HttpResponse {
    let (fault, held) = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let header = |(name, value): (&_, &actix_web::http::header::HeaderValue)| {
            let name: &actix_web::http::header::HeaderName = name;
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        state.requests.push(Asked {
            method: request.method().to_string(),
            path: request.uri().to_string(),
            headers: request.headers().iter().map(header).collect(),
            body: serde_json::from_slice(body).unwrap_or_default(),
        });
        (state.faults.pop_front(), state.held.get(request.path()).cloned())
    };
    if let Some(held) = held {
        held.acquire().await.expect("it is never closed").forget();
    }
    match fault {
        None => {
            let (status, answer) =
                documented(&mut state.lock().unwrap_or_else(PoisonError::into_inner), base, request, body);
            let mut response = HttpResponse::build(StatusCode::from_u16(status).expect("it is a status"));
            match answer {
                Value::String(log) => response.content_type("application/json").body(log),
                answer => response.json(answer),
            }
        }
        Some(Fault::Status(status, headers, body)) => {
            let mut response = HttpResponse::build(StatusCode::from_u16(status).expect("it is a status"));
            for header in headers {
                response.insert_header(header);
            }
            response.body(body)
        }
        Some(Fault::Cut) => {
            let parts = [Ok(web::Bytes::from_static(b"{\"data\": [")), Err(std::io::Error::other("cut"))];
            HttpResponse::Ok().streaming(futures_util::stream::iter(parts))
        }
        Some(Fault::Body(body)) => HttpResponse::Ok().content_type("application/json").body(body),
        Some(Fault::Endless) => {
            let part = || Ok::<_, std::io::Error>(web::Bytes::from(vec![b' '; 1 << 16]));
            HttpResponse::Ok().streaming(futures_util::stream::repeat_with(part).boxed())
        }
    }
}

/// The documented answer: status and JSON; a text is a log as it is.
fn documented(state: &mut State, base: &str, request: &HttpRequest, body: &[u8]) -> (u16, Value) {
    let error = |status: u16, message: &str| (status, json!({"status": status, "message": message}));
    let segments: Vec<&str> = request.path().trim_matches('/').split('/').collect();
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let ["logs", run] = segments[..] {
        // As a store of objects does, which takes a signature or a key, and not both.
        if !header("authorization").is_empty() {
            return error(400, "only one way to authenticate");
        }
        return state.logs.get(run).map_or_else(|| error(404, "no log"), |log| (200, Value::String(log.clone())));
    }
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{KEY}:"));
    let expected = if state.basic { format!("Basic {encoded}") } else { format!("Bearer {KEY}") };
    if header("authorization") != expected {
        return error(401, "Unauthorized");
    }
    if header("x-polytomic-version") != "2025-09-18" {
        return error(400, "another version");
    }
    let is_get = request.method() == "GET";
    let found =
        |value: Option<Value>| value.map_or_else(|| error(404, "Not found"), |data| (200, json!({"data": data})));
    match segments[..] {
        ["api", "me"] if is_get => {
            (200, json!({"data": {"organization_name": "An organization", "email": "owner@example.com"}}))
        }
        ["api", "models", id] if is_get => found(state.models.get(id).cloned()),
        ["api", "syncs", id] if is_get => found(state.syncs.get(id).cloned()),
        ["api", "syncs", id, ..] if !state.syncs.contains_key(id) => error(404, "Not found"),
        ["api", "syncs", id, "status"] if is_get => {
            let runs = state.runs.get(id).map_or(&[][..], |runs| runs);
            let is_over = |run: &&Value| !run["completed_at"].is_null();
            let current = runs.iter().rev().find(|run| !is_over(run));
            let last = runs.iter().rev().find(is_over);
            let next = &state.next_execution_time;
            let status = json!({"current_execution": current, "last_execution": last, "next_execution_time": next});
            (200, json!({ "data": status }))
        }
        ["api", "syncs", id, "executions"] if is_get => {
            let mut runs = state.runs.get(id).cloned().unwrap_or_default();
            runs.reverse();
            let query = request.query_string();
            let from =
                query.split('&').find_map(|pair| pair.strip_prefix("page_token=after-")?.parse().ok()).unwrap_or(0);
            let next = (runs.len() > from + state.page_size).then(|| format!("after-{}", from + state.page_size));
            let page: Vec<Value> = runs.into_iter().skip(from).take(state.page_size).collect();
            (200, json!({"data": page, "pagination": {"next_page_token": next}}))
        }
        ["api", "syncs", id, "executions"] => start_run(state, id, header("idempotency-key"), body),
        ["api", "syncs", id, "executions", run] if is_get => {
            let runs = state.runs.get(id).into_iter().flatten();
            found(runs.into_iter().find(|known| known["id"] == run).cloned())
        }
        ["api", "syncs", _, "executions", run, "records"] if is_get => {
            let own = || state.logs.get(run).map(|_| format!("{base}/logs/{run}?signature=secret"));
            let urls = state.links.get(run).cloned().unwrap_or_else(|| own().into_iter().collect());
            (200, json!({"data": {"urls": urls, "expires": "2030-01-01T00:00:00Z"}}))
        }
        _ => error(404, "Not found"),
    }
}

fn start_run(state: &mut State, sync_id: &str, key: &str, body: &[u8]) -> (u16, Value) {
    let is_key = (8..=255).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if !is_key {
        return (400, json!({"message": "not an idempotency key"}));
    }
    if let Some(known) = state.started.get(key) {
        return (200, json!({ "data": known }));
    }
    let runs = state.runs.entry(sync_id.to_owned()).or_default();
    if runs.iter().any(|run| run["completed_at"].is_null()) {
        return (409, json!({"message": "the sync is running"}));
    }
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let run = json!({"id": format!("started-{}", runs.len()), "status": "created", "request": request});
    runs.push(run.clone());
    state.started.insert(key.to_owned(), run.clone());
    (200, json!({ "data": run }))
}
