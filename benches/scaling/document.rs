//! `docs/scaling.md`: what was measured, and what follows from it for more records.

use std::fmt::Write as _;
use std::path::Path;

use crate::measure::Measured;
use crate::plot::{self, Line, rounded};

/// After a million records more.
pub struct Step {
    /// Records that are stored.
    pub stored: usize,
    /// Storing the last of them.
    pub measured: Measured,
    pub queries: Vec<Query>,
    pub space: Vec<Space>,
}

pub struct Query {
    pub name: &'static str,
    /// The best of several.
    pub millis: f64,
}

pub struct Space {
    /// A table or an index.
    pub part: String,
    pub bytes: f64,
}

/// To how many records figures are extrapolated.
const FURTHER: [f64; 3] = [1e8, 1e9, 1e10];

/// GiB of memory that servers have.
const MEMORIES: [f64; 4] = [16.0, 64.0, 256.0, 1_024.0];

/// How much of its memory PostgreSQL can have for the indexes that each record reads.
const FOR_INDEXES: f64 = 0.5;

/// What a fast local disk reads in a second, in pages. Network disks have a tenth to a third of it.
const READS: f64 = 100_000.0;

impl Step {
    /// CPU of polysink and of PostgreSQL, in microseconds a record.
    fn cpu(&self) -> f64 {
        self.measured.own + self.measured.postgres
    }

    fn bytes_a_record(&self, space: &Space) -> f64 {
        space.bytes / self.stored as f64
    }
}

/// A value that grows with the logarithm of the records: its value at one record, and what each doubling adds.
struct Growth {
    at_one: f64,
    doubling: f64,
}

impl Growth {
    /// By least squares.
    fn of(steps: &[Step], value: impl Fn(&Step) -> f64) -> Self {
        let points: Vec<(f64, f64)> = steps.iter().map(|step| ((step.stored as f64).log2(), value(step))).collect();
        let n = points.len() as f64;
        let (x, y) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
        let both: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
        let square: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
        let doubling = (both / square).max(0.0);
        Self { at_one: y - doubling * x, doubling }
    }

    fn at(&self, records: f64) -> f64 {
        self.at_one + self.doubling * records.log2()
    }
}

/// Bytes a record of the indexes of which each record reads a page that no record before it has.
fn random_bytes(last: &Step) -> f64 {
    let is_random = |part: &str| {
        part.contains(": index on") && !part.contains("raw deliveries") && !part.contains("index on altered")
    };
    last.space.iter().filter(|space| is_random(&space.part)).map(|space| last.bytes_a_record(space)).sum()
}

/// Writes what takes the place of a name in the template.
type Part = fn(&mut String, &[Step]);

/// The document.
pub fn write(steps: &[Step]) -> String {
    let parts: [(&str, Part); 6] = [
        ("space", space),
        ("costs", costs),
        ("queries", queries),
        ("further", further),
        ("further queries", further_queries),
        ("memory", memory),
    ];
    parts.into_iter().fold(include_str!("template.md").to_owned(), |text, (name, part)| {
        let mut out = String::new();
        part(&mut out, steps);
        text.replace(&format!("{{{{{name}}}}}"), out.trim_end())
    })
}

fn space(out: &mut String, steps: &[Step]) {
    let (middle, last) = (&steps[steps.len() / 2 - 1], &steps[steps.len() - 1]);
    let (fewer, more) = (rounded(middle.stored as f64), rounded(last.stored as f64));
    writeln!(out, "| | bytes a record of {fewer} | of {more} |\n|---|---|---|").expect("it takes every write");
    let (mut before, mut after) = (0.0, 0.0);
    for space in &last.space {
        let (now, earlier) = (last.bytes_a_record(space), middle.space.iter().find(|other| other.part == space.part));
        let earlier = earlier.map_or(0.0, |earlier| middle.bytes_a_record(earlier));
        before += earlier;
        after += now;
        if now >= 0.5 {
            writeln!(out, "| {} | {earlier:.0} | {now:.0} |", space.part).expect("it takes every write");
        }
    }
    writeln!(out, "| **together** | **{before:.0}** | **{after:.0}** |").expect("it takes every write");
}

fn costs(out: &mut String, steps: &[Step]) {
    let head =
        "records stored | acknowledged a second | rows a second | CPU µs a record, polysink / PostgreSQL | WAL bytes";
    writeln!(out, "| {head} a record |\n|---|---|---|---|---|").expect("it takes every write");
    for Step { stored, measured, .. } in steps {
        writeln!(
            out,
            "| {} | {} | {} | {:.1} / {:.1} | {:.0} |",
            rounded(*stored as f64),
            rounded(measured.rate()),
            rounded(measured.rate_end_to_end()),
            measured.own,
            measured.postgres,
            measured.wal
        )
        .expect("it takes every write");
    }
    let (second, last) = (&steps[1], &steps[steps.len() - 1]);
    writeln!(
        out,
        "\nFrom {} to {} records, the CPU of a record rises from {:.1} to {:.1} µs, to {:.2} of it.",
        rounded(second.stored as f64),
        rounded(last.stored as f64),
        second.cpu(),
        last.cpu(),
        last.cpu() / second.cpu()
    )
    .expect("it takes every write");
}

