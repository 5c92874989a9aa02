//! A sync's locks: for projecting it, and for rebuilding it.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgConnection;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::model::SyncId;
use crate::store::session::Session;
use crate::store::{Store, StoreError};

/// The lock for writing a sync's query tables and fields. Advisory locks are numbers.
pub fn sync_lock(sync_id: SyncId) -> i64 {
    fold(sync_id.0, 0x7072_6f6a_6563_7431)
}

/// The lock that a rebuild of the sync holds.
fn rebuild_lock(sync_id: SyncId) -> i64 {
    fold(sync_id.0, 0x7265_6275_696c_6431)
}

fn fold(id: Uuid, salt: u64) -> i64 {
    let (high, low) = id.as_u64_pair();
    (high.rotate_left(17) ^ low ^ salt).cast_signed()
}

/// The right to rebuild a sync's query tables.
///
/// Its transaction is idle, so a task keeps it alive. If the process dies or loses its network, the server ends the
/// transaction a minute later, and the lock with it.
#[derive(Debug)]
pub struct RebuildLock {
    session: Arc<Mutex<Session>>,
    lock: i64,
    _keeper: JoinSet<()>,
}

/// Well within the idle limit of an operator's transaction.
const KEEP_EVERY: Duration = Duration::from_secs(15);

/// Time for the lock's session to answer.
const CONFIRM: Duration = Duration::from_secs(5);

impl Store {
    /// Takes the sync's rebuild lock; `None` while another session holds it. Held until it is dropped, or the process
    /// dies.
    pub async fn lock_rebuild(&self, sync_id: SyncId) -> Result<Option<RebuildLock>, StoreError> {
        let mut session = self.unwatched().begin().await?;
        let lock = rebuild_lock(sync_id);
        if try_lock(&mut session, lock).await? {
            Ok(Some(RebuildLock::of(session, lock)))
        } else {
            session.rollback().await?;
            Ok(None)
        }
    }
}

impl Store {
    /// How many of these syncs are being rebuilt, in any process.
    pub async fn rebuilds_running(&self, syncs: &[SyncId]) -> Result<usize, StoreError> {
        let locks: Vec<i64> = syncs.iter().map(|sync_id| rebuild_lock(*sync_id)).collect();
        let mut session = self.begin().await?;
        // A lock by one number is there with its halves.
        let running = sqlx::query_scalar!(
            r#"select count(*) as "running!"
               from pg_catalog.pg_locks
               where locktype = 'advisory' and objsubid = 1 and granted
                 and database = (select oid from pg_catalog.pg_database where datname = current_database())
                 and (classid::bigint << 32) | objid::bigint = any($1)"#,
            &locks,
        )
        .fetch_one(&mut *session)
        .await?;
        session.commit().await?;
        Ok(usize::try_from(running).unwrap_or(0))
    }
}

impl RebuildLock {
    fn of(session: Session, lock: i64) -> Self {
        let session = Arc::new(Mutex::new(session));
        let mut keeper = JoinSet::new();
        keeper.spawn({
            let session = Arc::downgrade(&session);
            async move {
                loop {
                    sleep(KEEP_EVERY).await;
                    let Some(session) = session.upgrade() else { return };
                    if let Err(error) = confirm(&session, lock).await {
                        tracing::warn!(%error, "a rebuild lost its lock");
                        return;
                    }
                }
            }
        });
        Self { session, lock, _keeper: keeper }
    }

    /// Fails if the lock is no longer held: it is lost with its connection.
    pub async fn confirm(&mut self) -> Result<(), StoreError> {
        confirm(&self.session, self.lock).await
    }
}

async fn confirm(session: &Mutex<Session>, lock: i64) -> Result<(), StoreError> {
    let confirmed = timeout(CONFIRM, async {
        // In the transaction that holds it, taking it again always succeeds.
        let mut session = session.lock().await;
        try_lock(&mut session, lock).await.map(drop)
    });
    confirmed.await.unwrap_or(Err(StoreError::TimedOut))
}

/// Takes a lock for the rest of the transaction; false if another session holds it.
pub(super) async fn try_lock(connection: &mut PgConnection, lock: i64) -> Result<bool, StoreError> {
    let held =
        sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "held!""#, lock).fetch_one(connection).await?;
    Ok(held)
}
