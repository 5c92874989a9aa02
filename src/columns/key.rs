//! The key of an entity: the values of its identity's columns, as a canonical JSON array.

use std::fmt;

use chrono::{DateTime, SecondsFormat};
use serde_json::value::RawValue;

use super::catalogue::Catalogue;
use super::cell::{Cell, Reading};
use super::field::Field;
use super::format::Format;
use super::number::by_value;
use super::record::Entries;
use super::value::{ColumnType, Value};
use crate::envelope::canonical_json;

/// The longest key of an entity, in bytes: a btree takes it with the other columns of the index.
const MAX_KEY_BYTES: usize = 2_000;

/// The most fields of an identity: what a btree takes.
pub const MAX_IDENTITY_FIELDS: usize = 32;

/// Why a record belongs to no entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoKey {
    /// A field of the identity is missing or null.
    Missing,
    /// The identity's values are too large for an index, or nested too deeply.
    TooLarge,
}

/// How a field of the identity becomes a part of the key. Values that are equal in such a column are equal in the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyColumn {
    column_type: ColumnType,
    /// Strings are parsed as the column's type.
    pinned: bool,
    format: Option<Format>,
}

impl KeyColumn {
    /// For a field without a column: values are compared as JSON.
    const WITHOUT_COLUMN: Self = Self { column_type: ColumnType::Jsonb, pinned: false, format: None };

    /// By the field's column. Types learned before the column exists do not change the key: it would change with each
    /// delivery.
    pub fn of(field: &Field) -> Self {
        let Some(column_type) = field.column_type else { return Self::WITHOUT_COLUMN };
        let format = field.format.clone().filter(|_| field.pinned);
        Self { column_type, pinned: field.pinned, format }
    }

    fn reading(&self) -> Reading<'_> {
        match &self.format {
            Some(format) => Reading::Formatted(format),
            None if self.pinned => Reading::Lenient,
            None => Reading::Key,
        }
    }

    /// The part of a key that this value makes.
    fn part(&self, json: &str, value: &Value<'_>) -> Option<String> {
        let string = |text: &str| serde_json::to_string(text).expect("a string is always JSON");
        let literal = |literal: &str| {
            let mut out = String::new();
            by_value(literal, &mut out);
            out
        };
        Some(match value.cell(json, self.column_type, self.reading()) {
            Some(Cell::Boolean(value)) => value.to_string(),
            Some(Cell::Bigint(value)) => value.to_string(),
            Some(Cell::Numeric(digits)) => literal(&digits),
            Some(Cell::Date(date)) => string(&date.to_string()),
            Some(Cell::Timestamp(local)) => string(&local.format("%Y-%m-%dT%H:%M:%S%.f").to_string()),
            Some(Cell::Timestamptz(time)) => string(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            Some(Cell::Uuid(uuid)) => string(&uuid.to_string()),
            // Numbers are equal by their value here too: 1 and 1.0 are "1".
            Some(Cell::Text(_)) if matches!(value, Value::Integer(_) | Value::Number(_)) => string(&literal(json)),
            Some(Cell::Text(text)) => string(&text),
            Some(Cell::Null) if *value == Value::Null => return None,
            // A value that does not fit its column, or is empty there, is equal only to itself.
            Some(Cell::Jsonb(_) | Cell::Null) | None => canonical_json(json, by_value)?,
        })
    }
}

/// The trace that a JSON value has if it makes some part of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartTrace {
    /// If the value is a string, it is one of these, but for the case of its letters; `None` for any.
    pub strings: Option<Vec<String>>,
    /// If it is a number, it equals one of these; `None` for any.
    pub numbers: Option<Vec<String>>,
    /// Its JSON has these characters, none of which is written in another way but as `\u00…`, or in a number with an
    /// exponent; `None` if nothing is sure.
    pub needle: Option<String>,
}

impl PartTrace {
    /// Nothing is sure.
    const ANY: Self = Self { strings: None, numbers: None, needle: None };

    /// Whether a number may be meant.
    pub fn may_be_number(&self) -> bool {
        self.numbers.as_ref().is_none_or(|numbers| !numbers.is_empty())
    }
}

