//! `polysink spool`

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use anyhow::Context as _;
use bytesize::ByteSize;
use futures_util::future::try_join_all;
use serde_json::json;
use tokio::sync::mpsc;

use crate::cli::support::output::outln;
use crate::config::{DATA_SETTINGS, DataConfig, SPOOL_SETTINGS, Setting, spool_folder};
use crate::metrics::Metrics;
use crate::store::Store;
use crate::writer::spool::{self, Spool};
use crate::writer::{Availability, BacklogSignal, Writer};

use super::support::connect::with_database;
use super::support::pretty::pretty_json;
use super::support::settings::{Scope, Settings};
use super::support::table::counted;

/// The folder in the spool's folder in which deliveries wait that are being restored.
const RESTORE: &str = "restore";

/// How many deliveries are copied at a time.
const TOGETHER: usize = 16;

/// List the files that were moved aside in the spool's folder, or store them
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    list: ListOptions,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List deliveries that were acknowledged and are not stored; the default
    List(ListOptions),
    Restore(Restore),
}

#[derive(Debug, clap::Args)]
struct ListOptions {
    /// Print a JSON array
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Settings<SpoolScope>,
}

/// Store the readable deliveries of files that were moved aside, or of copies of a spool
///
/// Each delivery is stored once, however often it is restored, and without what was erased since. A delivery that the
/// database refuses again stays where it is; the files of others are deleted. Damaged files stay, unless `--delete` is
/// given.
#[derive(Debug, clap::Args)]
struct Restore {
    /// Files of a spool: `spool.sqlite` or `spool.unreadable-1.sqlite`, with its `-wal` in the same folder, or
    /// `ID.body` with its `ID.head` [default: all that were moved aside]
    files: Vec<PathBuf>,

    /// Delete damaged files too when what is readable in them is stored
    #[arg(long)]
    delete: bool,

    #[command(flatten)]
    settings: Settings<SpoolScope>,
}

#[derive(Debug)]
struct SpoolScope;

impl Scope for SpoolScope {
    const GROUPS: &'static [&'static [&'static Setting]] = &[DATA_SETTINGS, SPOOL_SETTINGS];
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    match options.command {
        None => list(&options.list),
        Some(Command::List(options)) => list(&options),
        Some(Command::Restore(options)) => restore(options).await,
    }
}

/// The spool's folder; that of earlier runs if it is off.
fn folder(settings: &Settings<SpoolScope>) -> anyhow::Result<PathBuf> {
    let folder = settings.read(|reader| {
        let data = DataConfig::read(reader);
        spool_folder(reader, &data.data_dir).unwrap_or_else(|| data.data_dir.join("spool"))
    })?;
    Ok(folder)
}

fn list(options: &ListOptions) -> anyhow::Result<ExitCode> {
    let files = spool::set_aside(&folder(&options.settings)?);
    let length = |path: PathBuf| fs::metadata(path).map_or(0, |part| part.len());
    let bytes = |path: &Path| -> u64 { spool::parts(path).into_iter().map(length).sum() };
    if options.json {
        let files = files.iter().map(|file| json!({"file": file, "bytes": bytes(file)})).collect::<Vec<_>>();
        outln!("{}", pretty_json(&json!(files).to_string()));
        return Ok(ExitCode::SUCCESS);
    }
    for file in &files {
        outln!("{}  {}", file.display(), ByteSize::b(bytes(file)).display().iec());
    }
    if files.is_empty() {
        outln!("No file was moved aside.");
    } else {
        outln!("`polysink spool restore` stores what is readable.");
    }
    Ok(ExitCode::SUCCESS)
}

async fn restore(options: Restore) -> anyhow::Result<ExitCode> {
    let folder = folder(&options.settings)?;
    let files = if options.files.is_empty() { spool::set_aside(&folder) } else { options.files };
    if files.is_empty() {
        outln!("No file was moved aside.");
        return Ok(ExitCode::SUCCESS);
    }
    let delete = options.delete;
    with_database(&options.settings, async |store| {
        let refused = store_all(&store, &folder, &files).await?;
        for file in &files {
            let is_body = spool::is_body(file);
            let stays = is_body && refused.iter().any(|path| path.file_name() == file.file_name());
            if !stays && (is_body || delete) {
                for part in spool::parts(file) {
                    fs::remove_file(&part).with_context(|| format!("cannot delete {}", part.display()))?;
                }
            } else if !is_body {
                outln!("{} stays; delete it when you need it no more.", file.display());
            }
        }
        if refused.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        outln!("{} refused again, and not stored.", counted(refused.len() as u64, "delivery was", "deliveries were"));
        Ok(ExitCode::FAILURE)
    })
    .await
}

/// Stores what is readable in files, by way of a spool in a folder of its own. Returns the bodies that the database
/// refuses, which are moved aside in the spool's folder.
async fn store_all(store: &Store, spool_folder: &Path, files: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let folder = spool_folder.join(RESTORE);
    let options = spool::SpoolOptions { folder: folder.clone(), max: u64::MAX };
    let spool =
        tokio::task::spawn_blocking(move || Spool::open(options)).await.context("opening the spool panicked")??;
    for file in files {
        let count = copy(file.clone(), &spool).await.with_context(|| format!("cannot read {}", file.display()))?;
        outln!("{}: {} readable.", file.display(), counted(count, "delivery is", "deliveries are"));
    }
    let deliveries = spool.status().totals.entries;
    let (signal, metrics, there) = (BacklogSignal::default(), Metrics::default(), Availability::new(true));
    Writer::start(store, 1, &signal, None, vec![spool], &there, &metrics).drained().await;
    let refused = spool::set_aside(&folder);
    let stored = deliveries.saturating_sub(refused.len() as u64);
    outln!("{} stored, or had been before.", counted(stored, "delivery is", "deliveries are"));
    spool::move_set_aside(&folder, spool_folder).context("cannot set deliveries aside")?;
    fs::remove_dir_all(&folder).with_context(|| format!("cannot delete {}", folder.display()))?;
    Ok(refused)
}

/// Copies what is readable in a file to a spool, and returns how many deliveries that were.
async fn copy(file: PathBuf, spool: &Spool) -> anyhow::Result<u64> {
    let (sender, mut receiver) = mpsc::channel(TOGETHER);
    let reading = tokio::task::spawn_blocking(move || {
        spool::readable(&file, |entry| sender.blocking_send(entry).map_err(io::Error::other))
    });
    let (mut count, mut entries) = (0, Vec::new());
    while receiver.recv_many(&mut entries, TOGETHER).await > 0 {
        count += entries.len() as u64;
        // They share the spool's syncs to disk.
        try_join_all(entries.drain(..).map(|entry| spool.append(entry))).await?;
    }
    reading.await.context("reading panicked")??;
    Ok(count)
}
