//! `polysink man`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::CommandFactory as _;

use super::Cli;
use super::support::output::out;

/// Print the manual page, or write those of all commands into a folder
///
/// For example `polysink man | man -l -`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Write polysink.1, polysink-serve.1 and so on here
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    if let Some(dir) = &options.dir {
        let written = || clap_mangen::generate_to(Cli::command(), dir);
        written().with_context(|| format!("cannot write the manual pages into {}", dir.display()))?;
    } else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page).context("cannot make the manual page")?;
        out!("{}", String::from_utf8_lossy(&page));
    }
    Ok(ExitCode::SUCCESS)
}
