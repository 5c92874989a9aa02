//! `polysink.sync_sources`: what Polytomic's API says about each sync.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::SyncId;
use crate::store::{Store, StoreError};

/// A sync as Polytomic knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncSource {
    /// Its id in Polytomic: another one than here, if it has been adopted.
    pub source_id: SyncId,
    pub sync_id: SyncId,
    /// The name of the secret that a late delivery came with; `None` if it is not known.
    pub connection: Option<String>,
    pub first_received_at: DateTime<Utc>,
    pub last_received_at: DateTime<Utc>,
    /// When the last event about it was received.
    pub last_event_at: Option<DateTime<Utc>>,
    /// The counts of a run that say how many records were sent, as learned before.
    pub expected_basis: Vec<String>,
    /// When the API was last asked about it; `None` if never.
    pub asked_at: Option<DateTime<Utc>>,
    pub next_execution_at: Option<DateTime<Utc>>,
    /// How many times in a row the API did not answer.
    pub failures: u32,
    /// Whether a run of it was in progress then.
    pub is_running: bool,
    /// When its model was last read; `None` if never.
    pub model_at: Option<DateTime<Utc>>,
    /// Whether it has an identity, and whether it was configured as its model says.
    pub has_identity: bool,
    pub from_polytomic: bool,
}

/// A sync's configuration, as Polytomic's API has it.
#[derive(Debug, Clone, Default)]
pub struct SourceFacts {
    pub name: Option<String>,
    pub active: Option<bool>,
    pub sync_all_records: Option<bool>,
    pub frequency: Option<String>,
    pub next_execution_at: Option<DateTime<Utc>>,
}

/// All syncs, each with the ids under which Polytomic knows it.
pub async fn list(store: &Store) -> Result<Vec<SyncSource>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query!(
        r#"select k.source_id as "source_id!", k.sync_id as "sync_id!", s.first_received_at, s.last_received_at,
                  p.connection, coalesce(p.expected_basis, '{}') as "expected_basis!",
                  p.asked_at as "asked_at?", p.next_execution_at, coalesce(p.failures, 0) as "failures!",
                  exists (select from polysink.runs r
                          where r.source_id = k.source_id and r.completed_at is null and r.settled_at is null)
                      as "is_running!",
                  p.model_at as "model_at?", s.identity is not null as "has_identity!", s.from_polytomic,
                  (select max(e.received_at) from polysink.events e where e.sync_id = k.source_id) as last_event_at
           from (select sync_id as source_id, sync_id from polysink.syncs
                 union all
                 select adopted_id, sync_id from polysink.adoptions) as k
           join polysink.syncs s on s.sync_id = k.sync_id
           left join polysink.sync_sources p on p.source_id = k.source_id
           order by k.source_id"#
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    let sources = rows.into_iter().map(|row| SyncSource {
        source_id: SyncId(row.source_id),
        sync_id: SyncId(row.sync_id),
        connection: row.connection,
        first_received_at: row.first_received_at,
        last_received_at: row.last_received_at,
        last_event_at: row.last_event_at,
        expected_basis: row.expected_basis,
        asked_at: row.asked_at,
        next_execution_at: row.next_execution_at,
        failures: row.failures.unsigned_abs(),
        is_running: row.is_running,
        model_at: row.model_at,
        has_identity: row.has_identity,
        from_polytomic: row.from_polytomic,
    });
    Ok(sources.collect())
}

/// How far around a time its delivery is looked for: `polysink.syncs` is about a minute behind.
const AROUND: TimeDelta = TimeDelta::hours(1);

/// Facts from the deliveries of a sync.
#[derive(Debug, Clone)]
pub struct DeliveryFacts {
    /// When its first one was sent.
    pub first_sent_at: DateTime<Utc>,
    /// The name of the secret that a late one came with; `None` if none was ever seen.
    pub connection: Option<String>,
}

