//! The key of a record within its sync.

/// An index row of PostgreSQL holds about 2,700 bytes; past this a hash could stop the transaction it is in.
pub const MAX_HASH_BYTES: usize = 1_000;

/// A record's content hash: Polytomic's, or one made by `envelope`. At most [`MAX_HASH_BYTES`], without NUL.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordHash(Box<str>);

/// The hash is longer than [`MAX_HASH_BYTES`]: how many bytes it has.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLong(pub usize);

impl RecordHash {
    /// * `text`: not empty, and fit for a text column
    pub fn new(text: &str) -> Result<Self, TooLong> {
        if text.len() > MAX_HASH_BYTES { Err(TooLong(text.len())) } else { Ok(Self(text.into())) }
    }

    /// The text that is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
