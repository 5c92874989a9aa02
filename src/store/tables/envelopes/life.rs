//! The raw log as a list of deliveries, for people.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::LogPlace;
use crate::model::SyncId;
use crate::store::{Connection, StoreError};

/// The latest deliveries are usually this young; the whole raw log is read only if they are not.
const RECENT: TimeDelta = TimeDelta::days(2);

/// A delivery is stored this soon after its receipt, but for those that wait in a spool.
const STORED_WITHIN: TimeDelta = TimeDelta::minutes(10);

/// A delivery without its body.
#[derive(Debug, Clone, serde::Serialize)]
pub struct DeliveryRow {
    pub envelope_id: Uuid,
    pub received_at: DateTime<Utc>,
    pub sent_at: DateTime<Utc>,
    pub connection: String,
    pub event: String,
    pub sync_id: Option<Uuid>,
    /// How many records it has, invalid ones included, and without those that were erased.
    pub records: i32,
    pub source_ip: Option<String>,
    pub user_agent: Option<String>,
    pub metadata: Option<Value>,
    /// `stored` or `ignored`.
    pub outcome: String,
    /// When it was written; `None` for deliveries of earlier versions.
    pub stored_at: Option<DateTime<Utc>>,
    /// Whether it was on the local disk first.
    pub spooled: bool,
    /// The body's size in bytes; `None` once the retention has removed it.
    pub bytes: Option<i32>,
    /// How many records were erased from it.
    pub erased: i32,
}

impl DeliveryRow {
    pub fn place(&self) -> LogPlace {
        LogPlace { received_at: self.received_at, envelope_id: self.envelope_id }
    }
}

/// The query that selects deliveries of the raw log as [`DeliveryRow`]s.
///
/// * `rest`: a literal, from `where` on
macro_rules! select_deliveries {
    ($rest:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            DeliveryRow,
            r#"select envelope_id, received_at, sent_at, connection, event, sync_id, record_count as records,
                      host(source_ip) as source_ip, user_agent, metadata, outcome, stored_at, spooled,
                      octet_length(body) as bytes, coalesce(cardinality(erased_positions), 0) as "erased!"
               from polysink.envelopes
               "# + $rest,
            $($argument),+
        )
    };
}

/// When a delivery with this id was received, to a millisecond: its id says so.
fn received_within(id: Uuid) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let (seconds, nanos) = id.get_timestamp()?.to_unix();
    let at = DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)?;
    Some((at - TimeDelta::milliseconds(1), at + TimeDelta::milliseconds(2)))
}

/// The delivery with an id; `None` if neither the raw log nor the heads have it.
pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<DeliveryRow>, StoreError> {
    let Some((since, until)) = received_within(id) else { return Ok(None) };
    let found = select_deliveries!("where envelope_id = $1 and received_at between $2 and $3", id, since, until);
    if let Some(found) = found.fetch_optional(connection.planned_by_value()).await? {
        return Ok(Some(found));
    }
    let head = sqlx::query_as!(
        DeliveryRow,
        r#"select envelope_id, received_at, sent_at, connection, event, sync_id, record_count as records,
                  host(source_ip) as source_ip, user_agent, null::jsonb as metadata, outcome, stored_at, spooled,
                  null::integer as bytes, 0 as "erased!"
           from polysink.heads where envelope_id = $1 and received_at between $2 and $3"#,
        id,
        since,
        until,
    );
    Ok(head.fetch_optional(connection.planned_by_value()).await?)
}

/// The latest deliveries, the latest first.
///
/// * `sync_id`: `None` for those of all syncs
/// * `now`: deliveries that were received later are left out
pub async fn latest(
    connection: &mut Connection,
    sync_id: Option<SyncId>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<DeliveryRow>, StoreError> {
    let recent = before(connection, sync_id, now - RECENT, now, limit).await?;
    if recent.len().cast_signed() as i64 >= limit {
        return Ok(recent);
    }
    before(connection, sync_id, DateTime::UNIX_EPOCH, now, limit).await
}

async fn before(
    connection: &mut Connection,
    sync_id: Option<SyncId>,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<DeliveryRow>, StoreError> {
    let Some(sync_id) = sync_id else {
        let rows = select_deliveries!(
            "where received_at > $1 and received_at <= $2 order by received_at desc, envelope_id desc limit $3",
            since,
            now,
            limit
        );
        return Ok(rows.fetch_all(connection.planned_by_value()).await?);
    };
    let rows = select_deliveries!(
        "where sync_id = $4 and received_at > $1 and received_at <= $2
         order by received_at desc, envelope_id desc limit $3",
        since,
        now,
        limit,
        sync_id.0,
    );
    Ok(rows.fetch_all(connection.planned_by_value()).await?)
}

/// Deliveries that were stored after a time, in the order in which they were, for those who follow them. Those that a
/// spool brings ten minutes after their receipt, or later, are left out.
///
/// * `after`: the last one before: when it was stored, and its id
pub async fn stored_after(
    connection: &mut Connection,
    sync_id: Option<SyncId>,
    after: (DateTime<Utc>, Uuid),
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<DeliveryRow>, StoreError> {
    let rows = select_deliveries!(
        "where ($5::uuid is null or sync_id = $5) and received_at > $1 and received_at <= $2
           and (stored_at, envelope_id) > ($6, $4)
         order by stored_at, envelope_id limit $3",
        after.0 - STORED_WITHIN,
        now + STORED_WITHIN,
        limit,
        after.1,
        sync_id.map(|sync_id| sync_id.0),
        after.0,
    );
    Ok(rows.fetch_all(connection.planned_by_value()).await?)
}
