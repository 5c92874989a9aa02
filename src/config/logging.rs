//! What is logged, and how it is written.

use super::settings::{LOG, LOG_FORMAT};
use super::{Reader, Setting, value};

/// What is logged, and how it is written.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// A filter of the `tracing` family, such as `info` or `polysink=debug,info`.
    pub filter: String,
    /// `None`: text on a terminal, else JSON.
    pub format: Option<LogFormat>,
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// The settings of every command that logs.
pub const LOGGING: &[&Setting] = &[&LOG, &LOG_FORMAT];

impl LogConfig {
    /// Reads [`LOGGING`].
    pub fn read(reader: &mut Reader<'_>) -> Self {
        Self { filter: reader.get(&LOG, value::log_filter), format: reader.optional(&LOG_FORMAT, value::log_format) }
    }
}
