//! The comparison itself.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{self, Read};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::read::{ReadLimits, Unreadable, each_record};
use super::traces::{ArrivedTraces, Trace, Traces};
use crate::columns::EntityKeys;
use crate::envelope::elements_of_body;
use crate::model::SyncId;
use crate::polytomic::api::{ApiError, Client, LogKind, SyncConfig};
use crate::store::tables::heads::{self, Window};
use crate::store::tables::run_logs::LogCounts;
use crate::store::tables::runs::BORDER;
use crate::store::tables::sent_bodies::SentBody;
use crate::store::tables::{erasures, fields, sent_bodies, syncs};
use crate::store::{Erasure, Store, StoreError};

/// Parts of a log that wait to be read.
const PARTS: usize = 4;

/// How many missing records are named, and how much of one without a key is shown.
const MOST_KEYS: usize = 10_000;
const SHOWN_BYTES: usize = 300;

/// Limits of a comparison.
#[derive(Debug, Clone, Copy)]
pub struct LogLimits {
    /// Records that have arrived since the run began; each takes 9 bytes of memory.
    pub records: usize,
    /// Bytes of the log.
    pub bytes: u64,
    /// Bytes of one record in it.
    pub record_bytes: u64,
    /// Time to read the log.
    pub time: Duration,
}

impl Default for LogLimits {
    fn default() -> Self {
        Self { records: 5_000_000, bytes: 16 << 30, record_bytes: 16 << 20, time: Duration::from_secs(1_800) }
    }
}

/// A run whose log is compared.
#[derive(Debug, Clone)]
pub struct RunLog {
    pub sync_id: SyncId,
    /// Polytomic's id of the sync.
    pub source_id: SyncId,
    pub execution_id: String,
    pub started_at: DateTime<Utc>,
    pub completed_at: DateTime<Utc>,
    /// How many records the log has at least, if it has all of them; `None` if that is not known.
    pub expected: Option<u64>,
    /// Whether deliveries of another run can have been sent in its time.
    pub overlaps: bool,
}

/// The result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogComparison {
    pub counts: LogCounts,
    /// The keys of records that have not arrived, as in `_key`; of a record without a key, the beginning of its fields.
    /// Not all of them if they are many.
    pub missing: BTreeSet<String>,
    /// Whether all of those have a key.
    pub have_keys: bool,
}

/// Why a log cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Api(#[from] ApiError),
    #[error("Polytomic has no log of it")]
    None,
    #[error("the log cannot be read: {0}")]
    Unreadable(#[from] Unreadable),
    #[error("the log could not be read within {} minutes", .0.as_secs() / 60)]
    TooSlow(Duration),
    #[error("the deliveries of its time are not kept any more")]
    NotKept,
    #[error("more than {0} records have arrived since it began, which is too many to compare each")]
    TooMany(usize),
    #[error("{0} of the log's {1} records have no field of the sync: its format is another one")]
    OtherFields(u64, u64),
    #[error("none of the log's {0} records is like one that arrived: its format is another one")]
    OtherFormat(u64),
    #[error("the log has {0} records, and not all: at least {1} were sent")]
    Partial(u64, u64),
    #[error("another run was in progress, and it is not known how many records the log should have")]
    Unbounded,
    #[error(
        "records were erased that have come since, and without keys it is not known whether they are those missing"
    )]
    Erased,
    #[error("the log has several records of one entity, and it is not known whether each of them arrived")]
    Repeated,
}

