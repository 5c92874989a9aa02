//! `polysink deletes`

use std::process::ExitCode;

use crate::app;
use crate::cli::support::output::{out, outln, shell_word};
use crate::maintenance::deletions as maintenance;
use crate::model::SyncId;
use crate::store::Store;
use crate::store::tables::deletions::{self, DeletionRow, DeletionState};
use crate::store::tables::runs;

use super::support::connect::{DataScope, find_sync, with_database};
use super::support::moment::to_second;
use super::support::settings::Settings;
use super::support::table::{Align, counted, grouped, render};

/// How many runs are listed.
const LISTED: i64 = 20;

/// Mark rows as deleted that a full run did not send
///
/// Polytomic does not say what was deleted. But a run that sends every record, and arrived whole, leaves that out.
/// Needs `POLYSINK_POLYTOMIC_KEY`, a sync that sends all records in each run, and an identity. More than 1,000 rows,
/// or more than 5 %, wait for you to apply them.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The sync: its id, its table or its name
    sync: String,

    /// Without one, shows the runs and what they left out
    #[command(subcommand)]
    action: Option<Action>,

    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Rows that a whole full run did not send get `_deleted_at`, and their version ends in the history
    On,

    /// Later runs delete nothing. Rows that are marked stay so until they are sent again
    Off,

    /// Apply the deletions of a run that wait, or were undone
    Apply {
        /// The run, as `polysink deletes SYNC` lists it
        run: String,
    },

    /// Undo the deletions of a run, or reject those that wait: its rows live, and their versions last
    Undo {
        /// The run, as `polysink deletes SYNC` lists it
        run: String,
    },
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        let sync_id = find_sync(&store, &options.sync).await?;
        let now = app::now();
        match &options.action {
            None => show(&store, sync_id, &options).await?,
            Some(Action::On) => {
                maintenance::switch(&store, sync_id, true).await?;
                outln!("Rows that a whole full run does not send count as deleted from now on.");
                if !runs::are_known(&store).await? {
                    outln!("No runs are known yet: with POLYSINK_POLYTOMIC_KEY set, `polysink serve` asks about them.");
                }
            }
            Some(Action::Off) => {
                maintenance::switch(&store, sync_id, false).await?;
                outln!("Later runs delete nothing.");
            }
            Some(Action::Apply { run }) => {
                let rows = maintenance::apply(&store, sync_id, run, now).await?;
                outln!("{} deleted.", counted(rows, "row is", "rows are"));
            }
            Some(Action::Undo { run }) => {
                maintenance::undo(&store, sync_id, run, now).await?;
                outln!("The rows that run {run} did not send live, unless a later run did not send them either.");
            }
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

async fn show(store: &Store, sync_id: SyncId, options: &Options) -> anyhow::Result<()> {
    let are_inferred = deletions::are_inferred(store, sync_id).await?;
    let runs = deletions::list(store, sync_id, LISTED).await?;
    if options.json {
        let shown = serde_json::json!({ "on": are_inferred, "runs": runs });
        outln!("{}", serde_json::to_string_pretty(&shown)?);
        return Ok(());
    }
    if !runs.is_empty() {
        out!("{}", as_table(&runs));
    }
    let sync = shell_word(&options.sync);
    if !are_inferred {
        outln!("Rows are not marked as deleted. To turn it on: polysink deletes {sync} on");
    } else if runs.is_empty() {
        outln!("It is on. No full run has arrived whole since.");
    }
    if let Some(waiting) = runs.iter().find(|run| run.state == DeletionState::Waiting) {
        let run = shell_word(&waiting.execution_id);
        outln!("\nTo delete the rows: polysink deletes {sync} apply {run}");
        outln!("To keep them:       polysink deletes {sync} undo {run}");
    }
    Ok(())
}

fn as_table(runs: &[DeletionRow]) -> String {
    let heading = [("ENDED", Align::Left), ("ROWS", Align::Right), ("STATE", Align::Left), ("RUN", Align::Left)];
    let state = |run: &DeletionRow| match &run.reason {
        Some(reason) => format!("{}: {reason}", run.state),
        None => run.state.to_string(),
    };
    let row = |run: &DeletionRow| {
        vec![to_second(run.completed_at), grouped(run.rows.unsigned_abs()), state(run), run.execution_id.clone()]
    };
    render(&heading, &runs.iter().map(row).collect::<Vec<_>>())
}
