//! `polysink.fields` and `polysink.catalogues`: the catalogue of a sync's fields and their columns, and its version.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::columns::{Catalogue, ColumnType, Field, KindCounts, Rows};
use crate::model::SyncId;
use crate::store::{Connection, Store, StoreError};

/// The sync's fields, in order of first appearance.
pub async fn load(connection: &mut Connection, sync_id: SyncId) -> Result<Catalogue, StoreError> {
    let rows = sqlx::query!(
        r#"select name, column_name, column_type, wanted_type, pinned, hidden,
                  blocked, unsettled, kinds::text as "kinds!",
                  first_seen_at, last_seen_at, format, misfits, misfit_since
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
        column_type: row.column_type.and_then(|name| name.parse().ok()),
        wanted_type: row.wanted_type.parse().unwrap_or(ColumnType::Text),
        pinned: row.pinned,
        format: row.format.and_then(|format| format.parse().ok()),
        is_key: false,
        hidden: row.hidden,
        blocked: row.blocked,
        needs_backfill: row.unsettled.and_then(|rows| rows.parse().ok()),
        kinds: KindCounts::from_json(&row.kinds),
        misfits: row.misfits.max(0).unsigned_abs(),
        misfit_since: row.misfit_since,
        first_seen_at: row.first_seen_at,
        last_seen_at: row.last_seen_at,
    });
    Ok(Catalogue::of(fields.collect()))
}

/// Records with fields beyond the catalogue's limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uncatalogued {
    pub records: i64,
    /// The name of one of the fields.
    pub field: Option<String>,
    /// When the latest delivery with one was received.
    pub at: Option<DateTime<Utc>>,
}

/// A catalogue after it was saved.
#[derive(Debug, Clone, Copy)]
pub struct SavedCatalogue {
    pub version: i64,
    /// Records with fields beyond its limit, those of this save among them.
    pub uncatalogued: i64,
}

/// The records projected so far with fields beyond the catalogue's limit.
pub async fn uncatalogued(store: &Store, sync_id: SyncId) -> Result<Uncatalogued, StoreError> {
    let mut session = store.begin().await?;
    let found = sqlx::query_as!(
        Uncatalogued,
        "select uncatalogued_records as records, uncatalogued_field as field, uncatalogued_at as at
         from polysink.catalogues where sync_id = $1",
        sync_id.0
    )
    .fetch_optional(&mut *session)
    .await?;
    session.commit().await?;
    Ok(found.unwrap_or_default())
}

/// The sync's fields, in order of first appearance.
pub async fn catalogue(store: &Store, sync_id: SyncId) -> Result<Catalogue, StoreError> {
    let mut session = store.begin().await?;
    let catalogue = load(&mut session, sync_id).await?;
    session.commit().await?;
    Ok(catalogue)
}

/// Writes the fields that changed, and adds to the count of records with fields beyond the limit. The caller holds the
/// sync's lock.
pub async fn save(
    connection: &mut Connection,
    sync_id: SyncId,
    catalogue: &mut Catalogue,
    uncatalogued: &Uncatalogued,
) -> Result<SavedCatalogue, StoreError> {
    save_changed(connection, sync_id, catalogue).await?;
    catalogue.saved();
    let saved = sqlx::query_as!(
        SavedCatalogue,
        "insert into polysink.catalogues as c (sync_id, version,
            uncatalogued_records, uncatalogued_field, uncatalogued_at)
         values ($1, 1, $2, $3, $4)
         on conflict (sync_id) do update set
             version = c.version + 1,
             uncatalogued_records = c.uncatalogued_records + excluded.uncatalogued_records,
             uncatalogued_field = coalesce(excluded.uncatalogued_field, c.uncatalogued_field),
             uncatalogued_at = greatest(c.uncatalogued_at, excluded.uncatalogued_at)
         returning version, uncatalogued_records as uncatalogued",
        sync_id.0,
        uncatalogued.records,
        uncatalogued.field,
        uncatalogued.at,
    )
    .fetch_one(connection)
    .await?;
    Ok(saved)
}

async fn save_changed(connection: &mut Connection, sync_id: SyncId, catalogue: &Catalogue) -> Result<(), StoreError> {
    let (ordinals, fields): (Vec<i32>, Vec<&Field>) = catalogue
        .changed()
        .map(|(n, _, field)| (i32::try_from(n).expect("a catalogue has some thousand fields at most"), field))
        .unzip();
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
    let unsettled: Vec<Option<&str>> = fields.iter().map(|field| field.needs_backfill.map(Rows::as_str)).collect();
    let kinds: Vec<String> = fields.iter().map(|field| field.kinds.to_json()).collect();
    let first: Vec<_> = fields.iter().map(|field| field.first_seen_at).collect();
    let last: Vec<_> = fields.iter().map(|field| field.last_seen_at).collect();
    let formats: Vec<Option<String>> =
        fields.iter().map(|field| field.format.as_ref().map(ToString::to_string)).collect();
    let misfits: Vec<i64> = fields.iter().map(|field| i64::try_from(field.misfits).unwrap_or(i64::MAX)).collect();
    let misfit_since: Vec<_> = fields.iter().map(|field| field.misfit_since).collect();
    sqlx::query!(
        "insert into polysink.fields as f
             (sync_id, name, column_name, column_type, wanted_type, pinned, hidden, blocked, unsettled, kinds,
              first_seen_at, last_seen_at, ordinal, format, misfits, misfit_since)
         select n.sync_id, n.name, n.column_name, n.column_type, n.wanted_type, n.pinned, n.hidden, n.blocked,
                n.unsettled, n.kinds::jsonb, n.first_seen_at, n.last_seen_at, n.ordinal, n.format, n.misfits,
                n.misfit_since
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::boolean[],
                     $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::integer[],
                     $14::text[], $15::bigint[], $16::timestamptz[])
              as n (sync_id, name, column_name, column_type, wanted_type, pinned, hidden, blocked, unsettled, kinds,
                    first_seen_at, last_seen_at, ordinal, format, misfits, misfit_since)
         on conflict (sync_id, name) do update set
             column_name = excluded.column_name,
             column_type = excluded.column_type,
             wanted_type = excluded.wanted_type,
             pinned = excluded.pinned,
             hidden = excluded.hidden,
             blocked = excluded.blocked,
             unsettled = excluded.unsettled,
             kinds = excluded.kinds,
             first_seen_at = excluded.first_seen_at,
             last_seen_at = excluded.last_seen_at,
             format = excluded.format,
             misfits = excluded.misfits,
             misfit_since = excluded.misfit_since
         where (f.column_name, f.column_type, f.wanted_type, f.pinned, f.hidden, f.blocked, f.unsettled, f.kinds,
                f.first_seen_at, f.last_seen_at, f.format, f.misfits, f.misfit_since)
               is distinct from
               (excluded.column_name, excluded.column_type, excluded.wanted_type, excluded.pinned, excluded.hidden,
                excluded.blocked, excluded.unsettled, excluded.kinds, excluded.first_seen_at, excluded.last_seen_at,
                excluded.format, excluded.misfits, excluded.misfit_since)",
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
        &formats as _,
        &misfits,
        &misfit_since as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}
