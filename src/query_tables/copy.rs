//! Rows in the binary format of PostgreSQL's `copy`, the fastest way to insert rows.
//!
//! The format: <https://www.postgresql.org/docs/current/sql-copy.html>, "Binary Format". Values are encoded by sqlx, as the
//! parameters of a statement are, with two exceptions: sqlx encodes `numeric` only from types that lose digits or scale, and
//! `jsonb` only from values that it serializes.

use sqlx::Postgres;
use sqlx::encode::{Encode, IsNull};
use sqlx::postgres::PgArgumentBuffer;

use crate::columns::Cell;

/// Decimal digits in one digit of a `numeric` in the binary format.
const DIGITS: usize = 4;

/// The version of `jsonb`'s binary format.
const JSONB_VERSION: u8 = 1;

/// Encoded rows that have not been sent yet.
#[derive(Debug, Default)]
pub struct CopyBuffer {
    bytes: PgArgumentBuffer,
}

impl CopyBuffer {
    pub fn new() -> Self {
        let mut buffer = Self::default();
        buffer.bytes.extend_from_slice(b"PGCOPY\n\xff\r\n\0");
        buffer.bytes.extend_from_slice(&[0; 8]); // no flags, no extension of the header
        buffer
    }

    /// Begins a row.
    ///
    /// * `values`: how many it will have; a table has at most 1,600 columns
    pub fn row(&mut self, values: usize) {
        let values = i16::try_from(values).expect("a table has at most 1,600 columns");
        self.bytes.extend_from_slice(&values.to_be_bytes());
    }

    /// Writes a value, or null.
    pub fn value<'q>(&mut self, value: impl Encode<'q, Postgres>) {
        self.sized(|bytes| value.encode(bytes).expect("values are checked against their types before"));
    }

    /// Writes JSON text as `jsonb`.
    pub fn jsonb(&mut self, json: Option<&str>) {
        self.sized(|bytes| {
            let Some(json) = json else { return IsNull::Yes };
            bytes.push(JSONB_VERSION);
            bytes.extend_from_slice(json.as_bytes());
            IsNull::No
        });
    }

    /// Writes the value of a field's column.
    pub fn cell(&mut self, cell: &Cell<'_>) {
        match cell {
            Cell::Null => self.jsonb(None),
            Cell::Boolean(value) => self.value(*value),
            Cell::Bigint(value) => self.value(*value),
            Cell::Numeric(digits) => self.numeric(digits),
            Cell::Date(value) => self.value(*value),
            Cell::Timestamp(value) => self.value(*value),
            Cell::Timestamptz(value) => self.value(*value),
            Cell::Uuid(value) => self.value(*value),
            Cell::Text(text) => self.value(text.as_ref()),
            Cell::Jsonb(json) => self.jsonb(Some(json)),
        }
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

        self.sized(|bytes| {
            bytes.extend_from_slice(&small(groups.len()).to_be_bytes());
            bytes.extend_from_slice(&weight.to_be_bytes());
            bytes.extend_from_slice(&sign.to_be_bytes());
            bytes.extend_from_slice(&small(fraction.len()).to_be_bytes());
            bytes.extend(groups.iter().flat_map(|group| group.to_be_bytes()));
            IsNull::No
        });
    }

    /// Writes what `encode` writes, with its length before it; -1 for null.
    fn sized(&mut self, encode: impl FnOnce(&mut PgArgumentBuffer) -> IsNull) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        let length = match encode(&mut self.bytes) {
            IsNull::Yes => -1,
            IsNull::No => i32::try_from(self.bytes.len() - start - 4).expect("a delivery is smaller than 2 GiB"),
        };
        self.bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }

    /// Takes what has been written, once it is worth a message. It may end within a row.
    pub fn full(&mut self) -> Option<Vec<u8>> {
        const CHUNK: usize = 128 << 10;
        (self.bytes.len() >= CHUNK).then(|| std::mem::replace(&mut *self.bytes, Vec::with_capacity(CHUNK + CHUNK / 4)))
    }

    /// Ends the rows. Returns what has not been sent yet.
    pub fn end(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(&(-1_i16).to_be_bytes());
        std::mem::take(&mut *self.bytes)
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
