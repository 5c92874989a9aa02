//! Opens the spool's file, and replaces a damaged one with its readable entries.

use std::path::Path;

use uuid::Uuid;

use super::SpoolPage;
use super::entry::{Entry, Sealed};
use super::error::FileError;
use super::file::{FileChanges, SpoolFile};
use super::folder;
use super::rescue::{self, Log};
use crate::failpoints;

/// Bytes of entries that are copied from one file to another at a time.
const COPIED: u64 = 2 << 20;

/// Opens the file in a folder, or what is readable of it.
pub fn open_or_rescue(folder: &Path) -> Result<SpoolFile, FileError> {
    folder::refuse_old(folder)?;
    folder::finish_replacing(folder)?;
    let path = folder::path_in(folder);
    let log = rescue::look_at_log(&path)?;
    match log {
        Log::Whole => {}
        Log::CutOff => tracing::info!("a crash cut off the last change of the spool, which was not acknowledged"),
        Log::Damaged => {
            let copy = folder::copy_log(folder)?;
            tracing::error!(
                file = %copy.display(),
                "the end of the spool's write-ahead log is unreadable: a power failure tore the last change, which was \
                 not acknowledged, or the disk damaged it; a copy of it was kept"
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
pub fn replace_damaged(folder: &Path, why: &str, database: Option<Uuid>) -> Result<(), FileError> {
    let mut fresh = SpoolFile::make_new(folder)?;
    fresh.set_database(database)?;
    let mut group = SyncGroup::default();
    rescue::entries(&folder::path_in(folder), |entry| group.add(entry, &mut fresh))?;
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
pub fn copy(from: &SpoolFile, to: &mut SpoolFile) -> Result<(), FileError> {
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
