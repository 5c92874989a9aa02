//! The document.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use indicatif::HumanCount;

use crate::lag::{Lag, Percentiles};
use crate::measure::{Database, Measured};
use crate::{FIGURES, Turn};

/// Everything that was measured.
pub struct Report {
    rounds: usize,
    records: usize,
    version: String,
    cores: usize,
    measured: BTreeMap<(&'static str, Turn), Vec<Measured>>,
    pub lag: Option<Lag>,
}

/// One figure of a run.
type Value = fn(&Measured) -> f64;

impl Report {
    pub async fn new(rounds: usize, records: usize, database: &Database) -> Self {
        let version = sqlx::query_scalar("show server_version").fetch_one(&database.pool).await;
        Self {
            rounds,
            records,
            version: version.expect("it answers"),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            measured: BTreeMap::new(),
            lag: None,
        }
    }

    pub fn add(&mut self, figure: &'static str, turn: Turn, measured: Measured) {
        self.measured.entry((figure, turn)).or_default().push(measured);
    }

    /// The median of a contender's rounds; `None` if it had none.
    fn median(&self, figure: &'static str, turn: Turn, value: Value) -> Option<f64> {
        let mut values: Vec<f64> = self.measured.get(&(figure, turn))?.iter().map(value).collect();
        values.sort_unstable_by(f64::total_cmp);
        Some(values[values.len() / 2])
    }

    /// Records a second that become rows, in the first figure.
    pub fn end_to_end(&self) -> f64 {
        let measured =
            FIGURES.iter().find_map(|figure| self.median(figure.name, Turn::Polysink, Measured::rate_end_to_end));
        measured.unwrap_or(10_000.0)
    }

    pub fn markdown(&self) -> String {
        let mut out = format!(
            "# Performance\n\nMade by `script/bench` on {} cores that client, service and PostgreSQL {} share \
             (`shared_buffers` 512 MB), with records of 350 bytes, {} a round and a tenth of them where each is a \
             delivery of its own. Rates are records a second: medians of {} rounds, which take the contenders in \
             turns. The machine decides the rates; the ratios are what counts.\n\n\
             - **Limit**: `COPY` of everything that polysink stores for the same records (raw bodies, ledger, typed \
             table), from two sessions. It verifies, parses and deduplicates nothing.\n\
             - **Acknowledged**: until the last delivery was answered 200. **End to end**: until the last record was a \
             row of the typed table.\n\
             - **Fastify**: [a hand-tuned receiver](../benches/peers/fastify_unnest.js) in two Node processes, which \
             stores the body and upserts the records with one statement, and types nothing.\n\n\
             | | acknowledged | of the limit | of Fastify | end to end | of the limit | of Fastify | CPU µs a record, \
             polysink / PostgreSQL | WAL bytes a record |\n|---|---|---|---|---|---|---|---|---|\n",
            self.cores,
            self.version,
            HumanCount(self.records as u64),
            self.rounds,
        );
        for figure in &FIGURES {
            let polysink = |value| self.median(figure.name, Turn::Polysink, value);
            let (Some(rate), Some(end)) = (polysink(Measured::rate), polysink(Measured::rate_end_to_end)) else {
                continue;
            };
            let limit = self.median(figure.name, Turn::Limit, Measured::rate);
            let fastify = self.median(figure.name, Turn::Fastify, Measured::rate);
            let of =
                |rate: f64, other: Option<f64>| other.map_or_else(String::new, |other| format!("{:.2}", rate / other));
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} | {:.1} / {:.1} | {:.0} |",
                figure.name,
                rounded(rate),
                of(rate, limit),
                of(rate, fastify),
                rounded(end),
                of(end, limit),
                of(end, fastify),
                polysink(|measured| measured.own).unwrap_or_default(),
                polysink(|measured| measured.postgres).unwrap_or_default(),
                polysink(|measured| measured.wal).unwrap_or_default(),
            )
            .expect("a string takes every write");
        }
        if let Some(lag) = &self.lag {
            let times = |times: &Percentiles| {
                format!(
                    "{} ms at the median, {} ms at the 99th percentile, {} ms at the most",
                    times.p50.as_millis(),
                    times.p99.as_millis(),
                    times.max.as_millis()
                )
            };
            write!(
                out,
                "\nAt a steady {} records a second, half of the first figure end to end: a delivery is answered after \
                 {}; from there to its rows it takes {}. The service uses {} MiB at the most.\n",
                rounded(lag.rate),
                times(&lag.answer),
                times(&lag.row),
                lag.memory
            )
            .expect("a string takes every write");
        }
        out.push_str(
            "\n## Every round\n\n| | who | acknowledged | end to end | CPU µs a record, own / PostgreSQL | WAL bytes \
             |\n|---|---|---|---|---|---|\n",
        );
        for ((figure, turn), rounds) in &self.measured {
            let each = |value: Value| rounds.iter().map(|round| rounded(value(round))).collect::<Vec<_>>().join(" · ");
            writeln!(
                out,
                "| {figure} | {turn:?} | {} | {} | {} / {} | {} |",
                each(Measured::rate),
                each(Measured::rate_end_to_end),
                each(|measured| measured.own),
                each(|measured| measured.postgres),
                each(|measured| measured.wal),
            )
            .expect("a string takes every write");
        }
        out.push('\n');
        out.push_str(include_str!("decisions.md"));
        out
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are small and positive")]
fn rounded(value: f64) -> String {
    HumanCount(value.round() as u64).to_string()
}
