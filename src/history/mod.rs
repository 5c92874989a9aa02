//! An entity's row and its history, worked out from the sightings of its records. Pure.
//!
//! `projector` groups sightings by entity and asks [`entity()`] or [`record`] what to write; `store` reads and writes the rows.

mod entity;
mod versions;

use chrono::{DateTime, Utc};

pub use entity::{Changes, Row, Seen, entity, is_append, is_repeat, record};

use crate::model::Sighting;

/// An entity's row of the table, its content left out.
#[derive(Debug, Clone)]
pub struct Current {
    pub key: String,
    pub hash: String,
    pub first_received_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
    pub latest: Sighting,
}

/// A version of the history, its content left out.
#[derive(Debug, Clone)]
pub struct StoredVersion {
    pub key: String,
    pub hash: String,
    pub first: Sighting,
    pub valid_to: Option<DateTime<Utc>>,
    /// `None` while the version lasts.
    pub last: Option<Sighting>,
}

/// When a version begins and ends.
#[derive(Debug, Clone, Copy)]
pub struct VersionBounds<'a> {
    pub key: &'a str,
    pub hash: &'a str,
    pub first: Sighting,
    /// `None` while it lasts, like `last`: that is the table's row then.
    pub valid_to: Option<DateTime<Utc>>,
    pub last: Option<Sighting>,
}
