//! Parses JSON text into an [`Envelope`]: a valid body in one pass; an invalid one again, to say what is wrong.

use std::borrow::Cow;

use serde::de::DeserializeSeed as _;
use serde_json::value::RawValue;

use super::exponents::excess_exponents;
use super::usable::{Unusable, usable};
use super::wire::{
    AtMost, BodyParts, DeliveryJson, JsonObject, ObjectParts, RecordParts, WireRecord, has_at_most, range_in, sync_id,
    text,
};
use super::{Envelope, Outcome, RECORDS_EVENT, Receipt, Record, Rejection, sanitize_json};
use crate::model::SyncId;

/// Names of events and syncs are cut to this many characters.
const MAX_NAME_CHARS: usize = 1_000;

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
    match read(&body, receipt, max_records) {
        Ok(envelope) => Ok(Envelope { body, ..envelope }),
        Err(Unparsed::Malformed(malformed)) => Err(Unparsed::Malformed(Box::new(Malformed { body, ..*malformed }))),
        Err(too_many) => Err(too_many),
    }
}

impl Unparsed {
    /// Without the body, which the caller adds.
    fn malformed(reason: &'static str, detail: impl Into<String>, sync_id: Option<SyncId>) -> Self {
        Self::Malformed(Box::new(Malformed { reason, detail: detail.into(), sync_id, body: String::new() }))
    }
}

/// Reads an envelope without its body, which the caller adds.
fn read(body: &str, receipt: Receipt, max_records: usize) -> Result<Envelope, Unparsed> {
    let json = body.strip_prefix('\u{feff}').unwrap_or(body);
    if has_at_most(json, max_records)
        && let Ok(delivery) =
            serde_json::from_str::<JsonObject<DeliveryJson<'_>>>(json).map(|JsonObject(delivery)| delivery)
        && delivery.event == RECORDS_EVENT
        && let Ok(records) = all_usable(body, &delivery.object.0.records)
    {
        let JsonObject(object) = delivery.object;
        let mut envelope = record_delivery(receipt, SyncId(object.id), object.name, object.metadata);
        envelope.record_count = records.len();
        envelope.records = records;
        return Ok(envelope);
    }
    let JsonObject(parts): JsonObject<BodyParts<'_>> = serde_json::from_str(json).map_err(|error| {
        let (reason, detail) = not_an_object("the body", json, &error);
        Unparsed::malformed(reason, detail, None)
    })?;
    let Some(event) = parts.event.and_then(text) else {
        return Err(Unparsed::malformed("no_event", "the body has no `event`, or it is not a string", None));
    };
    if event != RECORDS_EVENT {
        return Ok(unknown_event(receipt, event, parts.object));
    }
    let Some(object) = parts.object else {
        return Err(Unparsed::malformed("no_object", "the body has no `object`", None));
    };
    let JsonObject(object): JsonObject<ObjectParts<'_>> = serde_json::from_str(object.get()).map_err(|error| {
        let (_, detail) = not_an_object("`object`", object.get(), &error);
        Unparsed::malformed("no_object", detail, None)
    })?;
    let Some(sync_id) = object.id.and_then(sync_id) else {
        return Err(Unparsed::malformed("bad_sync_id", "`object.id` is missing or is not a UUID", None));
    };
    let mut too_many = false;
    let elements = object.records.and_then(|records| {
        let elements = AtMost { max: max_records, more: &mut too_many };
        elements.deserialize(&mut serde_json::Deserializer::from_str(records.get())).ok()
    });
    let Some(records) = elements else {
        return Err(if too_many {
            Unparsed::TooManyRecords { max: max_records }
        } else {
            Unparsed::malformed("no_records", "`object.records` is missing or is not an array", Some(sync_id))
        });
    };
    let mut envelope = record_delivery(receipt, sync_id, object.name, object.metadata);
    envelope.record_count = records.len();
    for (position, record) in records.into_iter().enumerate() {
        let position = position_of(position);
        let read = match serde_json::from_str::<JsonObject<RecordParts<'_>>>(record.get()) {
            Ok(JsonObject(parts)) => usable(body, parts.hash, parts.fields, position),
            Err(error) if record.get().starts_with('{') => Err(("duplicate_key", error.to_string().into())),
            Err(_) => Err(("record_not_object", Cow::Borrowed("the record is not a JSON object"))),
        };
        match read {
            Ok(record) => envelope.records.push(record),
            Err((reason, detail)) => {
                let payload = range_in(body, record.get());
                envelope.rejections.push(Rejection { reason, detail, position, payload });
            }
        }
    }
    Ok(envelope)
}

fn all_usable(body: &str, records: &[JsonObject<WireRecord<'_>>]) -> Result<Vec<Record>, Unusable> {
    let each = records.iter().enumerate();
    each.map(|(position, JsonObject(record))| usable(body, record.hash, Some(record.fields), position_of(position)))
        .collect()
}

fn record_delivery(
    receipt: Receipt,
    sync_id: SyncId,
    name: Option<&RawValue>,
    metadata: Option<&RawValue>,
) -> Envelope {
    Envelope {
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
        body: String::new(),
        erased: Vec::new(),
    }
}

/// Kept whole and not processed: Polytomic may add events, and a refusal would fail the user's sync.
fn unknown_event(receipt: Receipt, event: String, object: Option<&RawValue>) -> Envelope {
    let sync_id = object
        .and_then(|object| serde_json::from_str::<JsonObject<ObjectParts<'_>>>(object.get()).ok())
        .and_then(|JsonObject(object)| object.id)
        .and_then(sync_id);
    Envelope {
        receipt,
        event: shortened(event),
        outcome: Outcome::Ignored,
        sync_id,
        name: None,
        metadata: None,
        record_count: 0,
        records: Vec::new(),
        rejections: Vec::new(),
        body: String::new(),
        erased: Vec::new(),
    }
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

/// Why a text is not a JSON object: reason code and sentence.
fn not_an_object(what: &str, json: &str, error: &serde_json::Error) -> (&'static str, String) {
    use serde_json::error::Category;
    match error.classify() {
        Category::Syntax | Category::Eof | Category::Io => ("not_json", format!("{what} is not valid JSON: {error}")),
        Category::Data if json.trim_start().starts_with('{') => {
            ("duplicate_key", format!("{what} has a duplicate key: {error}"))
        }
        Category::Data => ("no_event", format!("{what} is not a JSON object")),
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

/// The receipt of a delivery in a test.
#[cfg(test)]
pub(crate) fn receipt() -> Receipt {
    let now = chrono::DateTime::from_timestamp(1_622_588_136, 0).expect("it is a real time");
    Receipt {
        envelope_id: uuid::Uuid::nil(),
        received_at: now,
        sent_at: now,
        connection: "default".to_owned(),
        source_ip: None,
        user_agent: None,
        was_spooled: false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::model::MAX_HASH_BYTES;

    const SYNC: &str = "1ea8f90a-b22e-4218-86d5-c3c109e1fbb7";

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
