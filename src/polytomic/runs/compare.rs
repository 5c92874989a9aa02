//! Compares the runs of a sync with what arrived, and learns how their counts are read.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::basis::{Basis, EndedRun, RUNS_TO_LEARN, learn, readings};
use super::log;
use super::schedule::RunPace;
use super::verdict::{Evidence, judge};
use crate::model::RunVerdict;
use crate::polytomic::api::{ExecutionStatus, RunCounts};
use crate::store::tables::runs::{self, ArrivedRun, JudgedRun};
use crate::store::tables::sync_sources::{self, SyncSource};
use crate::store::{Store, StoreError};

/// A verdict that a run did not have before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVerdict {
    pub execution_id: String,
    pub verdict: RunVerdict,
}

/// The results of a comparison.
#[derive(Debug, Default)]
pub struct Compared {
    /// Runs with a new verdict.
    pub new: Vec<NewVerdict>,
    /// Runs whose logs may say more, the oldest first.
    pub logs_to_read: Vec<String>,
}

/// The comparison of a sync's runs with what arrived.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'a> {
    pub store: &'a Store,
    pub source: &'a SyncSource,
    pub pace: &'a RunPace,
    /// How far the time at which a delivery was sent may be from its receipt.
    pub reach: TimeDelta,
    /// Whether deliveries wait in a spool.
    pub is_spooled: bool,
    pub now: DateTime<Utc>,
}

impl Comparison<'_> {
    /// Compares the runs that are due, and learns from them.
    pub async fn run(&self) -> Result<Compared, StoreError> {
        let before = readings(&self.source.expected_basis);
        let mut compared = Compared::default();
        self.judge_due(&before, false, &mut compared).await?;
        let limit = i64::try_from(4 * RUNS_TO_LEARN).expect("it is small");
        let ended: Vec<EndedRun> = runs::comparable(self.store, self.source.source_id, limit)
            .await?
            .into_iter()
            .map(|(counts, received)| EndedRun { counts: counts_of(&counts), received: received.unsigned_abs() })
            .collect();
        let learned = learn(&ended, &before);
        if learned != before {
            let words: Vec<String> = learned.iter().map(ToString::to_string).collect();
            let (sync_id, counts) = (self.source.sync_id, words.join(", "));
            tracing::info!(%sync_id, counts, "learned which counts are those of the records sent");
            sync_sources::save_basis(self.store, self.source.source_id, &words).await?;
            // The counts may say enough now.
            compared.logs_to_read.clear();
            self.judge_due(&learned, true, &mut compared).await?;
        }
        Ok(compared)
    }

    /// * `again_now`: also the runs that were compared a moment ago
    async fn judge_due(&self, learned: &[Basis], again_now: bool, compared: &mut Compared) -> Result<(), StoreError> {
        for run in runs::due(self.store, self.source.source_id, self.now, self.reach, again_now).await? {
            let judgement = judge(&Evidence {
                status: &ExecutionStatus::of(&run.status),
                started_at: run.started_at,
                completed_at: run.completed_at,
                counts: counts_of(&run.counts),
                received_min: run.received_min.unsigned_abs(),
                received_max: run.received_max.unsigned_abs(),
                overlaps: run.overlaps,
                precedes_log: run.precedes_log,
                is_spooled: self.is_spooled,
                learned,
                settling: self.pace.settling,
                now: self.now,
            });
            let log_is_due = judgement.is_open() && log::is_due(&run, self.source.last_received_at, self.now);
            if log_is_due {
                compared.logs_to_read.push(run.execution_id.clone());
            }
            let logged = run.log.as_ref().and_then(|log| log.counts.as_ref().ok());
            let (judgement, by_log) = logged.map_or((judgement.clone(), false), |log| judgement.with_log(*log));
            let proof = if by_log { "records" } else { "counts" };
            let verdict = JudgedRun {
                verdict: judgement.verdict,
                reason: judgement.reason,
                expected: judgement.expected,
                expected_basis: judgement.basis.iter().map(ToString::to_string).collect(),
                proof: (judgement.verdict == RunVerdict::Complete).then_some(proof),
                is_settled: judgement.verdict.is_settled(),
                // Until its log has had its turn.
                check_at: if log_is_due { Some(self.now) } else { check_at(&run, self.now) },
            };
            let before = runs::judge(self.store, self.source.sync_id, &run, &verdict, self.now).await?;
            // None if the sync has been adopted since it was read.
            if before.is_some_and(|before| before != verdict.verdict.as_str()) {
                self.report(&run, &verdict);
                compared.new.push(NewVerdict { execution_id: run.execution_id, verdict: judgement.verdict });
            }
        }
        Ok(())
    }

    fn report(&self, run: &ArrivedRun, verdict: &JudgedRun) {
        let (sync_id, run_id) = (self.source.sync_id, &run.execution_id);
        let (expected, received) = (verdict.expected, run.received_max);
        match verdict.verdict {
            RunVerdict::Short => {
                tracing::warn!(%sync_id, run = run_id, expected, received, "a run is short: records did not arrive");
            }
            RunVerdict::Failed => tracing::warn!(%sync_id, run = run_id, received, "Polytomic says that a run failed"),
            word => {
                let verdict = word.as_str();
                tracing::info!(%sync_id, run = run_id, verdict, expected, received, "a run has a verdict");
            }
        }
    }
}

/// When a run is compared again: each time that its age has grown by a tenth, because a delivery can come from a spool
/// long after. `None` once its deliveries may have left the raw log: then it keeps its verdict.
fn check_at(run: &ArrivedRun, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if run.precedes_log {
        return None;
    }
    let age = now - run.completed_at.or(run.started_at).unwrap_or(now);
    Some(now + (age / 10).max(TimeDelta::zero()))
}

/// The counts of a run as they were kept.
pub(super) fn counts_of(counts: &Value) -> RunCounts {
    RunCounts::read(counts, &mut Vec::new())
}
