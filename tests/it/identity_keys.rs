//! The identity: the keys that are made of it, and the index on its columns.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::doctor::doctor;
use crate::harness::{Delivery, SYNC, TestApp, TestDatabase, binary, record, run};
use crate::history::{NOW, at, send, version, with_identity};

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_identity_is_too_large_for_an_index_is_quarantined() {
    let app = with_identity().await;
    let large = record("large", json!({"id": "x".repeat(3_000), "v": "L"}));
    send(&app, &[at(&[version(1, "A"), large], 1)]).await;
    // The text makes the column text, and the tables are rebuilt: with the seed of the harness, which the ledger still
    // has.
    app.db.becomes(NOW, "0seed 1A").await;
    assert_eq!(app.db.text("select string_agg(reason, ',') from polysink.rejections").await, "key_too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn identity_names_the_mistake_in_its_fields() {
    let app = with_identity().await;
    let refused = |arguments: &[&str]| {
        let output = run(binary().env("DATABASE_URL", app.db.url()).args(arguments));
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(refused(&["identity", "set", "unknown", "id"]).contains("polysink syncs"));
    assert!(refused(&["identity", "set", SYNC, "uid"]).contains("it has: id, v"));
    assert!(refused(&["identity", "set", SYNC, "id", "id"]).contains("twice"));
    let suggested = app.works(&["identity", "suggest", SYNC]);
    assert!(!suggested.is_empty());
}

/// A sync whose entities are named by `id`, with these deliveries sent in order.
async fn with_ids(deliveries: &[&[Value]]) -> TestApp {
    let app = with_identity().await;
    for (records, second) in deliveries.iter().zip(1..) {
        app.send(&at(records, second)).await.counts();
    }
    app.db.projected().await;
    app
}

const IDS: &str = "select string_agg(concat_ws('|', _key, id, v), ' ' order by _key) from \
                   synced.customers_to_warehouse where v <> 'seed'";

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_changes_its_json_type_stays_one_entity() {
    // Numbers first: the column is a number, and strings that are exactly a number are that number.
    let app = with_ids(&[
        &[record("a1", json!({"id": 7, "v": "A"})), record("b1", json!({"id": 8, "v": "B"}))],
        &[record("a2", json!({"id": "7", "v": "C"})), record("b2", json!({"id": 8.0, "v": "D"}))],
    ])
    .await;
    // `"7"` within the first thousand values makes the column text, and its keys with it.
    let done = "select concat(column_type, ' ', (select key_columns from polysink.syncs)) from polysink.fields where \
                name = 'id'";
    app.db.becomes(done, "text {text}").await;
    app.db.projected().await;
    app.db.becomes(IDS, r#"["7"]|7|C ["8"]|8.0|D"#).await;
    assert_eq!(
        app.db
            .count(
                "select count(*) from synced.customers_to_warehouse_history where id::text like '7%' or \
                             id::text like '8%'"
            )
            .await,
        4
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn after_learning_an_id_sent_as_a_string_is_still_its_number() {
    let app = with_identity().await;
    let many: Vec<Value> = (1000..2100).map(|n| record(&format!("n{n}"), json!({"id": n, "v": "many"}))).collect();
    app.send(&at(&many, 1)).await.counts();
    let strings = [record("a1", json!({"id": "1000", "v": "A"})), record("a2", json!({"id": "01000", "v": "B"}))];
    app.send(&at(&strings, 2)).await.counts();
    app.db.projected().await;
    let rows = "select string_agg(concat_ws('|', _key, id, v, _unfit), ' ' order by _key) from \
                synced.customers_to_warehouse where v in ('A', 'B')";
    assert_eq!(app.db.text(rows).await, r#"["01000"]|B|{"id": "01000"} [1000]|1000|A"#);
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse where v = 'many'").await, 1_099);
    // An operator's type makes new keys at once, of all that is stored.
    let said = app.works(&["column", "customers_to_warehouse", "id", "--type", "numeric", "--yes"]);
    assert!(said.contains("rebuilding the tables"), "{said}");
    assert_eq!(app.db.text("select key_columns::text from polysink.syncs").await, r#"{"numeric pinned"}"#);
    assert_eq!(app.db.text(rows).await, "[1000]|1000|B");
    let versions = "select string_agg(v, ' ' order by _sent_at, _envelope_id, _position) from \
                    synced.customers_to_warehouse_history where _key = '[1000]'";
    assert_eq!(app.db.text(versions).await, "many A B");
    app.send(&at(&[record("a3", json!({"id": "1000.0", "v": "C"}))], 3)).await.counts();
    app.db.projected().await;
    app.db.becomes("select v from synced.customers_to_warehouse where _key = '[1000]'", "C").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_keys_keep_the_versions_from_before_the_raw_log() {
    let app = with_ids(&[
        &[record("a1", json!({"id": "7", "v": "A"}))],
        &[record("b1", json!({"id": "07", "v": "B"}))],
        &[record("a2", json!({"id": "7", "v": "C"}))],
        &[record("a1", json!({"id": "7", "v": "A"}))],
    ])
    .await;
    app.db.run("delete from polysink.envelopes").await;
    app.works(&["column", "customers_to_warehouse", "id", "--type", "bigint", "--yes"]);
    let versions = "select string_agg(concat(_key, v), ' ' order by _sent_at, _envelope_id, _position)
                    from synced.customers_to_warehouse_history where _key = '[7]'";
    assert_eq!(app.db.text(versions).await, "[7]A [7]B [7]C [7]A", "two entities are one, and nothing of them is lost");
}

/// The indexes that polysink made on the columns of the identity.
const INDEXES: &str = "select coalesce(string_agg(format('%s (%s)%s', c.relname, (
                           select string_agg(a.attname, ', ' order by k.place)
                           from unnest(i.indkey::smallint[]) with ordinality as k (n, place)
                           join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.n),
                           case when i.indisvalid then '' else ' invalid' end), '; ' order by c.relname), 'none')
                       from pg_index i join pg_class c on c.oid = i.indrelid
                       where i.indexrelid::regclass::text like '%polysink_identity_%'";

#[tokio::test(flavor = "multi_thread")]
async fn the_identitys_columns_have_one_index() {
    const BOTH: &str = "customers_to_warehouse (id); customers_to_warehouse_history (id)";
    let app = TestApp::spawn().await;
    let records: Vec<_> =
        (0..50).map(|n| record(&format!("h{n}"), json!({"id": n, "region": "eu", "tags": [n]}))).collect();
    app.send(&Delivery::of(&records)).await.counts();
    app.db.projected().await;
    let set = |fields: &[&str]| {
        app.works(&[&["identity", "set", "customers_to_warehouse"], fields].concat());
    };
    set(&["id"]);
    assert_eq!(app.db.text(INDEXES).await, BOTH);
    app.works(&["rebuild", "customers_to_warehouse"]);
    assert_eq!(app.db.text(INDEXES).await, BOTH);
    app.works(&["column", "customers_to_warehouse", "id", "--type", "text", "--yes"]);
    assert_eq!(app.db.text(INDEXES).await, BOTH);
    set(&["region", "id"]);
    let compound = "customers_to_warehouse (region, id); customers_to_warehouse_history (region, id)";
    assert_eq!(app.db.text(INDEXES).await, compound);
    set(&["tags"]);
    assert_eq!(app.db.text(INDEXES).await, "none", "JSON may be too long for an index");
    app.db.run("create index mine on synced.customers_to_warehouse (id, region)").await;
    set(&["id"]);
    assert_eq!(app.db.text(INDEXES).await, "customers_to_warehouse_history (id)", "an operator's index serves as well");
    app.works(&["identity", "clear", "customers_to_warehouse"]);
    assert_eq!(app.db.text(INDEXES).await, "none");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_missing_or_was_interrupted_is_made_by_the_service() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    app.works(&["identity", "set", "customers_to_warehouse", "id"]);
    app.db
        .run(
            "do $$ declare i regclass; begin
                 for i in select indexrelid from pg_index
                 where indexrelid::regclass::text like '%polysink_identity_%' loop
                     if (select indrelid = 'synced.customers_to_warehouse'::regclass from pg_index
                     where indexrelid = i) then
                         update pg_index set indisvalid = false where indexrelid = i;
                     else
                         execute format('drop index %s', i);
                     end if;
                 end loop;
             end $$",
        )
        .await;
    assert_eq!(app.db.text(INDEXES).await, "customers_to_warehouse (id) invalid");
    let other = app.replica().await; // it looks at once
    Delivery::of(&[record("b", json!({"id": 2}))])
        .post(&app.http, &format!("{}/webhooks/polytomic", other.base()))
        .await
        .counts();
    app.db.becomes(INDEXES, "customers_to_warehouse (id); customers_to_warehouse_history (id)").await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse where id = 2").await, 1);
}

/// A session with a snapshot, once an index would have waited for it in vain.
async fn long_report(app: &TestApp, sql: &'static str) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut report = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("set transaction isolation level repeatable read; set local application_name = 'a report'")
        .execute(&mut *report)
        .await
        .expect("it may");
    sqlx::raw_sql(sql).execute(&mut *report).await.expect("the report is good");
    let old =
        "select count(*) from pg_stat_activity where application_name = 'a report' and datname = current_database()
                   and xact_start < clock_timestamp() - interval '11 s'";
    app.db.until(old, |reports: i64| reports == 1).await;
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_cannot_be_built_is_said() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    let report = long_report(&app, "select 1").await;
    let said = app.works(&["identity", "set", "customers_to_warehouse", "id"]);
    assert!(
        said.contains("The identity has no index yet") && said.contains("(a report), in a transaction since"),
        "{said}"
    );
    assert_eq!(app.db.text(INDEXES).await, "none", "and none was built to be thrown away");
    assert_eq!(doctor(&app)["identity-indexes"]["level"], "warn");
    report.rollback().await.expect("the database is there");
    let said = app.works(&["rebuild", "customers_to_warehouse"]);
    assert!(!said.contains("no index"), "{said}");
    assert_eq!(app.db.text(INDEXES).await, "customers_to_warehouse (id); customers_to_warehouse_history (id)");
    assert_eq!(doctor(&app)["identity-indexes"]["level"], "ok");
}

/// The service's own transactions keep no snapshot, whatever the database's default is.
#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_built_under_every_default_isolation() {
    for isolation in ["repeatable read", "serializable"] {
        let db = TestDatabase::create().await;
        let sql = format!(
            "do $$ begin execute format('alter database %I set default_transaction_isolation = %L', \
             current_database(), '{isolation}'); end $$"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&db.pool).await.expect("it may");
        let app = TestApp::spawn_on(db, &[]).await;
        app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
        app.db.projected().await;
        let said = app.works(&["identity", "set", "customers_to_warehouse", "id"]);
        assert!(!said.contains("no index"), "{isolation}: {said}");
        assert_eq!(app.db.text(INDEXES).await, "customers_to_warehouse (id); customers_to_warehouse_history (id)");
    }
}

/// A row that only the index of the identity before does not take waits until that is gone.
#[tokio::test(flavor = "multi_thread")]
async fn the_index_of_an_earlier_identity_refuses_no_row() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1, "name": "Ada"}))])).await.counts();
    app.db.projected().await;
    app.works(&["identity", "set", "customers_to_warehouse", "name"]);
    let report =
        long_report(&app, "select from synced.customers_to_warehouse, synced.customers_to_warehouse_history").await;
    app.works(&["identity", "set", "customers_to_warehouse", "id"]);
    assert!(app.db.text(INDEXES).await.contains("customers_to_warehouse (name)"), "the report keeps it");
    // Random, so that it cannot be compressed.
    let mut random = StdRng::seed_from_u64(36);
    let long: String = (0..20_000).map(|_| char::from(random.random_range(b'!'..=b'~'))).collect();
    app.send(&Delivery::of(&[record("b", json!({"id": 2, "name": long}))])).await.counts();
    app.metrics_until(|metrics| {
        metrics.get("polysink_projection_failures_total", &[]).is_some_and(|failures| failures > 0)
    })
    .await;
    assert_eq!(app.db.count("select count(*) from polysink.backlog").await, 1);
    report.rollback().await.expect("the database is there");
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from polysink.rejections").await, 0);
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse where length(name) = 20000").await, 1);
    app.works(&["rebuild", "customers_to_warehouse"]);
    assert_eq!(app.db.text(INDEXES).await, "customers_to_warehouse (id); customers_to_warehouse_history (id)");
}
