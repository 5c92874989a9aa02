//! The ids of syncs, records and sightings, and the order of sightings. Pure.

mod record_hash;
mod sighting;
mod sync_id;

pub use record_hash::{MAX_HASH_BYTES, RecordHash, TooLong};
pub use sighting::Sighting;
pub use sync_id::SyncId;
