//! A sighting of a record, and the order of sightings: the one definition.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// One sighting of a record: where and when it was sent.
///
/// Sightings are ordered by `sent_at`, then `envelope_id`, then `position`: the greater is the newer. Statements compare the same three
/// columns as a row, because PostgreSQL orders UUIDs by their bytes, as Rust does. Two sightings with equal places are one, so
/// `received_at` never decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sighting {
    pub sent_at: DateTime<Utc>,
    pub envelope_id: Uuid,
    pub position: i32,
    pub received_at: DateTime<Utc>,
}
