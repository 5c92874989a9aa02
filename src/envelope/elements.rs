//! Records as they stand in a text, valid or not, and how to cut them out of it.
//!
//! For erasure, which reads what [`super::parse`] refuses too.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::value::RawValue;

use super::hash::make_hash;
use super::sanitize_json;
use super::wire::{JsonObject, RecordParts, range_in, raw_records_of, text};

/// An element of an array of records.
#[derive(Debug, Clone, PartialEq)]
pub struct Element<'a> {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// Its hash, or the one that is made for a record without; `None` if it has neither.
    pub hash: Option<String>,
    /// Its fields as a JSON object that jsonb takes; `None` if it has none.
    pub fields: Option<Cow<'a, str>>,
}

/// The records of a delivery's body, whatever else is wrong with it; `None` if no array of records can be found.
pub fn elements_of_body(body: &str) -> Option<Vec<Element<'_>>> {
    let records = raw_records_of(body)?;
    Some(records.into_iter().map(|record| element(body, record)).collect())
}

/// The records of a JSON array, or the one record that a text is; `None` if it is not valid JSON.
pub fn elements(json: &str) -> Option<Vec<Element<'_>>> {
    let records: Vec<&RawValue> = if json.trim_start().starts_with('[') {
        serde_json::from_str(json)
    } else {
        serde_json::from_str(json).map(|one| vec![one])
    }
    .ok()?;
    Some(records.into_iter().map(|record| element(json, record)).collect())
}

fn element<'a>(whole: &'a str, record: &'a RawValue) -> Element<'a> {
    let range = range_in(whole, record.get());
    let Ok(JsonObject(parts)) = serde_json::from_str::<JsonObject<RecordParts<'_>>>(record.get()) else {
        return Element { range, hash: None, fields: None };
    };
    let fields = parts.fields.filter(|fields| fields.get().starts_with('{'));
    let fields = fields.map(|fields| sanitize_json(fields.get()).into_text());
    let hash = parts.hash.and_then(text).filter(|hash| !hash.is_empty());
    let hash = hash.or_else(|| make_hash(fields.as_ref()?).map(|hash| hash.as_str().to_owned()));
    Element { range, hash, fields }
}

/// The text without some elements of its array; the rest stays as it is.
///
/// * `elements`: all elements of the array, in order
/// * `is_gone`: for each, whether it is cut out
pub fn cut(text: &str, elements: &[Element<'_>], is_gone: &[bool]) -> String {
    let (Some(first), Some(last)) = (elements.first(), elements.last()) else { return text.to_owned() };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first.range.start]);
    let mut is_first = true;
    for (n, Element { range, .. }) in elements.iter().enumerate() {
        if is_gone[n] {
            continue;
        }
        if !is_first {
            // The comma and the space before it.
            out.push_str(&text[elements[n - 1].range.end..range.start]);
        }
        is_first = false;
        out.push_str(&text[range.clone()]);
    }
    out.push_str(&text[last.range.end..]);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_rest_of_a_cut_body_stays_to_the_letter() {
        let body = "{\"event\" : \"sync.records\",\n \"object\":{\"id\":1, \"records\": [ {\"a\":1.0} , \
                    {\"b\":\"\\u0041\"},{\"c\":3} ] , \"x\":[{}]}}";
        let elements = elements_of_body(body).expect("it has records");
        let without = |gone: [bool; 3]| cut(body, &elements, &gone);
        assert_eq!(without([false; 3]), body);
        assert_eq!(without([true, false, false]), body.replace("{\"a\":1.0} , ", ""));
        assert_eq!(without([false, true, false]), body.replace(" , {\"b\":\"\\u0041\"}", ""));
        assert_eq!(without([false, false, true]), body.replace(",{\"c\":3}", ""));
        assert_eq!(without([true; 3]), body.replace("{\"a\":1.0} , {\"b\":\"\\u0041\"},{\"c\":3}", ""));
    }

    #[test]
    fn invalid_records_are_elements_too() {
        let found = elements(
            r#"[{"hash":"a","fields":{"id":1}}, 3, {"hash":7,"fields":{"id":2}}, {"fields":{"id":3}}, {"hash":"b"}]"#,
        );
        let found = found.expect("it is an array");
        let seen: Vec<_> = found.iter().map(|element| (element.hash.as_deref(), element.fields.as_deref())).collect();
        let made = make_hash(r#"{"id":3}"#).expect("it is shallow");
        let other = make_hash(r#"{"id":2}"#).expect("it is shallow");
        assert_eq!(
            seen,
            [
                (Some("a"), Some(r#"{"id":1}"#)),
                (None, None),
                (Some(other.as_str()), Some(r#"{"id":2}"#)),
                (Some(made.as_str()), Some(r#"{"id":3}"#)),
                (Some("b"), None),
            ]
        );
        assert_eq!(elements(r#"{"hash":"a","fields":{"id":1}}"#).expect("it is one").len(), 1);
        assert_eq!(elements("{\"hash\":"), None);
        assert_eq!(elements_of_body(r#"{"object":{"records":7}}"#), None);
        assert_eq!(elements_of_body("\u{feff}{\"object\":{\"records\":[{}]}}").expect("it has one").len(), 1);
    }

    proptest! {
        #[test]
        fn any_array_loses_exactly_the_cut_elements(
            records in prop::collection::vec((crate::envelope::json::arbitrary_json(), any::<bool>()), 0..8)
        ) {
            let (values, gone): (Vec<Value>, Vec<bool>) = records.iter().cloned().unzip();
            let json = serde_json::to_string_pretty(&values).expect("it is JSON");
            let found = elements(&json).expect("it is an array");
            let left = cut(&json, &found, &gone);
            let left: Vec<&RawValue> = serde_json::from_str(&left).expect("it is still one");
            let left: Vec<&str> = left.into_iter().map(RawValue::get).collect();
            let kept = found.iter().zip(&gone).filter(|(_, gone)| !**gone);
            let expected: Vec<&str> = kept.map(|(element, _)| &json[element.range.clone()]).collect();
            prop_assert_eq!(left, expected);
        }
    }
}
