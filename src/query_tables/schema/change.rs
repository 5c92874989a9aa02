//! Changes that an operator makes to the columns of a field: its type, its name, whether it is shown.

use super::lock_wait::{LockWait, pause_between_tries};
use super::policy::{By, DueChanges};
use super::reshape::Reshaped;
use crate::columns::{Catalogue, Field, Rows};
use crate::model::SyncId;
use crate::query_tables::{Projection, projection};
use crate::store::tables::backfills;
use crate::store::{Store, StoreError};

/// Why a change was not made. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error(transparent)]
    Store(StoreError),
    #[error("the sync no longer exists")]
    NoSuchSync,
    #[error("the field no longer exists")]
    NoSuchField,
    #[error("other sessions keep using the table; nothing was changed, try again later")]
    TableInUse,
    /// The field that has the column.
    #[error("the field {0:?} already has that column")]
    ColumnTaken(String),
    #[error("{0:?} is part of the sync's identity; change the identity first")]
    InIdentity(String),
    /// Why the column cannot be as the field should be.
    #[error("{0}. Nothing was changed")]
    Blocked(String),
    /// The refused change: `renamed` or `dropped`.
    #[error("the column cannot be {0}; nothing was changed")]
    Refused(&'static str, #[source] StoreError),
}

impl From<StoreError> for ChangeError {
    fn from(error: StoreError) -> Self {
        if error.is_lock_timeout() { Self::TableInUse } else { Self::Store(error) }
    }
}

impl ChangeError {
    fn refused(what: &'static str) -> impl FnOnce(StoreError) -> Self {
        move |error| if error.is_lock_timeout() { Self::TableInUse } else { Self::Refused(what, error) }
    }
}

/// The tries of a change that needs the lock of a sync's tables, for ten seconds.
#[derive(Debug)]
pub struct Tries<'s> {
    store: &'s Store,
    sync_id: SyncId,
    made: usize,
}

impl<'s> Tries<'s> {
    pub fn of(store: &'s Store, sync_id: SyncId) -> Self {
        Self { store, sync_id, made: 0 }
    }

