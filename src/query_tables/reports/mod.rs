//! What commands and `doctor` show of the query tables.

pub mod candidates;
pub mod described;
pub mod disk_usage;
pub mod drift;
