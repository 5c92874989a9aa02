//! `polysink.rejections`: the quarantine.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::backlog::Waiting;
use crate::envelope::{self, DecodeError, Envelope, Malformed, Receipt, Rejection};
use crate::model::SyncId;
use crate::store::{Connection, Store, StoreError, session};

/// A body that is not an envelope, to be quarantined.
#[derive(Debug)]
pub struct RejectedBody {
    /// Its `envelope_id` becomes the rejection's id.
    pub receipt: Receipt,
    pub reason: Cow<'static, str>,
    pub detail: String,
    pub sync_id: Option<SyncId>,
    pub payload: Vec<u8>,
}

impl RejectedBody {
    /// A body that could not be parsed.
    pub fn of(receipt: Receipt, malformed: Malformed) -> Self {
        let Malformed { reason, detail, sync_id, body } = malformed;
        Self { receipt, reason: reason.into(), detail, sync_id, payload: body.into_bytes() }
    }
}

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
    /// How it was settled: `replayed`, `rebuilt` or `resolved`.
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
    /// Settled ones too.
    pub settled: bool,
}

/// Quarantines whole bodies. Skips those that an earlier try committed.
pub async fn insert_bodies(connection: &mut Connection, bodies: &[&RejectedBody]) -> Result<(), StoreError> {
    let rows = bodies.iter().map(|body| Row {
        rejection_id: body.receipt.envelope_id,
        receipt: &body.receipt,
        scope: "envelope",
        reason: &body.reason,
        detail: Cow::Borrowed(&body.detail),
        sync_id: body.sync_id,
        record: None,
        positions: None,
        payload: Cow::Borrowed(&body.payload),
    });
    insert(connection, rows.collect()).await
}

/// A record to be quarantined.
#[derive(Debug, Clone)]
pub struct RejectedRecord<'a> {
    pub receipt: &'a Receipt,
    pub sync_id: Option<SyncId>,
    /// The reason code in `polysink.rejections`.
    pub reason: &'static str,
    pub detail: Cow<'a, str>,
    pub position: i32,
    /// Its JSON, as received.
    pub payload: Cow<'a, str>,
}

impl<'a> RejectedRecord<'a> {
    /// A record of an envelope.
    pub fn of(envelope: &'a Envelope, rejection: &'a Rejection) -> Self {
        Self {
            receipt: &envelope.receipt,
            sync_id: envelope.sync_id,
            reason: rejection.reason,
            detail: Cow::Borrowed(&rejection.detail),
            position: rejection.position.cast_signed(),
            payload: Cow::Borrowed(&envelope.body[rejection.payload.clone()]),
        }
    }
}

/// More records than this, of one delivery and with one reason, become a single row.
const ROWS_OF_A_KIND: usize = 100;

/// Quarantines records of envelopes that this transaction writes.
pub async fn insert_records(connection: &mut Connection, records: Vec<RejectedRecord<'_>>) -> Result<(), StoreError> {
    let mut kinds: BTreeMap<(Uuid, &str), Vec<RejectedRecord<'_>>> = BTreeMap::new();
    for record in records {
        kinds.entry((record.receipt.envelope_id, record.reason)).or_default().push(record);
    }
    let (many, few): (Vec<_>, Vec<_>) = kinds.into_values().partition(|kind| kind.len() > ROWS_OF_A_KIND);
    let few: Vec<RejectedRecord<'_>> = few.into_iter().flatten().collect();
    insert_each(connection, &few).await?;
    for kind in many {
        insert(connection, vec![in_one_row(&kind)]).await?;
    }
    Ok(())
}

