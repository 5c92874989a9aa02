//! `POST /webhooks/polytomic/events`: events of Polytomic's organization webhook. A signed one is kept, and has
//! Polytomic's API asked about its sync. It proves nothing by itself: Polytomic may send it twice, late or never.

use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::{HeaderValue, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;

use super::body;
use super::caller::Caller;
use super::connections::Line;
use super::request_id::X_REQUEST_ID;
use super::shared::PublicState;
use crate::envelope;
use crate::http::problem::Problem;
use crate::model::SyncId;
use crate::store::Store;
use crate::store::tables::events::{self, PolytomicEvent};
use crate::verify::{EventSecrets, Refusal, SIGNATURE, SignatureForm};

/// Bytes of an event, on the wire and decompressed. Lists of warnings make one long.
const MAX_EVENT: usize = 1 << 20;

/// Characters of a type, and of an id.
const MAX_WORD: usize = 200;

/// How events are taken.
#[derive(Debug)]
pub struct EventOptions {
    pub secrets: EventSecrets,
    pub store: Store,
    /// Told of each new event of a sync.
    pub wake: Arc<Notify>,
}

/// [`EventOptions`], and the forms of signatures that were seen.
#[derive(Debug)]
pub(super) struct EventState {
    options: EventOptions,
    seen: Mutex<Vec<SignatureForm>>,
}

impl EventState {
    pub(super) fn new(options: EventOptions) -> Self {
        Self { options, seen: Mutex::default() }
    }

    /// Says once how signatures are written: Polytomic does not document it.
    fn note(&self, form: SignatureForm) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.contains(&form) {
            seen.push(form);
            tracing::info!(%form, "Polytomic's events are signed so");
        }
    }
}

/// `POST` of an event.
pub(super) async fn receive(
    request: HttpRequest,
    payload: web::Payload,
    shared: web::Data<PublicState>,
    state: web::Data<EventState>,
) -> HttpResponse {
    let caller = Caller::of(request.headers(), request.peer_addr(), &shared.policy);
    // Whoever sends has shown nothing yet: the connection may be replaced while the body comes, or its refusal waits.
    let _waiting = Line::of(&request).map(Line::waiting);
    match take(&request, &caller, payload, &shared, &state).await {
        Ok((event, is_new)) => {
            shared.metrics.polytomic_event(if is_new { "kept" } else { "repeated" });
            let (request_id, client) = (caller.id.as_str(), caller.client);
            let (kind, sync_id) = (&event.kind, event.sync_id.map(tracing::field::display));
            tracing::info!(request_id, kind, sync_id, event.execution_id, is_new, %client, "an event of Polytomic");
            if is_new && event.sync_id.is_some() {
                state.options.wake.notify_one();
            }
            HttpResponse::Ok().insert_header((X_REQUEST_ID, caller.id.header())).json(json!({"received": true}))
        }
        Err(problem) => refuse(problem, &caller, &shared).await,
    }
}

/// The answer to an event that is refused. A client without the secret waits for it, as at the webhook.
async fn refuse(problem: Problem, caller: &Caller, shared: &PublicState) -> HttpResponse {
    let (kind, _) = problem.title();
    let (status, request_id, client) = (problem.status().as_u16(), caller.id.as_str(), caller.client);
    shared.metrics.polytomic_event(kind);
    let mut response = problem.response_to(Some(request_id));
    response.headers_mut().insert(X_REQUEST_ID, caller.id.header());
    if let Problem::EventSignature { .. } = problem {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Polytomic-Signature"));
    }
    if let Problem::EventSignature { .. } | Problem::Refused(_) = problem {
        let log = |left_out| tracing::warn!(request_id, status, kind, left_out, %client, "an event was refused");
        shared.hold_back(client, log).await;
    } else {
        tracing::warn!(request_id, status, kind, %client, "an event was refused");
    }
    response
}

