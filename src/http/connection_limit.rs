//! Why a connection is refused.

/// The limit that a new connection exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ConnectionLimit {
    /// The limit per address.
    #[strum(serialize = "address")]
    PerAddress,
    /// The total limit, with all connections busy processing requests.
    Total,
}

impl ConnectionLimit {
    /// The word in the metrics.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