/// Looks at the first and at the last delivery of a sync, and nowhere else in a raw log of years.
pub async fn deliveries(store: &Store, source: &SyncSource) -> Result<DeliveryFacts, StoreError> {
    let mut session = store.begin().await?;
    let first = sqlx::query_scalar!(
        r#"select d.sent_at as "sent_at!"
           from (select sync_id, received_at, sent_at from polysink.envelopes
                 union all
                 select sync_id, received_at, sent_at from polysink.heads) as d
           where d.sync_id = $1 and d.received_at between $2 and $3
           order by d.received_at limit 1"#,
        source.sync_id.0,
        source.first_received_at,
        source.first_received_at + AROUND,
    )
    .fetch_optional(session.planned_by_value())
    .await?;
    let connection = sqlx::query_scalar!(
        "select connection from polysink.envelopes
         where sync_id = $1 and received_at between $2 and $3
         order by received_at desc limit 1",
        source.sync_id.0,
        source.last_received_at - AROUND,
        source.last_received_at + AROUND,
    )
    .fetch_optional(session.planned_by_value())
    .await?;
    session.commit().await?;
    Ok(DeliveryFacts {
        first_sent_at: first.unwrap_or(source.first_received_at),
        connection: connection.or_else(|| source.connection.clone()),
    })
}

/// Keeps what the API says about a sync.
pub async fn save(
    store: &Store,
    source: &SyncSource,
    facts: &SourceFacts,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    sqlx::query!(
        "insert into polysink.sync_sources
             (source_id, sync_id, name, active, sync_all_records, frequency, next_execution_at, asked_at, connection)
         values ($1, coalesce((select sync_id from polysink.adoptions where adopted_id = $1), $2),
                 $3, $4, $5, $6, $7, $8, $9)
         on conflict (source_id) do update set
             sync_id = excluded.sync_id, name = excluded.name, active = excluded.active,
             sync_all_records = excluded.sync_all_records, frequency = excluded.frequency,
             next_execution_at = excluded.next_execution_at, asked_at = excluded.asked_at,
             connection = excluded.connection, error = null, failures = 0",
        source.source_id.0,
        source.sync_id.0,
        facts.name,
        facts.active,
        facts.sync_all_records,
        facts.frequency,
        facts.next_execution_at,
        now,
        source.connection,
    )
    .execute(&mut *session)
    .await?;
    session.commit().await
}

/// Keeps why the API did not answer about a sync.
pub async fn save_error(store: &Store, source: &SyncSource, error: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    sqlx::query!(
        "insert into polysink.sync_sources as s (source_id, sync_id, asked_at, error, connection, failures)
         values ($1, coalesce((select sync_id from polysink.adoptions where adopted_id = $1), $2), $3, $4, $5, 1)
         on conflict (source_id) do update set
             sync_id = excluded.sync_id, asked_at = excluded.asked_at, error = excluded.error,
             connection = excluded.connection, failures = s.failures + 1",
        source.source_id.0,
        source.sync_id.0,
        now,
        error,
        source.connection,
    )
    .execute(&mut *session)
    .await?;
    session.commit().await
}

/// Keeps how the counts of a sync's runs are read.
pub async fn save_basis(store: &Store, source_id: SyncId, basis: &[String]) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    sqlx::query!("update polysink.sync_sources set expected_basis = $2 where source_id = $1", source_id.0, basis)
        .execute(&mut *session)
        .await?;
    session.commit().await
}

/// The syncs about which the API did not answer when it was last asked: the table and why.
///
/// * `sync_id`: of this sync alone
pub async fn errors(store: &Store, sync_id: Option<SyncId>) -> Result<Vec<(String, String)>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query!(
        r#"select s.table_name, p.error as "error!" from polysink.sync_sources p
           join polysink.syncs s on s.sync_id = p.sync_id
           where p.error is not null and ($1::uuid is null or p.sync_id = $1)
           order by s.table_name"#,
        sync_id.map(|sync_id| sync_id.0),
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(rows.into_iter().map(|row| (row.table_name, row.error)).collect())
}
