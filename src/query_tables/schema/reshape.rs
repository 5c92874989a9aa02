//! Creates the query tables and brings their columns in line with the catalogue. In place, so that grants, views and
//! indexes stay.
//!
//! `policy` says which changes are due, `ddl` has the statements.

use std::collections::HashSet;

use super::comment::comment_on_field;
use super::ddl;
use super::inspect::{actual_columns, has_dependents};
use super::lock_wait::LockWait;
use super::policy::{self, By, DueChanges, MAX_REWRITE, Rewrite};
use crate::columns::{Catalogue, Field, MAX_COLUMNS, MissingColumns, Rows, ValueKind};
use crate::model::SyncId;
use crate::query_tables::{Origin, QueryTables, Side, columns, execute};
use crate::store::tables::backfills::Backfill;
use crate::store::tx::savepoint;
use crate::store::{Connection, StoreError, citus};

/// The result of an attempt to bring the tables in line with the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reshaped {
    /// Everything is in line; the catalogue notes what is blocked, and why.
    Done,
    /// Another session holds a lock on a table. The transaction has failed; nothing was changed.
    Locked,
}

impl QueryTables {
    /// Creates the tables that are missing, with a column for each field that has one in the catalogue.
    ///
    /// * `history`: with the history
    /// * `logged`: whether they have to survive a crash of the server
    pub async fn create(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        origin: &Origin<'_>,
        history: bool,
        logged: bool,
    ) -> Result<(), StoreError> {
        let (has_table, has_history) = self.exist(connection).await?;
        let missing = [(!has_table).then_some(Side::Current), (history && !has_history).then_some(Side::History)];
        let is_distributed = missing.iter().any(Option::is_some) && citus::is_in_use(connection).await?;
        for side in missing.into_iter().flatten() {
            let relation = self.relation(side);
            execute(connection, ddl::create_table(relation, side, &columns(catalogue), logged)).await?;
            if is_distributed {
                citus::distribute(connection, &relation.to_string(), citus::QUERY_TABLES, None).await?;
            }
            self.comment(connection, catalogue, side).await?;
        }
        self.describe(connection, origin).await
    }

    /// Brings the tables in line with the catalogue, and notes the result in the catalogue.
    ///
    /// The caller commits at once: the tables are locked against all other sessions until then.
    ///
    /// * `wait`: for a lock that another session holds
    pub async fn reshape(
        &self,
        connection: &mut Connection,
        catalogue: &mut Catalogue,
        sync_id: SyncId,
        by: By,
        changes: DueChanges,
        wait: LockWait,
    ) -> Result<Reshaped, StoreError> {
        let usual = self.limit_wait(connection, wait).await?;
        let done = async {
            // Counted before DDL locks the tables.
            let outdated = !policy::outdated_types(catalogue, changes).is_empty();
            let large = outdated && self.rows_up_to(connection, MAX_REWRITE + 1).await? > MAX_REWRITE;
            self.add_columns(connection, catalogue).await?;
            self.change_types(connection, catalogue, sync_id, changes, policy::rewrite(by, large)).await?;
            usual.restore(connection).await
        };
        match done.await {
            Ok(()) => Ok(Reshaped::Done),
            Err(error) if error.is_lock_timeout() => Ok(Reshaped::Locked),
            Err(error) => Err(error),
        }
    }

    async fn add_columns(&self, connection: &mut Connection, catalogue: &mut Catalogue) -> Result<(), StoreError> {
        let MissingColumns { add, no_place } = catalogue.missing_columns();
        for field in catalogue.some_mut(&no_place) {
            field.blocked = Some(format!(
                "the table has the maximum of {MAX_COLUMNS} columns for fields; hide one with `polysink column … \
                 --hide`"
            ));
        }
        if add.is_empty() {
            return Ok(());
        }
        savepoint::mark(connection).await?;
        let mut changed = catalogue.clone();
        let done = self.add_these_columns(connection, &mut changed, &add).await;
        // Dropped columns count towards the 1,600 that PostgreSQL allows; an event trigger may forbid DDL.
        match savepoint::conclude_if(connection, done, StoreError::is_refusal).await? {
            Ok(()) => *catalogue = changed,
            Err(error) => {
                let hint = if error.is_too_large() {
                    "; dropped columns count too, until `polysink rebuild … --new-tables` makes the tables new"
                } else {
                    ""
                };
                for field in catalogue.some_mut(&add) {
                    field.blocked = Some(format!("cannot add the column: {error}{hint}"));
                }
            }
        }
        Ok(())
    }

