//! `polysink rejections`

use std::collections::HashMap;
use std::process::ExitCode;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde_json::json;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::app;
use crate::cli::support::output::{out, outln, write_bytes};
use crate::model::SyncId;
use crate::store::tables::{rejections, syncs};
use crate::store::{RejectionFilter, RejectionRow, Store};

use super::support::connect::{DataScope, optional_sync, with_database};
use super::support::exported::Exported;
use super::support::moment::{moment, to_second};
use super::support::pretty::pretty_json;
use super::support::settings::Settings;
use super::support::table::{Align, counted, grouped, render};

/// List rejected deliveries and records, show, export or resolve them
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    list: ListOptions,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the newest rejections first; the default
    List(ListOptions),
    Show(Show),
    Export(Export),
    Resolve(Resolve),
}

/// Which rejections.
#[derive(Debug, clap::Args)]
struct Filter {
    /// Only those of this sync: its id, its table or its name
    #[arg(long)]
    sync: Option<String>,

    /// Only those with this reason, such as `not_json`
    #[arg(long)]
    reason: Option<String>,

    /// Only those received at this time or later: 2026-01-31T12:00:00Z, a day, or how long ago, such as 36h
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<DateTime<Utc>>,

    /// Only open ones; the default
    #[arg(long, conflicts_with = "all")]
    open: bool,

    /// Include resolved ones
    #[arg(long)]
    all: bool,
}

impl Filter {
    async fn find(&self, store: &Store) -> anyhow::Result<RejectionFilter> {
        let sync_id = optional_sync(store, self.sync.as_deref()).await?;
        Ok(RejectionFilter { sync_id, reason: self.reason.clone(), since: self.since, until: None, resolved: self.all })
    }
}

#[derive(Debug, clap::Args)]
struct ListOptions {
    #[command(flatten)]
    filter: Filter,

    /// How many to list
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    limit: i64,

    /// Print a JSON array
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

/// Show one rejection, with its payload
#[derive(Debug, clap::Args)]
struct Show {
    /// The rejection's id, from the list or from the answer to the delivery
    id: Uuid,

    /// Print JSON; leaves out a payload that is not UTF-8 text
    #[arg(long)]
    json: bool,

    /// Print nothing but the payload, byte for byte
    #[arg(long, conflicts_with = "json")]
    raw: bool,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

/// Write rejections to standard output, one JSON object per line
///
/// `send --file` posts them as new deliveries. `replay --rejected --file` stores them as what was received then:
/// correct `payload` in the file first.
#[derive(Debug, clap::Args)]
struct Export {
    /// Only these
    ids: Vec<Uuid>,

    #[command(flatten)]
    filter: Filter,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

/// Mark rejections as resolved by hand
#[derive(Debug, clap::Args)]
struct Resolve {
    /// The rejections' ids
    #[arg(required = true)]
    ids: Vec<Uuid>,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    match options.command {
        Some(Command::Show(show)) => {
            with_database(&show.settings, async |store| show_one(&store, show.id, show.json, show.raw).await).await
        }
        Some(Command::Export(export)) => export_all(export).await,
        Some(Command::Resolve(resolve)) => resolve_all(resolve).await,
        Some(Command::List(list)) => list_all(list).await,
        None => list_all(options.list).await,
    }
}

async fn list_all(options: ListOptions) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        let filter = options.filter.find(&store).await?;
        let rows = rejections::list(&store, &filter, options.limit).await?;
        if options.json {
            outln!("{}", serde_json::to_string_pretty(&rows)?);
        } else if rows.is_empty() {
            let Filter { sync, reason, since, .. } = &options.filter;
            let chosen = sync.is_some() || reason.is_some() || since.is_some();
            outln!("{}", if chosen { "There is no such rejection." } else { "The quarantine is empty." });
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
                to_second(row.received_at),
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

async fn show_one(store: &Store, id: Uuid, as_json: bool, raw: bool) -> anyhow::Result<ExitCode> {
    let (row, payload) = find(store, id).await?;
    if raw {
        write_bytes(&payload);
        return Ok(ExitCode::SUCCESS);
    }
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
        let how = row.settlement.map(|how| format!(", {how}")).unwrap_or_default();
        outln!("resolved    {}{how}", to_second(settled_at));
    }
    outln!("payload     {} bytes\n", grouped(row.payload_bytes.unsigned_abs().into()));
    out!("{}", readable(&payload));
    Ok(ExitCode::SUCCESS)
}

/// How much is shown of a payload that is not text.
const SHOWN_BYTES: usize = 1_000;

/// A payload for people: JSON with its members on lines of their own, other text as it is, other bytes as escapes.
fn readable(payload: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(payload) else {
        let shown = &payload[..payload.len().min(SHOWN_BYTES)];
        let more = if shown.len() < payload.len() { "…" } else { "" };
        return format!("{}{more}\nIt is not text; `--raw` prints its bytes.\n", shown.escape_ascii());
    };
    match serde_json::from_str::<&RawValue>(text) {
        Ok(_) => pretty_json(text),
        Err(_) => format!("{text}\n"),
    }
}

/// How many rejections are read at a time.
const PAGE: i64 = 200;

async fn export_all(options: Export) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        let filter = options.filter.find(&store).await?;
        let mut names = HashMap::new();
        for id in &options.ids {
            print_line(&store, *id, &mut names).await?;
        }
        let mut after = None;
        while options.ids.is_empty() {
            let page = rejections::list_after(&store, &filter, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some((last.received_at, last.rejection_id));
            for row in page {
                print_line(&store, row.rejection_id, &mut names).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

async fn find(store: &Store, id: Uuid) -> anyhow::Result<(RejectionRow, Vec<u8>)> {
    rejections::find(store, id).await?.with_context(|| format!("rejection {id} does not exist"))
}

/// * `names`: of the syncs, as far as they were looked up
async fn print_line(store: &Store, id: Uuid, names: &mut HashMap<Uuid, Option<String>>) -> anyhow::Result<()> {
    let (row, payload) = find(store, id).await?;
    if let Some(sync_id) = row.sync_id
        && !names.contains_key(&sync_id)
    {
        names.insert(sync_id, syncs::find(store, SyncId(sync_id)).await?.and_then(|sync| sync.name));
    }
    let sync = row.sync_id.and_then(|sync_id| names.get(&sync_id).cloned().flatten());
    let exported = Exported {
        rejection_id: row.rejection_id,
        received_at: row.received_at,
        scope: row.scope,
        reason: row.reason,
        detail: row.detail,
        sync_id: row.sync_id,
        sync,
        payload: None,
        payload_base64: None,
    };
    outln!("{}", serde_json::to_string(&exported.with_payload(payload))?);
    Ok(())
}

async fn resolve_all(options: Resolve) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        let resolved = rejections::resolve(&store, &options.ids, app::now()).await?;
        outln!("Resolved {}.", counted(resolved.len() as u64, "rejection", "rejections"));
        let others: Vec<String> =
            options.ids.iter().filter(|id| !resolved.contains(id)).map(ToString::to_string).collect();
        if others.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        anyhow::bail!("not open, or not there: {}", others.join(", "))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_readable_and_keep_their_digits() {
        assert_eq!(readable(br#"{"n":1.10,"a":[]}"#), "{\n  \"n\": 1.10,\n  \"a\": []\n}\n");
        assert_eq!(readable(b"{\"n\""), "{\"n\"\n");
        assert!(readable(b"\x1f\x8b\xffab").starts_with("\\x1f\\x8b\\xffab\n"));
    }
}
