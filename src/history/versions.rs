//! The versions of one entity, from sightings in any order. Pure.

use crate::model::Sighting;

/// A period during which an entity stayed the same: a run of sightings with one hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version<'a> {
    pub hash: &'a str,
    pub first: Sighting,
    pub last: Sighting,
}

/// Inserts a sighting.
///
/// * `versions`: in order, no two neighbours with the same hash; stays so
///
/// Only the first and the last sighting of a version are known. A sighting of another hash between them splits the
/// version; its rest resumes at its last sighting. A known sighting changes nothing.
pub fn insert_sighting<'a>(versions: &mut Vec<Version<'a>>, hash: &'a str, at: Sighting) {
    let next = versions.partition_point(|version| version.first <= at);
    if let Some(before) = next.checked_sub(1).map(|n| &mut versions[n]) {
        if before.hash == hash {
            before.last = before.last.max(at);
            return;
        }
        if before.first == at {
            return;
        }
        if at < before.last {
            let rest = Version { first: before.last, ..*before };
            before.last = before.first;
            versions.splice(next..next, [Version { hash, first: at, last: at }, rest]);
            return;
        }
    }
    match versions.get_mut(next) {
        Some(after) if after.hash == hash => after.first = at,
        _ => versions.insert(next, Version { hash, first: at, last: at }),
    }
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
    fn shown(versions: &[Version<'_>]) -> String {
        let shown = versions.iter().map(|version| {
            format!("{}{}-{}", version.hash, version.first.sent_at.timestamp(), version.last.sent_at.timestamp())
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    fn inserted(sightings: &[(&'static str, i64)]) -> String {
        let mut versions = Vec::new();
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
    fn what_is_known_already_changes_nothing() {
        let once = [("A", 1), ("B", 2), ("B", 3), ("A", 4)];
        let twice: Vec<_> = once.iter().chain(&once).copied().collect();
        assert_eq!(inserted(&twice), inserted(&once));
    }

    proptest! {
        /// In order, the versions are the runs. In any order, they are sorted and no two neighbours have the same hash.
        #[test]
        fn any_order_keeps_what_each_sighting_says(
            hashes in prop::collection::vec(prop::sample::select(vec!["A", "B", "C"]), 1..12),
            seed in prop::collection::vec(any::<u32>(), 12),
        ) {
            let sightings: Vec<(&str, i64)> = hashes.into_iter().zip(1..).collect();
            let mut in_order = Vec::new();
            for (hash, seconds) in &sightings {
                insert_sighting(&mut in_order, hash, at(*seconds));
            }
            let runs = sightings.chunk_by(|a, b| a.0 == b.0).count();
            prop_assert_eq!(in_order.len(), runs);

            let mut shuffled: Vec<_> = sightings.iter().zip(&seed).collect();
            shuffled.sort_by_key(|(_, seed)| **seed);
            let mut versions = Vec::new();
            for ((hash, seconds), _) in shuffled {
                insert_sighting(&mut versions, hash, at(*seconds));
            }
            prop_assert!(versions.is_sorted_by_key(|version| version.first));
            prop_assert!(versions.windows(2).all(|pair| pair[0].hash != pair[1].hash && pair[0].last < pair[1].first));
            // Each end of a version was seen. (What was seen within a version before a late arrival split it is
            // forgotten.)
            for version in &versions {
                for end in [version.first, version.last] {
                    prop_assert!(sightings.contains(&(version.hash, end.sent_at.timestamp())), "{}", shown(&versions));
                }
            }
            prop_assert_eq!(versions[0].first, at(1));
            prop_assert_eq!(versions[versions.len() - 1].last, at(i64::try_from(sightings.len()).expect("they are few")));
        }
    }
}
