//! The entities to erase, and which records belong to them. Pure.

use std::collections::{BTreeSet, HashSet};

use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::value::RawValue;

use super::ForgetError;
use crate::columns::{EntityKeys, NoKey};
use crate::envelope::Element;

/// The entities to erase.
pub struct ErasureTarget {
    pub entity_keys: EntityKeys,
    /// As in `_key`; the hash of a record that belongs to no entity.
    pub keys: BTreeSet<String>,
    mentions: ValueMentions,
    /// Whether to erase what cannot be read and mentions an entity.
    unreadable_too: bool,
}

/// Whether an element belongs to the entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RecordMatch {
    Other,
    /// One of the entities.
    Matches,
    /// It cannot be read, and mentions one of the entities.
    Unclear,
}

/// The elements of an array that belong to the entities.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RecordMatches {
    /// For each element, whether it will be cut out.
    pub is_removed: Vec<bool>,
    /// The keys and the hashes of those, as far as they have them.
    pub keys: Vec<String>,
    pub hashes: Vec<String>,
    /// Elements that stay, cannot be read, and mention one of the entities.
    pub unclear: u64,
}

impl RecordMatches {
    /// How many will be cut out.
    pub fn removed(&self) -> usize {
        self.is_removed.iter().filter(|is_removed| **is_removed).count()
    }
}

impl ErasureTarget {
    /// * `keys`: as in `_key`
    /// * `unreadable_too`: whether to erase what cannot be read and mentions an entity
    pub fn of(entity_keys: EntityKeys, keys: BTreeSet<String>, unreadable_too: bool) -> Self {
        let mentions = ValueMentions::of(&keys);
        Self { entity_keys, keys, mentions, unreadable_too }
    }

    pub fn keys(&self) -> Vec<&str> {
        self.keys.iter().map(String::as_str).collect()
    }

    /// Finds the entities' records in an array.
    ///
    /// * `text`: that the elements are in
    /// * `hashes`: of records that are known to be theirs, for those whose fields do not say it
    /// * `same_sync`: whether the text is known to belong to the entities' sync; otherwise only the hashes count
    pub fn match_records(
        &self,
        text: &str,
        elements: &[Element<'_>],
        hashes: &HashSet<String>,
        same_sync: bool,
    ) -> RecordMatches {
        let mut matches = RecordMatches { is_removed: Vec::with_capacity(elements.len()), ..RecordMatches::default() };
        for element in elements {
            let (hash, fields) = (element.hash.as_deref(), element.fields.as_deref());
            let key = if same_sync { self.entity_keys.of_record(hash, fields) } else { None };
            let is_theirs = match (&key, hash) {
                (Some(key), _) => self.keys.contains(key),
                // A record of no entity goes by its hash.
                (None, Some(hash)) => hashes.contains(hash) || self.keys.contains(hash),
                (None, None) => false,
            };
            let found = if is_theirs {
                RecordMatch::Matches
            } else if key.is_none() && fields.is_none() && self.mentions.any_in(&text[element.range.clone()]) {
                RecordMatch::Unclear
            } else {
                RecordMatch::Other
            };
            let is_removed = found == RecordMatch::Matches || found == RecordMatch::Unclear && self.unreadable_too;
            matches.is_removed.push(is_removed);
            if found == RecordMatch::Matches {
                matches.keys.extend(key.or_else(|| element.hash.clone()));
                matches.hashes.extend(element.hash.clone());
            }
            matches.unclear += u64::from(found == RecordMatch::Unclear && !is_removed);
        }
        matches
    }

    /// Whether a text that cannot be read mentions an entity, and whether it is to be erased then.
    pub fn match_unreadable(&self, text: &str) -> (bool, bool) {
        let mentions = self.mentions.any_in(text);
        (mentions, mentions && self.unreadable_too)
    }
}

/// Finds the values of keys in texts.
struct ValueMentions {
    /// The longest value of each key.
    longest: AhoCorasick,
    /// All values of each key.
    values: Vec<Vec<String>>,
}

impl ValueMentions {
    fn of(keys: &BTreeSet<String>) -> Self {
        let values: Vec<Vec<String>> = keys.iter().map(|key| values_in(key)).collect();
        let longest =
            values.iter().map(|values| values.iter().max_by_key(|value| value.len()).map_or("", String::as_str));
        let longest = AhoCorasick::builder().match_kind(MatchKind::Standard).build(longest);
        Self { longest: longest.expect("the keys are far smaller than an automaton may be"), values }
    }

