//! Computes an entity's row and history from the sightings of its records. Pure.
//!
//! `projector` groups sightings by entity and calls [`entity()`] or [`record`]; `query_tables` reads and writes the
//! rows.

mod entity;
mod versions;

use chrono::{DateTime, Utc};

pub use entity::{EntityChanges, RecordSighting, Row, entity, is_append, is_repeat, record, recount};

use crate::model::Sighting;

/// An entity's current row, without its content.
#[derive(Debug, Clone)]
pub struct Current {
    pub key: String,
    pub hash: String,
    pub first_received_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
    pub latest: Sighting,
}

/// A version in the history, without its content.
#[derive(Debug, Clone)]
pub struct StoredVersion {
    pub key: String,
    pub hash: String,
    pub first: Sighting,
    pub valid_to: Option<DateTime<Utc>>,
    /// `None` while the version lasts.
    pub last: Option<Sighting>,
    /// Whether the next version is loaded too, or there is none.
    pub is_followed: bool,
}

/// Where a version begins and ends.
#[derive(Debug, Clone, Copy)]
pub struct VersionBounds<'a> {
    pub key: &'a str,
    pub hash: &'a str,
    pub first: Sighting,
    /// `None`, like `last`, while the version lasts; the current row has its end then.
    pub valid_to: Option<DateTime<Utc>>,
    pub last: Option<Sighting>,
}
