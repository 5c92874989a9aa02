//! `polysink.envelopes`: the raw log.

mod insert;
pub mod life;

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::TryStreamExt as _;
use uuid::Uuid;

pub use insert::insert;

use super::{adoptions, records};
use crate::columns::literal_part;
use crate::envelope::{Envelope, Receipt, Unparsed, is_made_hash, parse_stored};
use crate::model::SyncId;
use crate::store::{Connection, Store, StoreError, session};

/// Where a delivery is in the raw log: the time names its partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogPlace {
    pub received_at: DateTime<Utc>,
    pub envelope_id: Uuid,
}

/// How far apart in time the places of one statement are, at most.
const SPAN: TimeDelta = TimeDelta::days(31);

/// Places that are near each other in time, in the order of receipt, as parameters.
#[derive(Debug, Default)]
struct Run {
    received: Vec<DateTime<Utc>>,
    ids: Vec<Uuid>,
}

/// Divides places into runs, in the order of receipt.
fn runs(places: impl IntoIterator<Item = LogPlace>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut places: Vec<LogPlace> = places.into_iter().collect();
    places.sort_unstable();
    for LogPlace { received_at, envelope_id } in places {
        if runs.last().is_none_or(|run| received_at - run.received[0] > SPAN) {
            runs.push(Run::default());
        }
        let run = runs.last_mut().expect("there is one now");
        run.received.push(received_at);
        run.ids.push(envelope_id);
    }
    runs
}

/// Selects of the envelopes of a run, and returns the rows. The statement names the times of the first and the last,
/// and is planned by value: to plan for all days of years takes seconds, and thousands of locks.
///
/// * `columns`, `rest`: literals
macro_rules! select_run {
    ($connection:expr, $run:expr, $columns:literal, $rest:literal) => {
        sqlx::query!(
            "select "
                + $columns
                + "
             from unnest($1::timestamptz[], $2::uuid[]) as w (received_at, envelope_id)
             join polysink.envelopes e on e.received_at = w.received_at and e.envelope_id = w.envelope_id
             where e.received_at between $3 and $4 "
                + $rest,
            &$run.received,
            &$run.ids,
            $run.received.first(),
            $run.received.last(),
        )
        .fetch_all($connection.planned_by_value())
        .await?
    };
}

/// Envelopes of the raw log that were ignored, because their event was not known then: they become like
/// others. Returns their ids.
pub async fn process_ignored(
    connection: &mut Connection,
    envelopes: &mut [Envelope],
) -> Result<HashSet<Uuid>, StoreError> {
    let places = envelopes.iter().map(|Envelope { receipt, .. }| LogPlace {
        received_at: receipt.received_at,
        envelope_id: receipt.envelope_id,
    });
    let locked = lock(connection, places).await?;
    let ignored = locked.into_iter().filter(|locked| locked.outcome == "ignored");
    let ignored: HashSet<Uuid> = ignored.map(|locked| locked.envelope_id).collect();
    for envelope in envelopes.iter_mut().filter(|envelope| ignored.contains(&envelope.receipt.envelope_id)) {
        if let Some(sent_as) = envelope.sync_id {
            envelope.sync_id = Some(adoptions::stored_as(connection, sent_as).await?);
        }
        // The metadata can exceed jsonb's limits, like any field. The body keeps its text.
        if let Some(metadata) = &envelope.metadata
            && records::jsonb_errors(connection, &[metadata.as_str()]).await?.iter().any(Option::is_some)
        {
            envelope.metadata = None;
        }
        sqlx::query!(
            "update polysink.envelopes
             set outcome = 'stored', event = $3, sync_id = $4, metadata = $5::text::jsonb, record_count = $6
             where received_at = $1 and envelope_id = $2",
            envelope.receipt.received_at,
            envelope.receipt.envelope_id,
            envelope.event,
            envelope.sync_id.map(|sync| sync.0),
            envelope.metadata,
            i32::try_from(envelope.record_count).unwrap_or(i32::MAX),
        )
        .execute(connection.planned_by_value())
        .await?;
    }
    Ok(ignored)
}

/// An envelope of the raw log, with its body.
#[derive(Debug)]
pub struct StoredDelivery {
    pub receipt: Receipt,
    /// The sync under which it is stored; the body has the id that was sent.
    sync_id: Option<SyncId>,
    pub body: String,
    /// Where the records stood that were cut out of the body.
    pub erased: Vec<u32>,
}

impl StoredDelivery {
    /// As the table has it, but for the address and the agent.
    fn of(
        place: LogPlace,
        sync_id: Option<Uuid>,
        sent_at: DateTime<Utc>,
        connection: String,
        body: String,
        erased_positions: Option<Vec<i32>>,
    ) -> Self {
        let receipt = Receipt {
            envelope_id: place.envelope_id,
            received_at: place.received_at,
            sent_at,
            connection,
            source_ip: None,
            user_agent: None,
            was_spooled: false,
        };
        let erased = erased_positions.unwrap_or_default().into_iter().map(i32::cast_unsigned).collect();
        Self { receipt, sync_id: sync_id.map(SyncId), body, erased }
    }

