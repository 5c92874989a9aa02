//! How well each column would identify an entity.

use sqlx::{AssertSqlSafe, Row as _};

use crate::columns::{Catalogue, ColumnType, Field};
use crate::query_tables::{Ident, QueryTables};
use crate::store::{Connection, Store, StoreError};

/// How many current rows are sampled.
const SAMPLE: i64 = 200_000;

/// How many values are sampled of fields without a column.
const SAMPLED_VALUES: usize = 2_000_000;

/// The counts for one field.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub field: String,
    pub column_type: ColumnType,
    /// Rows in the sample.
    pub rows: i64,
    pub nulls: i64,
    pub distinct: i64,
}

impl Candidate {
    /// Rows whose value another row has too, beyond the first of each.
    pub fn duplicates(&self) -> i64 {
        self.rows - self.nulls - self.distinct
    }
}

/// Counts nulls and distinct values of each field that has a simple type, with a column or waiting for one.
pub async fn find(store: &Store, tables: &QueryTables, catalogue: &Catalogue) -> Result<Vec<Candidate>, StoreError> {
    let mut session = store.begin().await?;
    let mut candidates = with_columns(&mut session, tables, catalogue).await?;
    candidates.extend(without_columns(&mut session, tables, catalogue).await?);
    session.commit().await?;
    Ok(candidates)
}

async fn with_columns(
    connection: &mut Connection,
    tables: &QueryTables,
    catalogue: &Catalogue,
) -> Result<Vec<Candidate>, StoreError> {
    let fields: Vec<(&Field, ColumnType)> = catalogue
        .columns()
        .filter_map(|field| Some((field, field.column_type?)))
        .filter(|(_, column_type)| *column_type != ColumnType::Jsonb)
        .collect();
    if fields.is_empty() {
        return Ok(Vec::new());
    }
    let counts: Vec<String> = fields
        .iter()
        .map(|(field, _)| {
            let name = Ident(&field.column_name);
            format!("count({name}), count(distinct {name})")
        })
        .collect();
    let sql =
        format!("select count(*), {} from (select * from {} limit $1) as sample", counts.join(", "), tables.table);
    let row = sqlx::query(AssertSqlSafe(sql)).bind(SAMPLE).fetch_one(connection).await?;
    let rows: i64 = row.try_get(0)?;
    let candidates = fields.iter().enumerate().map(|(n, (field, column_type))| {
        let present: i64 = row.try_get(1 + 2 * n)?;
        let distinct: i64 = row.try_get(2 + 2 * n)?;
        Ok(Candidate { field: field.name.clone(), column_type: *column_type, rows, nulls: rows - present, distinct })
    });
    candidates.collect::<sqlx::Result<_>>().map_err(StoreError::Sql)
}

/// Fields that wait for a column: their values are in `_unfit`.
async fn without_columns(
    connection: &mut Connection,
    tables: &QueryTables,
    catalogue: &Catalogue,
) -> Result<Vec<Candidate>, StoreError> {
    let waiting = catalogue.fields().iter().filter(|field| field.column_type.is_none() && !field.hidden);
    let fields: Vec<&Field> = waiting.filter(|field| field.wanted_type != ColumnType::Jsonb).collect();
    if fields.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let sql = format!(
        "with sample as materialized (select _unfit from {} limit $1)
         select (select count(*) from sample), member.key, count(member.value), count(distinct member.value)
         from sample, jsonb_each_text(_unfit) as member where member.key = any($2) group by member.key",
        tables.table
    );
    let sampled = i64::try_from(SAMPLED_VALUES / fields.len()).unwrap_or(SAMPLE).min(SAMPLE);
    let counts: Vec<(i64, String, i64, i64)> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(sampled).bind(names).fetch_all(connection).await?;
    let candidates = counts.into_iter().filter_map(|(rows, name, present, distinct)| {
        let column_type = catalogue.field(&name)?.wanted_type;
        Some(Candidate { field: name, column_type, rows, nulls: rows - present, distinct })
    });
    Ok(candidates.collect())
}
