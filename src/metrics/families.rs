//! The families of metrics, and how gauges are set.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{
    GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
};

use super::sync_labels::{OTHER, SyncLabels};
use super::{DiskUse, InProcess, Observed, PoolUse, RecordResult, SpoolUse, TransactionResult};

/// Seconds.
const REQUEST: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
const WAIT: &[f64] = &[0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
const PROJECTION: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];

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
    pub projected_records: IntCounter,
    pub projection_duration: Histogram,
    pub projection_failures: IntCounter,
    pub removed_partitions: IntCounter,
    pub removed_rejections: IntCounter,
    pub database_up: IntGauge,
    held: HeldFamilies,
    observed: ObservedFamilies,
}

/// Gauges of what this process holds.
#[derive(Debug)]
struct HeldFamilies {
    queued: IntGauge,
    in_flight: IntGauge,
    in_flight_bytes: IntGauge,
    in_flight_bytes_limit: IntGauge,
    connections: IntGauge,
    connections_limit: IntGauge,
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

/// Gauges of what the database says. Vectors, so that they can be left out.
#[derive(Debug)]
struct ObservedFamilies {
    sync_info: IntGaugeVec,
    last_delivery: GaugeVec,
    waiting: IntGaugeVec,
    lag: GaugeVec,
    misfits: IntGaugeVec,
    rebuilds: IntGaugeVec,
    partitions_ahead: IntGaugeVec,
    open_rejections: IntGaugeVec,
    database_bytes: IntGaugeVec,
    retention_last_run: GaugeVec,
    retention_kept: IntGaugeVec,
}

/// A family, as docs/metrics.md lists it.
#[derive(Debug, Clone)]
pub struct Described {
    pub name: String,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    pub labels: Vec<String>,
    pub help: String,
}

/// Makes families and registers them.
#[derive(Default)]
struct Maker {
    registry: Registry,
    made: RefCell<Vec<Described>>,
}

const GOOD: &str = "names and labels are good, and each family is registered once";

impl Maker {
    fn add<C: Collector + Clone + 'static>(&self, kind: &'static str, made: prometheus::Result<C>) -> C {
        let made = made.expect(GOOD);
        self.registry.register(Box::new(made.clone())).expect(GOOD);
        self.made.borrow_mut().extend(made.desc().into_iter().map(|desc| Described {
            name: desc.fq_name.clone(),
            kind,
            labels: desc.variable_labels.clone(),
            help: desc.help.clone(),
        }));
        made
    }

    fn counter(&self, name: &str, help: &str) -> IntCounter {
        self.add("counter", IntCounter::new(name, help))
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.add("counter", IntCounterVec::new(Opts::new(name, help), labels))
    }

    fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.add("gauge", IntGauge::new(name, help))
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
        self.add("gauge", IntGaugeVec::new(Opts::new(name, help), labels))
    }

    fn float_gauges(&self, name: &str, help: &str, labels: &[&str]) -> GaugeVec {
        self.add("gauge", GaugeVec::new(Opts::new(name, help), labels))
    }

    fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Histogram {
        self.add("histogram", Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec())))
    }

    fn histograms(&self, name: &str, help: &str, buckets: &[f64], labels: &[&str]) -> HistogramVec {
        self.add("histogram", HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels))
    }
}

impl Families {
    pub fn new() -> Self {
        let make = Maker::default();
        make.gauges("polysink_build_info", "1; the version is in the label.", &["version"])
            .with_label_values(&[env!("CARGO_PKG_VERSION")])
            .set(1);
        #[cfg(target_os = "linux")]
        {
            let process = prometheus::process_collector::ProcessCollector::for_self();
            make.registry.register(Box::new(process)).expect(GOOD);
        }
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
                "Requests that never reached the webhook. reason: head (too long), not-found (another path), method.",
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
                "From a request's headers to its answer, by class of status. Refused credentials are answered late on purpose.",
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
            group_records: make.histogram("polysink_group_records", "Records of a committed transaction.", GROUP_RECORDS),
            spooled: make.counter("polysink_spool_appended_total", "Deliveries that were written to the spool."),
            drained: make
                .counter("polysink_spool_drained_total", "Deliveries that were stored from the spool."),
            projected_records: make
                .counter("polysink_projected_records_total", "Records that were written to the query tables."),
            projection_duration: make.histogram(
                "polysink_projection_duration_seconds",
                "Transactions that write to the query tables.",
                PROJECTION,
            ),
            projection_failures: make.counter(
                "polysink_projection_failures_total",
                "Transactions to the query tables that failed; they are tried again.",
            ),
            removed_partitions: make.counter(
                "polysink_retention_removed_partitions_total",
                "Days of the raw log that this process removed because they were older than POLYSINK_RETENTION.",
            ),
            removed_rejections: make.counter(
                "polysink_retention_removed_rejections_total",
                "Resolved rejections that this process removed for the same reason.",
            ),
            database_up: make.gauge("polysink_database_up", "1 if the database answered when the metrics were read."),
            held: HeldFamilies::new(&make),
            observed: ObservedFamilies::new(&make),
            described: make.made.into_inner(),
            registry: make.registry,
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
        for reason in ["head", "not-found", "method"] {
            self.refused_requests.with_label_values(&[reason]);
        }
    }

