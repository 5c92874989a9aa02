//! The last transaction of a rebuild: under the sync's lock, the shadow becomes the content of the query tables.

use serde_json::json;

use super::sources::Attempt;
use super::{RebuildError, RebuildSummary, Watcher, interrupted};
use crate::columns::{Catalogue, Rows};
use crate::query_tables::{Projection, RecordSource, Refused, inspect, projection};
use crate::store::tables::changes::{self, ChangeAction};
use crate::store::tables::{records, same_values};
use crate::store::{StoreError, SyncState};

impl<W: Watcher> Attempt<'_, W> {
    /// Projects what arrived last, and merges. `None` if the tables have changed shape.
    pub async fn finish(mut self) -> Result<Option<RebuildSummary>, RebuildError> {
        let sync_id = self.sync.sync_id;
        let mut projection = projection::begin(&self.plan.store, sync_id).await?.ok_or(RebuildError::NoSuchSync)?;
        let mut current = projection.catalogue().await?;
        if !have_same_columns(&self.catalogue, &current) {
            projection.session.rollback().await?;
            return Ok(None);
        }
        // Records have lost their common values while it ran, and their rows are those of before: once more.
        let is_outdated = projection.sync.key_columns.is_none() && self.plan.sync.key_columns.is_some();
        projection.sync.identity.clone_from(&self.sync.identity);
        projection.sync.key_columns.clone_from(&self.sync.key_columns);
        projection.sync.by_values = self.sync.by_values;
        let synced = std::mem::replace(&mut projection.tables, self.shadow.tables.clone());
        let deletions = std::mem::take(&mut projection.deletions);
        self.shadow.enqueue(&mut projection.session, RecordSource::RawLog).await?;
        while let Some(records) = self.take_some(&mut projection).await? {
            self.progress.add(records)?;
        }
        projection.tables = synced.clone();
        projection.deletions = deletions;
        self.plan.lock.confirm().await.map_err(|_| RebuildError::LockLost)?;
        // If it is interrupted before the commit, the statement is cancelled on the server too, and nothing changes.
        let (refused, quarantined) = tokio::select! {
            merged = self.merge(&mut projection, &mut current, is_outdated) => merged?,
            () = interrupted(self.progress.watcher) => return Err(RebuildError::Interrupted),
        };
        projection.session.commit().await?;
        let rows = inspect::row_count(&self.plan.store, &synced).await?;
        let unidentified = records::unidentified(&self.plan.store, sync_id).await?;
        Ok(Some(RebuildSummary { rows, unidentified, quarantined, refused, no_index: None }))
    }

    /// Merges the shadow into the query tables, with all that follows. Returns what they refused, and how many records
    /// cannot be projected.
    ///
    /// * `current`: the sync's fields as they are now
    /// * `is_outdated`: whether the tables need another rebuild after this one
    async fn merge(
        &self,
        projection: &mut Projection,
        current: &mut Catalogue,
        is_outdated: bool,
    ) -> Result<(Refused, u64), RebuildError> {
        let (catalogue, former) = (&self.catalogue, &self.plan.sync);
        let mut refused = Refused::default();
        let has_columns = catalogue.columns().next().is_some();
        if has_columns {
            let grants = if self.plan.new_tables {
                Some(projection.tables.drop_to_renew(&mut projection.session).await?)
            } else {
                None
            };
            projection.create_tables(catalogue).await?;
            if let Some(grants) = grants {
                projection.tables.grant_again(&mut projection.session, grants).await?;
            }
            refused = self.shadow.merge(&mut projection.session, &projection.tables, catalogue).await?;
            let columns =
                self.sync.identity.as_ref().map(|identity| catalogue.index_columns(identity)).unwrap_or_default();
            if refused.too_large
                && let Some(error) = projection.tables.old_index(&mut projection.session, &columns).await?
            {
                return Err(error.into());
            }
        }
        // These lock rows in `fields` and `syncs` that other sessions need: last, and only until the commit.
        let quarantined = self.shadow.quarantine(&mut projection.session, refused.keys.is_empty()).await?;
        if has_columns {
            // The merge leaves equal rows as they are, with the values to erase.
            let filled = current.fields().iter().filter(|field| field.needs_backfill != Some(Rows::Erase));
            let filled: Vec<String> = filled.map(|field| field.name.clone()).collect();
            if self.plan.new_tables {
                // They may have a place now: the next pass tries.
                current.fields_mut().filter(|field| field.column_type.is_none()).for_each(|field| field.blocked = None);
            }
            projection.backfilled(current, &filled).await?;
        }
        let is_as_before = (&self.sync.identity, &self.sync.key_columns, self.sync.by_values)
            == (&former.identity, &former.key_columns, former.by_values);
        self.note(projection).await?;
        if !is_as_before {
            let key_columns = self.sync.key_columns.as_deref().filter(|_| !is_outdated);
            projection.set_identity(self.sync.identity.as_deref(), key_columns, self.sync.by_values).await?;
        }
        if has_columns && former.has_deletions {
            projection.apply_deletions().await?;
        }
        if former.by_values && !self.sync.by_values {
            same_values::delete_all(&mut projection.session, former.sync_id).await?;
        }
        Ok((refused, quarantined))
    }

    /// Notes the rebuild, or the change of the identity that it makes, in `polysink.changes`.
    async fn note(&self, projection: &mut Projection) -> Result<(), StoreError> {
        let former = &self.plan.sync;
        let shown = |sync: &SyncState| {
            let compare = if sync.by_values { "values" } else { "hash" };
            json!({ "identity": sync.identity, "compare": compare })
        };
        let (before, after) = (shown(former), shown(&self.sync));
        let (action, before, after) = if before == after {
            (ChangeAction::Rebuild, None, self.plan.new_tables.then(|| json!({ "new_tables": true })))
        } else {
            (ChangeAction::Identity, Some(before), Some(after))
        };
        changes::insert(&mut projection.session, Some(former.sync_id), action, before, after).await
    }
}

/// Whether a row of one has the same columns in the other.
fn have_same_columns(one: &Catalogue, other: &Catalogue) -> bool {
    let columns = |catalogue: &Catalogue| -> Vec<_> {
        let fields = catalogue.fields().iter().filter(|field| field.column_type.is_some() || field.hidden);
        let columns = fields.map(|field| {
            let reading = (field.pinned, field.format.clone());
            (field.name.clone(), field.column_name.clone(), field.column_type, reading, field.hidden)
        });
        columns.collect()
    };
    columns(one) == columns(other)
}
