//! The sender's own books: what Polytomic's API says about syncs and their runs.
//!
//! `api` is the client; `runs` asks about the runs of each sync, and compares them with what arrived; `records`
//! compares the records of a run one by one; `sources` knows the models. Nothing of a delivery's path waits for it: an
//! API that is away changes a metric and a verdict.

pub mod api;
pub mod records;
pub mod runs;
pub mod sources;
