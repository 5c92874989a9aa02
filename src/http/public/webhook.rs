//! The webhook: verify, parse, write, answer.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use actix_web::http::header::{HeaderMap, HeaderValue, USER_AGENT, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use ipnet::IpNet;
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument as _;
use uuid::Uuid;

use super::answer::{Answer, DeliveryAnswer};
use super::body;
use super::caller::Caller;
use super::connections::Line;
use super::inflight::{self, Reservation};
use super::request_id::X_REQUEST_ID;
use super::shared::{DeliveryLimits, PublicState};
use crate::envelope::{self, DecodeError, Envelope, Full, Receipt, Unparsed};
use crate::http::problem::Problem;
use crate::store::RejectedBody;
use crate::traces;
use crate::verify::{Policy, Refusal, TIMESTAMP};
use crate::writer::{Work, WriteOutcome};

/// Bodies up to this size are parsed on the thread that reads them; larger ones would delay the other requests of the
/// thread.
const INLINE: usize = 64 * 1024;

/// The same for compressed bodies: deflate shrinks a body to a thousandth at best.
const INLINE_COMPRESSED: usize = 1024;

const MAX_USER_AGENT_CHARS: usize = 500;

/// `POST` to the webhook.
pub async fn receive(request: HttpRequest, payload: web::Payload, shared: web::Data<PublicState>) -> HttpResponse {
    let caller = Caller::of(request.headers(), request.peer_addr(), &shared.policy);
    match deliver(&request, caller.client, payload, &shared).instrument(caller.span.clone()).await {
        Ok(delivered) => {
            delivered.log(&caller);
            let outcome = delivered.answer.outcome();
            shared.metrics.delivery(outcome, 200, delivered.sync_id, caller.took());
            traces::answered(&caller.span, 200, outcome, Some(delivered.envelope_id), delivered.sync_id);
            HttpResponse::Ok().insert_header((X_REQUEST_ID, caller.id.header())).json(delivered.answer)
        }
        Err(problem) => {
            // The connection may be replaced during the delay.
            let _waiting = Line::of(&request).map(Line::waiting);
            refuse(problem, &caller, &shared).await
        }
    }
}

/// A request with `Expect: 100-continue`: refused before its body is sent, as [`receive`] would, if the headers alone
/// suffice.
///
/// * `query`: of the URL, as it came
pub async fn invite(
    headers: &HeaderMap,
    query: &str,
    peer: Option<SocketAddr>,
    shared: &PublicState,
) -> Result<(), HttpResponse> {
    let caller = Caller::of(headers, peer, &shared.policy);
    match check_head(headers, query, caller.client, shared) {
        Ok(_) => Ok(()),
        Err(problem) => Err(refuse(problem, &caller, shared).await),
    }
}

/// The answer to a request that is refused, and its line in the log. A client that has not shown a secret waits for it,
/// and has few lines.
async fn refuse(problem: Problem, caller: &Caller, shared: &PublicState) -> HttpResponse {
    let (kind, _) = problem.title();
    let (status, request_id, client) = (problem.status().as_u16(), caller.id.as_str(), caller.client);
    let mut response = problem.response_to(Some(request_id));
    response.headers_mut().insert(X_REQUEST_ID, caller.id.header());
    match &problem {
        Problem::Refused(refusal @ (Refusal::Address | Refusal::Ambiguous(_) | Refusal::Credentials(_))) => {
            let (why, count) = match refusal {
                Refusal::Credentials(refused) => {
                    let challenge = HeaderValue::from_static(shared.policy.credentials.challenge());
                    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
                    let why = refused.fault.as_str();
                    (Some(why), Some(shared.metrics.refused_credentials(why)))
                }
                _ => (None, None),
            };
            let log = |left_out| {
                tracing::warn!(request_id, status, kind, why, count, left_out, %client, "a delivery was refused");
            };
            shared.hold_back(client, log).await;
        }
        Problem::Malformed { reason, rejection_id, .. } => {
            let (why, ms) = (&**reason, caller.millis());
            tracing::warn!(request_id, status, kind, why, %rejection_id, ms, %client, "a delivery was refused");
        }
        _ => tracing::warn!(request_id, status, kind, ms = caller.millis(), %client, "a delivery was refused"),
    }
    shared.metrics.delivery(kind, status, None, caller.took());
    traces::answered(&caller.span, status, kind, None, None);
    response
}

