//! Which changes the query tables need, and which of them are made now. Pure: the catalogue and the table's size come
//! as arguments.

use crate::columns::{Catalogue, Field};

/// Tables with more rows are rewritten only on an operator's command.
pub(in crate::query_tables) const MAX_REWRITE: i64 = 100_000;

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
pub(in crate::query_tables) enum Rewrite {
    /// In the same transaction.
    AtOnce,
    /// In batches after it, while deliveries continue.
    InBatches,
}

/// How a table is rewritten; `None` if that takes an operator.
///
/// * `large`: it has more than [`MAX_REWRITE`] rows
pub(in crate::query_tables) fn rewrite(by: By, large: bool) -> Option<Rewrite> {
    match (by, large) {
        (By::Projector, true) => None,
        (By::Operator, true) => Some(Rewrite::InBatches),
        (_, false) => Some(Rewrite::AtOnce),
    }
}

/// Which of the changes that the catalogue wants are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueChanges {
    /// Those that were not blocked the last time.
    Unblocked,
    All,
}

impl DueChanges {
    /// Whether the field has a change that is made.
    pub fn includes(self, field: &Field) -> bool {
        field.is_due() && (self == Self::All || field.blocked.is_none())
    }
}

/// Fields with a column of another type than they want, by their index in the catalogue.
pub(in crate::query_tables) fn outdated_types(catalogue: &Catalogue, changes: DueChanges) -> Vec<usize> {
    let fields = catalogue.fields().iter().enumerate();
    fields.filter(|(_, field)| field.column_type.is_some() && changes.includes(field)).map(|(n, _)| n).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::columns::ColumnType;

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
    fn blocked_types_are_left_alone_unless_asked_for() {
        let mut fields: Vec<Field> = (0..3).map(|n| field(n, Some(ColumnType::Bigint), ColumnType::Text)).collect();
        fields[1].blocked = Some("a view depends on it".to_owned());
        fields[2].wanted_type = ColumnType::Bigint;
        let catalogue = Catalogue::of(fields);
        assert_eq!(outdated_types(&catalogue, DueChanges::Unblocked), [0]);
        assert_eq!(outdated_types(&catalogue, DueChanges::All), [0, 1]);
    }
}
