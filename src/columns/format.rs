//! Foreign forms of dates and times, for columns whose type an operator pinned.

use std::fmt::{self, Write as _};

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate, NaiveDateTime, Utc};

use super::number::Decimal;
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
pub enum BadFormat {
    #[error("expected us, rfc2822, epoch, epoch-ms or a strftime pattern such as %d.%m.%Y")]
    Unknown,
    #[error("no date can be read by it: it needs a year, a month and a day, and with a time hours and minutes too")]
    NoDate,
    /// The part that differs between two times that would be read as the same.
    #[error(
        "it reads {0} and throws it away; write all of a date, of a time (%I with %p) or of an offset (%z; the name of \
         a zone, %Z, is not understood)"
    )]
    Unused(&'static str),
}

impl std::str::FromStr for Format {
    type Err = BadFormat;

    fn from_str(text: &str) -> Result<Self, BadFormat> {
        match text {
            "us" => Ok(Self::Us),
            "rfc2822" => Ok(Self::Rfc2822),
            "epoch" => Ok(Self::Epoch),
            "epoch-ms" => Ok(Self::EpochMillis),
            text if !text.contains('%') || StrftimeItems::new(text).any(|item| item == Item::Error) => {
                Err(BadFormat::Unknown)
            }
            text => check_pattern(text).map(|()| Self::Pattern(text.to_owned())),
        }
    }
}

/// Checks that a pattern reads a date, and uses every part that it reads: of two times that it writes differently,
/// neither is read as the other.
fn check_pattern(text: &str) -> Result<(), BadFormat> {
    const DATE: (i32, u32, u32) = (2021, 3, 4);
    const TIME: (u32, u32, u32, u32) = (5, 6, 7, 8_000);
    let at = |date: (i32, u32, u32), time: (u32, u32, u32, u32), hours_east: i32| {
        let date = NaiveDate::from_ymd_opt(date.0, date.1, date.2)?;
        let local = date.and_hms_micro_opt(time.0, time.1, time.2, time.3)?;
        local.and_local_timezone(FixedOffset::east_opt(hours_east * 3_600)?).single()
    };
    let read = |time: Option<DateTime<FixedOffset>>| {
        let mut written = String::new();
        // Only parsing knows these.
        let writable = text.replace("%#z", "%z");
        write!(written, "{}", time?.format(&writable)).ok()?;
        let parsed = pattern(&written, text);
        Some((written, parsed))
    };
    let (written, parsed) = read(at(DATE, TIME, 0)).ok_or(BadFormat::Unknown)?;
    if parsed.is_none() {
        return Err(BadFormat::NoDate);
    }
    for (part, other) in [
        ("the year", at((2022, 3, 4), TIME, 0)),
        ("the month", at((2021, 5, 4), TIME, 0)),
        ("the day", at((2021, 3, 5), TIME, 0)),
        ("the hour", at(DATE, (6, 6, 7, 8_000), 0)),
        ("the half of the day", at(DATE, (17, 6, 7, 8_000), 0)),
        ("the minute", at(DATE, (5, 7, 7, 8_000), 0)),
        ("the second", at(DATE, (5, 6, 8, 8_000), 0)),
        ("the fraction of a second", at(DATE, (5, 6, 7, 9_000), 0)),
        ("the offset or the zone", at(DATE, TIME, 2)),
    ] {
        let (other_written, other_parsed) = read(other).ok_or(BadFormat::Unknown)?;
        if other_written != written && other_parsed == parsed {
            return Err(BadFormat::Unused(part));
        }
    }
    Ok(())
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
            (Self::Epoch | Self::EpochMillis, Value::Number(number)) => self.epoch(&short(number)?),
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

/// A number in plain digits, if they are few.
fn short(literal: &str) -> Option<String> {
    Decimal::read(literal).filter(|number| number.plain_len() < 100).map(Decimal::plain)
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
            ("epoch", "1e9", "2001-09-09T01:46:40+00:00"),
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
            ("epoch", "9223372036854775807"),
            ("epoch-ms", "true"),
            ("%d.%m.%Y", "\"31.02.2020\""),
            ("%d.%m.%Y", "\"01.01.10000\""),
        ] {
            assert_eq!(parsed(format, json), None, "{json} as {format}");
        }
        for bad in ["eu", "%Q", "", "DD.MM.YYYY"] {
            assert_eq!(bad.parse::<Format>(), Err(BadFormat::Unknown), "{bad}");
        }
    }

    #[test]
    fn a_pattern_uses_every_part_that_it_reads() {
        for (bad, why) in [
            ("%H:%M", BadFormat::NoDate),
            ("%d.%m.", BadFormat::NoDate),
            ("%d.%m.%Y %H:%M %Z", BadFormat::Unused("the offset or the zone")),
            ("%d.%m.%Y %z", BadFormat::Unused("the offset or the zone")),
            ("%d.%m.%Y %H", BadFormat::Unused("the hour")),
            ("%d.%m.%Y %I:%M", BadFormat::Unused("the hour")),
            ("%d.%m.%Y %p", BadFormat::Unused("the half of the day")),
        ] {
            assert_eq!(bad.parse::<Format>(), Err(why), "{bad}");
        }
        for good in [
            "%d.%m.%Y",
            "%b %d %Y",
            "%A, %e %B %Y",
            "%d.%m.%y %H:%M",
            "%d/%b/%Y:%H:%M:%S %z",
            "%Y-%m-%dT%H:%M:%S%.f%#z",
            "%s",
            "%+",
            "%G-W%V-%u",
            "%Y %j",
            "%c",
            "%D %r",
        ] {
            assert!(good.parse::<Format>().is_ok(), "{good}: {:?}", good.parse::<Format>());
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(
            text in ".{0,40}",
            format in "(us|rfc2822|epoch|epoch-ms|%[a-zA-Z][ ./-]?%[a-zA-Z])",
        ) {
            if let Ok(format) = format.parse::<Format>() {
                let json = serde_json::to_string(&text).expect("a string is always JSON");
                let _ = format.parse(&Value::read(&json));
            }
        }
    }
}
