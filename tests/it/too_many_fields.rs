//! Records with more fields, or longer names, than a sync's catalogue takes.

use serde_json::{Value, json};

use crate::harness::{Delivery, TestApp, record};

const FIELDS: &str = "select count(*) from polysink.fields";

/// A record with this many fields `f00000`, `f00001`… beside its id.
fn wide(hash: &str, id: u64, fields: usize) -> Value {
    let fields = (0..fields).map(|n| (format!("f{n:05}"), json!(n)));
    record(hash, Value::Object(fields.chain([("id".to_owned(), json!(id))]).collect()))
}

async fn send(app: &TestApp, records: &[Value]) {
    assert_eq!(app.send(&Delivery::of(records)).await.counts()[3], 0);
    app.db.projected().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_with_a_hundred_thousand_names_does_not_spoil_its_sync() {
    let app = TestApp::spawn().await;
    send(&app, &[record("a", json!({"id": 1}))]).await;
    send(&app, &[wide("b", 2, 100_000)]).await;
    assert_eq!(app.db.count(FIELDS).await, 2_000);
    let values = "select (to_jsonb(t)->>'f00000') || ' ' || (_unfit->>'f01500') || ' ' || (_unfit->>'f99999')
                  from synced.customers_to_warehouse t where id = 2";
    assert_eq!(app.db.text(values).await, "0 1500 99999", "each value is found by its field's name");

    send(&app, &[record("c", json!({"id": 3, "f99999": "uncatalogued", "f00001": 7}))]).await;
    let row = "select (to_jsonb(t)->>'f00001') || ' ' || (_unfit->>'f99999') from synced.customers_to_warehouse t \
               where id = 3";
    assert_eq!(app.db.text(row).await, "7 uncatalogued");
    assert_eq!(app.db.count(FIELDS).await, 2_000);

    let counted = "select format('%s %s', uncatalogued_records, uncatalogued_field) from polysink.catalogues";
    assert!(app.db.text(counted).await.starts_with("2 f"), "{}", app.db.text(counted).await);
    let said = app.works(&["column", "customers_to_warehouse"]);
    assert!(said.contains("\n2 records have fields that are not listed, such as \"f"), "{said}");
    let syncs: Value = serde_json::from_str(&app.works(&["syncs", "--json"])).expect("it is JSON");
    assert_eq!(syncs[0]["uncatalogued_records"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_keeps_fields_that_have_no_column() {
    let app = TestApp::spawn().await;
    send(&app, &[wide("a", 1, 3_000), wide("b", 2, 2_500)]).await;
    app.works(&["identity", "set", "customers_to_warehouse", "f00007"]);
    let rows = "select string_agg((_unfit->>'f02400') || ' ' || coalesce(_unfit->>'f02900', 'none'), ', ')
                from synced.customers_to_warehouse";
    assert_eq!(app.db.text(rows).await, "2400 none", "both have f7, so one row is left: that of the later record");
    assert_eq!(app.db.count(FIELDS).await, 2_000);
    assert_eq!(app.db.count("select uncatalogued_records from polysink.catalogues").await, 2, "each is counted once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_longer_than_an_index_takes_stays_in_unfit() {
    let app = TestApp::spawn().await;
    // Letters without a pattern: nothing that could be compressed.
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut letter = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + u8::try_from((seed >> 33) % 26).expect("it is below 26"))
    };
    let name: String = (0..10_000).map(|_| letter()).collect();
    send(&app, &[record("a", json!({"id": 1, name.as_str(): "kept"}))]).await;
    assert_eq!(app.db.text("select value from synced.customers_to_warehouse, jsonb_each_text(_unfit)").await, "kept");
    assert_eq!(app.db.count("select count(*) from polysink.rejections").await, 0);
    send(&app, &[record("b", json!({"id": 2}))]).await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_sees_a_change_of_the_catalogue_at_once() {
    let app = TestApp::spawn().await;
    let other = app.replica().await;
    send(&app, &[record("a", json!({"id": 1, "v": "x"}))]).await;
    app.works(&["column", "customers_to_warehouse", "v", "--name", "w"]);
    send(&app, &[record("b", json!({"id": 2, "v": "y", "new": true}))]).await;
    let delivery = Delivery::of(&[record("c", json!({"id": 3, "v": "z", "new": false}))]);
    delivery.post(&app.http, &format!("{}/webhooks/polytomic", other.base())).await.counts();
    app.db.projected().await;
    let rows = "select string_agg(concat_ws(' ', id, w, new), ', ' order by id) from synced.customers_to_warehouse";
    assert_eq!(app.db.text(rows).await, "1 x, 2 y t, 3 z f");
    assert_eq!(app.db.count("select count(*) from polysink.fields").await, 3);
}

/// How many columns for fields the query table has.
const COLUMNS: &str = "select count(*) from pg_attribute where attrelid = 'synced.customers_to_warehouse'::regclass
                       and attnum > 0 and not attisdropped and attname !~ '^_'";

#[tokio::test(flavor = "multi_thread")]
async fn a_field_of_the_identity_has_a_column_past_the_limit() {
    let app = TestApp::spawn().await;
    let customer = |hash: &str, id: u64, value: &str| {
        let fields = (0..449).map(|n| (format!("f{n:03}"), json!(value.repeat(30))));
        record(hash, Value::Object(fields.chain([("id".to_owned(), json!(id))]).collect()))
    };
    send(&app, &[customer("a", 1, "x"), customer("b", 2, "x")]).await;
    let suggested = app.works(&["identity", "suggest", "customers_to_warehouse"]);
    let best = suggested.lines().nth(1).expect("there is a best one");
    assert!(best.starts_with("id ") && best.contains("bigint"), "{suggested}");

    app.works(&["identity", "set", "customers_to_warehouse", "id"]);
    assert_eq!(app.db.count(COLUMNS).await, 401);
    let rows = "select string_agg(id::text || ' ' || _key, ', ' order by id) from synced.customers_to_warehouse";
    assert_eq!(app.db.text(rows).await, "1 [1], 2 [2]", "though the rows are too wide for a page");
    send(&app, &[customer("c", 1, "y")]).await;
    let row = "select concat(id, ' ', left(f000, 1), ' ', (select count(*) from synced.customers_to_warehouse_history))
               from synced.customers_to_warehouse where id = 1";
    assert_eq!(app.db.text(row).await, "1 y 3");
    let all: Vec<String> = (0..33).map(|n| format!("f{n:03}")).collect();
    let all: Vec<&str> =
        ["identity", "set", "customers_to_warehouse"].into_iter().chain(all.iter().map(String::as_str)).collect();
    let (worked, said) = app.polysink(&all);
    assert!(!worked && said.contains("at most 32 fields"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hiding_a_field_makes_room_for_the_next_that_waits() {
    let app = TestApp::spawn().await;
    send(&app, &[wide("a", 1, 403)]).await; // f00400 to f00402 and the id wait
    let said = app.works(&["column", "customers_to_warehouse"]);
    assert!(said.contains("4 fields wait for a column: f00400, f00401, f00402, id."), "{said}");
    assert!(said.contains("polysink column customers_to_warehouse FIELD --hide"), "{said}");

    let said = app.works(&["column", "customers_to_warehouse", "f00007", "--hide"]);
    assert!(said.contains("f00400 now has a column."), "{said}");
    assert_eq!(app.db.count("select f00400 from synced.customers_to_warehouse").await, 400);
    assert_eq!(app.db.count(COLUMNS).await, 400);
    let (worked, said) = app.polysink(&["column", "customers_to_warehouse", "f00007", "--show"]);
    assert!(!worked && said.contains("the table has the maximum of 400 columns") && said.contains("--hide"), "{said}");
    app.works(&["column", "customers_to_warehouse", "f00008", "--hide"]);
    assert_eq!(app.db.count("select f00401 from synced.customers_to_warehouse").await, 401);
}