    async fn add_these_columns(
        &self,
        connection: &mut Connection,
        catalogue: &mut Catalogue,
        add: &[usize],
    ) -> Result<(), StoreError> {
        // An operator may have added columns.
        let mut taken: HashSet<String> = HashSet::new();
        for (_, relation) in self.existing(connection).await? {
            taken.extend(actual_columns(connection, relation).await?.into_keys());
        }
        for n in add {
            catalogue.rename_column_if_taken(*n, &taken);
        }
        let fields: Vec<&Field> = add.iter().map(|n| &catalogue.fields()[*n]).collect();
        for (_, relation) in self.existing(connection).await? {
            execute(connection, ddl::add_columns(relation, fields.iter().copied())).await?;
            for field in &fields {
                comment_on_field(connection, relation, field).await?;
            }
        }
        // Earlier rows may have a value in `_unfit`. To look for one would take long in a large table.
        let known: HashSet<usize> = add.iter().copied().filter(|n| catalogue.saved_field(*n).is_some()).collect();
        for n in add {
            let field = catalogue.gain_column(*n);
            field.needs_backfill = field.needs_backfill.or(known.contains(n).then_some(Rows::Unfit));
        }
        Ok(())
    }

    async fn change_types(
        &self,
        connection: &mut Connection,
        catalogue: &mut Catalogue,
        sync_id: SyncId,
        changes: DueChanges,
        rewrite: Option<Rewrite>,
    ) -> Result<(), StoreError> {
        let due = policy::outdated_types(catalogue, changes);
        if due.is_empty() {
            return Ok(());
        }
        let Some(rewrite) = rewrite else {
            for n in due {
                let is_learning = catalogue.saved_field(n).is_some_and(Field::is_learning);
                if is_learning && self.try_replace_column(connection, catalogue, n).await? {
                    continue;
                }
                for field in catalogue.some_mut(&[n]) {
                    field.blocked = Some(format!(
                        "its values need {}, and the table has more than 100,000 rows; change it with `polysink \
                         column`",
                        field.wanted_type.as_str()
                    ));
                }
            }
            return Ok(());
        };
        // All in one rewrite of the table. If that is refused, each by itself, and at once: what refuses it may be a
        // view on `_unfit`.
        if self.try_change_types(connection, catalogue, &due, sync_id, rewrite).await?.is_none() {
            return Ok(());
        }
        for n in due {
            if let Some(error) = self.try_change_types(connection, catalogue, &[n], sync_id, Rewrite::AtOnce).await? {
                for field in catalogue.some_mut(&[n]) {
                    let hint = if error.is_dependent() {
                        "; drop the view, use `polysink column … --type`, and create the view again (dbt: `dbt run`)"
                    } else {
                        ""
                    };
                    field.blocked = Some(format!("cannot change it to {}: {error}{hint}", field.wanted_type.as_str()));
                }
            }
        }
        Ok(())
    }

