//! How a value becomes a cell of a column.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use uuid::Uuid;

use super::format::Format;
use super::number::{Decimal, is_plain, plain};
use super::time::{Moment, moment};
use super::value::{ColumnType, Value, canonical, is_blank, is_too_deep, is_zero_date};

/// How values are converted to a column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading<'a> {
    /// A string is never a number: `"01234"` is a postcode.
    Strict,
    /// The same, but a string that is exactly a number's text is that number: an entity stays one when its source
    /// changes the type of its id.
    Key,
    /// An operator pinned the type: strings are parsed as that type, timestamps without an offset as UTC.
    Lenient,
    /// The same, and dates and times are written in this format, or in ISO 8601.
    Formatted(&'a Format),
}

/// A value in the form that its column takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    Null,
    Boolean(bool),
    Bigint(i64),
    /// A literal that PostgreSQL reads as this number: it may have an exponent, or leading zeros.
    Numeric(Cow<'a, str>),
    Date(NaiveDate),
    Timestamp(NaiveDateTime),
    Timestamptz(DateTime<Utc>),
    Uuid(Uuid),
    Text(Cow<'a, str>),
    Jsonb(Cow<'a, str>),
}

impl<'a> Value<'a> {
    /// The value for a column of this type; `None` if it does not fit. PostgreSQL takes every cell that is returned.
    ///
    /// * `json`: the value's JSON
    pub fn cell(&self, json: &'a str, column_type: ColumnType, reading: Reading<'_>) -> Option<Cell<'a>> {
        if *self == Self::Null || self.is_empty_in(column_type) {
            return Some(Cell::Null);
        }
        if let Reading::Formatted(format) = reading
            && let Some(moment) = format.parse(self)
        {
            match column_type {
                ColumnType::Date => return Some(Cell::Date(moment.local().date())),
                ColumnType::Timestamp => return Some(Cell::Timestamp(moment.local())),
                ColumnType::Timestamptz => return Some(Cell::Timestamptz(moment.local().and_utc())),
                _ => {}
            }
        }
        let lenient = matches!(reading, Reading::Lenient | Reading::Formatted(_));
        match column_type {
            ColumnType::Jsonb if matches!(self, Self::Json(_)) && is_too_deep(json) => None,
            ColumnType::Jsonb => Some(Cell::Jsonb(Cow::Borrowed(json))),
            ColumnType::Text => match self {
                Self::Json(json) if lenient => Some(Cell::Text(Cow::Owned(canonical(json)))),
                _ => self.text().map(Cell::Text),
            },
            ColumnType::Boolean => match self {
                Self::Boolean(value) => Some(Cell::Boolean(*value)),
                Self::Text(text) if lenient => boolean(text.trim()).map(Cell::Boolean),
                Self::Integer(value @ 0..=1) if lenient => Some(Cell::Boolean(*value == 1)),
                _ => None,
            },
            ColumnType::Bigint => match self {
                Self::Integer(value) => Some(Cell::Bigint(*value)),
                Self::Number(literal) => Decimal::read(literal)?.to_bigint().map(Cell::Bigint),
                Self::Text(text) if lenient => Decimal::read(decimal(text.trim())?)?.to_bigint().map(Cell::Bigint),
                Self::Text(text) if reading == Reading::Key => {
                    text.parse::<i64>().ok().filter(|value| value.to_string() == **text).map(Cell::Bigint)
                }
                _ => None,
            },
            ColumnType::Numeric => match self {
                Self::Integer(value) => Some(Cell::Numeric(Cow::Owned(value.to_string()))),
                Self::Number(literal) => Decimal::read(literal).map(|_| Cell::Numeric(Cow::Borrowed(literal))),
                Self::Text(text) if lenient => {
                    let literal = decimal(text.trim()).filter(|literal| Decimal::read(literal).is_some());
                    literal.map(|literal| Cell::Numeric(Cow::Owned(literal.to_owned())))
                }
                Self::Text(text) if reading == Reading::Key => {
                    let is_number = decimal(text) == Some(&**text) && is_plain(text);
                    is_number.then(|| Cell::Numeric(text.clone()))
                }
                _ => None,
            },
            ColumnType::Date => match self.moment(lenient)? {
                Moment::Date(date) => Some(Cell::Date(date)),
                Moment::Timestamp(_) | Moment::LocalTimestamp(_) => None,
            },
            ColumnType::Timestamp => match self.moment(lenient)? {
                Moment::Timestamp(_) => None,
                moment @ (Moment::LocalTimestamp(_) | Moment::Date(_)) => Some(Cell::Timestamp(moment.local())),
            },
            ColumnType::Timestamptz => match self.moment(lenient)? {
                Moment::LocalTimestamp(_) if !lenient => None,
                // A date as SQL converts it in a session whose time zone is UTC.
                moment => Some(Cell::Timestamptz(moment.local().and_utc())),
            },
            ColumnType::Uuid => match self {
                Self::Uuid(_, uuid) => Some(Cell::Uuid(*uuid)),
                Self::Text(text) if lenient => uuid(text.trim()).map(Cell::Uuid),
                _ => None,
            },
        }
    }

    /// Whether it is a string that says nothing where this type is meant.
    fn is_empty_in(&self, column_type: ColumnType) -> bool {
        match self {
            _ if column_type.takes_strings() => false,
            Self::Text(text) => is_blank(text) || column_type.is_temporal() && is_zero_date(text),
            _ => false,
        }
    }

    /// Whether it is a time without an offset, which a timestamptz takes as UTC.
    pub fn has_no_offset(&self, reading: Reading<'_>) -> bool {
        let moment = match reading {
            Reading::Formatted(format) => format.parse(self).or_else(|| self.moment(true)),
            _ => self.moment(reading == Reading::Lenient),
        };
        matches!(moment, Some(Moment::LocalTimestamp(_)))
    }

    /// The date or time that it is.
    fn moment(&self, lenient: bool) -> Option<Moment> {
        match self {
            Self::Moment(_, moment) => Some(*moment),
            Self::Text(text) if lenient => moment(text.trim()),
            _ => None,
        }
    }

    /// As text, like `->>` on jsonb; `None` for objects, arrays, and numbers beyond `numeric`.
    fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Null | Self::Json(_) => None,
            Self::Boolean(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
            Self::Integer(value) => Some(Cow::Owned(value.to_string())),
            Self::Number(literal) => plain(literal).map(Cow::Owned),
            Self::Text(text) | Self::Moment(text, _) | Self::Uuid(text, _) => Some(text.clone()),
        }
    }
}