async fn deliver(
    request: &HttpRequest,
    client: IpAddr,
    payload: web::Payload,
    shared: &PublicState,
) -> Result<DeliveryAnswer, Problem> {
    let Head { receipt, length } = check_head(request.headers(), request.query_string(), client, shared)?;
    let mut reservation = shared.inflight.reserve();
    let reading = body::read(payload, length, shared.limits.max_body, &mut reservation, shared.stopping.clone());
    let waiting = Line::of(request).map(Line::waiting);
    let wire = reading.instrument(traces::read()).await?;
    drop(waiting);
    if wire.is_empty() {
        return Err(Problem::Empty);
    }
    shared.metrics.wire_bytes(wire.len());
    let (opened, reservation) = open(wire, receipt, shared, reservation).instrument(traces::parse()).await;
    let mut held = HeldBudget { reservation, turn: None };
    match opened? {
        Opened::Envelope(envelope) => {
            shared.metrics.decompressed_bytes(envelope.body.len());
            held.take_for(&envelope, shared).await?;
            store(envelope, held, shared).await
        }
        Opened::Malformed(body) => {
            shared.metrics.decompressed_bytes(body.payload.len());
            Err(quarantine(body, held, shared).await)
        }
    }
}

/// The headers of a delivery that may be read.
struct Head {
    receipt: Receipt,
    /// Bytes, if the headers have it.
    length: Option<usize>,
}

/// All checks before the body is read.
fn check_head(headers: &HeaderMap, query: &str, client: IpAddr, shared: &PublicState) -> Result<Head, Problem> {
    let receipt = verify(headers, query, client, &shared.policy)?;
    let length = body::check_headers(headers, shared.limits.max_body)?;
    Ok(Head { receipt, length })
}

/// The budget that a delivery holds until it is answered.
struct HeldBudget {
    reservation: Option<Reservation>,
    /// Its permit as a huge delivery, if it is one.
    turn: Option<OwnedSemaphorePermit>,
}

impl HeldBudget {
    /// Reserves what writing the envelope costs. A huge one waits for its permit instead: several would never fit the
    /// budget together, and none would advance.
    async fn take_for(&mut self, envelope: &Envelope, shared: &PublicState) -> Result<(), Problem> {
        let reservation = self.reservation.as_mut();
        if inflight::is_huge(envelope) {
            reservation.map_or(Ok(()), |held| held.grow_parsed(envelope)).map_err(|Full| Problem::Busy)?;
            self.turn = Some(Arc::clone(&shared.huge).acquire_owned().await.expect("the semaphore is never closed"));
            Ok(())
        } else {
            reservation.map_or(Ok(()), |held| held.grow_for(envelope)).map_err(|Full| Problem::Busy)
        }
    }
}

/// The three checks, in the order of the design.
fn verify(headers: &HeaderMap, query: &str, client: IpAddr, policy: &Policy) -> Result<Receipt, Refusal> {
    #[expect(clippy::disallowed_methods, reason = "the one place where a delivery gets its time and its id")]
    let (now, random) = (Utc::now(), Uuid::new_v4());
    policy.check_address(client)?;
    let values = |name: &str| headers.get_all(name).map(HeaderValue::as_bytes).collect::<Vec<_>>();
    let connection = policy.check_credentials(values, query, now)?;
    let sent_at = policy.check_freshness(&values(TIMESTAMP), now)?;
    let user_agent = headers.get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    Ok(Receipt {
        envelope_id: envelope::envelope_id(now, random),
        received_at: now,
        sent_at: sent_at.unwrap_or(now),
        connection: connection.to_owned(),
        source_ip: Some(IpNet::from(client)),
        user_agent: user_agent.map(|agent| agent.chars().take(MAX_USER_AGENT_CHARS).collect()),
        was_spooled: false,
    })
}

enum Opened {
    Envelope(Box<Envelope>),
    Malformed(Box<RejectedBody>),
}

