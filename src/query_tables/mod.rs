//! The query tables in schema `synced`: made, changed, filled, merged, described. `projector` works on them through a [`Projection`], and
//! so do the commands that change them.
//!
//! Their statements are built at run time, because their tables and columns have names of their own.
//! Names of tables and columns get into a statement through [`Relation`] and [`Ident`] alone, which quote them. Values
//! never do: they travel as parameters.

mod backfill;
mod candidates;
mod comment;
mod copy;
mod described;
mod insert;
mod inspect;
mod load;
mod lock;
mod merge;
mod projection;
mod repair;
mod rows;
mod shadow;
mod shape;

use std::fmt;

use crate::columns::{Catalogue, ColumnType, Field};

pub use candidates::Candidate;
pub use comment::Origin;
pub use described::{DescribedColumn, DescribedTable};
pub use lock::{RebuildLock, sync_lock};
pub use merge::Refused;
pub use projection::Projection;
pub use rows::{HistoryRow, TableRow};
pub use shadow::Shadow;
use shape::wait_briefly;
pub use shape::{By, LockWait, Reshaped};

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
        // E'' reads backslashes whatever the server's settings.
        write!(f, "e'{}'", self.0.replace('\\', "\\\\").replace('\'', "''"))
    }
}

/// A table, quoted and with its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    schema: &'static str,
    name: String,
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", Ident(self.schema), Ident(&self.name))
    }
}

/// The two tables of one sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryTables {
    /// An entity, or a distinct record, a row.
    pub table: Relation,
    /// A row per version of an entity. There only where an identity was ever set.
    pub history: Relation,
}

impl QueryTables {
    /// Those that people query.
    ///
    /// * `table_name`: as in `polysink.syncs`
    pub fn synced(table_name: &str) -> Self {
        Self {
            table: Relation { schema: "synced", name: table_name.to_owned() },
            history: Relation { schema: "synced", name: format!("{table_name}_history") },
        }
    }

    /// Those that a rebuild fills, out of readers' sight.
    ///
    /// * `name`: what their names begin with
    fn shadow(name: &str) -> Self {
        Self {
            history: Relation { schema: "polysink", name: format!("{name}_history") },
            table: Relation { schema: "polysink", name: name.to_owned() },
        }
    }
}

/// Which of the two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Current,
    History,
}

/// The system columns of a query table: name, type, and what it holds. The first of them is the primary key; in the history,
/// so are the three of the first sighting.
const SYSTEM_COLUMNS: &[(&str, &str, &str)] = &[
    (
        "_key",
        "text collate \"C\" not null",
        "What the row is about: the identity's values as a JSON array, or the record's hash where no identity is set.",
    ),
    ("_hash", "text collate \"C\" not null", "The record's hash: its row in polysink.records."),
    ("_unfit", "jsonb", "Values that fit no column of this table, by field; null where all did."),
    ("_first_received_at", "timestamptz not null", "When polysink received the first sighting."),
    ("_last_received_at", "timestamptz not null", "When polysink received the latest sighting."),
    (
        "_changed_at",
        "timestamptz not null",
        "When it became what it is: sent_at of the first sighting of this content.",
    ),
    ("_sent_at", "timestamptz not null", "When the latest sighting was sent."),
    ("_envelope_id", "uuid not null", "The delivery of the latest sighting, in polysink.envelopes."),
    ("_position", "integer not null", "Where in that delivery it stood, counted from 0."),
];

/// The further ones of a history table.
const HISTORY_COLUMNS: &[(&str, &str, &str)] = &[
    ("_valid_from", "timestamptz not null", "From when on the entity was like this, by the times of sending."),
    ("_valid_to", "timestamptz", "Until when it was, itself not included; null while it lasts."),
    (
        "_last_sent_at",
        "timestamptz",
        "When the version's last sighting was sent; null while it lasts: then see the other table.",
    ),
    ("_last_envelope_id", "uuid", "The delivery of the version's last sighting; null while it lasts."),
    ("_last_position", "integer", "Where in that delivery it stood; null while the version lasts."),
];

/// What a system column says of itself in the history, where that differs.
fn history_comment(column: &str) -> Option<&'static str> {
    match column {
        "_first_received_at" => Some("When polysink received the version's first sighting."),
        "_last_received_at" => Some("When polysink received the version's last sighting; while it lasts, its first."),
        "_changed_at" => Some("The same as _valid_from."),
        "_sent_at" => Some("When the version's first sighting was sent."),
        "_envelope_id" => Some("The delivery of the version's first sighting, in polysink.envelopes."),
        _ => None,
    }
}

/// A field's column, in a table that has it.
#[derive(Debug, Clone, Copy)]
struct Column<'a> {
    name: Ident<'a>,
    column_type: ColumnType,
}

fn columns(catalogue: &Catalogue) -> Vec<Column<'_>> {
    let column = |field: &'_ Field| field.column_type;
    catalogue
        .columns()
        .filter_map(|field| Some(Column { name: Ident(&field.column_name), column_type: column(field)? }))
        .collect()
}
