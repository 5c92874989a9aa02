//! The statement that upserts rows of the ledger.

use std::collections::HashMap;

use uuid::Uuid;

use super::STATEMENT_ROWS;
use crate::model::{Sighting, SyncId};
use crate::store::{Connection, StoreError, session};

/// One record of a transaction, folded.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerRow<'a> {
    pub sync_id: Uuid,
    pub hash: &'a str,
    /// The fields of the newest sighting; so is `altered`.
    pub fields: &'a str,
    pub altered: bool,
    /// Whether it came with different fields.
    pub revised: bool,
    pub first: Sighting,
    pub last: Sighting,
    /// How often it came; 0 to add nothing to the count of a row.
    pub times: i64,
    /// The index of the first envelope with this record, in the order given: a new row counts for that one.
    pub envelope: usize,
}

impl<'a> LedgerRow<'a> {
    /// Folds another row of the same key into this one.
    pub fn absorb(&mut self, other: &LedgerRow<'a>) {
        self.times += other.times;
        self.first = self.first.min(other.first);
        self.revised |= other.revised || other.fields != self.fields;
        if other.last > self.last {
            self.last = other.last;
            self.fields = other.fields;
            self.altered = other.altered;
        }
    }
}

/// The query that upserts rows of the ledger.
///
/// * `source`, `returning`: literals; the source has the columns in the order that they have here
macro_rules! upsert_records {
    ($source:literal, $returning:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query!(
            r#"
         insert into polysink.records as r
             (sync_id, hash, fields, altered, first_envelope_id, first_sent_at, first_position, first_received_at,
              last_envelope_id, last_sent_at, last_position, last_received_at, times_received, revised)
         "# + $source + r#"
         on conflict (sync_id, hash) do update set
             fields = case when (excluded.last_sent_at, excluded.last_envelope_id, excluded.last_position)
                           > (r.last_sent_at, r.last_envelope_id, r.last_position)
                      then excluded.fields else r.fields end,
             altered = case when (excluded.last_sent_at, excluded.last_envelope_id, excluded.last_position)
                           > (r.last_sent_at, r.last_envelope_id, r.last_position)
                      then excluded.altered else r.altered end,
             last_envelope_id = case when (excluded.last_sent_at, excluded.last_envelope_id, excluded.last_position)
                           > (r.last_sent_at, r.last_envelope_id, r.last_position)
                      then excluded.last_envelope_id else r.last_envelope_id end,
             last_sent_at = case when (excluded.last_sent_at, excluded.last_envelope_id, excluded.last_position)
                           > (r.last_sent_at, r.last_envelope_id, r.last_position)
                      then excluded.last_sent_at else r.last_sent_at end,
             last_position = case when (excluded.last_sent_at, excluded.last_envelope_id, excluded.last_position)
                           > (r.last_sent_at, r.last_envelope_id, r.last_position)
                      then excluded.last_position else r.last_position end,
             last_received_at = case when (excluded.last_sent_at, excluded.last_envelope_id, excluded.last_position)
                           > (r.last_sent_at, r.last_envelope_id, r.last_position)
                      then excluded.last_received_at else r.last_received_at end,
             first_envelope_id = case when (excluded.first_sent_at, excluded.first_envelope_id, excluded.first_position)
                           < (r.first_sent_at, r.first_envelope_id, r.first_position)
                      then excluded.first_envelope_id else r.first_envelope_id end,
             first_sent_at = case when (excluded.first_sent_at, excluded.first_envelope_id, excluded.first_position)
                           < (r.first_sent_at, r.first_envelope_id, r.first_position)
                      then excluded.first_sent_at else r.first_sent_at end,
             first_position = case when (excluded.first_sent_at, excluded.first_envelope_id, excluded.first_position)
                           < (r.first_sent_at, r.first_envelope_id, r.first_position)
                      then excluded.first_position else r.first_position end,
             first_received_at = case when (excluded.first_sent_at, excluded.first_envelope_id, excluded.first_position)
                           < (r.first_sent_at, r.first_envelope_id, r.first_position)
                      then excluded.first_received_at else r.first_received_at end,
             times_received = r.times_received + excluded.times_received,
             revised = r.revised or excluded.revised or r.fields <> excluded.fields
         "# + $returning,
            $($argument),+
        )
    };
}

