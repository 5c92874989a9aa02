//! Why Polytomic's API did not answer a question.

use std::time::Duration;

/// One variant per reaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    #[error("Polytomic's API cannot be reached: {0}")]
    Unreachable(String),
    #[error("Polytomic's API did not answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    #[error("Polytomic's API does not accept the key; set POLYSINK_POLYTOMIC_KEY to one of this organization")]
    WrongKey,
    #[error("the key of POLYSINK_POLYTOMIC_KEY may not do this: {0}")]
    Forbidden(String),
    #[error("Polytomic's API has no such {0}; is the key that of another organization?")]
    NotFound(&'static str),
    /// A run of the sync is in progress, or the same request is being handled.
    #[error("Polytomic's API refuses it for now: {0}")]
    Conflict(String),
    /// * after this time it may be asked again
    #[error("Polytomic's API wants no further request for {} s", .0.as_secs())]
    RateLimited(Duration),
    #[error("Polytomic's API answered {status}: {message}")]
    Status { status: u16, message: String },
    #[error("Polytomic's API sends a redirection, which is not followed with a key; is POLYSINK_POLYTOMIC_URL right?")]
    Redirected,
    #[error("an answer of Polytomic's API has more than {} MiB", .max >> 20)]
    TooLarge { max: usize },
    #[error("an answer of Polytomic's API cannot be read: {0}")]
    Unreadable(String),
}

impl ApiError {
    /// Whether the same question may be answered a little later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::TimedOut(_) | Self::RateLimited(_) => true,
            Self::Status { status, .. } => *status == 408 || *status >= 500,
            _ => false,
        }
    }

    /// The word in the metrics.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::TimedOut(_) => "timeout",
            Self::WrongKey => "wrong_key",
            Self::Forbidden(_) => "forbidden",
            Self::NotFound(_) => "not_found",
            Self::Conflict(_) => "conflict",
            Self::RateLimited(_) => "rate_limited",
            Self::Status { .. } => "status",
            Self::Redirected => "redirected",
            Self::TooLarge { .. } => "too_large",
            Self::Unreadable(_) => "unreadable",
        }
    }
}
