//! The fields of one sync: turns records into the cells of columns.

use std::borrow::Cow;
use std::collections::hash_map::Entry as Place;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::field::{Field, KindCounts};
use super::names::{COLUMN_NAME_BYTES, column_name, distinct, visible_form};
use super::value::{Cell, ColumnType, Value, canonical, is_too_deep};

/// The most columns for fields of one sync. Further fields stay in `_unfit`, but for those of the identity.
pub const MAX_COLUMNS: usize = 400;

/// The most fields in the catalogue of one sync. Values of further ones stay in `_unfit`, under their names. A record
/// can have a million names, and every later delivery pays for each field of the catalogue.
pub const MAX_FIELDS: usize = 2_000;

/// The longest name of a field in the catalogue, in bytes: what a btree takes. A field with a longer name counts as a
/// further one.
pub const MAX_FIELD_NAME_BYTES: usize = 1_000;

/// A row must fit a page of 8 kB once its large values are stored out of line. This is left for the fields, beside the
/// headers and the system columns.
const ROW_BYTES: usize = 7_400;

/// The fields of a sync, in order of first appearance.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    fields: Vec<Field>,
    by_name: HashMap<String, usize>,
    by_column: HashMap<String, usize>,
    /// Fields that may have changed since the catalogue was loaded or saved, as they were then; `None` for new ones.
    changed: BTreeMap<usize, Option<Field>>,
}

/// The values of a record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entries<'a> {
    /// Those of fields in the catalogue, in its order.
    known: Vec<Entry<'a>>,
    /// Those of further fields: name and JSON. The last of equal names counts.
    further: Vec<(Cow<'a, str>, &'a str)>,
}

/// One value of a record: its field's index in the catalogue, its JSON, and the parsed value.
#[derive(Debug, Clone, PartialEq)]
struct Entry<'a> {
    field: usize,
    json: &'a str,
    value: Value<'a>,
}

impl<'a> Entries<'a> {
    /// The name of a field that is not in the catalogue, if the record has one.
    pub fn further(&self) -> Option<&str> {
        self.further.first().map(|(name, _)| name.as_ref())
    }

    fn of_field(&self, field: usize) -> Option<&Entry<'a>> {
        self.known.binary_search_by_key(&field, |entry| entry.field).ok().map(|at| &self.known[at])
    }
}

/// Fields without a column that should have one, by their index in the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct MissingColumns {
    pub add: Vec<usize>,
    /// The table has no place for these.
    pub no_place: Vec<usize>,
}

/// How records become rows of a query table, until a column changes.
#[derive(Debug)]
pub struct Layout<'c> {
    catalogue: &'c Catalogue,
    /// The fields that have a column, in order.
    columns: Vec<usize>,
    /// For each field its index among the columns.
    places: Vec<Option<usize>>,
}

/// A row of a query table without the system columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Content<'a> {
    /// One per column, in the order of [`Catalogue::columns`].
    pub cells: Vec<Cell<'a>>,
    /// A JSON object of the values that have no column or do not fit it.
    pub unfit: Option<String>,
}

impl Content<'_> {
    /// About how many bytes its texts have.
    pub fn bytes(&self) -> usize {
        let text = |cell: &Cell<'_>| match cell {
            Cell::Numeric(text) | Cell::Text(text) | Cell::Jsonb(text) => text.len(),
            _ => 0,
        };
        self.cells.iter().map(text).sum::<usize>() + self.unfit.as_ref().map_or(0, String::len)
    }
}

/// Why a record belongs to no entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoKey {
    /// A field of the identity is missing or null.
    Missing,
    /// The identity's values are too large for an index, or nested too deeply.
    TooLarge,
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

    /// Fields whose names look alike, because they differ only in how their characters are written, or in invisible ones: each with
    /// the first of them.
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

    /// Which fields get a column: those of the identity, and others in order of first appearance, as far as there are places.
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

    /// Adds the fields of another sync that it lacks, up to its limit, with what an operator has said of them, and without columns yet.
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

    fn learn_value(&mut self, entry: &Entry<'_>, received_at: DateTime<Utc>) {
        let field = self.change(entry.field);
        field.see(entry.value.kind(), || entry.value.is_whole());
        field.first_seen_at = field.first_seen_at.min(received_at);
        field.last_seen_at = field.last_seen_at.max(received_at);
    }

    /// The same for a record that may have been learned from before: passes over the fields that were saved with the time
    /// at which it was received between their first and their last.
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
            let field = &self.fields[entry.field];
            let misfit = field.column_type.is_some_and(|column_type| {
                !holds(column_type, &entry.value)
                    && entry.value.cell(entry.json, column_type, field.reading()).is_none()
            });
            if misfit {
                self.change(entry.field).count_misfit(received_at);
            }
        }
    }

    /// The layout of rows with the current columns.
    pub fn layout(&self) -> Layout<'_> {
        let mut layout = Layout { catalogue: self, columns: Vec::new(), places: Vec::with_capacity(self.fields.len()) };
        for (n, field) in self.fields.iter().enumerate() {
            let place = field.column_type.is_some().then_some(layout.columns.len());
            layout.columns.extend(place.map(|_| n));
            layout.places.push(place);
        }
        layout
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

