//! Hashes for records without one.

use sha2::{Digest, Sha256};

use super::canonical_json;
use crate::model::RecordHash;

/// The prefix of a hash that is made here.
const MADE: &str = "polysink:";

/// Hashes the canonical JSON of `fields`. `None` if it is nested too deeply.
pub(super) fn make_hash(fields: &str) -> Option<RecordHash> {
    // Numbers as written: as doubles, 9007199254740993 and ...992 would have the same hash.
    let canonical = canonical_json(fields, |number, out| out.push_str(number))?;
    let digest = Sha256::digest(canonical.as_bytes());
    RecordHash::new(&format!("{MADE}{digest:.32x}")).ok()
}

/// Whether a hash was made here, for a record without one. The record's text does not have it.
pub fn is_made_hash(hash: &str) -> bool {
    hash.starts_with(MADE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(fields: &str) -> String {
        make_hash(fields).expect("it is shallow").as_str().to_owned()
    }

    #[test]
    fn equal_content_in_any_layout_has_one_hash() {
        let one = made(r#"{"a": 1, "b": {"y": [1, "é"], "x": null}}"#);
        assert_eq!(one, made("{\"b\":{\"x\":null,\"y\":[1,\"\\u00e9\"]},\n \"a\":1}"));
        assert!(one.starts_with("polysink:") && one.len() == "polysink:".len() + 32, "{one}");
    }

    #[test]
    fn different_content_has_different_hashes() {
        assert_ne!(made(r#"{"id":9007199254740993}"#), made(r#"{"id":9007199254740992}"#));
        assert_ne!(made(r#"{"a":"1"}"#), made(r#"{"a":1}"#));
        assert_ne!(made(r#"{"a":null}"#), made("{}"));
        assert_ne!(made(r#"{"a":[1,2]}"#), made(r#"{"a":[2,1]}"#));
        assert_ne!(made(r#"{"a":{"b":1}}"#), made(r#"{"a":{},"b":1}"#));
    }

    #[test]
    fn nesting_that_no_database_holds_is_refused_without_a_crash() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(make_hash(&deep), None);
    }
}
