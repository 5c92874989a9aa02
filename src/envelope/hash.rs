//! The key of a record within its sync: Polytomic's content hash, or one made here.

use sha2::{Digest, Sha256};

use super::canonical_json;

/// An index row of PostgreSQL holds about 2,700 bytes; past this a hash could stop the transaction it is in.
pub const MAX_HASH_BYTES: usize = 1_000;

/// A record's content hash: not empty, at most [`MAX_HASH_BYTES`], without NUL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordHash(Box<str>);

/// The hash is longer than [`MAX_HASH_BYTES`].
#[derive(Debug, PartialEq, Eq)]
pub struct TooLong(pub usize);

impl RecordHash {
    /// Takes a hash as sent, after [`super::sanitize_json`] and not empty.
    pub(super) fn sent(hash: &str) -> Result<Self, TooLong> {
        if hash.len() > MAX_HASH_BYTES { Err(TooLong(hash.len())) } else { Ok(Self(hash.into())) }
    }

    /// Makes one from the canonical JSON of `fields`: keys sorted, white space gone, numbers to the letter, the last of two
    /// equal keys. `None` where it is nested too deeply.
    pub(super) fn made(fields: &str) -> Option<Self> {
        // Numbers to the letter: through a double, 9007199254740993 and ...992 would get one hash.
        let canonical = canonical_json(fields, |number, out| out.push_str(number))?;
        let digest = Sha256::digest(canonical.as_bytes());
        let hash = format!("polysink:{digest:.32x}");
        Some(Self(hash.into()))
    }

    /// The text that is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(fields: &str) -> String {
        RecordHash::made(fields).expect("it is shallow").as_str().to_owned()
    }

    #[test]
    fn equal_content_has_one_hash_whatever_its_layout() {
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
        assert_eq!(RecordHash::made(&deep), None);
    }
}
