//! The index on the columns of a sync's identity, so that `where id = 42` reads one row.
//!
//! Built and dropped concurrently: readers and writers continue. Behind a transaction pooler it is built in a
//! transaction, and this sync's projection waits. The callers hold the sync's rebuild lock.

use std::collections::HashSet;

use uuid::Uuid;

use crate::model::SyncId;
use crate::query_tables::{Ident, QueryTables, Relation, execute};
use crate::store::tables::{fields, syncs};
use crate::store::{Connection, Session, Store, StoreError};

/// Indexes with this prefix are polysink's; the rest of the name is random, because names are unique in a schema.
pub(in crate::query_tables) const PREFIX: &str = "polysink_identity_";

/// How long to wait for older transactions that use the table. New columns wait behind an index that waits.
const LOCK_SECONDS: u32 = 10;

/// Time for building the index of one table.
const BUILD_SECONDS: u64 = 6 * 3_600;

/// An index of a query table.
#[derive(Debug, sqlx::FromRow)]
struct Index {
    name: String,
    /// Whether queries use it: a build that was interrupted leaves one that they do not.
    is_valid: bool,
    /// Whether it is a btree on columns, over all rows.
    is_plain: bool,
    /// The columns of its key; empty names stand for expressions.
    columns: Vec<String>,
}

impl Index {
    fn is_own(&self) -> bool {
        self.name.starts_with(PREFIX)
    }

    /// Whether it finds rows by these columns.
    fn finds(&self, columns: &[String]) -> bool {
        let leading = self.columns.iter().take(columns.len());
        self.is_valid
            && self.is_plain
            && self.columns.len() >= columns.len()
            && leading.collect::<HashSet<_>>() == columns.iter().collect()
    }
}

/// The changes to a table's indexes.
#[derive(Debug, PartialEq, Eq)]
struct IndexChange {
    /// Names of polysink's that are not needed.
    drop: Vec<String>,
    create: bool,
}

/// `None` if they are as they should be.
///
/// * `columns`: of the identity; empty if it needs no index
fn change(indexes: &[Index], columns: &[String]) -> Option<IndexChange> {
    let good = |index: &&Index| !columns.is_empty() && index.finds(columns);
    let others = indexes.iter().filter(|index| !index.is_own());
    let own = indexes.iter().filter(|index| index.is_own() && index.columns.len() == columns.len());
    let kept = others.chain(own).find(good).map(|index| &index.name);
    let surplus = indexes.iter().filter(|index| index.is_own() && Some(&index.name) != kept);
    let change = IndexChange {
        drop: surplus.map(|index| index.name.clone()).collect(),
        create: kept.is_none() && !columns.is_empty(),
    };
    (change.create || !change.drop.is_empty()).then_some(change)
}

/// Gives both query tables of a sync one index on the columns of its identity, unless an operator's index begins with
/// them, and drops those of earlier identities. A column of jsonb gets none: its values may be too long for an index.
pub async fn build(store: &Store, sync_id: SyncId) -> Result<(), StoreError> {
    let Some((tables, columns)) = to_index(store, sync_id).await? else { return Ok(()) };
    index_columns(store, &tables, &columns).await
}

/// Whether [`build`] has something to do. Takes no lock.
pub async fn is_due(store: &Store, sync_id: SyncId) -> Result<bool, StoreError> {
    let Some((tables, columns)) = to_index(store, sync_id).await? else { return Ok(false) };
    Ok(!index_changes(store, &tables, &columns).await?.is_empty())
}

/// The tables of a sync, and the columns to index.
async fn to_index(store: &Store, sync_id: SyncId) -> Result<Option<(QueryTables, Vec<String>)>, StoreError> {
    let Some(sync) = syncs::find(store, sync_id).await? else { return Ok(None) };
    let columns = match &sync.identity {
        Some(identity) => fields::catalogue(store, sync_id).await?.index_columns(identity),
        None => Vec::new(),
    };
    Ok(Some((QueryTables::synced(&sync.table_name), columns)))
}

/// Drops the index of the identity: a value of a field that is no longer part of it may be too long for an index.
pub async fn drop_all(store: &Store, tables: &QueryTables) -> Result<(), StoreError> {
    index_columns(store, tables, &[]).await
}

/// The due change, and its table.
async fn index_changes<'t>(
    store: &Store,
    tables: &'t QueryTables,
    columns: &[String],
) -> Result<Vec<(&'t Relation, IndexChange)>, StoreError> {
    let mut session = store.begin().await?;
    let mut changes = Vec::new();
    for (_, relation) in tables.existing(&mut session).await? {
        let indexes = indexes_of(&mut session, relation).await?;
        changes.extend(change(&indexes, columns).map(|change| (relation, change)));
    }
    session.commit().await?;
    Ok(changes)
}

async fn index_columns(store: &Store, tables: &QueryTables, columns: &[String]) -> Result<(), StoreError> {
    let changes = index_changes(store, tables, columns).await?;
    // It would be built, wait, and be thrown away.
    let waits = if changes.iter().any(|(_, change)| change.create) { old_snapshots(store).await? } else { Vec::new() };
    for (relation, mut change) in changes {
        change.create &= waits.is_empty();
        if !change.create && change.drop.is_empty() {
            continue;
        }
        let mut session = store.begin_outside(LOCK_SECONDS.into(), BUILD_SECONDS).await?;
        let done = change_indexes(&mut session, relation, &change, columns).await;
        session.end_outside(done).await?;
    }
    if waits.is_empty() { Ok(()) } else { Err(StoreError::OldSnapshot(waits.join(", "))) }
}

