//! The query tables' columns: made, added, retyped, renamed, hidden. In place, so that grants, views and indexes live on.

use sqlx::{AssertSqlSafe, PgConnection};

use super::{
    Column, HISTORY_COLUMNS, Ident, Literal, QueryTables, Relation, SYSTEM_COLUMNS, Side, columns, history_comment,
};
use crate::columns::{Catalogue, ColumnType, Field, MAX_COLUMNS, Rows};
use crate::envelope::SyncId;
use crate::store::StoreError;
use crate::store::error::Kind;

/// How long DDL waits for its lock. Readers queue behind it for as long, so it is short, and tried again later.
const LOCK_TIMEOUT: &str = "set local lock_timeout = '100ms'";

/// A table of more rows is rewritten by an operator's word alone.
const MAX_REWRITE: i64 = 100_000;

/// What became of an attempt to bring the tables in line with the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reshaped {
    /// Nothing is left to do, or what is left is blocked and says so.
    Done,
    /// Somebody holds a lock on a table. The transaction has failed; nothing was changed.
    Locked,
}

/// Who wants the tables changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The projector: careful with large tables.
    Itself,
    /// An operator, who was told what it costs.
    Operator,
}

/// What the tables' comments say.
#[derive(Debug, Clone)]
pub struct Origin<'a> {
    pub sync_id: SyncId,
    pub name: Option<&'a str>,
    pub identity: Option<&'a [String]>,
}

