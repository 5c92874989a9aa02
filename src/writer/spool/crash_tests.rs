//! The spool's real file against what should be in it: killed, cut off by a power failure, with flipped and torn bytes,
//! and with its folder taken away.
//!
//! A kill is a copy of the files of an open spool: the kernel keeps what was written. A power failure is a copy in
//! which only what was synced is certain.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::DateTime;
use proptest::prelude::*;
use tempfile::TempDir;

use super::entry::Sealed;
use super::file::{FileChanges, PAGE};
use super::folder::{Lock, log_of, path_in, unreadable};
use super::*;
use crate::envelope::Receipt;

/// The entries that should be there.
type Model = BTreeMap<Uuid, Entry>;

/// The id of the n-th entry: its bytes are found nowhere else.
fn id(n: u64) -> Uuid {
    Uuid::from_u64_pair(n << 16 | 0x7000, 0x8d1f_5ea9_73c2_b64d ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// An entry whose body is its id, again and again.
fn entry(n: u64, size: usize) -> Entry {
    let receipt = Receipt {
        envelope_id: id(n),
        received_at: DateTime::UNIX_EPOCH,
        sent_at: DateTime::UNIX_EPOCH,
        connection: "prod".to_owned(),
        source_ip: None,
        user_agent: None,
        was_spooled: false,
    };
    Entry { receipt, fault: None, body: id(n).as_bytes().iter().copied().cycle().take(size).collect() }
}

fn thread(folder: &Path) -> SpoolThread {
    let options = SpoolOptions { folder: folder.to_owned(), max: u64::MAX };
    SpoolThread { options, lock: None, file: None, failed: None, shared: Arc::default() }
}

/// A spool, and what it should hold.
struct World {
    folder: TempDir,
    thread: SpoolThread,
    model: Model,
    made: u64,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let mut thread = thread(folder.path());
        thread.file().expect("it opens");
        Self { folder, thread, model: Model::new(), made: 0 }
    }

    fn append(&mut self, sizes: &[usize]) {
        self.change(sizes, &[]);
    }

    /// Appends entries of these sizes, and deletes those of these numbers, modulo those that there are.
    fn change(&mut self, sizes: &[usize], deleted: &[usize]) {
        let entries: Vec<Entry> = sizes.iter().map(|size| entry(self.next(), *size)).collect();
        let ids: Vec<Uuid> = self.model.keys().copied().collect();
        let delete: Vec<Uuid> = deleted.iter().filter(|_| !ids.is_empty()).map(|n| ids[n % ids.len()]).collect();
        let sealed: Vec<Sealed> = entries.iter().cloned().map(Sealed::new).collect();
        let changes = FileChanges { append: sealed.iter().collect(), delete: delete.clone() };
        self.thread.with_file(|file| file.change(&changes)).expect("the disk is well");
        self.model.extend(entries.into_iter().map(|entry| (entry.id(), entry)));
        self.model.retain(|id, _| !delete.contains(id));
    }

    fn next(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    fn file(&self) -> PathBuf {
        path_in(self.folder.path())
    }

    fn check(&mut self) {
        let totals = Totals {
            entries: self.model.len() as u64,
            bytes: self.model.values().map(|entry| Sealed::new(entry.clone()).bytes()).sum(),
            oldest: self.model.keys().next().copied(),
        };
        assert_eq!(self.thread.file().expect("it opens").totals, totals);
        assert_eq!(contents(&mut self.thread), self.model);
    }
}

/// All entries, a few at a time.
fn contents(thread: &mut SpoolThread) -> Model {
    let mut all = Model::new();
    loop {
        let page = SpoolPage { after: all.keys().last().copied(), bytes: 100_000, entries: 5 };
        let found = thread.with_file(|file| file.read(page)).expect("it can be read");
        if found.is_empty() {
            return all;
        }
        all.extend(found.into_iter().map(|entry| (entry.id(), entry)));
    }
}

/// All entries, read and deleted as the drain does it, until the spool says that it is empty.
fn drained(thread: &mut SpoolThread) -> Model {
    let mut all = Model::new();
    while thread.file().expect("it opens").totals.entries > 0 {
        let page = SpoolPage { after: None, bytes: 3_000, entries: 5 };
        let found = thread.with_file(|file| file.read(page)).expect("it can be read");
        let delete: Vec<Uuid> = found.iter().map(Entry::id).collect();
        all.extend(found.into_iter().map(|entry| (entry.id(), entry)));
        let changes = FileChanges { append: Vec::new(), delete };
        thread.with_file(|file| file.change(&changes)).expect("it can be written");
    }
    all
}

/// A file and its write-ahead log.
#[derive(Clone)]
struct Files {
    file: Vec<u8>,
    log: Vec<u8>,
}

impl Files {
    fn of(file: &Path) -> Self {
        Self { file: fs::read(file).expect("it is there"), log: fs::read(log_of(file)).unwrap_or_default() }
    }

    /// A spool that starts with them.
    fn start(&self) -> (TempDir, SpoolThread) {
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let path = path_in(folder.path());
        fs::write(&path, &self.file).expect("it can be written");
        fs::write(log_of(&path), &self.log).expect("it can be written");
        let thread = thread(folder.path());
        (folder, thread)
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![4 => 0..400_usize, 4 => 400..4_000_usize, 1 => 0..70_000_usize]
}

#[derive(Debug, Clone)]
enum Step {
    Change { append: Vec<usize>, delete: Vec<usize> },
    Kill,
    Idle,
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (prop::collection::vec(size(), 0..4), prop::collection::vec(any::<usize>(), 0..3))
            .prop_map(|(append, delete)| Step::Change { append, delete }),
        2 => Just(Step::Kill),
        1 => Just(Step::Idle),
        1 => Just(Step::Drain),
    ]
}

/// Some entries in the file, some in the log, some deleted again.
fn history() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..12)
}

