//! Applies groups of records to a sync's tables: reads the stored rows, computes the changes, writes them.

use std::collections::HashMap;

use tokio::time::Instant;

use super::batch::{EntityGroup, Parsed};
use super::written::{self, Write, seen_again, write, written};
use crate::columns::Catalogue;
use crate::history::{self, RecordSighting, Row, StoredVersion};
use crate::model::Sighting;
use crate::query_tables::Projection;
use crate::store::tables::records;
use crate::store::tables::split_versions::{self, SplitVersion};
use crate::store::tx::savepoint;
use crate::store::{Bisection, StoreError};

/// How many groups are written at a time. Bounds memory and statements, however large a delivery is.
const PART: usize = 5_000;

/// The source of groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenFrom {
    /// Deliveries: if one comes late and splits a version, what was seen within it is read from the raw log later.
    Deliveries,
    /// The ledger or the history, which have no more than that.
    Ledger,
}

/// Whether a sync's next records are expected to be new to its table: then their rows are inserted without a look for
/// those that are there. If one is there after all, they are written after a look.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExpectsNew(bool);

impl ExpectsNew {
    /// How many records must have been new together to expect it of the next ones.
    const AFTER: usize = 500;

    /// The number of records from which a look is worth saving.
    const FROM: usize = 20;

