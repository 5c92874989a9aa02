//! Expired partitions of `polysink.envelopes`: found, detached and dropped, while deliveries continue.
//!
//! A partition is detached concurrently, which no delivery waits for, and then dropped. PostgreSQL takes the former
//! outside transactions only, in two steps, and a crash can come between any two; so a partition is marked by its
//! comment first, and the next run continues where that one ended.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::AssertSqlSafe;

use super::heads;
use super::partitions::{Partition, names_of};
use crate::failpoints;
use crate::metrics::ObservedRetention;
use crate::store::{Connection, ErrorKind, HeldLock, Store, StoreError, citus};

/// The lock for removing what is over, one session at a time; "polyprun" in ASCII.
const LOCK: i64 = 0x706f_6c79_7072_756e;

/// The comment of a partition that is being removed.
const MARK: &str = "Over: polysink is removing it.";

/// Limits of a detachment, in seconds. It waits for sessions that use the raw log, such as a backup, and the next run
/// tries again. Meanwhile no other partition can be attached.
const LOCK_TIMEOUT: u64 = 5;
const STATEMENT_TIMEOUT: u64 = 60;

/// How many rejections are deleted in a transaction.
const REJECTIONS: i64 = 1_000;

/// A partition whose time is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiredPartition {
    pub day: NaiveDate,
    /// With indexes.
    pub bytes: u64,
    /// Its deliveries, as PostgreSQL estimates; `None` if it was never analyzed.
    pub deliveries: Option<u64>,
    /// Deliveries that are not in the query tables, or that a replay has still to write. It has to stay for them.
    pub needed: u64,
    state: State,
}

impl ExpiredPartition {
    pub fn ends_at(&self) -> DateTime<Utc> {
        Partition::of(self.day).ends_at()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Attached,
    /// A detachment was interrupted.
    Pending,
    /// Detached and marked.
    Detached,
}

/// Whether a partition was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    Removed,
    /// Deliveries in it are needed.
    Needed,
    /// Another session uses the raw log.
    InUse,
}

/// Takes the lock for removing what is over; `None` while another session holds it.
pub async fn hold_lock(store: &Store) -> Result<Option<HeldLock>, StoreError> {
    HeldLock::take(store, LOCK).await
}

/// The partitions of days that ended before a time, the oldest first.
pub async fn partitions(store: &Store, before: DateTime<Utc>) -> Result<Vec<ExpiredPartition>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query!(
        r#"select c.relname::text as "name!", i.inhrelid is not null as "attached!",
                  coalesce(i.inhdetachpending, false) as "pending!", pg_total_relation_size(c.oid) as "bytes!",
                  c.reltuples as "tuples!"
           from pg_catalog.pg_class c
           left join pg_catalog.pg_inherits i
                  on i.inhrelid = c.oid and i.inhparent = 'polysink.envelopes'::regclass
           where c.relnamespace = 'polysink'::regnamespace and c.relkind = 'r' and c.relname ~ '^envelopes_[0-9]{8}$'
             and (i.inhrelid is not null
                  or not c.relispartition and pg_catalog.obj_description(c.oid, 'pg_class') = $1)
           order by c.relname"#,
        MARK,
    )
    .fetch_all(&mut *session)
    .await?;
    let mut expired = Vec::new();
    for row in rows {
        let Some(partition) = Partition::named(&row.name) else { continue };
        if partition.ends_at() > before {
            continue;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an estimate, checked to be positive"
        )]
        let deliveries = (row.tuples >= 0.0).then_some(row.tuples as u64);
        let state = match (row.attached, row.pending) {
            (true, false) => State::Attached,
            (true, true) => State::Pending,
            (false, _) => State::Detached,
        };
        let needed = needed(&mut session, partition).await?;
        let (day, bytes) = (partition.day(), row.bytes.unsigned_abs());
        expired.push(ExpiredPartition { day, bytes, deliveries, needed, state });
    }
    session.commit().await?;
    Ok(expired)
}

/// Removes a partition. The caller holds [`hold_lock`].
///
/// * `keeps_head`: keep the heads of its deliveries
pub async fn remove(store: &Store, expired: &ExpiredPartition, keeps_head: bool) -> Result<Removal, StoreError> {
    let partition = Partition::of(expired.day);
    let name = partition.name();
    if expired.state == State::Attached {
        let mut session = store.begin().await?;
        if needed(&mut session, partition).await? > 0 {
            session.rollback().await?;
            return Ok(Removal::Needed);
        }
        let marked = execute(&mut session, format!("comment on table polysink.{name} is '{MARK}'")).await;
        if in_use(session.conclude(marked).await)? {
            return Ok(Removal::InUse);
        }
        failpoints::reach("prune-marked");
    }
    if expired.state != State::Detached && in_use(detach(store, &name, expired.state).await)? {
        return Ok(Removal::InUse);
    }
    failpoints::reach("prune-detached");
    // A replay may have begun before it was detached. From here on none finds it.
    let mut session = store.begin().await?;
    let still_needed = needed(&mut session, partition).await?;
    session.commit().await?;
    if still_needed == 0 && keeps_head {
        heads::copy(store, partition).await?;
        failpoints::reach("prune-copied");
    }
    let mut session = store.begin().await?;
    let (done, removal) = match still_needed {
        0 => (execute(&mut session, format!("drop table polysink.{name}")).await, Removal::Removed),
        _ => (partition.attach(&mut session).await, Removal::Needed),
    };
    Ok(if in_use(session.conclude(done).await)? { Removal::InUse } else { removal })
}

