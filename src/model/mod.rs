//! What a sync, a record and a sighting of it are called everywhere. Pure.

mod record_hash;
mod sighting;
mod sync_id;

pub use record_hash::{MAX_HASH_BYTES, RecordHash, TooLong};
pub use sighting::Sighting;
pub use sync_id::SyncId;
