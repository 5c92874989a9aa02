//! `polysink migrate`

use std::process::ExitCode;

use anyhow::Context as _;

use crate::app;
use crate::cli::output::{errln, outln};
use crate::config::{DataConfig, Database};
use crate::local_pg::{self, LocalPostgres};
use crate::store::Store;

use super::connect::DataScope;
use super::settings::Settings;

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
        Database::Url(url) => url.options().clone(),
        Database::Local => {
            if let Some(running) = local_pg::running(&data.data_dir) {
                running.options
            } else {
                let data_dir = data.data_dir.clone();
                let start = move || LocalPostgres::start(&data_dir);
                let local = tokio::task::spawn_blocking(start).await.context("starting PostgreSQL panicked")??;
                started.insert(local).options()
            }
        }
    };
    let store = Store::new(database, 1);
    app::try_connection(&store).await?;
    let prepare = async |store: Store| {
        if let Some(missing) = app::migrate(&store).await? {
            errln!("polysink: {missing}; see docs/querying.md for what to run instead");
        }
        anyhow::Ok(())
    };
    store.watched(None, prepare).await?;
    store.close().await;
    tokio::task::spawn_blocking(move || drop(started)).await.context("stopping PostgreSQL panicked")?;
    outln!("The database is up to date.");
    Ok(ExitCode::SUCCESS)
}