    pub fn place(&self) -> LogPlace {
        LogPlace { received_at: self.receipt.received_at, envelope_id: self.receipt.envelope_id }
    }

    /// Parses it again.
    pub fn parse(self) -> Result<Envelope, Unparsed> {
        let mut envelope = parse_stored(self.body, self.receipt, self.erased)?;
        envelope.sync_id = self.sync_id.or(envelope.sync_id);
        Ok(envelope)
    }
}

/// Reads envelopes with their bodies, of any outcome and as far as the raw log has them, in the order of sending.
pub async fn bodies(
    connection: &mut Connection,
    places: impl IntoIterator<Item = LogPlace>,
) -> Result<Vec<StoredDelivery>, StoreError> {
    let mut delivered = Vec::new();
    for run in runs(places) {
        let rows = select_run!(
            connection,
            run,
            "e.envelope_id, e.received_at, e.sync_id, e.sent_at, e.connection, e.body, e.erased_positions",
            ""
        );
        session::trim(connection, rows.iter().map(|row| row.body.len()).sum());
        delivered.extend(rows.into_iter().map(|row| {
            let place = LogPlace { received_at: row.received_at, envelope_id: row.envelope_id };
            StoredDelivery::of(place, row.sync_id, row.sent_at, row.connection, row.body, row.erased_positions)
        }));
    }
    delivered.sort_unstable_by_key(|delivered| (delivered.receipt.sent_at, delivered.receipt.envelope_id));
    Ok(delivered)
}

/// How large a delivery is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Size {
    pub records: i32,
    /// The body's size, in bytes.
    pub bytes: i32,
}

/// The sizes of these deliveries; those that are not in the raw log are left out.
pub async fn sizes(
    connection: &mut Connection,
    places: impl IntoIterator<Item = LogPlace>,
) -> Result<BTreeMap<LogPlace, Size>, StoreError> {
    let mut sizes = BTreeMap::new();
    for run in runs(places) {
        let rows = select_run!(
            connection,
            run,
            r#"e.received_at, e.envelope_id, e.record_count as records, octet_length(e.body) as "bytes!""#,
            ""
        );
        sizes.extend(rows.into_iter().map(|row| {
            let place = LogPlace { received_at: row.received_at, envelope_id: row.envelope_id };
            (place, Size { records: row.records, bytes: row.bytes })
        }));
    }
    Ok(sizes)
}

/// A delivery of the raw log that is locked.
#[derive(Debug)]
pub struct Locked {
    envelope_id: Uuid,
    outcome: String,
}

/// Locks these deliveries, in the order of receipt. Returns those that the raw log has.
pub async fn lock(
    connection: &mut Connection,
    places: impl IntoIterator<Item = LogPlace>,
) -> Result<Vec<Locked>, StoreError> {
    let mut places: Vec<LogPlace> = places.into_iter().collect();
    places.sort_unstable();
    let (received, ids): (Vec<_>, Vec<Uuid>) =
        places.iter().map(|place| (place.received_at, place.envelope_id)).unzip();
    let locked = sqlx::query_as!(
        Locked,
        r#"select envelope_id as "envelope_id!", outcome as "outcome!" from polysink.lock_envelopes($1, $2)"#,
        &received,
        &ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(locked)
}

/// Stores these deliveries under another sync. Their bodies keep the id that was sent.
pub async fn change_sync(connection: &mut Connection, places: &[LogPlace], sync_id: SyncId) -> Result<(), StoreError> {
    for run in runs(places.iter().copied()) {
        sqlx::query!(
            "update polysink.envelopes e set sync_id = $5
             from unnest($1::timestamptz[], $2::uuid[]) as w (received_at, envelope_id)
             where e.received_at = w.received_at and e.envelope_id = w.envelope_id and e.received_at between $3 and $4",
            &run.received,
            &run.ids,
            run.received.first(),
            run.received.last(),
            sync_id.0,
        )
        .execute(connection.planned_by_value())
        .await?;
    }
    Ok(())
}

/// Those of these deliveries that have records, with their syncs.
pub async fn with_records(
    connection: &mut Connection,
    places: &[LogPlace],
) -> Result<Vec<(LogPlace, DateTime<Utc>, SyncId)>, StoreError> {
    let mut found = Vec::new();
    for run in runs(places.iter().copied()) {
        let rows = select_run!(
            connection,
            run,
            r#"e.received_at, e.envelope_id, e.sent_at, e.sync_id as "sync_id!""#,
            "and e.outcome = 'stored' and e.sync_id is not null and e.record_count > 0"
        );
        found.extend(rows.into_iter().map(|row| {
            let place = LogPlace { received_at: row.received_at, envelope_id: row.envelope_id };
            (place, row.sent_at, SyncId(row.sync_id))
        }));
    }
    Ok(found)
}

/// Replaces a body with what is left of it.
///
/// * `erased`: the positions of all records that were erased from it
/// * `record_count`: how many are left
pub async fn replace_body(
    connection: &mut Connection,
    place: LogPlace,
    body: &str,
    erased: &[u32],
    record_count: usize,
) -> Result<(), StoreError> {
    let erased: Vec<i32> = erased.iter().copied().map(u32::cast_signed).collect();
    sqlx::query!(
        "update polysink.envelopes set body = $3, erased_positions = $4, record_count = $5
         where received_at = $1 and envelope_id = $2",
        place.received_at,
        place.envelope_id,
        body,
        &erased,
        i32::try_from(record_count).unwrap_or(i32::MAX),
    )
    .execute(connection.planned_by_value())
    .await?;
    session::trim(connection, body.len());
    Ok(())
}

/// Deletes a delivery.
pub async fn delete(connection: &mut Connection, place: LogPlace) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from polysink.envelopes where received_at = $1 and envelope_id = $2",
        place.received_at,
        place.envelope_id,
    )
    .execute(connection.planned_by_value())
    .await?;
    Ok(())
}

