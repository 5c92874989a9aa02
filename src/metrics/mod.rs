//! Every metric: its name, type, help and labels. The other modules say what happened; `http::admin` encodes the
//! result.
//!
//! Names follow Prometheus' conventions. Counters are this process's own. The database's part is the same
//! for all replicas, and set from an [`Observed`] when the metrics are asked for.

mod families;
mod sync_labels;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use prometheus::{Encoder as _, TextEncoder};

pub use self::families::Described;

use self::families::Families;
use self::sync_labels::SyncLabels;
use crate::model::{RunVerdict, SyncId};

/// Every family, in the order of the names, for docs/metrics.md.
pub fn described() -> Vec<Described> {
    let mut described = Families::new().described;
    described.sort_by(|one, other| one.name.cmp(&other.name));
    described
}

/// The content type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;

/// The metrics of this process. Clones share them.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    families: Families,
    sync_labels: SyncLabels,
}

/// The result for the records of a stored delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum RecordResult {
    New,
    Duplicate,
    Rejected,
    /// On the local disk: what it is turns out when the database is back.
    Spooled,
}

impl RecordResult {
    fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How a transaction of deliveries ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum TransactionResult {
    Committed,
    Failed,
}

impl TransactionResult {
    fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The state of this process.
#[derive(Debug, Clone, Default)]
pub struct InProcess {
    /// Deliveries that wait for a writer.
    pub queued: usize,
    /// Deliveries that were submitted and not yet answered.
    pub in_flight: u32,
    /// Bytes of `POLYSINK_MAX_INFLIGHT` in use, and that limit.
    pub in_flight_bytes: usize,
    pub in_flight_bytes_limit: usize,
    /// Connections of clients, and their limit.
    pub connections: usize,
    pub connections_limit: usize,
    /// When the TLS certificate ends, in seconds since 1970; `None` without TLS.
    pub certificate_ends_at: Option<i64>,
    pub pools: Vec<PoolUse>,
    /// Whether the database takes deliveries, as far as the writers know.
    pub takes_deliveries: bool,
    pub spool: SpoolUse,
    pub disks: Vec<DiskUse>,
}

/// The connections of a role.
#[derive(Debug, Clone)]
pub struct PoolUse {
    pub role: &'static str,
    pub in_use: usize,
    pub idle: usize,
    pub limit: usize,
    /// Tasks that wait for one.
    pub waiting: usize,
}

/// The spool, and those of earlier runs.
#[derive(Debug, Clone, Default)]
pub struct SpoolUse {
    pub deliveries: u64,
    pub bytes: u64,
    pub bytes_limit: u64,
    /// When the oldest delivery in it was received, in seconds since 1970.
    pub oldest: Option<u64>,
    /// Files of deliveries that are not stored: damaged ones, and deliveries that nothing takes.
    pub set_aside: u64,
    /// Since when the drain has tried in vain to store one of them, although the database answered.
    pub failing_since: Option<u64>,
    /// Whether it takes deliveries.
    pub works: bool,
}

/// A disk that polysink writes to.
#[derive(Debug, Clone)]
pub struct DiskUse {
    /// Its use: `spool` or `data`.
    pub of: &'static str,
    pub free_bytes: u64,
    pub size_bytes: u64,
}

/// The database's part of the metrics.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    pub syncs: Vec<ObservedSync>,
    pub rebuilds: usize,
    /// Days after today that have a partition, without a gap.
    pub partitions_ahead: u64,
    /// Open rejections, up to a limit.
    pub open_rejections: u64,
    pub database_bytes: u64,
    /// `None` before its first run.
    pub retention: Option<ObservedRetention>,
}

/// The last run of the retention.
#[derive(Debug, Clone)]
pub struct ObservedRetention {
    pub ran_at: DateTime<Utc>,
    /// Days that were due and had to stay.
    pub kept_partitions: u64,
}

/// The database's part of a sync's metrics.
#[derive(Debug, Clone)]
pub struct ObservedSync {
    pub sync_id: SyncId,
    pub table: String,
    /// Up to a second behind.
    pub last_received_at: DateTime<Utc>,
    /// Deliveries that are not in the query tables, and when the oldest was received.
    pub waiting: u64,
    pub waiting_since: Option<DateTime<Utc>>,
    /// Values that do not fit their columns.
    pub misfits: u64,
    /// Records that are missing of its late runs, as far as Polytomic's API has told of them.
    pub run_short: u64,
    /// When its next run is due; `None` if its schedule is not known.
    pub next_run_at: Option<DateTime<Utc>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self(Arc::new(Inner { families: Families::new(), sync_labels: SyncLabels::default() }))
    }
}

impl Metrics {
    /// A request to the webhook was answered.
    ///
    /// * `outcome`: `stored`, `spooled`, `ignored`, or the last part of a problem's `type`
    /// * `status`: the HTTP status
    pub fn delivery(&self, outcome: &str, status: u16, sync_id: Option<SyncId>, took: Duration) {
        let sync = self.sync_label(sync_id);
        self.families().deliveries.with_label_values(&[outcome, &sync]).inc();
        let class = match status {
            200..300 => "2xx",
            400..500 => "4xx",
            _ => "5xx",
        };
        self.families().request_duration.with_label_values(&[class]).observe(took.as_secs_f64());
    }

    /// A delivery's records.
    pub fn records(&self, sync_id: Option<SyncId>, result: RecordResult, count: usize) {
        if count > 0 {
            let sync = self.sync_label(sync_id);
            self.families().records.with_label_values(&[result.as_str(), &sync]).inc_by(count as u64);
        }
    }

