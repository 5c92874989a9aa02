//! Computes an entity's row and history from the sightings of its records. Pure.
//!
//! `projector` groups sightings by entity and calls [`entity()`] or [`record`]; `query_tables` reads and writes the
//! rows.

mod changes;
mod versions;

use chrono::{DateTime, Utc};

pub use changes::{EntityChanges, RecordSighting, entity, is_append, is_repeat, record, recount};

use crate::model::Sighting;

/// An entity's current row, without its content: that of `hash`.
///
/// * `S`: `String` for a stored one, `&str` for one to write
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<S> {
    pub key: S,
    pub hash: S,
    pub first_received_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
    pub latest: Sighting,
}

impl Row<String> {
    pub fn borrowed(&self) -> Row<&str> {
        let Self { first_received_at, changed_at, latest, .. } = *self;
        Row { key: &self.key, hash: &self.hash, first_received_at, changed_at, latest }
    }
}

/// A version in the history, without its content.
///
/// * `S`: as for [`Row`]
#[derive(Debug, Clone, Copy)]
pub struct VersionBounds<S> {
    pub key: S,
    pub hash: S,
    pub first: Sighting,
    /// `None`, like `last`, while the version lasts; the current row has its end then.
    pub valid_to: Option<DateTime<Utc>>,
    pub last: Option<Sighting>,
}

/// A version that was loaded.
#[derive(Debug, Clone)]
pub struct StoredVersion {
    pub bounds: VersionBounds<String>,
    /// Whether the next version is loaded too, or there is none.
    pub is_followed: bool,
}
