//! Work by the clock, beside deliveries: partitions made ahead. `app` spawns it.

mod partitions;

pub use partitions::make_partitions_ahead;
