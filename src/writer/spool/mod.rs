//! The spool: a bounded, durable queue on the local disk, for deliveries that the database does not take.
//!
//! A thread owns the file. It takes all requests that wait and makes their changes durable in one transaction, for all
//! deliveries that came meanwhile. An entry's key is its envelope id, so that to spool a delivery twice
//! is to spool it once, and the order of the keys is that of receipt.
//!
//! # Invariants
//!
//! 1. An entry for which [`Spool::append`] returned `Ok` is in the file after any crash, until [`Spool::delete`] or
//!    [`Spool::set_aside`] is called for it.
//! 2. An entry for which it returned an error is there whole or not at all.
//! 3. A deleted entry does not come back once [`Spool::delete`] has returned.
//! 4. [`Spool::read`] returns entries in the order of their ids, each with the bytes that were appended, or says that
//!    it is damaged.
//! 5. The bytes of all entries do not exceed the limit.
//! 6. An empty file that had entries is replaced by a fresh one, when nothing is left to drain.
//! 7. Nothing is destroyed because it is not readable: a file is moved aside, and an entry is written to a file of its
//!    own, before a fresh one takes its place.

mod entry;
mod file;

use std::any::Any;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

pub use entry::{Damaged, Entry};
pub use file::{Found, Totals};

use crate::failpoints;
use entry::Sealed;
use file::{Changes, FileError, SpoolFile};

/// The spool is full with less than this share of its limit left.
const LITTLE_ROOM: u64 = 100;

/// For so long it counts as full that a delivery did not fit.
const REFUSED: Duration = Duration::from_secs(10);

/// The folder for entries that cannot be drained.
const SET_ASIDE: &str = "set-aside";

/// Where deliveries are spooled, and how many.
#[derive(Debug, Clone)]
pub struct Options {
    pub folder: PathBuf,
    /// Bytes of all entries.
    pub max: u64,
}

/// Why the spool does not take an entry, or does not give one.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SpoolError {
    #[error("the spool is full: POLYSINK_SPOOL_MAX is {0} bytes")]
    Full(u64),
    #[error("cannot use the spool: {0}")]
    Disk(String),
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
}

/// The state of the spool.
#[derive(Debug, Clone, Default)]
pub struct Status {
    pub totals: Totals,
    /// Why the last request failed, if the disk was the cause.
    pub error: Option<String>,
    /// What all entries may have, in bytes.
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
    requests: Mutex<Option<Sender<Request>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    status: Mutex<Status>,
    appended: Notify,
}

enum Request {
    Append(Entry, Reply<()>),
    Delete(Vec<Uuid>, Reply<()>),
    SetAside(Uuid, Reply<PathBuf>),
    Read(Page, Reply<Vec<Found>>),
    Renew(Reply<()>),
}

/// Which entries to read.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Only those after this one.
    pub after: Option<Uuid>,
    /// How much at most, but for a first entry that is larger.
    pub bytes: u64,
    pub entries: usize,
}

type Append = (Sealed, Reply<()>);
type Reply<T> = oneshot::Sender<Result<T, SpoolError>>;

