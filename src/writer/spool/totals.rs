//! The row of the spool's file that counts its entries.

use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::error::FileError;

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

    /// # Errors
    ///
    /// If entries have vanished, or there are some that were not counted.
    fn check(&self) -> Result<(), FileError> {
        let is_empty = self.oldest.is_none();
        if is_empty == (self.entries == 0) && is_empty == (self.bytes == 0) { Ok(()) } else { Err(wrong()) }
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

/// The totals, and the database that the entries are for.
///
/// # Errors
///
/// [`FileError::Damaged`] if the row is not what was written, or does not fit the entries.
pub fn read(connection: &Connection) -> Result<(Totals, Option<Uuid>), FileError> {
    let (entries, bytes, database, digest) =
        connection.query_row("select entries, bytes, database, digest from spool", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<[u8; 16]>>(2)?, row.get::<_, [u8; 32]>(3)?))
        })?;
    let (mut totals, database) = (Totals { entries, bytes, oldest: None }, database.map(Uuid::from_bytes));
    if digest != digest_of(&totals, database) {
        return Err(wrong());
    }
    totals.oldest = oldest(connection)?;
    totals.check()?;
    Ok((totals, database))
}

/// Writes the row of a new file.
pub fn insert(connection: &Connection) -> Result<(), FileError> {
    connection.execute("insert into spool values (0, 0, null, ?1)", [digest_of(&Totals::default(), None)])?;
    Ok(())
}

pub fn save(connection: &Connection, totals: &Totals, database: Option<Uuid>) -> Result<(), FileError> {
    totals.check()?;
    let mut update =
        connection.prepare_cached("update spool set entries = ?1, bytes = ?2, database = ?3, digest = ?4")?;
    let digest = digest_of(totals, database);
    let database = database.map(Uuid::into_bytes);
    if update.execute(params![totals.entries, totals.bytes, database, digest])? != 1 {
        return Err(wrong());
    }
    Ok(())
}

/// The totals and the entries contradict each other.
pub fn wrong() -> FileError {
    FileError::Damaged("it does not hold as many entries as it should".to_owned())
}

/// The id of the entry that was received first.
pub fn oldest(connection: &Connection) -> Result<Option<Uuid>, FileError> {
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
