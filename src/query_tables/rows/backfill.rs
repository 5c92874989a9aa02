//! Backfills rows after a change of columns, in batches: computes their contents again from the ledger, or erases
//! values of hidden fields.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row as _};

use super::place::{AT_PLACE, PLACE, PLACE_ALIASES, PLACE_ARRAYS, bind_after, bind_places, of_row, read_place};
use super::upsert::{bind_cells, parameter};
use super::write::attempt;
use crate::columns::{Catalogue, Content, Entries, Rows, unfit};
use crate::model::SyncId;
use crate::query_tables::{Column, QueryTables, Relation, columns};
use crate::store::tables::backfills::{Backfill, Cursor, RowPlace};
use crate::store::tables::records::FieldPages;
use crate::store::{Bisection, Connection, StoreError};

/// The size of a batch: values, and rows at the most.
const BATCH_VALUES: usize = 100_000;
const BATCH_ROWS: usize = 5_000;

/// A row with its new content.
struct Remade<'a> {
    place: &'a RowPlace,
    content: Content<'a>,
    entries: Entries<'a>,
}

impl QueryTables {
    /// Backfills all rows, in the caller's transaction.
    pub(in crate::query_tables) async fn backfill_all(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        sync_id: SyncId,
        backfill: &Backfill,
    ) -> Result<(), StoreError> {
        let mut cursor = Some(Cursor::default());
        while let Some(from) = cursor {
            cursor = self.backfill_batch(connection, catalogue, sync_id, backfill, from).await?;
        }
        Ok(())
    }

    /// Backfills one batch. Returns where the next begins, or `None` when all is done.
    pub async fn backfill_batch(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        sync_id: SyncId,
        backfill: &Backfill,
        from: Cursor,
    ) -> Result<Option<Cursor>, StoreError> {
        let (has_table, has_history) = self.exist(connection).await?;
        let next_table = |history: bool| (!history).then_some(Cursor { history: true, after: None });
        if !(if from.history { has_history } else { has_table }) {
            return Ok(next_table(from.history));
        }
        let relation = if from.history { &self.history } else { &self.table };
        let limit = (BATCH_VALUES / catalogue.columns().count().max(1)).min(BATCH_ROWS);
        let fields = backfill.fields.iter().filter_map(|name| catalogue.field(name));
        let since = fields.map(|field| field.first_seen_at).min().unwrap_or_default();
        let BackfillPage { rows, last } =
            page(connection, relation, backfill, since, from.after.as_ref(), limit).await?;
        if backfill.rows == Rows::Erase {
            let places: Vec<&RowPlace> = rows.iter().map(|(place, _)| place).collect();
            erase(connection, relation, &backfill.fields, &places).await?;
        } else {
            fill(connection, relation, catalogue, sync_id, backfill, &rows).await?;
        }
        Ok(match last {
            Some(place) => Some(Cursor { after: Some(place), ..from }),
            None => next_table(from.history),
        })
    }