/// The database searches for at most this many texts; for more, all bodies are read.
pub const MOST_NEEDLES: usize = 8;

/// How an ASCII character begins that is escaped: a body with it may have any text.
pub const ESCAPED: &str = "\\u00";

/// A text that the JSON of each record with this hash has, unless it has [`ESCAPED`]; `None` if nothing is sure: a hash
/// that was made is in no body.
pub fn needle_of_hash(hash: &str) -> Option<String> {
    literal_part(hash).filter(|_| !is_made_hash(hash))
}

/// Which bodies to look at: those that have one of these texts, or possibly a number with an exponent.
#[derive(Debug, Clone, Copy)]
pub struct BodySieve<'a> {
    /// `None` for all bodies.
    pub needles: Option<&'a [String]>,
    pub exponents: bool,
    /// From when to when those were sent that are gone through; `None` for all.
    pub sent: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// Goes through a sync's deliveries, in no order.
///
/// * `on_delivery`: called for each, with its body if the sieve has it; returns whether to continue
pub async fn scan(
    connection: &mut Connection,
    sync_id: SyncId,
    sieve: BodySieve<'_>,
    mut on_delivery: impl FnMut(LogPlace, Option<StoredDelivery>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, StoreError> {
    let mut rows = sqlx::query!(
        r#"select envelope_id, received_at, sent_at, connection, erased_positions,
                  case when $2::text[] is null
                         or exists (select from unnest($2) as n (needle) where position(n.needle in body) > 0)
                         or $3 and body ~ '[:,\[\s"]-?[0-9]+(\.[0-9]+)?[eE][-+]?[0-9]+["\s,}\]]'
                       then body end as body
           from polysink.envelopes
           where sync_id = $1 and ($4::timestamptz is null or sent_at between $4 and $5)"#,
        sync_id.0,
        sieve.needles,
        sieve.exponents,
        sieve.sent.map(|(since, _)| since),
        sieve.sent.map(|(_, until)| until),
    )
    .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        let place = LogPlace { received_at: row.received_at, envelope_id: row.envelope_id };
        let of =
            |body| StoredDelivery::of(place, Some(sync_id.0), row.sent_at, row.connection, body, row.erased_positions);
        let delivered = row.body.map(of);
        if on_delivery(place, delivered).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// How many deliveries of a sync there are.
pub async fn count(connection: &mut Connection, sync_id: SyncId) -> Result<u64, StoreError> {
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from polysink.envelopes where sync_id = $1"#, sync_id.0)
            .fetch_one(connection)
            .await?;
    Ok(count.unsigned_abs())
}

/// All deliveries of a sync.
pub async fn places(connection: &mut Connection, sync_id: SyncId) -> Result<Vec<LogPlace>, StoreError> {
    let rows = sqlx::query_as!(
        LogPlace,
        "select received_at, envelope_id from polysink.envelopes where sync_id = $1",
        sync_id.0,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// When the oldest delivery of a sync in the raw log was received; `None` if there is none.
pub async fn raw_since(store: &Store, sync_id: SyncId) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut session = store.begin().await?;
    let since = sqlx::query_scalar!(
        "select received_at from polysink.envelopes
         where sync_id = $1 and outcome = 'stored' and record_count > 0
         order by received_at limit 1",
        sync_id.0,
    )
    .fetch_optional(&mut *session)
    .await?;
    session.commit().await?;
    Ok(since)
}
