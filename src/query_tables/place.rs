//! A row's place: the columns that identify a row in either table, and the SQL that statements on listed rows share.

use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::Sighting;
use crate::store::tables::backfills::RowPlace;

/// The columns, in the order of a history's primary key.
pub(super) const PLACE: &str = "_key, _sent_at, _envelope_id, _position";

/// The listed rows as parameters `$1` to `$4` of `unnest`. A statement's own parameters begin at `$5`.
pub(super) const PLACE_ARRAYS: &str = "$1::text[], $2::timestamptz[], $3::uuid[], $4::integer[]";

/// Their aliases, as columns of `n`.
pub(super) const PLACE_ALIASES: &str = "k, s, e, p";

/// Whether row `t` is the listed row `n`.
pub(super) const AT_PLACE: &str = "t._key = n.k and t._sent_at = n.s and t._envelope_id = n.e and t._position = n.p";

/// The values of a place, in order.
type Values<'a> = (&'a str, DateTime<Utc>, Uuid, i32);

pub(super) fn of_sighting<'a>(key: &'a str, at: &Sighting) -> Values<'a> {
    (key, at.sent_at, at.envelope_id, at.position)
}

pub(super) fn of_row(place: &RowPlace) -> Values<'_> {
    (&place.key, place.sent_at, place.envelope_id, place.position)
}

/// Binds `$1` to `$4`.
pub(super) fn bind_places<'q, 'a>(
    query: Query<'q, Postgres, PgArguments>,
    places: impl Iterator<Item = Values<'a>> + Clone,
) -> Query<'q, Postgres, PgArguments> {
    query
        .bind(places.clone().map(|place| place.0).collect::<Vec<_>>())
        .bind(places.clone().map(|place| place.1).collect::<Vec<_>>())
        .bind(places.clone().map(|place| place.2).collect::<Vec<_>>())
        .bind(places.map(|place| place.3).collect::<Vec<_>>())
}
