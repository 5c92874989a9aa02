//! Query tables that are not as the catalogue says, for `doctor`.

use super::inspect::actual_columns;
use crate::columns::Catalogue;
use crate::model::SyncId;
use crate::query_tables::{QueryTables, Side};
use crate::store::tables::{fields, syncs};
use crate::store::{Connection, Store, StoreError, SyncState};

/// A table, and how it differs.
type Drift = (String, String);

/// What is wrong with the query tables. Empty if nothing is.
pub async fn of_syncs(store: &Store, sync_ids: &[SyncId]) -> Result<Vec<Drift>, StoreError> {
    let mut found = Vec::new();
    for sync_id in sync_ids {
        let mut session = store.begin().await?;
        if let Some(sync) = syncs::state(&mut session, *sync_id).await? {
            let catalogue = fields::load(&mut session, *sync_id).await?;
            found.extend(drift(&mut session, &sync, &catalogue).await?);
        }
        session.commit().await?;
    }
    Ok(found)
}

async fn drift(connection: &mut Connection, sync: &SyncState, catalogue: &Catalogue) -> Result<Vec<Drift>, StoreError> {
    let mut found = Vec::new();
    let tables = QueryTables::synced(&sync.table_name);
    let existing = tables.existing(connection).await?;
    if catalogue.columns().next().is_some() {
        let history = sync.identity.is_some().then_some(Side::History);
        let sides = [Some(Side::Current), history].into_iter().flatten();
        let missing = sides.filter(|side| existing.iter().all(|(other, _)| other != side));
        found.extend(missing.map(|side| (tables.relation(side).to_string(), "it is missing".to_owned())));
    }
    for (side, relation) in existing {
        let actual = actual_columns(connection, relation).await?;
        let lost = side.system_columns().iter().filter(|column| !actual.contains_key(column.name));
        let lost = lost.map(|column| format!("it lacks the system column {}", column.name));
        let changed = catalogue.fields().iter().filter_map(|field| {
            let (name, expected) = (&field.column_name, field.column_type?.as_str());
            match actual.get(name) {
                None => Some(format!("it lacks the column {name}")),
                Some(other) if other != expected => Some(format!("its column {name} is {other}, not {expected}")),
                Some(_) => None,
            }
        });
        found.extend(lost.chain(changed).map(|what| (relation.to_string(), what)));
    }
    Ok(found)
}
