//! Polytomic's API, for commands that ask it.

use chrono::TimeDelta;

use super::settings::{Scope, Settings};
use crate::app;
use crate::config::{DATA_SETTINGS, POLYTOMIC_SETTINGS, PolytomicConfig, Setting};
use crate::model::SyncId;
use crate::polytomic::api::{ApiClients, Client};
use crate::polytomic::records::{LogComparison, LogLimits};
use crate::polytomic::runs::{RunPace, compare_log, reach, run_log};
use crate::store::Store;
use crate::store::tables::run_logs::{self, LoggedRun};

/// The settings of a command that reads data and asks the API.
#[derive(Debug)]
pub struct PolytomicScope;

impl Scope for PolytomicScope {
    const GROUPS: &'static [&'static [&'static Setting]] = &[DATA_SETTINGS, POLYTOMIC_SETTINGS];
}

/// The clients of the API.
///
/// # Errors
///
/// If no key is set.
pub fn api_clients(settings: &Settings<PolytomicScope>) -> anyhow::Result<ApiClients> {
    let config = settings.read(PolytomicConfig::read)?;
    let Some(config) = config else {
        anyhow::bail!("POLYSINK_POLYTOMIC_KEY is not set; this command asks Polytomic's API")
    };
    Ok(app::polytomic_clients(config, &RunPace::default())?)
}

/// The client with the key of a run's organization.
pub fn client_of<'c>(clients: &'c ApiClients, run: &LoggedRun) -> anyhow::Result<&'c Client> {
    let connection = run.connection.as_deref().unwrap_or_default();
    clients.for_connection(connection).ok_or_else(|| {
        anyhow::anyhow!("POLYSINK_POLYTOMIC_KEY has no key named {connection}, as the sync's connection is")
    })
}

/// The run of a sync that an argument names.
pub async fn find_run(store: &Store, sync_id: SyncId, execution_id: &str) -> anyhow::Result<LoggedRun> {
    let run = run_logs::find(store, sync_id, execution_id).await?;
    run.ok_or_else(|| anyhow::anyhow!("the sync has no run {execution_id:?}; `polysink runs` lists them"))
}

/// Compares the log of a run with what has arrived.
///
/// # Errors
///
/// If the run has not ended, or its log cannot be compared.
pub async fn compare_run(store: &Store, client: &Client, run: &LoggedRun) -> anyhow::Result<LogComparison> {
    let Some(log) = run_log(run) else { anyhow::bail!("the run has not ended, as far as is known here") };
    // The limits of the service may have been others.
    let reach = reach(TimeDelta::zero());
    Ok(compare_log(store, client, &log, reach, &LogLimits::default(), app::now()).await??)
}
