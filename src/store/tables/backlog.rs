//! `polysink.backlog`: envelopes that are stored and not projected yet.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::envelopes::{self, LogPlace, Size};
use crate::envelope::{Envelope, Receipt};
use crate::model::SyncId;
use crate::store::{Connection, Store, StoreError};

/// An envelope of the backlog, without its body.
#[derive(Debug, Clone, Copy)]
pub struct PendingDelivery {
    pub envelope_id: Uuid,
    pub received_at: DateTime<Utc>,
    pub sent_at: DateTime<Utc>,
    /// Whether it was projected before.
    pub replayed: bool,
    pub records: i32,
    pub bytes: i32,
}

impl PendingDelivery {
    pub fn place(&self) -> LogPlace {
        LogPlace { received_at: self.received_at, envelope_id: self.envelope_id }
    }

    /// Takes its size from these; none if the raw log no longer has it.
    pub fn measure(&mut self, sizes: &BTreeMap<LogPlace, Size>) {
        let size = sizes.get(&self.place()).copied().unwrap_or_default();
        (self.records, self.bytes) = (size.records, size.bytes);
    }
}

/// Those that were projected before.
pub fn replayed(waiting: &[PendingDelivery]) -> HashSet<Uuid> {
    waiting.iter().filter(|waiting| waiting.replayed).map(|waiting| waiting.envelope_id).collect()
}

/// Cuts the list to one batch: it is closed at a number of records or bytes, and has at least one envelope.
pub fn cut(mut waiting: Vec<PendingDelivery>, most_records: i32, most_bytes: i32) -> Vec<PendingDelivery> {
    let (mut records, mut bytes) = (0_i32, 0_i32);
    let taken = waiting.iter().take_while(|next| {
        let room = records < most_records && bytes < most_bytes;
        records = records.saturating_add(next.records);
        bytes = bytes.saturating_add(next.bytes);
        room
    });
    let taken = taken.count();
    waiting.truncate(taken);
    waiting
}

/// Adds these envelopes. Those without records have nothing to project.
///
/// * `replayed`: whether they were projected before
pub async fn insert(connection: &mut Connection, envelopes: &[&Envelope], replayed: bool) -> Result<(), StoreError> {
    let rows = envelopes.iter().filter(|envelope| !envelope.records.is_empty()).filter_map(|envelope| {
        let Receipt { received_at, envelope_id, sent_at, .. } = envelope.receipt;
        Some((LogPlace { received_at, envelope_id }, sent_at, envelope.sync_id?))
    });
    insert_rows(connection, rows.collect(), replayed).await
}

/// Adds these deliveries of the raw log, as if they were new.
pub async fn insert_stored(connection: &mut Connection, places: &[LogPlace]) -> Result<(), StoreError> {
    let rows = envelopes::with_records(connection, places).await?;
    insert_rows(connection, rows, false).await
}

/// * `rows`: place, time of sending, sync
async fn insert_rows(
    connection: &mut Connection,
    mut rows: Vec<(LogPlace, DateTime<Utc>, SyncId)>,
    replayed: bool,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_unstable_by_key(|(place, ..)| place.envelope_id);
    let ids: Vec<Uuid> = rows.iter().map(|(place, ..)| place.envelope_id).collect();
    let received: Vec<_> = rows.iter().map(|(place, ..)| place.received_at).collect();
    let sent: Vec<_> = rows.iter().map(|(_, sent_at, _)| *sent_at).collect();
    let syncs: Vec<Uuid> = rows.iter().map(|(.., sync_id)| sync_id.0).collect();
    sqlx::query!(
        "insert into polysink.backlog (envelope_id, received_at, sent_at, sync_id, replayed)
         select b.envelope_id, b.received_at, b.sent_at, b.sync_id, $5
         from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::uuid[])
              as b (envelope_id, received_at, sent_at, sync_id)
         on conflict do nothing",
        &ids,
        &received,
        &sent,
        &syncs,
        replayed,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Where to begin to look for a sync's deliveries. Those that have left the backlog stay in its index while an old
/// snapshot is open anywhere in the database, and would be passed over one by one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LookFrom {
    #[default]
    Beginning,
    /// None that waits was sent before.
    SentAt(DateTime<Utc>),
    /// None waits.
    End,
}

impl LookFrom {
    /// Notes that a delivery has come.
    pub fn arrived(&mut self, sent_at: DateTime<Utc>) {
        *self = match *self {
            Self::Beginning => Self::Beginning,
            Self::SentAt(from) => Self::SentAt(from.min(sent_at)),
            Self::End => Self::SentAt(sent_at),
        };
    }
}

/// The sync's oldest envelopes in the backlog, and those of them that are no longer in the raw log.
pub async fn oldest(
    connection: &mut Connection,
    sync_id: SyncId,
    from: LookFrom,
    limit: i64,
) -> Result<(Vec<PendingDelivery>, Vec<PendingDelivery>), StoreError> {
    let from = match from {
        LookFrom::Beginning => None,
        LookFrom::SentAt(from) => Some(from),
        LookFrom::End => return Ok((Vec::new(), Vec::new())),
    };
    let mut waiting = sqlx::query_as!(
        PendingDelivery,
        r#"select envelope_id, received_at, sent_at, replayed, 0 as "records!", 0 as "bytes!"
           from polysink.backlog where sync_id = $1 and sent_at >= coalesce($3, '-infinity'::timestamptz)
           order by sent_at, envelope_id limit $2"#,
        sync_id.0,
        limit,
        from,
    )
    .fetch_all(&mut *connection)
    .await?;
    let sizes = envelopes::sizes(connection, waiting.iter().map(PendingDelivery::place)).await?;
    for waiting in &mut waiting {
        waiting.measure(&sizes);
    }
    Ok(waiting.into_iter().partition(|waiting| sizes.contains_key(&waiting.place())))
}

