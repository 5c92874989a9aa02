//! How fast polysink is, against PostgreSQL itself and against a receiver that one would write instead. `script/bench`
//! runs it, and writes `docs/performance.md`.
//!
//! Client, service and PostgreSQL share the machine. Every contender of a round gets the same deliveries; rounds take
//! the contenders in turns, in an order that alternates, and a figure is the median of all rounds. What counts are the
//! ratios to the limit: a plain `COPY` of everything that polysink has stored, from two sessions.

mod contenders;
#[path = "../../tests/it/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the integration tests use all of it")]
mod harness;
mod lag;
mod limit;
mod load;
mod measure;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use contenders::{Fastify, Polysink};
use limit::Limit;
use load::{Deliveries, Shape};
use measure::Database;
use report::Report;

/// Measures every figure of docs/performance.md, and writes it.
#[derive(Parser)]
struct Options {
    /// Rounds of each figure.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Records of a round; a tenth of them where each is a delivery of its own.
    #[arg(long, default_value_t = 200_000)]
    records: usize,
    /// Seconds of the measurement of the lag.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Measures only figures whose name contains this, and writes no document.
    #[arg(long, default_value = "")]
    only: String,
    /// Prints which statements took the most time in each run. That costs some.
    #[arg(long)]
    statements: bool,
    /// Where the document goes.
    #[arg(long, default_value = "docs/performance.md")]
    output: PathBuf,
}

/// A figure: what is sent, over how many connections, and by whom it is received.
struct Figure {
    name: &'static str,
    shape: Shape,
    connections: usize,
    /// Whether Fastify receives it too.
    compared: bool,
}

const FIGURES: [Figure; 7] = [
    Figure { name: "batches of 100, 8 connections", shape: Shape::batches(100), connections: 8, compared: true },
    Figure { name: "batches of 100, 64 connections", shape: Shape::batches(100), connections: 64, compared: false },
    Figure { name: "batches of 1,000, 8 connections", shape: Shape::batches(1_000), connections: 8, compared: true },
    Figure { name: "single records, 32 connections", shape: Shape::batches(1), connections: 32, compared: true },
    Figure { name: "gzip", shape: Shape::batches(100).gzipped(), connections: 8, compared: false },
    Figure {
        name: "with an identity and history",
        shape: Shape::batches(100).identified(),
        connections: 8,
        compared: false,
    },
    Figure {
        name: "a full re-sync, every record known",
        shape: Shape::batches(100).repeated(),
        connections: 8,
        compared: false,
    },
];

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    let report = runtime.block_on(bench(&options));
    println!("{}", report.markdown());
    if options.only.is_empty() {
        std::fs::write(&options.output, report.markdown()).expect("the document can be written");
    }
    ExitCode::SUCCESS
}

async fn bench(options: &Options) -> Report {
    let database = Database::start(options.statements).await;
    let polysink = Polysink::start(&database).await;
    let fastify = Fastify::start(&database).await;
    let mut report = Report::new(options.rounds, options.records, &database).await;

    let limit = Limit::prepare(&database, &polysink, options.records).await;
    let mut round = 0;
    for figure in FIGURES.iter().filter(|figure| figure.name.contains(&options.only)) {
        let records = if figure.shape.batch == 1 { options.records / 10 } else { options.records };
        for _ in 0..options.rounds {
            round += 1;
            let deliveries = Deliveries::make(&figure.shape, records, round);
            let mut turns = vec![Turn::Limit, Turn::Polysink];
            if figure.compared && fastify.is_some() {
                turns.push(Turn::Fastify);
            }
            if round % 2 == 0 {
                turns.reverse();
            }
            for turn in turns {
                database.checkpoint().await;
                let measured = match turn {
                    Turn::Limit => limit.run(&database).await,
                    Turn::Polysink => polysink.run(&database, figure, &deliveries).await,
                    Turn::Fastify => {
                        fastify.as_ref().expect("it runs").run(&database, &deliveries, figure.connections).await
                    }
                };
                eprintln!("{}: {turn:?}: {measured}", figure.name);
                if options.statements {
                    database.print_statements(records).await;
                }
                report.add(figure.name, turn, measured);
            }
        }
    }
    if "lag".contains(&options.only) {
        report.lag = Some(lag::measure(&database, &polysink, report.end_to_end() / 2.0, options.seconds).await);
    }
    report
}

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Limit,
    Polysink,
    Fastify,
}
