//! One field: what has been seen of it, and the column type that follows.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use strum::{EnumCount as _, VariantArray as _};

use super::cell::Reading;
use super::format::Format;
use super::value::{ColumnType, ValueKind};

/// A field's type is learned from its first this many values that are not null.
pub const LEARNING_WINDOW: u64 = 1_000;

/// While it is learned, a kind of which at most one in this many values is decides nothing.
const RARE: u64 = 100;

/// After this many values, a type that a few early ones made too wide becomes narrower again. Not after each: a type
/// that goes to and fro rewrites the table each time.
const REVIEWS: [u64; 5] = [100, 200, 400, 700, LEARNING_WINDOW];

/// How many values of each kind were seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KindCounts([u64; ValueKind::COUNT]);

impl KindCounts {
    fn add(&mut self, kind: ValueKind) {
        self.0[kind as usize] += 1;
    }

    pub fn of(&self, kind: ValueKind) -> u64 {
        self.0[kind as usize]
    }

    /// The number of values that are not null.
    pub fn values(&self) -> u64 {
        self.0.iter().sum::<u64>() - self.of(ValueKind::Null)
    }

    /// Whether this kind is too rare to decide the type: at most one in [`RARE`] of the values that have a type.
    fn is_rare(&self, kind: ValueKind) -> bool {
        self.of(kind) * RARE <= self.values() - self.of(ValueKind::Empty)
    }

    /// The narrowest type that holds the values, but for rare ones that would make it text or jsonb.
    fn learned_type(&self) -> ColumnType {
        let (rare, common): (Vec<_>, Vec<_>) = self.seen().partition(|kind| self.is_rare(*kind));
        rare.into_iter().fold(ColumnType::holding(common), widened)
    }

    /// How many values are of a kind that this type does not hold. Some of them may fit by their value.
    fn beyond(&self, column_type: ColumnType) -> u64 {
        let fits =
            |kind: &ValueKind| ColumnType::of_kind(*kind).is_none_or(|other| column_type.join(other) == column_type);
        self.seen().filter(|kind| !fits(kind)).map(|kind| self.of(kind)).sum()
    }

    /// The kinds that were seen at all.
    pub fn seen(&self) -> impl Iterator<Item = ValueKind> {
        ValueKind::VARIANTS.iter().copied().filter(|kind| self.of(*kind) > 0)
    }

    /// The form in the catalogue: `{"integer": 990, "null": 10}`.
    pub fn to_json(&self) -> String {
        let seen: BTreeMap<&str, u64> = self.seen().map(|kind| (kind.as_str(), self.of(kind))).collect();
        serde_json::to_string(&seen).expect("a map of numbers is always JSON")
    }

    /// Reads the form of [`KindCounts::to_json`]; unknown kinds count as not seen.
    pub fn from_json(json: &str) -> Self {
        let counts: BTreeMap<String, u64> = serde_json::from_str(json).unwrap_or_default();
        Self(std::array::from_fn(|n| counts.get(ValueKind::VARIANTS[n].as_str()).copied().unwrap_or_default()))
    }
}

/// The narrowest type that holds values of this kind too; the same type if only text or jsonb does.
fn widened(column_type: ColumnType, kind: ValueKind) -> ColumnType {
    match ColumnType::of_kind(kind).map(|other| column_type.join(other)) {
        None | Some(ColumnType::Text | ColumnType::Jsonb) => column_type,
        Some(wider) => wider,
    }
}

/// The rows of the query tables that need a backfill for a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Rows {
    /// Those with the field in `_unfit`.
    Unfit,
    /// The same, and those that were received since the field was first seen: its column was empty for an instant.
    Recent,
    /// All: the field was hidden and is shown again, or its column is new.
    All,
    /// All, to erase the field's values: it was hidden.
    Erase,
}

