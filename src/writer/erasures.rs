//! Spooled deliveries lose the records that were erased while they waited.

use std::collections::HashMap;

use uuid::Uuid;

use crate::envelope::{self, Element, Receipt, Unparsed, cut, elements_of_body};
use crate::model::SyncId;
use crate::store::{Erasure, RejectedBody, Work};

/// Counts the records that were cut out, by erasure.
#[derive(Debug, Default)]
pub struct Lost(HashMap<Uuid, u64>);

impl Lost {
    pub fn of(works: &mut Vec<Work>, erasures: &[Erasure]) -> Self {
        let mut lost = Self::default();
        if !erasures.is_empty() {
            *works = std::mem::take(works).into_iter().map(|work| lost.without_erased(work, erasures)).collect();
        }
        lost
    }

    /// By erasure.
    pub fn counts(self) -> Vec<(Uuid, u64)> {
        self.0.into_iter().collect()
    }

    /// What is left of a delivery.
    fn without_erased(&mut self, work: Work, erasures: &[Erasure]) -> Work {
        match work {
            Work::Envelope(envelope) => {
                let left = self.cut(&envelope.body, envelope.sync_id, &envelope.receipt, erasures);
                match left.map(|body| envelope::parse(body, envelope.receipt.clone(), usize::MAX)) {
                    None => Work::Envelope(envelope),
                    Some(Ok(left)) => Work::Envelope(Box::new(left)),
                    Some(Err(Unparsed::Malformed(malformed))) => {
                        Work::Rejection(Box::new(RejectedBody::of(envelope.receipt, *malformed)))
                    }
                    Some(Err(Unparsed::TooManyRecords { .. })) => unreachable!("there is no limit"),
                }
            }
            Work::Rejection(mut body) => {
                let left = std::str::from_utf8(&body.payload)
                    .ok()
                    .and_then(|text| self.cut(text, body.sync_id, &body.receipt, erasures));
                if let Some(left) = left {
                    body.payload = left.into_bytes();
                }
                Work::Rejection(body)
            }
        }
    }

    /// A body without the records that were erased; `None` if it has none of them.
    fn cut(&mut self, body: &str, sync_id: Option<SyncId>, receipt: &Receipt, erasures: &[Erasure]) -> Option<String> {
        let concerns =
            |erasure: &&Erasure| Some(erasure.sync_id) == sync_id && receipt.received_at < erasure.started_at;
        let erasures: Vec<&Erasure> = erasures.iter().filter(concerns).collect();
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
