//! The listeners. `app` starts them.

pub mod admin;
mod problem;
mod public;

pub use public::{Limits, Options, Phase, serve};
