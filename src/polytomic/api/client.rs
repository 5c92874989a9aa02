//! The requests themselves: authentication, deadlines, bounded answers, retries, rate limits.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::answers::{Execution, LogKind, LogUrls, Me, RunPage, SyncConfig, SyncModel, SyncStatus};
use super::error::ApiError;
use super::remote::{ApiUrl, LogUrl, PublicResolver};
use crate::backoff::Backoff;
use crate::envelope::sanitize_json;
use crate::model::SyncId;

/// The version of the API whose answers these are; without it, the API answers as in 2021.
const VERSION: &str = "2025-09-18";

/// Time for a connection, and for a request as a whole.
const CONNECT: Duration = Duration::from_secs(5);
const REQUEST: Duration = Duration::from_secs(30);

/// Time for the next part of a log.
const LOG_PART: Duration = Duration::from_secs(30);

/// Bytes of an answer. A page of runs takes a few thousand.
const MAX_ANSWER: usize = 8 << 20;

/// How often a question is asked, and the pauses in between; those of the SDKs.
const TRIES: u32 = 4;
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// A rate limit that is longer than this is a mistake.
const LONGEST_LIMIT: Duration = Duration::from_secs(86_400);

/// Characters of an error's message that are kept.
const MESSAGE: usize = 300;

/// How to reach the API.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    pub url: ApiUrl,
    pub key: SecretString,
    /// The pause after a first failure; it doubles, up to a minute.
    pub first_pause: Duration,
    /// Returns the time, for a limit that is given as a date.
    pub now: fn() -> DateTime<Utc>,
}

/// A client with one key. It asks one question at a time, so that an organization's rate limit is never its fault.
#[derive(Debug)]
pub struct Client {
    options: ClientOptions,
    http: reqwest::Client,
    state: Mutex<ClientState>,
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone, Copy)]
struct ClientState {
    scheme: AuthScheme,
    /// Until when the API wants no request.
    limited_until: Option<Instant>,
}

/// How the key is presented: that of a user, or that of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AuthScheme {
    Bearer,
    /// As the user's name, without a password.
    Basic,
}

impl AuthScheme {
    fn other(self) -> Self {
        match self {
            Self::Bearer => Self::Basic,
            Self::Basic => Self::Bearer,
        }
    }
}

impl Client {
    /// Nothing connects yet.
    ///
    /// # Errors
    ///
    /// [`ApiError::Unreachable`] if this machine has no certificates to trust.
    pub fn new(options: ClientOptions) -> Result<Self, ApiError> {
        let http = http_client(&options.url).timeout(REQUEST).build().map_err(|error| unreachable(&error))?;
        let state = Mutex::new(ClientState { scheme: AuthScheme::Bearer, limited_until: None });
        Ok(Self { options, http, state, turn: tokio::sync::Mutex::default() })
    }

    /// Whose key it is: `GET /api/me`.
    pub async fn me(&self) -> Result<Me, ApiError> {
        read(&self.get(&["api", "me"], &[], "user").await?, Me::read)
    }

    /// A sync's configuration: `GET /api/syncs/{id}`.
    pub async fn sync(&self, sync_id: SyncId) -> Result<SyncConfig, ApiError> {
        read(&self.get(&["api", "syncs", &sync_id.to_string()], &[], "sync").await?, SyncConfig::read)
    }

    /// A sync's run in progress and its next one: `GET /api/syncs/{id}/status`.
    pub async fn status(&self, sync_id: SyncId) -> Result<SyncStatus, ApiError> {
        read(&self.get(&["api", "syncs", &sync_id.to_string(), "status"], &[], "sync").await?, SyncStatus::read)
    }

    /// A page of a sync's runs, the latest first: `GET /api/syncs/{id}/executions`.
    ///
    /// * `page`: the token of the page before
    pub async fn executions(&self, sync_id: SyncId, page: Option<&str>) -> Result<RunPage<Execution>, ApiError> {
        let query: Vec<(&str, &str)> =
            [("ascending", "false")].into_iter().chain(page.map(|token| ("page_token", token))).collect();
        let answer = self.get(&["api", "syncs", &sync_id.to_string(), "executions"], &query, "sync").await?;
        read(&answer, |answer| RunPage::read(answer, Execution::read))
    }

    /// One run, with its counts: `GET /api/syncs/{id}/executions/{execution}`.
    pub async fn execution(&self, sync_id: SyncId, execution_id: &str) -> Result<Execution, ApiError> {
        let path = ["api", "syncs", &sync_id.to_string(), "executions", execution_id];
        let answer = self.get(&path, &[], "run").await?;
        read(&answer, Execution::read_answer)
    }

