//! Logs and traces. Logs: each event once, to standard error; standard output is for what a command was asked for. A
//! thread writes them, so that a standard error without a reader stops nothing. Traces: by OTLP to where the standard
//! variables of OpenTelemetry say.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{LogConfig, LogFormat};
use crate::traces;

/// Time for the last spans at the end.
const FLUSH: Duration = Duration::from_secs(5);

/// Left out unless asked for: the libraries' messages on threads, which are noise, and on broken connections and
/// invalid HTTP, with which anyone could fill the log.
const QUIET: &str = "actix_server=warn,actix_http=off,sqlx::pool=error,opentelemetry=warn";

/// How many lines wait for standard error to be read; further ones are dropped.
const WAITING_LINES: usize = 4_096;

/// How often it is looked whether lines were dropped.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The exporters that have to be flushed at the end.
#[must_use]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
    dropped: ErrorCounter,
    /// Writes the last lines when it is dropped, if they are read within a second.
    lines: Mutex<Option<WorkerGuard>>,
}

/// Starts logging for the process, and exporting traces if that is asked for.
pub fn init(config: &LogConfig) -> anyhow::Result<Telemetry> {
    let format =
        config.format.unwrap_or(if std::io::stderr().is_terminal() { LogFormat::Text } else { LogFormat::Json });
    let builder = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(WAITING_LINES).thread_name("log");
    let (writer, guard) = builder.finish(std::io::stderr());
    let dropped = writer.error_counter();
    let lines = fmt::layer()
        .with_writer(writer)
        // It would write to standard error that writing to standard error failed, and panic.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal());
    let lines = match format {
        LogFormat::Text => lines.with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed(),
    };
    // Spans are for the traces alone.
    let events = filter_fn(|metadata| !metadata.is_span());
    let lines = lines.with_filter(EnvFilter::new(format!("{QUIET},{}", config.filter)).and(events));
    let provider = config.exports_traces.then(provider).transpose()?;
    let spans = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("polysink"))
            .with_filter(filter_fn(|metadata| metadata.is_span() && metadata.target() == traces::TARGET))
    });
    tracing_subscriber::registry().with(lines).with(spans).init();
    log_panics();
    Ok(Telemetry { provider, dropped, lines: Mutex::new(Some(guard)) })
}

/// A panic becomes a line like any other. The task in which it happened ends; who waits for the task says what that
/// means.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("unknown");
        let location = panic.location().map(ToString::to_string);
        tracing::error!(panic = message, location, "a task panicked; please report it");
    }));
}

/// Exports spans in batches, from a thread of its own. The crates read the standard variables: endpoint, headers,
/// timeout, sampler, resource.
fn provider() -> anyhow::Result<SdkTracerProvider> {
    let exporter = SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary).build();
    let exporter = exporter.context("cannot export traces (OTEL_EXPORTER_OTLP_ENDPOINT)")?;
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
    let resource = Resource::builder_empty()
        .with_service_name("polysink")
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_detectors(&[
            Box::new(opentelemetry_sdk::resource::TelemetryResourceDetector),
            Box::new(opentelemetry_sdk::resource::EnvResourceDetector::new()),
        ])
        .build();
    Ok(SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build())
}

impl Telemetry {
    /// Says in the log that lines of it were dropped, once it is read again. Runs until it is dropped.
    ///
    /// * `count`: gets the number of further lines
    pub async fn watch_dropped(&self, count: impl Fn(u64)) {
        let (mut counted, mut told) = (0, 0);
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let dropped = self.dropped.dropped_lines();
            count((dropped - counted) as u64);
            counted = dropped;
            if dropped > told {
                let lines = dropped - told;
                tracing::warn!(lines, "lines of the log were dropped: nothing read standard error fast enough");
                // This line may be dropped too; then it is logged again.
                if self.dropped.dropped_lines() == dropped {
                    told = dropped;
                }
            }
        }
    }

    /// Writes the last lines, if they are read within a second. There are none after this.
    pub fn end_log(&self) {
        drop(self.lines.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Exports the last spans, and writes the last lines.
    pub async fn finish(self) {
        let Some(provider) = self.provider else { return };
        let shutdown = move || provider.shutdown_with_timeout(FLUSH);
        if let Ok(Err(error)) = tokio::task::spawn_blocking(shutdown).await {
            tracing::warn!(%error, "cannot export the last traces");
        }
    }
}
