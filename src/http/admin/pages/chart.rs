//! The chart of deliveries: bars of ten minutes over a day, as SVG within the page. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound as _, TimeDelta, Timelike as _, Utc};

use super::words::{counted, grouped};
use crate::store::tables::summaries::BUCKET_MINUTES;

/// In the chart's own units.
const WIDTH: i64 = 864;
const HEIGHT: i64 = 120;
const BAR: i64 = 6;

/// How many bars there are.
const BARS: i64 = WIDTH / BAR;

/// One bar.
#[derive(Debug, PartialEq, Eq)]
pub struct ChartBar {
    pub x: i64,
    pub y: i64,
    pub height: i64,
    /// Its time and count, in words.
    pub title: String,
}

/// A mark under the chart: its place and its text.
#[derive(Debug, PartialEq, Eq)]
pub struct Mark {
    pub x: i64,
    pub text: String,
}

/// Deliveries over 24 hours.
#[derive(Debug)]
pub struct Chart {
    pub bars: Vec<ChartBar>,
    pub marks: Vec<Mark>,
    /// The largest count, in words.
    pub most: String,
    /// The chart in words, for those who do not see it.
    pub summary: String,
}

impl Chart {
    /// The same before its deliveries were counted for the first time.
    #[must_use]
    pub fn not_counted_yet(self) -> Self {
        Self { summary: "The deliveries are being counted".to_owned(), ..self }
    }

    /// * `counts`: deliveries by the beginning of their ten minutes
    pub fn of(counts: &[(DateTime<Utc>, i64)], now: DateTime<Utc>) -> Self {
        let step = TimeDelta::minutes(BUCKET_MINUTES);
        let last = now.duration_trunc(step).unwrap_or(now);
        let begin = last - step * i32::try_from(BARS - 1).unwrap_or(i32::MAX);
        let counts: BTreeMap<_, _> = counts.iter().copied().filter(|(at, _)| (begin..=last).contains(at)).collect();
        let most = counts.values().copied().max().unwrap_or(0);
        let place = |at: DateTime<Utc>| (at - begin).num_minutes() / BUCKET_MINUTES * BAR;
        let bars = counts.iter().filter(|(_, count)| **count > 0).map(|(at, count)| {
            let height = (count * HEIGHT / most).max(2);
            let title = format!("{}: {}", at.format("%H:%M"), counted(*count, "delivery", "deliveries"));
            ChartBar { x: place(*at), y: HEIGHT - height, height, title }
        });
        let hours = (0..BARS).map(|n| begin + step * i32::try_from(n).unwrap_or(i32::MAX));
        let marks = hours.filter(|at| at.minute() == 0 && at.hour() % 3 == 0);
        let marks = marks.map(|at| Mark { x: place(at), text: at.format("%H:%M").to_string() }).collect();
        let total: i64 = counts.values().sum();
        let busiest = counts.iter().max_by_key(|(at, count)| (**count, std::cmp::Reverse(**at)));
        let summary = match busiest {
            Some((at, count)) if total > 0 => format!(
                "{} in the last 24 hours; the most in ten minutes were {}, at {}",
                counted(total, "delivery", "deliveries"),
                grouped(*count),
                at.format("%H:%M")
            ),
            _ => "No deliveries in the last 24 hours".to_owned(),
        };
        let bars = bars.collect();
        Self { bars, marks, most: grouped(most), summary }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_at_their_time_and_the_highest_fills_the_chart() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).expect("it is a time").to_utc();
        let now = at("2026-03-04T12:07:00Z");
        let counts =
            [(at("2026-03-04T12:00:00Z"), 4), (at("2026-03-03T12:10:00Z"), 1), (at("2026-03-01T00:00:00Z"), 9)];
        let chart = Chart::of(&counts, now);
        let places: Vec<_> = chart.bars.iter().map(|bar| (bar.x, bar.y, bar.height)).collect();
        assert_eq!(places, [(0, 90, 30), (WIDTH - BAR, 0, HEIGHT)], "what is older is left out");
        assert_eq!(chart.bars[1].title, "12:00: 4 deliveries");
        assert_eq!(chart.summary, "5 deliveries in the last 24 hours; the most in ten minutes were 4, at 12:00");
        assert_eq!(chart.marks.len(), 8);
        assert_eq!(Chart::of(&[], now).summary, "No deliveries in the last 24 hours");
    }
}
