//! The spool's folder: the names in it, its lock, and how one file takes the place of another.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::error::FileError;
use crate::failpoints;

/// The name of the spool's file.
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

/// The device and the inode of a file.
pub fn inode(file: &fs::Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
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

/// Puts the new file, which is closed and complete, in the place of the one in the folder, which keeps another name
/// there. Returns that name.
///
/// The order of the steps is what [`finish_replacing`] relies on.
pub fn replace(folder: &Path) -> Result<PathBuf, FileError> {
    remove(&log_of(&folder.join(NEW)))?;
    sync(folder)?;
    let aside = free_name(folder);
    fs::rename(folder.join(NAME), &aside)?;
    failpoints::reach("spool-replacing");
    finish_replacing(folder)?;
    Ok(aside)
}

/// Does the rest of a [replacement](replace) that was interrupted, and removes a new file that never became
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

/// The file in a spool's folder.
pub fn path_in(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

/// The path of a file that is to take the place of a damaged one. Removes what an earlier attempt has left there.
pub fn new_path_in(folder: &Path) -> io::Result<PathBuf> {
    let path = folder.join(NEW);
    remove(&path)?;
    remove(&log_of(&path))?;
    Ok(path)
}

/// Whether a folder has the file of a spool, of this version or an earlier one.
pub fn has_spool(folder: &Path) -> bool {
    let path = path_in(folder);
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

/// Bytes of a file's write-ahead log.
pub fn log_bytes(path: &Path) -> u64 {
    fs::metadata(log_of(path)).map_or(0, |metadata| metadata.len())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes the names in a folder durable.
pub fn sync(folder: &Path) -> Result<(), FileError> {
    Ok(File::open(folder).and_then(|folder| folder.sync_all())?)
}
