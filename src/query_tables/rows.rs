//! Rows into the query tables, one statement a table, arrays through `unnest`.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgConnection, Postgres};
use uuid::Uuid;

use super::{Column, HISTORY_COLUMNS, Ident, QueryTables, Relation, SYSTEM_COLUMNS, columns};
use crate::columns::{Catalogue, Cell, ColumnType, Content};
use crate::history::{Row, VersionBounds};
use crate::model::Sighting;
use crate::store::StoreError;
use crate::store::tx::savepoint;

/// A row of the table: an entity, or a distinct record, as it is now.
#[derive(Debug, Clone, Copy)]
pub struct TableRow<'a> {
    pub row: Row<'a>,
    pub content: &'a Content<'a>,
}

/// A row of the history: a version.
#[derive(Debug, Clone, Copy)]
pub struct HistoryRow<'a> {
    pub bounds: VersionBounds<'a>,
    pub content: &'a Content<'a>,
}

pub(super) type Statement<'q> = Query<'q, Postgres, PgArguments>;

/// How a field's column travels: the type of its array, and how an element of it becomes the column's value.
pub(super) fn parameter(column_type: ColumnType) -> (&'static str, &'static str) {
    match column_type {
        ColumnType::Boolean => ("boolean[]", ""),
        ColumnType::Bigint => ("bigint[]", ""),
        ColumnType::Date => ("date[]", ""),
        ColumnType::Timestamptz => ("timestamptz[]", ""),
        ColumnType::Text => ("text[]", ""),
        ColumnType::Numeric => ("text[]", "::numeric"),
        ColumnType::Jsonb => ("text[]", "::jsonb"),
    }
}

/// The statement that inserts rows by columns, and on a conflict replaces all columns but the key.
pub(super) struct Upsert {
    pub(super) names: Vec<String>,
    arrays: Vec<&'static str>,
    casts: Vec<&'static str>,
}

impl Upsert {
    /// The system columns.
    pub(super) fn new() -> Self {
        let mut upsert = Self { names: Vec::new(), arrays: Vec::new(), casts: Vec::new() };
        for (name, kind, _) in SYSTEM_COLUMNS {
            upsert.system(name, kind);
        }
        upsert
    }

    fn system(&mut self, name: &str, kind: &str) {
        let (array, cast) = match kind.split_whitespace().next().unwrap_or_default() {
            "text" => ("text[]", ""),
            "jsonb" => ("text[]", "::jsonb"),
            "uuid" => ("uuid[]", ""),
            "integer" => ("integer[]", ""),
            _ => ("timestamptz[]", ""),
        };
        self.push(Ident(name).to_string(), array, cast);
    }

    pub(super) fn history(mut self) -> Self {
        for (name, kind, _) in HISTORY_COLUMNS {
            self.system(name, kind);
        }
        self
    }

