//! Replays: restores what the raw log has and the ledger is missing, and projects the deliveries again.
//!
//! The ledger counts how often a record was received. No row says which deliveries it counts, so a replay does not add
//! to what it finds there: it counts how often all deliveries of its syncs have each record, in a table of its own, and
//! compares at the end. The comparison has one snapshot, in which the deliveries that came meanwhile are counted first,
//! so both sides are of the same deliveries, and the difference is what the ledger is missing, or has too much.
//! Whatever comes after the snapshot adds to the ledger as ever, and the difference stays the same. Hence a replay can
//! be interrupted and repeated, and changes nothing in a ledger that is right.

mod rejected;

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::fold::fold;
use super::isolate::upsert_isolating;
use crate::envelope::{Envelope, Outcome};
use crate::model::SyncId;
use crate::store::tables::changes::{self, ChangeAction};
use crate::store::tables::expired::raw_log_begins;
use crate::store::tables::records::LedgerRow;
use crate::store::tables::replays::{self, Listed};
use crate::store::tables::{backlog, envelopes, records, rejections, syncs};
use crate::store::tx::savepoint;
use crate::store::{Connection, HeldLock, RejectedRecord, Replay, ReplayFilter, Store, StoreError};
pub use rejected::{Verdict, replay_rejection};

/// The lock of the command that replays, one at a time; "polyrepl" in ASCII.
const LOCK: i64 = 0x706f_6c79_7265_706c;

/// A batch is closed at this many records or bytes; it always has one delivery. It locks the rows of its records, and
/// live deliveries of the same records wait for them.
const BATCH_RECORDS: i32 = 2_000;
const BATCH_BYTES: i32 = 4 << 20;
const BATCH_DELIVERIES: i64 = 500;

/// How many counts are corrected in one transaction.
const CORRECTIONS: i64 = 2_000;

/// If no more deliveries than this have come meanwhile, they are counted in the transaction that compares.
const FEW: i64 = 1_000;

/// The counts of a part of a replay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Deliveries that are written again.
    pub deliveries: u64,
    /// The same, and deliveries that are only counted.
    pub done: u64,
    /// Records that the ledger lacked.
    pub new: u64,
    /// Records whose count was wrong.
    pub corrected: u64,
    /// Records that the ledger refused, and the quarantine has now.
    pub rejected: u64,
    /// Whether there was nothing left.
    pub ended: bool,
}

impl std::ops::Add for Replayed {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            deliveries: self.deliveries + other.deliveries,
            done: self.done + other.done,
            new: self.new + other.new,
            corrected: self.corrected + other.corrected,
            rejected: self.rejected + other.rejected,
            ended: self.ended || other.ended,
        }
    }
}

/// The counts of a transaction, and the syncs that it changed.
type Done = (Replayed, Vec<syncs::Change>);

/// Takes the lock of replays; `None` while another process replays.
pub async fn hold_lock(store: &Store) -> Result<Option<HeldLock>, StoreError> {
    HeldLock::take(store, LOCK).await
}

/// The replay that was started and has not ended.
pub async fn unfinished(store: &Store) -> Result<Option<Replay>, StoreError> {
    let mut session = store.begin().await?;
    let unfinished = replays::unfinished(&mut session).await?;
    session.commit().await?;
    Ok(unfinished)
}

/// Starts a replay; the caller holds its lock, and every earlier one has ended.
pub async fn start(store: &Store, filter: ReplayFilter, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    replays::lock(&mut session).await?;
    replays::insert(&mut session, filter, now).await?;
    replays::list(&mut session, filter, true).await?;
    let after = json!({ "since": filter.since, "until": filter.until });
    changes::insert(&mut session, filter.sync_id, ChangeAction::Replay, None, Some(after)).await?;
    session.commit().await
}

/// Does the next part of the replay, in one transaction.
pub async fn next_part(store: &Store, now: DateTime<Utc>) -> Result<Replayed, StoreError> {
    let mut session = store.begin().await?;
    replays::lock(&mut session).await?;
    let done = go_on(store, &mut session).await;
    let Some((replayed, changes)) = session.conclude(done).await? else { return compare(store, now).await };
    store.known_syncs().remember(changes);
    Ok(replayed)
}

/// Goes through the next deliveries, or corrects the next counts, or ends. `None` when the ledger is to be compared.
async fn go_on(store: &Store, transaction: &mut Connection) -> Result<Option<Done>, StoreError> {
    let replayed = match replays::unfinished(transaction).await? {
        None => Replayed { ended: true, ..Replayed::default() },
        Some(replay) if replay.is_counted => correct(transaction).await?,
        Some(_) => return write_next(store, transaction).await,
    };
    Ok(Some((replayed, Vec::new())))
}

