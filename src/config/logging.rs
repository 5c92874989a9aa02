//! The log's filter and format.

use super::settings::{LOG, LOG_FORMAT};
use super::{Reader, Setting, value};

/// The log's filter and format.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// A `tracing` filter, such as `info` or `polysink=debug,info`.
    pub filter: String,
    /// `None`: text on a terminal, JSON otherwise.
    pub format: Option<LogFormat>,
    /// Whether the standard variables of OpenTelemetry ask for traces.
    pub exports_traces: bool,
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
        Self {
            filter: reader.get(&LOG, value::log_filter),
            format: reader.optional(&LOG_FORMAT, value::log_format),
            exports_traces: exports_traces(reader),
        }
    }
}

/// Whether to export traces. The rest of these variables is read by OpenTelemetry's crates.
fn exports_traces(reader: &mut Reader<'_>) -> bool {
    let mut is_set = |name: &str| reader.raw(name).is_some();
    let has_endpoint = is_set("OTEL_EXPORTER_OTLP_ENDPOINT") || is_set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    let mut is = |name: &str, value: &str| reader.raw(name).is_some_and(|text| text.trim().eq_ignore_ascii_case(value));
    if !has_endpoint || is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none") {
        return false;
    }
    for name in ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"] {
        let Some(protocol) = reader.raw(name) else { continue };
        if protocol.trim() != "http/protobuf" {
            let message = format!(
                "`{}` is not http/protobuf, the protocol of polysink's traces; set the endpoint to the collector's \
                 port for HTTP, usually 4318",
                protocol.trim()
            );
            reader.error(name, message);
        }
        break;
    }
    true
}
