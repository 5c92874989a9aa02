//! `polysink.records`: the ledger.

mod copy;
mod pages;
mod upsert;

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use futures_util::TryStreamExt as _;
use uuid::Uuid;

use crate::model::{Sighting, SyncId};
use crate::store::{Connection, Store, StoreError, session};

pub use copy::{Novelty, encode, insert};
pub use pages::{FieldPages, LedgerRecord, PAGE, PageSize, each_fields, page, values_of};
pub use upsert::{LedgerRow, change_sync, upsert};

/// How many rows one statement takes. More gain nothing, and take memory here and in the database.
const STATEMENT_ROWS: usize = 5_000;

/// The oldest and the newest sighting of each record.
pub type Ends = HashMap<(SyncId, String), [Sighting; 2]>;

/// Keys as parameters.
pub fn key_arrays<'a>(keys: impl IntoIterator<Item = (SyncId, &'a str)>) -> (Vec<Uuid>, Vec<&'a str>) {
    keys.into_iter().map(|(sync_id, hash)| (sync_id.0, hash)).unzip()
}

/// The oldest and the newest sighting of these records, as far as the ledger has them. Locks the rows, in key order.
pub async fn ends(connection: &mut Connection, keys: &HashSet<(SyncId, &str)>) -> Result<Ends, StoreError> {
    let mut keys: Vec<_> = keys.iter().copied().collect();
    keys.sort_unstable();
    let (syncs, hashes) = key_arrays(keys);
    let rows = sqlx::query!(
        r#"select sync_id as "sync_id!", hash as "hash!", first_sent_at as "first_sent_at!",
                  first_envelope_id as "first_envelope_id!", first_position as "first_position!",
                  first_received_at as "first_received_at!", last_sent_at as "last_sent_at!",
                  last_envelope_id as "last_envelope_id!", last_position as "last_position!",
                  last_received_at as "last_received_at!"
           from polysink.lock_records($1, $2)"#,
        &syncs,
        &hashes as _,
    )
    .fetch_all(connection)
    .await?;
    let ends = rows.into_iter().map(|row| {
        let first = Sighting {
            sent_at: row.first_sent_at,
            envelope_id: row.first_envelope_id,
            position: row.first_position,
            received_at: row.first_received_at,
        };
        let last = Sighting {
            sent_at: row.last_sent_at,
            envelope_id: row.last_envelope_id,
            position: row.last_position,
            received_at: row.last_received_at,
        };
        ((SyncId(row.sync_id), row.hash), [first, last])
    });
    Ok(ends.collect())
}

