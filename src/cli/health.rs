//! `polysink health`

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;

use crate::app;
use crate::cli::support::output::outln;
use crate::config::{Setting, TARGET, Target};
use crate::http;

use super::support::settings::{Scope, Settings};

/// A probe that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ask the running service whether it is ready; exits 0 if it is. For container health checks
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    settings: Settings<TargetScope>,
}

/// The settings of a command that talks to the service.
#[derive(Debug)]
pub struct TargetScope;

impl Scope for TargetScope {
    const GROUPS: &'static [&'static [&'static Setting]] = &[TARGET];
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let target = options.settings.read(Target::read)?;
    let url = app::own_url(target.listen, target.tls, "/health/ready");
    let client = http::own_client(PATIENCE)?;
    let response = client.get(&url).send().await.with_context(|| format!("cannot reach the service at {url}"))?;
    let status = response.status();
    outln!("{} {}", status.as_u16(), response.text().await.unwrap_or_default());
    Ok(if status.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
