//! How well each column would identify an entity.

use sqlx::{AssertSqlSafe, Row as _};

use super::{Ident, QueryTables};
use crate::columns::{Catalogue, ColumnType, Field};
use crate::store::{Store, StoreError};

/// How many current rows are sampled.
const SAMPLE: i64 = 200_000;

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

impl Store {
    /// Counts nulls and distinct values of each field whose column has a simple type.
    pub async fn candidates(&self, tables: &QueryTables, catalogue: &Catalogue) -> Result<Vec<Candidate>, StoreError> {
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
        let mut session = self.begin().await?;
        let row = sqlx::query(AssertSqlSafe(sql)).bind(SAMPLE).fetch_one(&mut *session).await?;
        session.commit().await?;
        let rows: i64 = row.try_get(0)?;
        let candidates = fields.iter().enumerate().map(|(n, (field, column_type))| {
            let present: i64 = row.try_get(1 + 2 * n)?;
            let distinct: i64 = row.try_get(2 + 2 * n)?;
            Ok(Candidate {
                field: field.name.clone(),
                column_type: *column_type,
                rows,
                nulls: rows - present,
                distinct,
            })
        });
        candidates.collect::<sqlx::Result<_>>().map_err(StoreError::Sql)
    }
}
