//! A sink for notices, which keeps what it gets, and refuses when told to.

use std::collections::{HashMap, VecDeque};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::Value;

/// A server on this machine; it stops when it is dropped.
pub struct NoticeSink {
    pub url: String,
    state: Arc<Mutex<SinkState>>,
    handle: ServerHandle,
}

#[derive(Debug, Default)]
pub struct SinkState {
    /// The statuses of the next answers; 200 after them.
    pub answers: VecDeque<u16>,
    pub received: Vec<Received>,
}

/// A request that it got.
#[derive(Debug, Clone)]
pub struct Received {
    pub headers: HashMap<String, String>,
    pub body: String,
    pub status: u16,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("it is JSON")
    }

    /// The texts of its notices, each after its kind.
    pub fn notices(&self) -> Vec<String> {
        let body = self.json();
        let notices = body["data"]["notices"].as_array().expect("it has notices");
        let text = |notice: &Value, key: &str| notice[key].as_str().expect("it is a text").to_owned();
        notices.iter().map(|notice| format!("{}: {}", text(notice, "kind"), text(notice, "text"))).collect()
    }
}

impl NoticeSink {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let url = format!("http://{}/notices", listener.local_addr().expect("it has an address"));
        let state = Arc::<Mutex<SinkState>>::default();
        let shared = Arc::clone(&state);
        let server = HttpServer::new(move || {
            let shared = Arc::clone(&shared);
            App::new().default_service(web::to(move |request: HttpRequest, body: web::Bytes| {
                let status = receive(&shared, &request, &body);
                let status = StatusCode::from_u16(status).expect("it is a status");
                async move { HttpResponse::build(status).body("said\nso") }
            }))
        });
        let server =
            server.workers(1).disable_signals().shutdown_timeout(0).listen(listener).expect("it listens").run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, state, handle }
    }

    pub fn state(&self) -> MutexGuard<'_, SinkState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it got.
    pub fn received(&self) -> Vec<Received> {
        self.state().received.clone()
    }

    /// The texts of all notices that it has taken.
    pub fn notices(&self) -> Vec<String> {
        let taken = self.received().into_iter().filter(|received| received.status == 200);
        taken.flat_map(|received| received.notices()).collect()
    }
}

impl Drop for NoticeSink {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

fn receive(state: &Mutex<SinkState>, request: &HttpRequest, body: &[u8]) -> u16 {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let status = state.answers.pop_front().unwrap_or(200);
    let header = |(name, value): (&actix_web::http::header::HeaderName, &actix_web::http::header::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    state.received.push(Received {
        headers: request.headers().iter().map(header).collect(),
        body: String::from_utf8_lossy(body).into_owned(),
        status,
    });
    status
}
