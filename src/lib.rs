//! polysink receives Polytomic's webhooks and lands them in PostgreSQL, exactly once.
//!
//! The map of the code; `ARCHITECTURE.md` says how a delivery travels through it, and why.
//!
//! * [`config`]: every setting. Seen by `main`, [`cli`] and [`app`] alone.
//! * [`model`]: what a sync, a record and a sighting are called everywhere. [`verify`]: who may post. [`envelope`]: bytes → envelope.
//!   [`columns`]: values → columns. [`history`]: sightings → an entity's row and history. These five are pure.
//! * [`http`]: the public listener. [`writer`]: from a request to a committed transaction. [`store`]: all SQL
//!   about schema `polysink`.
//! * [`projector`]: from what was committed to the tables that people query. [`query_tables`]: all SQL about those, schema `synced`.
//! * [`maintenance`]: work by the clock. [`local_pg`]: the private PostgreSQL. [`telemetry`]: logs.
//! * [`app`]: the composition root. [`cli`]: one file a command.
//!
//! `main → cli → app → http → (verify, envelope, writer, store for reads)`; `writer → store → envelope`;
//! `projector → query_tables → store`, and all of these the pure ones; the writer wakes the projector.

pub mod app;
mod backoff;
pub mod cli;
pub mod columns;
pub mod config;
pub mod envelope;
pub mod history;
pub mod http;
pub mod local_pg;
pub mod maintenance;
pub mod model;
pub mod projector;
pub mod query_tables;
pub mod store;
pub mod telemetry;
pub mod verify;
pub mod writer;
