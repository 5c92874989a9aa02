//! Families of what Polytomic's API says.

use prometheus::IntCounterVec;
use strum::VariantArray as _;

use super::maker::Maker;
use crate::model::RunVerdict;

#[derive(Debug)]
pub struct RunFamilies {
    pub verdicts: IntCounterVec,
    pub asks: IntCounterVec,
    pub events: IntCounterVec,
}

impl RunFamilies {
    pub fn new(make: &Maker) -> Self {
        Self {
            verdicts: make.counters(
                "polysink_run_verdicts_total",
                "Verdicts that this process gave on runs of syncs: running, settling, complete, short, over, failed, \
                 unverified, ambiguous, unknown.",
                &["verdict"],
            ),
            asks: make.counters(
                "polysink_polytomic_asks_total",
                "How often Polytomic's API was asked about a sync. result: ok, or why there was no answer.",
                &["result"],
            ),
            events: make.counters(
                "polysink_polytomic_events_total",
                "Events that Polytomic's organization webhook posted. result: kept, repeated, or the last part of a \
                 problem's type.",
                &["result"],
            ),
        }
    }

    /// Series that exist from the start.
    pub fn expect(&self) {
        for verdict in RunVerdict::VARIANTS {
            self.verdicts.with_label_values(&[verdict.as_str()]);
        }
        self.asks.with_label_values(&["ok"]);
        for result in ["kept", "repeated", "event-signature"] {
            self.events.with_label_values(&[result]);
        }
    }
}
