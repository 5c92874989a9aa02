//! The spool's file: a redb database with a head and a body for each entry, ordered by envelope id, which is by receipt.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase as _, ReadableTable as _, StorageBackend, TableDefinition};
use uuid::Uuid;

use super::Page;
use super::entry::{Damaged, Entry, Sealed, entry_bytes};

/// The version of what this module writes.
const FORMAT: u64 = 1;

/// The key of the number of commits.
const COMMITS: &str = "commits";

const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
const HEADS: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("heads");
const BODIES: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("bodies");

/// For pages in memory. Entries are written and read once.
const CACHE: usize = 8 << 20;

const NAME: &str = "spool.redb";

/// The name of a file that is about to take the place of another.
const NEW: &str = "spool.new.redb";

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Not a spool, a newer one, or a damaged one. It will never be readable.
    #[error("{0}")]
    Unreadable(String),
    /// Another process has it open.
    #[error("another process is using it")]
    InUse,
    /// The disk, for now.
    #[error("{0}")]
    Io(String),
}

/// An open file and its counts.
pub struct SpoolFile {
    database: Database,
    pub totals: Totals,
    /// Whether it has had entries, of which traces stay when they are deleted.
    used: bool,
}

/// What the file holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    pub entries: u64,
    /// Heads and bodies.
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

/// Changes that become durable together.
#[derive(Debug, Default)]
pub struct Changes<'a> {
    pub append: Vec<&'a Sealed>,
    pub delete: Vec<Uuid>,
}

/// An entry as it was found.
#[derive(Debug)]
pub struct Found {
    pub id: Uuid,
    pub entry: Result<Entry, Damaged>,
}

impl SpoolFile {
    /// Opens the file in a folder, or makes it. Verifies all of it.
    pub fn open(folder: &Path) -> Result<Self, FileError> {
        let path = path_in(folder);
        let used = path.exists();
        let file = Self::open_at(&path)?;
        if !used {
            // The file's name is durable too.
            sync(folder)?;
        }
        Ok(Self { used, ..file })
    }

