//! Sends messages to sinks, over HTTP.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use secrecy::SecretSlice;
use url::Url;

use super::message::Message;
use super::signature::signature;
use crate::verify::is_loopback;

/// Time for a sink to take a message.
const REQUEST: Duration = Duration::from_secs(10);

/// Bytes of an answer that are kept of an error, and characters.
const MAX_ANSWER: usize = 4 << 10;
const SHOWN: usize = 200;

/// Where messages are sent. `Debug` shows the name alone: Slack's URLs are secrets.
#[derive(Clone)]
pub struct Sink {
    /// As in `POLYSINK_NOTIFY`.
    pub name: String,
    pub url: Url,
    pub format: SinkFormat,
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sink").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How a sink takes messages.
#[derive(Debug, Clone)]
pub enum SinkFormat {
    /// JSON, signed with this key.
    Signed(SecretSlice<u8>),
    /// A text for an incoming webhook of Slack.
    Slack,
}

/// Why a message was not taken. Neither URL nor key is in it.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    #[error("it answered {status}: {answer}")]
    Refused { status: u16, answer: String },
}

/// Sends messages.
#[derive(Debug, Clone)]
pub struct Sender {
    http: reqwest::Client,
    /// For sinks on this machine: past any proxy.
    loopback: reqwest::Client,
}

impl Sender {
    /// Nothing connects yet.
    ///
    /// # Errors
    ///
    /// [`SendError::Unreachable`] if this machine has no certificates to trust.
    pub fn new() -> Result<Self, SendError> {
        // A redirect would take the message, or the secret in the URL, to a place that nobody chose.
        let builder = || {
            reqwest::Client::builder()
                .user_agent(concat!("polysink/", env!("CARGO_PKG_VERSION")))
                .redirect(Policy::none())
                .timeout(REQUEST)
        };
        let http = builder().build().map_err(unreachable)?;
        let loopback = builder().no_proxy().build().map_err(unreachable)?;
        Ok(Self { http, loopback })
    }

    /// Sends a message once. Any status from 200 to 299 means that the sink has taken it.
    ///
    /// * `now`: the time of this try, which is signed
    pub async fn send(&self, sink: &Sink, message: &Message, now: DateTime<Utc>) -> Result<(), SendError> {
        let client = if is_loopback(&sink.url) { &self.loopback } else { &self.http };
        let request = client.post(sink.url.clone()).header(CONTENT_TYPE, "application/json");
        let request = match &sink.format {
            SinkFormat::Slack => request.body(message.slack()),
            SinkFormat::Signed(key) => {
                let (id, timestamp, body) = (message.webhook_id(), now.timestamp(), message.json());
                let signature = signature(key, &id, timestamp, &body);
                request
                    .header("webhook-id", id)
                    .header("webhook-timestamp", timestamp.to_string())
                    .header("webhook-signature", signature)
                    .body(body)
            }
        };
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        Err(SendError::Refused { status: status.as_u16(), answer: start_of(response).await })
    }
}

/// The first characters of an answer, on one line.
async fn start_of(mut response: reqwest::Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < MAX_ANSWER
        && let Ok(Some(part)) = response.chunk().await
    {
        bytes.extend_from_slice(&part);
    }
    let text = String::from_utf8_lossy(&bytes);
    text.chars().take(SHOWN).map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// An error of the connection with its causes, without the URL.
fn unreachable(error: reqwest::Error) -> SendError {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    SendError::Unreachable(text)
}
