//! The spool's file: a SQLite database in WAL mode with one row per entry, and one row that counts them.
//!
//! SQLite has no checksums in its pages: each entry has its own ([`entry`](super::entry)), and so has the row that
//! counts. If those two, or SQLite itself, find damage, the entries are [rescued](super::rescue) into a fresh file.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior, params};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::SpoolPage;
use super::entry::{Entry, Sealed};
use crate::failpoints;

/// Marks the file as ours: `psnk`.
const APPLICATION: i32 = 0x7073_6e6b;

/// The version of what this module writes.
const FORMAT: i32 = 1;

/// Bytes of a page. Each entry ends within one, so larger pages would waste more of the disk, and smaller ones cost
/// more calls to write.
pub const PAGE: usize = 1024;

/// The write-ahead log is copied into the file and emptied at this size, in bytes.
const LOG_BYTES: u64 = 4 << 20;

/// For pages in memory, in KiB. Entries are written and read once.
const CACHE: i32 = 8 << 10;

const NAME: &str = "spool.sqlite";

/// The name of a file that is about to take the place of a damaged one.
const NEW: &str = "spool.new.sqlite";

/// Held by the process that uses the folder.
const LOCK: &str = "spool.lock";

/// The file of an earlier version.
const OLD: &str = "spool.redb";

/// Room on a full disk for the deletion of what was drained.
const RESERVE: &str = "spool.reserve";
const RESERVE_BYTES: usize = 1 << 20;

/// The suffix that SQLite adds to a file's name for its write-ahead log.
const LOG_SUFFIX: &str = "-wal";

const TABLES: &str = "
    create table entries (id blob primary key, head blob not null, body blob not null);
    create table spool (entries integer not null, bytes integer not null, database blob, digest blob not null);";

/// Why the file cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FileError {
    /// Not a spool, a newer one, or a damaged one. It will never be readable.
    #[error("{0}")]
    Damaged(String),
    /// Another process uses the folder.
    #[error("another process is using it")]
    InUse,
    /// There is an entry of an earlier version, which this one does not read.
    #[error("{0} is of an earlier version of polysink")]
    Old(String),
    #[error("the disk is full")]
    Full,
    /// The disk, for now.
    #[error("{0}")]
    Io(String),
}

/// An open file and its counts.
pub struct SpoolFile {
    connection: Connection,
    path: PathBuf,
    pub totals: Totals,
    /// The database that its entries are for; `None` until one was reached.
    database: Option<Uuid>,
    /// The file and its log, when they were opened.
    identity: Identity,
    /// How long the log is that is safely on disk, in bytes.
    log_end: u64,
    /// Whether the log may have more than that, of a change that failed.
    is_uncut: bool,
}

/// The content of the file, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    pub entries: u64,
    /// Their size as it counts against the limit, in whole KiB each.
    pub bytes: u64,
    /// The entry that was received first.
    pub oldest: Option<Uuid>,
}

impl Totals {
    /// When that was, in seconds since 1970, by its id.
    pub fn oldest_at(&self) -> Option<u64> {
        Some(self.oldest?.get_timestamp()?.to_unix().0)
    }
}

impl std::iter::Sum for Totals {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, totals| Self {
            entries: sum.entries + totals.entries,
            bytes: sum.bytes + totals.bytes,
            oldest: sum.oldest.into_iter().chain(totals.oldest).min(),
        })
    }
}

/// Changes that become durable together.
#[derive(Debug, Default)]
pub struct FileChanges<'a> {
    pub append: Vec<&'a Sealed>,
    pub delete: Vec<Uuid>,
}

/// Which files two names stand for, by device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    file: (u64, u64),
    log: (u64, u64),
}

