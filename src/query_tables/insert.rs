//! Rows that are new, by `copy`.

use sqlx::PgConnection;

use super::copy::CopyBuffer;
use super::rows::{HistoryRow, TableRow, Upsert};
use super::{HISTORY_COLUMNS, QueryTables, Relation, SYSTEM_COLUMNS, columns};
use crate::columns::Catalogue;
use crate::store::StoreError;
use crate::store::tx::savepoint;

/// The number of rows from which `copy` is worth its round trips.
const COPY_FROM: usize = 20;

impl QueryTables {
    /// Writes rows of the table that are not there yet.
    ///
    /// * `rows`: as for [`QueryTables::upsert`], which takes over if another session has inserted one of them
    pub async fn insert(
        &self,
        connection: &mut PgConnection,
        catalogue: &Catalogue,
        rows: &[TableRow<'_>],
    ) -> Result<(), StoreError> {
        let put = |buffer: &mut CopyBuffer, row: &TableRow<'_>| {
            let (row, content) = (row.row, row.content);
            buffer.row(SYSTEM_COLUMNS.len() + content.cells.len());
            buffer.text(row.key);
            buffer.text(row.hash);
            buffer.optional(content.unfit.as_deref(), CopyBuffer::jsonb);
            buffer.timestamptz(row.first_received_at);
            buffer.timestamptz(row.latest.received_at);
            buffer.timestamptz(row.changed_at);
            buffer.timestamptz(row.latest.sent_at);
            buffer.uuid(row.latest.envelope_id);
            buffer.integer(row.latest.position);
            content.cells.iter().for_each(|cell| buffer.cell(cell));
        };
        let names = Upsert::new().fields(&columns(catalogue)).names;
        if rows.len() < COPY_FROM || !copy(connection, &self.table, &names, rows, put).await? {
            self.upsert(connection, catalogue, rows).await?;
        }
        Ok(())
    }

    /// Writes versions that are not there yet.
    ///
    /// * `rows`: as for [`QueryTables::upsert_versions`], which takes them where one of them is there all the same
    pub async fn insert_versions(
        &self,
        connection: &mut PgConnection,
        catalogue: &Catalogue,
        rows: &[HistoryRow<'_>],
    ) -> Result<(), StoreError> {
        let put = |buffer: &mut CopyBuffer, row: &HistoryRow<'_>| {
            let (bounds, content) = (row.bounds, row.content);
            buffer.row(SYSTEM_COLUMNS.len() + HISTORY_COLUMNS.len() + content.cells.len());
            buffer.text(bounds.key);
            buffer.text(bounds.hash);
            buffer.optional(content.unfit.as_deref(), CopyBuffer::jsonb);
            buffer.timestamptz(bounds.first.received_at);
            buffer.timestamptz(bounds.last.unwrap_or(bounds.first).received_at);
            buffer.timestamptz(bounds.first.sent_at);
            buffer.timestamptz(bounds.first.sent_at);
            buffer.uuid(bounds.first.envelope_id);
            buffer.integer(bounds.first.position);
            buffer.timestamptz(bounds.first.sent_at);
            buffer.optional(bounds.valid_to, CopyBuffer::timestamptz);
            buffer.optional(bounds.last.map(|last| last.sent_at), CopyBuffer::timestamptz);
            buffer.optional(bounds.last.map(|last| last.envelope_id), CopyBuffer::uuid);
            buffer.optional(bounds.last.map(|last| last.position), CopyBuffer::integer);
            content.cells.iter().for_each(|cell| buffer.cell(cell));
        };
        let names = Upsert::new().history().fields(&columns(catalogue)).names;
        if rows.len() < COPY_FROM || !copy(connection, &self.history, &names, rows, put).await? {
            self.upsert_versions(connection, catalogue, rows).await?;
        }
        Ok(())
    }
}

/// Copies rows into a table, all of them or none. Returns whether their data allowed it.
///
/// * `put`: writes a row's values, in the order of the columns' names
async fn copy<R>(
    connection: &mut PgConnection,
    relation: &Relation,
    names: &[String],
    rows: &[R],
    put: impl Fn(&mut CopyBuffer, &R),
) -> Result<bool, StoreError> {
    let sql = format!("copy {relation} ({}) from stdin (format binary)", names.join(", "));
    savepoint::mark(connection).await?;
    let mut copy = connection.copy_in_raw(&sql).await?;
    let mut buffer = CopyBuffer::new();
    for row in rows {
        put(&mut buffer, row);
        if let Some(chunk) = buffer.full() {
            copy.send(chunk).await?;
        }
    }
    copy.send(buffer.end()).await?;
    let done = copy.finish().await.map_err(StoreError::Sql);
    Ok(savepoint::conclude(connection, done).await?.is_ok())
}
