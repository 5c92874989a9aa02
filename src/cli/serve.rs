//! `polysink serve`

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::Application;
use crate::config::{DataConfig, LOGGING, LogConfig, SERVE, ServeConfig, Setting};
use crate::telemetry::{self, Telemetry};

use super::support::connect::DataScope;
use super::support::output::shell_quoted;
use super::support::settings::{Scope, Settings};

/// Receive deliveries: migrate the database, then serve until stopped
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Do not migrate; fail if the database is not up to date
    #[arg(long)]
    no_migrate: bool,

    #[command(flatten)]
    settings: Settings<ServeScope>,
}

#[derive(Debug)]
struct ServeScope;

impl Scope for ServeScope {
    const GROUPS: &'static [&'static [&'static Setting]] = &[SERVE, LOGGING];
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let (config, log) = options.settings.read(|reader| (ServeConfig::read(reader), LogConfig::read(reader)))?;
    let telemetry = telemetry::init(&log)?;
    let ended = serve(config, !options.no_migrate, &telemetry).await;
    telemetry.finish().await;
    ended
}

async fn serve(config: ServeConfig, migrate: bool, telemetry: &Telemetry) -> anyhow::Result<ExitCode> {
    for (setting, name) in config.policy.credentials.placeholders() {
        tracing::warn!(setting, name, "the secret is a placeholder; set one of your own");
    }
    // Where `polysink psql` would look by itself in this shell.
    let usual = Settings::<DataScope>::from_environment().read(DataConfig::read).map(|data| data.data_dir).ok();
    let elsewhere = Some(config.data.data_dir.clone()).filter(|data_dir| usual.as_ref() != Some(data_dir));
    let mut signals = Signals::listen()?;
    let app = tokio::select! {
        app = Application::build(config, migrate) => app?,
        () = signals.next() => {
            tracing::info!("stopped while starting");
            return Ok(ExitCode::SUCCESS);
        }
    };
    if let Err(error) = print_banner(&app, elsewhere.as_deref()) {
        tracing::debug!(%error, "cannot write to standard output");
    }
    let (local, metrics) = (app.local(), app.metrics());
    let dropped = telemetry.watch_dropped(move |lines| metrics.dropped_lines(lines));
    let (first, second) = tokio::sync::oneshot::channel::<()>();
    let run = app.run_until(async {
        let _ = second.await;
    });
    let run = async {
        tokio::select! {
            ended = run => ended,
            () = dropped => unreachable!("it never ends"),
        }
    };
    tokio::pin!(run);
    tokio::select! {
        ended = &mut run => return ended.map(|()| ExitCode::SUCCESS),
        () = signals.next() => drop(first),
    }
    tokio::select! {
        ended = &mut run => ended.map(|()| ExitCode::SUCCESS),
        () = signals.next_after(SAME_SIGNAL) => {
            tracing::warn!("a second signal: exiting at once");
            if let Some(local) = local.upgrade() {
                local.stop_immediately();
            }
            telemetry.end_log();
            std::process::exit(1);
        }
    }
}

/// The payload of the banner's example.
const PAYLOAD: &str = concat!(
    r#"{"event":"sync.records","object":{"id":"1ea8f90a-b22e-4218-86d5-c3c109e1fbb7","#,
    r#""name":"Webhook HTTP Endpoint sync","records":[{"hash":"b7421c6c57bd49f7","#,
    r#""fields":{"email":"ada@example.com","last_login":"2020-12-02T00:00:00Z"}}],"#,
    r#""metadata":{}}}"#,
);

/// Prints what a person at a terminal needs. The first line is the webhook's URL, for scripts.
///
/// * `elsewhere`: the data folder, if other commands need it as an option
fn print_banner(app: &Application, elsewhere: Option<&Path>) -> anyhow::Result<()> {
    let url = app.webhook_url();
    let mut out = std::io::stdout().lock();
    writeln!(out, "Listening on {url}")?;
    if let Some(metrics) = app.metrics_url() {
        writeln!(out, "Status page on {}, metrics on {metrics}", metrics.trim_end_matches("metrics"))?;
    }
    if let Some(secret) = app.secret_file() {
        let (polysink, secret) = (program(), quoted(secret));
        let polysink = match elsewhere {
            Some(data_dir) => format!("POLYSINK_DATA_DIR={} {polysink}", quoted(data_dir)),
            None => polysink,
        };
        writeln!(
            out,
            r#"
POLYSINK_SECRETS is not set. A secret was generated in {secret}

Try it:

  curl {url} \
    -H "Authorization: Bearer $(cat {secret})" \
    -H "Polytomic-Signature-Timestamp: $(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    -H "Content-Type: application/json" \
    -d '{PAYLOAD}'

Query it:

  {polysink} psql -c "select * from synced.webhook_http_endpoint_sync"

Stop it with Ctrl-C."#
        )?;
    }
    out.flush()?;
    Ok(())
}

/// Quotes a path for a shell.
fn quoted(path: &Path) -> String {
    shell_quoted(&path.display().to_string())
}

/// How this program was called, for commands to copy.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "polysink".to_owned())
}

/// Signals this close together count as one: `timeout`, and a terminal with a process group, send two at once.
const SAME_SIGNAL: Duration = Duration::from_millis(300);

/// The signals that ask for a stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    /// `None` if it was ignored when the process was started.
    hangup: Option<Signal>,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        // Under `nohup`, the end of the terminal means nothing.
        let hangup =
            if is_ignored(nix::sys::signal::Signal::SIGHUP) { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())?, hangup })
    }

    /// Waits for a signal that comes later than that.
    async fn next_after(&mut self, pause: Duration) {
        let begin = Instant::now();
        loop {
            self.next().await;
            if begin.elapsed() >= pause {
                return;
            }
        }
    }

    async fn next(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = hangup => {}
        }
    }
}

/// Whether the process was started with this signal ignored, as far as the system tells.
fn is_ignored(signal: nix::sys::signal::Signal) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    ignored >> (signal as i32 - 1) & 1 == 1
}
