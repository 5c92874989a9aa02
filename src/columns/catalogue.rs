//! The list of a sync's fields, what was learned of them, and what has changed since it was saved.

use std::borrow::Cow;
use std::collections::hash_map::Entry as Place;
use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::field::{Field, KindCounts};
use super::layout::is_misfit;
use super::names::{COLUMN_NAME_BYTES, column_name, distinct, visible_form};
use super::record::{Entries, FieldEntry};
use super::value::Value;

/// The most columns for fields of one sync. Further fields stay in `_unfit`, but for those of the identity.
pub const MAX_COLUMNS: usize = 400;

/// The most fields in the catalogue of one sync. Values of further ones stay in `_unfit`, under their names. A record
/// can have a million names, and every later delivery pays for each field of the catalogue.
pub const MAX_FIELDS: usize = 2_000;

/// The longest name of a field in the catalogue, in bytes: what a btree takes. A field with a longer name counts as a
/// further one.
pub const MAX_FIELD_NAME_BYTES: usize = 1_000;

/// The fields of a sync, in order of first appearance.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    fields: Vec<Field>,
    by_name: HashMap<String, usize>,
    by_column: HashMap<String, usize>,
    /// Fields that may have changed since the catalogue was loaded or saved, as they were then; `None` for new ones.
    changed: BTreeMap<usize, Option<Field>>,
}

/// Fields without a column that should have one, by their index in the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct MissingColumns {
    pub add: Vec<usize>,
    /// The table has no place for these.
    pub no_place: Vec<usize>,
}

impl Catalogue {
    /// A catalogue of these fields.
    pub fn of(fields: Vec<Field>) -> Self {
        let by_name = fields.iter().enumerate().map(|(n, field)| (field.name.clone(), n)).collect();
        let by_column = fields.iter().enumerate().map(|(n, field)| (field.column_name.clone(), n)).collect();
        Self { fields, by_name, by_column, changed: BTreeMap::new() }
    }

    /// Fields that may have changed since the catalogue was loaded or saved: index, earlier state, state now.
    pub fn changed(&self) -> impl Iterator<Item = (usize, Option<&Field>, &Field)> {
        self.changed.iter().map(|(n, before)| (*n, before.as_ref(), &self.fields[*n]))
    }

    /// The field with this index as it was then, unless it was not there.
    pub fn saved_field(&self, n: usize) -> Option<&Field> {
        self.changed.get(&n).map_or_else(|| self.fields.get(n), Option::as_ref)
    }

    /// Forgets what was learned since then; the same values will be seen again.
    pub fn unlearn(&mut self) {
        for (n, before) in &self.changed {
            let field = &mut self.fields[*n];
            field.kinds = before.as_ref().map(|before| before.kinds.clone()).unwrap_or_default();
            if let Some(before) = before {
                (field.first_seen_at, field.last_seen_at) = (before.first_seen_at, before.last_seen_at);
            }
        }
    }

    /// Notes that the catalogue is saved as it is.
    pub fn saved(&mut self) {
        self.changed.clear();
    }

    /// A field, to change.
    fn change(&mut self, n: usize) -> &mut Field {
        let field = &mut self.fields[n];
        self.changed.entry(n).or_insert_with(|| Some(field.clone()));
        field
    }