impl World {
    fn of(steps: Vec<Step>) -> Self {
        let mut world = Self::new();
        for step in steps {
            match step {
                Step::Change { append, delete } => world.change(&append, &delete),
                Step::Kill => (world.folder, world.thread) = Files::of(&world.file()).start(),
                Step::Idle => world.thread.empty_log(),
                Step::Drain => {
                    assert_eq!(drained(&mut world.thread), world.model);
                    world.model.clear();
                }
            }
            world.check();
        }
        assert!(unreadable(world.folder.path()).is_empty(), "nothing was damaged");
        world
    }
}

/// The damage to some bytes.
#[derive(Debug, Clone)]
enum Damage {
    Flip(u8),
    /// A sector that was never written.
    Zero(usize),
    /// A sector with something else.
    Noise(usize),
    /// The end is missing.
    Cut,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_file_and_the_model_hold_the_same_entries(steps in prop::collection::vec(step(), 1..25)) {
        World::of(steps);
    }

    #[test]
    fn damage_costs_no_more_than_the_entries_that_it_hits(
        steps in history(),
        more in prop::collection::vec(size(), 1..4),
        (in_log, at, damage) in (any::<bool>(), any::<usize>(), prop_oneof![
            4 => (0..8_u8).prop_map(|bit| Damage::Flip(1 << bit)),
            1 => (1..2_000_usize).prop_map(Damage::Zero),
            1 => (1..2_000_usize).prop_map(Damage::Noise),
            1 => Just(Damage::Cut),
        ]),
    ) {
        let mut world = World::of(steps);
        world.append(&more);
        let whole = Files::of(&world.file());
        let mut damaged = whole.clone();
        let (before, bytes) = if in_log && !whole.log.is_empty() {
            (&whole.log, &mut damaged.log)
        } else {
            (&whole.file, &mut damaged.file)
        };
        let at = at % bytes.len();
        let until = match damage {
            Damage::Flip(bits) => {
                bytes[at] ^= bits;
                at + 1
            }
            Damage::Zero(length) | Damage::Noise(length) => {
                let until = (at + length).min(bytes.len());
                let noise = matches!(damage, Damage::Noise(_));
                let mut random = 17_u8;
                for byte in &mut bytes[at..until] {
                    random = random.wrapping_mul(141).wrapping_add(75);
                    *byte = if noise { random } else { 0 };
                }
                until
            }
            Damage::Cut => {
                bytes.truncate(at);
                before.len()
            }
        };
        // The pages, or frames of the log, that it touches.
        let hit = &before[at.saturating_sub(PAGE + 32)..(until + PAGE + 32).min(before.len())];
        let (folder, mut thread) = damaged.start();
        let found = drained(&mut thread);
        let missing: Vec<&Uuid> = world.model.keys().filter(|id| !found.contains_key(id)).collect();
        for id in &missing {
            let text = id.to_string();
            prop_assert!(contains(hit, id.as_bytes()) || contains(hit, text.as_bytes()), "{id} was not hit");
        }
        for (id, entry) in &found {
            prop_assert!(world.model.get(id).is_none_or(|written| written == entry), "{id} is another");
        }
        // Without its end, a log looks like one that a crash cut off, and SQLite reads it like that.
        let is_told = !unreadable(folder.path()).is_empty() || (in_log && matches!(damage, Damage::Cut));
        prop_assert!(missing.is_empty() || is_told, "{missing:?} are missing, and nothing says so");
    }

