//! Partitions of the raw log, made days ahead.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, interval_at};

use crate::store::{Role, Store};

/// How often missing partitions are made. They reach a week ahead, so a day's failures harm nothing.
const EVERY: Duration = Duration::from_secs(3600);
const LIMIT: Duration = Duration::from_secs(60);

/// Makes missing partitions every hour, without end.
///
/// * `now`: asks for the time
/// * `just_made`: migrating has just made them, so the first look is an hour away
pub async fn make_partitions_ahead(store: Store, now: fn() -> DateTime<Utc>, just_made: bool) {
    let store = store.for_role(Role::Maintenance);
    let first = if just_made { EVERY } else { Duration::ZERO };
    let mut every = interval_at(Instant::now() + first, EVERY);
    loop {
        every.tick().await;
        if let Err(error) = store.within(LIMIT, store.make_partitions(now())).await {
            tracing::warn!(%error, "the partitions of the coming days could not be made; trying again in an hour");
        }
    }
}
