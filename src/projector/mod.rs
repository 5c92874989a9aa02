//! From the backlog to the query tables: typed columns, a row per entity, and its history.
//!
//! `app` owns the [`Projector`]; the writer's [`Queue`](crate::writer::Queue) wakes it after each commit through a [`Wake`]. Each sync
//! is projected by one pass at a time, in this process or another: whoever holds the sync's lock in the database. A pass is one
//! transaction that writes the rows and the history and takes the envelopes off the backlog, so that each is projected
//! exactly once, whenever the process dies.

mod apply;
mod batch;
mod pass;
mod rebuild;
mod wake;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

pub use self::rebuild::{Plan, RebuildError, Summary, Watcher, plan};
pub use self::wake::{UnderWay, Wake};

use self::pass::{Memory, Pass, pass};
use crate::model::SyncId;
use crate::store::{Kind, Role, Store};

/// How many syncs are projected side by side.
const WORKERS: usize = 2;

/// How often the backlog is looked at without being woken: for what other replicas left, and after a start.
const POLL: Duration = Duration::from_secs(2);

/// How long a sync is let alone that somebody else projects.
const BUSY_PAUSE: Duration = Duration::from_millis(50);

/// After a failure a sync is let alone for so long: twice as long each time, up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(30);

/// The same where the database is away: it may be back at any moment.
const LAST_PAUSE_AWAY: Duration = Duration::from_secs(1);

/// How many fields are kept between the passes, of all syncs together: some tens of megabytes.
const KEPT_FIELDS: usize = 100_000;

/// How long a look at the backlog may take.
const POLL_LIMIT: Duration = Duration::from_secs(5);

/// How long a pass may take that the server is working on. Its batches are bounded; making a column anew goes over up to 100,000
/// rows.
const PASS_LIMIT: Duration = Duration::from_secs(300);

/// The task that projects, and the way to stop it.
#[derive(Debug)]
pub struct Projector {
    stop: watch::Sender<bool>,
    task: JoinSet<()>,
}

impl Projector {
    /// Starts it on the current runtime.
    pub fn start(store: &Store, wake: &Wake) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut task = JoinSet::new();
        task.spawn(run(store.for_role(Role::Projector), wake.clone(), stopped));
        Self { stop, task }
    }

    /// Finishes the batches in hand, no more.
    pub async fn stop(self) {
        let Self { stop, task } = self;
        stop.send_replace(true);
        task.join_all().await;
    }
}

/// What is known of a sync while there is something to do for it.
#[derive(Debug, Default)]
struct Turn {
    memory: Memory,
    pause: Option<Duration>,
}

impl Turn {
    /// How long to let the sync alone after a failure.
    fn fail(&mut self, kind: Kind) -> Duration {
        let last = if kind == Kind::Unavailable { LAST_PAUSE_AWAY } else { LAST_PAUSE };
        *self.pause.insert(self.pause.map_or(FIRST_PAUSE, |pause| (pause * 2).min(last)))
    }
}

/// Hands syncs with news to workers, each to one at a time.
async fn run(store: Store, wake: Wake, mut stopped: watch::Receiver<bool>) {
    let mut turns: HashMap<SyncId, Turn> = HashMap::new();
    let mut due: BTreeSet<SyncId> = BTreeSet::new();
    let mut later: HashMap<SyncId, Instant> = HashMap::new();
    let mut unhurried: HashMap<SyncId, Instant> = HashMap::new();
    let mut working: BTreeSet<SyncId> = BTreeSet::new();
    let mut workers: JoinSet<(SyncId, Turn, Next)> = JoinSet::new();
    let large = Arc::new(Semaphore::new(1));
    let mut poll_at = Instant::now();
    while !*stopped.borrow() {
        due.extend(wake.take());
        let now = Instant::now();
        if now >= poll_at {
            poll_at = now + POLL;
            match store.within(POLL_LIMIT, store.syncs_waiting()).await {
                Ok(syncs) => due.extend(syncs),
                Err(error) => tracing::debug!(%error, "the backlog cannot be looked at"),
            }
        }
        for waiting in [&mut later, &mut unhurried] {
            due.extend(waiting.extract_if(|_, at| *at <= now).map(|(sync_id, _)| sync_id));
        }
        let ready: Vec<SyncId> =
            due.iter().filter(|sync_id| !working.contains(sync_id) && !later.contains_key(sync_id)).copied().collect();
        for sync_id in ready.into_iter().take(WORKERS.saturating_sub(working.len())) {
            due.remove(&sync_id);
            unhurried.remove(&sync_id);
            working.insert(sync_id);
            let turn = turns.remove(&sync_id).unwrap_or_default();
            workers.spawn(work(store.clone(), wake.clone(), sync_id, turn, Arc::clone(&large), stopped.clone()));
        }
        let next = later.values().chain(unhurried.values()).copied().chain([poll_at]).min().unwrap_or(poll_at);
        tokio::select! {
            _ = stopped.changed() => {}
            () = wake.woken() => {}
            Some(done) = workers.join_next() => match done {
                Ok((sync_id, turn, next)) => {
                    working.remove(&sync_id);
                    match next {
                        Next::Nothing => {}
                        Next::Again => drop(due.insert(sync_id)),
                        Next::After(pause) => drop(later.insert(sync_id, Instant::now() + pause)),
                        Next::AfterOrWoken(pause) => drop(unhurried.insert(sync_id, Instant::now() + pause)),
                    }
                    turns.insert(sync_id, turn);
                    forget_if_too_many(&mut turns);
                }
                Err(error) => {
                    // Which sync it was is not known; the next look at the backlog finds it.
                    tracing::error!(%error, "a projection panicked");
                    working.clear();
                }
            },
            _ = timeout_at(next, std::future::pending::<()>()) => {}
        }
    }
    while workers.join_next().await.is_some() {}
}