    pub(super) fn fields(mut self, columns: &[Column<'_>]) -> Self {
        for column in columns {
            let (array, cast) = parameter(column.column_type);
            self.push(column.name.to_string(), array, cast);
        }
        self
    }

    fn push(&mut self, name: String, array: &'static str, cast: &'static str) {
        self.names.push(name);
        self.arrays.push(array);
        self.casts.push(cast);
    }

    /// * `key`: the columns of the primary key
    /// * `guard`: what must hold for an existing row to be replaced
    fn sql(&self, relation: &Relation, key: &[&str], guard: &str) -> String {
        let n = self.names.len();
        let list = self.names.join(", ");
        let select: Vec<String> = (0..n).map(|i| format!("n.c{i}{}", self.casts[i])).collect();
        let arrays: Vec<String> = (0..n).map(|i| format!("${}::{}", i + 1, self.arrays[i])).collect();
        let aliases: Vec<String> = (0..n).map(|i| format!("c{i}")).collect();
        let quoted: Vec<String> = key.iter().map(|name| Ident(name).to_string()).collect();
        let sets = self.names.iter().filter(|name| !quoted.contains(name));
        let sets: Vec<String> = sets.map(|name| format!("{name} = excluded.{name}")).collect();
        format!(
            "insert into {relation} as t ({list}) select {} from unnest({}) as n ({}) on conflict ({}) do update set {} {guard}",
            select.join(", "),
            arrays.join(", "),
            aliases.join(", "),
            quoted.join(", "),
            sets.join(", "),
        )
    }
}

/// The later sighting stays, in the order of [`Sighting`].
const NEWER: &str = "where (excluded._sent_at, excluded._envelope_id, excluded._position) \
                           >= (t._sent_at, t._envelope_id, t._position)";

/// The primary key of a history.
pub(super) const HISTORY_KEY: &[&str] = &["_key", "_sent_at", "_envelope_id", "_position"];

impl QueryTables {
    /// Writes rows of the table. One that is there already is replaced, unless it is of a later sighting.
    ///
    /// * `rows`: each key once; their contents made by `catalogue`
    pub async fn upsert(
        &self,
        connection: &mut PgConnection,
        catalogue: &Catalogue,
        rows: &[TableRow<'_>],
    ) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let columns = columns(catalogue);
        let sql = Upsert::new().fields(&columns).sql(&self.table, &["_key"], NEWER);
        let contents: Vec<&Content<'_>> = rows.iter().map(|row| row.content).collect();
        let rows: Vec<Row<'_>> = rows.iter().map(|row| row.row).collect();
        let query = sqlx::query(AssertSqlSafe(sql))
            .bind(rows.iter().map(|row| row.key).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.hash).collect::<Vec<_>>())
            .bind(contents.iter().map(|content| content.unfit.as_deref()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.first_received_at).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.latest.received_at).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.changed_at).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.latest.sent_at).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.latest.envelope_id).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.latest.position).collect::<Vec<_>>());
        bind_cells(query, &columns, &contents).execute(connection).await?;
        Ok(())
    }

    /// Writes versions with their contents. One that is there already is replaced.
    pub async fn upsert_versions(
        &self,
        connection: &mut PgConnection,
        catalogue: &Catalogue,
        rows: &[HistoryRow<'_>],
    ) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let columns = columns(catalogue);
        let sql = Upsert::new().history().fields(&columns).sql(&self.history, HISTORY_KEY, "");
        let bounds: Vec<VersionBounds<'_>> = rows.iter().map(|row| row.bounds).collect();
        let contents: Vec<&Content<'_>> = rows.iter().map(|row| row.content).collect();
        let unfit = contents.iter().map(|content| content.unfit.as_deref()).collect();
        let query = bind_bounds(sqlx::query(AssertSqlSafe(sql)), &bounds, unfit);
        bind_cells(query, &columns, &contents).execute(connection).await?;
        Ok(())
    }

    /// Writes where versions that are there end; their contents stay.
    pub async fn bound_versions(
        &self,
        connection: &mut PgConnection,
        bounds: &[VersionBounds<'_>],
    ) -> Result<(), StoreError> {
        if bounds.is_empty() {
            return Ok(());
        }
        // Not an upsert: what it would insert has no fields, and a constraint of an operator's on those would refuse it.
        let sql = format!(
            "update {} t set _valid_to = n.v, _last_received_at = n.r, _last_sent_at = n.ls, _last_envelope_id = n.le,
                 _last_position = n.lp
             from unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::integer[], $5::timestamptz[], $6::timestamptz[],
                         $7::timestamptz[], $8::uuid[], $9::integer[]) as n (k, s, e, p, v, r, ls, le, lp)
             where t._key = n.k and t._sent_at = n.s and t._envelope_id = n.e and t._position = n.p",
            self.history
        );
        let lasts = || bounds.iter().map(|row| row.last);
        sqlx::query(AssertSqlSafe(sql))
            .bind(bounds.iter().map(|row| row.key).collect::<Vec<_>>())
            .bind(bounds.iter().map(|row| row.first.sent_at).collect::<Vec<_>>())
            .bind(bounds.iter().map(|row| row.first.envelope_id).collect::<Vec<_>>())
            .bind(bounds.iter().map(|row| row.first.position).collect::<Vec<_>>())
            .bind(bounds.iter().map(|row| row.valid_to).collect::<Vec<_>>())
            .bind(bounds.iter().map(|row| row.last.unwrap_or(row.first).received_at).collect::<Vec<_>>())
            .bind(lasts().map(|last| Some(last?.sent_at)).collect::<Vec<Option<DateTime<Utc>>>>())
            .bind(lasts().map(|last| Some(last?.envelope_id)).collect::<Vec<Option<Uuid>>>())
            .bind(lasts().map(|last| Some(last?.position)).collect::<Vec<Option<i32>>>())
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Deletes versions, by key and first sighting.
    pub async fn delete_versions(
        &self,
        connection: &mut PgConnection,
        versions: &[(&str, Sighting)],
    ) -> Result<(), StoreError> {
        if versions.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "delete from {} t using unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::integer[]) as n (k, s, e, p)
             where t._key = n.k and t._sent_at = n.s and t._envelope_id = n.e and t._position = n.p",
            self.history
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(versions.iter().map(|(key, _)| *key).collect::<Vec<_>>())
            .bind(versions.iter().map(|(_, first)| first.sent_at).collect::<Vec<_>>())
            .bind(versions.iter().map(|(_, first)| first.envelope_id).collect::<Vec<_>>())
            .bind(versions.iter().map(|(_, first)| first.position).collect::<Vec<_>>())
            .execute(connection)
            .await?;
        Ok(())
    }
}

