//! Migrating databases that an earlier polysink, or an operator, has left.

use polysink::store::Store;

use crate::harness::TestDatabase;

/// The function that an earlier text of migration 4 creates; its body fails on PostgreSQL 17 and later.
const EARLIER_FUNCTION: &str = "
    drop function polysink.jsonb_error(text);
    set check_function_bodies = off;
    create function polysink.jsonb_error(\"json\" text) returns text language plpgsql as $$
    begin
        perform json::jsonb;
        return null;
    exception when others then
        return format('%s (%s)', sqlerrm, sqlstate);
    end $$";

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_earlier_texts_of_migrations_is_taken_as_it_is() {
    let db = TestDatabase::create().await;
    db.run(
        "update polysink._sqlx_migrations set checksum = decode(case version
             when 1 then 'a95fe6e44d6f6f6da41601f298c092a103ed8d719c5e094994b6df4f312d707cd459c88c1e65f9436dce114cb256b5b2'
             else 'd4ce3b32a4d585e7bfb109b29e55879d8b0afdbce8aaa3c59bbbaf1a4d033adae20b6ff30ca0f2da9d36a90dd6e2a2d9'
         end, 'hex')
         where version in (1, 4);
         delete from polysink._sqlx_migrations where version = 14",
    )
    .await;
    db.run(EARLIER_FUNCTION).await;
    let store = Store::new(db.url().parse().expect("it is a URL"), 2);
    store.migrate(polysink::app::now()).await.expect("what it made is the same");
    store.close().await;
    let works = "select concat(polysink.jsonb_error('{}'), polysink.jsonb_error('{') like '%(22P02)')";
    assert_eq!(db.text(works).await, "t", "on every version of PostgreSQL");
}
