//! The kind of a value, and the column types that hold it.

use std::borrow::Cow;

use uuid::Uuid;

use super::number::{Decimal, plain};
use super::time::{Moment, moment};
use crate::envelope::canonical_json;

/// The kind of a value, as far as column types are concerned.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    strum::EnumCount,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum ValueKind {
    Null,
    Boolean,
    /// A number without fraction or exponent that fits a bigint.
    Integer,
    /// Any other number.
    Number,
    /// A string that is an ISO 8601 date.
    Date,
    /// A string that is an ISO 8601 timestamp with an offset.
    Timestamp,
    Text,
    /// An object or an array.
    Json,
    /// A string that is an ISO 8601 timestamp without an offset.
    LocalTimestamp,
    /// A string that is a UUID with hyphens.
    Uuid,
    /// A string that says nothing: empty or white space, or `0000-00-00`, which `MySQL` has instead of no date.
    Empty,
}

impl ValueKind {
    /// The word in the catalogue.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The types that a field's column can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum ColumnType {
    Boolean,
    Bigint,
    Numeric,
    Date,
    Timestamp,
    Timestamptz,
    Uuid,
    Text,
    Jsonb,
}

impl ColumnType {
    /// Whether its values are dates or times, which can have a [`super::Format`].
    pub fn is_temporal(self) -> bool {
        matches!(self, Self::Date | Self::Timestamp | Self::Timestamptz)
    }

    /// The name of the type in SQL and in the catalogue.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The narrowest type that holds values of this kind; `None` for those that every type holds.
    pub fn of_kind(kind: ValueKind) -> Option<Self> {
        match kind {
            ValueKind::Null | ValueKind::Empty => None,
            ValueKind::Boolean => Some(Self::Boolean),
            ValueKind::Integer => Some(Self::Bigint),
            ValueKind::Number => Some(Self::Numeric),
            ValueKind::Date => Some(Self::Date),
            ValueKind::Timestamp => Some(Self::Timestamptz),
            ValueKind::LocalTimestamp => Some(Self::Timestamp),
            ValueKind::Uuid => Some(Self::Uuid),
            ValueKind::Text => Some(Self::Text),
            ValueKind::Json => Some(Self::Jsonb),
        }
    }

    /// The narrowest type that holds values of all these kinds; text if there are none.
    pub fn holding(kinds: impl IntoIterator<Item = ValueKind>) -> Self {
        kinds.into_iter().filter_map(Self::of_kind).reduce(Self::join).unwrap_or(Self::Text)
    }

    /// The narrowest type that holds the values of both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Jsonb, _) | (_, Self::Jsonb) => Self::Jsonb,
            (Self::Bigint, Self::Numeric) | (Self::Numeric, Self::Bigint) => Self::Numeric,
            (Self::Date, Self::Timestamptz) | (Self::Timestamptz, Self::Date) => Self::Timestamptz,
            (Self::Date, Self::Timestamp) | (Self::Timestamp, Self::Date) => Self::Timestamp,
            _ => Self::Text,
        }
    }

    /// Whether it takes every string, so that an empty one is a value like others.
    pub(super) fn takes_strings(self) -> bool {
        matches!(self, Self::Text | Self::Jsonb)
    }
}

