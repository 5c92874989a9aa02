//! From fields to columns: names of tables and columns, their types, and how values become cells. Pure.
//!
//! `store` asks for the name of a new sync's table; `projector` learns types and converts values. A [`Catalogue`] holds
//! the fields of a sync. Every cell that it makes fits its column, so that no statement fails on a type.

mod catalogue;
mod cell;
mod difference;
mod digest;
mod field;
mod format;
mod key;
mod layout;
mod names;
mod number;
mod record;
mod time;
mod value;

pub use catalogue::{Catalogue, MAX_COLUMNS, MAX_FIELD_NAME_BYTES, MAX_FIELDS, MissingColumns};
pub use cell::{Cell, Reading};
pub use difference::changed_columns;
pub use digest::{ValuesDigest, values_digest};
pub use field::{Field, KindCounts, LEARNING_WINDOW, Rows};
pub use format::{BadFormat, Format};
pub use key::{EntityKeys, KeyColumn, MAX_IDENTITY_FIELDS, NoKey, PartTrace, literal_part};
pub use layout::{Content, Layout, unfit};
pub use names::{COLUMN_NAME_BYTES, TABLE_NAME_BYTES, column_name, distinct, table_name};
pub use number::{Decimal, Groups};
pub use record::Entries;
pub use value::{ColumnType, Value, ValueKind};
