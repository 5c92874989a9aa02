//! Projects the backlog into the query tables: typed columns, one row per entity, and its history.
//!
//! `app` owns the [`Projector`]; the writer wakes it after each commit through a [`BacklogSignal`]. One pass at a time
//! projects a sync, in this process or another: that of the session that holds the sync's lock. A pass is one
//! transaction that writes rows and history and removes the envelopes from the backlog, so each is projected exactly
//! once, whenever the process dies.

mod apply;
mod batch;
mod cooldown;
mod hints;
mod pass;
mod rebuild;
mod rebuilds;
mod recount;
mod same_values;
mod schedule;
mod worker;
mod written;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

pub use self::rebuild::{RebuildError, RebuildPlan, RebuildSummary, Watcher, plan, set_identity};

use self::hints::Heard;
use self::rebuilds::{Cause, Rebuilds};
use self::schedule::{Next, Schedule};
use self::worker::{WorkerContext, work};
use crate::metrics::Metrics;
use crate::model::SyncId;
use crate::query_tables::{missing, shadow};
use crate::store::hints::Hint;
use crate::store::reader_role;
use crate::store::tables::{backlog, syncs};
use crate::store::{Role, Store, StoreError};
use crate::writer::{Availability, BacklogSignal, WriteLoad};

/// How many syncs are projected at a time.
const WORKERS: usize = 2;

/// How often to read the backlog without a signal or a hint: for deliveries of other replicas, and after a start.
const POLL: Duration = Duration::from_secs(2);

/// How long a delivery of another replica has waited before this one projects it: that one is likely to do so.
const OTHERS: Duration = Duration::from_millis(250);

/// Hints lead to reading the backlog for no more than this share of the time: one in twenty.
const HINT_SHARE: u32 = 20;

/// How often the whole backlog is read, also for deliveries whose sync has no row; otherwise what has entered it since.
const READ_ALL_EVERY: Duration = Duration::from_secs(30);

/// Reading it takes no more than this share of the time: one in a hundred.
const READ_ALL_SHARE: u32 = 100;

/// How long after it entered the backlog a delivery may have been committed. Reading the whole finds later ones.
const LATE_COMMIT: TimeDelta = TimeDelta::minutes(1);

/// Time for reading the backlog.
const POLL_LIMIT: Duration = Duration::from_secs(5);

/// The projector's task, and the way to stop it.
#[derive(Debug)]
pub struct Projector {
    stop: watch::Sender<bool>,
    task: JoinSet<()>,
}

impl Projector {
    /// Starts it on the current runtime. It begins once the database has been reached and migrated.
    pub fn start(
        store: &Store,
        signal: &BacklogSignal,
        load: &WriteLoad,
        availability: &Availability,
        metrics: &Metrics,
    ) -> Self {
        let (stop, mut stopped) = watch::channel(false);
        let mut task = JoinSet::new();
        let (store, availability) = (store.for_role(Role::Projector), availability.clone());
        let one = || Arc::new(Semaphore::new(1));
        let context =
            WorkerContext { store, load: load.clone(), metrics: metrics.clone(), large: one(), patient: one() };
        let signal = signal.clone();
        task.spawn(async move {
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => return,
                () = availability.until_prepared() => {}
            }
            let heard = Heard::default();
            let mut hints = JoinSet::new();
            hints.spawn(hints::hear(context.store.clone(), heard.clone(), context.metrics.clone()));
            hints.spawn(hints::tell(context.store.clone(), signal.clone()));
            run(context, signal, heard, stopped).await;
        });
        Self { stop, task }
    }

    /// Finishes the batches in progress, and stops.
    pub async fn stop(self) {
        let Self { stop, task } = self;
        stop.send_replace(true);
        task.join_all().await;
    }
}

