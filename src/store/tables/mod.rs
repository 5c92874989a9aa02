//! One file per table of schema `polysink`, with its statements.

pub(crate) mod adoptions;
pub(crate) mod backfills;
pub(crate) mod backlog;
pub(crate) mod deletions;
pub(crate) mod envelopes;
pub(crate) mod erasures;
pub(crate) mod events;
pub mod expired;
pub(crate) mod fields;
pub mod heads;
pub(crate) mod installation;
pub mod partitions;
pub(crate) mod records;
pub(crate) mod rejections;
pub(crate) mod replays;
pub(crate) mod run_logs;
pub(crate) mod runs;
pub(crate) mod same_values;
pub(crate) mod sent_bodies;
pub(crate) mod source_models;
pub(crate) mod split_versions;
pub(crate) mod sync_sources;
pub(crate) mod syncs;
