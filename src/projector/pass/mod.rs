//! One pass over one sync: projects a batch of its backlog in one transaction.
//!
//! [`prepare`] repairs and backfills, if that is due; [`project`] reads a batch, learns from it, and writes its rows.

mod state;
mod tables;

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};
use tokio::time::Instant;
use uuid::Uuid;

use self::state::Repair;
use super::apply::{TakenFrom, apply_bisecting, try_apply};
use super::batch::{self, EntityGroup, Parsed};
use super::same_values;
use crate::columns::{Catalogue, ColumnType};
use crate::envelope::Envelope;
use crate::model::SyncId;
use crate::query_tables::{NotBegun, Projection, projection};
use crate::store::tables::backlog::{self, LookFrom};
use crate::store::tables::{envelopes, passes, rejections};
use crate::store::{PendingDelivery, RejectedRecord, Store, StoreError};

pub use self::state::PassState;

/// A batch is closed at this many records or bytes; it always has at least one envelope.
const BATCH_RECORDS: i32 = 5_000;
const BATCH_BYTES: i32 = 8 << 20;
pub const BATCH_ENVELOPES: i64 = 2_000;

/// A batch exceeds this only if a single delivery is most of it.
const LARGE_BYTES: i64 = 12 << 20;

/// How long rows are tried one by one, before what is done is committed and other syncs get their turn.
const BISECT_TURN: Duration = Duration::from_secs(5);

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

/// The transaction of a pass, with the sync's fields.
struct Begun(Projection, Catalogue);

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
    let catalogue = state.catalogue(&mut projection).await?;
    let Begun(mut projection, catalogue) = match prepare(Begun(projection, catalogue), state, patient).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(pass) => return Ok(pass),
    };
    let waiting = cut(oldest(&mut projection, state.look_from).await?);
    if waiting.is_empty() {
        state.look_from = LookFrom::End; // Later deliveries are reported.
        return idle(Begun(projection, catalogue), state, patient).await;
    }
    let Ok(_permit) = permit(&waiting, large) else {
        projection.session.rollback().await?;
        return Ok(Pass::Busy);
    };
    let batch = Batch::read(&mut projection, waiting).await?;
    project(Begun(projection, catalogue), state, &batch, patient).await
}

/// Repairs the tables, or backfills some rows, if that is due; that ends the pass.
async fn prepare(
    Begun(mut projection, mut catalogue): Begun,
    state: &mut PassState,
    patient: bool,
) -> Result<ControlFlow<Pass, Begun>, StoreError> {
    if state.repair == Repair::Due {
        let wait = state.ddl.lock_wait();
        projection.repair(&mut catalogue, wait).await.inspect_err(|_| state.ddl.timed_out(wait))?;
        state.commit(projection, catalogue).await?;
        state.repair = Repair::Done;
        return Ok(ControlFlow::Break(Pass::Prepared));
    }
    // Backfill and backlog take turns, so that neither waits for the end of the other.
    if std::mem::take(&mut state.backfill_next) && backfill(&mut projection, &mut catalogue, patient).await? {
        state.commit(projection, catalogue).await?;
        return Ok(ControlFlow::Break(Pass::Backfilled));
    }
    Ok(ControlFlow::Continue(Begun(projection, catalogue)))
}

/// Does the rest when no delivery waits: backfills, changes the tables, comments on them.
async fn idle(
    Begun(mut projection, mut catalogue): Begun,
    state: &mut PassState,
    patient: bool,
) -> Result<Pass, StoreError> {
    if backfill(&mut projection, &mut catalogue, patient).await? {
        state.commit(projection, catalogue).await?;
        return Ok(Pass::Backfilled);
    }
    if state.keys_are_outdated(&projection.sync, &catalogue) {
        projection.session.rollback().await?;
        return Ok(Pass::KeysOutdated);
    }
    let Begun(mut projection, catalogue) = match tables::ready(Begun(projection, catalogue), state, false).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(pass) => return Ok(pass),
    };
    tables::describe(&mut projection, state).await?;
    let keys = state.next_look_at_keys(&projection.sync, &catalogue);
    let next = [state.ddl.next_try(&catalogue), keys].into_iter().flatten().min();
    state.commit(projection, catalogue).await?;
    Ok(next.map_or(Pass::Idle, Pass::Waiting))
}

