//! Gauges of the database: its syncs, rejections, partitions and rebuilds.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use prometheus::{GaugeVec, IntGaugeVec};

use super::maker::Maker;
use super::signed;
use crate::metrics::Observed;
use crate::metrics::sync_labels::{OTHER, SyncLabels};

/// The gauges of the database. Vectors, so that they can be left out.
#[derive(Debug)]
pub struct DatabaseGauges {
    sync_info: IntGaugeVec,
    last_delivery: GaugeVec,
    waiting: IntGaugeVec,
    lag: GaugeVec,
    misfits: IntGaugeVec,
    run_short: IntGaugeVec,
    next_run: GaugeVec,
    rebuilds: IntGaugeVec,
    partitions_ahead: IntGaugeVec,
    open_rejections: IntGaugeVec,
    database_bytes: IntGaugeVec,
    retention_last_run: GaugeVec,
    retention_kept: IntGaugeVec,
}

impl DatabaseGauges {
    pub fn new(make: &Maker) -> Self {
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
            run_short: make.gauges(
                "polysink_run_short_records",
                "Records of runs of the last seven days that Polytomic sent and that did not arrive; 0 once they came, \
                 or a later full run was complete, and where no run is known.",
                &["sync_id"],
            ),
            next_run: make.float_gauges(
                "polysink_sync_next_run_timestamp_seconds",
                "When the sync's next run is due, by its schedule in Polytomic; in the past if it was not started. \
                 Absent where the schedule is not known.",
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
                "Days that were due then and had to stay: deliveries of theirs were not in the query tables, or a \
                 session used them.",
                &[],
            ),
        }
    }

    fn reset(&self) {
        let by_sync = [&self.sync_info, &self.waiting, &self.misfits, &self.run_short];
        let alone =
            [&self.rebuilds, &self.partitions_ahead, &self.open_rejections, &self.database_bytes, &self.retention_kept];
        for gauges in by_sync.into_iter().chain(alone) {
            gauges.reset();
        }
        for gauges in [&self.last_delivery, &self.lag, &self.next_run, &self.retention_last_run] {
            gauges.reset();
        }
    }

    /// * `expect_sync`: called with each label that is new
    pub fn set(
        &self,
        observed: Option<&Observed>,
        now: DateTime<Utc>,
        labels: &SyncLabels,
        expect_sync: impl Fn(&str),
    ) {
        self.reset();
        let Some(observed) = observed else { return };
        let alone = |gauges: &IntGaugeVec, value: u64| gauges.with_label_values(&[] as &[&str]).set(signed(value));
        alone(&self.rebuilds, observed.rebuilds as u64);
        alone(&self.partitions_ahead, observed.partitions_ahead);
        alone(&self.open_rejections, observed.open_rejections);
        alone(&self.database_bytes, observed.database_bytes);
        if let Some(retention) = &observed.retention {
            let ran_at = seconds_since_1970(retention.ran_at);
            self.retention_last_run.with_label_values(&[] as &[&str]).set(ran_at);
            alone(&self.retention_kept, retention.kept_partitions);
        }
        let mut by_label: BTreeMap<String, SyncGauges> = BTreeMap::new();
        for sync in &observed.syncs {
            let label = labels.of(sync.sync_id, &expect_sync);
            if label != OTHER {
                self.sync_info.with_label_values(&[label.as_str(), &sync.table]).set(1);
            }
            let gauges = by_label.entry(label).or_default();
            let lag = sync.waiting_since.map_or(0.0, |since| seconds_between(since, now));
            gauges.last_delivery = gauges.last_delivery.max(seconds_since_1970(sync.last_received_at));
            gauges.lag = gauges.lag.max(lag);
            gauges.waiting += sync.waiting;
            gauges.misfits += sync.misfits;
            gauges.run_short += sync.run_short;
            // The one that is due first, if several share a label.
            gauges.next_run =
                [gauges.next_run, sync.next_run_at.map(seconds_since_1970)].into_iter().flatten().reduce(f64::min);
        }
        for (label, SyncGauges { last_delivery, lag, waiting, misfits, run_short, next_run }) in by_label {
            self.last_delivery.with_label_values(&[&label]).set(last_delivery);
            self.lag.with_label_values(&[&label]).set(lag);
            self.waiting.with_label_values(&[&label]).set(signed(waiting));
            self.misfits.with_label_values(&[&label]).set(signed(misfits));
            self.run_short.with_label_values(&[&label]).set(signed(run_short));
            if let Some(next_run) = next_run {
                self.next_run.with_label_values(&[&label]).set(next_run);
            }
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
    run_short: u64,
    next_run: Option<f64>,
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of this century fit")]
fn seconds_since_1970(at: DateTime<Utc>) -> f64 {
    at.timestamp_micros() as f64 / 1e6
}

fn seconds_between(since: DateTime<Utc>, now: DateTime<Utc>) -> f64 {
    (now - since).as_seconds_f64().max(0.0)
}