fn queries(out: &mut String, steps: &[Step]) {
    let shown: Vec<&Step> = [0, 1, 3, 7].into_iter().filter_map(|n| steps.get(n)).chain(steps.get(11)).collect();
    let each = |of: &dyn Fn(&Step) -> String| shown.iter().map(|step| of(step)).collect::<Vec<_>>().join(" | ");
    let lines = "---|".repeat(shown.len());
    writeln!(out, "| records | {} |\n|---|{lines}", each(&|step| rounded(step.stored as f64)))
        .expect("it takes every write");
    for (n, query) in steps[0].queries.iter().enumerate() {
        writeln!(out, "| {} | {} |", query.name, each(&|step| format!("{:.1}", step.queries[n].millis)))
            .expect("it takes every write");
    }
}

fn further(out: &mut String, steps: &[Step]) {
    let last = &steps[steps.len() - 1];
    let bytes = |of: &dyn Fn(&str) -> bool| -> f64 {
        last.space.iter().filter(|space| of(&space.part)).map(|space| last.bytes_a_record(space)).sum()
    };
    let kept = bytes(&|part| !part.contains("raw deliveries"));
    let raw = bytes(&|part| part.contains("raw deliveries"));
    let random = random_bytes(last);
    // The first step fills caches.
    let (cpu, wal) = (Growth::of(&steps[1..], Step::cpu), Growth::of(&steps[1..], |step| step.measured.wal));
    let head = [
        "records",
        "ledger and query table",
        "raw deliveries, if all are kept",
        "indexes that each record reads",
        "CPU µs a record",
        "rows a second of two cores",
        "WAL bytes a record",
        "",
    ];
    writeln!(out, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len())).expect("it takes every write");
    let measured = [&steps[0], last].map(|step| (step.stored as f64, step.cpu(), step.measured.wal, "measured"));
    let rate = last.measured.rate_end_to_end() * last.cpu();
    let rows = measured.into_iter().chain(FURTHER.map(|n| (n, cpu.at(n), wal.at(n), "extrapolated")));
    for (records, cpu, wal, how) in rows {
        writeln!(
            out,
            "| {} | {} | {} | {} | {cpu:.0} | {} | {} | {how} |",
            rounded(records),
            gib(records * kept),
            gib(records * raw),
            gib(records * random),
            rounded(rate / cpu),
            rounded(wal),
        )
        .expect("it takes every write");
    }
}

fn memory(out: &mut String, steps: &[Step]) {
    let random = random_bytes(&steps[steps.len() - 1]);
    writeln!(out, "| memory of the server | records of which its indexes are in memory |\n|---|---|")
        .expect("it takes every write");
    for memory in MEMORIES {
        let records = memory * FOR_INDEXES * 2_f64.powi(30) / random;
        // Two digits.
        let digit = 10_f64.powf(records.log10().floor() - 1.0);
        writeln!(out, "| {} GiB | {} |", rounded(memory), rounded((records / digit).floor() * digit))
            .expect("it takes every write");
    }
    writeln!(
        out,
        "\nBeyond that, a new record reads about two pages from the disk: at {} reads a second, {} records a second \
         are the most, by calculation.\n",
        rounded(READS),
        rounded(READS / 2.0)
    )
    .expect("it takes every write");
}

/// Reading all rows takes as much longer as there are more; a row by its key is found in about the same time.
fn further_queries(out: &mut String, steps: &[Step]) {
    let last = &steps[steps.len() - 1];
    let head = FURTHER.map(rounded).join(" | ");
    writeln!(out, "| records | {head} |\n|---|{}", "---|".repeat(FURTHER.len())).expect("it takes every write");
    for (n, query) in last.queries.iter().enumerate() {
        let more = |records: f64| if n == 0 { 1.0 } else { records / last.stored as f64 };
        let times = FURTHER.map(|records| duration(query.millis * more(records))).join(" | ");
        writeln!(out, "| {} | {times} |", query.name).expect("it takes every write");
    }
}

fn duration(millis: f64) -> String {
    match millis / 1_000.0 {
        seconds if seconds < 1.0 => format!("{millis:.0} ms"),
        seconds if seconds < 120.0 => format!("{seconds:.0} s"),
        seconds if seconds < 7_200.0 => format!("{:.0} min", seconds / 60.0),
        seconds => format!("{:.0} h", seconds / 3_600.0),
    }
}

/// Of so many bytes.
fn gib(bytes: f64) -> String {
    let gib = bytes / 2_f64.powi(30);
    if gib < 10.0 { format!("{gib:.1} GiB") } else { format!("{} GiB", rounded(gib)) }
}

/// CPU and WAL by records stored, both against the second step.
pub fn plot(steps: &[Step], path: &Path) {
    let labels: Vec<String> = steps.iter().map(|step| format!("{}", step.stored / 1_000_000)).collect();
    let against = |value: &dyn Fn(&Step) -> f64| {
        steps.iter().map(|step| Some(100.0 * value(step) / value(&steps[1]))).collect::<Vec<_>>()
    };
    let lines = [
        Line { name: "CPU a record".to_owned(), values: against(&Step::cpu) },
        Line { name: "WAL bytes a record".to_owned(), values: against(&|step| step.measured.wal) },
    ];
    plot::lines(path, "Growth", "million records stored", "% of the second million", &labels, &lines);
}
