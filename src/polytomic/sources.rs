//! Where a sync's records come from: its model, and which field identifies a record there.

use super::api::{ApiError, Client, SyncConfig, SyncField, SyncModel};
use crate::store::tables::source_models::{SourceField, SourceModel};

/// How many models of a sync are read.
const MOST_MODELS: usize = 10;

/// Characters of a description that are kept.
const DESCRIPTION: usize = 1_000;

/// Asks for the models of a sync. Those that the key may not read are left out.
pub async fn read_model(client: &Client, config: &SyncConfig) -> Result<SourceModel, ApiError> {
    let mut models = Vec::new();
    for id in config.models.iter().take(MOST_MODELS) {
        match client.model(id).await {
            Ok(model) => models.push(model),
            Err(ApiError::NotFound(_) | ApiError::Forbidden(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(source_model(config, &models))
}

/// The facts of a sync's models, by the names that the fields have here. Pure.
fn source_model(config: &SyncConfig, models: &[SyncModel]) -> SourceModel {
    let fields = config.fields.iter().map(|field| {
        let described = models.iter().filter(|model| model.id == field.model).flat_map(|model| &model.fields);
        let described = described.into_iter().find(|described| described.name == field.field);
        let description = described.and_then(|described| {
            // A label that only repeats the name says nothing.
            let label = described.label.as_ref().filter(|label| **label != field.target && **label != field.field);
            let texts: Vec<&str> = [described.description.as_ref(), label]
                .into_iter()
                .flatten()
                .map(|text| text.trim())
                .filter(|text| !text.is_empty())
                .collect();
            texts.first().map(|text| text.chars().take(DESCRIPTION).collect())
        });
        // Encrypted values are texts, whatever they were.
        let kind = described.and_then(|described| described.kind.clone()).filter(|_| !field.encrypted);
        SourceField { name: field.target.clone(), description, kind }
    });
    SourceModel { identity: identity(config, models), fields: fields.collect() }
}

/// The field that identifies a record: that of the sync, or the one model's identifier, if it is sent.
fn identity(config: &SyncConfig, models: &[SyncModel]) -> Option<Vec<String>> {
    let known_by = match (&config.identity, models) {
        (Some(identity), _) => Some(identity.clone()),
        (None, [model]) if config.models.len() == 1 => Some((model.id.clone(), model.identifier.clone()?)),
        _ => None,
    };
    let (model, identifier) = known_by?;
    let sent = |field: &&SyncField| field.model == model && field.field == identifier && !field.encrypted;
    config.fields.iter().find(sent).map(|field| vec![field.target.clone()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::polytomic::api::ModelField;

    fn config(identity: Option<(&str, &str)>, fields: &[(&str, &str, &str)]) -> SyncConfig {
        let field = |(target, model, field): &(&str, &str, &str)| SyncField {
            target: (*target).to_owned(),
            model: (*model).to_owned(),
            field: (*field).to_owned(),
            encrypted: target.starts_with("secret"),
        };
        let mut models: Vec<String> = fields.iter().map(|(_, model, _)| (*model).to_owned()).collect();
        models.dedup();
        SyncConfig {
            id: "s".to_owned(),
            name: None,
            active: None,
            sync_all_records: None,
            frequency: None,
            models,
            identity: identity.map(|(model, field)| (model.to_owned(), field.to_owned())),
            fields: fields.iter().map(field).collect(),
        }
    }

    fn model(id: &str, identifier: &str, fields: &[(&str, &str)]) -> SyncModel {
        let field = |(name, description): &(&str, &str)| ModelField {
            name: (*name).to_owned(),
            label: Some((*name).to_owned()),
            description: Some((*description).to_owned()),
            kind: Some("string".to_owned()),
            unique: false,
        };
        SyncModel {
            id: id.to_owned(),
            name: None,
            identifier: Some(identifier.to_owned()),
            fields: fields.iter().map(field).collect(),
        }
    }

    #[test]
    fn a_record_is_known_by_the_identifier_under_the_name_that_it_is_sent_as() {
        let fields = [("Customer ID", "m", "id"), ("Mail", "m", "email")];
        let models = [model("m", "id", &[])];
        let named = |name: &str| Some(vec![name.to_owned()]);
        assert_eq!(identity(&config(None, &fields), &models), named("Customer ID"));
        assert_eq!(identity(&config(Some(("m", "email")), &fields), &models), named("Mail"), "the sync's own");
        assert_eq!(identity(&config(None, &fields[1..]), &models), None, "it is not sent");
        assert_eq!(identity(&config(None, &[("secret", "m", "id")]), &models), None, "it is encrypted");
        let joined = config(None, &[("a", "m", "id"), ("b", "n", "id")]);
        assert_eq!(identity(&joined, &models), None, "of two models");
        assert_eq!(identity(&config(None, &fields), &[]), None);
    }

    #[test]
    fn fields_are_described_by_their_model() {
        let fields = [("Customer ID", "m", "id"), ("secret", "m", "ssn"), ("x", "n", "id")];
        let models = [model("m", "id", &[("id", " the id \n"), ("ssn", "")])];
        let found = source_model(&config(None, &fields), &models).fields;
        let shown: Vec<_> = found
            .iter()
            .map(|field| (field.name.as_str(), field.description.as_deref(), field.kind.as_deref()))
            .collect();
        assert_eq!(shown, [("Customer ID", Some("the id"), Some("string")), ("secret", None, None), ("x", None, None)]);
    }
}
