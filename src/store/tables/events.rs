//! `polysink.events`: what Polytomic's organization webhook has told.

use chrono::{DateTime, Utc};

use crate::model::SyncId;
use crate::store::{Store, StoreError};

/// How many are deleted in a transaction.
const DELETED: i64 = 1_000;

/// An event that was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolytomicEvent {
    pub event_id: String,
    pub received_at: DateTime<Utc>,
    pub kind: String,
    pub sync_id: Option<SyncId>,
    pub execution_id: Option<String>,
    pub body: String,
}

/// Keeps an event; false if it is known already.
pub async fn insert(store: &Store, event: &PolytomicEvent) -> Result<bool, StoreError> {
    let mut session = store.begin().await?;
    let done = sqlx::query!(
        "insert into polysink.events (event_id, received_at, type, sync_id, execution_id, body)
         values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing",
        event.event_id,
        event.received_at,
        event.kind,
        event.sync_id.map(|sync_id| sync_id.0),
        event.execution_id,
        event.body,
    )
    .execute(&mut *session)
    .await?;
    session.commit().await?;
    Ok(done.rows_affected() > 0)
}

/// Deletes some events that were received before a time. Returns how many; 0 when none is left.
pub async fn delete(store: &Store, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let mut session = store.begin().await?;
    let done = sqlx::query!(
        "delete from polysink.events
         where event_id in (select event_id from polysink.events where received_at < $1 order by received_at limit $2)",
        before,
        DELETED,
    )
    .execute(&mut *session)
    .await?;
    session.commit().await?;
    Ok(done.rows_affected())
}
