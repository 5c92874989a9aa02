//! The `Polytomic-Signature-Timestamp` header. It is not signed, so it only proves freshness.

use chrono::{DateTime, TimeDelta, Utc};

/// Why a timestamp was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    #[error("the Polytomic-Signature-Timestamp header is missing; Polytomic always sends it")]
    Missing,
    #[error("the Polytomic-Signature-Timestamp header is not an RFC 3339 time such as 2021-06-01T22:55:36Z")]
    Unreadable,
    #[error("the request was sent {} before it arrived; the limit is {}", shown(*age), shown(*tolerance))]
    Old { age: TimeDelta, tolerance: TimeDelta },
    #[error("the request was sent {} in the future; the limit is {}, so one of the two clocks is wrong",
        shown(*ahead), shown(*tolerance))]
    Future { ahead: TimeDelta, tolerance: TimeDelta },
}

/// The header has whole seconds. Rounds up, so that the message never says "300 s, at most 300 s".
fn shown(span: TimeDelta) -> String {
    format!("{} s", (span.num_milliseconds() + 999) / 1000)
}

/// When the request was sent, by its header.
///
/// * `tolerance`: how far from `now` it may be, in the past and in the future; zero turns the check off, and a missing
///   or unreadable header is `None` then
pub fn sent_at(
    header: Option<&[u8]>,
    now: DateTime<Utc>,
    tolerance: TimeDelta,
) -> Result<Option<DateTime<Utc>>, Stale> {
    let read = match header {
        None => Err(Stale::Missing),
        Some(value) => parse(value).ok_or(Stale::Unreadable),
    };
    if tolerance.is_zero() {
        return Ok(read.ok());
    }
    let sent = read?;
    let age = now - sent;
    if age > tolerance {
        Err(Stale::Old { age, tolerance })
    } else if -age > tolerance {
        Err(Stale::Future { ahead: -age, tolerance })
    } else {
        Ok(Some(sent))
    }
}

fn parse(value: &[u8]) -> Option<DateTime<Utc>> {
    let text = std::str::from_utf8(value).ok()?.trim_ascii();
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("it is a real time")
    }

    fn check(header: &str, now: i64, tolerance: i64) -> Result<Option<i64>, Stale> {
        sent_at(Some(header.as_bytes()), at(now), TimeDelta::seconds(tolerance)).map(|sent| sent.map(|t| t.timestamp()))
    }

    const SENT: &str = "2021-06-01T22:55:36Z";
    const SENT_UNIX: i64 = 1_622_588_136;

    #[test]
    fn a_time_within_the_tolerance_passes_on_both_sides() {
        for now in [SENT_UNIX - 300, SENT_UNIX, SENT_UNIX + 300] {
            assert_eq!(check(SENT, now, 300), Ok(Some(SENT_UNIX)));
        }
    }

    #[test]
    fn a_time_outside_is_refused_on_both_sides() {
        let tolerance = TimeDelta::seconds(300);
        assert_eq!(check(SENT, SENT_UNIX + 301, 300), Err(Stale::Old { age: TimeDelta::seconds(301), tolerance }));
        assert_eq!(check(SENT, SENT_UNIX - 301, 300), Err(Stale::Future { ahead: TimeDelta::seconds(301), tolerance }));
    }

    #[test]
    fn every_form_of_rfc_3339_is_read() {
        for form in
            ["2021-06-01T22:55:36.000Z", "2021-06-02T00:55:36+02:00", "2021-06-01t22:55:36z", " 2021-06-01T22:55:36Z "]
        {
            assert_eq!(check(form, SENT_UNIX, 300), Ok(Some(SENT_UNIX)), "{form}");
        }
    }

    #[test]
    fn a_missing_or_unreadable_header_is_refused_while_the_check_is_on() {
        for bad in
            ["", "yesterday", "1622588136", "2021-06-01", "2021-06-01 22:55:36", "2021-13-01T22:55:36Z", "\u{661}"]
        {
            assert_eq!(check(bad, SENT_UNIX, 300), Err(Stale::Unreadable), "{bad}");
        }
        assert_eq!(sent_at(None, at(0), TimeDelta::seconds(300)), Err(Stale::Missing));
    }

    #[test]
    fn with_the_check_off_everything_passes() {
        assert_eq!(check(SENT, 0, 0), Ok(Some(SENT_UNIX)));
        assert_eq!(check("yesterday", 0, 0), Ok(None));
        assert_eq!(sent_at(None, at(0), TimeDelta::zero()), Ok(None));
    }
}
