//! Part of a transaction that can fail by itself.

use sqlx::PgConnection;

use crate::store::{ErrorKind, StoreError};

/// Begins it. What is done from here on can be undone without the rest.
pub async fn mark(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::raw_sql("savepoint mark").execute(connection).await?;
    Ok(())
}

/// Keeps what was done since the last mark.
pub async fn keep(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::raw_sql("release savepoint mark").execute(connection).await?;
    Ok(())
}

/// Undoes what was done since the last mark.
pub async fn undo(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::raw_sql("rollback to savepoint mark; release savepoint mark").execute(connection).await?;
    Ok(())
}

/// Ends it: what was done since the mark stays, or is undone where the data is at fault. Any other error is the transaction's.
pub async fn conclude<T>(
    connection: &mut PgConnection,
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
