//! The listeners. `app` starts them.

pub mod admin;
mod connection_limit;
mod failures;
mod problem;
mod public;

pub use public::{DeliveryLimits, EventOptions, Phase, PublicOptions, PublicUse, serve};
