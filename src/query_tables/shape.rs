//! The query tables' columns: made, added, retyped, renamed, hidden. In place, so that grants, views and indexes live on.

use std::collections::HashSet;

use sqlx::{AssertSqlSafe, PgConnection};

use super::comment::comment_on_field;
use super::inspect::actual_columns;
use super::{Column, Ident, Literal, Origin, QueryTables, Relation, Side, columns};
use crate::columns::{Catalogue, ColumnType, Field, MAX_COLUMNS, Rows};
use crate::model::SyncId;
use crate::store::Kind;
use crate::store::StoreError;
use crate::store::tables::backfills::Backfill;
use crate::store::tx::savepoint;

/// How long DDL waits for its lock. Readers queue behind it for as long, so it is short, and tried again later.
const LOCK_TIMEOUT: &str = "set local lock_timeout = '100ms'";

/// A `deadlock_timeout` above this is not waited for, in milliseconds.
const LONGEST_DEADLOCK_TIMEOUT: i64 = 5_000;

/// How long DDL waits for a lock that another session holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockWait {
    /// A moment that readers do not notice.
    Briefly,
    /// The same, but where vacuum or analyze holds it, just longer than `deadlock_timeout`: then PostgreSQL ends the autovacuum
    /// that is in the way, which it never does before. Readers queue for as long, so once in a while only.
    OutlastVacuum,
}

impl LockWait {
    /// For an operator who tries every tenth of a second: at the second try, and every ten seconds from there.
    ///
    /// * `n`: which try it is, counted from 1
    pub fn of_try(n: usize) -> Self {
        if n % 100 == 2 { Self::OutlastVacuum } else { Self::Briefly }
    }
}

/// From here on the transaction waits for a lock no longer than that.
pub async fn wait_briefly(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::raw_sql(LOCK_TIMEOUT).execute(connection).await?;
    Ok(())
}

/// A table of more rows is rewritten by an operator's word alone.
const MAX_REWRITE: i64 = 100_000;

/// What became of an attempt to bring the tables in line with the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reshaped {
    /// Nothing is left to do, or what is left is blocked and says so.
    Done,
    /// Another session holds a lock on a table. The transaction has failed; nothing was changed.
    Locked,
}

/// When the rows get their values after a change of a column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rewrite {
    /// In the same transaction.
    AtOnce,
    /// In batches after it, beside the traffic.
    InBatches,
}

/// Who wants the tables changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The projector: careful with large tables.
    Itself,
    /// An operator, who was told what it costs.
    Operator,
}

impl QueryTables {
    /// From here on the transaction waits for a lock on these tables no longer than `wait` says.
    pub async fn limit_wait(&self, connection: &mut PgConnection, wait: LockWait) -> Result<(), StoreError> {
        wait_briefly(connection).await?;
        if wait == LockWait::OutlastVacuum {
            // A timeout above the limit leaves the short wait as it is. Of other sessions' vacuums everybody sees the process.
            sqlx::query(
                "select set_config('lock_timeout', (setting::bigint + 200)::text, true) from pg_catalog.pg_settings
                 where name = 'deadlock_timeout' and setting::bigint <= $3
                   and exists (
                       select from pg_catalog.pg_locks l
                       join (select pid from pg_catalog.pg_stat_progress_vacuum
                             union select pid from pg_catalog.pg_stat_progress_analyze) as v using (pid)
                       where l.granted
                         and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
                         and l.relation in (to_regclass($1), to_regclass($2))
                   )",
            )
            .bind(self.table.to_string())
            .bind(self.history.to_string())
            .bind(LONGEST_DEADLOCK_TIMEOUT)
            .execute(connection)
            .await?;
        }
        Ok(())
    }

    /// Makes the tables that are missing, with a column for each field that has one in the catalogue.
    ///
    /// * `history`: with the history
    /// * `logged`: whether they have to survive a crash of the server
    pub async fn create(
        &self,
        connection: &mut PgConnection,
        catalogue: &Catalogue,
        origin: &Origin<'_>,
        history: bool,
        logged: bool,
    ) -> Result<(), StoreError> {
        let (has_table, has_history) = self.exist(connection).await?;
        let mut sides = Vec::new();
        if !has_table {
            sides.push((&self.table, Side::Current));
        }
        if history && !has_history {
            sides.push((&self.history, Side::History));
        }
        for (relation, side) in sides {
            let sql = create(relation, side, &columns(catalogue), logged);
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
            self.comment(connection, catalogue, side).await?;
        }
        self.describe(connection, origin).await
    }

    /// Brings the tables in line with what the catalogue wants, and notes in the catalogue what they are then.
    ///
    /// In the caller's transaction, which it commits at once: the tables are locked against everybody until then.
    ///
    /// * `blocked`: try those again too that were blocked the last time
    /// * `wait`: for a lock that another session holds
    pub async fn reshape(
        &self,
        connection: &mut PgConnection,
        catalogue: &mut Catalogue,
        sync_id: SyncId,
        by: By,
        blocked: bool,
        wait: LockWait,
    ) -> Result<Reshaped, StoreError> {
        self.limit_wait(connection, wait).await?;
        match self.reshape_all(connection, catalogue, sync_id, by, blocked).await {
            Ok(()) => Ok(Reshaped::Done),
            Err(error) if error.is_lock_timeout() => Ok(Reshaped::Locked),
            Err(error) => Err(error),
        }
    }

