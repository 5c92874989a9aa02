//! The listeners. `app` starts them.

pub mod admin;
mod connection_limit;
mod failures;
mod own_client;
mod problem;
mod public;

pub use own_client::own_client;
pub use public::{DeliveryLimits, EventOptions, Phase, PublicOptions, PublicUse, serve};
