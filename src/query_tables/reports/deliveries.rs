//! The whole life of a delivery: its head, each of its records and where it went, and when that was.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::columns::EntityKeys;
use crate::model::SyncId;
use crate::query_tables::QueryTables;
use crate::store::tables::envelopes::life::{self, DeliveryRow};
use crate::store::tables::envelopes::{StoredDelivery, bodies};
use crate::store::tables::{backlog, fields, passes, rejections, syncs};
use crate::store::{Connection, Store, StoreError};

/// A delivery, and what became of it.
#[derive(Debug, Serialize)]
pub struct DeliveryLife {
    #[serde(flatten)]
    pub head: DeliveryRow,
    /// The table of its sync; `None` without a sync.
    pub table: Option<String>,
    pub sync_name: Option<String>,
    pub projection: DeliveryProjection,
    /// Some of its records, by position; empty if the body is no longer kept, or too large to be read.
    pub records_shown: Vec<RecordLife>,
    /// Whether the body was too large to be read.
    pub is_too_large: bool,
    /// The JSON as received; `None` as for the records.
    #[serde(skip)]
    pub body: Option<String>,
}

/// Whether a delivery is in the query tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum DeliveryProjection {
    /// It has nothing for the query tables.
    None,
    Waiting {
        since: DateTime<Utc>,
    },
    /// `at` is `None` if that was too long ago to be known.
    Projected {
        at: Option<DateTime<Utc>>,
    },
}

/// A record of a delivery.
#[derive(Debug, Serialize)]
pub struct RecordLife {
    /// Its index in `object.records`, counted from 0.
    pub position: u32,
    pub hash: Option<String>,
    pub outcome: RecordOutcome,
    /// The key of its row in the query table; `None` if it has none.
    pub key: Option<String>,
    /// Whether the query table has that row.
    pub has_row: bool,
    /// Its JSON, as received.
    #[serde(skip)]
    pub json: String,
}

/// Where a record went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum RecordOutcome {
    /// This delivery was the first to bring it.
    New,
    /// The ledger had it. `first` is the delivery that brought it first.
    Duplicate { first: Uuid, times_received: i64 },
    /// It is in quarantine, or was.
    Rejected { rejection_id: Option<Uuid>, reason: String, detail: String, is_open: bool },
    /// The ledger does not have it: it was erased, or is about to be restored by a replay.
    Missing,
}

impl RecordOutcome {
    /// In the words of commands and pages.
    pub fn in_words(&self) -> String {
        match self {
            Self::New => "new".to_owned(),
            Self::Duplicate { first, .. } => format!("duplicate, first in {first}"),
            Self::Rejected { reason, is_open: true, .. } => format!("rejected: {reason}"),
            Self::Rejected { reason, is_open: false, .. } => format!("rejected: {reason}; resolved"),
            Self::Missing => "not in the ledger".to_owned(),
        }
    }
}

