//! `polysink.erasures`: what was erased, without the data.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::changes::{self, ChangeAction};
use super::partitions::Partition;
use crate::columns::{EntityKeys, KeyColumn};
use crate::model::SyncId;
use crate::store::{Connection, HeldLock, Store, StoreError, wait_for_lock};

/// Serializes the start of an erasure with drains of spools; "polyeras" in ASCII.
const LOCK: i64 = 0x706f_6c79_6572_6173;

/// How far the clocks of an operator and of a replica may differ: what a replica received so long after an erasure
/// began may have come before it.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(5);

/// Limits of a vacuum, in seconds.
const LOCK_TIMEOUT: u64 = 10;
const STATEMENT_TIMEOUT: u64 = 6 * 3_600;

/// How much was erased, or would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ErasureCounts {
    /// Rows of the query table.
    pub rows: u64,
    /// Versions of the history.
    pub versions: u64,
    /// Records of the ledger.
    pub records: u64,
    /// Deliveries of the raw log, and the records that are cut out of them.
    pub deliveries: u64,
    pub sightings: u64,
    pub rejections: u64,
}

impl std::ops::Add for ErasureCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            versions: self.versions + other.versions,
            records: self.records + other.records,
            deliveries: self.deliveries + other.deliveries,
            sightings: self.sightings + other.sightings,
            rejections: self.rejections + other.rejections,
        }
    }
}

/// An erasure to record.
#[derive(Debug)]
pub struct NewErasure<'a> {
    pub erasure_id: Uuid,
    pub sync_id: SyncId,
    /// As the operator gave it.
    pub reference: Option<&'a str>,
    pub started_at: DateTime<Utc>,
    pub entity_keys: &'a EntityKeys,
    pub keys: Vec<&'a str>,
}

/// An erasure, as far as later deliveries of the same records are concerned.
#[derive(Debug)]
pub struct Erasure {
    pub erasure_id: Uuid,
    /// The ids under which the sync's deliveries are sent: its own, and those of syncs that it has adopted.
    sent_as: Vec<Uuid>,
    started_at: DateTime<Utc>,
    entity_keys: EntityKeys,
    digests: HashSet<Vec<u8>>,
}

/// The erasures that deliveries of a spool have to respect. While it lives, no other erasure starts, so that what is
/// written meanwhile is found by the next one.
#[derive(Debug)]
pub struct ErasureGuard {
    lock: HeldLock,
    pub erasures: Vec<Erasure>,
}

/// The digest of a key that the table has. The id keeps equal keys from looking equal.
fn digest(erasure_id: Uuid, key: &str) -> Vec<u8> {
    Sha256::new().chain_update(erasure_id.as_bytes()).chain_update(key.as_bytes()).finalize().to_vec()
}

impl Erasure {
    /// Whether a delivery with this id belongs to its sync.
    pub fn is_of(&self, sent_as: SyncId) -> bool {
        self.sent_as.contains(&sent_as.0)
    }

    /// Whether a spooled delivery that was received then loses the records: it came before the erasure, or may have, as
    /// far as two clocks can tell.
    pub fn reaches(&self, received_at: DateTime<Utc>) -> bool {
        received_at < self.started_at + CLOCKS_DIFFER
    }

    /// Whether a record belongs to an entity that was erased, or to none and was erased itself.
    pub fn has(&self, hash: Option<&str>, fields: Option<&str>) -> bool {
        // A record of no entity is erased by its hash.
        let key = self.entity_keys.of_record(hash, fields).or_else(|| hash.map(str::to_owned));
        key.is_some_and(|key| self.digests.contains(&digest(self.erasure_id, &key)))
    }
}

impl ErasureGuard {
    /// Counts the records that deliveries of a spool have lost, and lets erasures start again.
    ///
    /// * `erased`: by erasure
    pub async fn release(self, erased: &[(Uuid, u64)]) -> Result<(), StoreError> {
        let mut session = self.lock.into_session().await?;
        for (erasure_id, records) in erased {
            sqlx::query!(
                "update polysink.erasures set spooled = spooled + $2 where erasure_id = $1",
                erasure_id,
                records.cast_signed(),
            )
            .execute(&mut *session)
            .await?;
        }
        session.commit().await
    }
}

