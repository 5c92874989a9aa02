//! The webhook: verify, parse, write, answer.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use actix_web::http::header::{HeaderMap, HeaderValue, USER_AGENT, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Utc;
use ipnet::IpNet;
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use super::connections::Line;
use super::inflight::{self, Reservation};
use super::{Limits, Shared, body};
use crate::envelope::{self, DecodeError, Envelope, Full, Receipt, Unparsed};
use crate::http::problem::Problem;
use crate::model::SyncId;
use crate::store::RejectedBody;
use crate::verify::{Policy, Refusal, TIMESTAMP, client_address};
use crate::writer::{Counts, Work, WriteOutcome};

/// Bodies up to this size are parsed on the thread that reads them; larger ones would delay the other requests of the
/// thread.
const INLINE: usize = 64 * 1024;

/// The same for compressed bodies: deflate shrinks a body to a thousandth at best.
const INLINE_COMPRESSED: usize = 1024;

const MAX_USER_AGENT_CHARS: usize = 500;

/// What to do about rejected records.
const HINT: &str = "Rejected records are quarantined with a reason: run `polysink rejections` on the receiver.";

/// The body of a 200, which Polytomic reads.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Stored {
        received: bool,
        envelope_id: Uuid,
        records: usize,
        new: usize,
        duplicates: usize,
        rejected: usize,
        /// Where to look, if records were rejected.
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<&'static str>,
    },
    Ignored {
        received: bool,
        ignored: String,
    },
    /// On disk; the database takes it later, and says then which records are new.
    Spooled {
        received: bool,
        spooled: bool,
        envelope_id: Uuid,
        records: usize,
        rejected: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<&'static str>,
    },
}

/// `POST` to the webhook.
pub async fn receive(request: HttpRequest, payload: web::Payload, shared: web::Data<Shared>) -> HttpResponse {
    let began = Instant::now();
    let client = client(request.headers(), request.peer_addr(), &shared.policy);
    match deliver(&request, client, payload, &shared).await {
        Ok((answer, sync_id)) => {
            shared.metrics.delivery(answer.outcome(), 200, sync_id, began.elapsed());
            HttpResponse::Ok().json(answer)
        }
        Err(problem) => {
            // The connection may be replaced during the delay.
            let _waiting = line(&request).map(Line::waiting);
            refuse(problem, client, &shared, began).await
        }
    }
}

impl Answer {
    /// The word in the metrics.
    fn outcome(&self) -> &'static str {
        match self {
            Self::Stored { .. } => "stored",
            Self::Ignored { .. } => "ignored",
            Self::Spooled { .. } => "spooled",
        }
    }
}

/// The connection of a request.
fn line(request: &HttpRequest) -> Option<&Line> {
    request.conn_data::<Arc<Line>>().map(|line| &**line)
}

/// A request with `Expect: 100-continue`: refused before its body is sent, as [`receive`] would, if the headers alone
/// suffice.
pub async fn invite(headers: &HeaderMap, peer: Option<SocketAddr>, shared: &Shared) -> Result<(), HttpResponse> {
    let began = Instant::now();
    let client = client(headers, peer, &shared.policy);
    match check_head(headers, client, shared) {
        Ok(_) => Ok(()),
        Err(problem) => Err(refuse(problem, client, shared, began).await),
    }
}

/// The answer to a request that is refused.
///
/// * `began`: when it was received
async fn refuse(problem: Problem, client: IpAddr, shared: &Shared, began: Instant) -> HttpResponse {
    let (kind, _) = problem.title();
    let status = problem.status().as_u16();
    let mut response = problem.response();
    if let Problem::Refused(Refusal::Credentials(refused)) = &problem {
        let (why, count) = (refused.fault.as_str(), shared.metrics.refused_credentials(refused.fault.as_str()));
        tracing::warn!(status, kind, why, count, %client, "a delivery was refused");
        let challenge = HeaderValue::from_static(shared.policy.credentials.challenge());
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        tokio::time::sleep(shared.failures.pause(client, Instant::now())).await;
    } else {
        tracing::warn!(status, kind, %client, "a delivery was refused");
    }
    shared.metrics.delivery(kind, status, None, began.elapsed());
    response
}

async fn deliver(
    request: &HttpRequest,
    client: IpAddr,
    payload: web::Payload,
    shared: &Shared,
) -> Result<(Answer, Option<SyncId>), Problem> {
    let Head { receipt, length } = check_head(request.headers(), client, shared)?;
    let mut reservation = shared.inflight.reserve();
    let reading = body::read(payload, length, shared.limits.max_body, &mut reservation, shared.stopping.clone());
    let waiting = line(request).map(Line::waiting);
    let wire = reading.await?;
    drop(waiting);
    if wire.is_empty() {
        return Err(Problem::Empty);
    }
    shared.metrics.wire_bytes(wire.len());
    let (opened, reservation) = open(wire, receipt, shared, reservation).await;
    let mut held = Held { reservation, turn: None };
    match opened? {
        Opened::Envelope(envelope) => {
            shared.metrics.decompressed_bytes(envelope.body.len());
            held.take_for(&envelope, shared).await?;
            let sync_id = envelope.sync_id;
            store(envelope, held, shared).await.map(|answer| (answer, sync_id))
        }
        Opened::Malformed(body) => {
            shared.metrics.decompressed_bytes(body.payload.len());
            Err(quarantine(body, held, shared).await)
        }
    }
}

