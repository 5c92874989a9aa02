//! Rows as PostgreSQL's binary `copy` takes them: the fastest way in, for rows that are known to be new.
//!
//! The format: <https://www.postgresql.org/docs/current/sql-copy.html>, "Binary Format"; of each type, what its `…_recv` function
//! reads.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::columns::Cell;

/// PostgreSQL counts days and microseconds from here.
const EPOCH: DateTime<Utc> = match DateTime::from_timestamp(946_684_800, 0) {
    Some(epoch) => epoch,
    None => panic!("2000-01-01 is a time"),
};

/// Decimal digits in one digit of a `numeric` on the wire.
const DIGITS: usize = 4;

/// Rows on their way.
#[derive(Debug)]
pub struct CopyBuffer {
    bytes: Vec<u8>,
}

impl CopyBuffer {
    pub fn new() -> Self {
        let mut bytes = b"PGCOPY\n\xff\r\n\0".to_vec();
        bytes.extend_from_slice(&[0; 8]); // no flags, no extension of the header
        Self { bytes }
    }

    /// Begins a row.
    ///
    /// * `values`: how many it will have; a table has no more than 1,600 columns
    pub fn row(&mut self, values: usize) {
        let values = i16::try_from(values).expect("a table has no more columns");
        self.bytes.extend_from_slice(&values.to_be_bytes());
    }

    pub fn null(&mut self) {
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    pub fn text(&mut self, text: &str) {
        self.value(&[text.as_bytes()]);
    }

    pub fn jsonb(&mut self, json: &str) {
        self.value(&[&[1], json.as_bytes()]); // the first byte is the version of the format
    }

    pub fn integer(&mut self, value: i32) {
        self.value(&[&value.to_be_bytes()]);
    }

    pub fn uuid(&mut self, value: Uuid) {
        self.value(&[value.as_bytes()]);
    }

    pub fn timestamptz(&mut self, value: DateTime<Utc>) {
        let micros = value.timestamp_micros() - EPOCH.timestamp_micros();
        self.value(&[&micros.to_be_bytes()]);
    }

    pub fn cell(&mut self, cell: &Cell<'_>) {
        match cell {
            Cell::Null => self.null(),
            Cell::Boolean(value) => self.value(&[&[u8::from(*value)]]),
            Cell::Bigint(value) => self.value(&[&value.to_be_bytes()]),
            Cell::Numeric(digits) => self.numeric(digits),
            Cell::Date(value) => self.date(*value),
            Cell::Timestamptz(value) => self.timestamptz(*value),
            Cell::Text(text) => self.text(text),
            Cell::Jsonb(json) => self.jsonb(json),
        }
    }

    /// `None` as null.
    pub fn optional<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        match value {
            None => self.null(),
            Some(value) => put(self, value),
        }
    }

    fn date(&mut self, value: NaiveDate) {
        let days = value.signed_duration_since(EPOCH.date_naive()).num_days();
        let days = i32::try_from(days).expect("chrono's years are fewer");
        self.value(&[&days.to_be_bytes()]);
    }

    /// * `digits`: a number without exponent, as `columns` writes it: `-12.50`
    fn numeric(&mut self, digits: &str) {
        let (sign, unsigned) = match digits.strip_prefix('-') {
            Some(unsigned) => (0x4000_u16, unsigned),
            None => (0, digits),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let whole = whole.trim_start_matches('0');
        // The point stands between two groups, so the first and the last may be short.
        let head = whole.len() % DIGITS;
        let mut groups: Vec<i16> = Vec::with_capacity(whole.len() / DIGITS + fraction.len() / DIGITS + 2);
        groups.extend((head > 0).then(|| group(&whole.as_bytes()[..head])));
        groups.extend(whole.as_bytes()[head..].chunks(DIGITS).map(group));
        let before_point = groups.len();
        groups.extend(fraction.as_bytes().chunks(DIGITS).map(|digits| {
            let missing = u32::try_from(DIGITS - digits.len()).expect("it is less than a group");
            group(digits) * 10_i16.pow(missing)
        }));
        let leading = groups.iter().take_while(|group| **group == 0).count();
        let used = groups.len() - groups.iter().rev().take_while(|group| **group == 0).count();
        let groups = groups.get(leading..used).unwrap_or_default();
        let small = |n: usize| u16::try_from(n).expect("a numeric has no more digits");
        let place = |n: usize| i32::from(small(n));
        let weight = if groups.is_empty() { 0 } else { place(before_point) - 1 - place(leading) };
        let weight = i16::try_from(weight).expect("nor more before the point");

        let mut value = Vec::with_capacity(8 + 2 * groups.len());
        value.extend_from_slice(&small(groups.len()).to_be_bytes());
        value.extend_from_slice(&weight.to_be_bytes());
        value.extend_from_slice(&sign.to_be_bytes());
        value.extend_from_slice(&small(fraction.len()).to_be_bytes());
        value.extend(groups.iter().flat_map(|group| group.to_be_bytes()));
        self.value(&[&value]);
    }

    fn value(&mut self, parts: &[&[u8]]) {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let length = i32::try_from(length).expect("a delivery is smaller");
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend(parts.iter().copied().flatten());
    }

    /// What is to be sent next, once it is worth a message; whole rows or not.
    pub fn full(&mut self) -> Option<Vec<u8>> {
        const CHUNK: usize = 128 << 10;
        (self.bytes.len() >= CHUNK).then(|| std::mem::replace(&mut self.bytes, Vec::with_capacity(CHUNK + CHUNK / 4)))
    }

    /// What is left, and the end.
    pub fn end(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(&(-1_i16).to_be_bytes());
        self.bytes
    }
}

/// Up to four decimal digits.
fn group(digits: &[u8]) -> i16 {
    digits.iter().fold(0, |value, digit| value * 10 + i16::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number of groups, weight, sign and scale, and the groups.
    fn numeric(digits: &str) -> (Vec<i16>, Vec<i16>) {
        let mut buffer = CopyBuffer::new();
        let before = buffer.bytes.len() + 4;
        buffer.numeric(digits);
        let words: Vec<i16> =
            buffer.bytes[before..].chunks(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])).collect();
        (words[..4].to_vec(), words[4..].to_vec())
    }

    #[test]
    fn numerics_are_groups_of_four_digits_about_the_point() {
        assert_eq!(numeric("0"), (vec![0, 0, 0, 0], vec![]));
        assert_eq!(numeric("0.00"), (vec![0, 0, 0, 2], vec![]));
        assert_eq!(numeric("12.5"), (vec![2, 0, 0, 1], vec![12, 5000]));
        assert_eq!(numeric("-12345.60"), (vec![3, 1, 0x4000, 2], vec![1, 2345, 6000]));
        assert_eq!(numeric("0.00001234"), (vec![1, -2, 0, 8], vec![1234]));
        assert_eq!(numeric("100000000"), (vec![1, 2, 0, 0], vec![1]));
        let (head, groups) = numeric(&"9".repeat(131_072));
        assert_eq!((head[0].cast_unsigned(), head[1], groups.len()), (32_768, 32_767, 32_768));
    }
}
