//! The thread that owns the spool's file: serves all waiting requests in one transaction, with one fsync.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::aside::set_aside_entry;
use super::entry::{Entry, Sealed};
use super::error::FileError;
use super::file::{FileChanges, Place, SpoolFile};
use super::folder::{self, Lock};
use super::open::{copy, open_or_rescue, replace_damaged};
use super::{Reply, Shared, SpoolError, SpoolOptions, SpoolPage, SpoolRequest};
use crate::failpoints;

/// After so long without a request, the write-ahead log is copied into the file.
const IDLE: Duration = Duration::from_secs(1);

/// A file that could not be opened is tried again after so long.
const OPEN_AGAIN: Duration = Duration::from_millis(500);

/// The thread's state.
pub struct SpoolThread {
    pub options: SpoolOptions,
    pub lock: Option<Lock>,
    pub file: Option<SpoolFile>,
    /// When and why the file could not be opened.
    pub failed: Option<(Instant, FileError)>,
    pub shared: Arc<Shared>,
}

impl SpoolThread {
    pub fn run(mut self, requests: &Receiver<SpoolRequest>) {
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

    pub fn empty_log(&mut self) {
        if self.file.as_mut().is_some_and(SpoolFile::try_empty_log) {
            folder::make_reserve(&self.options.folder);
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
        folder::free_reserve(&self.options.folder);
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
    pub fn with_file<T>(&mut self, work: impl Fn(&mut SpoolFile) -> Result<T, FileError>) -> Result<T, SpoolError> {
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
    pub fn file(&mut self) -> Result<&mut SpoolFile, FileError> {
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
            folder::make_reserve(&self.options.folder);
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
                    tracing::warn!(
                        folder = %folder.display(),
                        "the spool's write-ahead log was removed; making another"
                    );
                    file.empty_log()?;
                    self.file = None;
                    self.file = Some(open_or_rescue(folder)?);
                }
                Place::Gone => {
                    let deliveries = file.totals.entries;
                    tracing::warn!(
                        folder = %folder.display(), deliveries,
                        "the spool's file was removed or replaced; making another"
                    );
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

type Append = (Sealed, Reply<()>);
type Delete = (Vec<Uuid>, Reply<()>);

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
