//! The queries of the pages. None scans a table that grows: what has to be counted is counted in the background.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::columns::Catalogue;
use crate::model::SyncId;
use crate::query_tables::deliveries;
use crate::store::tables::changes::{self, ChangeRow};
use crate::store::tables::envelopes::life::DeliveryRow;
use crate::store::tables::replicas::{self, Replica};
use crate::store::tables::runs::{self, RunRow};
use crate::store::tables::{backlog, fields, rejections, summaries};
use crate::store::{RejectionFilter, RejectionRow, Store, StoreError};

/// How many waiting deliveries of a sync are counted.
pub const MOST_WAITING: i64 = 1_000;

/// How many open rejections are counted.
pub const MOST_REJECTIONS: i64 = 10_000;

/// How many rows a list of the page of a sync has.
const LISTED: i64 = 20;

/// A sync as the status page shows it.
#[derive(Debug, Clone)]
pub struct SyncSummary {
    pub sync_id: Uuid,
    pub name: Option<String>,
    pub table_name: String,
    pub identity: Option<Vec<String>>,
    pub last_received_at: DateTime<Utc>,
    /// Counts, `None` before the first.
    pub records: Option<i64>,
    pub rows: Option<i64>,
    /// The longest usual pause between deliveries, in seconds.
    pub usual_pause: Option<f64>,
    /// Deliveries that are not projected, at most one more than [`MOST_WAITING`].
    pub waiting: i64,
    /// Since when the first of them has waited.
    pub waiting_since: Option<DateTime<Utc>>,
    /// Values that did not fit.
    pub misfits: i64,
    /// When its next run is due; `None` if that is not known.
    pub next_run_at: Option<DateTime<Utc>>,
    /// Records that are missing from runs of the last week.
    pub missing: i64,
    /// Open rejections.
    pub rejected: i64,
}

/// Open rejections with one reason.
#[derive(Debug, Clone)]
pub struct OpenReason {
    pub reason: String,
    pub sync_id: Option<Uuid>,
    pub table_name: Option<String>,
    pub count: i64,
    pub latest: DateTime<Utc>,
}

/// Everything of the database on the status page.
#[derive(Debug, Clone)]
pub struct Overview {
    pub read_at: DateTime<Utc>,
    pub server_version: String,
    pub syncs: Vec<SyncSummary>,
    pub deliveries: Vec<(DateTime<Utc>, i64)>,
    pub open_rejections: Vec<OpenReason>,
    pub replicas: Vec<Replica>,
}

/// The status of everything.
pub async fn overview(store: &Store, now: DateTime<Utc>) -> Result<Overview, StoreError> {
    let mut session = store.begin().await?;
    let syncs = summaries_of(&mut session, None, now).await?;
    let deliveries = summaries::deliveries(&mut session, None, now - summaries::COUNTED).await?;
    let replicas = replicas::list(&mut session).await?;
    let open_rejections = sqlx::query_as!(
        OpenReason,
        r#"select r.reason, r.sync_id, s.table_name as "table_name?", count(*) as "count!",
                  max(r.received_at) as "latest!"
           from (select reason, sync_id, received_at from polysink.rejections
                 where settled_at is null order by received_at desc, rejection_id desc limit $1) as r
           left join polysink.syncs s on s.sync_id = r.sync_id
           group by r.reason, r.sync_id, s.table_name
           order by max(r.received_at) desc"#,
        MOST_REJECTIONS,
    )
    .fetch_all(&mut *session)
    .await?;
    let server_version = sqlx::query_scalar!(r#"select current_setting('server_version') as "version!""#)
        .fetch_one(&mut *session)
        .await?;
    session.commit().await?;
    Ok(Overview { read_at: now, server_version, syncs, deliveries, open_rejections, replicas })
}

/// * `only`: one sync, or all
async fn summaries_of(
    connection: &mut crate::store::Connection,
    only: Option<SyncId>,
    now: DateTime<Utc>,
) -> Result<Vec<SyncSummary>, StoreError> {
    let mut rows = sqlx::query_as!(
        SyncSummary,
        r#"select s.sync_id, s.name, s.table_name, s.identity, s.last_received_at,
                  c.records as "records?", c.rows as "rows?",
                  extract(epoch from c.usual_pause)::float8 as usual_pause,
                  0::bigint as "waiting!", null::timestamptz as waiting_since,
                  f.misfits as "misfits!", n.next_run_at as "next_run_at?",
                  coalesce(r.missing, 0) as "missing!", coalesce(q.rejected, 0) as "rejected!"
           from polysink.syncs s
           left join polysink.sync_summaries c on c.sync_id = s.sync_id
           cross join lateral (
               select coalesce(sum(misfits), 0)::bigint as misfits from polysink.fields
               where sync_id = s.sync_id and not hidden
           ) as f
           left join polysink.next_runs n on n.sync_id = s.sync_id
           left join (select sync_id, sum(missing)::bigint as missing from polysink.run_status
                      where completed_at > $2 group by sync_id) as r on r.sync_id = s.sync_id
           left join (select sync_id, count(*) as rejected
                      from (select sync_id from polysink.rejections where settled_at is null
                            order by received_at desc, rejection_id desc limit $3) as o
                      group by sync_id) as q on q.sync_id = s.sync_id
           where $1::uuid is null or s.sync_id = $1
           order by s.table_name"#,
        only.map(|sync_id| sync_id.0),
        now - runs::SHORT_FOR,
        MOST_REJECTIONS,
    )
    .fetch_all(&mut *connection)
    .await?;
    let waiting = backlog::waiting(connection, rows.iter().map(|row| row.sync_id), MOST_WAITING + 1).await?;
    for row in &mut rows {
        (row.waiting, row.waiting_since) = waiting.get(&row.sync_id).copied().unwrap_or((0, None));
    }
    Ok(rows)
}

/// Everything on the page of a sync.
#[derive(Debug)]
pub struct SyncDetails {
    pub sync: SyncSummary,
    pub catalogue: Catalogue,
    pub counts: Vec<(DateTime<Utc>, i64)>,
    /// The latest, with how many of their records were rejected.
    pub latest: Vec<(DeliveryRow, i64)>,
    pub runs: Vec<RunRow>,
    pub changes: Vec<ChangeRow>,
    pub rejections: Vec<RejectionRow>,
}

/// A sync; `None` if it does not exist.
pub async fn sync(store: &Store, sync_id: SyncId, now: DateTime<Utc>) -> Result<Option<SyncDetails>, StoreError> {
    let mut session = store.begin().await?;
    let Some(sync) = summaries_of(&mut session, Some(sync_id), now).await?.pop() else {
        session.commit().await?;
        return Ok(None);
    };
    let catalogue = fields::load(&mut session, sync_id).await?;
    let counts = summaries::deliveries(&mut session, Some(sync_id.0), now - summaries::COUNTED).await?;
    let latest = deliveries::latest(&mut session, Some(sync_id), now, LISTED).await?;
    session.commit().await?;
    let runs = runs::list(store, Some(sync_id), LISTED).await?;
    let changes = changes::list(store, sync_id, LISTED).await?;
    let filter = RejectionFilter { sync_id: Some(sync_id), ..RejectionFilter::default() };
    let rejections = rejections::list(store, &filter, LISTED).await?;
    Ok(Some(SyncDetails { sync, catalogue, counts, latest, runs, changes, rejections }))
}