impl RunLog {
    /// Compares the log with what has arrived since the run began.
    ///
    /// * `reach`: how far the time at which a delivery was sent may be from its receipt
    ///
    /// # Errors
    ///
    /// [`LogError`]; then the log says nothing about the run.
    pub async fn compare(
        &self,
        store: &Store,
        client: &Client,
        reach: TimeDelta,
        limits: &LogLimits,
        now: DateTime<Utc>,
    ) -> Result<LogComparison, LogError> {
        self.links(client).await?;
        let config = client.sync(self.source_id).await?;
        let traces = self.traces(store, &config).await?;
        let window = Window { since: self.started_at - BORDER, until: now + reach, reach };
        let Arrived { traces: arrived, in_run, erased } = self.arrived(store, &traces, window, limits.records).await?;
        let mut session = store.begin().await?;
        let erasures = erasures::reaching(&mut session, window.since - reach).await?;
        session.commit().await?;
        // Again: they are valid for a short time.
        let links = self.links(client).await?;
        let reader = LogReader {
            traces,
            arrived,
            erasures: erasures.into_iter().filter(|erasure| erasure.is_of(self.source_id)).collect(),
            found: Found::default(),
            read: Cell::new(0),
        };
        let found = timeout(limits.time, read_logs(client, links, reader, limits)).await;
        let found = found.map_err(|_| LogError::TooSlow(limits.time))??;
        if erased && !found.have_keys {
            return Err(LogError::Erased);
        }
        self.conclude(found, in_run)
    }

    /// The links to the log.
    async fn links(&self, client: &Client) -> Result<Vec<String>, LogError> {
        let links = client.log(self.source_id, &self.execution_id, LogKind::Records).await?.urls;
        if links.is_empty() { Err(LogError::None) } else { Ok(links) }
    }

    async fn traces(&self, store: &Store, config: &SyncConfig) -> Result<Traces, StoreError> {
        let catalogue = fields::catalogue(store, self.sync_id).await?;
        let sync = syncs::find(store, self.sync_id).await?;
        let keys = sync.map_or(EntityKeys::of(None), |sync| sync.entity_keys(&catalogue));
        let names: HashSet<String> = catalogue.fields().iter().map(|field| field.name.clone()).collect();
        let sources: BTreeMap<&str, &str> =
            config.fields.iter().map(|field| (field.target.as_str(), field.field.as_str())).collect();
        Ok(Traces::new(keys, names, &sources))
    }

    /// The records of the deliveries that were sent since the run began.
    async fn arrived(&self, store: &Store, traces: &Traces, window: Window, most: usize) -> Result<Arrived, LogError> {
        let mut session = store.begin().await?;
        let begins = sent_bodies::begin(&mut session).await?;
        let part = (self.started_at, self.completed_at);
        let (sent, _) = heads::count_records(&mut session, self.sync_id, window, part).await?;
        session.commit().await?;
        if begins.is_some_and(|begins| self.started_at < begins) {
            return Err(LogError::NotKept);
        }
        if usize::try_from(sent).unwrap_or(0) > most {
            return Err(LogError::TooMany(most));
        }
        let (mut in_run, mut later): (Vec<Trace>, Vec<Trace>) = Default::default();
        let (mut after, mut erased) = (None, false);
        loop {
            let mut session = store.begin().await?;
            let on_body = |body: SentBody| {
                let is_of_run = body.sent_at <= self.completed_at + BORDER;
                erased |= body.erased;
                for element in elements_of_body(&body.json).unwrap_or_default() {
                    let trace = element.fields.and_then(|fields| traces.of_arrived(&fields));
                    if is_of_run { in_run.extend(trace) } else { later.extend(trace) }
                }
            };
            after = sent_bodies::page(&mut session, self.sync_id, window, after, on_body).await?;
            session.commit().await?;
            if in_run.len() + later.len() > most {
                return Err(LogError::TooMany(most));
            }
            if after.is_none() {
                break;
            }
        }
        in_run.sort_unstable();
        in_run.dedup();
        let sent_in_it = in_run.len() as u64;
        later.append(&mut in_run);
        Ok(Arrived { traces: ArrivedTraces::of(later), in_run: sent_in_it, erased })
    }

