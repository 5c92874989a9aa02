//! The lists and the notes that the command prints.

use crate::cli::support::output::{out, outln, shell_word};
use crate::cli::support::table::{Align, counted, grouped, render};
use crate::columns::{Catalogue, ColumnType, Field, MAX_COLUMNS, MAX_FIELD_NAME_BYTES, MAX_FIELDS, ValueKind};
use crate::store::Uncatalogued;

/// How many of the fields that wait for a column are listed.
const WAITING: usize = 5;

/// * `sync`: as the operator called it
pub fn print_fields(fields: &[Field], sync: &str) {
    let heading = [
        ("FIELD", Align::Left),
        ("COLUMN", Align::Left),
        ("TYPE", Align::Left),
        ("VALUES", Align::Right),
        ("NULLS", Align::Right),
        ("MISFITS", Align::Right),
        ("KINDS SEEN", Align::Left),
        ("NOTE", Align::Left),
    ];
    let rows: Vec<Vec<String>> = fields
        .iter()
        .map(|field| {
            let kinds: Vec<String> = field
                .kinds
                .seen()
                .filter(|kind| *kind != ValueKind::Null)
                .map(|kind| format!("{} {}", grouped(field.kinds.of(kind)), kind.as_str()))
                .collect();
            vec![
                field.name.clone(),
                if field.hidden { String::new() } else { field.column_name.clone() },
                field.column_type.map(ColumnType::as_str).unwrap_or_default().to_owned(),
                grouped(field.kinds.values()),
                grouped(field.kinds.of(ValueKind::Null)),
                grouped(field.misfits),
                kinds.join(", "),
                note(field),
            ]
        })
        .collect();
    out!("{}", render(&heading, &rows));
    // The table cuts long notes.
    let blocked = fields.iter().filter(|field| field.column_type.is_some() && !field.hidden);
    let blocked = blocked.filter_map(|field| Some(format!("{}: {}", field.column_name, field.blocked.as_ref()?)));
    let advice = blocked.chain(fields.iter().filter_map(|field| misfit_advice(field, sync)));
    let catalogue = Catalogue::of(fields.to_vec());
    let advice: Vec<String> = advice.chain(catalogue.alike().into_iter().map(alike_note)).collect();
    if !advice.is_empty() {
        outln!("\n{}", advice.join("\n"));
    }
}

/// Says that two names look alike.
fn alike_note((one, other): (&Field, &Field)) -> String {
    format!(
        "{} and {} are two fields: their names look alike, but are written differently: \"{}\" and \"{}\"",
        one.column_name,
        other.column_name,
        written(&one.name),
        written(&other.name)
    )
}

/// A name with codes instead of all characters that are not ASCII.
fn written(name: &str) -> String {
    let written = |c: char| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() };
    name.chars().map(written).collect()
}

/// Says since when values do not fit.
fn misfit_note(field: &Field) -> String {
    let since = field.misfit_since.map(|since| format!(" since {}", since.format("%Y-%m-%d %H:%M UTC")));
    format!("{} not fit{}", counted(field.misfits, "value does", "values do"), since.unwrap_or_default())
}

/// The command to type for values that do not fit; `None` if all do.
///
/// * `sync`: as the operator called it
fn misfit_advice(field: &Field, sync: &str) -> Option<String> {
    let all = field.type_for_misfits()?;
    Some(format!(
        "To change the type of {}: polysink column {} {} --type {}",
        field.column_name,
        shell_word(sync),
        shell_word(&field.column_name),
        all.as_str()
    ))
}

/// The line that says which fields wait for a column, and what to type; `None` if none does.
///
/// * `sync`: as the operator called it
pub fn waiting_note(catalogue: &Catalogue, sync: &str) -> Option<String> {
    let names: Vec<&str> = catalogue.waiting_for_columns().map(|field| field.column_name.as_str()).collect();
    let listed = names[..names.len().min(WAITING)].join(", ");
    let (who, such_as) = match names.len() {
        0 => return None,
        1 => ("1 field waits for a column".to_owned(), ":"),
        count if count <= WAITING => (format!("{count} fields wait for a column"), ":"),
        count => (format!("{} fields wait for a column", grouped(count as u64)), ", first"),
    };
    Some(format!(
        "{who}{such_as} {listed}. A table has at most {MAX_COLUMNS} columns for fields, and those of the identity; \
         values of other fields are in _unfit. To make room for the next: polysink column {} FIELD --hide",
        shell_word(sync)
    ))
}

/// The line that says how many records have fields beyond the catalogue's limit.
pub fn uncatalogued_note(uncatalogued: &Uncatalogued) -> Option<String> {
    let field = uncatalogued.field.as_ref()?;
    Some(format!(
        "{} records have fields that are not listed, such as {field:?}. A sync has at most {} fields, with names of at \
         most {MAX_FIELD_NAME_BYTES} bytes; values of further fields are in _unfit.",
        grouped(uncatalogued.records.unsigned_abs()),
        grouped(MAX_FIELDS as u64),
    ))
}

fn note(field: &Field) -> String {
    if field.hidden {
        "hidden".to_owned()
    } else if let Some(why) = &field.blocked {
        why.clone()
    } else if field.misfits > 0 {
        misfit_note(field)
    } else if field.pinned {
        match &field.format {
            Some(format) => format!("pinned, format {format}"),
            None => "pinned".to_owned(),
        }
    } else if field.is_due() {
        format!("becomes {} when no other session uses its table", field.wanted_type.as_str())
    } else {
        String::new()
    }
}