    async fn reshape_all(
        &self,
        connection: &mut PgConnection,
        catalogue: &mut Catalogue,
        sync_id: SyncId,
        by: By,
        blocked: bool,
    ) -> Result<(), StoreError> {
        self.add_columns(connection, catalogue).await?;
        let due: Vec<usize> = due(catalogue, blocked);
        if due.is_empty() {
            return Ok(());
        }
        let large = self.is_large(connection).await?;
        if by == By::Itself && large {
            for field in catalogue.some_mut(&due) {
                field.blocked = Some(format!(
                    "its values call for {}, and the table has more than 100,000 rows; `polysink column` changes it",
                    field.wanted_type.as_str()
                ));
            }
            return Ok(());
        }
        let rewrite = if large { Rewrite::InBatches } else { Rewrite::AtOnce };
        // Together they cost one rewrite of the table. Where something refuses one of them, each is tried by itself, and at once:
        // what is in the way may be a view on `_unfit`.
        if self.try_retype(connection, catalogue, &due, sync_id, rewrite).await?.is_none() {
            return Ok(());
        }
        for n in due {
            if let Some(error) = self.try_retype(connection, catalogue, &[n], sync_id, Rewrite::AtOnce).await? {
                for field in catalogue.some_mut(&[n]) {
                    field.blocked = Some(format!("it cannot become {}: {error}", field.wanted_type.as_str()));
                }
            }
        }
        Ok(())
    }

    /// Gives columns the types that they are to have, all of them or none. Returns what is in the way.
    async fn try_retype(
        &self,
        connection: &mut PgConnection,
        catalogue: &mut Catalogue,
        which: &[usize],
        sync_id: SyncId,
        rewrite: Rewrite,
    ) -> Result<Option<StoreError>, StoreError> {
        let mut retyped = catalogue.clone();
        savepoint::mark(connection).await?;
        match self.retype(connection, &mut retyped, which, sync_id, rewrite).await {
            Ok(()) => {
                savepoint::keep(connection).await?;
                *catalogue = retyped;
                Ok(None)
            }
            Err(error) if error.kind() != Kind::TryAgain && error.is_refusal() => {
                savepoint::undo(connection).await?;
                Ok(Some(error))
            }
            Err(error) => Err(error),
        }
    }

    async fn add_columns(&self, connection: &mut PgConnection, catalogue: &mut Catalogue) -> Result<(), StoreError> {
        let room = MAX_COLUMNS.saturating_sub(catalogue.columns().count());
        let wanting = catalogue.fields().iter().enumerate();
        let wanting = wanting.filter(|(_, field)| field.column_type.is_none() && field.is_due()).map(|(n, _)| n);
        let mut adds: Vec<usize> = wanting.collect();
        let crowded = adds.split_off(room.min(adds.len()));
        for field in catalogue.some_mut(&crowded) {
            field.blocked = Some(format!("the table has {MAX_COLUMNS} columns for fields already"));
        }
        if adds.is_empty() {
            return Ok(());
        }
        // An operator may have added columns.
        let mut taken: HashSet<String> = HashSet::new();
        for (_, relation) in self.existing(connection).await? {
            taken.extend(actual_columns(connection, relation).await?.into_keys());
        }
        for n in &adds {
            catalogue.rename_column_if_taken(*n, &taken);
        }
        for (_, relation) in self.existing(connection).await? {
            let fields: Vec<&Field> = adds.iter().map(|n| &catalogue.fields()[*n]).collect();
            let clauses: Vec<String> = fields
                .iter()
                .map(|field| format!("add column {} {}", Ident(&field.column_name), field.wanted_type.as_str()))
                .collect();
            alter(connection, relation, &clauses).await?;
            for field in fields {
                comment_on_field(connection, relation, field).await?;
            }
        }
        let names: Vec<String> = adds.iter().map(|n| catalogue.fields()[*n].name.clone()).collect();
        let unsettled = self.have_unfit(connection, &names).await?.then_some(Rows::Unfit);
        for field in catalogue.some_mut(&adds) {
            field.column_type = Some(field.wanted_type);
            field.blocked = None;
            field.needs_backfill = field.needs_backfill.or(unsettled);
        }
        Ok(())
    }

