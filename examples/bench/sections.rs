//! The document's sections that are not figures.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use crate::growth::Growth;
use crate::lag::{Lag, Percentiles, SHARES};
use crate::link::Far;
use crate::measure::Measured;
use crate::micro::Step;
use crate::plot::{self, Line, rounded};

const WRITES: &str = "a string takes every write";

pub fn lag(out: &mut String, lag: &Lag) {
    let times = |times: &Percentiles| {
        let [p50, p99, most] = [500, 990, 1_000].map(|share| times.at(share).as_millis());
        format!("{p50} ms at the median, {p99} ms at the 99th percentile, {most} ms at the most")
    };
    write!(
        out,
        "\n## From the answer to the row\n\nAt a steady {} records a second, half of the first figure end to end: a \
         delivery is answered after {}; from there to its rows it takes {}. The service uses {} MiB at the most.\n\n\
         ![Times by percentile](performance/lag.svg)\n",
        rounded(lag.rate),
        times(&lag.answer),
        times(&lag.row),
        lag.memory
    )
    .expect(WRITES);
}

pub fn plot_lag(lag: &Lag, path: &Path) {
    let line = |name: &str, times: &Percentiles| Line {
        name: name.to_owned(),
        values: times.0.iter().map(|time| Some(millis(*time))).collect(),
    };
    let labels = SHARES.map(|share| format!("{}", share as f64 / 10.0));
    let title = format!("{} records a second", rounded(lag.rate));
    let lines = [line("until the answer", &lag.answer), line("from the answer to the rows", &lag.row)];
    plot::lines(path, &title, "percentile", "ms", &labels, &lines);
}

pub fn growth(out: &mut String, growth: &Growth) {
    out.push_str(
        "\n## With more records stored\n\nAll of one sync, whose hashes have no order; each step stores the records of \
         the next.\n\n| records stored | acknowledged | of the limit | end to end | of the limit | CPU µs a record, \
         polysink / PostgreSQL | WAL bytes a record |\n|---|---|---|---|---|---|---|\n",
    );
    for step in &growth.steps {
        let (run, limit) = (&step.polysink, step.limit.rate());
        writeln!(
            out,
            "| {} | {} | {:.2} | {} | {:.2} | {:.1} / {:.1} | {:.0} |",
            rounded(step.stored as f64),
            rounded(run.rate()),
            run.rate() / limit,
            rounded(run.rate_end_to_end()),
            run.rate_end_to_end() / limit,
            run.own,
            run.postgres,
            run.wal
        )
        .expect(WRITES);
    }
    let again = &growth.repeated;
    write!(
        out,
        "\nWith {} stored, {} of them sent again: {} a second acknowledged, {} end to end, {:.1} and {:.1} µs of CPU, \
         {:.0} bytes of WAL.\n\n![Rates by records stored](performance/growth.svg)\n",
        rounded(growth.stored as f64),
        rounded(again.records as f64),
        rounded(again.rate()),
        rounded(again.rate_end_to_end()),
        again.own,
        again.postgres,
        again.wal
    )
    .expect(WRITES);
}

pub fn plot_growth(growth: &Growth, path: &Path) {
    let line = |name: &str, value: fn(&Measured) -> f64, of_limit: bool| Line {
        name: name.to_owned(),
        values: growth
            .steps
            .iter()
            .map(|step| Some(value(if of_limit { &step.limit } else { &step.polysink })))
            .collect(),
    };
    let labels: Vec<String> =
        growth.steps.iter().map(|step| format!("{:.1}", step.stored as f64 / 1_000_000.0)).collect();
    let lines = [
        line("limit, into empty tables", Measured::rate, true),
        line("polysink, acknowledged", Measured::rate, false),
        line("polysink, end to end", Measured::rate_end_to_end, false),
    ];
    plot::lines(path, "Growth", "millions of records stored", "records a second", &labels, &lines);
}

pub fn far(out: &mut String, runs: &[Far]) {
    if runs.is_empty() {
        return;
    }
    out.push_str(
        "\n## A database further away\n\nA proxy holds every byte back for half a round trip. Round trips are those of \
         a writer's session for one of its transactions, which writes a group of deliveries; \
         `POLYSINK_WRITERS` says how many at a time.\n\n| | round trip | writers | \
         acknowledged | end to end | round trips of a group | records of a group | CPU µs a record, polysink / \
         PostgreSQL |\n|---|---|---|---|---|---|---|---|\n",
    );
    for run in runs {
        writeln!(
            out,
            "| {} | {:.1} ms | {} | {} | {} | {:.1} | {:.0} | {:.1} / {:.1} |",
            run.figure,
            millis(run.round_trip),
            run.writers,
            rounded(run.measured.rate()),
            rounded(run.measured.rate_end_to_end()),
            run.round_trips,
            run.records,
            run.measured.own,
            run.measured.postgres
        )
        .expect(WRITES);
    }
}

pub fn steps(out: &mut String, steps: &[Step]) {
    if steps.is_empty() {
        return;
    }
    out.push_str("\n## Steps alone\n\nOn one core, without a database.\n\n| | µs a record |\n|---|---|\n");
    for step in steps {
        writeln!(out, "| {} | {:.2} |", step.name, millis(step.each) * 1_000.0).expect(WRITES);
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
