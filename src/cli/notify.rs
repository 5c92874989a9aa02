//! `polysink notify`

use std::process::ExitCode;

use crate::app;
use crate::cli::support::output::outln;
use crate::config::{NOTIFY_SETTINGS, NotifyConfig, Setting};
use crate::notify::{Message, Sender};

use super::support::settings::{Scope, Settings};

/// Send a test to the sinks for notices
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Test(Test),
}

/// Send a test message to each sink for notices, or to one, and say whether it was taken
#[derive(Debug, clap::Args)]
struct Test {
    /// The name of one sink
    sink: Option<String>,

    #[command(flatten)]
    settings: Settings<NotifyScope>,
}

#[derive(Debug)]
struct NotifyScope;

impl Scope for NotifyScope {
    const GROUPS: &'static [&'static [&'static Setting]] = &[NOTIFY_SETTINGS];
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let Command::Test(Test { sink, settings }) = options.command;
    let Some(config) = settings.read(NotifyConfig::read)? else {
        anyhow::bail!("POLYSINK_NOTIFY is not set; it names the sinks for notices")
    };
    let mut sinks = app::sinks(config.sinks);
    if let Some(name) = &sink {
        let names: Vec<String> = sinks.iter().map(|sink| sink.name.clone()).collect();
        sinks.retain(|sink| sink.name == *name);
        anyhow::ensure!(!sinks.is_empty(), "POLYSINK_NOTIFY has no sink {name:?}; it has {}", names.join(", "));
    }
    let sender = Sender::new()?;
    let mut all_took_it = true;
    for sink in sinks {
        let message = Message::test(app::host(), app::now());
        match sender.send(&sink, &message, app::now()).await {
            Ok(()) => outln!("{}: it took the test, {}", sink.name, message.webhook_id()),
            Err(error) => {
                all_took_it = false;
                outln!("{}: {error}", sink.name);
            }
        }
    }
    Ok(if all_took_it { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