    /// * `in_run`: how many different records arrived that were sent in it
    fn conclude(&self, found: Found, in_run: u64) -> Result<LogComparison, LogError> {
        let Found { records, unlike, absent, logged, .. } = found;
        let at_least = self.expected.unwrap_or(0).max(if self.overlaps { 0 } else { in_run });
        if unlike > 0 {
            return Err(LogError::OtherFields(unlike, records));
        }
        if absent == records && in_run > 0 {
            return Err(LogError::OtherFormat(records));
        }
        if absent == 0 && records < at_least.max(1) {
            return Err(LogError::Partial(records, at_least));
        }
        if absent == 0 && self.overlaps && self.expected.is_none() {
            return Err(LogError::Unbounded);
        }
        if absent == 0 && logged < records && in_run < records {
            return Err(LogError::Repeated);
        }
        let counts = LogCounts { records, absent };
        Ok(LogComparison { counts, missing: found.missing, have_keys: found.have_keys })
    }
}

/// The records that have arrived since the run began.
struct Arrived {
    traces: ArrivedTraces,
    /// How many different records were sent in it.
    in_run: u64,
    /// Whether records were erased from the deliveries.
    erased: bool,
}

/// The contents of the log.
#[derive(Debug)]
struct Found {
    records: u64,
    /// Records without a field of the sync.
    unlike: u64,
    absent: u64,
    /// Arrived records that the log has, each once.
    logged: u64,
    missing: BTreeSet<String>,
    have_keys: bool,
}

impl Default for Found {
    fn default() -> Self {
        Self { records: 0, unlike: 0, absent: 0, logged: 0, missing: BTreeSet::new(), have_keys: true }
    }
}

/// Reads the parts of a run's log, one after another.
struct LogReader {
    traces: Traces,
    arrived: ArrivedTraces,
    erasures: Vec<Erasure>,
    found: Found,
    /// Bytes.
    read: Cell<u64>,
}

impl LogReader {
    fn read(mut self, log: impl Read, limits: ReadLimits) -> Result<Self, Unreadable> {
        let read = std::mem::take(&mut self.read);
        let result = each_record(log, limits, &read, &mut |entry| self.note(entry));
        self.read = read;
        result.map(|()| self)
    }

    fn note(&mut self, entry: &str) {
        self.found.records += 1;
        let Some(record) = self.traces.of_logged(entry) else {
            self.found.unlike += 1;
            return;
        };
        let is_erased = || self.erasures.iter().any(|erasure| erasure.has(None, Some(&record.fields)));
        if self.arrived.find(record.trace) || is_erased() {
            return;
        }
        self.found.absent += 1;
        self.found.have_keys &= record.key.is_some();
        if self.found.missing.len() < MOST_KEYS {
            let shown = record.key.unwrap_or_else(|| {
                let end = record.fields.floor_char_boundary(SHOWN_BYTES);
                record.fields[..end].to_owned()
            });
            self.found.missing.insert(shown);
        }
    }
}

/// Reads the logs at these links.
async fn read_logs(
    client: &Client,
    links: Vec<String>,
    mut reader: LogReader,
    limits: &LogLimits,
) -> Result<Found, LogError> {
    let limits = ReadLimits { record: limits.record_bytes, total: limits.bytes };
    for link in links {
        let mut log = client.open_log(&link).await?;
        let (parts, waiting) = mpsc::channel(PARTS);
        let reading = spawn_blocking(move || reader.read(Parts { waiting, part: Vec::new(), at: 0 }, limits));
        loop {
            match log.next().await {
                Ok(Some(part)) => {
                    // The reader has given up, and says why.
                    if parts.send(Ok(part)).await.is_err() {
                        break;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    drop(parts.send(Err(io::Error::other("cut"))).await);
                    return Err(error.into());
                }
            }
        }
        drop(parts);
        reader = reading.await.expect("the reader does not panic")?;
    }
    reader.found.logged = reader.arrived.logged();
    Ok(reader.found)
}

/// The parts of a log as they come, for a thread that waits for them.
struct Parts {
    waiting: mpsc::Receiver<io::Result<Vec<u8>>>,
    part: Vec<u8>,
    at: usize,
}

impl Read for Parts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.part.len() {
            match self.waiting.blocking_recv() {
                Some(part) => (self.part, self.at) = (part?, 0),
                None => return Ok(0),
            }
        }
        let count = buffer.len().min(self.part.len() - self.at);
        buffer[..count].copy_from_slice(&self.part[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
