//! Rows of the ledger by `copy`, for records that nobody has sent before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::upsert::{LedgerRow, upsert};
use crate::model::SyncId;
use crate::store::{Connection, CopyBuffer, StoreError, session};

/// After how many new records in a row a sync's next ones are expected to be new. A wrong expectation costs one
/// transaction, so they must be rare.
const EXPECTED_AFTER: usize = 2_000;

/// The number of rows from which `copy` is worth its further round trip.
const COPY_FROM: usize = 20;

/// For each sync how many of its records were new in a row, lately. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Novelty(Arc<Mutex<HashMap<SyncId, usize>>>);

impl Novelty {
    /// Whether all these rows are expected to be new, and are worth a `copy`.
    pub fn expects_new(&self, rows: &[LedgerRow<'_>]) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_expected =
            |row: &LedgerRow<'_>| seen.get(&SyncId(row.sync_id)).is_some_and(|new| *new >= EXPECTED_AFTER);
        // Rows are in the order of their syncs.
        let mut syncs = rows.chunk_by(|one, other| one.sync_id == other.sync_id);
        rows.len() >= COPY_FROM && syncs.all(|rows| is_expected(&rows[0]))
    }

    /// Notes which rows were new.
    pub fn note(&self, rows: &[LedgerRow<'_>], is_new: &[bool]) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (row, is_new) in rows.iter().zip(is_new) {
            let in_a_row = seen.entry(SyncId(row.sync_id)).or_default();
            *in_a_row = if *is_new { in_a_row.saturating_add(1) } else { 0 };
        }
    }

    /// Notes that some of these rows were not new.
    pub fn refute(&self, rows: &[LedgerRow<'_>]) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            seen.remove(&SyncId(row.sync_id));
        }
    }
}

/// Writes the rows: by `copy` if all are expected to be new, or else by [`upsert`]. Returns for each, in the order
/// given, whether it was new.
///
/// * `rows`: each key once, in key order
///
/// # Errors
///
/// [`StoreError::is_known_record`] if one was not new, as expected. The same transaction can be tried again at once.
pub async fn insert(
    connection: &mut Connection,
    rows: &[LedgerRow<'_>],
    novelty: &Novelty,
) -> Result<Vec<bool>, StoreError> {
    let is_new = if novelty.expects_new(rows) {
        copy(connection, rows).await.inspect_err(|_| novelty.refute(rows))?;
        vec![true; rows.len()]
    } else {
        upsert(connection, rows).await?
    };
    novelty.note(rows, &is_new);
    Ok(is_new)
}

/// Inserts rows that are all new, in less time than [`upsert`] takes.
///
/// * `rows`: each key once, in key order
///
/// # Errors
///
/// [`StoreError::is_known_record`] if one is not new. The transaction has then failed.
async fn copy(connection: &mut Connection, rows: &[LedgerRow<'_>]) -> Result<(), StoreError> {
    let mut copy = connection
        .copy_in(
            "copy polysink.records (sync_id, hash, fields, altered, first_envelope_id, first_sent_at, first_position,
                 first_received_at, last_envelope_id, last_sent_at, last_position, last_received_at, times_received,
                 revised) from stdin (format binary)",
        )
        .await?;
    let mut buffer = CopyBuffer::new();
    for row in rows {
        encode(row, &mut buffer);
        if let Some(chunk) = buffer.full() {
            copy.send(chunk).await?;
        }
    }
    copy.send(buffer.end()).await?;
    copy.finish().await?;
    session::trim(connection, rows.iter().map(|row| row.fields.len()).sum());
    Ok(())
}

/// Writes a row in the order of the columns that the statement names.
pub fn encode(row: &LedgerRow<'_>, buffer: &mut CopyBuffer) {
    buffer.row(14);
    buffer.value(row.sync_id);
    buffer.value(row.hash);
    buffer.jsonb(Some(row.fields));
    buffer.value(row.altered);
    for sighting in [row.first, row.last] {
        buffer.value(sighting.envelope_id);
        buffer.value(sighting.sent_at);
        buffer.value(sighting.position);
        buffer.value(sighting.received_at);
    }
    buffer.value(row.times);
    buffer.value(row.revised);
}
