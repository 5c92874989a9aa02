//! What is left of a stored text without the entities' records. Pure.

use std::collections::HashSet;

use super::sought::{Judged, Sought};
use crate::envelope::{self, cut, elements, elements_of_body};
use crate::store::Delivered;
use crate::store::tables::rejections::{self, Quarantined};

/// What becomes of a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Fate<T> {
    Stays,
    /// This is left of it.
    Shrinks(T),
    Goes,
}

/// A text that was looked through.
#[derive(Debug)]
pub struct Examined<T> {
    pub fate: Fate<T>,
    /// Records that are cut out: how many, and their keys and hashes, as far as they have them.
    pub gone: u64,
    pub keys: Vec<String>,
    pub hashes: Vec<String>,
    /// What stays, cannot be read, and mentions one of the entities: how much.
    pub unclear: u64,
}

/// What is left of a delivery's body.
#[derive(Debug, PartialEq, Eq)]
pub struct BodyLeft {
    pub body: String,
    /// Where all records stood that it lacks now.
    pub erased: Vec<u32>,
    pub record_count: usize,
}

/// What is left of a rejection's payload.
#[derive(Debug, PartialEq, Eq)]
pub struct PayloadLeft {
    pub payload: String,
    pub positions: Option<Vec<i32>>,
}

impl<T> Examined<T> {
    fn unreadable(sought: &Sought, text: &str) -> Self {
        let (mentions, goes) = sought.judge_unreadable(text);
        let fate = if goes { Fate::Goes } else { Fate::Stays };
        Self { fate, gone: 0, keys: Vec::new(), hashes: Vec::new(), unclear: u64::from(mentions && !goes) }
    }

    fn of(judged: Judged, fate: Fate<T>) -> Self {
        let gone = judged.gone() as u64;
        Self { fate, gone, keys: judged.keys, hashes: judged.hashes, unclear: judged.unclear }
    }
}

/// Looks through a body of the raw log.
///
/// * `hashes`: of records that are known to be the entities'
pub fn examine_body(sought: &Sought, hashes: &HashSet<String>, delivered: &Delivered) -> Examined<BodyLeft> {
    let body = &delivered.body;
    let Some(elements) = elements_of_body(body) else { return Examined::unreadable(sought, body) };
    let judged = sought.judge(body, &elements, hashes, true);
    let gone = judged.gone();
    if gone == 0 {
        return Examined::of(judged, Fate::Stays);
    }
    let positions = envelope::positions(&delivered.erased).zip(&judged.is_gone);
    let mut erased: Vec<u32> = positions.filter(|(_, is_gone)| **is_gone).map(|(position, _)| position).collect();
    erased.extend(&delivered.erased);
    erased.sort_unstable();
    let left = BodyLeft { body: cut(body, &elements, &judged.is_gone), erased, record_count: elements.len() - gone };
    Examined::of(judged, Fate::Shrinks(left))
}

/// Looks through a rejection.
///
/// * `hashes`: of records that are known to be the entities'
pub fn examine_rejection(sought: &Sought, hashes: &HashSet<String>, rejection: &Quarantined) -> Examined<PayloadLeft> {
    let is_body = rejection.envelope_id.is_none();
    let text = if is_body {
        rejections::body(rejection.payload.clone()).ok()
    } else {
        String::from_utf8(rejection.payload.clone()).ok()
    };
    let Some(text) = text else {
        return Examined::unreadable(sought, &String::from_utf8_lossy(&rejection.payload));
    };
    let found = if is_body { elements_of_body(&text) } else { elements(&text) };
    let Some(elements) = found else { return Examined::unreadable(sought, &text) };
    let judged = sought.judge(&text, &elements, hashes, rejection.sync_id.is_some());
    let fate = match judged.gone() {
        0 => Fate::Stays,
        gone if gone == elements.len() && !is_body => Fate::Goes,
        _ => {
            let positions = rejection.positions.as_ref().map(|positions| {
                let kept = positions.iter().zip(&judged.is_gone).filter(|(_, is_gone)| !**is_gone);
                kept.map(|(position, _)| *position).collect()
            });
            Fate::Shrinks(PayloadLeft { payload: cut(&text, &elements, &judged.is_gone), positions })
        }
    };
    Examined::of(judged, fate)
}
