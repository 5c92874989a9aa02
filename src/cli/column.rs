//! `polysink column`

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::cli::output::{out, outln};
use crate::columns::{Catalogue, ColumnType, Field, MAX_FIELD_NAME_BYTES, MAX_FIELDS, Rows, ValueKind, column_name};
use crate::model::SyncId;
use crate::query_tables::{By, LockWait, Projection, QueryTables, Reshaped};
use crate::store::tables::backfills;
use crate::store::{Store, Uncatalogued};

use super::confirm::confirm;
use super::connect::{DataScope, find_sync, with_database};
use super::identity::find_field;
use super::settings::Settings;
use super::table::{Align, grouped, render};

/// How many times to try a change while another session uses the table.
const TRIES: usize = 100;

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
    #[arg(long = "type", value_name = "TYPE", requires = "field", value_parser = ColumnType::ALL.map(ColumnType::as_str))]
    column_type: Option<String>,

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

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        let sync_id = find_sync(&store, &options.sync).await?;
        let catalogue = store.catalogue(sync_id).await?;
        let Some(text) = &options.field else {
            out!("{}", as_table(catalogue.fields()));
            if let Some(note) = uncatalogued_note(&store.uncatalogued(sync_id).await?) {
                outln!("\n{note}");
            }
            return Ok(ExitCode::SUCCESS);
        };
        let field = find_field(&catalogue, text)?.name.clone();
        if let Some(name) = &options.name {
            rename(&store, sync_id, &field, name).await?;
        }
        if options.hide {
            hide(&store, sync_id, &field).await?;
        }
        if options.show {
            change(&store, sync_id, &field, By::Operator, |field| {
                if field.hidden {
                    field.hidden = false;
                    field.needs_backfill = Some(Rows::All);
                }
            })
            .await?;
        }
        if let Some(column_type) = options.column_type.as_deref().and_then(ColumnType::named) {
            ask_before_rewriting(&store, sync_id, &field, column_type, options.yes).await?;
            change(&store, sync_id, &field, By::Operator, |field| {
                field.wanted_type = column_type;
                field.pinned = true;
                field.blocked = None;
            })
            .await?;
        }
        backfill(&store, sync_id).await?;
        let catalogue = store.catalogue(sync_id).await?;
        out!("{}", as_table(std::slice::from_ref(find_field(&catalogue, &field)?)));
        Ok(ExitCode::SUCCESS)
    })
    .await
}

async fn locked(store: &Store, sync_id: SyncId) -> anyhow::Result<(Projection, Catalogue)> {
    store.project_repaired(sync_id).await?.context("the sync no longer exists")
}

/// Changes a field and the tables in one transaction.
async fn change(store: &Store, sync_id: SyncId, name: &str, by: By, change: impl Fn(&mut Field)) -> anyhow::Result<()> {
    for n in 1..=TRIES {
        let (mut projection, mut catalogue) = locked(store, sync_id).await?;
        catalogue.fields_mut().filter(|field| field.name == name).for_each(&change);
        if projection.tables_exist().await?
            && projection.reshape(&mut catalogue, by, false, LockWait::of_try(n)).await? == Reshaped::Locked
        {
            projection.session.rollback().await?;
            pause().await;
            continue;
        }
        if let Some(why) = catalogue.field(name).and_then(|field| field.blocked.clone()) {
            projection.session.rollback().await?;
            anyhow::bail!("{why}. Nothing was changed");
        }
        projection.save(&mut catalogue).await?;
        return Ok(projection.session.commit().await?);
    }
    anyhow::bail!("other sessions keep using the table; nothing was changed, try again later")
}

async fn rename(store: &Store, sync_id: SyncId, name: &str, column: &str) -> anyhow::Result<()> {
    let plain = column_name(column);
    if plain != column {
        anyhow::bail!("{column:?} needs quoting in SQL; try {plain:?}");
    }
    for n in 1..=TRIES {
        let (mut projection, mut catalogue) = locked(store, sync_id).await?;
        if let Some(other) = catalogue.fields().iter().find(|field| field.column_name == column) {
            if other.name == name {
                return Ok(projection.session.rollback().await?);
            }
            anyhow::bail!("the field {:?} already has that column", other.name);
        }
        let field = catalogue.fields_mut().find(|field| field.name == name).context("the field no longer exists")?;
        let old = std::mem::replace(&mut field.column_name, column.to_owned());
        let has_column = field.column_type.is_some();
        if has_column && projection.tables_exist().await? {
            let (connection, tables) = (&mut projection.session, &projection.tables);
            tables.limit_wait(connection, LockWait::of_try(n)).await?;
            match tables.rename_column(connection, &old, column).await {
                Ok(()) => {}
                Err(error) if error.is_lock_timeout() => {
                    projection.session.rollback().await?;
                    pause().await;
                    continue;
                }
                Err(error) => return Err(error).context("the column cannot be renamed; nothing was changed"),
            }
        }
        projection.save(&mut catalogue).await?;
        return Ok(projection.session.commit().await?);
    }
    anyhow::bail!("other sessions keep using the table; nothing was changed, try again later")
}

