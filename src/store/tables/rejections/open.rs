//! The quarantine's statements for a replay.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::envelope::{DecodeError, Envelope, RECORDS_EVENT, Receipt, decode, parse};
use crate::store::tables::envelopes::{self, LogPlace};
use crate::store::{Connection, StoreError};

/// Bodies are decompressed up to this size, whatever the limit is now.
const MAX_BODY: usize = 1 << 30;

/// The text of a whole body in the quarantine.
pub fn body(payload: Vec<u8>) -> Result<String, DecodeError> {
    decode(payload, MAX_BODY, |_| Ok(())).map_err(|(error, _)| error)
}

/// An open rejection, as a replay reads it.
#[derive(Debug)]
pub struct OpenRejection {
    pub rejection_id: Uuid,
    received_at: DateTime<Utc>,
    sent_at: DateTime<Utc>,
    connection: String,
    pub scope: String,
    pub reason: String,
    sync_id: Option<Uuid>,
    envelope_id: Option<Uuid>,
    pub positions: Vec<i32>,
    pub payload: Vec<u8>,
}

impl OpenRejection {
    /// Locks it; `None` if it is not open, or does not exist.
    pub async fn find(connection: &mut Connection, id: Uuid) -> Result<Option<Self>, StoreError> {
        let row = sqlx::query_as!(
            Self,
            r#"select rejection_id, received_at, sent_at, connection, scope, reason, sync_id, envelope_id,
                      coalesce(positions, array_remove(array[position], null)) as "positions!", payload
               from polysink.rejections
               where rejection_id = $1 and settled_at is null
               for update"#,
            id,
        )
        .fetch_optional(connection)
        .await?;
        Ok(row)
    }

    /// As when it was received, but for the address and the agent, which the quarantine does not keep.
    fn receipt(&self) -> Receipt {
        Receipt {
            envelope_id: self.rejection_id,
            received_at: self.received_at,
            sent_at: self.sent_at,
            connection: self.connection.clone(),
            source_ip: None,
            user_agent: None,
            was_spooled: false,
        }
    }

    /// A whole body, read again.
    pub fn as_envelope(&self) -> Result<Envelope, String> {
        let body = body(self.payload.clone());
        self.parse(body.map_err(|error| error.to_string())?)
    }

    /// Records whose delivery is no longer kept, as a delivery of their own.
    pub fn records_as_envelope(&self) -> Result<Envelope, String> {
        let payload = std::str::from_utf8(&self.payload).map_err(|error| error.to_string())?;
        let records = if payload.starts_with('[') { payload.to_owned() } else { format!("[{payload}]") };
        let sync_id = self.sync_id.ok_or("its sync is not known")?;
        let (event, id) = (json!(RECORDS_EVENT), json!(sync_id));
        let envelope = self.parse(format!(r#"{{"event":{event},"object":{{"id":{id},"records":{records}}}}}"#))?;
        match envelope.rejections.first() {
            Some(rejection) if envelope.records.is_empty() => Err(rejection.detail.to_string()),
            _ => Ok(envelope),
        }
    }

    fn parse(&self, body: String) -> Result<Envelope, String> {
        parse(body, self.receipt(), usize::MAX).map_err(|error| error.to_string())
    }

    /// The delivery that the records came in; `None` if the raw log does not have it any more.
    pub async fn find_delivery(&self, connection: &mut Connection) -> Result<Option<Envelope>, StoreError> {
        let Some(envelope_id) = self.envelope_id else { return Ok(None) };
        let place = LogPlace { received_at: self.received_at, envelope_id };
        let delivered = envelopes::bodies(connection, [place]).await?.pop();
        Ok(delivered.and_then(|delivered| delivered.parse().ok()))
    }
}

/// Resolves a rejection whose replay succeeded.
pub async fn resolve_replayed(connection: &mut Connection, id: Uuid, now: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!(
        "update polysink.rejections set settled_at = $2, settlement = 'replayed' where rejection_id = $1",
        id,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
