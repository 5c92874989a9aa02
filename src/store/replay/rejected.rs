//! Replays what is in the quarantine, after a fix: what goes through is stored, and its rejection is settled.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::ReplayFilter;
use crate::envelope::{self, Envelope, Malformed, Receipt, Unparsed, parse};
use crate::store::fold::fold;
use crate::store::tables::backlog::{self, Waiting};
use crate::store::tables::{envelopes, rejections, syncs};
use crate::store::tx::savepoint;
use crate::store::write::{upsert_isolating, write_envelope};
use crate::store::{RejectedRecord, Store, StoreError};

/// A rejection that can be replayed, and its place in the order of receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RejectionReplay {
    pub rejection_id: Uuid,
    pub received_at: DateTime<Utc>,
}

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

/// The reasons that the projector gives.
const PROJECTION: [&str; 2] = ["key_too_large", "unprojectable"];

/// Bodies are decompressed up to this size, whatever the limit is now.
const MAX_BODY: usize = 1 << 30;

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

impl Store {
    /// How many rejections are open.
    pub async fn open_rejections(&self, filter: ReplayFilter) -> Result<i64, StoreError> {
        let mut session = self.begin().await?;
        let count = sqlx::query_scalar!(
            r#"select count(*) as "count!" from polysink.rejections
               where settled_at is null and ($1::uuid is null or sync_id = $1)
                 and ($2::timestamptz is null or received_at >= $2) and ($3::timestamptz is null or received_at < $3)"#,
            filter.sync_id.map(|sync_id| sync_id.0),
            filter.since,
            filter.until,
        )
        .fetch_one(&mut *session)
        .await?;
        session.commit().await?;
        Ok(count)
    }

    /// The next open rejections in the order of receipt.
    ///
    /// * `after`: the last of the page before
    pub async fn next_rejections(
        &self,
        filter: ReplayFilter,
        after: Option<RejectionReplay>,
        limit: i64,
    ) -> Result<Vec<RejectionReplay>, StoreError> {
        let mut session = self.begin().await?;
        let rows = sqlx::query_as!(
            RejectionReplay,
            "select rejection_id, received_at from polysink.rejections
             where settled_at is null and ($1::uuid is null or sync_id = $1)
               and ($2::timestamptz is null or received_at >= $2) and ($3::timestamptz is null or received_at < $3)
               and ($4::timestamptz is null or (received_at, rejection_id) > ($4, $5::uuid))
             order by received_at, rejection_id
             limit $6",
            filter.sync_id.map(|sync_id| sync_id.0),
            filter.since,
            filter.until,
            after.map(|after| after.received_at),
            after.map(|after| after.rejection_id),
            limit,
        )
        .fetch_all(&mut *session)
        .await?;
        session.commit().await?;
        Ok(rows)
    }

    /// Replays one rejection, in a transaction of its own.
    ///
    /// * `corrected`: what to store in place of its payload
    pub async fn replay_rejection(
        &self,
        id: Uuid,
        corrected: Option<&[u8]>,
        now: DateTime<Utc>,
    ) -> Result<Verdict, StoreError> {
        let Some((rejection, _)) = self.rejection(id).await? else { return Ok(Verdict::Settled) };
        // What becomes an envelope only now goes to the day on which it was received.
        self.make_partitions_of(HashSet::from([rejection.received_at.date_naive()])).await?;
        let mut session = self.begin().await?;
        let done = self.replay_open(&mut session, id, corrected, now).await;
        let (verdict, changes) = session.conclude(done).await?;
        self.known_syncs.remember(changes);
        Ok(verdict)
    }

    async fn replay_open(
        &self,
        transaction: &mut PgConnection,
        id: Uuid,
        corrected: Option<&[u8]>,
        now: DateTime<Utc>,
    ) -> Result<(Verdict, Vec<syncs::Change>), StoreError> {
        let Some(mut open) = Open::find(transaction, id).await? else { return Ok((Verdict::Settled, Vec::new())) };
        if let Some(corrected) = corrected {
            corrected.clone_into(&mut open.payload);
        }
        let done = match (open.scope.as_str(), corrected) {
            ("envelope", _) => self.write_rejected(transaction, open.as_envelope()).await?,
            // The delivery has them as they were.
            (_, Some(_)) => self.write_rejected(transaction, open.records_as_envelope()).await?,
            (_, None) => self.replay_records(transaction, &open).await?,
        };
        Ok(match done {
            Ok((Verdict::Stored, changes)) => {
                settle(transaction, id, "replayed", now).await?;
                (Verdict::Stored, changes)
            }
            Ok(other) => other,
            Err(why) => (Verdict::Open(why), Vec::new()),
        })
    }