    async fn have_unfit(&self, connection: &mut PgConnection, names: &[String]) -> Result<bool, StoreError> {
        for (_, relation) in self.existing(connection).await? {
            let sql = format!("select exists (select from {relation} where _unfit is not null and _unfit ?| $1)");
            if sqlx::query_scalar(AssertSqlSafe(sql)).bind(names).fetch_one(&mut *connection).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn is_large(&self, connection: &mut PgConnection) -> Result<bool, StoreError> {
        Ok(self.rows_up_to(connection, MAX_REWRITE + 1).await? > MAX_REWRITE)
    }

    /// The columns become what they are to be. Their values are read from the ledger again, and what does not fit the new type is
    /// kept in `_unfit`: at once, or, in a large table, in batches after this, with the values in `_unfit` until then.
    async fn retype(
        &self,
        connection: &mut PgConnection,
        catalogue: &mut Catalogue,
        which: &[usize],
        sync_id: SyncId,
        rewrite: Rewrite,
    ) -> Result<(), StoreError> {
        let mut clauses = Vec::new();
        let mut moved = Vec::new();
        let mut replaced = false;
        for field in catalogue.some_mut(which) {
            let (name, new) = (Ident(&field.column_name), field.wanted_type);
            // Two of the ways lose nothing, so that no row has to be looked up.
            let using = match (field.column_type, new) {
                (Some(ColumnType::Bigint), ColumnType::Numeric) => format!("{name}::numeric"),
                (Some(ColumnType::Date), ColumnType::Timestamptz) => format!("{name}::timestamp at time zone 'UTC'"),
                _ => {
                    replaced = true;
                    moved.push(format!(
                        "case when {name} is null then '{{}}'::jsonb else jsonb_build_object({}, {name}) end",
                        Literal(&field.name)
                    ));
                    "null".to_owned()
                }
            };
            clauses.push(format!("alter column {name} type {} using {using}", new.as_str()));
            field.column_type = Some(new);
            field.blocked = None;
        }
        if rewrite == Rewrite::InBatches && replaced {
            clauses.push(format!(
                "alter column _unfit type jsonb using nullif(coalesce(_unfit, '{{}}') || {}, '{{}}')",
                moved.join(" || ")
            ));
        }
        for (_, relation) in self.existing(connection).await? {
            alter(connection, relation, &clauses).await?;
        }
        // Widened columns have what stood in `_unfit` too.
        let fields: Vec<String> = catalogue.some_mut(which).map(|field| field.name.clone()).collect();
        match rewrite {
            Rewrite::AtOnce => {
                let rows = if replaced { Rows::All } else { Rows::Unfit };
                self.backfill_all(connection, catalogue, sync_id, &Backfill { fields, rows }).await
            }
            Rewrite::InBatches => {
                for field in catalogue.some_mut(which) {
                    field.needs_backfill = Some(Rows::Unfit);
                }
                Ok(())
            }
        }
    }

    /// Renames the column of a field.
    ///
    /// In the caller's transaction, like [`QueryTables::reshape`]; the caller limits the wait for a lock.
    pub async fn rename_column(&self, connection: &mut PgConnection, old: &str, new: &str) -> Result<(), StoreError> {
        self.each(connection, |relation| {
            format!("alter table {relation} rename column {} to {}", Ident(old), Ident(new))
        })
        .await
    }

    /// Drops a field's column. What the rows hold of the field, out of sight and in `_unfit`, is left to a backfill.
    ///
    /// In the caller's transaction, like [`QueryTables::reshape`]; the caller limits the wait for a lock.
    pub async fn drop_column(&self, connection: &mut PgConnection, field: &Field) -> Result<(), StoreError> {
        if field.column_type.is_none() {
            return Ok(());
        }
        let name = Ident(&field.column_name);
        self.each(connection, |relation| format!("alter table {relation} drop column {name}")).await
    }

    async fn each(&self, connection: &mut PgConnection, sql: impl Fn(&Relation) -> String) -> Result<(), StoreError> {
        for (_, relation) in self.existing(connection).await? {
            sqlx::raw_sql(AssertSqlSafe(sql(relation))).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

pub(super) async fn alter(
    connection: &mut PgConnection,
    relation: &Relation,
    clauses: &[String],
) -> Result<(), StoreError> {
    let sql = format!("alter table {relation} {}", clauses.join(", "));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}

/// Fields with a column of another type than they want.
fn due(catalogue: &Catalogue, blocked: bool) -> Vec<usize> {
    let fields = catalogue.fields().iter().enumerate();
    fields
        .filter(|(_, field)| field.column_type.is_some() && field.is_due() && (blocked || field.blocked.is_none()))
        .map(|(n, _)| n)
        .collect()
}

fn create(relation: &Relation, side: Side, columns: &[Column<'_>], logged: bool) -> String {
    let system = side.system_columns().iter().map(|column| format!("{} {}", Ident(column.name), column.definition));
    let fields = columns.iter().map(|column| format!("{} {}", column.name, column.column_type.as_str()));
    let key = side.primary_key().join(", ");
    // The fields first: a scan walks a row from its start to the last column that it needs.
    let definitions: Vec<String> = fields.chain(system).chain([format!("primary key ({key})")]).collect();
    // From a late arrival on, or from the version that lasts: whatever the number of versions before.
    let versions = match side {
        Side::Current => String::new(),
        Side::History => format!("create index on {relation} (_key, _valid_to);"),
    };
    let unlogged = if logged { "" } else { "unlogged " };
    format!(
        "create {unlogged}table {relation} ({}); create index on {relation} (_key) where _unfit is not null; {versions}",
        definitions.join(", ")
    )
}
