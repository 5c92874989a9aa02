//! Schema `polysink`: connections, migrations, and one file per table with its statements.
//!
//! `ledger` writes deliveries with them; `query_tables` and `projector` read the backlog; `http` and `cli` read.
//! Statements are checked at compile time, but for those whose table's name is only known at run time.

pub mod citus;
mod copy_buffer;
mod error;
mod held_lock;
pub mod hints;
pub mod migrations;
pub mod reader_role;
pub(crate) mod session;
pub mod tables;
pub(crate) mod tx;

pub use copy_buffer::CopyBuffer;
pub use error::{ErrorKind, StoreError};
pub use held_lock::HeldLock;
pub(crate) use held_lock::{try_lock, wait_for_lock};
pub(crate) use session::Session;
pub use session::{Connection, Endpoint, Pooler, Role};
pub use tables::adoptions::Adoption;
pub use tables::backlog::{Behind, PendingDelivery};
pub use tables::envelopes::{LogPlace, StoredDelivery};
pub use tables::erasures::{Erasure, ErasureCounts, ErasureGuard, NewErasure};
pub use tables::expired::{ExpiredPartition, Removal};
pub use tables::fields::Uncatalogued;
pub use tables::records::{LedgerRecord, LedgerRow, encode};
pub use tables::rejections::{RejectedBody, RejectedRecord, RejectionFilter, RejectionRow};
pub use tables::replays::{Replay, ReplayFilter};
pub use tables::syncs::{MadeAgain, SyncRow, SyncState};
pub use tx::Bisection;

use std::sync::Arc;

use tables::{records, syncs};

/// The database that holds polysink's data. Cheap to clone; clones share the connections.
#[derive(Debug, Clone)]
pub struct Store {
    sessions: session::Sessions,
    role: Role,
    scope: Option<session::WatchScope>,
    /// The operator who uses it; `None` for the service itself.
    actor: Option<Arc<str>>,
    known_syncs: syncs::KnownSyncs,
    novelty: records::Novelty,
}

impl Store {
    /// A store with the operator's role; see [`Store::for_role`]. Connects on first use.
    ///
    /// * `writers`: the number of connections for deliveries
    pub fn new(endpoint: impl Into<Endpoint>, writers: usize) -> Self {
        Self {
            sessions: session::Sessions::new(endpoint.into(), writers),
            role: Role::Operator,
            scope: None,
            actor: None,
            known_syncs: syncs::KnownSyncs::default(),
            novelty: records::Novelty::default(),
        }
    }

    /// The syncs' rows as this process knows them.
    pub(crate) fn known_syncs(&self) -> &syncs::KnownSyncs {
        &self.known_syncs
    }

    /// Which syncs send records that are new.
    pub(crate) fn novelty(&self) -> &records::Novelty {
        &self.novelty
    }

    /// Whether a delivery sent now could be stored: the database answers, accepts writes, and has this version's
    /// tables.
    pub async fn check(&self) -> Result<(), StoreError> {
        let mut session = self.begin().await?;
        let row = sqlx::query!(
            r#"select current_setting('transaction_read_only')::boolean as "read_only!",
                      to_regclass('polysink._sqlx_migrations') is not null as "migrated!",
                      current_setting('server_encoding') as "encoding!""#
        )
        .fetch_one(&mut *session)
        .await?;
        let missing = if row.migrated { migrations::compare(&mut session).await?.missing } else { Vec::new() };
        session.commit().await?;
        if row.encoding != "UTF8" {
            Err(StoreError::Encoding(row.encoding))
        } else if row.read_only {
            self.sessions.suspect(); // the address may lead to another server now
            Err(StoreError::ReadOnly)
        } else if !row.migrated {
            Err(StoreError::NotMigrated)
        } else if !missing.is_empty() {
            Err(StoreError::Outdated(missing.join(", ")))
        } else {
            Ok(())
        }
    }
}