/// The longest part of a text that JSON has literally, if its ASCII characters are not escaped.
pub fn literal_part(text: &str) -> Option<String> {
    let is_literal = |char: char| (char.is_ascii_graphic() || char == ' ') && !matches!(char, '"' | '\\' | '/');
    let parts = text.split(|char: char| !is_literal(char));
    parts.max_by_key(|part| part.len()).filter(|part| !part.is_empty()).map(str::to_owned)
}

impl KeyColumn {
    /// The trace of the values that make this part of a key.
    ///
    /// * `part`: JSON, as in a key
    fn trace(&self, part: &str) -> PartTrace {
        let is_number = |text: &str| {
            serde_json::from_str::<serde_json::Number>(text).is_ok()
                && !text.contains(['e', 'E', '+'])
                && text.len() < 100
        };
        // In these, values that look different can make the same part.
        let is_parsed = self.pinned && self.column_type != ColumnType::Text
            || self.column_type.is_temporal()
            || self.column_type == ColumnType::Boolean;
        match serde_json::from_str::<serde_json::Value>(part) {
            Ok(_) if is_parsed => PartTrace::ANY,
            Ok(serde_json::Value::String(text)) => PartTrace {
                numbers: if is_number(&text) {
                    Some(vec![text.clone()])
                } else {
                    // One that is too long to be compared is any.
                    text.contains(|char: char| !char.is_ascii_digit() && !matches!(char, '.' | '-')).then(Vec::new)
                },
                needle: literal_part(&text).filter(|_| self.column_type != ColumnType::Uuid),
                strings: Some(vec![text.to_lowercase(), text]),
            },
            Ok(serde_json::Value::Number(_)) if is_number(part) => PartTrace {
                // A string is a number in some columns, and can have another scale.
                strings: None,
                numbers: Some(vec![part.to_owned()]),
                needle: literal_part(part.trim_start_matches('-')),
            },
            _ => PartTrace::ANY,
        }
    }
}

impl fmt::Display for KeyColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.column_type.as_str())?;
        if self.pinned {
            f.write_str(" pinned")?;
        }
        match &self.format {
            Some(format) => write!(f, " {format}"),
            None => Ok(()),
        }
    }
}

/// Reads what [`fmt::Display`] wrote.
impl std::str::FromStr for KeyColumn {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut words = text.splitn(3, ' ');
        let column_type = words.next().and_then(|name| name.parse().ok()).ok_or(())?;
        let pinned = match words.next() {
            None => false,
            Some("pinned") => true,
            Some(_) => return Err(()),
        };
        let format = words.next().map(|format| format.parse().map_err(drop)).transpose()?;
        Ok(Self { column_type, pinned, format })
    }
}

impl Catalogue {
    /// How the fields of an identity become keys now.
    pub fn key_columns(&self, identity: &[String]) -> Vec<KeyColumn> {
        let column = |name: &String| self.field(name).map_or(KeyColumn::WITHOUT_COLUMN, KeyColumn::of);
        identity.iter().map(column).collect()
    }

    /// The columns of an identity for an index, in its order. Empty if one of the fields has no column, or one of
    /// jsonb, whose values may be longer than an index takes.
    pub fn index_columns(&self, identity: &[String]) -> Vec<String> {
        let columns = identity.iter().map(|name| {
            let field = self.field(name)?;
            field.column_type.filter(|column_type| *column_type != ColumnType::Jsonb)?;
            Some(field.column_name.clone())
        });
        columns.collect::<Option<_>>().unwrap_or_default()
    }

    /// The key of a record's entity: `["a",1]`.
    ///
    /// * `columns`: one for each field of the identity
    pub fn key(&self, entries: &Entries<'_>, identity: &[String], columns: &[KeyColumn]) -> Result<String, NoKey> {
        let mut key = String::from("[");
        for (n, (name, column)) in identity.iter().zip(columns).enumerate() {
            let (json, value) = self.value(entries, name).ok_or(NoKey::Missing)?;
            if *value == Value::Null {
                return Err(NoKey::Missing);
            }
            if n > 0 {
                key.push(',');
            }
            key.push_str(&column.part(json, value).ok_or(NoKey::TooLarge)?);
        }
        key.push(']');
        if key.len() > MAX_KEY_BYTES { Err(NoKey::TooLarge) } else { Ok(key) }
    }
}

