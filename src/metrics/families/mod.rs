//! The families of metrics: counters and histograms here, the gauges of this process and of the database in files of
//! their own.

mod database;
mod maker;
mod process;
mod projection;
mod runs;

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use prometheus::proto::MetricFamily;
use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, Registry};
use strum::VariantArray as _;

use self::database::DatabaseGauges;
use self::maker::Maker;
use self::process::ProcessGauges;
use self::projection::ProjectionFamilies;
use self::runs::RunFamilies;
use super::sync_labels::{OTHER, SyncLabels};
use super::{InProcess, Observed, RecordResult, TransactionResult};

pub use self::maker::Described;

/// Seconds.
const REQUEST: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
const WAIT: &[f64] = &[0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// Counts.
const GROUP_DELIVERIES: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0];
const GROUP_RECORDS: &[f64] =
    &[1.0, 10.0, 50.0, 100.0, 500.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0, 50_000.0, 100_000.0];

#[derive(Debug)]
pub struct Families {
    registry: Registry,
    pub described: Vec<Described>,
    /// Held while gauges are set and read.
    encoding: Mutex<()>,
    pub deliveries: IntCounterVec,
    pub records: IntCounterVec,
    pub refused_credentials: IntCounterVec,
    pub refused_requests: IntCounterVec,
    pub dropped_lines: IntCounter,
    pub refused_connections: IntCounterVec,
    pub wire_bytes: IntCounter,
    pub decompressed_bytes: IntCounter,
    pub request_duration: HistogramVec,
    pub queue_wait: Histogram,
    pub transaction_duration: HistogramVec,
    pub group_deliveries: Histogram,
    pub group_records: Histogram,
    pub spooled: IntCounter,
    pub drained: IntCounter,
    pub projection: ProjectionFamilies,
    pub removed_partitions: IntCounter,
    pub removed_rejections: IntCounter,
    pub runs: RunFamilies,
    pub database_up: IntGauge,
    process: ProcessGauges,
    database: DatabaseGauges,
}

impl Families {
    pub fn new() -> Self {
        let make = Maker::default();
        make.gauges("polysink_build_info", "1; the version is in the label.", &["version"])
            .with_label_values(&[env!("CARGO_PKG_VERSION")])
            .set(1);
        #[cfg(target_os = "linux")]
        make.register(prometheus::process_collector::ProcessCollector::for_self());
        let families = Self {
            encoding: Mutex::default(),
            deliveries: make.counters(
                "polysink_deliveries_total",
                "Requests to the webhook that were answered. outcome: stored, spooled, ignored, or why it was refused. \
                 sync_id: empty if it was refused before its body was read; other beyond 200 syncs.",
                &["outcome", "sync_id"],
            ),
            records: make.counters(
                "polysink_records_total",
                "Records of accepted deliveries. result: new, duplicate, rejected, spooled.",
                &["result", "sync_id"],
            ),
            refused_credentials: make.counters(
                "polysink_refused_credentials_total",
                "Requests that were refused for their credentials, by reason.",
                &["reason"],
            ),
            refused_requests: make.counters(
                "polysink_refused_requests_total",
                "Requests that never reached the webhook. reason: head (too long), tls (the \
                 connection came to no TLS), not-found (another path), method.",
                &["reason"],
            ),
            dropped_lines: make.counter(
                "polysink_log_dropped_lines_total",
                "Lines of the log that were dropped, because standard error was not read.",
            ),
            refused_connections: make.counters(
                "polysink_refused_connections_total",
                "Connections that were refused, by the limit that they exceeded.",
                &["limit"],
            ),
            wire_bytes: make.counter("polysink_wire_bytes_total", "Bytes of bodies as they came over the wire."),
            decompressed_bytes: make
                .counter("polysink_decompressed_bytes_total", "Bytes of bodies after decompression."),
            request_duration: make.histograms(
                "polysink_request_duration_seconds",
                "From a request's headers to its answer, by class of status. Refused credentials are answered late on \
                 purpose.",
                REQUEST,
                &["status"],
            ),
            queue_wait: make.histogram(
                "polysink_queue_wait_seconds",
                "How long a delivery waited for a writer, from its complete body on.",
                WAIT,
            ),
            transaction_duration: make.histograms(
                "polysink_transaction_duration_seconds",
                "Transactions that write a group of deliveries. result: committed, failed.",
                WAIT,
                &["result"],
            ),
            group_deliveries: make.histogram(
                "polysink_group_deliveries",
                "Deliveries of a committed transaction.",
                GROUP_DELIVERIES,
            ),
            group_records: make.histogram(
                "polysink_group_records",
                "Records of a committed transaction.",
                GROUP_RECORDS,
            ),
            spooled: make.counter("polysink_spool_appended_total", "Deliveries that were written to the spool."),
            drained: make.counter("polysink_spool_drained_total", "Deliveries that were stored from the spool."),
            projection: ProjectionFamilies::new(&make),
            removed_partitions: make.counter(
                "polysink_retention_removed_partitions_total",
                "Days of the raw log that this process removed because they were older than POLYSINK_RETENTION.",
            ),
            removed_rejections: make.counter(
                "polysink_retention_removed_rejections_total",
                "Resolved rejections that this process removed for the same reason.",
            ),
            runs: RunFamilies::new(&make),
            database_up: make.gauge("polysink_database_up", "1 if the database answered when the metrics were read."),
            process: ProcessGauges::new(&make),
            database: DatabaseGauges::new(&make),
            described: make.described(),
            registry: make.registry(),
        };
        families.expect();
        families
    }

    /// Series that exist from the start: Prometheus sees no increase in one that appears with its first event.
    fn expect(&self) {
        self.expect_sync(OTHER);
        for result in [TransactionResult::Committed, TransactionResult::Failed] {
            self.transaction_duration.with_label_values(&[result.as_str()]);
        }
        for class in ["2xx", "4xx", "5xx"] {
            self.request_duration.with_label_values(&[class]);
        }
        for limit in ["address", "total"] {
            self.refused_connections.with_label_values(&[limit]);
        }
        for reason in ["head", "tls", "not-found", "method"] {
            self.refused_requests.with_label_values(&[reason]);
        }
        self.projection.expect();
        self.runs.expect();
    }

    /// The same of a sync.
    pub fn expect_sync(&self, label: &str) {
        for outcome in ["stored", "spooled"] {
            self.deliveries.with_label_values(&[outcome, label]);
        }
        for result in RecordResult::VARIANTS {
            self.records.with_label_values(&[result.as_str(), label]);
        }
    }

    pub fn lock(&self) -> MutexGuard<'_, ()> {
        self.encoding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn gather(&self) -> Vec<MetricFamily> {
        self.registry.gather()
    }

    pub fn set_process(&self, held: &InProcess) {
        self.process.set(held);
    }

    pub fn set_database(&self, observed: Option<&Observed>, now: DateTime<Utc>, labels: &SyncLabels) {
        self.database.set(observed, now, labels, |label| self.expect_sync(label));
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
