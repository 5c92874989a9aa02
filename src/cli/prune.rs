//! `polysink prune`

use std::process::ExitCode;

use bytesize::ByteSize;
use serde_json::json;

use crate::app;
use crate::cli::support::output::outln;
use crate::config::{DATA_SETTINGS, RETENTION_SETTINGS, Setting, retention};
use crate::maintenance::{self, PrunePlan};
use crate::store::Removal;
use crate::store::tables::changes::{self, ChangeAction};

use super::support::confirm::confirm;
use super::support::connect::with_database;
use super::support::settings::{Scope, Settings};
use super::support::table::{counted, grouped};

/// Apply the retention now: remove raw deliveries and resolved rejections that are older
///
/// `serve` does so every hour by itself. Days of which deliveries are not in the query tables stay. The ledger, the
/// query tables and their histories keep everything; only a rebuild reaches no further back than the raw deliveries.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Do not ask
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    settings: Settings<PruneScope>,
}

#[derive(Debug)]
struct PruneScope;

impl Scope for PruneScope {
    const GROUPS: &'static [&'static [&'static Setting]] = &[DATA_SETTINGS, RETENTION_SETTINGS];
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let Some(keep) = options.settings.read(retention)?.map(app::retention) else {
        outln!("POLYSINK_RETENTION is 0: everything is kept.");
        return Ok(ExitCode::SUCCESS);
    };
    with_database(&options.settings, async |store| {
        let plan = maintenance::plan_prune(&store, keep, app::now()).await?;
        if plan.partitions.is_empty() && plan.rejections == 0 && plan.heads == 0 {
            outln!("Nothing is older than {}.", shown(keep.bodies));
            return Ok(ExitCode::SUCCESS);
        }
        confirm(&question(&plan), options.yes)?;
        let Some(pruned) = maintenance::prune(&store, keep, app::now()).await? else {
            anyhow::bail!("another process is applying the retention; wait for it");
        };
        let after = json!({
            "days": pruned.partitions, "days_of_heads": pruned.heads, "resolved_rejections": pruned.rejections,
        });
        changes::note(&store, None, ChangeAction::Prune, after).await?;
        outln!(
            "Removed {} of raw deliveries and {}.",
            counted(pruned.partitions, "day", "days"),
            counted(pruned.rejections, "resolved rejection", "resolved rejections")
        );
        if pruned.heads > 0 {
            outln!("Removed {} of heads of deliveries.", counted(pruned.heads, "day", "days"));
        }
        if pruned.kept_heads > 0 {
            let days = counted(pruned.kept_heads, "day of heads stays", "days of heads stay");
            outln!("{days} for now: another session uses them. Run it again later.");
        }
        for (day, why) in &pruned.kept {
            match why {
                Removal::InUse => outln!("{day} stays for now: another session uses the raw log. Run it again later."),
                Removal::Needed | Removal::Removed => {
                    outln!("{day} stays: deliveries of that day are not in the query tables; see `polysink syncs`.");
                }
            }
        }
        Ok(if pruned.kept.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
    .await
}

fn question(plan: &PrunePlan) -> String {
    let bytes: u64 = plan.partitions.iter().map(|partition| partition.bytes).sum();
    let deliveries: u64 = plan.partitions.iter().filter_map(|partition| partition.deliveries).sum();
    let needed = plan.partitions.iter().filter(|partition| partition.needed > 0).count();
    let mut text = format!(
        "Older than {}: {} of raw deliveries (about {} of them, {}) and {}.",
        plan.before.format("%Y-%m-%d %H:%M UTC"),
        counted(plan.partitions.len() as u64, "day", "days"),
        grouped(deliveries),
        ByteSize::b(bytes).display().iec(),
        counted(plan.rejections, "resolved rejection", "resolved rejections")
    );
    if plan.heads > 0 {
        text = format!("{text} Beyond POLYSINK_RETENTION_HEADERS: {} of heads.", counted(plan.heads, "day", "days"));
    }
    if needed > 0 {
        let days = counted(needed as u64, "day has", "days have");
        text = format!("{text} {days} deliveries that are not in the query tables, and will stay.");
    }
    text
}

fn shown(keep: chrono::TimeDelta) -> String {
    humantime::format_duration(keep.to_std().unwrap_or_default()).to_string()
}
