//! `polysink replay`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::app;
use crate::cli::support::output::outln;
use crate::ledger::{Replayed, replay};
use crate::maintenance::{self, RejectionsReplayed};
use crate::store::tables::{rejections, replays};
use crate::store::{HeldLock, RejectionFilter, Replay, ReplayFilter, Store};

use super::adopt;
use super::support::confirm::confirm;
use super::support::connect::{DataScope, optional_sync, with_database};
use super::support::exported::Exported;
use super::support::moment::{self, moment};
use super::support::progress::{self, Interrupted};
use super::support::settings::Settings;
use super::support::table::{counted, grouped};

/// Write stored deliveries again, or rejected ones after a fix
///
/// Restores the records that the ledger misses, and fills the query tables again, in the order of sending. Deliveries
/// continue meanwhile. How often a record was received is counted again in all raw deliveries of the sync, whatever
/// --since and --until say, so a replay can be interrupted, repeated, and run without harm. One that was interrupted
/// says how to go on; no other begins before it is finished.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Only deliveries of this sync: its id, its table or its name
    #[arg(long)]
    sync: Option<String>,

    /// Only deliveries received at this time or later: 2026-01-31T12:00:00Z, a day, or how long ago, such as 36h
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<DateTime<Utc>>,

    /// Only deliveries received before this time
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<DateTime<Utc>>,

    /// Replay rejected records and deliveries; those that now succeed are resolved
    #[arg(long)]
    rejected: bool,

    /// With `--rejected`: store the rejections of this file, which `rejections export` wrote and an operator corrected
    #[arg(long, requires = "rejected", conflicts_with_all = ["sync", "since", "until"])]
    file: Option<PathBuf>,

    /// Do not ask
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        if let Some(file) = &options.file {
            return replay_file(&store, file, options.yes).await;
        }
        let sync_id = optional_sync(&store, options.sync.as_deref()).await?;
        let (since, until) = (options.since, options.until);
        if options.rejected {
            let filter = RejectionFilter { sync_id, since, until, ..RejectionFilter::default() };
            replay_rejections(&store, &filter, options.yes).await
        } else {
            replay(&store, ReplayFilter { sync_id, since, until }, options.yes).await
        }
    })
    .await
}

/// Keeps other replays away until it is dropped.
///
/// # Errors
///
/// While another process replays.
async fn lock(store: &Store) -> anyhow::Result<HeldLock> {
    let lock = maintenance::lock_replay(store).await?;
    lock.context("another process is replaying; wait for it, or stop it, and run this again")
}

async fn replay(store: &Store, filter: ReplayFilter, yes: bool) -> anyhow::Result<ExitCode> {
    let lock = lock(store).await?;
    adopt::ensure_none(store).await?;
    let unfinished = replay::unfinished(store).await?;
    if let Some(replay) = unfinished.as_ref().filter(|replay| replay.filter == filter) {
        confirm(&format!("{}.", interrupted(replay)), yes)?;
    } else {
        ensure_none(unfinished.as_ref())?;
        let (deliveries, records) = replays::count_deliveries(store, filter).await?;
        if deliveries == 0 {
            outln!("No delivery in the raw log matches.");
            return Ok(ExitCode::SUCCESS);
        }
        let deliveries = counted(number(deliveries), "delivery", "deliveries");
        let records = counted(number(records), "record", "records");
        confirm(&format!("This replays {deliveries} with {records}."), yes)?;
        replay::start(store, filter, app::now()).await?;
    }
    let left = replay::unfinished(store).await?.map_or(0, |replay| replay.left);
    let (bar, interrupted) = (progress::bar(number(left), "deliveries"), Interrupted::listen());
    let done = maintenance::replay(store, app::now, |sum| {
        bar.set_position(sum.done);
        interrupted.flow()
    })
    .await;
    bar.finish_and_clear();
    drop(lock);
    let done = done?;
    print(&done);
    if done.ended {
        outln!("The query tables follow; `polysink syncs` shows what waits.");
        return Ok(ExitCode::SUCCESS);
    }
    let left = replay::unfinished(store).await?.map_or(0, |replay| replay.left);
    let left = counted(number(left), "delivery is", "deliveries are");
    outln!(
        "Interrupted; {left} left, and counts of the ledger are too low until then. To continue:\n\n  {}",
        command(filter)
    );
    Ok(ExitCode::FAILURE)
}

/// Says what is left of a replay.
fn interrupted(replay: &Replay) -> String {
    let at = moment::to_second(replay.started_at);
    if replay.is_counted {
        return format!("The replay of {at} was interrupted: only counts of the ledger are left to correct");
    }
    let (left, all) = (grouped(number(replay.left)), counted(number(replay.deliveries), "delivery", "deliveries"));
    format!("The replay of {at} was interrupted: {left} of its {all} are left")
}

