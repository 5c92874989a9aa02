//! The ids of syncs, records and sightings, the order of sightings, the verdict on a run, the times of deletions.
//! Pure.

mod applied_deletion;
mod record_hash;
mod run_verdict;
mod sighting;
mod sync_id;

pub use applied_deletion::AppliedDeletion;
pub use record_hash::{MAX_HASH_BYTES, RecordHash, TooLong};
pub use run_verdict::RunVerdict;
pub use sighting::Sighting;
pub use sync_id::SyncId;
