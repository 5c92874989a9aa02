//! `polysink psql`

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Context as _;

use crate::config::{DataConfig, Database};

use super::support::connect::{DataScope, running};
use super::support::settings::Settings;

/// Open psql on the configured database, or on the private one while it runs
///
/// The environment or .env says which: `DATABASE_URL` or `POLYSINK_DATA_DIR`. All arguments go to psql.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct Options {
    /// Print this help; psql's own is `polysink psql -?`
    #[arg(long, action = clap::ArgAction::Help)]
    help: Option<bool>,

    /// Arguments for psql
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    arguments: Vec<OsString>,
}

/// Replaces this process with psql; returns only if that fails.
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    let data = Settings::<DataScope>::from_environment().read(DataConfig::read)?;
    let mut psql = match &data.database {
        Database::Url(urls) => {
            let (address, password) = urls.url.apart();
            let mut psql = Command::new("psql");
            psql.arg("--dbname").arg(address);
            // In the environment, because every user of the machine can read arguments.
            if let Some(password) = password {
                psql.env("PGPASSWORD", password);
            }
            psql
        }
        Database::Local => {
            let running = running(&data)?;
            let own = running.bin_dir.map(|dir| dir.join("psql")).filter(|path| path.exists());
            let mut psql = Command::new(own.as_deref().unwrap_or(Path::new("psql")));
            psql.arg("--host").arg(&running.socket_dir);
            psql.args(["--username", running.user, "--dbname", running.database]).env_remove("PGPORT");
            psql
        }
    };
    let error = psql.args(&options.arguments).exec();
    Err(error).context(
        "cannot run psql; install the package `postgresql-client`, or with docker compose: `docker compose exec \
         postgres psql --username polysink polysink`",
    )
}
