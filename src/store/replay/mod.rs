//! Replays: what the raw log has and the ledger lacks is restored, and the deliveries are projected again.
//!
//! The ledger counts how often a record was received, so a replay must know which deliveries a row counts already. It
//! knows that from the row's oldest and newest sighting: a delivery between the two is counted, and one outside is not.
//! That holds as long as the row only grows at its ends, so a replay goes through the deliveries twice: forward, in the
//! order of sending, it adds what is newer than a row; backward it adds what is older. The second way is needed only
//! for rows that live deliveries made while the replay had not come that far. Hence a replay can be interrupted and
//! repeated, and changes nothing in a ledger that is complete.

mod rejected;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::fold::fold;
use super::tables::backlog::{self, Waiting};
use super::tables::{envelopes, records, rejections, syncs};
use super::tx::savepoint;
use super::write::upsert_isolating;
use super::{Connection, RejectedRecord, Store, StoreError};
use crate::envelope::{Envelope, Outcome};
use crate::model::SyncId;
pub use rejected::Verdict;

/// One replay at a time; "polyrepl" in ASCII.
const LOCK: i64 = 0x706f_6c79_7265_706c;

/// A batch is closed at this many records or bytes; it always has one delivery. It locks the rows of its records, and
/// live deliveries of the same records wait for them.
const BATCH_RECORDS: i32 = 2_000;
const BATCH_BYTES: i32 = 4 << 20;
const BATCH_DELIVERIES: i64 = 500;

/// Which deliveries to replay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReplayFilter {
    pub sync_id: Option<SyncId>,
    /// Received at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Received before.
    pub until: Option<DateTime<Utc>>,
}

/// A replay that was started.
#[derive(Debug, Clone)]
pub struct Replay {
    pub filter: ReplayFilter,
    pub started_at: DateTime<Utc>,
    /// All of it.
    pub deliveries: i64,
    /// Deliveries that it has not written yet.
    pub left: i64,
}

/// What a part of a replay did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Deliveries that are done.
    pub deliveries: u64,
    /// Sightings of records that the ledger lacked.
    pub restored: u64,
    /// Records that the ledger lacked.
    pub new: u64,
    /// Records that the ledger refused, and the quarantine has now.
    pub rejected: u64,
    /// Whether there was nothing left.
    pub ended: bool,
}

/// In which order deliveries are gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Forward,
    Backward,
}

/// The place of a delivery in the order of sending.
type Place = (DateTime<Utc>, Uuid);

/// The oldest and the newest delivery of each record in the ledger.
type Ends = HashMap<(SyncId, String), [Place; 2]>;

impl Store {
    /// How many deliveries and records a replay would have.
    pub async fn replayable(&self, filter: ReplayFilter) -> Result<(i64, i64), StoreError> {
        let mut session = self.begin().await?;
        let row = sqlx::query!(
            r#"select count(*) as "deliveries!", coalesce(sum(record_count), 0)::bigint as "records!"
               from polysink.envelopes
               where ($1::uuid is null or sync_id = $1)
                 and ($2::timestamptz is null or received_at >= $2) and ($3::timestamptz is null or received_at < $3)"#,
            filter.sync_id.map(|sync_id| sync_id.0),
            filter.since,
            filter.until,
        )
        .fetch_one(&mut *session)
        .await?;
        session.commit().await?;
        Ok((row.deliveries, row.records))
    }

    /// The replay that was started and has not ended.
    pub async fn unfinished_replay(&self) -> Result<Option<Replay>, StoreError> {
        let mut session = self.begin().await?;
        let row = sqlx::query!(
            r#"select started_at, sync_id, since, until, deliveries,
                      (select count(*) from polysink.replaying where not backward) as "left!"
               from polysink.replays"#
        )
        .fetch_optional(&mut *session)
        .await?;
        session.commit().await?;
        Ok(row.map(|row| Replay {
            filter: ReplayFilter { sync_id: row.sync_id.map(SyncId), since: row.since, until: row.until },
            started_at: row.started_at,
            deliveries: row.deliveries,
            left: row.left,
        }))
    }

