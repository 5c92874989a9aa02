//! `polysink deliveries`

use std::collections::HashSet;
use std::process::ExitCode;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::sleep;
use uuid::Uuid;

use crate::app;
use crate::cli::support::output::{out, outln};
use crate::model::SyncId;
use crate::query_tables::deliveries::{self, DeliveryLife, DeliveryProjection, RecordLife};
use crate::store::Store;
use crate::store::tables::envelopes::life::{self, DeliveryRow};

use super::support::connect::{DataScope, find_sync, with_database};
use super::support::moment::to_second;
use super::support::pretty::pretty_json;
use super::support::settings::Settings;
use super::support::table::{Align, counted, grouped, render};

/// Between two looks of `--follow`.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How many new deliveries are printed at a time.
const FOLLOWED: i64 = 1_000;

/// Show the latest deliveries, or the whole life of one
///
/// A delivery's life is its head, when it was sent, received, stored and projected, and where each of its records went.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The sync: its id, its table or its name; without one, all. Or `show` and the id of a delivery
    #[arg(value_name = "SYNC")]
    sync: Option<String>,

    /// The delivery, after `show`: its `envelope_id`, as in the answer and in Polytomic's sync history
    #[arg(value_name = "ID")]
    id: Option<Uuid>,

    /// Print new deliveries as they are stored, until it is interrupted; not those that a spool brings more than ten
    /// minutes late
    #[arg(long, conflicts_with_all = ["id", "json"])]
    follow: bool,

    /// Show at most this many deliveries, or records of one
    #[arg(long, value_name = "COUNT", default_value = "20")]
    limit: u32,

    /// Print the body of the delivery too, as it was received
    #[arg(long, requires = "id")]
    body: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        if let (Some("show"), Some(id)) = (options.sync.as_deref(), options.id) {
            return show(&store, id, &options).await;
        }
        if options.id.is_some() || options.sync.as_deref() == Some("show") {
            anyhow::bail!("to see one delivery: polysink deliveries show ID");
        }
        let sync_id = match &options.sync {
            Some(text) => Some(find_sync(&store, text).await?),
            None => None,
        };
        let mut session = store.begin().await?;
        let latest = deliveries::latest(&mut session, sync_id, app::now(), options.limit.into()).await?;
        session.commit().await?;
        if options.json {
            let shown: Vec<_> = latest.iter().map(|(row, rejected)| as_json(row, *rejected)).collect();
            outln!("{}", serde_json::to_string_pretty(&shown)?);
            return Ok(ExitCode::SUCCESS);
        }
        if options.follow {
            return follow(&store, sync_id, latest).await;
        }
        if latest.is_empty() {
            outln!("No deliveries are kept.");
        } else {
            out!("{}", as_table(&latest));
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

fn as_json(row: &DeliveryRow, rejected: i64) -> serde_json::Value {
    let mut json = serde_json::json!(row);
    json["rejected"] = rejected.into();
    json
}

fn as_table(rows: &[(DeliveryRow, i64)]) -> String {
    let heading = [
        ("RECEIVED", Align::Left),
        ("RECORDS", Align::Right),
        ("REJECTED", Align::Right),
        ("OUTCOME", Align::Left),
        ("CONNECTION", Align::Left),
        ("ID", Align::Left),
    ];
    let rows: Vec<Vec<String>> = rows.iter().map(|(row, rejected)| cells(row, *rejected)).collect();
    render(&heading, &rows)
}

fn cells(row: &DeliveryRow, rejected: i64) -> Vec<String> {
    vec![
        to_second(row.received_at),
        grouped(row.records.max(0).unsigned_abs().into()),
        grouped(rejected.max(0).unsigned_abs()),
        outcome(row),
        row.connection.clone(),
        row.envelope_id.to_string(),
    ]
}

fn outcome(row: &DeliveryRow) -> String {
    let how = if row.spooled { ", spooled first" } else { "" };
    format!("{}{how}", row.outcome)
}

/// Prints deliveries as they are stored, one a line.
async fn follow(store: &Store, sync_id: Option<SyncId>, latest: Vec<(DeliveryRow, i64)>) -> anyhow::Result<ExitCode> {
    let mut after = (app::now(), Uuid::nil());
    if let Some((row, _)) = latest.first() {
        out!("{}", as_table(&latest.iter().rev().cloned().collect::<Vec<_>>()));
        after = (row.stored_at.unwrap_or(row.received_at), row.envelope_id);
    }
    // Those that are listed already may have been stored later than the last that was received.
    let mut printed: HashSet<Uuid> = latest.iter().map(|(row, _)| row.envelope_id).collect();
    let interrupted = tokio::signal::ctrl_c();
    tokio::pin!(interrupted);
    loop {
        let mut session = store.begin().await?;
        let rows = life::stored_after(&mut session, sync_id, after, app::now(), FOLLOWED).await?;
        session.commit().await?;
        if let Some(last) = rows.last() {
            after = (last.stored_at.unwrap_or(last.received_at), last.envelope_id);
        }
        for row in &rows {
            if printed.insert(row.envelope_id) {
                outln!("{}", cells(row, 0).join("  "));
            }
        }
        tokio::select! {
            _ = &mut interrupted => return Ok(ExitCode::SUCCESS),
            () = sleep(LOOK_EVERY) => {}
        }
    }
}

async fn show(store: &Store, id: Uuid, options: &Options) -> anyhow::Result<ExitCode> {
    let most = usize::try_from(options.limit).unwrap_or(usize::MAX);
    let Some(life) = deliveries::find(store, id, most, usize::MAX).await? else {
        anyhow::bail!(
            "no delivery {id} is kept. If it was refused as a whole, it is in quarantine: polysink rejections show {id}"
        );
    };
    if options.json {
        let mut shown = serde_json::to_value(&life)?;
        if options.body {
            shown["body"] = life.body.as_deref().into();
        }
        outln!("{}", serde_json::to_string_pretty(&shown)?);
        return Ok(ExitCode::SUCCESS);
    }
    print_head(&life);
    if !life.records_shown.is_empty() {
        outln!("");
        out!("{}", records_table(&life.records_shown));
        let shown = life.records_shown.len();
        let all = usize::try_from(life.head.records).unwrap_or_default();
        if shown < all {
            outln!("{} more; --limit shows them.", grouped((all - shown) as u64));
        }
    }
    if options.body {
        match &life.body {
            Some(body) => out!("\n{}", pretty_json(body)),
            None => outln!("\nThe body is no longer kept (POLYSINK_RETENTION)."),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print_head(life: &DeliveryLife) {
    let head = &life.head;
    let say = |name: &str, value: &str| outln!("{name:<12}{value}");
    say("delivery", &head.envelope_id.to_string());
    say("event", &head.event);
    let sync = life.sync_name.as_deref().or(life.table.as_deref()).unwrap_or("none");
    say("sync", &head.sync_id.map_or_else(|| sync.to_owned(), |id| format!("{sync} ({id})")));
    say("connection", &head.connection);
    say("address", head.source_ip.as_deref().unwrap_or("unknown"));
    say("agent", head.user_agent.as_deref().unwrap_or("none"));
    say("records", &grouped(head.records.max(0).unsigned_abs().into()));
    if head.erased > 0 {
        say("erased", &counted(head.erased.unsigned_abs().into(), "record", "records"));
    }
    say("sent", &to_second(head.sent_at));
    say("received", &precise(head.received_at));
    if head.spooled {
        say("spooled", "while the database was away, and answered then");
    }
    if let Some(stored_at) = head.stored_at {
        say(
            "stored",
            &format!("{}, {} after it was received", precise(stored_at), between(head.received_at, stored_at)),
        );
    }
    say("projected", &projected(life));
}

/// Says when the records were projected.
fn projected(life: &DeliveryLife) -> String {
    match life.projection {
        DeliveryProjection::None => "it has nothing for the query tables".to_owned(),
        DeliveryProjection::Waiting { since } => format!("not yet; it has waited since {}", precise(since)),
        DeliveryProjection::Projected { at: None } => "yes".to_owned(),
        DeliveryProjection::Projected { at: Some(at) } => {
            format!("{}, {} after it was received", precise(at), between(life.head.received_at, at))
        }
    }
}

fn records_table(records: &[RecordLife]) -> String {
    let heading = [
        ("RECORD", Align::Right),
        ("OUTCOME", Align::Left),
        ("KEY", Align::Left),
        ("ROW", Align::Left),
        ("HASH", Align::Left),
    ];
    let rows: Vec<Vec<String>> = records
        .iter()
        .map(|record| {
            vec![
                record.position.to_string(),
                record.outcome.in_words(),
                record.key.clone().unwrap_or_default(),
                if record.has_row { "yes" } else { "no" }.to_owned(),
                record.hash.clone().unwrap_or_default(),
            ]
        })
        .collect();
    render(&heading, &rows)
}

/// A time to the millisecond.
fn precise(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S%.3f UTC").to_string()
}

/// How long it took, to the millisecond.
fn between(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    let millis = u64::try_from((to - from).num_milliseconds()).unwrap_or(0);
    humantime::format_duration(Duration::from_millis(millis)).to_string()
}
