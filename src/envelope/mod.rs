//! Turns the bytes of a request body into an [`Envelope`]. Pure: no clock, no runtime, no database.
//!
//! `http` calls [`decode`] and [`parse`]; `store` writes the result. A record's `fields` are neither copied nor parsed
//! into numbers: an [`Envelope`] owns the body and has the byte range of each record.

mod canonical;
mod gunzip;
mod hash;
mod json;
mod text;

use std::borrow::Cow;
use std::ops::Range;

use chrono::{DateTime, Utc};
use ipnet::IpNet;
use uuid::Uuid;

pub use canonical::canonical_json;
pub use gunzip::{DecodeError, Full, decode, is_gzip};
pub use json::{Malformed, Unparsed, parse, raw_records};
pub use text::{Sanitized, sanitize_json};

use crate::model::{RecordHash, SyncId};

/// The only event that polysink processes; Polytomic documents no other for record deliveries.
pub const RECORDS_EVENT: &str = "sync.records";

/// What is known of a delivery before its body is read. Made once its headers have been verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// A UUID of version 7: the key that makes every retry of this delivery idempotent.
    pub envelope_id: Uuid,
    pub received_at: DateTime<Utc>,
    /// The `Polytomic-Signature-Timestamp` header; `received_at` if there was none.
    pub sent_at: DateTime<Utc>,
    /// The name of the secret that matched.
    pub connection: String,
    pub source_ip: Option<IpNet>,
    pub user_agent: Option<String>,
}

/// A parsed delivery, ready to be stored.
#[derive(Debug)]
pub struct Envelope {
    pub receipt: Receipt,
    /// The event's name, valid for a text column.
    pub event: String,
    pub outcome: Outcome,
    pub sync_id: Option<SyncId>,
    /// `object.name`, valid for a text column; `None` if none was sent.
    pub name: Option<String>,
    /// `object.metadata` as JSON text that jsonb takes; `None` for JSON null, or if none was sent.
    pub metadata: Option<String>,
    /// How many records the payload has, invalid ones included.
    pub record_count: usize,
    pub records: Vec<Record>,
    pub rejections: Vec<Rejection>,
    /// The JSON as received, decompressed.
    pub body: String,
}

/// The column `outcome`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A record delivery.
    Stored,
    /// An unknown event: kept, not processed.
    Ignored,
}

impl Outcome {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Ignored => "ignored",
        }
    }
}

/// One valid record of an envelope.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub hash: RecordHash,
    fields: Fields,
    /// Its index in `object.records`, counted from 0.
    pub position: u32,
}

/// Where the text of a record's fields is.
#[derive(Debug, Clone, PartialEq)]
enum Fields {
    /// In the envelope's body, at these bytes: the usual case.
    Borrowed(Range<usize>),
    /// A copy, in which (or in the record's hash) U+FFFD replaces what the database cannot hold.
    Altered(Box<str>),
}

impl Record {
    /// The JSON object `fields` as text that jsonb takes; `body` is the owning envelope's.
    pub fn fields<'a>(&'a self, body: &'a str) -> &'a str {
        match &self.fields {
            Fields::Borrowed(range) => &body[range.clone()],
            Fields::Altered(text) => text,
        }
    }

    /// Whether [`Record::fields`] or the hash differs from what was sent.
    pub fn altered(&self) -> bool {
        matches!(self.fields, Fields::Altered(_))
    }
}

/// An invalid record, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Rejection {
    /// The reason code, such as `hash_not_string`.
    pub reason: &'static str,
    /// A sentence for whoever reads it.
    pub detail: Cow<'static, str>,
    pub position: u32,
    /// The byte range of the record's JSON in the envelope's body.
    pub payload: Range<usize>,
}
