//! A rebuild: into a shadow, and from it into the query tables.

pub mod before_raw;
pub mod merge;
pub mod new_tables;
pub mod shadow;
