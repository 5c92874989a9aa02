//! Databases of earlier releases, as `script/keep-release` has kept them, under the present version.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;

use crate::doctor::doctor;
use crate::documents::{path, read};
use crate::harness::{Delivery, TestApp, TestDatabase, record};

/// The folders of the releases that were kept.
fn releases() -> Vec<PathBuf> {
    let all = std::fs::read_dir(path("tests/releases")).expect("it is there");
    let mut folders: Vec<PathBuf> =
        all.map(|entry| entry.expect("it can be read").path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty(), "no release was kept");
    folders
}

fn text(folder: &std::path::Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{}/{name}: {error}", folder.display()))
}

/// A database as the release left it.
async fn restored(folder: &std::path::Path) -> TestDatabase {
    let db = TestDatabase::create_empty().await;
    let mut connection = db.pool.acquire().await.expect("it takes connections");
    let mut dump = text(folder, "dump.sql");
    if !db.has_lz4().await {
        // As a person would who restores it there.
        dump = dump.lines().filter(|line| !line.ends_with(" SET COMPRESSION lz4;")).collect::<Vec<_>>().join("\n");
    }
    sqlx::raw_sql(AssertSqlSafe(dump)).execute(&mut *connection).await.expect("the dump is good");
    // The dump has set what its statements depend on.
    connection.close().await.expect("it is open");
    db
}

/// Everything that a reader sees of the syncs, and what the ledger has.
const SEEN: &str = "
    select jsonb_pretty(jsonb_build_object(
        'customers', (select jsonb_agg(to_jsonb(t) - array['_deleted_at'] order by _key) from synced.customers t),
        'history', (select jsonb_agg(to_jsonb(t) order by _key, _valid_from) from synced.customers_history t),
        'renamed', (select jsonb_agg(to_jsonb(t) - array['_deleted_at'] order by _key) from synced.renamed t),
        'samples', (select jsonb_build_array(count(*), sum(seats)) from synced.sample_customers),
        'records', (select jsonb_build_array(count(*), sum(times_received)) from polysink.records),
        'envelopes', (select jsonb_agg(md5(body) order by received_at, envelope_id) from polysink.envelopes),
        'rejections', (select jsonb_agg(jsonb_build_array(reason, detail, md5(payload)) order by received_at, reason)
                       from polysink.rejections)))";

/// Tables, columns, constraints, indexes, views and functions of schema polysink, without the days of the raw log.
const SCHEMA: &str = "
    select jsonb_object_agg(name, definition)::text from (
        select concat_ws(' ', 'column', table_name, column_name) as name,
               concat_ws(' ', data_type, is_nullable, column_default) as definition
        from information_schema.columns where table_schema = 'polysink'
        union all
        select concat_ws(' ', 'constraint', conrelid::regclass, conname), pg_get_constraintdef(oid)
        from pg_constraint where connamespace = 'polysink'::regnamespace and contype <> 'n'
        union all
        select concat_ws(' ', 'index', tablename, indexname), indexdef from pg_indexes where schemaname = 'polysink'
        union all
        select concat('view ', viewname), definition from pg_views where schemaname = 'polysink'
        union all
        select concat('function ', oid::regprocedure), md5(prosrc)
        from pg_proc where pronamespace = 'polysink'::regnamespace
    ) as objects where name !~ '_[0-9]{8}'";

