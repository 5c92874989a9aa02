//! Names, numbers, times and records, as the query tables have them.

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Timelike as _, Utc};
use polysink::columns::{
    COLUMN_NAME_BYTES, Catalogue, Cell, ColumnType, Format, KeyColumn, MAX_COLUMNS, Reading, TABLE_NAME_BYTES, Value,
    column_name, distinct, table_name,
};
use polysink::envelope::sanitize_json;
use serde_json::value::RawValue;

use super::halves;

/// `columns::table_name` and `column_name`, for two names, each on a line.
pub fn names(data: &[u8]) {
    let (one, other) = halves(data);
    for text in [one, other].map(String::from_utf8_lossy) {
        let table = table_name(&text);
        assert!(table.len() <= TABLE_NAME_BYTES && !table.ends_with("_history"), "{table}");
        let column = column_name(&text);
        assert!(column.len() <= COLUMN_NAME_BYTES, "{column}");
        for (name, again) in [(&table, table_name(&table)), (&column, column_name(&column))] {
            assert!(!name.is_empty() && !name.starts_with('_') && !name.starts_with(char::is_numeric), "{name}");
            // Letters have marks, which are no letters themselves.
            let may_be_mark = |c: char| !c.is_ascii() && !c.is_control() && !c.is_whitespace();
            assert!(name.chars().all(|c| c.is_alphanumeric() || c == '_' || may_be_mark(c)), "{name}");
            assert!(!name.bytes().any(|byte| byte.is_ascii_uppercase()), "{name}");
            assert_eq!(&again, name, "a name is its own name");
        }
    }
    let base = column_name(&String::from_utf8_lossy(one));
    let mut taken: Vec<String> = Vec::new();
    for _ in 0..12 {
        let name = distinct(&base, COLUMN_NAME_BYTES, |name| taken.iter().any(|other| other == name));
        assert!(name.len() <= COLUMN_NAME_BYTES && !taken.contains(&name), "{name} in {taken:?}");
        taken.push(name);
    }
}

/// Numbers as cells: the same value, digit by digit, with its scale.
pub fn numbers(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let is_json = serde_json::from_str::<serde_json::Number>(text).is_ok() && !text.contains(char::is_whitespace);
    if is_json || is_number(text) {
        let value = Value::read(text);
        let cell = |column_type| value.cell(text, column_type, Reading::Strict);
        match (cell(ColumnType::Numeric), cell(ColumnType::Text)) {
            (Some(Cell::Numeric(literal)), Some(Cell::Text(digits))) => {
                assert_eq!(taken_apart(&literal), taken_apart(text), "{text} became {literal}");
                assert_same_number(text, &digits);
            }
            (None, None) => assert!(exceeds_numeric(text), "{text} has no digits"),
            other => panic!("{text} became {other:?}"),
        }
        if let Value::Integer(integer) = value {
            assert_same_number(text, &integer.to_string());
        }
    }
    // As a string, in a column that an operator pinned.
    let json = serde_json::to_string(text).expect("a string is always JSON");
    let value = Value::read(&json);
    for reading in [Reading::Lenient, Reading::Key] {
        if let Some(Cell::Numeric(literal)) = value.cell(&json, ColumnType::Numeric, reading) {
            let text = text.trim().trim_start_matches('+');
            assert_eq!(taken_apart(text), taken_apart(&literal), "{text} became {literal}");
        }
        if let Some(Cell::Bigint(integer)) = value.cell(&json, ColumnType::Bigint, reading) {
            // By value: 7.0 is 7.
            let (sign, digits, power, _) = taken_apart(text.trim().trim_start_matches('+'));
            let (other_sign, other_digits, other_power, _) = taken_apart(&integer.to_string());
            assert_eq!((sign, digits, power), (other_sign, other_digits, other_power), "{text} became {integer}");
        }
    }
}

/// JSON's grammar of numbers (RFC 8259, 6).
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && digits(fraction)
        && digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))
}

/// A number as its sign, its digits without zeros at either end, the power of ten that they are multiplied with, and
/// its scale: how many digits it has after the decimal point.
fn taken_apart(text: &str) -> (bool, String, i64, i64) {
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    // Beyond 32 bits, where no number has a cell, each is one of the two ends.
    let exponent = exponent.parse().unwrap_or(i64::MAX).clamp(i64::from(i32::MIN), i64::from(i32::MAX));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let scale = i64::try_from(fraction.len()).expect("it is short") - exponent;
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return (false, String::new(), 0, scale.max(0));
    }
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    let power = i64::try_from(zeros).expect("it is short") - scale;
    (negative, significant.to_owned(), power, scale.max(0))
}

