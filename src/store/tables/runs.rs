//! `polysink.runs`: what Polytomic's API says about the runs of syncs, and how much of them arrived.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::heads::{self, Window};
use super::run_logs::LogResult;
use super::sync_sources::SyncSource;
use crate::model::{RunVerdict, SyncId};
use crate::store::{HeldLock, Store, StoreError};

/// The lock for asking Polytomic's API on a schedule, one session at a time; "polyruns" in ASCII.
const LOCK: i64 = 0x706f_6c79_7275_6e73;

/// How long records of a short run are looked for.
pub const SHORT_FOR: TimeDelta = TimeDelta::days(7);

/// Times of sending are in whole seconds, so a delivery belongs to a run if it was sent in a second of it.
pub const BORDER: TimeDelta = TimeDelta::seconds(1);

/// A run, as Polytomic's API has it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunFacts {
    pub execution_id: String,
    pub kind: Option<String>,
    pub status: String,
    pub created_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    /// By the names of the API.
    pub counts: Value,
    pub errors: Vec<String>,
    pub full_run: Option<bool>,
}

/// A run that is to be compared, with what has arrived of it.
#[derive(Debug, Clone)]
pub struct ArrivedRun {
    pub execution_id: String,
    pub status: String,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    pub counts: Value,
    /// Records of the deliveries that were sent in it, without and with those of a second that it shares with another
    /// run.
    pub received_min: i64,
    pub received_max: i64,
    /// Records among them that were quarantined, and bodies of that time.
    pub rejected: i64,
    pub refused: i64,
    /// Whether another run of the sync overlaps.
    pub overlaps: bool,
    /// Whether it began before the raw log does.
    pub precedes_log: bool,
    /// The comparison of its log in Polytomic; `None` if that was never read.
    pub log: Option<LogResult>,
}

/// The verdict on a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedRun {
    pub verdict: RunVerdict,
    pub reason: Option<&'static str>,
    pub expected: Option<u64>,
    pub expected_basis: Vec<String>,
    pub proof: Option<&'static str>,
    /// Whether all its deliveries have had the time to arrive.
    pub is_settled: bool,
    /// When it is to be compared again; `None` for never.
    pub check_at: Option<DateTime<Utc>>,
}

/// A run as it is listed.
#[derive(Debug, Clone, serde::Serialize)]
pub struct RunRow {
    pub sync_id: uuid::Uuid,
    pub name: Option<String>,
    #[serde(rename = "table")]
    pub table_name: String,
    pub execution_id: String,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    pub status: String,
    pub full_run: Option<bool>,
    pub counts: Value,
    pub errors: Vec<String>,
    pub expected: Option<i64>,
    pub expected_basis: Option<Vec<String>>,
    pub received: Option<i64>,
    pub short_by: Option<i64>,
    pub missing: Option<i64>,
    pub rejected: Option<i64>,
    pub refused: Option<i64>,
    pub verdict: String,
    pub reason: Option<String>,
    pub proof: Option<String>,
    pub log_records: Option<i64>,
    pub absent: Option<i64>,
    pub log_problem: Option<String>,
    pub settled_at: Option<DateTime<Utc>>,
}

/// Takes the lock for asking on a schedule; `None` while another session holds it.
pub async fn hold_lock(store: &Store) -> Result<Option<HeldLock>, StoreError> {
    HeldLock::take(store, LOCK).await
}

/// Keeps what the API says about runs. Those that have changed are compared again.
///
/// They belong to the sync that continues theirs by now: an adoption may have begun since `source` was read.
pub async fn save(store: &Store, source: &SyncSource, runs: &[RunFacts]) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    for run in runs {
        sqlx::query!(
            "insert into polysink.runs as r
                 (sync_id, source_id, execution_id, type, status, created_at, started_at, completed_at, counts, errors,
                  full_run, verdict, check_at)
             values (coalesce((select sync_id from polysink.adoptions where adopted_id = $2), $1),
                     $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'running', '-infinity')
             on conflict (sync_id, execution_id) do update set
                 type = excluded.type, status = excluded.status, created_at = excluded.created_at,
                 started_at = excluded.started_at, completed_at = excluded.completed_at, counts = excluded.counts,
                 errors = excluded.errors, full_run = coalesce(r.full_run, excluded.full_run),
                 check_at = case when (r.status, r.started_at, r.completed_at, r.counts)
                                        is distinct from
                                        (excluded.status, excluded.started_at, excluded.completed_at, excluded.counts)
                                   then '-infinity' else r.check_at end,
                 settled_at = case when (r.status, r.started_at, r.completed_at)
                                        is distinct from (excluded.status, excluded.started_at, excluded.completed_at)
                                   then null else r.settled_at end,
                 log_checked_at = case when (r.status, r.started_at, r.completed_at)
                                        is distinct from (excluded.status, excluded.started_at, excluded.completed_at)
                                   then null else r.log_checked_at end",
            source.sync_id.0,
            source.source_id.0,
            run.execution_id,
            run.kind,
            run.status,
            run.created_at,
            run.started_at,
            run.completed_at,
            run.counts,
            &run.errors,
            run.full_run,
        )
        .execute(&mut *session)
        .await?;
    }
    session.commit().await
}

