//! `polysink.passes`: when deliveries were projected into the query tables.
//!
//! A pass takes the oldest deliveries of a sync by the time of sending and the id, so one row tells of all of them: a
//! delivery was projected by the first pass after it was stored whose last delivery is itself or a later one.

use chrono::{DateTime, Utc};

use super::backlog::PendingDelivery;
use super::envelopes::LogPlace;
use crate::model::SyncId;
use crate::store::{Connection, Store, StoreError};

/// How many are deleted in a transaction.
const DELETED: i64 = 10_000;

/// Notes that these deliveries are projected by the transaction.
pub async fn insert(
    connection: &mut Connection,
    sync_id: SyncId,
    projected: &[PendingDelivery],
) -> Result<(), StoreError> {
    let Some(last) = projected.iter().max_by_key(|delivery| (delivery.sent_at, delivery.envelope_id)) else {
        return Ok(());
    };
    sqlx::query!(
        "insert into polysink.passes (sync_id, last_sent_at, last_envelope_id, deliveries) values ($1, $2, $3, $4)",
        sync_id.0,
        last.sent_at,
        last.envelope_id,
        i32::try_from(projected.len()).unwrap_or(i32::MAX),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// When a delivery was first projected; `None` if that is not known any more, or it is not.
///
/// * `stored_at`: when it was stored
pub async fn projected_at(
    connection: &mut Connection,
    sync_id: SyncId,
    place: LogPlace,
    sent_at: DateTime<Utc>,
    stored_at: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let projected_at = sqlx::query_scalar!(
        "select p.projected_at from polysink.passes p
         where p.sync_id = $1 and p.projected_at >= $2 and (p.last_sent_at, p.last_envelope_id) >= ($3, $4)
           and not exists (select from polysink.backlog b where b.envelope_id = $4)
         order by p.projected_at limit 1",
        sync_id.0,
        stored_at,
        sent_at,
        place.envelope_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(projected_at)
}

/// Deletes some of the rows that are older than a time. Returns how many; 0 when none is left.
pub async fn delete(store: &Store, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let mut session = store.begin().await?;
    let done = sqlx::query!(
        "delete from polysink.passes p
         using (select sync_id, projected_at, last_envelope_id from polysink.passes
                where projected_at < $1 order by projected_at limit $2) as o
         where p.sync_id = o.sync_id and p.projected_at = o.projected_at and p.last_envelope_id = o.last_envelope_id",
        before,
        DELETED,
    )
    .execute(&mut *session)
    .await?;
    session.commit().await?;
    Ok(done.rows_affected())
}
