//! What the service's database role may do, and what it can do without.

use polysink::store::Store;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnectOptions;

use crate::harness::TestDatabase;

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_make_schemas_starts_where_they_are_there() {
    let db = TestDatabase::create_empty().await;
    let role = format!("owner_{}", db.name);
    let schemas = format!(
        "create role {role} login; create schema polysink authorization {role}; create schema synced authorization {role}"
    );
    sqlx::raw_sql(AssertSqlSafe(schemas)).execute(&db.pool).await.expect("the superuser may");
    let options: PgConnectOptions = db.url().parse().expect("it is a URL");
    let store = Store::new(options.username(&role), 2);
    for _ in 0..2 {
        store.migrate(polysink::app::now()).await.expect("it owns the schemas");
        store.grant_reader().await.expect("it goes on");
        store.check().await.expect("a delivery can be stored");
    }
    store.close().await;
    let drop = format!("drop owned by {role} cascade; drop role {role}");
    sqlx::raw_sql(AssertSqlSafe(drop)).execute(&db.pool).await.expect("the superuser may");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_an_earlier_wording_of_a_migration_is_taken_as_it_is() {
    let db = TestDatabase::create().await;
    db.run(
        "update polysink._sqlx_migrations set checksum = decode(
             'a95fe6e44d6f6f6da41601f298c092a103ed8d719c5e094994b6df4f312d707cd459c88c1e65f9436dce114cb256b5b2', 'hex')
         where version = 1",
    )
    .await;
    let store = Store::new(db.url().parse().expect("it is a URL"), 2);
    store.migrate(polysink::app::now()).await.expect("what it made is the same");
    store.close().await;
}