/// Which entity a record belongs to, by the keys that a sync's query tables have.
#[derive(Debug, Clone)]
pub struct EntityKeys {
    /// `None` without an identity: each record is an entity, and its hash the key.
    identity: Option<(Vec<String>, Vec<KeyColumn>)>,
    /// The fields of the identity.
    catalogue: Catalogue,
}

impl EntityKeys {
    /// The keys of an identity.
    ///
    /// * `identity`: its fields, and how each is read
    pub fn of(identity: Option<(Vec<String>, Vec<KeyColumn>)>) -> Self {
        let names = identity.iter().flat_map(|(names, _)| names);
        let fields = names.map(|name| Field::new(name.clone(), name.clone(), DateTime::UNIX_EPOCH));
        let catalogue = Catalogue::of(fields.collect());
        Self { identity, catalogue }
    }

    /// The fields of the identity, and how each is read.
    pub fn identity(&self) -> Option<&(Vec<String>, Vec<KeyColumn>)> {
        self.identity.as_ref()
    }

    /// The key of a record's entity; `None` if it has none.
    ///
    /// * `hash`: of the record, if it has one
    /// * `fields`: a JSON object
    pub fn of_record(&self, hash: Option<&str>, fields: Option<&str>) -> Option<String> {
        match &self.identity {
            None => hash.map(str::to_owned),
            Some((names, columns)) => {
                let entries = self.catalogue.read_known(fields?);
                self.catalogue.key(&entries, names, columns).ok()
            }
        }
    }

    /// The trace of an entity's records: the most selective field of the identity, and the trace of its values. `None`
    /// for a record that belongs to no entity.
    pub fn trace(&self, key: &str) -> Option<(&str, PartTrace)> {
        let (names, columns) = self.identity.as_ref()?;
        let parts: Vec<&RawValue> = serde_json::from_str(key).ok()?;
        let fields = names.iter().zip(columns).zip(parts);
        let traces = fields.map(|((name, column), part)| (name.as_str(), column.trace(part.get())));
        traces.max_by_key(|(_, trace)| trace.needle.as_ref().map_or(0, String::len))
    }

