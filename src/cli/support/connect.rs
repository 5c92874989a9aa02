//! Database connections for commands that read data.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use nix::unistd::{User, getuid};
use tokio::time::sleep;

use crate::app;
use crate::config::{DATA_SETTINGS, DataConfig, Database, Setting};
use crate::local_pg;
use crate::model::SyncId;
use crate::store::tables::{backlog, syncs};
use crate::store::{Behind, Endpoint, Store};

use super::output::errln;
use super::settings::{Scope, Settings};
use super::table::counted;

/// The settings of a command that reads data.
#[derive(Debug)]
pub struct DataScope;

impl Scope for DataScope {
    const GROUPS: &'static [&'static [&'static Setting]] = &[DATA_SETTINGS];
}

/// Runs `work` on the configured database, or on the private one while it runs. Fails if the connection is lost on the
/// way.
pub async fn with_database<S, T>(
    settings: &Settings<S>,
    work: impl AsyncFnOnce(Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let data = settings.read(DataConfig::read)?;
    let store = Store::new(database(&data)?, 1).acting_as(&operator());
    app::try_connection(&store).await?;
    let work = async |store: Store| {
        store.check().await.context("cannot use the database")?;
        work(store).await
    };
    let done = store.watched(None, work).await;
    store.close().await;
    done
}

/// Who runs the command: user and host, as far as the system knows them.
fn operator() -> String {
    let user = User::from_uid(getuid()).ok().flatten().map_or_else(|| getuid().to_string(), |user| user.name);
    app::host().map_or_else(|| user.clone(), |host| format!("{user}@{host}"))
}

/// How to connect to the configured database, or to the private one, which must be running.
pub fn database(data: &DataConfig) -> anyhow::Result<Endpoint> {
    match &data.database {
        Database::Url(urls) => Ok(app::endpoint(urls)),
        Database::Local => Ok(running(data)?.options.into()),
    }
}

/// The private PostgreSQL, which must be running.
pub fn running(data: &DataConfig) -> anyhow::Result<local_pg::Running> {
    local_pg::running(&data.data_dir).with_context(|| {
        format!(
            "DATABASE_URL is not set, and no private PostgreSQL runs in {}: start it with `polysink serve`, or set \
             DATABASE_URL (or POLYSINK_DATA_DIR, if it runs in another folder)",
            data.data_dir.display()
        )
    })
}

/// The sync that an option names, if it is given. An id is taken even if no sync has it: a rejection can have it,
/// and a replay restore it.
pub async fn optional_sync(store: &Store, text: Option<&str>) -> anyhow::Result<Option<SyncId>> {
    let Some(text) = text else { return Ok(None) };
    match text.parse() {
        Ok(id) => {
            let found = syncs::called(store, text).await?;
            Ok(Some(found.first().map_or(SyncId(id), |(sync_id, ..)| *sync_id)))
        }
        Err(_) => find_sync(store, text).await.map(Some),
    }
}

/// Finds the sync that an argument names.
///
/// * `text`: its id, its table or its name
pub async fn find_sync(store: &Store, text: &str) -> anyhow::Result<SyncId> {
    let found = syncs::called(store, text).await?;
    match found.as_slice() {
        [] => anyhow::bail!("no sync matches {text:?}; `polysink syncs` lists them"),
        [(sync_id, ..)] => Ok(*sync_id),
        several => {
            let all: Vec<String> = several
                .iter()
                .map(|(sync_id, table, name)| format!("  {sync_id}  {table}  {}", name.as_deref().unwrap_or_default()))
                .collect();
            anyhow::bail!("{text:?} matches several syncs; use an id or a table:\n{}", all.join("\n"))
        }
    }
}

/// How long to wait for what has been received just before.
const PROJECTION: Duration = Duration::from_secs(3);

/// Finds the sync that an argument names, and waits a moment for its deliveries that are not in the query tables yet: a
/// command that is typed after the first delivery knows its fields. Says how far the tables are behind if that takes
/// longer.
pub async fn find_projected_sync(store: &Store, text: &str) -> anyhow::Result<SyncId> {
    let sync_id = find_sync(store, text).await?;
    let began = Instant::now();
    let mut behind = backlog::behind(store, sync_id, None).await?;
    let asked_at = behind.read_at;
    while behind.deliveries > 0 && began.elapsed() < PROJECTION {
        sleep(Duration::from_millis(50)).await; // between two looks
        behind = backlog::behind(store, sync_id, Some(asked_at)).await?;
    }
    if behind.deliveries > 0 {
        errln!("{}", behind_note(behind));
    }
    Ok(sync_id)
}

fn behind_note(Behind { deliveries, seconds, .. }: Behind) -> String {
    let (deliveries, seconds) = (deliveries.unsigned_abs(), seconds.unsigned_abs());
    format!(
        "The tables are {} behind: {} not in them yet. `polysink serve` projects them, and its log says what is in the \
         way.",
        counted(seconds, "second", "seconds"),
        counted(deliveries, "delivery is", "deliveries are")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_a_sync_is_behind() {
        let behind =
            |deliveries, seconds| behind_note(Behind { deliveries, seconds, read_at: chrono::DateTime::UNIX_EPOCH });
        assert!(behind(1, 1).starts_with("The tables are 1 second behind: 1 delivery is not in them yet."));
        assert!(
            behind(1_200, 90).starts_with("The tables are 90 seconds behind: 1,200 deliveries are not in them yet.")
        );
    }
}
