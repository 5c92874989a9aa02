//! ISO 8601 dates and timestamps in strings.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// A string that is a date or a timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Date(NaiveDate),
    Timestamp(DateTime<Utc>),
    /// Without an offset.
    LocalTimestamp(NaiveDateTime),
}

impl Moment {
    /// As a time without an offset: in UTC, if it has one.
    pub fn local(self) -> NaiveDateTime {
        match self {
            Self::Date(date) => date.and_time(NaiveTime::MIN),
            Self::LocalTimestamp(local) => local,
            Self::Timestamp(time) => time.naive_utc(),
        }
    }
}

/// `2020-12-02`, or a date with `T` or a space, a time and maybe an offset: `2020-12-02T01:02:03.456+01:00`. Seconds
/// may be missing; an offset is `Z`, `UTC`, `GMT`, `±HH`, `±HHMM` or `±HH:MM`, maybe after a space, and a zone in
/// brackets may follow it. Also ISO 8601's basic form with a time, `20201202T010203Z`. Anything else is text.
///
/// Besides ISO 8601, these are the forms that Snowflake (`… +0000`), Google's `BigQuery` and Rails (`… UTC`) and Java
/// (`…Z[UTC]`) print.
pub fn moment(text: &str) -> Option<Moment> {
    let (date, time) = match date(text) {
        Some((date, "")) => return Some(Moment::Date(date)),
        Some((date, time)) => (date, time),
        None => basic_date(text)?,
    };
    timestamp(date, time)
}

/// The date at the start of a text, and the rest.
fn date(text: &str) -> Option<(NaiveDate, &str)> {
    let (head, rest) = text.split_at_checked(10)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *head.as_bytes() else { return None };
    Some((day([y1, y2, y3, y4], [m1, m2], [d1, d2])?, rest))
}

/// The same without hyphens. A date alone would be a number.
fn basic_date(text: &str) -> Option<(NaiveDate, &str)> {
    let (head, rest) = text.split_at_checked(8)?;
    let [y1, y2, y3, y4, m1, m2, d1, d2] = *head.as_bytes() else { return None };
    rest.starts_with('T').then_some(())?;
    Some((day([y1, y2, y3, y4], [m1, m2], [d1, d2])?, rest))
}

fn day([y1, y2, y3, y4]: [u8; 4], [m1, m2]: [u8; 2], [d1, d2]: [u8; 2]) -> Option<NaiveDate> {
    let year = pair(y1, y2)? * 100 + pair(y3, y4)?;
    if year == 0 {
        return None; // PostgreSQL has no such year
    }
    NaiveDate::from_ymd_opt(year.cast_signed(), pair(m1, m2)?, pair(d1, d2)?)
}

/// `T01:02`, `:03`, `.456` and an offset; only the first is required. Without colons, seconds are.
fn timestamp(date: NaiveDate, text: &str) -> Option<Moment> {
    let clock = text.strip_prefix(['T', 't', ' '])?;
    let (hours, minutes, seconds, rest) = match *clock.as_bytes() {
        [h1, h2, b':', m1, m2, b':', s1, s2, ..] => (pair(h1, h2)?, pair(m1, m2)?, pair(s1, s2)?, &clock[8..]),
        [h1, h2, b':', m1, m2, ..] if clock.as_bytes().get(5) != Some(&b':') => {
            (pair(h1, h2)?, pair(m1, m2)?, 0, clock.get(5..)?)
        }
        [h1, h2, m1, m2, s1, s2, ..] => (pair(h1, h2)?, pair(m1, m2)?, pair(s1, s2)?, clock.get(6..)?),
        _ => return None,
    };
    let (mut rest, mut micros) = (rest, 0);
    let has_seconds = rest.len() + 5 < clock.len();
    if let Some(after) = rest.strip_prefix(['.', ',']).filter(|_| has_seconds) {
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 {
            return None;
        }
        // A timestamptz holds microseconds; further digits are cut.
        let kept = &after[..digits.min(6)];
        micros = kept.parse::<u32>().ok()? * 10_u32.pow(6 - u32::try_from(kept.len()).ok()?);
        rest = &after[digits..];
    }
    // A leap second is the first second of the next minute, and 24:00 the first of the next day, as in PostgreSQL.
    let leap = seconds == 60;
    let midnight = (hours, minutes, seconds, micros) == (24, 0, 0, 0);
    let hours = if midnight { 0 } else { hours };
    let time = NaiveTime::from_hms_micro_opt(hours, minutes, if leap { 59 } else { seconds }, micros)?;
    let later = TimeDelta::seconds(i64::from(leap)) + TimeDelta::days(i64::from(midnight));
    let local = date.and_time(time).checked_add_signed(later)?;
    if rest.is_empty() {
        return Some(Moment::LocalTimestamp(local));
    }
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    // The offset says when it was; the zone says where.
    let offset = match rest.split_once('[') {
        Some((offset, zone)) if zone.len() > 1 && zone.find(']') == Some(zone.len() - 1) => offset,
        Some(_) => return None,
        None => rest,
    };
    let east = match offset {
        "Z" | "z" | "UTC" | "GMT" => TimeDelta::zero(),
        _ => offset_of(offset)?,
    };
    Some(Moment::Timestamp(local.checked_sub_signed(east)?.and_utc()))
}