    /// The same of a sync.
    pub fn expect_sync(&self, label: &str) {
        for outcome in ["stored", "spooled"] {
            self.deliveries.with_label_values(&[outcome, label]);
        }
        for result in RecordResult::ALL {
            self.records.with_label_values(&[result.as_str(), label]);
        }
    }

    pub fn lock(&self) -> MutexGuard<'_, ()> {
        self.encoding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn gather(&self) -> Vec<MetricFamily> {
        self.registry.gather()
    }

    pub fn set_held(&self, held: &InProcess) {
        let families = &self.held;
        families.queued.set(signed(held.queued as u64));
        families.in_flight.set(held.in_flight.into());
        families.in_flight_bytes.set(signed(held.in_flight_bytes as u64));
        families.in_flight_bytes_limit.set(signed(held.in_flight_bytes_limit as u64));
        families.connections.set(signed(held.connections as u64));
        families.connections_limit.set(signed(held.connections_limit as u64));
        families.takes_deliveries.set(held.takes_deliveries.into());
        for PoolUse { role, in_use, idle, limit, waiting } in &held.pools {
            families.pool_connections.with_label_values(&[role, "in_use"]).set(signed(*in_use as u64));
            families.pool_connections.with_label_values(&[role, "idle"]).set(signed(*idle as u64));
            families.pool_limit.with_label_values(&[role]).set(signed(*limit as u64));
            families.pool_waiting.with_label_values(&[role]).set(signed(*waiting as u64));
        }
        families.spool_oldest.reset();
        families.spool_failing.reset();
        let SpoolUse { deliveries, bytes, bytes_limit, oldest, set_aside, failing_since, works } = held.spool;
        families.spool_works.set(works.into());
        families.spool_deliveries.set(signed(deliveries));
        families.spool_bytes.set(signed(bytes));
        families.spool_bytes_limit.set(signed(bytes_limit));
        families.spool_set_aside.set(signed(set_aside));
        if let Some(oldest) = oldest {
            families.spool_oldest.with_label_values(&[] as &[&str]).set(signed(oldest));
        }
        if let Some(since) = failing_since {
            families.spool_failing.with_label_values(&[] as &[&str]).set(signed(since));
        }
        for DiskUse { of, free_bytes, size_bytes } in &held.disks {
            families.disk_free.with_label_values(&[of]).set(signed(*free_bytes));
            families.disk_size.with_label_values(&[of]).set(signed(*size_bytes));
        }
    }

    pub fn set_observed(&self, observed: Option<&Observed>, now: DateTime<Utc>, labels: &SyncLabels) {
        let families = &self.observed;
        families.reset();
        let Some(observed) = observed else { return };
        let alone = |gauges: &IntGaugeVec, value: u64| gauges.with_label_values(&[] as &[&str]).set(signed(value));
        alone(&families.rebuilds, observed.rebuilds as u64);
        alone(&families.partitions_ahead, observed.partitions_ahead);
        alone(&families.open_rejections, observed.open_rejections);
        alone(&families.database_bytes, observed.database_bytes);
        if let Some(retention) = &observed.retention {
            let ran_at = seconds_since_1970(retention.ran_at);
            families.retention_last_run.with_label_values(&[] as &[&str]).set(ran_at);
            alone(&families.retention_kept, retention.kept_partitions);
        }
        let mut by_label: BTreeMap<String, SyncGauges> = BTreeMap::new();
        for sync in &observed.syncs {
            let label = labels.of(sync.sync_id, |label| self.expect_sync(label));
            if label != OTHER {
                families.sync_info.with_label_values(&[label.as_str(), &sync.table]).set(1);
            }
            let gauges = by_label.entry(label).or_default();
            let lag = sync.waiting_since.map_or(0.0, |since| seconds_between(since, now));
            gauges.last_delivery = gauges.last_delivery.max(seconds_since_1970(sync.last_received_at));
            gauges.lag = gauges.lag.max(lag);
            gauges.waiting += sync.waiting;
            gauges.misfits += sync.misfits;
        }
        for (label, SyncGauges { last_delivery, lag, waiting, misfits }) in by_label {
            families.last_delivery.with_label_values(&[&label]).set(last_delivery);
            families.lag.with_label_values(&[&label]).set(lag);
            families.waiting.with_label_values(&[&label]).set(signed(waiting));
            families.misfits.with_label_values(&[&label]).set(signed(misfits));
        }
    }
}

