//! Spooled deliveries lose the records that were erased while they waited.

use std::collections::HashMap;

use uuid::Uuid;

use super::spool::Entry;
use crate::envelope::{Element, cut, elements_of_body, sync_of_body};
use crate::store::Erasure;

/// How many records spooled deliveries have lost, by erasure.
#[derive(Debug, Default)]
pub struct ErasedCounts(HashMap<Uuid, u64>);

impl ErasedCounts {
    pub fn by_erasure(self) -> Vec<(Uuid, u64)> {
        self.0.into_iter().collect()
    }

    /// Cuts the records out of an entry's body that were erased after it was received.
    pub fn cut_out(&mut self, entry: &mut Entry, erasures: &[Erasure]) {
        if let Some(left) = self.left_of(entry, erasures) {
            entry.body = left.into_bytes();
        }
    }

    /// The body without the records that were erased; `None` if it has none of them.
    fn left_of(&mut self, entry: &Entry, erasures: &[Erasure]) -> Option<String> {
        let reaches = |erasure: &&Erasure| erasure.reaches(entry.receipt.received_at);
        let mut erasures: Vec<&Erasure> = erasures.iter().filter(reaches).collect();
        if erasures.is_empty() {
            return None;
        }
        // No record can be found in anything else, by an erasure neither.
        let body = std::str::from_utf8(&entry.body).ok()?;
        let sync_id = sync_of_body(body)?;
        erasures.retain(|erasure| erasure.is_of(sync_id));
        if erasures.is_empty() {
            return None;
        }
        let elements = elements_of_body(body)?;
        let by = |element: &Element<'_>| {
            let has = |erasure: &&&Erasure| erasure.has(element.hash.as_deref(), element.fields.as_deref());
            erasures.iter().find(has).map(|erasure| erasure.erasure_id)
        };
        let gone: Vec<Option<Uuid>> = elements.iter().map(by).collect();
        for erasure_id in gone.iter().flatten() {
            *self.0.entry(*erasure_id).or_default() += 1;
        }
        let is_gone: Vec<bool> = gone.iter().map(Option::is_some).collect();
        is_gone.contains(&true).then(|| cut(body, &elements, &is_gone))
    }
}
