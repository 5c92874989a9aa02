//! Rows as array parameters: how each column travels through `unnest`, and the statement that inserts or replaces rows.

use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;

use super::system_columns::SystemColumn;
use crate::columns::{Cell, ColumnType, Content};
use crate::query_tables::{Column, Ident, Relation, Side};

pub(in crate::query_tables) type UpsertStatement<'q> = Query<'q, Postgres, PgArguments>;

/// The columns of a query table, quoted: the system columns, then the fields'.
pub(in crate::query_tables) fn column_names(side: Side, fields: &[Column<'_>]) -> Vec<String> {
    let system = side.system_columns().iter().map(|column| Ident(column.name).to_string());
    system.chain(fields.iter().map(|field| field.name.to_string())).collect()
}

/// How a field's column travels in an array parameter: the array's type, and the cast from an element to the column.
pub(in crate::query_tables) fn parameter(column_type: ColumnType) -> (&'static str, &'static str) {
    match column_type {
        ColumnType::Boolean => ("boolean[]", ""),
        ColumnType::Bigint => ("bigint[]", ""),
        ColumnType::Date => ("date[]", ""),
        ColumnType::Timestamp => ("timestamp[]", ""),
        ColumnType::Timestamptz => ("timestamptz[]", ""),
        ColumnType::Uuid => ("uuid[]", ""),
        ColumnType::Text => ("text[]", ""),
        ColumnType::Numeric => ("text[]", "::numeric"),
        ColumnType::Jsonb => ("text[]", "::jsonb"),
    }
}

/// The rows that a statement writes: parameters, one array a column, in the order of [`column_names`].
struct ArrayRows {
    names: Vec<String>,
    key: Vec<String>,
    /// Each column's value, from `n`.
    values: Vec<String>,
    /// `unnest(...) as n (...)`
    source: String,
}

impl ArrayRows {
    fn of(side: Side, fields: &[Column<'_>]) -> Self {
        let names = column_names(side, fields);
        let system = side.system_columns().iter().map(SystemColumn::parameter);
        let parameters: Vec<_> = system.chain(fields.iter().map(|field| parameter(field.column_type))).collect();
        let values = names.iter().zip(&parameters).map(|(name, (_, cast))| format!("n.{name}{cast}")).collect();
        let arrays = (1..).zip(&parameters).map(|(n, (array, _))| format!("${n}::{array}")).collect::<Vec<_>>();
        let source = format!("unnest({}) as n ({})", arrays.join(", "), names.join(", "));
        let key = side.primary_key().iter().map(|name| Ident(name).to_string()).collect();
        Self { names, key, values, source }
    }

    /// Sets all columns but the key, separated by commas.
    ///
    /// * `value`: of a column, by its name and its value from `n`
    fn assignments(&self, value: impl Fn(&str, &str) -> String) -> String {
        let others = self.names.iter().zip(&self.values).filter(|(name, _)| !self.key.contains(name));
        others.map(|(name, of_n)| format!("{name} = {}", value(name, of_n))).collect::<Vec<_>>().join(", ")
    }
}

/// The statement that inserts rows; where the primary key exists already, it replaces all other columns. Its parameters
/// are one array a column, in the order of [`column_names`].
///
/// * `guard`: which existing rows are replaced, as a `where` clause on `t` and `excluded`
pub(in crate::query_tables) fn upsert_sql(
    relation: &Relation,
    side: Side,
    fields: &[Column<'_>],
    guard: &str,
) -> String {
    let listed = ArrayRows::of(side, fields);
    format!(
        "insert into {relation} as t ({}) select {} from {} on conflict ({}) do update set {} {guard}",
        listed.names.join(", "),
        listed.values.join(", "),
        listed.source,
        listed.key.join(", "),
        listed.assignments(|name, _| format!("excluded.{name}")),
    )
}

/// The statement that replaces all columns of rows that are there, by their primary key. Its parameters are those of
/// [`upsert_sql`].
///
/// * `guard`: which of them are replaced, as a condition on `t` and `n`
pub(in crate::query_tables) fn update_sql(
    relation: &Relation,
    side: Side,
    fields: &[Column<'_>],
    guard: &str,
) -> String {
    let listed = ArrayRows::of(side, fields);
    format!(
        "update {relation} t set {} from {} where {} {guard}",
        listed.assignments(|_, value| value.to_owned()),
        listed.source,
        listed.key.iter().map(|name| format!("t.{name} = n.{name}")).collect::<Vec<_>>().join(" and "),
    )
}

/// Binds the fields' cells of these rows, one array a column.
pub(in crate::query_tables) fn bind_cells<'q>(
    mut query: UpsertStatement<'q>,
    fields: &[Column<'_>],
    contents: &[&Content<'_>],
) -> UpsertStatement<'q> {
    for (n, field) in fields.iter().enumerate() {
        query = bind_array(query, field.column_type, contents.iter().map(|content| &content.cells[n]));
    }
    query
}

/// One column's cells as an array. A cell that is not of the column's type would be null: there are none.
fn bind_array<'q, 'c>(
    query: UpsertStatement<'q>,
    column_type: ColumnType,
    cells: impl Iterator<Item = &'c Cell<'c>>,
) -> UpsertStatement<'q> {
    macro_rules! array {
        ($variant:ident) => {{
            let value = |cell: &Cell<'_>| if let Cell::$variant(value) = cell { Some(*value) } else { None };
            query.bind(cells.map(value).collect::<Vec<_>>())
        }};
    }
    match column_type {
        ColumnType::Boolean => array!(Boolean),
        ColumnType::Bigint => array!(Bigint),
        ColumnType::Date => array!(Date),
        ColumnType::Timestamp => array!(Timestamp),
        ColumnType::Timestamptz => array!(Timestamptz),
        ColumnType::Uuid => array!(Uuid),
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
