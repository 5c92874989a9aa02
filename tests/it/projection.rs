//! From deliveries to typed tables.

use polysink::store::Store;
use serde_json::{Value, json};

use crate::harness::{Delivery, SYNC, TestApp, record};
use polysink::store::migrations;
use polysink::store::reader_role;

const COLUMNS: &str =
    "select coalesce(string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum), '')
     from pg_attribute
     where attrelid = 'synced.customers_to_warehouse'::regclass and attnum > 0 and attname !~ '^_'
     and not attisdropped";

/// Sends records one delivery each, in order, and waits until they are projected.
async fn send_each(app: &TestApp, records: &[Value]) {
    for record in records {
        app.send(&Delivery::of(std::slice::from_ref(record))).await.counts();
        app.db.projected().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_payload_is_a_typed_table() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::documented()).await.counts();
    app.db.projected().await;
    let row = "select format('%s %s %s %s', email, last_login at time zone 'UTC', pg_typeof(last_login), _key = _hash)
               from synced.webhook_http_endpoint_sync";
    assert_eq!(app.db.text(row).await, "ada@example.com 2020-12-02 00:00:00 timestamp with time zone t");
    let comment = "select obj_description('synced.webhook_http_endpoint_sync'::regclass, 'pg_class')";
    assert!(app.db.text(comment).await.contains("1ea8f90a-b22e-4218-86d5-c3c109e1fbb7"));
}

