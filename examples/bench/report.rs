//! The document: the figures, and every round of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use indicatif::HumanCount;

use crate::Options;
use crate::figures::{FIGURES, Figure, Turn};
use crate::growth::Growth;
use crate::lag::Lag;
use crate::link::Far;
use crate::measure::{Database, Measured};
use crate::micro::Step;
use crate::plot::{self, Line, rounded};
use crate::sections;

/// Everything that was measured.
pub struct Report {
    rounds: usize,
    records: usize,
    build_seconds: Option<u64>,
    version: String,
    cores: usize,
    measured: BTreeMap<(&'static str, Turn), Vec<Measured>>,
    /// Round trips a record, of all sessions.
    pub round_trips: BTreeMap<&'static str, f64>,
    pub lag: Option<Lag>,
    pub far: Vec<Far>,
    pub growth: Option<Growth>,
    pub steps: Vec<Step>,
}

/// One figure of a run.
type Value = fn(&Measured) -> f64;

const PEERS: [(Turn, &str, &str, &str); 3] = [
    (Turn::Fastify, "Fastify", "fastify_unnest.js", "hand-tuned: two Node processes, one statement for a delivery"),
    (Turn::Express, "Express", "express_rows.js", "what most write first: two Node processes, one statement a record"),
    (Turn::FastApi, "FastAPI", "fastapi_asyncpg.py", "two Python processes, `executemany`"),
];

impl Report {
    pub async fn new(options: &Options, database: &Database) -> Self {
        let version = sqlx::query_scalar("show server_version").fetch_one(&database.pool).await;
        Self {
            rounds: options.rounds,
            records: options.records,
            build_seconds: options.build_seconds,
            version: version.expect("it answers"),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            measured: BTreeMap::new(),
            round_trips: BTreeMap::new(),
            lag: None,
            far: Vec::new(),
            growth: None,
            steps: Vec::new(),
        }
    }

    pub fn add(&mut self, figure: &'static str, turn: Turn, measured: Measured) {
        self.measured.entry((figure, turn)).or_default().push(measured);
    }

    /// The median of a contender's rounds; `None` if it had none.
    fn median(&self, figure: &Figure, turn: Turn, value: Value) -> Option<f64> {
        let mut values: Vec<f64> = self.measured.get(&(figure.name, turn))?.iter().map(value).collect();
        values.sort_unstable_by(f64::total_cmp);
        Some(values[values.len() / 2])
    }

    /// Records a second that become rows, in the first figure that was measured.
    pub fn end_to_end(&self) -> f64 {
        let measured = FIGURES.iter().find_map(|figure| self.median(figure, Turn::Polysink, Measured::rate_end_to_end));
        measured.unwrap_or(10_000.0)
    }

    /// Writes the document, and its plots into a folder of the same name.
    pub fn write(&self, path: &Path) {
        let folder = path.with_extension("");
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        std::fs::write(path, self.markdown()).expect("the document can be written");
        self.sweep(&folder.join("batches.svg"), "8 connections", "records of a delivery", |figure| {
            (figure.connections == 8).then_some(figure.shape.batch)
        });
        self.sweep(&folder.join("connections.svg"), "Deliveries of 100 records", "connections", |figure| {
            (figure.shape.batch == 100).then_some(figure.connections)
        });
        if let Some(lag) = &self.lag {
            sections::plot_lag(lag, &folder.join("lag.svg"));
        }
        if let Some(growth) = &self.growth {
            sections::plot_growth(growth, &folder.join("growth.svg"));
        }
    }

    /// Plots the rates of plain figures.
    ///
    /// * `at`: the place of a figure on the axis; `None` for others
    fn sweep(&self, path: &Path, title: &str, x: &str, at: impl Fn(&Figure) -> Option<usize>) {
        let figures: BTreeMap<usize, &Figure> =
            FIGURES.iter().filter(|figure| figure.shape.is_plain()).filter_map(|f| Some((at(f)?, f))).collect();
        let line = |name: &str, turn, value: Value| Line {
            name: name.to_owned(),
            values: figures.values().map(|figure| self.median(figure, turn, value)).collect(),
        };
        let lines = [
            line("limit", Turn::Limit, Measured::rate),
            line("polysink, acknowledged", Turn::Polysink, Measured::rate),
            line("polysink, end to end", Turn::Polysink, Measured::rate_end_to_end),
            line("Fastify", Turn::Fastify, Measured::rate),
        ];
        let labels: Vec<String> = figures.keys().map(|at| rounded(*at as f64)).collect();
        plot::lines(path, title, x, "records a second", &labels, &lines);
    }