impl<'a> Entries<'a> {
    /// * `field`: returns the index of the field with that name, or the name if there is none
    fn of(json: &'a str, mut field: impl FnMut(Cow<'a, str>) -> Result<usize, Cow<'a, str>>) -> Self {
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
        let entry = Entry { field, json, value: Value::read(json) };
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

impl Layout<'_> {
    /// The row of a record.
    pub fn content<'a>(&self, entries: &Entries<'a>) -> Content<'a> {
        let fields = &self.catalogue.fields;
        let mut cells = vec![Cell::Null; self.columns.len()];
        let mut unfit: Vec<(&str, Cow<'_, str>)> = Vec::new();
        // The source of each cell, to move cells to `_unfit` if the row gets too wide for a page.
        let mut sources: Vec<Option<&Entry<'a>>> = vec![None; self.columns.len()];
        for entry in &entries.known {
            let field = &fields[entry.field];
            if let (Some(place), Some(column_type)) = (self.places[entry.field], field.column_type) {
                match entry.value.cell(entry.json, column_type, field.reading()) {
                    Some(cell) => (cells[place], sources[place]) = (cell, Some(entry)),
                    None => unfit.push((&field.name, shallow(entry.json))),
                }
            } else if !field.hidden && entry.value != Value::Null {
                unfit.push((&field.name, shallow(entry.json)));
            }
        }
        let further = entries.further.iter().filter(|(_, json)| *json != "null");
        unfit.extend(further.map(|(name, json)| (name.as_ref(), shallow(json))));
        let mut bytes: usize = cells.iter().map(inline_bytes).sum::<usize>() + cells.len().div_ceil(8);
        for (cell, source) in cells.iter_mut().zip(&sources).rev() {
            if bytes <= ROW_BYTES {
                break;
            }
            if let Some(entry) = source.filter(|entry| *cell != Cell::Null && !fields[entry.field].is_key) {
                bytes -= inline_bytes(cell);
                *cell = Cell::Null;
                unfit.push((&fields[entry.field].name, Cow::Borrowed(entry.json)));
            }
        }
        Content { cells, unfit: (!unfit.is_empty()).then(|| object(&unfit)) }
    }
}

/// Whether a column of this type certainly holds the value; false if it takes a closer look.
fn holds(column_type: ColumnType, value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Number(_) | Value::Json(_) => false,
        value => column_type == ColumnType::Text || column_type == ColumnType::holding([value.kind()]),
    }
}

/// The most bytes that a value takes in a page: a longer one is stored out of line and leaves a pointer.
fn inline_bytes(cell: &Cell<'_>) -> usize {
    const POINTER: usize = 25;
    match cell {
        Cell::Null => 0,
        Cell::Boolean(_) => 1,
        Cell::Date(_) => 7,
        Cell::Bigint(_) | Cell::Timestamp(_) | Cell::Timestamptz(_) => 15,
        Cell::Uuid(_) => 16,
        // Four digits take two bytes; the header takes up to eight.
        Cell::Numeric(text) => (text.len() / 2 + 10).min(POINTER),
        Cell::Text(text) => (text.len() + 1).min(POINTER),
        Cell::Jsonb(text) => (text.len() + 12).min(POINTER),
    }
}

/// JSON for `_unfit`: what is nested too deeply becomes a string of its text.
fn shallow(json: &str) -> Cow<'_, str> {
    if is_too_deep(json) {
        Cow::Owned(serde_json::to_string(&canonical(json)).expect("a string is always JSON"))
    } else {
        Cow::Borrowed(json)
    }
}

/// A JSON object of values for `_unfit`.
///
/// * `values`: names and JSON
pub fn unfit<'a>(values: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    object(&values.map(|(name, json)| (name, shallow(json))).collect::<Vec<_>>())
}

