//! The role `polysink_reader`, which can read schema `synced`, and of schema `polysink` how fresh each sync is.

use super::tx::savepoint;
use super::{Connection, ErrorKind, Store, StoreError, migrations, wait_for_lock};

/// How often a grant is tried.
const TRIES: u32 = 5;

/// Creates the role if it is missing, and grants it read access to the query tables, present and future.
///
/// Grants only what it does not have: a grant waits for a session that alters the table, and fails once it has.
///
/// Returns the missing privilege if the service's role cannot do that; the service works without.
pub async fn grant_read_access(store: &Store) -> Result<Option<String>, StoreError> {
    let mut session = store.begin().await?;
    wait_for_lock(&mut session, migrations::LOCK).await?;
    for (what, sql) in [
        (
            "create the role polysink_reader",
            "do $$ begin
                 if not exists (select from pg_catalog.pg_roles where rolname = 'polysink_reader') then
                     create role polysink_reader nologin;
                 end if;
             exception when duplicate_object or unique_violation then null; -- another database's service was faster
             end $$",
        ),
        (
            "grant polysink_reader the schema synced",
            "do $$
             declare
                 own regclass;
             begin
                 if not has_schema_privilege('polysink_reader', 'synced', 'usage') then
                     grant usage on schema synced to polysink_reader;
                 end if;
                 for own in
                     select oid from pg_catalog.pg_class
                     where relnamespace = 'synced'::regnamespace and relkind in ('r', 'p')
                       and relowner = (select oid from pg_catalog.pg_roles where rolname = current_user)
                       and not has_table_privilege('polysink_reader', oid, 'select')
                 loop
                     execute format('grant select on %s to polysink_reader', own);
                 end loop;
                 if not has_schema_privilege('polysink_reader', 'polysink', 'usage') then
                     grant usage on schema polysink to polysink_reader;
                 end if;
                 if exists (
                     select from unnest(array['sync_id', 'name', 'table_name', 'last_received_at']) as c (name)
                     where not has_column_privilege('polysink_reader', 'polysink.syncs', c.name, 'select')
                 ) then
                     grant select (sync_id, name, table_name, last_received_at) on polysink.syncs to polysink_reader;
                 end if;
                 if not has_table_privilege('polysink_reader', 'polysink.run_status', 'select')
                     or not has_table_privilege('polysink_reader', 'polysink.next_runs', 'select') then
                     grant select on polysink.run_status, polysink.next_runs to polysink_reader;
                 end if;
                 if not exists (
                     select from pg_catalog.pg_default_acl d, aclexplode(d.defaclacl) a
                     where d.defaclnamespace = 'synced'::regnamespace and d.defaclobjtype = 'r'
                       and d.defaclrole = (select oid from pg_catalog.pg_roles where rolname = current_user)
                       and a.grantee = 'polysink_reader'::regrole and a.privilege_type = 'SELECT'
                 ) then
                     alter default privileges in schema synced grant select on tables to polysink_reader;
                 end if;
             end $$",
        ),
    ] {
        if let Some(refusal) = grant(&mut session, sql).await? {
            session.commit().await?;
            return Ok(Some(format!("the service's database role cannot {what}: {refusal}")));
        }
    }
    session.commit().await?;
    Ok(None)
}

/// Runs a grant, again if it collides with another session's change. Returns why the role cannot do it, and undoes it
/// then.
async fn grant(connection: &mut Connection, sql: &'static str) -> Result<Option<StoreError>, StoreError> {
    let mut tries = 0;
    loop {
        savepoint::mark(connection).await?;
        let granted = sqlx::raw_sql(sql).execute(&mut *connection).await.map_err(StoreError::Sql);
        let Err(error) = granted else {
            savepoint::keep(connection).await?;
            return Ok(None);
        };
        tries += 1;
        if error.is_refusal() {
            savepoint::undo(connection).await?;
            return Ok(Some(error));
        }
        if error.kind() != ErrorKind::TryAgain || tries == TRIES {
            return Err(error);
        }
        savepoint::undo(connection).await?;
    }
}
