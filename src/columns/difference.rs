//! How the columns of a catalogue differ from those that were saved, in words of `polysink column`.

use serde_json::{Map, Value, json};

use super::catalogue::Catalogue;
use super::field::Field;
use super::value::ColumnType;

/// The columns that differ, by field: as they were, and as they are. A field without a column is not there. `None` if
/// all are as they were saved.
pub fn changed_columns(catalogue: &Catalogue) -> Option<(Option<Value>, Value)> {
    let (mut before, mut after) = (Map::new(), Map::new());
    for (_, saved, now) in catalogue.changed() {
        let (was, is) = (saved.and_then(column), column(now));
        if was != is {
            if let Some(was) = was {
                before.insert(now.name.clone(), was);
            }
            after.insert(now.name.clone(), is.unwrap_or(Value::Null));
        }
    }
    let before = (!before.is_empty()).then_some(Value::Object(before));
    (!after.is_empty()).then_some((before, Value::Object(after)))
}

/// A field's column; `None` if it has none and should have one.
fn column(field: &Field) -> Option<Value> {
    if field.hidden {
        return Some(json!({ "hidden": true }));
    }
    let mut column = json!({ "column": field.column_name, "type": field.column_type.map(ColumnType::as_str)? });
    if field.pinned {
        column["pinned"] = json!(true);
    }
    if let Some(format) = &field.format {
        column["format"] = json!(format.to_string());
    }
    Some(column)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    const AT: DateTime<Utc> = DateTime::UNIX_EPOCH;

    #[test]
    fn only_columns_that_differ_are_listed() {
        let mut catalogue = Catalogue::of(Vec::new());
        let entries = catalogue.read(r#"{"price":1,"name":"a"}"#, AT);
        catalogue.learn(&entries, AT);
        assert_eq!(changed_columns(&catalogue), None, "a field without a column does not count");
        catalogue.give_columns();
        let (before, after) = changed_columns(&catalogue).expect("both have a column now");
        assert_eq!(before, None);
        assert_eq!(after["price"]["column"], "price");

        catalogue.saved();
        catalogue.fields_mut().for_each(|field| field.last_seen_at += chrono::TimeDelta::days(1));
        assert_eq!(changed_columns(&catalogue), None, "it was only seen again");
        for field in catalogue.fields_mut().filter(|field| field.name == "price") {
            field.hidden = true;
            field.lose_column();
        }
        let (before, after) = changed_columns(&catalogue).expect("one is hidden");
        assert_eq!(after, json!({ "price": { "hidden": true } }));
        assert_eq!(before.expect("it had a column")["price"]["column"], "price");
    }
}
