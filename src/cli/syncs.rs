//! `polysink syncs`

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::app;
use crate::store::SyncRow;

use super::connect::{PlaceScope, connect};
use super::settings::Settings;
use super::table::{Align, grouped, render};

/// List the syncs: name, table, distinct records, last delivery, freshness
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Print JSON, one array
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Settings<PlaceScope>,
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let store = connect(&options.settings).await?;
    let syncs = store.syncs().await?;
    let now = app::now();
    if options.json {
        let rows: Vec<_> = syncs.iter().map(|sync| as_json(sync, now)).collect();
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else if syncs.is_empty() {
        println!("No sync has delivered anything yet.");
    } else {
        print!("{}", as_table(&syncs, now));
    }
    Ok(ExitCode::SUCCESS)
}

/// Seconds since the last delivery.
fn freshness(sync: &SyncRow, now: DateTime<Utc>) -> Option<u64> {
    sync.last_delivery.map(|last| u64::try_from((now - last).num_seconds()).unwrap_or(0))
}

fn as_json(sync: &SyncRow, now: DateTime<Utc>) -> serde_json::Value {
    json!({
        "sync_id": sync.sync_id,
        "name": sync.name,
        "table": sync.table_name,
        "records": sync.records,
        "last_delivery": sync.last_delivery,
        "freshness_seconds": freshness(sync, now),
    })
}

fn as_table(syncs: &[SyncRow], now: DateTime<Utc>) -> String {
    let heading = [
        ("NAME", Align::Left),
        ("TABLE", Align::Left),
        ("RECORDS", Align::Right),
        ("LAST DELIVERY", Align::Left),
        ("FRESHNESS", Align::Left),
        ("ID", Align::Left),
    ];
    let rows: Vec<Vec<String>> = syncs
        .iter()
        .map(|sync| {
            vec![
                sync.name.clone().unwrap_or_default(),
                sync.table_name.clone(),
                grouped(sync.records.unsigned_abs()),
                sync.last_delivery.map(|last| last.format("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default(),
                freshness(sync, now).map(ago).unwrap_or_default(),
                sync.sync_id.to_string(),
            ]
        })
        .collect();
    render(&heading, &rows)
}

fn ago(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86400 => format!("{} h ago", seconds / 3600),
        _ => format!("{} d ago", seconds / 86400),
    }
}
