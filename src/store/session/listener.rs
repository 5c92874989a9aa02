//! A connection of its own that waits for notifications.

use std::fmt;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::time::timeout;

use super::endpoint::is_read_only;
use super::{PING, SharedPools};
use crate::store::{Store, StoreError};

/// After a silence of this length it is checked whether the server still answers, and takes writes: a dead network says
/// nothing, and neither does a primary that is one no more.
const SILENCE: Duration = Duration::from_secs(15);

/// Hears what is said on a channel of `notify`. It is idle by nature, and belongs to no pool.
pub(crate) struct Listener(PgListener);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

impl Listener {
    pub(super) async fn open(server: PgConnectOptions, channel: &str) -> Result<Self, StoreError> {
        // sqlx gives a listener a connection from a pool only. The caller replaces a lost one, with pauses.
        let pool = PgPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let mut listener = PgListener::connect_with(&pool.connect_lazy_with(server)).await?;
        listener.eager_reconnect(false);
        // A standby refuses it.
        listener.listen(channel).await?;
        Ok(Self(listener))
    }

    /// Waits for the next notification, and returns its text.
    ///
    /// # Errors
    ///
    /// If the connection is lost. [`StoreError::TimedOut`] if the server does not answer, [`StoreError::ReadOnly`] if
    /// it takes no writes any more.
    pub async fn next(&mut self) -> Result<String, StoreError> {
        loop {
            if let Ok(heard) = timeout(SILENCE, self.0.try_recv()).await {
                return Ok(heard?.ok_or(StoreError::Lost)?.payload().to_owned());
            }
            if timeout(PING, is_read_only(&mut self.0)).await.unwrap_or(Err(StoreError::TimedOut))? {
                return Err(StoreError::ReadOnly);
            }
        }
    }
}

impl Store {
    /// Listens on a channel. Needs a session: see [`Store::keeps_sessions`].
    pub(crate) async fn listen(&self, channel: &str) -> Result<Listener, StoreError> {
        let SharedPools { servers, direct, .. } = &*self.sessions.0;
        let servers = if self.role.needs_session() { direct } else { servers };
        servers.listen(channel, &format!("polysink listener 1 {}", self.process())).await
    }
}