/// Hands syncs with backlog to workers, each sync to one at a time.
async fn run(context: WorkerContext, signal: BacklogSignal, heard: Heard, mut stopped: watch::Receiver<bool>) {
    let store = context.store.clone();
    let mut schedule = Schedule::default();
    let mut workers = JoinSet::new();
    // A task of its own: the sync is projected while its index is built.
    let mut index = JoinSet::new();
    // Syncs whose turn it is.
    let mut unindexed = VecDeque::new();
    let mut rebuilds = Rebuilds::new(&store, stopped.clone());
    let (mut poll_at, mut read_all_at) = (Instant::now(), Instant::now());
    // When the backlog was read, by the database's clock.
    let mut read_at: Option<DateTime<Utc>> = None;
    let mut reading = Duration::ZERO;
    while !*stopped.borrow() {
        schedule.add_deliveries(signal.take());
        if Instant::now() >= poll_at {
            poll_at = Instant::now() + POLL;
            let reads_all = Instant::now() >= read_all_at;
            let began = Instant::now();
            if reads_all {
                restore_missing_syncs(&store).await;
            }
            let since = read_at.filter(|_| !reads_all).map(|read_at| read_at - LATE_COMMIT);
            let waited = if reads_all { Duration::ZERO } else { OTHERS };
            match store.within(POLL_LIMIT, backlog::syncs_waiting(&store, since, waited)).await {
                Ok(waiting) => {
                    schedule.add_deliveries(waiting.deliveries);
                    schedule.add(waiting.unfinished);
                    for sync_id in waiting.split {
                        rebuilds.ask_to_recount(sync_id);
                    }
                    if waiting.schema_is_missing || reads_all {
                        for sync_id in syncs_without_tables(&store, waiting.schema_is_missing).await {
                            rebuilds.ask(sync_id, Cause::Dropped);
                        }
                    }
                    read_at = Some(waiting.read_at);
                }
                Err(error) => {
                    tracing::debug!(%error, "cannot read the backlog");
                    read_at = None;
                }
            }
            reading = began.elapsed();
            if reads_all {
                if index.is_empty() {
                    index.spawn(drop_left_shadows(store.for_role(Role::Operator), stopped.clone()));
                }
                read_all_at = Instant::now() + READ_ALL_EVERY.max(began.elapsed() * READ_ALL_SHARE);
            }
        }
        if index.is_empty()
            && let Some(sync_id) = unindexed.pop_front()
        {
            index.spawn(index_identity(store.for_role(Role::Operator), sync_id, stopped.clone()));
        }
        for (sync_id, progress) in schedule.take(WORKERS, Instant::now()) {
            workers.spawn(work(context.clone(), sync_id, progress, stopped.clone()));
        }
        tokio::select! {
            _ = stopped.changed() => {}
            () = signal.raised() => {}
            hint = heard.next() => {
                let pause = if hint == Hint::Deliveries { OTHERS } else { Duration::ZERO };
                poll_at = poll_at.min(Instant::now() + pause.max(reading * HINT_SHARE));
            }
            Some(done) = workers.join_next() => match done {
                Ok((sync_id, mut progress, next)) => {
                    let has_time = matches!(next, Next::OnSignal | Next::After(_));
                    if has_time && progress.takes_index_turn() {
                        unindexed.push_back(sync_id);
                    }
                    if let Next::Rebuild(cause) = next {
                        rebuilds.ask(sync_id, cause);
                    }
                    schedule.done(sync_id, progress, next, Instant::now());
                }
                Err(error) => {
                    tracing::error!(%error, "a projection panicked");
                    schedule.lost();
                }
            },
            Some(_) = index.join_next() => {}
            Some((sync_id, pause)) = rebuilds.ended() => schedule.rebuilt(sync_id, pause, Instant::now()),
            () = sleep_until(schedule.next_at().map_or(poll_at, |at| at.min(poll_at))) => {}
        }
    }
    while workers.join_next().await.is_some() {}
    while index.join_next().await.is_some() {}
    rebuilds.stop().await;
}

async fn restore_missing_syncs(store: &Store) {
    match store.within(POLL_LIMIT, syncs::restore_missing(store)).await {
        Ok(0) => {}
        Ok(syncs) => {
            tracing::warn!(syncs, "deliveries had no sync: the database went back in time; made their syncs again");
        }
        Err(error) => tracing::debug!(%error, "cannot look for deliveries without a sync"),
    }
}

/// Syncs whose query tables are gone. They come back without a delivery.
///
/// * `schema_is_missing`: makes it again
async fn syncs_without_tables(store: &Store, schema_is_missing: bool) -> Vec<SyncId> {
    let look = async {
        if schema_is_missing && missing::restore_schema(store).await? {
            tracing::warn!("schema synced was gone; the query tables are rebuilt");
            if let Some(missing) = reader_role::grant_read_access(store).await? {
                tracing::warn!("polysink_reader cannot read the query tables ({missing})");
            }
        }
        missing::syncs_without_tables(store).await
    };
    store.within(POLL_LIMIT, look).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "cannot look for query tables that are gone");
        Vec::new()
    })
}

/// Drops what killed rebuilds have left.
async fn drop_left_shadows(store: Store, mut stopped: watch::Receiver<bool>) {
    let drop_all = async |store: Store| {
        for sync_id in shadow::syncs_with_shadows(&store).await? {
            if shadow::drop_left(&store, sync_id).await? {
                tracing::info!(%sync_id, "dropped the tables that an interrupted rebuild had left");
            }
        }
        Ok::<_, StoreError>(())
    };
    tokio::select! {
        biased;
        _ = stopped.wait_for(|stopped| *stopped) => {}
        done = store.watched(None, drop_all) => if let Err(error) = done {
            tracing::debug!(%error, "cannot drop what rebuilds have left");
        },
    }
}

/// Makes the index of a sync's identity, if it is missing. An interrupted build is repeated later.
async fn index_identity(store: Store, sync_id: SyncId, mut stopped: watch::Receiver<bool>) {
    tokio::select! {
        biased;
        _ = stopped.wait_for(|stopped| *stopped) => {}
        done = rebuild::index_identity(&store, sync_id) => if let Err(error) = done {
            tracing::info!(%sync_id, %error, "cannot make the index of the identity yet");
        },
    }
}
