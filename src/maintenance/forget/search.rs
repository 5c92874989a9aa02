//! Finds everything of the entities, and changes nothing.
//!
//! The query tables know the entities' records by key; the ledger knows by their hashes the first and the last delivery of
//! each, and how often it came. What these lead to is looked up by primary keys. Backlog and quarantine are read, because
//! their records may be in no table yet. The raw log is gone through, once for all entities, only if the ledger counts
//! deliveries that none of this explains.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::ForgetError;
use super::examined::{Fate, examine_body, examine_rejection};
use super::sought::Sought;
use crate::query_tables::QueryTables;
use crate::store::tables::records::Sighted;
use crate::store::tables::{backlog, envelopes, records, rejections};
use crate::store::{Connection, ErasureCounts, LogPlace, Store, StoreError, SyncState};

/// How much is read at a time.
const PLACES: usize = 1_000;
const BYTES: u64 = 8 << 20;
const RECORDS: i64 = 5_000;

/// A delivery is not received earlier than this before it was sent, whatever the clocks say.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::days(1);

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    pub counts: ErasureCounts,
    /// The keys of which there is something.
    pub keys: BTreeSet<String>,
    /// Deliveries with records of the entities.
    pub deliveries: BTreeSet<LogPlace>,
    /// Of the entities' records.
    pub hashes: HashSet<String>,
    /// Texts and records that mention an entity and cannot be read.
    pub unclear: u64,
    /// By hash, what the ledger counts and the raw log no longer has.
    pub unexplained: HashMap<String, u64>,
    /// Deliveries that were read.
    pub read: HashSet<LogPlace>,
    /// Rejections that were read, and have nothing of the entities.
    pub others: HashSet<Uuid>,
    sightings: HashMap<String, u64>,
    sighted: HashMap<String, Sighted>,
}

/// Called with how many deliveries have been read of how many; says whether to go on.
pub trait Progress: FnMut(u64, u64) -> ControlFlow<()> {}

impl<F: FnMut(u64, u64) -> ControlFlow<()>> Progress for F {}

struct Search<'a, P> {
    store: &'a Store,
    sync: &'a SyncState,
    sought: &'a Sought,
    found: Found,
    at: P,
}

/// Finds everything of the entities.
///
/// * `everywhere`: go through the ledger and the raw log, because the query tables may not know all records
pub async fn search(
    store: &Store,
    sync: &SyncState,
    sought: &Sought,
    everywhere: bool,
    at: impl Progress,
) -> Result<Found, ForgetError> {
    let mut search = Search { store, sync, sought, found: Found::default(), at };
    let everywhere = search.tables().await? || everywhere;
    if everywhere && sought.entity_keys.identity().is_some() {
        search.ledger().await?;
    }
    search.rejections().await?;
    let mut session = store.begin().await?;
    let mut places: BTreeSet<LogPlace> = backlog::places(&mut session, sync.sync_id).await?.into_iter().collect();
    places.extend(envelopes::ignored(&mut session, sync.sync_id).await?);
    session.commit().await?;
    search.deliveries(places).await?;
    search.follow().await?;
    if everywhere {
        search.raw_log(DateTime::UNIX_EPOCH).await?;
    } else if let Some(since) = search.unexplained_since() {
        search.raw_log(since - CLOCKS_DIFFER).await?;
    }
    search.follow().await?;
    search.found.unexplained = search.unexplained().map(|(sighted, times)| (sighted.hash.clone(), times)).collect();
    search.found.counts.records = search.found.sighted.len() as u64;
    search.found.counts.deliveries = search.found.deliveries.len() as u64;
    Ok(search.found)
}

