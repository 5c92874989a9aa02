//! The families of the query tables, and of the hints that services give each other.

use prometheus::{Histogram, IntCounter, IntCounterVec, IntGauge};

use super::maker::Maker;

/// Seconds.
const PROJECTION: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];

#[derive(Debug)]
pub struct ProjectionFamilies {
    pub records: IntCounter,
    pub duration: Histogram,
    pub failures: IntCounter,
    pub hints: IntCounterVec,
    pub hears: IntGauge,
}

impl ProjectionFamilies {
    pub fn new(make: &Maker) -> Self {
        Self {
            records: make.counter("polysink_projected_records_total", "Records that were written to the query tables."),
            duration: make.histogram(
                "polysink_projection_duration_seconds",
                "Transactions that write to the query tables.",
                PROJECTION,
            ),
            failures: make.counter(
                "polysink_projection_failures_total",
                "Transactions to the query tables that failed; they are tried again.",
            ),
            hints: make.counters(
                "polysink_hints_total",
                "Hints from other processes on the database. about: deliveries (they stored some), changes (of \
                 columns, identities and others).",
                &["about"],
            ),
            hears: make.gauge(
                "polysink_hints_up",
                "1 if this process hears what others tell it; 0 if it finds out by looking, every two seconds.",
            ),
        }
    }

    /// Series that exist from the start.
    pub fn expect(&self) {
        for about in ["deliveries", "changes"] {
            self.hints.with_label_values(&[about]);
        }
    }
}
