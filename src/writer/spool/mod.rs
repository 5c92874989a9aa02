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

mod entry;
mod file;
mod rescue;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

pub use entry::Entry;
pub use file::{Totals, has_spool};

use crate::failpoints;
use entry::Sealed;
use file::{FileChanges, FileError, Lock, Place, SpoolFile};
use rescue::Log;

/// The spool is full with less than this share of its limit left.
const LITTLE_ROOM: u64 = 100;

/// For so long it counts as full that a delivery did not fit.
const REFUSED: Duration = Duration::from_secs(10);

/// After so long without a request, the write-ahead log is copied into the file.
const IDLE: Duration = Duration::from_secs(1);

/// A file that could not be opened is tried again after so long.
const OPEN_AGAIN: Duration = Duration::from_millis(500);

/// Bytes of entries that are copied from one file to another at a time.
const COPIED: u64 = 2 << 20;

/// The folder for entries that cannot be drained.
const SET_ASIDE: &str = "set-aside";

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

/// Files with acknowledged deliveries that polysink cannot store by itself: damaged files, and the bodies of deliveries
/// that the database does not take. They stay in a spool's folder until an operator has dealt with them.
pub fn set_aside(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join(SET_ASIDE)).into_iter().flatten().flatten().map(|file| file.path());
    let mut bodies: Vec<PathBuf> = entries.filter(|path| is_body(path)).collect();
    bodies.sort();
    let mut files = file::unreadable(folder);
    files.extend(bodies);
    files
}

/// Moves the files that were moved aside in one spool's folder to another's, on the same disk.
pub fn move_set_aside(from: &Path, to: &Path) -> io::Result<()> {
    let to = to.join(SET_ASIDE);
    fs::create_dir_all(&to)?;
    for file in set_aside(from).iter().flat_map(|file| parts(file)) {
        fs::rename(&file, to.join(file.file_name().unwrap_or_default()))?;
    }
    File::open(&to)?.sync_all()
}

/// Whether a file that was moved aside is the body of one delivery.
pub fn is_body(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "body")
}

/// All files of one that was moved aside, as far as they exist: a body and its head, or a damaged file and its log.
pub fn parts(file: &Path) -> Vec<PathBuf> {
    let other = if is_body(file) { file.with_extension("head") } else { file::log_of(file) };
    [file.to_owned(), other].into_iter().filter(|part| part.exists()).collect()
}

