//! `polysink.records`: the ledger.

use std::collections::{HashMap, HashSet};
use std::ops::{ControlFlow, Range};

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt as _;
use uuid::Uuid;

use crate::model::{Sighting, SyncId};
use crate::store::{Connection, Store, StoreError, session};

/// How many rows one statement takes. More gain nothing, and take memory here and in the database.
const STATEMENT_ROWS: usize = 5_000;

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
/// * `with`, `source`, `returning`: literals; the source has the columns in the order that they have here
macro_rules! upsert_records {
    ($with:literal, $source:literal, $returning:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query!(
            $with + r#"
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
        "",
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
        "with moved as (
             delete from polysink.records where sync_id = $1 and hash > $3 and hash <= $4 returning *
         )",
        "select $2::uuid, n.hash, n.fields, n.altered, n.first_envelope_id, n.first_sent_at, n.first_position,
                n.first_received_at, n.last_envelope_id, n.last_sent_at, n.last_position, n.last_received_at,
                n.times_received, n.revised
         from moved n order by n.hash",
        "",
        from.0,
        to.0,
        after,
        &last,
    );
    moved.execute(connection).await?;
    Ok(Some(last))
}

/// The oldest and the newest sighting of each record.
pub type Ends = HashMap<(SyncId, String), [Sighting; 2]>;

/// Keys as parameters.
pub fn key_arrays<'a>(keys: impl IntoIterator<Item = (SyncId, &'a str)>) -> (Vec<Uuid>, Vec<&'a str>) {
    keys.into_iter().map(|(sync_id, hash)| (sync_id.0, hash)).unzip()
}

/// The oldest and the newest sighting of these records, as far as the ledger has them. Locks the rows, in key order.
pub async fn ends(connection: &mut Connection, keys: &HashSet<(SyncId, &str)>) -> Result<Ends, StoreError> {
    let (syncs, hashes) = key_arrays(keys.iter().copied());
    let rows = sqlx::query!(
        "select r.sync_id, r.hash, r.first_sent_at, r.first_envelope_id, r.first_position, r.first_received_at,
                r.last_sent_at, r.last_envelope_id, r.last_position, r.last_received_at
         from polysink.records r
         where (r.sync_id, r.hash) in (select * from unnest($1::uuid[], $2::text[]))
         order by r.sync_id, r.hash
         for update of r",
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

/// How many records to read at a time. Numbers with exponents are written out when they are read, so a statement
/// returns the fields of as many as stay within a size, and the next one asks for no more than twice as many.
#[derive(Debug, Clone, Copy)]
pub struct PageSize {
    records: i64,
    max: i64,
}

impl PageSize {
    /// The size after which no more fields are returned, in bytes.
    const BYTES: i64 = 8 << 20;

    /// * `max`: the most records
    pub const fn of(max: i64) -> Self {
        Self { records: max, max }
    }

    /// Takes the records whose fields were returned: those before the first without, or all.
    fn take<T>(&mut self, page: impl Iterator<Item = Option<T>>) -> Vec<T> {
        let returned: Vec<T> = page.map_while(|record| record).collect();
        let count = i64::try_from(returned.len()).unwrap_or(i64::MAX);
        self.records = count.saturating_mul(2).clamp(1, self.max);
        returned
    }
}

/// How many records a statement reads at the most.
pub const PAGE: PageSize = PageSize::of(5_000);

/// The fields of records, page by page.
#[derive(Debug)]
pub struct FieldPages<'a> {
    sync_id: SyncId,
    hashes: Vec<&'a str>,
    looked_up: usize,
    size: PageSize,
}

impl<'a> FieldPages<'a> {
    pub fn of(sync_id: SyncId, hashes: Vec<&'a str>) -> Self {
        Self { sync_id, hashes, looked_up: 0, size: PAGE }
    }

    /// Looks up the next of the hashes, as many as have fields that fit a page, at least one; `None` after the last.
    /// Returns which they are, and the fields of the known ones, as JSON, by hash.
    pub async fn next(
        &mut self,
        connection: &mut Connection,
    ) -> Result<Option<(Range<usize>, HashMap<String, String>)>, StoreError> {
        let start = self.looked_up;
        let most = usize::try_from(self.size.records).unwrap_or(usize::MAX);
        let asked = &self.hashes[start..self.hashes.len().min(start.saturating_add(most))];
        if asked.is_empty() {
            return Ok(None);
        }
        let rows = sqlx::query!(
            r#"select hash as "hash!", n as "n!", case when before < $3 then fields end as fields
               from (select hash, n, fields, sum(octet_length(fields)) over (order by n rows unbounded preceding)
                                             - octet_length(fields) as before
                     from (select l.n, r.hash, r.fields::text as fields
                           from unnest($2::text[]) with ordinality as l (hash, n)
                           join polysink.records r on r.sync_id = $1 and r.hash = l.hash
                           order by l.n offset 0) as found) as sized
               order by n"#,
            self.sync_id.0,
            asked as _,
            PageSize::BYTES,
        )
        .fetch_all(connection)
        .await?;
        let first_left = rows.iter().find(|row| row.fields.is_none()).and_then(|row| usize::try_from(row.n - 1).ok());
        self.looked_up += first_left.unwrap_or(asked.len());
        let found = self.size.take(rows.into_iter().map(|row| Some((row.hash, row.fields?))));
        Ok(Some((start..self.looked_up, found.into_iter().collect())))
    }
}

/// Reads the fields of records, as JSON, one after another.
///
/// * `on_record`: gets the hash and the fields of each known one
pub async fn each_fields(
    connection: &mut Connection,
    sync_id: SyncId,
    hashes: Vec<&str>,
    mut on_record: impl FnMut(String, &str),
) -> Result<(), StoreError> {
    let mut pages = FieldPages::of(sync_id, hashes);
    while let Some((_, fields)) = pages.next(connection).await? {
        for (hash, fields) in fields {
            on_record(hash, &fields);
        }
    }
    Ok(())
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
    // In key order, as they are written, so that no delivery deadlocks with it.
    let deleted = sqlx::query!(
        "with doomed as (
             select sync_id, hash from polysink.records where sync_id = $1 and hash = any($2)
             order by sync_id, hash for update
         )
         delete from polysink.records r using doomed d where r.sync_id = d.sync_id and r.hash = d.hash",
        sync_id.0,
        hashes as _,
    )
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
}

