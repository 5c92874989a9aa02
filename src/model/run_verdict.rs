//! The verdict on a run of a sync: whether it arrived whole.

/// The word on a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum RunVerdict {
    /// It is in progress.
    Running,
    /// It has ended, and its last deliveries may still come.
    Settling,
    /// As many records arrived as Polytomic says that it sent.
    Complete,
    /// Fewer.
    Short,
    /// More: a delivery was sent twice.
    Over,
    /// Polytomic says that it failed.
    Failed,
    /// The counts cannot be compared yet, or are not there.
    Unverified,
    /// Another run of the sync was in progress at the same time, so it is unknown whose the deliveries are.
    Ambiguous,
    /// Polytomic does not know it any more.
    Unknown,
}

impl RunVerdict {
    /// The word in the table.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether all of the run's deliveries have had the time to arrive.
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::Running | Self::Settling)
    }
}