/// Fails if a replay was started and has not ended: what another one changes would be counted twice, or not at all.
fn ensure_none(unfinished: Option<&Replay>) -> anyhow::Result<()> {
    match unfinished {
        None => Ok(()),
        Some(replay) => {
            anyhow::bail!("{}. Finish it first:\n\n  {}", interrupted(replay), command(replay.filter))
        }
    }
}

/// The command that resumes a replay. Its times are absolute, so that it means the same at any time.
fn command(filter: ReplayFilter) -> String {
    let mut command = "polysink replay".to_owned();
    if let Some(sync_id) = filter.sync_id {
        command = format!("{command} --sync {sync_id}");
    }
    for (option, time) in [("--since", filter.since), ("--until", filter.until)] {
        if let Some(time) = time {
            command = format!("{command} {option} {}", moment::shown(time));
        }
    }
    command
}

fn print(done: &Replayed) {
    let Replayed { deliveries, new, corrected, rejected, .. } = *done;
    outln!("Replayed {}.", counted(deliveries, "delivery", "deliveries"));
    if new == 0 && corrected == 0 {
        outln!("The ledger lacked nothing.");
    }
    if new > 0 {
        outln!("Restored what the ledger lacked: {}.", counted(new, "record", "records"));
    }
    if corrected > 0 {
        outln!("Corrected how often {} received.", counted(corrected, "record was", "records were"));
    }
    if rejected > 0 {
        outln!("Quarantined {}; see `polysink rejections`.", counted(rejected, "record", "records"));
    }
}

async fn replay_rejections(store: &Store, filter: &RejectionFilter, yes: bool) -> anyhow::Result<ExitCode> {
    let _lock = lock(store).await?;
    adopt::ensure_none(store).await?;
    ensure_none(replay::unfinished(store).await?.as_ref())?;
    let open = number(rejections::count(store, filter).await?);
    if open == 0 {
        outln!("No open rejection matches.");
        return Ok(ExitCode::SUCCESS);
    }
    confirm(&format!("This replays {}.", counted(open, "rejection", "rejections")), yes)?;
    let (bar, interrupted) = (progress::bar(open, "rejections"), Interrupted::listen());
    let done = maintenance::replay_rejections(store, filter, app::now, |sum| {
        bar.set_position(sum.done);
        interrupted.flow()
    })
    .await;
    bar.finish_and_clear();
    Ok(print_rejections(done?, open, &interrupted))
}

/// Replays the rejections of a file, with its payloads.
async fn replay_file(store: &Store, file: &Path, yes: bool) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(n, line): (usize, &str)| -> anyhow::Result<(Uuid, Vec<u8>)> {
        let place = || format!("line {} of {}", n + 1, file.display());
        let exported = Exported::read(line).with_context(place)?;
        Ok((exported.rejection_id, exported.bytes().with_context(place)?))
    };
    let rejections: Vec<(Uuid, Vec<u8>)> = lines.map(read).collect::<anyhow::Result<_>>()?;
    let count = rejections.len() as u64;
    let _lock = lock(store).await?;
    adopt::ensure_none(store).await?;
    ensure_none(replay::unfinished(store).await?.as_ref())?;
    confirm(
        &format!("This replays {} with the payloads of the file.", counted(count, "rejection", "rejections")),
        yes,
    )?;
    let (bar, interrupted) = (progress::bar(count, "rejections"), Interrupted::listen());
    let mut done = RejectionsReplayed::default();
    for (id, payload) in rejections {
        done.add(maintenance::replay_rejection(store, id, Some(&payload), app::now()).await?);
        bar.set_position(done.done);
        if interrupted.is_pressed() {
            break;
        }
    }
    bar.finish_and_clear();
    done.note(store, None).await?;
    Ok(print_rejections(done, count, &interrupted))
}

fn print_rejections(done: RejectionsReplayed, all: u64, interrupted: &Interrupted) -> ExitCode {
    let RejectionsReplayed { done, stored, already_resolved, projecting, open: still, why } = done;
    outln!("Replayed {}: {} stored and resolved.", counted(done, "rejection", "rejections"), grouped(stored));
    if already_resolved > 0 {
        outln!("Resolved before, or unknown: {}.", grouped(already_resolved));
    }
    if projecting > 0 {
        outln!(
            "Projecting again: {}. Those that now succeed are resolved; `polysink rejections` lists the rest.",
            grouped(projecting)
        );
    }
    if let Some(why) = why {
        outln!("Still wrong, and open: {}; the first: {}", grouped(still), why.escape_debug());
    }
    if done < all && interrupted.is_pressed() {
        outln!("Interrupted; the same command continues.");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn number(count: i64) -> u64 {
    count.max(0).unsigned_abs()
}
