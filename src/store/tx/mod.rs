//! Parts of a transaction: savepoints, bisection, and how whole tables are read.

mod bisect;
pub(crate) mod savepoint;

pub use bisect::Bisection;

use super::{Connection, StoreError};

/// Lets several processes of the server work on each statement of the transaction that reads a whole table. The planner
/// does not know that each row takes long, and would think them not worth their start.
pub async fn prefer_parallel(connection: &mut Connection) -> Result<(), StoreError> {
    let settings = "set local min_parallel_table_scan_size = 0; set local parallel_setup_cost = 0; \
                    set local parallel_tuple_cost = 0";
    sqlx::raw_sql(settings).execute(connection).await?;
    Ok(())
}
