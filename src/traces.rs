//! The spans of the traces. They are recorded while `telemetry` exports them, and cost next to nothing otherwise.
//!
//! A delivery has a span, in the trace of its sender if it sends `traceparent`, with parts for reading, parsing and
//! storing. A transaction has a trace of its own, with links to the deliveries that it writes; so has a projection.

use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing::field::{Empty, display};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::model::SyncId;

/// The target of all spans.
pub const TARGET: &str = "polysink::traces";

/// The headers of W3C Trace Context.
struct Carrier<'a> {
    traceparent: Option<&'a str>,
    tracestate: Option<&'a str>,
}

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.traceparent,
            "tracestate" => self.tracestate,
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

/// A request to the webhook.
///
/// * `traceparent`, `tracestate`: the headers of W3C Trace Context
pub fn delivery(request_id: &str, traceparent: Option<&str>, tracestate: Option<&str>) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        "delivery",
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = "POST",
        http.response.status_code = Empty,
        request_id,
        envelope_id = Empty,
        sync_id = Empty,
        outcome = Empty,
    );
    if !span.is_disabled() {
        let context = TraceContextPropagator::new().extract(&Carrier { traceparent, tracestate });
        // Fails if the span is not exported.
        let _ = span.set_parent(context);
    }
    span
}

/// Notes the answer of a delivery.
///
/// * `outcome`: as in the metrics
pub fn answered(span: &Span, status: u16, outcome: &str, envelope_id: Option<uuid::Uuid>, sync_id: Option<SyncId>) {
    span.record("http.response.status_code", status);
    span.record("outcome", outcome);
    if status >= 500 {
        span.record("otel.status_code", "error");
    }
    if let Some(envelope_id) = envelope_id {
        span.record("envelope_id", display(envelope_id));
    }
    if let Some(sync_id) = sync_id {
        span.record("sync_id", display(sync_id));
    }
}

/// Reading a body.
pub fn read() -> Span {
    tracing::info_span!(target: TARGET, "read")
}

/// Decompressing and parsing a body.
pub fn parse() -> Span {
    tracing::info_span!(target: TARGET, "parse")
}

/// From the queue to the answer.
pub fn store() -> Span {
    tracing::info_span!(target: TARGET, "store")
}

/// A transaction that writes deliveries.
///
/// * `of`: the spans of the deliveries
pub fn transaction<'a>(deliveries: usize, records: usize, of: impl IntoIterator<Item = &'a Span>) -> Span {
    let span = tracing::info_span!(
        target: TARGET, parent: None, "transaction", deliveries, records, otel.status_code = Empty, error = Empty
    );
    if !span.is_disabled() {
        for delivery in of {
            span.add_link(delivery.context().span().span_context().clone());
        }
    }
    span
}

/// A transaction that writes to the query tables of a sync.
pub fn projection(sync_id: SyncId) -> Span {
    tracing::info_span!(
        target: TARGET, parent: None, "projection", %sync_id, records = Empty, otel.status_code = Empty, error = Empty
    )
}

/// Notes that a transaction failed.
pub fn failed(span: &Span, error: &dyn std::fmt::Display) {
    span.record("otel.status_code", "error");
    span.record("error", display(error));
}
