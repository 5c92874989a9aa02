//! Parts of a transaction: savepoints, and bisection.

mod bisect;
pub(crate) mod savepoint;

pub use bisect::Bisection;
