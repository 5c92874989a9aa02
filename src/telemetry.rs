//! Logs: what happened, once, to standard error. Standard output belongs to what a command is asked for.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};

/// Starts logging for the process.
pub fn init(config: &LogConfig) {
    let format =
        config.format.unwrap_or(if std::io::stderr().is_terminal() { LogFormat::Text } else { LogFormat::Json });
    let builder = tracing_subscriber::fmt()
        // What the server library says of its threads is of no use here, unless it is asked for.
        .with_env_filter(EnvFilter::new(format!("actix_server=warn,{}", config.filter)))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => builder.with_target(false).init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}
