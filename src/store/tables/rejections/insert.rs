//! Quarantines bodies and records.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::envelope::{Envelope, Malformed, Receipt, Rejection};
use crate::model::SyncId;
use crate::store::{Connection, StoreError, session};

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

/// Quarantines whole bodies. Skips those that an earlier try committed.
pub async fn insert_bodies(connection: &mut Connection, bodies: &[&RejectedBody]) -> Result<(), StoreError> {
    let rows = bodies.iter().map(|body| NewRow {
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

    /// Its envelope and its position there.
    pub fn place(&self) -> (Uuid, i32) {
        (self.receipt.envelope_id, self.position)
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
    insert(connection, few.iter().flatten().map(NewRow::of_record).collect()).await?;
    for kind in many {
        insert(connection, vec![in_one_row(&kind)]).await?;
    }
    Ok(())
}

/// Inserts a row for each record into another table with the columns of `polysink.rejections`.
///
/// * `table`: with its schema, quoted
pub async fn insert_each_into(
    connection: &mut Connection,
    table: &str,
    records: &[RejectedRecord<'_>],
) -> Result<(), StoreError> {
    insert_into(connection, table, records.iter().map(NewRow::of_record).collect()).await
}

/// One row for records of one delivery and one reason.
fn in_one_row<'a>(kind: &'a [RejectedRecord<'_>]) -> NewRow<'a> {
    let positions: Vec<String> = kind.iter().map(|record| record.position.to_string()).collect();
    let mut payload = Vec::with_capacity(kind.iter().map(|record| record.payload.len() + 1).sum::<usize>() + 1);
    for (n, record) in kind.iter().enumerate() {
        payload.push(if n == 0 { b'[' } else { b',' });
        payload.extend_from_slice(record.payload.as_bytes());
    }
    payload.push(b']');
    NewRow {
        positions: Some(format!("{{{}}}", positions.join(","))),
        payload: Cow::Owned(payload),
        ..NewRow::of_record(&kind[0])
    }
}

struct NewRow<'a> {
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

impl<'a> NewRow<'a> {
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

async fn insert(connection: &mut Connection, rows: Vec<NewRow<'_>>) -> Result<(), StoreError> {
    insert_into(connection, "polysink.rejections", rows).await
}

async fn insert_into(connection: &mut Connection, table: &str, rows: Vec<NewRow<'_>>) -> Result<(), StoreError> {
    for part in rows.chunks(STATEMENT_ROWS) {
        insert_part(connection, table, part).await?;
        session::trim(connection, part.iter().map(|row| row.payload.len()).sum());
    }
    Ok(())
}

async fn insert_part(connection: &mut Connection, table: &str, rows: &[NewRow<'_>]) -> Result<(), StoreError> {
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
                coalesce(((select jsonb_object_agg(adopted_id,
                sync_id) from polysink.adoptions) ->> n.sync_id::text)::uuid,
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

/// Quarantines records that cannot be projected, but for those that are in the quarantine already: a rebuild and the
/// pass after it can meet the same delivery.
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
    insert(connection, records.iter().filter(is_new).map(NewRow::of_record).collect()).await
}