/// The sync's deliveries in the backlog.
pub async fn places(connection: &mut Connection, sync_id: SyncId) -> Result<Vec<LogPlace>, StoreError> {
    let rows = sqlx::query_as!(
        LogPlace,
        "select received_at, envelope_id from polysink.backlog where sync_id = $1",
        sync_id.0,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// Which of these envelopes wait.
pub async fn waiting_among(connection: &mut Connection, envelopes: &[Uuid]) -> Result<HashSet<Uuid>, StoreError> {
    let waiting =
        sqlx::query_scalar!("select envelope_id from polysink.backlog where envelope_id = any($1)", envelopes)
            .fetch_all(connection)
            .await?;
    Ok(waiting.into_iter().collect())
}

/// Since when a delivery has waited; `None` if it does not.
pub async fn waits_since(connection: &mut Connection, id: Uuid) -> Result<Option<DateTime<Utc>>, StoreError> {
    let since = sqlx::query_scalar!("select entered_at from polysink.backlog where envelope_id = $1", id)
        .fetch_optional(connection)
        .await?;
    Ok(since)
}

/// Removes the envelopes from the backlog.
pub async fn delete(connection: &mut Connection, envelopes: &[PendingDelivery]) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = envelopes.iter().map(|waiting| waiting.envelope_id).collect();
    sqlx::query!("delete from polysink.backlog where envelope_id = any($1)", &ids).execute(connection).await?;
    Ok(())
}

/// Syncs with something to project.
#[derive(Debug)]
pub struct SyncsWaiting {
    /// Those with deliveries in the backlog, and when the oldest of these was sent.
    pub deliveries: Vec<(SyncId, DateTime<Utc>)>,
    /// Those with rows to backfill, or with keys that need a rebuild.
    pub unfinished: Vec<SyncId>,
    /// Those with versions that were split.
    pub split: Vec<SyncId>,
    /// Whether the schema of the query tables is missing.
    pub schema_is_missing: bool,
    /// When it was read, by the database's clock.
    pub read_at: DateTime<Utc>,
}

/// Deliveries of a sync that are not projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind {
    pub deliveries: i64,
    /// Since when the first of them has waited, in seconds.
    pub seconds: i64,
    /// When it was read, by the database's clock.
    pub read_at: DateTime<Utc>,
}

/// How far a sync's query tables are behind.
///
/// * `until`: leaves out deliveries that came later
pub async fn behind(store: &Store, sync_id: SyncId, until: Option<DateTime<Utc>>) -> Result<Behind, StoreError> {
    let mut session = store.begin().await?;
    let behind = sqlx::query_as!(
        Behind,
        r#"select count(*) as "deliveries!",
                  coalesce(extract(epoch from now() - min(entered_at)), 0)::int8 as "seconds!", now() as "read_at!"
           from polysink.backlog where sync_id = $1 and entered_at <= coalesce($2, 'infinity'::timestamptz)"#,
        sync_id.0,
        until,
    )
    .fetch_one(&mut *session)
    .await?;
    session.commit().await?;
    Ok(behind)
}

/// How many deliveries of these syncs are not projected, up to `most` for each, and since when.
pub async fn waiting(
    connection: &mut Connection,
    syncs: impl IntoIterator<Item = Uuid>,
    most: i64,
) -> Result<HashMap<Uuid, (i64, Option<DateTime<Utc>>)>, StoreError> {
    let syncs: Vec<Uuid> = syncs.into_iter().collect();
    let rows = sqlx::query!(
        r#"select sync_id as "sync_id!", waiting as "waiting!", waiting_since
           from polysink.waiting_deliveries($1, $2)"#,
        &syncs,
        most,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.sync_id, (row.waiting, row.waiting_since))).collect())
}

/// The syncs with something to project.
///
/// * `since`: leaves out deliveries that entered the backlog before; their transactions may have ended later
/// * `waited`: leaves out those that have not waited so long
pub async fn syncs_waiting(
    store: &Store,
    since: Option<DateTime<Utc>>,
    waited: Duration,
) -> Result<SyncsWaiting, StoreError> {
    let mut session = store.begin().await?;
    let now = sqlx::query!(r#"select now() as "now!", to_regnamespace('synced') is null as "schema_is_missing!""#);
    let now = now.fetch_one(&mut *session).await?;
    let deliveries = sqlx::query!(
        r#"select sync_id, min(sent_at) as "sent_at!" from polysink.backlog
           where entered_at >= coalesce($1, '-infinity'::timestamptz) and entered_at <= $2 group by sync_id"#,
        since,
        now.now - waited,
    )
    .fetch_all(&mut *session)
    .await?;
    let unfinished = sqlx::query_scalar!(
        "select s.sync_id from polysink.syncs s
         where exists (select from polysink.fields f where f.sync_id = s.sync_id and f.unsettled is not null)
            or s.identity is not null and s.key_columns is null"
    )
    .fetch_all(&mut *session)
    .await?;
    let split =
        sqlx::query_scalar!("select distinct sync_id from polysink.split_versions").fetch_all(&mut *session).await?;
    session.commit().await?;
    Ok(SyncsWaiting {
        deliveries: deliveries.into_iter().map(|row| (SyncId(row.sync_id), row.sent_at)).collect(),
        unfinished: unfinished.into_iter().map(SyncId).collect(),
        split: split.into_iter().map(SyncId).collect(),
        schema_is_missing: now.schema_is_missing,
        read_at: now.now,
    })
}
