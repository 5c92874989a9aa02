//! `polysink rejections`

use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;
use uuid::Uuid;

use crate::cli::output::{out, outln};
use crate::store::{RejectionRow, Store};

use super::connect::{DataScope, with_database};
use super::settings::Settings;
use super::table::{Align, grouped, render};

/// List rejected deliveries and records, or show one
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    list: List,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the newest rejections first; the default
    List(List),
    Show(Show),
}

#[derive(Debug, clap::Args)]
struct List {
    /// How many to list
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    limit: i64,

    /// Include resolved rejections
    #[arg(long)]
    all: bool,

    /// Print a JSON array
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

/// Show one rejection, with its payload as it was received
#[derive(Debug, clap::Args)]
struct Show {
    /// The rejection's id, from the list or from the answer to the delivery
    id: Uuid,

    /// Print JSON; leaves out a payload that is not UTF-8 text
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    match options.command {
        Some(Command::Show(show)) => {
            with_database(&show.settings, async |store| show_one(&store, show.id, show.json).await).await
        }
        Some(Command::List(list)) => list_all(list).await,
        None => list_all(options.list).await,
    }
}

async fn list_all(options: List) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        let rows = store.rejections(options.limit, options.all).await?;
        if options.json {
            outln!("{}", serde_json::to_string_pretty(&rows)?);
        } else if rows.is_empty() {
            outln!("The quarantine is empty.");
        } else {
            out!("{}", as_table(&rows));
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

fn as_table(rows: &[RejectionRow]) -> String {
    let heading = [
        ("RECEIVED", Align::Left),
        ("SCOPE", Align::Left),
        ("REASON", Align::Left),
        ("RECORDS", Align::Right),
        ("BYTES", Align::Right),
        ("ID", Align::Left),
        ("DETAIL", Align::Left),
    ];
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            vec![
                row.received_at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
                row.scope.clone(),
                row.reason.clone(),
                row.records.map(|records| grouped(records.unsigned_abs().into())).unwrap_or_default(),
                grouped(row.payload_bytes.unsigned_abs().into()),
                row.rejection_id.to_string(),
                row.detail.clone(),
            ]
        })
        .collect();
    render(&heading, &rows)
}

async fn show_one(store: &Store, id: Uuid, as_json: bool) -> anyhow::Result<ExitCode> {
    let (row, payload) = store.rejection(id).await?.with_context(|| format!("rejection {id} does not exist"))?;
    if as_json {
        let mut shown = json!(row);
        shown["payload"] = json!(std::str::from_utf8(&payload).ok());
        outln!("{}", serde_json::to_string_pretty(&shown)?);
        return Ok(ExitCode::SUCCESS);
    }
    outln!("rejection   {}", row.rejection_id);
    outln!("received    {}", row.received_at.format("%Y-%m-%d %H:%M:%S%.3f UTC"));
    outln!("connection  {}", row.connection);
    outln!("scope       {}", row.scope);
    outln!("reason      {}: {}", row.reason, row.detail.escape_debug());
    if let Some(sync_id) = row.sync_id {
        outln!("sync        {sync_id}");
    }
    if let (Some(envelope_id), Some(position)) = (row.envelope_id, row.position) {
        match row.records {
            Some(records) if records > 1 => outln!(
                "envelope    {envelope_id}, {} records from position {position} on; `positions` has each",
                grouped(records.unsigned_abs().into())
            ),
            _ => outln!("envelope    {envelope_id}, position {position}"),
        }
    }
    if let Some(settled_at) = row.settled_at {
        outln!("settled     {}", settled_at.format("%Y-%m-%d %H:%M:%S UTC"));
    }
    outln!("payload     {} bytes\n", grouped(row.payload_bytes.unsigned_abs().into()));
    match std::str::from_utf8(&payload) {
        Ok(text) => outln!("{text}"),
        Err(_) => outln!("The payload is not UTF-8 text; its bytes are in polysink.rejections.payload."),
    }
    Ok(ExitCode::SUCCESS)
}
