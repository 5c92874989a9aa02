//! Rows that are deleted in the source: `_deleted_at`, and the end of their versions.
//!
//! Which rows those are follows from the runs whose deletions are applied, and from the rows' latest sightings; nothing
//! else is kept. The column exists only in the table of a sync with such runs.

use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;

use crate::model::AppliedDeletion;
use crate::query_tables::schema::lock_wait::wait_briefly;
use crate::query_tables::{Literal, QueryTables, execute};
use crate::store::{Connection, StoreError};

/// The column's name.
pub(in crate::query_tables) const DELETED_AT: &str = "_deleted_at";

const COMMENT: &str =
    "When a full run ended that did not send the row, which counts as deleted in the source; null while it lives.";

/// Sets the columns of a version that lasts.
const LASTS: &str = "_valid_to = null, _last_sent_at = null, _last_envelope_id = null, _last_position = null, \
                     _last_received_at = h._first_received_at";

impl QueryTables {
    /// Adds the column if it is missing, and returns whether it was. Waits only briefly for other sessions.
    pub async fn add_deleted_at(&self, connection: &mut Connection) -> Result<bool, StoreError> {
        if self.has_deleted_at(connection).await? {
            return Ok(false);
        }
        let usual = wait_briefly(connection).await?;
        let table = &self.table;
        let sql = format!(
            "alter table {table} add column {DELETED_AT} timestamptz;
             comment on column {table}.{DELETED_AT} is {}",
            Literal(COMMENT)
        );
        execute(connection, sql).await?;
        usual.restore(connection).await?;
        Ok(true)
    }

    async fn has_deleted_at(&self, connection: &mut Connection) -> Result<bool, StoreError> {
        let found = sqlx::query_scalar(
            "select exists (select from pg_catalog.pg_attribute
                            where attrelid = to_regclass($1) and attname = $2 and not attisdropped)",
        )
        .bind(self.table.to_string())
        .bind(DELETED_AT)
        .fetch_one(connection)
        .await?;
        Ok(found)
    }

    /// How many rows were last sent before a time and are not deleted, and how many are not deleted.
    pub async fn count_unsent(
        &self,
        connection: &mut Connection,
        since: DateTime<Utc>,
    ) -> Result<(u64, u64), StoreError> {
        let living = if self.has_deleted_at(connection).await? { "where _deleted_at is null" } else { "" };
        let sql = format!("select count(*) filter (where _sent_at < $1), count(*) from {} {living}", self.table);
        let (unsent, living): (i64, i64) = sqlx::query_as(AssertSqlSafe(sql)).bind(since).fetch_one(connection).await?;
        Ok((unsent.unsigned_abs(), living.unsigned_abs()))
    }

    /// Lets the rows with these keys live, and their last versions last, until [`QueryTables::mark_deleted`].
    pub async fn unmark_deleted(&self, connection: &mut Connection, keys: &[&str]) -> Result<(), StoreError> {
        let sql = format!(
            "update {history} h set {LASTS}
             from {table} t
             where t._key = any($1) and t._deleted_at is not null and h._key = t._key
               and h._valid_to = t._deleted_at and h._last_sent_at = t._sent_at
               and h._last_envelope_id = t._envelope_id and h._last_position = t._position",
            history = self.history,
            table = self.table,
        );
        sqlx::query(AssertSqlSafe(sql)).bind(keys).execute(&mut *connection).await?;
        let sql =
            format!("update {} set _deleted_at = null where _key = any($1) and _deleted_at is not null", self.table);
        sqlx::query(AssertSqlSafe(sql)).bind(keys).execute(connection).await?;
        Ok(())
    }

    /// Sets which rows are deleted, and ends their versions.
    ///
    /// * `runs`: whose deletions are applied, the oldest first
    /// * `keys`: `None` for all rows. Then also versions end that another one followed, after a run that did not send
    ///   the entity
    pub async fn mark_deleted(
        &self,
        connection: &mut Connection,
        runs: &[AppliedDeletion],
        keys: Option<&[&str]>,
    ) -> Result<(), StoreError> {
        let since: Vec<DateTime<Utc>> = runs.iter().map(|run| run.since).collect();
        let at: Vec<DateTime<Utc>> = runs.iter().map(|run| run.at).collect();
        let listed = if keys.is_some() { "t._key = any($3)" } else { "$3::text[] is null" };
        let runs = "unnest($1::timestamptz[], $2::timestamptz[]) as r (since, at)";
        let (table, history) = (&self.table, &self.history);
        let rows = format!(
            "update {table} t set _deleted_at = d.at
             from (select t._key, (select min(r.at) from {runs} where r.since > t._sent_at) as at
                   from {table} t where {listed}) as d
             where d._key = t._key and t._deleted_at is distinct from d.at"
        );
        // The current row has the last sighting of a version that lasts.
        let last = format!(
            "update {history} h
             set _valid_to = t._deleted_at, _last_sent_at = t._sent_at, _last_envelope_id = t._envelope_id,
                 _last_position = t._position, _last_received_at = t._last_received_at
             from {table} t
             where {listed} and t._deleted_at is not null and h._key = t._key and h._valid_to is null
               and $1::timestamptz[] is not null and $2::timestamptz[] is not null"
        );
        let earlier = format!(
            "update {history} h set _valid_to = d.at
             from (select h._key, h._sent_at, h._envelope_id, h._position, min(r.at) as at
                   from {history} h
                   join {runs} on r.since > h._last_sent_at and r.at + interval '1 second' < h._valid_to
                   where $3::text[] is null
                   group by h._key, h._sent_at, h._envelope_id, h._position) as d
             where (h._key, h._sent_at, h._envelope_id, h._position)
                   = (d._key, d._sent_at, d._envelope_id, d._position)"
        );
        let statements = [Some(rows), Some(last), keys.is_none().then_some(earlier)];
        for sql in statements.into_iter().flatten() {
            sqlx::query(AssertSqlSafe(sql)).bind(&since).bind(&at).bind(keys).execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// Lets rows live that were deleted at a time, and their versions last until the next one. Others that were deleted
    /// later have to be marked again.
    pub async fn undelete(&self, connection: &mut Connection, at: DateTime<Utc>) -> Result<(), StoreError> {
        let (table, history) = (&self.table, &self.history);
        let followed = format!(
            "update {history} h set _valid_to = n._sent_at
             from {history} e
             cross join lateral (
                 select n._sent_at from {history} n
                 where n._key = e._key
                   and (n._sent_at, n._envelope_id, n._position) > (e._sent_at, e._envelope_id, e._position)
                 order by n._sent_at, n._envelope_id, n._position limit 1
             ) as n
             where e._valid_to = $1
               and (h._key, h._sent_at, h._envelope_id, h._position)
                   = (e._key, e._sent_at, e._envelope_id, e._position)"
        );
        let last = format!(
            "update {history} h set {LASTS}
             from {table} t
             where t._deleted_at = $1 and h._key = t._key and h._valid_to = $1"
        );
        let rows = format!("update {table} set _deleted_at = null where _deleted_at = $1");
        for sql in [followed, last, rows] {
            sqlx::query(AssertSqlSafe(sql)).bind(at).execute(&mut *connection).await?;
        }
        Ok(())
    }
}
