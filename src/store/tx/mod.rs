//! Parts of a transaction: what can be undone without the rest, and rows that fail found by halves.

mod bisect;
pub(crate) mod savepoint;

pub use bisect::Bisection;
