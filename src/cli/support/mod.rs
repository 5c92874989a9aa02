//! Code that commands share: the database, settings as flags, questions, progress, tables and times.

pub mod confirm;
pub mod connect;
pub mod exported;
pub mod moment;
pub mod output;
pub mod polytomic;
pub mod pretty;
pub mod progress;
pub mod settings;
pub mod table;
