//! Every fault under load, and one table: what was acknowledged, lost, stored twice, shown wrongly and refused, and how
//! long it took to heal. `script/faults` runs it.
//!
//! Half of the records are of entities that all clients send. Meanwhile an operator rebuilds the tables, and changes
//! the identity and a column. After each fault the ledger is compared with what was acknowledged, record by record, and
//! the query tables with the ledger, row by row; before and after one more rebuild. The moments of the faults are
//! random; the seed is printed, so that a run can be repeated.

#[path = "../../tests/it/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the integration tests use all of it")]
mod harness;
mod scenarios;
mod trial;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use nix::sys::signal::Signal;
use rand::RngExt as _;

use harness::compared::Compared;
use harness::{Cut, Server, SmallDisk};
use trial::{Outcome, Run};

/// Runs every fault, or those whose names contain a word.
#[derive(Parser)]
struct Options {
    /// A part of the names of faults.
    #[arg(default_value = "")]
    name: String,
    /// Chooses the moments of the faults.
    #[arg(long)]
    seed: Option<u64>,
    /// Six times the rounds: about an hour instead of ten minutes.
    #[arg(long)]
    long: bool,
}

/// Runs one fault; `None` if this machine cannot have it.
async fn outcome(name: &str, run: Run) -> Option<Outcome> {
    let outcome = match name {
        "kill -9 of the service" => scenarios::service_killed(run).await,
        "kill -9 while it spools" => scenarios::killed_while_spooling(run).await,
        "kill -9 while it drains" => scenarios::killed_while_draining(run).await,
        "SIGTERM to the service" => scenarios::asked_to_stop(run).await,
        "PostgreSQL stopped (immediate)" => {
            scenarios::taken_away(run, 50 * run.times, Server::stop, Server::start_again).await
        }
        "PostgreSQL frozen" => {
            let (freeze, thaw) = (
                |server: &mut Server| server.signal(Signal::SIGSTOP),
                |server: &mut Server| server.signal(Signal::SIGCONT),
            );
            scenarios::taken_away(run, 10 * run.times, freeze, thaw).await
        }
        "PostgreSQL away for a minute" => scenarios::away_for_a_minute(run).await,
        "cut before the commit" => scenarios::commits_cut(Cut::BeforeCommit, run).await,
        "cut after the commit" => scenarios::commits_cut(Cut::AfterCommit, run).await,
        "PostgreSQL's disk full" => scenarios::disk_of_postgres_full(&SmallDisk::mount(100)?, run).await,
        "the spool's disk full" => scenarios::disk_of_the_spool_full(&SmallDisk::mount(24)?, run).await,
        "the spool moved or turned off" => scenarios::spool_moved(run).await,
        "the spool's folder removed" => scenarios::spools_folder_removed(run).await,
        "the ledger lost, replays killed" => scenarios::ledger_lost(run).await,
        "two replicas, PostgreSQL stopped" => scenarios::replicas(2, run).await,
        "four replicas, PostgreSQL stopped" => scenarios::replicas(4, run).await,
        "hostile requests" => scenarios::hostile_requests(run).await,
        _ => unreachable!("it is not in the list"),
    };
    Some(outcome)
}

const FAULTS: [&str; 17] = [
    "kill -9 of the service",
    "kill -9 while it spools",
    "kill -9 while it drains",
    "SIGTERM to the service",
    "PostgreSQL stopped (immediate)",
    "PostgreSQL frozen",
    "PostgreSQL away for a minute",
    "cut before the commit",
    "cut after the commit",
    "PostgreSQL's disk full",
    "the spool's disk full",
    "the spool moved or turned off",
    "the spool's folder removed",
    "the ledger lost, replays killed",
    "two replicas, PostgreSQL stopped",
    "four replicas, PostgreSQL stopped",
    "hostile requests",
];

fn main() -> ExitCode {
    let options = Options::parse();
    let run =
        Run { seed: options.seed.unwrap_or_else(|| rand::rng().random()), times: if options.long { 6 } else { 1 } };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    println!(
        "Seed {}. Counts are records but for the 503s, which are deliveries of ten; times are seconds.\n",
        run.seed
    );
    println!(
        "| fault | rounds | acknowledged | of them spooled | lost | stored twice | rows that differ | changes by an \
         operator | 503 | healed in |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let mut failed = false;
    for name in FAULTS.into_iter().filter(|name| name.contains(&options.name)) {
        let began = Instant::now();
        let Some(Outcome { rounds, tally, changes, compared, healing }) = runtime.block_on(outcome(name, run)) else {
            println!("| {name} | not possible here |||||||||");
            continue;
        };
        failed |= compared != Compared::default() || tally.acknowledged() == 0;
        println!(
            "| {name} | {rounds} | {} | {} | {} | {} | {} | {changes} | {} | {:.1} |",
            tally.acknowledged(),
            tally.spooled * harness::load::RECORDS,
            compared.lost.max(compared.torn),
            compared.twice.max(-compared.torn),
            compared.differ,
            tally.refused,
            healing.as_secs_f64(),
        );
        eprintln!("{name}: {:.0} s", began.elapsed().as_secs_f64());
    }
    ExitCode::from(u8::from(failed))
}
