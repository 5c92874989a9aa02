//! `polysink.syncs`: one row per sync, written when it changes, and once a second for its time.

mod table_names;
mod upsert;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use table_names::rename_table;
pub use upsert::{Change, KnownSyncs, upsert};

use super::envelopes::{self, LogPlace};
use crate::columns::{Catalogue, EntityKeys, KeyColumn};
use crate::envelope::Envelope;
use crate::model::SyncId;
use crate::store::{Connection, Store, StoreError};

/// From how many deliveries missing rows are made at a time.
const RESTORED: i64 = 1_000;

/// One sync, as `polysink syncs` lists it.
#[derive(Debug, Clone)]
pub struct SyncRow {
    pub sync_id: Uuid,
    pub name: Option<String>,
    pub table_name: String,
    pub identity: Option<Vec<String>>,
    /// Which change makes a version of an entity: `hash` or `values`.
    pub compare: String,
    /// Distinct records.
    pub records: i64,
    /// Records without a key: a field of the identity is missing or null.
    pub unidentified: i64,
    /// Records that were projected with fields beyond the catalogue's limit.
    pub uncatalogued: i64,
    /// Values that did not fit their columns.
    pub misfits: i64,
    pub last_delivery: Option<DateTime<Utc>>,
    /// Deliveries that are not projected yet.
    pub waiting: i64,
    /// Since when the first of them has waited.
    pub waiting_since: Option<DateTime<Utc>>,
    /// When its next run is due, by its schedule in Polytomic; `None` if that is not known.
    pub next_run_at: Option<DateTime<Utc>>,
}

/// A sync that has the name of another one, and whose deliveries began when those of the other had ended: it was
/// deleted in Polytomic and made again, for example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeAgain {
    pub table_name: String,
    pub earlier_table: String,
    /// When the last delivery of the earlier one was received, to a minute.
    pub ended_at: DateTime<Utc>,
}

impl fmt::Display for MadeAgain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.ended_at.format("%Y-%m-%d %H:%M UTC");
        write!(f, "{} has the name of {}, which has had no delivery since {since}", self.table_name, self.earlier_table)
    }
}

/// The state of a sync that is projected.
#[derive(Debug, Clone)]
pub struct SyncState {
    pub sync_id: SyncId,
    pub name: Option<String>,
    pub table_name: String,
    /// The fields that identify an entity; `None` until set.
    pub identity: Option<Vec<String>>,
    /// How the keys of the query tables were made; `None` if there are none, or that is not known.
    pub key_columns: Option<Vec<KeyColumn>>,
    /// Whether other values make a version of an entity, and not another hash.
    pub by_values: bool,
    /// The version of its catalogue; 0 if it has none.
    pub catalogue_version: i64,
    /// Whether deletions of a run are applied to its rows.
    pub has_deletions: bool,
}

impl SyncState {
    /// How the keys of the query tables are made.
    ///
    /// * `catalogue`: the sync's fields; decides while the tables do not exist
    pub fn entity_keys(&self, catalogue: &Catalogue) -> EntityKeys {
        let columns = |identity: &[String]| self.key_columns.clone().unwrap_or_else(|| catalogue.key_columns(identity));
        EntityKeys::of(self.identity.clone().map(|identity| {
            let columns = columns(&identity);
            (identity, columns)
        }))
    }
}

/// The state of a sync; `None` if it does not exist.
pub async fn state(connection: &mut Connection, sync_id: SyncId) -> Result<Option<SyncState>, StoreError> {
    let row = sqlx::query!(
        r#"select s.name, s.table_name, s.identity, s.key_columns, s.compare = 'values' as "by_values!",
                  coalesce(c.version, 0) as "catalogue_version!",
                  exists (select from polysink.deletions d
                          where d.sync_id = s.sync_id and d.state = 'applied' and d.rows > 0) as "has_deletions!"
           from polysink.syncs s
           left join polysink.catalogues c on c.sync_id = s.sync_id
           where s.sync_id = $1"#,
        sync_id.0
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| SyncState {
        sync_id,
        name: row.name,
        table_name: row.table_name,
        identity: row.identity,
        key_columns: row.key_columns.and_then(|columns| columns.iter().map(|column| column.parse().ok()).collect()),
        by_values: row.by_values,
        catalogue_version: row.catalogue_version,
        has_deletions: row.has_deletions,
    }))
}

