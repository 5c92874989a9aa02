//! Scheduled work beside the deliveries: creates partitions ahead. Spawned by `app`.

mod partitions;

pub use partitions::make_partitions_ahead;
