//! `polysink.syncs`: one row per sync, written when it changes, and once a second for its time.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::envelopes::{self, LogPlace};
use crate::columns::{self, Catalogue, EntityKeys, KeyColumn};
use crate::envelope::Envelope;
use crate::model::SyncId;
use crate::store::{Connection, Store, StoreError};

/// How far `last_received_at` may lag. Otherwise each delivery of a sync would write this one row.
const TOUCH: TimeDelta = TimeDelta::seconds(1);

/// After how long a row is written as a whole, with the same name and metadata.
const REFRESH: TimeDelta = TimeDelta::seconds(60);

/// From how many deliveries missing rows are made at a time.
const RESTORED: i64 = 1_000;

/// The values that this process last wrote for each sync, so that it need not write them again. If another process has
/// changed a row since, its name may be stale until the next refresh. That the row exists is checked each time: the
/// database may have gone back to a time before it, after a failover or a restore.
#[derive(Debug, Clone, Default)]
pub struct KnownSyncs(Arc<Mutex<HashMap<SyncId, Known>>>);

#[derive(Debug, Clone)]
struct Known {
    /// The digest of name and metadata, which can be large, and are kept for each sync.
    digest: [u8; 32],
    received_at: DateTime<Utc>,
    /// The `received_at` when all of it was last written.
    refreshed_at: DateTime<Utc>,
}

/// The rows that a transaction writes; [`KnownSyncs::remember`] takes them after its commit.
#[derive(Debug)]
pub struct Change {
    sync_id: SyncId,
    name: Option<String>,
    metadata: Option<String>,
    known: Known,
    /// Whether its time was written long enough ago to be written again.
    is_stale: bool,
}

impl KnownSyncs {
    /// The rows of the syncs of these envelopes, in key order: those to write, and those that were written with the
    /// same name and metadata.
    fn changes(&self, envelopes: &[&Envelope]) -> (Vec<Change>, Vec<Change>) {
        let mut newest: BTreeMap<SyncId, &Envelope> = BTreeMap::new();
        for envelope in envelopes.iter().filter(|envelope| envelope.outcome == crate::envelope::Outcome::Stored) {
            let Some(sync_id) = envelope.sync_id else { continue };
            let slot = newest.entry(sync_id).or_insert(envelope);
            if envelope.receipt.received_at >= slot.receipt.received_at {
                *slot = envelope;
            }
        }
        let change = |(sync_id, envelope): (SyncId, &Envelope)| {
            let (name, metadata) = (envelope.name.clone(), envelope.metadata.clone());
            let digest = digest(name.as_deref(), metadata.as_deref());
            let received_at = envelope.receipt.received_at;
            let known = Known { digest, received_at, refreshed_at: received_at };
            Change { sync_id, name, metadata, known, is_stale: true }
        };
        let (mut changed, mut unchanged) = (Vec::new(), Vec::new());
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for mut change in newest.into_iter().map(change) {
            match known.get(&change.sync_id) {
                Some(known)
                    if known.digest == change.known.digest
                        && change.known.received_at - known.refreshed_at < REFRESH =>
                {
                    change.known.refreshed_at = known.refreshed_at;
                    change.is_stale = change.known.received_at - known.received_at >= TOUCH;
                    unchanged.push(change);
                }
                _ => changed.push(change),
            }
        }
        (changed, unchanged)
    }

    /// Remembers what has been committed.
    pub fn remember(&self, changes: Vec<Change>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(changes.into_iter().map(|change| (change.sync_id, change.known)));
    }
}

/// The digest that two rows with the same name and metadata have in common.
fn digest(name: Option<&str>, metadata: Option<&str>) -> [u8; 32] {
    let mut digest = Sha256::new();
    for text in [name, metadata] {
        // The length tells one text from the next, and none from an empty one.
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        digest.update(length.to_be_bytes());
        digest.update(text.unwrap_or_default());
    }
    digest.finalize().into()
}