impl Spool {
    /// Opens the spool, and starts its thread. A file that is unreadable is moved aside, and a disk that fails is tried
    /// again with the next delivery.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let folder = options.folder.display().to_string();
        let failed = |error| OpenError::Folder { folder: folder.clone(), error };
        file::prepare_folder(&options.folder).map_err(failed)?;
        let shared = Arc::new(Shared::default());
        shared.status().limit = options.max;
        let mut keeper = Keeper { options, file: None, shared: Arc::clone(&shared) };
        if let Err(FileError::InUse) = keeper.open() {
            return Err(OpenError::InUse(folder));
        }
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new().name("spool".to_owned()).spawn(move || keeper.run(&receiver));
        let thread = thread.map_err(failed)?;
        let handle = Handle { requests: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)), shared };
        Ok(Self(Arc::new(handle)))
    }

    /// Appends an entry, and returns once it is on disk.
    pub async fn append(&self, entry: Entry) -> Result<(), SpoolError> {
        self.request(|reply| Request::Append(entry, reply)).await?;
        self.0.shared.appended.notify_one();
        Ok(())
    }

    /// Deletes entries, and returns once that is on disk.
    pub async fn delete(&self, ids: Vec<Uuid>) -> Result<(), SpoolError> {
        self.request(|reply| Request::Delete(ids, reply)).await
    }

    /// Moves an entry to files of its own, for a person to look at. Returns the folder.
    pub async fn set_aside(&self, id: Uuid) -> Result<PathBuf, SpoolError> {
        self.request(|reply| Request::SetAside(id, reply)).await
    }

    /// The oldest entries of a page.
    pub async fn read(&self, page: Page) -> Result<Vec<Found>, SpoolError> {
        self.request(|reply| Request::Read(page, reply)).await
    }

    /// Replaces the file with a fresh one if it is empty and had entries, and returns once that is done. A disk without room for that
    /// leaves it as it is.
    pub async fn renew(&self) -> Result<(), SpoolError> {
        self.request(Request::Renew).await
    }

    /// Waits until an entry was appended since the last call.
    pub async fn appended(&self) {
        self.0.shared.appended.notified().await;
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

    async fn request<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, SpoolError> {
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

/// The thread's state.
struct Keeper {
    options: Options,
    /// Closed after an error: redb takes no more after one.
    file: Option<SpoolFile>,
    shared: Arc<Shared>,
}

impl Keeper {
    fn run(mut self, requests: &Receiver<Request>) {
        while let Ok(first) = requests.recv() {
            let mut batch = Batch::default();
            batch.add(first);
            while let Ok(next) = requests.try_recv() {
                batch.add(next);
            }
            self.serve(batch);
        }
        let _ = self.guarded(|keeper| keeper.file = None);
    }

    /// Does what a batch asks for: its changes first, in one transaction.
    fn serve(&mut self, batch: Batch) {
        let Batch { appends, deletes, set_aside, reads, renewals } = batch;
        let (appends, refused) = self.split(appends);
        for (_, reply) in refused {
            let _ = reply.send(Err(SpoolError::Full(self.options.max)));
        }
        if !appends.is_empty() || !deletes.is_empty() {
            let deleted: usize = deletes.iter().map(|(ids, _)| ids.len()).sum();
            let changes = Changes {
                append: appends.iter().map(|(sealed, _)| sealed).collect(),
                delete: deletes.iter().flat_map(|(ids, _)| ids.iter().copied()).collect(),
            };
            let done = self.attempt(|file, _| {
                failpoints::reach("spool-change");
                file.change(&changes)?;
                failpoints::reach("spool-changed");
                Ok(())
            });
            if done.is_ok() {
                let mut status = self.shared.status();
                status.error = None;
                if deleted > 0 {
                    status.refused = None;
                }
            }
            // Before the replies, so that who has one finds it in the status.
            self.publish();
            let replies =
                appends.into_iter().map(|(_, reply)| reply).chain(deletes.into_iter().map(|(_, reply)| reply));
            for reply in replies {
                let _ = reply.send(done.clone());
            }
        }
        for (id, reply) in set_aside {
            let done = self.attempt(|file, folder| set_aside_entry(file, folder, id));
            self.publish();
            let _ = reply.send(done);
        }
        for (page, reply) in reads {
            let _ = reply.send(self.attempt(|file, _| file.read(page)));
        }
        for reply in renewals {
            self.renew();
            let _ = reply.send(Ok(()));
        }
    }

    fn renew(&mut self) {
        let renewed = self.guarded(|keeper| match &keeper.file {
            Some(file) => file.renewed(&keeper.options.folder),
            None => Ok(None),
        });
        match renewed.unwrap_or_else(|panic| Err(FileError::Io(panic))) {
            Ok(Some(fresh)) => self.file = Some(fresh),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "cannot replace the empty spool with a fresh one"),
        }
    }

    /// Divides entries into those for which there is room, in order, and the others.
    fn split(&mut self, appends: Vec<Append>) -> (Vec<Append>, Vec<Append>) {
        // An unreadable file is moved aside before its entries count.
        let _ = self.open();
        let mut bytes = self.file.as_ref().map_or(0, |file| file.totals.bytes);
        let tried = !appends.is_empty();
        let (fitting, refused): (Vec<_>, Vec<_>) = appends.into_iter().partition(|(sealed, _)| {
            let after = bytes + sealed.bytes();
            let fits = after <= self.options.max;
            if fits {
                bytes = after;
            }
            fits
        });
        if tried {
            self.shared.status().refused = (!refused.is_empty()).then(Instant::now);
        }
        (fitting, refused)
    }

    /// Works on the file. After an error it is closed, and the next work opens it again.
    fn attempt<T>(
        &mut self,
        work: impl FnOnce(&mut SpoolFile, &Path) -> Result<T, FileError>,
    ) -> Result<T, SpoolError> {
        let done = self.open().and_then(|()| {
            let done = self.guarded(|keeper| {
                let file = keeper.file.as_mut().expect("it was opened");
                work(file, &keeper.options.folder)
            });
            done.unwrap_or_else(|panic| Err(FileError::Io(panic)))
        });
        done.map_err(|error| {
            let error = error.to_string();
            tracing::error!(folder = %self.options.folder.display(), error, "the spool failed");
            let _ = self.guarded(|keeper| keeper.file = None);
            self.shared.status().error = Some(error.clone());
            SpoolError::Disk(error)
        })
    }

    /// Opens the file, if it is closed. An unreadable one is moved aside.
    fn open(&mut self) -> Result<(), FileError> {
        if self.file.is_some() {
            return Ok(());
        }
        for _ in 0..2 {
            let opened = self.guarded(|keeper| SpoolFile::open(&keeper.options.folder));
            match opened.unwrap_or_else(|panic| Err(FileError::Unreadable(panic))) {
                Ok(file) => {
                    self.file = Some(file);
                    self.publish();
                    return Ok(());
                }
                Err(FileError::Unreadable(why)) => {
                    let aside = file::move_aside(&self.options.folder);
                    let aside = aside.map_err(|error| FileError::Io(format!("cannot move it aside: {error}")))?;
                    tracing::error!(
                        file = %aside.display(),
                        why,
                        "the spool's file is unreadable; it was moved aside, and the deliveries in it are not stored"
                    );
                }
                Err(error) => {
                    self.shared.status().error = Some(error.to_string());
                    return Err(error);
                }
            }
        }
        Err(FileError::Io("a fresh file is unreadable too".to_owned()))
    }

    /// Calls into redb, which can panic if the file is damaged while it is open. Returns the panic's message.
    fn guarded<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Result<T, String> {
        catch_unwind(AssertUnwindSafe(|| work(self))).map_err(|panic| panic_message(&*panic))
    }

    fn publish(&self) {
        let totals = self.file.as_ref().map(|file| file.totals);
        if let Some(totals) = totals {
            self.shared.status().totals = totals;
        }
    }
}

/// Requests that are served together.
#[derive(Default)]
struct Batch {
    appends: Vec<Append>,
    deletes: Vec<(Vec<Uuid>, Reply<()>)>,
    set_aside: Vec<(Uuid, Reply<PathBuf>)>,
    reads: Vec<(Page, Reply<Vec<Found>>)>,
    renewals: Vec<Reply<()>>,
}

impl Batch {
    fn add(&mut self, request: Request) {
        match request {
            Request::Append(entry, reply) => self.appends.push((Sealed::new(entry), reply)),
            Request::Delete(ids, reply) => self.deletes.push((ids, reply)),
            Request::SetAside(id, reply) => self.set_aside.push((id, reply)),
            Request::Read(page, reply) => self.reads.push((page, reply)),
            Request::Renew(reply) => self.renewals.push(reply),
        }
    }
}

/// Writes an entry's parts to files, and then deletes it.
fn set_aside_entry(spool: &mut SpoolFile, folder: &Path, id: Uuid) -> Result<PathBuf, FileError> {
    let (head, body) = spool.raw(id)?;
    let folder = folder.join(SET_ASIDE);
    let write = |name: &str, bytes: &[u8]| -> io::Result<()> {
        let path = folder.join(format!("{id}.{name}"));
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    fs::create_dir_all(&folder)
        .and_then(|()| write("head", &head))
        .and_then(|()| write("body", &body))
        .and_then(|()| File::open(&folder)?.sync_all())
        .map_err(|error| FileError::Io(error.to_string()))?;
    failpoints::reach("spool-set-aside");
    spool.change(&Changes { append: Vec::new(), delete: vec![id] })?;
    Ok(folder)
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("the file is damaged: {}", text.unwrap_or("a panic"))
}

#[cfg(test)]
mod model;
