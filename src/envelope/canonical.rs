//! One text for JSON values that are equal.

use std::collections::BTreeMap;
use std::ops::Range;

/// How deep a value may be nested: a bound on our own stack.
const MAX_DEPTH: usize = 500;

/// Writes JSON that is known to be valid as canonical JSON, in one pass over its text: keys sorted, white space gone, the last
/// of two equal keys. `None` where it is nested more than 500 deep.
///
/// * `number`: how a number's literal is written
pub fn canonical_json(json: &str, number: fn(&str, &mut String)) -> Option<String> {
    let mut canonical = Canonical { json, at: 0, out: String::with_capacity(json.len()), number };
    canonical.value(0)?;
    Some(canonical.out)
}

struct Canonical<'a> {
    json: &'a str,
    at: usize,
    out: String,
    number: fn(&str, &mut String),
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
                let rest = &self.json[self.at..];
                let end = rest.find([',', '}', ']', ' ', '\n', '\r', '\t']).unwrap_or(rest.len());
                let literal = &rest[..end];
                if literal.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
                    (self.number)(literal, &mut self.out);
                } else {
                    self.out.push_str(literal);
                }
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

    proptest::proptest! {
        /// Held against serde_json's own value, which keeps its keys sorted.
        #[test]
        fn canonical_json_is_what_a_parser_makes_of_it(value in crate::envelope::json::arbitrary_json()) {
            let pretty = serde_json::to_string_pretty(&value).expect("a value is always JSON");
            let canonical = canonical_json(&pretty, |number, out| out.push_str(number)).expect("it is shallow");
            proptest::prop_assert_eq!(canonical, serde_json::to_string(&value).expect("a value is always JSON"));
        }
    }
}
