//! The part of `polysink.sync_sources` about the models of syncs.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::SyncId;
use crate::store::{Store, StoreError};

/// Where a sync's records come from, as Polytomic describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceModel {
    /// The fields that identify a record, by their names here; `None` if they are not known, or not sent.
    pub identity: Option<Vec<String>>,
    pub fields: Vec<SourceField>,
}

/// A field of a sync, as its model describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceField {
    /// Its name here.
    pub name: String,
    pub description: Option<String>,
    /// Polytomic's word for its type.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// Keeps the model of a sync.
pub async fn save(store: &Store, source_id: SyncId, model: &SourceModel, now: DateTime<Utc>) -> Result<(), StoreError> {
    let fields = serde_json::to_value(&model.fields).expect("texts are always JSON");
    let mut session = store.begin().await?;
    sqlx::query!(
        "update polysink.sync_sources set identity = $2, fields = $3, model_at = $4 where source_id = $1",
        source_id.0,
        model.identity.as_deref(),
        fields,
        now,
    )
    .execute(&mut *session)
    .await?;
    session.commit().await
}

/// The model of a sync that was read last; `None` if none was.
pub async fn find(store: &Store, sync_id: SyncId) -> Result<Option<SourceModel>, StoreError> {
    let mut session = store.begin().await?;
    let row = sqlx::query!(
        "select identity, fields from polysink.sync_sources
         where sync_id = $1 and model_at is not null
         order by source_id = sync_id, model_at desc limit 1",
        sync_id.0,
    )
    .fetch_optional(&mut *session)
    .await?;
    session.commit().await?;
    Ok(row.map(|row| SourceModel {
        identity: row.identity,
        fields: serde_json::from_value(row.fields).unwrap_or_default(),
    }))
}

/// Notes that a sync is configured as its model says.
pub async fn set_from_polytomic(store: &Store, sync_id: SyncId) -> Result<(), StoreError> {
    let mut session = store.begin().await?;
    sqlx::query!("update polysink.syncs set from_polytomic = true where sync_id = $1", sync_id.0)
        .execute(&mut *session)
        .await?;
    session.commit().await
}