    #[test]
    fn a_power_failure_while_changes_are_written_takes_nothing_that_was_acknowledged(
        steps in history(),
        append in prop::collection::vec(size(), 1..4),
        delete in prop::collection::vec(any::<usize>(), 0..3),
        seed in any::<u64>(),
    ) {
        let mut world = World::of(steps);
        let (before, acknowledged) = (Files::of(&world.file()), world.model.clone());
        world.change(&append, &delete);
        let mut after = Files::of(&world.file());
        prop_assume!(after.log.starts_with(&before.log));
        // Any part of the bytes after the last sync may have been written.
        let mut random = seed;
        for sector in after.log[before.log.len()..].chunks_mut(512) {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if random >> 62 == 0 {
                sector.fill(0);
            }
        }
        let length = after.log.len() - before.log.len();
        if seed % 3 == 0 {
            after.log.truncate(before.log.len() + (random >> 33) as usize % (length + 1));
        }
        let (_folder, mut thread) = after.start();
        let found = contents(&mut thread);
        for (id, entry) in &acknowledged {
            prop_assert!(found.get(id) == Some(entry) || !world.model.contains_key(id), "{id} is missing");
        }
        for (id, entry) in &found {
            prop_assert!(acknowledged.get(id).or(world.model.get(id)) == Some(entry), "{id} is another");
        }
    }

    #[test]
    fn a_power_failure_while_the_log_is_copied_takes_nothing(steps in history(), seed in any::<u64>()) {
        let mut world = World::of(steps);
        world.append(&[700]);
        let before = Files::of(&world.file());
        world.thread.empty_log();
        let after = Files::of(&world.file());
        // Any pages of the file are written, and the log is not empty yet.
        let mut mixed = before.clone();
        mixed.file.resize(before.file.len().max(after.file.len()), 0);
        let mut random = seed;
        for (n, page) in after.file.chunks(PAGE).enumerate() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if random >> 63 == 0 {
                mixed.file[n * PAGE..n * PAGE + page.len()].copy_from_slice(page);
            }
        }
        let (folder, mut thread) = mixed.start();
        prop_assert_eq!(contents(&mut thread), world.model);
        prop_assert!(unreadable(folder.path()).is_empty());
    }
}

/// Bytes of the files of a spool, without its reserve.
fn length(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).expect("it is there").flatten();
    files
        .filter(|file| file.file_name() != "spool.reserve")
        .map(|file| file.metadata().expect("it is there").len())
        .sum()
}

