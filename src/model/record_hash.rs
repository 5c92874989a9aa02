//! The key of a record within its sync.

/// A btree entry holds about 2,700 bytes; a longer hash would fail the transaction.
pub const MAX_HASH_BYTES: usize = 1_000;

/// A record's content hash: Polytomic's, or one made by `envelope`. At most [`MAX_HASH_BYTES`], without NUL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordHash(Box<str>);

/// The hash is longer than [`MAX_HASH_BYTES`]: its length in bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLong(pub usize);

impl RecordHash {
    /// * `text`: not empty, and valid for a text column
    pub fn new(text: &str) -> Result<Self, TooLong> {
        if text.len() > MAX_HASH_BYTES { Err(TooLong(text.len())) } else { Ok(Self(text.into())) }
    }

    /// The stored text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
