//! Decides what fits a row: which cells an entity's row has, and which values go to `_unfit`, because they do not fit
//! their column or the row is too wide for a page.

use std::borrow::Cow;

use super::catalogue::Catalogue;
use super::cell::Cell;
use super::field::Field;
use super::record::{Entries, FieldEntry};
use super::value::{ColumnType, Value, canonical, is_too_deep};

/// A row must fit a page of 8 kB once its large values are stored out of line. This is left for the fields, besides the
/// headers and the system columns.
const ROW_BYTES: usize = 7_400;

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

impl Catalogue {
    /// The layout of rows with the current columns.
    pub fn layout(&self) -> Layout<'_> {
        let mut layout =
            Layout { catalogue: self, columns: Vec::new(), places: Vec::with_capacity(self.fields().len()) };
        for (n, field) in self.fields().iter().enumerate() {
            let place = field.column_type.is_some().then_some(layout.columns.len());
            layout.columns.extend(place.map(|_| n));
            layout.places.push(place);
        }
        layout
    }
}

impl Layout<'_> {
    /// The row of a record.
    pub fn content<'a>(&self, entries: &Entries<'a>) -> Content<'a> {
        let fields = self.catalogue.fields();
        let mut cells = vec![Cell::Null; self.columns.len()];
        let mut unfit: Vec<(&str, Cow<'_, str>)> = Vec::new();
        // The source of each cell, to move cells to `_unfit` if the row gets too wide for a page.
        let mut sources: Vec<Option<&FieldEntry<'a>>> = vec![None; self.columns.len()];
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

/// Whether the value of an entry does not fit the column of its field.
pub(super) fn is_misfit(field: &Field, entry: &FieldEntry<'_>) -> bool {
    field.column_type.is_some_and(|column_type| {
        !holds(column_type, &entry.value) && entry.value.cell(entry.json, column_type, field.reading()).is_none()
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::catalogue::tests::{NOW, learned};
    use crate::columns::{MAX_FIELD_NAME_BYTES, MAX_FIELDS};

    #[test]
    fn misfits_go_to_unfit() {
        let mut catalogue = learned(&[r#"{"seats":1,"secret":"x"}"#]);
        catalogue.fields_mut().nth(1).expect("there are two").hidden = true;
        catalogue.fields_mut().nth(1).expect("there are two").column_type = None;
        let entries = catalogue.read(r#"{"seats":"many","secret":"y","new":{"a":[1]},"none":null}"#, NOW);
        let content = catalogue.layout().content(&entries);
        assert_eq!(content.cells, [Cell::Null]);
        assert_eq!(content.unfit.as_deref(), Some(r#"{"seats":"many","new":{"a":[1]}}"#));
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
    fn fields_without_a_column_stay_in_unfit_under_their_names() {
        let names: Vec<String> = (0..MAX_FIELDS + 3).map(|n| format!(r#""f{n}":{n}"#)).collect();
        let record = format!(r#"{{"{}":"x",{},"f2002":null}}"#, "y".repeat(MAX_FIELD_NAME_BYTES + 1), names.join(","));
        let mut catalogue = learned(&[&record]);
        assert_eq!(catalogue.fields().len(), MAX_FIELDS);
        let entries = catalogue.read(&record, NOW);
        assert_eq!(entries.further(), Some("y".repeat(MAX_FIELD_NAME_BYTES + 1).as_str()));
        let unfit = catalogue.layout().content(&entries).unfit.expect("four of them do not fit");
        assert!(
            unfit.contains(r#"yyy":"x""#) && unfit.contains(r#""f2000":2000"#) && unfit.contains(r#""f2001":2001"#)
        );
        assert_eq!(catalogue.fields().len(), MAX_FIELDS);
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
}
