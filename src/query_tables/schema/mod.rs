//! The columns of the query tables and what changes them: statements, policy, repair, indexes, comments and the locks.

pub mod change;
pub mod comment;
pub mod ddl;
pub mod diff;
pub mod identity_index;
pub mod inspect;
pub mod lock;
pub mod lock_wait;
pub mod missing;
pub mod policy;
pub mod repair;
pub mod reshape;
