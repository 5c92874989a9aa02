//! Parses JSON text into an [`Envelope`]: a valid body in one pass; an invalid one again, to say what is wrong.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::Range;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::exponents::{MAX_EXPONENTS, excess_exponents};
use super::hash::make_hash;
use super::{Envelope, Fields, Outcome, RECORDS_EVENT, Receipt, Record, Rejection, Sanitized, sanitize_json};

use crate::model::{MAX_HASH_BYTES, RecordHash, SyncId, TooLong};

/// Names of events and syncs are cut to this many characters.
const MAX_NAME_CHARS: usize = 1_000;

/// The shortest valid record.
const SMALLEST_RECORD: &str = r#"{"fields":{}}"#;

/// A body that is not an envelope. It is quarantined, and its sender gets a 400.
#[derive(Debug, PartialEq)]
pub struct Malformed {
    /// The reason code: `not_json`, `no_event`, `no_object`, `bad_sync_id` or `no_records`.
    pub reason: &'static str,
    /// A sentence for whoever reads Polytomic's sync history.
    pub detail: String,
    /// The sync, if the body names one.
    pub sync_id: Option<SyncId>,
    pub body: String,
}

/// A struct that is read from a JSON object only: serde's derived structs also accept an array of their fields.
pub(super) struct JsonObject<T>(pub T);

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

/// A valid record delivery. Anything else is read as [`Parts`].
#[derive(Deserialize)]
struct DeliveryJson<'a> {
    event: &'a str,
    #[serde(borrow)]
    object: JsonObject<Object<'a>>,
}

#[derive(Deserialize)]
struct Object<'a> {
    id: Uuid,
    #[serde(borrow, default)]
    name: Option<&'a RawValue>,
    #[serde(borrow, default)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    records: Vec<JsonObject<WireRecord<'a>>>,
}

#[derive(Deserialize)]
struct WireRecord<'a> {
    #[serde(borrow, default)]
    hash: Option<&'a RawValue>,
    #[serde(borrow)]
    fields: &'a RawValue,
}

/// The same, with every member optional, to find what is wrong.
#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow, default)]
    event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    object: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ObjectParts<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    name: Option<&'a RawValue>,
    #[serde(borrow, default)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow, default)]
    records: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct RecordParts<'a> {
    #[serde(borrow, default)]
    pub hash: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub fields: Option<&'a RawValue>,
}

/// Why a body is not an envelope. The messages leave the body out, so that they can be logged.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Unparsed {
    #[error("{}", .0.detail)]
    Malformed(Box<Malformed>),
    /// It has more records than the limit.
    #[error("it has more than {max} records")]
    TooManyRecords { max: usize },
}

/// Parses a body.
///
/// * `body`: decompressed JSON text; a byte order mark before it is ignored (RFC 8259, 8.1)
/// * `receipt`: what the headers said
/// * `max_records`: how many records it may have, valid or not; bounds the memory, whatever the body holds
pub fn parse(body: String, receipt: Receipt, max_records: usize) -> Result<Envelope, Unparsed> {
    match taken_apart(&body, receipt, max_records) {
        Ok(draft) => Ok(draft.into_envelope(body)),
        Err(Fault { too_many: true, .. }) => Err(Unparsed::TooManyRecords { max: max_records }),
        Err(Fault { reason, detail, sync_id, .. }) => {
            Err(Unparsed::Malformed(Box::new(Malformed { reason, detail, sync_id, body })))
        }
    }
}

/// Reads at most `max` elements of a JSON array. Returns whether there are more.
struct AtMost<'m> {
    max: usize,
    more: &'m mut bool,
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
fn has_at_most(json: &str, records: usize) -> bool {
    json.len() / SMALLEST_RECORD.len() <= records || memchr::memchr_iter(b'{', json.as_bytes()).count() / 2 <= records
}

/// An envelope that does not own its body yet.
struct Draft {
    receipt: Receipt,
    event: String,
    outcome: Outcome,
    sync_id: Option<SyncId>,
    name: Option<String>,
    metadata: Option<String>,
    record_count: usize,
    records: Vec<Record>,
    rejections: Vec<Rejection>,
}