/// Keeps the fields of all syncs together within bounds; they are read again when they are needed.
fn forget_if_too_many(turns: &mut HashMap<SyncId, Turn>) {
    if turns.values().map(|turn| turn.memory.fields()).sum::<usize>() > KEPT_FIELDS {
        for turn in turns.values_mut() {
            turn.memory.forget_fields();
        }
    }
}

/// When a sync has its next turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Nothing,
    Again,
    /// Not before.
    After(Duration),
    /// Then, or as soon as there is news.
    AfterOrWoken(Duration),
}

/// Passes over one sync until nothing waits; others get their turn in between.
async fn work(
    store: Store,
    wake: Wake,
    sync_id: SyncId,
    mut turn: Turn,
    large: Arc<Semaphore>,
    stopped: watch::Receiver<bool>,
) -> (SyncId, Turn, Next) {
    let turn_ends = Instant::now() + Duration::from_secs(1);
    let next = loop {
        if *stopped.borrow() {
            break Next::Nothing;
        }
        let way = wake.turn().await;
        let began = wake.moment();
        let memory = &mut turn.memory;
        match store.watched(Some(PASS_LIMIT), async |store| pass(&store, sync_id, memory, &large).await).await {
            Ok(done) => {
                if done != Pass::Dropped {
                    turn.pause = None;
                }
                match done {
                    Pass::Projected(records) => {
                        tracing::debug!(%sync_id, records, "projected");
                        wake.make_way(began).await;
                    }
                    Pass::Backfilled => wake.make_way(began).await,
                    Pass::Prepared => {}
                    Pass::Idle => break Next::Nothing,
                    Pass::Waiting(pause) => break Next::AfterOrWoken(pause),
                    Pass::Busy => break Next::After(BUSY_PAUSE),
                    Pass::Dropped => {
                        drop(way);
                        tracing::warn!(%sync_id, "the sync's query tables have been dropped; they are derived again");
                        match rebuild::again(&store.for_role(Role::Operator), sync_id, || *stopped.borrow()).await {
                            Ok(summary) => {
                                tracing::info!(%sync_id, rows = summary.rows, "the sync's query tables are back");
                            }
                            Err(RebuildError::Interrupted) => break Next::Nothing,
                            Err(error) => {
                                let pause = turn.fail(error.kind());
                                tracing::warn!(%sync_id, %error, again_in = ?pause, "they could not be derived again");
                                break Next::After(pause);
                            }
                        }
                    }
                }
            }
            Err(error) if turn.memory.suspects(&error) => {
                tracing::debug!(%sync_id, %error, "the tables are not as they should be");
            }
            Err(error) => {
                let pause = turn.fail(error.kind());
                if error.kind() == Kind::TryAgain {
                    tracing::debug!(%sync_id, %error, "trying a projection again");
                } else {
                    tracing::warn!(%sync_id, %error, again_in = ?pause, "a projection failed");
                }
                break Next::After(pause);
            }
        }
        if Instant::now() >= turn_ends {
            break Next::Again;
        }
    };
    (sync_id, turn, next)
}