/// Writes the rows of the syncs of these envelopes, as far as they changed or are missing; a new sync gets a table
/// name. Returns those that were written, for [`KnownSyncs::remember`].
///
/// A row that another transaction has locked is skipped: no delivery waits for the row of its sync. It is not
/// remembered either, so the next delivery tries again.
///
/// Two transactions can choose the same table name for two new syncs. The second then fails on the unique constraint,
/// and succeeds when it is retried.
pub async fn upsert(
    connection: &mut Connection,
    known_syncs: &KnownSyncs,
    envelopes: &[&Envelope],
) -> Result<Vec<Change>, StoreError> {
    let (mut changes, unchanged) = known_syncs.changes(envelopes);
    let ids: Vec<Uuid> = unchanged.iter().map(|change| change.sync_id.0).collect();
    let found = if ids.is_empty() {
        Vec::new()
    } else {
        sqlx::query_scalar!("select sync_id from polysink.syncs where sync_id = any($1)", &ids)
            .fetch_all(&mut *connection)
            .await?
    };
    let (found, missing): (Vec<Change>, Vec<Change>) =
        unchanged.into_iter().partition(|change| found.contains(&change.sync_id.0));
    let stale = found.into_iter().filter(|change| change.is_stale).collect();
    let touched = touch(connection, stale).await?;
    changes.extend(missing);
    if changes.is_empty() {
        return Ok(touched);
    }
    changes.sort_by_key(|change| change.sync_id);
    let ids: Vec<Uuid> = changes.iter().map(|change| change.sync_id.0).collect();
    let tables = table_names(connection, &changes, &ids).await?;
    let names: Vec<Option<&str>> = changes.iter().map(|change| change.name.as_deref()).collect();
    let metadata: Vec<Option<&str>> = changes.iter().map(|change| change.metadata.as_deref()).collect();
    let received: Vec<_> = changes.iter().map(|change| change.known.received_at).collect();
    let written: Vec<Uuid> = sqlx::query_scalar!(
        "with free as (
             select sync_id from polysink.syncs where sync_id = any($1) for update skip locked
         )
         insert into polysink.syncs as s (sync_id, name, metadata, table_name, first_received_at, last_received_at)
         select n.sync_id, n.name, n.metadata::jsonb, n.table_name, n.received_at, n.received_at
         from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
              as n (sync_id, name, metadata, table_name, received_at)
         where n.sync_id in (select free.sync_id from free)
            or not exists (select from polysink.syncs k where k.sync_id = n.sync_id)
         on conflict (sync_id) do update set
             name = case when excluded.last_received_at >= s.last_received_at
                         then coalesce(excluded.name, s.name) else s.name end,
             metadata = case when excluded.last_received_at >= s.last_received_at
                             then excluded.metadata else s.metadata end,
             first_received_at = least(s.first_received_at, excluded.first_received_at),
             last_received_at = greatest(s.last_received_at, excluded.last_received_at)
         returning s.sync_id",
        &ids,
        &names as _,
        &metadata as _,
        &tables,
        &received,
    )
    .fetch_all(connection)
    .await?;
    changes.retain(|change| written.contains(&change.sync_id.0));
    changes.extend(touched);
    Ok(changes)
}

/// Writes the times of rows that exist. Returns those that no other transaction has locked.
async fn touch(connection: &mut Connection, mut stale: Vec<Change>) -> Result<Vec<Change>, StoreError> {
    if stale.is_empty() {
        return Ok(stale);
    }
    let ids: Vec<Uuid> = stale.iter().map(|change| change.sync_id.0).collect();
    let received: Vec<_> = stale.iter().map(|change| change.known.received_at).collect();
    let touched: Vec<Uuid> = sqlx::query_scalar!(
        "with free as (
             select s.sync_id, n.received_at
             from unnest($1::uuid[], $2::timestamptz[]) as n (sync_id, received_at)
             join polysink.syncs s on s.sync_id = n.sync_id
             for update of s skip locked
         )
         update polysink.syncs s set
             first_received_at = least(s.first_received_at, free.received_at),
             last_received_at = greatest(s.last_received_at, free.received_at)
         from free where s.sync_id = free.sync_id
         returning s.sync_id",
        &ids,
        &received,
    )
    .fetch_all(connection)
    .await?;
    stale.retain(|change| touched.contains(&change.sync_id.0));
    Ok(stale)
}