/// Calls `take` with each delivery that is readable in a file that was moved aside, or in a copy of a spool's file.
///
/// # Errors
///
/// If it cannot be read, or if a service uses it.
pub fn readable(path: &Path, mut take: impl FnMut(Entry) -> io::Result<()>) -> io::Result<()> {
    if is_body(path) {
        let id = path.file_stem().and_then(|name| name.to_str()?.parse().ok());
        let id = id.ok_or_else(|| io::Error::other("its name is not a delivery's id"))?;
        let (head, body) = (fs::read(path.with_extension("head"))?, fs::read(path)?);
        return take(Entry::read(id, &head, body).map_err(io::Error::other)?);
    }
    if parts(path).is_empty() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let _lock = if path == file::path_in(folder) { Some(Lock::take(folder).map_err(io::Error::other)?) } else { None };
    rescue::entries(path, take)
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

type Append = (Sealed, Reply<()>);
type Delete = (Vec<Uuid>, Reply<()>);
type Reply<T> = oneshot::Sender<Result<T, SpoolError>>;

impl Spool {
    /// Opens the spool, and starts its thread. A damaged file is replaced, and a disk that fails is tried again with
    /// the next delivery.
    pub fn open(options: SpoolOptions) -> Result<Self, OpenError> {
        let path = options.folder.clone();
        let folder = path.display().to_string();
        let failed = |error| OpenError::Folder { folder: folder.clone(), error };
        file::prepare_folder(&options.folder).map_err(failed)?;
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

/// The thread's state.
struct SpoolThread {
    options: SpoolOptions,
    lock: Option<Lock>,
    file: Option<SpoolFile>,
    /// When and why the file could not be opened.
    failed: Option<(Instant, FileError)>,
    shared: Arc<Shared>,
}

impl SpoolThread {
    fn run(mut self, requests: &Receiver<SpoolRequest>) {
        loop {
            let first = if self.file.as_ref().is_some_and(SpoolFile::has_log) {
                requests.recv_timeout(IDLE)
            } else {
                requests.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            match first {
                Ok(first) => {
                    let mut batch = WriteBatch::default();
                    batch.add(first);
                    while let Ok(next) = requests.try_recv() {
                        batch.add(next);
                    }
                    self.serve(batch);
                }
                Err(RecvTimeoutError::Timeout) => self.empty_log(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.empty_log();
    }

    fn empty_log(&mut self) {
        if self.file.as_mut().is_some_and(SpoolFile::try_empty_log) {
            file::make_reserve(&self.options.folder);
        }
    }

    fn claim(&mut self, database: Uuid) -> Result<(), SpoolError> {
        let (entries, known) = self.with_file(|file| Ok((file.totals.entries, file.database())))?;
        match known {
            Some(known) if known == database => Ok(()),
            Some(spooled) if entries > 0 => {
                let folder = self.options.folder.display().to_string();
                Err(SpoolError::OtherDatabase { folder, entries, spooled, found: database })
            }
            _ => self.with_file(|file| file.set_database(Some(database))),
        }
    }

    fn free_reserve(&mut self) {
        file::free_reserve(&self.options.folder);
    }

    /// Does what a batch asks for: its changes first, in one transaction.
    fn serve(&mut self, batch: WriteBatch) {
        let WriteBatch { appends, deletes, set_aside, reads, claims } = batch;
        for (database, reply) in claims {
            let _ = reply.send(self.claim(database));
        }
        let (appends, refused) = self.split(appends);
        for (_, reply) in refused {
            let _ = reply.send(Err(SpoolError::Full(self.options.max)));
        }
        if !appends.is_empty() || !deletes.is_empty() {
            self.change(appends, deletes);
        }
        for (id, reply) in set_aside {
            let folder = self.options.folder.clone();
            let done = self.with_file(|file| set_aside_entry(file, &folder, id));
            self.publish();
            let _ = reply.send(done);
        }
        for (page, reply) in reads {
            let _ = reply.send(self.with_file(|file| file.read(page)));
        }
    }

    /// Makes the changes, and answers those who wait for them. If the disk has no room for all together, it may have
    /// some for a few.
    fn change(&mut self, appends: Vec<Append>, deletes: Vec<Delete>) {
        let is_one = appends.len() + deletes.len() == 1;
        let changes = FileChanges {
            append: appends.iter().map(|(sealed, _)| sealed).collect(),
            delete: deletes.iter().flat_map(|(ids, _)| ids.iter().copied()).collect(),
        };
        let write = |file: &mut SpoolFile| {
            failpoints::reach("spool-change");
            file.change(&changes)?;
            failpoints::reach("spool-changed");
            Ok(())
        };
        let mut done = self.with_file(write);
        for make_room in [Self::empty_log, Self::free_reserve] {
            if matches!(done, Err(SpoolError::NoSpace)) && !deletes.is_empty() {
                make_room(self);
                done = self.with_file(write);
            }
        }
        if matches!(done, Err(SpoolError::NoSpace)) && !is_one {
            for delete in deletes {
                self.change(Vec::new(), vec![delete]);
            }
            for append in appends {
                self.change(vec![append], Vec::new());
            }
            return;
        }
        if done.is_ok() {
            let mut status = self.shared.status();
            status.error = None;
            if !changes.delete.is_empty() {
                status.refused = None;
            }
        }
        // Before the replies, so that a caller who has one sees the new status.
        self.publish();
        let replies = appends.into_iter().map(|(_, reply)| reply).chain(deletes.into_iter().map(|(_, reply)| reply));
        for reply in replies {
            let _ = reply.send(done.clone());
        }
    }

    /// Divides entries into those for which there is room, in order, and the others.
    fn split(&mut self, appends: Vec<Append>) -> (Vec<Append>, Vec<Append>) {
        if appends.is_empty() {
            return (appends, Vec::new());
        }
        // The entries of another file count too.
        let mut bytes = self.file().map_or(0, |file| file.totals.bytes);
        let (fitting, refused): (Vec<_>, Vec<_>) = appends.into_iter().partition(|(sealed, _)| {
            let after = bytes + sealed.bytes();
            let fits = after <= self.options.max;
            if fits {
                bytes = after;
            }
            fits
        });
        self.shared.status().refused = (!refused.is_empty()).then(Instant::now);
        (fitting, refused)
    }

    /// Works on the file. If it turns out to be damaged, what is readable is rescued, and the work done again.
    fn with_file<T>(&mut self, work: impl Fn(&mut SpoolFile) -> Result<T, FileError>) -> Result<T, SpoolError> {
        let mut done = self.file().and_then(&work);
        if let Err(FileError::Damaged(why)) = &done {
            let database = self.file.take().and_then(|file| file.database());
            done = replace_damaged(&self.options.folder, why, database).and_then(|()| self.file()).and_then(&work);
        }
        done.map_err(|error| {
            if matches!(error, FileError::Io(_)) {
                // A fresh connection may do better. The changes that this one has not written safely are cut off first,
                // and a file that is nowhere else stays open.
                self.file.take_if(|file| file.place() == Place::Here && file.cut_log().is_ok());
            }
            let text = error.to_string();
            let mut status = self.shared.status();
            if status.error.as_ref() != Some(&text) {
                tracing::error!(folder = %self.options.folder.display(), error = text, "the spool failed");
            }
            status.error = Some(text.clone());
            if matches!(error, FileError::Full) { SpoolError::NoSpace } else { SpoolError::Disk(text) }
        })
    }

    /// The file that is in the folder.
    fn file(&mut self) -> Result<&mut SpoolFile, FileError> {
        let is_locked = self.lock.as_ref().is_some_and(Lock::is_here);
        if !is_locked || self.file.as_ref().is_none_or(|file| file.place() != Place::Here) {
            if let Some((at, error)) = &self.failed
                && at.elapsed() < OPEN_AGAIN
            {
                return Err(error.clone());
            }
            let opened = self.open();
            if let Err(error) = &opened {
                self.shared.status().error = Some(error.to_string());
            }
            self.failed = opened.err().map(|error| (Instant::now(), error));
            if let Some((_, error)) = &self.failed {
                return Err(error.clone());
            }
            file::make_reserve(&self.options.folder);
            self.publish();
        }
        Ok(self.file.as_mut().expect("it was opened"))
    }

    /// Opens the file in the folder. If one is open that is not there any more, its entries are taken over.
    fn open(&mut self) -> Result<(), FileError> {
        let folder = &self.options.folder;
        if !self.lock.as_ref().is_some_and(Lock::is_here) {
            self.lock = Some(Lock::take(folder)?);
        }
        match &mut self.file {
            None => self.file = Some(open_or_rescue(folder)?),
            Some(file) => match file.place() {
                Place::Here => {}
                Place::WithoutLog => {
                    tracing::warn!(folder = %folder.display(), "the spool's write-ahead log was removed; making \
                                                                another");
                    file.empty_log()?;
                    self.file = None;
                    self.file = Some(open_or_rescue(folder)?);
                }
                Place::Gone => {
                    let deliveries = file.totals.entries;
                    tracing::warn!(folder = %folder.display(), deliveries, "the spool's file was removed or replaced; \
                                                                            making another");
                    let mut fresh = open_or_rescue(folder)?;
                    if fresh.totals.entries == 0 {
                        fresh.set_database(file.database())?;
                    } else if fresh.database() != file.database() {
                        return Err(FileError::Io("its folder now has the spool of another database".to_owned()));
                    }
                    copy(file, &mut fresh)?;
                    self.file = Some(fresh);
                }
            },
        }
        Ok(())
    }

    fn publish(&self) {
        if let Some(file) = &self.file {
            self.shared.status().totals = file.totals;
        }
    }
}

/// Opens the file in a folder, or what is readable of it.
fn open_or_rescue(folder: &Path) -> Result<SpoolFile, FileError> {
    file::refuse_old(folder)?;
    file::finish_replacing(folder)?;
    let path = file::path_in(folder);
    let log = rescue::look_at_log(&path)?;
    match log {
        Log::Whole => {}
        Log::CutOff => tracing::info!("a crash cut off the last change of the spool, which was not acknowledged"),
        Log::Damaged => {
            let copy = file::copy_log(folder)?;
            tracing::error!(
                file = %copy.display(),
                "the end of the spool's write-ahead log is unreadable: a power failure tore the last change, which was \
                 not acknowledged of, or the disk damaged it; a copy of it was kept"
            );
        }
    }
    let behind = if log == Log::Whole { Vec::new() } else { rescue::behind_log(&path)? };
    let mut file = match SpoolFile::open(folder) {
        Err(FileError::Damaged(why)) => {
            replace_damaged(folder, &why, None)?;
            SpoolFile::open(folder)?
        }
        opened => opened?,
    };
    let behind: Vec<Sealed> = behind.into_iter().map(Sealed::new).collect();
    file.change(&FileChanges { append: behind.iter().collect(), delete: Vec::new() })?;
    Ok(file)
}

/// Replaces a damaged file with a fresh one that holds what is readable. The damaged one is moved aside.
///
/// * `database`: which its entries are for, if that is known
fn replace_damaged(folder: &Path, why: &str, database: Option<Uuid>) -> Result<(), FileError> {
    let mut fresh = SpoolFile::make_new(folder)?;
    fresh.set_database(database)?;
    let mut group = SyncGroup::default();
    rescue::entries(&file::path_in(folder), |entry| group.add(entry, &mut fresh))?;
    group.write(&mut fresh)?;
    let deliveries = fresh.totals.entries;
    failpoints::reach("spool-rescued");
    let aside = fresh.replace(folder)?;
    tracing::error!(
        file = %aside.display(),
        why,
        deliveries,
        "the spool's file is unreadable: it was moved aside, and the deliveries that are readable in it were taken \
         over; others in it are not stored"
    );
    Ok(())
}

/// Copies all entries.
fn copy(from: &SpoolFile, to: &mut SpoolFile) -> Result<(), FileError> {
    let mut group = SyncGroup::default();
    let mut after = None;
    loop {
        let entries = from.read(SpoolPage { after, bytes: COPIED, entries: usize::MAX })?;
        let Some(last) = entries.last() else { break };
        after = Some(last.id());
        for entry in entries {
            group.add(entry, to)?;
        }
    }
    group.write(to)
}

/// Entries that are written to a file together.
#[derive(Default)]
struct SyncGroup {
    entries: Vec<Sealed>,
    bytes: u64,
}

impl SyncGroup {
    fn add(&mut self, entry: Entry, to: &mut SpoolFile) -> Result<(), FileError> {
        let sealed = Sealed::new(entry);
        self.bytes += sealed.bytes();
        self.entries.push(sealed);
        if self.bytes < COPIED { Ok(()) } else { self.write(to) }
    }

    fn write(&mut self, to: &mut SpoolFile) -> Result<(), FileError> {
        to.change(&FileChanges { append: self.entries.iter().collect(), delete: Vec::new() })?;
        *self = Self::default();
        Ok(())
    }
}

/// Requests that are served together.
#[derive(Default)]
struct WriteBatch {
    appends: Vec<Append>,
    deletes: Vec<Delete>,
    set_aside: Vec<(Uuid, Reply<PathBuf>)>,
    reads: Vec<(SpoolPage, Reply<Vec<Entry>>)>,
    claims: Vec<(Uuid, Reply<()>)>,
}

impl WriteBatch {
    fn add(&mut self, request: SpoolRequest) {
        match request {
            SpoolRequest::Append(entry, reply) => self.appends.push((Sealed::new(entry), reply)),
            SpoolRequest::Delete(ids, reply) => self.deletes.push((ids, reply)),
            SpoolRequest::SetAside(id, reply) => self.set_aside.push((id, reply)),
            SpoolRequest::Read(page, reply) => self.reads.push((page, reply)),
            SpoolRequest::Claim(database, reply) => self.claims.push((database, reply)),
        }
    }
}

/// Writes an entry's parts to files, and then deletes it.
fn set_aside_entry(spool: &mut SpoolFile, folder: &Path, id: Uuid) -> Result<PathBuf, FileError> {
    let folder = folder.join(SET_ASIDE);
    let Some(entry) = spool.entry(id)? else { return Ok(folder) };
    let sealed = Sealed::new(entry);
    let write = |name: &str, bytes: &[u8]| -> io::Result<()> {
        let path = folder.join(format!("{id}.{name}"));
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    fs::create_dir_all(&folder)
        .and_then(|()| write("head", sealed.head()))
        .and_then(|()| write("body", sealed.body()))
        .and_then(|()| File::open(&folder)?.sync_all())?;
    failpoints::reach("spool-set-aside");
    spool.change(&FileChanges { append: Vec::new(), delete: vec![id] })?;
    Ok(folder)
}

#[cfg(test)]
mod crash_tests;
