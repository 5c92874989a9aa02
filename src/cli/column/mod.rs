//! `polysink column`

mod report;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::builder::PossibleValuesParser;
use strum::VariantArray as _;

use self::report::{print_fields, uncatalogued_note, waiting_note};
use crate::cli::identity::find_field;
use crate::cli::rebuild::{WaitForRebuild, print_summary, with_progress};
use crate::cli::support::confirm::confirm;
use crate::cli::support::connect::{DataScope, find_projected_sync, with_database};
use crate::cli::support::output::outln;
use crate::cli::support::settings::Settings;
use crate::cli::support::table::{counted, grouped};
use crate::columns::{Catalogue, ColumnType, Field, Format, Rows, column_name};
use crate::model::SyncId;
use crate::projector::{self, RebuildError};
use crate::query_tables::{QueryTables, change, fit, inspect};
use crate::store::Store;
use crate::store::tables::{fields, syncs};

/// Shortest pause between batches; the service uses it for its own.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

/// A larger table is rewritten only after confirmation.
const ASK_ABOVE: i64 = 100_000;

/// Show or change how a field appears in the query tables
///
/// A change applies to all stored and all future records. Without an option, shows the field; without a field, shows
/// all fields.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The sync: its id, its table or its name
    sync: String,

    /// The field: its name in Polytomic or its column
    field: Option<String>,

    /// Pin the column's type. Strings are parsed as that type; values that do not fit stay in _unfit
    #[arg(long = "type", value_name = "TYPE", requires = "field", value_parser = type_names())]
    column_type: Option<String>,

    /// How dates and times are written, for the types date, timestamp and timestamptz: us, rfc2822, epoch, epoch-ms, or
    /// a strftime pattern such as '%d.%m.%Y'. ISO 8601 is always understood
    #[arg(long, requires = "column_type")]
    format: Option<Format>,

    /// Rename the column
    #[arg(long, value_name = "NAME", requires = "field")]
    name: Option<String>,

    /// Leave the field out of the query tables and erase its values there
    #[arg(long, requires = "field", conflicts_with_all = ["show", "column_type", "name"])]
    hide: bool,

    /// Show a hidden field again, with all its stored values
    #[arg(long, requires = "field")]
    show: bool,

    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

fn type_names() -> PossibleValuesParser {
    PossibleValuesParser::new(ColumnType::VARIANTS.iter().map(|column_type| column_type.as_str()))
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        let sync_id = find_projected_sync(&store, &options.sync).await?;
        let catalogue = fields::catalogue(&store, sync_id).await?;
        let Some(text) = &options.field else {
            print_fields(catalogue.fields(), &options.sync);
            if let Some(note) = waiting_note(&catalogue, &options.sync) {
                outln!("\n{note}");
            }
            if let Some(note) = uncatalogued_note(&fields::uncatalogued(&store, sync_id).await?) {
                outln!("\n{note}");
            }
            return Ok(ExitCode::SUCCESS);
        };
        let field = find_field(&catalogue, text)?.name.clone();
        if let Some(name) = &options.name {
            rename(&store, sync_id, &field, name).await?;
        }
        if options.hide
            && let Some(next) = change::hide_field(&store, sync_id, &field).await?
        {
            outln!("{next} now has a column.");
        }
        if options.show {
            let show = |field: &mut Field| {
                if field.hidden {
                    field.hidden = false;
                    field.needs_backfill = Some(Rows::All);
                }
            };
            change::change_field(&store, sync_id, &field, show, |_| ()).await?;
        }
        if let Some(column_type) = options.column_type.as_deref().and_then(|name| name.parse().ok()) {
            pin(&store, sync_id, &field, column_type, &options).await?;
        }
        backfill(&store, sync_id).await?;
        let catalogue = fields::catalogue(&store, sync_id).await?;
        rebuild_keys(&store, sync_id, &catalogue).await?;
        let field = catalogue.field(&field).context("the field no longer exists")?;
        print_fields(std::slice::from_ref(field), &options.sync);
        Ok(ExitCode::SUCCESS)
    })
    .await
}

