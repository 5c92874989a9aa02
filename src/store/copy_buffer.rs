//! Rows in the binary format of PostgreSQL's `copy`, the fastest way to insert rows.
//!
//! The format: <https://www.postgresql.org/docs/current/sql-copy.html>, "Binary Format". Values are encoded by sqlx, as
//! the parameters of a statement are, except `jsonb`, which it encodes only from values that it serializes.

use sqlx::Postgres;
use sqlx::encode::{Encode, IsNull};
use sqlx::postgres::PgArgumentBuffer;

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

    /// Writes what `encode` writes, with its length before it; -1 for null.
    pub fn sized(&mut self, encode: impl FnOnce(&mut PgArgumentBuffer) -> IsNull) {
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
