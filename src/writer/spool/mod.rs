//! The spool: a bounded, durable queue on the local disk, for deliveries that the database does not take.
//!
//! A thread owns the file. It takes all requests that wait and makes their changes durable in one transaction, with one
//! fsync for all of them. An entry's key is its envelope id, so that to spool a delivery twice is to spool it once, and
//! the order of the keys is that of receipt.
//!
//! # Invariants
//!
//! 1. An entry for which [`Spool::append`] returned `Ok` is in the file after any crash, until [`Spool::delete`] or
//!    [`Spool::set_aside`] is called for it.
//! 2. An entry for which it returned an error is stored whole or not at all.
//! 3. A deleted entry does not come back once [`Spool::delete`] has returned.
//! 4. [`Spool::read`] returns entries in the order of their ids, each with the bytes that were appended.
//! 5. The entries' size does not exceed the limit, and the file is at most 1.2 times as long as that.
//! 6. Nothing is left of an entry in the file a moment after it was deleted.
//! 7. Nothing is destroyed because it is not readable: a damaged file is moved aside after what is readable in it was
//!    taken over, and an entry that cannot be stored is written to a file of its own.
//! 8. An entry is appended to the file that has the file's name in the folder, whatever was done to the folder.

mod aside;
mod entry;
mod error;
mod file;
mod folder;
mod open;
mod rescue;
mod thread;
mod totals;

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

pub use aside::{is_body, move_set_aside, parts, readable, set_aside};
pub use entry::Entry;
pub use folder::has_spool;
pub use totals::Totals;

use error::FileError;
use thread::SpoolThread;

/// The spool is full with less than this share of its limit left.
const LITTLE_ROOM: u64 = 100;

/// For so long it counts as full that a delivery did not fit.
const REFUSED: Duration = Duration::from_secs(10);

/// Where deliveries are spooled, and how many.
#[derive(Debug, Clone)]
pub struct SpoolOptions {
    pub folder: PathBuf,
    /// The size that all entries may have, in bytes.
    pub max: u64,
}

/// Why the spool does not take an entry, or does not give one.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SpoolError {
    #[error("the spool is full: POLYSINK_SPOOL_MAX is {0} bytes")]
    Full(u64),
    #[error("cannot use the spool: the disk is full")]
    NoSpace,
    #[error("cannot use the spool: {0}")]
    Disk(String),
    #[error(
        "{entries} deliveries in the spool {folder} are for another database ({spooled}) than DATABASE_URL leads to \
         ({found}): start with the DATABASE_URL of that one until they are stored, or, to store them here, run \
         `polysink spool restore {folder}/spool.sqlite` and move the folder away"
    )]
    OtherDatabase { folder: String, entries: u64, spooled: Uuid, found: Uuid },
    #[error("the spool is closed")]
    Closed,
}

/// Why the spool cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "cannot use the spool folder {folder} (POLYSINK_SPOOL): {error}; set a folder that polysink can write, or `off`"
    )]
    Folder { folder: String, error: io::Error },
    #[error(
        "another polysink is using the spool folder {0}; stop it, or give this one a folder of its own (POLYSINK_SPOOL)"
    )]
    InUse(String),
    #[error(
        "{0} holds deliveries that were spooled by an earlier version of polysink, and this one cannot read it; drain \
         it with that version, or move it away"
    )]
    Old(String),
}

/// The state of the spool.
#[derive(Debug, Clone, Default)]
pub struct Status {
    pub totals: Totals,
    /// Why the last request failed, if the disk was the cause.
    pub error: Option<String>,
    /// The size that all entries may have, in bytes.
    limit: u64,
    /// When a delivery did not fit, if none has fit since.
    refused: Option<Instant>,
}

impl Status {
    /// Whether further deliveries may not fit either. One that is refused may have been a large one: after a moment the
    /// next one is taken for smaller, unless there is hardly any room.
    pub fn is_full(&self) -> bool {
        let room = self.limit.saturating_sub(self.totals.bytes);
        room < self.limit / LITTLE_ROOM || self.refused.is_some_and(|at| at.elapsed() < REFUSED)
    }

    /// Whether it takes deliveries, as far as the disk and the limit go.
    pub fn takes_deliveries(&self) -> bool {
        !self.is_full() && self.error.is_none()
    }
}

/// The spool. Clones share it; the thread ends with the last of them.
#[derive(Debug, Clone)]
pub struct Spool(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    folder: PathBuf,
    requests: Mutex<Option<Sender<SpoolRequest>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    status: Mutex<Status>,
    appended: Notify,
}

