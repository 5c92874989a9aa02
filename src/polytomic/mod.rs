//! The sender's own books: what Polytomic's API says about syncs and their runs.
//!
//! `api` is the client. Nothing of a delivery's path waits for it: an API that is away changes a metric and a verdict.

pub mod api;
