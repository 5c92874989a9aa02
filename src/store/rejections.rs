//! `polysink.rejections`: the quarantine.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Store, StoreError};
use crate::envelope::{Envelope, Receipt, Rejection, SyncId};

/// A body that is no envelope, on its way into the quarantine.
#[derive(Debug)]
pub struct RejectedBody {
    /// Its `envelope_id` becomes the rejection's id.
    pub receipt: Receipt,
    pub reason: &'static str,
    pub detail: String,
    pub sync_id: Option<SyncId>,
    pub payload: Vec<u8>,
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
    pub position: Option<i32>,
    pub payload_bytes: i32,
    pub settled_at: Option<DateTime<Utc>>,
}

/// Sets aside whole bodies. One that an earlier try committed is passed over.
pub async fn insert_bodies(connection: &mut PgConnection, bodies: &[&RejectedBody]) -> Result<(), StoreError> {
    let rows = bodies.iter().map(|body| Row {
        rejection_id: body.receipt.envelope_id,
        receipt: &body.receipt,
        scope: "envelope",
        reason: body.reason,
        detail: &body.detail,
        sync_id: body.sync_id,
        record: None,
        payload: &body.payload,
    });
    insert(connection, rows.collect()).await
}

/// Sets aside records of envelopes that this transaction writes.
pub async fn insert_records(
    connection: &mut PgConnection,
    rejections: Vec<(&Envelope, &Rejection)>,
) -> Result<(), StoreError> {
    let rows = rejections.into_iter().map(|(envelope, rejection)| Row {
        rejection_id: Uuid::now_v7(),
        receipt: &envelope.receipt,
        scope: "record",
        reason: rejection.reason,
        detail: &rejection.detail,
        sync_id: envelope.sync_id,
        record: Some((envelope.receipt.envelope_id, rejection.position.cast_signed())),
        payload: rejection.payload.as_bytes(),
    });
    insert(connection, rows.collect()).await
}

struct Row<'a> {
    rejection_id: Uuid,
    receipt: &'a Receipt,
    scope: &'static str,
    reason: &'static str,
    detail: &'a str,
    sync_id: Option<SyncId>,
    record: Option<(Uuid, i32)>,
    payload: &'a [u8],
}

/// How many rows one statement takes. They can be large.
const STATEMENT_ROWS: usize = 1_000;

async fn insert(connection: &mut PgConnection, rows: Vec<Row<'_>>) -> Result<(), StoreError> {
    for part in rows.chunks(STATEMENT_ROWS) {
        insert_part(connection, part).await?;
    }
    Ok(())
}

async fn insert_part(connection: &mut PgConnection, rows: &[Row<'_>]) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.rejection_id).collect();
    let received: Vec<_> = rows.iter().map(|row| row.receipt.received_at).collect();
    let sent: Vec<_> = rows.iter().map(|row| row.receipt.sent_at).collect();
    let connections: Vec<&str> = rows.iter().map(|row| row.receipt.connection.as_str()).collect();
    let scopes: Vec<&str> = rows.iter().map(|row| row.scope).collect();
    let reasons: Vec<&str> = rows.iter().map(|row| row.reason).collect();
    // A message can quote what it stumbled over; a text column takes no NUL.
    let details: Vec<String> = rows.iter().map(|row| row.detail.replace('\0', "\u{fffd}")).collect();
    let syncs: Vec<_> = rows.iter().map(|row| row.sync_id.map(|sync| sync.0)).collect();
    let envelopes: Vec<_> = rows.iter().map(|row| row.record.map(|(envelope, _)| envelope)).collect();
    let positions: Vec<_> = rows.iter().map(|row| row.record.map(|(_, position)| position)).collect();
    let payloads: Vec<&[u8]> = rows.iter().map(|row| row.payload).collect();
    sqlx::query!(
        "insert into polysink.rejections
             (rejection_id, received_at, sent_at, connection, scope, reason, detail, sync_id, envelope_id, position,
              payload)
         select n.rejection_id, n.received_at, n.sent_at, n.connection, n.scope, n.reason, n.detail, n.sync_id,
                n.envelope_id, n.position, n.payload
         from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::uuid[], $9::uuid[], $10::integer[], $11::bytea[])
              as n (rejection_id, received_at, sent_at, connection, scope, reason, detail, sync_id, envelope_id,
                    position, payload)
         on conflict (rejection_id) do nothing",
        &ids,
        &received,
        &sent,
        &connections as _,
        &scopes as _,
        &reasons as _,
        &details,
        &syncs as _,
        &envelopes as _,
        &positions as _,
        &payloads as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

impl Store {
    /// The newest rejections first.
    ///
    /// * `settled`: those that have been dealt with too
    pub async fn rejections(&self, limit: i64, settled: bool) -> Result<Vec<RejectionRow>, StoreError> {
        let mut session = self.begin().await?;
        let rows = sqlx::query_as!(
            RejectionRow,
            r#"select rejection_id, received_at, connection, scope, reason, detail, sync_id, envelope_id, position,
                      octet_length(payload) as "payload_bytes!", settled_at
               from polysink.rejections
               where settled_at is null or $2
               order by received_at desc, rejection_id desc
               limit $1"#,
            limit,
            settled,
        )
        .fetch_all(&mut *session)
        .await?;
        session.commit().await?;
        Ok(rows)
    }

    /// One rejection with its payload; `None` where there is none of that id.
    pub async fn rejection(&self, id: Uuid) -> Result<Option<(RejectionRow, Vec<u8>)>, StoreError> {
        let mut session = self.begin().await?;
        let row = sqlx::query!(
            r#"select rejection_id, received_at, connection, scope, reason, detail, sync_id, envelope_id, position,
                      octet_length(payload) as "payload_bytes!", settled_at, payload
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
                payload_bytes: row.payload_bytes,
                settled_at: row.settled_at,
            };
            (shown, row.payload)
        }))
    }
}