/// The device and the inode of a file.
fn inode(file: &fs::Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

impl Identity {
    fn of(path: &Path) -> io::Result<Self> {
        Ok(Self { file: inode(&fs::metadata(path)?), log: inode(&fs::metadata(log_of(path))?) })
    }
}

impl SpoolFile {
    /// Opens the file in a folder, or makes it. Reads the write-ahead log, which is short, and two rows.
    ///
    /// # Errors
    ///
    /// [`FileError::Damaged`] for what has to be rescued.
    pub fn open(folder: &Path) -> Result<Self, FileError> {
        let path = folder.join(NAME);
        let is_new = !path.exists();
        let file = Self::open_at(&path)?;
        if is_new {
            // The file's name is durable too.
            sync(folder)?;
        }
        Ok(file)
    }

    /// A fresh file that will [take the place](Self::replace) of a damaged one.
    pub fn make_new(folder: &Path) -> Result<Self, FileError> {
        let path = folder.join(NEW);
        remove(&path)?;
        remove(&log_of(&path))?;
        Self::open_at(&path)
    }

    fn open_at(path: &Path) -> Result<Self, FileError> {
        // With its owner's permissions from the beginning. SQLite gives its log the same ones.
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        // Whoever closes it may not be the one whose log has that name by then.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.execute_batch(&format!(
            "pragma page_size = {PAGE};
             pragma auto_vacuum = full;
             pragma locking_mode = exclusive;
             pragma synchronous = full;
             pragma secure_delete = on;
             pragma cell_size_check = on;
             pragma wal_autocheckpoint = 0;
             pragma cache_size = -{CACHE};"
        ))?;
        let mode: String = connection.query_row("pragma journal_mode = wal", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(FileError::Io(format!("the file system has no support for a write-ahead log ({mode})")));
        }
        let is_new: bool = connection.query_row("select count(*) = 0 from sqlite_schema", [], |row| row.get(0))?;
        if is_new {
            let digest = digest_of(&Totals::default(), None);
            connection.execute_batch(&format!(
                "begin immediate; {TABLES}
                 pragma application_id = {APPLICATION}; pragma user_version = {FORMAT};"
            ))?;
            connection.execute("insert into spool values (0, 0, null, ?1)", [digest])?;
            connection.execute_batch("commit")?;
        }
        let (application, format): (i32, i32) = connection.query_row(
            "select application_id, user_version from pragma_application_id, pragma_user_version",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        if application != APPLICATION {
            return Err(FileError::Damaged("it is not a spool".to_owned()));
        }
        if format != FORMAT {
            return Err(FileError::Damaged(format!(
                "it has format {format}, and this version of polysink reads format {FORMAT}"
            )));
        }
        let (totals, database) = read_totals(&connection)?;
        let identity = Identity::of(path)?;
        let mut file =
            Self { connection, path: path.to_owned(), totals, database, identity, log_end: 0, is_uncut: false };
        // The last writes of a process that was killed may not have reached the disk.
        file.empty_log()?;
        Ok(file)
    }

    /// Makes the changes durable, all or none. Entries that it has already are not written twice, and missing ones
    /// are not deleted.
    pub fn change(&mut self, changes: &FileChanges<'_>) -> Result<(), FileError> {
        let database = self.database;
        self.totals = self.write(|transaction, mut totals| {
            let mut insert = transaction.prepare_cached(
                "insert into entries (id, head, body) values (?1, ?2, ?3) on conflict (id) do nothing",
            )?;
            for sealed in &changes.append {
                if insert.execute(params![sealed.id().as_bytes(), sealed.head(), sealed.body()])? == 1 {
                    totals.entries += 1;
                    totals.bytes += sealed.bytes();
                }
            }
            let mut delete =
                transaction.prepare_cached("delete from entries where id = ?1 returning length(head), length(body)")?;
            for id in &changes.delete {
                let deleted = delete
                    .query_row([id.as_bytes()], |row| Ok((row.get::<_, u64>(0)?, row.get::<_, u64>(1)?)))
                    .optional()?;
                if let Some((head, body)) = deleted {
                    totals.entries = totals.entries.checked_sub(1).ok_or_else(wrong_totals)?;
                    totals.bytes =
                        totals.bytes.checked_sub(super::entry::bytes(head, body)).ok_or_else(wrong_totals)?;
                }
            }
            totals.oldest = oldest(transaction)?;
            save_totals(transaction, &totals, database)?;
            Ok(totals)
        })?;
        if self.log_end > LOG_BYTES {
            self.try_empty_log();
        }
        Ok(())
    }

    /// Does all of `work` in one transaction, or nothing.
    fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, Totals) -> Result<T, FileError>,
    ) -> Result<T, FileError> {
        self.cut_log()?;
        let totals = self.totals;
        let done = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(FileError::from);
        let done = done.and_then(|transaction| {
            let done = work(&transaction, totals)?;
            transaction.commit()?;
            Ok(done)
        });
        if done.is_ok() {
            self.log_end = log_bytes(&self.path);
        } else {
            self.is_uncut = true;
            let _ = self.cut_log();
        }
        done
    }

    /// Cuts off what a change has left that failed. A kernel may take it for written although it is not on disk, and
    /// what is written behind it would be lost with it.
    pub fn cut_log(&mut self) -> Result<(), FileError> {
        if self.is_uncut {
            OpenOptions::new().write(true).open(log_of(&self.path))?.set_len(self.log_end)?;
            self.is_uncut = false;
        }
        Ok(())
    }

    /// Copies the write-ahead log into the file, and empties it.
    pub fn empty_log(&mut self) -> Result<(), FileError> {
        self.cut_log()?;
        let is_busy: bool = self.connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0))?;
        if is_busy {
            return Err(FileError::InUse);
        }
        self.log_end = 0;
        Ok(())
    }

    /// The same, unless the disk fails or is full. Returns whether the log is empty.
    pub fn try_empty_log(&mut self) -> bool {
        let emptied = self.empty_log();
        if let Err(error) = &emptied {
            tracing::debug!(%error, "cannot empty the spool's write-ahead log for now");
        }
        emptied.is_ok()
    }

    /// Whether something is in the write-ahead log.
    pub fn has_log(&self) -> bool {
        self.log_end > 0
    }

    /// The oldest entries of a page, in order.
    ///
    /// # Errors
    ///
    /// [`FileError::Damaged`] if one of them is not what was written.
    pub fn read(&self, page: SpoolPage) -> Result<Vec<Entry>, FileError> {
        let mut found = Vec::new();
        let mut bytes = 0;
        let mut select = self
            .connection
            .prepare_cached("select id, head, length(body), body from entries where id > ?1 order by id")?;
        let after = page.after.unwrap_or(Uuid::nil());
        let mut rows = select.query([after.as_bytes()])?;
        while found.len() < page.entries
            && let Some(row) = rows.next()?
        {
            let (id, head) = (row.get::<_, [u8; 16]>(0)?, row.get_ref(1)?);
            bytes += row.get::<_, u64>(2)?;
            if bytes > page.bytes && !found.is_empty() {
                break;
            }
            let head = head.as_blob().map_err(rusqlite::Error::from)?;
            let body: Vec<u8> = row.get(3)?;
            let entry = Entry::read(Uuid::from_bytes(id), head, body);
            found.push(entry.map_err(|damaged| FileError::Damaged(damaged.to_string()))?);
        }
        Ok(found)
    }

    /// The database that its entries are for.
    pub fn database(&self) -> Option<Uuid> {
        self.database
    }

    /// Remembers the database that its entries are for.
    pub fn set_database(&mut self, database: Option<Uuid>) -> Result<(), FileError> {
        self.write(|transaction, totals| save_totals(transaction, &totals, database))?;
        self.database = database;
        Ok(())
    }

    /// An entry, if the file has it.
    pub fn entry(&self, id: Uuid) -> Result<Option<Entry>, FileError> {
        let mut found = self.read(SpoolPage::at(id))?;
        Ok(found.pop().filter(|entry| entry.id() == id))
    }

    /// Where the file is now, by its names.
    pub fn place(&self) -> Place {
        match Identity::of(&self.path) {
            Ok(found) if found == self.identity => Place::Here,
            Ok(found) if found.file == self.identity.file => Place::WithoutLog,
            Err(_) if fs::metadata(&self.path).is_ok_and(|file| inode(&file) == self.identity.file) => {
                Place::WithoutLog
            }
            _ => Place::Gone,
        }
    }

    /// Takes the place of the file in the folder, which keeps another name there. Returns that.
    ///
    /// The order of the steps is what [`finish_replacing`] relies on.
    pub fn replace(mut self, folder: &Path) -> Result<PathBuf, FileError> {
        self.empty_log()?;
        drop(self);
        remove(&log_of(&folder.join(NEW)))?;
        sync(folder)?;
        let aside = free_name(folder);
        fs::rename(folder.join(NAME), &aside)?;
        failpoints::reach("spool-replacing");
        finish_replacing(folder)?;
        Ok(aside)
    }
}

