//! Tells records apart by what a log and a delivery have in common: the key of their entity, or their values.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use serde_json::value::RawValue;

use crate::columns::{EntityKeys, values_digest};
use crate::envelope::sanitize_json;

/// Members of a log's entry that can have the record.
const INNER_FIRST: [&str; 2] = ["record", "fields"];
const INNER_LAST: [&str; 3] = ["data", "values", "row"];

/// A record's trace: the same for records of one entity, or with the same values. It has 64 bits and a random seed, so
/// that among ten million records no other one has it.
pub type Trace = u64;

/// A record as the log has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRecord {
    pub trace: Trace,
    /// Its entity's key; `None` if it has none.
    pub key: Option<String>,
    /// Its fields, a JSON object.
    pub fields: String,
}

/// How a sync's records are told apart.
#[derive(Debug)]
pub struct Traces {
    seed: RandomState,
    keys: EntityKeys,
    /// The same with the names that the fields have in the model.
    source_keys: Option<EntityKeys>,
    /// The names of the sync's fields.
    names: HashSet<String>,
}

impl Traces {
    /// * `names`: of the sync's fields
    /// * `source_names`: for names of fields, those that they have in the model
    pub fn new(keys: EntityKeys, names: HashSet<String>, source_names: &BTreeMap<&str, &str>) -> Self {
        let renamed = keys.identity().and_then(|(identity, columns)| {
            let sources: Option<Vec<String>> =
                identity.iter().map(|name| source_names.get(name.as_str()).map(|&name| name.to_owned())).collect();
            sources.filter(|sources| sources != identity).map(|sources| (sources, columns.clone()))
        });
        Self { seed: RandomState::new(), source_keys: renamed.map(|keys| EntityKeys::of(Some(keys))), keys, names }
    }

    /// The trace of a record that arrived; `None` if its values are nested too deeply.
    ///
    /// * `fields`: a JSON object
    pub fn of_arrived(&self, fields: &str) -> Option<Trace> {
        self.of_entity(&self.keys, fields).map(|(trace, _)| trace).or_else(|| self.of_values(fields))
    }

    /// Reads an entry of a log; `None` if it has no field of the sync.
    pub fn of_logged(&self, entry: &str) -> Option<LogRecord> {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(entry).ok()?;
        let inner = |name: &&str| members.get(*name).map(|value| value.get()).filter(|value| value.starts_with('{'));
        let first = INNER_FIRST.iter().filter_map(inner);
        let candidates: Vec<String> = first
            .chain([entry])
            .chain(INNER_LAST.iter().filter_map(inner))
            .map(|json| sanitize_json(json).into_text().into_owned())
            .collect();
        for keys in [Some(&self.keys), self.source_keys.as_ref()].into_iter().flatten() {
            for fields in &candidates {
                if let Some((trace, key)) = self.of_entity(keys, fields) {
                    return Some(LogRecord { trace, key: Some(key), fields: fields.clone() });
                }
            }
        }
        let fields = candidates.into_iter().find(|fields| self.has_known_field(fields))?;
        Some(LogRecord { trace: self.of_values(&fields)?, key: None, fields })
    }

    fn of_entity(&self, keys: &EntityKeys, fields: &str) -> Option<(Trace, String)> {
        let key = keys.of_record(None, Some(fields))?;
        Some((self.seed.hash_one(&key), key))
    }

    fn of_values(&self, fields: &str) -> Option<Trace> {
        values_digest(fields).map(|digest| self.seed.hash_one(digest))
    }

    fn has_known_field(&self, fields: &str) -> bool {
        let members: Option<BTreeMap<String, &RawValue>> = serde_json::from_str(fields).ok();
        members.is_some_and(|members| members.keys().any(|name| self.names.contains(name)))
    }
}

/// The records that have arrived.
#[derive(Debug, Default)]
pub struct ArrivedTraces {
    /// Sorted, each once.
    traces: Vec<Trace>,
    /// For each whether the log has had it.
    is_logged: Vec<bool>,
}

impl ArrivedTraces {
    pub fn of(mut traces: Vec<Trace>) -> Self {
        traces.sort_unstable();
        traces.dedup();
        let is_logged = vec![false; traces.len()];
        Self { traces, is_logged }
    }

    /// Whether it has arrived; notes that the log has it.
    pub fn find(&mut self, trace: Trace) -> bool {
        let found = self.traces.binary_search(&trace);
        found.is_ok_and(|at| {
            self.is_logged[at] = true;
            true
        })
    }

    /// How many of them the log has.
    pub fn logged(&self) -> u64 {
        self.is_logged.iter().filter(|is_logged| **is_logged).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::KeyColumn;

    fn traces(identity: Option<&str>) -> Traces {
        let columns = |name: &str| {
            let column: KeyColumn = "bigint".parse().expect("it is one");
            (vec![name.to_owned()], vec![column])
        };
        let names = HashSet::from(["Id".to_owned(), "Name".to_owned()]);
        Traces::new(EntityKeys::of(identity.map(columns)), names, &BTreeMap::from([("Id", "id"), ("Name", "name")]))
    }

    #[test]
    fn an_entity_is_known_in_every_form_of_an_entry() {
        let traces = traces(Some("Id"));
        let arrived = traces.of_arrived(r#"{"Id":7,"Name":"x"}"#);
        for entry in [
            r#"{"Id":7}"#,
            r#"{"Id":"7","Name":"y"}"#,
            r#"{"id":7.0}"#,
            r#"{"Id":1,"record":{"Id":7}}"#,
            r#"{"fields":{"Id":7},"hash":"h"}"#,
            r#"{"action":"insert","data":{"id":7}}"#,
        ] {
            let found = traces.of_logged(entry).expect(entry);
            assert_eq!((Some(found.trace), found.key.as_deref()), (arrived, Some("[7]")), "{entry}");
        }
        assert_ne!(traces.of_logged(r#"{"Id":8}"#).map(|record| record.trace), arrived);
        for foreign in [r#"{"x":7}"#, "[7]", "7", "{", r#"{"record":[{"Id":7}]}"#] {
            assert_eq!(traces.of_logged(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn records_without_a_key_are_told_apart_by_their_values() {
        for traces in [traces(None), traces(Some("Id"))] {
            let arrived = traces.of_arrived(r#"{"Id":null,"Name":"x"}"#);
            let found = traces.of_logged(r#"{"record":{"Name":"x"}}"#).expect("it has a field");
            assert_eq!((Some(found.trace), found.key), (arrived, None));
            assert_ne!(traces.of_logged(r#"{"Name":"y"}"#).map(|record| record.trace), arrived);
        }
    }

    #[test]
    fn arrived_records_are_found_and_counted_once() {
        let mut arrived = ArrivedTraces::of(vec![3, 1, 3, 2]);
        assert!(arrived.find(3) && arrived.find(3) && arrived.find(1) && !arrived.find(4));
        assert_eq!(arrived.logged(), 2);
    }
}