/// Upserts the rows. Returns for each, in the order given, whether it was new. A large delivery takes several
/// statements.
///
/// The outcome does not depend on the order of deliveries: counts add up, the newest sighting decides the fields, the
/// oldest is the first. The statement compares sightings as [`Sighting`] does.
///
/// * `rows`: each key once, in key order
pub async fn upsert(connection: &mut Connection, rows: &[LedgerRow<'_>]) -> Result<Vec<bool>, StoreError> {
    let mut new = Vec::with_capacity(rows.len());
    for part in rows.chunks(STATEMENT_ROWS) {
        new.extend(upsert_part(connection, part).await?);
        session::trim(connection, part.iter().map(|row| row.fields.len()).sum());
    }
    Ok(new)
}

async fn upsert_part(connection: &mut Connection, rows: &[LedgerRow<'_>]) -> Result<Vec<bool>, StoreError> {
    let syncs: Vec<Uuid> = rows.iter().map(|row| row.sync_id).collect();
    let hashes: Vec<&str> = rows.iter().map(|row| row.hash).collect();
    let fields: Vec<&str> = rows.iter().map(|row| row.fields).collect();
    let altered: Vec<bool> = rows.iter().map(|row| row.altered).collect();
    let revised: Vec<bool> = rows.iter().map(|row| row.revised).collect();
    let first_envelopes: Vec<Uuid> = rows.iter().map(|row| row.first.envelope_id).collect();
    let first_sent: Vec<_> = rows.iter().map(|row| row.first.sent_at).collect();
    let first_positions: Vec<i32> = rows.iter().map(|row| row.first.position).collect();
    let first_received: Vec<_> = rows.iter().map(|row| row.first.received_at).collect();
    let last_envelopes: Vec<Uuid> = rows.iter().map(|row| row.last.envelope_id).collect();
    let last_sent: Vec<_> = rows.iter().map(|row| row.last.sent_at).collect();
    let last_positions: Vec<i32> = rows.iter().map(|row| row.last.position).collect();
    let last_received: Vec<_> = rows.iter().map(|row| row.last.received_at).collect();
    let times: Vec<i64> = rows.iter().map(|row| row.times).collect();
    // A new row's count is what we add; an older one's is more. The key is returned only where that does not follow
    // from a count of one, so a load of new records returns nothing.
    let seen = upsert_records!(
        "select n.sync_id, n.hash, n.fields::jsonb, n.altered, n.first_envelope_id, n.first_sent_at, n.first_position,
                n.first_received_at, n.last_envelope_id, n.last_sent_at, n.last_position, n.last_received_at,
                n.times_received, n.revised
         from unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::uuid[], $6::timestamptz[], $7::integer[],
                     $8::timestamptz[], $9::uuid[], $10::timestamptz[], $11::integer[], $12::timestamptz[],
                     $13::bigint[],
                     $14::boolean[])
              as n (sync_id, hash, fields, altered, first_envelope_id, first_sent_at, first_position, first_received_at,
                    last_envelope_id, last_sent_at, last_position, last_received_at, times_received, revised)",
        r#"returning case when r.times_received > 1 then r.sync_id end as sync_id,
                   case when r.times_received > 1 then r.hash end as hash,
                   r.times_received as "times_received!""#,
        &syncs,
        &hashes as _,
        &fields as _,
        &altered,
        &first_envelopes,
        &first_sent,
        &first_positions,
        &first_received,
        &last_envelopes,
        &last_sent,
        &last_positions,
        &last_received,
        &times,
        &revised,
    )
    .fetch_all(connection)
    .await?;
    let received: HashMap<(Uuid, &str), i64> =
        seen.iter().filter_map(|row| Some(((row.sync_id?, row.hash.as_deref()?), row.times_received))).collect();
    let is_new = |row: &LedgerRow<'_>| {
        row.times > 0 && received.get(&(row.sync_id, row.hash)).is_none_or(|times| *times == row.times)
    };
    Ok(rows.iter().map(is_new).collect())
}

/// Moves the next records of a sync to another one. A record that both have becomes one. Returns the hash of the last
/// one; `None` at the end.
///
/// * `after`: the last hash that was moved: rows that were deleted stay in the index for a while
pub async fn change_sync(
    connection: &mut Connection,
    from: SyncId,
    to: SyncId,
    after: &str,
    most: i64,
) -> Result<Option<String>, StoreError> {
    let last = sqlx::query_scalar!(
        "select max(hash) from (select hash from polysink.records where sync_id = $1 and hash > $2 order by hash limit \
         $3) as next",
        from.0,
        after,
        most,
    );
    let Some(last) = last.fetch_one(&mut *connection).await? else { return Ok(None) };
    let moved = upsert_records!(
        "select $2::uuid, n.hash, n.fields, n.altered, n.first_envelope_id, n.first_sent_at, n.first_position,
                n.first_received_at, n.last_envelope_id, n.last_sent_at, n.last_position, n.last_received_at,
                n.times_received, n.revised
         from polysink.records n where n.sync_id = $1 and n.hash > $3 and n.hash <= $4 order by n.hash",
        "",
        from.0,
        to.0,
        after,
        &last,
    );
    moved.execute(&mut *connection).await?;
    // Since the adoption began, nobody writes them under the earlier id.
    sqlx::query!("delete from polysink.records where sync_id = $1 and hash > $2 and hash <= $3", from.0, after, last,)
        .execute(connection)
        .await?;
    Ok(Some(last))
}
