//! Chooses the names of the query tables.

use std::collections::HashMap;

use uuid::Uuid;

use crate::columns;
use crate::model::SyncId;
use crate::store::{Connection, StoreError};

/// For each sync the name of its table: the existing one, or a new one that is free.
///
/// * `names`: those of the syncs, in the order of `ids`
pub async fn table_names(
    connection: &mut Connection,
    names: &[Option<&str>],
    ids: &[Uuid],
) -> Result<Vec<String>, StoreError> {
    let bases: Vec<String> = names.iter().map(|name| columns::table_name(name.unwrap_or_default())).collect();
    let mut owners = owners(connection, ids, &bases).await?;
    let mut names = Vec::with_capacity(ids.len());
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
