//! `polysink completions`

use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Cli;

/// Print what a shell needs to complete commands and options
///
/// For example `polysink completions bash > /etc/bash_completion.d/polysink`.
#[derive(Debug, clap::Args)]
pub struct Options {
    shell: Shell,
}

pub fn run(options: &Options) -> ExitCode {
    let mut text = Vec::new();
    clap_complete::generate(options.shell, &mut Cli::command(), "polysink", &mut text);
    super::support::output::out!("{}", String::from_utf8_lossy(&text));
    ExitCode::SUCCESS
}
