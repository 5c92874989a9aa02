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
use crate::store::tables::run_logs;

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

/// The client with the key of a connection's organization.
pub fn client_of<'c>(clients: &'c ApiClients, connection: Option<&str>) -> anyhow::Result<&'c Client> {
    let connection = connection.unwrap_or_default();
    clients.for_connection(connection).ok_or_else(|| {
        anyhow::anyhow!("POLYSINK_POLYTOMIC_KEY has no key named {connection}, as the sync's connection is")
    })
}

/// Compares the log of a run with what has arrived.
///
/// # Errors
///
/// If the run is not known, has not ended, or its log cannot be compared.
pub async fn compare_run(
    settings: &Settings<PolytomicScope>,
    store: &Store,
    sync_id: SyncId,
    execution_id: &str,
) -> anyhow::Result<LogComparison> {
    let clients = api_clients(settings)?;
    let Some(run) = run_logs::find(store, sync_id, execution_id).await? else {
        anyhow::bail!("the sync has no run {execution_id:?}; `polysink runs` lists them")
    };
    let Some(log) = run_log(&run) else { anyhow::bail!("the run has not ended, as far as is known here") };
    let client = client_of(&clients, run.connection.as_deref())?;
    // The limits of the service may have been others.
    let reach = reach(TimeDelta::zero());
    Ok(compare_log(store, client, &log, reach, &LogLimits::default(), app::now()).await??)
}