    /// Starts a replay, in place of one that has not ended.
    pub async fn start_replay(&self, filter: ReplayFilter, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut session = self.begin().await?;
        lock(&mut session).await?;
        sqlx::query!("delete from polysink.replays").execute(&mut *session).await?;
        sqlx::query!("delete from polysink.replaying").execute(&mut *session).await?;
        sqlx::query!(
            "with chosen as (
                 insert into polysink.replaying (backward, sent_at, envelope_id, received_at)
                 select false, sent_at, envelope_id, received_at
                 from polysink.envelopes
                 where ($3::uuid is null or sync_id = $3)
                   and ($4::timestamptz is null or received_at >= $4)
                   and ($5::timestamptz is null or received_at < $5)
                 returning envelope_id
             )
             insert into polysink.replays (replay_id, started_at, sync_id, since, until, deliveries)
             select $1, $2, $3, $4, $5, (select count(*) from chosen)",
            Uuid::now_v7(),
            now,
            filter.sync_id.map(|sync_id| sync_id.0),
            filter.since,
            filter.until,
        )
        .execute(&mut *session)
        .await?;
        session.commit().await
    }

    /// Writes the next deliveries of the replay, in one transaction.
    pub async fn replay_some(&self) -> Result<Replayed, StoreError> {
        let mut session = self.begin().await?;
        lock(&mut session).await?;
        for way in [Way::Forward, Way::Backward] {
            let waiting = next(&mut session, way).await?;
            if !waiting.is_empty() {
                let (replayed, changes) = self.replay_batch(&mut session, &waiting, way).await?;
                session.commit().await?;
                self.known_syncs.remember(changes);
                return Ok(replayed);
            }
        }
        sqlx::query!("delete from polysink.replays").execute(&mut *session).await?;
        session.commit().await?;
        Ok(Replayed { ended: true, ..Replayed::default() })
    }

    async fn replay_batch(
        &self,
        transaction: &mut Connection,
        waiting: &[Waiting],
        way: Way,
    ) -> Result<(Replayed, Vec<syncs::Change>), StoreError> {
        let delivered = envelopes::bodies(transaction, waiting.iter().map(Waiting::place)).await?;
        let mut all = tokio::task::block_in_place(|| {
            let parsed = delivered.into_iter().filter_map(|delivered| delivered.parse().ok());
            parsed.filter(|envelope| envelope.outcome == Outcome::Stored).collect::<Vec<Envelope>>()
        });
        let unstorable = rejections::unstorable(transaction, waiting).await?;
        for envelope in &mut all {
            let id = envelope.receipt.envelope_id;
            envelope.records.retain(|record| !unstorable.contains(&(id, record.position.cast_signed())));
        }
        if way == Way::Forward {
            project_again(transaction, &mut all).await?;
        }
        let refs: Vec<&Envelope> = all.iter().collect();
        let changes = syncs::upsert(transaction, &self.known_syncs, &refs).await?;
        let mut ends = records::ends(transaction, &all.iter().flat_map(keys).collect()).await?;
        let older = missing(&mut all, &mut ends, way);
        let mut replayed = Replayed {
            // A delivery counts on the way forward.
            deliveries: if way == Way::Forward { waiting.len() as u64 } else { 0 },
            restored: all.iter().map(|envelope| envelope.records.len() as u64).sum(),
            ..Replayed::default()
        };
        restore(transaction, &all, &mut replayed).await?;
        finish(transaction, waiting, &older, way).await?;
        Ok((replayed, changes))
    }
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

/// Waits until no batch of a replay is being written, and keeps others from beginning until the transaction ends.
pub(crate) async fn lock(transaction: &mut Connection) -> Result<(), StoreError> {
    sqlx::query!("select pg_advisory_xact_lock($1)", LOCK).execute(transaction).await?;
    Ok(())
}

/// The next deliveries, cut to one batch. Those that are no longer in the raw log have no bytes.
async fn next(transaction: &mut Connection, way: Way) -> Result<Vec<Waiting>, StoreError> {
    // Each way reads the index in its order; the other one reads nothing.
    let mut waiting = sqlx::query_as!(
        Waiting,
        r#"select p.envelope_id as "envelope_id!", p.received_at as "received_at!", p.sent_at as "sent_at!",
                  true as "replayed!", coalesce(e.record_count, 0) as "records!",
                  coalesce(octet_length(e.body), 0) as "bytes!"
           from ((select envelope_id, received_at, sent_at from polysink.replaying
                  where not $1 and not backward order by sent_at, envelope_id limit $2)
                 union all
                 (select envelope_id, received_at, sent_at from polysink.replaying
                  where $1 and backward order by sent_at desc, envelope_id desc limit $2)) p
           left join polysink.envelopes e on e.received_at = p.received_at and e.envelope_id = p.envelope_id
           order by p.sent_at, p.envelope_id"#,
        way == Way::Backward,
        BATCH_DELIVERIES,
    )
    .fetch_all(transaction)
    .await?;
    if way == Way::Backward {
        waiting.reverse();
    }
    Ok(backlog::cut(waiting, BATCH_RECORDS, BATCH_BYTES))
}