    /// The links to a run's log: `GET /api/syncs/{id}/executions/{execution}/{kind}`.
    pub async fn log(&self, sync_id: SyncId, execution_id: &str, kind: LogKind) -> Result<LogUrls, ApiError> {
        let path = ["api", "syncs", &sync_id.to_string(), "executions", execution_id, kind.into()];
        read(&self.get(&path, &[], "log").await?, LogUrls::read)
    }

    /// A model: `GET /api/models/{id}`.
    pub async fn model(&self, model_id: &str) -> Result<SyncModel, ApiError> {
        read(&self.get(&["api", "models", model_id], &[], "model").await?, SyncModel::read)
    }

    /// Starts a run of a sync: `POST /api/syncs/{id}/executions`.
    ///
    /// * `identities`: the entities to send, by their values of the model's identifier; none for all that changed
    /// * `idempotency_key`: 8 to 255 of `[A-Za-z0-9_-]`; the same key starts one run, however often it is asked
    pub async fn start(
        &self,
        sync_id: SyncId,
        identities: &[String],
        idempotency_key: &str,
    ) -> Result<Execution, ApiError> {
        let url = self.options.url.join(&["api", "syncs", &sync_id.to_string(), "executions"]);
        let body = if identities.is_empty() { json!({}) } else { json!({ "identities": identities }) };
        let request =
            || self.http.request(Method::POST, url.clone()).header("Idempotency-Key", idempotency_key).json(&body);
        let answer = self.ask(request, "sync").await?;
        read(&answer, Execution::read_answer)
    }

    /// Reads a log, part by part.
    ///
    /// # Errors
    ///
    /// [`ApiError::Unreadable`] if the link may not be followed.
    pub async fn open_log(&self, link: &str) -> Result<LogStream, ApiError> {
        let link: LogUrl = self.options.url.log_url(link).map_err(ApiError::Unreadable)?;
        // A log of many gigabytes takes its time; each part of it has a limit.
        let builder = http_client(&self.options.url).read_timeout(LOG_PART);
        let is_own = self.options.url.is_own(&link);
        let builder = if is_own { builder } else { builder.dns_resolver(PublicResolver::shared()) };
        let http = builder.build().map_err(|error| unreachable(&error))?;
        // Signed: it needs no key, and must not get one.
        let answer = timeout(REQUEST, http.get(link.url()).send());
        let response = answer.await.map_err(|_| ApiError::TimedOut(REQUEST))?;
        let response = response.map_err(|error| unreachable(&error))?;
        match response.status() {
            status if status.is_success() => Ok(LogStream(response)),
            status if status.is_redirection() => Err(ApiError::Redirected),
            status => Err(ApiError::Status { status: status.as_u16(), message: "the log".to_owned() }),
        }
    }