/// Projects a batch: learns from its records, makes the tables ready for them, and writes their rows.
async fn project(
    Begun(mut projection, mut catalogue): Begun,
    state: &mut PassState,
    batch: &Batch,
    patient: bool,
) -> Result<Pass, StoreError> {
    let unstorable = rejections::unstorable(&mut projection.session, &batch.waiting).await?;
    let mut records = tokio::task::block_in_place(|| {
        let records = batch::records(&batch.envelopes, &unstorable, &mut catalogue);
        batch::learn(&records, &mut catalogue, batch.is_new());
        records
    });
    if records.is_empty() {
        leave_backlog(&mut projection, batch).await?;
        state.commit(projection, catalogue).await?;
        state.projected(&batch.waiting);
        return Ok(Pass::Projected(0));
    }
    let Begun(mut projection, catalogue) = match tables::ready(Begun(projection, catalogue), state, true).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(pass) => return Ok(pass),
    };
    if state.keys_are_outdated(&projection.sync, &catalogue) {
        projection.session.rollback().await?;
        return Ok(Pass::KeysOutdated);
    }
    if same_values::are_outdated(&mut projection, &records).await? {
        return outdate_keys(projection).await;
    }
    projection.lock_to_write(patient).await?;
    same_values::unify(&mut projection, &mut records).await?;
    write(Begun(projection, catalogue), state, batch, &records).await
}

/// Makes the next pass ask for a rebuild, because records that had the same values no longer do.
async fn outdate_keys(mut projection: Projection) -> Result<Pass, StoreError> {
    if projection.sync.key_columns.is_none() {
        projection.session.rollback().await?;
        return Ok(Pass::Busy); // with a rebuild that may have used them
    }
    let identity = projection.sync.identity.clone();
    projection.set_identity(identity.as_deref(), None, true).await?;
    projection.session.commit().await?;
    Ok(Pass::Prepared)
}

