//! Tells other services on the database what this one has stored, and hears them.
//!
//! A service projects what it stored; another one helps if that takes long, and at once if the first one died.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use crate::backoff::Backoff;
use crate::metrics::Metrics;
use crate::store::hints::{self, Hint, HintListener};
use crate::store::{Role, Store, StoreError};
use crate::writer::BacklogSignal;

/// One hint stands for all deliveries of this time.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// Time to give a hint.
const TELL_LIMIT: Duration = Duration::from_secs(5);

/// Pauses between tries to listen.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// The hints that were heard. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Heard(Arc<Notices>);

#[derive(Debug, Default)]
struct Notices {
    deliveries: Notify,
    changes: Notify,
}

impl Heard {
    /// Waits for a hint. Hints of one kind that came since the last wait are one.
    pub async fn next(&self) -> Hint {
        tokio::select! {
            biased;
            () = self.0.changes.notified() => Hint::Changes,
            () = self.0.deliveries.notified() => Hint::Deliveries,
        }
    }

    fn note(&self, hint: Hint) {
        match hint {
            Hint::Deliveries => self.0.deliveries.notify_one(),
            Hint::Changes => self.0.changes.notify_one(),
        }
    }
}

/// Tells others of stored deliveries, forever.
pub async fn tell(store: Store, signal: BacklogSignal) {
    let store = store.for_role(Role::Maintenance);
    loop {
        signal.untold().await;
        if let Err(error) = store.within(TELL_LIMIT, hints::give(&store, Hint::Deliveries)).await {
            tracing::debug!(%error, "cannot tell other services of deliveries");
        }
        sleep(TELL_EVERY).await;
    }
}

/// Hears others, forever. A lost connection is replaced.
pub async fn hear(store: Store, heard: Heard, metrics: Metrics) {
    let store = store.for_role(Role::Maintenance);
    if !store.keeps_sessions() {
        tracing::info!(
            "behind a transaction pooler without POLYSINK_DIRECT_URL, other services are not heard; polysink looks for \
             their deliveries and changes every two seconds"
        );
        return;
    }
    let mut backoff = Backoff::new(FIRST_PAUSE);
    loop {
        let began = Instant::now();
        let Err(error) = hear_until_lost(&store, &heard, &metrics).await;
        metrics.hears(false);
        if began.elapsed() >= MAX_PAUSE {
            backoff.reset();
        }
        tracing::debug!(%error, "other services are not heard; listening again");
        sleep(backoff.fail(MAX_PAUSE)).await;
    }
}

async fn hear_until_lost(store: &Store, heard: &Heard, metrics: &Metrics) -> Result<Infallible, StoreError> {
    let mut listener = HintListener::connect(store).await?;
    metrics.hears(true);
    // Something may have happened before.
    heard.note(Hint::Changes);
    loop {
        let hint = listener.next().await?;
        metrics.hint(hint.as_str());
        heard.note(hint);
    }
}