impl QueryTables {
    /// Whether the table is there, and whether its history is.
    pub async fn exist(&self, connection: &mut PgConnection) -> Result<(bool, bool), StoreError> {
        let found = sqlx::query_as("select to_regclass($1) is not null, to_regclass($2) is not null")
            .bind(self.table.to_string())
            .bind(self.history.to_string())
            .fetch_one(connection)
            .await?;
        Ok(found)
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
            self.comment(connection, catalogue, relation, side).await?;
        }
        self.describe(connection, origin).await
    }

    /// Says in the tables' comments where they come from.
    pub async fn describe(&self, connection: &mut PgConnection, origin: &Origin<'_>) -> Result<(), StoreError> {
        let (has_table, has_history) = self.exist(connection).await?;
        let name = origin.name.map(|name| format!(" \"{name}\"")).unwrap_or_default();
        let row = match origin.identity {
            Some(identity) => format!("one row per entity, named by {}", identity.join(", ")),
            None => "one row per distinct record; `polysink identity set` makes it one per entity".to_owned(),
        };
        if has_table {
            let text = format!("Polytomic sync{name}, {}: {row}. Derived by polysink.", origin.sync_id);
            comment_on(connection, &format!("table {}", self.table), &text).await?;
        }
        if has_history {
            let text = format!(
                "Polytomic sync{name}, {}: what its entities were, a row a spell. Derived by polysink.",
                origin.sync_id
            );
            comment_on(connection, &format!("table {}", self.history), &text).await?;
        }
        Ok(())
    }

    async fn comment(
        &self,
        connection: &mut PgConnection,
        catalogue: &Catalogue,
        relation: &Relation,
        side: Side,
    ) -> Result<(), StoreError> {
        let further = if side == Side::History { HISTORY_COLUMNS } else { &[] };
        for (name, _, text) in SYSTEM_COLUMNS.iter().chain(further) {
            let text = if side == Side::History { history_comment(name).unwrap_or(text) } else { text };
            comment_on(connection, &format!("column {relation}.{}", Ident(name)), text).await?;
        }
        for field in catalogue.columns() {
            comment_on_field(connection, relation, field).await?;
        }
        Ok(())
    }

    /// Brings the tables in line with what the catalogue wants, and notes in the catalogue what they are then.
    ///
    /// In the caller's transaction, which it commits at once: the tables are locked against everybody until then.
    ///
    /// * `blocked`: try those again too that were blocked the last time
    pub async fn reshape(
        &self,
        connection: &mut PgConnection,
        catalogue: &mut Catalogue,
        sync_id: SyncId,
        by: By,
        blocked: bool,
    ) -> Result<Reshaped, StoreError> {
        sqlx::raw_sql(LOCK_TIMEOUT).execute(&mut *connection).await?;
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
        for n in due {
            let field = catalogue.fields_mut().nth(n).expect("it was counted");
            if by == By::Itself && self.is_large(connection).await? {
                field.blocked = Some(format!(
                    "its values call for {}, and the table has more than 100,000 rows; `polysink column` changes it",
                    field.wanted_type.as_str()
                ));
                continue;
            }
            sqlx::raw_sql("savepoint retype").execute(&mut *connection).await?;
            match self.retype(connection, field, sync_id).await {
                Ok(()) => {
                    sqlx::raw_sql("release savepoint retype").execute(&mut *connection).await?;
                    field.column_type = Some(field.wanted_type);
                    field.blocked = None;
                }
                Err(error) if error.kind() == Kind::TryAgain => return Err(error),
                Err(error) if error.is_refusal() => {
                    sqlx::raw_sql("rollback to savepoint retype").execute(&mut *connection).await?;
                    field.blocked = Some(format!("it cannot become {}: {error}", field.wanted_type.as_str()));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn add_columns(&self, connection: &mut PgConnection, catalogue: &mut Catalogue) -> Result<(), StoreError> {
        let room = MAX_COLUMNS.saturating_sub(catalogue.columns().count());
        let (_, has_history) = self.exist(connection).await?;
        let mut adds: Vec<&mut Field> =
            catalogue.fields_mut().filter(|field| field.column_type.is_none() && field.is_due()).collect();
        for field in adds.iter_mut().skip(room) {
            field.blocked = Some(format!("the table has {MAX_COLUMNS} columns for fields already"));
        }
        adds.truncate(room);
        if adds.is_empty() {
            return Ok(());
        }
        for relation in [Some(&self.table), has_history.then_some(&self.history)].into_iter().flatten() {
            let clauses: Vec<String> = adds
                .iter()
                .map(|field| format!("add column {} {}", Ident(&field.column_name), field.wanted_type.as_str()))
                .collect();
            let sql = format!("alter table {relation} {}", clauses.join(", "));
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
            for field in &adds {
                comment_on_field(connection, relation, field).await?;
            }
        }
        for field in adds {
            field.column_type = Some(field.wanted_type);
            field.blocked = None;
            if field.unsettled.is_none() && self.has_unfit(connection, &field.name, has_history).await? {
                field.unsettled = Some(Rows::Unfit);
            }
        }
        Ok(())
    }

    async fn has_unfit(&self, connection: &mut PgConnection, name: &str, history: bool) -> Result<bool, StoreError> {
        for relation in [Some(&self.table), history.then_some(&self.history)].into_iter().flatten() {
            let sql = format!("select exists (select from {relation} where _unfit is not null and _unfit ? $1)");
            if sqlx::query_scalar(AssertSqlSafe(sql)).bind(name).fetch_one(&mut *connection).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn is_large(&self, connection: &mut PgConnection) -> Result<bool, StoreError> {
        Ok(self.rows_up_to(connection, MAX_REWRITE + 1).await? > MAX_REWRITE)
    }

    /// How many rows the larger of the two tables has, counted up to a limit.
    pub async fn rows_up_to(&self, connection: &mut PgConnection, limit: i64) -> Result<i64, StoreError> {
        let (_, has_history) = self.exist(connection).await?;
        let mut most = 0;
        for relation in [Some(&self.table), has_history.then_some(&self.history)].into_iter().flatten() {
            let sql = format!("select count(*) from (select from {relation} limit $1) as counted");
            let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).bind(limit).fetch_one(&mut *connection).await?;
            most = most.max(rows);
        }
        Ok(most)
    }

    /// How many rows the table has.
    pub async fn rows(&self, connection: &mut PgConnection) -> Result<i64, StoreError> {
        let sql = format!("select count(*) from {}", self.table);
        Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await?)
    }

    /// The column becomes another type, and its values are read from the ledger again: through `_unfit`, where whatever does
    /// not fit the new type stays.
    async fn retype(
        &self,
        connection: &mut PgConnection,
        field: &mut Field,
        sync_id: SyncId,
    ) -> Result<(), StoreError> {
        let (name, old, new) = (Ident(&field.column_name), field.column_type, field.wanted_type);
        let (_, has_history) = self.exist(connection).await?;
        // Two of the ways lose nothing, so that no row has to be looked up.
        let cast = match (old, new) {
            (Some(ColumnType::Bigint), ColumnType::Numeric) => Some(format!("{name}::numeric")),
            (Some(ColumnType::Date), ColumnType::Timestamptz) => Some(format!("{name}::timestamp at time zone 'UTC'")),
            _ => None,
        };
        for relation in [Some(&self.table), has_history.then_some(&self.history)].into_iter().flatten() {
            if cast.is_none() {
                let sql = format!(
                    "update {relation} set _unfit = coalesce(_unfit, '{{}}') || jsonb_build_object($1::text, true)
                     where {name} is not null"
                );
                sqlx::query(AssertSqlSafe(sql)).bind(&field.name).execute(&mut *connection).await?;
            }
            let using = cast.clone().unwrap_or_else(|| "null".to_owned());
            let sql =
                format!("alter table {relation} alter column {name} type {new} using {using}", new = new.as_str());
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await?;
        }
        self.settle(connection, field, new, sync_id, Rows::Unfit).await
    }

    /// Renames the column of a field.
    pub async fn rename_column(&self, connection: &mut PgConnection, old: &str, new: &str) -> Result<(), StoreError> {
        sqlx::raw_sql(LOCK_TIMEOUT).execute(&mut *connection).await?;
        self.each(connection, |relation| {
            format!("alter table {relation} rename column {} to {}", Ident(old), Ident(new))
        })
        .await
    }

    /// Erases a field's values and drops its column.
    pub async fn hide_column(&self, connection: &mut PgConnection, field: &Field) -> Result<(), StoreError> {
        sqlx::raw_sql(LOCK_TIMEOUT).execute(&mut *connection).await?;
        let (_, has_history) = self.exist(connection).await?;
        for relation in [Some(&self.table), has_history.then_some(&self.history)].into_iter().flatten() {
            let sql = format!(
                "update {relation} set _unfit = nullif(_unfit - $1::text, '{{}}') where _unfit is not null and _unfit ? $1::text"
            );
            sqlx::query(AssertSqlSafe(sql)).bind(&field.name).execute(&mut *connection).await?;
        }
        if field.column_type.is_some() {
            let name = Ident(&field.column_name);
            // A dropped column's values would stay in the rows, out of sight, until they are written again.
            self.each(connection, |relation| format!("update {relation} set {name} = null where {name} is not null"))
                .await?;
            self.each(connection, |relation| format!("alter table {relation} drop column {name}")).await?;
        }
        Ok(())
    }

    async fn each(&self, connection: &mut PgConnection, sql: impl Fn(&Relation) -> String) -> Result<(), StoreError> {
        let (_, has_history) = self.exist(connection).await?;
        for relation in [Some(&self.table), has_history.then_some(&self.history)].into_iter().flatten() {
            sqlx::raw_sql(AssertSqlSafe(sql(relation))).execute(&mut *connection).await?;
        }
        Ok(())
    }
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
    let further = if side == Side::History { HISTORY_COLUMNS } else { &[] };
    let system = SYSTEM_COLUMNS.iter().chain(further).map(|(name, kind, _)| format!("{} {kind}", Ident(name)));
    let fields = columns.iter().map(|column| format!("{} {}", column.name, column.column_type.as_str()));
    let key = match side {
        Side::Current => "_key",
        Side::History => "_key, _sent_at, _envelope_id, _position",
    };
    let definitions: Vec<String> = system.chain(fields).chain([format!("primary key ({key})")]).collect();
    // From a late arrival on, or from the spell that lasts: whatever the number of spells before.
    let spells = match side {
        Side::Current => String::new(),
        Side::History => format!("create index on {relation} (_key, _valid_to);"),
    };
    let unlogged = if logged { "" } else { "unlogged " };
    format!(
        "create {unlogged}table {relation} ({}); create index on {relation} (_key) where _unfit is not null; {spells}",
        definitions.join(", ")
    )
}

async fn comment_on_field(connection: &mut PgConnection, relation: &Relation, field: &Field) -> Result<(), StoreError> {
    let what = format!("column {relation}.{}", Ident(&field.column_name));
    let name = serde_json::to_string(&field.name).expect("a string is always JSON");
    comment_on(connection, &what, &format!("The field {name} of the Polytomic sync.")).await
}

async fn comment_on(connection: &mut PgConnection, what: &str, text: &str) -> Result<(), StoreError> {
    let sql = format!("comment on {what} is {}", Literal(text));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}
