//! Fills a rebuild's shadow.
//!
//! The raw log has every sighting that is not older than it. Earlier ones come from the history, if the identity stays
//! the same, and from the ledger, which has the first and the last sighting of each record.

use std::collections::HashSet;

use uuid::Uuid;

use super::{RebuildError, RebuildPlan, RebuildProgress, RebuildSummary, Watcher};
use crate::columns::Catalogue;
use crate::envelope::Receipt;
use crate::model::{Sighting, SyncId};
use crate::projector::apply::{Misfit, TakenFrom, apply_bisecting};
use crate::projector::batch::{self, Parsed};
use crate::projector::pass::{BATCH_ENVELOPES, cut};
use crate::projector::same_values::unify;
use crate::query_tables::{Projection, QueryTables, RecordSource, Shadow, before_raw, projection};
use crate::store::tables::records::{self, FieldPages};
use crate::store::tables::{envelopes, rejections};
use crate::store::{LedgerRecord, PendingDelivery, RejectedRecord, StoreError, SyncState};

/// How many versions of the history are read at a time.
const HISTORY_BATCH: i64 = 5_000;

/// Catching up ends when no more than this arrived during the last round; the rest is done under the lock.
const FEW_RECORDS: i64 = 2_000;
const ROUNDS: usize = 20;

/// One attempt of a rebuild: a shadow with columns of its own.
pub struct Attempt<'a, W> {
    pub plan: &'a mut RebuildPlan,
    pub shadow: &'a Shadow,
    /// The fields with the columns of the shadow.
    pub catalogue: Catalogue,
    /// The sync as the rebuild will leave it.
    pub sync: SyncState,
    pub progress: RebuildProgress<'a, W>,
}

/// Which of the ledger's sightings to project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sightings {
    All,
    /// Those that the raw log does not have.
    Gone,
}

