//! Files that were moved aside: damaged ones, and deliveries that the database does not take.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::entry::{Entry, Sealed};
use super::error::FileError;
use super::file::{FileChanges, SpoolFile};
use super::folder::{Lock, log_of, path_in, unreadable};
use super::rescue;
use crate::failpoints;

/// The folder for entries that cannot be drained.
const SET_ASIDE: &str = "set-aside";

/// Files with acknowledged deliveries that polysink cannot store by itself: damaged files, and the bodies of deliveries
/// that the database does not take. They stay in a spool's folder until an operator has dealt with them.
pub fn set_aside(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join(SET_ASIDE)).into_iter().flatten().flatten().map(|file| file.path());
    let mut bodies: Vec<PathBuf> = entries.filter(|path| is_body(path)).collect();
    bodies.sort();
    let mut files = unreadable(folder);
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
    let other = if is_body(file) { file.with_extension("head") } else { log_of(file) };
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
    let _lock = if path == path_in(folder) { Some(Lock::take(folder).map_err(io::Error::other)?) } else { None };
    rescue::entries(path, take)
}

/// Writes an entry's parts to files, and then deletes it.
pub fn set_aside_entry(spool: &mut SpoolFile, folder: &Path, id: Uuid) -> Result<PathBuf, FileError> {
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