/// The sessions, in words, that an index waits for until they end: those that have had a snapshot of this database for
/// as long as the index would wait. Without the right to see what others do, none.
async fn old_snapshots(store: &Store) -> Result<Vec<String>, StoreError> {
    if !store.keeps_sessions() {
        return Ok(Vec::new()); // it is not built concurrently
    }
    let mut session = store.begin().await?;
    let old = sqlx::query_scalar!(
        r#"select format('process %s of %s (%s), in a transaction since %s', pid, usename, application_name,
                         to_char(xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"')) as "what!"
           from pg_catalog.pg_stat_activity
           where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
             and backend_xmin is not null and xact_start < clock_timestamp() - make_interval(secs => $1)
           order by xact_start"#,
        f64::from(LOCK_SECONDS),
    )
    .fetch_all(&mut *session)
    .await?;
    session.commit().await?;
    Ok(old)
}

impl QueryTables {
    /// An index of polysink's that is not the identity's any more. It may refuse values that the identity does not
    /// have.
    pub async fn old_index(
        &self,
        connection: &mut Connection,
        columns: &[String],
    ) -> Result<Option<StoreError>, StoreError> {
        for (_, relation) in self.existing(connection).await? {
            let indexes = indexes_of(connection, relation).await?;
            let is_old = |index: &&Index| {
                index.is_own() && index.columns.iter().collect::<HashSet<_>>() != columns.iter().collect()
            };
            if let Some(index) = indexes.iter().find(is_old) {
                return Ok(Some(StoreError::OldIndex(relation.to_string(), index.name.clone())));
            }
        }
        Ok(None)
    }
}

async fn change_indexes(
    session: &mut Session,
    relation: &Relation,
    change: &IndexChange,
    columns: &[String],
) -> Result<(), StoreError> {
    let concurrently = session.concurrently();
    for name in &change.drop {
        execute(session, drop_index(relation, name, concurrently)).await?;
    }
    if change.create {
        let (random, ..) = Uuid::new_v4().as_fields();
        let name = format!("{PREFIX}{random:08x}");
        if let Err(error) = execute(session, create_index(relation, &name, columns, concurrently)).await {
            // An invalid index would slow down writes. If that fails too, the next build drops it.
            if !concurrently.is_empty() {
                let _ = execute(session, drop_index(relation, &name, concurrently)).await;
            }
            return Err(error);
        }
    }
    Ok(())
}

/// * `concurrently`: see [`Session::concurrently`]
fn create_index(relation: &Relation, name: &str, columns: &[String], concurrently: &str) -> String {
    let columns: Vec<String> = columns.iter().map(|column| Ident(column).to_string()).collect();
    format!("create index {concurrently} {} on {relation} ({})", Ident(name), columns.join(", "))
}

/// * `concurrently`: see [`Session::concurrently`]
fn drop_index(relation: &Relation, name: &str, concurrently: &str) -> String {
    format!("drop index {concurrently} if exists {}.{}", Ident(relation.schema), Ident(name))
}

async fn indexes_of(connection: &mut Connection, relation: &Relation) -> Result<Vec<Index>, StoreError> {
    let indexes = sqlx::query_as(
        "select c.relname::text as name, i.indisvalid as is_valid,
                m.amname = 'btree' and i.indpred is null as is_plain,
                array(select coalesce(a.attname::text, '')
                      from unnest(i.indkey::smallint[]) with ordinality as k (n, place)
                      left join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.n
                      where k.place <= i.indnkeyatts
                      order by k.place) as columns
         from pg_catalog.pg_index i
         join pg_catalog.pg_class c on c.oid = i.indexrelid
         join pg_catalog.pg_am m on m.oid = c.relam
         where i.indrelid = to_regclass($1)
         order by c.relname",
    )
    .bind(relation.to_string())
    .fetch_all(connection)
    .await?;
    Ok(indexes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(name: &str, columns: &[&str]) -> Index {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        Index { name: name.to_owned(), is_valid: true, is_plain: true, columns }
    }

    fn of(indexes: &[Index], columns: &[&str]) -> (Vec<String>, bool) {
        let columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
        change(indexes, &columns).map_or((Vec::new(), false), |change| (change.drop, change.create))
    }

    fn own(columns: &[&str]) -> Index {
        index("polysink_identity_1", columns)
    }

    #[test]
    fn one_index_on_the_identity_is_kept() {
        let gone = || vec!["polysink_identity_1".to_owned()];
        assert_eq!(of(&[], &["id"]), (vec![], true));
        assert_eq!(of(&[own(&["id"])], &["id"]), (vec![], false));
        assert_eq!(of(&[own(&["id"])], &["email"]), (gone(), true));
        assert_eq!(of(&[own(&["id"])], &[]), (gone(), false));
        assert_eq!(of(&[Index { is_valid: false, ..own(&["id"]) }], &["id"]), (gone(), true));
        assert_eq!(of(&[own(&["id", "region"])], &["id"]), (gone(), true));
    }

    #[test]
    fn an_operators_index_counts_if_it_begins_with_the_identity() {
        let theirs = |columns: &[&str]| index("by_region", columns);
        assert_eq!(of(&[theirs(&["region", "id", "plan"])], &["id", "region"]), (vec![], false));
        assert_eq!(of(&[theirs(&["plan", "id"])], &["id"]), (vec![], true));
        assert_eq!(of(&[Index { is_plain: false, ..theirs(&["id"]) }], &["id"]), (vec![], true));
        assert_eq!(of(&[theirs(&["id"]), own(&["id"])], &["id"]), (vec!["polysink_identity_1".to_owned()], false));
    }
}
