//! The bodies of `polysink.envelopes` that a sync sent in a time, for a comparison with Polytomic's log of a run.

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt as _;

use super::envelopes::LogPlace;
use super::expired::raw_log_begins;
use super::heads::Window;
use crate::model::SyncId;
use crate::store::{Connection, StoreError};

/// Bodies of a page: as many as are read within a statement's time, however large. Each is handled as it comes, so they
/// need no memory together.
const PAGE: i64 = 64;

/// When the oldest day begins of which there are bodies; `None` if there is none.
pub async fn begin(connection: &mut Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
    raw_log_begins(connection).await
}

/// The body of a delivery.
#[derive(Debug)]
pub struct SentBody {
    pub sent_at: DateTime<Utc>,
    pub json: String,
    /// Whether records were erased from it.
    pub erased: bool,
}

/// Reads a page of bodies in the order of receipt. Returns the place to go on from; `None` at the end.
///
/// * `after`: where the page before ended
pub async fn page(
    connection: &mut Connection,
    sync_id: SyncId,
    window: Window,
    after: Option<LogPlace>,
    mut on_body: impl FnMut(SentBody),
) -> Result<Option<LogPlace>, StoreError> {
    let Window { since, until, reach } = window;
    let from = after.map_or(since - reach, |place| place.received_at);
    let mut rows = sqlx::query!(
        r#"select envelope_id, received_at, sent_at, body, erased_positions is not null as "erased!"
         from polysink.envelopes
         where sync_id = $1 and outcome = 'stored' and sent_at > $2 and sent_at <= $3
           and received_at between $4 and $5 and ($6::uuid is null or (received_at, envelope_id) > ($4, $6))
         order by received_at, envelope_id
         limit $7"#,
        sync_id.0,
        since,
        until,
        from,
        until + reach,
        after.map(|place| place.envelope_id),
        PAGE,
    )
    .fetch(connection.planned_by_value());
    let (mut count, mut last) = (0, None);
    while let Some(row) = rows.try_next().await? {
        on_body(SentBody { sent_at: row.sent_at, json: row.body, erased: row.erased });
        last = Some(LogPlace { received_at: row.received_at, envelope_id: row.envelope_id });
        count += 1;
    }
    Ok(last.filter(|_| count == PAGE))
}
