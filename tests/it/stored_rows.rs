//! The rows of schema polysink after deliveries.

use serde_json::{Value, json};

use crate::harness::delivery::timestamp;
use crate::harness::{Delivery, SYNC, TestApp, TestDatabase, record};
use polysink::store::migrations;

const OTHER_SYNC: &str = "2d7a11f0-3c4b-4c1e-8b5e-9a8f7e6d5c4b";

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_payload_is_found_in_every_table() {
    let app = TestApp::spawn().await;
    let answer = app.send(&Delivery::documented()).await;
    assert_eq!(answer.counts(), [1, 1, 0, 0]);

    let sync = app.db.text("select row_to_json(s)::text from polysink.syncs s").await;
    let sync: Value = serde_json::from_str(&sync).expect("it is JSON");
    assert_eq!(sync["sync_id"], SYNC);
    assert_eq!(sync["name"], "Webhook HTTP Endpoint sync");
    assert_eq!(sync["table_name"], "webhook_http_endpoint_sync");
    assert_eq!((&sync["metadata"], &sync["identity"]), (&json!({}), &Value::Null));

    let envelope = app.db.text("select row_to_json(e)::text from polysink.envelopes e").await;
    let envelope: Value = serde_json::from_str(&envelope).expect("it is JSON");
    assert_eq!(envelope["envelope_id"], answer.json()["envelope_id"]);
    assert_eq!(envelope["sync_id"], SYNC);
    assert_eq!((&envelope["outcome"], &envelope["record_count"]), (&json!("stored"), &json!(1)));
    assert_eq!((&envelope["connection"], &envelope["source_ip"]), (&json!("default"), &json!("127.0.0.1")));
    assert_eq!(envelope["user_agent"], "Polytomic/rel2021.05.25");
    assert_eq!(envelope["body"], include_str!("../fixtures/documented.json"), "to the letter, white space and all");

    let row = app.db.text("select row_to_json(r)::text from polysink.records r").await;
    let row: Value = serde_json::from_str(&row).expect("it is JSON");
    assert_eq!((&row["hash"], &row["altered"]), (&json!("b7421c6c57bd49f7"), &json!(false)));
    assert_eq!(row["fields"], json!({"email": "ada@example.com", "last_login": "2020-12-02T00:00:00Z"}));
    assert_eq!(
        (&row["first_envelope_id"], &row["last_envelope_id"]),
        (&envelope["envelope_id"], &envelope["envelope_id"])
    );
    assert_eq!((&row["times_received"], &row["last_position"]), (&json!(1), &json!(0)));
    assert_eq!((&row["first_received_at"], &row["first_sent_at"]), (&envelope["received_at"], &envelope["sent_at"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_fold_within_a_payload_and_count_across_payloads_and_not_across_syncs() {
    let app = TestApp::spawn().await;
    let records = [record("a", json!({"v": 1})), record("b", json!({"v": 1})), record("a", json!({"v": 2}))];
    assert_eq!(app.send(&Delivery::of(&records)).await.counts(), [3, 2, 1, 0]);
    assert_eq!(app.send(&Delivery::of(&records[..1])).await.counts(), [1, 0, 1, 0]);
    let other = Delivery::of_sync(OTHER_SYNC, "Other", &records[..1]);
    assert_eq!(app.send(&other).await.counts(), [1, 1, 0, 0]);
    let ledger =
        "select string_agg(format('%s %s %s %s', left(sync_id::text, 1), hash, times_received, fields->>'v'), ', '
                                    order by sync_id, hash) from polysink.records";
    assert_eq!(app.db.text(ledger).await, "1 a 3 1, 1 b 1 1, 2 a 1 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_of_equal_hashes_in_one_payload_wins() {
    let app = TestApp::spawn().await;
    let records = [record("a", json!({"v": 1})), record("a", json!({"v": 2}))];
    app.send(&Delivery::of(&records)).await.counts();
    let row = "select format('%s %s %s', fields->>'v', first_position, last_position) from polysink.records";
    assert_eq!(app.db.text(row).await, "2 0 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_arrival_never_overwrites_newer_values() {
    let app = TestApp::spawn().await;
    let (now, earlier) = (timestamp(10), timestamp(100));
    let version = |v: u32| Delivery::of(&[record("a", json!({"v": v}))]);
    app.send(&version(2).sent_at(&now)).await.counts();
    app.send(&version(1).sent_at(&earlier)).await.counts();
    let row = "select format('%s %s %s %s',
                   fields->>'v', times_received, last_sent_at = $1::timestamptz, first_sent_at = $2::timestamptz)
               from polysink.records";
    let shown = async || -> String {
        sqlx::query_scalar(row).bind(&now).bind(&earlier).fetch_one(&app.db.pool).await.expect("there is one record")
    };
    assert_eq!(shown().await, "2 2 t t", "the first sighting is the one that was sent first");
    app.send(&version(3).sent_at(&now)).await.counts();
    assert_eq!(shown().await, "3 3 t t", "within one second the later receipt is newer");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_come_back_as_they_were_sent() {
    let app = TestApp::spawn().await;
    let fields = r#"{"big":12345678901234567890123,"small":0.10,"past 2^53":9007199254740993,"exponent":1E3,
                     "text":"Zoë \"quoted\" \\ \n 客户 😀","nothing":null,"nested":{"a":[1,{"b":[]}],"c":{}},"":true}"#;
    let body = format!(
        r#"{{"event":"sync.records","object":{{"id":"{SYNC}","name":"n",
        "records":[{{"hash":"h","fields":{fields}}}],"metadata":null}}}}"#
    );
    assert_eq!(app.send(&Delivery::of_body(body)).await.counts(), [1, 1, 0, 0]);
    let same: bool = sqlx::query_scalar("select fields = $1::text::jsonb from polysink.records")
        .bind(fields)
        .fetch_one(&app.db.pool)
        .await
        .expect("there is one record");
    assert!(same);
    let digits = "select concat_ws(' ', fields->>'big', fields->>'small', fields->>'past 2^53') from polysink.records";
    assert_eq!(app.db.text(digits).await, "12345678901234567890123 0.10 9007199254740993");
    assert_eq!(app.db.count("select count(*) from polysink.syncs where metadata is null").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nul_characters_and_lone_surrogates_are_replaced_and_marked() {
    let app = TestApp::spawn().await;
    let body = format!(
        r#"{{"event":"sync.records","object":{{"id":"{SYNC}","name":"a\u0000b","metadata":{{"k":"\ud800"}},"records":[
            {{"hash":"h\u0000","fields":{{"a\u0000":"x\udc00y"}}}},
            {{"hash":"good","fields":{{"a":"\ud83d\ude00"}}}}]}}}}"#
    );
    assert_eq!(app.send(&Delivery::of_body(body.clone())).await.counts(), [2, 2, 0, 0]);
    let rows =
        "select string_agg(format('%s %s %s', hash, altered, fields), '; ' order by altered) from polysink.records";
    assert_eq!(app.db.text(rows).await, "good f {\"a\": \"😀\"}; h\u{fffd} t {\"a\u{fffd}\": \"x\u{fffd}y\"}");
    let sync = "select format('%s %s %s', name, metadata, table_name) from polysink.syncs";
    assert_eq!(app.db.text(sync).await, "a\u{fffd}b {\"k\": \"\u{fffd}\"} a_b");
    assert_eq!(app.db.text("select body from polysink.envelopes").await, body, "the envelope keeps the exact text");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_hash_had_to_be_changed_is_marked() {
    let app = TestApp::spawn().await;
    let body = format!(
        r#"{{"event":"sync.records","object":{{"id":"{SYNC}","records":[{{"hash":"\u0000a","fields":{{"v":1}}}}]}}}}"#
    );
    app.send(&Delivery::of_body(body)).await.counts();
    assert_eq!(
        app.db.text("select format('%s %s %s', hash, altered, fields) from polysink.records").await,
        "\u{fffd}a t {\"v\": 1}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn records_without_a_hash_are_distinguished_by_their_content() {
    let app = TestApp::spawn().await;
    let bare = |fields: Value| json!({"fields": fields});
    let records = [bare(json!({"a": 1, "b": 2})), bare(json!({"b": 2, "a": 1})), bare(json!({"a": 2}))];
    assert_eq!(app.send(&Delivery::of(&records)).await.counts(), [3, 2, 1, 0]);
    assert_eq!(app.db.count("select count(*) from polysink.records where hash like 'polysink:%'").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_payload_is_a_delivery() {
    let app = TestApp::spawn().await;
    assert_eq!(app.send(&Delivery::of(&[])).await.counts(), [0, 0, 0, 0]);
    assert_eq!(app.db.count("select count(*) from polysink.envelopes where outcome = 'stored'").await, 1);
    assert_eq!(app.db.count("select count(*) from polysink.syncs").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_sync_keeps_its_table_and_namesakes_get_their_own() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of_sync(SYNC, "Orders", &[])).await.counts();
    app.send(&Delivery::of_sync(OTHER_SYNC, "Orders", &[])).await.counts();
    app.send(&Delivery::of_sync("3d7a11f0-3c4b-4c1e-8b5e-9a8f7e6d5c4b", "order", &[])).await.counts();
    app.send(&Delivery::of_sync(SYNC, "Renamed", &[])).await.counts();
    let syncs = "select string_agg(name || ' ' || table_name, ', ' order by sync_id) from polysink.syncs";
    assert_eq!(app.db.text(syncs).await, "Renamed orders, Orders orders_2, order order_");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_without_a_name_has_a_table_and_keeps_a_name_that_it_had() {
    let app = TestApp::spawn().await;
    let nameless = Delivery::of_body(format!(r#"{{"event":"sync.records","object":{{"id":"{SYNC}","records":[]}}}}"#));
    app.send(&nameless).await.counts();
    assert_eq!(app.db.text("select table_name from polysink.syncs where name is null").await, "sync");
    app.send(&Delivery::of_sync(SYNC, "Orders", &[])).await.counts();
    app.send(&nameless).await.counts();
    assert_eq!(app.db.text("select name from polysink.syncs").await, "Orders");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_payload_in_one_delivery_is_stored_whole() {
    let app = TestApp::spawn().await;
    let records: Vec<Value> =
        (0..20_000).map(|n| record(&format!("h{n}"), json!({"n": n, "text": "x".repeat(50)}))).collect();
    assert_eq!(app.send(&Delivery::of(&records).gzipped()).await.counts(), [20_000, 20_000, 0, 0]);
    assert_eq!(app.db.count("select sum((fields->>'n')::bigint)::bigint from polysink.records").await, 199_990_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn wide_records_are_compressed_as_bodies_are() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("h", json!({ "note": "wide ".repeat(2_000) }))])).await.counts();
    let body = app.db.text("select coalesce(pg_column_compression(body), 'none') from polysink.envelopes").await;
    let fields = app.db.text("select coalesce(pg_column_compression(fields), 'none') from polysink.records").await;
    assert_eq!(fields, body);
    assert_ne!(fields, "none");
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_are_made_ahead_and_on_demand() {
    let app = TestApp::spawn().await;
    let partitions = "select count(*) from pg_inherits where inhparent = 'polysink.envelopes'::regclass";
    // The template may have been made before midnight, and have one more.
    let ahead = "select count(*) from pg_inherits join pg_class on pg_class.oid = inhrelid
                 where inhparent = 'polysink.envelopes'::regclass
                   and relname >= 'envelopes_' || to_char(now() at time zone 'UTC', 'YYYYMMDD')";
    assert_eq!(app.db.count(ahead).await, 8, "today and seven days");
    // As after a week in which none could be made.
    app.db
        .run(
            "do $$ declare p regclass; begin
                 for p in select inhrelid::regclass from pg_inherits
                 where inhparent = 'polysink.envelopes'::regclass loop
                     execute format('drop table %s', p);
                 end loop;
             end $$",
        )
        .await;
    assert_eq!(app.db.count(partitions).await, 0);
    let deliveries: Vec<Delivery> = (0..20).map(|n| Delivery::of(&[record(&format!("h{n}"), json!({}))])).collect();
    let sent = futures_util::future::join_all(deliveries.iter().map(|delivery| app.send(delivery))).await;
    assert!(sent.iter().all(|answer| answer.counts() == [1, 1, 0, 0]));
    assert_eq!(app.db.count(partitions).await, 1, "today's");
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_and_column_carries_a_comment() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::documented()).await.counts();
    let bare = "select coalesce(string_agg(c.oid::regclass || coalesce('.' || a.attname, ''), ', '), 'none')
                from pg_class c
                left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                where c.relnamespace in ('polysink'::regnamespace, 'synced'::regnamespace) and c.relkind in ('r', 'p',
                'v')
                  and (obj_description(c.oid, 'pg_class') is null or col_description(c.oid, a.attnum) is null)";
    assert_eq!(app.db.text(bare).await, "none");
    let schemas = "select count(*) from pg_namespace
                   where nspname in ('polysink', 'synced') and obj_description(oid, 'pg_namespace') is not null";
    assert_eq!(app.db.count(schemas).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn migrating_twice_or_at_the_same_time_is_migrating_once() {
    let db = TestDatabase::create_empty().await;
    let options: sqlx::postgres::PgConnectOptions = db.url().parse().expect("it is a URL");
    let stores: Vec<_> = (0..4).map(|_| polysink::store::Store::new(options.clone(), 2)).collect();
    let now = polysink::app::now();
    for migrated in futures_util::future::join_all(stores.iter().map(|store| migrations::migrate(store, now))).await {
        migrated.expect("the second one has nothing to do");
    }
    migrations::migrate(&stores[0], now).await.expect("a second time changes nothing");
    stores[0].check().await.expect("it can be used");
    let applied = "select count(*) from polysink._sqlx_migrations where success";
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).expect("they are there").count();
    assert_eq!(db.count(applied).await, i64::try_from(files).expect("they are few"));
}
