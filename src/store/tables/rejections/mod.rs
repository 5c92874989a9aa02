//! `polysink.rejections`: the quarantine.

mod erased;
mod insert;
mod open;

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::backlog::PendingDelivery;
use super::changes::{self, ChangeAction};
use super::envelopes::LogPlace;
use crate::model::SyncId;
use crate::store::{Connection, Store, StoreError};

pub use erased::{Quarantined, delete, ids_of_sync, quarantined, replace_payload};
pub use insert::{RejectedBody, RejectedRecord, insert_bodies, insert_each_into, insert_records, insert_unprojectable};
pub use open::{OpenRejection, body, resolve_replayed};

/// A rejection as it is listed and shown.
#[derive(Debug, Clone, serde::Serialize)]
pub struct RejectionRow {
    pub rejection_id: Uuid,
    pub received_at: DateTime<Utc>,
    pub connection: String,
    pub scope: String,
    pub reason: String,
    pub detail: String,
    pub sync_id: Option<Uuid>,
    pub envelope_id: Option<Uuid>,
    /// That of the first record.
    pub position: Option<i32>,
    /// The number of records; null for a whole body.
    pub records: Option<i32>,
    pub payload_bytes: i32,
    pub settled_at: Option<DateTime<Utc>>,
    /// How it was resolved: `replayed`, `rebuilt` or `resolved`.
    pub settlement: Option<String>,
}

/// Which rejections.
#[derive(Debug, Clone, Default)]
pub struct RejectionFilter {
    pub sync_id: Option<SyncId>,
    /// The reason code.
    pub reason: Option<String>,
    /// Received at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Received before.
    pub until: Option<DateTime<Utc>>,
    /// Whether resolved ones are included.
    pub resolved: bool,
}

/// The query that selects rejections as [`RejectionRow`]s.
///
/// * `rest`: a literal, from `where` on
macro_rules! select_rows {
    ($rest:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            RejectionRow,
            r#"select rejection_id, received_at, connection, scope, reason, detail, sync_id, envelope_id, position,
                      case scope when 'record' then coalesce(cardinality(positions), 1) end as records,
                      octet_length(payload) as "payload_bytes!", settled_at, settlement
               from polysink.rejections
               "# + $rest,
            $($argument),+
        )
    };
}

/// The newest rejections first.
pub async fn list(store: &Store, filter: &RejectionFilter, limit: i64) -> Result<Vec<RejectionRow>, StoreError> {
    let mut session = store.begin().await?;
    let rows = select_rows!(
        "where (settled_at is null or $2) and ($3::uuid is null or sync_id = $3)
             and ($4::text is null or reason = $4) and ($5::timestamptz is null or received_at >= $5)
             and ($6::timestamptz is null or received_at < $6)
           order by received_at desc, rejection_id desc
           limit $1",
        limit,
        filter.resolved,
        filter.sync_id.map(|sync_id| sync_id.0),
        filter.reason,
        filter.since,
        filter.until,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(rows)
}

/// How many rejections there are.
pub async fn count(store: &Store, filter: &RejectionFilter) -> Result<i64, StoreError> {
    let mut session = store.begin().await?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from polysink.rejections
           where (settled_at is null or $1) and ($2::uuid is null or sync_id = $2)
             and ($3::text is null or reason = $3) and ($4::timestamptz is null or received_at >= $4)
             and ($5::timestamptz is null or received_at < $5)"#,
        filter.resolved,
        filter.sync_id.map(|sync_id| sync_id.0),
        filter.reason,
        filter.since,
        filter.until,
    )
    .fetch_one(&mut *session)
    .await?;
    session.commit().await?;
    Ok(count)
}

