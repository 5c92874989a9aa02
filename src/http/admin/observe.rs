//! The queries for the metrics of the database.

use chrono::{DateTime, Utc};

use crate::metrics::{Observed, ObservedSync};
use crate::model::SyncId;
use crate::query_tables::lock;
use crate::store::tables::{expired, partitions, runs};
use crate::store::{Store, StoreError};

/// How many open rejections are counted.
const MOST_REJECTIONS: i64 = 100_000;

/// Looks at syncs, backlog, rejections and partitions.
///
/// * `now`: partitions are counted from today on, and runs that ended in the last seven days
pub async fn observe(store: &Store, now: DateTime<Utc>) -> Result<Observed, StoreError> {
    let syncs = observe_syncs(store, now).await?;
    let ids: Vec<SyncId> = syncs.iter().map(|sync| sync.sync_id).collect();
    let rebuilds = lock::rebuilds_running(store, &ids).await?;
    let partitions_ahead = partitions::days_ahead(store, now).await?;
    let retention = expired::last_run(store).await?;
    let mut session = store.begin().await?;
    let row = sqlx::query!(
        r#"select (select count(*) from (select 1 from polysink.rejections where settled_at is null limit $1) as open)
                      as "open_rejections!",
                  pg_database_size(current_database()) as "database_bytes!""#,
        MOST_REJECTIONS,
    )
    .fetch_one(&mut *session)
    .await?;
    session.commit().await?;
    Ok(Observed {
        syncs,
        rebuilds,
        partitions_ahead,
        open_rejections: row.open_rejections.unsigned_abs(),
        database_bytes: row.database_bytes.unsigned_abs(),
        retention,
    })
}

async fn observe_syncs(store: &Store, now: DateTime<Utc>) -> Result<Vec<ObservedSync>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query!(
        r#"select s.sync_id, s.table_name, s.last_received_at, coalesce(b.waiting, 0) as "waiting!",
                  b.waiting_since as "waiting_since?", coalesce(f.misfits, 0) as "misfits!",
                  coalesce(r.missing, 0) as "missing!",
                  n.next_run_at as "next_run_at?"
           from polysink.syncs s
           left join (select sync_id, count(*) as waiting, min(entered_at) as waiting_since
                      from polysink.backlog group by sync_id) as b on b.sync_id = s.sync_id
           left join (select sync_id, sum(misfits)::bigint as misfits
                      from polysink.fields where not hidden group by sync_id) as f on f.sync_id = s.sync_id
           left join (select sync_id, sum(missing)::bigint as missing from polysink.run_status
                      where completed_at > $1 group by sync_id) as r on r.sync_id = s.sync_id
           left join polysink.next_runs n on n.sync_id = s.sync_id
           order by s.last_received_at desc, s.sync_id"#,
        now - runs::SHORT_FOR,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    let syncs = rows.into_iter().map(|row| ObservedSync {
        sync_id: SyncId(row.sync_id),
        table: row.table_name,
        last_received_at: row.last_received_at,
        waiting: row.waiting.unsigned_abs(),
        waiting_since: row.waiting_since,
        misfits: row.misfits.unsigned_abs(),
        run_short: row.missing.unsigned_abs(),
        next_run_at: row.next_run_at,
    });
    Ok(syncs.collect())
}