/// A boolean as PostgreSQL reads it: `true`, `yes`, `on`, `1` and their opposites, and what they begin with, if that is
/// one of them (<https://www.postgresql.org/docs/current/datatype-boolean.html>).
fn boolean(text: &str) -> Option<bool> {
    let text = text.to_lowercase();
    let words = [
        ("true", true),
        ("yes", true),
        ("on", true),
        ("1", true),
        ("false", false),
        ("no", false),
        ("off", false),
        ("0", false),
    ];
    let mut meant =
        words.iter().filter(|(word, _)| !text.is_empty() && word.starts_with(&text)).map(|(_, value)| *value);
    let first = meant.next()?;
    meant.all(|other| other == first).then_some(first)
}

/// A UUID as PostgreSQL reads it: in braces or not, with hyphens wherever they are or none.
fn uuid(text: &str) -> Option<Uuid> {
    let bare = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let digits = bare.replace('-', "");
    if digits.len() == 32 { digits.parse().ok() } else { None }
}

/// A number as PostgreSQL reads it, without its plus sign: leading zeros, and a point without digits on one of its
/// sides, are allowed.
fn decimal(text: &str) -> Option<&str> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(one, two)| (one, Some(two)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    let good = are_digits(whole)
        && are_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && are_digits(exponent));
    good.then(|| text.strip_prefix('+').unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: &str, column_type: ColumnType, reading: Reading<'_>) -> String {
        match Value::read(json).cell(json, column_type, reading) {
            None => "misfit".to_owned(),
            Some(Cell::Null) => "null".to_owned(),
            Some(Cell::Boolean(value)) => value.to_string(),
            Some(Cell::Bigint(value)) => value.to_string(),
            Some(Cell::Numeric(literal)) => plain(&literal).expect("it is in the limits"),
            Some(Cell::Text(text) | Cell::Jsonb(text)) => text.into_owned(),
            Some(Cell::Date(date)) => date.to_string(),
            Some(Cell::Timestamp(local)) => local.to_string(),
            Some(Cell::Timestamptz(time)) => time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            Some(Cell::Uuid(uuid)) => uuid.to_string(),
        }
    }

    #[test]
    fn values_fit_or_do_not() {
        use ColumnType::{Bigint, Boolean, Date, Jsonb, Numeric, Text, Timestamp, Timestamptz, Uuid};
        for (json, column_type, expected) in [
            ("null", Bigint, "null"),
            ("true", Boolean, "true"),
            ("1", Boolean, "misfit"),
            ("7", Bigint, "7"),
            ("7.0", Bigint, "7"),
            ("4.5e1", Bigint, "45"),
            ("7.5", Bigint, "misfit"),
            ("\"7\"", Bigint, "misfit"),
            ("7", Numeric, "7"),
            ("1.50", Numeric, "1.50"),
            ("1e200000", Numeric, "misfit"),
            ("\"2020-12-02\"", Date, "2020-12-02"),
            ("\"2020-12-02T00:00:00Z\"", Date, "misfit"),
            ("\"2020-12-02\"", Timestamptz, "2020-12-02T00:00:00Z"),
            ("\"2020-12-02T01:00:00+01:00\"", Timestamptz, "2020-12-02T00:00:00Z"),
            ("\"soon\"", Timestamptz, "misfit"),
            ("\"\"", Timestamptz, "null"),
            ("\" \"", Uuid, "null"),
            ("\"\"", Text, ""),
            ("\"\"", Jsonb, "\"\""),
            ("\"0000-00-00\"", Date, "null"),
            ("\"0000-00-00 00:00:00\"", Timestamp, "null"),
            ("\"0000-00-00\"", Bigint, "misfit"),
            ("\"0000-00-00\"", Text, "0000-00-00"),
            ("\"2020-12-02T01:00:00\"", Timestamptz, "misfit"),
            ("\"2020-12-02T01:00:00\"", Timestamp, "2020-12-02 01:00:00"),
            ("\"2020-12-02\"", Timestamp, "2020-12-02 00:00:00"),
            ("\"2020-12-02T01:00:00Z\"", Timestamp, "misfit"),
            ("\"5A3E7F0C-91d4-4c58-9d3b-2f6a1c0e8b47\"", Uuid, "5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47"),
            ("\"5A3E7F0C-91d4-4c58-9d3b-2f6a1c0e8b47\"", Text, "5A3E7F0C-91d4-4c58-9d3b-2f6a1c0e8b47"),
            ("\"5a3e7f0c91d44c589d3b2f6a1c0e8b47\"", Uuid, "misfit"),
            ("\"a\\n\\\"b\\u00e9\"", Text, "a\n\"bé"),
            ("1.50e1", Text, "15.0"),
            ("false", Text, "false"),
            ("\"2020-12-02T01:00:00+01:00\"", Text, "2020-12-02T01:00:00+01:00"),
            ("{\"a\":1}", Text, "misfit"),
            ("{\"a\":1}", Jsonb, "{\"a\":1}"),
            ("\"x\"", Jsonb, "\"x\""),
            ("null", Jsonb, "null"),
        ] {
            assert_eq!(shown(json, column_type, Reading::Strict), expected, "{json} as {column_type:?}");
        }
    }

    #[test]
    fn a_pinned_type_reads_strings() {
        use ColumnType::{Bigint, Boolean, Numeric, Timestamptz, Uuid};
        for (json, column_type, expected) in [
            ("\"7\"", Bigint, "7"),
            ("\" 0042 \"", Bigint, "42"),
            ("\"7.5\"", Bigint, "misfit"),
            ("\"-01.50\"", Numeric, "-1.50"),
            ("\"+3\"", Numeric, "3"),
            ("\"0.5\"", Numeric, "0.5"),
            ("\"000\"", Numeric, "0"),
            ("\"1,000\"", Numeric, "misfit"),
            ("\"\"", Numeric, "null"),
            ("\"-\"", Numeric, "misfit"),
            ("\"+-3\"", Numeric, "misfit"),
            ("\"True\"", Boolean, "true"),
            ("\"yes\"", Boolean, "true"),
            ("\"F\"", Boolean, "false"),
            ("\" off \"", Boolean, "false"),
            ("\"o\"", Boolean, "misfit"),
            ("\"yess\"", Boolean, "misfit"),
            ("\"\"", Boolean, "null"),
            ("0", Boolean, "false"),
            ("1", Boolean, "true"),
            ("2", Boolean, "misfit"),
            ("\"44.0\"", Bigint, "44"),
            ("\".5\"", Numeric, "0.5"),
            ("\"5.\"", Numeric, "5"),
            ("\"-1.5E+2\"", Numeric, "-150"),
            ("\".\"", Numeric, "misfit"),
            ("\"1e\"", Numeric, "misfit"),
            ("{\"b\": [1.50], \"a\": 1e2}", ColumnType::Text, "{\"a\":100,\"b\":[1.50]}"),
            ("\"{5A3E7F0C-91d44c58-9d3b2f6a1c0e8b47}\"", Uuid, "5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47"),
            ("\"2020-12-02 01:02:03\"", Timestamptz, "2020-12-02T01:02:03Z"),
            ("\" 2020-12-02T01:02:03Z\"", Timestamptz, "2020-12-02T01:02:03Z"),
            ("\"5a3e7f0c91d44c589d3b2f6a1c0e8b47\"", Uuid, "5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47"),
        ] {
            assert_eq!(shown(json, column_type, Reading::Lenient), expected, "{json} as {column_type:?}");
        }
    }

    #[test]
    fn a_key_reads_a_string_that_is_exactly_a_number() {
        use ColumnType::{Bigint, Numeric};
        for (json, column_type, expected) in [
            ("\"7\"", Bigint, "7"),
            ("\"07\"", Bigint, "misfit"),
            ("\"1.50\"", Numeric, "1.50"),
            ("\"01.50\"", Numeric, "misfit"),
            ("\"1.50 \"", Numeric, "misfit"),
            ("\"1.5e1\"", Numeric, "misfit"),
        ] {
            assert_eq!(shown(json, column_type, Reading::Key), expected, "{json} as {column_type:?}");
        }
    }

    #[test]
    fn a_format_reads_foreign_dates_and_iso_ones() {
        use ColumnType::{Date, Timestamp, Timestamptz};
        let format = "us".parse().expect("it is a format");
        for (json, column_type, expected) in [
            ("\"12/31/2020\"", Date, "2020-12-31"),
            ("\"12/31/2020 1:02 PM\"", Timestamp, "2020-12-31 13:02:00"),
            ("\"12/31/2020\"", Timestamptz, "2020-12-31T00:00:00Z"),
            ("\"2020-12-31\"", Date, "2020-12-31"),
            ("\"31.12.2020\"", Date, "misfit"),
        ] {
            assert_eq!(shown(json, column_type, Reading::Formatted(&format)), expected, "{json} as {column_type:?}");
        }
    }

    #[test]
    fn json_may_be_nested_a_hundred_deep() {
        let nested = |depth: usize| format!("{}\"]{{[\\\"[\"{}", "[".repeat(depth), "]".repeat(depth));
        assert_ne!(shown(&nested(100), ColumnType::Jsonb, Reading::Strict), "misfit");
        assert_eq!(shown(&nested(101), ColumnType::Jsonb, Reading::Strict), "misfit");
    }
}
