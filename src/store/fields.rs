//! `polysink.fields`: the catalogue of a sync's fields and their columns.

use sqlx::PgConnection;
use uuid::Uuid;

use super::StoreError;
use crate::columns::{Catalogue, ColumnType, Field, KindCounts, Rows};
use crate::envelope::SyncId;

/// The sync's fields, in order of first appearance.
pub async fn load(connection: &mut PgConnection, sync_id: SyncId) -> Result<Catalogue, StoreError> {
    let rows = sqlx::query!(
        r#"select name, column_name, column_type, wanted_type, pinned, hidden, blocked, unsettled, kinds::text as "kinds!",
                  first_seen_at, last_seen_at
           from polysink.fields
           where sync_id = $1
           order by ordinal, name"#,
        sync_id.0,
    )
    .fetch_all(connection)
    .await?;
    let fields = rows.into_iter().map(|row| Field {
        name: row.name,
        column_name: row.column_name,
        column_type: row.column_type.as_deref().and_then(ColumnType::named),
        wanted_type: ColumnType::named(&row.wanted_type).unwrap_or(ColumnType::Text),
        pinned: row.pinned,
        hidden: row.hidden,
        blocked: row.blocked,
        unsettled: row.unsettled.as_deref().and_then(Rows::named),
        kinds: KindCounts::from_json(&row.kinds),
        first_seen_at: row.first_seen_at,
        last_seen_at: row.last_seen_at,
    });
    Ok(Catalogue::of(fields.collect()))
}

/// Writes what is known of the fields now. Only whoever holds the sync's lock does.
pub async fn save(connection: &mut PgConnection, sync_id: SyncId, fields: &[Field]) -> Result<(), StoreError> {
    if fields.is_empty() {
        return Ok(());
    }
    let syncs: Vec<Uuid> = vec![sync_id.0; fields.len()];
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let columns: Vec<&str> = fields.iter().map(|field| field.column_name.as_str()).collect();
    let types: Vec<Option<&str>> = fields.iter().map(|field| field.column_type.map(ColumnType::as_str)).collect();
    let wanted: Vec<&str> = fields.iter().map(|field| field.wanted_type.as_str()).collect();
    let pinned: Vec<bool> = fields.iter().map(|field| field.pinned).collect();
    let hidden: Vec<bool> = fields.iter().map(|field| field.hidden).collect();
    let blocked: Vec<Option<&str>> = fields.iter().map(|field| field.blocked.as_deref()).collect();
    let unsettled: Vec<Option<&str>> = fields.iter().map(|field| field.unsettled.map(Rows::as_str)).collect();
    let kinds: Vec<String> = fields.iter().map(|field| field.kinds.to_json()).collect();
    let first: Vec<_> = fields.iter().map(|field| field.first_seen_at).collect();
    let last: Vec<_> = fields.iter().map(|field| field.last_seen_at).collect();
    let ordinals: Vec<i32> = (0..).take(fields.len()).collect();
    sqlx::query!(
        "insert into polysink.fields as f
             (sync_id, name, column_name, column_type, wanted_type, pinned, hidden, blocked, unsettled, kinds,
              first_seen_at, last_seen_at, ordinal)
         select n.sync_id, n.name, n.column_name, n.column_type, n.wanted_type, n.pinned, n.hidden, n.blocked, n.unsettled,
                n.kinds::jsonb, n.first_seen_at, n.last_seen_at, n.ordinal
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::boolean[], $8::text[],
                     $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::integer[])
              as n (sync_id, name, column_name, column_type, wanted_type, pinned, hidden, blocked, unsettled, kinds,
                    first_seen_at, last_seen_at, ordinal)
         on conflict (sync_id, name) do update set
             column_name = excluded.column_name,
             column_type = excluded.column_type,
             wanted_type = excluded.wanted_type,
             pinned = excluded.pinned,
             hidden = excluded.hidden,
             blocked = excluded.blocked,
             unsettled = excluded.unsettled,
             kinds = excluded.kinds,
             last_seen_at = excluded.last_seen_at
         where (f.column_name, f.column_type, f.wanted_type, f.pinned, f.hidden, f.blocked, f.unsettled, f.kinds,
                f.last_seen_at)
               is distinct from
               (excluded.column_name, excluded.column_type, excluded.wanted_type, excluded.pinned, excluded.hidden,
                excluded.blocked, excluded.unsettled, excluded.kinds, excluded.last_seen_at)",
        &syncs,
        &names as _,
        &columns as _,
        &types as _,
        &wanted as _,
        &pinned,
        &hidden,
        &blocked as _,
        &unsettled as _,
        &kinds,
        &first,
        &last,
        &ordinals,
    )
    .execute(connection)
    .await?;
    Ok(())
}
