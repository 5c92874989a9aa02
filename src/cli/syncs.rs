//! `polysink syncs`

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::app;
use crate::cli::support::output::{out, outln};
use crate::query_tables::{Sizes, disk_usage};
use crate::store::tables::syncs;
use crate::store::{MadeAgain, SyncRow};

use super::support::connect::{DataScope, with_database};
use super::support::moment::to_second;
use super::support::settings::Settings;
use super::support::table::{Align, counted, grouped, render};

/// List the syncs: name, table, distinct records, last delivery, freshness and projection lag
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Show what each sync takes on disk: its query tables, and its shares of the ledger and the raw log
    #[arg(long)]
    sizes: bool,

    /// Print a JSON array
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        let syncs = syncs::list(&store).await?;
        let now = app::now();
        let sizes = if options.sizes { Some(disk_usage::of_syncs(&store).await?) } else { None };
        let size = |sync: &SyncRow| Some(sizes.as_ref()?.get(&sync.sync_id).copied().unwrap_or_default());
        if options.json {
            let rows: Vec<_> = syncs.iter().map(|sync| as_json(sync, size(sync), now)).collect();
            outln!("{}", serde_json::to_string_pretty(&rows)?);
        } else if syncs.is_empty() {
            outln!("No deliveries yet.");
        } else if options.sizes {
            let mut rows: Vec<(&SyncRow, Sizes)> =
                syncs.iter().map(|sync| (sync, size(sync).unwrap_or_default())).collect();
            rows.sort_by_key(|(_, sizes)| std::cmp::Reverse(sizes.total()));
            out!("{}", sizes_table(&rows));
        } else {
            out!("{}", as_table(&syncs, now));
            for sync in syncs.iter().filter(|sync| sync.unidentified > 0) {
                outln!(
                    "\n{}: {} records have no value for {} and so no row; see polysink.unidentified.",
                    sync.table_name,
                    grouped(sync.unidentified.unsigned_abs()),
                    sync.identity.as_deref().unwrap_or_default().join(" or ")
                );
            }
            for made_again in syncs::made_again(&store).await? {
                let MadeAgain { table_name, earlier_table, .. } = &made_again;
                outln!(
                    "\n{made_again}. If the sync was made again in Polytomic, `polysink adopt {table_name} \
                     {earlier_table}` lets it go on in the table that it had."
                );
            }
            for sync in syncs.iter().filter(|sync| sync.misfits > 0) {
                outln!(
                    "\n{}: {} not fit; `polysink column {}` shows which.",
                    sync.table_name,
                    counted(sync.misfits.unsigned_abs(), "value does", "values do"),
                    sync.table_name
                );
            }
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

/// Seconds since the last delivery.
fn freshness(sync: &SyncRow, now: DateTime<Utc>) -> Option<u64> {
    sync.last_delivery.map(|last| u64::try_from((now - last).num_seconds()).unwrap_or(0))
}

/// Seconds by which the query table lags; 0 if nothing waits.
fn lag(sync: &SyncRow, now: DateTime<Utc>) -> u64 {
    sync.waiting_since.map_or(0, |since| u64::try_from((now - since).num_seconds()).unwrap_or(0))
}

fn as_json(sync: &SyncRow, sizes: Option<Sizes>, now: DateTime<Utc>) -> serde_json::Value {
    let mut row = json!({
        "sync_id": sync.sync_id,
        "name": sync.name,
        "table": sync.table_name,
        "records": sync.records,
        "last_delivery": sync.last_delivery,
        "freshness_seconds": freshness(sync, now),
        "next_run_at": sync.next_run_at,
        "identity": sync.identity,
        "compare": sync.compare,
        "unidentified_records": sync.unidentified,
        "uncatalogued_records": sync.uncatalogued,
        "misfits": sync.misfits,
        "waiting_deliveries": sync.waiting,
        "projection_lag_seconds": lag(sync, now),
    });
    if let Some(sizes) = sizes {
        row["bytes"] = json!({
            "table": sizes.table,
            "history": sizes.history,
            "ledger": sizes.ledger,
            "raw_log": sizes.raw_log,
            "total": sizes.total(),
        });
    }
    row
}

fn sizes_table(rows: &[(&SyncRow, Sizes)]) -> String {
    let heading = [
        ("TABLE", Align::Left),
        ("RECORDS", Align::Right),
        ("QUERY TABLE", Align::Right),
        ("HISTORY", Align::Right),
        ("LEDGER", Align::Right),
        ("RAW LOG", Align::Right),
        ("TOTAL", Align::Right),
    ];
    let bytes = |bytes: i64| indicatif::BinaryBytes(bytes.max(0).unsigned_abs()).to_string();
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|(sync, sizes)| {
            let mut row = vec![sync.table_name.clone(), grouped(sync.records.unsigned_abs())];
            row.extend([sizes.table, sizes.history, sizes.ledger, sizes.raw_log, sizes.total()].map(bytes));
            row
        })
        .collect();
    render(&heading, &rows)
}

fn as_table(syncs: &[SyncRow], now: DateTime<Utc>) -> String {
    // Without a key of Polytomic's API, the column would be empty.
    let has_schedule = syncs.iter().any(|sync| sync.next_run_at.is_some());
    let mut heading = vec![
        ("NAME", Align::Left),
        ("TABLE", Align::Left),
        ("RECORDS", Align::Right),
        ("LAST DELIVERY", Align::Left),
        ("FRESHNESS", Align::Left),
    ];
    heading.extend(has_schedule.then_some(("NEXT RUN", Align::Left)));
    heading.extend([("LAG", Align::Right), ("ID", Align::Left)]);
    let rows: Vec<Vec<String>> = syncs
        .iter()
        .map(|sync| {
            let mut row = vec![
                sync.name.clone().unwrap_or_default(),
                sync.table_name.clone(),
                grouped(sync.records.unsigned_abs()),
                sync.last_delivery.map(to_second).unwrap_or_default(),
                freshness(sync, now).map(|seconds| format!("{} ago", span(seconds))).unwrap_or_default(),
            ];
            row.extend(has_schedule.then(|| next_run(sync, now)));
            row.extend([span(lag(sync, now)), sync.sync_id.to_string()]);
            row
        })
        .collect();
    render(&heading, &rows)
}

/// By the schedule in Polytomic.
fn next_run(sync: &SyncRow, now: DateTime<Utc>) -> String {
    let Some(next) = sync.next_run_at else { return String::new() };
    let seconds = (next - now).num_seconds();
    let span = span(seconds.unsigned_abs());
    if seconds < 0 { format!("{span} overdue") } else { format!("in {span}") }
}

fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86400),
    }
}
