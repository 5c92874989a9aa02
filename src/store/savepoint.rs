//! Part of a transaction that can fail on its data by itself.

use sqlx::PgTransaction;

use super::StoreError;
use super::error::Kind;

/// Ends a savepoint: what was done in it stays, or is undone where the data is at fault. Any other error is the transaction's.
pub async fn conclude<T>(
    savepoint: PgTransaction<'_>,
    done: Result<T, StoreError>,
) -> Result<Result<T, StoreError>, StoreError> {
    match done {
        Ok(done) => {
            savepoint.commit().await?;
            Ok(Ok(done))
        }
        Err(error) if error.kind() == Kind::Data => {
            savepoint.rollback().await?;
            Ok(Err(error))
        }
        Err(error) => Err(error),
    }
}
