//! polysink receives Polytomic's webhooks and stores them in PostgreSQL, exactly once.
//!
//! The modules, from the top down; `ARCHITECTURE.md` follows a delivery through them.
//!
//! * [`cli`]: one file per command. [`app`]: the composition root. [`config`]: every setting, used by these two and
//!   `main` alone.
//! * [`doctor`]: the checks. [`notify`]: tells people what they should know. [`http`]: the listeners. [`writer`]: from
//!   a request to a committed transaction. [`store`]: all SQL on schema `polysink`.
//! * [`projector`]: from committed deliveries to the query tables. [`query_tables`]: all SQL on those, schema `synced`.
//! * [`polytomic`]: the sender's API. [`maintenance`]: scheduled work. [`local_pg`]: the private PostgreSQL.
//!   [`telemetry`]: logs, and the export of [`traces`].
//! * Pure: [`model`], the ids and the order of sightings; [`verify`], who may post; [`envelope`], bytes to envelope;
//!   [`columns`], values to columns; [`history`], sightings to an entity's row and versions; `backoff`.
//! * [`metrics`]: every metric. `disk`: free space. [`memory`]: has freed memory returned. [`failpoints`]: for the
//!   tests.

pub mod app;
mod backoff;
pub mod cli;
pub mod columns;
pub mod config;
mod disk;
pub mod doctor;
pub mod envelope;
pub mod failpoints;
pub mod history;
pub mod http;
pub mod ledger;
pub mod local_pg;
pub mod maintenance;
pub mod memory;
pub mod metrics;
pub mod model;
pub mod notify;
pub mod polytomic;
pub mod projector;
pub mod query_tables;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod traces;
pub mod verify;
pub mod writer;