impl Rows {
    /// The word in the catalogue.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One field of a sync: a row of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The field's name in Polytomic and in the ledger.
    pub name: String,
    /// Chosen when the field first appeared; only an operator changes it.
    pub column_name: String,
    /// The column's type; `None` if there is no column.
    pub column_type: Option<ColumnType>,
    /// The type that the column should have.
    pub wanted_type: ColumnType,
    /// An operator set the type; new values do not change it.
    pub pinned: bool,
    /// How its dates and times are written, if that is not ISO 8601 and an operator said so.
    pub format: Option<Format>,
    /// Part of the sync's identity. Not stored: the identity is the sync's.
    pub is_key: bool,
    /// Left out of the query tables.
    pub hidden: bool,
    /// Why the column does not have the type that it should have, if that takes an operator.
    pub blocked: Option<String>,
    /// The rows that need a backfill.
    pub needs_backfill: Option<Rows>,
    pub kinds: KindCounts,
    /// Values that did not fit the column since it got its type.
    pub misfits: u64,
    /// When the first of them was received.
    pub misfit_since: Option<DateTime<Utc>>,
    pub first_seen_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
}

impl Field {
    /// A field without values yet.
    pub fn new(name: String, column_name: String, now: DateTime<Utc>) -> Self {
        Self {
            name,
            column_name,
            column_type: None,
            wanted_type: ColumnType::Text,
            pinned: false,
            format: None,
            is_key: false,
            hidden: false,
            blocked: None,
            needs_backfill: None,
            kinds: KindCounts::default(),
            misfits: 0,
            misfit_since: None,
            first_seen_at: now,
            last_seen_at: now,
        }
    }

    /// Learns from one value. The result depends only on the order of the values, not on how they are grouped.
    ///
    /// * `is_whole`: whether it is a number that a bigint holds, such as `44.0`
    pub fn see(&mut self, kind: ValueKind, is_whole: impl FnOnce() -> bool) {
        let learning = self.kinds.values() < LEARNING_WINDOW;
        let news = self.kinds.of(kind) == 0;
        self.kinds.add(kind);
        if self.pinned || kind == ValueKind::Null {
            return;
        }
        self.wanted_type = if !learning {
            match (self.wanted_type, kind) {
                (ColumnType::Bigint, ValueKind::Number) if is_whole() => ColumnType::Bigint,
                (ColumnType::Bigint, ValueKind::Number)
                | (ColumnType::Date, ValueKind::Timestamp | ValueKind::LocalTimestamp) => {
                    widened(self.wanted_type, kind)
                }
                (learned, _) => learned,
            }
        } else if self.is_key {
            // Each value of an identity counts.
            ColumnType::holding(self.kinds.seen())
        } else if news || REVIEWS.contains(&self.kinds.values()) {
            self.kinds.learned_type()
        } else if self.kinds.is_rare(kind) {
            widened(self.wanted_type, kind)
        } else {
            ColumnType::of_kind(kind).map_or(self.wanted_type, |other| self.wanted_type.join(other))
        };
    }

    /// The type to give it so that values which do not fit get into its column; `None` if all do.
    pub fn type_for_misfits(&self) -> Option<ColumnType> {
        if self.misfits == 0 || self.hidden {
            return None;
        }
        let holding = ColumnType::holding(self.kinds.seen());
        Some(if self.column_type != Some(self.wanted_type) {
            self.wanted_type
        } else if Some(holding) == self.column_type {
            ColumnType::Text
        } else {
            holding
        })
    }

    /// Whether the query tables must change for this field. It gets no column before its first value that is not null:
    /// that has the type.
    pub fn is_due(&self) -> bool {
        let has_type = self.column_type.is_some() || self.pinned || self.is_key || self.kinds.values() > 0;
        !self.hidden && has_type && self.column_type != Some(self.wanted_type)
    }

    /// Whether its type is being learned, so that few rows have a value.
    pub fn is_learning(&self) -> bool {
        !self.pinned && self.kinds.values() <= LEARNING_WINDOW
    }

