//! Reads the entries of a damaged file, and tells whether a crash or damage cut off its write-ahead log.
//!
//! The formats are those of [SQLite's file format](https://sqlite.org/fileformat2.html), sections 1.6, 2.1 and 4. Only
//! what holds entries is read: the cells of table leaves, wherever a page or a frame of the log has one, and their
//! overflow pages. The structure between them, which may be damaged, is not used. An entry is taken if its digests are
//! right, so that a wrong guess does no harm.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use uuid::Uuid;

use super::entry::Entry;
use super::file::PAGE;
use super::folder::log_of;

/// Bytes before the first frame of a log, and before each frame's page.
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const FRAME: u64 = (FRAME_HEADER + PAGE) as u64;

/// The first bytes of a log whose checksums are of little-endian words; of big-endian ones, it is one more.
const MAGIC: u32 = 0x377f_0682;

/// The size of a table leaf's cell on its page: at most, and at least if it has overflow pages, in bytes.
const MAX_LOCAL: usize = PAGE - 35;
const MIN_LOCAL: usize = (PAGE - 12) * 32 / 255 - 23;

/// The size of an overflow page's content, after the number of the next one.
const OVERFLOW: usize = PAGE - 4;

/// The serial type of an id, a blob of sixteen bytes.
const ID_TYPE: u64 = 12 + 2 * 16;

/// The state of a write-ahead log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Log {
    /// SQLite reads all of it, but for changes that were not committed.
    Whole,
    /// A crash cut off its last frame, before its transaction was committed.
    CutOff,
    /// SQLite would not read what follows a wrong checksum.
    Damaged,
}

/// Examines the write-ahead log of a file that is not open.
pub fn look_at_log(file: &Path) -> io::Result<Log> {
    let Some(log) = if_there(&log_of(file))? else { return Ok(Log::Whole) };
    Frames::of(&log).map(|frames| frames.log)
}

/// The frames of a write-ahead log.
struct Frames {
    log: Log,
    /// How many SQLite reads: up to the last commit.
    committed: u64,
    /// How many there are room for.
    count: u64,
}

impl Frames {
    fn of(log: &File) -> io::Result<Self> {
        let length = log.metadata()?.len();
        let count = length.saturating_sub(LOG_HEADER as u64) / FRAME;
        if length < LOG_HEADER as u64 {
            // Its first bytes are written before any frame is.
            return Ok(Self { log: if length == 0 { Log::Whole } else { Log::CutOff }, committed: 0, count });
        }
        let mut header = [0; LOG_HEADER];
        log.read_exact_at(&mut header, 0)?;
        let word = |bytes: &[u8], n: usize| u32::from_be_bytes(bytes[4 * n..4 * n + 4].try_into().expect("four bytes"));
        let magic = word(&header, 0);
        let is_big = magic == MAGIC | 1;
        let mut sum = checksum((0, 0), &header[..24], is_big);
        let (salts, given) = (&header[16..24], (word(&header, 6), word(&header, 7)));
        if magic | 1 != MAGIC | 1 || sum != given {
            return Ok(Self { log: Log::Damaged, committed: 0, count });
        }
        let mut committed = 0;
        let mut frame = vec![0; FRAME_HEADER + PAGE];
        for n in 0..count {
            log.read_exact_at(&mut frame, offset(n))?;
            let (head, page) = frame.split_at(FRAME_HEADER);
            sum = checksum(checksum(sum, &head[..8], is_big), page, is_big);
            if &head[8..16] != salts || (word(head, 4), word(head, 5)) != sum || word(head, 0) == 0 {
                return Ok(Self { log: Log::Damaged, committed, count });
            }
            if word(head, 1) != 0 {
                committed = n + 1;
            }
        }
        let is_cut = offset(committed) < length;
        Ok(Self { log: if is_cut { Log::CutOff } else { Log::Whole }, committed, count })
    }
}

/// Where a frame begins.
fn offset(frame: u64) -> u64 {
    LOG_HEADER as u64 + frame * FRAME
}

/// Where its page begins.
fn page_offset(frame: u64) -> u64 {
    offset(frame) + FRAME_HEADER as u64
}

