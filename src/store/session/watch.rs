//! Tells a slow statement from a dead connection, by what the server says of the session.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use super::{ASK, Role, Sessions};
use crate::store::StoreError;

/// How often work is compared with the server's view, and how long the server may have been waiting for us.
const WATCH_EVERY: Duration = Duration::from_secs(1);
const WATCH_IDLE_SECONDS: f64 = 3.0;

/// Without any answer for this long, watched work is given up: the server or the network is gone.
const WATCH_SILENCE: Duration = Duration::from_secs(10);

/// The open sessions of a piece of work: when each began, and its name. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct WatchScope(Arc<Mutex<Vec<(Instant, String)>>>);

impl WatchScope {
    fn open(&self) -> Vec<(Instant, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn add(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((Instant::now(), name.to_owned()));
    }

    pub(super) fn remove(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(_, other)| other != name);
    }
}

impl Sessions {
    /// Returns when the work of these sessions is lost, or has taken longer than `limit`.
    pub(super) async fn watch(&self, scope: &WatchScope, limit: Option<Duration>) -> StoreError {
        let began = Instant::now();
        let mut answered = Instant::now();
        let mut suspects: Vec<(Instant, String)> = Vec::new();
        loop {
            sleep(WATCH_EVERY).await;
            if limit.is_some_and(|limit| began.elapsed() >= limit) {
                return StoreError::TimedOut;
            }
            let mut open = scope.open();
            if open.is_empty() {
                answered = Instant::now();
                continue;
            }
            let names: Vec<String> = open.iter().map(|(_, name)| name.clone()).collect();
            match timeout(ASK, lost(self, &names)).await {
                Ok(Ok(lost)) => {
                    answered = Instant::now();
                    open.retain(|(_, name)| lost.contains(name));
                    // Twice, because a session is also unknown to the server for a moment at either end.
                    if open.iter().any(|session| suspects.contains(session)) {
                        return StoreError::Lost;
                    }
                    suspects = open;
                }
                Ok(Err(error)) => tracing::debug!(%error, "cannot check the sessions on the server"),
                Err(_) => {}
            }
            if answered.elapsed() >= WATCH_SILENCE {
                return StoreError::Lost;
            }
        }
    }
}

/// The sessions that the server does not know, or whose client it waits for.
async fn lost(sessions: &Sessions, names: &[String]) -> Result<Vec<String>, StoreError> {
    let mut session = sessions.begin(Role::Monitor, None, None).await?;
    let lost = sqlx::query_scalar!(
        r#"select s.name as "name!" from unnest($1::text[]) as s (name)
           where not exists (
               select from pg_catalog.pg_stat_activity a
               where a.application_name = s.name
                 and (coalesce(a.wait_event_type, '') <> 'Client'
                      or a.state_change > clock_timestamp() - make_interval(secs => $2))
           )"#,
        names,
        WATCH_IDLE_SECONDS,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(lost)
}
