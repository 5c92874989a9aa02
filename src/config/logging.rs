//! What is logged, and in which format.

use super::settings::{LOG, LOG_FORMAT};
use super::{Reader, Setting, value};

/// What is logged, and in which format.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// A `tracing` filter, such as `info` or `polysink=debug,info`.
    pub filter: String,
    /// `None`: text on a terminal, JSON otherwise.
    pub format: Option<LogFormat>,
}

/// The format of log lines.
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
