//! The SQL comments of the query tables and their columns.

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
    let name = serde_json::to_string(&field.name).expect("a string is always JSON");
    comment_on(connection, &what, &format!("The field {name} of the Polytomic sync.")).await
}

async fn comment_on(connection: &mut Connection, what: &str, text: &str) -> Result<(), StoreError> {
    execute(connection, format!("comment on {what} is {}", Literal(text))).await
}