impl<W: Watcher> Attempt<'_, W> {
    /// Returns `None` if the tables have changed shape meanwhile.
    pub async fn run(mut self) -> Result<Option<RebuildSummary>, RebuildError> {
        self.fill().await?;
        self.finish().await
    }

    /// Begins a transaction on the shadow.
    async fn on_shadow(&self) -> Result<Projection, StoreError> {
        projection::begin_on_shadow(&self.plan.store, self.sync.clone(), self.shadow).await
    }

    /// Projects everything stored at the start, and then what arrived meanwhile, until that is little.
    async fn fill(&mut self) -> Result<(), RebuildError> {
        // Without an identity the ledger has everything: what is in the raw log now is in the ledger too.
        let from_ledger = self.sync.identity.is_none();
        let queued = self.enqueue(if from_ledger { RecordSource::Ledger } else { RecordSource::RawLog }).await?;
        if from_ledger {
            self.progress.total = number(self.plan.records);
            self.take_ledger(Sightings::All).await?;
        } else {
            // Deliveries may have been removed since the plan was made. A later removal is noticed.
            let (_, before_raw) = records::size(&self.plan.store, self.sync.sync_id).await?;
            self.progress.total = number(queued + before_raw);
            if before_raw > 0 {
                self.take_sightings_before_raw().await?;
            }
        }
        for _ in 0..ROUNDS {
            self.take_queue().await?;
            let arrived = self.enqueue(RecordSource::RawLog).await?;
            self.progress.total += number(arrived);
            if arrived <= FEW_RECORDS {
                break;
            }
        }
        Ok(())
    }

    /// Adds to the queue what has arrived since the last time. Returns how many records it has.
    async fn enqueue(&self, from: RecordSource) -> Result<i64, StoreError> {
        let mut projection = self.on_shadow().await?;
        let arrived = self.shadow.enqueue(&mut projection.session, from).await?;
        projection.session.commit().await?;
        Ok(arrived)
    }

    async fn take_sightings_before_raw(&mut self) -> Result<(), RebuildError> {
        let former = self.plan.sync.clone();
        if self.sync.identity == former.identity {
            let tables = QueryTables::synced(&former.table_name);
            if (&self.sync.key_columns, self.sync.by_values) != (&former.key_columns, former.by_values) {
                self.take_history(&tables).await?;
            } else if before_raw::versions_gone(&self.plan.store, former.sync_id, &tables).await? > 0 {
                let mut projection = self.on_shadow().await?;
                self.shadow.seed(&mut projection.session, &tables, &self.catalogue).await?;
                projection.session.commit().await?;
            }
        }
        self.take_ledger(Sightings::Gone).await
    }

    /// Projects the ledger's records, each at its first and its last sighting.
    async fn take_ledger(&mut self, which: Sightings) -> Result<(), RebuildError> {
        let (mut after, mut size) = (String::new(), records::PAGE);
        loop {
            let records = records::page(&self.plan.store, self.sync.sync_id, &after, &mut size).await?;
            let Some(last) = records.last() else { return Ok(()) };
            after.clone_from(&last.hash);
            let kept = match which {
                Sightings::All => HashSet::new(),
                Sightings::Gone => self.kept(&records).await?,
            };
            let wanted = |sighting: Sighting| !kept.contains(&sighting.envelope_id);
            let mut catalogue = self.catalogue.clone();
            let mut parsed: Vec<Parsed<'_>> = Vec::with_capacity(records.len());
            for record in &records {
                let first = wanted(record.first).then_some(record.first);
                let last = (record.last != record.first && wanted(record.last)).then_some(record.last);
                parsed.extend(batch::sightings(&record.hash, &record.fields, [first, last], &mut catalogue));
            }
            self.project_parsed(&catalogue, &mut parsed).await?;
        }
    }

    /// The deliveries of these records' first and last sightings that are in the raw log.
    async fn kept(&self, records: &[LedgerRecord]) -> Result<HashSet<Uuid>, StoreError> {
        let envelopes: HashSet<Uuid> =
            records.iter().flat_map(|record| [record.first.envelope_id, record.last.envelope_id]).collect();
        let mut session = self.plan.store.begin().await?;
        let kept = self.shadow.queued(&mut session, &envelopes.into_iter().collect::<Vec<_>>()).await?;
        session.commit().await?;
        Ok(kept)
    }

    /// Projects what only the history knows: of each version the first and the last sighting, those whose deliveries
    /// are gone.
    async fn take_history(&mut self, tables: &QueryTables) -> Result<(), RebuildError> {
        let mut after = None;
        loop {
            let mut session = self.plan.store.begin().await?;
            let versions =
                tables.versions_before_raw(&mut session, &self.shadow.queue, after.as_ref(), HISTORY_BATCH).await?;
            session.commit().await?;
            let Some(last) = versions.last() else { return Ok(()) };
            after = Some(last.place.clone());
            let hashes = versions.iter().map(|version| version.hash.as_str()).collect();
            let mut pages = FieldPages::of(self.sync.sync_id, hashes);
            loop {
                let mut session = self.plan.store.begin().await?;
                let page = pages.next(&mut session).await?;
                session.commit().await?;
                let Some((page, fields)) = page else { break };
                let mut catalogue = self.catalogue.clone();
                let mut parsed: Vec<Parsed<'_>> = Vec::with_capacity(page.len());
                for version in &versions[page] {
                    let Some(json) = fields.get(&version.hash) else { continue };
                    parsed.extend(batch::sightings(&version.hash, json, [version.first, version.last], &mut catalogue));
                }
                self.project_parsed(&catalogue, &mut parsed).await?;
            }
        }
    }

    /// Projects records of the ledger, and notes those that cannot be projected.
    async fn project_parsed(&mut self, catalogue: &Catalogue, parsed: &mut [Parsed<'_>]) -> Result<(), RebuildError> {
        let mut projection = self.on_shadow().await?;
        unify(&mut projection, parsed).await?;
        let (groups, mut misfits) = batch::group(parsed, catalogue, &self.sync);
        apply_bisecting(&mut projection, catalogue, &groups, &mut misfits, TakenFrom::Ledger, None).await?;
        // A record's first and last sighting fail alike: one of them is enough.
        misfits.sort_by_key(|misfit| misfit.record.hash);
        misfits.dedup_by_key(|misfit| misfit.record.hash);
        let receipts: Vec<Receipt> = misfits.iter().map(|misfit| ledger_receipt(misfit.record.at)).collect();
        let noted: Vec<_> = misfits
            .into_iter()
            .zip(&receipts)
            .map(|(misfit, receipt)| ledger_rejection(self.sync.sync_id, misfit, receipt))
            .collect();
        self.shadow.note(&mut projection.session, &noted).await?;
        projection.session.commit().await?;
        self.progress.add(u64::try_from(parsed.len()).unwrap_or(u64::MAX))
    }

    /// Projects the envelopes in the queue, in the order of sending.
    async fn take_queue(&mut self) -> Result<(), RebuildError> {
        loop {
            let mut projection = self.on_shadow().await?;
            let Some(records) = self.take_some(&mut projection).await? else { return Ok(()) };
            projection.session.commit().await?;
            self.progress.add(records)?;
        }
    }

    /// Projects one batch of the queue. Returns the number of records; `None` if the queue is empty.
    pub async fn take_some(&self, projection: &mut Projection) -> Result<Option<u64>, RebuildError> {
        let waiting = cut(self.shadow.next(&mut projection.session, BATCH_ENVELOPES).await?);
        if waiting.is_empty() {
            return Ok(None);
        }
        let delivered = envelopes::bodies(&mut projection.session, waiting.iter().map(PendingDelivery::place)).await?;
        if delivered.len() < waiting.len() {
            return Err(RebuildError::Pruned);
        }
        let unstorable: HashSet<_> = rejections::unstorable(&mut projection.session, &waiting).await?;
        let mut catalogue = self.catalogue.clone();
        let envelopes = tokio::task::block_in_place(|| batch::envelopes(delivered));
        let mut records = tokio::task::block_in_place(|| batch::records(&envelopes, &unstorable, &mut catalogue));
        unify(projection, &mut records).await?;
        let (groups, mut misfits) = batch::group(&records, &catalogue, &projection.sync);
        apply_bisecting(projection, &catalogue, &groups, &mut misfits, TakenFrom::Deliveries, None).await?;
        let noted = batch::rejections(&envelopes, misfits);
        self.shadow.note(&mut projection.session, &noted).await?;
        self.shadow.done(&mut projection.session, &waiting).await?;
        Ok(Some(waiting.iter().map(|waiting| u64::from(waiting.records.unsigned_abs())).sum()))
    }
}

/// The receipt of a delivery that is no longer in the raw log.
fn ledger_receipt(at: Sighting) -> Receipt {
    Receipt {
        envelope_id: at.envelope_id,
        received_at: at.received_at,
        sent_at: at.sent_at,
        connection: String::new(),
        source_ip: None,
        user_agent: None,
        was_spooled: false,
    }
}

/// The rejection of a record of the ledger.
fn ledger_rejection<'a>(sync_id: SyncId, misfit: Misfit<'_>, receipt: &'a Receipt) -> RejectedRecord<'a> {
    let hash = serde_json::to_string(misfit.record.hash).expect("a string is always JSON");
    let payload = format!(r#"{{"hash":{hash},"fields":{}}}"#, misfit.record.json);
    RejectedRecord {
        receipt,
        sync_id: Some(sync_id),
        reason: misfit.reason,
        detail: misfit.detail.into(),
        position: misfit.record.at.position,
        payload: payload.into(),
    }
}

fn number(count: i64) -> u64 {
    count.max(0).unsigned_abs()
}
