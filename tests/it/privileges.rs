//! What the service's database role may do, and what it can do without.

use polysink::store::Store;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnectOptions;

use crate::harness::{Delivery, TestApp, TestDatabase, binary};
use polysink::store::migrations;
use polysink::store::reader_role;

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_create_schemas_starts_if_they_exist() {
    let db = TestDatabase::create_empty().await;
    let role = format!("owner_{}", db.name);
    let schemas = format!(
        "create role {role} login; create schema polysink authorization {role}; create schema synced authorization \
         {role}"
    );
    sqlx::raw_sql(AssertSqlSafe(schemas)).execute(&db.pool).await.expect("the superuser may");
    let options: PgConnectOptions = db.url().parse().expect("it is a URL");
    let store = Store::new(options.username(&role), 2);
    for _ in 0..2 {
        migrations::migrate(&store, polysink::app::now()).await.expect("it owns the schemas");
        reader_role::grant_read_access(&store).await.expect("it goes on");
        store.check().await.expect("a delivery can be stored");
    }
    store.close().await;
    let drop = format!("drop owned by {role} cascade; drop role {role}");
    sqlx::raw_sql(AssertSqlSafe(drop)).execute(&db.pool).await.expect("the superuser may");
}

/// A grant on a table that another session alters waits, and fails when that session commits.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_starts_while_a_query_table_is_altered() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::documented()).await.counts();
    app.db.projected().await;
    let alter = "alter table synced.webhook_http_endpoint_sync set (fillfactor = 90)";
    let readable = "select has_table_privilege('polysink_reader', 'synced.webhook_http_endpoint_sync', 'select')::text";
    // Granted before, so there is nothing to wait for.
    let mut other = app.db.pool.begin().await.expect("the database is there");
    sqlx::query(alter).execute(&mut *other).await.expect("the table is there");
    app.works(&["migrate"]);
    // Taken away meanwhile: granted again, after the other session's change.
    sqlx::query("revoke select on synced.webhook_http_endpoint_sync from polysink_reader")
        .execute(&mut *other)
        .await
        .expect("the table is there");
    other.commit().await.expect("it commits");
    assert_eq!(app.db.text(readable).await, "false");
    let mut other = app.db.pool.begin().await.expect("the database is there");
    sqlx::query(alter).execute(&mut *other).await.expect("the table is there");
    let mut migrate = tokio::process::Command::from(binary());
    let migrate = migrate.arg("migrate").env("DATABASE_URL", app.db.url()).output();
    let altered = async {
        app.db.blocked().await;
        other.commit().await.expect("it commits");
    };
    let (migrated, ()) = tokio::join!(migrate, altered);
    let migrated = migrated.expect("the binary can be run");
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    assert_eq!(app.db.text(readable).await, "true");
}
