//! `polysink repair`

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::app;
use crate::backoff::Backoff;
use crate::cli::support::output::{errln, outln};
use crate::model::SyncId;
use crate::polytomic::api::{ApiError, Client, Execution, ExecutionStatus};
use crate::polytomic::records::{LogComparison, LogError};
use crate::store::Store;
use crate::store::tables::changes::{self, ChangeAction};
use crate::store::tables::run_logs::LoggedRun;
use crate::store::tables::{runs, syncs};

use super::support::confirm::confirm;
use super::support::connect::{find_sync, with_database};
use super::support::polytomic::{PolytomicScope, api_clients, client_of, compare_run, find_run};
use super::support::settings::Settings;
use super::support::table::{counted, grouped};

/// More records are sent again by a full resync.
const MOST_RECORDS: usize = 1_000;

/// How many of them the question shows.
const SHOWN: usize = 20;

/// How many runs are looked through for one that is short.
const LATEST: i64 = 200;

/// Between two questions about a run.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long a run may take, and its deliveries after its end.
const RUN: Duration = Duration::from_secs(3_600);
const DELIVERIES: Duration = Duration::from_secs(300);

const FULL_RESYNC: &str =
    "force a full resync of the sync in Polytomic, which sends all records again; each is stored once all the same";

/// Have Polytomic send the records again that are missing of a run
///
/// Compares the run's log with what has arrived, shows the keys of the missing records, asks, starts a run of the sync
/// for just those, and waits until they have arrived. Needs an identity that is the identifier of the sync's model.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The sync: its id, its table or its name
    sync: String,

    /// The run, as `polysink runs` lists it [default: the last one of which records are missing]
    #[arg(long, value_name = "RUN")]
    run: Option<String>,

    /// Do not ask
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    settings: Settings<PolytomicScope>,
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        let sync_id = find_sync(&store, &options.sync).await?;
        let Some(run) = run_to_repair(&store, sync_id, options.run.as_deref()).await? else {
            outln!("No records are missing, as far as is known.");
            return Ok(ExitCode::SUCCESS);
        };
        let clients = api_clients(&options.settings)?;
        let client = client_of(&clients, &run)?;
        let compared = compare(&store, client, &run).await?;
        if compared.counts.absent == 0 {
            outln!("All records in the log of run {} have arrived.", run.execution_id);
            return Ok(ExitCode::SUCCESS);
        }
        let identities = identities(&store, client, &run, &compared).await?;
        confirm(&question(&run, &compared.missing), options.yes)?;
        let started = start(client, &run, &identities).await?;
        runs::note_started(&store, run.sync_id, run.source_id, &started.id).await?;
        let after = json!({ "run": run.execution_id, "started": started.id, "records": identities.len() });
        changes::note(&store, Some(run.sync_id), ChangeAction::Repair, after).await?;
        outln!("Polytomic has started run {} for them.", started.id);
        until_ended(client, &run, &started).await?;
        until_arrived(&store, client, &run).await?;
        outln!("They have arrived.");
        Ok(ExitCode::SUCCESS)
    })
    .await
}

/// The run that is asked for, or the last one of which records are missing.
async fn run_to_repair(store: &Store, sync_id: SyncId, asked: Option<&str>) -> anyhow::Result<Option<LoggedRun>> {
    let execution_id = if let Some(run) = asked {
        run.to_owned()
    } else {
        let known = runs::list(store, Some(sync_id), LATEST).await?;
        let short = known.into_iter().find(|run| run.missing.is_some_and(|missing| missing > 0));
        let Some(short) = short else { return Ok(None) };
        short.execution_id
    };
    find_run(store, sync_id, &execution_id).await.map(Some)
}

async fn compare(store: &Store, client: &Client, run: &LoggedRun) -> anyhow::Result<LogComparison> {
    compare_run(store, client, run).await.map_err(|error| match error.downcast_ref::<LogError>() {
        Some(error) => anyhow::anyhow!("{error}. So it is not known which records are missing: {FULL_RESYNC}"),
        None => error,
    })
}

/// The values by which Polytomic knows the missing records.
///
/// # Errors
///
/// If they are too many, or have no such values.
async fn identities(
    store: &Store,
    client: &Client,
    run: &LoggedRun,
    compared: &LogComparison,
) -> anyhow::Result<Vec<String>> {
    let LogComparison { counts, missing, have_keys } = compared;
    let identity = syncs::find(store, run.sync_id).await?.and_then(|sync| sync.identity).unwrap_or_default();
    if !have_keys || identity.is_empty() {
        anyhow::bail!("the missing records have no key: set an identity with `polysink identity`, or {FULL_RESYNC}");
    }
    if missing.len() > MOST_RECORDS {
        anyhow::bail!("{} records are missing, which is too many: {FULL_RESYNC}", grouped(counts.absent));
    }
    let identifier = identifier(client, run.source_id).await?;
    let place = match &identifier {
        Some(name) => identity.iter().position(|field| field == name),
        // Then it can only be the one field.
        None => (identity.len() == 1).then_some(0),
    };
    let Some(place) = place else {
        let identity = identity.join(", ");
        let known_by = identifier.map_or_else(|| "a field that is not known here".to_owned(), |name| name.clone());
        anyhow::bail!(
            "Polytomic knows the sync's records by {known_by}, and its identity here is {identity}: {FULL_RESYNC}"
        )
    };
    Ok(missing.iter().filter_map(|key| value_at(key, place)).collect())
}