    /// A request was refused for its credentials. Returns how many there were for this reason, with this one.
    pub fn refused_credentials(&self, fault: &str) -> u64 {
        let counter = self.families().refused_credentials.with_label_values(&[fault]);
        counter.inc();
        counter.get()
    }

    /// A run of a sync has another verdict than before.
    pub fn run_verdict(&self, verdict: RunVerdict) {
        self.families().runs.verdicts.with_label_values(&[verdict.as_str()]).inc();
    }

    /// Polytomic's API was asked about a sync.
    ///
    /// * `result`: `ok`, or the word of the error
    pub fn asked_polytomic(&self, result: &str) {
        self.families().runs.asks.with_label_values(&[result]).inc();
    }

    /// Polytomic's organization webhook posted an event.
    ///
    /// * `result`: `kept`, `repeated`, or the last part of a problem's `type`
    pub fn polytomic_event(&self, result: &str) {
        self.families().runs.events.with_label_values(&[result]).inc();
    }

    /// A request was refused that is none to the webhook, or that cannot be read.
    ///
    /// * `reason`: `head`, `tls`, `not-found` or `method`
    pub fn refused_request(&self, reason: &str) {
        self.families().refused_requests.with_label_values(&[reason]).inc();
    }

    /// Lines of the log were dropped, because nothing read them.
    pub fn dropped_lines(&self, lines: u64) {
        self.families().dropped_lines.inc_by(lines);
    }

    /// A connection was refused.
    ///
    /// * `limit`: `address` or `total`
    pub fn refused_connection(&self, limit: &str) {
        self.families().refused_connections.with_label_values(&[limit]).inc();
    }

    /// A body came over the wire.
    pub fn wire_bytes(&self, bytes: usize) {
        self.families().wire_bytes.inc_by(bytes as u64);
    }

    /// A body was decompressed, or was plain.
    pub fn decompressed_bytes(&self, bytes: usize) {
        self.families().decompressed_bytes.inc_by(bytes as u64);
    }

    /// A writer took a delivery from the queue.
    pub fn taken(&self, waited: Duration) {
        self.families().queue_wait.observe(waited.as_secs_f64());
    }

    /// A transaction of deliveries ended.
    pub fn transaction(&self, result: TransactionResult, deliveries: usize, records: usize, took: Duration) {
        let families = self.families();
        families.transaction_duration.with_label_values(&[result.as_str()]).observe(took.as_secs_f64());
        if result == TransactionResult::Committed {
            families.group_deliveries.observe(float(deliveries));
            families.group_records.observe(float(records));
        }
    }

    /// A delivery was written to the spool.
    pub fn spooled(&self) {
        self.families().spooled.inc();
    }

    /// Spooled deliveries were stored.
    pub fn drained(&self, deliveries: usize) {
        self.families().drained.inc_by(deliveries as u64);
    }

    /// A batch of records was written to the query tables.
    pub fn projected(&self, records: usize, took: Duration) {
        self.families().projection.records.inc_by(records as u64);
        self.families().projection.duration.observe(took.as_secs_f64());
    }

    /// A batch could not be written; it is tried again.
    pub fn projection_failed(&self) {
        self.families().projection.failures.inc();
    }

    /// Another process told this one of something.
    ///
    /// * `about`: `deliveries` or `changes`
    pub fn hint(&self, about: &str) {
        self.families().projection.hints.with_label_values(&[about]).inc();
    }

    /// Whether this process hears others now.
    pub fn hears(&self, hears: bool) {
        self.families().projection.hears.set(hears.into());
    }

    /// The retention removed days of the raw log, and resolved rejections.
    pub fn pruned(&self, partitions: u64, rejections: u64) {
        self.families().removed_partitions.inc_by(partitions);
        self.families().removed_rejections.inc_by(rejections);
    }

    /// All metrics in Prometheus' text format.
    ///
    /// * `observed`: `None` if the database has not answered yet; its metrics are left out then
    /// * `up`: whether it answered now
    pub fn encode(&self, held: &InProcess, observed: Option<&Observed>, up: bool, now: DateTime<Utc>) -> String {
        let _one_at_a_time = self.families().lock();
        self.families().set_process(held);
        self.families().database_up.set(i64::from(up));
        self.families().set_database(observed, now, &self.0.sync_labels);
        let mut text = Vec::new();
        let encoded = TextEncoder::new().encode(&self.families().gather(), &mut text);
        encoded.expect("each family has a name, and the buffer takes every write");
        String::from_utf8(text).expect("the encoder writes text")
    }

    /// Series that exist from the start: Prometheus sees no increase in one that appears with its first event.
    ///
    /// * `outcomes`: of deliveries that are refused
    /// * `reasons`: of refused credentials
    pub fn expect_refusals(&self, outcomes: &[&str], reasons: &[&str]) {
        for outcome in outcomes {
            self.families().deliveries.with_label_values(&[*outcome, ""]);
        }
        for reason in reasons {
            self.families().refused_credentials.with_label_values(&[*reason]);
        }
    }

    fn families(&self) -> &Families {
        &self.0.families
    }

    fn sync_label(&self, sync_id: Option<SyncId>) -> String {
        sync_id
            .map(|sync_id| self.0.sync_labels.of(sync_id, |label| self.families().expect_sync(label)))
            .unwrap_or_default()
    }
}

#[expect(clippy::cast_precision_loss, reason = "a metric needs no more digits")]
fn float(count: usize) -> f64 {
    count as f64
}
