//! Turns the bytes of a request body into an [`Envelope`]. Pure: no clock, no runtime, no database.
//!
//! `http` calls [`decode`] and [`parse`]; `store` writes the result. A record's `fields` are neither copied nor parsed
//! into numbers: an [`Envelope`] owns the body and has the byte range of each record.

mod canonical;
mod elements;
mod exponents;
mod gunzip;
mod hash;
mod json;
mod text;
mod usable;
mod wire;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use chrono::{DateTime, Utc};
use ipnet::IpNet;
use uuid::Uuid;

pub use canonical::canonical_json;
pub use elements::{Element, cut, elements, elements_of_body};
pub use gunzip::{DecodeError, Full, LAYERS, decode, is_gzip};
pub use hash::is_made_hash;
pub use json::{Malformed, Unparsed, parse};
#[cfg(test)]
pub(crate) use json::{arbitrary_json, receipt};
pub use text::{Sanitized, sanitize_json};
pub use wire::{raw_records, sync_of_body};

use crate::model::{RecordHash, Sighting, SyncId};

/// The only event that polysink processes; Polytomic documents no other for record deliveries.
pub const RECORDS_EVENT: &str = "sync.records";

/// A delivery's receipt: everything known before its body is read. Made once its headers have been verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// The key that makes every retry of this delivery idempotent. See [`envelope_id`].
    pub envelope_id: Uuid,
    pub received_at: DateTime<Utc>,
    /// The `Polytomic-Signature-Timestamp` header; `received_at` if there was none.
    pub sent_at: DateTime<Utc>,
    /// The name of the secret that matched.
    pub connection: String,
    pub source_ip: Option<IpNet>,
    pub user_agent: Option<String>,
    /// Whether it was on the local disk first, while the database was away.
    pub was_spooled: bool,
}

/// The id of a delivery: a UUID of version 7 with the time of receipt to the microsecond (RFC 9562, 5.7 and 6.2, method
/// 3).
///
/// If two sightings were sent in the same second, the older one by id is the one that was received earlier, on any
/// replica. A row of a query table relies on that: it has the time of its first sighting and not its id.
///
/// * `random`: a UUID of version 4
pub fn envelope_id(received_at: DateTime<Utc>, random: Uuid) -> Uuid {
    let millis = u64::try_from(received_at.timestamp_millis()).unwrap_or(0);
    // A fraction of a millisecond, in twelve bits.
    let fraction = received_at.timestamp_subsec_micros() % 1_000 * 4_096 / 1_000;
    let mut rest = [0; 10];
    rest[..2].copy_from_slice(&u16::try_from(fraction).expect("it is less than 4,096").to_be_bytes());
    rest[2..].copy_from_slice(&random.as_bytes()[8..]);
    uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
}

/// A parsed delivery, ready to be stored.
#[derive(Debug)]
pub struct Envelope {
    pub receipt: Receipt,
    /// The event's name, valid for a text column.
    pub event: String,
    pub outcome: Outcome,
    pub sync_id: Option<SyncId>,
    /// `object.name`, valid for a text column; `None` if none was sent.
    pub name: Option<String>,
    /// `object.metadata` as JSON text that jsonb takes; `None` for JSON null, or if none was sent.
    pub metadata: Option<String>,
    /// How many records the payload has, invalid ones included.
    pub record_count: usize,
    pub records: Vec<Record>,
    pub rejections: Vec<Rejection>,
    /// The JSON as received, decompressed.
    pub body: String,
    /// Where the records stood that were cut out of the body since; the others keep their positions.
    erased: Vec<u32>,
}

impl Envelope {
    /// The byte range of each record's JSON in the body, by position. One pass over the body.
    pub fn raw_records(&self) -> BTreeMap<u32, Range<usize>> {
        positions(&self.erased).zip(raw_records(&self.body)).collect()
    }

    /// The sighting that one of its records is.
    pub fn sighting(&self, record: &Record) -> Sighting {
        let Receipt { sent_at, envelope_id, received_at, .. } = self.receipt;
        Sighting { sent_at, envelope_id, position: record.position.cast_signed(), received_at }
    }
}

