//! Creates the partitions of the raw log, days ahead.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, interval_at};

use crate::store::tables::partitions;
use crate::store::{Role, Store};

/// How often missing partitions are created. They reach a week ahead, so a day of failures does no harm.
const EVERY: Duration = Duration::from_secs(3600);
const LIMIT: Duration = Duration::from_secs(60);

/// Creates missing partitions every hour, forever.
///
/// * `now`: returns the time
/// * `just_made`: the migration has just created them, so the first check is an hour away
pub async fn make_partitions_ahead(store: Store, now: fn() -> DateTime<Utc>, just_made: bool) {
    let store = store.for_role(Role::Maintenance);
    let first = if just_made { EVERY } else { Duration::ZERO };
    let mut every = interval_at(Instant::now() + first, EVERY);
    loop {
        every.tick().await;
        match store.within(LIMIT, partitions::make_ahead(&store, now())).await {
            Ok(warnings) => warnings.iter().for_each(|warning| tracing::warn!("{warning}; retrying in an hour")),
            Err(error) => {
                tracing::warn!(%error, "cannot create the partitions of the coming days; retrying in an hour");
            }
        }
    }
}
