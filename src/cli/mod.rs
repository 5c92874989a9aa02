//! The command line: one file per command, each with its options and a `run`.

mod adopt;
mod column;
mod completions;
mod dbt;
mod deletes;
mod deliveries;
mod distribute;
mod doctor;
mod forget;
mod health;
mod identity;
mod man;
mod migrate;
mod notify;
mod prune;
mod psql;
mod rebuild;
mod rejections;
mod repair;
mod replay;
mod runs;
mod send;
mod serve;
mod spool;
mod support;
mod syncs;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Receives Polytomic's webhooks and stores them in PostgreSQL, exactly once.
#[derive(Debug, Parser)]
#[command(name = "polysink", version = VERSION, max_term_width = 110, after_help = AFTER)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// With the commit, where it is known.
const VERSION: &str = env!("POLYSINK_BUILD_VERSION");

const AFTER: &str = "Settings come from flags, the environment, and a .env file in the current folder, in this order; \
                     `.env.example` lists them all. Without DATABASE_URL, `serve` starts a private PostgreSQL, and the \
                     other commands use it while it runs.";

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Options),
    Migrate(migrate::Options),
    Send(send::Options),
    Psql(psql::Options),
    Syncs(syncs::Options),
    Identity(identity::Options),
    Column(column::Options),
    Rebuild(rebuild::Options),
    Adopt(adopt::Options),
    Deliveries(deliveries::Options),
    Dbt(dbt::Options),
    Replay(replay::Options),
    Runs(runs::Options),
    Repair(repair::Options),
    Deletes(deletes::Options),
    Prune(prune::Options),
    Distribute(distribute::Options),
    Forget(forget::Options),
    Rejections(rejections::Options),
    Notify(notify::Options),
    Spool(spool::Options),
    Doctor(doctor::Options),
    Health(health::Options),
    Completions(completions::Options),
    Man(man::Options),
}

impl Cli {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Serve(options) => serve::run(options).await,
            Command::Migrate(options) => migrate::run(options).await,
            Command::Send(options) => send::run(options).await,
            Command::Psql(options) => psql::run(options),
            Command::Syncs(options) => syncs::run(options).await,
            Command::Identity(options) => identity::run(options).await,
            Command::Column(options) => column::run(options).await,
            Command::Rebuild(options) => rebuild::run(options).await,
            Command::Adopt(options) => adopt::run(options).await,
            Command::Deliveries(options) => deliveries::run(options).await,
            Command::Dbt(options) => dbt::run(options).await,
            Command::Replay(options) => replay::run(options).await,
            Command::Runs(options) => runs::run(options).await,
            Command::Repair(options) => repair::run(options).await,
            Command::Deletes(options) => deletes::run(options).await,
            Command::Prune(options) => prune::run(options).await,
            Command::Distribute(options) => distribute::run(options).await,
            Command::Forget(options) => forget::run(options).await,
            Command::Rejections(options) => rejections::run(options).await,
            Command::Notify(options) => notify::run(options).await,
            Command::Spool(options) => spool::run(options).await,
            Command::Doctor(options) => doctor::run(options).await,
            Command::Health(options) => health::run(options).await,
            Command::Completions(options) => Ok(completions::run(&options)),
            Command::Man(options) => man::run(&options),
        }
    }
}