    fn change_all(&mut self) {
        for n in 0..self.fields.len() {
            self.change(n);
        }
    }

    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field with that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.by_name.get(name).map(|n| &self.fields[*n])
    }

    /// All fields, to change. Their names must stay.
    pub fn fields_mut(&mut self) -> impl Iterator<Item = &mut Field> {
        self.change_all();
        self.fields.iter_mut()
    }

    /// The fields with these indexes, to change, in order.
    pub fn some_mut(&mut self, which: &[usize]) -> impl Iterator<Item = &mut Field> {
        for n in which {
            self.change(*n);
        }
        let fields = self.fields.iter_mut().enumerate();
        fields.filter(|(n, _)| which.binary_search(n).is_ok()).map(|(_, field)| field)
    }

    /// Fields whose names look alike, because they differ only in how their characters are written, or in invisible
    /// ones: each with the first of them.
    pub fn alike(&self) -> Vec<(&Field, &Field)> {
        let mut first: HashMap<Cow<'_, str>, &Field> = HashMap::new();
        let mut alike = Vec::new();
        for field in &self.fields {
            let form =
                if field.name.is_ascii() { field.name.as_str().into() } else { visible_form(&field.name).into() };
            match first.entry(form) {
                Place::Vacant(entry) => drop(entry.insert(field)),
                Place::Occupied(entry) => alike.push((*entry.get(), field)),
            }
        }
        alike
    }

    /// Renames the column that a field will get, if that name is taken.
    pub fn rename_column_if_taken(&mut self, n: usize, taken: &HashSet<String>) {
        let base = self.fields[n].column_name.clone();
        let by_column = &self.by_column;
        let free = |name: &str| !taken.contains(name) && by_column.get(name).is_none_or(|other| *other == n);
        let name = distinct(&base, COLUMN_NAME_BYTES, |name| !free(name));
        if name != base {
            self.by_column.insert(name.clone(), n);
            self.by_column.remove(&base);
            self.change(n).column_name = name;
        }
    }

    /// For new tables: gives each field the column that it wants, as far as there are places.
    pub fn give_columns(&mut self) {
        for field in self.fields_mut() {
            field.lose_column();
            field.needs_backfill = None;
        }
        for n in self.missing_columns().add {
            self.change(n).gain_column(&KindCounts::default());
        }
    }

    /// Notes that a field's column has the type that it wants, and returns the field, to change.
    pub fn gain_column(&mut self, n: usize) -> &mut Field {
        let before = self.saved_field(n).map(|field| field.kinds.clone()).unwrap_or_default();
        let field = self.change(n);
        field.gain_column(&before);
        field
    }

    /// Which fields get a column: those of the identity, and others in order of first appearance, as far as there are
    /// places.
    pub fn missing_columns(&self) -> MissingColumns {
        let fields = self.fields.iter().enumerate();
        let missing = fields.filter(|(_, field)| field.column_type.is_none() && field.is_due());
        let (keys, others): (Vec<_>, Vec<_>) = missing.partition(|(_, field)| field.is_key);
        let places = MAX_COLUMNS.saturating_sub(self.columns().count() + keys.len());
        let mut others = others.into_iter().map(|(n, _)| n);
        let mut add: Vec<usize> = keys.into_iter().map(|(n, _)| n).chain(others.by_ref().take(places)).collect();
        add.sort_unstable();
        MissingColumns { add, no_place: others.collect() }
    }

    /// The fields that have a column.
    pub fn columns(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.column_type.is_some())
    }

    /// The fields without a column, because the table has no place for it.
    pub fn waiting_for_columns(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.column_type.is_none() && field.is_due() && field.blocked.is_some())
    }

    /// Reads a record. Adds new fields to the catalogue, up to its limit, without a column yet.
    ///
    /// * `json`: the record's `fields`, a JSON object that jsonb takes; the last of equal names counts, as in jsonb
    /// * `now`: the time for new fields
    pub fn read<'a>(&mut self, json: &'a str, now: DateTime<Utc>) -> Entries<'a> {
        Entries::of(json, |name| match self.by_name.get(name.as_ref()) {
            Some(field) => Ok(*field),
            None if self.fields.len() < MAX_FIELDS && name.len() <= MAX_FIELD_NAME_BYTES => {
                Ok(self.add(name.into_owned(), now))
            }
            None => Err(name),
        })
    }

    /// Reads a record without adding fields; new ones count as further ones.
    pub fn read_known<'a>(&self, json: &'a str) -> Entries<'a> {
        Entries::of(json, |name| self.by_name.get(name.as_ref()).copied().ok_or(name))
    }

    fn add(&mut self, name: String, now: DateTime<Utc>) -> usize {
        let base = column_name(&name);
        self.push(Field::new(name, base, now))
    }

    /// Adds a field, whose column gets another name if its own is taken. Returns its index.
    fn push(&mut self, mut field: Field) -> usize {
        let taken = |column: &str| self.by_column.contains_key(column);
        field.column_name = distinct(&field.column_name, COLUMN_NAME_BYTES, taken);
        let n = self.fields.len();
        self.by_name.insert(field.name.clone(), n);
        self.by_column.insert(field.column_name.clone(), n);
        self.fields.push(field);
        self.changed.insert(n, None);
        n
    }

    /// Adds the other sync's fields that are missing here, up to the limit, with their operator's settings, and without
    /// columns yet.
    pub fn adopt(&mut self, other: &Catalogue) {
        for field in &other.fields {
            if self.fields.len() < MAX_FIELDS && !self.by_name.contains_key(&field.name) {
                let mut field = Field { is_key: false, blocked: None, needs_backfill: None, ..field.clone() };
                field.lose_column();
                self.push(field);
            }
        }
    }

    /// Learns types from a record.
    pub fn learn(&mut self, entries: &Entries<'_>, now: DateTime<Utc>) {
        for entry in &entries.known {
            self.learn_value(entry, now);
        }
    }

    fn learn_value(&mut self, entry: &FieldEntry<'_>, received_at: DateTime<Utc>) {
        let field = self.change(entry.field);
        field.see(entry.value.kind(), || entry.value.is_whole());
        field.first_seen_at = field.first_seen_at.min(received_at);
        field.last_seen_at = field.last_seen_at.max(received_at);
    }

    /// The same for a record that may have been learned from before: passes over the fields that were saved with the
    /// time at which it was received between their first and their last.
    pub fn learn_again(&mut self, entries: &Entries<'_>, received_at: DateTime<Utc>) {
        for entry in &entries.known {
            let learned = self
                .saved_field(entry.field)
                .is_some_and(|field| (field.first_seen_at..=field.last_seen_at).contains(&received_at));
            if !learned {
                self.learn_value(entry, received_at);
            }
        }
    }

    /// Counts the values of a record that do not fit their columns.
    pub fn count_misfits(&mut self, entries: &Entries<'_>, received_at: DateTime<Utc>) {
        for entry in &entries.known {
            if is_misfit(&self.fields[entry.field], entry) {
                self.change(entry.field).count_misfit(received_at);
            }
        }
    }

    /// A record's value of a field: JSON and parsed. `None` if it has none.
    pub(super) fn value<'e, 'a>(&self, entries: &'e Entries<'a>, name: &str) -> Option<(&'a str, &'e Value<'a>)> {
        let entry = entries.of_field(*self.by_name.get(name)?)?;
        Some((entry.json, &entry.value))
    }

    /// A record's values of these fields that are not null: names and JSON.
    pub fn values<'e>(
        &'e self,
        entries: &'e Entries<'_>,
        names: &'e [String],
    ) -> impl Iterator<Item = (&'e str, &'e str)> {
        let values = names.iter().filter_map(|name| Some((name, self.value(entries, name)?)));
        values.filter(|(_, (_, value))| **value != Value::Null).map(|(name, (json, _))| (name.as_str(), json))
    }

    /// Notes which fields are the identity's: they take strings that are exactly what their column shows.
    pub fn set_key_fields(&mut self, identity: Option<&[String]>) {
        for (n, field) in self.fields.iter_mut().enumerate() {
            let is_key = identity.is_some_and(|identity| identity.contains(&field.name));
            if field.is_key != is_key {
                field.is_key = is_key;
                if let Some(Some(before)) = self.changed.get_mut(&n) {
                    before.is_key = is_key;
                }
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::columns::{Cell, ColumnType, NoKey, ValueKind};

    pub const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    /// A catalogue that has learned from these records and given each field its column.
    pub fn learned(records: &[&str]) -> Catalogue {
        let mut catalogue = Catalogue::default();
        for record in records {
            let entries = catalogue.read(record, NOW);
            catalogue.learn(&entries, NOW);
        }
        for field in catalogue.fields_mut() {
            field.column_type = Some(field.wanted_type);
        }
        catalogue
    }

    fn columns(catalogue: &Catalogue) -> Vec<&str> {
        catalogue.columns().map(|field| field.column_name.as_str()).collect()
    }

    fn field(n: usize, column_type: Option<ColumnType>, wanted_type: ColumnType) -> Field {
        let mut field = Field::new(format!("f{n}"), format!("f{n}"), NOW);
        field.see(ValueKind::Text, || false);
        (field.column_type, field.wanted_type) = (column_type, wanted_type);
        field
    }

    #[test]
    fn a_field_gets_its_column_with_its_first_value() {
        let mut catalogue = Catalogue::default();
        let mut missing_after = |json: &str| {
            let entries = catalogue.read(json, NOW);
            catalogue.learn(&entries, NOW);
            catalogue.missing_columns().add
        };
        assert_eq!(missing_after(r#"{"a":null,"b":1}"#), [1]);
        assert_eq!(missing_after(r#"{"a":false}"#), [0, 1]);
    }

    #[test]
    fn fields_get_columns_in_order_until_the_table_is_full() {
        let mut fields: Vec<Field> =
            (0..MAX_COLUMNS - 1).map(|n| field(n, Some(ColumnType::Text), ColumnType::Text)).collect();
        fields.extend((500..503).map(|n| field(n, None, ColumnType::Text)));
        fields[MAX_COLUMNS - 1].hidden = true;
        let missing = Catalogue::of(fields).missing_columns();
        assert_eq!(missing, MissingColumns { add: vec![MAX_COLUMNS], no_place: vec![MAX_COLUMNS + 1] });
    }

    #[test]
    fn the_identity_has_its_columns_first_and_past_the_limit() {
        let with_columns = |count: usize| {
            let mut fields: Vec<Field> =
                (0..count).map(|n| field(n, Some(ColumnType::Text), ColumnType::Text)).collect();
            fields.extend((500..503).map(|n| field(n, None, ColumnType::Text)));
            fields[count + 1].is_key = true;
            Catalogue::of(fields).missing_columns()
        };
        assert_eq!(with_columns(399), MissingColumns { add: vec![400], no_place: vec![399, 401] });
        assert_eq!(with_columns(400), MissingColumns { add: vec![401], no_place: vec![400, 402] });
        assert_eq!(with_columns(398), MissingColumns { add: vec![398, 399], no_place: vec![400] });
    }

    #[test]
    fn fields_become_columns_in_order_of_first_appearance() {
        let mut catalogue = learned(&[r#"{"b":1,"a":"x"}"#, r#"{"a":"y","c":true,"b":2}"#]);
        assert_eq!(columns(&catalogue), ["b", "a", "c"]);
        let entries = catalogue.read(r#"{"c":false,"a":"z"}"#, NOW);
        let content = catalogue.layout().content(&entries);
        assert_eq!(content.cells, [Cell::Null, Cell::Text("z".into()), Cell::Boolean(false)]);
        assert_eq!(content.unfit, None);
    }

    #[test]
    fn names_that_meet_get_columns_of_their_own() {
        let catalogue = learned(&[r#"{"Total €":1,"total":2,"TOTAL":3,"":4,"xmin":5,"_key":6,"2nd":7,"user":8}"#]);
        assert_eq!(columns(&catalogue), ["total", "total_2", "total_3", "field", "xmin_", "key", "field_2nd", "user_"]);
    }

    #[test]
    fn names_that_look_alike_get_columns_of_their_own_and_a_log_line() {
        let catalogue = learned(&["{\"caf\u{e9}\":1,\"cafe\":2,\"cafe\u{301}\":3,\"ca\u{200b}fe\":4,\"x\":5}"]);
        assert_eq!(columns(&catalogue), ["caf\u{e9}", "cafe", "caf\u{e9}_2", "cafe_2", "x"]);
        let alike: Vec<_> =
            catalogue.alike().into_iter().map(|(one, other)| (&*one.column_name, &*other.column_name)).collect();
        assert_eq!(alike, [("caf\u{e9}", "caf\u{e9}_2"), ("cafe", "cafe_2")]);
    }

    #[test]
    fn the_last_of_two_equal_names_counts() {
        let mut catalogue = learned(&[r#"{"a":1,"b":2}"#]);
        let entries = catalogue.read(r#"{"b":1,"a":5,"b":7}"#, NOW);
        assert_eq!(catalogue.layout().content(&entries).cells, [Cell::Bigint(5), Cell::Bigint(7)]);
    }

    #[test]
    fn changes_are_known_until_they_are_saved() {
        let mut catalogue = learned(&[r#"{"a":1,"b":2}"#]);
        catalogue.saved();
        let entries = catalogue.read(r#"{"c":1,"b":true}"#, NOW);
        catalogue.learn(&entries, NOW);
        let changed: Vec<_> =
            catalogue.changed().map(|(n, before, now)| (n, before.is_some(), now.kinds.values())).collect();
        assert_eq!(changed, [(1, true, 2), (2, false, 1)]);
        catalogue.saved();
        assert_eq!(catalogue.changed().count(), 0);
    }

    #[test]
    fn a_key_has_every_value_of_the_identity() {
        let mut catalogue = learned(&[r#"{"id":1,"region":"eu"}"#]);
        let identity = ["region".to_owned(), "id".to_owned()];
        let columns = catalogue.key_columns(&identity);
        let mut key = |record: &str| {
            let entries = catalogue.read(record, NOW);
            catalogue.key(&entries, &identity, &columns)
        };
        assert_eq!(key(r#"{"id":1,"region":"eu"}"#).as_deref(), Ok(r#"["eu",1]"#));
        assert_eq!(key(r#"{"region":"\u0065u","id":"1"}"#).as_deref(), Ok(r#"["eu",1]"#));
        assert_eq!(key(r#"{"id":null,"region":"eu"}"#), Err(NoKey::Missing));
        assert_eq!(key(r#"{"region":"eu"}"#), Err(NoKey::Missing));
        assert_eq!(key(&format!(r#"{{"region":"{}","id":1}}"#, "x".repeat(2_000))), Err(NoKey::TooLarge));
    }

    #[test]
    fn hostile_records_make_no_trouble() {
        let mut catalogue = learned(&[r#"{"a":1}"#]);
        assert_eq!(catalogue.read("[]", NOW), Entries::default());
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let entries = catalogue.read(&deep, NOW);
        let columns = catalogue.key_columns(&["a".to_owned()]);
        assert_eq!(catalogue.key(&entries, &["a".to_owned()], &columns), Err(NoKey::TooLarge));
        assert_eq!(catalogue.columns().next().map(|field| field.column_type), Some(Some(ColumnType::Bigint)));
    }
}
