//! What tables and columns are called. Pure. `store` asks it for the name of a new sync's table.

mod names;

pub use names::{TABLE_NAME_BYTES, distinct, table_name};
