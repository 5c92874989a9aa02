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
        Err(error) if error.kind() == ErrorKind::Data => {
            undo(connection).await?;
            Ok(Err(error))
        }
        Err(error) => Err(error),
    }
}
