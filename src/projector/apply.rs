//! Applies groups of records to a sync's tables: reads the stored rows, computes the changes, writes them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::batch::{Group, Parsed};
use crate::columns::{Catalogue, Content};
use crate::history::{self, Changes, Current, StoredVersion};
use crate::query_tables::{HistoryRow, Projection, TableRow};
use crate::store::tables::records;
use crate::store::tx::savepoint;
use crate::store::{Bisection, ErrorKind, StoreError};

/// How many groups are written at a time. Bounds memory and statements, however large a delivery is.
const PART: usize = 5_000;

/// Applies the groups to the tables, in the projection's transaction. Applying them again changes nothing.
///
/// * `groups`: each key once
pub async fn apply(projection: &mut Projection, catalogue: &Catalogue, groups: &[Group<'_>]) -> Result<(), StoreError> {
    for part in groups.chunks(PART) {
        apply_part(projection, catalogue, part).await?;
    }
    Ok(())
}

async fn apply_part(
    projection: &mut Projection,
    catalogue: &Catalogue,
    groups: &[Group<'_>],
) -> Result<(), StoreError> {
    let keys: Vec<&str> = groups.iter().map(|group| group.key.as_str()).collect();
    let (connection, tables) = (&mut projection.session, &projection.tables);
    let current: HashMap<String, Current> =
        tables.current(connection, &keys).await?.into_iter().map(|current| (current.key.clone(), current)).collect();
    let has_history = projection.sync.identity.is_some();
    let stored = if has_history { versions(projection, groups, &current).await? } else { HashMap::new() };

    let changes: Vec<(&Group<'_>, Changes<'_>)> = groups
        .iter()
        .map(|group| {
            let (seen, current) = (group.seen(), current.get(&group.key));
            let changes = if has_history {
                let versions = stored.get(&group.key).map_or(&[][..], Vec::as_slice);
                history::entity(&group.key, current, versions, &seen)
            } else {
                history::record(&group.key, current, &seen)
            };
            (group, changes)
        })
        .collect();

    // The content to write is in this batch, or in the ledger.
    let mut missing: Vec<&str> = Vec::new();
    let mut contents: HashMap<&str, Content<'_>> = HashMap::new();
    let layout = catalogue.layout();
    for (group, changes) in &changes {
        let wanted = changes.row.iter().map(|row| row.hash).chain(changes.new.iter().map(|version| version.hash));
        for hash in wanted {
            if contents.contains_key(hash) {
                continue;
            }
            match group.records.iter().rfind(|record| record.hash == hash) {
                Some(record) => drop(contents.insert(hash, layout.content(&record.entries))),
                None => missing.push(hash),
            }
        }
    }
    let ledger = if missing.is_empty() {
        HashMap::new()
    } else {
        records::fields_of(&mut projection.session, projection.sync.sync_id, &missing).await?
    };
    for hash in missing {
        let json = ledger.get(hash).map_or("{}", String::as_str);
        contents.insert(hash, layout.content(&catalogue.read_known(json)));
    }

    let (mut rows, mut new_rows) = (Vec::new(), Vec::new());
    let (mut new, mut bounded, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for (group, changes) in &changes {
        let rows = if current.contains_key(&group.key) { &mut rows } else { &mut new_rows };
        rows.extend(changes.row.iter().map(|row| TableRow { row: *row, content: &contents[row.hash] }));
        new.extend(changes.new.iter().map(|version| HistoryRow { bounds: *version, content: &contents[version.hash] }));
        bounded.extend(changes.bounded.iter().copied());
        gone.extend(changes.gone.iter().copied());
    }
    let (connection, tables) = (&mut projection.session, &projection.tables);
    tables.delete_versions(connection, &gone).await?;
    tables.bound_versions(connection, &bounded).await?;
    tables.insert_versions(connection, catalogue, &new).await?;
    tables.upsert(connection, catalogue, &rows).await?;
    tables.insert(connection, catalogue, &new_rows).await?;
    Ok(())
}

/// Loads what is needed of the entities' histories: nothing for repeats, the last version for entities that only go on,
/// and all from the first late arrival on for the others.
async fn versions(
    projection: &mut Projection,
    groups: &[Group<'_>],
    current: &HashMap<String, Current>,
) -> Result<HashMap<String, Vec<StoredVersion>>, StoreError> {
    let mut going_on: Vec<&str> = Vec::new();
    let mut late: Vec<&str> = Vec::new();
    let mut since: Option<DateTime<Utc>> = None;
    for group in groups {
        let Some(current) = current.get(&group.key) else { continue };
        let seen = group.seen();
        if history::is_repeat(current, &seen) {
            continue;
        }
        if history::is_append(current, &seen) {
            going_on.push(&group.key);
        } else {
            late.push(&group.key);
            let first = seen[0].at.sent_at;
            since = Some(since.map_or(first, |since| since.min(first)));
        }
    }
    let (connection, tables) = (&mut projection.session, &projection.tables);
    let mut versions = tables.versions(connection, &going_on, None).await?;
    versions.extend(tables.versions(connection, &late, since).await?);
    let mut by_key: HashMap<String, Vec<StoredVersion>> = HashMap::new();
    for version in versions {
        by_key.entry(version.key.clone()).or_default().push(version);
    }
    Ok(by_key)
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

/// How many tries a bisection of a batch may take. An operator's constraint can refuse every row: rows that are not
/// singled out by then are quarantined together, so that the batch takes bounded time; a rebuild projects those that
/// were good.
const BISECTIONS: usize = 2_000;

/// Applies the groups. Bisects a batch that fails on its data until each failing group stands alone, and adds the
/// records of those to `misfits`. Values are made to fit their columns before, so this is for causes that nobody
/// foresaw.
pub async fn apply_bisecting<'a>(
    projection: &mut Projection,
    catalogue: &Catalogue,
    groups: &[Group<'a>],
    misfits: &mut Vec<Misfit<'a>>,
) -> Result<(), StoreError> {
    let mut bisection = Bisection::bounded(groups, BISECTIONS);
    let mut culprits = 0_usize;
    let mut first: Option<String> = None;
    while let Some(part) = bisection.next_part() {
        savepoint::mark(&mut projection.session).await?;
        match apply(projection, catalogue, part).await {
            Ok(()) => savepoint::keep(&mut projection.session).await?,
            Err(error) if error.kind() == ErrorKind::Data => {
                savepoint::undo(&mut projection.session).await?;
                let found = bisection.failed(part);
                if found.is_empty() {
                    continue;
                }
                let detail = error.to_string();
                culprits += found.len();
                first.get_or_insert_with(|| detail.clone());
                let records: Vec<&Parsed<'_>> = found.iter().flat_map(|group| group.records.iter().copied()).collect();
                let records = in_ledger(projection, &records).await?;
                let misfit = |record| Misfit { record, reason: "unprojectable", detail: detail.clone() };
                misfits.extend(records.into_iter().map(misfit));
            }
            Err(error) => return Err(error),
        }
    }
    if let Some(first) = first {
        let sync_id = projection.sync.sync_id;
        tracing::error!(%sync_id, rows = culprits, first, "cannot project rows; their records are quarantined");
    }
    Ok(())
}

/// The records that the ledger has: the others are in the quarantine already.
async fn in_ledger<'a>(
    projection: &mut Projection,
    records: &[&'a Parsed<'a>],
) -> Result<Vec<&'a Parsed<'a>>, StoreError> {
    let hashes: Vec<&str> = records.iter().map(|record| record.hash).collect();
    let known = records::fields_of(&mut projection.session, projection.sync.sync_id, &hashes).await?;
    Ok(records.iter().copied().filter(|record| known.contains_key(record.hash)).collect())
}
