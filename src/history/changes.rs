//! The changes that a batch of sightings makes to one entity: its current row and its versions. Pure.

use std::collections::{BTreeMap, HashMap};

use super::versions::{Version, Versions, insert_sighting, runs};
use super::{Row, StoredVersion, VersionBounds};
use crate::model::{AppliedDeletion, Sighting};

/// One record of the batch, as a sighting of the entity.
#[derive(Debug, Clone, Copy)]
pub struct RecordSighting<'a> {
    pub hash: &'a str,
    pub at: Sighting,
}

/// The changes to write for one entity.
#[derive(Debug, Default)]
pub struct EntityChanges<'a> {
    /// `None` if the row stays as it is.
    pub row: Option<Row<&'a str>>,
    /// Versions that are not in the history yet.
    pub new: Vec<VersionBounds<&'a str>>,
    /// Stored versions that end differently now.
    pub bounded: Vec<VersionBounds<&'a str>>,
    /// Stored versions to delete, because they begin elsewhere now; by their first sighting.
    pub gone: Vec<(&'a str, Sighting)>,
    /// The first and the last sighting of versions that were split. The sightings between are not known here.
    pub split: Vec<[Sighting; 2]>,
}

impl EntityChanges<'_> {
    /// Ends versions when a run ended that did not send the entity, if that was before the next version.
    ///
    /// * `deletions`: of the runs whose deletions are applied
    pub fn end_by(&mut self, deletions: &[AppliedDeletion]) {
        for bounds in self.new.iter_mut().chain(&mut self.bounded) {
            let (Some(next), Some(last)) = (bounds.valid_to, bounds.last) else { continue };
            let between = deletions.iter().filter(|deletion| deletion.is_between(last.sent_at, next));
            bounds.valid_to = between.map(|deletion| deletion.at).min().or(Some(next));
        }
    }
}

/// Whether all sightings are newer than the row: then the last version is all that is needed of the history.
pub fn is_append(current: &Row<String>, seen: &[RecordSighting<'_>]) -> bool {
    seen.iter().all(|seen| seen.at > current.latest)
}

/// Whether the sightings only repeat the row's content: then nothing is needed of the history.
pub fn is_repeat(current: &Row<String>, seen: &[RecordSighting<'_>]) -> bool {
    is_append(current, seen) && seen.iter().all(|seen| seen.hash == current.hash)
}

/// Changes without an identity: each distinct record is an entity, its key is its hash, and it has no history.
///
/// * `seen`: in order, at least one
pub fn record<'a>(key: &'a str, current: Option<&'a Row<String>>, seen: &[RecordSighting<'a>]) -> EntityChanges<'a> {
    let (first, last) = (seen[0].at, seen[seen.len() - 1].at);
    let row = match current {
        None => Row { key, hash: key, first_received_at: first.received_at, changed_at: first.sent_at, latest: last },
        Some(current) => {
            // Ids are in the order of receipt, so the row needs no id of its first sighting.
            let earlier = (first.sent_at, first.received_at) < (current.changed_at, current.first_received_at);
            Row {
                key,
                hash: key,
                first_received_at: if earlier { first.received_at } else { current.first_received_at },
                changed_at: if earlier { first.sent_at } else { current.changed_at },
                latest: current.latest.max(last),
            }
        }
    };
    EntityChanges { row: changed(row, current), ..EntityChanges::default() }
}

/// Changes with an identity.
///
/// * `stored`: of the entity's versions, oldest first, at least the neighbours of each sighting: the one that begins
///   last before it, and the one after it; none are needed for a repeat
/// * `seen`: in order, at least one
pub fn entity<'a>(
    key: &'a str,
    current: Option<&'a Row<String>>,
    stored: &'a [StoredVersion],
    seen: &[RecordSighting<'a>],
) -> EntityChanges<'a> {
    let latest = seen[seen.len() - 1].at;
    if let Some(current) = current.filter(|current| is_repeat(current, seen)) {
        let row = Row { latest, ..current.borrowed() };
        return EntityChanges { row: Some(row), ..EntityChanges::default() };
    }
    let mut versions: Versions<'a> = known_versions(current, stored).map(|version| (version.first, version)).collect();
    let split: Vec<Version<'_>> =
        seen.iter().filter_map(|seen| insert_sighting(&mut versions, seen.hash, seen.at)).collect();
    let split = split.into_iter().map(|version| [version.first, version.last]).collect();
    EntityChanges { split, ..changes(key, current, stored, &versions) }
}

