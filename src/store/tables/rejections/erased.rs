//! The quarantine's statements for an erasure.

use uuid::Uuid;

use crate::model::SyncId;
use crate::store::{Connection, StoreError, session};

/// A rejection as an erasure reads it.
#[derive(Debug)]
pub struct Quarantined {
    pub rejection_id: Uuid,
    /// `None` if the body did not name one.
    pub sync_id: Option<SyncId>,
    /// The delivery of a record; `None` for a whole body.
    pub envelope_id: Option<Uuid>,
    /// Where the records stood, if they are many.
    pub positions: Option<Vec<i32>>,
    pub payload: Vec<u8>,
}

/// The ids of a sync's rejections, and of those of bodies that name no sync, with the bytes of their payloads.
pub async fn ids_of_sync(connection: &mut Connection, sync_id: SyncId) -> Result<Vec<(Uuid, u64)>, StoreError> {
    let rows = sqlx::query!(
        r#"select rejection_id, octet_length(payload) as "bytes!"
           from polysink.rejections
           where sync_id = $1 or sync_id is null
           order by received_at, rejection_id"#,
        sync_id.0,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.rejection_id, u64::from(row.bytes.unsigned_abs()))).collect())
}

/// Reads these rejections, and locks them if they are to be changed.
pub async fn quarantined(
    connection: &mut Connection,
    ids: &[Uuid],
    lock: bool,
) -> Result<Vec<Quarantined>, StoreError> {
    if lock {
        sqlx::query!(
            "select rejection_id from polysink.rejections where rejection_id = any($1)
             order by received_at, rejection_id for update",
            ids,
        )
        .fetch_all(&mut *connection)
        .await?;
    }
    let rows = sqlx::query!(
        "select rejection_id, sync_id, envelope_id, positions, payload
         from polysink.rejections
         where rejection_id = any($1)
         order by received_at, rejection_id",
        ids,
    )
    .fetch_all(&mut *connection)
    .await?;
    session::trim(connection, rows.iter().map(|row| row.payload.len()).sum());
    let read = rows.into_iter().map(|row| Quarantined {
        rejection_id: row.rejection_id,
        sync_id: row.sync_id.map(SyncId),
        envelope_id: row.envelope_id,
        positions: row.positions,
        payload: row.payload,
    });
    Ok(read.collect())
}

/// Replaces what a rejection has with what is left of it. The sentence that explains it can quote what is gone.
pub async fn replace_payload(
    connection: &mut Connection,
    id: Uuid,
    payload: &[u8],
    positions: Option<&[i32]>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update polysink.rejections
         set payload = $2, positions = $3, position = coalesce(($3::integer[])[1], position),
             detail = 'the reason quoted a record that was erased'
         where rejection_id = $1",
        id,
        payload,
        positions as _,
    )
    .execute(&mut *connection)
    .await?;
    session::trim(connection, payload.len());
    Ok(())
}

/// Deletes a rejection.
pub async fn delete(connection: &mut Connection, id: Uuid) -> Result<(), StoreError> {
    sqlx::query!("delete from polysink.rejections where rejection_id = $1", id).execute(connection).await?;
    Ok(())
}
