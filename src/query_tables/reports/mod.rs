//! Reports on the query tables, for commands and `doctor`.

pub mod candidates;
pub mod deliveries;
pub mod described;
pub mod disk_usage;
pub mod drift;
pub mod fit;
