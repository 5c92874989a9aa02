//! `polysink.backfills`: how far each sync's rows have been backfilled.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::columns::{Catalogue, Rows};
use crate::model::SyncId;
use crate::store::{Connection, StoreError};

/// A backfill after a change of columns: its fields, and the rows concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backfill {
    pub fields: Vec<String>,
    pub rows: Rows,
}

impl Backfill {
    /// The next backfill that the catalogue calls for; `None` if there is none. Values to erase come first.
    pub fn of(catalogue: &Catalogue) -> Option<Self> {
        let fields = |which: &dyn Fn(Rows) -> bool| -> Vec<String> {
            let due = catalogue.fields().iter().filter(|field| field.needs_backfill.is_some_and(which));
            due.map(|field| field.name.clone()).collect()
        };
        let erase = fields(&|rows| rows == Rows::Erase);
        if !erase.is_empty() {
            return Some(Self { fields: erase, rows: Rows::Erase });
        }
        let any = |which| !fields(&|rows| rows == which).is_empty();
        let rows = [Rows::All, Rows::Recent].into_iter().find(|rows| any(*rows)).unwrap_or(Rows::Unfit);
        let fields = fields(&|_| true);
        (!fields.is_empty()).then_some(Self { fields, rows })
    }
}

/// Where the next batch begins: after the last row of the one before.
#[derive(Debug, Clone, Default)]
pub struct Cursor {
    /// The current table is done, the history has begun.
    pub history: bool,
    pub after: Option<RowPlace>,
}

/// A row's place: its key, and in the history its version.
#[derive(Debug, Clone)]
pub struct RowPlace {
    pub key: String,
    pub sent_at: DateTime<Utc>,
    pub envelope_id: Uuid,
    pub position: i32,
}

/// Where the sync's backfill continues; `None` if there is none in progress.
pub async fn load(connection: &mut Connection, sync_id: SyncId) -> Result<Option<(Backfill, Cursor)>, StoreError> {
    let row = sqlx::query!(
        "select fields, rows, history, after_key, after_sent_at, after_envelope_id, after_position
         from polysink.backfills where sync_id = $1",
        sync_id.0,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.and_then(|row| {
        let after = || {
            Some(RowPlace {
                key: row.after_key?,
                sent_at: row.after_sent_at?,
                envelope_id: row.after_envelope_id?,
                position: row.after_position?,
            })
        };
        let backfill = Backfill { rows: row.rows.parse().ok()?, fields: row.fields };
        Some((backfill, Cursor { history: row.history, after: after() }))
    }))
}

/// Saves where it continues.
pub async fn save(
    connection: &mut Connection,
    sync_id: SyncId,
    backfill: &Backfill,
    cursor: &Cursor,
) -> Result<(), StoreError> {
    let after = cursor.after.as_ref();
    sqlx::query!(
        "insert into polysink.backfills
             (sync_id, fields, rows, history, after_key, after_sent_at, after_envelope_id, after_position)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (sync_id) do update set
             fields = excluded.fields,
             rows = excluded.rows,
             history = excluded.history,
             after_key = excluded.after_key,
             after_sent_at = excluded.after_sent_at,
             after_envelope_id = excluded.after_envelope_id,
             after_position = excluded.after_position",
        sync_id.0,
        &backfill.fields,
        backfill.rows.as_str(),
        cursor.history,
        after.map(|place| place.key.as_str()),
        after.map(|place| place.sent_at),
        after.map(|place| place.envelope_id),
        after.map(|place| place.position),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends the backfill: it is done, or must start over because columns changed.
pub async fn delete(connection: &mut Connection, sync_id: SyncId) -> Result<(), StoreError> {
    sqlx::query!("delete from polysink.backfills where sync_id = $1", sync_id.0).execute(connection).await?;
    Ok(())
}

/// Removes the sync's progress if it is at one of these keys: the backfill begins again.
pub async fn delete_at(connection: &mut Connection, sync_id: SyncId, keys: &[&str]) -> Result<(), StoreError> {
    sqlx::query!("delete from polysink.backfills where sync_id = $1 and after_key = any($2)", sync_id.0, keys as _)
        .execute(connection)
        .await?;
    Ok(())
}
