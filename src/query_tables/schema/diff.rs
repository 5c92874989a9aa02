//! How query tables differ from the catalogue. Pure: `repair` makes them the same again, `reports::drift` lists it for
//! `doctor`.

use std::collections::HashMap;
use std::fmt;

use crate::columns::{Catalogue, ColumnType};
use crate::query_tables::Side;

/// A query table as it is in the database.
#[derive(Debug)]
pub(in crate::query_tables) struct ActualTable {
    pub side: Side,
    /// The columns with their types, whoever created them.
    pub columns: HashMap<String, String>,
    /// Whether a unique index covers exactly the columns of its primary key.
    pub has_unique_key: bool,
}

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::query_tables) enum Drift {
    NoSystemColumn(&'static str),
    /// A field's column.
    NoColumn(String, ColumnType),
    /// A field's column, the type in the database, and that of the catalogue.
    OtherType(String, String, ColumnType),
    NoUniqueKey,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSystemColumn(name) => write!(f, "the system column {name} is missing"),
            Self::NoColumn(name, _) => write!(f, "the column {name} is missing"),
            Self::OtherType(name, found, wanted) => {
                write!(f, "its column {name} is {found}, not {}", wanted.as_str())
            }
            Self::NoUniqueKey => write!(f, "it has no unique key"),
        }
    }
}

/// How a table differs from the catalogue.
pub(in crate::query_tables) fn diff(catalogue: &Catalogue, actual: &ActualTable) -> Vec<Drift> {
    let system = actual.side.system_columns().iter().filter(|column| !actual.columns.contains_key(column.name));
    let fields = catalogue.columns().filter_map(|field| {
        let (name, wanted) = (field.column_name.clone(), field.column_type?);
        match actual.columns.get(&name) {
            None => Some(Drift::NoColumn(name, wanted)),
            Some(found) if found != wanted.as_str() => Some(Drift::OtherType(name, found.clone(), wanted)),
            Some(_) => None,
        }
    });
    let key = (!actual.has_unique_key).then_some(Drift::NoUniqueKey);
    system.map(|column| Drift::NoSystemColumn(column.name)).chain(fields).chain(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::Field;

    fn catalogue() -> Catalogue {
        let mut field = Field::new("id".to_owned(), "id".to_owned(), chrono::DateTime::UNIX_EPOCH);
        field.column_type = Some(ColumnType::Bigint);
        Catalogue::of(vec![field])
    }

    fn actual(columns: &[(&str, &str)]) -> ActualTable {
        let system = Side::Current.system_columns().iter().map(|column| (column.name.to_owned(), String::new()));
        let columns = columns.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned()));
        ActualTable { side: Side::Current, columns: system.chain(columns).collect(), has_unique_key: true }
    }

    #[test]
    fn a_table_with_columns_of_an_operators_own_does_not_differ() {
        assert_eq!(diff(&catalogue(), &actual(&[("id", "bigint"), ("note", "text")])), []);
    }

    #[test]
    fn each_difference_is_found() {
        let dropped = diff(&catalogue(), &actual(&[]));
        assert_eq!(dropped, [Drift::NoColumn("id".to_owned(), ColumnType::Bigint)]);
        let mut table = actual(&[("id", "text")]);
        table.columns.remove("_key");
        table.has_unique_key = false;
        let changed = Drift::OtherType("id".to_owned(), "text".to_owned(), ColumnType::Bigint);
        assert_eq!(diff(&catalogue(), &table), [Drift::NoSystemColumn("_key"), changed, Drift::NoUniqueKey]);
    }
}
