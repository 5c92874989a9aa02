//! The role `polysink_reader`, which can read schema `synced`, and of schema `polysink` how fresh each sync is.

use sqlx::AssertSqlSafe;

use super::tx::savepoint;
use super::{Store, StoreError, migrations};

impl Store {
    /// Creates the role if it is missing, and grants it read access to the query tables, present and future.
    ///
    /// Returns the missing privilege if the service's role cannot do that; the service works without.
    pub async fn grant_reader(&self) -> Result<Option<String>, StoreError> {
        let mut session = self.begin().await?;
        sqlx::query!("select pg_advisory_xact_lock($1)", migrations::LOCK).execute(&mut *session).await?;
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
                     grant usage on schema synced to polysink_reader;
                     for own in
                         select oid from pg_catalog.pg_class
                         where relnamespace = 'synced'::regnamespace and relkind in ('r', 'p')
                           and relowner = (select oid from pg_catalog.pg_roles where rolname = current_user)
                     loop
                         execute format('grant select on %s to polysink_reader', own);
                     end loop;
                     grant usage on schema polysink to polysink_reader;
                     grant select (sync_id, name, table_name, last_received_at) on polysink.syncs to polysink_reader;
                     alter default privileges in schema synced grant select on tables to polysink_reader;
                 end $$",
            ),
        ] {
            savepoint::mark(&mut session).await?;
            match sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *session).await.map_err(StoreError::Sql) {
                Ok(_) => savepoint::keep(&mut session).await?,
                Err(error) if error.is_refusal() => {
                    savepoint::undo(&mut session).await?;
                    session.commit().await?;
                    return Ok(Some(format!("the service's database role cannot {what}: {error}")));
                }
                Err(error) => return Err(error),
            }
        }
        session.commit().await?;
        Ok(None)
    }
}