/// SQLite's checksum of a log, which continues that of the preceding frames.
fn checksum((mut first, mut second): (u32, u32), bytes: &[u8], is_big: bool) -> (u32, u32) {
    let word = |bytes: &[u8]| {
        let bytes = bytes.try_into().expect("four bytes");
        if is_big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    };
    for pair in bytes.chunks_exact(8) {
        first = first.wrapping_add(word(&pair[..4])).wrapping_add(second);
        second = second.wrapping_add(word(&pair[4..])).wrapping_add(first);
    }
    (first, second)
}

/// Calls `take` with every entry that is whole, once for each id. Nobody may have the file open.
pub fn entries<E: From<io::Error>>(file: &Path, take: impl FnMut(Entry) -> Result<(), E>) -> Result<(), E> {
    let disk = Disk::open(file)?;
    disk.entries(disk.current().chain(disk.behind()), take)
}

/// The whole entries in that part of the log which SQLite does not read.
pub fn behind_log(file: &Path) -> io::Result<Vec<Entry>> {
    let disk = Disk::open(file)?;
    let mut entries = Vec::new();
    disk.entries(disk.behind(), |entry| {
        entries.push(entry);
        io::Result::Ok(())
    })?;
    Ok(entries)
}

/// Where a page's bytes are.
#[derive(Debug, Clone, Copy)]
enum At {
    File(u64),
    Log(u64),
}

/// Where to find the newest version of a page, by its number. Those that are missing are in the file.
type View = HashMap<u32, u64>;

/// A file and its write-ahead log.
struct Disk {
    /// `None` if only a log was kept.
    file: Option<File>,
    /// Pages of the file.
    pages: u64,
    log: Option<File>,
    frames: Frames,
    /// The frames that SQLite reads; those and the frames behind them; the file alone.
    views: [View; 3],
}

impl Disk {
    fn open(path: &Path) -> io::Result<Self> {
        let file = if_there(path)?;
        let pages = file.as_ref().map(File::metadata).transpose()?.map_or(0, |file| file.len() / PAGE as u64);
        let log = if_there(&log_of(path))?;
        let frames = log.as_ref().map_or(Ok(Frames { log: Log::Whole, committed: 0, count: 0 }), Frames::of)?;
        let (mut committed, mut all) = (View::new(), View::new());
        if let Some(log) = &log {
            for n in 0..frames.count {
                let mut number = [0; 4];
                log.read_exact_at(&mut number, offset(n))?;
                all.insert(u32::from_be_bytes(number), page_offset(n));
                if n < frames.committed {
                    committed.insert(u32::from_be_bytes(number), page_offset(n));
                }
            }
        }
        Ok(Self { file, pages, log, frames, views: [committed, all, View::new()] })
    }

    /// The contents of the file and the log.
    fn bytes(&self) -> u64 {
        self.pages * PAGE as u64 + self.frames.count * FRAME
    }

    /// Every page as SQLite reads it. Older versions have entries that were deleted.
    fn current(&self) -> impl Iterator<Item = At> + use<'_> {
        let committed = &self.views[0];
        let in_file = (1..=self.pages)
            .filter(|number| u32::try_from(*number).is_ok_and(|number| !committed.contains_key(&number)))
            .map(|number| At::File((number - 1) * PAGE as u64));
        in_file.chain(committed.values().map(|offset| At::Log(*offset)))
    }

    /// The pages in the log that SQLite does not read.
    fn behind(&self) -> impl Iterator<Item = At> + use<> {
        (self.frames.committed..self.frames.count).map(|n| At::Log(page_offset(n)))
    }

    fn entries<E: From<io::Error>>(
        &self,
        places: impl Iterator<Item = At>,
        mut take: impl FnMut(Entry) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut taken = HashSet::new();
        let mut page = vec![0; PAGE];
        for at in places {
            self.read(at, &mut page)?;
            for cell in cells(&page) {
                if taken.contains(&cell.id) || cell.payload as u64 > self.bytes() {
                    continue;
                }
                if let Some(entry) = self.views.iter().find_map(|view| self.entry(&cell, view)) {
                    taken.insert(cell.id);
                    take(entry)?;
                }
            }
        }
        Ok(())
    }

    fn read(&self, at: At, page: &mut [u8]) -> io::Result<()> {
        let (file, offset) = match at {
            At::File(offset) => (&self.file, offset),
            At::Log(offset) => (&self.log, offset),
        };
        file.as_ref().ok_or(io::ErrorKind::UnexpectedEof)?.read_exact_at(page, offset)
    }

    /// The entry of a cell, if it is whole in this view.
    fn entry(&self, cell: &RescuedCell<'_>, view: &View) -> Option<Entry> {
        let mut payload = Vec::with_capacity(cell.payload);
        payload.extend_from_slice(cell.local);
        let mut next = cell.overflow;
        let mut page = vec![0; PAGE];
        while payload.len() < cell.payload {
            let number = next.filter(|number| *number != 0)?;
            let at = match view.get(&number) {
                Some(offset) => At::Log(*offset),
                None => At::File((u64::from(number) - 1) * PAGE as u64),
            };
            self.read(at, &mut page).ok()?;
            let (following, content) = page.split_at(4);
            next = Some(u32::from_be_bytes(following.try_into().ok()?));
            payload.extend_from_slice(&content[..OVERFLOW.min(cell.payload - payload.len())]);
        }
        let body = payload.split_off(cell.header + 16 + cell.head);
        Entry::read(cell.id, &payload[cell.header + 16..], body).ok()
    }
}

