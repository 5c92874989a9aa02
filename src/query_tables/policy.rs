//! Which changes the query tables need, and which of them are made now. Pure: the catalogue and the table's size come as arguments.

use crate::columns::{Catalogue, MAX_COLUMNS};

/// Tables with more rows are rewritten only on an operator's command.
pub(super) const MAX_REWRITE: i64 = 100_000;

/// Who wants the tables changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The projector, which does not rewrite large tables.
    Projector,
    /// An operator, who was told what it costs.
    Operator,
}

/// When the rows get their values after a change of a column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rewrite {
    /// In the same transaction.
    AtOnce,
    /// In batches after it, beside the traffic.
    InBatches,
}

/// How a table is rewritten; `None` if that takes an operator.
///
/// * `large`: it has more than [`MAX_REWRITE`] rows
pub(super) fn rewrite(by: By, large: bool) -> Option<Rewrite> {
    match (by, large) {
        (By::Projector, true) => None,
        (By::Operator, true) => Some(Rewrite::InBatches),
        (_, false) => Some(Rewrite::AtOnce),
    }
}

/// Fields without a column that should have one, by their index in the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MissingColumns {
    pub add: Vec<usize>,
    /// The table has no place for these.
    pub no_place: Vec<usize>,
}

/// Which fields get a column: those of the identity, and others in order of first appearance, as far as the table has
/// places.
pub(super) fn missing_columns(catalogue: &Catalogue) -> MissingColumns {
    let fields = catalogue.fields().iter().enumerate();
    let missing = fields.filter(|(_, field)| field.column_type.is_none() && field.is_due());
    let (keys, others): (Vec<_>, Vec<_>) = missing.partition(|(_, field)| field.is_key);
    let places = MAX_COLUMNS.saturating_sub(catalogue.columns().count() + keys.len());
    let mut others = others.into_iter().map(|(n, _)| n);
    let mut add: Vec<usize> = keys.into_iter().map(|(n, _)| n).chain(others.by_ref().take(places)).collect();
    add.sort_unstable();
    MissingColumns { add, no_place: others.collect() }
}

/// Fields with a column of another type than they want, by their index in the catalogue.
///
/// * `blocked`: include those that were blocked the last time
pub(super) fn outdated_types(catalogue: &Catalogue, blocked: bool) -> Vec<usize> {
    let fields = catalogue.fields().iter().enumerate();
    fields
        .filter(|(_, field)| field.column_type.is_some() && field.is_due() && (blocked || field.blocked.is_none()))
        .map(|(n, _)| n)
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::columns::{ColumnType, Field};

    fn field(n: usize, column_type: Option<ColumnType>, wanted_type: ColumnType) -> Field {
        let mut field = Field::new(format!("f{n}"), format!("f{n}"), DateTime::UNIX_EPOCH);
        (field.column_type, field.wanted_type) = (column_type, wanted_type);
        field
    }

    #[test]
    fn large_tables_are_rewritten_for_operators_alone() {
        assert_eq!(rewrite(By::Projector, true), None);
        assert_eq!(rewrite(By::Operator, true), Some(Rewrite::InBatches));
        assert_eq!(rewrite(By::Projector, false), Some(Rewrite::AtOnce));
    }

    #[test]
    fn fields_get_columns_in_order_until_the_table_is_full() {
        let mut fields: Vec<Field> =
            (0..MAX_COLUMNS - 1).map(|n| field(n, Some(ColumnType::Text), ColumnType::Text)).collect();
        fields.extend((500..503).map(|n| field(n, None, ColumnType::Text)));
        fields[MAX_COLUMNS - 1].hidden = true;
        let missing = missing_columns(&Catalogue::of(fields));
        assert_eq!(missing, MissingColumns { add: vec![MAX_COLUMNS], no_place: vec![MAX_COLUMNS + 1] });
    }

    #[test]
    fn the_identity_has_its_columns_first_and_past_the_limit() {
        let with_columns = |count: usize| {
            let mut fields: Vec<Field> =
                (0..count).map(|n| field(n, Some(ColumnType::Text), ColumnType::Text)).collect();
            fields.extend((500..503).map(|n| field(n, None, ColumnType::Text)));
            fields[count + 1].is_key = true;
            missing_columns(&Catalogue::of(fields))
        };
        assert_eq!(with_columns(399), MissingColumns { add: vec![400], no_place: vec![399, 401] });
        assert_eq!(with_columns(400), MissingColumns { add: vec![401], no_place: vec![400, 402] });
        assert_eq!(with_columns(398), MissingColumns { add: vec![398, 399], no_place: vec![400] });
    }

    #[test]
    fn blocked_types_are_left_alone_unless_asked_for() {
        let mut fields: Vec<Field> = (0..3).map(|n| field(n, Some(ColumnType::Bigint), ColumnType::Text)).collect();
        fields[1].blocked = Some("a view depends on it".to_owned());
        fields[2].wanted_type = ColumnType::Bigint;
        let catalogue = Catalogue::of(fields);
        assert_eq!(outdated_types(&catalogue, false), [0]);
        assert_eq!(outdated_types(&catalogue, true), [0, 1]);
    }
}
