//! Configures a sync as its model in Polytomic says: its identity, the types of its columns, and their comments.

use std::collections::HashMap;

use crate::columns::{Catalogue, ColumnType, Field};
use crate::model::SyncId;
use crate::projector::{self, RebuildError};
use crate::query_tables::{ChangeError, change, fit, projection};
use crate::store::tables::source_models::{self, SourceModel};
use crate::store::tables::{fields, syncs};
use crate::store::{Role, Store, StoreError};

/// A type that the model gives for a column, and that is not the one which was learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedType {
    pub field: String,
    pub column_type: ColumnType,
    /// The one that was learned.
    pub learned: ColumnType,
    /// Polytomic's word for it.
    pub kind: String,
}

/// Why a sync is not configured.
#[derive(Debug, thiserror::Error)]
pub enum ConfigureError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error(transparent)]
    Rebuild(#[from] RebuildError),
}

/// The types of columns that the model gives, where another one was learned and no operator has set one. Pure.
pub fn proposed_types(catalogue: &Catalogue, model: &SourceModel) -> Vec<ProposedType> {
    let proposed = |field: &Field| {
        let described = model.fields.iter().find(|described| described.name == field.name)?;
        let kind = described.kind.clone()?;
        let column_type = type_of(&kind, field.wanted_type)?;
        Some(ProposedType { field: field.name.clone(), column_type, learned: field.wanted_type, kind })
    };
    catalogue.fields().iter().filter(|field| !field.pinned && !field.hidden).filter_map(proposed).collect()
}

/// The type of a column for a field of the model, if the learned one does not fit it.
///
/// * `kind`: one of `string`, `number`, `boolean`, `datetime`, `array`, `object`, `unknown` (Polytomic's Python SDK)
fn type_of(kind: &str, learned: ColumnType) -> Option<ColumnType> {
    use ColumnType::{Bigint, Boolean, Date, Numeric, Text, Timestamp, Timestamptz};
    match (kind, learned) {
        // Postal codes and account numbers; texts that look like dates.
        ("string", Bigint | Numeric | Boolean | Date | Timestamp | Timestamptz) => Some(Text),
        ("number", Text) => Some(Numeric),
        ("boolean", Text | Bigint) => Some(Boolean),
        ("datetime", Text | Bigint | Numeric) => Some(Timestamptz),
        _ => None,
    }
}

/// Sets those of the proposed types that all stored values fit. Returns them, and those that do not fit.
pub async fn set_types(
    store: &Store,
    sync_id: SyncId,
    proposed: Vec<ProposedType>,
) -> Result<(Vec<ProposedType>, Vec<ProposedType>), ConfigureError> {
    let (mut set, mut unfit) = (Vec::new(), Vec::new());
    for proposed in proposed {
        let fit = fit::fit(store, sync_id, &proposed.field, proposed.column_type, None).await?;
        if fit.misfits > 0 {
            unfit.push(proposed);
            continue;
        }
        let pin = |field: &mut Field| {
            field.wanted_type = proposed.column_type;
            field.pinned = true;
            field.blocked = None;
        };
        change::change_field(store, sync_id, &proposed.field, pin, |_| ()).await?;
        set.push(proposed);
    }
    Ok((set, unfit))
}

/// Notes that the sync is configured as its model says, and comments on its columns.
pub async fn finish(store: &Store, sync_id: SyncId, model: &SourceModel) -> Result<(), StoreError> {
    source_models::set_from_polytomic(store, sync_id).await?;
    describe(store, sync_id, model).await
}

/// Has the comments of the columns say what the model does. Comments of an operator stay.
pub async fn describe(store: &Store, sync_id: SyncId, model: &SourceModel) -> Result<(), StoreError> {
    let texts = model.fields.iter().filter_map(|field| Some((field.name.as_str(), field.description.as_deref()?)));
    let texts: HashMap<&str, &str> = texts.collect();
    let Ok(mut projection) = projection::try_begin(store, sync_id).await? else { return Ok(()) };
    let catalogue = projection.catalogue().await?;
    match projection.describe_fields(&catalogue, &texts).await {
        Ok(()) => projection.session.commit().await,
        // The next time.
        Err(error) if error.is_lock_timeout() => projection.session.rollback().await,
        Err(error) => Err(error),
    }
}

/// Configures a new sync, as soon as its model is known and its first records are in the tables.
pub async fn configure_new(store: &Store, sync_id: SyncId) -> Result<(), ConfigureError> {
    let store = &store.for_role(Role::Operator);
    let Some(model) = source_models::find(store, sync_id).await? else { return Ok(()) };
    let Some(identity) = model.identity.clone() else { return Ok(()) };
    let catalogue = fields::catalogue(store, sync_id).await?;
    let is_known = identity.iter().all(|name| catalogue.field(name).is_some_and(|field| field.column_type.is_some()));
    if !is_known || syncs::find(store, sync_id).await?.is_none_or(|sync| sync.identity.is_some()) {
        return Ok(());
    }
    // Before the keys are made of them.
    let (set, _) = set_types(store, sync_id, proposed_types(&catalogue, &model)).await?;
    projector::set_identity(store, sync_id, identity.clone(), || false).await?;
    finish(store, sync_id, &model).await?;
    let (identity, types) = (identity.join(", "), set.len());
    tracing::info!(%sync_id, identity, types, "configured a new sync as its model in Polytomic says");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tables::source_models::SourceField;

    #[test]
    fn types_are_proposed_where_another_one_was_learned() {
        let record = r#"{"zip": 12345, "n": 1, "at": "2026-01-02", "on": "true", "id": "x", "own": 1, "new": 2}"#;
        let mut catalogue = Catalogue::default();
        let entries = catalogue.read(record, chrono::DateTime::UNIX_EPOCH);
        catalogue.learn(&entries, chrono::DateTime::UNIX_EPOCH);
        catalogue.fields_mut().filter(|field| field.name == "own").for_each(|field| field.pinned = true);
        let kinds = [
            ("zip", "string"),
            ("n", "number"),
            ("at", "datetime"),
            ("on", "boolean"),
            ("id", "string"),
            ("own", "string"),
            ("absent", "string"),
        ];
        let field = |(name, kind): (&str, &str)| SourceField {
            name: name.to_owned(),
            description: None,
            kind: Some(kind.to_owned()),
        };
        let model = SourceModel { identity: None, fields: kinds.map(field).to_vec() };
        let proposed: Vec<_> = proposed_types(&catalogue, &model)
            .into_iter()
            .map(|proposed| (proposed.field, proposed.learned, proposed.column_type))
            .collect();
        assert_eq!(
            proposed,
            [
                ("zip".to_owned(), ColumnType::Bigint, ColumnType::Text),
                ("on".to_owned(), ColumnType::Text, ColumnType::Boolean)
            ]
        );
    }
}
