//! From fields to columns: what tables and columns are called, which types they have, and how values become cells. Pure.
//!
//! `store` asks it for the name of a new sync's table; `projector` learns and converts with it. A [`Catalogue`] is all that
//! is known of a sync's fields; what comes out of it fits the columns that it says there are, so that no statement fails on
//! a type.

mod catalogue;
mod field;
mod names;
mod number;
mod time;
mod value;

pub use catalogue::{Catalogue, Content, Entries, Layout, MAX_COLUMNS, MAX_FIELD_NAME_BYTES, MAX_FIELDS, NoKey};
pub use field::{Field, KindCounts, LEARNING_WINDOW, Rows};
pub use names::{COLUMN_NAME_BYTES, TABLE_NAME_BYTES, column_name, distinct, table_name};
pub use value::{Cell, ColumnType, Reading, Value, ValueKind};
