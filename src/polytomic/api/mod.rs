//! A client of Polytomic's API.
//!
//! Paths, members and statuses are those of the published reference, version 2025-09-18, and of the Python SDK; what
//! neither decides is read leniently.

mod answers;
mod client;
mod clients;
mod error;
mod remote;

pub use answers::{
    Execution, ExecutionStatus, LogKind, LogUrls, Me, ModelField, RunCounts, RunPage, SyncConfig, SyncField, SyncModel,
    SyncStatus,
};
pub use client::{Client, ClientOptions};
pub use clients::ApiClients;
pub use error::ApiError;
pub use remote::{ApiUrl, LogUrl};