    fn is_worth_a_try(self, groups: &[EntityGroup<'_>], projection: &Projection) -> bool {
        // With a history, a row is not all that an entity has.
        self.0 && groups.len() >= Self::FROM && projection.sync.identity.is_none()
    }

    /// Notes which rows were there.
    fn note(&mut self, groups: &[EntityGroup<'_>], current: &HashMap<String, Row<String>>) {
        self.0 = current.is_empty() && (self.0 || groups.len() >= Self::AFTER);
    }
}

/// Applies the groups to the tables, in the projection's transaction. Applying them again changes nothing.
///
/// * `groups`: each key once
async fn apply(
    projection: &mut Projection,
    catalogue: &Catalogue,
    groups: &[EntityGroup<'_>],
    from: TakenFrom,
    expects_new: &mut ExpectsNew,
) -> Result<(), StoreError> {
    for part in groups.chunks(PART) {
        let is_new =
            expects_new.is_worth_a_try(part, projection) && written::insert_all(projection, catalogue, part).await?;
        if !is_new {
            apply_part(projection, catalogue, part, from, expects_new).await?;
        }
    }
    Ok(())
}

/// Applies the groups, all or none of them. Returns the error if the table refuses a row.
pub async fn try_apply(
    projection: &mut Projection,
    catalogue: &Catalogue,
    groups: &[EntityGroup<'_>],
    from: TakenFrom,
    expects_new: &mut ExpectsNew,
) -> Result<Option<StoreError>, StoreError> {
    savepoint::mark_deferring(&mut projection.session).await?;
    let done = apply(projection, catalogue, groups, from, expects_new).await;
    savepoint::conclude_rows(&mut projection.session, done).await
}

async fn apply_part(
    projection: &mut Projection,
    catalogue: &Catalogue,
    groups: &[EntityGroup<'_>],
    from: TakenFrom,
    expects_new: &mut ExpectsNew,
) -> Result<(), StoreError> {
    let keys: Vec<&str> = groups.iter().map(|group| group.key.as_str()).collect();
    let_live(projection, &keys).await?;
    let (connection, tables) = (&mut projection.session, &projection.tables);
    let current = current_by_key(tables.current(connection, &keys).await?);
    expects_new.note(groups, &current);
    let has_history = projection.sync.identity.is_some();
    let stored = if has_history { versions(projection, groups, &current).await? } else { HashMap::new() };

    let (mut bounded, mut gone, mut writes, mut split) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut again = Vec::new();
    tokio::task::block_in_place(|| {
        for group in groups {
            let (seen, current) = (group.seen(), current.get(&group.key));
            let mut changes = if has_history {
                let versions = stored.get(&group.key).map_or(&[][..], Vec::as_slice);
                history::entity(&group.key, current, versions, &seen)
            } else {
                history::record(&group.key, current, &seen)
            };
            changes.end_by(&projection.deletions);
            writes.extend(Write::all_of(group, &changes, current));
            again.extend(seen_again(&changes, current));
            bounded.extend(changes.bounded);
            gone.extend(changes.gone);
            let period = |[first, last]: [Sighting; 2]| SplitVersion {
                key: group.key.clone(),
                since: first.sent_at,
                until: last.sent_at,
                changes: 1,
            };
            split.extend(changes.split.into_iter().map(period));
        }
    });
    if from == TakenFrom::Deliveries {
        split_versions::insert(&mut projection.session, projection.sync.sync_id, &split).await?;
    }
    let (connection, tables) = (&mut projection.session, &projection.tables);
    tables.delete_versions(connection, &gone).await?;
    tables.bound_versions(connection, &bounded).await?;
    tables.see_again(connection, &again).await?;
    write(projection, catalogue, &writes).await?;
    write_revised(projection, catalogue, groups, &current).await?;
    mark_deleted(projection, &keys).await
}

/// Lets deleted rows live while they are written: their histories are computed as if nothing were deleted.
async fn let_live(projection: &mut Projection, keys: &[&str]) -> Result<(), StoreError> {
    if projection.deletions.is_empty() {
        return Ok(());
    }
    projection.tables.unmark_deleted(&mut projection.session, keys).await
}

/// Marks those of the rows that are deleted, and ends their versions.
async fn mark_deleted(projection: &mut Projection, keys: &[&str]) -> Result<(), StoreError> {
    if projection.deletions.is_empty() {
        return Ok(());
    }
    projection.tables.mark_deleted(&mut projection.session, &projection.deletions, Some(keys)).await
}

/// Writes the rows of records that came with different fields under one hash again: each has the fields that the ledger
/// has now.
///
/// * `current`: the rows that the groups' entities had. A new one has what is newest here; if the ledger has something
///   newer, that comes later
async fn write_revised(
    projection: &mut Projection,
    catalogue: &Catalogue,
    groups: &[EntityGroup<'_>],
    current: &HashMap<String, Row<String>>,
) -> Result<(), StoreError> {
    let sync_id = projection.sync.sync_id;
    let known = groups.iter().filter(|group| current.contains_key(&group.key));
    let records = known.flat_map(|group| group.records.iter().map(|record| (group.key.as_str(), record.hash)));
    let mut records: Vec<(&str, &str)> = records.collect();
    if records.is_empty() {
        return Ok(());
    }
    let hashes: Vec<&str> = records.iter().map(|(_, hash)| *hash).collect();
    let revised = records::revised(&mut projection.session, sync_id, &hashes).await?;
    records.retain(|(_, hash)| revised.contains(*hash));
    records.sort_unstable();
    records.dedup();
    projection.tables.write_again(&mut projection.session, catalogue, sync_id, &records).await
}

/// Loads what is needed of the entities' histories: nothing for repeats, the last version for entities that only get
/// newer ones, and for the others the neighbours of each sighting.
async fn versions(
    projection: &mut Projection,
    groups: &[EntityGroup<'_>],
    current: &HashMap<String, Row<String>>,
) -> Result<HashMap<String, Vec<StoredVersion>>, StoreError> {
    let mut appended: Vec<&str> = Vec::new();
    let mut late: Vec<(&str, Sighting)> = Vec::new();
    for group in groups {
        let Some(current) = current.get(&group.key) else { continue };
        let seen = group.seen();
        if history::is_repeat(current, &seen) {
            continue;
        }
        if history::is_append(current, &seen) {
            appended.push(&group.key);
        } else {
            late.extend(seen.iter().map(|seen| (group.key.as_str(), seen.at)));
        }
    }
    let (connection, tables) = (&mut projection.session, &projection.tables);
    if !late.is_empty() {
        let keys: Vec<&str> = late.iter().map(|(key, _)| *key).collect();
        split_versions::touch(connection, projection.sync.sync_id, &keys).await?;
    }
    let mut versions = tables.lasting_versions(connection, &appended).await?;
    versions.extend(tables.neighbouring_versions(connection, &late).await?);
    Ok(versions_by_key(versions))
}

fn current_by_key(rows: Vec<Row<String>>) -> HashMap<String, Row<String>> {
    rows.into_iter().map(|current| (current.key.clone(), current)).collect()
}

fn versions_by_key(versions: Vec<StoredVersion>) -> HashMap<String, Vec<StoredVersion>> {
    let mut by_key: HashMap<String, Vec<StoredVersion>> = HashMap::new();
    for version in versions {
        by_key.entry(version.bounds.key.clone()).or_default().push(version);
    }
    by_key
}

/// A record that cannot be projected, and why.
#[derive(Debug)]
pub struct Misfit<'a> {
    pub record: &'a Parsed<'a>,
    /// The reason code in `polysink.rejections`.
    pub reason: &'static str,
    pub detail: String,
}

impl<'a> Misfit<'a> {
    /// A record whose key is too large for an index.
    pub fn key_too_large(record: &'a Parsed<'a>) -> Self {
        let detail = "its identity's values are too large for an index, or nested too deeply".to_owned();
        Self { record, reason: "key_too_large", detail }
    }
}

/// A part of an entity's history, and what the raw log has of the records of its versions.
#[derive(Debug)]
pub struct EntityPart<'a> {
    pub split: &'a SplitVersion,
    /// In order.
    pub seen: Vec<RecordSighting<'a>>,
}

/// Makes parts of histories what their sightings say, all or none of them. Returns the error if a table refuses a row.
///
/// * `parts`: each of another entity
pub async fn try_recount(
    projection: &mut Projection,
    catalogue: &Catalogue,
    parts: &[EntityPart<'_>],
) -> Result<Option<StoreError>, StoreError> {
    savepoint::mark_deferring(&mut projection.session).await?;
    let done = recount(projection, catalogue, parts).await;
    savepoint::conclude_rows(&mut projection.session, done).await
}

async fn recount(
    projection: &mut Projection,
    catalogue: &Catalogue,
    parts: &[EntityPart<'_>],
) -> Result<(), StoreError> {
    let split: Vec<&SplitVersion> = parts.iter().map(|part| part.split).collect();
    let keys: Vec<&str> = split.iter().map(|split| split.key.as_str()).collect();
    let_live(projection, &keys).await?;
    let (connection, tables) = (&mut projection.session, &projection.tables);
    let current = current_by_key(tables.current(connection, &keys).await?);
    let stored = versions_by_key(tables.versions_within(connection, &split).await?);
    let (mut bounded, mut gone, mut again, mut writes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for EntityPart { split, seen } in parts {
        let (Some(current), Some(stored)) = (current.get(&split.key), stored.get(&split.key)) else { continue };
        let mut changes = history::recount(&split.key, current, stored, seen);
        changes.end_by(&projection.deletions);
        // The ledger has the record's fields.
        writes.extend(written(&changes, Some(current)).map(|row| Write { row, record: None }));
        again.extend(seen_again(&changes, Some(current)));
        bounded.extend(changes.bounded);
        gone.extend(changes.gone);
    }
    let tables = &projection.tables;
    tables.delete_versions(&mut projection.session, &gone).await?;
    tables.bound_versions(&mut projection.session, &bounded).await?;
    tables.see_again(&mut projection.session, &again).await?;
    write(projection, catalogue, &writes).await?;
    mark_deleted(projection, &keys).await
}

/// Applies the groups. Bisects a batch that the table refuses until each failing group stands alone, and adds the
/// records of those to `misfits`. Values are made to fit their columns before, so this is for what operators build on
/// the tables.
///
/// Returns how many of the groups are done, from the first: all, or those until `deadline`, at least one.
pub async fn apply_bisecting<'a>(
    projection: &mut Projection,
    catalogue: &Catalogue,
    groups: &[EntityGroup<'a>],
    misfits: &mut Vec<Misfit<'a>>,
    from: TakenFrom,
    deadline: Option<Instant>,
) -> Result<usize, StoreError> {
    let mut bisection = Bisection::of(groups);
    let mut culprits = 0_usize;
    let mut first: Option<String> = None;
    while let Some(part) = bisection.next_part() {
        if let Some(error) = try_apply(projection, catalogue, part, from, &mut ExpectsNew::default()).await? {
            let found = bisection.failed(part);
            if found.is_empty() {
                continue;
            }
            if error.is_too_large()
                && let Some(error) = old_index(projection, catalogue).await?
            {
                return Err(error);
            }
            let detail = error.to_string();
            culprits += found.len();
            first.get_or_insert_with(|| detail.clone());
            let records: Vec<&Parsed<'_>> = found.iter().flat_map(|group| group.records.iter().copied()).collect();
            let records = in_ledger(projection, &records).await?;
            let misfit = |record| Misfit { record, reason: "unprojectable", detail: detail.clone() };
            misfits.extend(records.into_iter().map(misfit));
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            break;
        }
    }
    if let Some(first) = first {
        let sync_id = projection.sync.sync_id;
        tracing::error!(%sync_id, rows = culprits, first, "cannot project rows; their records are quarantined");
    }
    Ok(bisection.done())
}

/// The error if the tables still have an index of an earlier identity: a row that does not fit that is good.
async fn old_index(projection: &mut Projection, catalogue: &Catalogue) -> Result<Option<StoreError>, StoreError> {
    let columns = projection.sync.identity.as_ref().map(|identity| catalogue.index_columns(identity));
    projection.tables.old_index(&mut projection.session, &columns.unwrap_or_default()).await
}

/// The records that the ledger has: the others are in the quarantine already.
async fn in_ledger<'a>(
    projection: &mut Projection,
    records: &[&'a Parsed<'a>],
) -> Result<Vec<&'a Parsed<'a>>, StoreError> {
    let hashes: Vec<&str> = records.iter().map(|record| record.hash).collect();
    let known = records::known(&mut projection.session, projection.sync.sync_id, &hashes).await?;
    Ok(records.iter().copied().filter(|record| known.contains(record.hash)).collect())
}
