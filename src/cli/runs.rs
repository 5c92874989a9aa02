//! `polysink runs`

use std::process::ExitCode;

use crate::cli::support::output::{out, outln};
use crate::polytomic::records::LogComparison;
use crate::store::tables::run_logs::LogCounts;
use crate::store::tables::runs::{self, RunRow};
use crate::store::tables::sync_sources;

use super::support::connect::{find_sync, with_database};
use super::support::moment::to_second;
use super::support::polytomic::{PolytomicScope, api_clients, client_of, compare_run, find_run};
use super::support::settings::Settings;
use super::support::table::{Align, counted, grouped, render};

/// Show whether each run of a sync arrived whole, by what Polytomic's API says about it
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The sync: its id, its table or its name; without one, all
    sync: Option<String>,

    /// Show at most this many runs, the latest first
    #[arg(long, value_name = "COUNT", default_value = "20")]
    limit: u32,

    /// Compare the log of this run in Polytomic with what has arrived, and show the keys of records that are missing
    #[arg(long, value_name = "RUN", requires = "sync")]
    missing: Option<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Settings<PolytomicScope>,
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        let sync_id = match &options.sync {
            Some(text) => Some(find_sync(&store, text).await?),
            None => None,
        };
        if let (Some(sync_id), Some(execution_id)) = (sync_id, &options.missing) {
            let clients = api_clients(&options.settings)?;
            let run = find_run(&store, sync_id, execution_id).await?;
            let compared = compare_run(&store, client_of(&clients, &run)?, &run).await?;
            print_missing(&compared, execution_id, options.json)?;
            return Ok(ExitCode::SUCCESS);
        }
        let runs = runs::list(&store, sync_id, options.limit.into()).await?;
        if options.json {
            outln!("{}", serde_json::to_string_pretty(&runs)?);
            return Ok(ExitCode::SUCCESS);
        }
        if runs.is_empty() {
            outln!("No runs are known. With POLYSINK_POLYTOMIC_KEY set, `polysink serve` asks Polytomic about them.");
        } else {
            out!("{}", as_table(&runs));
        }
        for (source, error) in sync_sources::errors(&store, sync_id).await? {
            outln!("\n{source}: {error}");
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

/// How many missing records are shown.
const SHOWN: usize = 50;

fn print_missing(compared: &LogComparison, execution_id: &str, json: bool) -> anyhow::Result<()> {
    let LogComparison { counts: LogCounts { records, absent }, missing, .. } = compared;
    if json {
        let shown = serde_json::json!({
            "execution_id": execution_id, "log_records": records, "absent": absent, "missing": missing
        });
        outln!("{}", serde_json::to_string_pretty(&shown)?);
        return Ok(());
    }
    outln!(
        "The log of run {execution_id} has {}; {}.",
        counted(*records, "record", "records"),
        missing_in_words(*absent)
    );
    for key in missing.iter().take(SHOWN) {
        outln!("  {key}");
    }
    if missing.len() > SHOWN {
        outln!("  … {} more; --json shows them", grouped(missing.len() as u64 - SHOWN as u64));
    }
    Ok(())
}

fn missing_in_words(absent: u64) -> String {
    match absent {
        0 => "all have arrived".to_owned(),
        1 => "1 has not arrived".to_owned(),
        absent => format!("{} have not arrived", grouped(absent)),
    }
}

fn as_table(runs: &[RunRow]) -> String {
    let heading = [
        ("TABLE", Align::Left),
        ("STARTED", Align::Left),
        ("ENDED", Align::Left),
        ("SENT", Align::Right),
        ("RECEIVED", Align::Right),
        ("REJECTED", Align::Right),
        ("VERDICT", Align::Left),
        ("RUN", Align::Left),
    ];
    let count = |count: Option<i64>| count.map(|count| grouped(count.unsigned_abs())).unwrap_or_default();
    let rows: Vec<Vec<String>> = runs
        .iter()
        .map(|run| {
            vec![
                run.table_name.clone(),
                run.started_at.map(to_second).unwrap_or_default(),
                run.completed_at.map(to_second).unwrap_or_default(),
                count(run.expected),
                count(run.received),
                count(run.rejected),
                verdict(run),
                run.execution_id.clone(),
            ]
        })
        .collect();
    render(&heading, &rows)
}

fn verdict(run: &RunRow) -> String {
    match (run.short_by, &run.reason) {
        (Some(short), _) if run.verdict == "short" => format!("short by {}", grouped(short.unsigned_abs())),
        (_, Some(reason)) => format!("{}: {reason}", run.verdict),
        _ if run.verdict == "running" => running(run),
        _ if run.verdict == "failed" => format!("failed: {}", run.status),
        _ => run.verdict.clone(),
    }
}

/// How far it is, if Polytomic has counted the records already.
fn running(run: &RunRow) -> String {
    let total = run.counts.get("total").and_then(serde_json::Value::as_u64).filter(|total| *total > 0);
    match (total, run.received) {
        (Some(total), Some(received)) => {
            let percent = 100 * received.unsigned_abs().min(total) / total;
            format!("running: {} of {}, {percent} %", grouped(received.unsigned_abs()), grouped(total))
        }
        _ => run.verdict.clone(),
    }
}