/// The gauges of one sync, or of all that share a label: the newest delivery, the greatest lag, and sums.
#[derive(Debug, Default)]
struct SyncGauges {
    last_delivery: f64,
    lag: f64,
    waiting: u64,
    misfits: u64,
}

impl HeldFamilies {
    fn new(make: &Maker) -> Self {
        Self {
            queued: make.gauge("polysink_queue_deliveries", "Deliveries that wait for a writer."),
            in_flight: make
                .gauge("polysink_in_flight_deliveries", "Deliveries that were received and are not yet answered."),
            in_flight_bytes: make.gauge("polysink_in_flight_bytes", "Memory that deliveries in flight hold."),
            in_flight_bytes_limit: make.gauge("polysink_in_flight_limit_bytes", "POLYSINK_MAX_INFLIGHT."),
            connections: make.gauge("polysink_connections", "Connections of clients."),
            connections_limit: make.gauge("polysink_connections_limit", "POLYSINK_MAX_CONNECTIONS."),
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
                "Files of acknowledged deliveries that are not stored: damaged spools, and deliveries that the database refuses.",
            ),
            spool_oldest: make.gauges(
                "polysink_spool_oldest_timestamp_seconds",
                "When the oldest delivery in the spool was received; absent if it is empty.",
                &[],
            ),
            spool_failing: make.gauges(
                "polysink_spool_failing_since_timestamp_seconds",
                "Since when a delivery in the spool could not be stored, although the database answered; absent if there is none.",
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
}

impl ObservedFamilies {
    fn new(make: &Maker) -> Self {
        Self {
            sync_info: make.gauges(
                "polysink_sync_info",
                "1; the label table has the query table of the sync.",
                &["sync_id", "table"],
            ),
            last_delivery: make.float_gauges(
                "polysink_sync_last_delivery_timestamp_seconds",
                "When the sync's last delivery was received by any replica, up to a second behind.",
                &["sync_id"],
            ),
            waiting: make.gauges(
                "polysink_projection_backlog_deliveries",
                "Deliveries that are not in the query tables.",
                &["sync_id"],
            ),
            lag: make.float_gauges(
                "polysink_projection_lag_seconds",
                "How long the oldest delivery has waited that is not in the query tables; 0 if all are.",
                &["sync_id"],
            ),
            misfits: make.gauges(
                "polysink_projection_misfits",
                "Values that do not fit the types of their columns: null there, and kept in _unfit.",
                &["sync_id"],
            ),
            rebuilds: make.gauges(
                "polysink_rebuilds_running",
                "Rebuilds in progress, of all replicas and operators.",
                &[],
            ),
            partitions_ahead: make.gauges(
                "polysink_partitions_ahead",
                "Days after today for which the raw log has a partition, without a gap.",
                &[],
            ),
            open_rejections: make.gauges(
                "polysink_rejections_open",
                "Open rejections in the quarantine; counted up to 100,000.",
                &[],
            ),
            database_bytes: make.gauges("polysink_database_bytes", "The size of the database.", &[]),
            retention_last_run: make.float_gauges(
                "polysink_retention_last_run_timestamp_seconds",
                "When the retention last ran, in any process; absent before its first run.",
                &[],
            ),
            retention_kept: make.gauges(
                "polysink_retention_kept_partitions",
                "Days that were due then and had to stay: deliveries of theirs were not in the query tables, or a session used them.",
                &[],
            ),
        }
    }

    fn reset(&self) {
        let by_sync = [&self.sync_info, &self.waiting, &self.misfits];
        let alone =
            [&self.rebuilds, &self.partitions_ahead, &self.open_rejections, &self.database_bytes, &self.retention_kept];
        for gauges in by_sync.into_iter().chain(alone) {
            gauges.reset();
        }
        for gauges in [&self.last_delivery, &self.lag, &self.retention_last_run] {
            gauges.reset();
        }
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of this century fit")]
fn seconds_since_1970(at: DateTime<Utc>) -> f64 {
    at.timestamp_micros() as f64 / 1e6
}

fn seconds_between(since: DateTime<Utc>, now: DateTime<Utc>) -> f64 {
    (now - since).as_seconds_f64().max(0.0)
}
