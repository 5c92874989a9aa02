//! `polysink.replicas`: the running services on this database.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::store::{Connection, Store, StoreError};

/// A row is removed after this time without a sign of life.
const GONE: TimeDelta = TimeDelta::hours(1);

/// A running service.
#[derive(Debug, Clone)]
pub struct Replica {
    pub id: Uuid,
    pub host: String,
    pub version: String,
    pub started_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
}

/// Says that a service runs.
pub async fn report(store: &Store, replica: &Replica) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    sqlx::query!(
        "insert into polysink.replicas (replica_id, host, version, started_at, seen_at) values ($1, $2, $3, $4, $5)
         on conflict (replica_id) do update set seen_at = excluded.seen_at",
        replica.id,
        replica.host,
        replica.version,
        replica.started_at,
        replica.seen_at,
    )
    .execute(&mut *session)
    .await?;
    sqlx::query!("delete from polysink.replicas where seen_at < $1", replica.seen_at - GONE)
        .execute(&mut *session)
        .await?;
    session.commit().await
}

/// Removes a service that stops.
pub async fn delete(store: &Store, replica_id: Uuid) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    sqlx::query!("delete from polysink.replicas where replica_id = $1", replica_id).execute(&mut *session).await?;
    session.commit().await
}

/// The services that said since a time that they run, the oldest first.
pub async fn list(connection: &mut Connection, since: DateTime<Utc>) -> Result<Vec<Replica>, StoreError> {
    let rows = sqlx::query_as!(
        Replica,
        "select replica_id as id, host, version, started_at, seen_at from polysink.replicas
         where seen_at >= $1 order by started_at, replica_id",
        since,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}
