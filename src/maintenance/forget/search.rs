//! Finds everything of the entities, and changes nothing.
//!
//! The query tables know the entities' records by key. The ledger and the raw log are read as a whole, because neither
//! of them has an index by key: the database finds what can be the entities', in several processes, and each of that is
//! parsed once. Later deliveries are found by their ids, which the search has not seen.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;

use uuid::Uuid;

use super::ForgetError;
use super::redaction::{Redacted, Redaction, redact_body, redact_rejection};
use super::sieve::{self, Sieve};
use super::target::ErasureTarget;
use crate::query_tables::QueryTables;
use crate::store::tables::envelopes::{self, Size};
use crate::store::tables::{records, rejections};
use crate::store::tx::prefer_parallel;
use crate::store::{ErasureCounts, LogPlace, Store, StoredDelivery, SyncState};

/// How much is read at a time.
const PLACES: usize = 1_000;
const BYTES: u64 = 8 << 20;

/// Progress is reported after this many deliveries, or records.
const REPORT: u64 = 1_000;

/// The results of a search.
#[derive(Debug, Default)]
pub struct Findings {
    /// Counts of the query tables and the ledger.
    rows: u64,
    versions: u64,
    records: u64,
    /// The keys of entities that have any data.
    pub keys: BTreeSet<String>,
    /// Deliveries with records of the entities, and with how many.
    pub deliveries: BTreeMap<LogPlace, u64>,
    /// Rejections of records of the entities.
    rejections: BTreeSet<Uuid>,
    /// The hashes of the entities' records.
    pub hashes: HashSet<String>,
    /// How many records and texts mention an entity and cannot be read, by delivery or rejection.
    unclear: HashMap<Uuid, u64>,
    /// Deliveries that were read.
    seen: HashSet<Uuid>,
    /// Rejections that were read, and have nothing of the entities.
    pub without_match: HashSet<Uuid>,
}

impl Findings {
    pub fn counts(&self) -> ErasureCounts {
        ErasureCounts {
            rows: self.rows,
            versions: self.versions,
            records: self.records,
            deliveries: self.deliveries.len() as u64,
            sightings: self.deliveries.values().sum(),
            rejections: self.rejections.len() as u64,
        }
    }

    /// How many texts and records mention an entity, cannot be read, and stay.
    pub fn unclear(&self) -> u64 {
        self.unclear.values().sum()
    }

    /// The deliveries that were not read yet.
    pub fn unseen(&self, places: Vec<LogPlace>) -> Vec<LogPlace> {
        places.into_iter().filter(|place| !self.seen.contains(&place.envelope_id)).collect()
    }

    fn add_delivery<T>(&mut self, place: LogPlace, redacted: Redacted<T>) {
        if redacted.unclear > 0 {
            self.unclear.insert(place.envelope_id, redacted.unclear);
        }
        if !matches!(redacted.redaction, Redaction::Keep) {
            self.deliveries.insert(place, redacted.removed);
            self.keys.extend(redacted.keys);
            self.hashes.extend(redacted.hashes);
        }
    }
}

/// Called with how many deliveries have been read of how many; returns whether to continue.
pub trait ReadProgress: FnMut(u64, u64) -> ControlFlow<()> {}

impl<F: FnMut(u64, u64) -> ControlFlow<()>> ReadProgress for F {}

/// A search in progress.
pub struct Search<'a> {
    pub store: &'a Store,
    pub sync: &'a SyncState,
    pub target: &'a ErasureTarget,
}