    /// Writes an envelope that is not in the raw log, like a new delivery. The error is that of its data.
    async fn write_rejected(
        &self,
        transaction: &mut PgConnection,
        envelope: Result<Envelope, String>,
    ) -> Result<Result<(Verdict, Vec<syncs::Change>), String>, StoreError> {
        let envelope = match envelope {
            Ok(envelope) => envelope,
            Err(why) => return Ok(Err(why)),
        };
        savepoint::mark(transaction).await?;
        let mut rejected = Vec::new();
        let done = write_envelope(transaction, &envelope, &mut rejected, &self.known_syncs).await;
        let done = savepoint::conclude(transaction, done).await?;
        Ok(done.map(|(_, changes)| (Verdict::Stored, changes)).map_err(|error| error.to_string()))
    }

    /// Replays records of a delivery that was otherwise stored.
    async fn replay_records(
        &self,
        transaction: &mut PgConnection,
        open: &Open,
    ) -> Result<Result<(Verdict, Vec<syncs::Change>), String>, StoreError> {
        let by_projector = PROJECTION.contains(&open.reason.as_str());
        let Some(mut envelope) = open.find_delivery(transaction).await? else {
            if by_projector {
                return Ok(Err(
                    "its delivery is no longer kept; `polysink rebuild` projects it from the ledger".to_owned()
                ));
            }
            return self.write_rejected(transaction, open.records_as_envelope()).await;
        };
        if by_projector {
            backlog::insert(transaction, &[&envelope], true).await?;
            return Ok(Ok((Verdict::Projecting, Vec::new())));
        }
        let positions: HashSet<i32> = open.positions.iter().copied().collect();
        envelope.records.retain(|record| positions.contains(&record.position.cast_signed()));
        envelope.rejections.retain(|rejection| positions.contains(&rejection.position.cast_signed()));
        if envelope.records.is_empty() {
            let why = envelope.rejections.first().map(|rejection| rejection.detail.to_string());
            return Ok(Err(why.unwrap_or_else(|| "the delivery has no such record".to_owned())));
        }
        savepoint::mark(transaction).await?;
        let changes = syncs::upsert(transaction, self.known_syncs.changes(&[&envelope])).await?;
        let mut refused = Vec::new();
        // None of them is counted yet: the ledger or the parser refused them when the delivery came.
        upsert_isolating(transaction, &fold(&[&envelope]), &envelope, &mut refused).await?;
        if refused.len() == envelope.records.len() {
            savepoint::undo(transaction).await?;
            return Ok(Err(refused[0].detail.to_string()));
        }
        savepoint::keep(transaction).await?;
        let failing = envelope.rejections.iter().chain(&refused);
        let failing = failing.map(|rejection| RejectedRecord::of(&envelope, rejection)).collect();
        rejections::insert_records(transaction, failing).await?;
        // As if for the first time: these records have not been learned from.
        backlog::insert(transaction, &[&envelope], false).await?;
        Ok(Ok((Verdict::Stored, changes)))
    }
}

impl Open {
    async fn find(transaction: &mut PgConnection, id: Uuid) -> Result<Option<Self>, StoreError> {
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
    fn receipt(&self, envelope_id: Uuid) -> Receipt {
        Receipt {
            envelope_id,
            received_at: self.received_at,
            sent_at: self.sent_at,
            connection: self.connection.clone(),
            source_ip: None,
            user_agent: None,
        }
    }

    /// A whole body, read again.
    fn as_envelope(&self) -> Result<Envelope, String> {
        let body = envelope::decode(self.payload.clone(), MAX_BODY, |_| Ok(()));
        let body = body.map_err(|(error, _)| error.to_string())?;
        self.parse(body)
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
        parse(body, self.receipt(self.rejection_id), usize::MAX).map_err(|error| match error {
            Unparsed::Malformed(malformed) => {
                let Malformed { detail, .. } = *malformed;
                detail
            }
            error @ Unparsed::TooManyRecords { .. } => error.to_string(),
        })
    }

    /// The delivery that the records came in; `None` if the raw log does not have it any more.
    async fn find_delivery(&self, transaction: &mut PgConnection) -> Result<Option<Envelope>, StoreError> {
        let Some(envelope_id) = self.envelope_id else { return Ok(None) };
        let waiting = Waiting {
            envelope_id,
            received_at: self.received_at,
            sent_at: self.sent_at,
            replayed: true,
            records: 0,
            bytes: 0,
        };
        let delivered = envelopes::bodies(transaction, &[waiting]).await?.pop();
        Ok(delivered.and_then(|delivered| parse(delivered.body, delivered.receipt, usize::MAX).ok()))
    }
}

async fn settle(
    transaction: &mut PgConnection,
    id: Uuid,
    settlement: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update polysink.rejections set settled_at = $2, settlement = $3 where rejection_id = $1",
        id,
        now,
        settlement,
    )
    .execute(transaction)
    .await?;
    Ok(())
}
