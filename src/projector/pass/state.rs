//! A sync's state between passes.

use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::backoff::Backoff;
use crate::columns::Catalogue;
use crate::projector::apply::ExpectsNew;
use crate::projector::cooldown::Cooldown;
use crate::query_tables::{DueChanges, LockWait, Projection};
use crate::store::tables::backlog::LookFrom;
use crate::store::{PendingDelivery, RejectedRecord, StoreError, SyncState};

/// Delay before DDL is retried that timed out on its lock; doubles up to the maximum. Values without a column stay in
/// `_unfit` meanwhile.
const FIRST_RESHAPE_PAUSE: Duration = Duration::from_millis(200);
const MAX_RESHAPE_PAUSE: Duration = Duration::from_secs(30);

/// How often DDL waits so long that PostgreSQL cancels an autovacuum in its way. Readers queue behind it meanwhile.
const OUTLAST_EVERY: Duration = Duration::from_secs(20);

/// How often a blocked change is retried.
const BLOCKED_EVERY: Duration = Duration::from_secs(60);

/// How long fields are cached: an operator may edit them by hand, without changing their version.
const CACHED_FOR: Duration = Duration::from_secs(5);

/// How long keys are made as before without asking for a rebuild again.
const KEEP_KEYS: Duration = Duration::from_secs(5);

/// A sync's state between passes. Losing it does no harm.
#[derive(Debug)]
pub struct PassState {
    /// Where the sync's backlog begins.
    pub look_from: LookFrom,
    /// The name and identity in the tables' comments.
    pub described: Option<(Option<String>, Option<Vec<String>>)>,
    /// A batch of which a part is projected.
    pub partly: Option<PartlyProjected>,
    /// A backfill, if there is one, comes before the backlog.
    pub backfill_next: bool,
    /// Whether an operator seems to have changed the tables.
    pub repair: Repair,
    pub expects_new: ExpectsNew,
    /// The sync's fields and their version: valid while the database has the same version.
    catalogue: Option<(i64, Catalogue)>,
    /// When the fields were last read from the database.
    read_at: Instant,
    /// Until its end, keys are made as before, because the tables are being rebuilt.
    keys: Cooldown,
    pub ddl: DdlState,
}

impl Default for PassState {
    fn default() -> Self {
        Self {
            look_from: LookFrom::Beginning,
            described: None,
            partly: None,
            backfill_next: false,
            repair: Repair::NotNeeded,
            expects_new: ExpectsNew::default(),
            catalogue: None,
            read_at: Instant::now(),
            keys: Cooldown::default(),
            ddl: DdlState::default(),
        }
    }
}

/// Whether to compare the tables with the catalogue, and repair what an operator changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    NotNeeded,
    Due,
    /// Done since the last batch that succeeded.
    Done,
}

impl PassState {
    /// The sync's fields: cached, if nothing has changed since.
    pub async fn catalogue(&mut self, projection: &mut Projection) -> Result<Catalogue, StoreError> {
        if let Some((version, mut catalogue)) = self.catalogue.take()
            && version == projection.sync.catalogue_version
            && self.read_at.elapsed() < CACHED_FOR
        {
            catalogue.set_key_fields(projection.sync.identity.as_deref());
            return Ok(catalogue);
        }
        self.read_at = Instant::now();
        projection.catalogue().await
    }

    /// Commits, and caches the fields for the next pass.
    ///
    /// * `catalogue`: as saved
    pub async fn commit(&mut self, projection: Projection, catalogue: Catalogue) -> Result<(), StoreError> {
        let version = projection.sync.catalogue_version;
        projection.session.commit().await?;
        self.catalogue = Some((version, catalogue));
        Ok(())
    }

    /// Notes that these have left the backlog, the oldest of it.
    pub fn projected(&mut self, waiting: &[PendingDelivery]) {
        if let Some(last) = waiting.last() {
            self.look_from = LookFrom::SentAt(last.sent_at);
        }
    }

    /// Whether the keys in the tables are of other column types than now, and no rebuild is running for them.
    pub fn keys_are_outdated(&self, sync: &SyncState, catalogue: &Catalogue) -> bool {
        self.next_look_at_keys(sync, catalogue) == Some(Duration::ZERO)
    }

    /// When to ask for the rebuild that they need; `None` if they need none. It may not have been begun: another task
    /// for the sync was running.
    pub fn next_look_at_keys(&self, sync: &SyncState, catalogue: &Catalogue) -> Option<Duration> {
        let identity = sync.identity.as_ref()?;
        let are_as_before = sync.key_columns.as_ref() == Some(&catalogue.key_columns(identity));
        (!are_as_before).then(|| self.keys.remaining().unwrap_or_default())
    }