/// Detaches a partition while deliveries continue. A cluster does so in a transaction only, with a lock on the table.
async fn detach(store: &Store, name: &str, state: State) -> Result<(), StoreError> {
    let sql = |how: &str| format!("alter table polysink.envelopes detach partition polysink.{name} {how}");
    let mut session = store.begin_ddl().await?;
    let is_distributed = citus::is_in_use(&mut session).await;
    if matches!(is_distributed, Ok(true)) {
        let detached = execute(&mut session, sql("")).await;
        return session.conclude(detached).await;
    }
    session.conclude(is_distributed).await?;
    let mut session = store.begin_outside(LOCK_TIMEOUT, STATEMENT_TIMEOUT).await?;
    let how = if state == State::Pending { "finalize" } else { session.concurrently() };
    let detached = execute(&mut session, sql(how)).await;
    session.end_outside(detached).await
}

/// How many rejections were resolved before a time, and belong to no delivery that is kept.
pub async fn count_rejections(store: &Store, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let mut session = store.begin().await?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from polysink.rejections
           where settled_at < $1 and received_at < least($1, $2)"#,
        before,
        raw_log_begins(&mut session).await?,
    )
    .fetch_one(&mut *session)
    .await?;
    session.commit().await?;
    Ok(count.unsigned_abs())
}

/// Deletes some of these. Returns how many; 0 when none is left.
///
/// A rebuild does not project records that the ledger refused, because their rejection says so. So a rejection stays
/// for as long as its delivery does.
pub async fn delete_rejections(store: &Store, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let mut session = store.begin().await?;
    let begins = raw_log_begins(&mut session).await?;
    let done = sqlx::query!(
        "with expired as (
             select rejection_id from polysink.rejections
             where settled_at < $1 and received_at < least($1, $2)
             order by received_at limit $3
             for update skip locked
         )
         delete from polysink.rejections r using expired e where r.rejection_id = e.rejection_id",
        before,
        begins,
        REJECTIONS,
    )
    .execute(&mut *session)
    .await?;
    session.commit().await?;
    Ok(done.rows_affected())
}

/// The time of the database.
pub async fn clock(store: &Store) -> Result<DateTime<Utc>, StoreError> {
    let mut session = store.begin().await?;
    let row = sqlx::query!(r#"select clock_timestamp() as "now!""#).fetch_one(&mut *session).await?;
    session.commit().await?;
    Ok(row.now)
}

/// Notes a run of the retention.
pub async fn note_run(
    store: &Store,
    now: DateTime<Utc>,
    partitions: u64,
    rejections: u64,
    kept: u64,
) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    sqlx::query!(
        "insert into polysink.retention as r (ran_at, removed_partitions, removed_rejections, kept_partitions)
         values ($1, $2, $3, $4)
         on conflict (only_row) do update set
             ran_at = excluded.ran_at,
             removed_partitions = r.removed_partitions + excluded.removed_partitions,
             removed_rejections = r.removed_rejections + excluded.removed_rejections,
             kept_partitions = excluded.kept_partitions",
        now,
        partitions.cast_signed(),
        rejections.cast_signed(),
        kept.cast_signed(),
    )
    .execute(&mut *session)
    .await?;
    session.commit().await
}

/// The last run; `None` before the first.
pub async fn last_run(store: &Store) -> Result<Option<ObservedRetention>, StoreError> {
    let mut session = store.begin().await?;
    let row =
        sqlx::query!("select ran_at, kept_partitions from polysink.retention").fetch_optional(&mut *session).await?;
    session.commit().await?;
    Ok(row.map(|row| ObservedRetention { ran_at: row.ran_at, kept_partitions: row.kept_partitions.unsigned_abs() }))
}

async fn execute(connection: &mut Connection, sql: String) -> Result<(), StoreError> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}

/// Whether another session was in the way.
fn in_use(done: Result<(), StoreError>) -> Result<bool, StoreError> {
    match done {
        Ok(()) => Ok(false),
        Err(error) if error.kind() == ErrorKind::TryAgain => Ok(true),
        Err(error) => Err(error),
    }
}

/// How many deliveries of a partition are needed.
async fn needed(connection: &mut Connection, partition: Partition) -> Result<u64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select (select count(*) from polysink.backlog where received_at >= $1 and received_at < $2)
                + (select count(*) from polysink.replaying where not done and received_at >= $1 and received_at < $2)
                      as "count!""#,
        partition.begins_at(),
        partition.ends_at(),
    )
    .fetch_one(connection)
    .await?;
    Ok(count.unsigned_abs())
}

/// When the oldest day of the raw log begins; `None` if there is none.
pub async fn raw_log_begins(connection: &mut Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
    let names = names_of(connection, "envelopes").await?;
    let partitions = names.iter().filter_map(|name| Partition::named(name));
    Ok(partitions.map(Partition::begins_at).min())
}
