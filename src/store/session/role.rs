//! What connections are for, and what each purpose may take.

/// What a connection is for. Each role has connections of its own, which no other can use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Deliveries into the ledger.
    Writer,
    /// Backlog into query tables.
    Projector,
    /// What goes through a sync's whole content: rebuilds, and the commands of an operator.
    Operator,
    /// Partitions and other work by the clock.
    Maintenance,
    /// Health checks, and looks at what the others do.
    Monitor,
}

impl Role {
    pub(super) const ALL: [Self; 5] = [Self::Writer, Self::Projector, Self::Operator, Self::Maintenance, Self::Monitor];

    /// As in a session's name.
    pub(in crate::store) fn name(self) -> &'static str {
        match self {
            Self::Writer => "writer",
            Self::Projector => "projector",
            Self::Operator => "operator",
            Self::Maintenance => "maintenance",
            Self::Monitor => "monitor",
        }
    }

    /// How many connections there are at most.
    pub(super) fn connections(self, writers: usize) -> usize {
        match self {
            Self::Writer => writers,
            // Two workers and the look at the backlog.
            Self::Projector => 3,
            // Each of two rebuilds in the service holds its lock, a transaction, and reads the ledger beside it.
            Self::Operator => 6,
            Self::Maintenance => 1,
            Self::Monitor => 2,
        }
    }

    /// `lock_timeout`, `statement_timeout` and `idle_in_transaction_session_timeout`, in seconds.
    ///
    /// Between statements a large delivery is read and encoded, which takes seconds on a busy machine. Transactions that are given
    /// up are ended at once; these limits are for those of a client that is gone without a word.
    ///
    /// * A writer tries again rather than wait for a lock; how long its statements may take depends on the delivery.
    /// * A projection waits for another session's lock on a query table, such as a new index takes, without harm to deliveries. Its
    ///   batches are bounded, so a statement of a minute is out of all proportion.
    /// * An operator's work goes over whole tables. It waits for a lock as long as a person would.
    pub(super) fn limits(self) -> (u64, u64, u64) {
        match self {
            Self::Writer => (2, 4, 30),
            Self::Projector | Self::Maintenance => (5, 60, 60),
            Self::Operator => (60, 3_600, 60),
            Self::Monitor => (1, 2, 2),
        }
    }
}