/// Notes a run that polysink has started for some records: it is not a full one, whatever the sync is set to.
pub async fn note_started(
    store: &Store,
    sync_id: SyncId,
    source_id: SyncId,
    execution_id: &str,
) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    sqlx::query!(
        "insert into polysink.runs
             (sync_id, source_id, execution_id, status, counts, errors, full_run, verdict, check_at)
         values (coalesce((select sync_id from polysink.adoptions where adopted_id = $2), $1),
                 $2, $3, 'created', '{}', '{}', false, 'running', '-infinity')
         on conflict (sync_id, execution_id) do update set full_run = false",
        sync_id.0,
        source_id.0,
        execution_id,
    )
    .execute(&mut *session)
    .await?;
    session.commit().await
}

/// Those of these runs that are known to have ended.
pub async fn ended(store: &Store, source: &SyncSource, ids: &[&str]) -> Result<HashSet<String>, StoreError> {
    let mut session = store.begin().await?;
    let ended = sqlx::query_scalar!(
        "select execution_id from polysink.runs
         where source_id = $1 and execution_id = any($2) and completed_at is not null",
        source.source_id.0,
        ids as _,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(ended.into_iter().collect())
}

/// Notes that Polytomic does not know these runs any more.
pub async fn forget_gone(
    store: &Store,
    source_id: SyncId,
    ids: &[String],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut session = store.begin().await?;
    sqlx::query!(
        "update polysink.runs set
             verdict = 'unknown', reason = 'Polytomic does not know it any more', settled_at = $3, checked_at = $3,
             check_at = null
         where source_id = $1 and execution_id = any($2)",
        source_id.0,
        ids,
        now,
    )
    .execute(&mut *session)
    .await?;
    session.commit().await
}

/// The runs that Polytomic has not ended yet, as far as is known here.
pub async fn unfinished(store: &Store, source_id: SyncId) -> Result<Vec<String>, StoreError> {
    let mut session = store.begin().await?;
    let ids = sqlx::query_scalar!(
        "select execution_id from polysink.runs
         where source_id = $1 and completed_at is null and settled_at is null
         order by created_at, execution_id",
        source_id.0,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(ids)
}

/// The runs of a sync that are to be compared.
///
/// * `reach`: how far the time at which a delivery was sent may be from its receipt
/// * `again_now`: all of which the raw log has the deliveries, also those that were compared a moment ago
pub async fn due(
    store: &Store,
    source_id: SyncId,
    now: DateTime<Utc>,
    reach: TimeDelta,
    again_now: bool,
) -> Result<Vec<ArrivedRun>, StoreError> {
    let mut session = store.begin().await?;
    let begins = heads::begin(&mut session).await?;
    let rows = sqlx::query!(
        r#"select r.execution_id, r.sync_id, r.status, r.started_at, r.completed_at, r.counts,
                  case when r.settled_at is not null then r.received_min end as received_min,
                  case when r.settled_at is not null then r.received_max end as received_max,
                  coalesce(q.rejected, 0)::bigint as "rejected!", coalesce(q.refused, 0)::bigint as "refused!",
                  n.touches as "touches!", coalesce(n.overlaps, false) as "overlaps!",
                  coalesce(r.started_at < $3, false) as "precedes_log!",
                  r.log_records, r.absent, r.log_checked_at, r.log_problem
           from polysink.runs r
           cross join lateral (
               select r.started_at - interval '1 second' as since,
                      coalesce(r.completed_at, $2) + interval '1 second' as until
           ) as w
           cross join lateral (
               select count(*) > 0 as touches,
                      bool_or(o.started_at < coalesce(r.completed_at, $2) and o.ended_at > r.started_at) as overlaps
               from (select o.started_at,
                            coalesce(o.completed_at,
                                     case when o.status in ('failed', 'canceled', 'interrupted', 'completed')
                                          then o.started_at else 'infinity' end) as ended_at
                     from polysink.runs o
                     where o.sync_id = r.sync_id and o.execution_id <> r.execution_id and o.verdict <> 'unknown') as o
               where o.started_at - interval '1 second' <= w.until and o.ended_at + interval '1 second' >= w.since
           ) as n
           left join lateral (
               select sum(coalesce(cardinality(j.positions), 1)) filter (where j.scope = 'record') as rejected,
                      count(*) filter (where j.scope = 'envelope') as refused
               from polysink.rejections j
               where j.sync_id = r.sync_id and j.sent_at > w.since and j.sent_at <= w.until
                 and j.received_at between w.since - make_interval(secs => $5) and w.until + make_interval(secs => $5)
           ) as q on true
           where r.source_id = $1
             and (r.check_at <= $2 or $4 and r.check_at is not null)
           order by r.started_at, r.execution_id"#,
        source_id.0,
        now,
        begins,
        again_now,
        reach.as_seconds_f64(),
    )
    .fetch_all(&mut *session)
    .await?;
    let mut due = Vec::new();
    for row in rows {
        let (mut received_min, mut received_max) = (0, 0);
        if let Some(started_at) = row.started_at {
            let ended_at = row.completed_at.unwrap_or(now);
            let window = Window { since: started_at - BORDER, until: ended_at + BORDER, reach };
            (received_max, received_min) =
                heads::count_records(&mut session, SyncId(row.sync_id), window, (started_at, ended_at)).await?;
            if !row.touches {
                received_min = received_max;
            }
        }
        // Erasures and the retention take away what has arrived.
        due.push(ArrivedRun {
            received_min: received_min.max(row.received_min.unwrap_or(0)),
            received_max: received_max.max(row.received_max.unwrap_or(0)),
            execution_id: row.execution_id,
            status: row.status,
            started_at: row.started_at,
            completed_at: row.completed_at,
            counts: row.counts,
            rejected: row.rejected,
            refused: row.refused,
            overlaps: row.overlaps,
            precedes_log: row.precedes_log,
            log: LogResult::of(row.log_records, row.absent, row.log_checked_at, row.log_problem),
        });
    }
    session.commit().await?;
    Ok(due)
}

/// Keeps the verdict on a run. Returns the word before.
pub async fn judge(
    store: &Store,
    sync_id: SyncId,
    run: &ArrivedRun,
    verdict: &JudgedRun,
    now: DateTime<Utc>,
) -> Result<Option<String>, StoreError> {
    let mut session = store.begin().await?;
    let before = sqlx::query_scalar!(
        "update polysink.runs r set
             verdict = $3, reason = $4, expected = $5, expected_basis = $6, proof = coalesce($7, r.proof),
             received_min = $8, received_max = $9, rejected = $10, refused = $11, checked_at = $12, check_at = $14,
             settled_at = case when not $13 then null
                               when r.verdict = $3 then coalesce(r.settled_at, $12) else $12 end
         from (select verdict from polysink.runs where sync_id = $1 and execution_id = $2) as b
         where r.sync_id = $1 and r.execution_id = $2
         returning b.verdict",
        sync_id.0,
        run.execution_id,
        verdict.verdict.as_str(),
        verdict.reason,
        verdict.expected.map(|expected| i64::try_from(expected).unwrap_or(i64::MAX)),
        &verdict.expected_basis,
        verdict.proof,
        run.received_min,
        run.received_max,
        run.rejected,
        run.refused,
        now,
        verdict.is_settled,
        verdict.check_at,
    )
    .fetch_optional(&mut *session)
    .await?;
    session.commit().await?;
    Ok(before)
}

/// The last runs of a sync that ended well, the latest first: their counts, and how many records came. Those
/// with deliveries in a second that they share with another run are left out.
pub async fn comparable(store: &Store, source_id: SyncId, limit: i64) -> Result<Vec<(Value, i64)>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query!(
        r#"select counts, received_max as "received!" from polysink.runs
           where source_id = $1 and status = 'completed' and received_max > 0 and received_min = received_max
             and verdict in ('complete', 'short', 'over', 'unverified')
           order by completed_at desc, execution_id
           limit $2"#,
        source_id.0,
        limit,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(rows.into_iter().map(|row| (row.counts, row.received)).collect())
}

/// Whether Polytomic's API has told of any run.
pub async fn are_known(store: &Store) -> Result<bool, StoreError> {
    let mut session = store.begin().await?;
    let known = sqlx::query_scalar!(r#"select exists (select from polysink.runs) as "known!""#);
    let known = known.fetch_one(&mut *session).await?;
    session.commit().await?;
    Ok(known)
}

/// Short runs of which records are still missing: the table, the run and how many.
///
/// * `since`: that ended after this time
pub async fn short(store: &Store, since: DateTime<Utc>) -> Result<Vec<(String, String, u64)>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query!(
        r#"select table_name as "table_name!", execution_id as "execution_id!", missing as "missing!"
           from polysink.run_status where completed_at > $1 and missing > 0
           order by completed_at, execution_id"#,
        since,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(rows.into_iter().map(|row| (row.table_name, row.execution_id, row.missing.unsigned_abs())).collect())
}

/// The latest runs first.
///
/// * `sync_id`: of this sync alone
pub async fn list(store: &Store, sync_id: Option<SyncId>, limit: i64) -> Result<Vec<RunRow>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query_as!(
        RunRow,
        r#"select r.sync_id, s.name, s.table_name, r.execution_id, r.started_at, r.completed_at, r.status, r.full_run,
                  r.counts, r.errors, r.expected, r.expected_basis, r.received_max as received,
                  v.short_by, v.missing, r.rejected, r.refused, r.verdict, r.reason, r.proof, r.log_records, r.absent,
                  r.log_problem, r.settled_at
           from polysink.runs r
           join polysink.syncs s on s.sync_id = r.sync_id
           join polysink.run_status v on v.sync_id = r.sync_id and v.execution_id = r.execution_id
           where $1::uuid is null or r.sync_id = $1
           order by coalesce(r.started_at, r.created_at) desc nulls first, r.execution_id
           limit $2"#,
        sync_id.map(|sync_id| sync_id.0),
        limit,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(rows)
}
