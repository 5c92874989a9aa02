//! Foreign forms of dates and times, for columns whose type an operator pinned.

use std::fmt;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, Utc};

use super::time::Moment;
use super::value::Value;

/// How dates and times are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// `12/31/2020`, or the same with a time: `12/31/2020 11:59:30 PM`, `12/31/2020 23:59`.
    Us,
    /// `Thu, 31 Dec 2020 23:59:59 +0000`
    Rfc2822,
    /// Seconds since 1970, as a number or a string.
    Epoch,
    /// Milliseconds since 1970, as a number or a string.
    EpochMillis,
    /// A pattern of strftime, such as `%d.%m.%Y` (<https://docs.rs/chrono/latest/chrono/format/strftime/>).
    Pattern(String),
}

/// Not a format.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected us, rfc2822, epoch, epoch-ms or a strftime pattern such as %d.%m.%Y")]
pub struct UnknownFormat;

impl std::str::FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        match text {
            "us" => Ok(Self::Us),
            "rfc2822" => Ok(Self::Rfc2822),
            "epoch" => Ok(Self::Epoch),
            "epoch-ms" => Ok(Self::EpochMillis),
            pattern => {
                let good = pattern.contains('%') && !StrftimeItems::new(pattern).any(|item| item == Item::Error);
                good.then(|| Self::Pattern(pattern.to_owned())).ok_or(UnknownFormat)
            }
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Us => "us",
            Self::Rfc2822 => "rfc2822",
            Self::Epoch => "epoch",
            Self::EpochMillis => "epoch-ms",
            Self::Pattern(pattern) => pattern,
        })
    }
}

impl Format {
    /// Reads a value; `None` if it is not written like this, or is not between the years 1 and 9999.
    pub fn parse(&self, value: &Value<'_>) -> Option<Moment> {
        let parsed = match (self, value) {
            (Self::Epoch | Self::EpochMillis, Value::Integer(number)) => self.epoch(&number.to_string()),
            (Self::Epoch | Self::EpochMillis, Value::Number(number)) => self.epoch(number),
            (_, Value::Text(text) | Value::Moment(text, _)) => self.text(text.trim()),
            _ => None,
        }?;
        (1..=9999).contains(&parsed.local().year()).then_some(parsed)
    }

    fn epoch(&self, number: &str) -> Option<Moment> {
        let micros = if *self == Self::Epoch { 1_000_000 } else { 1_000 };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let negative = whole.starts_with('-');
        let whole: i64 = whole.parse().ok()?;
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = &fraction[..fraction.len().min(6)];
        let scale = 10_i64.pow(u32::try_from(digits.len()).ok()?);
        let part = if digits.is_empty() { 0 } else { digits.parse::<i64>().ok()? * micros / scale };
        let total = whole.checked_mul(micros)?.checked_add(if negative { -part } else { part })?;
        DateTime::from_timestamp_micros(total).map(Moment::Timestamp)
    }

    fn text(&self, text: &str) -> Option<Moment> {
        match self {
            Self::Us => pattern(text, "%m/%d/%Y")
                .or_else(|| pattern(text, "%m/%d/%Y %I:%M:%S %p"))
                .or_else(|| pattern(text, "%m/%d/%Y %I:%M %p"))
                .or_else(|| pattern(text, "%m/%d/%Y %H:%M:%S"))
                .or_else(|| pattern(text, "%m/%d/%Y %H:%M")),
            Self::Rfc2822 => {
                DateTime::parse_from_rfc2822(text).ok().map(|instant| Moment::Timestamp(instant.with_timezone(&Utc)))
            }
            Self::Epoch | Self::EpochMillis => self.epoch(text),
            Self::Pattern(text_pattern) => pattern(text, text_pattern),
        }
    }
}

fn pattern(text: &str, pattern: &str) -> Option<Moment> {
    if let Ok(instant) = DateTime::parse_from_str(text, pattern) {
        return Some(Moment::Timestamp(instant.with_timezone(&Utc)));
    }
    if let Ok(local) = NaiveDateTime::parse_from_str(text, pattern) {
        return Some(Moment::LocalTimestamp(local));
    }
    NaiveDate::parse_from_str(text, pattern).ok().map(Moment::Date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(format: &str, json: &str) -> Option<String> {
        let format: Format = format.parse().expect("it is a format");
        assert_eq!(format.to_string().parse(), Ok(format.clone()));
        format.parse(&Value::read(json)).map(|parsed| match parsed {
            Moment::Date(date) => date.to_string(),
            Moment::LocalTimestamp(local) => local.to_string(),
            Moment::Timestamp(instant) => instant.to_rfc3339(),
        })
    }

    #[test]
    fn common_forms_are_read() {
        for (format, json, expected) in [
            ("us", "\"4/1/1965\"", "1965-04-01"),
            ("us", "\"12/31/2020 11:59 PM\"", "2020-12-31 23:59:00"),
            ("us", "\"12/31/2020 23:59:30\"", "2020-12-31 23:59:30"),
            ("rfc2822", "\"Thu, 31 Dec 2020 23:59:59 +0100\"", "2020-12-31T22:59:59+00:00"),
            ("epoch", "1606867200", "2020-12-02T00:00:00+00:00"),
            ("epoch", "\"1606867200.5\"", "2020-12-02T00:00:00.500+00:00"),
            ("epoch", "-1.25", "1969-12-31T23:59:58.750+00:00"),
            ("epoch-ms", "1606867200123", "2020-12-02T00:00:00.123+00:00"),
            ("%b %d %Y", "\"Apr 01 1965\"", "1965-04-01"),
            ("%d.%m.%Y %H:%M", "\"31.12.2020 23:59\"", "2020-12-31 23:59:00"),
            ("%Y%m%dT%H%M%S%z", "\"20201231T235959+0100\"", "2020-12-31T22:59:59+00:00"),
        ] {
            assert_eq!(parsed(format, json).as_deref(), Some(expected), "{json} as {format}");
        }
    }

    #[test]
    fn other_values_are_not() {
        for (format, json) in [
            ("us", "\"31/12/2020\""),
            ("us", "20201231"),
            ("rfc2822", "\"2020-12-31\""),
            ("epoch", "\"soon\""),
            ("epoch", "1e9"),
            ("epoch", "9223372036854775807"),
            ("epoch-ms", "true"),
            ("%d.%m.%Y", "\"31.02.2020\""),
            ("%d.%m.%Y", "\"01.01.10000\""),
        ] {
            assert_eq!(parsed(format, json), None, "{json} as {format}");
        }
        for bad in ["eu", "%Q", "", "DD.MM.YYYY"] {
            assert_eq!(bad.parse::<Format>(), Err(UnknownFormat), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}", format in "(us|rfc2822|epoch|epoch-ms|%[a-zA-Z][ ./-]?%[a-zA-Z])") {
            if let Ok(format) = format.parse::<Format>() {
                let json = serde_json::to_string(&text).expect("a string is always JSON");
                let _ = format.parse(&Value::read(&json));
            }
        }
    }
}