fn keys(envelope: &Envelope) -> impl Iterator<Item = (SyncId, &str)> {
    let records =
        envelope.sync_id.map(|sync_id| envelope.records.iter().map(move |record| (sync_id, record.hash.as_str())));
    records.into_iter().flatten()
}

/// Leaves the envelopes the records that the ledger does not count yet. Returns the envelopes that have some which are
/// older than their rows, and so have to be replayed backward.
///
/// * `all`: in the order of sending
/// * `ends`: of the rows that there are; becomes as after the replay
fn missing(all: &mut [Envelope], ends: &mut Ends, way: Way) -> Vec<Uuid> {
    let mut older = Vec::new();
    let mut choose = |envelope: &mut Envelope| {
        let Some(sync_id) = envelope.sync_id else { return };
        let place = (envelope.receipt.sent_at, envelope.receipt.envelope_id);
        // A record that is repeated within a delivery is counted each time, or not at all.
        let mut chosen: HashMap<String, bool> = HashMap::new();
        let mut has_older = false;
        envelope.records.retain(|record| {
            let hash = record.hash.as_str();
            if let Some(counts) = chosen.get(hash) {
                return *counts;
            }
            let key = (sync_id, hash.to_owned());
            let counts = match ends.get_mut(&key) {
                None => {
                    ends.insert(key, [place, place]);
                    true
                }
                Some([_, last]) if place > *last => {
                    *last = place;
                    true
                }
                Some([first, _]) if place < *first && way == Way::Backward => {
                    *first = place;
                    true
                }
                Some([first, _]) => {
                    has_older |= place < *first;
                    false
                }
            };
            chosen.insert(hash.to_owned(), counts);
            counts
        });
        if has_older {
            older.push(envelope.receipt.envelope_id);
        }
    };
    match way {
        Way::Forward => all.iter_mut().for_each(&mut choose),
        Way::Backward => all.iter_mut().rev().for_each(&mut choose),
    }
    older
}

/// Adds the envelopes' records to the ledger, and quarantines what it refuses.
async fn restore(transaction: &mut Connection, all: &[Envelope], replayed: &mut Replayed) -> Result<(), StoreError> {
    let refs: Vec<&Envelope> = all.iter().collect();
    let rows = fold(&refs);
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
        let (new, rejected) = restore_isolating(transaction, envelope).await?;
        replayed.new += new as u64;
        replayed.rejected += rejected as u64;
        replayed.restored -= rejected as u64;
    }
    Ok(())
}

/// The same for one envelope whose data may be at fault. Returns how many records were new, and how many were refused.
async fn restore_isolating(transaction: &mut Connection, envelope: &Envelope) -> Result<(usize, usize), StoreError> {
    let mut rejected = Vec::new();
    let new = upsert_isolating(transaction, &fold(&[envelope]), envelope, &mut rejected).await?;
    let count = rejected.len();
    let rejected = rejected.iter().map(|rejection| RejectedRecord::of(envelope, rejection)).collect();
    rejections::insert_records(transaction, rejected).await?;
    Ok((new, count))
}

/// Removes the deliveries from the replay, but for those that have to be replayed backward.
async fn finish(transaction: &mut Connection, waiting: &[Waiting], older: &[Uuid], way: Way) -> Result<(), StoreError> {
    let sent: Vec<DateTime<Utc>> = waiting.iter().map(|waiting| waiting.sent_at).collect();
    let ids: Vec<Uuid> = waiting.iter().map(|waiting| waiting.envelope_id).collect();
    sqlx::query!(
        "update polysink.replaying r set backward = true
         from unnest($1::timestamptz[], $2::uuid[]) as d (sent_at, envelope_id)
         where not r.backward and r.sent_at = d.sent_at and r.envelope_id = d.envelope_id and r.envelope_id = any($3)",
        &sent,
        &ids,
        older,
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "delete from polysink.replaying r
         using unnest($1::timestamptz[], $2::uuid[]) as d (sent_at, envelope_id)
         where r.backward = $3 and r.sent_at = d.sent_at and r.envelope_id = d.envelope_id",
        &sent,
        &ids,
        way == Way::Backward,
    )
    .execute(transaction)
    .await?;
    Ok(())
}
