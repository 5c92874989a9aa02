//! One text for JSON values that are equal.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// How deep a value may be nested: bounds the stack.
const MAX_DEPTH: usize = 500;

/// Each level of nesting is read again with all that is in it: at most this many times the value, and this many bytes
/// beyond.
const MAX_READS: usize = 32;
const FREE_BYTES: usize = 1 << 20;

/// Writes valid JSON as canonical JSON: keys sorted, no white space, the last of two equal keys.
///
/// `None` if it is nested more than 500 deep, or more than 32 deep with so much in the depth that it would take long.
///
/// * `number`: writes a number's literal
pub fn canonical_json(json: &str, number: fn(&str, &mut String)) -> Option<String> {
    let budget = json.len().saturating_mul(MAX_READS).saturating_add(FREE_BYTES);
    let mut canonical = Canonical { out: String::with_capacity(json.len()), number, budget };
    canonical.write(json.trim(), 0)?;
    Some(canonical.out)
}

struct Canonical {
    out: String,
    number: fn(&str, &mut String),
    /// How many bytes may still be read.
    budget: usize,
}

impl Canonical {
    fn write(&mut self, json: &str, depth: usize) -> Option<()> {
        self.budget = self.budget.checked_sub(json.len())?;
        if depth > MAX_DEPTH {
            return None;
        }
        match json.as_bytes().first()? {
            b'{' => {
                let members: BTreeMap<String, &RawValue> = serde_json::from_str(json).ok()?;
                self.out.push('{');
                for (n, (key, value)) in members.into_iter().enumerate() {
                    self.comma(n);
                    self.string(&key);
                    self.out.push(':');
                    self.write(value.get(), depth + 1)?;
                }
                self.out.push('}');
            }
            b'[' => {
                let elements: Vec<&RawValue> = serde_json::from_str(json).ok()?;
                self.out.push('[');
                for (n, value) in elements.into_iter().enumerate() {
                    self.comma(n);
                    self.write(value.get(), depth + 1)?;
                }
                self.out.push(']');
            }
            b'"' => self.string(&serde_json::from_str::<String>(json).ok()?),
            b'-' | b'0'..=b'9' => (self.number)(json, &mut self.out),
            _ => self.out.push_str(json),
        }
        Some(())
    }

    fn comma(&mut self, n: usize) {
        if n > 0 {
            self.out.push(',');
        }
    }

    fn string(&mut self, text: &str) {
        self.out.push_str(&serde_json::to_string(text).expect("a string is always JSON"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(json: &str) -> Option<String> {
        canonical_json(json, |number, out| out.push_str(number))
    }

    #[test]
    fn work_is_bounded_where_much_is_nested_deeply() {
        let nested =
            |depth: usize, bytes: usize| format!("{}\"{}\"{}", "[".repeat(depth), "x".repeat(bytes), "]".repeat(depth));
        assert!(written(&nested(500, 1_000)).is_some());
        assert!(written(&nested(501, 1_000)).is_none());
        assert!(written(&nested(31, 4 << 20)).is_some());
        assert!(written(&nested(100, 4 << 20)).is_none());
    }

    proptest::proptest! {
        /// Compared with serde_json's own value, which keeps its keys sorted.
        #[test]
        fn canonical_json_is_the_same_as_a_parsers(value in crate::envelope::arbitrary_json()) {
            let pretty = serde_json::to_string_pretty(&value).expect("a value is always JSON");
            let canonical = written(&pretty).expect("it is shallow");
            proptest::prop_assert_eq!(canonical, serde_json::to_string(&value).expect("a value is always JSON"));
        }
    }
}