/// A record of the ledger, with its oldest and its newest sighting.
#[derive(Debug, Clone)]
pub struct LedgerRecord {
    pub hash: String,
    pub fields: String,
    pub first: Sighting,
    pub last: Sighting,
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

/// Records of the ledger, in the order of their hashes: a page.
///
/// * `after`: the last hash of the page before
pub async fn page(
    store: &Store,
    sync_id: SyncId,
    after: &str,
    size: &mut PageSize,
) -> Result<Vec<LedgerRecord>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query!(
        r#"select hash as "hash!", case when before < $4 then text end as fields,
                  first_envelope_id as "first_envelope_id!", first_sent_at as "first_sent_at!",
                  first_position as "first_position!", first_received_at as "first_received_at!",
                  last_envelope_id as "last_envelope_id!", last_sent_at as "last_sent_at!",
                  last_position as "last_position!", last_received_at as "last_received_at!"
           from (select *, sum(octet_length(text)) over (order by hash rows unbounded preceding)
                           - octet_length(text) as before
                 from (select *, fields::text as text
                       from polysink.records
                       where sync_id = $1 and hash > $2
                       order by hash limit $3) as page) as sized
           order by hash"#,
        sync_id.0,
        after,
        size.records,
        PageSize::BYTES,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    let records = rows.into_iter().map(|row| {
        Some(LedgerRecord {
            hash: row.hash,
            fields: row.fields?,
            first: Sighting {
                sent_at: row.first_sent_at,
                envelope_id: row.first_envelope_id,
                position: row.first_position,
                received_at: row.first_received_at,
            },
            last: Sighting {
                sent_at: row.last_sent_at,
                envelope_id: row.last_envelope_id,
                position: row.last_position,
                received_at: row.last_received_at,
            },
        })
    });
    Ok(size.take(records))
}

/// The values of a field, as JSON, in the order of their records' hashes; null ones left out. A page.
///
/// * `after`: the last hash of the page before
pub async fn values_of(
    store: &Store,
    sync_id: SyncId,
    field: &str,
    after: &str,
    size: &mut PageSize,
) -> Result<Vec<(String, String)>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query!(
        r#"select hash as "hash!", case when before < $5 then value end as value
           from (select hash, value, sum(octet_length(value)) over (order by hash rows unbounded preceding)
                                     - octet_length(value) as before
                 from (select hash, (fields -> $2)::text as value
                       from polysink.records
                       where sync_id = $1 and hash > $3 and coalesce(fields -> $2, 'null') <> 'null'
                       order by hash limit $4) as page) as sized
           order by hash"#,
        sync_id.0,
        field,
        after,
        size.records,
        PageSize::BYTES,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(size.take(rows.into_iter().map(|row| Some((row.hash, row.value?)))))
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
