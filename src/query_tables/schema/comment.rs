//! The SQL comments of the query tables and their columns.

use std::collections::HashMap;

use crate::columns::{Catalogue, Field};
use crate::model::SyncId;
use crate::query_tables::{Ident, Literal, QueryTables, Relation, Side, execute};
use crate::store::{Connection, StoreError, SyncState};

/// The content of the tables' comments.
#[derive(Debug, Clone)]
pub struct Origin<'a> {
    pub sync_id: SyncId,
    pub name: Option<&'a str>,
    pub identity: Option<&'a [String]>,
}

impl<'a> Origin<'a> {
    pub fn of(sync: &'a SyncState) -> Self {
        Self { sync_id: sync.sync_id, name: sync.name.as_deref(), identity: sync.identity.as_deref() }
    }
}

impl QueryTables {
    /// Updates the tables' comments.
    pub async fn describe(&self, connection: &mut Connection, origin: &Origin<'_>) -> Result<(), StoreError> {
        let name = origin.name.map(|name| format!(" \"{name}\"")).unwrap_or_default();
        let row = match origin.identity {
            Some(identity) => format!("one row per entity, identified by {}", identity.join(", ")),
            None => "one row per distinct record; `polysink identity set` makes it one per entity".to_owned(),
        };
        for (side, relation) in self.existing(connection).await? {
            let row = if side == Side::History { "one row per version of an entity" } else { &row };
            let text = format!("Polytomic sync{name}, {}: {row}. Made by polysink.", origin.sync_id);
            let said: Option<String> = sqlx::query_scalar("select obj_description(to_regclass($1), 'pg_class')")
                .bind(relation.to_string())
                .fetch_one(&mut *connection)
                .await?;
            if said.as_ref() != Some(&text) {
                comment_on(connection, &format!("table {relation}"), &text).await?;
            }
        }
        Ok(())
    }

    /// Has the comments of the fields' columns begin with a description. Comments that an operator wrote stay.
    ///
    /// * `texts`: descriptions, by the fields' names
    pub(in crate::query_tables) async fn describe_fields(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        texts: &HashMap<&str, &str>,
    ) -> Result<(), StoreError> {
        for (_, relation) in self.existing(connection).await? {
            let said: Vec<(String, Option<String>)> = sqlx::query_as(
                "select attname::text, col_description(attrelid, attnum) from pg_catalog.pg_attribute
                 where attrelid = to_regclass($1) and attnum > 0 and not attisdropped",
            )
            .bind(relation.to_string())
            .fetch_all(&mut *connection)
            .await?;
            let said: HashMap<String, Option<String>> = said.into_iter().collect();
            for field in catalogue.columns() {
                let (own, said) = (own_comment(field), said.get(&field.column_name).and_then(Option::as_ref));
                let text = texts.get(field.name.as_str()).map_or_else(|| own.clone(), |text| format!("{text}\n{own}"));
                if said.is_none_or(|said| said.ends_with(&own) && *said != text) {
                    let column = format!("column {relation}.{}", Ident(&field.column_name));
                    comment_on(connection, &column, &text).await?;
                }
            }
        }
        Ok(())
    }

    pub(in crate::query_tables) async fn comment(
        &self,
        connection: &mut Connection,
        catalogue: &Catalogue,
        side: Side,
    ) -> Result<(), StoreError> {
        let relation = self.relation(side);
        for column in side.system_columns() {
            comment_on(connection, &format!("column {relation}.{}", Ident(column.name)), column.comment(side)).await?;
        }
        for field in catalogue.columns() {
            comment_on_field(connection, relation, field).await?;
        }
        Ok(())
    }
}

pub(in crate::query_tables) async fn comment_on_field(
    connection: &mut Connection,
    relation: &Relation,
    field: &Field,
) -> Result<(), StoreError> {
    let what = format!("column {relation}.{}", Ident(&field.column_name));
    comment_on(connection, &what, &own_comment(field)).await
}

/// The comment of a field's column, or the end of it.
fn own_comment(field: &Field) -> String {
    let name = serde_json::to_string(&field.name).expect("a string is always JSON");
    format!("The field {name} of the Polytomic sync.")
}

async fn comment_on(connection: &mut Connection, what: &str, text: &str) -> Result<(), StoreError> {
    execute(connection, format!("comment on {what} is {}", Literal(text))).await
}