/// Verifies and keeps an event. Returns it, and whether it is new.
async fn take(
    request: &HttpRequest,
    caller: &Caller,
    payload: web::Payload,
    shared: &PublicState,
    state: &EventState,
) -> Result<(PolytomicEvent, bool), Problem> {
    shared.policy.check_address(caller.client)?;
    let mut signatures = request.headers().get_all(SIGNATURE).map(HeaderValue::as_bytes);
    let signature = match (signatures.next(), signatures.next()) {
        (Some(signature), None) => signature.to_owned(),
        (None, _) => return Err(Problem::EventSignature { presented: false }),
        (Some(_), Some(_)) => return Err(Problem::Refused(Refusal::Ambiguous(SIGNATURE.to_owned()))),
    };
    let length = body::check_headers(request.headers(), MAX_EVENT)?;
    let mut reservation = shared.inflight.reserve();
    let wire = body::read(payload, length, MAX_EVENT, &mut reservation, shared.stopping.clone()).await?;
    if wire.is_empty() {
        return Err(Problem::Empty);
    }
    let form = state.options.secrets.form(&signature, &wire);
    state.note(form.ok_or(Problem::EventSignature { presented: true })?);
    let text = envelope::decode(wire, MAX_EVENT, |bytes| reservation.grow_body(bytes));
    let text = text.map_err(|(error, _)| Problem::Event(error.to_string()))?;
    let event = read(text).map_err(Problem::Event)?;
    let is_new = events::insert(&state.options.store, &event).await.map_err(|error| {
        tracing::warn!(%error, "cannot keep an event");
        Problem::Unavailable
    })?;
    Ok((event, is_new))
}

/// Reads an event. Its members stand in it or in its member `event`, by what is documented.
fn read(body: String) -> Result<PolytomicEvent, String> {
    let value: Value = serde_json::from_str(&body).map_err(|error| format!("it is not JSON: {error}"))?;
    let Value::Object(object) = &value else { return Err("it is not a JSON object".to_owned()) };
    let inner = object.get("event");
    let text = |name: &str| word(object.get(name).or_else(|| inner?.get(name))?);
    let kind = text("type").or_else(|| word(inner?)).unwrap_or_else(|| "unknown".to_owned());
    let event_id = object.get("id").and_then(Value::as_str).filter(|id| !id.is_empty() && id.len() <= MAX_WORD);
    let event_id = event_id.map_or_else(|| digest(&body), |id| id.replace('\0', "\u{fffd}"));
    #[expect(clippy::disallowed_methods, reason = "the one place where an event gets its time")]
    let received_at = chrono::Utc::now();
    Ok(PolytomicEvent {
        event_id,
        received_at,
        kind,
        sync_id: text("sync_id").and_then(|id| id.parse().ok()).map(SyncId),
        execution_id: text("execution_id"),
        body,
    })
}

/// A text, as the database takes it; `None` for an empty one, or for another value.
fn word(value: &Value) -> Option<String> {
    let text: String = value.as_str()?.chars().take(MAX_WORD).collect();
    Some(text.replace('\0', "\u{fffd}")).filter(|text| !text.is_empty())
}

fn digest(body: &str) -> String {
    format!("sha256:{:x}", Sha256::digest(body.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYNC: &str = "0f8ecb1f-46e8-4ab2-8f5e-4a3d8b2f0d11";

    #[test]
    fn the_documented_event_and_others_are_read() {
        let inner = json!({"sync_id": SYNC, "execution_id": "e", "status": "completed"});
        let event = json!({"id": "one", "type": "sync.completed", "event": inner});
        let event = read(event.to_string()).expect("it is one");
        assert_eq!((event.event_id.as_str(), event.kind.as_str()), ("one", "sync.completed"));
        assert_eq!(
            (event.sync_id.map(|id| id.to_string()).as_deref(), event.execution_id.as_deref()),
            (Some(SYNC), Some("e"))
        );
        let flat = read(json!({"event": "sync.failed", "sync_id": SYNC}).to_string()).expect("it is one");
        assert_eq!((flat.kind.as_str(), flat.sync_id.is_some()), ("sync.failed", true));
        assert!(flat.event_id.starts_with("sha256:") && flat.event_id.len() == 71, "{}", flat.event_id);
    }

    #[test]
    fn odd_members_are_left_out_and_other_texts_refused() {
        let odd = json!({"id": 7, "type": ["x"], "sync_id": "not an id", "event": 3}).to_string();
        let event = read(odd).expect("it is an object");
        assert_eq!((event.kind.as_str(), event.sync_id, event.execution_id), ("unknown", None, None));
        let nul = read(json!({"id": "a\0b", "type": "t\0"}).to_string()).expect("it is an object");
        assert_eq!((nul.event_id.as_str(), nul.kind.as_str()), ("a\u{fffd}b", "t\u{fffd}"));
        let long = read(json!({"event": "e\0".repeat(MAX_WORD)}).to_string()).expect("it is an object");
        assert_eq!(long.kind, "e\u{fffd}".repeat(MAX_WORD / 2));
        for bad in ["[]", "7", "{", ""] {
            read(bad.to_owned()).expect_err(bad);
        }
    }
}
