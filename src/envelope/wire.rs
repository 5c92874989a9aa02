//! The shapes of a delivery's JSON, and what every reader of a body needs.

use std::marker::PhantomData;
use std::ops::Range;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::sanitize_json;
use crate::model::SyncId;

/// The shortest valid record.
const SMALLEST_RECORD: &str = r#"{"fields":{}}"#;

/// A struct that is read from a JSON object only: serde's derived structs also accept an array of their fields.
pub struct JsonObject<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for JsonObject<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }

        deserializer.deserialize_map(Members(PhantomData)).map(Self)
    }
}

/// A valid record delivery. Anything else is read as [`BodyParts`].
#[derive(Deserialize)]
pub struct DeliveryJson<'a> {
    pub event: &'a str,
    #[serde(borrow)]
    pub object: JsonObject<Object<'a>>,
}

#[derive(Deserialize)]
pub struct Object<'a> {
    pub id: Uuid,
    #[serde(borrow, default)]
    pub name: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    pub records: Vec<JsonObject<WireRecord<'a>>>,
}

#[derive(Deserialize)]
pub struct WireRecord<'a> {
    #[serde(borrow, default)]
    pub hash: Option<&'a RawValue>,
    #[serde(borrow)]
    pub fields: &'a RawValue,
}

/// The same, with every member optional, to find what is wrong.
#[derive(Deserialize)]
pub struct BodyParts<'a> {
    #[serde(borrow, default)]
    pub event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub object: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub struct ObjectParts<'a> {
    #[serde(borrow, default)]
    pub id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub name: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub metadata: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub records: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub struct RecordParts<'a> {
    #[serde(borrow, default)]
    pub hash: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub fields: Option<&'a RawValue>,
}

/// Reads at most `max` elements of a JSON array. Returns whether there are more.
pub struct AtMost<'m> {
    pub max: usize,
    pub more: &'m mut bool,
}

impl<'de> DeserializeSeed<'de> for AtMost<'_> {
    type Value = Vec<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for AtMost<'_> {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut read = Vec::new();
        while let Some(element) = elements.next_element()? {
            if read.len() == self.max {
                *self.more = true;
                return Err(A::Error::custom("too many elements"));
            }
            read.push(element);
        }
        Ok(read)
    }
}

/// Whether a body can have at most `records` valid records, each of which is an object within an object. Most bodies
/// are too short for more.
pub fn has_at_most(json: &str, records: usize) -> bool {
    json.len() / SMALLEST_RECORD.len() <= records || memchr::memchr_iter(b'{', json.as_bytes()).count() / 2 <= records
}

/// The byte range of each record's JSON in a body, in order; none if it has no array of records. One pass over the
/// body.
pub fn raw_records(body: &str) -> Vec<Range<usize>> {
    let records = raw_records_of(body).unwrap_or_default();
    records.into_iter().map(|record| range_in(body, record.get())).collect()
}

/// Each record's JSON in a body; `None` if it has no array of records.
pub fn raw_records_of(body: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(object_of(body)?.records?.get()).ok()
}

/// The sync that a body names, whatever else is wrong with it.
pub fn sync_of_body(body: &str) -> Option<SyncId> {
    object_of(body)?.id.and_then(sync_id)
}

fn object_of(body: &str) -> Option<ObjectParts<'_>> {
    let json = body.strip_prefix('\u{feff}').unwrap_or(body);
    let JsonObject(parts): JsonObject<BodyParts<'_>> = serde_json::from_str(json).ok()?;
    let JsonObject(object) = serde_json::from_str(parts.object?.get()).ok()?;
    Some(object)
}

/// The byte range of a raw value in the body: `serde_json` borrows it from the text that it parses.
pub fn range_in(body: &str, text: &str) -> Range<usize> {
    let start = text.as_ptr() as usize - body.as_ptr() as usize;
    start..start + text.len()
}

/// The text of a JSON string, valid for a text column; `None` if the value is not a string.
pub fn text(value: &RawValue) -> Option<String> {
    serde_json::from_str(&sanitize_json(value.get()).into_text()).ok()
}

pub fn sync_id(value: &RawValue) -> Option<SyncId> {
    serde_json::from_str(value.get()).ok().map(SyncId)
}
