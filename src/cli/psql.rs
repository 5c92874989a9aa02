//! `polysink psql`

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Context as _;
use url::Url;

use crate::config::{DataConfig, Database};

use super::connect::{DataScope, running};
use super::settings::Settings;

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
        Database::Url(url) => {
            let (address, password) = apart(url.expose())?;
            let mut psql = Command::new("psql");
            psql.arg("--dbname").arg(address.as_str());
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
        "cannot run psql; install the package `postgresql-client`, or with docker compose: `docker compose exec postgres psql \
         --username polysink polysink`",
    )
}

/// The URL without its password and without sqlx's own parameters, and the password.
fn apart(url: &str) -> anyhow::Result<(Url, Option<String>)> {
    let mut url = Url::parse(url).map_err(|_| anyhow::anyhow!("DATABASE_URL is not a valid URL"))?;
    let encoded = url.password().map(str::to_owned);
    let password = encoded.map(|encoded| percent_decoded(&encoded));
    if url.set_password(None).is_err() {
        anyhow::bail!("DATABASE_URL has no host, so its password cannot be passed to psql");
    }
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != "statement-cache-capacity")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    Ok((url, password))
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_leaves_the_url() {
        let url = "postgres://u:p%40ss@db:5433/app?sslmode=require&statement-cache-capacity=0";
        let (url, password) = apart(url).expect("it is a good URL");
        assert_eq!(url.as_str(), "postgres://u@db:5433/app?sslmode=require");
        assert_eq!(password.as_deref(), Some("p@ss"));
    }
}
