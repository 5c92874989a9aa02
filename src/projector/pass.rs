//! One pass over one sync: projects a batch of its backlog in one transaction.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use uuid::Uuid;

use super::apply::{TakenFrom, apply_bisecting, try_apply};
use super::batch::{self, Parsed};
use super::same_values;
use crate::backoff::Backoff;
use crate::columns::{Catalogue, ColumnType, Field, MAX_FIELDS};
use crate::envelope::Envelope;
use crate::model::SyncId;
use crate::query_tables::{By, LockWait, NotBegun, Projection, Reshaped, projection};
use crate::store::tables::backlog::{self, LookFrom};
use crate::store::tables::{envelopes, rejections};
use crate::store::tx::savepoint;
use crate::store::{RejectedRecord, Store, StoreError, SyncState, Uncatalogued, Waiting};

/// A batch is closed at this many records or bytes; it always has at least one envelope.
const BATCH_RECORDS: i32 = 5_000;
const BATCH_BYTES: i32 = 8 << 20;
pub const BATCH_ENVELOPES: i64 = 2_000;

/// A batch exceeds this only if a single delivery is most of it.
const LARGE_BYTES: i64 = 12 << 20;

/// Delay before DDL is retried that timed out on its lock; doubles up to the maximum. Values without a column stay in
/// `_unfit` meanwhile.
const FIRST_RESHAPE_PAUSE: Duration = Duration::from_millis(200);
const MAX_RESHAPE_PAUSE: Duration = Duration::from_secs(30);

/// How long rows are tried one by one, before what is done is committed and other syncs get their turn.
const BISECT_TURN: Duration = Duration::from_secs(5);

/// How often DDL waits so long that PostgreSQL cancels an autovacuum in its way. Readers queue behind it meanwhile.
const OUTLAST_EVERY: Duration = Duration::from_secs(20);

/// How often a blocked change is retried.
const BLOCKED_EVERY: Duration = Duration::from_secs(60);

/// How long fields are cached: an operator may edit them by hand, without changing their version.
const READ_AGAIN: Duration = Duration::from_secs(5);

/// How long keys are made as before without asking for a rebuild again.
const KEEP_KEYS: Duration = Duration::from_secs(5);

/// How often the log repeats that a sync has too many fields, or that values of a field do not fit.
const SAY_EVERY: Duration = Duration::from_secs(3600);

/// The result of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// This many records were projected; there may be more.
    Projected(usize),
    /// The tables were changed; there is more to do.
    Prepared,
    /// Some rows were backfilled; there may be more.
    Backfilled,
    /// A part of a batch was projected.
    Partly,
    /// Nothing waits.
    Idle,
    /// Only a change of the tables waits, to be retried after this time.
    Waiting(Duration),
    /// Another session projects this sync.
    Busy,
    /// An operator dropped the tables; they need a rebuild.
    Dropped,
    /// A column of the identity has another type than when the keys were made; the tables need a rebuild.
    KeysOutdated,
}

/// What is remembered of a sync between passes. Losing it does no harm.
#[derive(Debug)]
pub struct PassState {
    reshape_after: Option<Instant>,
    reshape_backoff: Backoff,
    /// Until then, DDL does not outlast an autovacuum.
    outlast_after: Option<Instant>,
    blocked_after: Option<Instant>,
    /// A backfill, if there is one, comes before the backlog.
    backfill_next: bool,
    /// Whether an operator seems to have changed the tables.
    repair: Repair,
    /// The name and identity in the tables' comments.
    described: Option<(Option<String>, Option<Vec<String>>)>,
    /// A batch of which a part is projected.
    partly: Option<Partly>,
    /// Where the sync's backlog begins.
    pub look_from: LookFrom,
    /// The sync's fields and their version: valid while the database has the same version.
    catalogue: Option<(i64, Catalogue)>,
    /// When the fields were last read from the database.
    read_at: Instant,
    /// When the log last said that the sync has too many fields.
    said_uncatalogued: Option<Instant>,
    /// Until then, keys are made as before, because the tables are being rebuilt.
    keys_after: Option<Instant>,
    /// When the log last said that values of a field do not fit.
    said_misfits: HashMap<String, Instant>,
}

