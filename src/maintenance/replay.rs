//! Goes through a replay, batch by batch. Started by `cli::replay`.

use std::ops::ControlFlow;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::retry::{again, wait_for_lock};
use crate::failpoints;
use crate::ledger::replay;
use crate::ledger::{Replayed, Verdict};
use crate::model::SyncId;
use crate::store::tables::changes::{self, ChangeAction};
use crate::store::tables::rejections;
use crate::store::{HeldLock, RejectionFilter, Store, StoreError};

/// How many rejections are listed at a time.
const PAGE: i64 = 500;

/// How soon the server notices that a process which held the lock was killed.
const DEAD_FOR: Duration = Duration::from_secs(2);

/// The result of a replay of rejections.
#[derive(Debug, Clone, Default)]
pub struct RejectionsReplayed {
    /// Rejections that were gone through.
    pub done: u64,
    /// Those that are stored now.
    pub stored: u64,
    /// Those that were resolved before.
    pub already_resolved: u64,
    /// Those whose deliveries are projected again.
    pub projecting: u64,
    /// Those that are still wrong.
    pub open: u64,
    /// Why, of the first.
    pub why: Option<String>,
}

/// Keeps other replays away until it is dropped; `None` if another process replays.
pub async fn lock_replay(store: &Store) -> Result<Option<HeldLock>, StoreError> {
    wait_for_lock(DEAD_FOR, async || replay::hold_lock(store).await).await
}

/// Goes through the replay that was started. Each part is committed by itself, so it can be stopped after any, and
/// resumed later.
///
/// * `now`: returns the time
/// * `at`: called after each part with the sum so far; returns whether to continue
pub async fn replay(
    store: &Store,
    now: fn() -> DateTime<Utc>,
    mut at: impl FnMut(&Replayed) -> ControlFlow<()>,
) -> Result<Replayed, StoreError> {
    let mut sum = Replayed::default();
    loop {
        sum = sum + again(async || replay::next_part(store, now()).await).await?;
        if sum.ended {
            return Ok(sum);
        }
        failpoints::reach("replay-committed");
        if at(&sum).is_break() {
            return Ok(sum);
        }
    }
}

/// Replays the open rejections, in the order of receipt, each in a transaction of its own.
///
/// * `now`: returns the time
/// * `at`: called after each with the sum so far; returns whether to continue
pub async fn replay_rejections(
    store: &Store,
    filter: &RejectionFilter,
    now: fn() -> DateTime<Utc>,
    mut at: impl FnMut(&RejectionsReplayed) -> ControlFlow<()>,
) -> Result<RejectionsReplayed, StoreError> {
    let mut sum = RejectionsReplayed::default();
    let mut after = None;
    'all: loop {
        let page = rejections::list_after(store, filter, after, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for rejection in page {
            after = Some((rejection.received_at, rejection.rejection_id));
            sum.add(replay_rejection(store, rejection.rejection_id, None, now()).await?);
            if at(&sum).is_break() {
                break 'all;
            }
        }
    }
    sum.note(store, filter.sync_id).await?;
    Ok(sum)
}

/// Replays one rejection.
///
/// * `corrected`: what to store in place of its payload
pub async fn replay_rejection(
    store: &Store,
    id: Uuid,
    corrected: Option<&[u8]>,
    now: DateTime<Utc>,
) -> Result<Verdict, StoreError> {
    again(async || replay::replay_rejection(store, id, corrected, now).await).await
}

impl RejectionsReplayed {
    /// Notes the replay in `polysink.changes`.
    pub async fn note(&self, store: &Store, sync_id: Option<SyncId>) -> Result<(), StoreError> {
        let after = json!({ "rejections": self.done, "stored": self.stored + self.projecting, "open": self.open });
        changes::note(store, sync_id, ChangeAction::Replay, after).await
    }

    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        self.done += 1;
        match verdict {
            Verdict::Stored => self.stored += 1,
            Verdict::Projecting => self.projecting += 1,
            Verdict::AlreadyResolved => self.already_resolved += 1,
            Verdict::Open(why) => {
                self.open += 1;
                self.why.get_or_insert(why);
            }
        }
    }
}
