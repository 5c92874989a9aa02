//! Notices: tells people what they should know, over HTTP or in Slack, where nobody watches the metrics.
//!
//! `app` starts [`Notifier::run`] if `POLYSINK_NOTIFY` names a sink. Each look stores what is new in
//! `polysink.notices`, as one message for all sinks, and sends what is due; one replica at a time does so. Each process
//! tells of its own spool and disks itself, because the database may be away.
//!
//! A message has names, types and counts, and never a body or a value of a field.

mod look;
mod message;
mod outbox;
mod problems;
mod process;
mod sender;
mod signature;

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::NoticeKind;
use crate::store::{Role, Store};
use crate::writer::Queue;

pub use message::Message;
pub use sender::{SendError, Sender, Sink, SinkFormat};

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// How long a message is tried.
const TRIED_FOR: TimeDelta = TimeDelta::days(3);

/// The times of notices.
#[derive(Debug, Clone, Copy)]
pub struct NotifyPace {
    /// Between two looks.
    pub look: Duration,
    /// How long a problem of this process has to last.
    pub lasting: Duration,
    /// How long after the start no new sync is said to be late: while the service was away, none could come.
    pub grace: TimeDelta,
    /// The pause after a first failure; it doubles, up to an hour.
    pub first_pause: Duration,
}

impl Default for NotifyPace {
    fn default() -> Self {
        let half_minute = Duration::from_secs(30);
        Self { look: half_minute, lasting: half_minute, grace: TimeDelta::hours(1), first_pause: half_minute }
    }
}

/// The sinks, the kinds of notices, and where to look.
#[derive(Debug)]
pub struct NotifyOptions {
    pub store: Store,
    /// Knows the spool.
    pub queue: Queue,
    pub sinks: Vec<Sink>,
    pub kinds: Vec<NoticeKind>,
    /// Folders whose disks are looked at, and what each is for.
    pub folders: Vec<(&'static str, PathBuf)>,
    /// The name of this machine.
    pub host: Option<String>,
    /// Returns the time.
    pub now: fn() -> DateTime<Utc>,
    pub pace: NotifyPace,
}

/// Looks, and tells.
#[derive(Debug)]
pub struct Notifier {
    options: NotifyOptions,
    sender: Sender,
}

impl Notifier {
    /// # Errors
    ///
    /// [`SendError::Unreachable`] if this machine has no certificates to trust.
    pub fn new(options: NotifyOptions) -> Result<Self, SendError> {
        let options = NotifyOptions { store: options.store.for_role(Role::Maintenance), ..options };
        Ok(Self { options, sender: Sender::new()? })
    }

    /// Looks again and again, forever.
    pub async fn run(self) {
        let Self { options, sender } = &self;
        tokio::join!(process::tell(options, sender), outbox::tell(options, sender));
    }
}