    /// The tables are being rebuilt; until that is done, their keys are made as before.
    pub fn keep_keys(&mut self) {
        self.keys.start(KEEP_KEYS);
    }

    /// How many fields are cached.
    pub fn fields(&self) -> usize {
        self.catalogue.as_ref().map_or(0, |(_, catalogue)| catalogue.fields().len())
    }

    /// Drops the cached fields; the next pass reads them again.
    pub fn forget_fields(&mut self) {
        self.catalogue = None;
    }

    /// After a failure that changed tables may explain: returns true if they are checked next, so that the failure need
    /// not be logged.
    pub fn suspects(&mut self, error: &StoreError) -> bool {
        let suspects = error.is_drift() && self.repair == Repair::NotNeeded;
        if error.is_drift() {
            self.repair = if suspects { Repair::Due } else { Repair::NotNeeded };
        }
        suspects
    }
}

/// When the tables may be changed again.
#[derive(Debug)]
pub struct DdlState {
    /// After a change that timed out on its lock.
    reshape: Cooldown,
    backoff: Backoff,
    /// After a change that outlasted an autovacuum.
    outlast: Cooldown,
    /// After a try of the blocked changes.
    blocked: Cooldown,
}

impl Default for DdlState {
    fn default() -> Self {
        Self {
            reshape: Cooldown::default(),
            backoff: Backoff::new(FIRST_RESHAPE_PAUSE),
            outlast: Cooldown::default(),
            blocked: Cooldown::default(),
        }
    }
}

impl DdlState {
    /// How long the next DDL waits for its lock.
    pub fn lock_wait(&self) -> LockWait {
        if self.outlast.is_over() { LockWait::OutlastVacuum } else { LockWait::Briefly }
    }

    /// Notes that DDL timed out: the next long wait is a while away.
    pub fn timed_out(&mut self, wait: LockWait) {
        if wait == LockWait::OutlastVacuum {
            self.outlast.start(OUTLAST_EVERY);
        }
    }

    /// The changes that may be made now; `None` if the catalogue has none.
    pub fn due(&self, catalogue: &Catalogue) -> Option<DueChanges> {
        let due = if self.blocked.is_over() { DueChanges::All } else { DueChanges::Unblocked };
        let is_due = self.reshape.is_over() && catalogue.fields().iter().any(|field| due.includes(field));
        is_due.then_some(due)
    }

    /// Notes that the tables were changed.
    pub fn reshaped(&mut self, changes: DueChanges) {
        self.reshape.reset();
        self.backoff.reset();
        if changes == DueChanges::All {
            self.blocked.start(BLOCKED_EVERY);
        }
    }

    /// Notes that another session uses a table. Returns the delay before the next try.
    pub fn locked(&mut self, wait: LockWait) -> Duration {
        self.timed_out(wait);
        let pause = self.backoff.fail(MAX_RESHAPE_PAUSE);
        self.reshape.start(pause);
        pause
    }

    /// When to retry a change that waits; `None` if none does.
    pub fn next_try(&self, catalogue: &Catalogue) -> Option<Duration> {
        let any = |changes: DueChanges| catalogue.fields().iter().any(|field| changes.includes(field));
        if any(DueChanges::Unblocked) {
            self.reshape.remaining()
        } else if any(DueChanges::All) {
            self.blocked.remaining()
        } else {
            None
        }
    }
}

/// A batch that is projected in several passes, because its rows are tried one by one.
#[derive(Debug, Default)]
pub struct PartlyProjected {
    /// Its deliveries.
    batch: Vec<Uuid>,
    /// The key of the last entity that is done.
    pub after: Option<String>,
    /// The records that are quarantined: envelope and position.
    pub rejected: Vec<(Uuid, i32)>,
}

impl PartlyProjected {
    pub fn is_of(&self, waiting: &[PendingDelivery]) -> bool {
        self.batch.iter().eq(waiting.iter().map(|waiting| &waiting.envelope_id))
    }

    /// The same with more that is done.
    pub fn then(self, waiting: &[PendingDelivery], after: &str, rejected: &[RejectedRecord<'_>]) -> Self {
        let batch = waiting.iter().map(|waiting| waiting.envelope_id).collect();
        let rejected = self.rejected.into_iter().chain(rejected.iter().map(RejectedRecord::place)).collect();
        Self { batch, after: Some(after.to_owned()), rejected }
    }
}