/// Changes of a part of a history, of which all sightings are known now.
///
/// * `stored`: versions of the entity that follow each other, at least one
/// * `seen`: what the raw log has of their records, in order
pub fn recount<'a>(
    key: &'a str,
    current: &'a Row<String>,
    stored: &'a [StoredVersion],
    seen: &[RecordSighting<'a>],
) -> EntityChanges<'a> {
    let current = Some(current);
    let known: Vec<Version<'_>> = known_versions(current, stored).collect();
    let (Some(first), Some(last)) = (known.first(), known.last()) else { return EntityChanges::default() };
    let part = first.first..=last.last;
    let ends = known.iter().flat_map(|version| [(version.first, version.hash), (version.last, version.hash)]);
    let seen = seen.iter().map(|seen| (seen.at, seen.hash)).filter(|(at, _)| part.contains(at));
    let sightings: BTreeMap<Sighting, &str> = seen.chain(ends).collect();
    let mut versions = runs(sightings);
    if let Some(mut newest) = versions.last_entry() {
        newest.get_mut().ends_at = last.ends_at;
    }
    changes(key, current, stored, &versions)
}

/// Stored versions with their ends.
fn known_versions<'a>(
    current: Option<&'a Row<String>>,
    stored: &'a [StoredVersion],
) -> impl Iterator<Item = Version<'a>> {
    stored.iter().map(move |StoredVersion { bounds, is_followed }| Version {
        hash: &bounds.hash,
        first: bounds.first,
        // The history leaves the end of the lasting version to the current row.
        last: bounds.last.or(current.map(|current| current.latest)).unwrap_or(bounds.first),
        ends_at: bounds.valid_to.filter(|_| !is_followed),
    })
}

/// The difference between the stored versions and the new ones.
fn changes<'a>(
    key: &'a str,
    current: Option<&'a Row<String>>,
    stored: &'a [StoredVersion],
    versions: &Versions<'a>,
) -> EntityChanges<'a> {
    let began = stored.first().map(|version| version.bounds.first);
    let mut changes = EntityChanges::default();
    let stored = stored.iter().map(|version| (version.bounds.first, &version.bounds));
    let mut known: HashMap<Sighting, &VersionBounds<String>> = stored.collect();
    let mut in_order = versions.values().peekable();
    while let Some(version) = in_order.next() {
        let next = in_order.peek().map(|next| next.first.sent_at);
        let valid_to = version.ends_at.or(next);
        let last = valid_to.map(|_| version.last);
        let bounds = VersionBounds { key, hash: version.hash, first: version.first, valid_to, last };
        match known.remove(&version.first) {
            None => changes.new.push(bounds),
            Some(stored) if (stored.valid_to, stored.last) == (bounds.valid_to, bounds.last) => {}
            Some(_) => changes.bounded.push(bounds),
        }
    }
    changes.gone = known.into_keys().map(|first| (key, first)).collect();

    let ends = versions.values().next().zip(versions.values().next_back());
    let (oldest, now) = ends.expect("there is a sighting, and so a version");
    let first_received_at = match current {
        Some(current) if began.is_none_or(|began| began <= oldest.first) => current.first_received_at,
        _ => oldest.first.received_at,
    };
    let lasting = Row { key, hash: now.hash, first_received_at, changed_at: now.first.sent_at, latest: now.last };
    let row = match current {
        Some(current) if now.ends_at.is_some() => Row { first_received_at, ..current.borrowed() },
        _ => lasting,
    };
    changes.row = changed(row, current);
    changes
}

