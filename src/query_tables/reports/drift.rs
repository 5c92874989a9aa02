//! Query tables that are not as the catalogue says, for `doctor`.

use crate::columns::Catalogue;
use crate::model::SyncId;
use crate::query_tables::schema::diff::diff;
use crate::query_tables::{QueryTables, Side};
use crate::store::tables::{fields, syncs};
use crate::store::{Connection, Store, StoreError, SyncState};

/// The tables that differ from the catalogue, and how; empty if none does.
pub async fn of_syncs(store: &Store, sync_ids: &[SyncId]) -> Result<Vec<(String, String)>, StoreError> {
    let mut found = Vec::new();
    for sync_id in sync_ids {
        let mut session = store.begin().await?;
        if let Some(sync) = syncs::state(&mut session, *sync_id).await? {
            let catalogue = fields::load(&mut session, *sync_id).await?;
            found.extend(of_sync(&mut session, &sync, &catalogue).await?);
        }
        session.commit().await?;
    }
    Ok(found)
}

async fn of_sync(
    connection: &mut Connection,
    sync: &SyncState,
    catalogue: &Catalogue,
) -> Result<Vec<(String, String)>, StoreError> {
    let tables = QueryTables::synced(&sync.table_name);
    let actual = tables.actual(connection).await?;
    let mut found = Vec::new();
    if catalogue.columns().next().is_some() {
        let history = sync.identity.is_some().then_some(Side::History);
        let missing = [Some(Side::Current), history].into_iter().flatten();
        let missing = missing.filter(|side| actual.iter().all(|table| table.side != *side));
        found.extend(missing.map(|side| (tables.relation(side).to_string(), "it is missing".to_owned())));
    }
    for table in &actual {
        let relation = tables.relation(table.side).to_string();
        found.extend(diff(catalogue, table).into_iter().map(|drift| (relation.clone(), drift.to_string())));
    }
    Ok(found)
}
