//! Numbers and times in the words of the pages. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use indicatif::HumanCount;

/// `1234567` → `1,234,567`
pub fn grouped(number: i64) -> String {
    HumanCount(number.max(0).unsigned_abs()).to_string()
}

/// A count with its noun: `1 row`, `1,000 rows`.
pub fn counted(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// A duration in its largest unit: `90 s`, `5 min`, `3 h`, `2 d`.
pub fn span(time: TimeDelta) -> String {
    let seconds = time.num_seconds().max(0);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// How long ago a time was, or in how long it will be.
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if at > now { format!("in {}", span(at - now)) } else { format!("{} ago", span(now - at)) }
}

/// A time to the second.
pub fn second(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A time to the millisecond.
pub fn millis(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// A share of a whole in per cent; empty for nothing.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return String::new();
    }
    let tenths = (u128::from(part) * 1_000).div_ceil(u128::from(whole));
    if part == whole {
        "100 %".to_owned()
    } else if tenths % 10 == 0 {
        format!("{} %", tenths / 10)
    } else {
        format!("{}.{} %", tenths / 10, tenths % 10)
    }
}

/// A text whose parts in backquotes are code: each part, and whether it is.
pub fn parts(text: &str) -> Vec<(bool, &str)> {
    let parts = text.split('`').enumerate().map(|(n, part)| (n % 2 == 1, part));
    parts.filter(|(_, part)| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_shares_in_words() {
        let s = TimeDelta::seconds;
        let spans = [s(-5), s(0), s(119), s(120), s(7_199), s(7_200), s(172_799), s(172_800)].map(span);
        assert_eq!(spans, ["0 s", "0 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 d"]);
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        assert_eq!([ago(now - s(5), now), ago(now + s(600), now)], ["5 s ago", "in 10 min"]);
        let shares = [percent(0, 0), percent(0, 3), percent(1, 3), percent(1, 1_000_000), percent(3, 3)];
        assert_eq!(shares, ["", "0 %", "33.4 %", "0.1 %", "100 %"]);
        assert_eq!(parts("a `b` c"), [(false, "a "), (true, "b"), (false, " c")]);
        assert_eq!(parts("`b"), [(true, "b")]);
        assert_eq!([counted(1, "row", "rows"), counted(1_200, "row", "rows")], ["1 row", "1,200 rows"]);
    }
}