    /// Begins the next try, after a pause: a projection whose tables are repaired if an operator changed them. The
    /// caller ends it, and calls this again after [`ChangeError::TableInUse`].
    pub async fn next(&mut self) -> Result<(Projection, Catalogue, LockWait), ChangeError> {
        while self.made < LockWait::TRIES {
            if self.made > 0 {
                pause_between_tries().await;
            }
            self.made += 1;
            let wait = LockWait::of_try(self.made);
            let mut projection = projection::begin(self.store, self.sync_id).await?.ok_or(ChangeError::NoSuchSync)?;
            let mut catalogue = projection.catalogue().await?;
            match projection.repair(&mut catalogue, wait).await {
                Ok(()) => return Ok((projection, catalogue, wait)),
                Err(error) if error.is_lock_timeout() => projection.session.rollback().await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(ChangeError::TableInUse)
    }
}

/// Changes a sync's tables in one transaction, and again while another session uses a table. Returns the projection,
/// which the caller ends.
///
/// * `change`: fails with [`ChangeError::TableInUse`] if it has to wait for a lock
async fn with_table_lock<T>(
    store: &Store,
    sync_id: SyncId,
    change: impl AsyncFn(&mut Projection, &mut Catalogue, LockWait) -> Result<T, ChangeError>,
) -> Result<(Projection, Catalogue, T), ChangeError> {
    let mut tries = Tries::of(store, sync_id);
    loop {
        let (mut projection, mut catalogue, wait) = tries.next().await?;
        match change(&mut projection, &mut catalogue, wait).await {
            Err(ChangeError::TableInUse) => projection.session.rollback().await?,
            changed => return changed.map(|changed| (projection, catalogue, changed)),
        }
    }
}

/// Begins a projection whose tables are as the catalogue says.
pub async fn begin_repaired(store: &Store, sync_id: SyncId) -> Result<(Projection, Catalogue), ChangeError> {
    let (projection, catalogue, _) = Tries::of(store, sync_id).next().await?;
    Ok((projection, catalogue))
}

impl Projection {
    /// [`Projection::reshape`], which fails if another session uses a table.
    pub async fn try_reshape(&mut self, catalogue: &mut Catalogue, by: By, wait: LockWait) -> Result<(), ChangeError> {
        match self.reshape(catalogue, by, DueChanges::Unblocked, wait).await? {
            Reshaped::Done => Ok(()),
            Reshaped::Locked => Err(ChangeError::TableInUse),
        }
    }
}

/// Changes a field and the tables in one transaction.
///
/// * `change`: what the field should be
/// * `changed`: done to it once the tables have changed
pub async fn change_field(
    store: &Store,
    sync_id: SyncId,
    name: &str,
    change: impl Fn(&mut Field),
    changed: impl Fn(&mut Field),
) -> Result<(), ChangeError> {
    // Not with a closure, so that a task can do it.
    let mut tries = Tries::of(store, sync_id);
    let (mut projection, mut catalogue) = loop {
        let (mut projection, mut catalogue, wait) = tries.next().await?;
        catalogue.fields_mut().filter(|field| field.name == name).for_each(&change);
        if !projection.tables_exist().await? {
            break (projection, catalogue);
        }
        match projection.try_reshape(&mut catalogue, By::Operator, wait).await {
            Ok(()) => break (projection, catalogue),
            Err(ChangeError::TableInUse) => projection.session.rollback().await?,
            Err(error) => return Err(error),
        }
    };
    if let Some(why) = catalogue.field(name).and_then(|field| field.blocked.clone()) {
        projection.session.rollback().await?;
        return Err(ChangeError::Blocked(why));
    }
    catalogue.fields_mut().filter(|field| field.name == name).for_each(&changed);
    projection.save(&mut catalogue).await?;
    Ok(projection.session.commit().await?)
}

/// Renames the column of a field.
pub async fn rename_column(store: &Store, sync_id: SyncId, name: &str, column: &str) -> Result<(), ChangeError> {
    let (mut projection, mut catalogue, renamed) =
        with_table_lock(store, sync_id, async |projection, catalogue, wait| {
            if let Some(other) = catalogue.fields().iter().find(|field| field.column_name == column) {
                return if other.name == name { Ok(false) } else { Err(ChangeError::ColumnTaken(other.name.clone())) };
            }
            let field = catalogue.fields_mut().find(|field| field.name == name).ok_or(ChangeError::NoSuchField)?;
            let old = std::mem::replace(&mut field.column_name, column.to_owned());
            if field.column_type.is_some() && projection.tables_exist().await? {
                let (connection, tables) = (&mut projection.session, &projection.tables);
                let usual = tables.limit_wait(connection, wait).await?;
                tables.rename_column(connection, &old, column).await.map_err(ChangeError::refused("renamed"))?;
                usual.restore(connection).await?;
            }
            Ok(true)
        })
        .await?;
    if !renamed {
        return Ok(projection.session.rollback().await?);
    }
    projection.save(&mut catalogue).await?;
    Ok(projection.session.commit().await?)
}

/// Drops the column of a field, and gives it to one that waits. Returns the name of that column. A backfill then erases
/// the values that the rows still hold.
pub async fn hide_field(store: &Store, sync_id: SyncId, name: &str) -> Result<Option<String>, ChangeError> {
    let (mut projection, mut catalogue, waited) =
        with_table_lock(store, sync_id, async |projection, catalogue, wait| {
            if projection.sync.identity.as_ref().is_some_and(|identity| identity.iter().any(|field| field == name)) {
                return Err(ChangeError::InIdentity(name.to_owned()));
            }
            let has_table = projection.has_a_table().await?;
            let waited: Vec<String> = catalogue.waiting_for_columns().map(|field| field.name.clone()).collect();
            let field = catalogue.fields_mut().find(|field| field.name == name).ok_or(ChangeError::NoSuchField)?;
            if field.hidden {
                return Ok(None);
            }
            if has_table {
                let (connection, tables) = (&mut projection.session, &projection.tables);
                let usual = tables.limit_wait(connection, wait).await?;
                tables.drop_column(connection, field).await.map_err(ChangeError::refused("dropped"))?;
                usual.restore(connection).await?;
            }
            field.hidden = true;
            field.column_type = None;
            field.needs_backfill = has_table.then_some(Rows::Erase);
            backfills::delete(&mut projection.session, sync_id).await?;
            if has_table {
                projection.try_reshape(catalogue, By::Projector, wait).await?;
            }
            Ok(Some(waited))
        })
        .await?;
    let Some(waited) = waited else {
        projection.session.rollback().await?;
        return Ok(None);
    };
    projection.save(&mut catalogue).await?;
    projection.session.commit().await?;
    let mut waited = waited.iter().filter_map(|name| catalogue.field(name));
    Ok(waited.find(|field| field.column_type.is_some()).map(|field| field.column_name.clone()))
}