/// Decompresses and parses, on another thread if it may take long. Returns the reservation, to be held until the
/// answer.
async fn open(
    wire: Vec<u8>,
    receipt: Receipt,
    shared: &PublicState,
    mut reservation: Reservation,
) -> (Result<Opened, Problem>, Option<Reservation>) {
    let inline = if envelope::is_gzip(&wire) { INLINE_COMPRESSED } else { INLINE };
    let limits = shared.limits;
    if wire.len() <= inline {
        return (open_now(wire, receipt, limits, &mut reservation), Some(reservation));
    }
    // Waiting bodies hold what came over the wire, which is counted, and not what they decompress to.
    let permit = Arc::clone(&shared.opening).acquire_owned().await.expect("the semaphore is never closed");
    let work = move || {
        let _permit = permit;
        let opened = open_now(wire, receipt, limits, &mut reservation);
        (opened, reservation)
    };
    match web::block(work).await {
        Ok((opened, reservation)) => (opened, Some(reservation)),
        // The pool is shutting down, or the parser panicked; neither is the sender's fault.
        Err(_) => (Err(Problem::Unavailable), None),
    }
}

fn open_now(
    wire: Vec<u8>,
    receipt: Receipt,
    limits: DeliveryLimits,
    reservation: &mut Reservation,
) -> Result<Opened, Problem> {
    let rejected = |receipt, reason: &'static str, error: DecodeError, payload| {
        let (reason, detail) = (reason.into(), error.to_string());
        Ok(Opened::Malformed(Box::new(RejectedBody { receipt, reason, detail, sync_id: None, payload })))
    };
    let body = match envelope::decode(wire, limits.max_body, |bytes| reservation.grow_body(bytes)) {
        Ok(body) => body,
        Err((DecodeError::TooLarge { max }, _)) => return Err(Problem::TooLarge { max }),
        Err((DecodeError::Full, _)) => return Err(Problem::Busy),
        Err((error @ DecodeError::BadGzip(_), wire)) => {
            return rejected(receipt, "bad_gzip", error, wire);
        }
        Err((error @ DecodeError::NotUtf8(_), wire)) => {
            return rejected(receipt, "not_utf8", error, wire);
        }
    };
    match envelope::parse(body, receipt.clone(), limits.max_records) {
        Ok(envelope) => Ok(Opened::Envelope(Box::new(envelope))),
        Err(Unparsed::TooManyRecords { max }) => Err(Problem::TooManyRecords { max }),
        Err(Unparsed::Malformed(malformed)) => Ok(Opened::Malformed(Box::new(RejectedBody::of(receipt, *malformed)))),
    }
}

async fn store(envelope: Box<Envelope>, held: HeldBudget, shared: &PublicState) -> Result<DeliveryAnswer, Problem> {
    let (envelope_id, sync_id, bytes) = (envelope.receipt.envelope_id, envelope.sync_id, envelope.body.len());
    let connection = envelope.receipt.connection.clone();
    let ignored = (envelope.outcome == envelope::Outcome::Ignored).then(|| envelope.event.clone());
    let stored = shared.queue.submit(Work::Envelope(envelope), held).instrument(traces::store()).await;
    let answer = match (stored, ignored) {
        (Ok(WriteOutcome::Stored(_) | WriteOutcome::Spooled { .. }), Some(event)) => Answer::ignored(event),
        (Ok(WriteOutcome::Stored(counts)), None) => Answer::stored(envelope_id, counts),
        (Ok(WriteOutcome::Spooled { records, rejected }), None) => Answer::spooled(envelope_id, records, rejected),
        (Ok(WriteOutcome::Quarantined(detail)), _) => {
            return Err(Problem::Malformed { reason: "unstorable".into(), detail, rejection_id: envelope_id });
        }
        (Err(error), _) => return Err(Problem::from(error)),
    };
    Ok(DeliveryAnswer { answer, envelope_id, sync_id, connection, bytes })
}

/// Quarantines the body. If that fails, answers 503, so that it is sent again.
async fn quarantine(body: Box<RejectedBody>, held: HeldBudget, shared: &PublicState) -> Problem {
    let (reason, detail, rejection_id) = (body.reason.clone(), body.detail.clone(), body.receipt.envelope_id);
    match shared.queue.submit(Work::Rejection(body), held).await {
        Ok(_) => Problem::Malformed { reason, detail, rejection_id },
        Err(error) => Problem::from(error),
    }
}
