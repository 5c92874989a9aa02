//! Removes data that is older than the retention: days of the raw log, and resolved rejections.
//!
//! Whole partitions are detached and dropped, so no delivery waits. A day stays for as long as one of its deliveries is
//! not in the query tables. The heads of its deliveries are kept for longer. One process at a time does it.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tokio::time::interval;

use crate::metrics::Metrics;
use crate::store::tables::{events, expired, heads};
use crate::store::{ExpiredPartition, Removal, Role, Store, StoreError};

/// Nothing is removed while the clocks of this machine and of the database are further apart: one of them is wrong.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(1);

/// How often it runs. A day is over once in that many hours.
const EVERY: Duration = Duration::from_secs(3600);

/// How long deliveries are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// With their bodies. Resolved rejections and events too.
    pub bodies: TimeDelta,
    /// Their heads; `None` for ever.
    pub heads: Option<TimeDelta>,
}

/// Why nothing was removed.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    #[error(
        "the clock of this machine says {machine}, and that of the database {database}; nothing is removed while they \
         differ by more than a minute: set the wrong one"
    )]
    ClocksDiffer { machine: DateTime<Utc>, database: DateTime<Utc> },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The data that a run would remove.
#[derive(Debug)]
pub struct PrunePlan {
    /// Days that ended before this time.
    pub before: DateTime<Utc>,
    pub partitions: Vec<ExpiredPartition>,
    pub rejections: u64,
    /// Days of heads.
    pub heads: u64,
}

/// The data that a run removed.
#[derive(Debug, Default)]
pub struct Pruned {
    pub partitions: u64,
    pub rejections: u64,
    /// Days of heads.
    pub heads: u64,
    /// Days of heads that another session uses.
    pub kept_heads: u64,
    /// Days that had to stay, and why.
    pub kept: Vec<(NaiveDate, Removal)>,
}

/// Finds what is older than the retention.
///
/// # Errors
///
/// [`RetentionError`] if the database fails, or if it is not certain what time it is.
///
/// * `now`: the time of this machine
pub async fn plan_prune(store: &Store, keep: Retention, now: DateTime<Utc>) -> Result<PrunePlan, RetentionError> {
    let now = certain_time(store, now).await?;
    let before = now - keep.bodies;
    let partitions = expired::partitions(store, before).await?;
    let rejections = expired::count_rejections(store, before).await?;
    let heads = match keep.heads {
        Some(heads) => heads::expired(store, now - heads).await?.len() as u64,
        None => 0,
    };
    Ok(PrunePlan { before, partitions, rejections, heads })
}

/// Removes what is older than the retention; `None` if another process is doing so.
///
/// # Errors
///
/// As [`plan_prune`].
///
/// * `now`: the time of this machine
pub async fn prune(store: &Store, keep: Retention, now: DateTime<Utc>) -> Result<Option<Pruned>, RetentionError> {
    let now = certain_time(store, now).await?;
    let Some(mut lock) = expired::hold_lock(store).await? else { return Ok(None) };
    // Again, under the lock.
    let before = now - keep.bodies;
    let heads_before = keep.heads.map(|heads| now - heads);
    let mut pruned = Pruned::default();
    let mut expired = expired::partitions(store, before).await?.into_iter();
    for partition in expired.by_ref() {
        lock.confirm().await?;
        let keeps_head = heads_before.is_none_or(|before| partition.ends_at() > before);
        match expired::remove(store, &partition, keeps_head).await? {
            Removal::Removed => pruned.partitions += 1,
            Removal::Needed => pruned.kept.push((partition.day, Removal::Needed)),
            Removal::InUse => {
                pruned.kept.push((partition.day, Removal::InUse));
                break;
            }
        }
    }
    // PostgreSQL detaches one at a time: while one waits, the others cannot be.
    pruned.kept.extend(expired.map(|partition| (partition.day, Removal::InUse)));
    loop {
        lock.confirm().await?;
        match expired::delete_rejections(store, before).await? {
            0 => break,
            deleted => pruned.rejections += deleted,
        }
    }
    loop {
        lock.confirm().await?;
        if events::delete(store, before).await? == 0 {
            break;
        }
    }
    let expired_heads = match heads_before {
        Some(before) => heads::expired(store, before).await?,
        None => Vec::new(),
    };
    for day in expired_heads {
        lock.confirm().await?;
        let count = if heads::remove(store, day).await? { &mut pruned.heads } else { &mut pruned.kept_heads };
        *count += 1;
    }
    expired::note_run(store, now, pruned.partitions, pruned.rejections, pruned.kept.len() as u64).await?;
    Ok(Some(pruned))
}

/// The earlier of the two clocks.
async fn certain_time(store: &Store, machine: DateTime<Utc>) -> Result<DateTime<Utc>, RetentionError> {
    let database = expired::clock(store).await?;
    if (machine - database).abs() > CLOCKS_APART {
        return Err(RetentionError::ClocksDiffer { machine, database });
    }
    Ok(machine.min(database))
}

/// Removes what is older than the retention, at once and every hour, forever.
///
/// * `now`: returns the time
pub async fn retain(store: Store, keep: Retention, now: fn() -> DateTime<Utc>, metrics: Metrics) {
    let store = store.for_role(Role::Maintenance);
    let mut every = interval(EVERY);
    loop {
        every.tick().await;
        let pruned = store.watched(None, async |store| Ok::<_, StoreError>(prune(&store, keep, now()).await)).await;
        match pruned.map_err(RetentionError::from).flatten() {
            Ok(None) => tracing::debug!("another process applies the retention"),
            Ok(Some(pruned)) => {
                metrics.pruned(pruned.partitions, pruned.rejections);
                report(&pruned);
            }
            Err(error) => tracing::warn!(%error, "cannot apply the retention; retrying in an hour"),
        }
    }
}

fn report(pruned: &Pruned) {
    if pruned.partitions > 0 || pruned.rejections > 0 {
        let (days, rejections) = (pruned.partitions, pruned.rejections);
        tracing::info!(days, rejections, "removed what is older than POLYSINK_RETENTION");
    }
    for (day, why) in &pruned.kept {
        let why = match why {
            Removal::InUse => "another session uses the raw log",
            Removal::Needed | Removal::Removed => "deliveries of that day are not in the query tables",
        };
        tracing::warn!(%day, why, "a day of the raw log is older than POLYSINK_RETENTION and stays");
    }
}