/// Where an open file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Under its name.
    Here,
    /// Its write-ahead log is another file, or none.
    WithoutLog,
    /// Under its name is another file, or none.
    Gone,
}

/// Does the rest of a [replacement](SpoolFile::replace) that was interrupted, and removes a new file that never became
/// complete.
pub fn finish_replacing(folder: &Path) -> Result<(), FileError> {
    let (path, new) = (folder.join(NAME), folder.join(NEW));
    if path.exists() {
        remove(&new)?;
        remove(&log_of(&new))?;
        return Ok(());
    }
    let log = log_of(&path);
    if new.exists() {
        if log.exists() {
            // The number of the file that was moved aside last.
            let aside = unreadable(folder).into_iter().rfind(|path| !log_of(path).exists());
            fs::rename(&log, log_of(&aside.unwrap_or_else(|| free_name(folder))))?;
        }
        fs::rename(&new, &path)?;
    } else if log_bytes(&path) > 0 {
        // The file alone was removed. SQLite would remove the log, which may hold entries.
        File::create(&path)?;
    }
    sync(folder)
}

/// The lock of a folder. It is released when it is dropped, and with the process.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Makes the folder for its owner only, if it is not there, and locks it.
    pub fn take(folder: &Path) -> Result<Self, FileError> {
        prepare_folder(folder)?;
        let path = folder.join(LOCK);
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file, path }),
            Err(TryLockError::WouldBlock) => Err(FileError::InUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Whether the locked file is the one in the folder.
    pub fn is_here(&self) -> bool {
        let (held, found) = (self.file.metadata(), fs::metadata(&self.path));
        matches!((held, found), (Ok(held), Ok(found)) if inode(&held) == inode(&found))
    }
}

