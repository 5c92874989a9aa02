//! Everything that is said to PostgreSQL: the pool, the migrations, a file for each table with its statements.
//!
//! `writer` writes through [`Store::write`] and [`Store::write_carefully`]; `projector` works through [`Projection`]; `http` and
//! `cli` read. Statements are checked at
//! compile time; the few that have to be built stand in `partitions` and `query`.

mod backlog;
mod candidates;
mod described;
mod envelopes;
mod error;
mod fields;
mod fold;
mod migrations;
mod partitions;
mod projection;
mod query;
mod reader;
mod records;
mod rejections;
mod savepoint;
mod syncs;
mod write;

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection as _, PgConnection};

pub use backlog::Waiting;
pub use candidates::Candidate;
pub use described::{DescribedColumn, DescribedTable};
pub use error::{Kind, StoreError};
pub use fold::Sighting;
pub use projection::{Delivered, Projection, RebuildLock, SyncState};
pub use query::{
    By, Current, Cursor, HistoryRow, LedgerRecord, Origin, QueryTables, Refused, Reshaped, Settling, Shadow,
    SpellBounds, StoredSpell, TableRow, sync_lock,
};
pub use rejections::{RejectedBody, RejectionRow};
pub use syncs::SyncRow;
pub use write::{Counts, Job, Outcome, Work};

/// How long a connection may take to be had. The writer tries again while its caller waits, so this is one try.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// A database that polysink keeps its data in. Cheap to clone; clones share the connections.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
    known_syncs: syncs::KnownSyncs,
}

impl Store {
    /// Makes the pool. Nothing is connected yet.
    ///
    /// * `connections`: the most that are open at once
    pub fn new(options: PgConnectOptions, connections: u32) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(CONNECT_TIMEOUT)
            // A round trip before every transaction buys nothing here: a dead connection is an error that is tried again.
            .test_before_acquire(false)
            .connect_lazy_with(options.application_name("polysink"));
        Self { pool, known_syncs: syncs::KnownSyncs::default() }
    }

    /// Connects once, outside the pool, which would keep the reason of a failure to itself.
    pub async fn try_connection(&self) -> Result<(), StoreError> {
        let options = self.pool.connect_options();
        let connection = tokio::time::timeout(CONNECT_TIMEOUT * 2, PgConnection::connect_with(&options));
        match connection.await {
            Ok(connection) => Ok(connection?.close().await?),
            Err(_) => Err(StoreError::Sql(sqlx::Error::PoolTimedOut)),
        }
    }

    /// Whether a delivery sent now could be stored: the database answers, takes writes, and has polysink's tables.
    pub async fn check(&self) -> Result<(), StoreError> {
        let row = sqlx::query!(
            r#"select current_setting('transaction_read_only')::boolean as "read_only!",
                      to_regclass('polysink.records') is not null as "migrated!",
                      current_setting('server_encoding') as "encoding!""#
        )
        .fetch_one(&self.pool)
        .await?;
        if row.encoding != "UTF8" {
            Err(StoreError::Encoding(row.encoding))
        } else if row.read_only {
            Err(StoreError::ReadOnly)
        } else if !row.migrated {
            Err(StoreError::NotMigrated)
        } else {
            Ok(())
        }
    }

    /// Closes every connection, after the statements under way.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
