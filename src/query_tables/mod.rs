//! All SQL on the query tables, schema `synced`: their columns, their rows, rebuilds, and reports on them. `projector`
//! uses them through a [`Projection`], and so do the commands that change them.
//!
//! Statements are built at run time, because the tables have columns of their own. [`Relation`] and [`Ident`] quote the
//! names of tables and columns; values travel as parameters.

pub(crate) mod projection;
pub(crate) mod rebuild;
pub(crate) mod reports;
pub(crate) mod rows;
pub(crate) mod schema;

use std::fmt;

use sqlx::AssertSqlSafe;

use crate::columns::{Catalogue, ColumnType};
use crate::store::{Connection, StoreError};

pub(crate) use rebuild::{before_raw, new_tables, shadow};
pub(crate) use reports::{candidates, deliveries, described, disk_usage, drift, fit};
pub(crate) use schema::{change, identity_index, inspect, lock, missing};

pub use projection::{NotBegun, Projection};
pub use rebuild::before_raw::VersionBeforeRaw;
pub use rebuild::merge::Refused;
pub use rebuild::new_tables::BuiltOn;
pub use rebuild::shadow::{RecordSource, Shadow};
pub use reports::candidates::Candidate;
pub use reports::described::{DescribedColumn, DescribedTable};
pub use reports::disk_usage::Sizes;
pub use rows::erase::EntityTraces;
pub use rows::write::{HistoryRow, TableRow};
pub use schema::change::ChangeError;
pub use schema::comment::Origin;
pub use schema::lock::{rebuild_lock, sync_lock};
pub use schema::lock_wait::{LockWait, pause_between_tries};
pub use schema::policy::{By, DueChanges};
pub use schema::reshape::Reshaped;

/// A quoted identifier.
#[derive(Debug, Clone, Copy)]
pub struct Ident<'a>(pub &'a str);

impl fmt::Display for Ident<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('"', "\"\""))
    }
}

/// A quoted string constant, for comments: DDL takes no parameters.
#[derive(Debug, Clone, Copy)]
struct Literal<'a>(&'a str);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // e'' reads backslashes the same way whatever the server's settings.
        write!(f, "e'{}'", self.0.replace('\\', "\\\\").replace('\'', "''"))
    }
}

/// A quoted table name with its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    schema: &'static str,
    name: String,
}

impl Relation {
    /// Schema and name, unquoted.
    pub(crate) fn parts(&self) -> (&str, &str) {
        (self.schema, &self.name)
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", Ident(self.schema), Ident(&self.name))
    }
}

/// The two tables of one sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryTables {
    /// One row per entity, or per distinct record.
    pub table: Relation,
    /// One row per version of an entity. Exists once an identity was set.
    pub history: Relation,
}

impl QueryTables {
    /// The tables in `synced`.
    ///
    /// * `table_name`: as in `polysink.syncs`
    pub fn synced(table_name: &str) -> Self {
        Self {
            table: Relation { schema: "synced", name: table_name.to_owned() },
            history: Relation { schema: "synced", name: format!("{table_name}_history") },
        }
    }

    /// The tables that a rebuild fills, hidden from readers.
    ///
    /// * `name`: prefix of their names
    fn shadow(name: &str) -> Self {
        Self {
            history: Relation { schema: "polysink", name: format!("{name}_history") },
            table: Relation { schema: "polysink", name: name.to_owned() },
        }
    }

    fn relation(&self, side: Side) -> &Relation {
        match side {
            Side::Current => &self.table,
            Side::History => &self.history,
        }
    }
}

/// Which of the two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Current,
    History,
}

/// The column of a field.
#[derive(Debug, Clone, Copy)]
struct Column<'a> {
    name: Ident<'a>,
    column_type: ColumnType,
}

fn columns(catalogue: &Catalogue) -> Vec<Column<'_>> {
    let columns = catalogue.columns();
    columns
        .filter_map(|field| Some(Column { name: Ident(&field.column_name), column_type: field.column_type? }))
        .collect()
}

/// Executes a statement without parameters; names in it are quoted.
async fn execute(connection: &mut Connection, sql: String) -> Result<(), StoreError> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}