/// `+01`, `+0100` or `+01:00`; PostgreSQL goes up to 15:59.
fn offset_of(text: &str) -> Option<TimeDelta> {
    let (hours, minutes) = match *text.as_bytes() {
        [_, h1, h2] => (pair(h1, h2)?, 0),
        [_, h1, h2, m1, m2] | [_, h1, h2, b':', m1, m2] => (pair(h1, h2)?, pair(m1, m2)?),
        _ => return None,
    };
    if hours > 15 || minutes > 59 {
        return None;
    }
    let east = TimeDelta::minutes(i64::from(hours * 60 + minutes));
    match text.as_bytes()[0] {
        b'+' => Some(east),
        b'-' => Some(-east),
        _ => None,
    }
}

fn pair(tens: u8, ones: u8) -> Option<u32> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Option<String> {
        match moment(text)? {
            Moment::Date(date) => Some(date.to_string()),
            Moment::Timestamp(time) => Some(time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
            Moment::LocalTimestamp(local) => Some(local.to_string()),
        }
    }

    #[test]
    fn dates_and_timestamps_are_recognised() {
        for (text, expected) in [
            ("2020-12-02", "2020-12-02"),
            ("2020-12-02T00:00:00Z", "2020-12-02T00:00:00Z"),
            ("2020-12-02T01:02Z", "2020-12-02T01:02:00Z"),
            ("2020-12-02 01:02:03+01", "2020-12-02T00:02:03Z"),
            ("2020-12-02T01:02:03.5-0330", "2020-12-02T04:32:03.500Z"),
            ("2020-12-02T01:02:03.123456789+05:30", "2020-12-01T19:32:03.123456Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("9999-12-31", "9999-12-31"),
            ("2020-12-02T01:02:03", "2020-12-02 01:02:03"),
            ("2020-12-02 01:02", "2020-12-02 01:02:00"),
            ("2024-03-01 12:34:56.789 +0000", "2024-03-01T12:34:56.789Z"),
            ("2024-03-01 12:34:56.789 -0800", "2024-03-01T20:34:56.789Z"),
            ("2024-03-01 12:34:56 UTC", "2024-03-01T12:34:56Z"),
            ("2024-03-01 12:34:56.789123 UTC", "2024-03-01T12:34:56.789123Z"),
            ("2024-03-01T12:34:56,5Z", "2024-03-01T12:34:56.500Z"),
            ("20240301T123456Z", "2024-03-01T12:34:56Z"),
            ("20240301T123456.25+0100", "2024-03-01T11:34:56.250Z"),
            ("20240301T123456", "2024-03-01 12:34:56"),
            ("2024-03-01T12:34:56Z[UTC]", "2024-03-01T12:34:56Z"),
            ("2024-03-01T12:34:56+01:00[Europe/Paris]", "2024-03-01T11:34:56Z"),
            ("2020-12-02T01:02:03 Z", "2020-12-02T01:02:03Z"),
            ("2020-12-31T24:00:00Z", "2021-01-01T00:00:00Z"),
        ] {
            assert_eq!(utc(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_strings_are_text() {
        for text in [
            "",
            "2020",
            "2020-12",
            "2020-1-02",
            "2020-13-01",
            "2020-02-30",
            "0000-01-01",
            "02/12/2020",
            "2020-12-02T",
            "2020-12-02T24:00:01Z",
            "2020-12-02T25:00:00Z",
            "2020-12-02T01:60:00Z",
            "2020-12-02T01:02:61Z",
            "2020-12-02T01:02:03.Z",
            "2020-12-02T01:02:03+1",
            "2020-12-02T01:02:03+16:00",
            "2020-12-02T01:02:03  Z",
            "2020-12-02T01:02:03 ",
            "2020-12-02T01:02:03 CET",
            "2020-12-02T01:02:03[Europe/Paris]",
            "2020-12-02T01:02:03Z[]",
            "2020-12-02T01:02:03Z[UTC",
            "2020-12-02T01:02:03Z[a]b]",
            "2020-12-02T01:02.5Z",
            "20201202T0102",
            "20201202 010203",
            "20201302T010203Z",
            "2020-12-02 ",
            " 2020-12-02",
            "20201202",
            "2020-12-02x",
            "２０２０-12-02",
            "12345678é",
            "2020-12-02T01:02:03é",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            let _ = moment(&text);
        }

        #[test]
        fn every_time_that_chrono_writes_is_read(
            seconds in -62_135_596_800_i64..253_402_300_799,
            micros in 0_u32..1_000_000,
        ) {
            let time = DateTime::from_timestamp(seconds, micros * 1000).expect("it is between the years 1 and 9999");
            proptest::prop_assert_eq!(moment(&time.to_rfc3339()), Some(Moment::Timestamp(time)));
        }
    }
}