/// Whether to compare the tables with the catalogue, and repair what an operator changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repair {
    NotNeeded,
    Due,
    /// Done since the last batch that succeeded.
    Done,
}

impl Default for PassState {
    fn default() -> Self {
        Self {
            reshape_after: None,
            reshape_backoff: Backoff::new(FIRST_RESHAPE_PAUSE),
            outlast_after: None,
            blocked_after: None,
            backfill_next: false,
            repair: Repair::NotNeeded,
            described: None,
            partly: None,
            look_from: LookFrom::Beginning,
            catalogue: None,
            read_at: Instant::now(),
            said_uncatalogued: None,
            keys_after: None,
            said_misfits: HashMap::new(),
        }
    }
}

impl PassState {
    /// How long the next DDL waits for its lock.
    fn lock_wait(&self) -> LockWait {
        if self.outlast_after.is_some_and(|after| Instant::now() < after) {
            LockWait::Briefly
        } else {
            LockWait::OutlastVacuum
        }
    }

    /// Notes that DDL timed out: the next long wait is a while away.
    fn waited(&mut self, wait: LockWait) {
        if wait == LockWait::OutlastVacuum {
            self.outlast_after = Some(Instant::now() + OUTLAST_EVERY);
        }
    }

    /// The sync's fields: cached, if nothing has changed since.
    async fn catalogue(&mut self, projection: &mut Projection) -> Result<Catalogue, StoreError> {
        let current = projection.sync.catalogue_version;
        if let Some((version, mut catalogue)) = self.catalogue.take()
            && version == current
            && self.read_at.elapsed() < READ_AGAIN
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
    async fn commit(&mut self, projection: Projection, catalogue: Catalogue) -> Result<(), StoreError> {
        let version = projection.sync.catalogue_version;
        projection.session.commit().await?;
        self.catalogue = Some((version, catalogue));
        Ok(())
    }

    /// Notes that these have left the backlog, the oldest of it.
    fn projected(&mut self, waiting: &[Waiting]) {
        if let Some(last) = waiting.last() {
            self.look_from = LookFrom::SentAt(last.sent_at);
        }
    }

    /// Whether the keys in the tables are of other column types than now.
    fn keys_are_outdated(&self, sync: &SyncState, catalogue: &Catalogue) -> bool {
        let Some(identity) = &sync.identity else { return false };
        sync.key_columns.as_ref() != Some(&catalogue.key_columns(identity))
            && self.keys_after.is_none_or(|after| Instant::now() >= after)
    }

    /// The tables are being rebuilt; until that is done, their keys are made as before.
    pub fn keep_keys(&mut self) {
        self.keys_after = Some(Instant::now() + KEEP_KEYS);
    }

    /// How many fields are cached.
    pub fn fields(&self) -> usize {
        self.catalogue.as_ref().map_or(0, |(_, catalogue)| catalogue.fields().len())
    }

    /// Drops the cached fields; the next pass reads them again.
    pub fn forget_fields(&mut self) {
        self.catalogue = None;
    }

    /// Logs it, at most once an hour.
    fn say_uncatalogued(&mut self, sync_id: SyncId, uncatalogued: &Uncatalogued) {
        let Some(field) = &uncatalogued.field else { return };
        if self.said_uncatalogued.is_none_or(|said| said.elapsed() >= SAY_EVERY) {
            self.said_uncatalogued = Some(Instant::now());
            tracing::warn!(%sync_id, field, "the sync has more fields than its catalogue takes, {MAX_FIELDS}, or longer names; \
                their values stay in _unfit");
        }
    }

    /// Logs them, at most once an hour for each field.
    fn say_misfits(&mut self, sync_id: SyncId, misfits: Vec<Misfits>) {
        for Misfits { field, column_type, count } in misfits {
            if self.said_misfits.get(&field).is_none_or(|said| said.elapsed() >= SAY_EVERY) {
                tracing::warn!(%sync_id, field, column_type, count, "values do not fit their column and stay in _unfit; \
                    `polysink column` shows what to do");
                self.said_misfits.insert(field, Instant::now());
            }
        }
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

/// Projects the sync's oldest backlog.
///
/// * `large`: the permit for a batch that is larger than usual
/// * `patient`: whether to wait for rows that another session has locked, or to fail soon and be tried again
pub async fn pass(
    store: &Store,
    sync_id: SyncId,
    state: &mut PassState,
    large: &Semaphore,
    patient: bool,
) -> Result<Pass, StoreError> {
    let mut projection = match projection::try_begin(store, sync_id).await? {
        Ok(projection) => projection,
        Err(NotBegun::Busy) => return Ok(Pass::Busy),
        // It was adopted; or its row was lost in a failover, and is made again before the backlog is read as a whole.
        Err(NotBegun::NoSuchSync) => return Ok(Pass::Idle),
    };
    let mut catalogue = state.catalogue(&mut projection).await?;
    if state.repair == Repair::Due {
        let wait = state.lock_wait();
        projection.repair(&mut catalogue, wait).await.inspect_err(|_| state.waited(wait))?;
        state.commit(projection, catalogue).await?;
        state.repair = Repair::Done;
        return Ok(Pass::Prepared);
    }
    // Backfill and backlog take turns, so that neither waits for the end of the other.
    if std::mem::take(&mut state.backfill_next) && backfill(&mut projection, &mut catalogue, patient).await? {
        state.commit(projection, catalogue).await?;
        return Ok(Pass::Backfilled);
    }
    let waiting = cut(oldest(&mut projection, state.look_from).await?);
    if waiting.is_empty() {
        // Whatever comes from now on is reported.
        state.look_from = LookFrom::End;
    }
    // One delivery can be as large as several batches. Such batches are projected one at a time, so that their memory
    // does not add up.
    let bytes: i64 = waiting.iter().map(|waiting| i64::from(waiting.bytes)).sum();
    let _turn = if bytes > LARGE_BYTES {
        let Ok(turn) = large.try_acquire() else {
            projection.session.rollback().await?;
            return Ok(Pass::Busy);
        };
        Some(turn)
    } else {
        None
    };
    let envelopes = read(&mut projection, &waiting).await?;
    if waiting.is_empty() && backfill(&mut projection, &mut catalogue, patient).await? {
        state.commit(projection, catalogue).await?;
        return Ok(Pass::Backfilled);
    }
    let replayed = backlog::replayed(&waiting);
    let unstorable = rejections::unstorable(&mut projection.session, &waiting).await?;
    let mut records = tokio::task::block_in_place(|| {
        let records = batch::records(&envelopes, &unstorable, &mut catalogue);
        batch::learn(&records, &mut catalogue, is_new(&replayed));
        records
    });
    if records.is_empty() && !waiting.is_empty() {
        backlog::delete(&mut projection.session, &waiting).await?;
        state.commit(projection, catalogue).await?;
        state.projected(&waiting);
        return Ok(Pass::Projected(0));
    }

    match reshape(&mut projection, &mut catalogue, state, !records.is_empty()).await? {
        TableState::Good => {}
        TableState::Made => {
            state.commit(projection, catalogue).await?;
            return Ok(Pass::Prepared);
        }
        TableState::Gone => {
            projection.session.rollback().await?;
            return Ok(Pass::Dropped);
        }
        TableState::Locked => {
            projection.session.rollback().await?;
            return Ok(Pass::Prepared); // the next pass goes on without
        }
    }
    if waiting.is_empty() {
        return idle(projection, catalogue, state).await;
    }

    if state.keys_are_outdated(&projection.sync, &catalogue) {
        projection.session.rollback().await?;
        return Ok(Pass::KeysOutdated);
    }
    if same_values::are_outdated(&mut projection, &records).await? {
        if projection.sync.key_columns.is_none() {
            projection.session.rollback().await?;
            return Ok(Pass::Busy); // with a rebuild that may have used them
        }
        let identity = projection.sync.identity.clone();
        projection.set_identity(identity.as_deref(), None, true).await?;
        projection.session.commit().await?;
        return Ok(Pass::Prepared);
    }
    projection.lock_to_write(patient).await?;
    same_values::unify(&mut projection, &mut records).await?;
    project(projection, catalogue, state, &waiting, &replayed, &envelopes, &records).await
}

/// Whether a record has not been projected before.
fn is_new(replayed: &HashSet<Uuid>) -> impl Fn(&Parsed<'_>) -> bool {
    |record| !replayed.contains(&record.at.envelope_id)
}

/// Projects a batch into tables that are ready for it.
///
/// * `catalogue`: has learned from the records
async fn project(
    mut projection: Projection,
    mut catalogue: Catalogue,
    state: &mut PassState,
    waiting: &[Waiting],
    replayed: &HashSet<Uuid>,
    envelopes: &[Envelope],
    records: &[Parsed<'_>],
) -> Result<Pass, StoreError> {
    let sync_id = projection.sync.sync_id;
    let (uncatalogued, groups, mut misfits) = tokio::task::block_in_place(|| {
        let uncatalogued = batch::uncatalogued(records, is_new(replayed));
        batch::count_misfits(records, &mut catalogue, is_new(replayed));
        let (groups, misfits) = batch::group(records, &catalogue, &projection.sync);
        (uncatalogued, groups, misfits)
    });
    if state.repair == Repair::NotNeeded {
        if try_apply(&mut projection, &catalogue, &groups, TakenFrom::Deliveries).await?.is_some() {
            // An operator may have changed a column's type. The rows are at fault only if the tables match the catalogue.
            state.repair = Repair::Due;
            projection.session.rollback().await?;
            return Ok(Pass::Prepared);
        }
        quarantine(&mut projection, &batch::rejections(envelopes, misfits), replayed, Vec::new()).await?;
    } else {
        // Many rows may be refused, each after a try of its own: what is done is committed from time to time.
        let begun = state.partly.take().filter(|partly| partly.is_of(waiting)).unwrap_or_default();
        let rest = &groups[groups.partition_point(|group| Some(&group.key) <= begun.after.as_ref())..];
        let deadline = Instant::now() + BISECT_TURN;
        let done =
            apply_bisecting(&mut projection, &catalogue, rest, &mut misfits, TakenFrom::Deliveries, Some(deadline))
                .await?;
        let rejected = batch::rejections(envelopes, misfits);
        if done < rest.len() {
            rejections::insert_unprojectable(&mut projection.session, &rejected).await?;
            projection.session.commit().await?;
            state.partly = Some(begun.then(waiting, &rest[done - 1].key, &rejected));
            return Ok(Pass::Partly);
        }
        quarantine(&mut projection, &rejected, replayed, begun.rejected).await?;
    }
    let misfits = new_misfits(&catalogue);
    projection.save_counting(&mut catalogue, &uncatalogued).await?;
    backlog::delete(&mut projection.session, waiting).await?;
    state.commit(projection, catalogue).await?;
    state.projected(waiting);
    state.say_uncatalogued(sync_id, &uncatalogued);
    state.say_misfits(sync_id, misfits);
    state.repair = Repair::NotNeeded;
    state.backfill_next = true;
    Ok(Pass::Projected(records.len()))
}

/// Backfills some rows. Returns false if none need it.
async fn backfill(projection: &mut Projection, catalogue: &mut Catalogue, patient: bool) -> Result<bool, StoreError> {
    let is_needed = catalogue.fields().iter().any(|field| field.needs_backfill.is_some());
    if !is_needed || !projection.tables_exist().await? {
        return Ok(false);
    }
    projection.lock_to_write(patient).await?;
    projection.backfill_some(catalogue).await
}

/// The oldest deliveries that wait. Those that are no longer in the raw log leave the backlog.
async fn oldest(projection: &mut Projection, from: LookFrom) -> Result<Vec<Waiting>, StoreError> {
    let sync_id = projection.sync.sync_id;
    loop {
        let (waiting, gone) = backlog::oldest(&mut projection.session, sync_id, from, BATCH_ENVELOPES).await?;
        if gone.is_empty() {
            return Ok(waiting);
        }
        tracing::error!(%sync_id, deliveries = gone.len(), "unprojected deliveries are no longer in the raw log");
        backlog::delete(&mut projection.session, &gone).await?;
    }
}

/// What is left to do when nothing waits.
async fn idle(mut projection: Projection, catalogue: Catalogue, state: &mut PassState) -> Result<Pass, StoreError> {
    describe(&mut projection, state).await?;
    let next = state.next_reshape(&catalogue);
    state.commit(projection, catalogue).await?;
    Ok(next.map_or(Pass::Idle, Pass::Waiting))
}

/// Quarantines the records that cannot be projected. Of deliveries that are projected again, resolves the rejections of
/// those that now can.
///
/// * `before`: further ones of the batch that are quarantined already: envelope and position
async fn quarantine(
    projection: &mut Projection,
    misfits: &[RejectedRecord<'_>],
    replayed: &HashSet<Uuid>,
    before: Vec<(Uuid, i32)>,
) -> Result<(), StoreError> {
    rejections::insert_unprojectable(&mut projection.session, misfits).await?;
    let failing = before.into_iter().chain(misfits.iter().map(place)).collect();
    rejections::resolve_projected(&mut projection.session, replayed, failing).await
}

fn place(rejected: &RejectedRecord<'_>) -> (Uuid, i32) {
    (rejected.receipt.envelope_id, rejected.position)
}

/// A batch that is projected in several passes, because its rows are tried one by one.
#[derive(Debug, Default)]
struct Partly {
    /// Its deliveries.
    batch: Vec<Uuid>,
    /// The key of the last entity that is done.
    after: Option<String>,
    /// The records that are quarantined: envelope and position.
    rejected: Vec<(Uuid, i32)>,
}

impl Partly {
    fn is_of(&self, waiting: &[Waiting]) -> bool {
        self.batch.iter().eq(waiting.iter().map(|waiting| &waiting.envelope_id))
    }

    /// The same with more that is done.
    fn then(self, waiting: &[Waiting], after: &str, rejected: &[RejectedRecord<'_>]) -> Self {
        let batch = waiting.iter().map(|waiting| waiting.envelope_id).collect();
        let rejected = self.rejected.into_iter().chain(rejected.iter().map(place)).collect();
        Self { batch, after: Some(after.to_owned()), rejected }
    }
}

/// Fields with more misfits than when they were last saved.
fn new_misfits(catalogue: &Catalogue) -> Vec<Misfits> {
    let changed = catalogue.changed();
    let grown = changed.filter(|(_, before, now)| now.misfits > before.map_or(0, |before| before.misfits));
    let misfits = grown.map(|(_, _, field)| Misfits {
        field: field.name.clone(),
        column_type: field.column_type.map_or("", ColumnType::as_str),
        count: field.misfits,
    });
    misfits.collect()
}

/// Values of a field that do not fit its column.
struct Misfits {
    field: String,
    column_type: &'static str,
    /// Since the column got its type.
    count: u64,
}

/// Updates the tables' comments if the sync's name or identity has changed.
async fn describe(projection: &mut Projection, state: &mut PassState) -> Result<(), StoreError> {
    let now = Some((projection.sync.name.clone(), projection.sync.identity.clone()));
    if state.described == now || !projection.has_a_table().await? {
        return Ok(());
    }
    savepoint::mark(&mut projection.session).await?;
    let described = projection.describe_tables().await;
    let is_expected = |error: &StoreError| error.is_lock_timeout() || error.is_refusal();
    match savepoint::conclude_if(&mut projection.session, described, is_expected).await? {
        // A vacuum holds the lock, for example. The next pass tries again.
        Err(error) if error.is_lock_timeout() => {}
        Err(error) => {
            tracing::warn!(sync_id = %projection.sync.sync_id, %error, "cannot comment on the sync's query tables");
            state.described = now;
        }
        Ok(()) => state.described = now,
    }
    Ok(())
}

/// The envelopes of one batch.
async fn read(projection: &mut Projection, waiting: &[Waiting]) -> Result<Vec<Envelope>, StoreError> {
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let delivered = envelopes::bodies(&mut projection.session, waiting.iter().map(Waiting::place)).await?;
    Ok(tokio::task::block_in_place(|| batch::envelopes(delivered)))
}

/// Cuts the list to one batch.
pub fn cut(waiting: Vec<Waiting>) -> Vec<Waiting> {
    backlog::cut(waiting, BATCH_RECORDS, BATCH_BYTES)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TableState {
    /// The tables are as good as they can be for now.
    Good,
    /// They were changed: commit, and continue with another pass.
    Made,
    /// They were dropped: they need a rebuild.
    Gone,
    /// Another session holds a lock on them; the transaction has failed.
    Locked,
}

/// Creates the tables, or brings them in line, if that is due and may be tried.
///
/// * `catalogue`: has learned from this batch
async fn reshape(
    projection: &mut Projection,
    catalogue: &mut Catalogue,
    state: &mut PassState,
    has_records: bool,
) -> Result<TableState, StoreError> {
    if !projection.tables_exist().await? {
        let had_columns = catalogue.columns().next().is_some();
        if had_columns {
            return Ok(TableState::Gone);
        }
        if !has_records {
            return Ok(TableState::Good);
        }
        if !projection.has_a_table().await? {
            projection.take_free_name().await?;
        }
        catalogue.give_columns();
        projection.create_tables(catalogue).await?;
        say_alike(projection.sync.sync_id, catalogue);
        if let Some(identity) = projection.sync.identity.clone() {
            let key_columns = catalogue.key_columns(&identity);
            let by_values = projection.sync.by_values;
            projection.set_identity(Some(&identity), Some(&key_columns), by_values).await?;
        }
        catalogue.unlearn();
        projection.save(catalogue).await?;
        return Ok(TableState::Made);
    }
    let blocked = state.blocked_after.is_none_or(|after| Instant::now() >= after);
    let due = |field: &Field| field.is_due() && (blocked || field.blocked.is_none());
    if !catalogue.fields().iter().any(due) || state.reshape_after.is_some_and(|after| Instant::now() < after) {
        return Ok(TableState::Good);
    }
    let wait = state.lock_wait();
    match projection.reshape(catalogue, By::Projector, blocked, wait).await? {
        Reshaped::Done => {
            state.reshape_after = None;
            state.reshape_backoff.reset();
            if blocked {
                state.blocked_after = Some(Instant::now() + BLOCKED_EVERY);
            }
            let blocked: Vec<&Field> = catalogue
                .changed()
                .filter(|(_, before, now)| {
                    now.blocked.is_some() && before.is_none_or(|before| before.blocked != now.blocked)
                })
                .map(|(_, _, field)| field)
                .collect();
            if let [first, ..] = blocked[..] {
                tracing::warn!(sync_id = %projection.sync.sync_id, fields = blocked.len(), first = first.name, why = first.blocked,
                    "columns cannot be changed; `polysink column` shows why");
            }
            say_alike(projection.sync.sync_id, catalogue);
            catalogue.unlearn();
            projection.save(catalogue).await?;
            Ok(TableState::Made)
        }
        Reshaped::Locked => {
            state.waited(wait);
            let pause = state.reshape_backoff.fail(MAX_RESHAPE_PAUSE);
            state.reshape_after = Some(Instant::now() + pause);
            tracing::info!(sync_id = %projection.sync.sync_id, again_in = ?pause, "another session uses the query table; retrying its change of columns later");
            Ok(TableState::Locked)
        }
    }
}

/// Logs fields that have got a column of their own, though they look like another one.
fn say_alike(sync_id: SyncId, catalogue: &Catalogue) {
    let has_gained = |(_, before, now): &(usize, Option<&Field>, &Field)| {
        now.column_type.is_some() && before.is_none_or(|before| before.column_type.is_none())
    };
    let gained: HashSet<&str> =
        catalogue.changed().filter(has_gained).map(|(_, _, field)| field.name.as_str()).collect();
    for (one, other) in catalogue.alike() {
        if [one, other].iter().any(|field| gained.contains(field.name.as_str())) {
            let columns = [&one.column_name, &other.column_name];
            tracing::warn!(%sync_id, ?columns, "the names of two fields look alike, but are written with different characters; \
                each has a column");
        }
    }
}

impl PassState {
    /// When to retry a change that waits; `None` if none does.
    fn next_reshape(&self, catalogue: &Catalogue) -> Option<Duration> {
        let due = |field: &&Field| field.is_due();
        let open = catalogue.fields().iter().filter(due).any(|field| field.blocked.is_none());
        let at = if open {
            self.reshape_after
        } else {
            catalogue.fields().iter().any(Field::is_due).then_some(self.blocked_after).flatten()
        };
        at.map(|at| at.saturating_duration_since(Instant::now()))
    }
}