/// The file in a spool's folder.
pub fn path_in(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

/// Whether a folder has the file of a spool, of this version or an earlier one.
pub fn has_spool(folder: &Path) -> bool {
    let path = folder.join(NAME);
    path.exists() || log_of(&path).exists() || folder.join(NEW).exists() || folder.join(OLD).exists()
}

/// The write-ahead log of a file.
pub fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(LOG_SUFFIX);
    name.into()
}

/// Makes the folder for its owner only, if it is not there, and makes sure that files can be written to it.
pub fn prepare_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let probe = folder.join("probe");
    match File::create(&probe) {
        Ok(_) => fs::remove_file(probe),
        // Disks can be full for a while.
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Ok(()),
        Err(error) => Err(error),
    }
}

/// Keeps some room on the disk, if there is any.
pub fn make_reserve(folder: &Path) {
    let path = folder.join(RESERVE);
    if !path.exists() && fs::write(&path, vec![0; RESERVE_BYTES]).is_err() {
        let _ = remove(&path);
    }
}

/// Gives that room back.
pub fn free_reserve(folder: &Path) {
    let _ = remove(&folder.join(RESERVE));
}

/// # Errors
///
/// [`FileError::Old`] if an earlier version left its file here.
pub fn refuse_old(folder: &Path) -> Result<(), FileError> {
    let old = folder.join(OLD);
    if old.exists() { Err(FileError::Old(old.display().to_string())) } else { Ok(()) }
}

/// Copies the write-ahead log of the file in a folder. Returns the copy's name.
pub fn copy_log(folder: &Path) -> Result<PathBuf, FileError> {
    let copy = log_of(&free_name(folder));
    fs::copy(log_of(&folder.join(NAME)), &copy)?;
    File::open(&copy)?.sync_all()?;
    sync(folder)?;
    Ok(copy)
}

