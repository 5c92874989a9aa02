//! State that the parts of the public listener share: its options, its limits, and the phase of the service.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::{Semaphore, watch};

use super::connections::Connections;
use super::health::Readiness;
use super::inflight::Inflight;
use crate::http::failures::{Failures, LogLine};
use crate::metrics::Metrics;
use crate::tls::Tls;
use crate::verify::Policy;
use crate::writer::Queue;

/// Limits on one delivery.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryLimits {
    /// Bytes, on the wire and decompressed.
    pub max_body: usize,
    /// Records, valid or not.
    pub max_records: usize,
}

/// The options of the public listener.
#[derive(Debug)]
pub struct PublicOptions {
    pub policy: Policy,
    pub webhook_path: String,
    /// `None` without TLS.
    pub tls: Option<Tls>,
    pub limits: DeliveryLimits,
    /// Bytes of all bodies at once.
    pub max_inflight: usize,
    pub max_connections: usize,
    /// Per address, trusted proxies excepted.
    pub max_connections_per_address: usize,
    /// How long a stop may wait for requests in flight.
    pub shutdown_timeout: Duration,
    pub phase: watch::Receiver<Phase>,
}

/// Where the service is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    Serving,
    /// It serves, and asks load balancers to turn away.
    Leaving,
    /// It accepts no more.
    Stopping,
}

/// State that the handlers share.
#[derive(Debug)]
pub struct PublicState {
    pub webhook_path: String,
    pub tls: Option<Tls>,
    pub policy: Policy,
    pub limits: DeliveryLimits,
    pub inflight: Inflight,
    pub failures: Arc<Failures>,
    pub metrics: Metrics,
    pub connections: Connections,
    pub queue: Queue,
    pub readiness: Readiness,
    pub stopping: Stopping,
    /// As many large bodies are decompressed and parsed at a time as there are processors: more would not be faster,
    /// and would all hold their memory.
    pub opening: Arc<Semaphore>,
    /// One huge delivery is written at a time.
    pub huge: Arc<Semaphore>,
}

impl PublicState {
    /// Notes a refusal of a client that has shown no secret: it has few lines in the log, and waits for its answer.
    ///
    /// * `log`: writes the line, with how many were left out since the last one, if any
    pub async fn hold_back(&self, client: IpAddr, log: impl FnOnce(Option<u64>)) {
        let failure = self.failures.note(client, Instant::now());
        if let LogLine::Written { left_out } = failure.line {
            log((left_out > 0).then_some(left_out));
        }
        tokio::time::sleep(failure.pause).await;
    }
}

/// How much of the limits deliveries and their connections use, and the certificate. Clones share it.
#[derive(Debug, Clone)]
pub struct PublicUse {
    pub(super) inflight: Inflight,
    pub(super) connections: Connections,
    pub(super) tls: Option<Tls>,
}

impl PublicUse {
    /// Bytes of the memory for deliveries, and their limit.
    pub fn in_flight_bytes(&self) -> (usize, usize) {
        self.inflight.usage()
    }

    /// When the TLS certificate ends; `None` without TLS.
    pub fn certificate_ends_at(&self) -> Option<DateTime<Utc>> {
        self.tls.as_ref().map(Tls::ends_at)
    }

    /// Connections, and their limit.
    pub fn connections(&self) -> (usize, usize) {
        self.connections.usage()
    }
}

/// Whether the service stops, and how long it waits for bodies in flight then.
#[derive(Debug, Clone)]
pub struct Stopping {
    pub phase: watch::Receiver<Phase>,
    pub grace: Duration,
}

impl Stopping {
    /// Resolves when no new connections are taken.
    pub async fn begun(&mut self) {
        if self.phase.wait_for(|phase| *phase == Phase::Stopping).await.is_err() {
            std::future::pending::<()>().await; // the service has no stop
        }
    }

    /// Resolves when bodies in flight must be given up: a slow client must not delay the stop.
    pub async fn over(&mut self) {
        self.begun().await;
        tokio::time::sleep(self.grace).await;
    }
}