    /// Replaces the column of a field that few rows have a value of: they are backfilled later. Returns false if
    /// something of an operator depends on the column, or PostgreSQL refuses.
    async fn try_replace_column(
        &self,
        connection: &mut Connection,
        catalogue: &mut Catalogue,
        n: usize,
    ) -> Result<bool, StoreError> {
        let field = &catalogue.fields()[n];
        let existing = self.existing(connection).await?;
        for (_, relation) in &existing {
            if has_dependents(connection, relation, &field.column_name).await? {
                return Ok(false);
            }
        }
        savepoint::mark(connection).await?;
        let replaced = async {
            for (_, relation) in &existing {
                execute(connection, ddl::replace_column(relation, field)).await?;
                comment_on_field(connection, relation, field).await?;
            }
            Ok(())
        };
        let done = replaced.await;
        if savepoint::conclude_if(connection, done, StoreError::is_refusal).await?.is_err() {
            return Ok(false);
        }
        catalogue.gain_column(n).needs_backfill = Some(Rows::Recent);
        Ok(true)
    }

    /// Changes the types of these columns, all of them or none. Returns the error if PostgreSQL refuses.
    async fn try_change_types(
        &self,
        connection: &mut Connection,
        catalogue: &mut Catalogue,
        which: &[usize],
        sync_id: SyncId,
        rewrite: Rewrite,
    ) -> Result<Option<StoreError>, StoreError> {
        let mut changed = catalogue.clone();
        savepoint::mark(connection).await?;
        let done = self.change_these_types(connection, &mut changed, which, sync_id, rewrite).await;
        let done = savepoint::conclude_if(connection, done, StoreError::is_refusal).await?;
        if done.is_ok() {
            *catalogue = changed;
        }
        Ok(done.err())
    }

    /// Values that are not converted in place are read from the ledger again, and those that do not fit the new type
    /// stay in `_unfit`: at once, or, in a large table, in batches after this, with the values in `_unfit` until then.
    async fn change_these_types(
        &self,
        connection: &mut Connection,
        catalogue: &mut Catalogue,
        which: &[usize],
        sync_id: SyncId,
        rewrite: Rewrite,
    ) -> Result<(), StoreError> {
        let changes: Vec<_> = which.iter().map(|n| ddl::TypeChange::of(&catalogue.fields()[*n])).collect();
        let all_kept = changes.iter().all(ddl::TypeChange::keeps_values);
        for (_, relation) in self.existing(connection).await? {
            let values_to_unfit = rewrite == Rewrite::InBatches;
            execute(connection, ddl::change_types(relation, &changes, values_to_unfit)).await?;
        }
        let mut fields = Vec::with_capacity(which.len());
        for n in which {
            let field = catalogue.gain_column(*n);
            fields.push(field.name.clone());
            if rewrite == Rewrite::InBatches {
                // The row does not have a value that is empty in the old type.
                let had_empty = field.kinds.of(ValueKind::Empty) > 0;
                field.needs_backfill = Some(if had_empty { Rows::All } else { Rows::Unfit });
            }
        }
        if rewrite == Rewrite::AtOnce {
            // A wider column takes values that were in `_unfit` too.
            let rows = if all_kept { Rows::Unfit } else { Rows::All };
            self.backfill_all(connection, catalogue, sync_id, &Backfill { fields, rows }).await?;
        }
        Ok(())
    }

    /// Renames the column of a field.
    ///
    /// In the caller's transaction, like [`QueryTables::reshape`]; the caller limits the wait for a lock.
    pub async fn rename_column(&self, connection: &mut Connection, old: &str, new: &str) -> Result<(), StoreError> {
        for (_, relation) in self.existing(connection).await? {
            execute(connection, ddl::rename_column(relation, old, new)).await?;
        }
        Ok(())
    }

    /// Drops a field's column. A backfill erases the values that rows still hold out of sight and in `_unfit`.
    ///
    /// In the caller's transaction, like [`QueryTables::reshape`]; the caller limits the wait for a lock.
    pub async fn drop_column(&self, connection: &mut Connection, field: &Field) -> Result<(), StoreError> {
        if field.column_type.is_none() {
            return Ok(());
        }
        for (_, relation) in self.existing(connection).await? {
            execute(connection, ddl::drop_column(relation, &field.column_name)).await?;
        }
        Ok(())
    }
}
