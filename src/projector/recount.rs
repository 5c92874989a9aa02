//! Makes histories exact again in which a late delivery has split a version.
//!
//! Only the first and the last sighting of a version are stored. So the sighting that begins the rest of a split
//! version is in the raw log alone, which takes long to read: a task of its own does that, and the sync is projected
//! meanwhile.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;

use uuid::Uuid;

use super::apply::{EntityPart, try_recount};
use super::rebuild::RebuildError;
use super::same_values::common_hashes;
use crate::columns::{EntityKeys, ValuesDigest, values_digest};
use crate::history::RecordSighting;
use crate::model::{Sighting, SyncId};
use crate::query_tables::{lock, projection};
use crate::store::tables::backlog;
use crate::store::tables::envelopes::{self, BodySieve, ESCAPED, MOST_NEEDLES, needle_of_hash};
use crate::store::tables::split_versions::{self, SplitVersion};
use crate::store::{Bisection, Store, StoredDelivery};

/// How many periods are counted at a time, each of another entity.
const AT_A_TIME: i64 = 200;

/// Counts all periods of a sync again that wait for it. Returns how many.
///
/// * `stopped`: asked between deliveries
pub async fn recount(store: &Store, sync_id: SyncId, stopped: impl Fn() -> bool) -> Result<usize, RebuildError> {
    let lock = lock::hold_rebuild(store, sync_id).await?.ok_or(RebuildError::Running)?;
    let count = async |store: Store| {
        let mut all = 0;
        while let Some(parts) = Parts::next(&store, sync_id).await? {
            let seen = parts.read_raw(&store, &stopped).await?;
            let counted = parts.write(&store, &seen).await?;
            all += counted;
            if counted < parts.split.len() {
                break; // The others have changed meanwhile; they are counted the next time.
            }
        }
        Ok(all)
    };
    let counted = store.watched(None, count).await;
    drop(lock);
    counted
}

/// Periods of entities' histories.
struct Parts {
    sync_id: SyncId,
    keys: EntityKeys,
    by_values: bool,
    split: Vec<SplitVersion>,
    /// The records of the versions in each period, by key.
    hashes: BTreeMap<String, HashSet<String>>,
}

/// A sighting of one of the records, or possibly of one.
struct FoundSighting {
    key: String,
    at: Sighting,
    hash: String,
    /// If values are compared.
    digest: Option<ValuesDigest>,
}

/// The sightings of records, by the key of their entity.
type SeenByKey = HashMap<String, Vec<(Sighting, String)>>;

impl Parts {
    /// The next ones of a sync; `None` if there are none.
    async fn next(store: &Store, sync_id: SyncId) -> Result<Option<Self>, RebuildError> {
        let mut projection = projection::begin(store, sync_id).await?.ok_or(RebuildError::NoSuchSync)?;
        let mut split = split_versions::next(&mut projection.session, sync_id, AT_A_TIME).await?;
        if split.is_empty() || !projection.tables_exist().await? {
            projection.session.rollback().await?;
            return Ok(None);
        }
        let mut entities = HashSet::new();
        split.retain(|split| entities.insert(split.key.clone()));
        let catalogue = projection.catalogue().await?;
        let keys = projection.sync.entity_keys(&catalogue);
        let split_refs: Vec<&SplitVersion> = split.iter().collect();
        let versions = projection.tables.versions_within(&mut projection.session, &split_refs).await?;
        let by_values = projection.sync.by_values;
        projection.session.commit().await?;
        let mut hashes: BTreeMap<String, HashSet<String>> = BTreeMap::new();
        for version in versions {
            hashes.entry(version.bounds.key).or_default().insert(version.bounds.hash);
        }
        Ok(Some(Self { sync_id, keys, by_values, split, hashes }))
    }