impl Draft {
    fn into_envelope(self, body: String) -> Envelope {
        let Self { receipt, event, outcome, sync_id, name, metadata, record_count, records, rejections } = self;
        let erased = Vec::new();
        Envelope { receipt, event, outcome, sync_id, name, metadata, record_count, records, rejections, body, erased }
    }
}

struct Fault {
    reason: &'static str,
    detail: String,
    sync_id: Option<SyncId>,
    too_many: bool,
}

impl Fault {
    fn new(reason: &'static str, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into(), sync_id: None, too_many: false }
    }
}

fn taken_apart(body: &str, receipt: Receipt, max_records: usize) -> Result<Draft, Fault> {
    let json = body.strip_prefix('\u{feff}').unwrap_or(body);
    if has_at_most(json, max_records)
        && let Ok(delivery) =
            serde_json::from_str::<JsonObject<DeliveryJson<'_>>>(json).map(|JsonObject(delivery)| delivery)
        && delivery.event == RECORDS_EVENT
        && let Ok(records) = all_usable(body, &delivery.object.0.records)
    {
        let JsonObject(object) = delivery.object;
        let mut draft = record_delivery(receipt, SyncId(object.id), object.name, object.metadata);
        draft.record_count = records.len();
        draft.records = records;
        return Ok(draft);
    }
    let JsonObject(parts): JsonObject<Parts<'_>> =
        serde_json::from_str(json).map_err(|error| not_an_object("the body", json, &error))?;
    let Some(event) = parts.event.and_then(text) else {
        return Err(Fault::new("no_event", "the body has no `event`, or it is not a string"));
    };
    if event != RECORDS_EVENT {
        return Ok(unknown_event(receipt, event, parts.object));
    }
    let Some(object) = parts.object else {
        return Err(Fault::new("no_object", "the body has no `object`"));
    };
    let JsonObject(object): JsonObject<ObjectParts<'_>> = serde_json::from_str(object.get())
        .map_err(|error| Fault { reason: "no_object", ..not_an_object("`object`", object.get(), &error) })?;
    let Some(sync_id) = object.id.and_then(sync_id) else {
        return Err(Fault::new("bad_sync_id", "`object.id` is missing or is not a UUID"));
    };
    let mut too_many = false;
    let records: Vec<&RawValue> = object
        .records
        .and_then(|records| {
            let elements = AtMost { max: max_records, more: &mut too_many };
            elements.deserialize(&mut serde_json::Deserializer::from_str(records.get())).ok()
        })
        .ok_or_else(|| Fault::new("no_records", "`object.records` is missing or is not an array"))
        .map_err(|fault| Fault { sync_id: Some(sync_id), too_many, ..fault })?;
    let mut draft = record_delivery(receipt, sync_id, object.name, object.metadata);
    draft.record_count = records.len();
    for (position, record) in records.into_iter().enumerate() {
        let position = position_of(position);
        let read = match serde_json::from_str::<JsonObject<RecordParts<'_>>>(record.get()) {
            Ok(JsonObject(parts)) => usable(body, parts.hash, parts.fields, position),
            Err(error) if record.get().starts_with('{') => Err(("duplicate_key", error.to_string().into())),
            Err(_) => Err(("record_not_object", Cow::Borrowed("the record is not a JSON object"))),
        };
        match read {
            Ok(record) => draft.records.push(record),
            Err((reason, detail)) => {
                let payload = range_in(body, record.get());
                draft.rejections.push(Rejection { reason, detail, position, payload });
            }
        }
    }
    Ok(draft)
}

/// Why a record is invalid: reason code and sentence.
type Unusable = (&'static str, Cow<'static, str>);

