//! Part of a transaction that can fail by itself.

use crate::store::{Connection, ErrorKind, StoreError};

/// Sets the savepoint. What follows can be undone without the rest.
pub async fn mark(connection: &mut Connection) -> Result<(), StoreError> {
    sqlx::raw_sql("savepoint mark").execute(connection).await?;
    Ok(())
}

/// Keeps what was done since the savepoint.
pub async fn keep(connection: &mut Connection) -> Result<(), StoreError> {
    sqlx::raw_sql("release savepoint mark").execute(connection).await?;
    Ok(())
}

/// Undoes what was done since the savepoint.
pub async fn undo(connection: &mut Connection) -> Result<(), StoreError> {
    sqlx::raw_sql("rollback to savepoint mark; release savepoint mark").execute(connection).await?;
    Ok(())
}

/// Sets the savepoint before rows are written to a table that people build on. Constraints that can be deferred are, until
/// [`keep_checked`].
pub async fn mark_deferring(connection: &mut Connection) -> Result<(), StoreError> {
    sqlx::raw_sql("savepoint mark; set constraints all deferred").execute(connection).await?;
    Ok(())
}

/// Keeps what was done since the savepoint, if the deferred constraints take it; at the commit it would be too late to find
/// the rows that they do not.
pub async fn keep_checked(connection: &mut Connection) -> Result<(), StoreError> {
    sqlx::raw_sql("set constraints all immediate; release savepoint mark").execute(connection).await?;
    Ok(())
}

/// Ends the part: keeps what was done, or undoes it if its data is at fault. Any other error fails the transaction.
pub async fn conclude<T>(
    connection: &mut Connection,
    done: Result<T, StoreError>,
) -> Result<Result<T, StoreError>, StoreError> {
    match done {
        Ok(done) => {
            keep(connection).await?;
            Ok(Ok(done))
        }
        Err(error) => undo_if(connection, error, |error| error.kind() == ErrorKind::Data).await.map(Err),
    }
}

/// Undoes what was done since the savepoint, if the error is one of these. Any other error fails the transaction.
pub async fn undo_if(
    connection: &mut Connection,
    error: StoreError,
    is_expected: impl FnOnce(&StoreError) -> bool,
) -> Result<StoreError, StoreError> {
    if !is_expected(&error) {
        return Err(error);
    }
    undo(connection).await?;
    Ok(error)
}
