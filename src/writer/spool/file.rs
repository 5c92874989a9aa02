//! The spool's file: a SQLite database in WAL mode with one row per entry, and one row that counts them.
//!
//! SQLite has no checksums in its pages: each entry has its own ([`entry`](super::entry)), and so has the row that
//! counts. If those two, or SQLite itself, find damage, the entries are [rescued](super::rescue) into a fresh file.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use super::SpoolPage;
use super::entry::{Entry, Sealed};
use super::error::FileError;
use super::folder::{self, inode, log_bytes, log_of};
use super::totals::{self, Totals};

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

const TABLES: &str = "
    create table entries (id blob primary key, head blob not null, body blob not null);
    create table spool (entries integer not null, bytes integer not null, database blob, digest blob not null);";

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
        let path = folder::path_in(folder);
        let is_new = !path.exists();
        let file = Self::open_at(&path)?;
        if is_new {
            // The file's name is durable too.
            folder::sync(folder)?;
        }
        Ok(file)
    }

    /// A fresh file that will [take the place](Self::replace) of a damaged one.
    pub fn make_new(folder: &Path) -> Result<Self, FileError> {
        Self::open_at(&folder::new_path_in(folder)?)
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
            connection.execute_batch(&format!(
                "begin immediate; {TABLES}
                 pragma application_id = {APPLICATION}; pragma user_version = {FORMAT};"
            ))?;
            totals::insert(&connection)?;
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
        let (totals, database) = totals::read(&connection)?;
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
                    totals.entries = totals.entries.checked_sub(1).ok_or_else(totals::wrong)?;
                    totals.bytes =
                        totals.bytes.checked_sub(super::entry::bytes(head, body)).ok_or_else(totals::wrong)?;
                }
            }
            totals.oldest = totals::oldest(transaction)?;
            totals::save(transaction, &totals, database)?;
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
        self.write(|transaction, totals| totals::save(transaction, &totals, database))?;
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

    /// Takes the place of the file in the folder, which keeps another name there. Returns that name.
    pub fn replace(mut self, folder: &Path) -> Result<PathBuf, FileError> {
        self.empty_log()?;
        drop(self);
        folder::replace(folder)
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
