//! Ends transactions on the server whose client has given them up.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::pool::PooledConnection;
use super::{ASK, Role, Sessions};
use crate::store::StoreError;

/// How long to keep trying. The transaction's own limits end it later at the latest.
const END_TRIES: u32 = 60;

impl Sessions {
    /// Ends a transaction on the server whose client has given it up, in the background.
    pub(super) fn end(&self, connection: PooledConnection) {
        let PooledConnection { raw, name } = connection;
        drop(raw); // closes the socket; a backend that waits for a lock or has lost its network notices nothing of it
        if name.role == Role::Monitor {
            return; // its own limits are as quick, and it is what ends the others
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let sessions = Arc::downgrade(&self.0);
        let ending = self.0.ending.clone();
        ending.send_modify(|ending| *ending += 1);
        runtime.spawn(async move {
            let _ended = Ended(ending);
            for _ in 0..END_TRIES {
                let Some(shared) = sessions.upgrade() else { return };
                match timeout(ASK, terminate(&Self(shared), &name.text)).await {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => {
                        tracing::debug!(%error, session = name.text, "cannot end a session on the server; retrying");
                    }
                    Err(_) => {}
                }
                sleep(Duration::from_secs(1)).await;
            }
        });
    }
}

/// Decrements a count on drop.
struct Ended(watch::Sender<usize>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.send_modify(|ending| *ending -= 1);
    }
}

async fn terminate(sessions: &Sessions, name: &str) -> Result<(), StoreError> {
    let mut session = sessions.begin(Role::Monitor, None, None).await?;
    sqlx::query_scalar!(
        r#"select count(pg_terminate_backend(pid)) as "count!" from pg_catalog.pg_stat_activity
           where application_name = $1 and pid <> pg_backend_pid()"#,
        name,
    )
    .fetch_one(&mut *session)
    .await?;
    session.commit().await
}
