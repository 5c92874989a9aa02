//! Logs: each event once, to standard error. Standard output is for what a command was asked for.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};

/// Starts logging for the process.
pub fn init(config: &LogConfig) {
    let format =
        config.format.unwrap_or(if std::io::stderr().is_terminal() { LogFormat::Text } else { LogFormat::Json });
    let builder = tracing_subscriber::fmt()
        // Left out unless asked for: the libraries' messages on threads, which are noise, and on broken connections and
        // invalid HTTP, with which anyone could fill the log.
        .with_env_filter(EnvFilter::new(format!("actix_server=warn,actix_http=off,sqlx::pool=error,{}", config.filter)))
        .with_writer(std::io::stderr)
        // It would write to standard error that writing to standard error failed, and panic.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => builder.with_target(false).init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}
