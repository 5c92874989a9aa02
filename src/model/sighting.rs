//! A sighting of a record, and the order of sightings. The only definition.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// One sighting of a record: in which delivery, and when.
///
/// Sightings are ordered by `sent_at`, then `envelope_id`, then `position`; the greatest is the newest. Statements
/// compare the same three columns as a row, since PostgreSQL orders UUIDs by their bytes, as Rust does. Sightings that
/// are equal in all three are the same, so `received_at` never decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sighting {
    pub sent_at: DateTime<Utc>,
    pub envelope_id: Uuid,
    pub position: i32,
    pub received_at: DateTime<Utc>,
}
