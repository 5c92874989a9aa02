//! Which stored texts can have a record of the entities: quick to ask, and never wrong about those that have one. Pure.

use std::collections::{BTreeMap, HashSet};

use aho_corasick::AhoCorasick;

use super::target::ErasureTarget;
use crate::envelope::is_made_hash;
use crate::store::tables::envelopes::{BodySieve, ESCAPED, MOST_NEEDLES, needle_of_hash};
use crate::store::tables::records::FieldsSieve;

/// A body without any of these has no record of the entities.
pub struct Sieve {
    /// One of them is in the body; `None` if that is not sure.
    needles: Option<Needles>,
    /// Or a number with an exponent, because the entities' numbers can be written so.
    exponents: bool,
}

struct Needles {
    texts: Vec<String>,
    automaton: AhoCorasick,
}

impl Sieve {
    /// For the entities, and records that are known to be theirs.
    pub fn of(target: &ErasureTarget, hashes: &HashSet<String>) -> Self {
        let mut needles = Some(Vec::new());
        let mut exponents = false;
        for key in &target.keys {
            let needle = match target.entity_keys.trace(key) {
                Some((_, trace)) => {
                    exponents |= trace.may_be_number();
                    trace.needle
                }
                None => needle_of_hash(key),
            };
            add(&mut needles, needle);
        }
        add_known(&mut needles, hashes);
        Self { needles: needles.map(Needles::of), exponents }
    }

    /// For records without a key.
    pub fn of_hashes<'a>(hashes: impl IntoIterator<Item = &'a String>) -> Self {
        let mut needles = Some(Vec::new());
        add_known(&mut needles, hashes);
        Self { needles: needles.map(Needles::of), exponents: false }
    }

    /// The part of the sieve that the database applies.
    pub fn in_database(&self) -> BodySieve<'_> {
        let needles = self.needles.as_ref().filter(|needles| needles.texts.len() <= MOST_NEEDLES);
        BodySieve { needles: needles.map(|needles| &*needles.texts), exponents: self.exponents, sent: None }
    }

    /// Whether a body can have a record of the entities.
    pub fn may_have(&self, body: &str) -> bool {
        match &self.needles {
            Some(needles) if !self.exponents => needles.automaton.is_match(body),
            _ => true,
        }
    }
}

fn add(needles: &mut Option<Vec<String>>, needle: Option<String>) {
    match (needles.as_mut(), needle) {
        (Some(needles), Some(needle)) => needles.push(needle),
        _ => *needles = None,
    }
}

/// Adds records that are known to be theirs. One whose hash was made has the key, by which it is found.
fn add_known<'a>(needles: &mut Option<Vec<String>>, hashes: impl IntoIterator<Item = &'a String>) {
    hashes.into_iter().filter(|hash| !is_made_hash(hash)).for_each(|hash| add(needles, needle_of_hash(hash)));
}

impl Needles {
    fn of(mut texts: Vec<String>) -> Self {
        texts.push(ESCAPED.to_owned());
        texts.sort_unstable();
        texts.dedup();
        let automaton = AhoCorasick::new(&texts).expect("keys are far smaller than an automaton may be");
        Self { texts, automaton }
    }
}

/// Which rows of the ledger can be the entities', by a field of the identity each.
pub fn of_fields(target: &ErasureTarget) -> Vec<FieldsSieve> {
    let mut sieves: BTreeMap<&str, FieldsSieve> = BTreeMap::new();
    for key in &target.keys {
        // Records without a key are looked up by their hash.
        let Some((field, trace)) = target.entity_keys.trace(key) else { continue };
        let sieve = sieves.entry(field).or_insert_with(|| FieldsSieve::of(field));
        extend(&mut sieve.strings, trace.strings);
        extend(&mut sieve.numbers, trace.numbers);
    }
    sieves.into_values().collect()
}

fn extend(all: &mut Option<Vec<String>>, more: Option<Vec<String>>) {
    match (all.as_mut(), more) {
        (Some(all), Some(more)) => all.extend(more),
        _ => *all = None,
    }
}
