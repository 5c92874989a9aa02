//! Query tables that are not as the catalogue says, for `doctor`.

use super::inspect::actual_columns;
use super::{QueryTables, Side};
use crate::model::SyncId;
use crate::store::tables::{fields, syncs};
use crate::store::{Store, StoreError};

impl Store {
    /// What is wrong with the query tables: table, and what. Empty if nothing is.
    pub async fn table_drift(&self, sync_ids: &[SyncId]) -> Result<Vec<(String, String)>, StoreError> {
        let mut found = Vec::new();
        for sync_id in sync_ids {
            let mut session = self.begin().await?;
            if let Some(sync) = syncs::state(&mut session, *sync_id).await? {
                let catalogue = fields::load(&mut session, *sync_id).await?;
                let tables = QueryTables::synced(&sync.table_name);
                let existing = tables.existing(&mut session).await?;
                let has_columns = catalogue.columns().next().is_some();
                let has = |side| existing.iter().any(|(other, _)| *other == side);
                if has_columns && !has(Side::Current) {
                    found.push((tables.table.to_string(), "it is missing".to_owned()));
                }
                if has_columns && sync.identity.is_some() && !has(Side::History) {
                    found.push((tables.history.to_string(), "it is missing".to_owned()));
                }
                for (side, relation) in existing {
                    let actual = actual_columns(&mut session, relation).await?;
                    for column in side.system_columns().iter().filter(|column| !actual.contains_key(column.name)) {
                        found.push((relation.to_string(), format!("it lacks the system column {}", column.name)));
                    }
                    for field in catalogue.fields() {
                        let Some(column_type) = field.column_type else { continue };
                        match actual.get(&field.column_name) {
                            None => {
                                found
                                    .push((relation.to_string(), format!("it lacks the column {}", field.column_name)));
                            }
                            Some(other) if other != column_type.as_str() => {
                                let (name, expected) = (&field.column_name, column_type.as_str());
                                found.push((
                                    relation.to_string(),
                                    format!("its column {name} is {other}, not {expected}"),
                                ));
                            }
                            Some(_) => {}
                        }
                    }
                }
            }
            session.commit().await?;
        }
        Ok(found)
    }
}
