//! The findings of `doctor`, for the status page: the checks run again while someone looks at it, and not otherwise.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio::time::Instant;

/// How old the findings may be when someone looks.
const FRESH: Duration = Duration::from_secs(600);

/// A finding that is not all right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The check's name.
    pub check: &'static str,
    /// Whether something does not work, or only will not for ever.
    pub is_failure: bool,
    pub found: String,
    pub advice: Option<String>,
}

/// Runs the checks. Given by `app`, because `doctor` stands above this module.
pub struct Examine(Box<dyn Fn() -> FutureWarnings + Send + Sync>);

type FutureWarnings = Pin<Box<dyn Future<Output = Vec<Warning>> + Send>>;

impl fmt::Debug for Examine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Examine")
    }
}

impl Examine {
    pub fn new<F>(examine: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Vec<Warning>> + Send + 'static,
    {
        Self(Box::new(move || Box::pin(examine())))
    }

    /// Finds nothing.
    pub fn nothing() -> Self {
        Self::new(async || Vec::new())
    }
}

/// The findings as of a time.
#[derive(Debug, Clone, Default)]
pub struct Examined {
    /// `None` before the first run has ended.
    pub at: Option<DateTime<Utc>>,
    pub warnings: Vec<Warning>,
}

/// The latest findings.
#[derive(Debug)]
pub struct Examination {
    examine: Arc<Examine>,
    now: fn() -> DateTime<Utc>,
    runtime: Handle,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    findings: Examined,
    /// When the last run began.
    begun: Option<Instant>,
}

impl Examination {
    /// Checks run on the runtime that this is called on.
    pub fn new(examine: Examine, now: fn() -> DateTime<Utc>) -> Self {
        Self { examine: Arc::new(examine), now, runtime: Handle::current(), state: Arc::default() }
    }

    /// The latest findings. Has the checks run again if these are old.
    pub fn latest(&self) -> Examined {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.begun.is_none_or(|begun| begun.elapsed() > FRESH) {
            state.begun = Some(Instant::now());
            let (examine, now, shared) = (Arc::clone(&self.examine), self.now, Arc::clone(&self.state));
            self.runtime.spawn(async move {
                let warnings = (examine.0)().await;
                let findings = Examined { at: Some(now()), warnings };
                shared.lock().unwrap_or_else(PoisonError::into_inner).findings = findings;
            });
        }
        state.findings.clone()
    }
}