/// What the headers say of a delivery that may be read.
struct Head {
    receipt: Receipt,
    /// Bytes, if the headers have it.
    length: Option<usize>,
}

/// All checks before the body is read.
fn check_head(headers: &HeaderMap, client: IpAddr, shared: &Shared) -> Result<Head, Problem> {
    let receipt = verify(headers, client, &shared.policy)?;
    let length = body::check_headers(headers, shared.limits.max_body)?;
    Ok(Head { receipt, length })
}

/// What a delivery holds until it is answered.
struct Held {
    reservation: Option<Reservation>,
    /// Its permit as a huge delivery, if it is one.
    turn: Option<OwnedSemaphorePermit>,
}

impl Held {
    /// Reserves what writing the envelope costs. A huge one waits for its permit instead: several would never fit the
    /// budget together, and none would advance.
    async fn take_for(&mut self, envelope: &Envelope, shared: &Shared) -> Result<(), Problem> {
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
fn verify(headers: &HeaderMap, client: IpAddr, policy: &Policy) -> Result<Receipt, Refusal> {
    #[expect(clippy::disallowed_methods, reason = "the one place where a delivery gets its time and its id")]
    let (now, random) = (Utc::now(), Uuid::new_v4());
    policy.check_address(client)?;
    let values = |name: &str| headers.get_all(name).map(HeaderValue::as_bytes).collect::<Vec<_>>();
    let connection = policy.check_credentials(values)?;
    let sent_at = policy.check_freshness(&values(TIMESTAMP), now)?;
    let user_agent = headers.get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    Ok(Receipt {
        envelope_id: envelope::envelope_id(now, random),
        received_at: now,
        sent_at: sent_at.unwrap_or(now),
        connection: connection.to_owned(),
        source_ip: Some(IpNet::from(client)),
        user_agent: user_agent.map(|agent| agent.chars().take(MAX_USER_AGENT_CHARS).collect()),
    })
}

/// The client's address, by the socket and by trusted proxies.
fn client(headers: &HeaderMap, peer: Option<SocketAddr>, policy: &Policy) -> IpAddr {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    let values = |name: &'static str| headers.get_all(name).map(HeaderValue::as_bytes);
    client_address(peer, &policy.trusted_proxies, values("x-forwarded-for"), values("forwarded"))
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
    shared: &Shared,
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

fn open_now(wire: Vec<u8>, receipt: Receipt, limits: Limits, reservation: &mut Reservation) -> Result<Opened, Problem> {
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

async fn store(envelope: Box<Envelope>, held: Held, shared: &Shared) -> Result<Answer, Problem> {
    let envelope_id = envelope.receipt.envelope_id;
    let ignored = (envelope.outcome == envelope::Outcome::Ignored).then(|| envelope.event.clone());
    let hint = |rejected| (rejected > 0).then_some(HINT);
    match shared.queue.submit(Work::Envelope(envelope), held).await {
        Ok(WriteOutcome::Stored(_) | WriteOutcome::Spooled { .. }) if let Some(ignored) = ignored => {
            Ok(Answer::Ignored { received: true, ignored })
        }
        Ok(WriteOutcome::Stored(counts)) => {
            let Counts { records, new, rejected } = counts;
            let (duplicates, hint) = (counts.duplicates(), hint(rejected));
            Ok(Answer::Stored { received: true, envelope_id, records, new, duplicates, rejected, hint })
        }
        Ok(WriteOutcome::Spooled { records, rejected }) => {
            let hint = hint(rejected);
            Ok(Answer::Spooled { received: true, spooled: true, envelope_id, records, rejected, hint })
        }
        Ok(WriteOutcome::Quarantined(detail)) => {
            Err(Problem::Malformed { reason: "unstorable".into(), detail, rejection_id: envelope_id })
        }
        Err(error) => Err(Problem::from(error)),
    }
}

/// Quarantines the body. If that fails, answers 503, so that it is sent again.
async fn quarantine(body: Box<RejectedBody>, held: Held, shared: &Shared) -> Problem {
    let (reason, detail, rejection_id) = (body.reason.clone(), body.detail.clone(), body.receipt.envelope_id);
    match shared.queue.submit(Work::Rejection(body), held).await {
        Ok(_) => Problem::Malformed { reason, detail, rejection_id },
        Err(error) => Problem::from(error),
    }
}