/// The files in a folder that were moved aside because they could not be read, in the order of their numbers. There may
/// be only the write-ahead log of one, or both.
pub fn unreadable(folder: &Path) -> Vec<PathBuf> {
    let number = |name: &str| {
        let name = name.strip_suffix(LOG_SUFFIX).unwrap_or(name);
        name.strip_prefix("spool.unreadable-")?.strip_suffix(".sqlite")?.parse::<u64>().ok()
    };
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let numbers: BTreeSet<u64> = files.filter_map(|file| number(file.file_name().to_str()?)).collect();
    numbers.into_iter().map(|n| unreadable_name(folder, n)).collect()
}

fn unreadable_name(folder: &Path, n: u64) -> PathBuf {
    folder.join(format!("spool.unreadable-{n}.sqlite"))
}

/// The next name for a file that is moved aside.
fn free_name(folder: &Path) -> PathBuf {
    let free = (1..u64::MAX).map(|n| unreadable_name(folder, n)).find(|path| !path.exists() && !log_of(path).exists());
    free.expect("there are more numbers than files")
}

fn read_totals(connection: &Connection) -> Result<(Totals, Option<Uuid>), FileError> {
    let (entries, bytes, database, digest) =
        connection.query_row("select entries, bytes, database, digest from spool", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<[u8; 16]>>(2)?, row.get::<_, [u8; 32]>(3)?))
        })?;
    let (mut totals, database) = (Totals { entries, bytes, oldest: None }, database.map(Uuid::from_bytes));
    if digest != digest_of(&totals, database) {
        return Err(wrong_totals());
    }
    totals.oldest = oldest(connection)?;
    totals.check()?;
    Ok((totals, database))
}

fn save_totals(connection: &Connection, totals: &Totals, database: Option<Uuid>) -> Result<(), FileError> {
    totals.check()?;
    let mut update =
        connection.prepare_cached("update spool set entries = ?1, bytes = ?2, database = ?3, digest = ?4")?;
    let digest = digest_of(totals, database);
    let database = database.map(Uuid::into_bytes);
    if update.execute(params![totals.entries, totals.bytes, database, digest])? != 1 {
        return Err(wrong_totals());
    }
    Ok(())
}

impl Totals {
    /// # Errors
    ///
    /// If entries have vanished, or there are some that were not counted.
    fn check(&self) -> Result<(), FileError> {
        let is_empty = self.oldest.is_none();
        if is_empty == (self.entries == 0) && is_empty == (self.bytes == 0) { Ok(()) } else { Err(wrong_totals()) }
    }
}

fn wrong_totals() -> FileError {
    FileError::Damaged("it does not hold as many entries as it should".to_owned())
}

fn oldest(connection: &Connection) -> Result<Option<Uuid>, FileError> {
    let mut first = connection.prepare_cached("select id from entries order by id limit 1")?;
    let id = first.query_row([], |row| row.get::<_, [u8; 16]>(0)).optional()?;
    Ok(id.map(Uuid::from_bytes))
}

/// SHA-256 of what the row of totals holds.
fn digest_of(totals: &Totals, database: Option<Uuid>) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(totals.entries.to_le_bytes());
    hash.update(totals.bytes.to_le_bytes());
    hash.update(database.map(Uuid::into_bytes).unwrap_or_default());
    hash.finalize().into()
}

/// Bytes of a file's write-ahead log.
fn log_bytes(path: &Path) -> u64 {
    fs::metadata(log_of(path)).map_or(0, |metadata| metadata.len())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes the names in a folder durable.
fn sync(folder: &Path) -> Result<(), FileError> {
    Ok(File::open(folder).and_then(|folder| folder.sync_all())?)
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error.to_string()),
        }
    }
}

impl From<rusqlite::Error> for FileError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
                | ErrorCode::OutOfMemory
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::NoLargeFileSupport
                | ErrorCode::OperationInterrupted
                | ErrorCode::OperationAborted
                | ErrorCode::ApiMisuse
                | ErrorCode::TooBig,
            ) => Self::Io(error.to_string()),
            // Also what a damaged schema or a value of another type leads to.
            _ => Self::Damaged(error.to_string()),
        }
    }
}