/// The positions of the records in a body, in order, without end.
///
/// * `erased`: those of the records that were cut out
pub fn positions(erased: &[u32]) -> impl Iterator<Item = u32> + use<> {
    let erased: HashSet<u32> = erased.iter().copied().collect();
    (0..).filter(move |position| !erased.contains(position))
}

/// Parses a body of the raw log. It was accepted, whatever the limits are now.
///
/// * `erased`: the positions of the records that were cut out
pub fn parse_stored(body: String, receipt: Receipt, erased: Vec<u32>) -> Result<Envelope, Unparsed> {
    let mut envelope = parse(body, receipt, usize::MAX)?;
    if !erased.is_empty() {
        let places: Vec<u32> = positions(&erased).take(envelope.record_count).collect();
        let records = envelope.records.iter_mut().map(|record| &mut record.position);
        let rejections = envelope.rejections.iter_mut().map(|rejection| &mut rejection.position);
        for position in records.chain(rejections) {
            *position = places[*position as usize];
        }
        envelope.erased = erased;
    }
    Ok(envelope)
}

/// The column `outcome`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// A record delivery.
    Stored,
    /// An unknown event: kept, not processed.
    Ignored,
}

impl Outcome {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One valid record of an envelope.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub hash: RecordHash,
    fields: Fields,
    /// Its index in `object.records`, counted from 0.
    pub position: u32,
}

/// Where the text of a record's fields is.
#[derive(Debug, Clone, PartialEq)]
enum Fields {
    /// In the envelope's body, at these bytes: the usual case.
    Borrowed(Range<usize>),
    /// A copy, in which (or in the record's hash) U+FFFD replaces what the database cannot hold.
    Altered(Box<str>),
}

impl Record {
    /// The JSON object `fields` as text that jsonb takes; `body` is the owning envelope's.
    pub fn fields<'a>(&'a self, body: &'a str) -> &'a str {
        match &self.fields {
            Fields::Borrowed(range) => &body[range.clone()],
            Fields::Altered(text) => text,
        }
    }

    /// Whether [`Record::fields`] or the hash differs from what was sent.
    pub fn altered(&self) -> bool {
        matches!(self.fields, Fields::Altered(_))
    }
}

/// An invalid record, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejection {
    /// The reason code, such as `hash_not_string`.
    pub reason: &'static str,
    /// A sentence for whoever reads it.
    pub detail: Cow<'static, str>,
    pub position: u32,
    /// The byte range of the record's JSON in the envelope's body.
    pub payload: Range<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_keep_their_positions_when_others_are_cut_out() {
        let records = r#"{"hash":"b","fields":{}},7,{"hash":"d","fields":{}}"#;
        let object = format!(r#"{{"id":"5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47","records":[{records}]}}"#);
        let body = format!(r#"{{"event":"sync.records","object":{object}}}"#);
        let envelope = parse_stored(body, receipt(), vec![0, 3]).expect("it is an envelope");
        let positions: Vec<u32> = envelope.records.iter().map(|record| record.position).collect();
        assert_eq!((&positions[..], envelope.rejections[0].position), (&[1, 4][..], 2));
        let raw = envelope.raw_records();
        assert_eq!(raw.keys().copied().collect::<Vec<_>>(), [1, 2, 4]);
        assert_eq!(&envelope.body[raw[&2].clone()], "7");
    }

    #[test]
    fn the_order_of_ids_is_that_of_receipt_to_the_microsecond() {
        let at = |micros| DateTime::from_timestamp_micros(1_700_000_000_000_000 + micros).expect("it is a time");
        let ids: Vec<Uuid> = (0..3_000_i64).map(|micros| envelope_id(at(micros), Uuid::new_v4())).collect();
        assert!(ids.is_sorted_by(|one, other| one < other));
        assert!(ids.iter().all(|id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122));
        let millis =
            |id: &Uuid| id.get_timestamp().map(|time| time.to_unix()).map(|(secs, nanos)| (secs, nanos / 1_000_000));
        assert_eq!(millis(&ids[2_999]), Some((1_700_000_000, 2)));
        assert_ne!(envelope_id(at(0), Uuid::new_v4()), envelope_id(at(0), Uuid::new_v4()), "they are random beyond");
    }
}