    /// Computes the contents of all rows of these records again.
    ///
    /// * `records`: key and hash of each
    pub async fn write_again(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        sync_id: SyncId,
        records: &[(&str, &str)],
    ) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let (keys, hashes): (Vec<&str>, Vec<&str>) = records.iter().copied().unzip();
        for (_, relation) in self.existing(connection).await? {
            let sql = format!(
                "select {PLACE}, _hash from {relation}
                 where _key = any($1) and (_key, _hash) in (select * from unnest($1::text[], $2::text[]))
                 order by {PLACE}"
            );
            let found = sqlx::query(AssertSqlSafe(sql)).bind(&keys).bind(&hashes).fetch_all(&mut *connection).await?;
            let read = |row: &PgRow| Ok((read_place(row)?, row.try_get("_hash")?));
            let rows: Vec<(RowPlace, String)> =
                found.iter().map(read).collect::<sqlx::Result<_>>().map_err(StoreError::Sql)?;
            let mut pages = FieldPages::of(sync_id, rows.iter().map(|(_, hash)| hash.as_str()).collect());
            while let Some((page, ledger)) = pages.next(connection).await? {
                let remade = remade(catalogue, &rows[page], &ledger, |_| true);
                if let Some(error) = rewrite(connection, relation, catalogue, &remade).await? {
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

/// Rows with their contents as the ledger has them.
///
/// * `is_due`: which records have something to write
fn remade<'a>(
    catalogue: &Catalogue,
    rows: &'a [(RowPlace, String)],
    ledger: &'a HashMap<String, String>,
    is_due: impl Fn(&Entries<'_>) -> bool,
) -> Vec<Remade<'a>> {
    let layout = catalogue.layout();
    let remade = rows.iter().filter_map(|(place, hash)| {
        let entries = Some(catalogue.read_known(ledger.get(hash)?)).filter(&is_due)?;
        Some(Remade { place, content: layout.content(&entries), entries })
    });
    remade.collect()
}

/// Computes the contents of these rows again, and writes them.
async fn fill(
    connection: &mut Connection,
    relation: &Relation,
    catalogue: &Catalogue,
    sync_id: SyncId,
    backfill: &Backfill,
    rows: &[(RowPlace, String)],
) -> Result<(), StoreError> {
    let mut pages = FieldPages::of(sync_id, rows.iter().map(|(_, hash)| hash.as_str()).collect());
    while let Some((page, ledger)) = pages.next(connection).await? {
        fill_page(connection, relation, catalogue, backfill, &rows[page], &ledger).await?;
    }
    Ok(())
}

/// * `ledger`: the fields of the rows' records, as JSON, by hash
async fn fill_page(
    connection: &mut Connection,
    relation: &Relation,
    catalogue: &Catalogue,
    backfill: &Backfill,
    page: &[(RowPlace, String)],
    ledger: &HashMap<String, String>,
) -> Result<(), StoreError> {
    // A record without any of the fields has nothing to fill in.
    let rows = remade(catalogue, page, ledger, |entries| catalogue.values(entries, &backfill.fields).next().is_some());
    let mut bisection = Bisection::of(&rows);
    while let Some(part) = bisection.next_part() {
        let Some(error) = rewrite(connection, relation, catalogue, part).await? else { continue };
        for row in bisection.failed(part) {
            // An operator's constraint, for example. The values stay visible in `_unfit`.
            tracing::warn!(%relation, %error, "cannot write values to their columns; they stay in _unfit");
            let values = unfit(catalogue.values(&row.entries, &backfill.fields));
            keep(connection, relation, row.place, &values).await?;
        }
    }
    Ok(())
}

/// Removes the fields from `_unfit` and rewrites the rows, which still hold the values of a dropped column out of
/// sight.
async fn erase(
    connection: &mut Connection,
    relation: &Relation,
    fields: &[String],
    places: &[&RowPlace],
) -> Result<(), StoreError> {
    let sql = format!(
        "update {relation} t set _unfit = nullif(t._unfit - $5::text[], '{{}}')
         from unnest({PLACE_ARRAYS}) as n ({PLACE_ALIASES}) where {AT_PLACE}"
    );
    let mut bisection = Bisection::of(places);
    while let Some(part) = bisection.next_part() {
        let query = bind_places(sqlx::query(AssertSqlSafe(sql.clone())), part.iter().map(|place| of_row(place)));
        let query = query.bind(fields);
        let Some(error) = attempt(connection, query).await? else { continue };
        if !bisection.failed(part).is_empty() {
            tracing::error!(%relation, %error, "cannot erase values of a hidden field from a row");
        }
    }
    Ok(())
}

/// Rows that were looked at.
struct BackfillPage {
    /// Those to backfill, with their hashes.
    rows: Vec<(RowPlace, String)>,
    /// The last that was looked at, if there may be more.
    last: Option<RowPlace>,
}

/// Looks at the next rows.
///
/// * `since`: when the first of the fields was first seen
/// * `limit`: how many, whether they need a backfill or not: the statement takes as long in a table of any size
async fn page(
    connection: &mut Connection,
    relation: &Relation,
    backfill: &Backfill,
    since: DateTime<Utc>,
    after: Option<&RowPlace>,
    limit: usize,
) -> Result<BackfillPage, StoreError> {
    let (which, needs_backfill) = match backfill.rows {
        Rows::Unfit => ("_unfit is not null", "_unfit ?| $5"),
        Rows::Recent => ("true", "_last_received_at >= $7 or coalesce(_unfit ?| $5, false)"),
        Rows::All | Rows::Erase => ("true", "true"),
    };
    let sql = format!(
        "select {PLACE}, _hash, num_nulls($5::text[], $7::timestamptz) = 0 and ({needs_backfill}) as needs_backfill
         from (select {PLACE}, _hash, _last_received_at, _unfit from {relation}
               where ($1::text is null or ({PLACE}) > ($1, $2, $3, $4)) and {which}
               order by {PLACE} limit $6) as page
         order by {PLACE}"
    );
    let found = bind_after(sqlx::query(AssertSqlSafe(sql)), after)
        .bind(&backfill.fields)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(since)
        .fetch_all(connection)
        .await?;
    let mut rows = Vec::with_capacity(found.len());
    for row in &found {
        if row.try_get("needs_backfill")? {
            rows.push((read_place(row)?, row.try_get("_hash")?));
        }
    }
    let last = found.last().filter(|_| found.len() == limit).map(read_place).transpose()?;
    Ok(BackfillPage { rows, last })
}

/// Writes the rows' columns and `_unfit`. Returns the error if the data is at fault.
async fn rewrite(
    connection: &mut Connection,
    relation: &Relation,
    catalogue: &Catalogue,
    rows: &[Remade<'_>],
) -> Result<Option<StoreError>, StoreError> {
    let columns = columns(catalogue);
    let listed = |part: &dyn Fn(usize, &Column<'_>) -> String| {
        columns.iter().enumerate().map(|(n, column)| part(n, column)).collect::<Vec<_>>().concat()
    };
    let sets = listed(&|n, column| format!(", {} = n.c{n}{}", column.name, parameter(column.column_type).1));
    let arrays = listed(&|n, column| format!(", ${}::{}", n + 6, parameter(column.column_type).0));
    let aliases = listed(&|n, _| format!(", c{n}"));
    let sql = format!(
        "update {relation} t set _unfit = n.u::jsonb{sets}
         from unnest({PLACE_ARRAYS}, $5::text[]{arrays}) as n ({PLACE_ALIASES}, u{aliases}) where {AT_PLACE}"
    );
    let contents: Vec<&Content<'_>> = rows.iter().map(|row| &row.content).collect();
    let query = bind_places(sqlx::query(AssertSqlSafe(sql)), rows.iter().map(|row| of_row(row.place)))
        .bind(contents.iter().map(|content| content.unfit.as_deref()).collect::<Vec<_>>());
    attempt(connection, bind_cells(query, &columns, &contents)).await
}

/// Puts the values of one row into `_unfit`, and leaves its columns as they are.
///
/// * `values`: a JSON object
async fn keep(
    connection: &mut Connection,
    relation: &Relation,
    place: &RowPlace,
    values: &str,
) -> Result<(), StoreError> {
    let sql = format!(
        "update {relation} t set _unfit = coalesce(t._unfit, '{{}}') || $5::jsonb
         from unnest({PLACE_ARRAYS}) as n ({PLACE_ALIASES}) where {AT_PLACE}"
    );
    let query = bind_places(sqlx::query(AssertSqlSafe(sql)), std::iter::once(of_row(place)));
    query.bind(values).execute(connection).await?;
    Ok(())
}
