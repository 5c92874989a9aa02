//! `polysink.heads`: deliveries without their bodies, of days that the retention has removed from the raw log.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sqlx::AssertSqlSafe;

use super::expired::raw_log_begins;
use super::partitions::{Partition, names_of};
use crate::model::SyncId;
use crate::store::{Connection, ErrorKind, Store, StoreError};

/// How much of a day is copied in a transaction.
const PART: TimeDelta = TimeDelta::hours(1);

/// The name of a day's partition.
fn name(day: NaiveDate) -> String {
    format!("heads_{}", day.format("%Y%m%d"))
}

/// Copies the heads of a day that is detached from the raw log, and no longer changes. To do it twice changes nothing.
pub(super) async fn copy(store: &Store, partition: Partition) -> Result<(), StoreError> {
    let (begins, ends, heads) = (partition.begins_at(), partition.ends_at(), name(partition.day()));
    let mut session = store.begin().await?;
    let create = format!(
        "create table if not exists polysink.{heads} partition of polysink.heads
             for values from ('{begins}') to ('{ends}');
         comment on table polysink.{heads} is 'The heads of the envelopes received on {day}, UTC.'",
        day = partition.day(),
    );
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *session).await?;
    session.commit().await?;
    let copy = format!(
        "insert into polysink.{heads}
             (envelope_id, received_at, sent_at, connection, event, sync_id, record_count, source_ip, user_agent,
              outcome, stored_at, spooled)
         select envelope_id, received_at, sent_at, connection, event, sync_id,
                record_count + coalesce(cardinality(erased_positions), 0), source_ip, user_agent, outcome,
                stored_at, spooled
         from polysink.{envelopes}
         where received_at >= $1 and received_at < $2
         on conflict do nothing",
        envelopes = partition.name(),
    );
    let mut since = begins;
    while since < ends {
        let until = since + PART;
        let mut session = store.begin().await?;
        sqlx::query(AssertSqlSafe(copy.clone())).bind(since).bind(until).execute(&mut *session).await?;
        session.commit().await?;
        since = until;
    }
    Ok(())
}

/// The days that ended before a time, the oldest first.
pub async fn expired(store: &Store, before: DateTime<Utc>) -> Result<Vec<NaiveDate>, StoreError> {
    let mut session = store.begin().await?;
    let days = days(&mut session).await?;
    session.commit().await?;
    Ok(days.into_iter().filter(|day| Partition::of(*day).ends_at() <= before).collect())
}

async fn days(connection: &mut Connection) -> Result<Vec<NaiveDate>, StoreError> {
    let names = names_of(connection, "heads").await?;
    let day = |text: &String| NaiveDate::parse_from_str(text.strip_prefix("heads_")?, "%Y%m%d").ok();
    Ok(names.iter().filter_map(day).collect())
}

/// Removes a day; false if another session uses the table, so that it is tried again later.
pub async fn remove(store: &Store, day: NaiveDate) -> Result<bool, StoreError> {
    let mut session = store.begin_ddl().await?;
    let sql = format!("drop table if exists polysink.{}", name(day));
    let dropped = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *session).await;
    match session.conclude(dropped.map(|_| ()).map_err(StoreError::from)).await {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::TryAgain => Ok(false),
        Err(error) => Err(error),
    }
}

/// When the oldest day begins of which there are the heads or the deliveries themselves; `None` if there is none.
pub async fn begin(connection: &mut Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
    let heads = days(connection).await?.first().map(|day| Partition::of(*day).begins_at());
    let raw_log = raw_log_begins(connection).await?;
    Ok(heads.into_iter().chain(raw_log).min())
}

/// The time in which deliveries were sent and received.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Sent after this time.
    pub since: DateTime<Utc>,
    /// Sent until this time.
    pub until: DateTime<Utc>,
    /// How far the time at which a delivery was sent may be from its receipt.
    pub reach: TimeDelta,
}

/// How many records the deliveries of a sync held that were sent in a time: all of it, and a part of it.
///
/// * `part`: sent from its first time on, and a second before its second one at the latest
pub async fn count_records(
    connection: &mut Connection,
    sync_id: SyncId,
    window: Window,
    part: (DateTime<Utc>, DateTime<Utc>),
) -> Result<(i64, i64), StoreError> {
    let Window { since, until, reach } = window;
    let row = sqlx::query!(
        r#"select coalesce(sum(d.records), 0)::bigint as "all!",
                  coalesce(sum(d.records) filter (where d.sent_at >= $6
                                                    and d.sent_at + interval '1 second' <= $7), 0)::bigint as "part!"
           from (select e.sent_at, e.record_count + coalesce(cardinality(e.erased_positions), 0) as records
                 from polysink.envelopes e
                 where e.sync_id = $1 and e.outcome = 'stored' and e.sent_at > $2 and e.sent_at <= $3
                   and e.received_at between $4 and $5
                 union all
                 select h.sent_at, h.record_count
                 from polysink.heads h
                 where (h.sync_id = $1
                        or h.sync_id in (select adopted_id from polysink.adoptions where sync_id = $1))
                   and h.outcome = 'stored' and h.sent_at > $2 and h.sent_at <= $3
                   and h.received_at between $4 and $5) as d"#,
        sync_id.0,
        since,
        until,
        since - reach,
        until + reach,
        part.0,
        part.1,
    )
    .fetch_one(connection.planned_by_value())
    .await?;
    Ok((row.all, row.part))
}
