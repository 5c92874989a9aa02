//! Removes the entities' records from a stored text. Pure.

use std::collections::HashSet;

use super::target::{ErasureTarget, RecordMatches};
use crate::envelope::{self, cut, elements, elements_of_body};
use crate::store::StoredDelivery;
use crate::store::tables::rejections::{self, Quarantined};

/// The change to a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Redaction<T> {
    Keep,
    /// Replace it by this.
    Rewrite(T),
    Delete,
}

/// The result for a text.
#[derive(Debug)]
pub struct Redacted<T> {
    pub redaction: Redaction<T>,
    /// Records that are cut out: how many, and their keys and hashes, as far as they have them.
    pub removed: u64,
    pub keys: Vec<String>,
    pub hashes: Vec<String>,
    /// Elements that stay, cannot be read, and mention one of the entities.
    pub unclear: u64,
}

/// A delivery's body without the records.
#[derive(Debug, PartialEq, Eq)]
pub struct BodyLeft {
    pub body: String,
    /// The positions of all records that are erased from it.
    pub erased: Vec<u32>,
    pub record_count: usize,
}

/// A rejection's payload without the records.
#[derive(Debug, PartialEq, Eq)]
pub struct PayloadLeft {
    pub payload: String,
    pub positions: Option<Vec<i32>>,
}

impl<T> Redacted<T> {
    fn unreadable(target: &ErasureTarget, text: &str) -> Self {
        let (mentions, goes) = target.match_unreadable(text);
        let redaction = if goes { Redaction::Delete } else { Redaction::Keep };
        Self { redaction, removed: 0, keys: Vec::new(), hashes: Vec::new(), unclear: u64::from(mentions && !goes) }
    }

    fn of(matches: RecordMatches, redaction: Redaction<T>) -> Self {
        let removed = matches.removed() as u64;
        Self { redaction, removed, keys: matches.keys, hashes: matches.hashes, unclear: matches.unclear }
    }
}

/// Removes the entities' records from a body of the raw log.
///
/// * `hashes`: of records that are known to be the entities'
pub fn redact_body(target: &ErasureTarget, hashes: &HashSet<String>, delivered: &StoredDelivery) -> Redacted<BodyLeft> {
    let body = &delivered.body;
    let Some(elements) = elements_of_body(body) else { return Redacted::unreadable(target, body) };
    let matches = target.match_records(body, &elements, hashes, true);
    let removed = matches.removed();
    if removed == 0 {
        return Redacted::of(matches, Redaction::Keep);
    }
    let positions = envelope::positions(&delivered.erased).zip(&matches.is_removed);
    let mut erased: Vec<u32> = positions.filter(|(_, is_removed)| **is_removed).map(|(position, _)| position).collect();
    erased.extend(&delivered.erased);
    erased.sort_unstable();
    let left =
        BodyLeft { body: cut(body, &elements, &matches.is_removed), erased, record_count: elements.len() - removed };
    Redacted::of(matches, Redaction::Rewrite(left))
}

/// Removes the entities' records from a rejection.
///
/// * `hashes`: of records that are known to be the entities'
pub fn redact_rejection(
    target: &ErasureTarget,
    hashes: &HashSet<String>,
    rejection: &Quarantined,
) -> Redacted<PayloadLeft> {
    let is_body = rejection.envelope_id.is_none();
    let text = if is_body {
        rejections::body(rejection.payload.clone()).ok()
    } else {
        String::from_utf8(rejection.payload.clone()).ok()
    };
    let Some(text) = text else {
        return Redacted::unreadable(target, &String::from_utf8_lossy(&rejection.payload));
    };
    let found = if is_body { elements_of_body(&text) } else { elements(&text) };
    let Some(elements) = found else { return Redacted::unreadable(target, &text) };
    let matches = target.match_records(&text, &elements, hashes, rejection.sync_id.is_some());
    let redaction = match matches.removed() {
        0 => Redaction::Keep,
        removed if removed == elements.len() && !is_body => Redaction::Delete,
        _ => {
            let positions = rejection.positions.as_ref().map(|positions| {
                let kept = positions.iter().zip(&matches.is_removed).filter(|(_, is_removed)| !**is_removed);
                kept.map(|(position, _)| *position).collect()
            });
            Redaction::Rewrite(PayloadLeft { payload: cut(&text, &elements, &matches.is_removed), positions })
        }
    };
    Redacted::of(matches, redaction)
}