/// Ends an erasure, and earlier ones of the sync that were interrupted and had no other keys.
///
/// * `keys`: of its entities
pub async fn finish(
    connection: &mut Connection,
    erasure_id: Uuid,
    sync_id: SyncId,
    keys: &[&str],
    counts: &ErasureCounts,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let unfinished = sqlx::query!(
        "select erasure_id, key_digests from polysink.erasures
         where sync_id = $1 and finished_at is null and erasure_id <> $2",
        sync_id.0,
        erasure_id,
    )
    .fetch_all(&mut *connection)
    .await?;
    let covered = unfinished.into_iter().filter(|row| {
        let digests: HashSet<Vec<u8>> = keys.iter().map(|key| digest(row.erasure_id, key)).collect();
        row.key_digests.iter().all(|key| digests.contains(key))
    });
    let covered: Vec<Uuid> = covered.map(|row| row.erasure_id).collect();
    sqlx::query!("update polysink.erasures set finished_at = $2 where erasure_id = any($1)", &covered, now)
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "update polysink.erasures
         set finished_at = $2, rows = $3, versions = $4, records = $5, deliveries = $6, sightings = $7, rejections = $8
         where erasure_id = $1",
        erasure_id,
        now,
        counts.rows.cast_signed(),
        counts.versions.cast_signed(),
        counts.records.cast_signed(),
        counts.deliveries.cast_signed(),
        counts.sightings.cast_signed(),
        counts.rejections.cast_signed(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Records an erasure. From here on, what comes from a spool respects it.
pub async fn start(store: &Store, erasure: &NewErasure<'_>) -> Result<(), StoreError> {
    let digests: Vec<Vec<u8>> = erasure.keys.iter().map(|key| digest(erasure.erasure_id, key)).collect();
    let (identity, columns) = erasure.entity_keys.identity().cloned().unzip();
    let columns = columns.map(|columns| columns.iter().map(ToString::to_string).collect::<Vec<_>>());
    let mut session = store.begin().await?;
    wait_for_lock(&mut session, LOCK).await?;
    sqlx::query!(
        "insert into polysink.erasures (erasure_id, sync_id, reference, started_at, identity, key_columns, key_digests)
         values ($1, $2, $3, $4, $5, $6, $7)",
        erasure.erasure_id,
        erasure.sync_id.0,
        erasure.reference,
        erasure.started_at,
        identity as _,
        columns as _,
        &digests,
    )
    .execute(&mut *session)
    .await?;
    let after = json!({ "entities": digests.len(), "reference": erasure.reference });
    changes::insert(&mut session, Some(erasure.sync_id), ChangeAction::Forget, None, Some(after)).await?;
    session.commit().await
}

/// Whether an erasure of this sync was interrupted. It is over once one with the same keys has ended.
pub async fn has_unfinished(store: &Store, sync_id: SyncId) -> Result<bool, StoreError> {
    let mut session = store.begin().await?;
    let found = sqlx::query_scalar!(
        r#"select exists (select from polysink.erasures where sync_id = $1 and finished_at is null) as "found!""#,
        sync_id.0,
    )
    .fetch_one(&mut *session)
    .await?;
    session.commit().await?;
    Ok(found)
}

/// The erasures that reach deliveries which were received then or later, and a guard that keeps others from starting.
/// `None` while one is about to start.
pub async fn guard(store: &Store, received_at: DateTime<Utc>) -> Result<Option<ErasureGuard>, StoreError> {
    let mut session = store.unwatched().begin().await?;
    let held = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock_shared($1) as "held!""#, LOCK);
    if !held.fetch_one(&mut *session).await? {
        session.rollback().await?;
        return Ok(None);
    }
    let erasures = reaching(&mut session, received_at).await?;
    Ok(Some(ErasureGuard { lock: HeldLock::of(session), erasures }))
}

/// The erasures that reach deliveries which were received then or later.
pub async fn reaching(connection: &mut Connection, received_at: DateTime<Utc>) -> Result<Vec<Erasure>, StoreError> {
    let rows = sqlx::query!(
        r#"select e.erasure_id, e.started_at, e.identity, e.key_columns, e.key_digests,
                  array(select a.adopted_id from polysink.adoptions a
                  where a.sync_id = e.sync_id) || e.sync_id as "sent_as!"
           from polysink.erasures e where e.started_at > $1
           order by e.started_at"#,
        received_at - CLOCKS_DIFFER,
    )
    .fetch_all(connection)
    .await?;
    let erasures = rows.into_iter().map(|row| {
        let columns = row.key_columns.unwrap_or_default();
        let columns: Option<Vec<KeyColumn>> = columns.iter().map(|column| column.parse().ok()).collect();
        Erasure {
            erasure_id: row.erasure_id,
            sent_as: row.sent_as,
            started_at: row.started_at,
            entity_keys: EntityKeys::of(row.identity.zip(columns)),
            digests: row.key_digests.into_iter().collect(),
        }
    });
    Ok(erasures.collect())
}

/// Vacuums the tables that an erasure has deleted from, with their indexes, and analyzes them again: dead rows
/// and samples have the data too.
///
/// * `tables`: quoted, those of the query tables that there are
/// * `days`: of the raw log
pub async fn vacuum_after(store: &Store, tables: &[String], days: &BTreeSet<NaiveDate>) -> Result<(), StoreError> {
    let ours = ["polysink.records", "polysink.rejections"].map(str::to_owned);
    let days = days.iter().map(|day| format!("polysink.{}", Partition::of(*day).name()));
    let all: Vec<String> = tables.iter().cloned().chain(ours).chain(days).collect();
    let mut session = store.begin().await?;
    let there: Vec<String> = sqlx::query_scalar!(
        r#"select t.name as "name!" from unnest($1::text[]) as t (name) where to_regclass(t.name) is not null"#,
        &all,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    for table in there {
        // Behind a transaction pooler a vacuum can have no time limits, so it skips what is locked.
        if store.keeps_sessions() {
            let mut session = store.begin_outside(LOCK_TIMEOUT, STATEMENT_TIMEOUT).await?;
            let sql = format!("vacuum (analyze, index_cleanup on) {table}");
            let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *session).await;
            session.end_outside(done.map_err(StoreError::from)).await?;
        } else {
            let mut session = store.connect_outside().await?;
            let sql = format!("vacuum (analyze, index_cleanup on, skip_locked) {table}");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *session).await?;
            session.release();
        }
    }
    Ok(())
}
