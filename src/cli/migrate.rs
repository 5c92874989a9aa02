//! `polysink migrate`

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;

use crate::app;
use crate::cli::support::output::{errln, outln};
use crate::config::{DataConfig, Database};
use crate::local_pg::{self, LocalPostgres};
use crate::store::Store;

use super::support::connect::DataScope;
use super::support::settings::Settings;

/// Between two requests for a lock, so that what waits behind one gets its turn.
const BLOCKED_PAUSE: Duration = Duration::from_secs(2);

/// Migrate the database and exit; `serve` does this by itself
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    settings: Settings<DataScope>,
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let data = options.settings.read(DataConfig::read)?;
    // Starts the private server if no service runs it already, and stops it afterwards.
    let mut started = None;
    let database = match &data.database {
        Database::Url(urls) => app::endpoint(urls),
        Database::Local => {
            if let Some(running) = local_pg::running(&data.data_dir) {
                running.options.into()
            } else {
                let data_dir = data.data_dir.clone();
                let start = move || LocalPostgres::start(&data_dir);
                let local = tokio::task::spawn_blocking(start).await.context("starting PostgreSQL panicked")??;
                started.insert(local).options().into()
            }
        }
    };
    let store = Store::new(database, 1);
    app::try_connection(&store).await?;
    let mut said = String::new();
    let warnings = loop {
        match store.watched(None, async |store: Store| app::migrate(&store).await).await {
            Err(error) if app::is_blocked(&error) => {
                let waits = format!("{error:#}");
                if waits != said {
                    errln!("polysink: {waits}; trying again until it is released");
                    said = waits;
                }
                tokio::time::sleep(BLOCKED_PAUSE).await;
            }
            done => break done?,
        }
    };
    for warning in warnings {
        errln!("polysink: {warning}");
    }
    store.close().await;
    tokio::task::spawn_blocking(move || drop(started)).await.context("stopping PostgreSQL panicked")?;
    outln!("The database is up to date.");
    Ok(ExitCode::SUCCESS)
}
