//! Inserts rows that are new, by `copy`.

use super::upsert::{column_names, upsert_sql};
use super::write::{HistoryRow, QueryRow, TableRow};
use crate::columns::Catalogue;
use crate::query_tables::{QueryTables, columns};
use crate::store::tx::savepoint;
use crate::store::{Connection, CopyBuffer, StoreError};

/// The number of rows from which `copy` is worth its round trips.
const COPY_FROM: usize = 20;

impl QueryTables {
    /// Inserts rows into the current table that are not there yet.
    ///
    /// * `rows`: as for [`QueryTables::upsert`], which takes over if another session has inserted one of them
    pub async fn insert(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        rows: &[TableRow<'_>],
    ) -> Result<(), StoreError> {
        if rows.len() < COPY_FROM || !self.copy(connection, catalogue, rows).await? {
            self.upsert(connection, catalogue, rows).await?;
        }
        Ok(())
    }

    /// Inserts versions that are not there yet.
    ///
    /// * `rows`: as for [`QueryTables::upsert_versions`], which takes over if another session has inserted one of them
    pub async fn insert_versions(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        rows: &[HistoryRow<'_>],
    ) -> Result<(), StoreError> {
        if rows.len() < COPY_FROM || !self.copy(connection, catalogue, rows).await? {
            self.upsert_versions(connection, catalogue, rows).await?;
        }
        Ok(())
    }

    /// Inserts rows into the current table, all of them or none. Returns false if one is there already, or if something
    /// in the table refuses one.
    pub async fn insert_unseen(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        rows: &[TableRow<'_>],
    ) -> Result<bool, StoreError> {
        self.copy(connection, catalogue, rows).await
    }

    /// Copies rows into their table, all of them or none. Returns false if their data does not allow it.
    async fn copy<R: QueryRow>(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        rows: &[R],
    ) -> Result<bool, StoreError> {
        if savepoint::mark_to_copy(connection).await? {
            return self.insert_on_cluster(connection, catalogue, rows).await;
        }
        let names = column_names(R::SIDE, &columns(catalogue));
        let sql = format!("copy {} ({}) from stdin (format binary)", self.relation(R::SIDE), names.join(", "));
        let mut copy = connection.copy_in(&sql).await?;
        let mut buffer = CopyBuffer::new();
        for row in rows {
            buffer.row(names.len());
            let system = row.system();
            R::SIDE.system_columns().iter().for_each(|column| column.copy(&mut buffer, &system));
            row.content().cells.iter().for_each(|cell| buffer.cell(cell));
            if let Some(chunk) = buffer.full() {
                copy.send(chunk).await?;
            }
        }
        copy.send(buffer.end()).await?;
        let done = copy.finish().await.map_err(StoreError::Sql);
        Ok(savepoint::conclude_if(connection, done, StoreError::is_about_rows).await?.is_ok())
    }

    /// The same by a statement, after the savepoint: a `copy` that fails costs Citus its connections to the nodes, and
    /// with them the transaction.
    async fn insert_on_cluster<R: QueryRow>(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        rows: &[R],
    ) -> Result<bool, StoreError> {
        let sql = upsert_sql(self.relation(R::SIDE), R::SIDE, &columns(catalogue), "where false");
        let inserted = self.execute_with(connection, catalogue, rows, sql).await;
        if matches!(inserted, Ok(inserted) if inserted < rows.len() as u64) {
            savepoint::undo(connection).await?;
            return Ok(false);
        }
        Ok(savepoint::conclude_if(connection, inserted, StoreError::is_about_rows).await?.is_ok())
    }
}