    /// The key of the entity with these values of the identity.
    ///
    /// * `values`: JSON, one for each field
    pub fn of_values(&self, values: &[&str]) -> Result<String, NoKey> {
        let Some((names, columns)) = &self.identity else { return Err(NoKey::Missing) };
        let members = names.iter().zip(values).map(|(name, value)| {
            let name = serde_json::to_string(name).expect("a string is always JSON");
            format!("{name}:{value}")
        });
        let record = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
        self.catalogue.key(&self.catalogue.read_known(&record), names, columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_is_found_by_its_record_and_by_its_values() {
        let keys = |names: &[&str], columns: &[&str]| {
            let names = names.iter().map(|&name| name.to_owned()).collect();
            EntityKeys::of(Some((names, columns.iter().map(|text| column(text)).collect())))
        };
        let one = keys(&["id"], &["bigint"]);
        assert_eq!(one.of_record(Some("h"), Some(r#"{"a":{"id":2},"id":"7"}"#)).as_deref(), Some("[7]"));
        assert_eq!(
            one.of_record(Some("h"), Some(r#"{"id":1,"id":7.0}"#)).as_deref(),
            Some("[7]"),
            "the last one counts"
        );
        assert_eq!(one.of_record(Some("h"), Some(r#"{"id":null}"#)), None);
        assert_eq!(one.of_record(Some("h"), Some("{}")), None);
        assert_eq!(one.of_record(Some("h"), None), None);
        assert_eq!(one.of_values(&["\"7\""]), Ok("[7]".to_owned()));
        let two = keys(&["region", "id"], &["text", "jsonb"]);
        let key = two.of_values(&["\"eu\"", "7"]);
        assert_eq!(key, Ok(r#"["eu",7]"#.to_owned()));
        assert_eq!(two.of_record(None, Some(r#"{"id":7.0,"region":"eu","x":1}"#)), key.ok());
        assert_eq!(two.of_values(&["null", "7"]), Err(NoKey::Missing));
        let hashes = EntityKeys::of(None);
        assert_eq!(hashes.of_record(Some("h"), Some("{}")).as_deref(), Some("h"));
        assert_eq!(hashes.of_record(None, Some("{}")), None);
    }

    fn column(text: &str) -> KeyColumn {
        let column: KeyColumn = text.parse().expect("it is one");
        assert_eq!(column.to_string(), text);
        column
    }

    fn part(json: &str, column_text: &str) -> Option<String> {
        column(column_text).part(json, &Value::read(json))
    }

    /// Whether a search by the trace looks at a value.
    fn admits(trace: &PartTrace, json: &str) -> bool {
        let has_needle = trace.needle.as_ref().is_none_or(|needle| json.contains(needle));
        let is_listed = match serde_json::from_str(json).expect("it is JSON") {
            serde_json::Value::String(text) => trace.strings.as_ref().is_none_or(|strings| {
                has_needle && (strings.contains(&text) || strings.contains(&text.to_ascii_lowercase()))
            }),
            serde_json::Value::Number(number) => trace.numbers.as_ref().is_none_or(|numbers| {
                let equal = |text: &String| text.parse::<f64>().ok() == number.as_f64();
                numbers.iter().any(equal) && (has_needle || json.contains('e'))
            }),
            _ => true,
        };
        is_listed && (trace.may_be_number() || has_needle)
    }

    #[test]
    fn values_that_are_equal_in_the_column_make_one_key() {
        for (column, values, key) in [
            ("bigint", &["1", "\"1\"", "1.0", "1e0"][..], "1"),
            ("numeric", &["1.50", "1.5", "\"1.5\"", "15e-1"], "1.5"),
            ("text", &["1", "\"1\"", "1.0"], "\"1\""),
            ("text", &["true", "\"true\""], "\"true\""),
            ("date", &["\"2020-12-02\""], "\"2020-12-02\""),
            ("date pinned us", &["\"12/02/2020\"", "\"2020-12-02\""], "\"2020-12-02\""),
            ("timestamp", &["\"2020-12-02\"", "\"2020-12-02 00:00\""], "\"2020-12-02T00:00:00\""),
            ("timestamptz", &["\"2020-12-02T01:00:00+01:00\"", "\"2020-12-02T00:00:00Z\""], "\"2020-12-02T00:00:00Z\""),
            ("bigint pinned", &["\" 007 \"", "7"], "7"),
            (
                "uuid",
                &["\"5A3E7F0C-91D4-4C58-9D3B-2F6A1C0E8B47\"", "\"5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47\""],
                "\"5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47\"",
            ),
            ("jsonb", &["{\"b\":1.0,\"a\":2}", "{ \"a\": 2, \"b\": 1 }"], "{\"a\":2,\"b\":1}"),
        ] {
            for value in values {
                assert_eq!(part(value, column).as_deref(), Some(key), "{value} as {column}");
                assert!(admits(&self::column(column).trace(key), value), "{value} as {column}");
            }
        }
    }

    #[test]
    fn types_learned_before_the_column_exists_change_no_key() {
        let mut field = Field::new("id".to_owned(), "id".to_owned(), chrono::DateTime::UNIX_EPOCH);
        let before = KeyColumn::of(&field);
        field.wanted_type = ColumnType::Bigint;
        assert_eq!(KeyColumn::of(&field), before);
        field.column_type = Some(ColumnType::Bigint);
        assert_ne!(KeyColumn::of(&field), before);
    }

    #[test]
    fn values_that_differ_in_the_column_make_different_keys() {
        assert_eq!(part("\"01\"", "text").as_deref(), Some("\"01\""));
        assert_eq!(part("\"1.0\"", "text").as_deref(), Some("\"1.0\""));
        assert_eq!(part("\"01\"", "bigint").as_deref(), Some("\"01\""), "a misfit");
        assert_eq!(part("\"1\"", "jsonb").as_deref(), Some("\"1\""));
        assert_eq!(part("{\"a\":1}", "text").as_deref(), Some("{\"a\":1}"), "a misfit");
    }
}
