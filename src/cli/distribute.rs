//! `polysink distribute`

use std::process::ExitCode;

use bytesize::ByteSize;

use crate::cli::support::output::outln;
use crate::maintenance::{DistributePlan, plan_distribution};

use super::support::confirm::confirm;
use super::support::connect::{DataScope, with_database};
use super::support::progress::{self, Interrupted};
use super::support::settings::Settings;
use super::support::table::counted;

/// Distribute the tables over the nodes of a Citus cluster
///
/// The ledger, the raw deliveries and the query tables get shards on every node; syncs and fields are copied to each.
/// Query tables of later syncs are distributed when they are made. Deliveries continue: those that need a table while
/// it is copied are spooled. It can be interrupted, and goes on where it ended when it is run again.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How many shards each table gets; by default `citus.shard_count` of the server, usually 32
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=2048))]
    shards: Option<u16>,

    /// Do not ask
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        let plan = plan_distribution(&store, options.shards).await?;
        if plan.tables.is_empty() {
            outln!("All tables are distributed over {}.", nodes(&plan));
            return Ok(ExitCode::SUCCESS);
        }
        confirm(&question(&plan), options.yes)?;
        let (all, nodes) = (plan.tables.len(), nodes(&plan));
        let bar = progress::bytes_bar(plan.bytes().unsigned_abs());
        let interrupted = Interrupted::listen();
        let done = plan
            .run(|relation, bytes| {
                bar.set_message(relation.to_owned());
                bar.set_position(bytes.unsigned_abs());
                !interrupted.is_pressed()
            })
            .await;
        bar.finish_and_clear();
        let done = done?;
        outln!("Distributed {} over {nodes}.", counted(done as u64, "table", "tables"));
        if done < all {
            outln!("{} left: run it again to go on.", counted((all - done) as u64, "table is", "tables are"));
            return Ok(ExitCode::FAILURE);
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

fn nodes(plan: &DistributePlan) -> String {
    counted(plan.cluster.nodes.unsigned_abs(), "node", "nodes")
}

fn question(plan: &DistributePlan) -> String {
    format!(
        "{} of {} will be copied to {}. Deliveries are spooled while a table that they need is copied, and queries \
         wait for it. polysink cannot bring the tables back to one server.",
        counted(plan.tables.len() as u64, "table", "tables"),
        ByteSize::b(plan.bytes().unsigned_abs()).display().iec(),
        nodes(plan),
    )
}
