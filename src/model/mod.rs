//! The ids of syncs, records and sightings, the order of sightings, the verdict on a run, the times of deletions, the
//! rhythm of a sync, the kinds of notices. Pure.

mod applied_deletion;
mod notice_kind;
mod record_hash;
mod rhythm;
mod run_verdict;
mod sighting;
mod sync_id;

pub use applied_deletion::AppliedDeletion;
pub use notice_kind::NoticeKind;
pub use record_hash::{MAX_HASH_BYTES, RecordHash, TooLong};
pub use rhythm::{Freshness, Rhythm};
pub use run_verdict::RunVerdict;
pub use sighting::Sighting;
pub use sync_id::SyncId;
