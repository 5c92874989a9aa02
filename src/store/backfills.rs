//! `polysink.backfills`: how far each sync's rows have been brought in line with its columns.

use sqlx::PgConnection;

use super::StoreError;
use super::query::{Backfill, Cursor, Place};
use crate::columns::Rows;
use crate::model::SyncId;

/// Where the sync's backfill goes on; `None` where there is none in progress.
pub async fn load(connection: &mut PgConnection, sync_id: SyncId) -> Result<Option<(Backfill, Cursor)>, StoreError> {
    let row = sqlx::query!(
        "select fields, rows, history, after_key, after_sent_at, after_envelope_id, after_position
         from polysink.backfills where sync_id = $1",
        sync_id.0,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.and_then(|row| {
        let after = || {
            Some(Place {
                key: row.after_key?,
                sent_at: row.after_sent_at?,
                envelope_id: row.after_envelope_id?,
                position: row.after_position?,
            })
        };
        let backfill = Backfill { rows: Rows::named(&row.rows)?, fields: row.fields };
        Some((backfill, Cursor { history: row.history, after: after() }))
    }))
}

/// Notes where it goes on.
pub async fn save(
    connection: &mut PgConnection,
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

/// Notes that none is in progress: it is done, or has to start over because columns changed.
pub async fn delete(connection: &mut PgConnection, sync_id: SyncId) -> Result<(), StoreError> {
    sqlx::query!("delete from polysink.backfills where sync_id = $1", sync_id.0).execute(connection).await?;
    Ok(())
}
