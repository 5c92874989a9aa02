//! The ledger, read page by page.

use std::collections::HashMap;
use std::ops::Range;

use crate::model::{Sighting, SyncId};
use crate::store::{Connection, Store, StoreError};

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

/// A record of the ledger, with its oldest and its newest sighting.
#[derive(Debug, Clone)]
pub struct LedgerRecord {
    pub hash: String,
    pub fields: String,
    pub first: Sighting,
    pub last: Sighting,
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
