//! The statements that create and change the query tables, as text. Pure: `reshape` and `repair` decide and execute.

use crate::columns::{ColumnType, Field};
use crate::query_tables::{Column, Ident, Literal, Relation, Side};

/// Creates a table with its indexes.
///
/// * `logged`: whether it has to survive a crash of the server
pub(in crate::query_tables) fn create_table(
    relation: &Relation,
    side: Side,
    fields: &[Column<'_>],
    logged: bool,
) -> String {
    let system = side.system_columns().iter().map(|column| format!("{} {}", Ident(column.name), column.definition));
    let fields = fields.iter().map(|field| format!("{} {}", field.name, field.column_type.as_str()));
    let primary_key = format!("primary key ({})", side.primary_key().join(", "));
    // Fields come first: PostgreSQL reads a row from its start to the last column that a query needs.
    let definitions: Vec<String> = fields.chain(system).chain([primary_key]).collect();
    format!(
        "create {}table {relation} ({}); create index on {relation} (_key) where _unfit is not null;",
        if logged { "" } else { "unlogged " },
        definitions.join(", ")
    )
}

/// Adds a column for each of the fields, of the type that it wants.
pub(in crate::query_tables) fn add_columns<'a>(relation: &Relation, fields: impl Iterator<Item = &'a Field>) -> String {
    let clauses: Vec<String> = fields
        .map(|field| format!("add column {} {}", Ident(&field.column_name), field.wanted_type.as_str()))
        .collect();
    alter_table(relation, &clauses)
}

/// A field's column that gets another type.
#[derive(Debug, Clone, Copy)]
pub(in crate::query_tables) struct TypeChange<'a> {
    field: &'a str,
    column: Ident<'a>,
    from: Option<ColumnType>,
    to: ColumnType,
}

impl<'a> TypeChange<'a> {
    /// To the type that the field wants.
    pub fn of(field: &'a Field) -> Self {
        let column = Ident(&field.column_name);
        Self { field: &field.name, column, from: field.column_type, to: field.wanted_type }
    }

    /// Converts the values in place. `None` where the new type may not hold all of them: then they are read from the
    /// ledger again.
    fn conversion(&self) -> Option<String> {
        match (self.from, self.to) {
            (Some(ColumnType::Bigint), ColumnType::Numeric) => Some(format!("{}::numeric", self.column)),
            (Some(ColumnType::Date), ColumnType::Timestamptz) => {
                Some(format!("{}::timestamp at time zone 'UTC'", self.column))
            }
            (Some(ColumnType::Date), ColumnType::Timestamp) => Some(format!("{}::timestamp", self.column)),
            _ => None,
        }
    }

    /// Whether the values are converted in place, so that no row has to be read again.
    pub fn keeps_values(&self) -> bool {
        self.conversion().is_some()
    }
}