fn all_usable(body: &str, records: &[JsonObject<WireRecord<'_>>]) -> Result<Vec<Record>, Unusable> {
    let each = records.iter().enumerate();
    each.map(|(position, JsonObject(record))| usable(body, record.hash, Some(record.fields), position_of(position)))
        .collect()
}

fn record_delivery(receipt: Receipt, sync_id: SyncId, name: Option<&RawValue>, metadata: Option<&RawValue>) -> Draft {
    Draft {
        receipt,
        event: RECORDS_EVENT.to_owned(),
        outcome: Outcome::Stored,
        sync_id: Some(sync_id),
        name: name.map(|name| shortened(text(name).unwrap_or_else(|| name.get().to_owned()))),
        metadata: metadata
            .filter(|metadata| excess_exponents(metadata.get()).is_none())
            .map(|metadata| sanitize_json(metadata.get()).into_text().into_owned()),
        record_count: 0,
        records: Vec::new(),
        rejections: Vec::new(),
    }
}

/// Kept whole and not processed: Polytomic may add events, and a refusal would fail the user's sync.
fn unknown_event(receipt: Receipt, event: String, object: Option<&RawValue>) -> Draft {
    let sync_id = object
        .and_then(|object| serde_json::from_str::<JsonObject<ObjectParts<'_>>>(object.get()).ok())
        .and_then(|JsonObject(object)| object.id)
        .and_then(sync_id);
    Draft {
        receipt,
        event: shortened(event),
        outcome: Outcome::Ignored,
        sync_id,
        name: None,
        metadata: None,
        record_count: 0,
        records: Vec::new(),
        rejections: Vec::new(),
    }
}

/// The byte range of each record's JSON in a body, in order; none if it has no array of records. One pass over the
/// body.
pub fn raw_records(body: &str) -> Vec<Range<usize>> {
    let records = raw_records_of(body).unwrap_or_default();
    records.into_iter().map(|record| range_in(body, record.get())).collect()
}

/// Each record's JSON in a body; `None` if it has no array of records.
pub(super) fn raw_records_of(body: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(object_of(body)?.records?.get()).ok()
}

/// The sync that a body names, whatever else is wrong with it.
pub fn sync_of_body(body: &str) -> Option<SyncId> {
    object_of(body)?.id.and_then(sync_id)
}

fn object_of(body: &str) -> Option<ObjectParts<'_>> {
    let json = body.strip_prefix('\u{feff}').unwrap_or(body);
    let JsonObject(parts): JsonObject<Parts<'_>> = serde_json::from_str(json).ok()?;
    let JsonObject(object) = serde_json::from_str(parts.object?.get()).ok()?;
    Some(object)
}

/// A record that can be stored, or the reason code and the sentence why not.
fn usable(body: &str, hash: Option<&RawValue>, fields: Option<&RawValue>, position: u32) -> Result<Record, Unusable> {
    let Some(fields) = fields.filter(|fields| fields.get().starts_with('{')) else {
        return Err(("fields_not_object", Cow::Borrowed("`fields` is missing or is not an object")));
    };
    if let Some(sum) = excess_exponents(fields.get()) {
        return Err((
            "numbers_too_long",
            format!(
                "the exponents of its numbers add up to {sum}; at most {MAX_EXPONENTS}, because a database writes such \
                 numbers out, digit by digit"
            )
            .into(),
        ));
    }
    let hash_altered = hash.is_some_and(|hash| matches!(sanitize_json(hash.get()), Sanitized::Altered(_)));
    let hash = match hash.map(text) {
        None => None,
        Some(Some(hash)) => Some(hash).filter(|hash| !hash.is_empty()),
        Some(None) => return Err(("hash_not_string", Cow::Borrowed("`hash` is not a string"))),
    };
    let sanitized = sanitize_json(fields.get());
    let hash = if let Some(hash) = hash {
        RecordHash::new(&hash).map_err(|TooLong(bytes)| {
            ("hash_too_long", format!("`hash` has {bytes} bytes; at most {MAX_HASH_BYTES} fit an index").into())
        })?
    } else {
        let text: &str = match &sanitized {
            Sanitized::AsItCame(text) => text,
            Sanitized::Altered(text) => text,
        };
        make_hash(text).ok_or((
            "too_deep",
            Cow::Borrowed("the record has no `hash`, and `fields` is nested too deeply to make one"),
        ))?
    };
    let fields = match sanitized {
        Sanitized::AsItCame(text) => {
            let range = range_in(body, text);
            if hash_altered { Fields::Altered(body[range].into()) } else { Fields::Borrowed(range) }
        }
        Sanitized::Altered(text) => Fields::Altered(text.into()),
    };
    Ok(Record { hash, fields, position })
}

/// The byte range of a raw value in the body: `serde_json` borrows it from the text that it parses.
pub(super) fn range_in(body: &str, text: &str) -> Range<usize> {
    let start = text.as_ptr() as usize - body.as_ptr() as usize;
    start..start + text.len()
}

/// The text of a JSON string, valid for a text column; `None` if the value is not a string.
pub(super) fn text(value: &RawValue) -> Option<String> {
    serde_json::from_str(&sanitize_json(value.get()).into_text()).ok()
}

fn sync_id(value: &RawValue) -> Option<SyncId> {
    serde_json::from_str(value.get()).ok().map(SyncId)
}

fn shortened(name: String) -> String {
    match name.char_indices().nth(MAX_NAME_CHARS) {
        Some((end, _)) => name[..end].to_owned(),
        None => name,
    }
}

/// `object.records` cannot hold more than `u32::MAX` records: a body is at most 256 MiB.
fn position_of(index: usize) -> u32 {
    u32::try_from(index).expect("a body has fewer records than bytes, and fewer bytes than u32::MAX")
}

fn not_an_object(what: &str, json: &str, error: &serde_json::Error) -> Fault {
    use serde_json::error::Category;
    match error.classify() {
        Category::Syntax | Category::Eof | Category::Io => {
            Fault::new("not_json", format!("{what} is not valid JSON: {error}"))
        }
        Category::Data if json.trim_start().starts_with('{') => {
            Fault::new("duplicate_key", format!("{what} has a duplicate key: {error}"))
        }
        Category::Data => Fault::new("no_event", format!("{what} is not a JSON object")),
    }
}

/// Any JSON value, for property tests.
#[cfg(test)]
pub(crate) fn arbitrary_json() -> impl proptest::strategy::Strategy<Value = serde_json::Value> {
    use proptest::prelude::*;
    use serde_json::Value;

    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const SYNC: &str = "1ea8f90a-b22e-4218-86d5-c3c109e1fbb7";

    fn receipt() -> Receipt {
        let now = DateTime::from_timestamp(1_622_588_136, 0).expect("it is a real time");
        Receipt {
            envelope_id: Uuid::nil(),
            received_at: now,
            sent_at: now,
            connection: "default".to_owned(),
            source_ip: None,
            user_agent: None,
        }
    }

    fn parsed(body: &str) -> Envelope {
        parse(body.to_owned(), receipt(), usize::MAX).expect("it is a good envelope")
    }

    fn refused(body: &str) -> &'static str {
        let Err(Unparsed::Malformed(malformed)) = parse(body.to_owned(), receipt(), usize::MAX) else {
            panic!("it is an envelope")
        };
        assert_eq!(malformed.body, body, "the body goes to the quarantine as it came");
        malformed.reason
    }

    fn delivery(records: &str) -> String {
        format!(
            r#"{{"event":"sync.records","object":{{"id":"{SYNC}",
            "name":"A sync","records":{records},"metadata":null}}}}"#
        )
    }

    fn reasons(envelope: &Envelope) -> Vec<(&'static str, u32)> {
        envelope.rejections.iter().map(|rejection| (rejection.reason, rejection.position)).collect()
    }

    #[test]
    fn the_documented_payload_is_an_envelope() {
        let envelope = parsed(include_str!("../../tests/fixtures/documented.json"));
        assert_eq!(envelope.outcome, Outcome::Stored);
        assert_eq!(envelope.sync_id.expect("it names a sync").to_string(), SYNC);
        assert_eq!(envelope.name.as_deref(), Some("Webhook HTTP Endpoint sync"));
        assert_eq!(envelope.metadata.as_deref(), Some("{}"));
        let [record] = &envelope.records[..] else { panic!("it has one record") };
        assert_eq!(record.hash.as_str(), "b7421c6c57bd49f7");
        let fields: serde_json::Value = serde_json::from_str(record.fields(&envelope.body)).expect("fields are JSON");
        assert_eq!(fields, json!({"email": "ada@example.com", "last_login": "2020-12-02T00:00:00Z"}));
        assert!(!record.altered());
    }

    #[test]
    fn the_words_for_a_log_leave_the_body_out() {
        let error = parse(r#"{"event":"sync.records","secret":"hunter2"}"#.to_owned(), receipt(), usize::MAX);
        assert_eq!(error.expect_err("it has no object").to_string(), "the body has no `object`");
    }

    #[test]
    fn no_more_records_than_the_cap_are_read() {
        for record in [r#"{"hash":"h","fields":{"a":{"b":{}}}}"#, "1", "{}", r#"{"fields":{}}"#, "[[[]]]"] {
            let capped = |records: usize, max: usize| {
                let records = vec![record; records].join(",");
                parse(delivery(&format!("[{records}]")), receipt(), max).map(|envelope| envelope.record_count)
            };
            assert_eq!(capped(10, 10), Ok(10), "{record}");
            assert_eq!(capped(11, 10), Err(Unparsed::TooManyRecords { max: 10 }), "{record}");
        }
    }

    #[test]
    fn fields_keep_every_digit_and_every_space() {
        let envelope = parsed(&delivery(r#"[{"hash":"h","fields":{"n": 12345678901234567890.10 , "e":1E400}}]"#));
        assert_eq!(envelope.records[0].fields(&envelope.body), r#"{"n": 12345678901234567890.10 , "e":1E400}"#);
    }

    #[test]
    fn text_that_jsonb_cannot_hold_is_replaced_and_marked() {
        let envelope =
            parsed(&delivery(r#"[{"hash":"h\u0000","fields":{"a\ud800":"\u0000"}},{"hash":"k","fields":{}}]"#));
        assert_eq!(envelope.records[0].hash.as_str(), "h\u{fffd}");
        assert_eq!(envelope.records[0].fields(&envelope.body), r#"{"a\ufffd":"\ufffd"}"#);
        assert!(envelope.records[0].altered());
        assert!(!envelope.records[1].altered());
    }

    #[test]
    fn a_record_without_a_hash_gets_one() {
        let envelope =
            parsed(&delivery(r#"[{"fields":{"a":1}},{"hash":"","fields":{"a":1}},{"hash":null,"fields":{"a":2}}]"#));
        let hashes: Vec<_> = envelope.records.iter().map(|record| record.hash.as_str()).collect();
        assert!(hashes.iter().all(|hash| hash.starts_with("polysink:")), "{hashes:?}");
        assert_eq!(hashes[0], hashes[1]);
        assert_ne!(hashes[0], hashes[2]);
    }

    #[test]
    fn unusable_records_are_rejected_one_by_one() {
        let long = "x".repeat(MAX_HASH_BYTES + 1);
        let deep = format!("{}1{}", "[".repeat(600), "]".repeat(600));
        let envelope = parsed(&delivery(&format!(
            r#"[["h",{{}}], {{"hash":1,"fields":{{}}}}, {{"hash":"a"}}, {{"hash":"b","fields":[]}},
            {{"hash":"good","fields":{{}}}},
               {{"hash":"{long}","fields":{{}}}}, {{"fields":{{"a":{deep}}}}},
               {{"hash":"c","hash":"d","fields":{{}}}}]"#
        )));
        assert_eq!(envelope.record_count, 8);
        assert_eq!(envelope.records.len(), 1);
        assert_eq!((envelope.records[0].hash.as_str(), envelope.records[0].position), ("good", 4));
        assert_eq!(
            reasons(&envelope),
            [
                ("record_not_object", 0),
                ("hash_not_string", 1),
                ("fields_not_object", 2),
                ("fields_not_object", 3),
                ("hash_too_long", 5),
                ("too_deep", 6),
                ("duplicate_key", 7),
            ]
        );
        assert_eq!(
            &envelope.body[envelope.rejections[1].payload.clone()],
            r#"{"hash":1,"fields":{}}"#,
            "the payload is what came"
        );
    }

    #[test]
    fn deep_nesting_is_parsed_without_a_crash() {
        let deep = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
        let envelope = parsed(&delivery(&format!(r#"[{{"hash":"h","fields":{{"a":{deep}}}}}]"#)));
        assert_eq!(envelope.records.len(), 1, "whether it can be stored is for the database to say");
    }

    #[test]
    fn an_unknown_event_is_kept_and_not_processed() {
        let envelope = parsed(&format!(r#"{{"event":"sync.deleted","object":{{"id":"{SYNC}","x":[1]}}}}"#));
        assert_eq!((envelope.outcome, envelope.event.as_str()), (Outcome::Ignored, "sync.deleted"));
        assert_eq!(envelope.sync_id.expect("it names a sync").to_string(), SYNC);
        assert_eq!(parsed(r#"{"event":"hello"}"#).sync_id, None);
    }

    #[test]
    fn a_body_that_is_not_an_envelope_is_refused_with_a_reason() {
        assert_eq!(refused(""), "not_json");
        assert_eq!(refused("{\"event\":"), "not_json");
        assert_eq!(refused("[]"), "no_event");
        assert_eq!(refused(&format!(r#"["sync.records",["{SYNC}","n",null,[]]]"#)), "no_event");
        assert_eq!(refused("{}"), "no_event");
        assert_eq!(refused(r#"{"event":7}"#), "no_event");
        assert_eq!(refused(r#"{"event":"sync.records"}"#), "no_object");
        assert_eq!(refused(r#"{"event":"sync.records","object":[]}"#), "no_object");
        assert_eq!(refused(r#"{"event":"sync.records","object":{"records":[]}}"#), "bad_sync_id");
        assert_eq!(refused(r#"{"event":"sync.records","object":{"id":"7","records":[]}}"#), "bad_sync_id");
        assert_eq!(refused(&format!(r#"{{"event":"sync.records","object":{{"id":"{SYNC}"}}}}"#)), "no_records");
        assert_eq!(refused(&delivery("null")), "no_records");
        assert_eq!(refused(&delivery("{}")), "no_records");
        assert_eq!(refused(r#"{"event":"a","event":"b"}"#), "duplicate_key");
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        let envelope = parsed(&format!("\u{feff}{}", delivery(r#"[{"hash":"h","fields":{"a":1}}]"#)));
        assert_eq!(envelope.records[0].fields(&envelope.body), r#"{"a":1}"#);
    }

    #[test]
    fn metadata_can_be_any_json() {
        for (sent, kept) in [
            ("{\"a\":1}", Some("{\"a\":1}")),
            ("[1]", Some("[1]")),
            ("null", None),
            ("\"\\u0000\"", Some("\"\\ufffd\"")),
        ] {
            let body =
                format!(r#"{{"event":"sync.records","object":{{"id":"{SYNC}","records":[],"metadata":{sent}}}}}"#);
            assert_eq!(parsed(&body).metadata.as_deref(), kept);
        }
        let none = format!(r#"{{"event":"sync.records","object":{{"id":"{SYNC}","records":[]}}}}"#);
        assert_eq!((parsed(&none).metadata, parsed(&none).name), (None, None));
    }

    proptest! {
        #[test]
        fn any_object_comes_through_to_the_letter(value in prop::collection::btree_map(".*", arbitrary_json(), 0..5)) {
            let fields = serde_json::to_string(&value).expect("a map is always JSON");
            let envelope = parsed(&delivery(&format!(r#"[{{"hash":"h","fields":{fields}}}]"#)));
            let text = envelope.records[0].fields(&envelope.body);
            prop_assert_eq!(text, sanitize_json(&fields).into_text());
        }

        #[test]
        fn no_text_makes_it_panic(body in r#"[\[\]{}":,a-z0-9\\u ]{0,200}"#) {
            let _ = parse(body, receipt(), usize::MAX);
        }
    }
}
