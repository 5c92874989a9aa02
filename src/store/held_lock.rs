//! Advisory locks that outlast transactions: of work that takes long, or that PostgreSQL takes outside transactions
//! only.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::session::Session;
use super::{Connection, Store, StoreError};
use crate::failpoints;

/// Well within the idle limit of the roles that hold one.
const KEEP_EVERY: Duration = Duration::from_secs(15);

/// Time for the lock's session to answer.
const CONFIRM: Duration = Duration::from_secs(5);

/// A lock that is held until it is dropped.
///
/// Its transaction is idle, so a task keeps it alive. If the process dies or loses its network, the server ends the
/// transaction a minute later, and the lock with it.
#[derive(Debug)]
pub struct HeldLock {
    session: Arc<Mutex<Session>>,
    keeper: JoinSet<()>,
}

impl HeldLock {
    /// Takes a lock; `None` while another session holds it. Held until it is dropped, or the process dies.
    pub(crate) async fn take(store: &Store, lock: i64) -> Result<Option<Self>, StoreError> {
        let mut session = store.unwatched().begin().await?;
        if try_lock(&mut session, lock).await? {
            Ok(Some(Self::of(session)))
        } else {
            session.rollback().await?;
            Ok(None)
        }
    }

    /// * `session`: in a transaction that has taken the lock
    pub(super) fn of(session: Session) -> Self {
        let session = Arc::new(Mutex::new(session));
        let mut keeper = JoinSet::new();
        keeper.spawn({
            let session = Arc::downgrade(&session);
            async move {
                loop {
                    sleep(KEEP_EVERY).await;
                    let Some(session) = session.upgrade() else { return };
                    if let Err(error) = confirm(&session).await {
                        tracing::warn!(%error, "long work lost its lock");
                        return;
                    }
                }
            }
        });
        Self { session, keeper }
    }

    /// Fails if the lock is no longer held: it is lost with its connection.
    pub async fn confirm(&mut self) -> Result<(), StoreError> {
        confirm(&self.session).await
    }

    /// Releases it. One that is only dropped may be held a little longer, until the server has noticed.
    pub async fn release(self) -> Result<(), StoreError> {
        self.into_session().await?.commit().await
    }

    /// Its transaction, which the caller ends.
    ///
    /// # Errors
    ///
    /// [`StoreError::Lost`] if a confirmation has not ended.
    pub(super) async fn into_session(mut self) -> Result<Session, StoreError> {
        self.keeper.shutdown().await;
        Arc::into_inner(self.session).map(Mutex::into_inner).ok_or(StoreError::Lost)
    }
}

async fn confirm(session: &Mutex<Session>) -> Result<(), StoreError> {
    // Only a transaction that is still the same answers.
    let confirmed = timeout(CONFIRM, async {
        sqlx::raw_sql("select 1").execute(&mut **session.lock().await).await?;
        Ok(())
    });
    confirmed.await.unwrap_or(Err(StoreError::TimedOut))
}

/// Takes a lock for the rest of the transaction; false if another session holds it.
pub(crate) async fn try_lock(connection: &mut Connection, lock: i64) -> Result<bool, StoreError> {
    let held =
        sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "held!""#, lock).fetch_one(connection).await?;
    if held {
        failpoints::locked(lock);
    }
    Ok(held)
}

/// Waits for a lock, as long as the transaction's `lock_timeout` says, and holds it for the rest of the transaction.
pub(crate) async fn wait_for_lock(connection: &mut Connection, lock: i64) -> Result<(), StoreError> {
    sqlx::query!("select pg_advisory_xact_lock($1)", lock).execute(connection).await?;
    failpoints::locked(lock);
    Ok(())
}