    async fn get(&self, path: &[&str], query: &[(&str, &str)], what: &'static str) -> Result<Value, ApiError> {
        let mut url = self.options.url.join(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        // Polytomic's own connector sends this for questions; whoever does not know it ignores it.
        let request = || self.http.get(url.clone()).header("X-Polytomic-Access-Mode", "read-only");
        self.ask(request, what).await
    }

    /// Asks, again if the fault may pass.
    ///
    /// * `what`: is asked for, if the API says that it is not there
    async fn ask(&self, request: impl Fn() -> RequestBuilder, what: &'static str) -> Result<Value, ApiError> {
        let _turn = self.turn.lock().await;
        let mut backoff = Backoff::new(self.options.first_pause);
        let mut tries = 1;
        loop {
            self.until_allowed().await?;
            let pause = match self.try_once(&request, what).await {
                Ok(answer) => return Ok(answer),
                Err(error) if !error.is_passing() || tries == TRIES => return Err(error),
                // Noted, and waited for above.
                Err(ApiError::RateLimited(_)) => Duration::ZERO,
                Err(_) => backoff.fail(MAX_PAUSE),
            };
            tries += 1;
            sleep(pause).await;
        }
    }

    /// Waits as long as the API wants, but not longer than a minute.
    async fn until_allowed(&self) -> Result<(), ApiError> {
        let Some(until) = self.state().limited_until else { return Ok(()) };
        let left = until.saturating_duration_since(Instant::now());
        if left > MAX_PAUSE {
            return Err(ApiError::RateLimited(left));
        }
        sleep_until(until).await;
        Ok(())
    }

    async fn try_once(&self, request: impl Fn() -> RequestBuilder, what: &'static str) -> Result<Value, ApiError> {
        let scheme = self.state().scheme;
        match self.send(request(), scheme, what).await {
            // Nothing in a key says whose it is.
            Err(ApiError::WrongKey) => {
                let answer = self.send(request(), scheme.other(), what).await?;
                self.change(|state| state.scheme = scheme.other());
                Ok(answer)
            }
            answer => answer,
        }
    }

    async fn send(&self, request: RequestBuilder, scheme: AuthScheme, what: &'static str) -> Result<Value, ApiError> {
        let key = self.options.key.expose_secret();
        let request = match scheme {
            AuthScheme::Bearer => request.header(AUTHORIZATION, secret_value(&format!("Bearer {key}"))?),
            AuthScheme::Basic => request.basic_auth(key, Some("")),
        };
        let response = request.header("X-Polytomic-Version", VERSION).send().await;
        let response = response.map_err(|error| unreachable(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_redirection() {
            let location = headers.get(LOCATION).map(HeaderValue::as_bytes).unwrap_or_default();
            tracing::debug!(location = %String::from_utf8_lossy(location), "Polytomic's API redirects");
            return Err(ApiError::Redirected);
        }
        let body = match bounded_body(response).await {
            Ok(body) => body,
            Err(error) if status.is_success() => return Err(error),
            Err(_) => Vec::new(),
        };
        if status.is_success() {
            // Its texts are stored, and PostgreSQL takes not all that JSON has.
            let body = String::from_utf8_lossy(&body);
            let json = sanitize_json(&body).into_text();
            return serde_json::from_str(&json).map_err(|error| ApiError::Unreadable(error.to_string()));
        }
        Err(match status {
            StatusCode::UNAUTHORIZED => ApiError::WrongKey,
            StatusCode::FORBIDDEN => ApiError::Forbidden(message(&body)),
            StatusCode::NOT_FOUND => ApiError::NotFound(what),
            StatusCode::CONFLICT => ApiError::Conflict(message(&body)),
            StatusCode::TOO_MANY_REQUESTS => {
                let pause = retry_after(&headers, (self.options.now)()).unwrap_or(self.options.first_pause);
                let pause = pause.min(LONGEST_LIMIT);
                self.change(|state| state.limited_until = Some(Instant::now() + pause));
                ApiError::RateLimited(pause)
            }
            status => ApiError::Status { status: status.as_u16(), message: message(&body) },
        })
    }

    fn state(&self) -> ClientState {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut ClientState)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// A log that is being read.
#[derive(Debug)]
pub struct LogStream(Response);

impl LogStream {
    /// The next part; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ApiError> {
        let part = timeout(LOG_PART, self.0.chunk()).await.map_err(|_| ApiError::TimedOut(LOG_PART))?;
        Ok(part.map_err(|error| unreachable(&error))?.map(|part| part.to_vec()))
    }
}

/// A client that follows no redirection: with a key in it, a request must not go elsewhere.
fn http_client(url: &ApiUrl) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("polysink/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(CONNECT);
    if url.is_loopback() { builder.no_proxy() } else { builder }
}

/// Reads an answer's body, up to a limit.
async fn bounded_body(mut response: Response) -> Result<Vec<u8>, ApiError> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| unreachable(&error))? {
        if body.len() + part.len() > MAX_ANSWER {
            return Err(ApiError::TooLarge { max: MAX_ANSWER });
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

fn read<T>(answer: &Value, read: impl FnOnce(&Value) -> Result<T, String>) -> Result<T, ApiError> {
    read(answer).map_err(ApiError::Unreadable)
}

/// A header's value that no log shows.
fn secret_value(text: &str) -> Result<HeaderValue, ApiError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| ApiError::WrongKey)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Without the URL, which can be signed.
fn unreachable(error: &reqwest::Error) -> ApiError {
    if error.is_timeout() {
        return ApiError::TimedOut(REQUEST);
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    ApiError::Unreachable(cause.to_string())
}

/// How long the API asks to wait: `Retry-After` in seconds or as a date, or the reset that it names in seconds since
/// 1970.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let seconds = |text: &str| text.parse().ok().map(Duration::from_secs);
    let until = |time: DateTime<Utc>| (time - now).to_std().unwrap_or_default();
    if let Some(milliseconds) = text("retry-after-ms").and_then(|text| text.parse().ok()) {
        return Some(Duration::from_millis(milliseconds));
    }
    if let Some(after) = text(RETRY_AFTER.as_str()) {
        return seconds(after).or_else(|| Some(until(DateTime::parse_from_rfc2822(after).ok()?.to_utc())));
    }
    let reset = text("x-ratelimit-reset")?.parse().ok()?;
    Some(until(DateTime::from_timestamp(reset, 0)?))
}

/// The message in an error's body.
fn message(body: &[u8]) -> String {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let member = |name: &str| json.as_ref().and_then(|json| json[name].as_str()).map(str::to_owned);
    let text = member("message").or_else(|| member("error")).unwrap_or_else(|| {
        let text = String::from_utf8_lossy(body);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    let text = text.replace('\0', "\u{fffd}");
    if text.is_empty() { "no reason given".to_owned() } else { text.chars().take(MESSAGE).collect() }
}