    /// Whether a text has all values of one of the keys, each as a word.
    fn any_in(&self, text: &str) -> bool {
        self.longest.find_overlapping_iter(text).any(|found| {
            let values = &self.values[found.pattern().as_usize()];
            values.iter().all(|value| !value.is_empty() && has_word(text, value))
        })
    }
}

/// The values of a key, as they can stand in a text.
fn values_in(key: &str) -> Vec<String> {
    let parts: Vec<&RawValue> = serde_json::from_str(key).unwrap_or_default();
    if parts.is_empty() {
        return vec![key.to_owned()];
    }
    let value = |part: &RawValue| serde_json::from_str(part.get()).unwrap_or_else(|_| part.get().to_owned());
    parts.into_iter().map(value).collect()
}

/// Whether a text has these characters, and no letter or digit before and after them.
fn has_word(text: &str, word: &str) -> bool {
    let mut found = text.match_indices(word);
    found.any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// The keys that an operator can mean: one, or two if the value can be read as text and as JSON.
///
/// * `given`: the identity's value, a JSON array of its values, or a record's hash without an identity
///
/// # Errors
///
/// [`ForgetError::BadKey`] if no entity can have it.
pub fn keys_meant(entity_keys: &EntityKeys, given: &str) -> Result<Vec<String>, ForgetError> {
    let Some((identity, _)) = entity_keys.identity() else { return Ok(vec![given.to_owned()]) };
    let bad = |why: String| ForgetError::BadKey(given.to_owned(), why);
    let parts: Option<Vec<&RawValue>> = serde_json::from_str(given).ok();
    let tries: Vec<Vec<String>> = match parts {
        Some(parts) if parts.len() == identity.len() => {
            vec![parts.into_iter().map(|part| part.get().to_owned()).collect()]
        }
        _ if identity.len() == 1 => {
            let text = serde_json::to_string(given).expect("a string is always JSON");
            let json = serde_json::from_str::<&RawValue>(given).ok().map(|json| json.get().to_owned());
            std::iter::once(text).chain(json).map(|value| vec![value]).collect()
        }
        _ => {
            return Err(bad(format!(
                "the identity is ({}); write a JSON array with {} values, as in _key",
                identity.join(", "),
                identity.len()
            )));
        }
    };
    let mut keys = Vec::new();
    let mut why = None;
    for values in tries {
        match entity_keys.of_values(&values.iter().map(String::as_str).collect::<Vec<_>>()) {
            Ok(key) if keys.contains(&key) => {}
            Ok(key) => keys.push(key),
            Err(NoKey::Missing) => why = Some("no entity has null in its identity"),
            Err(NoKey::TooLarge) => why = Some("it is larger than a key can be"),
        }
    }
    match why {
        Some(why) if keys.is_empty() => Err(bad(why.to_owned())),
        _ => Ok(keys),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::KeyColumn;
    use crate::envelope::elements;

    fn keys_of(columns: &[(&str, &str)]) -> EntityKeys {
        let column = |text: &str| text.parse::<KeyColumn>().expect("it is one");
        EntityKeys::of(Some(columns.iter().map(|(name, text)| ((*name).to_owned(), column(text))).unzip()))
    }

    fn target(entity_keys: EntityKeys, keys: &[&str], unreadable_too: bool) -> ErasureTarget {
        ErasureTarget::of(entity_keys, keys.iter().map(|&key| key.to_owned()).collect(), unreadable_too)
    }

    #[test]
    fn a_key_is_given_as_people_write_it() {
        let meant = |columns: &[(&str, &str)], given| keys_meant(&keys_of(columns), given).ok();
        let keys = |keys: &[&str]| Some(keys.iter().map(|&key| key.to_owned()).collect::<Vec<_>>());
        assert_eq!(meant(&[("id", "bigint")], "42"), keys(&["[42]"]));
        assert_eq!(meant(&[("id", "bigint")], "[42]"), keys(&["[42]"]));
        assert_eq!(meant(&[("id", "text")], "42"), keys(&["[\"42\"]"]));
        assert_eq!(meant(&[("id", "text")], "1.0"), keys(&["[\"1.0\"]", "[\"1\"]"]));
        assert_eq!(meant(&[("id", "text")], "jane@example.com"), keys(&["[\"jane@example.com\"]"]));
        assert_eq!(meant(&[("id", "jsonb")], "42"), keys(&["[\"42\"]", "[42]"]));
        assert_eq!(meant(&[("id", "date")], "2020-12-02"), keys(&["[\"2020-12-02\"]"]));
        assert_eq!(meant(&[("id", "text")], "null"), keys(&["[\"null\"]"]));
        assert_eq!(meant(&[("id", "text"), ("n", "bigint")], "[\"eu\", 7]"), keys(&["[\"eu\",7]"]));
        assert_eq!(meant(&[("id", "text"), ("n", "bigint")], "eu"), None);
        assert_eq!(meant(&[("id", "text")], "[null]"), None);
        assert_eq!(meant(&[("id", "text")], &"x".repeat(3_000)), None);
        assert_eq!(keys_meant(&EntityKeys::of(None), "a hash").ok(), keys(&["a hash"]));
    }

    #[test]
    fn a_record_is_theirs_by_its_key_and_by_its_hash_if_it_has_no_key() {
        let json = r#"[{"hash":"a","fields":{"id":1}},{"hash":"b","fields":{"id":2}},{"hash":"a"},
            {"hash":"b","fields":{}},
            {"hash":"x","fields":{"id":1.0}},{"hash":"y"}]"#;
        let target = target(keys_of(&[("id", "bigint")]), &["[1]"], false);
        let known = HashSet::from(["a".to_owned(), "b".to_owned()]);
        let elements = elements(json).expect("it is an array");
        let matches = target.match_records(json, &elements, &known, true);
        assert_eq!(matches.is_removed, [true, false, true, true, true, false]);
        assert_eq!(matches.hashes, ["a", "a", "b", "x"]);
        assert_eq!(matches.keys, ["[1]", "a", "b", "[1]"]);
        let matches = target.match_records(json, &elements, &known, false);
        assert_eq!(
            matches.is_removed,
            [true, true, true, true, false, false],
            "of an unknown sync only the hashes count"
        );
    }

    #[test]
    fn unreadable_elements_match_only_on_request() {
        let json = r#"[["jane@example.com","eu"],["jane@example.com","us"],"xjane@example.com eu",
            {"fields":"eu: jane@example.com!"}]"#;
        let elements = elements(json).expect("it is an array");
        let match_records = |too| {
            let entity_keys = keys_of(&[("region", "text"), ("email", "text")]);
            target(entity_keys, &[r#"["eu","jane@example.com"]"#], too).match_records(
                json,
                &elements,
                &HashSet::new(),
                true,
            )
        };
        let careful = match_records(false);
        assert_eq!((careful.is_removed, careful.unclear), (vec![false; 4], 2));
        let thorough = match_records(true);
        assert_eq!((thorough.is_removed, thorough.unclear), (vec![true, false, false, true], 0));
    }
}
