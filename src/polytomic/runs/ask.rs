//! Asks Polytomic's API about one sync, and keeps what it says.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::polytomic::api::{ApiError, Client, Execution, SyncConfig};
use crate::polytomic::sources;
use crate::store::tables::runs::{self, RunFacts};
use crate::store::tables::source_models;
use crate::store::tables::sync_sources::{self, SourceFacts, SyncSource};
use crate::store::{Store, StoreError};

/// Pages of runs that are read at once: an hour has few, and a first look wants the latest.
const MOST_PAGES: usize = 20;

/// How long a model is not read again.
const MODEL: TimeDelta = TimeDelta::days(1);

/// Why a sync could not be asked about.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Asks about a sync and its runs since the last time.
///
/// * `first_sent_at`: when the sync's first delivery was sent. Runs that ended before are left out: nothing here
///   could say how they went
///
/// # Errors
///
/// [`AskError`]; then what was known stays.
pub async fn ask(
    store: &Store,
    client: &Client,
    source: &SyncSource,
    first_sent_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), AskError> {
    let status = client.status(source.source_id).await?;
    let config = client.sync(source.source_id).await?;
    let mut executions = latest(store, client, source, first_sent_at).await?;
    let seen: HashSet<&str> = executions.iter().map(|run| run.id.as_str()).collect();
    // Runs that were in progress, and that the pages do not have.
    let mut gone = Vec::new();
    let unfinished = runs::unfinished(store, source.source_id).await?;
    let missing: Vec<String> = unfinished.into_iter().filter(|id| !seen.contains(id.as_str())).collect();
    for id in missing {
        match client.execution(source.source_id, &id).await {
            Ok(run) => executions.push(run),
            Err(ApiError::NotFound(_)) => gone.push(id),
            Err(error) => return Err(error.into()),
        }
    }
    let facts: Vec<RunFacts> = executions.iter().map(|run| run_facts(run, &config)).collect();
    runs::save(store, source, &facts).await?;
    runs::forget_gone(store, source.source_id, &gone, now).await?;
    let facts = SourceFacts {
        name: config.name.clone(),
        active: config.active,
        sync_all_records: config.sync_all_records,
        frequency: config.frequency.clone(),
        next_execution_at: status.next_execution_time,
    };
    sync_sources::save(store, source, &facts, now).await?;
    if source.model_at.is_none_or(|read_at| now >= read_at + MODEL) {
        let model = sources::read_model(client, &config).await?;
        source_models::save(store, source.source_id, &model, now).await?;
    }
    Ok(())
}

/// The runs that are not known here, or not ended as far as is known, the latest first, without those that ended before
/// the first delivery was sent.
async fn latest(
    store: &Store,
    client: &Client,
    source: &SyncSource,
    first_sent_at: DateTime<Utc>,
) -> Result<Vec<Execution>, AskError> {
    let (mut found, mut page) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let answer = client.executions(source.source_id, page.as_deref()).await?;
        let ids: Vec<&str> = answer.items.iter().map(|run| run.id.as_str()).collect();
        let known = runs::ended(store, source, &ids).await?;
        let is_early =
            |run: &Execution| run.completed_at.is_some_and(|ended| ended + TimeDelta::seconds(1) < first_sent_at);
        let is_last = answer.items.iter().any(|run| known.contains(&run.id) || is_early(run));
        found.extend(answer.items.into_iter().filter(|run| !is_early(run) && !known.contains(&run.id)));
        page = answer.next;
        if is_last || page.is_none() {
            break;
        }
    }
    for run in &mut found {
        // A list may leave counts out.
        if run.status.is_final() && run.counts.known().is_empty() {
            *run = client.execution(source.source_id, &run.id).await?;
        }
    }
    Ok(found)
}

fn run_facts(run: &Execution, config: &SyncConfig) -> RunFacts {
    if !run.odd.is_empty() {
        tracing::warn!(run = run.id, odd = run.odd.join("; "), "Polytomic tells of a run what cannot be read");
    }
    RunFacts {
        execution_id: run.id.clone(),
        kind: run.kind.clone(),
        status: run.status.as_str().to_owned(),
        created_at: run.created_at,
        started_at: run.started_at,
        completed_at: run.completed_at,
        counts: json!(run.counts.known()),
        errors: run.errors.clone(),
        full_run: config.sync_all_records,
    }
}