/// A field's value, read from its JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    /// The literal.
    Number(&'a str),
    Text(Cow<'a, str>),
    Moment(Cow<'a, str>, Moment),
    Uuid(Cow<'a, str>, Uuid),
    /// The JSON.
    Json(&'a str),
}

impl<'a> Value<'a> {
    /// Reads a JSON value.
    ///
    /// * `json`: valid JSON that jsonb takes (see `envelope::sanitize_json`), without white space around it
    pub fn read(json: &'a str) -> Self {
        match json.as_bytes().first() {
            Some(b'n') | None => Self::Null,
            Some(b't') => Self::Boolean(true),
            Some(b'f') => Self::Boolean(false),
            Some(b'"') => {
                let text = string(json);
                if let Some(moment) = moment(&text) {
                    Self::Moment(text, moment)
                } else if let Some(uuid) = hyphenated(&text) {
                    Self::Uuid(text, uuid)
                } else {
                    Self::Text(text)
                }
            }
            Some(b'{' | b'[') => Self::Json(json),
            Some(_) => match json.parse() {
                Ok(integer) => Self::Integer(integer),
                Err(_) => Self::Number(json),
            },
        }
    }

    /// Whether it is a number with a fraction or an exponent that a bigint holds all the same.
    pub fn is_whole(&self) -> bool {
        let Self::Number(literal) = self else { return false };
        Decimal::read(literal).is_some_and(|number| number.to_bigint().is_some())
    }

    pub fn kind(&self) -> ValueKind {
        match self {
            Self::Null => ValueKind::Null,
            Self::Boolean(_) => ValueKind::Boolean,
            Self::Integer(_) => ValueKind::Integer,
            Self::Number(_) => ValueKind::Number,
            Self::Text(text) if is_blank(text) || is_zero_date(text) => ValueKind::Empty,
            Self::Text(_) => ValueKind::Text,
            Self::Moment(_, Moment::Date(_)) => ValueKind::Date,
            Self::Moment(_, Moment::Timestamp(_)) => ValueKind::Timestamp,
            Self::Moment(_, Moment::LocalTimestamp(_)) => ValueKind::LocalTimestamp,
            Self::Uuid(..) => ValueKind::Uuid,
            Self::Json(_) => ValueKind::Json,
        }
    }
}

/// The text of a JSON string; borrowed if nothing in it is escaped.
fn string(json: &str) -> Cow<'_, str> {
    let inner = &json[1..json.len() - 1];
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Cow::Borrowed(inner);
    }
    serde_json::from_str::<String>(json).map_or(Cow::Borrowed(inner), Cow::Owned)
}

/// Whether a string has nothing but white space.
pub(super) fn is_blank(text: &str) -> bool {
    text.trim_start().is_empty()
}

/// Whether it is the date that `MySQL` has instead of none, with a time or without
/// (<https://dev.mysql.com/doc/refman/8.4/en/using-date.html>).
pub(super) fn is_zero_date(text: &str) -> bool {
    let Some(time) = text.trim().strip_prefix("0000-00-00") else { return false };
    time.is_empty()
        || time.starts_with(['T', ' ']) && time.chars().all(|char| matches!(char, '0' | ':' | '.' | ' ' | 'T' | 'Z'))
}

/// A UUID in its usual form. Other forms that the library reads, such as 32 digits without hyphens, are text.
fn hyphenated(text: &str) -> Option<Uuid> {
    if text.len() == 36 { text.parse().ok() } else { None }
}

/// The same text for JSON that is the same for jsonb, whether it comes from a delivery or from the ledger.
pub fn canonical(json: &str) -> String {
    let number = |literal: &str, out: &mut String| out.push_str(plain(literal).as_deref().unwrap_or(literal));
    canonical_json(json, number).unwrap_or_else(|| json.to_owned())
}

/// How deep JSON in a query table may be nested: clients' parsers have limits of their own, often a few hundred.
const MAX_DEPTH: usize = 100;

/// Whether valid JSON is nested too deeply for a query table.
pub fn is_too_deep(json: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return true;
                }
            }
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_from_the_values() {
        for (json, kind) in [
            ("null", ValueKind::Null),
            ("true", ValueKind::Boolean),
            ("9223372036854775807", ValueKind::Integer),
            ("-0", ValueKind::Integer),
            ("9223372036854775808", ValueKind::Number),
            ("1.0", ValueKind::Number),
            ("1e3", ValueKind::Number),
            ("\"01234\"", ValueKind::Text),
            ("\"\"", ValueKind::Empty),
            ("\" \\t\"", ValueKind::Empty),
            ("\"0000-00-00\"", ValueKind::Empty),
            ("\"0000-00-00 00:00:00.000\"", ValueKind::Empty),
            ("\"0000-00-00T00:00:00Z\"", ValueKind::Empty),
            ("\"0000-00-00 soon\"", ValueKind::Text),
            ("\"0000-00-01\"", ValueKind::Text),
            ("\"2020-12-02\"", ValueKind::Date),
            ("\"2020-12-02T00:00:00Z\"", ValueKind::Timestamp),
            ("\"2020-12-02T00:00:00\"", ValueKind::LocalTimestamp),
            ("\"5A3E7F0C-91d4-4c58-9d3b-2f6a1c0e8b47\"", ValueKind::Uuid),
            ("\"5a3e7f0c91d44c589d3b2f6a1c0e8b47\"", ValueKind::Text),
            ("{}", ValueKind::Json),
            ("[1]", ValueKind::Json),
        ] {
            assert_eq!(Value::read(json).kind(), kind, "{json}");
        }
    }

    #[test]
    fn a_column_is_of_the_narrowest_type_that_holds_all() {
        use ValueKind::{Boolean, Date, Empty, Integer, Json, LocalTimestamp, Null, Number, Text, Timestamp, Uuid};
        for (kinds, column_type) in [
            (&[][..], ColumnType::Text),
            (&[Null], ColumnType::Text),
            (&[Empty], ColumnType::Text),
            (&[Empty, Date], ColumnType::Date),
            (&[Empty, Json], ColumnType::Jsonb),
            (&[Null, Boolean], ColumnType::Boolean),
            (&[Integer], ColumnType::Bigint),
            (&[Number, Integer], ColumnType::Numeric),
            (&[Date], ColumnType::Date),
            (&[Date, Timestamp], ColumnType::Timestamptz),
            (&[Date, LocalTimestamp], ColumnType::Timestamp),
            (&[LocalTimestamp, Timestamp], ColumnType::Text),
            (&[Date, LocalTimestamp, Timestamp], ColumnType::Text),
            (&[Uuid, Null], ColumnType::Uuid),
            (&[Uuid, Text], ColumnType::Text),
            (&[Date, Text], ColumnType::Text),
            (&[Integer, Date], ColumnType::Text),
            (&[Boolean, Integer], ColumnType::Text),
            (&[Integer, Number, Text], ColumnType::Text),
            (&[Text, Json], ColumnType::Jsonb),
            (&[Json, Integer, Null], ColumnType::Jsonb),
        ] {
            assert_eq!(ColumnType::holding(kinds.iter().copied()), column_type, "{kinds:?}");
        }
    }
}