    pub fn markdown(&self) -> String {
        let mut out = self.head();
        self.figures(&mut out);
        self.peers(&mut out);
        if let Some(lag) = &self.lag {
            sections::lag(&mut out, lag);
        }
        if let Some(growth) = &self.growth {
            sections::growth(&mut out, growth);
        }
        sections::far(&mut out, &self.far);
        sections::steps(&mut out, &self.steps);
        if let Some(seconds) = self.build_seconds {
            let (minutes, seconds) = (seconds / 60, seconds % 60);
            write!(
                out,
                "\n## Building\n\n`cargo build --release` of a clean clone, with all packages fetched: {minutes} min \
                 {seconds} s.\n"
            )
            .expect("a string takes every write");
        }
        self.rounds(&mut out);
        out.push('\n');
        out.push_str(include_str!("decisions.md"));
        out
    }

    fn head(&self) -> String {
        let mut out = format!(
            "# Performance\n\nMade by `script/bench` on {} cores that client, service and PostgreSQL {} share \
             (`shared_buffers` 512 MB), with records of 350 bytes, {} a round; half of them in batches of 10, a tenth \
             where each is a delivery of its own. Rates are records a second: medians of {} rounds, which take the \
             contenders in turns. The machine decides the rates; the ratios are what counts. `script/bench --only \
             gzip` measures one figure, `--statements` prints what each statement costs.\n\n\
             - **Limit**: `COPY` of everything that polysink stores for the same records (raw bodies, ledger, typed \
             table), from two sessions. It verifies, parses and deduplicates nothing.\n\
             - **Acknowledged**: until the last delivery was answered 200. **End to end**: until the last record was a \
             row of the typed table.\n\
             - **Round trips** to the database are those of the writers and of the projector, counted by a proxy in a \
             further run of a tenth of the records.\n",
            self.cores,
            self.version,
            HumanCount(self.records as u64),
            self.rounds,
        );
        for (_, name, file, text) in PEERS {
            writeln!(
                out,
                "- **{name}**: [a receiver](../benches/peers/{file}) that stores the body and upserts the records, and \
                 types nothing; {text}."
            )
            .expect("a string takes every write");
        }
        out
    }

    fn figures(&self, out: &mut String) {
        out.push_str(
            "\n| | acknowledged | of the limit | of Fastify | end to end | of the limit | of Fastify | CPU µs a \
             record, polysink / PostgreSQL | WAL bytes a record | round trips a record \
             |\n|---|---|---|---|---|---|---|---|---|---|\n",
        );
        for figure in &FIGURES {
            let polysink = |value| self.median(figure, Turn::Polysink, value);
            let (Some(rate), Some(end)) = (polysink(Measured::rate), polysink(Measured::rate_end_to_end)) else {
                continue;
            };
            let limit = self.median(figure, Turn::Limit, Measured::rate);
            let fastify = self.median(figure, Turn::Fastify, Measured::rate);
            let of =
                |rate: f64, other: Option<f64>| other.map_or_else(String::new, |other| format!("{:.2}", rate / other));
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} | {:.1} / {:.1} | {:.0} | {:.3} |",
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
                self.round_trips.get(figure.name).copied().unwrap_or_default(),
            )
            .expect("a string takes every write");
        }
        out.push_str(
            "\n![Rates by the size of batches](performance/batches.svg)\n\n\
             ![Rates by the number of connections](performance/connections.svg)\n",
        );
    }

    /// Everybody who received the same.
    fn peers(&self, out: &mut String) {
        if PEERS.iter().all(|(turn, ..)| self.median(&FIGURES[0], *turn, Measured::rate).is_none()) {
            return;
        }
        out.push_str(
            "\n## Receivers that one would write instead\n\n| | | records a second | CPU µs a record, own / PostgreSQL \
             |\n|---|---|---|---|\n",
        );
        for figure in FIGURES.iter().filter(|figure| figure.peers.contains(&Turn::Express)) {
            let polysink = [(Turn::Polysink, "polysink")].into_iter();
            for (turn, name) in polysink.chain(PEERS.map(|(turn, name, ..)| (turn, name))) {
                let of = |value| self.median(figure, turn, value);
                let (Some(rate), Some(own), Some(postgres)) =
                    (of(Measured::rate), of(|measured| measured.own), of(|measured| measured.postgres))
                else {
                    continue;
                };
                writeln!(out, "| {} | {name} | {} | {own:.1} / {postgres:.1} |", figure.name, rounded(rate))
                    .expect("a string takes every write");
            }
        }
    }

    fn rounds(&self, out: &mut String) {
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
    }
}
