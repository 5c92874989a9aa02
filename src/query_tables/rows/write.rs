//! Writes rows of the query tables, one statement a table. Their columns travel as arrays.

use sqlx::AssertSqlSafe;

use super::place::{AT_PLACE, PLACE_ALIASES, PLACE_ARRAYS, bind_places, of_sighting};
use super::system_columns::SystemValues;
use super::upsert::{UpsertStatement, bind_cells, update_sql, upsert_sql};
use crate::columns::{Catalogue, Content};
use crate::history::{Row, VersionBounds};
use crate::model::Sighting;
use crate::query_tables::{QueryTables, Side, columns};
use crate::store::tx::savepoint;
use crate::store::{Connection, StoreError};

/// A row of the current table: an entity, or a distinct record, as it is now.
#[derive(Debug, Clone, Copy)]
pub struct TableRow<'a> {
    pub row: Row<&'a str>,
    pub content: &'a Content<'a>,
}

/// A row of the history: a version.
#[derive(Debug, Clone, Copy)]
pub struct HistoryRow<'a> {
    pub bounds: VersionBounds<&'a str>,
    pub content: &'a Content<'a>,
}

/// A row of one of the query tables.
pub(in crate::query_tables) trait QueryRow {
    /// Which of them.
    const SIDE: Side;

    fn system(&self) -> SystemValues<'_>;

    fn content(&self) -> &Content<'_>;
}

impl QueryRow for TableRow<'_> {
    const SIDE: Side = Side::Current;

    fn system(&self) -> SystemValues<'_> {
        SystemValues {
            key: self.row.key,
            hash: self.row.hash,
            unfit: self.content.unfit.as_deref(),
            first_received_at: self.row.first_received_at,
            last_received_at: self.row.latest.received_at,
            changed_at: self.row.changed_at,
            sighting: self.row.latest,
            valid_to: None,
            last: None,
        }
    }

    fn content(&self) -> &Content<'_> {
        self.content
    }
}

impl QueryRow for HistoryRow<'_> {
    const SIDE: Side = Side::History;

    fn system(&self) -> SystemValues<'_> {
        let VersionBounds { key, hash, first, valid_to, last } = self.bounds;
        SystemValues {
            key,
            hash,
            unfit: self.content.unfit.as_deref(),
            first_received_at: first.received_at,
            last_received_at: last.unwrap_or(first).received_at,
            changed_at: first.sent_at,
            sighting: first,
            valid_to,
            last,
        }
    }

    fn content(&self) -> &Content<'_> {
        self.content
    }
}

/// Replaces an existing row only with one of the same or a later sighting, in the order of [`Sighting`].
const NEWER: &str = "where (excluded._sent_at, excluded._envelope_id, excluded._position) \
                           >= (t._sent_at, t._envelope_id, t._position)";

/// The same for a statement that updates.
const NEWER_THAN_ROW: &str = "and (n._sent_at, n._envelope_id, n._position) \
                                  >= (t._sent_at, t._envelope_id, t._position)";