/// Writes the rows of a batch into tables that are ready for it, and takes the batch out of the backlog.
async fn write(
    Begun(mut projection, mut catalogue): Begun,
    state: &mut PassState,
    batch: &Batch,
    records: &[Parsed<'_>],
) -> Result<Pass, StoreError> {
    let (uncatalogued, groups, mut misfits) = tokio::task::block_in_place(|| {
        let uncatalogued = batch::uncatalogued(records, batch.is_new());
        batch::count_misfits(records, &mut catalogue, batch.is_new());
        let (groups, misfits) = batch::group(records, &catalogue, &projection.sync);
        (uncatalogued, groups, misfits)
    });
    if state.repair == Repair::NotNeeded {
        let expects_new = &mut state.expects_new;
        if try_apply(&mut projection, &catalogue, &groups, TakenFrom::Deliveries, expects_new).await?.is_some() {
            // An operator may have changed a column's type. The rows are at fault only if the tables match the
            // catalogue.
            state.repair = Repair::Due;
            projection.session.rollback().await?;
            return Ok(Pass::Prepared);
        }
        quarantine(&mut projection, batch, &batch::rejections(&batch.envelopes, misfits), Vec::new()).await?;
    } else {
        // Many rows may be refused, each after a try of its own: what is done is committed from time to time.
        let begun = state.partly.take().filter(|partly| partly.is_of(&batch.waiting)).unwrap_or_default();
        let rest = groups_after(&groups, begun.after.as_deref());
        let deadline = Some(Instant::now() + BISECT_TURN);
        let done =
            apply_bisecting(&mut projection, &catalogue, rest, &mut misfits, TakenFrom::Deliveries, deadline).await?;
        let rejected = batch::rejections(&batch.envelopes, misfits);
        if done < rest.len() {
            rejections::insert_unprojectable(&mut projection.session, &rejected).await?;
            projection.session.commit().await?;
            state.partly = Some(begun.then(&batch.waiting, &rest[done - 1].key, &rejected));
            return Ok(Pass::Partly);
        }
        quarantine(&mut projection, batch, &rejected, begun.rejected).await?;
    }
    leave_backlog(&mut projection, batch).await?;
    log_first_misfits(projection.sync.sync_id, &catalogue);
    projection.save_counting(&mut catalogue, &uncatalogued).await?;
    state.commit(projection, catalogue).await?;
    state.projected(&batch.waiting);
    state.repair = Repair::NotNeeded;
    state.backfill_next = true;
    Ok(Pass::Projected(records.len()))
}

/// Takes a batch out of the backlog, and notes that it is projected.
async fn leave_backlog(projection: &mut Projection, batch: &Batch) -> Result<(), StoreError> {
    backlog::delete(&mut projection.session, &batch.waiting).await?;
    passes::insert(&mut projection.session, projection.sync.sync_id, &batch.waiting).await
}

/// A batch of a sync's backlog.
struct Batch {
    waiting: Vec<PendingDelivery>,
    /// Those of its deliveries that were projected before.
    replayed: HashSet<Uuid>,
    envelopes: Vec<Envelope>,
}

impl Batch {
    async fn read(projection: &mut Projection, waiting: Vec<PendingDelivery>) -> Result<Self, StoreError> {
        let delivered = envelopes::bodies(&mut projection.session, waiting.iter().map(PendingDelivery::place)).await?;
        let envelopes = tokio::task::block_in_place(|| batch::envelopes(delivered));
        Ok(Self { replayed: backlog::replayed(&waiting), waiting, envelopes })
    }

    /// Whether a record has not been projected before.
    fn is_new(&self) -> impl Fn(&Parsed<'_>) -> bool {
        |record| !self.replayed.contains(&record.at.envelope_id)
    }
}

/// Cuts the list to one batch.
pub fn cut(waiting: Vec<PendingDelivery>) -> Vec<PendingDelivery> {
    backlog::cut(waiting, BATCH_RECORDS, BATCH_BYTES)
}

/// The permit for these deliveries: one can be as large as several batches. Such batches are projected one at a time,
/// so that their memory does not add up. Fails if another one has it.
fn permit<'a>(
    waiting: &[PendingDelivery],
    large: &'a Semaphore,
) -> Result<Option<SemaphorePermit<'a>>, TryAcquireError> {
    let bytes: i64 = waiting.iter().map(|waiting| i64::from(waiting.bytes)).sum();
    if bytes <= LARGE_BYTES {
        return Ok(None);
    }
    large.try_acquire().map(Some)
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
async fn oldest(projection: &mut Projection, from: LookFrom) -> Result<Vec<PendingDelivery>, StoreError> {
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

/// The groups whose keys come after this one; all without one.
fn groups_after<'g, 'r>(groups: &'g [EntityGroup<'r>], after: Option<&str>) -> &'g [EntityGroup<'r>] {
    &groups[groups.partition_point(|group| Some(group.key.as_str()) <= after)..]
}

/// Quarantines the records that cannot be projected. If deliveries are projected again, resolves the rejections of
/// those that now can.
///
/// * `before`: further ones of the batch that are quarantined already: envelope and position
async fn quarantine(
    projection: &mut Projection,
    batch: &Batch,
    misfits: &[RejectedRecord<'_>],
    before: Vec<(Uuid, i32)>,
) -> Result<(), StoreError> {
    rejections::insert_unprojectable(&mut projection.session, misfits).await?;
    let failing = before.into_iter().chain(misfits.iter().map(RejectedRecord::place)).collect();
    rejections::resolve_projected(&mut projection.session, &batch.replayed, failing).await
}

/// Logs the fields that have their first misfits. `polysink column` and the metrics have the others.
fn log_first_misfits(sync_id: SyncId, catalogue: &Catalogue) {
    for (_, before, field) in catalogue.changed() {
        if field.misfits > 0 && before.is_none_or(|before| before.misfits == 0) {
            let column_type = field.column_type.map_or("", ColumnType::as_str);
            tracing::warn!(
                %sync_id, field = field.name, column_type, count = field.misfits,
                "values do not fit their column and stay in _unfit; `polysink column` shows what to do"
            );
        }
    }
}
