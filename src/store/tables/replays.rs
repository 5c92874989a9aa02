//! `polysink.replays`, `polysink.replaying` and `polysink.replay_counts`: the replay in progress.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::backlog::PendingDelivery;
use super::envelopes;
use super::records::key_arrays;
use crate::model::SyncId;
use crate::store::{Connection, Store, StoreError};

/// A record is sent no later than this after it was received, by two clocks.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(10);

/// Which deliveries to replay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReplayFilter {
    pub sync_id: Option<SyncId>,
    /// Received at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Received before.
    pub until: Option<DateTime<Utc>>,
}

/// How many deliveries and records a replay would write again.
pub async fn count_deliveries(store: &Store, filter: ReplayFilter) -> Result<(i64, i64), StoreError> {
    let mut session = store.begin().await?;
    let row = sqlx::query!(
        r#"select count(*) as "deliveries!", coalesce(sum(record_count), 0)::bigint as "records!"
           from polysink.envelopes
           where ($1::uuid is null or sync_id = $1)
             and ($2::timestamptz is null or received_at >= $2) and ($3::timestamptz is null or received_at < $3)"#,
        filter.sync_id.map(|sync_id| sync_id.0),
        filter.since,
        filter.until,
    )
    .fetch_one(&mut *session)
    .await?;
    session.commit().await?;
    Ok((row.deliveries, row.records))
}

/// A replay that was started.
#[derive(Debug, Clone)]
pub struct Replay {
    pub filter: ReplayFilter,
    pub started_at: DateTime<Utc>,
    /// All that it goes through.
    pub deliveries: i64,
    /// Deliveries that are not done yet.
    pub left: i64,
    /// How many were found when deliveries were last looked for.
    pub listed: i64,
    /// Whether all of them are counted: then there are only counts to correct.
    pub is_counted: bool,
}

/// Keeps other sessions from changing the replay, until the transaction ends. In a transaction with one snapshot this
/// comes first: it takes none, so what the snapshot has is what the lock found.
pub async fn lock(transaction: &mut Connection) -> Result<(), StoreError> {
    sqlx::raw_sql("lock table polysink.replays in share row exclusive mode").execute(transaction).await?;
    Ok(())
}

/// The replay that was started and has not ended.
pub async fn unfinished(connection: &mut Connection) -> Result<Option<Replay>, StoreError> {
    let row = sqlx::query!(
        r#"select started_at, sync_id, since, until, deliveries, listed, counted_at is not null as "is_counted!",
                  (select count(*) from polysink.replaying where not done) as "left!"
           from polysink.replays"#
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Replay {
        filter: ReplayFilter { sync_id: row.sync_id.map(SyncId), since: row.since, until: row.until },
        started_at: row.started_at,
        deliveries: row.deliveries,
        left: row.left,
        listed: row.listed,
        is_counted: row.is_counted,
    }))
}

/// Starts one, of no deliveries yet.
pub async fn insert(connection: &mut Connection, filter: ReplayFilter, now: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into polysink.replays (replay_id, started_at, sync_id, since, until, deliveries, listed)
         values ($1, $2, $3, $4, $5, 0, 0)",
        Uuid::now_v7(),
        now,
        filter.sync_id.map(|sync_id| sync_id.0),
        filter.since,
        filter.until,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds the deliveries to the replay that it has not, and that were stored like all: also those whose event was not
/// known, if they will be written again. Returns how many.
///
/// * `rewrite`: write those that the filter has again; otherwise all are only counted
pub async fn list(connection: &mut Connection, filter: ReplayFilter, rewrite: bool) -> Result<i64, StoreError> {
    let listed = sqlx::query!(
        "insert into polysink.replaying (envelope_id, received_at, sent_at, rewritten)
         select e.envelope_id, e.received_at, e.sent_at, e.is_chosen
         from (select envelope_id, received_at, sent_at, outcome,
                      $1 and ($3::timestamptz is null or received_at >= $3)
                         and ($4::timestamptz is null or received_at < $4) as is_chosen
               from polysink.envelopes
               where $2::uuid is null or sync_id = $2) e
         where (e.is_chosen or e.outcome = 'stored')
           and not exists (select from polysink.replaying r where r.envelope_id = e.envelope_id)",
        rewrite,
        filter.sync_id.map(|sync_id| sync_id.0),
        filter.since,
        filter.until,
    )
    .execute(&mut *connection)
    .await?;
    let listed = listed.rows_affected().cast_signed();
    sqlx::query!("update polysink.replays set deliveries = deliveries + $1, listed = $1", listed)
        .execute(connection)
        .await?;
    Ok(listed)
}

/// A delivery that the replay has still to go through.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    pub waiting: PendingDelivery,
    pub rewritten: bool,
}

