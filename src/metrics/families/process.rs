//! Gauges of this process: its queue, connections, spool and disks.

use prometheus::{IntGauge, IntGaugeVec};

use super::maker::Maker;
use super::signed;
use crate::metrics::{DiskUse, InProcess, PoolUse, SpoolUse};

/// The gauges of this process.
#[derive(Debug)]
pub struct ProcessGauges {
    queued: IntGauge,
    in_flight: IntGauge,
    in_flight_bytes: IntGauge,
    in_flight_bytes_limit: IntGauge,
    connections: IntGauge,
    connections_limit: IntGauge,
    certificate_ends: IntGaugeVec,
    pool_connections: IntGaugeVec,
    pool_limit: IntGaugeVec,
    pool_waiting: IntGaugeVec,
    takes_deliveries: IntGauge,
    spool_works: IntGauge,
    spool_deliveries: IntGauge,
    spool_bytes: IntGauge,
    spool_bytes_limit: IntGauge,
    spool_set_aside: IntGauge,
    spool_oldest: IntGaugeVec,
    spool_failing: IntGaugeVec,
    disk_free: IntGaugeVec,
    disk_size: IntGaugeVec,
}

impl ProcessGauges {
    pub fn new(make: &Maker) -> Self {
        Self {
            queued: make.gauge("polysink_queue_deliveries", "Deliveries that wait for a writer."),
            in_flight: make
                .gauge("polysink_in_flight_deliveries", "Deliveries that were received and are not yet answered."),
            in_flight_bytes: make.gauge("polysink_in_flight_bytes", "Memory that deliveries in flight hold."),
            in_flight_bytes_limit: make.gauge("polysink_in_flight_limit_bytes", "POLYSINK_MAX_INFLIGHT."),
            connections: make.gauge("polysink_connections", "Connections of clients."),
            connections_limit: make.gauge("polysink_connections_limit", "POLYSINK_MAX_CONNECTIONS."),
            certificate_ends: make.gauges(
                "polysink_tls_certificate_end_timestamp_seconds",
                "When the certificate of the webhook's address ends; absent without TLS.",
                &[],
            ),
            pool_connections: make.gauges(
                "polysink_pool_connections",
                "Connections to the database by role. state: in_use, idle.",
                &["role", "state"],
            ),
            pool_limit: make.gauges("polysink_pool_connections_limit", "The most connections of a role.", &["role"]),
            pool_waiting: make.gauges(
                "polysink_pool_waiting",
                "Tasks that wait for a connection of a role.",
                &["role"],
            ),
            takes_deliveries: make.gauge(
                "polysink_database_takes_deliveries",
                "1 if the database takes deliveries, as far as the writers know; 0 while they are spooled or refused.",
            ),
            spool_works: make
                .gauge("polysink_spool_up", "1 if the spool takes deliveries; 0 if it is off, full or its disk fails."),
            spool_deliveries: make.gauge("polysink_spool_deliveries", "Deliveries in the spool."),
            spool_bytes: make.gauge("polysink_spool_bytes", "Bytes of the deliveries in the spool."),
            spool_bytes_limit: make.gauge("polysink_spool_limit_bytes", "POLYSINK_SPOOL_MAX; 0 if the spool is off."),
            spool_set_aside: make.gauge(
                "polysink_spool_set_aside_files",
                "Files of acknowledged deliveries that are not stored: damaged spools, and deliveries that the \
                 database refuses.",
            ),
            spool_oldest: make.gauges(
                "polysink_spool_oldest_timestamp_seconds",
                "When the oldest delivery in the spool was received; absent if it is empty.",
                &[],
            ),
            spool_failing: make.gauges(
                "polysink_spool_failing_since_timestamp_seconds",
                "Since when a delivery in the spool could not be stored, although the database answered; absent if \
                 there is none.",
                &[],
            ),
            disk_free: make.gauges(
                "polysink_disk_free_bytes",
                "Free bytes of the disk with the spool, or with the private PostgreSQL (data).",
                &["of"],
            ),
            disk_size: make.gauges("polysink_disk_size_bytes", "The size of that disk.", &["of"]),
        }
    }

    pub fn set(&self, held: &InProcess) {
        self.queued.set(signed(held.queued as u64));
        self.in_flight.set(held.in_flight.into());
        self.in_flight_bytes.set(signed(held.in_flight_bytes as u64));
        self.in_flight_bytes_limit.set(signed(held.in_flight_bytes_limit as u64));
        self.connections.set(signed(held.connections as u64));
        self.connections_limit.set(signed(held.connections_limit as u64));
        self.takes_deliveries.set(held.takes_deliveries.into());
        if let Some(ends_at) = held.certificate_ends_at {
            self.certificate_ends.with_label_values(&[] as &[&str]).set(ends_at);
        }
        for PoolUse { role, in_use, idle, limit, waiting } in &held.pools {
            self.pool_connections.with_label_values(&[role, "in_use"]).set(signed(*in_use as u64));
            self.pool_connections.with_label_values(&[role, "idle"]).set(signed(*idle as u64));
            self.pool_limit.with_label_values(&[role]).set(signed(*limit as u64));
            self.pool_waiting.with_label_values(&[role]).set(signed(*waiting as u64));
        }
        self.spool_oldest.reset();
        self.spool_failing.reset();
        let SpoolUse { deliveries, bytes, bytes_limit, oldest, set_aside, failing_since, works } = held.spool;
        self.spool_works.set(works.into());
        self.spool_deliveries.set(signed(deliveries));
        self.spool_bytes.set(signed(bytes));
        self.spool_bytes_limit.set(signed(bytes_limit));
        self.spool_set_aside.set(signed(set_aside));
        if let Some(oldest) = oldest {
            self.spool_oldest.with_label_values(&[] as &[&str]).set(signed(oldest));
        }
        if let Some(since) = failing_since {
            self.spool_failing.with_label_values(&[] as &[&str]).set(signed(since));
        }
        for DiskUse { of, free_bytes, size_bytes } in &held.disks {
            self.disk_free.with_label_values(&[of]).set(signed(*free_bytes));
            self.disk_size.with_label_values(&[of]).set(signed(*size_bytes));
        }
    }
}