/// Adds to the counts of these records, which can be less than nothing; they stay at least one.
pub async fn add_times(connection: &mut Connection, times: &[((SyncId, &str), i64)]) -> Result<(), StoreError> {
    // Locked in key order, so that no delivery deadlocks with it.
    ends(connection, &times.iter().map(|(key, _)| *key).collect()).await?;
    let (syncs, hashes) = key_arrays(times.iter().map(|(key, _)| *key));
    let times: Vec<i64> = times.iter().map(|(_, times)| *times).collect();
    sqlx::query!(
        "update polysink.records r set times_received = greatest(r.times_received + n.times, 1)
         from unnest($1::uuid[], $2::text[], $3::bigint[]) as n (sync_id, hash, times)
         where r.sync_id = n.sync_id and r.hash = n.hash",
        &syncs,
        &hashes as _,
        &times,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// For each JSON text, in the order given, why jsonb refuses it; `None` if it does not.
pub async fn jsonb_errors(connection: &mut Connection, texts: &[&str]) -> Result<Vec<Option<String>>, StoreError> {
    let mut errors = Vec::with_capacity(texts.len());
    for part in texts.chunks(STATEMENT_ROWS) {
        let bytes = part.iter().map(|text| text.len()).sum();
        let part = sqlx::query_scalar!(
            "select polysink.jsonb_error(t.json) from unnest($1::text[]) with ordinality as t (json, n) order by t.n",
            part as _,
        );
        errors.extend(part.fetch_all(&mut *connection).await?);
        session::trim(connection, bytes);
    }
    Ok(errors)
}

/// Which of these records the ledger has.
pub async fn known(
    connection: &mut Connection,
    sync_id: SyncId,
    hashes: &[&str],
) -> Result<HashSet<String>, StoreError> {
    let known = sqlx::query_scalar!(
        "select hash from polysink.records where sync_id = $1 and hash = any($2)",
        sync_id.0,
        hashes as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(known.into_iter().collect())
}

/// Which of these records came with different fields.
pub async fn revised(
    connection: &mut Connection,
    sync_id: SyncId,
    hashes: &[&str],
) -> Result<HashSet<String>, StoreError> {
    let revised = sqlx::query_scalar!(
        "select hash from polysink.records where sync_id = $1 and hash = any($2) and revised",
        sync_id.0,
        hashes as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(revised.into_iter().collect())
}

/// Which records to look at: those with one of these values in a field, and those where that is not sure.
#[derive(Debug)]
pub struct FieldsSieve {
    pub field: String,
    /// Strings as they are, or in lower case; `None` for all.
    pub strings: Option<Vec<String>>,
    /// Plain numbers; `None` for all.
    pub numbers: Option<Vec<String>>,
}

impl FieldsSieve {
    /// None yet.
    pub fn of(field: &str) -> Self {
        Self { field: field.to_owned(), strings: Some(Vec::new()), numbers: Some(Vec::new()) }
    }
}

/// Reads the records of a sync that have such a value.
///
/// * `on_record`: called with the hash and the fields, as JSON, of each; returns whether to continue
pub async fn scan(
    connection: &mut Connection,
    sync_id: SyncId,
    sieve: &FieldsSieve,
    mut on_record: impl FnMut(String, &str) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, StoreError> {
    let mut rows = sqlx::query!(
        r#"select hash, fields::text as "fields!" from polysink.records
           where sync_id = $1
             and case jsonb_typeof(fields->$2)
                     when 'string' then $3::text[] is null or fields->>$2 = any($3) or lower(fields->>$2) = any($3)
                     when 'number' then $4::text[] is null or (fields->$2)::numeric = any($4::text[]::numeric[])
                     when 'null' then false
                     else fields ? $2
                 end"#,
        sync_id.0,
        sieve.field,
        sieve.strings.as_deref(),
        sieve.numbers.as_deref(),
    )
    .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        if on_record(row.hash, &row.fields).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// How many of these records the ledger has.
pub async fn count(connection: &mut Connection, sync_id: SyncId, hashes: &[&str]) -> Result<u64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from polysink.records where sync_id = $1 and hash = any($2)"#,
        sync_id.0,
        hashes as _,
    )
    .fetch_one(connection)
    .await?;
    Ok(count.unsigned_abs())
}

/// Deletes these records. Returns how many there were.
pub async fn delete(connection: &mut Connection, sync_id: SyncId, hashes: &[&str]) -> Result<u64, StoreError> {
    // Locked in key order, as they are written, so that no delivery deadlocks with it.
    ends(connection, &hashes.iter().map(|hash| (sync_id, *hash)).collect()).await?;
    let deleted =
        sqlx::query!("delete from polysink.records where sync_id = $1 and hash = any($2)", sync_id.0, hashes as _,)
            .execute(connection)
            .await?;
    Ok(deleted.rows_affected())
}

/// How many records of a sync the ledger has, and of how many the first or the last sighting is missing in the raw log.
pub async fn size(store: &Store, sync_id: SyncId) -> Result<(i64, i64), StoreError> {
    let mut session = store.begin().await?;
    let row = sqlx::query!(
        r#"with log as materialized (select envelope_id from polysink.envelopes where sync_id = $1)
           select count(*) as "all!",
                  count(*) filter (where f.envelope_id is null or l.envelope_id is null) as "gone!"
           from polysink.records r
           left join log f on f.envelope_id = r.first_envelope_id
           left join log l on l.envelope_id = r.last_envelope_id
           where r.sync_id = $1"#,
        sync_id.0,
    )
    .fetch_one(&mut *session)
    .await?;
    session.commit().await?;
    Ok((row.all, row.gone))
}

/// How many records of the ledger have no key: a field of the identity is missing or null.
pub async fn unidentified(store: &Store, sync_id: SyncId) -> Result<i64, StoreError> {
    let mut session = store.begin().await?;
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from polysink.unidentified where sync_id = $1"#, sync_id.0)
            .fetch_one(&mut *session)
            .await?;
    session.commit().await?;
    Ok(count)
}