impl<P: Progress> Search<'_, P> {
    /// Looks the entities up by their keys. Returns whether a table is missing that would know them.
    async fn tables(&mut self) -> Result<bool, ForgetError> {
        let tables = QueryTables::synced(&self.sync.table_name);
        let mut session = self.store.begin().await?;
        let (has_table, has_history) = tables.exist(&mut session).await?;
        let traces = tables.traces(&mut session, &self.sought.keys()).await?;
        // Records of no entity are asked for by their hashes.
        let records = records::fields_of(&mut session, self.sync.sync_id, &self.sought.keys()).await?;
        session.commit().await?;
        for (hash, fields) in records {
            if self.sought.entity_keys.of_record(Some(&hash), Some(&fields)).is_none_or(|key| key == hash) {
                self.found.keys.insert(hash.clone());
                self.found.hashes.insert(hash);
            }
        }
        (self.found.counts.rows, self.found.counts.versions) = (traces.rows, traces.versions);
        self.found.keys.extend(traces.keys);
        self.found.hashes.extend(traces.hashes);
        self.deliveries(traces.places).await?;
        Ok(!has_table || self.sync.identity.is_some() && !has_history)
    }

    /// Goes through the ledger.
    async fn ledger(&mut self) -> Result<(), ForgetError> {
        let mut after = String::new();
        loop {
            let mut session = self.store.begin().await?;
            let page = records::page(&mut session, self.sync.sync_id, &after, RECORDS).await?;
            session.commit().await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after.clone_from(last);
            for (hash, fields) in page {
                let key = self.sought.entity_keys.of_record(Some(&hash), Some(&fields));
                if let Some(key) = key.filter(|key| self.sought.keys.contains(key)) {
                    self.found.keys.insert(key);
                    self.found.hashes.insert(hash);
                }
            }
            self.report(0, 0)?;
        }
    }

    /// Goes through the sync's rejections.
    async fn rejections(&mut self) -> Result<(), ForgetError> {
        let mut session = self.store.begin().await?;
        let ids = rejections::ids_of_sync(&mut session, self.sync.sync_id).await?;
        session.commit().await?;
        let mut places = BTreeSet::new();
        for ids in parts(&ids) {
            let ids: Vec<Uuid> = ids.iter().map(|(id, _)| *id).collect();
            let mut session = self.store.begin().await?;
            let page = rejections::quarantined(&mut session, &ids, false).await?;
            session.commit().await?;
            for rejection in page {
                let examined = examine_rejection(self.sought, &self.found.hashes, &rejection);
                self.found.unclear += examined.unclear;
                if examined.fate == Fate::Stays {
                    self.found.others.insert(rejection.rejection_id);
                    continue;
                }
                self.found.counts.rejections += 1;
                self.found.keys.extend(examined.keys);
                self.found.hashes.extend(examined.hashes);
                places.extend(rejection.delivery());
            }
            self.report(0, 0)?;
        }
        self.deliveries(places).await
    }

    /// Looks up the records that were found in the ledger, and reads their first and last deliveries, which may bring further
    /// records.
    async fn follow(&mut self) -> Result<(), ForgetError> {
        let mut asked: HashSet<String> = self.found.sighted.keys().cloned().collect();
        loop {
            let new: Vec<String> = self.found.hashes.iter().filter(|&hash| !asked.contains(hash)).cloned().collect();
            if new.is_empty() {
                return Ok(());
            }
            let mut session = self.store.begin().await?;
            let refs: Vec<&str> = new.iter().map(String::as_str).collect();
            let sighted = records::sighted(&mut session, self.sync.sync_id, &refs).await?;
            session.commit().await?;
            asked.extend(new);
            let places = sighted.iter().flat_map(|sighted| [sighted.first, sighted.last]).collect();
            self.found.sighted.extend(sighted.into_iter().map(|sighted| (sighted.hash.clone(), sighted)));
            self.deliveries(places).await?;
        }
    }

    /// Records of which the ledger counts more than was found, and how much more. What is no longer in the raw log explains
    /// one each.
    fn unexplained(&self) -> impl Iterator<Item = (&Sighted, u64)> {
        self.found.sighted.values().filter_map(|sighted| {
            let found = self.found.sightings.get(&sighted.hash).copied().unwrap_or(0);
            Some((sighted, sighted.times.checked_sub(found)?)).filter(|(_, times)| *times > 0)
        })
    }

    /// Since when deliveries may have been sent that explain these; `None` if there need be none.
    fn unexplained_since(&self) -> Option<DateTime<Utc>> {
        let between = self.unexplained().filter(|(sighted, times)| {
            let ends = BTreeSet::from([sighted.first, sighted.last]);
            let pruned = ends.iter().filter(|place| !self.found.read.contains(place)).count();
            *times > pruned as u64
        });
        between.map(|(sighted, _)| sighted.first_sent_at).min()
    }

    /// Goes through the raw log from a time on.
    async fn raw_log(&mut self, since: DateTime<Utc>) -> Result<(), ForgetError> {
        let mut session = self.store.begin().await?;
        let total = envelopes::count_since(&mut session, self.sync.sync_id, since).await?;
        session.commit().await?;
        let (mut after, mut done) = (None, 0);
        loop {
            let mut session = self.store.begin().await?;
            let limit = i64::try_from(PLACES).unwrap_or(i64::MAX);
            let page = envelopes::page_since(&mut session, self.sync.sync_id, since, after, limit).await?;
            session.commit().await?;
            let Some(last) = page.last().copied() else { return Ok(()) };
            after = Some(last);
            done += page.len() as u64;
            self.deliveries(page.into_iter().collect()).await?;
            self.report(done, total)?;
        }
    }

    /// Reads the bodies of these deliveries, those that have not been read.
    async fn deliveries(&mut self, places: BTreeSet<LogPlace>) -> Result<(), ForgetError> {
        let new: Vec<LogPlace> = places.into_iter().filter(|place| !self.found.read.contains(place)).collect();
        for places in new.chunks(PLACES) {
            let mut session = self.store.begin().await?;
            let sizes = envelopes::sizes(&mut session, places).await?;
            session.commit().await?;
            for part in parts(&sizes) {
                let places: Vec<LogPlace> = part.iter().map(|(place, _)| *place).collect();
                let mut session = self.store.begin().await?;
                self.read(&mut session, &places).await?;
                session.commit().await?;
            }
            self.report(0, 0)?;
        }
        Ok(())
    }

    async fn read(&mut self, connection: &mut Connection, places: &[LogPlace]) -> Result<(), StoreError> {
        for delivered in envelopes::bodies(connection, places.iter().copied()).await? {
            let examined = tokio::task::block_in_place(|| examine_body(self.sought, &self.found.hashes, &delivered));
            self.found.read.insert(delivered.place());
            self.found.unclear += examined.unclear;
            if examined.fate == Fate::Stays {
                continue;
            }
            self.found.deliveries.insert(delivered.place());
            self.found.counts.sightings += examined.gone;
            self.found.keys.extend(examined.keys);
            for hash in examined.hashes {
                *self.found.sightings.entry(hash.clone()).or_default() += 1;
                self.found.hashes.insert(hash);
            }
        }
        Ok(())
    }

    fn report(&mut self, done: u64, total: u64) -> Result<(), ForgetError> {
        match (self.at)(done, total) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ForgetError::Interrupted),
        }
    }
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
