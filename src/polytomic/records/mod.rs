//! Compares the log that Polytomic keeps of a run's records with what has arrived: which records are missing, and not
//! only how many.
//!
//! The watch of runs and commands call [`RunLog::compare`]. Both sides are read as streams; in memory are 64 bits for
//! each record that arrived, and the keys of some that did not.

mod compare;
mod read;
mod traces;

pub use compare::{LogComparison, LogError, LogLimits, RunLog};
