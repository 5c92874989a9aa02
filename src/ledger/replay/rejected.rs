//! Replays what is in the quarantine, after a fix: what goes through is stored, and its rejection is settled.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::envelope::{self, Envelope, Receipt, parse};
use crate::ledger::fold::fold;
use crate::ledger::isolate::{upsert_isolating, write_envelope};
use crate::store::tables::{backlog, envelopes, partitions, rejections, syncs};
use crate::store::tx::savepoint;
use crate::store::{Connection, LogPlace, RejectedRecord, Store, StoreError};

/// What became of a rejection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is stored, and the rejection settled.
    Stored,
    /// Its delivery is projected again. The rejection is settled once that has worked.
    Projecting,
    /// It was settled before, or there is none.
    Settled,
    /// It is still wrong, for this reason; the rejection stays open.
    Open(String),
}

/// What became of a rejection, and the syncs that it changed.
type Done = (Verdict, Vec<syncs::Change>);

/// The reasons that the projector gives.
const PROJECTION: [&str; 2] = ["key_too_large", "unprojectable"];

/// An open rejection.
struct Open {
    rejection_id: Uuid,
    received_at: DateTime<Utc>,
    sent_at: DateTime<Utc>,
    connection: String,
    scope: String,
    reason: String,
    sync_id: Option<Uuid>,
    envelope_id: Option<Uuid>,
    positions: Vec<i32>,
    payload: Vec<u8>,
}

/// Replays one rejection, in a transaction of its own.
///
/// * `corrected`: what to store in place of its payload
pub async fn replay_rejection(
    store: &Store,
    id: Uuid,
    corrected: Option<&[u8]>,
    now: DateTime<Utc>,
) -> Result<Verdict, StoreError> {
    let mut session = store.begin().await?;
    let received_at = sqlx::query_scalar!("select received_at from polysink.rejections where rejection_id = $1", id)
        .fetch_optional(&mut *session)
        .await?;
    session.commit().await?;
    let Some(received_at) = received_at else { return Ok(Verdict::Settled) };
    // What becomes an envelope only now goes to the day on which it was received.
    partitions::make_days(store, BTreeSet::from([received_at.date_naive()])).await?;
    let mut session = store.begin().await?;
    let done = replay_open(store, &mut session, id, corrected, now).await;
    let (verdict, changes) = session.conclude(done).await?;
    store.known_syncs().remember(changes);
    Ok(verdict)
}

async fn replay_open(
    store: &Store,
    transaction: &mut Connection,
    id: Uuid,
    corrected: Option<&[u8]>,
    now: DateTime<Utc>,
) -> Result<Done, StoreError> {
    let Some(mut open) = Open::find(transaction, id).await? else { return Ok((Verdict::Settled, Vec::new())) };
    if let Some(corrected) = corrected {
        corrected.clone_into(&mut open.payload);
    }
    let (verdict, changes) = match (open.scope.as_str(), corrected) {
        ("envelope", _) => write_rejected(store, transaction, open.as_envelope()).await?,
        // The delivery has them as they were.
        (_, Some(_)) => write_rejected(store, transaction, open.records_as_envelope()).await?,
        (_, None) => replay_records(store, transaction, &open).await?,
    };
    if verdict == Verdict::Stored {
        settle(transaction, id, now).await?;
    }
    Ok((verdict, changes))
}

/// Writes an envelope that is not in the raw log, like a new delivery.
///
/// * `envelope`: or why there is none
async fn write_rejected(
    store: &Store,
    transaction: &mut Connection,
    envelope: Result<Envelope, String>,
) -> Result<Done, StoreError> {
    let mut envelope = match envelope {
        Ok(envelope) => envelope,
        Err(why) => return Ok(still_open(why)),
    };
    savepoint::mark(transaction).await?;
    let mut rejected = Vec::new();
    let done = write_envelope(transaction, &mut envelope, &mut rejected, store.known_syncs()).await;
    Ok(match savepoint::conclude(transaction, done).await? {
        Ok((_, changes)) => (Verdict::Stored, changes),
        Err(error) => still_open(error.to_string()),
    })
}

