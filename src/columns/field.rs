//! What is known of one field, and what that makes of its column.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::value::{ColumnType, Reading, ValueKind};

/// A field's type is learned from this many values that are not null.
pub const LEARNING_WINDOW: u64 = 1_000;

/// How often each kind of value was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KindCounts([u64; ValueKind::ALL.len()]);

impl KindCounts {
    fn add(&mut self, kind: ValueKind) {
        self.0[kind as usize] += 1;
    }

    pub fn of(&self, kind: ValueKind) -> u64 {
        self.0[kind as usize]
    }

    /// Values that are not null.
    pub fn values(&self) -> u64 {
        self.0.iter().sum::<u64>() - self.of(ValueKind::Null)
    }

    /// The kinds that were seen at all.
    pub fn seen(&self) -> impl Iterator<Item = ValueKind> {
        ValueKind::ALL.into_iter().filter(|kind| self.of(*kind) > 0)
    }

    /// As the catalogue keeps it: `{"integer": 990, "null": 10}`.
    pub fn to_json(&self) -> String {
        let seen: BTreeMap<&str, u64> = self.seen().map(|kind| (kind.as_str(), self.of(kind))).collect();
        serde_json::to_string(&seen).expect("a map of numbers is always JSON")
    }

    /// Reads what [`KindCounts::to_json`] wrote; what is not understood counts as not seen.
    pub fn from_json(json: &str) -> Self {
        let counts: BTreeMap<String, u64> = serde_json::from_str(json).unwrap_or_default();
        Self(ValueKind::ALL.map(|kind| counts.get(kind.as_str()).copied().unwrap_or_default()))
    }
}

/// Rows of the query tables that are still to be brought in line with a field's column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Those that keep one in `_unfit`.
    Unfit,
    /// All: the field was hidden and is shown again, or its column is new.
    All,
    /// All, to erase its values: the field is hidden.
    Erase,
}

impl Rows {
    /// The word in the catalogue.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unfit => "unfit",
            Self::All => "all",
            Self::Erase => "erase",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        [Self::Unfit, Self::All, Self::Erase].into_iter().find(|rows| rows.as_str() == name)
    }
}

/// One field of a sync: a row of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The field's name in Polytomic, as the ledger has it.
    pub name: String,
    /// Chosen when the field first appeared; changed by an operator alone.
    pub column_name: String,
    /// What the column is now; `None` while there is no such column.
    pub column_type: Option<ColumnType>,
    /// What it is to be.
    pub wanted_type: ColumnType,
    /// The type was set by an operator: nothing that arrives changes it.
    pub pinned: bool,
    /// Left out of the query tables.
    pub hidden: bool,
    /// Why the column is not what it is to be, where that does not go away by itself.
    pub blocked: Option<String>,
    /// Which rows are still to be brought in line with its column.
    pub needs_backfill: Option<Rows>,
    pub kinds: KindCounts,
    pub first_seen_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
}

impl Field {
    /// A field that has not shown anything yet.
    pub fn new(name: String, column_name: String, now: DateTime<Utc>) -> Self {
        Self {
            name,
            column_name,
            column_type: None,
            wanted_type: ColumnType::Text,
            pinned: false,
            hidden: false,
            blocked: None,
            needs_backfill: None,
            kinds: KindCounts::default(),
            first_seen_at: now,
            last_seen_at: now,
        }
    }

    /// Learns from one value. What it learns depends on the order of the values alone, not on how they are grouped.
    pub fn see(&mut self, kind: ValueKind) {
        let learning = self.kinds.values() < LEARNING_WINDOW;
        let news = self.kinds.of(kind) == 0;
        self.kinds.add(kind);
        if self.pinned {
            return;
        }
        if learning {
            if news {
                self.wanted_type = ColumnType::holding(self.kinds.seen());
            }
        } else {
            self.wanted_type = match (self.wanted_type, kind) {
                (ColumnType::Bigint, ValueKind::Number) => ColumnType::Numeric,
                (ColumnType::Date, ValueKind::Timestamp) => ColumnType::Timestamptz,
                (settled, _) => settled,
            };
        }
    }

    /// Whether the query tables have to change before they show this field as they should.
    pub fn is_due(&self) -> bool {
        !self.hidden && self.column_type != Some(self.wanted_type)
    }

    /// How its values are read.
    pub fn reading(&self) -> Reading {
        if self.pinned { Reading::Lenient } else { Reading::Strict }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field() -> Field {
        Field::new("seats".to_owned(), "seats".to_owned(), DateTime::UNIX_EPOCH)
    }

    fn after(kinds: impl IntoIterator<Item = ValueKind>) -> ColumnType {
        let mut field = field();
        kinds.into_iter().for_each(|kind| field.see(kind));
        field.wanted_type
    }

    #[test]
    fn while_learning_the_type_holds_all_that_was_seen() {
        assert_eq!(after([ValueKind::Null, ValueKind::Null]), ColumnType::Text);
        assert_eq!(after([ValueKind::Null, ValueKind::Integer]), ColumnType::Bigint);
        assert_eq!(after([ValueKind::Integer, ValueKind::Text]), ColumnType::Text);
        assert_eq!(after([ValueKind::Text, ValueKind::Json]), ColumnType::Jsonb);
        let window = std::iter::repeat_n(ValueKind::Integer, 999);
        assert_eq!(after(window.chain([ValueKind::Text])), ColumnType::Text, "the thousandth still counts");
    }

    #[test]
    fn after_the_window_only_widening_happens() {
        let integers = || std::iter::repeat_n(ValueKind::Integer, 1_000);
        assert_eq!(after(integers().chain([ValueKind::Text, ValueKind::Json, ValueKind::Null])), ColumnType::Bigint);
        assert_eq!(after(integers().chain([ValueKind::Number])), ColumnType::Numeric);
        let dates = || std::iter::repeat_n(ValueKind::Date, 1_000);
        assert_eq!(after(dates().chain([ValueKind::Timestamp])), ColumnType::Timestamptz);
        assert_eq!(after(dates().chain([ValueKind::Integer])), ColumnType::Date);
        let nulls = std::iter::repeat_n(ValueKind::Null, 5_000);
        assert_eq!(after(nulls.chain([ValueKind::Boolean])), ColumnType::Boolean, "nulls teach nothing");
    }

    #[test]
    fn a_pinned_type_stays() {
        let mut field = field();
        field.wanted_type = ColumnType::Text;
        field.pinned = true;
        field.see(ValueKind::Integer);
        assert_eq!((field.wanted_type, field.kinds.of(ValueKind::Integer)), (ColumnType::Text, 1));
    }

    #[test]
    fn counts_come_back_as_they_were_written() {
        let mut field = field();
        for kind in [ValueKind::Null, ValueKind::Integer, ValueKind::Integer] {
            field.see(kind);
        }
        assert_eq!(field.kinds.to_json(), r#"{"integer":2,"null":1}"#);
        assert_eq!(KindCounts::from_json(&field.kinds.to_json()), field.kinds);
    }
}
