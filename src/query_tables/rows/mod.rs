//! The rows of the query tables: read, written, backfilled, marked as deleted and erased.

pub mod backfill;
pub mod copy;
pub mod deleted;
pub mod erase;
pub mod insert;
pub mod place;
pub mod read;
pub mod system_columns;
pub mod upsert;
pub mod write;
