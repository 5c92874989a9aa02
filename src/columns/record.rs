//! Turns a record into the entries of its fields.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::value::Value;

/// The values of a record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entries<'a> {
    /// Those of fields in the catalogue, in its order.
    pub(super) known: Vec<FieldEntry<'a>>,
    /// Those of further fields: name and JSON. The last of equal names counts.
    pub(super) further: Vec<(Cow<'a, str>, &'a str)>,
}

/// One value of a record: its field's index in the catalogue, its JSON, and the parsed value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FieldEntry<'a> {
    pub(super) field: usize,
    pub(super) json: &'a str,
    pub(super) value: Value<'a>,
}

impl<'a> Entries<'a> {
    /// The name of a field that is not in the catalogue, if the record has one.
    pub fn further(&self) -> Option<&str> {
        self.further.first().map(|(name, _)| name.as_ref())
    }

    pub(super) fn of_field(&self, field: usize) -> Option<&FieldEntry<'a>> {
        self.known.binary_search_by_key(&field, |entry| entry.field).ok().map(|at| &self.known[at])
    }

    /// * `field`: returns the index of the field with that name, or the name if there is none
    pub(super) fn of(json: &'a str, mut field: impl FnMut(Cow<'a, str>) -> Result<usize, Cow<'a, str>>) -> Self {
        let mut entries = Self::default();
        for (name, json) in members(json) {
            match field(name) {
                Ok(field) => entries.add(field, json),
                Err(name) => entries.further.push((name, json)),
            }
        }
        entries
    }

    fn add(&mut self, field: usize, json: &'a str) {
        let entry = FieldEntry { field, json, value: Value::read(json) };
        // Records nearly always have their fields in the same order, so the one before is smaller.
        match self.known.last() {
            Some(last) if last.field >= field => match self.known.binary_search_by_key(&field, |entry| entry.field) {
                Ok(at) => self.known[at] = entry,
                Err(at) => self.known.insert(at, entry),
            },
            _ => self.known.push(entry),
        }
    }
}

/// The members of a JSON object, in its order; none if it is not an object.
pub(super) fn members(json: &str) -> Vec<(Cow<'_, str>, &str)> {
    struct Members;

    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(Cow<'de, str>, &'de str)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                members.push((name, value.get()));
            }
            Ok(members)
        }
    }

    serde_json::Deserializer::from_str(json).deserialize_map(Members).unwrap_or_default()
}

/// A member's name, borrowed if nothing in it is escaped.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }

        deserializer.deserialize_str(Text).map(Self)
    }
}