    /// The sightings of these records that the raw log has from their periods.
    async fn read_raw(&self, store: &Store, stopped: &impl Fn() -> bool) -> Result<SeenByKey, RebuildError> {
        let mut seen = SeenByKey::new();
        let ends =
            self.split.iter().map(|split| split.since).min().zip(self.split.iter().map(|split| split.until).max());
        let Some((since, until)) = ends else { return Ok(seen) };
        let wanted: HashSet<&str> = self.hashes.values().flatten().map(String::as_str).collect();
        // The values of one can come under any hash.
        let needles = if self.by_values { None } else { needles(&wanted) };
        let mut found = Vec::new();
        let sieve = BodySieve { needles: needles.as_deref(), exponents: false, sent: Some((since, until)) };
        let mut session = store.begin().await?;
        let ended = envelopes::scan(&mut session, self.sync_id, sieve, |_, delivered| {
            if let Some(delivered) = delivered {
                tokio::task::block_in_place(|| self.read(delivered, &wanted, &mut found));
            }
            if stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let ended = ended.await?;
        if ended.is_break() {
            session.rollback().await?;
            return Err(RebuildError::Interrupted);
        }
        if self.by_values {
            let records: Vec<_> = found.iter().map(|found| (found.hash.as_str(), found.digest)).collect();
            let common = common_hashes(&mut session, self.sync_id, &records).await?;
            found.iter_mut().zip(common).for_each(|(found, common)| found.hash = common);
        }
        session.rollback().await?;
        for FoundSighting { key, at, hash, .. } in found {
            if self.hashes.get(&key).is_some_and(|hashes| hashes.contains(&hash)) {
                seen.entry(key).or_default().push((at, hash));
            }
        }
        for sightings in seen.values_mut() {
            sightings.sort_unstable();
        }
        Ok(seen)
    }

    fn read(&self, delivered: StoredDelivery, wanted: &HashSet<&str>, found: &mut Vec<FoundSighting>) {
        // Only an envelope has records.
        let Ok(envelope) = delivered.parse() else { return };
        for record in envelope.records.iter().filter(|record| self.by_values || wanted.contains(record.hash.as_str())) {
            let (hash, fields) = (record.hash.as_str(), record.fields(&envelope.body));
            let key = self.keys.of_record(Some(hash), Some(fields));
            if let Some(key) = key.filter(|key| self.hashes.contains_key(key)) {
                let digest = if self.by_values { values_digest(fields) } else { None };
                found.push(FoundSighting { key, at: envelope.sighting(record), hash: hash.to_owned(), digest });
            }
        }
    }

    /// Writes what has changed. Returns how many periods were counted.
    async fn write(&self, store: &Store, seen: &SeenByKey) -> Result<usize, RebuildError> {
        let mut projection = projection::begin(store, self.sync_id).await?.ok_or(RebuildError::NoSuchSync)?;
        let catalogue = projection.catalogue().await?;
        let are_as_before = projection.sync.entity_keys(&catalogue).identity() == self.keys.identity()
            && projection.sync.by_values == self.by_values;
        if !are_as_before || !projection.tables_exist().await? {
            projection.session.rollback().await?;
            return Err(RebuildError::TablesChanging);
        }
        projection.lock_to_write(true).await?;
        let taken = split_versions::take(&mut projection.session, self.sync_id, &self.split).await?;
        // Those that are not projected yet split versions when they are, and these can reach beyond the periods that
        // were read.
        let read: HashSet<Uuid> = seen.values().flatten().map(|(at, _)| at.envelope_id).collect();
        let read: Vec<Uuid> = read.into_iter().collect();
        let waiting = backlog::waiting_among(&mut projection.session, &read).await?;
        let parts: Vec<EntityPart<'_>> = taken
            .iter()
            .map(|split| {
                let seen = seen.get(&split.key).map(Vec::as_slice).unwrap_or_default();
                let seen = seen.iter().filter(|(at, _)| (split.since..=split.until).contains(&at.sent_at));
                let seen = seen.filter(|(at, _)| !waiting.contains(&at.envelope_id));
                EntityPart { split, seen: seen.map(|(at, hash)| RecordSighting { hash, at: *at }).collect() }
            })
            .collect();
        let mut bisection = Bisection::of(&parts);
        while let Some(part) = bisection.next_part() {
            if let Some(error) = try_recount(&mut projection, &catalogue, part).await? {
                let refused = bisection.failed(part).len();
                if refused > 0 {
                    let sync_id = self.sync_id;
                    tracing::warn!(
                        %sync_id, refused, %error,
                        "the table refuses a version that a late delivery has split"
                    );
                }
            }
        }
        projection.session.commit().await?;
        Ok(taken.len())
    }
}

/// Texts of which each body with one of these records has one; `None` if that is not sure, or takes too many.
fn needles(hashes: &HashSet<&str>) -> Option<Vec<String>> {
    let texts = hashes.iter().map(|hash| needle_of_hash(hash)).chain([Some(ESCAPED.to_owned())]);
    texts.collect::<Option<Vec<_>>>().filter(|texts| texts.len() <= MOST_NEEDLES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_needle_is_in_each_body_that_has_the_record() {
        let needles = |hashes: &[&str]| needles(&hashes.iter().copied().collect());
        let or_escaped = |needle: &str| Some(vec![needle.to_owned(), ESCAPED.to_owned()]);
        assert_eq!(needles(&["b7421c6c57bd49f7"]), or_escaped("b7421c6c57bd49f7"));
        assert_eq!(needles(&["ab+cdefgh/ij=="]), or_escaped("ab+cdefgh"), "a slash may be escaped");
        assert_eq!(needles(&["b7421c6c57bd49f7", "é"]), None, "one of them says nothing");
        assert_eq!(needles(&["polysink:5f8be7e3a2c4d6f80123456789abcdef"]), None, "a hash that was made");
        let many: Vec<String> = (0..9).map(|n| format!("abcdef{n}")).collect();
        assert_eq!(needles(&many.iter().map(String::as_str).collect::<Vec<_>>()), None);
    }
}