impl Search<'_> {
    /// Finds everything of the entities.
    pub async fn run(&self, mut at: impl ReadProgress) -> Result<Findings, ForgetError> {
        let mut found = Findings::default();
        self.tables(&mut found).await?;
        // Before the raw log: a record that comes to the ledger later is in a delivery that is read later.
        self.ledger(&mut found, &mut at).await?;
        let (known, sieve) = (found.hashes.clone(), Sieve::of(self.target, &found.hashes));
        self.rejections(&mut found, &mut at).await?;
        self.raw_log(&mut found, &sieve, &mut at).await?;
        self.by_new_hashes(&mut found, known, &mut at).await?;
        let mut session = self.store.begin().await?;
        let hashes: Vec<&str> = found.hashes.iter().map(String::as_str).collect();
        found.records = records::count(&mut session, self.sync.sync_id, &hashes).await?;
        session.commit().await?;
        Ok(found)
    }

    /// Searches the deliveries and rejections that were received since. A new record of the ledger is in a new
    /// delivery.
    pub async fn catch_up(&self, found: &mut Findings, mut at: impl ReadProgress) -> Result<(), ForgetError> {
        let known = found.hashes.clone();
        self.rejections(found, &mut at).await?;
        let mut session = self.store.begin().await?;
        let new = found.unseen(envelopes::places(&mut session, self.sync.sync_id).await?);
        let sizes = sized(envelopes::sizes(&mut session, new).await?);
        session.commit().await?;
        for part in parts(&sizes) {
            let mut session = self.store.begin().await?;
            for delivered in envelopes::bodies(&mut session, part.iter().map(|(place, _)| *place)).await? {
                self.read(found, &delivered);
                found.seen.insert(delivered.receipt.envelope_id);
            }
            session.commit().await?;
            interrupted(at(0, 0))?;
        }
        self.by_new_hashes(found, known, &mut at).await
    }

    /// Records without a key go by their hashes, and those that were not known can stand in what was read before.
    async fn by_new_hashes(
        &self,
        found: &mut Findings,
        mut known: HashSet<String>,
        at: &mut impl ReadProgress,
    ) -> Result<(), ForgetError> {
        loop {
            let new: Vec<&String> = found.hashes.difference(&known).collect();
            if new.is_empty() {
                return Ok(());
            }
            let sieve = Sieve::of_hashes(new);
            known.clone_from(&found.hashes);
            self.rejections(found, at).await?;
            self.raw_log(found, &sieve, at).await?;
        }
    }

    /// Finds the entities by their keys.
    async fn tables(&self, found: &mut Findings) -> Result<(), ForgetError> {
        let mut session = self.store.begin().await?;
        let tables = QueryTables::synced(&self.sync.table_name);
        let traces = tables.traces(&mut session, &self.target.keys()).await?;
        // Records that belong to no entity are found by their hashes.
        let keys = self.target.keys();
        let asked = records::each_fields(&mut session, self.sync.sync_id, keys, |hash, fields| {
            if self.target.entity_keys.of_record(Some(&hash), Some(fields)).is_none_or(|key| key == hash) {
                found.keys.insert(hash.clone());
                found.hashes.insert(hash);
            }
        });
        asked.await?;
        session.commit().await?;
        (found.rows, found.versions) = (traces.rows, traces.versions);
        found.keys.extend(traces.keys);
        found.hashes.extend(traces.hashes);
        Ok(())
    }

    /// Searches the ledger.
    async fn ledger(&self, found: &mut Findings, at: &mut impl ReadProgress) -> Result<(), ForgetError> {
        for sieve in sieve::of_fields(self.target) {
            let mut session = self.store.begin().await?;
            prefer_parallel(&mut session).await?;
            let mut read = 0_u64;
            let ended = records::scan(&mut session, self.sync.sync_id, &sieve, |hash, fields| {
                let key = self.target.entity_keys.of_record(Some(&hash), Some(fields));
                if let Some(key) = key.filter(|key| self.target.keys.contains(key)) {
                    found.keys.insert(key);
                    found.hashes.insert(hash);
                }
                read += 1;
                if read.is_multiple_of(REPORT) { at(0, 0) } else { ControlFlow::Continue(()) }
            });
            interrupted(ended.await?)?;
            session.commit().await?;
        }
        Ok(())
    }

    /// Searches the sync's rejections, except those that were found already.
    async fn rejections(&self, found: &mut Findings, at: &mut impl ReadProgress) -> Result<(), ForgetError> {
        let mut session = self.store.begin().await?;
        let mut ids = rejections::ids_of_sync(&mut session, self.sync.sync_id).await?;
        session.commit().await?;
        ids.retain(|(id, _)| !found.rejections.contains(id));
        for ids in parts(&ids) {
            let ids: Vec<Uuid> = ids.iter().map(|(id, _)| *id).collect();
            let mut session = self.store.begin().await?;
            let page = rejections::quarantined(&mut session, &ids, false).await?;
            session.commit().await?;
            for rejection in page {
                let id = rejection.rejection_id;
                let redacted = redact_rejection(self.target, &found.hashes, &rejection);
                if redacted.unclear > 0 {
                    found.unclear.insert(id, redacted.unclear);
                }
                if redacted.redaction == Redaction::Keep {
                    found.without_match.insert(id);
                    continue;
                }
                found.without_match.remove(&id);
                found.rejections.insert(id);
                found.keys.extend(redacted.keys);
                found.hashes.extend(redacted.hashes);
            }
            interrupted(at(0, 0))?;
        }
        Ok(())
    }

    /// Searches the sync's deliveries.
    async fn raw_log(
        &self,
        found: &mut Findings,
        sieve: &Sieve,
        at: &mut impl ReadProgress,
    ) -> Result<(), ForgetError> {
        let mut session = self.store.begin().await?;
        prefer_parallel(&mut session).await?;
        let total = envelopes::count(&mut session, self.sync.sync_id).await?;
        let mut done = 0_u64;
        let ended = envelopes::scan(&mut session, self.sync.sync_id, sieve.in_database(), |place, delivered| {
            found.seen.insert(place.envelope_id);
            if let Some(delivered) = delivered.filter(|delivered| sieve.may_have(&delivered.body)) {
                self.read(found, &delivered);
            }
            done += 1;
            if done.is_multiple_of(REPORT) { at(done, total) } else { ControlFlow::Continue(()) }
        });
        interrupted(ended.await?)?;
        session.commit().await?;
        Ok(())
    }

    fn read(&self, found: &mut Findings, delivered: &StoredDelivery) {
        let redacted = tokio::task::block_in_place(|| redact_body(self.target, &found.hashes, delivered));
        found.add_delivery(delivered.place(), redacted);
    }
}

fn interrupted(flow: ControlFlow<()>) -> Result<(), ForgetError> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(ForgetError::Interrupted),
    }
}

/// Deliveries with the bytes of their bodies, in the order of receipt.
pub fn sized(sizes: BTreeMap<LogPlace, Size>) -> Vec<(LogPlace, u64)> {
    sizes.into_iter().map(|(place, size)| (place, u64::from(size.bytes.unsigned_abs()))).collect()
}

/// Divides a list into parts of bounded size; each has at least one.
pub fn parts<T>(sized: &[(T, u64)]) -> impl Iterator<Item = &[(T, u64)]> {
    let mut rest = sized;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut bytes = 0_u64;
        let fitting = rest.iter().take_while(|(_, size)| {
            let fits = bytes < BYTES;
            bytes += size;
            fits
        });
        let (part, left) = rest.split_at(fitting.count().min(PLACES));
        rest = left;
        Some(part)
    })
}
