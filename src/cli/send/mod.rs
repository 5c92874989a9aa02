//! `polysink send`

mod batches;
mod load;
mod records;
mod sample;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use uuid::{Uuid, uuid};

use crate::app::{self, LocalSecret};
use crate::cli::support::output::out;
use crate::config::{DataConfig, Target};
use crate::model::SyncId;
use crate::store::Store;
use crate::store::tables::syncs;

use self::batches::{BatchContent, BatchOptions, PayloadSource};
use super::health::TargetScope;
use super::support::connect::{DataScope, database};
use super::support::settings::Settings;

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

    /// Send the records of this file: one JSON object per line, or a JSON array, or what `rejections export` wrote; -
    /// is standard input
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

    /// The sync's id [default: made from the name, the same each time]
    #[arg(long, requires = "name")]
    sync_id: Option<Uuid>,

    /// The sync's name [default: that of the file, without its extension; "Sample customers" without a file]
    #[arg(long)]
    name: Option<String>,

    #[command(flatten)]
    settings: Settings<TargetScope>,
}

/// The sync of the generated records.
const SAMPLE_ID: Uuid = uuid!("5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47");
const SAMPLE_NAME: &str = "Sample customers";

/// The sync to send to: id and name.
fn sync(options: &Options) -> anyhow::Result<(Uuid, String)> {
    let name = match (&options.name, &options.file) {
        (Some(name), _) => name.clone(),
        (None, None) => SAMPLE_NAME.to_owned(),
        (None, Some(path)) if path.as_os_str() == "-" => anyhow::bail!("standard input has no name; pass --name"),
        (None, Some(path)) => path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .with_context(|| format!("{} has no file name; pass --name", path.display()))?,
    };
    let sync_id = options.sync_id.unwrap_or_else(|| if name == SAMPLE_NAME { SAMPLE_ID } else { id_of(&name) });
    if options.file.is_some() && sync_id == SAMPLE_ID {
        anyhow::bail!("{SAMPLE_NAME:?} is the sync of the generated records; pass another --name");
    }
    Ok((sync_id, name))
}

/// The id of a sync that is known by its name alone: always the same for a name.
fn id_of(name: &str) -> Uuid {
    let digest = Sha256::digest(format!("polysink send {name}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// Refuses to rename a sync, or to make a second one of its name. The database is not always reachable from here; then
/// nothing is checked.
async fn check_sync(sync_id: Uuid, name: &str) -> anyhow::Result<()> {
    let Ok(data) = Settings::<DataScope>::from_environment().read(DataConfig::read) else { return Ok(()) };
    let Ok(options) = database(&data) else { return Ok(()) };
    let store = Store::new(options, 1);
    if store.try_connection().await.is_err() || store.check().await.is_err() {
        return Ok(());
    }
    let (by_name, by_id) = (syncs::called(&store, name).await?, syncs::find(&store, SyncId(sync_id)).await?);
    store.close().await;
    if let Some((other, ..)) =
        by_name.iter().find(|(other, _, named)| other.0 != sync_id && named.as_deref() == Some(name))
    {
        anyhow::bail!(
            "the sync {name:?} exists with the id {other}; to add to it pass --sync-id {other}, else another --name"
        );
    }
    match by_id.and_then(|sync| sync.name) {
        Some(current) if current != name => {
            anyhow::bail!("the sync {sync_id} is called {current:?}; this would rename it. Pass --name {current:?}")
        }
        _ => Ok(()),
    }
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let target = options.settings.read(Target::read)?;
    let content = match &options.file {
        Some(path) => BatchContent::of_file(path)?,
        None => BatchContent::Records(PayloadSource::Samples { records: options.records }),
    };
    let (total, batches) = match content {
        BatchContent::Rejections(batches) => (None, batches),
        BatchContent::Records(source) => {
            let (sync_id, name) = sync(&options)?;
            if options.url.is_none() {
                check_sync(sync_id, &name).await?;
            }
            let batch = BatchOptions { sync_id, name: Some(name), batch: options.batch as usize };
            (source.total(), source.batches(batch))
        }
    };
    let is_own = options.url.is_none();
    let url = match options.url {
        Some(url) => url,
        None => app::own_url(target.listen, target.tls, &target.webhook_path).parse()?,
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
    let plan = load::LoadPlan {
        url,
        is_own,
        authorization: format!("Bearer {}", secret.expose_secret()).into(),
        connections: options.connections,
        gzip: options.gzip,
        rate: options.rate,
        total,
    };
    let summary = load::run(plan, batches).await?;
    out!("{summary}");
    Ok(if summary.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
