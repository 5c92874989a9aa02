//! Part of a transaction that can fail by itself.

use sqlx::Row as _;

use crate::store::{Connection, ErrorKind, StoreError};

/// Sets the savepoint. The statements after it can be undone without the rest.
pub async fn mark(connection: &mut Connection) -> Result<(), StoreError> {
    sqlx::raw_sql("savepoint mark").execute(connection).await?;
    Ok(())
}

/// The same before a `copy`. Returns whether the database is that of a Citus cluster, in the same round trip.
pub async fn mark_to_copy(connection: &mut Connection) -> Result<bool, StoreError> {
    let sql = "savepoint mark; select to_regclass('pg_catalog.pg_dist_partition') is not null";
    Ok(sqlx::raw_sql(sql).fetch_one(connection).await?.try_get(0)?)
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

/// Sets the savepoint before rows are written to a table that people build on. Constraints that can be deferred are,
/// until [`conclude_rows`].
pub async fn mark_deferring(connection: &mut Connection) -> Result<(), StoreError> {
    sqlx::raw_sql("savepoint mark; set constraints all deferred").execute(connection).await?;
    Ok(())
}

/// Ends a part that began with [`mark_deferring`]: keeps the rows, or undoes them if something refuses them. At the
/// commit it would be too late to find the rows that a deferred constraint does not take. Returns the refusal.
pub async fn conclude_rows(
    connection: &mut Connection,
    done: Result<(), StoreError>,
) -> Result<Option<StoreError>, StoreError> {
    let checked = match done {
        Ok(()) => {
            let sql = "set constraints all immediate; release savepoint mark";
            sqlx::raw_sql(sql).execute(&mut *connection).await.map_err(StoreError::Sql)
        }
        Err(error) => Err(error),
    };
    let Err(error) = checked else { return Ok(None) };
    if !error.is_about_rows() {
        return Err(error);
    }
    undo(connection).await?;
    Ok(Some(error))
}

/// Ends the part: keeps what was done, or undoes it if its data is at fault. Any other error fails the transaction.
pub async fn conclude<T>(
    connection: &mut Connection,
    done: Result<T, StoreError>,
) -> Result<Result<T, StoreError>, StoreError> {
    conclude_if(connection, done, |error| error.kind() == ErrorKind::Data).await
}

/// Ends the part: keeps what was done, or undoes it if the error is one of these. Any other error fails the
/// transaction.
pub async fn conclude_if<T>(
    connection: &mut Connection,
    done: Result<T, StoreError>,
    is_expected: impl FnOnce(&StoreError) -> bool,
) -> Result<Result<T, StoreError>, StoreError> {
    match done {
        Ok(done) => {
            keep(connection).await?;
            Ok(Ok(done))
        }
        Err(error) if is_expected(&error) => {
            undo(connection).await?;
            Ok(Err(error))
        }
        Err(error) => Err(error),
    }
}