/// The next deliveries, in the order of sending. Those that are no longer in the raw log have no bytes.
pub async fn next(connection: &mut Connection, limit: i64) -> Result<Vec<Listed>, StoreError> {
    let rows = sqlx::query!(
        "select envelope_id, received_at, sent_at, rewritten from polysink.replaying
         where not done order by sent_at, envelope_id limit $1",
        limit,
    )
    .fetch_all(&mut *connection)
    .await?;
    let listed = rows.into_iter().map(|row| Listed {
        waiting: PendingDelivery {
            envelope_id: row.envelope_id,
            received_at: row.received_at,
            sent_at: row.sent_at,
            replayed: true,
            records: 0,
            bytes: 0,
        },
        rewritten: row.rewritten,
    });
    let mut listed: Vec<Listed> = listed.collect();
    let sizes = envelopes::sizes(connection, listed.iter().map(|listed| listed.waiting.place())).await?;
    for listed in &mut listed {
        listed.waiting.measure(&sizes);
    }
    Ok(listed)
}

/// Notes that these deliveries are replayed or counted.
pub async fn finish(connection: &mut Connection, envelopes: &[Uuid]) -> Result<(), StoreError> {
    sqlx::query!("update polysink.replaying set done = true where envelope_id = any($1)", envelopes)
        .execute(connection)
        .await?;
    Ok(())
}

/// Counts further sightings.
///
/// * `times`: each record once, with how often it came
pub async fn count(connection: &mut Connection, times: &[((SyncId, &str), i64)]) -> Result<(), StoreError> {
    let (syncs, hashes) = key_arrays(times.iter().map(|(key, _)| *key));
    let times: Vec<i64> = times.iter().map(|(_, times)| *times).collect();
    sqlx::query!(
        "insert into polysink.replay_counts as c (sync_id, hash, times_received)
         select n.sync_id, n.hash, n.times from unnest($1::uuid[], $2::text[], $3::bigint[]) as n (sync_id, hash, times)
         on conflict (sync_id, hash) do update set times_received = c.times_received + excluded.times_received",
        &syncs,
        &hashes as _,
        &times,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Compares the ledger with the counts, which are of all deliveries that this snapshot has. A count can exceed what the
/// raw log has only if the record may have come before the raw log begins.
///
/// * `begins`: when the raw log begins
pub async fn compare(
    connection: &mut Connection,
    begins: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update polysink.replay_counts c
         set correction = c.times_received - r.times_received
         from polysink.records r
         left join polysink.syncs s on s.sync_id = r.sync_id
         where r.sync_id = c.sync_id and r.hash = c.hash and c.times_received <> r.times_received
           and (c.times_received > r.times_received or s.first_received_at >= $1 or r.first_sent_at >= $2)",
        begins,
        begins.map(|begins| begins + CLOCKS_DIFFER),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("update polysink.replays set counted_at = $1", now).execute(connection).await?;
    Ok(())
}

/// The next corrections, in key order: sync, hash, and what to add.
pub async fn corrections(connection: &mut Connection, limit: i64) -> Result<Vec<((SyncId, String), i64)>, StoreError> {
    let rows = sqlx::query!(
        r#"select sync_id, hash, correction as "correction!" from polysink.replay_counts
           where correction is not null order by sync_id, hash limit $1"#,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| ((SyncId(row.sync_id), row.hash), row.correction)).collect())
}

/// Notes that these are corrected.
pub async fn corrected(connection: &mut Connection, keys: &[(SyncId, &str)]) -> Result<(), StoreError> {
    let (syncs, hashes) = key_arrays(keys.iter().copied());
    sqlx::query!(
        "update polysink.replay_counts c set correction = null
         from unnest($1::uuid[], $2::text[]) as k (sync_id, hash)
         where c.sync_id = k.sync_id and c.hash = k.hash",
        &syncs,
        &hashes as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets how often these records came: they are erased from the ledger and the raw log.
pub async fn erase(connection: &mut Connection, sync_id: SyncId, hashes: &[&str]) -> Result<(), StoreError> {
    sqlx::query!("delete from polysink.replay_counts where sync_id = $1 and hash = any($2)", sync_id.0, hashes as _,)
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends the replay.
pub async fn end(connection: &mut Connection) -> Result<(), StoreError> {
    sqlx::query!("delete from polysink.replays").execute(&mut *connection).await?;
    sqlx::raw_sql("truncate polysink.replaying, polysink.replay_counts").execute(connection).await?;
    Ok(())
}