#[tokio::test(flavor = "multi_thread")]
async fn types_are_learned_from_the_values() {
    let app = TestApp::spawn().await;
    let body = format!(
        r#"{{"event":"sync.records","object":{{"id":"{SYNC}","name":"Customers to warehouse","records":[
            {{"hash":"a","fields":{{"yes":true,"n":1,"amount":1.50,"big":9223372036854775808,"day":"2020-12-02",
              "at":"2020-12-02T01:00:00+01:00","mixed time":"2020-12-02",
              "postcode":"01234","anything":1,"tree":{{"a":[1]}},"none":null}}}},
            {{"hash":"b","fields":{{"yes":false,"n":-0,"amount":2,"big":null,
                "day":null,"at":"2020-12-02T00:00:00.123456Z",
              "mixed time":"2020-12-02T03:00:00Z","postcode":"","anything":"x","tree":"leaf"}}}}],"metadata":null}}}}"#
    );
    app.send(&Delivery::of_body(body)).await.counts();
    app.db.projected().await;
    assert_eq!(
        app.db.text(COLUMNS).await,
        "yes boolean, n bigint, amount numeric, big numeric, day date, at timestamp with time zone, \
         mixed_time timestamp with time zone, postcode text, anything text, tree jsonb"
    );
    let rows = "select string_agg(concat_ws('|', yes, n, amount, big, day,
                    at at time zone 'UTC', mixed_time at time zone 'UTC',
                                            postcode, anything, tree, _unfit), E'\\n' order by _key)
                from synced.customers_to_warehouse";
    assert_eq!(
        app.db.text(rows).await,
        "t|1|1.50|9223372036854775808|2020-12-02|2020-12-02 00:00:00|2020-12-02 00:00:00|01234|1|{\"a\": [1]}\n\
         f|0|2|2020-12-02 00:00:00.123456|2020-12-02 03:00:00||x|\"leaf\""
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_type_is_learned_it_becomes_what_holds_them_all_and_nothing_is_lost() {
    let app = TestApp::spawn().await;
    send_each(
        &app,
        &[
            record("1", json!({"v": "2020-12-02T01:00:00+01:00", "w": 5})),
            record("2", json!({"v": null, "w": 1.5})),
            record("3", json!({"v": "soon", "w": "many"})),
            record("4", json!({"v": true, "w": {"a": 1}})),
        ],
    )
    .await;
    assert_eq!(app.db.text(COLUMNS).await, "v text, w jsonb");
    let rows = "select string_agg(concat_ws('|', coalesce(v, '-'), w, _unfit), ' ' order by _key) from \
                synced.customers_to_warehouse";
    assert_eq!(app.db.text(rows).await, "2020-12-02T01:00:00+01:00|5 -|1.5 soon|\"many\" true|{\"a\": 1}");
    assert_eq!(
        app.db.text("select kinds::text from polysink.fields where name = 'w'").await,
        r#"{"json": 1, "text": 1, "number": 1, "integer": 1}"#
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_thousand_values_misfits_go_to_unfit() {
    let app = TestApp::spawn().await;
    let records: Vec<Value> =
        (0..1_000).map(|n| record(&format!("h{n}"), json!({"seats": n, "day": "2020-12-02"}))).collect();
    app.send(&Delivery::of(&records)).await.counts();
    app.db.projected().await;
    let further = [
        record("x", json!({"seats": "many", "day": 7})),
        record("y", json!({"seats": 1.5, "day": "2020-12-02T12:00:00Z"})),
        record("z", json!({"seats": [1], "day": "tomorrow"})),
    ];
    app.send(&Delivery::of(&further)).await.counts();
    app.db.projected().await;
    assert_eq!(app.db.text(COLUMNS).await, "day timestamp with time zone, seats numeric", "both were widened");
    let rows = "select string_agg(concat_ws('|', seats, day at time zone 'UTC', _unfit), ' ' order by _key)
                from synced.customers_to_warehouse where _key in ('x', 'y', 'z', 'h7')";
    assert_eq!(
        app.db.text(rows).await,
        "7|2020-12-02 00:00:00 {\"day\": 7, \"seats\": \"many\"} 1.5|2020-12-02 12:00:00 {\"day\": \"tomorrow\", \
         \"seats\": [1]}"
    );
    let doubles = "select count(*) from synced.customers_to_warehouse where seats is null";
    assert_eq!(app.db.count(doubles).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn views_and_grants_survive_a_change_of_columns() {
    let app = TestApp::spawn().await;
    send_each(&app, &[record("1", json!({"id": 1, "name": "a"}))]).await;
    app.db
        .run(
            "create view synced.mine as select id, name from synced.customers_to_warehouse;
             create index by_name on synced.customers_to_warehouse (name);
             grant select on synced.customers_to_warehouse to polysink_reader, public;",
        )
        .await;
    send_each(&app, &[record("2", json!({"id": 2, "name": "b", "new": true})), record("3", json!({"id": "x"}))]).await;
    // A column that a view shows cannot change its type: its values wait, and the catalogue says why.
    assert_eq!(app.db.text(COLUMNS).await, "id bigint, name text, new boolean");
    assert_eq!(
        app.db.text("select string_agg(concat(id, name), ',' order by id, name) from synced.mine").await,
        "1a,2b,"
    );
    let misfit = "select _unfit::text from synced.customers_to_warehouse where _key = '3'";
    assert_eq!(app.db.text(misfit).await, r#"{"id": "x"}"#);
    let blocked = app.db.text("select blocked from polysink.fields where name = 'id'").await;
    assert!(blocked.contains("view synced.mine"), "{blocked}");
    // And everything else goes on at once.
    send_each(&app, &[record("4", json!({"id": 4, "name": "d"}))]).await;
    assert_eq!(
        app.db.text("select string_agg(concat(id, name), ',' order by id, name) from synced.mine").await,
        "1a,2b,4d,"
    );
    let kept = "select count(*) from pg_indexes where schemaname = 'synced' and indexname = 'by_name'";
    assert_eq!(app.db.count(kept).await, 1);
    let granted = "select has_table_privilege('public', 'synced.customers_to_warehouse', 'select')::text";
    assert_eq!(app.db.text(granted).await, "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_keeps_its_transaction_open_delays_a_column_and_nothing_else() {
    let app = TestApp::spawn().await;
    send_each(&app, &[record("1", json!({"id": 1}))]).await;
    let mut reader = app.db.pool.begin().await.expect("it connects");
    sqlx::query("select * from synced.customers_to_warehouse").execute(&mut *reader).await.expect("the table is there");
    send_each(&app, &[record("2", json!({"id": 2, "new": "x"})), record("3", json!({"id": 3, "new": "y"}))]).await;
    assert_eq!(app.db.text(COLUMNS).await, "id bigint");
    let waiting = "select string_agg(concat(id, _unfit), ' ' order by _key) from synced.customers_to_warehouse";
    assert_eq!(app.db.text(waiting).await, r#"1 2{"new": "x"} 3{"new": "y"}"#);
    reader.commit().await.expect("it was only reading");
    app.db.becomes(COLUMNS, "id bigint, new text").await;
    let moved = "select string_agg(concat(id, new, _unfit), ' ' order by _key) from synced.customers_to_warehouse";
    app.db.becomes(moved, "1 2x 3y").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_become_columns_and_tables() {
    let app = TestApp::spawn().await;
    let long = "x".repeat(80);
    let fields = json!({
        "\"; drop table polysink.records; --": 1, "select": 2, "xmin": 3,
        "_key": 4, "": 5, "Total": 6, "total": 7, "TOTAL ": 8,
        "客户 名": 9, "$1": 10, long.as_str(): 11, format!("{long}y"): 12, "a\u{0}b": 13, "e'\\": 14, "💥": 15,
    });
    app.send(&Delivery::of_sync(SYNC, "\"Robert'); drop schema synced; --", &[record("h", fields)])).await.counts();
    app.db.projected().await;
    let table = "select table_name from polysink.syncs";
    assert_eq!(app.db.text(table).await, "robert_drop_schema_synced");
    let sum = "select sum(e.value::numeric)::bigint
                   from synced.robert_drop_schema_synced t, jsonb_each_text(to_jsonb(t)) as e
               where e.key !~ '^_'";
    assert_eq!(app.db.count(sum).await, (1..=15).sum::<i64>());
    let names = "select count(distinct column_name) from polysink.fields where length(column_name::bytea) <= 63";
    assert_eq!(app.db.count(names).await, 15);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_fields_than_a_table_has_columns_stay_aside() {
    let app = TestApp::spawn().await;
    let fields: serde_json::Map<String, Value> = (0..450).map(|n| (format!("f{n:03}"), json!(n))).collect();
    app.send(&Delivery::of(&[record("h", Value::Object(fields))])).await.counts();
    app.db.projected().await;
    let columns = "select count(*) from pg_attribute
                   where attrelid = 'synced.customers_to_warehouse'::regclass and attnum > 0 and attname !~ '^_'";
    assert_eq!(app.db.count(columns).await, 400);
    let aside = "select count(*) from synced.customers_to_warehouse, jsonb_object_keys(_unfit)";
    assert_eq!(app.db.count(aside).await, 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_too_wide_for_a_page_is_projected_all_the_same() {
    let app = TestApp::spawn().await;
    let fields: serde_json::Map<String, Value> =
        (0..400).map(|n| (format!("f{n:03}"), json!("é".repeat(30)))).collect();
    app.send(&Delivery::of(&[record("h", Value::Object(fields))])).await.counts();
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from polysink.rejections").await, 0);
    let whole = "select count(*) from synced.customers_to_warehouse t, jsonb_each(to_jsonb(t) || _unfit) where value = \
                 to_jsonb(repeat('é', 30))";
    assert_eq!(app.db.count(whole).await, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_the_ledger_did_not_take_are_passed_over() {
    let app = TestApp::spawn().await;
    let body = format!(
        r#"{{"event":"sync.records","object":{{"id":"{SYNC}","name":"Customers to warehouse","records":[
            {{"hash":"good","fields":{{"n":1}}}},{{"hash":"bad","fields":{{"n":1e200000}}}}],"metadata":null}}}}"#
    );
    assert_eq!(app.send(&Delivery::of_body(body)).await.counts(), [2, 1, 0, 1]);
    app.db.projected().await;
    assert_eq!(app.db.text("select string_agg(_key, ',') from synced.customers_to_warehouse").await, "good");
    assert_eq!(app.db.count("select count(*) from polysink.rejections").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_cannot_be_projected_are_quarantined_and_the_rest_is_projected() {
    let app = TestApp::spawn().await;
    send_each(&app, &[record("a", json!({"n": 1}))]).await;
    app.db.run("alter table synced.customers_to_warehouse add constraint small check (n < 100)").await;
    let records: Vec<Value> = (0..40).map(|n| record(&format!("h{n}"), json!({"n": n * 5}))).collect();
    assert_eq!(app.send(&Delivery::of(&records)).await.counts(), [40, 40, 0, 0]);
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 21);
    let aside = "select format('%s %s', count(*), min(detail)) from polysink.rejections where reason = 'unprojectable'";
    let aside = app.db.text(aside).await;
    assert!(aside.starts_with("20 ") && aside.contains("small"), "{aside}");
    assert_eq!(app.db.count("select count(*) from polysink.records").await, 41, "they are in the ledger");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_an_operator_drops_are_rebuilt() {
    let app = TestApp::spawn().await;
    send_each(&app, &[record("a", json!({"n": 1})), record("b", json!({"n": 2}))]).await;
    app.db.run("drop table synced.customers_to_warehouse").await;
    send_each(&app, &[record("c", json!({"n": 3}))]).await;
    assert_eq!(app.db.count("select sum(n)::bigint from synced.customers_to_warehouse").await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_projection_whose_connection_is_cut_is_done_once() {
    let app = TestApp::spawn().await;
    send_each(&app, &[record("a", json!({"id": 1, "n": 0}))]).await;
    // The projector's next insert waits for this lock, and is killed there.
    let mut other = app.db.pool.begin().await.expect("it connects");
    sqlx::query("lock table synced.customers_to_warehouse in share mode")
        .execute(&mut *other)
        .await
        .expect("it is there");
    app.send(&Delivery::of(&[record("b", json!({"id": 2, "n": 1}))])).await.counts();
    let pid = app.db.blocked().await;
    sqlx::query("select pg_terminate_backend($1)").bind(pid).execute(&mut *other).await.expect("the superuser may");
    other.commit().await.expect("it changed nothing");
    app.db.projected().await;
    assert_eq!(
        app.db.text("select string_agg(_key, ',' order by _key) from synced.customers_to_warehouse").await,
        "a,b"
    );
    let seen = "select (kinds->>'integer')::bigint from polysink.fields where name = 'n'";
    assert_eq!(app.db.count(seen).await, 2, "counted once");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_project_each_delivery_once() {
    let app = TestApp::spawn().await;
    let replica = app.replica().await;
    let http = &app.http;
    let sends = (0..60).map(|n| {
        let base = if n % 2 == 0 { app.base.as_str() } else { replica.base() };
        let delivery = Delivery::of(&[record(&format!("h{}", n % 20), json!({"id": n % 20, "n": 1}))]);
        async move { delivery.post(http, &format!("{base}/webhooks/polytomic")).await.counts() }
    });
    futures_util::future::join_all(sends).await;
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 20);
    assert_eq!(app.db.count("select (kinds->>'integer')::bigint from polysink.fields where name = 'n'").await, 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_source_rows_are_one_row_and_namesakes_have_tables_of_their_own() {
    let app = TestApp::spawn().await;
    let row = record("same", json!({"a": 1}));
    app.send(&Delivery::of(&[row.clone(), row.clone()])).await.counts();
    let other = "5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47";
    app.send(&Delivery::of_sync(other, "Customers to warehouse", &[row])).await.counts();
    app.send(&Delivery::of_sync(SYNC, "Renamed", &[record("second", json!({"a": 2}))])).await.counts();
    app.db.projected().await;
    let counts = "select format('%s %s', (select count(*) from synced.customers_to_warehouse),
                                (select count(*) from synced.customers_to_warehouse_2))";
    assert_eq!(app.db.text(counts).await, "2 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reader_reads_the_query_tables_and_how_runs_went_and_nothing_else() {
    let app = TestApp::spawn().await;
    send_each(&app, &[record("a", json!({"n": 1}))]).await;
    app.send(&Delivery::documented()).await.counts();
    app.db.projected().await;
    let reads = "select string_agg(c.oid::regclass::text, ', ' order by c.oid::regclass::text) from pg_class c
                 where relkind in ('r', 'p', 'v') and relnamespace in ('polysink'::regnamespace, 'synced'::regnamespace)
                   and has_schema_privilege('polysink_reader', relnamespace, 'usage')
                   and has_table_privilege('polysink_reader', c.oid, 'select')";
    // Both syncs have one id here, and so one table: the name that came first.
    assert_eq!(app.db.text(reads).await, "next_runs, run_status, synced.customers_to_warehouse");
    let writes =
        "select count(*) from pg_class c where relnamespace in ('polysink'::regnamespace, 'synced'::regnamespace)
                  and has_table_privilege('polysink_reader', c.oid, 'insert, update, delete, truncate')";
    assert_eq!(app.db.count(writes).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_did_not_create_the_reader_grants_it_access() {
    let db = crate::harness::TestDatabase::create_empty().await;
    // The role belongs to the whole server, and another test's service may have made it already.
    db.run(
        "do $$ begin create role polysink_reader nologin; exception when duplicate_object or unique_violation then \
         null; end $$",
    )
    .await;
    // A name that has to be quoted, as people's addresses are that some identity providers make roles of.
    let name = format!("Plain.{}", db.name);
    let role = format!("\"{name}\"");
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "create role {role} login; grant create, connect on database {} to {role}; create schema polysink \
         authorization {role}",
        db.name
    )))
    .execute(&db.pool)
    .await
    .expect("the superuser may");
    let options: sqlx::postgres::PgConnectOptions = db.url().parse().expect("it is a URL");
    let store = Store::new(options.username(&name), 2);
    migrations::migrate(&store, polysink::app::now()).await.expect("it owns what it makes");
    let missing = reader_role::grant_read_access(&store).await.expect("it goes on");
    // It may grant what it owns.
    assert_eq!(missing, None);
    store.close().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("drop owned by {role} cascade; drop role {role}")))
        .execute(&db.pool)
        .await
        .expect("the superuser may");
}
