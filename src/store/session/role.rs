//! The purposes of connections, and the limits for each.

use std::time::Duration;

/// The purpose of a connection. Each role has connections of its own, which no other role can use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Writes deliveries to the ledger.
    Writer,
    /// Projects the backlog into query tables.
    Projector,
    /// Goes through a sync's whole content: rebuilds, and an operator's commands.
    Operator,
    /// Partitions and other scheduled work.
    Maintenance,
    /// Keeps what Polytomic's API says about runs, and its events.
    Polytomic,
    /// Health checks, and observing the other roles.
    Monitor,
    /// Reads the database's part of the metrics.
    Metrics,
    /// Reads what the pages show.
    Pages,
}

impl Role {
    /// As in a session's name.
    pub(in crate::store) fn name(self) -> &'static str {
        self.into()
    }

    /// The most connections.
    pub(super) fn connections(self, writers: usize) -> usize {
        match self {
            // And one that drains the spool.
            Self::Writer => writers + 1,
            // Two workers, and the one that reads the backlog. And some readers of the pages.
            Self::Projector | Self::Pages => 3,
            // The partitions ahead; the retention: its lock, and its work; the drain's look at what was erased.
            // Counting for the pages: its lock and its work; that this service runs. Notices: their lock, and two
            // sinks.
            Self::Maintenance => 10,
            // For the runs: their lock, that of a sync, the work, and events that come meanwhile.
            Self::Polytomic => 4,
            // Each of two rebuilds in the service holds its lock and a transaction, and reads the ledger.
            Self::Operator => 6,
            Self::Metrics => 1,
            Self::Monitor => 2,
        }
    }

    /// Whether its work includes statements that PostgreSQL takes outside a transaction only, and locks of a session.
    pub(super) fn needs_session(self) -> bool {
        matches!(self, Self::Operator | Self::Maintenance | Self::Polytomic)
    }

    /// The limits of its transactions.
    ///
    /// Between statements a large delivery is parsed and encoded, which takes seconds on a busy machine. Transactions
    /// that are given up are ended at once; these limits are for clients that vanish.
    ///
    /// * A writer retries rather than wait for a lock. How long its statements may take depends on the delivery.
    /// * A projection waits for another session's lock on a query table, such as that of a new index, without harm to
    ///   deliveries. Its batches are bounded, so a statement of a minute is far too long.
    /// * An operator's work covers whole tables. It waits for a lock as long as a person would.
    pub(super) fn limits(self) -> SessionLimits {
        match self {
            Self::Writer => SessionLimits::of_seconds(2, 4, 30),
            Self::Projector | Self::Maintenance | Self::Polytomic => SessionLimits::of_seconds(5, 60, 60),
            Self::Operator => SessionLimits::of_seconds(60, 3_600, 60),
            Self::Monitor => SessionLimits::of_seconds(1, 2, 2),
            Self::Pages => SessionLimits::of_seconds(1, 5, 10),
            // Counts a long backlog. Nobody waits for it.
            Self::Metrics => SessionLimits::of_seconds(1, 30, 10),
        }
    }
}

/// The server's time limits for a transaction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionLimits {
    /// `lock_timeout`
    pub lock: Duration,
    /// `statement_timeout`
    pub statement: Duration,
    /// `idle_in_transaction_session_timeout`
    pub idle: Duration,
}

impl SessionLimits {
    const fn of_seconds(lock: u64, statement: u64, idle: u64) -> Self {
        Self {
            lock: Duration::from_secs(lock),
            statement: Duration::from_secs(statement),
            idle: Duration::from_secs(idle),
        }
    }
}
