//! The public listener: its options, its TLS, and how it is reached from this machine.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::watch;

use super::now;
use crate::config::ServeConfig;
use crate::http::{self, Phase};
use crate::tls::{Tls, TlsFiles, TlsPace, TlsWatch};

/// * `shutdown_timeout`: how long a stop may wait for requests in flight
pub(super) fn public_options(
    config: &ServeConfig,
    tls: Option<Tls>,
    shutdown_timeout: Duration,
    phase: watch::Receiver<Phase>,
) -> http::PublicOptions {
    http::PublicOptions {
        policy: config.policy.clone(),
        webhook_path: config.webhook_path.clone(),
        tls,
        limits: http::DeliveryLimits { max_body: config.limits.max_body, max_records: config.limits.max_records },
        max_inflight: config.limits.max_inflight,
        max_connections: config.limits.max_connections,
        max_connections_per_address: config.limits.max_connections_per_address,
        shutdown_timeout,
        phase,
    }
}

/// Reads certificate and key for the first time.
pub(super) fn start_tls(files: &TlsFiles, pace: TlsPace) -> anyhow::Result<(TlsWatch, Tls)> {
    TlsWatch::start(files.clone(), pace, now).context("cannot use TLS (POLYSINK_TLS_CERT, POLYSINK_TLS_KEY)")
}

/// A URL of the public listener for a client on this machine.
pub fn own_url(address: SocketAddr, has_tls: bool, path: &str) -> String {
    format!("{}://{}{path}", if has_tls { "https" } else { "http" }, reachable(address))
}

/// The address to connect to for a listener on `address`: loopback if it listens on all addresses.
pub fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(_) if address.ip().is_unspecified() => ([127, 0, 0, 1], address.port()).into(),
        SocketAddr::V6(_) if address.ip().is_unspecified() => (std::net::Ipv6Addr::LOCALHOST, address.port()).into(),
        _ => address,
    }
}