/// Writes and counts the next deliveries; `None` if there are none.
async fn write_next(store: &Store, transaction: &mut Connection) -> Result<Option<Done>, StoreError> {
    let listed = next(transaction).await?;
    if listed.is_empty() {
        return Ok(None);
    }
    let waiting: Vec<_> = listed.iter().map(|listed| listed.waiting).collect();
    let delivered = envelopes::bodies(transaction, waiting.iter().map(backlog::PendingDelivery::place)).await?;
    let mut all = tokio::task::block_in_place(|| {
        let parsed = delivered.into_iter().filter_map(|delivered| delivered.parse().ok());
        parsed.filter(|envelope| envelope.outcome == Outcome::Stored).collect::<Vec<Envelope>>()
    });
    let unstorable = rejections::unstorable(transaction, &waiting).await?;
    for envelope in &mut all {
        let id = envelope.receipt.envelope_id;
        envelope.records.retain(|record| !unstorable.contains(&(id, record.position.cast_signed())));
    }
    let rewritten: HashSet<Uuid> =
        listed.iter().filter(|listed| listed.rewritten).map(|listed| listed.waiting.envelope_id).collect();
    let (mut rewritten, counted): (Vec<Envelope>, Vec<Envelope>) =
        all.into_iter().partition(|envelope| rewritten.contains(&envelope.receipt.envelope_id));
    let mut replayed = Replayed {
        deliveries: listed.iter().filter(|listed| listed.rewritten).count() as u64,
        done: listed.len() as u64,
        ..Replayed::default()
    };
    let changes = write_again(store, transaction, &mut rewritten, &mut replayed).await?;
    replays::count(transaction, &times(rewritten.iter().chain(&counted))).await?;
    let ids: Vec<Uuid> = waiting.iter().map(|waiting| waiting.envelope_id).collect();
    replays::finish(transaction, &ids).await?;
    Ok(Some((replayed, changes)))
}

/// Writes deliveries again: restores the records that the ledger is missing, and adds them to the backlog. Removes the
/// records that the ledger refuses.
async fn write_again(
    store: &Store,
    transaction: &mut Connection,
    all: &mut [Envelope],
    replayed: &mut Replayed,
) -> Result<Vec<syncs::Change>, StoreError> {
    if all.is_empty() {
        return Ok(Vec::new());
    }
    project_again(transaction, all).await?;
    let refs: Vec<&Envelope> = all.iter().collect();
    let changes = syncs::upsert(transaction, store.known_syncs(), &refs).await?;
    restore(transaction, all, replayed).await?;
    Ok(changes)
}

/// Compares the ledger with the counts, once all deliveries of one snapshot are counted. If many have come since the
/// last look, they are only listed.
async fn compare(store: &Store, now: DateTime<Utc>) -> Result<Replayed, StoreError> {
    let mut session = store.begin().await?;
    sqlx::raw_sql("set transaction isolation level repeatable read").execute(&mut *session).await?;
    replays::lock(&mut session).await?;
    let done = count_and_compare(store, &mut session, now).await;
    session.conclude(done).await
}

async fn count_and_compare(
    store: &Store,
    transaction: &mut Connection,
    now: DateTime<Utc>,
) -> Result<Replayed, StoreError> {
    let mut replayed = Replayed::default();
    let Some(replay) = replays::unfinished(transaction).await? else { return Ok(replayed) };
    if replay.is_counted {
        return Ok(replayed);
    }
    let listed = replays::list(transaction, replay.filter, false).await?;
    // Each round takes as long as what came in the round before; if they do not get shorter, this is the last.
    if listed > FEW && listed < replay.listed / 2 {
        return Ok(replayed);
    }
    while let Some((part, _)) = write_next(store, transaction).await? {
        replayed = replayed + part;
    }
    let begins = raw_log_begins(transaction).await?;
    replays::compare(transaction, begins, now).await?;
    Ok(replayed)
}