fn assert_same_number(literal: &str, digits: &str) {
    assert!(!digits.contains(['e', 'E']), "{digits}");
    assert_eq!(taken_apart(literal), taken_apart(digits), "{literal} became {digits}");
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    assert!(unsigned == "0" || unsigned.starts_with("0.") || !unsigned.starts_with('0'), "{digits}");
}

/// Whether a number has more digits than `numeric` takes, before or after the decimal point.
fn exceeds_numeric(literal: &str) -> bool {
    let (_, significant, power, scale) = taken_apart(literal);
    let whole = i64::try_from(significant.len()).expect("it is short") + power;
    let exponent = literal.split_once(['e', 'E']).map_or(Ok(0), |(_, exponent)| exponent.parse::<i32>());
    scale > 16_383 || (!significant.is_empty() && whole > 131_072) || exponent.is_err()
}

/// Dates and times in strings, and in the formats that an operator can set for a column.
pub fn times(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let json = serde_json::to_string(&text).expect("a string is always JSON");
    let value = Value::read(&json);
    let cell = |column_type, reading: Reading<'_>| value.cell(&json, column_type, reading);
    let by_chrono = DateTime::parse_from_rfc3339(&text).ok();
    match (cell(ColumnType::Timestamptz, Reading::Strict), &value) {
        (Some(Cell::Timestamptz(time)), Value::Moment(..)) => assert_same_time(&text, time),
        // A blank text is null in such a column.
        (Some(Cell::Null) | None, _) => {
            let shape = by_chrono.filter(|time| readable(*time, &text));
            assert_eq!(shape, None, "{text} is a time");
        }
        other => panic!("{text} became {other:?}"),
    }
    if let Some(Cell::Date(date)) = cell(ColumnType::Date, Reading::Strict) {
        assert_eq!(date.to_string(), text);
    }
    if let Some(Cell::Timestamp(local)) = cell(ColumnType::Timestamp, Reading::Strict) {
        assert_same_time(&text, local.and_utc());
    }
    for format in ["us", "rfc2822", "epoch", "epoch-ms", "%d.%m.%Y %H:%M", "%s", "%Y%m%dT%H%M%S%z", "%G-W%V-%u", "%+"] {
        let format: Format = format.parse().expect("it is a format");
        for column_type in [ColumnType::Date, ColumnType::Timestamp, ColumnType::Timestamptz] {
            let year = match cell(column_type, Reading::Formatted(&format)) {
                Some(Cell::Date(day)) => day.year(),
                Some(Cell::Timestamp(local)) => local.year(),
                Some(Cell::Timestamptz(time)) => time.year(),
                Some(Cell::Null) | None => continue,
                other => panic!("{text} as {format} became {other:?}"),
            };
            // An offset can lead out of the years 1 to 9999 by a day.
            assert!((0..=10_000).contains(&year), "{text} as {format} is in the year {year}");
        }
    }
}

/// Whether it is one of the forms that polysink reads; chrono reads more.
fn readable(time: DateTime<FixedOffset>, text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..=9999).contains(&time.year())
        && time.offset().local_minus_utc().abs() < 16 * 3600
        && bytes.get(10).is_some_and(|byte| b"Tt ".contains(byte))
        && !text.contains('\u{2212}')
}

/// Compares with chrono's parsers, after the text was brought to the one form that they read. A time in the forms of
/// several systems, in that of ISO 8601: with hyphens, colons and a point, without a space or a zone.
fn in_one_form(text: &str) -> String {
    let mut text = text.split('[').next().unwrap_or_default().replace(',', ".");
    for (suffix, offset) in [(" UTC", "Z"), ("UTC", "Z"), (" GMT", "Z"), ("GMT", "Z")] {
        if let Some(time) = text.strip_suffix(suffix) {
            text = format!("{time}{offset}");
        }
    }
    if text.as_bytes().get(8) == Some(&b'T') {
        text = format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]);
    }
    let (date, rest) = text.split_at(10);
    let digits = rest.bytes().skip(1).take_while(u8::is_ascii_digit).count();
    let rest = match digits {
        6 => format!("{}:{}:{}", &rest[..3], &rest[3..5], &rest[5..]),
        _ => rest.to_owned(),
    };
    let (separator, clock) = rest.split_at(rest.len().min(1));
    format!("{date}{separator}{}", clock.replace(' ', ""))
}

