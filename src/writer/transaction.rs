//! One try of a transaction that writes deliveries. It has no patience: `clients` and `drain` decide what a failure
//! means.

use std::time::Duration;

use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use super::limit::{Limit, Pace};
use super::{BacklogSignal, WriteOutcome};
use crate::failpoints;
use crate::ledger;
use crate::ledger::Delivery;
use crate::metrics::{Metrics, RecordResult, TransactionResult};
use crate::store::tables::partitions;
use crate::store::{ErrorKind, Store, StoreError};
use crate::traces;

/// The parts that a try works with. Clones share them.
#[derive(Debug, Clone)]
pub struct Transaction {
    pub store: Store,
    pub signal: BacklogSignal,
    pub pace: Pace,
    pub metrics: Metrics,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteMode {
    /// All in one transaction.
    Grouped,
    /// Each delivery by itself; what the database refuses of it is quarantined.
    Isolating,
}

impl Transaction {
    /// Writes the deliveries in one transaction, in less than `limit`.
    ///
    /// * `spans`: those of the deliveries
    /// * `given_up`: resolves when there is no more time for it
    ///
    /// # Errors
    ///
    /// Any; then nothing was written, unless the connection was lost during the commit.
    pub async fn try_once(
        &self,
        deliveries: &mut [&mut Delivery],
        mode: WriteMode,
        limit: Limit,
        spans: &[Span],
        given_up: impl Future<Output = ()>,
    ) -> Result<(), StoreError> {
        let count = deliveries.len();
        let records = deliveries.iter().map(|delivery| delivery.record_count()).sum();
        let bytes = deliveries.iter().map(|delivery| delivery.bytes()).sum();
        let limit = limit.of(records, bytes);
        let began = Instant::now();
        let span = traces::transaction(count, records, spans);
        failpoints::reach("write");
        let write = write(&self.store, deliveries, mode, limit).instrument(span.clone());
        let done = tokio::select! {
            done = self.store.within(limit, write) => done,
            () = given_up => Err(StoreError::TimedOut),
        };
        let result = if done.is_ok() { TransactionResult::Committed } else { TransactionResult::Failed };
        self.metrics.transaction(result, count, records, began.elapsed());
        match &done {
            Ok(()) => {
                failpoints::reach("written");
                self.pace.succeeded(began.elapsed(), records, bytes);
                for delivery in deliveries.iter() {
                    self.count(delivery);
                }
                self.signal.raise(deliveries.iter().filter_map(|delivery| delivery.backlog()));
            }
            Err(error) => traces::failed(&span, error),
        }
        done
    }

    /// Counts the records of a delivery that was written.
    fn count(&self, delivery: &Delivery) {
        if let WriteOutcome::Stored(counts) = WriteOutcome::written(delivery) {
            let sync_id = delivery.sync_id();
            self.metrics.records(sync_id, RecordResult::New, counts.new);
            self.metrics.records(sync_id, RecordResult::Duplicate, counts.duplicates());
            self.metrics.records(sync_id, RecordResult::Rejected, counts.rejected);
        }
    }
}

/// Writes once; a second time if a partition was missing.
async fn write(
    store: &Store,
    deliveries: &mut [&mut Delivery],
    mode: WriteMode,
    limit: Duration,
) -> Result<(), StoreError> {
    match write_to(store, deliveries, mode, limit).await {
        Err(error) if error.kind() == ErrorKind::MissingPartition => {
            partitions::make_days(store, deliveries.iter().map(|delivery| delivery.day()).collect()).await?;
            write_to(store, deliveries, mode, limit).await
        }
        other => other,
    }
}

async fn write_to(
    store: &Store,
    deliveries: &mut [&mut Delivery],
    mode: WriteMode,
    limit: Duration,
) -> Result<(), StoreError> {
    match mode {
        WriteMode::Grouped => ledger::write(store, deliveries, limit).await,
        WriteMode::Isolating => {
            for delivery in deliveries {
                ledger::write_isolating_bad_rows(store, delivery, limit).await?;
            }
            Ok(())
        }
    }
}