async fn schema(db: &TestDatabase) -> BTreeMap<String, String> {
    serde_json::from_str(&db.text(SCHEMA).await).expect("it is JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_release_is_migrated_with_its_data_to_the_schema_of_a_new_database() {
    for folder in releases() {
        let db = restored(&folder).await;
        let before = db.text(SEEN).await;
        assert!(before.contains("team") && before.contains("9007199254740993"), "{before}");
        // Nothing is removed for its age, whenever this runs.
        let app = TestApp::spawn_on(db, &[("POLYSINK_RETENTION", "0")]).await;
        let shown = folder.display();
        assert_eq!(app.db.text(SEEN).await, before, "{shown}");
        let (migrated, new) = (schema(&app.db).await, schema(&TestDatabase::create().await).await);
        let differs = |(name, definition): &(&String, &String)| new.get(*name) != Some(definition);
        assert_eq!(migrated.iter().filter(differs).collect::<Vec<_>>(), [], "{shown}");
        assert_eq!(new.keys().filter(|name| !migrated.contains_key(*name)).collect::<Vec<_>>(), [""; 0], "{shown}");
        // It goes on: a record that it knows, a new version, a new entity.
        let customers =
            |records: &[Value]| Delivery::of_sync("6c0d6d2e-2f9b-4b9e-9a0e-000000000001", "Customers", records);
        let known = record("a2", json!({"id": 1, "plan": "team", "since": "soon", "mrr": 2}));
        let records = [known, record("b2", json!({"id": 2, "plan": "free"})), record("d1", json!({"id": 3}))];
        assert_eq!(app.send(&customers(&records)).await.counts(), [3, 2, 1, 0]);
        app.db.projected().await;
        let rows = "select string_agg(concat_ws(' ', id, plan), ', ' order by id) from synced.customers";
        assert_eq!(app.db.text(rows).await, "1 team, 2 free, 3");
        app.works(&["rebuild", "customers"]);
        assert_eq!(app.db.text(rows).await, "1 team, 2 free, 3");
        // The tests' server has fsync off.
        let is_bad = |finding: &Value| finding["level"] == "fail" && finding["check"] != "durability";
        let failed: Vec<_> = doctor(&app).into_values().filter(is_bad).collect();
        assert_eq!(failed, [Value::Null; 0], "{shown}");
    }
}

/// What an earlier replica asks while a later one has migrated the database.
#[tokio::test(flavor = "multi_thread")]
async fn the_statements_of_each_release_mean_the_same_on_the_present_schema() {
    let db = TestDatabase::create().await;
    for folder in releases() {
        let statements: Vec<Value> =
            serde_json::from_str(&text(&folder, "statements.json")).expect("it is a list of statements");
        assert!(statements.len() > 100, "{}", statements.len());
        let mut connection = db.pool.acquire().await.expect("it takes connections");
        for statement in statements {
            let query = statement["query"].as_str().expect("it is text");
            let prepare = format!("set search_path = polysink, pg_catalog; deallocate all; prepare kept as {query}");
            let prepared = sqlx::raw_sql(AssertSqlSafe(prepare)).execute(&mut *connection).await;
            prepared.unwrap_or_else(|error| panic!("{}: {error}: {query}", folder.display()));
            let parameters: Vec<String> =
                sqlx::query_scalar("select parameter_types::text[] from pg_prepared_statements where name = 'kept'")
                    .persistent(false)
                    .fetch_one(&mut *connection)
                    .await
                    .expect("it was prepared");
            assert_eq!(json!(parameters), statement["parameters"], "{}: {query}", folder.display());
        }
        connection.close().await.expect("it is open");
    }
}

#[test]
fn migrations_that_were_released_stay_as_they_are() {
    let mut released = BTreeMap::new();
    for line in read("tests/releases/migrations.sha256").lines() {
        let (digest, name) = line.split_once("  ").expect("it is a line of sha256sum");
        let found = format!("{:x}", Sha256::digest(read(&format!("migrations/{name}")).as_bytes()));
        assert_eq!(found, digest, "{name} was released: databases that have it would refuse to start; add a migration");
        released.insert(name.to_owned(), digest.to_owned());
    }
    let last = released.keys().next_back().expect("there are some").clone();
    for file in std::fs::read_dir(path("migrations")).expect("it is there") {
        let name = file.expect("it can be read").file_name().into_string().expect("it is text");
        assert!(released.contains_key(&name) || name > last, "{name} comes before {last}, which was released");
    }
}