    fn open_at(path: &Path) -> Result<Self, FileError> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
        Self::open_on(FileBackend::new(file.map_err(|error| FileError::Io(error.to_string()))?)?)
    }

    /// A fresh file in the place of this one, if it is empty and had entries: what was deleted is gone from the disk then, and its
    /// space is free. `None` if there is no need.
    pub fn renewed(&self, folder: &Path) -> Result<Option<Self>, FileError> {
        if self.totals.entries > 0 || !self.used {
            return Ok(None);
        }
        let new = folder.join(NEW);
        // Of an attempt that was interrupted.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(FileError::Io(error.to_string())),
            _ => {}
        }
        let file = Self::open_at(&new)?;
        fs::rename(&new, path_in(folder)).map_err(|error| FileError::Io(error.to_string()))?;
        sync(folder)?;
        Ok(Some(file))
    }

    /// Opens what a backend holds.
    pub fn open_on(backend: impl StorageBackend) -> Result<Self, FileError> {
        let mut builder = Database::builder();
        builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
        let database = builder.create_with_backend(backend)?;
        let mut file = Self { database, totals: Totals::default(), used: false };
        file.check_format()?;
        file.commit_again()?;
        file.totals = file.count()?;
        Ok(file)
    }

    fn check_format(&mut self) -> Result<(), FileError> {
        let transaction = self.database.begin_write()?;
        let known = {
            let mut meta = transaction.open_table(META)?;
            transaction.open_table(HEADS)?;
            transaction.open_table(BODIES)?;
            let known = meta.get("format")?.map(|value| value.value());
            if known.is_none() {
                meta.insert("format", FORMAT)?;
            }
            known
        };
        match known {
            Some(FORMAT) => Ok(()),
            None => Ok(transaction.commit()?),
            Some(newer) => Err(FileError::Unreadable(format!(
                "it has format {newer}, and this version of polysink reads format {FORMAT}"
            ))),
        }
    }

    /// Commits once more, with nothing but a count. redb keeps two commits and can go back to the older one without a
    /// word: when a page of the last one is damaged, which looks like a commit that a crash cut off, or when the bit is
    /// flipped that says which is the last. So both have to have the same entries. That costs a second fsync.
    fn commit_again(&self) -> Result<(), FileError> {
        let transaction = self.database.begin_write()?;
        {
            let mut meta = transaction.open_table(META)?;
            let commits = meta.get(COMMITS)?.map_or(0, |value| value.value());
            meta.insert(COMMITS, commits.wrapping_add(1))?;
        }
        Ok(transaction.commit()?)
    }

    fn count(&self) -> Result<Totals, FileError> {
        let mut totals = Totals::default();
        let transaction = self.database.begin_read()?;
        let heads = transaction.open_table(HEADS)?;
        for head in heads.iter()? {
            let (id, head) = head?;
            totals.oldest.get_or_insert(Uuid::from_u128(id.value()));
            totals.entries += 1;
            totals.bytes += entry_bytes(head.value());
        }
        Ok(totals)
    }

    /// Makes the changes durable, all or none. Entries that are there already are not written twice, and missing ones
    /// are not deleted.
    pub fn change(&mut self, changes: &Changes<'_>) -> Result<(), FileError> {
        let mut totals = self.totals;
        let transaction = self.database.begin_write()?;
        {
            let mut heads = transaction.open_table(HEADS)?;
            let mut bodies = transaction.open_table(BODIES)?;
            for sealed in &changes.append {
                let id = sealed.id().as_u128();
                let replaced = heads.insert(id, sealed.head())?.is_some();
                bodies.insert(id, sealed.body())?;
                if !replaced {
                    totals.entries += 1;
                    totals.bytes += sealed.bytes();
                }
            }
            for id in &changes.delete {
                let removed = heads.remove(id.as_u128())?;
                bodies.remove(id.as_u128())?;
                if let Some(head) = removed {
                    totals.entries -= 1;
                    totals.bytes -= entry_bytes(head.value());
                }
            }
            let first = heads.first()?;
            totals.oldest = first.map(|(id, _)| Uuid::from_u128(id.value()));
        }
        transaction.commit()?;
        self.commit_again()?;
        self.totals = totals;
        self.used |= !changes.append.is_empty();
        Ok(())
    }

    /// The oldest entries of a page, in order.
    pub fn read(&self, page: Page) -> Result<Vec<Found>, FileError> {
        let mut found = Vec::new();
        let mut bytes = 0;
        let transaction = self.database.begin_read()?;
        let heads = transaction.open_table(HEADS)?;
        let bodies = transaction.open_table(BODIES)?;
        let from = page.after.map_or(0, |id| id.as_u128().saturating_add(1));
        for head in heads.range(from..)? {
            let (id, head) = head?;
            bytes += entry_bytes(head.value());
            if found.len() == page.entries || (bytes > page.bytes && !found.is_empty()) {
                break;
            }
            let body = bodies.get(id.value())?;
            let body = body.as_ref().map_or(&[][..], |body| body.value());
            let id = Uuid::from_u128(id.value());
            found.push(Found { id, entry: Entry::read(id, head.value(), body) });
        }
        Ok(found)
    }

    /// An entry's head and body, as they are.
    pub fn raw(&self, id: Uuid) -> Result<(Vec<u8>, Vec<u8>), FileError> {
        let transaction = self.database.begin_read()?;
        let part = |table: TableDefinition<'_, u128, &[u8]>| -> Result<Vec<u8>, FileError> {
            let value = transaction.open_table(table)?.get(id.as_u128())?;
            Ok(value.map_or_else(Vec::new, |value| value.value().to_owned()))
        };
        Ok((part(HEADS)?, part(BODIES)?))
    }
}

/// Makes the names in a folder durable.
fn sync(folder: &Path) -> Result<(), FileError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| FileError::Io(error.to_string()))
}

/// The file in a spool's folder.
pub fn path_in(folder: &Path) -> PathBuf {
    folder.join(NAME)
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

/// Moves an unreadable file aside, under a name that is free. Returns it.
pub fn move_aside(folder: &Path) -> io::Result<PathBuf> {
    let named = |n: u64| folder.join(format!("spool.unreadable-{n}.redb"));
    let free = (1..u64::MAX).map(named).find(|path| !path.exists());
    let aside = free.expect("there are more numbers than files");
    fs::rename(path_in(folder), &aside)?;
    File::open(folder)?.sync_all()?;
    Ok(aside)
}

impl From<redb::Error> for FileError {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::DatabaseAlreadyOpen => Self::InUse,
            redb::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
                Self::Unreadable("it is not a spool".to_owned())
            }
            redb::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Unreadable("it is cut off".to_owned())
            }
            redb::Error::Io(_)
            | redb::Error::PreviousIo
            | redb::Error::DatabaseClosed
            | redb::Error::LockPoisoned(_)
            | redb::Error::TransactionPoisoned => Self::Io(error.to_string()),
            error => Self::Unreadable(error.to_string()),
        }
    }
}

/// redb has an error type for each of its steps.
macro_rules! from_redb {
    ($($error:ident),+) => {
        $(impl From<redb::$error> for FileError {
            fn from(error: redb::$error) -> Self {
                redb::Error::from(error).into()
            }
        })+
    };
}

from_redb!(CommitError, CompactionError, DatabaseError, StorageError, TableError, TransactionError);
