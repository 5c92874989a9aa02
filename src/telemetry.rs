//! Logs: what happened, once, to standard error. Standard output belongs to what a command is asked for.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};

/// Starts logging for the process.
pub fn init(config: &LogConfig) {
    let format =
        config.format.unwrap_or(if std::io::stderr().is_terminal() { LogFormat::Text } else { LogFormat::Json });
    let builder = tracing_subscriber::fmt()
        // What the libraries say of their threads, of connections that broke and of requests that are no HTTP is of no use here,
        // unless it is asked for: the first is noise, and anybody could fill the log with the last.
        .with_env_filter(EnvFilter::new(format!("actix_server=warn,actix_http=off,sqlx::pool=error,{}", config.filter)))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => builder.with_target(false).init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}
