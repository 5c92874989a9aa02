//! The key of a record within its sync: Polytomic's content hash, or one made here.

use std::collections::BTreeMap;
use std::ops::Range;

use sha2::{Digest, Sha256};

/// An index row of PostgreSQL holds about 2,700 bytes; past this a hash could stop the transaction it is in.
pub const MAX_HASH_BYTES: usize = 1_000;

/// How deep the fields of a record without a hash may be nested: a bound on our own stack. Records that bring a hash are
/// bounded by PostgreSQL's stack alone.
const MAX_DEPTH: usize = 500;

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
        let mut canonical = Canonical { json: fields, at: 0, out: String::with_capacity(fields.len()) };
        canonical.value(0)?;
        let digest = Sha256::digest(canonical.out.as_bytes());
        let hash = format!("polysink:{digest:.32x}");
        Some(Self(hash.into()))
    }

    /// The text that is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Writes JSON that is known to be valid as canonical JSON, in one pass over its text.
struct Canonical<'a> {
    json: &'a str,
    at: usize,
    out: String,
}

impl Canonical<'_> {
    /// One value with all it holds; `None` where it is nested too deeply.
    fn value(&mut self, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => {
                let text = self.string()?;
                write_string(&text, &mut self.out);
                Some(())
            }
            _ => {
                // Literals and numbers as text: through a double, 9007199254740993 and ...992 would get one hash.
                let rest = &self.json[self.at..];
                let end = rest.find([',', '}', ']', ' ', '\n', '\r', '\t']).unwrap_or(rest.len());
                self.out.push_str(&rest[..end]);
                self.at += end;
                Some(())
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        let start = self.out.len();
        let mut members: BTreeMap<String, Range<usize>> = BTreeMap::new();
        self.at += 1;
        while self.peek()? != b'}' {
            let key = self.string()?;
            self.skip(b':')?;
            let from = self.out.len();
            self.value(depth + 1)?;
            members.insert(key, from..self.out.len()); // the last of two equal keys, as in jsonb
            self.separator()?;
        }
        self.at += 1;
        let values = self.out.split_off(start);
        self.out.push('{');
        for (n, (key, value)) in members.into_iter().enumerate() {
            if n > 0 {
                self.out.push(',');
            }
            write_string(&key, &mut self.out);
            self.out.push(':');
            self.out.push_str(&values[value.start - start..value.end - start]);
        }
        self.out.push('}');
        Some(())
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.out.push('[');
        self.at += 1;
        let mut first = true;
        while self.peek()? != b']' {
            if !first {
                self.out.push(',');
            }
            first = false;
            self.value(depth + 1)?;
            self.separator()?;
        }
        self.at += 1;
        self.out.push(']');
        Some(())
    }

    /// The text of the string that starts here.
    fn string(&mut self) -> Option<String> {
        self.peek()?;
        let rest = &self.json[self.at..];
        let mut end = 1;
        loop {
            end += memchr::memchr2(b'"', b'\\', &rest.as_bytes()[end..])?;
            if rest.as_bytes()[end] == b'"' {
                break;
            }
            end += 2; // an escape and the character behind it
        }
        self.at += end + 1;
        serde_json::from_str(&rest[..=end]).ok()
    }

    /// The next byte that is no white space, not taken.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.json.as_bytes()[self.at..];
        self.at += rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        self.json.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, expected: u8) -> Option<()> {
        (self.peek()? == expected).then(|| self.at += 1)
    }

    /// A comma, or nothing before the end of an object or array.
    fn separator(&mut self) -> Option<()> {
        match self.peek()? {
            b',' => self.at += 1,
            b'}' | b']' => {}
            _ => return None,
        }
        Some(())
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push_str(&serde_json::to_string(text).expect("a string is always JSON"));
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

    proptest::proptest! {
        /// Held against serde_json's own value, which keeps its keys sorted.
        #[test]
        fn canonical_json_is_what_a_parser_makes_of_it(value in crate::envelope::json::arbitrary_json()) {
            let pretty = serde_json::to_string_pretty(&value).expect("a value is always JSON");
            let mut canonical = Canonical { json: &pretty, at: 0, out: String::new() };
            canonical.value(0).expect("it is shallow");
            proptest::prop_assert_eq!(canonical.out, serde_json::to_string(&value).expect("a value is always JSON"));
        }
    }
}
