//! The spool's file against a model in memory, on a disk that loses power, runs full and loses bits.
//!
//! The disk keeps what was synced. Of what was written since, a crash keeps any part: each write whole, cut off in the
//! middle, or not at all. What reads see is what was written, as with a page cache.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::DateTime;
use proptest::prelude::*;
use redb::StorageBackend;
use uuid::Uuid;

use super::Page;
use super::entry::{Entry, Sealed};
use super::file::{Changes, FileError, Found, SpoolFile, Totals};
use crate::envelope::Receipt;

#[derive(Debug, Clone, Default)]
struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    durable: Vec<u8>,
    /// What reads see.
    written: Vec<u8>,
    /// What was written since the last sync.
    pending: Vec<Write>,
    /// What goes wrong, and after how many operations that change the disk.
    trouble: Option<(u32, Trouble)>,
    dead: bool,
}

#[derive(Debug, Clone)]
enum Write {
    Bytes(usize, Vec<u8>),
    Length(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// The power fails, and all that follows.
    Crash,
    /// One operation fails, and those after it work.
    Error,
}

impl Write {
    fn apply(&self, disk: &mut Vec<u8>) {
        match self {
            Self::Bytes(at, bytes) => {
                if disk.len() < at + bytes.len() {
                    disk.resize(at + bytes.len(), 0);
                }
                disk[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Self::Length(length) => disk.resize(*length, 0),
        }
    }
}

impl State {
    /// Whether an operation that changes the disk works.
    fn check(&mut self) -> io::Result<()> {
        if self.dead {
            return Err(io::Error::other("the power is off"));
        }
        match &mut self.trouble {
            Some((0, Trouble::Crash)) => {
                self.dead = true;
                Err(io::Error::other("the power fails"))
            }
            Some((0, Trouble::Error)) => {
                self.trouble = None;
                Err(io::ErrorKind::StorageFull.into())
            }
            Some((left, _)) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn write(&mut self, write: Write) -> io::Result<()> {
        self.check()?;
        write.apply(&mut self.written);
        self.pending.push(write);
        Ok(())
    }
}

impl Disk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn expect(&self, trouble: Trouble, after: u32) {
        self.state().trouble = Some((after, trouble));
    }

    /// The power comes back.
    ///
    /// * `seed`: which part of what was not synced is there
    fn restart(&self, mut seed: u64) {
        let mut state = self.state();
        let mut after = std::mem::take(&mut state.durable);
        for write in std::mem::take(&mut state.pending) {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            match (seed >> 33) % 3 {
                0 => {}
                1 => write.apply(&mut after),
                _ => {
                    if let Write::Bytes(at, mut bytes) = write {
                        bytes.truncate((seed >> 40) as usize % (bytes.len() + 1));
                        Write::Bytes(at, bytes).apply(&mut after);
                    }
                }
            }
        }
        *state = State { written: after.clone(), durable: after, ..State::default() };
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().written.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        if state.dead {
            return Err(io::Error::other("the power is off"));
        }
        let at = usize::try_from(offset).map_err(io::Error::other)?;
        let bytes = state.written.get(at..at + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.state().write(Write::Length(usize::try_from(len).map_err(io::Error::other)?))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state();
        state.check()?;
        for write in std::mem::take(&mut state.pending) {
            write.apply(&mut state.durable);
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.state().write(Write::Bytes(usize::try_from(offset).map_err(io::Error::other)?, data.to_owned()))
    }
}

/// One step. Sizes are in bytes; which entries a step means is a number, taken modulo those that there are.
#[derive(Debug, Clone)]
enum Step {
    /// Appends entries of these sizes in one transaction, and deletes others in the same one.
    Change { append: Vec<usize>, delete: Vec<usize> },
    /// Reads the oldest entries, and deletes them.
    Drain { entries: usize, bytes: u64 },
    /// The next change meets this, after so many operations.
    Trouble { trouble: Trouble, after: u32 },
    /// Closes the file and opens it.
    Reopen,
    /// The power fails, whatever is done; and again while the file is opened, after so many operations.
    Crash { seed: u64, again: Option<u32> },
    /// A bit is flipped: in one of the bytes that are not zero, while the file is closed or after a crash.
    Flip { at: usize, bit: u8, crash: Option<u64> },
}

/// The byte of redb's header that says which of its two commits is the last.
const STATE: usize = 9;

fn step() -> impl Strategy<Value = Step> {
    let size = prop_oneof![4 => 0..400_usize, 1 => 0..70_000_usize];
    let after = 0..40_u32;
    prop_oneof![
        6 => (prop::collection::vec(size, 0..4), prop::collection::vec(any::<usize>(), 0..3))
            .prop_map(|(append, delete)| Step::Change { append, delete }),
        2 => (1..6_usize, 1..100_000_u64).prop_map(|(entries, bytes)| Step::Drain { entries, bytes }),
        3 => (prop_oneof![Just(Trouble::Crash), Just(Trouble::Error)], after.clone())
            .prop_map(|(trouble, after)| Step::Trouble { trouble, after }),
        1 => Just(Step::Reopen),
        2 => (any::<u64>(), prop::option::of(after)).prop_map(|(seed, again)| Step::Crash { seed, again }),
        3 => (prop_oneof![Just(STATE), 0..100_usize, any::<usize>()], 0..8_u8, prop::option::of(any::<u64>()))
            .prop_map(|(at, bit, crash)| Step::Flip { at, bit, crash }),
    ]
}

type Model = BTreeMap<Uuid, Entry>;

/// The file, the disk that it is on, and what it should hold.
struct World {
    disk: Disk,
    file: Option<SpoolFile>,
    model: Model,
    made: u64,
}

impl World {
    fn new() -> Self {
        let disk = Disk::default();
        let file = SpoolFile::open_on(disk.clone()).expect("the disk is well");
        Self { disk, file: Some(file), model: Model::new(), made: 0 }
    }

    fn entry(&mut self, size: usize) -> Entry {
        self.made += 1;
        let receipt = Receipt {
            envelope_id: Uuid::from_u128(self.made.into()),
            received_at: DateTime::UNIX_EPOCH,
            sent_at: DateTime::UNIX_EPOCH,
            connection: "prod".to_owned(),
            source_ip: None,
            user_agent: None,
        };
        let pattern = self.made.to_le_bytes();
        Entry { receipt, fault: None, body: pattern.iter().copied().cycle().take(size).collect() }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Change { append, delete } => {
                let append: Vec<Entry> = append.into_iter().map(|size| self.entry(size)).collect();
                let ids: Vec<Uuid> = self.model.keys().copied().collect();
                let delete =
                    if ids.is_empty() { Vec::new() } else { delete.iter().map(|n| ids[n % ids.len()]).collect() };
                self.change(append, delete);
            }
            Step::Drain { entries, bytes } => {
                let page = Page { after: None, bytes, entries };
                let read = self.file().read(page).expect("the disk is well");
                let ids: Vec<Uuid> = read.iter().map(|found| found.id).collect();
                assert_eq!(ids, self.model.keys().take(ids.len()).copied().collect::<Vec<_>>(), "they are the oldest");
                assert!(!ids.is_empty() || self.model.is_empty(), "there is one, whatever its size");
                self.change(Vec::new(), ids);
            }
            Step::Trouble { trouble, after } => self.disk.expect(trouble, after),
            Step::Reopen => {
                self.file = None;
                self.open_again(0);
            }
            Step::Crash { seed, again } => {
                self.crash(seed);
                if let Some(after) = again {
                    self.disk.expect(Trouble::Crash, after);
                }
                self.open_again(seed);
            }
            Step::Flip { at, bit, crash } => self.flip(at, bit, crash),
        }
    }

    fn crash(&mut self, seed: u64) {
        self.disk.expect(Trouble::Crash, 0);
        self.file = None;
        self.disk.restart(seed);
    }

    fn file(&mut self) -> &mut SpoolFile {
        self.file.as_mut().expect("it is open between two steps")
    }

    /// Changes the file, which does all of it or nothing; all of it, if it says so.
    fn change(&mut self, append: Vec<Entry>, delete: Vec<Uuid>) {
        let before = self.model.clone();
        let mut after = before.clone();
        let sealed: Vec<Sealed> = append.iter().cloned().map(Sealed::new).collect();
        after.extend(append.into_iter().map(|entry| (entry.id(), entry)));
        after.retain(|id, _| !delete.contains(id));
        let changes = Changes { append: sealed.iter().collect(), delete };
        match self.file().change(&changes) {
            Ok(()) => self.model = after,
            Err(FileError::Io(_)) => {
                self.file = None;
                self.open(&[before, after], self.made);
            }
            Err(error) => panic!("{error} is no error of a disk"),
        }
    }

    fn open_again(&mut self, seed: u64) {
        let model = self.model.clone();
        self.open(&[model], seed);
    }

    /// Opens the file, as often as the disk needs it, and checks that it holds one of the models.
    fn open(&mut self, models: &[Model], seed: u64) {
        let file = loop {
            match SpoolFile::open_on(self.disk.clone()) {
                Ok(file) => break file,
                Err(FileError::Io(_)) => {
                    if self.disk.state().dead {
                        self.disk.restart(seed);
                    }
                }
                Err(error) => panic!("{error}, after a crash"),
            }
        };
        let found = contents(&file).into_iter().map(|found| (found.id, found.entry.expect("it is whole"))).collect();
        assert!(models.contains(&found), "found {:?}", found.keys());
        self.model = found;
        self.file = Some(file);
    }

    /// Flips a bit of the file: nothing may come of it but what was there, or an error.
    fn flip(&mut self, at: usize, bit: u8, crash: Option<u64>) {
        if let Some(seed) = crash {
            self.crash(seed);
        } else {
            self.disk.state().trouble = None;
            self.file = None;
        }
        let whole = self.disk.state().durable.clone();
        let mut flipped = whole.clone();
        let set: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != 0).collect();
        flipped[set[at % set.len()]] ^= 1 << bit;
        *self.disk.state() = State { durable: flipped.clone(), written: flipped, ..State::default() };
        let disk = self.disk.clone();
        match std::panic::catch_unwind(move || SpoolFile::open_on(disk)) {
            Ok(Ok(file)) => {
                let found = contents(&file);
                assert_eq!(
                    found.iter().map(|found| found.id).collect::<Vec<_>>(),
                    self.model.keys().copied().collect::<Vec<_>>()
                );
                for Found { id, entry } in found {
                    assert!(entry.is_err() || entry.ok().as_ref() == self.model.get(&id), "{id} is another");
                }
            }
            Ok(Err(FileError::Unreadable(_))) | Err(_) => {}
            Ok(Err(error)) => panic!("{error} is an error that passes"),
        }
        *self.disk.state() = State { durable: whole.clone(), written: whole, ..State::default() };
        self.open_again(0);
    }

    fn check(&mut self) {
        let totals = Totals {
            entries: self.model.len() as u64,
            bytes: self.model.values().map(|entry| Sealed::new(entry.clone()).bytes()).sum(),
            oldest: self.model.keys().next().copied(),
        };
        assert_eq!(self.file().totals, totals);
    }
}

/// All entries, a few at a time.
fn contents(file: &SpoolFile) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    loop {
        let page = Page { after: all.last().map(|found| found.id), bytes: 100_000, entries: 5 };
        let found = file.read(page).expect("it can be read");
        if found.is_empty() {
            return all;
        }
        all.extend(found);
    }
}

proptest! {
    #[test]
    fn the_file_holds_what_the_model_holds(steps in prop::collection::vec(step(), 1..30)) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
            world.check();
        }
    }
}
