//! The versions of one entity, from sightings in any order. Pure.

use std::collections::BTreeMap;
use std::ops::Bound;

use chrono::{DateTime, Utc};

use crate::model::Sighting;

/// A period during which an entity stayed the same: a run of sightings with one hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version<'a> {
    pub hash: &'a str,
    pub first: Sighting,
    pub last: Sighting,
    /// When it ends, if the next version is not the next one here.
    pub ends_at: Option<DateTime<Utc>>,
}

/// The versions of an entity, by their first sighting.
pub type Versions<'a> = BTreeMap<Sighting, Version<'a>>;

/// Inserts a sighting.
///
/// * `versions`: no two neighbours with the same hash; stays so. Needed are the one that begins last before the
///   sighting, and the one after it
///
/// Only the first and the last sighting of a version are known. A sighting of another hash between them splits the
/// version; its rest resumes at its last sighting, as far as is known. Returns the version that was split. A known
/// sighting changes nothing.
pub fn insert_sighting<'a>(versions: &mut Versions<'a>, hash: &'a str, at: Sighting) -> Option<Version<'a>> {
    let new = Version { hash, first: at, last: at, ends_at: None };
    if let Some((_, before)) = versions.range_mut(..=at).next_back() {
        if before.hash == hash {
            before.last = before.last.max(at);
            return None;
        }
        if before.first == at {
            return None;
        }
        if at < before.last {
            let split = *before;
            let rest = Version { first: before.last, ..*before };
            (before.last, before.ends_at) = (before.first, None);
            versions.extend([(at, new), (rest.first, rest)]);
            return Some(split);
        }
    }
    let after = versions.range((Bound::Excluded(at), Bound::Unbounded)).next().map(|(_, after)| *after);
    match after.filter(|after| after.hash == hash) {
        Some(after) => {
            versions.remove(&after.first);
            versions.insert(at, Version { first: at, ..after });
        }
        None => drop(versions.insert(at, new)),
    }
    None
}

/// The versions that these sightings make.
///
/// * `sightings`: in order
pub fn runs<'a>(sightings: impl IntoIterator<Item = (Sighting, &'a str)>) -> Versions<'a> {
    let mut versions = Versions::new();
    for (at, hash) in sightings {
        insert_sighting(&mut versions, hash, at);
    }
    versions
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn at(seconds: i64) -> Sighting {
        let time = DateTime::from_timestamp(seconds, 0).expect("it is a time");
        Sighting { sent_at: time, envelope_id: Uuid::from_u128(1), position: 0, received_at: time }
    }

    /// `A1-3 B4-4`: hash, first and last second of each version.
    fn shown(versions: &Versions<'_>) -> String {
        let shown = versions.values().map(|version| {
            format!("{}{}-{}", version.hash, version.first.sent_at.timestamp(), version.last.sent_at.timestamp())
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    fn inserted(sightings: &[(&'static str, i64)]) -> String {
        let mut versions = Versions::new();
        for (hash, seconds) in sightings {
            insert_sighting(&mut versions, hash, at(*seconds));
        }
        shown(&versions)
    }

    #[test]
    fn sightings_in_order_make_runs() {
        assert_eq!(inserted(&[("A", 1), ("A", 2), ("B", 3), ("A", 4), ("A", 5)]), "A1-2 B3-3 A4-5");
    }

    #[test]
    fn a_late_arrival_takes_its_place() {
        assert_eq!(inserted(&[("A", 1), ("C", 5), ("B", 3)]), "A1-1 B3-3 C5-5", "between two versions");
        assert_eq!(inserted(&[("A", 1), ("C", 5), ("A", 3)]), "A1-3 C5-5", "it extends the one before");
        assert_eq!(inserted(&[("A", 1), ("C", 5), ("C", 3)]), "A1-1 C3-5", "it begins the one after");
        assert_eq!(inserted(&[("B", 5), ("A", 1)]), "A1-1 B5-5", "before all");
        assert_eq!(inserted(&[("B", 5), ("B", 1)]), "B1-5", "before all, the same");
    }

    #[test]
    fn a_late_arrival_splits_the_version_that_it_falls_in() {
        assert_eq!(inserted(&[("A", 1), ("A", 4), ("A", 9), ("B", 6)]), "A1-1 B6-6 A9-9");
        assert_eq!(inserted(&[("A", 1), ("A", 9), ("B", 6), ("A", 4)]), "A1-4 B6-6 A9-9", "then more is known");
        assert_eq!(inserted(&[("A", 1), ("A", 9), ("B", 6), ("A", 7)]), "A1-1 B6-6 A7-9");
    }

    #[test]
    fn known_rows_are_not_written_again() {
        let once = [("A", 1), ("B", 2), ("B", 3), ("A", 4)];
        let twice: Vec<_> = once.iter().chain(&once).copied().collect();
        assert_eq!(inserted(&twice), inserted(&once));
    }

    proptest! {
        /// In order, the versions are the runs. In any order, they are sorted and no two neighbours have the same hash.
        #[test]
        fn the_ledger_is_the_same_in_any_order_of_arrival(
            hashes in prop::collection::vec(prop::sample::select(vec!["A", "B", "C"]), 1..12),
            seed in prop::collection::vec(any::<u32>(), 12),
        ) {
            let sightings: Vec<(&str, i64)> = hashes.into_iter().zip(1..).collect();
            let mut in_order = Versions::new();
            for (hash, seconds) in &sightings {
                insert_sighting(&mut in_order, hash, at(*seconds));
            }
            let runs = sightings.chunk_by(|a, b| a.0 == b.0).count();
            prop_assert_eq!(in_order.len(), runs);

            let mut shuffled: Vec<_> = sightings.iter().zip(&seed).collect();
            shuffled.sort_by_key(|(_, seed)| **seed);
            let mut versions = Versions::new();
            for ((hash, seconds), _) in shuffled {
                insert_sighting(&mut versions, hash, at(*seconds));
            }
            prop_assert!(versions.iter().all(|(first, version)| *first == version.first));
            let mut pairs = versions.values().zip(versions.values().skip(1));
            prop_assert!(pairs.all(|(one, next)| one.hash != next.hash && one.last < next.first));
            // Each end of a version was seen. (What was seen within a version before a late arrival split it is
            // forgotten.)
            for version in versions.values() {
                for end in [version.first, version.last] {
                    prop_assert!(sightings.contains(&(version.hash, end.sent_at.timestamp())), "{}", shown(&versions));
                }
            }
            let ends = (versions.values().next(), versions.values().next_back());
            let (Some(first), Some(last)) = ends else { panic!("there are some") };
            prop_assert_eq!(first.first, at(1));
            prop_assert_eq!(last.last, at(i64::try_from(sightings.len()).expect("they are few")));
        }
    }
}