/// Corrects the next counts of the ledger, or ends the replay if there are none.
async fn correct(transaction: &mut Connection) -> Result<Replayed, StoreError> {
    let corrections = replays::corrections(transaction, CORRECTIONS).await?;
    if corrections.is_empty() {
        replays::end(transaction).await?;
        return Ok(Replayed { ended: true, ..Replayed::default() });
    }
    let corrections: Vec<((SyncId, &str), i64)> =
        corrections.iter().map(|((sync_id, hash), times)| ((*sync_id, hash.as_str()), *times)).collect();
    records::add_times(transaction, &corrections).await?;
    let keys: Vec<(SyncId, &str)> = corrections.iter().map(|(key, _)| *key).collect();
    replays::corrected(transaction, &keys).await?;
    Ok(Replayed { corrected: keys.len() as u64, ..Replayed::default() })
}

/// Adds the envelopes to the backlog. Those that were ignored are processed like new ones.
async fn project_again(transaction: &mut Connection, all: &mut [Envelope]) -> Result<(), StoreError> {
    let ignored = envelopes::process_ignored(transaction, all).await?;
    let (first_time, again): (Vec<&Envelope>, Vec<&Envelope>) =
        all.iter().partition(|envelope| ignored.contains(&envelope.receipt.envelope_id));
    backlog::insert(transaction, &first_time, false).await?;
    backlog::insert(transaction, &again, true).await?;
    let rejected = first_time
        .iter()
        .flat_map(|&envelope| envelope.rejections.iter().map(move |rejection| RejectedRecord::of(envelope, rejection)));
    rejections::insert_records(transaction, rejected.collect()).await
}

/// The next deliveries, cut to one batch.
async fn next(transaction: &mut Connection) -> Result<Vec<Listed>, StoreError> {
    let mut listed = replays::next(transaction, BATCH_DELIVERIES).await?;
    let waiting = listed.iter().map(|listed| listed.waiting).collect();
    listed.truncate(backlog::cut(waiting, BATCH_RECORDS, BATCH_BYTES).len());
    Ok(listed)
}

fn keys(envelope: &Envelope) -> impl Iterator<Item = (SyncId, &str)> {
    let records =
        envelope.sync_id.map(|sync_id| envelope.records.iter().map(move |record| (sync_id, record.hash.as_str())));
    records.into_iter().flatten()
}

/// How often these deliveries have each record, in key order.
fn times<'a>(all: impl Iterator<Item = &'a Envelope>) -> Vec<((SyncId, &'a str), i64)> {
    let mut times = BTreeMap::new();
    for key in all.flat_map(keys) {
        *times.entry(key).or_default() += 1;
    }
    times.into_iter().collect()
}

/// Adds what the ledger is missing of these envelopes: records, oldest and newest sightings. Quarantines what it
/// refuses, and removes that from the envelopes.
async fn restore(
    transaction: &mut Connection,
    all: &mut [Envelope],
    replayed: &mut Replayed,
) -> Result<(), StoreError> {
    let ends = records::ends(transaction, &all.iter().flat_map(keys).collect()).await?;
    let refs: Vec<&Envelope> = all.iter().collect();
    let rows = lacking(&ends, &refs);
    if rows.is_empty() {
        return Ok(());
    }
    savepoint::mark(transaction).await?;
    let done = records::upsert(transaction, &rows).await;
    if let Ok(is_new) = savepoint::conclude(transaction, done).await? {
        replayed.new += is_new.into_iter().filter(|is_new| *is_new).count() as u64;
        return Ok(());
    }
    for envelope in all {
        let mut rejected = Vec::new();
        let rows = lacking(&ends, &[envelope]);
        replayed.new += upsert_isolating(transaction, &rows, envelope, &mut rejected).await? as u64;
        replayed.rejected += rejected.len() as u64;
        let positions: HashSet<u32> = rejected.iter().map(|rejection| rejection.position).collect();
        envelope.records.retain(|record| !positions.contains(&record.position));
        let rejected = rejected.iter().map(|rejection| RejectedRecord::of(envelope, rejection)).collect();
        rejections::insert_records(transaction, rejected).await?;
    }
    Ok(())
}

/// The rows of these envelopes that the ledger does not have, or has without their oldest or newest sighting. The
/// latter add nothing to its counts: these are corrected at the end.
///
/// * `ends`: of the rows that there are
fn lacking<'a>(ends: &records::Ends, envelopes: &[&'a Envelope]) -> Vec<LedgerRow<'a>> {
    let missing = |mut row: LedgerRow<'a>| {
        let Some([first, last]) = ends.get(&(SyncId(row.sync_id), row.hash.to_owned())) else { return Some(row) };
        row.times = 0;
        (row.first < *first || row.last > *last).then_some(row)
    };
    fold(envelopes).into_iter().filter_map(missing).collect()
}