/// For each change the name of its table: the existing one, or a new one that is free.
async fn table_names(connection: &mut Connection, changes: &[Change], ids: &[Uuid]) -> Result<Vec<String>, StoreError> {
    let bases: Vec<String> =
        changes.iter().map(|change| columns::table_name(change.name.as_deref().unwrap_or_default())).collect();
    let mut owners = owners(connection, ids, &bases).await?;
    let mut names = Vec::with_capacity(changes.len());
    for (id, base) in ids.iter().zip(&bases) {
        let own = owners.iter().find(|(_, owner)| **owner == Some(*id)).map(|(name, _)| name.clone());
        let name =
            own.unwrap_or_else(|| columns::distinct(base, columns::TABLE_NAME_BYTES, |name| owners.contains_key(name)));
        owners.insert(name.clone(), Some(*id));
        names.push(name);
    }
    Ok(names)
}

/// The table names that are taken, among those that begin like one of the bases, and the names of the syncs. A name is
/// taken by a sync, or by another relation in `synced` with the name of the table or of its history.
async fn owners(
    connection: &mut Connection,
    ids: &[Uuid],
    bases: &[String],
) -> Result<HashMap<String, Option<Uuid>>, StoreError> {
    // A suffix can cut up to 21 bytes off a base, so only the rest of it is compared.
    let starts: Vec<&str> = bases.iter().map(|base| &base[..base.floor_char_boundary(32)]).collect();
    let taken = sqlx::query!(
        r#"select s.table_name as "name!", s.sync_id
           from polysink.syncs s
           where s.sync_id = any($1)
              or exists (select from unnest($2::text[]) as start where starts_with(s.table_name, start))
           union all
           select regexp_replace(o.name, '_history$', ''), null::uuid
           from (select relname::text as name from pg_catalog.pg_class where relnamespace = to_regnamespace('synced')
                 union
                 select typname::text from pg_catalog.pg_type where typnamespace = to_regnamespace('synced')) as o
           where exists (select from unnest($2::text[]) as start where starts_with(o.name, start))"#,
        ids,
        &starts as _,
    )
    .fetch_all(connection)
    .await?;
    let mut owners: HashMap<String, Option<Uuid>> = HashMap::new();
    for row in taken {
        let owner = owners.entry(row.name).or_default();
        *owner = owner.or(row.sync_id);
    }
    Ok(owners)
}

/// Gives a sync another table name that is free, and returns it.
pub async fn rename_table(
    connection: &mut Connection,
    sync_id: SyncId,
    table_name: &str,
) -> Result<String, StoreError> {
    let owners = owners(connection, &[], &[table_name.to_owned()]).await?;
    let name = columns::distinct(table_name, columns::TABLE_NAME_BYTES, |name| owners.contains_key(name));
    sqlx::query!("update polysink.syncs set table_name = $2 where sync_id = $1", sync_id.0, name)
        .execute(connection)
        .await?;
    Ok(name)
}

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
                  coalesce(c.version, 0) as "catalogue_version!"
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
    let rows = sqlx::query_as!(
        SyncRow,
        r#"select s.sync_id, s.name, s.table_name, s.identity, s.compare,
                  (select count(*) from polysink.records r where r.sync_id = s.sync_id) as "records!",
                  case when s.identity is null then 0
                       else (select count(*) from polysink.unidentified u where u.sync_id = s.sync_id)
                  end as "unidentified!",
                  coalesce((select c.uncatalogued_records from polysink.catalogues c where c.sync_id = s.sync_id), 0)
                      as "uncatalogued!",
                  (select coalesce(sum(f.misfits), 0)::bigint from polysink.fields f
                   where f.sync_id = s.sync_id and not f.hidden) as "misfits!",
                  greatest(s.last_received_at,
                           (select max(b.received_at) from polysink.backlog b where b.sync_id = s.sync_id))
                      as last_delivery,
                  (select count(*) from polysink.backlog b where b.sync_id = s.sync_id) as "waiting!",
                  (select min(b.entered_at) from polysink.backlog b where b.sync_id = s.sync_id) as waiting_since
           from polysink.syncs s
           order by last_delivery desc, s.sync_id"#
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(rows)
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
