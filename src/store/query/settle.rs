//! Values that wait in `_unfit` move into their column, read from the ledger again.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use uuid::Uuid;

use super::rows::{array_type, bind_array};
use super::{Ident, QueryTables, Relation};
use crate::columns::{Cell, ColumnType, Field, Rows, Value};
use crate::envelope::SyncId;
use crate::store::StoreError;
use crate::store::error::Kind;

/// How many rows are taken at a time.
const BATCH: i64 = 5_000;

/// Where in a table the next batch begins: the key of the last row of the one before.
#[derive(Debug, Clone, Default)]
pub struct Cursor {
    /// The table is done, the history has begun.
    history: bool,
    after: Option<Place>,
}

/// A row's place: its key, and in the history its spell.
#[derive(Debug, Clone)]
struct Place {
    key: String,
    sent_at: DateTime<Utc>,
    envelope_id: Uuid,
    position: i32,
}

impl QueryTables {
    /// All rows at once, in the caller's transaction.
    pub(super) async fn settle(
        &self,
        connection: &mut PgConnection,
        field: &Field,
        column_type: ColumnType,
        sync_id: SyncId,
        rows: Rows,
    ) -> Result<(), StoreError> {
        let mut cursor = Some(Cursor::default());
        while let Some(from) = cursor {
            cursor = self.settle_some(connection, field, column_type, sync_id, rows, from).await?;
        }
        Ok(())
    }

    /// One batch; where the next begins, or `None` when all is done.
    pub async fn settle_some(
        &self,
        connection: &mut PgConnection,
        field: &Field,
        column_type: ColumnType,
        sync_id: SyncId,
        rows: Rows,
        from: Cursor,
    ) -> Result<Option<Cursor>, StoreError> {
        if from.history && !self.exist(connection).await?.1 {
            return Ok(None);
        }
        let relation = if from.history { &self.history } else { &self.table };
        let batch = places(connection, relation, &field.name, rows, from.after.as_ref()).await?;
        let hashes: Vec<&str> = batch.iter().map(|(_, hash)| hash.as_str()).collect();
        let values = ledger_values(connection, sync_id, &field.name, &hashes).await?;
        let mut fit = Vec::new();
        let mut unfit = Vec::new();
        for (place, hash) in &batch {
            match values.get(hash.as_str()) {
                None => fit.push((place, Cell::Null)),
                Some(json) => match Value::read(json).cell(json, column_type, field.reading()) {
                    Some(cell) => fit.push((place, cell)),
                    None => unfit.push((place, json.as_str())),
                },
            }
        }
        sqlx::raw_sql("savepoint settle").execute(&mut *connection).await?;
        match set(connection, relation, field, column_type, &fit).await {
            Ok(()) => sqlx::raw_sql("release savepoint settle").execute(&mut *connection).await?,
            // Rows that are as wide as a page: what does not fit stays where it is.
            Err(error) if error.kind() == Kind::Data => {
                sqlx::raw_sql("rollback to savepoint settle").execute(&mut *connection).await?
            }
            Err(error) => return Err(error),
        };
        keep(connection, relation, field, &unfit).await?;
        let full = i64::try_from(batch.len()).unwrap_or(i64::MAX) == BATCH;
        Ok(match batch.into_iter().next_back() {
            Some((place, _)) if full => Some(Cursor { after: Some(place), ..from }),
            _ if from.history => None,
            _ => Some(Cursor { history: true, after: None }),
        })
    }
}

async fn places(
    connection: &mut PgConnection,
    relation: &Relation,
    name: &str,
    rows: Rows,
    after: Option<&Place>,
) -> Result<Vec<(Place, String)>, StoreError> {
    let which = match rows {
        Rows::Unfit => "_unfit is not null and _unfit ? $5",
        Rows::All => "$5::text is not null",
    };
    let sql = format!(
        "select _key, _sent_at, _envelope_id, _position, _hash from {relation}
         where ($1::text is null or (_key, _sent_at, _envelope_id, _position) > ($1, $2, $3, $4)) and {which}
         order by _key, _sent_at, _envelope_id, _position limit $6"
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(after.map(|place| place.key.as_str()))
        .bind(after.map(|place| place.sent_at))
        .bind(after.map(|place| place.envelope_id))
        .bind(after.map(|place| place.position))
        .bind(name)
        .bind(BATCH)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            let place = Place {
                key: row.try_get(0)?,
                sent_at: row.try_get(1)?,
                envelope_id: row.try_get(2)?,
                position: row.try_get(3)?,
            };
            Ok((place, row.try_get(4)?))
        })
        .collect()
}

/// The values of one field, as JSON, by the records' hashes; nulls left out.
async fn ledger_values(
    connection: &mut PgConnection,
    sync_id: SyncId,
    name: &str,
    hashes: &[&str],
) -> Result<HashMap<String, String>, StoreError> {
    let rows = sqlx::query!(
        r#"select hash, (fields -> $2)::text as "json!" from polysink.records
           where sync_id = $1 and hash = any($3) and coalesce(fields -> $2, 'null') <> 'null'"#,
        sync_id.0,
        name,
        hashes as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.hash, row.json)).collect())
}

async fn set(
    connection: &mut PgConnection,
    relation: &Relation,
    field: &Field,
    column_type: ColumnType,
    rows: &[(&Place, Cell<'_>)],
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let (array, cast) = array_type(column_type);
    let sql = format!(
        "update {relation} t set {} = n.v{cast}, _unfit = nullif(t._unfit - $6::text, '{{}}')
         from unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::integer[], $5::{array}) as n (k, s, e, p, v)
         where t._key = n.k and t._sent_at = n.s and t._envelope_id = n.e and t._position = n.p",
        Ident(&field.column_name)
    );
    let query = sqlx::query(AssertSqlSafe(sql))
        .bind(rows.iter().map(|(place, _)| place.key.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|(place, _)| place.sent_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|(place, _)| place.envelope_id).collect::<Vec<_>>())
        .bind(rows.iter().map(|(place, _)| place.position).collect::<Vec<_>>());
    bind_array(query, column_type, rows.iter().map(|(_, cell)| cell)).bind(&field.name).execute(connection).await?;
    Ok(())
}

/// What does not fit is null in its column and stands in `_unfit` as the ledger has it.
async fn keep(
    connection: &mut PgConnection,
    relation: &Relation,
    field: &Field,
    rows: &[(&Place, &str)],
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "update {relation} t
         set {} = null, _unfit = coalesce(t._unfit, '{{}}') || jsonb_build_object($6::text, n.v::jsonb)
         from unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::integer[], $5::text[]) as n (k, s, e, p, v)
         where t._key = n.k and t._sent_at = n.s and t._envelope_id = n.e and t._position = n.p",
        Ident(&field.column_name)
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(rows.iter().map(|(place, _)| place.key.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|(place, _)| place.sent_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|(place, _)| place.envelope_id).collect::<Vec<_>>())
        .bind(rows.iter().map(|(place, _)| place.position).collect::<Vec<_>>())
        .bind(rows.iter().map(|(_, json)| *json).collect::<Vec<_>>())
        .bind(&field.name)
        .execute(connection)
        .await?;
    Ok(())
}