/// The system columns of a history, in the order of [`Upsert::history`].
fn bind_bounds<'q>(query: Statement<'q>, rows: &[VersionBounds<'_>], unfit: Vec<Option<&str>>) -> Statement<'q> {
    let first_sent = || rows.iter().map(|row| row.first.sent_at).collect::<Vec<_>>();
    let lasts = || rows.iter().map(|row| row.last);
    query
        .bind(rows.iter().map(|row| row.key).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.hash).collect::<Vec<_>>())
        .bind(unfit)
        .bind(rows.iter().map(|row| row.first.received_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.last.unwrap_or(row.first).received_at).collect::<Vec<_>>())
        .bind(first_sent())
        .bind(first_sent())
        .bind(rows.iter().map(|row| row.first.envelope_id).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.first.position).collect::<Vec<_>>())
        .bind(first_sent())
        .bind(rows.iter().map(|row| row.valid_to).collect::<Vec<_>>())
        .bind(lasts().map(|last| Some(last?.sent_at)).collect::<Vec<Option<DateTime<Utc>>>>())
        .bind(lasts().map(|last| Some(last?.envelope_id)).collect::<Vec<Option<Uuid>>>())
        .bind(lasts().map(|last| Some(last?.position)).collect::<Vec<Option<i32>>>())
}

pub(super) fn bind_cells<'q>(
    mut query: Statement<'q>,
    columns: &[Column<'_>],
    contents: &[&Content<'_>],
) -> Statement<'q> {
    for (n, column) in columns.iter().enumerate() {
        query = bind_array(query, column.column_type, contents.iter().map(|content| &content.cells[n]));
    }
    query
}

/// One column's cells as an array. A cell that is not of the column's type would be null: there are none.
fn bind_array<'q, 'c>(
    query: Statement<'q>,
    column_type: ColumnType,
    cells: impl Iterator<Item = &'c Cell<'c>>,
) -> Statement<'q> {
    match column_type {
        ColumnType::Boolean => query.bind(
            cells
                .map(|cell| match cell {
                    Cell::Boolean(value) => Some(*value),
                    _ => None,
                })
                .collect::<Vec<Option<bool>>>(),
        ),
        ColumnType::Bigint => query.bind(
            cells
                .map(|cell| match cell {
                    Cell::Bigint(value) => Some(*value),
                    _ => None,
                })
                .collect::<Vec<Option<i64>>>(),
        ),
        ColumnType::Date => query.bind(
            cells
                .map(|cell| match cell {
                    Cell::Date(value) => Some(*value),
                    _ => None,
                })
                .collect::<Vec<Option<NaiveDate>>>(),
        ),
        ColumnType::Timestamptz => query.bind(
            cells
                .map(|cell| match cell {
                    Cell::Timestamptz(value) => Some(*value),
                    _ => None,
                })
                .collect::<Vec<Option<DateTime<Utc>>>>(),
        ),
        ColumnType::Numeric | ColumnType::Text | ColumnType::Jsonb => query.bind(
            cells
                .map(|cell| match cell {
                    Cell::Numeric(text) | Cell::Text(text) | Cell::Jsonb(text) => Some(text.as_ref()),
                    _ => None,
                })
                .collect::<Vec<Option<&str>>>(),
        ),
    }
}

/// Runs a statement so that its failure leaves the transaction as it was. Returns the error where its data is at fault.
pub(super) async fn attempt(
    connection: &mut PgConnection,
    statement: Statement<'_>,
) -> Result<Option<StoreError>, StoreError> {
    savepoint::mark(connection).await?;
    let done = statement.execute(&mut *connection).await.map_err(StoreError::Sql);
    Ok(savepoint::conclude(connection, done).await?.err())
}