/// Changes the types of columns, all in one rewrite of the table. Columns whose values are not converted in place
/// become null.
///
/// * `values_to_unfit`: move those values to `_unfit`
pub(in crate::query_tables) fn change_types(
    relation: &Relation,
    changes: &[TypeChange<'_>],
    values_to_unfit: bool,
) -> String {
    let mut clauses: Vec<String> = changes
        .iter()
        .map(|change| {
            let using = change.conversion().unwrap_or_else(|| "null".to_owned());
            format!("alter column {} type {} using {using}", change.column, change.to.as_str())
        })
        .collect();
    let moved: Vec<String> = changes
        .iter()
        .filter(|change| values_to_unfit && !change.keeps_values())
        .map(|TypeChange { field, column, .. }| {
            let field = Literal(field);
            format!("case when {column} is null then '{{}}'::jsonb else jsonb_build_object({field}, {column}) end")
        })
        .collect();
    if !moved.is_empty() {
        clauses.push(format!(
            "alter column _unfit type jsonb using nullif(coalesce(_unfit, '{{}}') || {}, '{{}}')",
            moved.join(" || ")
        ));
    }
    alter_table(relation, &clauses)
}

/// Replaces a column by an empty one of another type. Unlike a change of type, that takes as long in a table of any
/// size.
pub(in crate::query_tables) fn replace_column(relation: &Relation, field: &Field) -> String {
    let column = Ident(&field.column_name);
    let clauses = [format!("drop column {column}"), format!("add column {column} {}", field.wanted_type.as_str())];
    alter_table(relation, &clauses)
}

/// Adds a column that an operator dropped.
pub(in crate::query_tables) fn restore_column(
    relation: &Relation,
    column: Ident<'_>,
    column_type: ColumnType,
) -> String {
    alter_table(relation, &[format!("add column {column} {}", column_type.as_str())])
}

/// Changes back the type of a column that an operator changed. Its values are lost.
pub(in crate::query_tables) fn restore_type(relation: &Relation, column: Ident<'_>, column_type: ColumnType) -> String {
    alter_table(relation, &[format!("alter column {column} type {} using null", column_type.as_str())])
}

/// Creates the unique index that the primary key had.
pub(in crate::query_tables) fn unique_index(relation: &Relation, side: Side) -> String {
    format!("create unique index on {relation} ({})", side.primary_key().join(", "))
}

pub(in crate::query_tables) fn rename_column(relation: &Relation, from: &str, to: &str) -> String {
    alter_table(relation, &[format!("rename column {} to {}", Ident(from), Ident(to))])
}

pub(in crate::query_tables) fn drop_column(relation: &Relation, column: &str) -> String {
    alter_table(relation, &[format!("drop column {}", Ident(column))])
}

fn alter_table(relation: &Relation, clauses: &[String]) -> String {
    format!("alter table {relation} {}", clauses.join(", "))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn relation() -> Relation {
        Relation { schema: "synced", name: "plans".to_owned() }
    }

    fn field(name: &str, from: Option<ColumnType>, to: ColumnType) -> Field {
        let mut field = Field::new(name.to_owned(), name.to_lowercase(), DateTime::UNIX_EPOCH);
        (field.column_type, field.wanted_type) = (from, to);
        field
    }

    #[test]
    fn fields_come_before_system_columns() {
        let fields = [Column { name: Ident("seats"), column_type: ColumnType::Bigint }];
        let sql = create_table(&relation(), Side::Current, &fields, true);
        assert!(
            sql.starts_with(r#"create table "synced"."plans" ("seats" bigint, "_key" text collate "C" not null, "#),
            "{sql}"
        );
        assert!(sql.contains("primary key (_key));"), "{sql}");
        let sql = create_table(&relation(), Side::History, &fields, false);
        assert!(sql.starts_with("create unlogged table"), "{sql}");
        assert!(sql.contains("primary key (_key, _sent_at, _envelope_id, _position)"), "{sql}");
    }

    #[test]
    fn columns_are_added_with_the_type_that_they_want() {
        let fields = [field("Seats", None, ColumnType::Bigint), field("a\"b", None, ColumnType::Text)];
        assert_eq!(
            add_columns(&relation(), fields.iter()),
            r#"alter table "synced"."plans" add column "seats" bigint, add column "a""b" text"#
        );
    }

    #[test]
    fn widening_converts_in_place() {
        let fields = [
            field("price", Some(ColumnType::Bigint), ColumnType::Numeric),
            field("day", Some(ColumnType::Date), ColumnType::Timestamptz),
        ];
        let changes: Vec<_> = fields.iter().map(TypeChange::of).collect();
        assert!(changes.iter().all(TypeChange::keeps_values));
        assert_eq!(
            change_types(&relation(), &changes, true),
            concat!(
                r#"alter table "synced"."plans" alter column "price" type numeric using "price"::numeric, "#,
                r#"alter column "day" type timestamptz using "day"::timestamp at time zone 'UTC'"#,
            )
        );
    }

    #[test]
    fn other_changes_empty_the_column_and_can_keep_its_values_in_unfit() {
        let fields = [field("O'Neil", Some(ColumnType::Bigint), ColumnType::Text)];
        let changes: Vec<_> = fields.iter().map(TypeChange::of).collect();
        assert!(!changes[0].keeps_values());
        let emptied = r#"alter table "synced"."plans" alter column "o'neil" type text using null"#;
        assert_eq!(change_types(&relation(), &changes, false), emptied);
        assert_eq!(
            change_types(&relation(), &changes, true),
            format!(
                "{emptied}, alter column _unfit type jsonb using nullif(coalesce(_unfit, '{{}}') || case when \
                 \"o'neil\" is null then '{{}}'::jsonb else jsonb_build_object(e'O''Neil', \"o'neil\") end, '{{}}')"
            )
        );
    }
}