/// Drops the column. The backfill erases the values that the rows still hold.
async fn hide(store: &Store, sync_id: SyncId, name: &str) -> anyhow::Result<()> {
    for n in 1..=TRIES {
        let (mut projection, mut catalogue) = locked(store, sync_id).await?;
        if projection.sync.identity.as_ref().is_some_and(|identity| identity.iter().any(|field| field == name)) {
            anyhow::bail!("{name:?} is part of the sync's identity; change the identity first");
        }
        let has_table = projection.has_a_table().await?;
        let field = catalogue.fields_mut().find(|field| field.name == name).context("the field no longer exists")?;
        if field.hidden {
            return Ok(projection.session.rollback().await?);
        }
        if has_table {
            let (connection, tables) = (&mut projection.session, &projection.tables);
            tables.limit_wait(connection, LockWait::of_try(n)).await?;
            match tables.drop_column(connection, field).await {
                Ok(()) => {}
                Err(error) if error.is_lock_timeout() => {
                    projection.session.rollback().await?;
                    pause().await;
                    continue;
                }
                Err(error) => {
                    return Err(error).context("the column cannot be dropped; nothing was changed");
                }
            }
        }
        field.hidden = true;
        field.column_type = None;
        field.needs_backfill = has_table.then_some(Rows::Erase);
        backfills::delete(&mut projection.session, sync_id).await?;
        projection.save(&mut catalogue).await?;
        return Ok(projection.session.commit().await?);
    }
    anyhow::bail!("other sessions keep using the table; nothing was changed, try again later")
}

/// Between two tries on a table that another session uses.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// Backfills the rows beside the service: each continues from where the other stopped. The service projects new
/// deliveries between two batches.
async fn backfill(store: &Store, sync_id: SyncId) -> anyhow::Result<()> {
    let all = async {
        loop {
            let began = Instant::now();
            let (mut projection, mut catalogue) = locked(store, sync_id).await?;
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
    let catalogue = store.catalogue(sync_id).await?;
    let sync = store.sync_state(sync_id).await?.context("the sync no longer exists")?;
    let retyped = catalogue.field(name).and_then(|field| field.column_type).is_some_and(|now| now != column_type);
    let rows = if retyped { store.row_count(&QueryTables::synced(&sync.table_name)).await? } else { 0 };
    if rows > ASK_ABOVE {
        let question = format!(
            "This rewrites the table's {} rows. Readers wait while the column's type changes; its values are in _unfit until \
             they are backfilled.",
            grouped(rows.unsigned_abs())
        );
        confirm(&question, yes)?;
    }
    Ok(())
}

fn as_table(fields: &[Field]) -> String {
    let heading = [
        ("FIELD", Align::Left),
        ("COLUMN", Align::Left),
        ("TYPE", Align::Left),
        ("VALUES", Align::Right),
        ("NULLS", Align::Right),
        ("KINDS SEEN", Align::Left),
        ("NOTE", Align::Left),
    ];
    let rows: Vec<Vec<String>> = fields
        .iter()
        .map(|field| {
            let kinds: Vec<String> = field
                .kinds
                .seen()
                .filter(|kind| *kind != ValueKind::Null)
                .map(|kind| format!("{} {}", grouped(field.kinds.of(kind)), kind.as_str()))
                .collect();
            vec![
                field.name.clone(),
                if field.hidden { String::new() } else { field.column_name.clone() },
                field.column_type.map(ColumnType::as_str).unwrap_or_default().to_owned(),
                grouped(field.kinds.values()),
                grouped(field.kinds.of(ValueKind::Null)),
                kinds.join(", "),
                note(field),
            ]
        })
        .collect();
    render(&heading, &rows)
}

/// The line that says how many records have fields beyond the catalogue's limit.
fn uncatalogued_note(uncatalogued: &Uncatalogued) -> Option<String> {
    let field = uncatalogued.field.as_ref()?;
    Some(format!(
        "{} records have fields that are not listed, such as {field:?}. A sync has at most {} fields, with names of at most \
         {MAX_FIELD_NAME_BYTES} bytes; values of further fields are in _unfit.",
        grouped(uncatalogued.records.unsigned_abs()),
        grouped(MAX_FIELDS as u64),
    ))
}

fn note(field: &Field) -> String {
    if field.hidden {
        "hidden".to_owned()
    } else if let Some(why) = &field.blocked {
        why.clone()
    } else if field.pinned {
        "pinned".to_owned()
    } else if field.is_due() {
        format!("becomes {} when no other session uses its table", field.wanted_type.as_str())
    } else {
        String::new()
    }
}