/// Rejections in the order of receipt.
///
/// * `after`: the last of the page before: when it was received, and its id
pub async fn list_after(
    store: &Store,
    filter: &RejectionFilter,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<RejectionRow>, StoreError> {
    let mut session = store.begin().await?;
    let rows = select_rows!(
        "where (settled_at is null or $2) and ($3::uuid is null or sync_id = $3)
             and ($4::text is null or reason = $4) and ($5::timestamptz is null or received_at >= $5)
             and ($6::timestamptz is null or received_at < $6)
             and ($7::timestamptz is null or (received_at, rejection_id) > ($7, $8::uuid))
           order by received_at, rejection_id
           limit $1",
        limit,
        filter.resolved,
        filter.sync_id.map(|sync_id| sync_id.0),
        filter.reason,
        filter.since,
        filter.until,
        after.map(|(received_at, _)| received_at),
        after.map(|(_, id)| id),
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(rows)
}

/// One rejection with its payload; `None` if there is none with that id.
pub async fn find(store: &Store, id: Uuid) -> Result<Option<(RejectionRow, Vec<u8>)>, StoreError> {
    let mut session = store.begin().await?;
    let row = select_rows!("where rejection_id = $1", id,).fetch_optional(&mut *session).await?;
    let payload = sqlx::query_scalar!("select payload from polysink.rejections where rejection_id = $1", id)
        .fetch_optional(&mut *session)
        .await?;
    session.commit().await?;
    Ok(row.zip(payload))
}

/// When a rejection was received; `None` if there is none with that id.
pub async fn received_at(store: &Store, id: Uuid) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut session = store.begin().await?;
    let received_at = sqlx::query_scalar!("select received_at from polysink.rejections where rejection_id = $1", id)
        .fetch_optional(&mut *session)
        .await?;
    session.commit().await?;
    Ok(received_at)
}

/// A rejected record of a delivery.
#[derive(Debug, Clone)]
pub struct RecordRejection {
    pub rejection_id: Uuid,
    pub reason: String,
    pub detail: String,
    /// Whether it is not resolved.
    pub is_open: bool,
}

/// The rejected records of a delivery, by position.
pub async fn of_delivery(
    connection: &mut Connection,
    received_at: DateTime<Utc>,
    envelope_id: Uuid,
) -> Result<HashMap<i32, RecordRejection>, StoreError> {
    let rows = sqlx::query!(
        r#"select rejection_id, reason, detail, settled_at is null as "is_open!",
                  unnest(coalesce(positions, array[position])) as "position!"
           from polysink.rejections
           where received_at = $1 and envelope_id = $2 and scope = 'record'
           order by settled_at nulls last"#,
        received_at,
        envelope_id,
    )
    .fetch_all(connection)
    .await?;
    let rejected = rows.into_iter().map(|row| {
        let (rejection_id, reason, detail) = (row.rejection_id, row.reason, row.detail);
        (row.position, RecordRejection { rejection_id, reason, detail, is_open: row.is_open })
    });
    Ok(rejected.collect())
}

/// How many records of these deliveries were rejected, by delivery.
pub async fn counts_of_deliveries(
    connection: &mut Connection,
    places: &[LogPlace],
) -> Result<HashMap<Uuid, i64>, StoreError> {
    let received: Vec<_> = places.iter().map(|place| place.received_at).collect();
    let ids: Vec<_> = places.iter().map(|place| place.envelope_id).collect();
    let rows = sqlx::query!(
        r#"select envelope_id as "envelope_id!", sum(coalesce(cardinality(positions), 1))::bigint as "records!"
           from polysink.rejections
           where received_at = any($1) and envelope_id = any($2) and scope = 'record'
           group by envelope_id"#,
        &received,
        &ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.envelope_id, row.records)).collect())
}

/// Resolves rejections by hand. Returns those that were open.
pub async fn resolve(store: &Store, ids: &[Uuid], now: DateTime<Utc>) -> Result<Vec<Uuid>, StoreError> {
    let mut session = store.begin().await?;
    let resolved = sqlx::query!(
        "update polysink.rejections set settled_at = $2, settlement = 'resolved'
         where rejection_id = any($1) and settled_at is null
         returning rejection_id, sync_id",
        ids,
        now,
    )
    .fetch_all(&mut *session)
    .await?;
    let mut of_syncs: BTreeMap<Option<Uuid>, Vec<Uuid>> = BTreeMap::new();
    for row in &resolved {
        of_syncs.entry(row.sync_id).or_default().push(row.rejection_id);
    }
    for (sync_id, ids) in of_syncs {
        let after = json!({ "rejections": ids });
        changes::insert(&mut session, sync_id.map(SyncId), ChangeAction::Resolve, None, Some(after)).await?;
    }
    session.commit().await?;
    Ok(resolved.into_iter().map(|row| row.rejection_id).collect())
}

/// Resolves the rejections of records that could not be projected, and now could.
///
/// * `envelopes`: that were projected again
/// * `failing`: their records that still cannot be projected, and those of other envelopes: envelope and position
pub async fn resolve_projected(
    connection: &mut Connection,
    envelopes: &HashSet<Uuid>,
    failing: Vec<(Uuid, i32)>,
) -> Result<(), StoreError> {
    if envelopes.is_empty() {
        return Ok(());
    }
    let envelopes: Vec<Uuid> = envelopes.iter().copied().collect();
    let (failing, positions): (Vec<Uuid>, Vec<i32>) = failing.into_iter().unzip();
    sqlx::query!(
        "update polysink.rejections r set settled_at = now(), settlement = 'replayed'
         where r.envelope_id = any($1) and r.scope = 'record' and r.reason in ('key_too_large', 'unprojectable')
           and r.settled_at is null
           and (r.envelope_id, r.position) not in (select * from unnest($2::uuid[], $3::integer[]))",
        &envelopes,
        &failing,
        &positions,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Which records of the envelopes the ledger refused: envelope and position.
pub async fn unstorable(
    connection: &mut Connection,
    envelopes: &[PendingDelivery],
) -> Result<HashSet<(Uuid, i32)>, StoreError> {
    let ids: Vec<Uuid> = envelopes.iter().map(|waiting| waiting.envelope_id).collect();
    let rows = sqlx::query!(
        r#"select envelope_id as "envelope_id!", unnest(coalesce(positions, array[position])) as "position!"
           from polysink.rejections
           where envelope_id = any($1) and scope = 'record' and reason = 'unstorable'
             and settlement is distinct from 'replayed'"#,
        &ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.envelope_id, row.position)).collect())
}
