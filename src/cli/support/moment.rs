//! Points in time on the command line.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, SubsecRound as _, TimeDelta, Utc};

use crate::app;

/// The forms that [`moment`] takes.
const EXPECTED: &str = "a time such as 2026-01-31T12:00:00Z, a day, or how long ago, such as 36h";

/// A time with an offset, a time or a day in UTC, or how long ago. As precise as PostgreSQL's times.
pub fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    moment_before(text, app::now()).map(|time| time.trunc_subsecs(6))
}

/// A time as [`moment`] takes it.
pub fn shown(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn moment_before(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    let utc = |time: NaiveDateTime| time.and_utc();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.to_utc());
    }
    for format in ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return Ok(utc(time));
        }
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Ok(utc(day.and_time(NaiveTime::MIN)));
    }
    let ago = humantime::parse_duration(text).ok().and_then(|ago| TimeDelta::from_std(ago).ok());
    ago.and_then(|ago| now.checked_sub_signed(ago)).ok_or_else(|| format!("expected {EXPECTED}"))
}

/// A time for people, to the second.
pub fn to_second(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_days_and_how_long_ago() {
        let now = DateTime::parse_from_rfc3339("2026-03-04T12:00:00Z").expect("it is a time").to_utc();
        for (text, expected) in [
            ("2026-01-31T12:00:00Z", Some("2026-01-31T12:00:00+00:00")),
            ("2026-01-31T12:00:00.5+02:00", Some("2026-01-31T10:00:00.500+00:00")),
            ("2026-01-31 12:30", Some("2026-01-31T12:30:00+00:00")),
            ("2026-01-31T12:30:01", Some("2026-01-31T12:30:01+00:00")),
            ("2026-01-31", Some("2026-01-31T00:00:00+00:00")),
            ("36h", Some("2026-03-03T00:00:00+00:00")),
            ("1day 2h", Some("2026-03-03T10:00:00+00:00")),
            ("yesterday", None),
            ("2026-02-30", None),
            ("-3h", None),
            ("300000000000y", None),
            ("", None),
        ] {
            let found = moment_before(text, now).ok().map(|time| time.to_rfc3339());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