fn assert_same_time(text: &str, time: DateTime<Utc>) {
    let text = &in_one_form(text);
    let (date, rest) = text.split_at(10);
    let date: NaiveDate = date.parse().expect("chrono reads the date too");
    if rest.is_empty() {
        assert_eq!(date.and_time(chrono::NaiveTime::MIN).and_utc(), time, "{text}");
        return;
    }
    let rest = &rest[1..];
    let clock_end = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (clock, offset) = rest.split_at(clock_end);
    let clock = if clock.len() == 5 { format!("{clock}:00") } else { clock.to_owned() };
    let offset = match offset.len() {
        0 | 1 => "+00:00".to_owned(),
        3 => format!("{offset}:00"),
        5 => format!("{}:{}", &offset[..3], &offset[3..]),
        _ => offset.to_owned(),
    };
    // chrono has no 24:00.
    let (clock, midnight) = match clock.strip_prefix("24:") {
        Some(rest) => (format!("00:{rest}"), true),
        None => (clock, false),
    };
    let local = NaiveDateTime::parse_from_str(&format!("{date} {clock}"), "%Y-%m-%d %H:%M:%S%.f");
    let mut local = local.unwrap_or_else(|error| panic!("chrono does not read {text}: {error}"));
    let micros = local.nanosecond() / 1_000;
    // chrono keeps a leap second within its minute.
    let leap = micros >= 1_000_000;
    local = local.with_nanosecond(micros % 1_000_000 * 1_000).expect("it is less than a second");
    local += TimeDelta::seconds(i64::from(leap)) + TimeDelta::days(i64::from(midnight));
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let part = |range: std::ops::Range<usize>| offset[range].parse::<i64>().expect("an offset is of digits");
    let expected = local - TimeDelta::minutes(sign * (part(1..3) * 60 + part(4..6)));
    assert_eq!(expected.and_utc(), time, "{text}");
}

/// `columns::Catalogue`. Two lines are the `fields` of two records. Every value is found in a column or in `_unfit`,
/// before and after the types were learned, but for empty ones; and equal records make one key.
pub fn fields(data: &[u8]) {
    let (one, other) = halves(data);
    let texts: Vec<String> = [one, other].into_iter().filter_map(storable_fields).collect();
    let now = DateTime::UNIX_EPOCH;
    let mut catalogue = Catalogue::default();
    for text in &texts {
        let entries = catalogue.read(text, now);
        catalogue.learn(&entries, now);
    }
    every_value(&catalogue, &texts);
    catalogue.give_columns();
    every_value(&catalogue, &texts);
    let columns: Vec<&str> = catalogue.fields().iter().map(|field| field.column_name.as_str()).collect();
    let mut distinct = columns.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), columns.len(), "{columns:?}");
    let identity: Vec<String> = catalogue.fields().iter().take(3).map(|field| field.name.clone()).collect();
    catalogue.set_key_fields(Some(&identity));
    let by: Vec<KeyColumn> = catalogue.key_columns(&identity);
    for text in &texts {
        let value: serde_json::Value = serde_json::from_str(text).expect("it was read before");
        let pretty = serde_json::to_string_pretty(&value).expect("a value is always JSON");
        let key = |text: &str| catalogue.key(&catalogue.read_known(text), &identity, &by);
        if let Ok(key) = key(text) {
            serde_json::from_str::<Vec<&RawValue>>(&key).unwrap_or_else(|error| panic!("{key}: {error}"));
        }
        // serde_json's values hold fewer digits than the text.
        if !text.bytes().any(|byte| byte.is_ascii_digit()) {
            assert_eq!(key(text), key(&pretty), "{text}");
        }
    }
}

/// An object that the ledger would hold, and that a parser with a limit for nesting reads.
fn storable_fields(line: &[u8]) -> Option<String> {
    let json: &RawValue = serde_json::from_slice(line).ok()?;
    let storable = sanitize_json(json.get()).into_text().into_owned();
    let value: serde_json::Value = serde_json::from_str(&storable).ok()?;
    value.is_object().then_some(storable)
}

fn every_value(catalogue: &Catalogue, texts: &[String]) {
    let layout = catalogue.layout();
    let columns: Vec<_> = catalogue.columns().collect();
    assert!(columns.len() <= MAX_COLUMNS);
    for text in texts {
        let sent: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).expect("it is an object");
        let content = layout.content(&catalogue.read_known(text));
        assert_eq!(content.cells.len(), columns.len());
        let unfit: serde_json::Map<String, serde_json::Value> = content
            .unfit
            .as_deref()
            .map(|unfit| serde_json::from_str(unfit).expect("it is an object"))
            .unwrap_or_default();
        for (name, value) in &sent {
            let cell = columns.iter().position(|field| &field.name == name).map(|place| &content.cells[place]);
            let in_cell = cell.is_some_and(|cell| *cell != Cell::Null);
            let places = usize::from(in_cell) + usize::from(unfit.contains_key(name));
            let is_empty =
                value.as_str().is_some_and(|text| text.trim().is_empty() || text.trim().starts_with("0000-00-00"));
            if !(is_empty && cell == Some(&Cell::Null)) {
                assert_eq!(places, usize::from(!value.is_null()), "{name} in {text}: {cell:?}, {unfit:?}");
            }
        }
        assert!(unfit.keys().all(|name| sent.contains_key(name)), "{unfit:?} of {text}");
    }
}
