//! The system columns of the query tables, in order: name, type, meaning, and where the value comes from. Nothing else
//! knows their order.

use chrono::{DateTime, Utc};
use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use uuid::Uuid;

use crate::model::Sighting;
use crate::query_tables::Side;
use crate::store::CopyBuffer;

/// The values of a row's system columns.
#[derive(Debug, Clone, Copy)]
pub(in crate::query_tables) struct SystemValues<'a> {
    pub key: &'a str,
    pub hash: &'a str,
    /// A JSON object.
    pub unfit: Option<&'a str>,
    pub first_received_at: DateTime<Utc>,
    pub last_received_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
    /// The latest sighting; in the history the version's first.
    pub sighting: Sighting,
    /// These two are of the history alone, and `None` while the version lasts.
    pub valid_to: Option<DateTime<Utc>>,
    pub last: Option<Sighting>,
}

/// The type of a system column, with where its value comes from.
#[derive(Clone, Copy)]
enum ColumnSource {
    Text(for<'a> fn(&SystemValues<'a>) -> &'a str),
    Jsonb(for<'a> fn(&SystemValues<'a>) -> Option<&'a str>),
    Timestamptz(fn(&SystemValues<'_>) -> Option<DateTime<Utc>>),
    Uuid(fn(&SystemValues<'_>) -> Option<Uuid>),
    Integer(fn(&SystemValues<'_>) -> Option<i32>),
}

/// A system column.
#[derive(Clone, Copy)]
pub(in crate::query_tables) struct SystemColumn {
    pub name: &'static str,
    /// Its type and constraint, as `create table` takes them.
    pub definition: &'static str,
    comment: &'static str,
    /// Its meaning in the history, where that differs.
    history_comment: Option<&'static str>,
    source: ColumnSource,
}

impl SystemColumn {
    /// The text of the column's comment.
    pub fn comment(&self, side: Side) -> &'static str {
        match self.history_comment {
            Some(comment) if side == Side::History => comment,
            _ => self.comment,
        }
    }

    /// How the column travels in an array parameter: the array's type, and the cast from an element to the column.
    pub fn parameter(&self) -> (&'static str, &'static str) {
        match self.source {
            ColumnSource::Text(_) => ("text[]", ""),
            ColumnSource::Jsonb(_) => ("text[]", "::jsonb"),
            ColumnSource::Timestamptz(_) => ("timestamptz[]", ""),
            ColumnSource::Uuid(_) => ("uuid[]", ""),
            ColumnSource::Integer(_) => ("integer[]", ""),
        }
    }

    /// Binds the column's values of these rows as one array.
    pub fn bind<'q>(
        &self,
        query: Query<'q, Postgres, PgArguments>,
        rows: &[SystemValues<'_>],
    ) -> Query<'q, Postgres, PgArguments> {
        match self.source {
            ColumnSource::Text(value) => query.bind(rows.iter().map(value).collect::<Vec<_>>()),
            ColumnSource::Jsonb(value) => query.bind(rows.iter().map(value).collect::<Vec<_>>()),
            ColumnSource::Timestamptz(value) => query.bind(rows.iter().map(value).collect::<Vec<_>>()),
            ColumnSource::Uuid(value) => query.bind(rows.iter().map(value).collect::<Vec<_>>()),
            ColumnSource::Integer(value) => query.bind(rows.iter().map(value).collect::<Vec<_>>()),
        }
    }

    /// Writes the column's value of a row for `copy`.
    pub fn copy(&self, buffer: &mut CopyBuffer, row: &SystemValues<'_>) {
        match self.source {
            ColumnSource::Text(value) => buffer.value(value(row)),
            ColumnSource::Jsonb(value) => buffer.jsonb(value(row)),
            ColumnSource::Timestamptz(value) => buffer.value(value(row)),
            ColumnSource::Uuid(value) => buffer.value(value(row)),
            ColumnSource::Integer(value) => buffer.value(value(row)),
        }
    }
}

/// How many of [`ALL`] a current table has.
const CURRENT: usize = 9;

/// The columns of a history table; the first nine are those of a current table too.
static ALL: [SystemColumn; 14] = [
    SystemColumn {
        name: "_key",
        definition: "text collate \"C\" not null",
        comment: "The entity: the identity's values as a JSON array, or the record's hash where no identity is set.",
        history_comment: None,
        source: ColumnSource::Text(|row| row.key),
    },
    SystemColumn {
        name: "_hash",
        definition: "text collate \"C\" not null",
        comment: "The record's hash: its row in polysink.records.",
        history_comment: None,
        source: ColumnSource::Text(|row| row.hash),
    },
    SystemColumn {
        name: "_unfit",
        definition: "jsonb",
        comment: "Values that do not fit a column of this table, by field; null if all of them fit.",
        history_comment: None,
        source: ColumnSource::Jsonb(|row| row.unfit),
    },
    SystemColumn {
        name: "_first_received_at",
        definition: "timestamptz not null",
        comment: "When polysink received the first sighting.",
        history_comment: Some("When polysink received the version's first sighting."),
        source: ColumnSource::Timestamptz(|row| Some(row.first_received_at)),
    },
    SystemColumn {
        name: "_last_received_at",
        definition: "timestamptz not null",
        comment: "When polysink received the latest sighting.",
        history_comment: Some(
            "When polysink received the version's last sighting; while the version lasts, its first sighting.",
        ),
        source: ColumnSource::Timestamptz(|row| Some(row.last_received_at)),
    },
    SystemColumn {
        name: "_changed_at",
        definition: "timestamptz not null",
        comment: "When the row last changed: sent_at of the first sighting of this content.",
        history_comment: Some("The same as _valid_from."),
        source: ColumnSource::Timestamptz(|row| Some(row.changed_at)),
    },
    SystemColumn {
        name: "_sent_at",
        definition: "timestamptz not null",
        comment: "When the latest sighting was sent.",
        history_comment: Some("When the version's first sighting was sent."),
        source: ColumnSource::Timestamptz(|row| Some(row.sighting.sent_at)),
    },
    SystemColumn {
        name: "_envelope_id",
        definition: "uuid not null",
        comment: "The delivery of the latest sighting, in polysink.envelopes.",
        history_comment: Some("The delivery of the version's first sighting, in polysink.envelopes."),
        source: ColumnSource::Uuid(|row| Some(row.sighting.envelope_id)),
    },
    SystemColumn {
        name: "_position",
        definition: "integer not null",
        comment: "The record's place in that delivery, counted from 0.",
        history_comment: None,
        source: ColumnSource::Integer(|row| Some(row.sighting.position)),
    },
    SystemColumn {
        name: "_valid_from",
        definition: "timestamptz not null",
        comment: "When the version began: sent_at of its first sighting.",
        history_comment: None,
        source: ColumnSource::Timestamptz(|row| Some(row.sighting.sent_at)),
    },
    SystemColumn {
        name: "_valid_to",
        definition: "timestamptz",
        comment: "When the version ended, exclusive; null while it lasts.",
        history_comment: None,
        source: ColumnSource::Timestamptz(|row| row.valid_to),
    },
    SystemColumn {
        name: "_last_sent_at",
        definition: "timestamptz",
        comment: "When the version's last sighting was sent; null while the version lasts: see _sent_at of the current \
                  table.",
        history_comment: None,
        source: ColumnSource::Timestamptz(|row| row.last.map(|last| last.sent_at)),
    },
    SystemColumn {
        name: "_last_envelope_id",
        definition: "uuid",
        comment: "The delivery of the version's last sighting; null while the version lasts.",
        history_comment: None,
        source: ColumnSource::Uuid(|row| row.last.map(|last| last.envelope_id)),
    },
    SystemColumn {
        name: "_last_position",
        definition: "integer",
        comment: "The record's place in that delivery, counted from 0; null while the version lasts.",
        history_comment: None,
        source: ColumnSource::Integer(|row| row.last.map(|last| last.position)),
    },
];

impl Side {
    /// The system columns of such a table, in order.
    pub(in crate::query_tables) fn system_columns(self) -> &'static [SystemColumn] {
        match self {
            Self::Current => &ALL[..CURRENT],
            Self::History => &ALL,
        }
    }

    /// The columns of its primary key.
    pub(in crate::query_tables) fn primary_key(self) -> &'static [&'static str] {
        match self {
            Self::Current => &["_key"],
            Self::History => &["_key", "_sent_at", "_envelope_id", "_position"],
        }
    }
}