/// Sets the fields that identify an entity, how keys are made of them, and whether values make its versions.
pub async fn set_identity(
    connection: &mut Connection,
    sync_id: SyncId,
    identity: Option<&[String]>,
    key_columns: Option<&[KeyColumn]>,
    by_values: bool,
) -> Result<(), StoreError> {
    let key_columns: Option<Vec<String>> = key_columns.map(|columns| columns.iter().map(ToString::to_string).collect());
    sqlx::query!(
        "update polysink.syncs
         set identity = $2, key_columns = $3, compare = case when $4 then 'values' else 'hash' end
         where sync_id = $1",
        sync_id.0,
        identity as _,
        key_columns as _,
        by_values,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The state of a sync; `None` if it does not exist.
pub async fn find(store: &Store, sync_id: SyncId) -> Result<Option<SyncState>, StoreError> {
    let mut session = store.begin().await?;
    let state = state(&mut session, sync_id).await?;
    session.commit().await?;
    Ok(state)
}

/// Syncs that seem to have been made again in Polytomic.
pub async fn made_again(store: &Store) -> Result<Vec<MadeAgain>, StoreError> {
    let mut session = store.begin().await?;
    let made_again = sqlx::query_as!(
        MadeAgain,
        r#"select distinct on (n.table_name) n.table_name, o.table_name as earlier_table, o.last_received_at as ended_at
           from polysink.syncs n
           join polysink.syncs o on o.name = n.name and o.sync_id <> n.sync_id
           and o.last_received_at < n.first_received_at
           order by n.table_name, o.last_received_at desc"#
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(made_again)
}

/// Makes the rows of syncs whose deliveries are in the backlog and which have none, after the database went back in
/// time under a process that had written them. Returns how many there were.
pub async fn restore_missing(store: &Store) -> Result<usize, StoreError> {
    let mut session = store.begin().await?;
    let mut latest: HashMap<Uuid, LogPlace> = HashMap::new();
    let waiting = sqlx::query!(
        "select b.sync_id, b.received_at, b.envelope_id from polysink.backlog b
         where not exists (select from polysink.syncs s where s.sync_id = b.sync_id)
         order by b.received_at desc limit $1",
        RESTORED,
    )
    .fetch_all(&mut *session)
    .await?;
    let place = |received_at, envelope_id| LogPlace { received_at, envelope_id };
    let places = waiting.iter().map(|row| place(row.received_at, row.envelope_id));
    let kept = envelopes::sizes(&mut session, places).await?;
    for row in waiting {
        let place = place(row.received_at, row.envelope_id);
        if kept.contains_key(&place) {
            latest.entry(row.sync_id).or_insert(place); // the newest comes first
        }
    }
    let delivered = envelopes::bodies(&mut session, latest.into_values()).await?;
    let parsed: Vec<Envelope> = delivered.into_iter().filter_map(|delivered| delivered.parse().ok()).collect();
    let written = upsert(&mut session, &KnownSyncs::default(), &parsed.iter().collect::<Vec<_>>()).await;
    Ok(session.conclude(written).await?.len())
}

/// How many syncs have deliveries in the backlog, and no row. Reads the whole backlog.
pub async fn count_missing(store: &Store) -> Result<u64, StoreError> {
    let mut session = store.begin().await?;
    let missing = sqlx::query_scalar!(
        r#"select count(*) as "missing!" from (select distinct sync_id from polysink.backlog) as b
           where not exists (select from polysink.syncs s where s.sync_id = b.sync_id)"#
    )
    .fetch_one(&mut *session)
    .await?;
    session.commit().await?;
    Ok(missing.unsigned_abs())
}

/// All syncs, the one with the latest delivery first.
pub async fn list(store: &Store) -> Result<Vec<SyncRow>, StoreError> {
    let mut session = store.begin().await?;
    let mut rows = sqlx::query_as!(
        SyncRow,
        r#"select s.sync_id, s.name, s.table_name, s.identity, s.compare, 0::bigint as "records!",
                  0::bigint as "unidentified!",
                  coalesce((select c.uncatalogued_records from polysink.catalogues c where c.sync_id = s.sync_id), 0)
                      as "uncatalogued!",
                  (select coalesce(sum(f.misfits), 0)::bigint from polysink.fields f
                   where f.sync_id = s.sync_id and not f.hidden) as "misfits!",
                  s.last_received_at as "last_delivery?", 0::bigint as "waiting!",
                  null::timestamptz as waiting_since,
                  (select n.next_run_at from polysink.next_runs n where n.sync_id = s.sync_id) as next_run_at
           from polysink.syncs s"#
    )
    .fetch_all(&mut *session)
    .await?;
    let records = sqlx::query!(r#"select sync_id, count(*) as "count!" from polysink.records group by sync_id"#)
        .fetch_all(&mut *session)
        .await?;
    let records: HashMap<Uuid, i64> = records.into_iter().map(|row| (row.sync_id, row.count)).collect();
    let waiting = sqlx::query!(
        r#"select sync_id, count(*) as "count!", min(entered_at) as since, max(received_at) as latest
           from polysink.backlog group by sync_id"#
    )
    .fetch_all(&mut *session)
    .await?;
    let unidentified = sqlx::query!(
        r#"select sync_id as "sync_id!", count(*) as "count!" from polysink.unidentified group by sync_id"#
    )
    .fetch_all(&mut *session)
    .await?;
    let unidentified: HashMap<Uuid, i64> = unidentified.into_iter().map(|row| (row.sync_id, row.count)).collect();
    for row in &mut rows {
        row.records = records.get(&row.sync_id).copied().unwrap_or(0);
        row.unidentified = unidentified.get(&row.sync_id).copied().unwrap_or(0);
        if let Some(waiting) = waiting.iter().find(|waiting| waiting.sync_id == row.sync_id) {
            (row.waiting, row.waiting_since) = (waiting.count, waiting.since);
            row.last_delivery = row.last_delivery.max(waiting.latest);
        }
    }
    session.commit().await?;
    rows.sort_by_key(|row| (Reverse(row.last_delivery), row.sync_id));
    Ok(rows)
}

/// The tables of all syncs, by name.
pub async fn list_tables(store: &Store) -> Result<Vec<String>, StoreError> {
    let mut session = store.begin().await?;
    let tables = sqlx::query_scalar!("select table_name from polysink.syncs order by table_name")
        .fetch_all(&mut *session)
        .await?;
    session.commit().await?;
    Ok(tables)
}

/// The syncs that match by id, by that of a sync that they have adopted, by table or by name.
pub async fn called(store: &Store, text: &str) -> Result<Vec<(SyncId, String, Option<String>)>, StoreError> {
    let mut session = store.begin().await?;
    let rows = sqlx::query!(
        "select sync_id, table_name, name from polysink.syncs s
         where sync_id::text = lower($1) or table_name = $1
            or exists (select from polysink.adoptions a where a.sync_id = s.sync_id and a.adopted_id::text = lower($1))
            or name = $1 and not exists (select from polysink.syncs t where t.table_name = $1)
         order by sync_id",
        text,
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(rows.into_iter().map(|row| (SyncId(row.sync_id), row.table_name, row.name)).collect())
}