    /// How its values are converted.
    pub fn reading(&self) -> Reading<'_> {
        match &self.format {
            Some(format) if self.pinned => Reading::Formatted(format),
            _ if self.pinned => Reading::Lenient,
            _ if self.is_key => Reading::Key,
            _ => Reading::Strict,
        }
    }

    /// Counts a value that did not fit the column.
    pub fn count_misfit(&mut self, received_at: DateTime<Utc>) {
        self.misfits += 1;
        self.misfit_since = Some(self.misfit_since.map_or(received_at, |since| since.min(received_at)));
    }

    /// Notes that the column is gone.
    pub fn lose_column(&mut self) {
        self.column_type = None;
        (self.misfits, self.misfit_since) = (0, None);
    }

    /// Notes that the column has the type that the values want.
    ///
    /// * `before`: the values that were counted before; of rare kinds, they do not fit a type that was learned
    pub fn gain_column(&mut self, before: &KindCounts) {
        self.column_type = Some(self.wanted_type);
        self.blocked = None;
        self.misfits = if self.pinned { 0 } else { before.beyond(self.wanted_type) };
        self.misfit_since = (self.misfits > 0).then_some(self.first_seen_at);
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
        kinds.into_iter().for_each(|kind| field.see(kind, || false));
        field.wanted_type
    }

    #[test]
    fn while_learning_the_type_holds_all_that_was_seen() {
        assert_eq!(after([ValueKind::Null, ValueKind::Null]), ColumnType::Text);
        assert_eq!(after([ValueKind::Null, ValueKind::Integer]), ColumnType::Bigint);
        assert_eq!(after([ValueKind::Integer, ValueKind::Text]), ColumnType::Text);
        assert_eq!(after([ValueKind::Text, ValueKind::Json]), ColumnType::Jsonb);
    }

    #[test]
    fn one_in_a_hundred_decides_nothing() {
        use ValueKind::{Date, Empty, Integer, Json, LocalTimestamp, Number, Text, Timestamp};
        let many = |kind, n: usize| std::iter::repeat_n(kind, n);
        for (common, rare, column_type) in [
            (Integer, Text, ColumnType::Bigint),
            (Text, Json, ColumnType::Text),
            (Date, Integer, ColumnType::Date),
            (Timestamp, LocalTimestamp, ColumnType::Timestamptz),
            (Json, Text, ColumnType::Jsonb),
            // A wider type holds both.
            (Integer, Number, ColumnType::Numeric),
            (Date, Timestamp, ColumnType::Timestamptz),
            (Text, Integer, ColumnType::Text),
        ] {
            for at in [0, 1, 50, 99, 150, 999] {
                let kinds = many(common, at).chain([rare]).chain(many(common, 999 - at));
                assert_eq!(after(kinds), column_type, "{rare:?} at {at} of {common:?}");
            }
        }
        assert_eq!(after(many(Integer, 980).chain(many(Text, 20))), ColumnType::Text, "2 in a hundred");
        assert_eq!(after(many(Integer, 98).chain([Text])), ColumnType::Text, "1 of 99 is not rare yet");
        let blanks = many(Empty, 901).chain([Integer, Text]).chain(many(Integer, 97));
        assert_eq!(after(blanks), ColumnType::Text, "empty ones make nothing rare");
        assert_eq!(after([Empty, Date, Empty]), ColumnType::Date);
    }

    #[test]
    fn each_value_of_an_identity_counts() {
        let mut field = Field { is_key: true, ..field() };
        std::iter::repeat_n(ValueKind::Integer, 999)
            .chain([ValueKind::Text])
            .for_each(|kind| field.see(kind, || false));
        assert_eq!(field.wanted_type, ColumnType::Text);
    }

    #[test]
    fn a_column_that_does_not_hold_rare_values_counts_them() {
        let mut field = field();
        std::iter::repeat_n(ValueKind::Integer, 200)
            .chain([ValueKind::Text])
            .for_each(|kind| field.see(kind, || false));
        let before = field.kinds.clone();
        field.gain_column(&before);
        assert_eq!((field.column_type, field.misfits), (Some(ColumnType::Bigint), 1));
        assert_eq!(field.misfit_since, Some(field.first_seen_at));
        field.lose_column();
        assert_eq!((field.column_type, field.misfits, field.misfit_since), (None, 0, None));
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
        field.see(ValueKind::Integer, || false);
        assert_eq!((field.wanted_type, field.kinds.of(ValueKind::Integer)), (ColumnType::Text, 1));
    }

    #[test]
    fn counts_come_back_as_they_were_written() {
        let mut field = field();
        for kind in [ValueKind::Null, ValueKind::Integer, ValueKind::Integer] {
            field.see(kind, || false);
        }
        assert_eq!(field.kinds.to_json(), r#"{"integer":2,"null":1}"#);
        assert_eq!(KindCounts::from_json(&field.kinds.to_json()), field.kinds);
    }
}