#[test]
fn the_file_is_little_longer_than_its_entries_and_gives_space_back() {
    for (size, count) in
        [(0, 3_000), (150, 3_000), (600, 2_000), (1_200, 2_000), (2_100, 1_000), (30_000, 100), (1_050_000, 6)]
    {
        let mut world = World::new();
        for _ in 0..count / 2 {
            world.append(&[size, size]);
        }
        world.thread.empty_log();
        let holds = |world: &mut World| world.thread.file().expect("it opens").totals.bytes;
        let (bytes, long) = (holds(&mut world), length(world.folder.path()));
        assert!(long * 10 <= bytes * 12, "{size}: {long} bytes for {bytes}");
        // The oldest half goes, a few at a time.
        let half: Vec<Uuid> = world.model.keys().take(count / 2).copied().collect();
        for ids in half.chunks(7) {
            let changes = FileChanges { append: Vec::new(), delete: ids.to_vec() };
            world.thread.with_file(|file| file.change(&changes)).expect("the disk is well");
        }
        world.model.retain(|id, _| !half.contains(id));
        world.thread.empty_log();
        let (bytes, long) = (holds(&mut world), length(world.folder.path()));
        assert!(long * 10 <= bytes * 12 + 163_840, "{size}: {long} bytes for the {bytes} that are left");
        world.check();
        drained(&mut world.thread);
        world.thread.empty_log();
        assert!(length(world.folder.path()) < 16_384, "{size}: {} bytes for nothing", length(world.folder.path()));
        let left = Files::of(&world.file());
        for n in 1..=world.made {
            let is_gone = !contains(&left.file, id(n).as_bytes()) && left.log.is_empty();
            assert!(is_gone, "{size}: there is something left of {n}");
        }
    }
}

#[test]
fn entries_move_to_another_file_if_theirs_is_taken_away() {
    for what in ["the folder", "the file", "the log", "the lock", "a copy"] {
        let mut world = World::new();
        world.append(&[100, 30_000]);
        world.thread.empty_log();
        world.append(&[5_000]);
        let (folder, file) = (world.folder.path(), world.file());
        let removed = match what {
            "the folder" => fs::remove_dir_all(folder),
            "the file" => fs::remove_file(file),
            "the log" => fs::remove_file(log_of(&file)),
            "the lock" => fs::remove_file(folder.join("spool.lock")),
            _ => fs::copy(&file, folder.join("copy")).and_then(|_| fs::rename(folder.join("copy"), &file)),
        };
        removed.expect("it is there");
        world.append(&[200]);
        world.check();
        // A kill, and another process.
        let (_folder, mut next) = Files::of(&world.file()).start();
        assert_eq!(contents(&mut next), world.model, "{what}");
        assert!(Lock::take(world.folder.path()).is_err(), "{what}: it is locked");
    }
}

#[test]
fn nothing_is_appended_while_the_folder_cannot_be_made_again() {
    let parent = tempfile::tempdir().expect("there is a temporary folder");
    let folder = parent.path().join("spool");
    let mut thread = thread(&folder);
    let append = |thread: &mut SpoolThread, n: u64| {
        let sealed = Sealed::new(entry(n, 100));
        let changes = FileChanges { append: vec![&sealed], delete: Vec::new() };
        thread.failed = None; // no pause between two tries
        thread.with_file(|file| file.change(&changes))
    };
    append(&mut thread, 1).expect("the disk is well");
    fs::remove_dir_all(&folder).expect("it is there");
    fs::write(&folder, "in its way").expect("the name is free");
    append(&mut thread, 2).expect_err("there is no folder");
    append(&mut thread, 3).expect_err("there is no folder");
    fs::remove_file(&folder).expect("it is there");
    append(&mut thread, 4).expect("the folder is made again");
    assert_eq!(contents(&mut thread).into_keys().collect::<Vec<_>>(), [id(1), id(4)]);
}

#[test]
fn a_file_that_is_not_a_spool_is_moved_aside() {
    let mut newer = World::new();
    newer.append(&[100]);
    newer.thread.empty_log();
    let mut newer = fs::read(newer.file()).expect("it is there");
    newer[63] = 7; // user_version, in SQLite's header
    for (content, entries) in [(b"an operator's notes".to_vec(), 0), (newer, 1), (vec![0; 5_000], 0)] {
        let (folder, mut thread) = Files { file: content.clone(), log: Vec::new() }.start();
        assert_eq!(contents(&mut thread).len(), entries);
        let aside = unreadable(folder.path());
        assert_eq!(aside.len(), 1);
        assert_eq!(fs::read(&aside[0]).expect("it is there"), content);
    }
}

#[test]
fn a_file_of_an_earlier_version_is_an_error() {
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    fs::write(folder.path().join("spool.redb"), "").expect("it can be written");
    let error = Spool::open(SpoolOptions { folder: folder.path().to_owned(), max: 1 }).expect_err("it is not read");
    assert!(error.to_string().contains("spool.redb holds deliveries"), "{error}");
}
