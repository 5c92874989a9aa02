//! `polysink.replicas`: the running services on this database.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::store::{Connection, Store, StoreError, migrations};

/// A row is removed after this time without a sign of life.
const GONE: TimeDelta = TimeDelta::hours(1);

/// A service that was seen within this time runs: it reports every 30 seconds.
pub const RUNS: TimeDelta = TimeDelta::seconds(100);

/// A running service.
#[derive(Debug, Clone)]
pub struct Replica {
    pub id: Uuid,
    pub host: String,
    pub version: String,
    pub started_at: DateTime<Utc>,
    /// By the database's clock.
    pub seen_at: DateTime<Utc>,
}

/// Says that a service runs now.
pub async fn report(store: &Store, replica: &Replica) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    let now = now(&mut session).await?;
    sqlx::query!(
        "insert into polysink.replicas (replica_id, host, version, migration, started_at, seen_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (replica_id) do update set seen_at = excluded.seen_at",
        replica.id,
        replica.host,
        replica.version,
        migrations::latest(),
        replica.started_at,
        now,
    )
    .execute(&mut *session)
    .await?;
    sqlx::query!("delete from polysink.replicas where seen_at < $1", now - GONE).execute(&mut *session).await?;
    session.commit().await
}

/// By the database's clock: the hosts' may differ.
async fn now(connection: &mut Connection) -> Result<DateTime<Utc>, StoreError> {
    Ok(sqlx::query_scalar!(r#"select now() as "now!""#).fetch_one(connection).await?)
}

/// Removes a service that stops.
pub async fn delete(store: &Store, replica_id: Uuid) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    sqlx::query!("delete from polysink.replicas where replica_id = $1", replica_id).execute(&mut *session).await?;
    session.commit().await
}

/// The services that run, the oldest first.
pub async fn list(connection: &mut Connection) -> Result<Vec<Replica>, StoreError> {
    let now = now(connection).await?;
    let rows = sqlx::query_as!(
        Replica,
        "select replica_id as id, host, version, started_at, seen_at from polysink.replicas
         where seen_at >= $1 order by started_at, replica_id",
        now - RUNS,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// The services that run and do not know a migration, in words: host, version and id. Earlier versions say nothing of
/// what they know.
pub async fn without(connection: &mut Connection, migration: i64) -> Result<Vec<String>, StoreError> {
    let now = now(connection).await?;
    let rows = sqlx::query!(
        "select host, version, replica_id from polysink.replicas
         where seen_at >= $2 and coalesce(migration, 0) < $1 order by started_at, replica_id",
        migration,
        now - RUNS,
    )
    .fetch_all(connection)
    .await?;
    let service = |host: &str, version: &str, id: Uuid| format!("{host} (version {version}, {id})");
    Ok(rows.iter().map(|row| service(&row.host, &row.version, row.replica_id)).collect())
}