fn changed<'a>(row: Row<&'a str>, current: Option<&'a Row<String>>) -> Option<Row<&'a str>> {
    current.is_none_or(|current| row != current.borrowed()).then_some(row)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use uuid::Uuid;

    use super::*;

    fn at(seconds: i64) -> Sighting {
        let time = DateTime::from_timestamp(seconds, 0).expect("it is a time");
        Sighting { sent_at: time, envelope_id: Uuid::from_u128(1), position: 0, received_at: time }
    }

    fn seen(sightings: &[(&'static str, i64)]) -> Vec<RecordSighting<'static>> {
        sightings.iter().map(|(hash, seconds)| RecordSighting { hash, at: at(*seconds) }).collect()
    }

    fn current(hash: &str, changed: i64, latest: i64) -> Row<String> {
        Row {
            key: "k".to_owned(),
            hash: hash.to_owned(),
            first_received_at: at(1).received_at,
            changed_at: at(changed).sent_at,
            latest: at(latest),
        }
    }

    fn version(hash: &str, first: i64, last: Option<i64>, valid_to: Option<i64>) -> StoredVersion {
        let bounds = VersionBounds {
            key: "k".to_owned(),
            hash: hash.to_owned(),
            first: at(first),
            valid_to: valid_to.map(|seconds| at(seconds).sent_at),
            last: last.map(at),
        };
        StoredVersion { bounds, is_followed: true }
    }

    fn bounds(versions: &[VersionBounds<&str>]) -> String {
        let time =
            |time: Option<DateTime<Utc>>| time.map_or_else(|| "…".to_owned(), |time| time.timestamp().to_string());
        let shown = versions.iter().map(|version| {
            let last = version.last.map(|last| last.sent_at);
            format!(
                "{}{}-{} to {}",
                version.hash,
                version.first.sent_at.timestamp(),
                time(last),
                time(version.valid_to)
            )
        });
        shown.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_new_entity_has_a_row_and_its_versions() {
        let seen = seen(&[("A", 1), ("B", 2), ("A", 3)]);
        let changes = entity("k", None, &[], &seen);
        let row = changes.row.expect("it is new");
        assert_eq!((row.hash, row.changed_at, row.latest), ("A", at(3).sent_at, at(3)));
        assert_eq!(row.first_received_at, at(1).received_at);
        assert_eq!(bounds(&changes.new), "A1-1 to 2, B2-2 to 3, A3-… to …");
    }

    #[test]
    fn a_repeat_touches_the_row_alone() {
        let current = current("A", 3, 5);
        let seen = seen(&[("A", 7), ("A", 8)]);
        let changes = entity("k", Some(&current), &[], &seen);
        assert_eq!(changes.row.map(|row| (row.changed_at, row.latest)), Some((at(3).sent_at, at(8))));
        assert!(changes.new.is_empty() && changes.bounded.is_empty() && changes.gone.is_empty());
    }

    #[test]
    fn a_change_closes_the_version_that_lasted() {
        let current = current("A", 3, 5);
        let stored = [version("A", 3, None, None)];
        let seen = seen(&[("A", 6), ("B", 7)]);
        let changes = entity("k", Some(&current), &stored, &seen);
        assert_eq!(bounds(&changes.bounded), "A3-6 to 7");
        assert_eq!(bounds(&changes.new), "B7-… to …");
        assert_eq!(changes.row.map(|row| (row.hash, row.changed_at)), Some(("B", at(7).sent_at)));
    }

    #[test]
    fn a_version_ends_with_a_run_that_did_not_send_the_entity() {
        let current = current("A", 3, 5);
        let stored = [version("A", 3, None, None)];
        let deletion = |since: i64, ended: i64| AppliedDeletion { since: at(since).sent_at, at: at(ended).sent_at };
        let ended_at = |deletions: &[AppliedDeletion]| {
            let seen = seen(&[("B", 20)]);
            let mut changes = entity("k", Some(&current), &stored, &seen);
            changes.end_by(deletions);
            bounds(&changes.bounded)
        };
        assert_eq!(ended_at(&[]), "A3-5 to 20");
        assert_eq!(ended_at(&[deletion(6, 8), deletion(10, 12)]), "A3-5 to 8");
        assert_eq!(ended_at(&[deletion(5, 8)]), "A3-5 to 20", "the run sent it in its first second");
        assert_eq!(ended_at(&[deletion(15, 19)]), "A3-5 to 20", "the run sent it in its last second");
    }

    #[test]
    fn a_late_arrival_changes_the_past_alone() {
        let current = current("C", 5, 9);
        let stored = [version("A", 1, Some(1), Some(5)), version("C", 5, None, None)];
        let seen = seen(&[("B", 3)]);
        let changes = entity("k", Some(&current), &stored, &seen);
        assert_eq!(changes.row, None);
        assert_eq!(bounds(&changes.bounded), "A1-1 to 3");
        assert_eq!(bounds(&changes.new), "B3-3 to 5");
    }

    #[test]
    fn a_late_arrival_can_split_the_version_that_lasts() {
        let current = current("A", 1, 9);
        let stored = [version("A", 1, None, None)];
        let seen = seen(&[("B", 5)]);
        let changes = entity("k", Some(&current), &stored, &seen);
        assert_eq!(changes.row.map(|row| (row.hash, row.changed_at, row.latest)), Some(("A", at(9).sent_at, at(9))));
        assert_eq!(bounds(&changes.bounded), "A1-1 to 5");
        assert_eq!(bounds(&changes.new), "B5-5 to 9, A9-… to …");
    }

    #[test]
    fn a_version_that_begins_earlier_moves() {
        let current = current("B", 5, 5);
        let stored = [version("B", 5, None, None)];
        let seen = seen(&[("B", 2)]);
        let changes = entity("k", Some(&current), &stored, &seen);
        assert_eq!(changes.gone, [("k", at(5))]);
        assert_eq!(bounds(&changes.new), "B2-… to …");
        assert_eq!(
            changes.row.map(|row| (row.changed_at, row.first_received_at)),
            Some((at(2).sent_at, at(2).received_at))
        );
    }

    #[test]
    fn known_rows_are_not_written_again() {
        let current = current("B", 5, 7);
        let stored = [version("A", 1, Some(3), Some(5)), version("B", 5, None, None)];
        let seen = seen(&[("A", 1), ("A", 2), ("B", 5), ("B", 6), ("B", 7)]);
        let changes = entity("k", Some(&current), &stored, &seen);
        assert!(
            changes.row.is_none() && changes.new.is_empty() && changes.bounded.is_empty() && changes.gone.is_empty()
        );
    }

    #[test]
    fn a_record_keeps_its_oldest_and_its_latest_sighting() {
        let current = current("k", 5, 7);
        let changes = record("k", Some(&current), &seen(&[("k", 2), ("k", 6)]));
        assert_eq!(changes.row.map(|row| (row.changed_at, row.latest)), Some((at(2).sent_at, at(7))));
        assert_eq!(record("k", Some(&current), &seen(&[("k", 6)])).row, None);
    }

    /// An entity as it is stored.
    #[derive(Debug, Clone, Default)]
    struct Stored {
        row: Option<Row<String>>,
        versions: Vec<StoredVersion>,
    }

    impl Stored {
        fn apply(&mut self, changes: &EntityChanges<'_>) {
            self.versions.retain(|version| changes.gone.iter().all(|(_, first)| *first != version.bounds.first));
            for bounds in &changes.bounded {
                let version = self.versions.iter_mut().find(|version| version.bounds.first == bounds.first);
                let version = version.expect("it is stored");
                (version.bounds.valid_to, version.bounds.last) = (bounds.valid_to, bounds.last);
            }
            for new in &changes.new {
                let &VersionBounds { first, valid_to, last, .. } = new;
                let bounds =
                    VersionBounds { key: new.key.to_owned(), hash: new.hash.to_owned(), first, valid_to, last };
                self.versions.push(StoredVersion { bounds, is_followed: true });
            }
            self.versions.sort_by_key(|version| version.bounds.first);
            if let Some(row) = changes.row {
                self.row = Some(Row {
                    key: row.key.to_owned(),
                    hash: row.hash.to_owned(),
                    first_received_at: row.first_received_at,
                    changed_at: row.changed_at,
                    latest: row.latest,
                });
            }
        }

        /// The neighbours of these sightings, as they are loaded.
        fn neighbours(&self, seen: &[RecordSighting<'_>]) -> Vec<StoredVersion> {
            let versions = self.versions.iter().enumerate().filter_map(|(n, version)| {
                let first = version.bounds.first;
                let next = self.versions.get(n + 1).map(|next| next.bounds.first);
                let before = n.checked_sub(1).map(|n| self.versions[n].bounds.first);
                let is_before = |seen: &RecordSighting<'_>| first <= seen.at && next.is_none_or(|next| next > seen.at);
                let is_after =
                    |seen: &RecordSighting<'_>| first > seen.at && before.is_none_or(|before| before <= seen.at);
                let is_followed = seen.iter().any(is_before);
                (is_followed || seen.iter().any(is_after)).then(|| StoredVersion { is_followed, ..version.clone() })
            });
            versions.collect()
        }
    }

    proptest::proptest! {
        /// The neighbours of the sightings are as good as the whole history.
        #[test]
        fn the_neighbours_of_the_sightings_are_enough(
            hashes in proptest::collection::vec(0_usize..3, 40),
            batches in proptest::collection::vec(proptest::collection::vec(0_usize..40, 1..6), 1..12)
        ) {
            let sighting = |n: usize| {
                let second = i64::try_from(n).expect("it is small");
                RecordSighting { hash: ["A", "B", "C"][hashes[n]], at: at(second) }
            };
            let (mut whole, mut partly) = (Stored::default(), Stored::default());
            for batch in batches {
                let mut seen: Vec<RecordSighting<'_>> = batch.into_iter().map(sighting).collect();
                seen.sort_by_key(|seen| seen.at);
                let known = whole.clone();
                whole.apply(&entity("k", known.row.as_ref(), &known.versions, &seen));
                let (known, neighbours) = (partly.clone(), partly.neighbours(&seen));
                partly.apply(&entity("k", known.row.as_ref(), &neighbours, &seen));
                let shown = |stored: &Stored| format!("{:?}", (&stored.row, &stored.versions));
                proptest::prop_assert_eq!(shown(&whole), shown(&partly));
            }
        }
    }
}