impl QueryTables {
    /// Inserts rows of the current table. An existing row is replaced, unless it is of a later sighting.
    ///
    /// * `rows`: each key once; their contents made by `catalogue`
    pub async fn upsert(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        rows: &[TableRow<'_>],
    ) -> Result<(), StoreError> {
        self.upsert_rows(connection, catalogue, rows, NEWER).await
    }

    /// Replaces rows of the current table that are there, unless they are of a later sighting. One that is not, after
    /// all, is inserted.
    ///
    /// * `rows`: as for [`QueryTables::upsert`]
    pub async fn replace(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        rows: &[TableRow<'_>],
    ) -> Result<(), StoreError> {
        let sql = update_sql(&self.table, Side::Current, &columns(catalogue), NEWER_THAN_ROW);
        let replaced = self.execute_with(connection, catalogue, rows, sql).await?;
        if replaced < rows.len() as u64 {
            self.upsert(connection, catalogue, rows).await?;
        }
        Ok(())
    }

    /// Inserts versions with their contents. An existing one is replaced.
    pub async fn upsert_versions(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        rows: &[HistoryRow<'_>],
    ) -> Result<(), StoreError> {
        self.upsert_rows(connection, catalogue, rows, "").await
    }

    async fn upsert_rows<R: QueryRow>(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        rows: &[R],
        guard: &str,
    ) -> Result<(), StoreError> {
        let sql = upsert_sql(self.relation(R::SIDE), R::SIDE, &columns(catalogue), guard);
        self.execute_with(connection, catalogue, rows, sql).await.map(drop)
    }

    /// Executes a statement whose parameters are one array a column. Returns how many rows it wrote.
    pub(super) async fn execute_with<R: QueryRow>(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        rows: &[R],
        sql: String,
    ) -> Result<u64, StoreError> {
        if rows.is_empty() {
            return Ok(0);
        }
        let fields = columns(catalogue);
        let system: Vec<SystemValues<'_>> = rows.iter().map(R::system).collect();
        let contents: Vec<&Content<'_>> = rows.iter().map(R::content).collect();
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for column in R::SIDE.system_columns() {
            query = column.bind(query, &system);
        }
        Ok(bind_cells(query, &fields, &contents).execute(connection).await?.rows_affected())
    }

    /// Sets the sightings of existing rows of the current table; their contents stay.
    pub async fn see_again(&self, connection: &mut Connection, rows: &[Row<&str>]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "update {} t set _sent_at = n.s, _envelope_id = n.e, _position = n.p, _last_received_at = n.r,
                 _first_received_at = n.f, _changed_at = n.c
             from unnest({PLACE_ARRAYS}, $5::timestamptz[], $6::timestamptz[], $7::timestamptz[])
                  as n ({PLACE_ALIASES}, r, f, c)
             where t._key = n.k",
            self.table
        );
        let places = rows.iter().map(|row| of_sighting(row.key, &row.latest));
        bind_places(sqlx::query(AssertSqlSafe(sql)), places)
            .bind(rows.iter().map(|row| row.latest.received_at).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.first_received_at).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.changed_at).collect::<Vec<_>>())
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Sets where existing versions end; their contents stay.
    pub async fn bound_versions(
        &self,
        connection: &mut Connection,
        bounds: &[VersionBounds<&str>],
    ) -> Result<(), StoreError> {
        if bounds.is_empty() {
            return Ok(());
        }
        // Not an upsert: its inserted row would have no fields, and an operator's constraint on those would refuse it.
        let sql = format!(
            "update {} t set _valid_to = n.v, _last_received_at = n.r, _last_sent_at = n.ls, _last_envelope_id = n.le,
                 _last_position = n.lp
             from unnest({PLACE_ARRAYS}, $5::timestamptz[], $6::timestamptz[], $7::timestamptz[], $8::uuid[],
             $9::integer[])
                  as n ({PLACE_ALIASES}, v, r, ls, le, lp)
             where {AT_PLACE}",
            self.history
        );
        let places = bounds.iter().map(|row| of_sighting(row.key, &row.first));
        bind_places(sqlx::query(AssertSqlSafe(sql)), places)
            .bind(bounds.iter().map(|row| row.valid_to).collect::<Vec<_>>())
            .bind(bounds.iter().map(|row| row.last.unwrap_or(row.first).received_at).collect::<Vec<_>>())
            .bind(bounds.iter().map(|row| row.last.map(|last| last.sent_at)).collect::<Vec<_>>())
            .bind(bounds.iter().map(|row| row.last.map(|last| last.envelope_id)).collect::<Vec<_>>())
            .bind(bounds.iter().map(|row| row.last.map(|last| last.position)).collect::<Vec<_>>())
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Deletes versions, by key and first sighting.
    pub async fn delete_versions(
        &self,
        connection: &mut Connection,
        versions: &[(&str, Sighting)],
    ) -> Result<(), StoreError> {
        if versions.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "delete from {} t using unnest({PLACE_ARRAYS}) as n ({PLACE_ALIASES}) where {AT_PLACE}",
            self.history
        );
        let places = versions.iter().map(|(key, first)| of_sighting(key, first));
        bind_places(sqlx::query(AssertSqlSafe(sql)), places).execute(connection).await?;
        Ok(())
    }
}

/// Runs a statement so that its failure leaves the transaction as it was. Returns the error if its rows are at fault.
pub(in crate::query_tables) async fn attempt(
    connection: &mut Connection,
    statement: UpsertStatement<'_>,
) -> Result<Option<StoreError>, StoreError> {
    savepoint::mark_deferring(connection).await?;
    let done = statement.execute(&mut *connection).await.map(drop).map_err(StoreError::Sql);
    savepoint::conclude_rows(connection, done).await
}
