//! The one statement that inserts deliveries.

use std::collections::HashMap;

use uuid::Uuid;

use crate::envelope::Envelope;
use crate::model::SyncId;
use crate::store::{Connection, StoreError, session};

/// The envelopes that were inserted, each with the sync under which it is stored: another one, if it has been adopted.
pub type Inserted = HashMap<Uuid, Option<SyncId>>;

/// Inserts the envelopes. Returns which of them were new: the others were committed by an earlier try.
pub async fn insert(connection: &mut Connection, envelopes: &[&Envelope]) -> Result<Inserted, StoreError> {
    if envelopes.is_empty() {
        return Ok(Inserted::new());
    }
    let receipts = || envelopes.iter().map(|envelope| &envelope.receipt);
    let ids: Vec<Uuid> = receipts().map(|receipt| receipt.envelope_id).collect();
    let received: Vec<_> = receipts().map(|receipt| receipt.received_at).collect();
    let sent: Vec<_> = receipts().map(|receipt| receipt.sent_at).collect();
    let connections: Vec<&str> = receipts().map(|receipt| receipt.connection.as_str()).collect();
    let ips: Vec<_> = receipts().map(|receipt| receipt.source_ip).collect();
    let agents: Vec<Option<&str>> = receipts().map(|receipt| receipt.user_agent.as_deref()).collect();
    let events: Vec<&str> = envelopes.iter().map(|envelope| envelope.event.as_str()).collect();
    let syncs: Vec<_> = envelopes.iter().map(|envelope| envelope.sync_id.map(|sync| sync.0)).collect();
    let metadata: Vec<Option<&str>> = envelopes.iter().map(|envelope| envelope.metadata.as_deref()).collect();
    let counts: Vec<i32> =
        envelopes.iter().map(|envelope| i32::try_from(envelope.record_count).unwrap_or(i32::MAX)).collect();
    let outcomes: Vec<&str> = envelopes.iter().map(|envelope| envelope.outcome.as_str()).collect();
    let spooled: Vec<bool> = receipts().map(|receipt| receipt.was_spooled).collect();
    let bodies: Vec<&str> = envelopes.iter().map(|envelope| envelope.body.as_str()).collect();
    // Adoptions are read as a whole, once: a join could change the order of the rows, and a lookup for each row has the
    // statement planned again each time.
    let new = sqlx::query!(
        "insert into polysink.envelopes
             (envelope_id, received_at, sent_at, connection, event, sync_id, metadata, record_count, source_ip,
              user_agent, outcome, body, spooled)
         select e.envelope_id, e.received_at, e.sent_at, e.connection, e.event,
                coalesce(((select jsonb_object_agg(adopted_id, sync_id) from polysink.adoptions)
                              ->> e.sync_id::text)::uuid,
                         e.sync_id),
                e.metadata::jsonb, e.record_count, e.source_ip, e.user_agent, e.outcome, e.body, e.spooled
         from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::text[], $6::uuid[], $7::text[],
                     $8::integer[], $9::inet[], $10::text[], $11::text[], $12::text[], $13::boolean[])
              as e (envelope_id, received_at, sent_at, connection, event, sync_id, metadata, record_count, source_ip,
                    user_agent, outcome, body, spooled)
         on conflict do nothing
         returning envelope_id, sync_id",
        &ids,
        &received,
        &sent,
        &connections as _,
        &events as _,
        &syncs as _,
        &metadata as _,
        &counts,
        &ips as _,
        &agents as _,
        &outcomes as _,
        &bodies as _,
        &spooled,
    )
    .fetch_all(&mut *connection)
    .await?;
    session::trim(connection, bodies.iter().map(|body| body.len()).sum());
    Ok(new.into_iter().map(|row| (row.envelope_id, row.sync_id.map(SyncId))).collect())
}