/// Replays records of a delivery that was otherwise stored.
async fn replay_records(store: &Store, transaction: &mut Connection, open: &Open) -> Result<Done, StoreError> {
    let by_projector = PROJECTION.contains(&open.reason.as_str());
    let Some(mut envelope) = open.find_delivery(transaction).await? else {
        if by_projector {
            return Ok(still_open("its delivery is no longer kept; `polysink rebuild` projects it from the ledger"));
        }
        return write_rejected(store, transaction, open.records_as_envelope()).await;
    };
    if by_projector {
        backlog::insert(transaction, &[&envelope], true).await?;
        return Ok((Verdict::Projecting, Vec::new()));
    }
    let positions: HashSet<i32> = open.positions.iter().copied().collect();
    envelope.records.retain(|record| positions.contains(&record.position.cast_signed()));
    envelope.rejections.retain(|rejection| positions.contains(&rejection.position.cast_signed()));
    if envelope.records.is_empty() {
        let why = envelope.rejections.first().map(|rejection| rejection.detail.as_ref());
        return Ok(still_open(why.unwrap_or("the delivery has no such record")));
    }
    savepoint::mark(transaction).await?;
    let changes = syncs::upsert(transaction, store.known_syncs(), &[&envelope]).await?;
    let mut refused = Vec::new();
    // None of them is counted yet: the ledger or the parser refused them when the delivery came.
    upsert_isolating(transaction, &fold(&[&envelope]), &envelope, &mut refused).await?;
    if refused.len() == envelope.records.len() {
        savepoint::undo(transaction).await?;
        return Ok(still_open(refused[0].detail.as_ref()));
    }
    savepoint::keep(transaction).await?;
    let failing = envelope.rejections.iter().chain(&refused);
    let failing = failing.map(|rejection| RejectedRecord::of(&envelope, rejection)).collect();
    rejections::insert_records(transaction, failing).await?;
    // As if for the first time: these records have not been learned from.
    backlog::insert(transaction, &[&envelope], false).await?;
    Ok((Verdict::Stored, changes))
}

fn still_open(why: impl Into<String>) -> Done {
    (Verdict::Open(why.into()), Vec::new())
}

impl Open {
    async fn find(transaction: &mut Connection, id: Uuid) -> Result<Option<Self>, StoreError> {
        let row = sqlx::query_as!(
            Self,
            r#"select rejection_id, received_at, sent_at, connection, scope, reason, sync_id, envelope_id,
                      coalesce(positions, array_remove(array[position], null)) as "positions!", payload
               from polysink.rejections
               where rejection_id = $1 and settled_at is null
               for update"#,
            id,
        )
        .fetch_optional(transaction)
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
        }
    }

    /// A whole body, read again.
    fn as_envelope(&self) -> Result<Envelope, String> {
        let body = rejections::body(self.payload.clone());
        self.parse(body.map_err(|error| error.to_string())?)
    }

    /// Records whose delivery is no longer kept, as a delivery of their own.
    fn records_as_envelope(&self) -> Result<Envelope, String> {
        let payload = std::str::from_utf8(&self.payload).map_err(|error| error.to_string())?;
        let records = if payload.starts_with('[') { payload.to_owned() } else { format!("[{payload}]") };
        let sync_id = self.sync_id.ok_or("its sync is not known")?;
        let (event, id) = (json!(envelope::RECORDS_EVENT), json!(sync_id));
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
    async fn find_delivery(&self, transaction: &mut Connection) -> Result<Option<Envelope>, StoreError> {
        let Some(envelope_id) = self.envelope_id else { return Ok(None) };
        let place = LogPlace { received_at: self.received_at, envelope_id };
        let delivered = envelopes::bodies(transaction, [place]).await?.pop();
        Ok(delivered.and_then(|delivered| delivered.parse().ok()))
    }
}

async fn settle(transaction: &mut Connection, id: Uuid, now: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!(
        "update polysink.rejections set settled_at = $2, settlement = 'replayed' where rejection_id = $1",
        id,
        now,
    )
    .execute(transaction)
    .await?;
    Ok(())
}