/// The latest deliveries, the latest first, each with how many of its records were rejected.
///
/// * `sync_id`: `None` for those of all syncs
/// * `now`: deliveries that were received later are left out
pub async fn latest(
    connection: &mut Connection,
    sync_id: Option<SyncId>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(DeliveryRow, i64)>, StoreError> {
    let rows = life::latest(connection, sync_id, now, limit).await?;
    let places: Vec<_> = rows.iter().map(DeliveryRow::place).collect();
    let rejected = rejections::counts_of_deliveries(connection, &places).await?;
    let with_count = |row: DeliveryRow| {
        let count = rejected.get(&row.envelope_id).copied().unwrap_or_default();
        (row, count)
    };
    Ok(rows.into_iter().map(with_count).collect())
}

/// Reads a delivery's life; `None` if no delivery has that id.
///
/// * `most_records`: how many of its records are looked up
/// * `most_bytes`: a longer body is not read
pub async fn find(
    store: &Store,
    id: Uuid,
    most_records: usize,
    most_bytes: usize,
) -> Result<Option<DeliveryLife>, StoreError> {
    let mut session = store.begin().await?;
    let connection = &mut *session;
    let Some(head) = life::find(connection, id).await? else {
        session.commit().await?;
        return Ok(None);
    };
    let sync = match head.sync_id {
        Some(id) => syncs::state(connection, SyncId(id)).await?,
        None => None,
    };
    let projection = projection(connection, &head).await?;
    let is_too_large = head.bytes.is_some_and(|bytes| usize::try_from(bytes).is_ok_and(|bytes| bytes > most_bytes));
    let mut read = None;
    if head.bytes.is_some() && !is_too_large {
        read = bodies(connection, [head.place()]).await?.pop();
    }
    let body = read.as_ref().map(|delivered| delivered.body.clone());
    let mut records_shown = Vec::new();
    if let (Some(delivered), Some(sync)) = (read, &sync) {
        let catalogue = fields::load(connection, sync.sync_id).await?;
        let keys = sync.entity_keys(&catalogue);
        let tables = QueryTables::synced(&sync.table_name);
        let of = RecordsOf { sync_id: sync.sync_id, id, keys, tables, most: most_records };
        records_shown = of.read(connection, delivered).await?;
    }
    session.commit().await?;
    let (table, sync_name) = sync.map(|sync| (sync.table_name, sync.name)).unzip();
    let sync_name = sync_name.flatten();
    Ok(Some(DeliveryLife { head, table, sync_name, projection, records_shown, is_too_large, body }))
}

async fn projection(connection: &mut Connection, head: &DeliveryRow) -> Result<DeliveryProjection, StoreError> {
    let Some(sync_id) = head.sync_id.filter(|_| head.records > 0 && head.outcome == "stored") else {
        return Ok(DeliveryProjection::None);
    };
    if let Some(since) = backlog::waits_since(connection, head.envelope_id).await? {
        return Ok(DeliveryProjection::Waiting { since });
    }
    let at = match head.stored_at {
        Some(stored_at) => {
            passes::projected_at(connection, SyncId(sync_id), head.place(), head.sent_at, stored_at).await?
        }
        None => None,
    };
    Ok(DeliveryProjection::Projected { at })
}

/// How the records of a delivery are looked up.
struct RecordsOf {
    sync_id: SyncId,
    id: Uuid,
    keys: EntityKeys,
    tables: QueryTables,
    most: usize,
}

impl RecordsOf {
    async fn read(
        &self,
        connection: &mut Connection,
        delivered: StoredDelivery,
    ) -> Result<Vec<RecordLife>, StoreError> {
        let received_at = delivered.receipt.received_at;
        let Ok(envelope) = delivered.parse() else { return Ok(Vec::new()) };
        let raw: Vec<_> = envelope.raw_records().into_iter().take(self.most).collect();
        let valid: HashMap<u32, _> = envelope.records.iter().map(|record| (record.position, record)).collect();
        let invalid: HashMap<u32, _> = envelope.rejections.iter().map(|record| (record.position, record)).collect();
        let hashes: Vec<&str> = raw.iter().filter_map(|(at, _)| Some(valid.get(at)?.hash.as_str())).collect();
        let first = first_sightings(connection, self.sync_id, &hashes).await?;
        let quarantined = rejections::of_delivery(connection, received_at, self.id).await?;
        let mut records: Vec<RecordLife> = Vec::with_capacity(raw.len());
        for (position, range) in raw {
            let record = valid.get(&position);
            let hash = record.map(|record| record.hash.as_str().to_owned());
            let key =
                record.and_then(|record| self.keys.of_record(hash.as_deref(), Some(record.fields(&envelope.body))));
            let outcome = if let Some(rejection) = quarantined.get(&position.cast_signed()) {
                RecordOutcome::Rejected {
                    rejection_id: Some(rejection.rejection_id),
                    reason: rejection.reason.clone(),
                    detail: rejection.detail.clone(),
                    is_open: rejection.is_open,
                }
            } else if let Some(rejection) = invalid.get(&position) {
                RecordOutcome::Rejected {
                    rejection_id: None,
                    reason: rejection.reason.to_owned(),
                    detail: rejection.detail.to_string(),
                    is_open: true,
                }
            } else {
                match hash.as_deref().and_then(|hash| first.get(hash)) {
                    Some(seen) if (seen.envelope_id, seen.position) == (self.id, position.cast_signed()) => {
                        RecordOutcome::New
                    }
                    Some(seen) => {
                        RecordOutcome::Duplicate { first: seen.envelope_id, times_received: seen.times_received }
                    }
                    None => RecordOutcome::Missing,
                }
            };
            let json = envelope.body[range].to_owned();
            records.push(RecordLife { position, hash, outcome, key, has_row: false, json });
        }
        let keys: Vec<&str> = records.iter().filter_map(|record| record.key.as_deref()).collect();
        let rows = self.rows_with(connection, &keys).await?;
        for record in &mut records {
            record.has_row = record.key.as_ref().is_some_and(|key| rows.contains(key));
        }
        Ok(records)
    }

    /// Those of the keys that have a row.
    async fn rows_with(&self, connection: &mut Connection, keys: &[&str]) -> Result<HashSet<String>, StoreError> {
        if keys.is_empty() || !self.tables.exist(connection).await?.0 {
            return Ok(HashSet::new());
        }
        let sql = format!("select _key from {} where _key = any($1)", self.tables.table);
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).bind(keys).fetch_all(connection).await?;
        Ok(rows.into_iter().collect())
    }
}

/// The first sighting of a record.
struct FirstSighting {
    envelope_id: Uuid,
    position: i32,
    times_received: i64,
}

async fn first_sightings(
    connection: &mut Connection,
    sync_id: SyncId,
    hashes: &[&str],
) -> Result<HashMap<String, FirstSighting>, StoreError> {
    let rows = sqlx::query!(
        "select hash, first_envelope_id, first_position, times_received from polysink.records
         where sync_id = $1 and hash = any($2)",
        sync_id.0,
        hashes as _,
    )
    .fetch_all(connection)
    .await?;
    let first = rows.into_iter().map(|row| {
        let first = FirstSighting {
            envelope_id: row.first_envelope_id,
            position: row.first_position,
            times_received: row.times_received,
        };
        (row.hash, first)
    });
    Ok(first.collect())
}
