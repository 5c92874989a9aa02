//! Reads a request's body, with limits on size, memory and time.

use std::time::Duration;

use actix_web::http::header::{self, HeaderMap};
use actix_web::web;
use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout_at};

use super::inflight::Reservation;
use super::shared::Stopping;
use crate::envelope::{Full, LAYERS};
use crate::http::problem::Problem;

/// Time for a body, however slow. Bytes that arrive extend it, at the slowest accepted rate.
const SLACK: Duration = Duration::from_secs(10);

/// Bytes per second: a modem of the nineties.
const SLOWEST: usize = 4 * 1024;

/// Time for the next piece, however much arrived before.
const PAUSE: Duration = Duration::from_secs(30);

/// Refuses what the headers alone rule out: another type, another encoding, a length over the limit.
///
/// * `max`: bytes
///
/// Returns the length, if the headers have it.
pub fn check_headers(headers: &HeaderMap, max: usize) -> Result<Option<usize>, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(is_json) {
        return Err(Problem::UnsupportedMediaType);
    }
    // Only checks the names of encodings; the first bytes of the body tell whether it is gzip.
    let lists = headers.get_all(header::CONTENT_ENCODING).map(|list| list.to_str().unwrap_or("unreadable"));
    let mut layers = 0;
    for encoding in lists.flat_map(|list| list.split(',')).map(|encoding| encoding.trim().to_ascii_lowercase()) {
        match &*encoding {
            "identity" | "" => {}
            "gzip" | "x-gzip" if layers < LAYERS => layers += 1,
            _ => return Err(Problem::UnsupportedEncoding),
        }
    }
    let length: Option<u64> =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    if length.is_some_and(|length| length > max as u64) {
        return Err(Problem::TooLarge { max });
    }
    Ok(length.and_then(|length| usize::try_from(length).ok()))
}

/// `application/json`, and types such as `application/problem+json`, with any parameters.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Reads the body to its end.
///
/// * `length`: bytes, if the headers have it
/// * `max`: bytes
/// * `reservation`: grows with what is read, before it is allocated
pub async fn read(
    mut payload: web::Payload,
    length: Option<usize>,
    max: usize,
    reservation: &mut Reservation,
    mut stopping: Stopping,
) -> Result<Vec<u8>, Problem> {
    let mut body: Vec<u8> = Vec::new();
    let mut over = std::pin::pin!(stopping.over());
    let began = Instant::now();
    loop {
        let bought = Duration::from_secs((body.len() / SLOWEST) as u64);
        let until = (began + SLACK + bought).min(Instant::now() + PAUSE);
        let next = tokio::select! {
            biased;
            next = timeout_at(until, payload.next()) => next,
            () = &mut over => return Err(Problem::Stopping),
        };
        let chunk = match next {
            Err(_) => return Err(Problem::Timeout),
            Ok(None) => return Ok(body),
            Ok(Some(Err(_))) => return Err(Problem::Incomplete),
            Ok(Some(Ok(chunk))) => chunk,
        };
        if body.len() + chunk.len() > max {
            return Err(Problem::TooLarge { max });
        }
        let room = body.capacity() - body.len();
        if room < chunk.len() {
            // Doubles the buffer, so that it is copied rarely; no further than the length, if that is known.
            let wanted = body.capacity().min(length.unwrap_or(usize::MAX).saturating_sub(body.len())).max(chunk.len());
            reservation.grow_body(wanted - room.min(wanted)).map_err(|Full| Problem::Busy)?;
            body.reserve_exact(wanted);
        }
        body.extend_from_slice(&chunk);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use actix_web::FromRequest as _;
    use futures_util::stream;

    use super::*;
    use crate::http::Phase;
    use crate::http::public::inflight::Inflight;

    /// Reads a body of these pieces, with this pause after each.
    async fn read_slowly(pieces: usize, bytes: usize, pause: Duration) -> Result<usize, Problem> {
        let pieces = stream::unfold(0, move |n| async move {
            if n == pieces {
                return None;
            }
            if n > 0 {
                tokio::time::sleep(pause).await;
            }
            Some((Ok(web::Bytes::from(vec![b'x'; bytes])), n + 1))
        });
        let request = actix_web::test::TestRequest::default().to_http_request();
        let pieces: Pin<Box<dyn stream::Stream<Item = _>>> = Box::pin(pieces);
        let mut payload = actix_web::dev::Payload::from(pieces);
        let payload = web::Payload::from_request(&request, &mut payload).await.expect("it never fails");
        let stopping = Stopping { phase: tokio::sync::watch::channel(Phase::Serving).1, grace: Duration::ZERO };
        let mut reservation = Inflight::new(usize::MAX / 4).reserve();
        read(payload, None, 1 << 30, &mut reservation, stopping).await.map(|body| body.len())
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_is_refused_and_a_slow_start_or_a_pause_is_borne() {
        let second = Duration::from_secs(1);
        assert_eq!(read_slowly(100, 5_000, second).await.ok(), Some(500_000));
        assert!(matches!(read_slowly(100, 100, second).await, Err(Problem::Timeout)));
        assert_eq!(read_slowly(2, 1_000_000, second * 25).await.ok(), Some(2_000_000));
        assert!(matches!(read_slowly(2, 1_000_000, second * 35).await, Err(Problem::Timeout)));
        assert!(matches!(read_slowly(2, 1, second * 15).await, Err(Problem::Timeout)));
    }

    #[test]
    fn json_is_recognised_with_its_parameters_and_relatives() {
        for json in ["application/json", "Application/JSON; charset=utf-8", "application/cloudevents+json"] {
            assert!(is_json(json), "{json}");
        }
        for other in ["text/plain", "text/json", "application/jsonp", "application/x-www-form-urlencoded", ""] {
            assert!(!is_json(other), "{other}");
        }
    }
}
