//! Parts of a transaction: savepoints, and the bisection of rows that make a statement fail.

mod bisect;
pub(crate) mod savepoint;

pub use bisect::Bisection;
