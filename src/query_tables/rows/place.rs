//! A row's place: the columns that identify a row in either table, and the SQL that statements on listed rows share.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row as _};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::Sighting;
use crate::store::tables::backfills::RowPlace;

/// The columns, in the order of a history's primary key.
pub(in crate::query_tables) const PLACE: &str = "_key, _sent_at, _envelope_id, _position";

/// The listed rows as parameters `$1` to `$4` of `unnest`. A statement's own parameters begin at `$5`.
pub(in crate::query_tables) const PLACE_ARRAYS: &str = "$1::text[], $2::timestamptz[], $3::uuid[], $4::integer[]";

/// Their aliases, as columns of `n`.
pub(in crate::query_tables) const PLACE_ALIASES: &str = "k, s, e, p";

/// Whether row `t` is the listed row `n`.
pub(in crate::query_tables) const AT_PLACE: &str =
    "t._key = n.k and t._sent_at = n.s and t._envelope_id = n.e and t._position = n.p";

/// The values of a place, in order.
type Values<'a> = (&'a str, DateTime<Utc>, Uuid, i32);

pub(in crate::query_tables) fn of_sighting<'a>(key: &'a str, at: &Sighting) -> Values<'a> {
    (key, at.sent_at, at.envelope_id, at.position)
}

pub(in crate::query_tables) fn of_row(place: &RowPlace) -> Values<'_> {
    (&place.key, place.sent_at, place.envelope_id, place.position)
}

/// Binds `$1` to `$4` as the row after which a batch begins; null for the first batch.
pub(in crate::query_tables) fn bind_after<'q>(
    query: Query<'q, Postgres, PgArguments>,
    after: Option<&'q RowPlace>,
) -> Query<'q, Postgres, PgArguments> {
    query
        .bind(after.map(|place| place.key.as_str()))
        .bind(after.map(|place| place.sent_at))
        .bind(after.map(|place| place.envelope_id))
        .bind(after.map(|place| place.position))
}

/// Reads the place of a selected row.
pub(in crate::query_tables) fn read_place(row: &PgRow) -> sqlx::Result<RowPlace> {
    Ok(RowPlace {
        key: row.try_get("_key")?,
        sent_at: row.try_get("_sent_at")?,
        envelope_id: row.try_get("_envelope_id")?,
        position: row.try_get("_position")?,
    })
}

/// Reads a sighting of a selected row.
///
/// * `columns`: of its `sent_at`, `envelope_id`, `position` and `received_at`
pub(in crate::query_tables) fn read_sighting(row: &PgRow, columns: [&str; 4]) -> sqlx::Result<Sighting> {
    let [sent_at, envelope_id, position, received_at] = columns;
    Ok(Sighting {
        sent_at: row.try_get(sent_at)?,
        envelope_id: row.try_get(envelope_id)?,
        position: row.try_get(position)?,
        received_at: row.try_get(received_at)?,
    })
}

/// Binds `$1` to `$4`.
pub(in crate::query_tables) fn bind_places<'q, 'a>(
    query: Query<'q, Postgres, PgArguments>,
    places: impl Iterator<Item = Values<'a>> + Clone,
) -> Query<'q, Postgres, PgArguments> {
    query
        .bind(places.clone().map(|place| place.0).collect::<Vec<_>>())
        .bind(places.clone().map(|place| place.1).collect::<Vec<_>>())
        .bind(places.clone().map(|place| place.2).collect::<Vec<_>>())
        .bind(places.map(|place| place.3).collect::<Vec<_>>())
}
