//! `polysink send`

mod batches;
mod load;
mod sample;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};
use uuid::{Uuid, uuid};

use crate::app::{self, LocalSecret};
use crate::cli::output::out;
use crate::config::Target;

use super::health::TargetScope;
use super::settings::Settings;

/// Post records in batches, as Polytomic does, and count what was acknowledged
///
/// Without a file, generates records that look like customers. They are the same each time, so a second run sends only
/// duplicates.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The webhook [default: that of the service that the settings below describe]
    #[arg(long)]
    url: Option<reqwest::Url>,

    /// The connection's secret [default: the first of `POLYSINK_SECRETS`, or the one in the data folder]
    #[arg(long, value_parser = |text: &str| Ok::<SecretString, std::convert::Infallible>(text.into()))]
    secret: Option<SecretString>,

    /// How many records to generate
    #[arg(long, default_value_t = 1_000, conflicts_with = "file")]
    records: u64,

    /// Send these records: one JSON object of fields per line; - is standard input
    #[arg(long)]
    file: Option<PathBuf>,

    /// Records per delivery
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    batch: u32,

    /// Deliveries in flight at a time
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    connections: u16,

    /// Send at most this many records per second, evenly spread [default: as fast as they are answered]
    #[arg(long, value_name = "RECORDS", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,

    /// Compress the bodies
    #[arg(long)]
    gzip: bool,

    /// The sync's id
    #[arg(long, default_value_t = SYNC_ID)]
    sync_id: Uuid,

    /// The sync's name
    #[arg(long, default_value = "Sample customers")]
    name: String,

    #[command(flatten)]
    settings: Settings<TargetScope>,
}

/// Always the same, so that a second run sends the same records.
const SYNC_ID: Uuid = uuid!("5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47");

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let target = options.settings.read(Target::read)?;
    let url = match options.url {
        Some(url) => url,
        None => format!("http://{}{}", app::reachable(target.listen), target.webhook_path).parse()?,
    };
    let secret = match options.secret.or(target.secret) {
        Some(secret) => secret,
        None => LocalSecret::find(&target.data_dir)?
            .with_context(|| {
                format!(
                    "no secret: pass --secret or set POLYSINK_SECRETS; {} has none either",
                    target.data_dir.display()
                )
            })?
            .value()
            .clone(),
    };
    let source = match options.file {
        Some(path) => batches::Source::from_file(&path)?,
        None => batches::Source::Samples { records: options.records },
    };
    let plan = load::LoadPlan {
        url,
        authorization: format!("Bearer {}", secret.expose_secret()).into(),
        connections: options.connections,
        gzip: options.gzip,
        rate: options.rate,
        total: source.total(),
    };
    let shape = batches::BatchOptions { sync_id: options.sync_id, name: options.name, batch: options.batch as usize };
    let summary = load::run(plan, source.batches(shape)).await?;
    out!("{summary}");
    Ok(if summary.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
