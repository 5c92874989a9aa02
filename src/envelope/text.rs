//! Text that PostgreSQL can hold: JSON allows escapes that `jsonb` and `text` refuse.

use std::borrow::Cow;

use memchr::memmem;

/// JSON text that jsonb takes.
#[derive(Debug, PartialEq, Eq)]
pub enum Sanitized<'a> {
    /// Nothing had to be replaced.
    AsItCame(&'a str),
    /// A copy with `\ufffd` for each escape that jsonb refuses.
    Altered(String),
}

impl<'a> Sanitized<'a> {
    /// The text.
    pub fn into_text(self) -> Cow<'a, str> {
        match self {
            Self::AsItCame(text) => Cow::Borrowed(text),
            Self::Altered(text) => Cow::Owned(text),
        }
    }
}

/// Replaces each `\u0000` and each lone surrogate in JSON text with `\ufffd`.
///
/// `json` is valid JSON, so a backslash is inside a string and always before another character.
pub fn sanitize_json(json: &str) -> Sanitized<'_> {
    // Most payloads have no \u at all; this one search is all they pay.
    if memmem::find(json.as_bytes(), b"\\u").is_none() {
        return Sanitized::AsItCame(json);
    }
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &json.as_bytes()[at..]) {
        let start = at + found;
        let Some(unit) = code_unit(json, start) else {
            at = start + 2; // \n, \\ and their like
            continue;
        };
        let end = start + 6;
        let pair = (0xd800..0xdc00).contains(&unit)
            && code_unit(json, end).is_some_and(|next| (0xdc00..0xe000).contains(&next));
        if pair {
            at = end + 6;
        } else {
            if unit == 0 || (0xd800..0xe000).contains(&unit) {
                out.push_str(&json[copied..start]);
                out.push_str("\\ufffd");
                copied = end;
            }
            at = end;
        }
    }
    if copied == 0 {
        return Sanitized::AsItCame(json);
    }
    out.push_str(&json[copied..]);
    Sanitized::Altered(out)
}

/// The UTF-16 code unit of the `\uXXXX` escape at byte `at`.
fn code_unit(json: &str, at: usize) -> Option<u16> {
    let digits = json.get(at..)?.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn altered(text: &str) -> Sanitized<'static> {
        Sanitized::Altered(text.to_owned())
    }

    #[test]
    fn ordinary_escapes_stay() {
        for json in [r#""a\n\"\\u0000""#, r#""\u00e9\ud83d\ude00""#, r#""\\\\u0000""#, "{}"] {
            assert_eq!(sanitize_json(json), Sanitized::AsItCame(json));
        }
    }

    #[test]
    fn nul_and_lone_surrogates_become_the_replacement_character() {
        assert_eq!(sanitize_json(r#""a\u0000b""#), altered(r#""a\ufffdb""#));
        assert_eq!(sanitize_json(r#""\ud83d""#), altered(r#""\ufffd""#));
        assert_eq!(sanitize_json(r#""\uDE00x""#), altered(r#""\ufffdx""#));
        assert_eq!(sanitize_json(r#""\ud83d\ud83d\ude00""#), altered(r#""\ufffd\ud83d\ude00""#));
        assert_eq!(sanitize_json(r#""\\\u0000""#), altered(r#""\\\ufffd""#));
        assert_eq!(sanitize_json(r#"{"\u0000":"\udc00\u0000"}"#), altered(r#"{"\ufffd":"\ufffd\ufffd"}"#));
    }

    proptest! {
        /// Whatever escapes a string has, the result parses to text without NUL, and sanitizing it again changes
        /// nothing.
        #[test]
        fn any_mix_of_escapes_becomes_text_that_a_database_can_hold(
            parts in prop::collection::vec(prop::sample::select(vec![
                r"\u0000", r"\ud83d", r"\ude00", r"\u00e9", r"\\", r"\n", "u0000", "é", "x", r#"\""#,
            ]), 0..20)
        ) {
            let json = format!("\"{}\"", parts.concat());
            let once = sanitize_json(&json).into_text().into_owned();
            let text: String = serde_json::from_str(&once).expect("what was replaced left valid JSON");
            prop_assert!(!text.contains('\0'));
            prop_assert_eq!(sanitize_json(&once), Sanitized::AsItCame(once.as_str()));
        }
    }
}