fn object(members: &[(&str, Cow<'_, str>)]) -> String {
    let mut json = String::from("{");
    for (n, (name, value)) in members.iter().enumerate() {
        if n > 0 {
            json.push(',');
        }
        json.push_str(&serde_json::to_string(name).expect("a string is always JSON"));
        json.push(':');
        json.push_str(value);
    }
    json.push('}');
    json
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::ValueKind;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    /// A catalogue that has learned from these records and given each field its column.
    fn learned(records: &[&str]) -> Catalogue {
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
    fn names_that_look_alike_get_columns_of_their_own_and_are_told() {
        let catalogue = learned(&["{\"caf\u{e9}\":1,\"cafe\":2,\"cafe\u{301}\":3,\"ca\u{200b}fe\":4,\"x\":5}"]);
        assert_eq!(columns(&catalogue), ["caf\u{e9}", "cafe", "caf\u{e9}_2", "cafe_2", "x"]);
        let alike: Vec<_> =
            catalogue.alike().into_iter().map(|(one, other)| (&*one.column_name, &*other.column_name)).collect();
        assert_eq!(alike, [("caf\u{e9}", "caf\u{e9}_2"), ("cafe", "cafe_2")]);
    }

    #[test]
    fn what_does_not_fit_is_kept_aside() {
        let mut catalogue = learned(&[r#"{"seats":1,"secret":"x"}"#]);
        catalogue.fields_mut().nth(1).expect("there are two").hidden = true;
        catalogue.fields_mut().nth(1).expect("there are two").column_type = None;
        let entries = catalogue.read(r#"{"seats":"many","secret":"y","new":{"a":[1]},"none":null}"#, NOW);
        let content = catalogue.layout().content(&entries);
        assert_eq!(content.cells, [Cell::Null]);
        assert_eq!(content.unfit.as_deref(), Some(r#"{"seats":"many","new":{"a":[1]}}"#));
    }

    #[test]
    fn the_last_of_two_equal_names_counts() {
        let mut catalogue = learned(&[r#"{"a":1,"b":2}"#]);
        let entries = catalogue.read(r#"{"b":1,"a":5,"b":7}"#, NOW);
        assert_eq!(catalogue.layout().content(&entries).cells, [Cell::Bigint(5), Cell::Bigint(7)]);
    }

    #[test]
    fn a_row_too_wide_for_a_page_gives_up_its_last_columns() {
        let wide: Vec<String> = (0..400).map(|n| format!(r#""c{n:03}":"{}""#, "x".repeat(40))).collect();
        let record = format!("{{{}}}", wide.join(","));
        let mut catalogue = learned(&[&record]);
        let entries = catalogue.read(&record, NOW);
        let content = catalogue.layout().content(&entries);
        let kept = content.cells.iter().filter(|cell| **cell != Cell::Null).count();
        assert_eq!(kept, 294);
        assert!(content.unfit.expect("something had to go").contains("c399"));
    }

    #[test]
    fn fields_that_there_is_no_room_for_stay_in_unfit_under_their_names() {
        let names: Vec<String> = (0..MAX_FIELDS + 3).map(|n| format!(r#""f{n}":{n}"#)).collect();
        let record = format!(r#"{{"{}":"x",{},"f2002":null}}"#, "y".repeat(MAX_FIELD_NAME_BYTES + 1), names.join(","));
        let mut catalogue = learned(&[&record]);
        assert_eq!(catalogue.fields().len(), MAX_FIELDS);
        let entries = catalogue.read(&record, NOW);
        assert_eq!(entries.further(), Some("y".repeat(MAX_FIELD_NAME_BYTES + 1).as_str()));
        let unfit = catalogue.layout().content(&entries).unfit.expect("there is no room for four of them");
        assert!(
            unfit.contains(r#"yyy":"x""#) && unfit.contains(r#""f2000":2000"#) && unfit.contains(r#""f2001":2001"#)
        );
        assert_eq!(catalogue.fields().len(), MAX_FIELDS);
    }

    #[test]
    fn what_changed_is_known_until_it_is_saved() {
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
    fn a_field_of_the_identity_takes_its_numbers_as_strings_too() {
        let mut catalogue = learned(&[r#"{"id":1,"seats":1}"#]);
        catalogue.set_key_fields(Some(&["id".to_owned()]));
        let entries = catalogue.read(r#"{"id":"7","seats":"7"}"#, NOW);
        let content = catalogue.layout().content(&entries);
        assert_eq!(content.cells, [Cell::Bigint(7), Cell::Null]);
        assert_eq!(content.unfit.as_deref(), Some(r#"{"seats":"7"}"#));
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
