//! `polysink rebuild`, and what `identity` shares with it.

use std::process::ExitCode;
use std::time::Duration;

use indicatif::ProgressBar;

use crate::cli::support::output::{errln, outln};
use crate::model::SyncId;
use crate::projector::{self, RebuildError, RebuildPlan, RebuildSummary, Watcher};
use crate::store::{Store, SyncState};

use super::support::confirm::confirm;
use super::support::connect::{DataScope, find_sync, with_database};
use super::support::moment;
use super::support::progress::{self, Interrupted};
use super::support::settings::Settings;
use super::support::table::{counted, grouped};

/// Rebuild a sync's query tables from the stored deliveries
///
/// Deliveries continue meanwhile. Readers see the old rows until the new ones are complete; views, grants and indexes
/// on the tables stay. The rebuild starts at the oldest delivery that is kept, and keeps what the history knows of
/// earlier times.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The sync: its id, its table or its name
    sync: String,

    /// Drop the tables at the end and make them new, so that columns that were dropped no longer count towards
    /// PostgreSQL's 1,600. Grants stay; what you have built on the tables does not, and is listed before. Readers wait
    /// while the new tables are filled
    #[arg(long)]
    new_tables: bool,

    /// Do not ask for confirmation
    #[arg(long, requires = "new_tables")]
    yes: bool,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        let sync_id = find_sync(&store, &options.sync).await?;
        let mut plan = plan_when_free(&store, sync_id, |sync| sync.identity.clone()).await?;
        if options.new_tables {
            let built = plan.built_on().await?;
            if !built.in_the_way.is_empty() {
                anyhow::bail!(
                    "the tables cannot be dropped: in the way are {}. Drop these, run this again, and create them \
                     again (dbt: `dbt run`)",
                    built.in_the_way.join(", ")
                );
            }
            if !built.lost.is_empty() {
                let question = format!(
                    "With the old tables you lose what you have built on them: \
                                        {}.",
                    built.lost.join(", ")
                );
                confirm(&question, options.yes)?;
            }
            plan = plan.with_new_tables();
        }
        print_unknown(&plan);
        let summary = with_progress(plan).await?;
        print_summary(&summary);
        Ok(ExitCode::SUCCESS)
    })
    .await
}

/// Prepares a rebuild, once no other process rebuilds the sync or builds the index of its identity.
///
/// * `identity`: as for [`projector::plan`]
pub async fn plan_when_free(
    store: &Store,
    sync_id: SyncId,
    identity: impl Fn(&SyncState) -> Option<Vec<String>>,
) -> anyhow::Result<RebuildPlan> {
    let mut waiting = WaitForRebuild::default();
    loop {
        match projector::plan(store, sync_id, &identity).await {
            Err(RebuildError::Running) => waiting.pause().await,
            done => return Ok(done?),
        }
    }
}

/// Waits for another process's rebuild of a sync. The first time it says so.
#[derive(Debug, Default)]
pub struct WaitForRebuild {
    said: bool,
}

impl WaitForRebuild {
    pub async fn pause(&mut self) {
        const LOOK_EVERY: Duration = Duration::from_millis(250);
        if !std::mem::replace(&mut self.said, true) {
            errln!(
                "Waiting: another process is rebuilding this sync, erasing from it, or building the index of \
                 its identity. Ctrl-C ends the wait."
            );
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Prints what a rebuild cannot recover from before the raw log begins.
pub fn print_unknown(plan: &RebuildPlan) {
    if plan.before_raw > 0 {
        let since = plan.raw_since.map_or_else(
            || "no delivery of this sync is kept".to_owned(),
            |since| format!("the oldest kept delivery is of {}", moment::to_second(since)),
        );
        outln!(
            "{since}. {} of {} records were also delivered before that. Their first and last deliveries are known; \
             changes back and forth between these are not.",
            grouped(plan.before_raw.unsigned_abs()),
            grouped(plan.records.unsigned_abs()),
        );
    }
}

pub fn print_summary(summary: &RebuildSummary) {
    outln!("The table has {}.", counted(summary.rows.max(0).unsigned_abs(), "row", "rows"));
    if let Some(why) = &summary.refused.why {
        outln!(
            "The table refuses some rows, which stay as they were ({}): {why}",
            counted(summary.refused.keys.len() as u64, "row", "rows"),
        );
    }
    if let Some(why) = &summary.no_index {
        outln!(
            "The identity has no index yet, so a query for one entity reads the whole table. The service makes it \
             later. {why}"
        );
    }
    if summary.quarantined > 0 {
        outln!(
            "Records that cannot be projected: {}; see `polysink rejections`.",
            counted(summary.quarantined, "record", "records")
        );
    }
    if summary.unidentified > 0 {
        outln!(
            "{} no value for the identity and therefore no row; see polysink.unidentified.",
            counted(summary.unidentified.max(0).unsigned_abs(), "record has", "records have")
        );
    }
}

/// Runs it, with a progress bar on a terminal. Ctrl-C leaves everything as it was.
pub async fn with_progress(plan: RebuildPlan) -> anyhow::Result<RebuildSummary> {
    let bar = progress::bar(u64::try_from(plan.records).unwrap_or(0), "records");
    let done = plan.run(&mut Bar { bar: bar.clone(), interrupted: Interrupted::listen() }).await;
    bar.finish_and_clear();
    Ok(done?)
}

struct Bar {
    bar: ProgressBar,
    interrupted: Interrupted,
}

impl Watcher for Bar {
    fn at(&mut self, done: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(done);
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.is_pressed()
    }
}