enum SpoolRequest {
    Append(Entry, Reply<()>),
    Delete(Vec<Uuid>, Reply<()>),
    SetAside(Uuid, Reply<PathBuf>),
    Read(SpoolPage, Reply<Vec<Entry>>),
    Claim(Uuid, Reply<()>),
}

/// Which entries to read.
#[derive(Debug, Clone, Copy)]
pub struct SpoolPage {
    /// Only those after this one.
    pub after: Option<Uuid>,
    /// Bytes of bodies, unless the first entry alone exceeds them.
    pub bytes: u64,
    pub entries: usize,
}

impl SpoolPage {
    /// One entry, or the next one if the spool does not have it.
    pub fn at(id: Uuid) -> Self {
        Self { after: Some(Uuid::from_u128(id.as_u128().saturating_sub(1))), bytes: 0, entries: 1 }
    }
}

type Reply<T> = oneshot::Sender<Result<T, SpoolError>>;

impl Spool {
    /// Opens the spool, and starts its thread. A damaged file is replaced, and a disk that fails is tried again with
    /// the next delivery.
    pub fn open(options: SpoolOptions) -> Result<Self, OpenError> {
        let path = options.folder.clone();
        let folder = path.display().to_string();
        let failed = |error| OpenError::Folder { folder: folder.clone(), error };
        folder::prepare_folder(&options.folder).map_err(failed)?;
        let shared = Arc::new(Shared::default());
        shared.status().limit = options.max;
        let mut thread = SpoolThread { options, lock: None, file: None, failed: None, shared: Arc::clone(&shared) };
        match thread.file() {
            Err(FileError::InUse) => return Err(OpenError::InUse(folder)),
            Err(FileError::Old(file)) => return Err(OpenError::Old(file)),
            _ => {}
        }
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new().name("spool".to_owned()).spawn(move || thread.run(&receiver));
        let thread = thread.map_err(failed)?;
        let handle =
            Handle { folder: path, requests: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)), shared };
        Ok(Self(Arc::new(handle)))
    }

    /// Appends an entry, and returns once it is on disk.
    pub async fn append(&self, entry: Entry) -> Result<(), SpoolError> {
        self.request(|reply| SpoolRequest::Append(entry, reply)).await?;
        self.0.shared.appended.notify_one();
        Ok(())
    }

    /// Deletes entries, and returns once that is on disk.
    pub async fn delete(&self, ids: Vec<Uuid>) -> Result<(), SpoolError> {
        self.request(|reply| SpoolRequest::Delete(ids, reply)).await
    }

    /// Moves an entry to files of its own, for a person to look at. Returns the folder.
    pub async fn set_aside(&self, id: Uuid) -> Result<PathBuf, SpoolError> {
        self.request(|reply| SpoolRequest::SetAside(id, reply)).await
    }

    /// Notes which database the entries are for.
    ///
    /// # Errors
    ///
    /// [`SpoolError::OtherDatabase`] if there are some for another one.
    pub async fn claim(&self, database: Uuid) -> Result<(), SpoolError> {
        self.request(|reply| SpoolRequest::Claim(database, reply)).await
    }

    /// The oldest entries of a page.
    pub async fn read(&self, page: SpoolPage) -> Result<Vec<Entry>, SpoolError> {
        self.request(|reply| SpoolRequest::Read(page, reply)).await
    }

    /// Waits until an entry was appended since the last call.
    pub async fn appended(&self) {
        self.0.shared.appended.notified().await;
    }

    /// How many files were [moved aside](set_aside) in its folder.
    pub fn set_aside_files(&self) -> u64 {
        set_aside(&self.0.folder).len() as u64
    }

    pub fn status(&self) -> Status {
        self.0.shared.status().clone()
    }

    /// Ends the thread after the requests that it has, and closes the file.
    pub fn close(&self) {
        drop(self.0.requests.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }

    async fn request<T>(&self, request: impl FnOnce(Reply<T>) -> SpoolRequest) -> Result<T, SpoolError> {
        let (reply, replied) = oneshot::channel();
        {
            let requests = self.0.requests.lock().unwrap_or_else(PoisonError::into_inner);
            let sender = requests.as_ref().ok_or(SpoolError::Closed)?;
            sender.send(request(reply)).map_err(|_| SpoolError::Closed)?;
        }
        replied.await.unwrap_or(Err(SpoolError::Closed))
    }
}

impl Shared {
    fn status(&self) -> std::sync::MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod crash_tests;