/// Quarantines records, each in a row of its own.
pub async fn insert_each(connection: &mut Connection, records: &[RejectedRecord<'_>]) -> Result<(), StoreError> {
    insert(connection, records.iter().map(Row::of_record).collect()).await
}

/// Inserts the same rows into another table with the columns of `polysink.rejections`.
///
/// * `table`: with its schema, quoted
pub async fn insert_each_into(
    connection: &mut Connection,
    table: &str,
    records: &[RejectedRecord<'_>],
) -> Result<(), StoreError> {
    insert_into(connection, table, records.iter().map(Row::of_record).collect()).await
}

/// One row for records of one delivery and one reason.
fn in_one_row<'a>(kind: &'a [RejectedRecord<'_>]) -> Row<'a> {
    let positions: Vec<String> = kind.iter().map(|record| record.position.to_string()).collect();
    let mut payload = Vec::with_capacity(kind.iter().map(|record| record.payload.len() + 1).sum::<usize>() + 1);
    for (n, record) in kind.iter().enumerate() {
        payload.push(if n == 0 { b'[' } else { b',' });
        payload.extend_from_slice(record.payload.as_bytes());
    }
    payload.push(b']');
    Row {
        positions: Some(format!("{{{}}}", positions.join(","))),
        payload: Cow::Owned(payload),
        ..Row::of_record(&kind[0])
    }
}

struct Row<'a> {
    rejection_id: Uuid,
    receipt: &'a Receipt,
    scope: &'static str,
    reason: &'a str,
    detail: Cow<'a, str>,
    sync_id: Option<SyncId>,
    record: Option<(Uuid, i32)>,
    /// An array of integers in PostgreSQL's text format.
    positions: Option<String>,
    payload: Cow<'a, [u8]>,
}

impl<'a> Row<'a> {
    fn of_record(record: &'a RejectedRecord<'_>) -> Self {
        Self {
            rejection_id: Uuid::now_v7(),
            receipt: record.receipt,
            scope: "record",
            reason: record.reason,
            detail: Cow::Borrowed(&record.detail),
            sync_id: record.sync_id,
            record: Some((record.receipt.envelope_id, record.position)),
            positions: None,
            payload: Cow::Borrowed(record.payload.as_bytes()),
        }
    }
}

/// How many rows one statement takes. They can be large.
const STATEMENT_ROWS: usize = 1_000;

async fn insert(connection: &mut Connection, rows: Vec<Row<'_>>) -> Result<(), StoreError> {
    insert_into(connection, "polysink.rejections", rows).await
}

async fn insert_into(connection: &mut Connection, table: &str, rows: Vec<Row<'_>>) -> Result<(), StoreError> {
    for part in rows.chunks(STATEMENT_ROWS) {
        insert_part(connection, table, part).await?;
        session::trim(connection, part.iter().map(|row| row.payload.len()).sum());
    }
    Ok(())
}

async fn insert_part(connection: &mut Connection, table: &str, rows: &[Row<'_>]) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.rejection_id).collect();
    let received: Vec<_> = rows.iter().map(|row| row.receipt.received_at).collect();
    let sent: Vec<_> = rows.iter().map(|row| row.receipt.sent_at).collect();
    let connections: Vec<&str> = rows.iter().map(|row| row.receipt.connection.as_str()).collect();
    let scopes: Vec<&str> = rows.iter().map(|row| row.scope).collect();
    let reasons: Vec<&str> = rows.iter().map(|row| row.reason).collect();
    // A message can quote the data; a text column takes no NUL.
    let details: Vec<String> = rows.iter().map(|row| row.detail.replace('\0', "\u{fffd}")).collect();
    let syncs: Vec<_> = rows.iter().map(|row| row.sync_id.map(|sync| sync.0)).collect();
    let envelopes: Vec<_> = rows.iter().map(|row| row.record.map(|(envelope, _)| envelope)).collect();
    let positions: Vec<_> = rows.iter().map(|row| row.record.map(|(_, position)| position)).collect();
    let lists: Vec<Option<&str>> = rows.iter().map(|row| row.positions.as_deref()).collect();
    let payloads: Vec<&[u8]> = rows.iter().map(|row| &*row.payload).collect();
    let sql = format!(
        "insert into {table}
             (rejection_id, received_at, sent_at, connection, scope, reason, detail, sync_id, envelope_id, position,
              positions, payload)
         select n.rejection_id, n.received_at, n.sent_at, n.connection, n.scope, n.reason, n.detail,
                coalesce(((select jsonb_object_agg(adopted_id, sync_id) from polysink.adoptions) ->> n.sync_id::text)::uuid,
                         n.sync_id),
                n.envelope_id, n.position, n.positions::integer[], n.payload
         from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::uuid[], $9::uuid[], $10::integer[], $11::text[], $12::bytea[])
              as n (rejection_id, received_at, sent_at, connection, scope, reason, detail, sync_id, envelope_id,
                    position, positions, payload)
         on conflict do nothing"
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(ids)
        .bind(received)
        .bind(sent)
        .bind(connections)
        .bind(scopes)
        .bind(reasons)
        .bind(details)
        .bind(syncs)
        .bind(envelopes)
        .bind(positions)
        .bind(lists)
        .bind(payloads)
        .execute(connection)
        .await?;
    Ok(())
}

/// The newest rejections first.
pub async fn list(store: &Store, filter: &RejectionFilter, limit: i64) -> Result<Vec<RejectionRow>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query_as!(
        RejectionRow,
        r#"select rejection_id, received_at, connection, scope, reason, detail, sync_id, envelope_id, position,
                  case scope when 'record' then coalesce(cardinality(positions), 1) end as records,
                  octet_length(payload) as "payload_bytes!", settled_at, settlement
           from polysink.rejections
           where (settled_at is null or $2) and ($3::uuid is null or sync_id = $3)
             and ($4::text is null or reason = $4) and ($5::timestamptz is null or received_at >= $5)
             and ($6::timestamptz is null or received_at < $6)
           order by received_at desc, rejection_id desc
           limit $1"#,
        limit,
        filter.settled,
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
        filter.settled,
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
    let rows = sqlx::query_as!(
        RejectionRow,
        r#"select rejection_id, received_at, connection, scope, reason, detail, sync_id, envelope_id, position,
                  case scope when 'record' then coalesce(cardinality(positions), 1) end as records,
                  octet_length(payload) as "payload_bytes!", settled_at, settlement
           from polysink.rejections
           where (settled_at is null or $2) and ($3::uuid is null or sync_id = $3)
             and ($4::text is null or reason = $4) and ($5::timestamptz is null or received_at >= $5)
             and ($6::timestamptz is null or received_at < $6)
             and ($7::timestamptz is null or (received_at, rejection_id) > ($7, $8::uuid))
           order by received_at, rejection_id
           limit $1"#,
        limit,
        filter.settled,
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
    let row = sqlx::query!(
        r#"select rejection_id, received_at, connection, scope, reason, detail, sync_id, envelope_id, position,
                  case scope when 'record' then coalesce(cardinality(positions), 1) end as records,
                  octet_length(payload) as "payload_bytes!", settled_at, settlement, payload
           from polysink.rejections
           where rejection_id = $1"#,
        id,
    )
    .fetch_optional(&mut *session)
    .await?;
    session.commit().await?;
    Ok(row.map(|row| {
        let shown = RejectionRow {
            rejection_id: row.rejection_id,
            received_at: row.received_at,
            connection: row.connection,
            scope: row.scope,
            reason: row.reason,
            detail: row.detail,
            sync_id: row.sync_id,
            envelope_id: row.envelope_id,
            position: row.position,
            records: row.records,
            payload_bytes: row.payload_bytes,
            settled_at: row.settled_at,
            settlement: row.settlement,
        };
        (shown, row.payload)
    }))
}

/// Settles rejections by hand. Returns those that were open.
pub async fn resolve(store: &Store, ids: &[Uuid], now: DateTime<Utc>) -> Result<Vec<Uuid>, StoreError> {
    let mut session = store.begin().await?;
    let resolved = sqlx::query_scalar!(
        "update polysink.rejections set settled_at = $2, settlement = 'resolved'
         where rejection_id = any($1) and settled_at is null
         returning rejection_id",
        ids,
        now,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(resolved)
}

/// Quarantines records that cannot be projected, but for those that are in the quarantine already: a rebuild and the pass after it can
/// meet the same delivery.
pub async fn insert_unprojectable(
    connection: &mut Connection,
    records: &[RejectedRecord<'_>],
) -> Result<(), StoreError> {
    if records.is_empty() {
        return Ok(());
    }
    let envelopes: Vec<Uuid> = records.iter().map(|record| record.receipt.envelope_id).collect();
    let known = sqlx::query!(
        r#"select envelope_id as "envelope_id!", position as "position!"
           from polysink.rejections
           where envelope_id = any($1) and scope = 'record' and reason in ('key_too_large', 'unprojectable')
             and position is not null and settled_at is null"#,
        &envelopes,
    )
    .fetch_all(&mut *connection)
    .await?;
    let known: HashSet<(Uuid, i32)> = known.into_iter().map(|row| (row.envelope_id, row.position)).collect();
    let is_new = |record: &&RejectedRecord<'_>| !known.contains(&(record.receipt.envelope_id, record.position));
    insert(connection, records.iter().filter(is_new).map(Row::of_record).collect()).await
}

/// Resolves the rejections of records that could not be projected, and now could.
///
/// * `envelopes`: that were projected again
/// * `failing`: their records that still cannot be projected, and those of other envelopes: envelope and position
pub async fn settle_projected(
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
    envelopes: &[Waiting],
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

/// Bodies are decompressed up to this size, whatever the limit is now.
const MAX_BODY: usize = 1 << 30;

/// The text of a whole body in the quarantine.
pub fn body(payload: Vec<u8>) -> Result<String, DecodeError> {
    envelope::decode(payload, MAX_BODY, |_| Ok(())).map_err(|(error, _)| error)
}

/// A rejection as an erasure reads it.
#[derive(Debug)]
pub struct Quarantined {
    pub rejection_id: Uuid,
    /// `None` if the body did not name one.
    pub sync_id: Option<SyncId>,
    /// The delivery of a record; `None` for a whole body.
    pub envelope_id: Option<Uuid>,
    /// Where the records stood, if they are many.
    pub positions: Option<Vec<i32>>,
    pub payload: Vec<u8>,
}

/// The ids of a sync's rejections, and of those of bodies that name no sync, with the bytes of their payloads.
pub async fn ids_of_sync(connection: &mut Connection, sync_id: SyncId) -> Result<Vec<(Uuid, u64)>, StoreError> {
    let rows = sqlx::query!(
        r#"select rejection_id, octet_length(payload) as "bytes!"
           from polysink.rejections
           where sync_id = $1 or sync_id is null
           order by received_at, rejection_id"#,
        sync_id.0,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.rejection_id, u64::from(row.bytes.unsigned_abs()))).collect())
}

/// Reads these rejections, and locks them if they are to be changed.
pub async fn quarantined(
    connection: &mut Connection,
    ids: &[Uuid],
    lock: bool,
) -> Result<Vec<Quarantined>, StoreError> {
    if lock {
        sqlx::query!(
            "select rejection_id from polysink.rejections where rejection_id = any($1)
             order by received_at, rejection_id for update",
            ids,
        )
        .fetch_all(&mut *connection)
        .await?;
    }
    let rows = sqlx::query!(
        "select rejection_id, sync_id, envelope_id, positions, payload
         from polysink.rejections
         where rejection_id = any($1)
         order by received_at, rejection_id",
        ids,
    )
    .fetch_all(&mut *connection)
    .await?;
    session::trim(connection, rows.iter().map(|row| row.payload.len()).sum());
    let read = rows.into_iter().map(|row| Quarantined {
        rejection_id: row.rejection_id,
        sync_id: row.sync_id.map(SyncId),
        envelope_id: row.envelope_id,
        positions: row.positions,
        payload: row.payload,
    });
    Ok(read.collect())
}

/// Replaces what a rejection has with what is left of it. The sentence that explains it can quote what is gone.
pub async fn replace_payload(
    connection: &mut Connection,
    id: Uuid,
    payload: &[u8],
    positions: Option<&[i32]>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update polysink.rejections
         set payload = $2, positions = $3, position = coalesce(($3::integer[])[1], position),
             detail = 'the reason quoted a record that was erased'
         where rejection_id = $1",
        id,
        payload,
        positions as _,
    )
    .execute(&mut *connection)
    .await?;
    session::trim(connection, payload.len());
    Ok(())
}

/// Deletes a rejection.
pub async fn delete(connection: &mut Connection, id: Uuid) -> Result<(), StoreError> {
    sqlx::query!("delete from polysink.rejections where rejection_id = $1", id).execute(connection).await?;
    Ok(())
}