fn if_there(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}

/// Bytes that look like an entry's row.
struct RescuedCell<'a> {
    id: Uuid,
    /// Bytes of the whole row, of its header, and of the entry's head.
    payload: usize,
    header: usize,
    head: usize,
    /// The bytes on the page itself.
    local: &'a [u8],
    /// The first page of the rest.
    overflow: Option<u32>,
}

/// The first byte of a page that is a table's leaf.
const LEAF: u8 = 0x0d;

/// The bytes on a page that look like entries' rows. One that says to be a leaf says how many it has; behind those are
/// remains of deleted ones. Any other may be a leaf whose first byte is damaged.
fn cells(page: &[u8]) -> impl Iterator<Item = RescuedCell<'_>> {
    let count = if page[0] == LEAF { usize::from(u16::from_be_bytes([page[3], page[4]])) } else { usize::MAX };
    page[8..].chunks_exact(2).take(count).filter_map(|pointer| {
        let at = usize::from(u16::from_be_bytes([pointer[0], pointer[1]]));
        cell(page.get(at..)?)
    })
}

fn cell(bytes: &[u8]) -> Option<RescuedCell<'_>> {
    let (payload, bytes) = varint(bytes)?;
    let (_row, bytes) = varint(bytes)?;
    let payload = usize::try_from(payload).ok()?;
    let (header, rest) = varint(bytes)?;
    let (id, rest) = varint(rest)?;
    let (head, rest) = varint(rest)?;
    let (body, rest) = varint(rest)?;
    let header = usize::try_from(header).ok()?;
    let is_blob = |serial: u64| serial >= 12 && serial.is_multiple_of(2);
    if id != ID_TYPE || !is_blob(head) || !is_blob(body) || bytes.len() - rest.len() != header {
        return None;
    }
    let (head, body) = (usize::try_from((head - 12) / 2).ok()?, usize::try_from((body - 12) / 2).ok()?);
    if header.checked_add(16)?.checked_add(head)?.checked_add(body)? != payload {
        return None;
    }
    let id = Uuid::from_slice(bytes.get(header..header + 16)?).ok()?;
    if payload <= MAX_LOCAL {
        return Some(RescuedCell { id, payload, header, head, local: bytes.get(..payload)?, overflow: None });
    }
    let surplus = MIN_LOCAL + (payload - MIN_LOCAL) % OVERFLOW;
    let local = if surplus <= MAX_LOCAL { surplus } else { MIN_LOCAL };
    let overflow = u32::from_be_bytes(bytes.get(local..local + 4)?.try_into().ok()?);
    Some(RescuedCell { id, payload, header, head, local: &bytes[..local], overflow: Some(overflow) })
}

/// A number of one to nine bytes, and what follows.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (n, byte) in bytes.iter().take(9).enumerate() {
        if n == 8 {
            return Some((value << 8 | u64::from(*byte), &bytes[9..]));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[n + 1..]));
        }
    }
    None
}