/// The name here of the field that identifies a record of the sync's model; `None` if Polytomic does not say.
async fn identifier(client: &Client, source_id: SyncId) -> anyhow::Result<Option<String>> {
    let config = client.sync(source_id).await?;
    let [model_id] = &config.models[..] else { return Ok(None) };
    let model = match client.model(model_id).await {
        Ok(model) => model,
        Err(ApiError::NotFound(_) | ApiError::Forbidden(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(identifier) = model.identifier else { return Ok(None) };
    let target = config.fields.iter().find(|field| field.field == identifier).map(|field| field.target.clone());
    Ok(Some(target.unwrap_or(identifier)))
}

/// A value of a key, as text.
fn value_at(key: &str, place: usize) -> Option<String> {
    let values: Vec<&serde_json::value::RawValue> = serde_json::from_str(key).ok()?;
    let value = values.get(place)?.get();
    Some(serde_json::from_str::<String>(value).unwrap_or_else(|_| value.to_owned()))
}

fn question(run: &LoggedRun, missing: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = missing.iter().take(SHOWN).map(String::as_str).collect();
    let more = match missing.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {} more", grouped(more as u64)),
    };
    let records = counted(missing.len() as u64, "record of run", "records of run");
    format!(
        "{records} {} did not arrive: {}{more}. Polytomic is asked to send just those again.",
        run.execution_id,
        shown.join(", ")
    )
}

/// Starts a run of the sync for these records.
async fn start(client: &Client, run: &LoggedRun, identities: &[String]) -> anyhow::Result<Execution> {
    match client.start(run.source_id, identities, &idempotency_key(&run.execution_id)).await {
        Ok(started) => Ok(started),
        Err(ApiError::Conflict(why)) => {
            anyhow::bail!("Polytomic refuses it for now: {why}. A run of the sync is in progress: repeat it afterwards")
        }
        Err(error @ (ApiError::Forbidden(_) | ApiError::NotFound(_))) => {
            anyhow::bail!("{error}: give the key the right to start syncs, or {FULL_RESYNC}")
        }
        Err(error @ ApiError::Status { status: 400..500, .. }) => anyhow::bail!("{error}: {FULL_RESYNC}"),
        Err(error) => Err(error.into()),
    }
}

/// A key with which the same request starts one run, however often it is sent.
fn idempotency_key(execution_id: &str) -> String {
    let allowed = |char: char| if char.is_ascii_alphanumeric() || char == '_' { char } else { '-' };
    let run: String = execution_id.chars().take(200).map(allowed).collect();
    format!("polysink-{run}-{}", app::now().timestamp())
}

async fn until_ended(client: &Client, run: &LoggedRun, started: &Execution) -> anyhow::Result<()> {
    let deadline = Instant::now() + RUN;
    let mut backoff = Backoff::new(FIRST_PAUSE);
    loop {
        let now = client.execution(run.source_id, &started.id).await?;
        match now.status {
            ExecutionStatus::Completed => return Ok(()),
            ExecutionStatus::Failed(word) => anyhow::bail!("run {} has {word}: {}", now.id, now.errors.join("; ")),
            ExecutionStatus::Open(_) | ExecutionStatus::Other(_) => {}
        }
        if Instant::now() > deadline {
            anyhow::bail!("run {} has not ended; `polysink runs` shows what becomes of it", started.id);
        }
        sleep(backoff.fail(LONGEST_PAUSE)).await;
    }
}

async fn until_arrived(store: &Store, client: &Client, run: &LoggedRun) -> anyhow::Result<()> {
    let deadline = Instant::now() + DELIVERIES;
    let mut backoff = Backoff::new(FIRST_PAUSE);
    loop {
        let compared = compare(store, client, run).await?;
        let absent = compared.counts.absent;
        if absent == 0 {
            return Ok(());
        }
        if Instant::now() > deadline {
            let missing: Vec<&String> = compared.missing.iter().take(SHOWN).collect();
            errln!("Still missing: {}", Value::from(missing.into_iter().cloned().collect::<Vec<_>>()));
            anyhow::bail!("{} have not arrived: {FULL_RESYNC}", counted(absent, "record", "records"));
        }
        sleep(backoff.fail(LONGEST_PAUSE)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_keys_are_text_as_the_api_takes_it() {
        assert_eq!(value_at("[42]", 0).as_deref(), Some("42"));
        assert_eq!(value_at(r#"["eu","cus \"1\""]"#, 1).as_deref(), Some("cus \"1\""));
        assert_eq!(value_at("[42]", 1), None);
        assert_eq!(value_at("a hash", 0), None);
    }

    #[test]
    fn idempotency_keys_have_the_characters_that_the_api_takes() {
        let key = idempotency_key("a/b.c é-1");
        assert!(key.starts_with("polysink-a-b-c---1-"), "{key}");
        assert!((8..=255).contains(&idempotency_key(&"x".repeat(1_000)).len()));
    }
}
