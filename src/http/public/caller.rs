//! Who asks, as the log knows it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use actix_web::http::header::{HeaderMap, HeaderValue};
use tracing::Span;

use super::request_id::RequestId;
use crate::traces;
use crate::verify::{Policy, client_address};

/// A request's sender and id, and when it was received.
#[derive(Debug)]
pub struct Caller {
    pub id: RequestId,
    /// By the socket and by trusted proxies.
    pub client: IpAddr,
    pub began: Instant,
    /// Its trace's id.
    pub span: Span,
}

impl Caller {
    pub fn of(headers: &HeaderMap, peer: Option<SocketAddr>, policy: &Policy) -> Self {
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        let values = |name: &'static str| headers.get_all(name).map(HeaderValue::as_bytes);
        let client = client_address(peer, &policy.trusted_proxies, values("x-forwarded-for"), values("forwarded"));
        let id = RequestId::of(headers);
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let span = traces::delivery(id.as_str(), text("traceparent"), text("tracestate"));
        Self { id, client, began: Instant::now(), span }
    }

    /// How long the request has taken.
    pub fn took(&self) -> Duration {
        self.began.elapsed()
    }

    /// The same in milliseconds, for the log.
    pub fn millis(&self) -> u64 {
        u64::try_from(self.took().as_millis()).unwrap_or(u64::MAX)
    }
}