/// Pins a column's type, after showing what it would do to the stored values.
async fn pin(
    store: &Store,
    sync_id: SyncId,
    name: &str,
    column_type: ColumnType,
    options: &Options,
) -> anyhow::Result<()> {
    if options.format.is_some() && !column_type.is_temporal() {
        anyhow::bail!("--format is for date, timestamp and timestamptz; {} has none", column_type.as_str());
    }
    let fit = fit::fit(store, sync_id, name, column_type, options.format.as_ref()).await?;
    if fit.misfits == 0 {
        match fit.fits {
            0 => outln!("There are no values yet."),
            1 => outln!("The 1 value fits {}.", column_type.as_str()),
            many => outln!("All {} fit {}.", counted(many, "value", "values"), column_type.as_str()),
        }
    } else {
        let hint = if column_type.is_temporal() && options.format.is_none() {
            " Pass --format if they are dates or times in another form."
        } else {
            ""
        };
        let question = format!(
            "{} of {} {} {}. {} in _unfit, such as {}.{hint}",
            grouped(fit.fits),
            counted(fit.fits + fit.misfits, "value", "values"),
            if fit.fits == 1 { "fits" } else { "fit" },
            column_type.as_str(),
            match fit.misfits {
                1 => "The other becomes null and stays".to_owned(),
                misfits => format!("The other {} become null and stay", grouped(misfits)),
            },
            fit.examples.join(", "),
        );
        confirm(&question, options.yes)?;
    }
    if fit.without_offset > 0 {
        outln!("{} without an offset; read as UTC.", counted(fit.without_offset, "time is", "times are"));
    }
    ask_before_rewriting(store, sync_id, name, column_type, options.yes).await?;
    let change_type = |field: &mut Field| {
        // A column that keeps its type is not rewritten, but its values are read in another way now.
        if field.column_type == Some(column_type) && (field.format != options.format || !field.pinned) {
            field.needs_backfill = Some(Rows::All);
        }
        field.wanted_type = column_type;
        field.pinned = true;
        field.format.clone_from(&options.format);
        field.blocked = None;
    };
    let count_misfits = |field: &mut Field| {
        field.misfits = fit.misfits;
        field.misfit_since = (fit.misfits > 0).then_some(field.first_seen_at);
    };
    Ok(change::change_field(store, sync_id, name, change_type, count_misfits).await?)
}

/// Rebuilds the tables if a column of the identity has changed, and with it what makes one entity of two records. A
/// running service may do that at the same time; one of the two waits for the other.
async fn rebuild_keys(store: &Store, sync_id: SyncId, catalogue: &Catalogue) -> anyhow::Result<()> {
    let mut waiting = WaitForRebuild::default();
    loop {
        let Some(sync) = syncs::find(store, sync_id).await? else { return Ok(()) };
        let Some(identity) = &sync.identity else { return Ok(()) };
        if sync.key_columns.as_ref() == Some(&catalogue.key_columns(identity)) {
            return Ok(());
        }
        match projector::plan(store, sync_id, |sync| sync.identity.clone()).await {
            Err(RebuildError::Running) => waiting.pause().await,
            Err(error) => return Err(error.into()),
            Ok(plan) => {
                outln!("The field is part of the identity; rebuilding the tables.");
                print_summary(&with_progress(plan).await?);
                return Ok(());
            }
        }
    }
}

/// Renames the column of a field, to a name that needs no quotes.
async fn rename(store: &Store, sync_id: SyncId, name: &str, column: &str) -> anyhow::Result<()> {
    let plain = column_name(column);
    if plain != column {
        anyhow::bail!("{column:?} needs quoting in SQL; try {plain:?}");
    }
    Ok(change::rename_column(store, sync_id, name, column).await?)
}

/// Backfills the rows while the service does the same: each continues where the other stopped. The service projects new
/// deliveries between two batches.
async fn backfill(store: &Store, sync_id: SyncId) -> anyhow::Result<()> {
    let all = async {
        loop {
            let began = Instant::now();
            let repaired = change::begin_repaired(store, sync_id).await;
            let (mut projection, mut catalogue) =
                repaired.context("these rows cannot be backfilled now; a running service does it")?;
            let more = projection.backfill_some(&mut catalogue).await?;
            projection.session.commit().await?;
            if !more {
                return anyhow::Ok(());
            }
            tokio::time::sleep(began.elapsed().max(SHORTEST_PAUSE)).await;
        }
    };
    tokio::select! {
        done = all => done,
        _ = tokio::signal::ctrl_c() => anyhow::bail!(
            "the column is changed; a running service backfills the remaining rows"
        ),
    }
}

async fn ask_before_rewriting(
    store: &Store,
    sync_id: SyncId,
    name: &str,
    column_type: ColumnType,
    yes: bool,
) -> anyhow::Result<()> {
    let catalogue = fields::catalogue(store, sync_id).await?;
    let sync = syncs::find(store, sync_id).await?.context("the sync no longer exists")?;
    let retyped = catalogue.field(name).and_then(|field| field.column_type).is_some_and(|now| now != column_type);
    let rows = if retyped { inspect::row_count(store, &QueryTables::synced(&sync.table_name)).await? } else { 0 };
    if rows > ASK_ABOVE {
        let question = format!(
            "This rewrites the table's {} rows. Readers wait while the column's type changes; its values are in _unfit \
             until they are backfilled.",
            grouped(rows.unsigned_abs())
        );
        confirm(&question, yes)?;
    }
    Ok(())
}
