//! `polysink forget`

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use indicatif::ProgressBar;

use crate::app;
use crate::cli::support::output::outln;
use crate::maintenance::{self, ForgetOptions, ForgetPlan};
use crate::store::ErasureCounts;

use super::adopt;
use super::support::confirm::confirm;
use super::support::connect::{DataScope, find_sync, with_database};
use super::support::progress::{self, Interrupted};
use super::support::settings::Settings;
use super::support::table::counted;

/// Erase entities everywhere: query tables, history, ledger, raw deliveries, rejections, spool
///
/// Shows what is stored first. The entities' records are cut out of raw deliveries, whose rest stays to the letter.
/// Deliveries that wait in a spool lose them when they are stored. `polysink.erasures` keeps when it was done and how
/// much, without the data.
///
/// Delete the rows in the source first: what Polytomic sends later is stored again. docs/erasure.md says what backups,
/// replicas and the server's log keep.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The sync: its id, its table or its name
    sync: String,

    /// The identity's value, such as 42; of an identity with several fields a JSON array, as in _key; of a record that
    /// has no key, or without an identity, its hash
    #[arg(required_unless_present = "file", allow_negative_numbers = true)]
    key: Vec<String>,

    /// Read keys from this file, one per line
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// A reference to keep with the erasure, such as the number of the request
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,

    /// Erase rejections and records too that cannot be read and mention one of the keys
    #[arg(long)]
    unreadable: bool,

    /// Do not ask
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

/// How many keys without a trace are named.
const NAMED: usize = 5;

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let mut keys = options.key.clone();
    if let Some(file) = &options.file {
        keys.extend(keys_in(file)?);
    }
    anyhow::ensure!(!keys.is_empty(), "no key was given");
    let forget = ForgetOptions { keys, unreadable_too: options.unreadable, reference: options.reference.clone() };
    with_database(&options.settings, async |store| {
        adopt::ensure_none(&store).await?;
        let sync_id = find_sync(&store, &options.sync).await?;
        // Ctrl-C ends the search at once, and the erasure after its current step.
        let bar = progress::bar(0, "deliveries");
        let plan = maintenance::plan_forget(&store, sync_id, forget, |done, total| {
            show(&bar, done, total);
            ControlFlow::Continue(())
        })
        .await;
        bar.finish_and_clear();
        let plan = plan?;
        print_warnings(&plan);
        confirm(&question(&plan), options.yes)?;
        let (bar, interrupted) = (progress::bar(0, "deliveries"), Interrupted::listen());
        let erased = plan
            .run(app::now, |done, total| {
                show(&bar, done, total);
                interrupted.flow()
            })
            .await;
        bar.finish_and_clear();
        match erased? {
            nothing if nothing == ErasureCounts::default() => {
                outln!("Nothing was stored. Deliveries that come from a spool lose them.");
            }
            counts => outln!("Erased {}.", described(&counts)),
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

fn show(bar: &ProgressBar, done: u64, total: u64) {
    if total > 0 {
        bar.set_length(total);
        bar.set_position(done);
    }
}

fn keys_in(file: &Path) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

fn print_warnings(plan: &ForgetPlan) {
    if plan.unfinished {
        outln!("An erasure from this sync was interrupted. Run it again with the same keys.");
    }
    if let Some(first) = plan.unknown.first() {
        let named: Vec<String> = plan.unknown.iter().take(NAMED).map(|key| format!("{key:?}")).collect();
        let more = if plan.unknown.len() > NAMED { ", …" } else { "" };
        match plan.unknown.len() {
            1 => outln!("Nothing is stored for {first:?}."),
            n => outln!("Nothing is stored for {n} of the keys: {}{more}.", named.join(", ")),
        }
    }
    if plan.unclear > 0 {
        let mention = if plan.unclear == 1 { "mentions" } else { "mention" };
        let texts = counted(plan.unclear, "rejection or record", "rejections and records");
        outln!("{texts} that cannot be read {mention} a key. They stay, unless you pass --unreadable.");
    }
}

fn question(plan: &ForgetPlan) -> String {
    let entities = counted(plan.entities, "entity", "entities");
    if plan.is_empty() {
        let whose = if plan.entities == 1 { "Its" } else { "Their" };
        return format!(
            "Nothing to erase for {entities}. {whose} records would still be removed from spooled deliveries."
        );
    }
    format!("This erases {entities} of {}: {}.", plan.table, described(&plan.counts))
}

/// The counts of an erasure, in words.
fn described(counts: &ErasureCounts) -> String {
    let ErasureCounts { rows, versions, records, deliveries, sightings, rejections } = *counts;
    format!(
        "{} and {} of the query tables, {} of the ledger, {} in {}, {}",
        counted(rows, "row", "rows"),
        counted(versions, "version", "versions"),
        counted(records, "record", "records"),
        counted(sightings, "record", "records"),
        counted(deliveries, "raw delivery", "raw deliveries"),
        counted(rejections, "rejection", "rejections"),
    )
}
