//! `polysink.sync_summaries` and `polysink.delivery_counts`: what is counted in the background, so that a page does not
//! have to. Written by `maintenance::summaries`.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::postgres::types::PgInterval;
use uuid::Uuid;

use crate::model::SyncId;
use crate::store::{Connection, HeldLock, Store, StoreError};

/// The key of the lock of the process that counts. Any number that nothing else uses.
const LOCK: i64 = 0x706f_6c79_7061_6765;

/// Deliveries are counted per this many minutes.
pub const BUCKET_MINUTES: i64 = 10;

/// For how long back deliveries are counted.
pub const COUNTED: TimeDelta = TimeDelta::hours(24);

/// Deliveries that are nearer to each other than that are of one run.
const TOGETHER: PgInterval = PgInterval { months: 0, days: 0, microseconds: 600_000_000 };

/// How many pauses between runs are looked at.
const PAUSES: i32 = 20;

/// How far back they are looked for.
const PAUSES_WITHIN: TimeDelta = TimeDelta::days(90);

/// A sync whose counts may have changed.
#[derive(Debug, Clone)]
pub struct StaleSync {
    pub sync_id: SyncId,
    pub table_name: String,
}

/// Keeps other processes from counting; `None` if one does.
pub async fn hold_lock(store: &Store) -> Result<Option<HeldLock>, StoreError> {
    HeldLock::take(store, LOCK).await
}

/// Counts the deliveries of the last day.
pub async fn count_deliveries(store: &Store, now: DateTime<Utc>) -> Result<(), StoreError> {
    let since = now - COUNTED;
    let mut session = store.begin().await?;
    // A spool may have brought deliveries that were received hours ago, so all are counted.
    sqlx::query!(
        "insert into polysink.delivery_counts as d (bucket, sync_id, deliveries)
         select date_bin('10 minutes', e.received_at, 'epoch') as bucket, e.sync_id, count(*)
         from polysink.envelopes e
         where e.received_at >= date_bin('10 minutes', $1::timestamptz, 'epoch') and e.received_at <= $2
           and e.sync_id is not null
         group by bucket, e.sync_id
         order by bucket, e.sync_id
         on conflict (bucket, sync_id) do update set deliveries = excluded.deliveries
         where d.deliveries <> excluded.deliveries",
        since,
        now + TimeDelta::minutes(BUCKET_MINUTES),
    )
    .execute(session.planned_by_value())
    .await?;
    session.commit().await?;
    let mut session = store.begin().await?;
    sqlx::query!("delete from polysink.delivery_counts where bucket < $1", since - TimeDelta::minutes(BUCKET_MINUTES))
        .execute(&mut *session)
        .await?;
    session.commit().await
}

/// The syncs that have received deliveries since they were counted, or were counted a day ago.
pub async fn stale(store: &Store, now: DateTime<Utc>) -> Result<Vec<StaleSync>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query!(
        "select s.sync_id, s.table_name from polysink.syncs s
         left join polysink.sync_summaries c on c.sync_id = s.sync_id
         where c.sync_id is null or s.last_received_at > c.counted_at - interval '1 minute'
            or c.counted_at < $1
         order by c.counted_at nulls first",
        now - TimeDelta::days(1),
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    let stale = |sync_id, table_name| StaleSync { sync_id: SyncId(sync_id), table_name };
    Ok(rows.into_iter().map(|row| stale(row.sync_id, row.table_name)).collect())
}

/// Counts a sync's records, and measures its pauses.
///
/// * `rows`: the rows of its query table
pub async fn count_sync(store: &Store, sync_id: SyncId, rows: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    let usual_pause = usual_pause(&mut session, sync_id, now).await?;
    let records =
        sqlx::query_scalar!(r#"select count(*) as "count!" from polysink.records where sync_id = $1"#, sync_id.0)
            .fetch_one(&mut *session)
            .await?;
    sqlx::query!(
        "insert into polysink.sync_summaries as c (sync_id, records, rows, usual_pause, counted_at)
         values ($1, $2, $3, $4, $5)
         on conflict (sync_id) do update set records = excluded.records, rows = excluded.rows,
             usual_pause = excluded.usual_pause, counted_at = excluded.counted_at",
        sync_id.0,
        records,
        rows,
        usual_pause,
        now,
    )
    .execute(&mut *session)
    .await?;
    session.commit().await
}

/// The longest of a sync's last pauses; `None` if there are too few to tell.
async fn usual_pause(
    connection: &mut Connection,
    sync_id: SyncId,
    now: DateTime<Utc>,
) -> Result<Option<PgInterval>, StoreError> {
    let usual = sqlx::query_scalar!(
        "select polysink.usual_pause($1, $2, $3, $4, $5)",
        sync_id.0,
        now - PAUSES_WITHIN,
        now,
        TOGETHER as PgInterval,
        PAUSES,
    )
    .fetch_one(connection)
    .await?;
    Ok(usual)
}

/// Removes the counts of a sync.
pub async fn delete(connection: &mut Connection, sync_id: SyncId) -> Result<(), StoreError> {
    sqlx::query!("delete from polysink.sync_summaries where sync_id = $1", sync_id.0).execute(&mut *connection).await?;
    sqlx::query!("delete from polysink.delivery_counts where sync_id = $1", sync_id.0).execute(connection).await?;
    Ok(())
}

/// Removes the counts of syncs that no longer exist.
pub async fn delete_gone(store: &Store) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    let syncs = sqlx::query_scalar!("select sync_id from polysink.syncs").fetch_all(&mut *session).await?;
    sqlx::query!("delete from polysink.sync_summaries where sync_id <> all($1)", &syncs).execute(&mut *session).await?;
    sqlx::query!("delete from polysink.delivery_counts where sync_id <> all($1)", &syncs)
        .execute(&mut *session)
        .await?;
    session.commit().await
}

/// Deliveries per 10 minutes, of one sync or of all: the beginning of each, and how many. Those without deliveries are
/// left out.
pub async fn deliveries(
    connection: &mut Connection,
    sync_id: Option<Uuid>,
    since: DateTime<Utc>,
) -> Result<Vec<(DateTime<Utc>, i64)>, StoreError> {
    let rows = sqlx::query!(
        r#"select bucket, sum(deliveries)::bigint as "deliveries!" from polysink.delivery_counts
           where bucket >= $1 and ($2::uuid is null or sync_id = $2)
           group by bucket order by bucket"#,
        since,
        sync_id,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.bucket, row.deliveries)).collect())
}
