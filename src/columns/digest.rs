//! A digest that records with the same values have in common.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::number::by_value;
use super::record::members;
use crate::envelope::canonical_json;

/// The same for records with the same values.
pub type ValuesDigest = [u8; 32];

/// The digest of a record's values: SHA-256. A null is as if the field were not there, fields and keys have no order,
/// and numbers are compared by value. `None` if a value is nested too deeply to be compared.
///
/// * `json`: the record's fields, a JSON object; the last of equal names counts
pub fn values_digest(json: &str) -> Option<ValuesDigest> {
    let fields: BTreeMap<Cow<'_, str>, &str> = members(json).into_iter().collect();
    let mut digest = Sha256::new();
    for (name, json) in fields.into_iter().filter(|(_, json)| *json != "null") {
        let value = canonical_json(json, by_value)?;
        for text in [&*name, &value] {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text);
        }
    }
    Some(digest.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_in_different_notations_are_the_same() {
        let same = [
            r#"{"a":5,"b":{"x":1,"y":[1,"é"]},"c":null}"#,
            r#"{"b":{"y":[1.0,"\u00e9"],"x":1e0},"a":5.0}"#,
            r#" { "a" : 7, "a" : 0.5E1 , "b":{"x":1,"y":[1,"é"]} } "#,
        ];
        let digests: Vec<_> = same.iter().map(|json| values_digest(json)).collect();
        assert!(digests[0].is_some() && digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
        for other in [
            r#"{"a":"5","b":{"x":1,"y":[1,"é"]}}"#,
            r#"{"a":5,"b":{"x":1,"y":["é",1]}}"#,
            r#"{"a":5,"b":{"x":1,"y":[1,"é"],"z":null}}"#,
            r#"{"a":5,"b":{"x":1,"y":[1,"é"]},"c":""}"#,
            r#"{"a":5}"#,
        ] {
            assert_ne!(values_digest(other), digests[0], "{other}");
        }
        assert_ne!(values_digest(r#"{"a":"bc"}"#), values_digest(r#"{"ab":"c"}"#));
        let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(501), "]".repeat(501));
        assert_eq!(values_digest(&deep), None);
    }

    proptest::proptest! {
        #[test]
        fn the_digest_does_not_depend_on_how_values_are_written(value in crate::envelope::arbitrary_json()) {
            let fields = serde_json::json!({"a": value, "b": null});
            let pretty = serde_json::to_string_pretty(&fields).expect("a value is always JSON");
            let digest = values_digest(&pretty);
            proptest::prop_assert!(digest.is_some());
            proptest::prop_assert_eq!(digest, values_digest(&serde_json::json!({"a": value}).to_string()));
        }
    }
}
