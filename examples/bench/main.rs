//! How fast polysink is, against PostgreSQL itself and against receivers that one would write instead. `script/bench`
//! runs it, and writes `docs/performance.md`.
//!
//! Client, service and PostgreSQL share the machine. Every contender of a round gets the same deliveries; rounds take
//! the contenders in turns, in an order that alternates, and a figure is the median of all rounds. What counts are the
//! ratios to the limit: a plain `COPY` of everything that polysink has stored, from two sessions.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "figures are positive, and have few digits"
)]

mod figures;
mod growth;
#[path = "../../tests/it/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the integration tests use all of it")]
mod harness;
mod lag;
mod limit;
mod link;
mod load;
mod measure;
mod micro;
mod peers;
mod plot;
mod report;
mod sections;
mod service;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use figures::{FIGURES, Figure, Turn};
use limit::Limit;
use load::{Deliveries, Source};
use measure::Database;
use peers::Peer;
use report::Report;
use service::Polysink;

/// Write transactions at a time, as by default.
const WRITERS: usize = 4;

/// Measures every figure of docs/performance.md, and writes it.
#[derive(Parser)]
struct Options {
    /// Rounds of each figure.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Records of a round; a tenth of them where each is a delivery of its own, and half with ten in a delivery.
    #[arg(long, default_value_t = 200_000)]
    records: usize,
    /// Seconds of the measurement of the lag.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// How many records are stored at the end of the growth.
    #[arg(long, default_value_t = 20_000_000)]
    stored: usize,
    /// Seconds that `cargo build --release` of a clean clone took, for the document.
    #[arg(long)]
    build_seconds: Option<u64>,
    /// Measures only figures whose name contains this, and writes no document. Further names: steps alone, lag, far
    /// away, growth.
    #[arg(long, default_value = "")]
    only: String,
    /// Prints which statements took the most time in each run. That costs some.
    #[arg(long)]
    statements: bool,
    /// Where the document goes.
    #[arg(long, default_value = "docs/performance.md")]
    output: PathBuf,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    let report = runtime.block_on(bench(&options));
    println!("{}", report.markdown());
    if options.only.is_empty() {
        report.write(&options.output);
    }
    ExitCode::SUCCESS
}

async fn bench(options: &Options) -> Report {
    let is_wanted = |name: &str| name.contains(&options.only);
    let steps = if is_wanted("steps alone") { micro::measure((options.records / 2_000).max(1)) } else { Vec::new() };
    let database = Database::start(options.statements).await;
    let mut polysink = Polysink::start(&database, &database.url(), WRITERS).await;
    let wanted: Vec<&Figure> = FIGURES.iter().filter(|figure| is_wanted(figure.name)).collect();
    let peers = if wanted.iter().any(|figure| !figure.peers.is_empty()) {
        Peer::start_all(&database).await
    } else {
        Vec::new()
    };
    let mut report = Report::new(options, &database).await;
    report.steps = steps;

    let limit = Limit::prepare(&database, &polysink, options.records).await;
    for (number, figure) in (1..).zip(&wanted) {
        for round in 0..options.rounds {
            let source = Source::new(number * 100 + round);
            let deliveries = Deliveries::make(&source, &figure.shape, figure.shape.records(options.records));
            let mut turns = vec![Turn::Limit, Turn::Polysink];
            turns.extend(peers.iter().map(|peer| peer.turn).filter(|turn| figure.peers.contains(turn)));
            if round % 2 == 1 {
                turns.reverse();
            }
            for turn in turns {
                database.checkpoint().await;
                let peer = peers.iter().find(|peer| peer.turn == turn);
                let measured = match peer {
                    Some(peer) => peer.run(&database, &deliveries, figure.connections).await,
                    None if turn == Turn::Limit => limit.run(&database).await,
                    None => polysink.run(&database, figure, &deliveries).await,
                };
                eprintln!("{}: {turn:?}: {measured}", figure.name);
                if options.statements {
                    database.print_statements(deliveries.records).await;
                }
                report.add(figure.name, turn, measured);
            }
        }
    }
    drop(peers);
    polysink = count_round_trips(&database, polysink, &mut report, options, &wanted).await;
    if is_wanted("lag") {
        report.lag = Some(lag::measure(&database, &polysink, report.end_to_end() / 2.0, options.seconds).await);
    }
    let polysink = if is_wanted("far away") {
        // It would write rows of the deliveries that come the long way.
        drop(polysink);
        report.far = link::measure(&database, options.records / 2).await;
        Polysink::start(&database, &database.url(), WRITERS).await
    } else {
        polysink
    };
    if is_wanted("growth") {
        report.growth = Some(growth::measure(&database, &polysink, &limit, options.stored, options.records).await);
    }
    report
}

/// Counts the round trips of each figure, in a run of a tenth of its records.
async fn count_round_trips(
    database: &Database,
    polysink: Polysink,
    report: &mut Report,
    options: &Options,
    figures: &[&Figure],
) -> Polysink {
    if figures.is_empty() {
        return polysink;
    }
    // It would write rows of the deliveries that another service receives.
    drop(polysink);
    for (number, figure) in figures.iter().enumerate() {
        let round_trips = link::round_trips(database, figure, number, options.records / 10).await;
        eprintln!("{}: {round_trips:.3} round trips a record", figure.name);
        report.round_trips.insert(figure.name, round_trips);
    }
    Polysink::start(database, &database.url(), WRITERS).await
}
