//! Columns of tables with more rows than one batch brings in line.

use serde_json::{Value, json};

use crate::column_types::FIELDS;
use crate::columns::app_with;
use crate::harness::{Delivery, TABLE, record};

/// Rows of a sync, made behind polysink's back in the ledger and in the query table: many, quickly.
const MANY: &str = "
    insert into polysink.records
    select r.sync_id, 'm' || n, jsonb_build_object('id', n, 'v', n), false, r.first_envelope_id, r.first_sent_at, n,
           r.first_received_at, r.last_envelope_id, r.last_sent_at, n, r.last_received_at, 1
    from polysink.records r, generate_series(10, 110000) as n where r.hash = '1';
    insert into synced.customers_to_warehouse
           (id, v, _key, _hash, _first_received_at, _last_received_at, _changed_at, _sent_at, _envelope_id, _position)
    select n, n, 'm' || n, 'm' || n, _first_received_at, _last_received_at, _changed_at, _sent_at, _envelope_id, n
    from synced.customers_to_warehouse, generate_series(10, 110000) as n where _key = '1'";

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_projected_while_the_rows_of_a_large_table_are_brought_in_line() {
    let app = app_with(&[record("1", json!({"id": 1, "v": 1}))]).await;
    app.db.run(MANY).await;
    app.db
        .run(
            "update synced.customers_to_warehouse set v = null; update polysink.fields set unsettled = 'all' where \
                name = 'v'",
        )
        .await;
    app.db.becomes("select count(*)::text from polysink.backfills", "1").await;
    app.send(&Delivery::of(&[record("2", json!({"id": 2, "v": 2}))])).await.counts();
    app.db
        .becomes("select coalesce(max(id) filter (where _key = '2'), 0)::text from synced.customers_to_warehouse", "2")
        .await;
    assert_eq!(app.db.count("select count(*) from polysink.backfills").await, 1, "there is more to do");
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse where v is distinct from id").await, 0);
    assert_eq!(app.db.count("select count(*) from polysink.backfills").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_tables_column_is_retyped_hidden_and_shown_in_batches() {
    let app = app_with(&[record("1", json!({"id": 1, "v": 1}))]).await;
    app.db.run(MANY).await;
    let said = app.works(&["column", TABLE, "v", "--type", "text", "--yes"]);
    assert!(said.contains("text"), "{said}");
    let wrong =
        "select count(*) from synced.customers_to_warehouse where v is distinct from id::text or _unfit is not null";
    assert_eq!(app.db.count(wrong).await, 0);

    // A dropped column's values stay in the rows until they are written again: each of them was.
    let newest = app.db.text("select max(xmin::text::bigint)::text from synced.customers_to_warehouse").await;
    app.works(&["column", TABLE, "v", "--hide"]);
    let oldest = app.db.text("select min(xmin::text::bigint)::text from synced.customers_to_warehouse").await;
    assert!(oldest.parse::<u64>().expect("a number") > newest.parse::<u64>().expect("a number"), "{oldest} {newest}");
    assert_eq!(app.db.text("select concat(column_type, unsettled) from polysink.fields where name = 'v'").await, "");
    app.works(&["column", TABLE, "v", "--show"]);
    assert_eq!(app.db.count(wrong).await, 0);
}

/// The key of the lock of the process that counts for the pages.
const COUNTING_LOCK: i64 = 0x706f_6c79_7061_6765;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_field_looks_at_no_row_of_a_table_with_many_misfits() {
    const READ: &str = "select (seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_user_tables
                        where relname = 'customers_to_warehouse'";
    let mut app = app_with(&[record("1", json!({"id": 1, "v": 1}))]).await;
    app.db
        .run(
            "insert into synced.customers_to_warehouse
                 (_key, _hash, _unfit, _first_received_at, _last_received_at, _changed_at, _sent_at, _envelope_id,
                 _position)
             select 'm' || n, 'm' || n, '{\"v\": \"no number\"}', _first_received_at, _last_received_at, _changed_at,
             _sent_at,
                    _envelope_id, n
             from synced.customers_to_warehouse, generate_series(1, 5000) as n",
        )
        .await;
    // What counts for the pages reads every row.
    let mut counting = app.db.pool.acquire().await.expect("the database is there");
    let lock = sqlx::query("select pg_advisory_lock($1)").bind(COUNTING_LOCK);
    lock.execute(&mut *counting).await.expect("it ends in time");
    let mut read = Vec::new();
    for n in 0..2 {
        app.stop_and_end_sessions().await;
        read.push(app.db.count(READ).await);
        app = app.restarted().await;
        let mut fields = json!({"id": 2});
        fields[format!("new{n}")] = json!(true);
        app.send(&Delivery::of(&[record(&format!("n{n}"), fields)])).await.counts();
        app.db.projected().await;
    }
    assert_eq!(app.db.count("select count(new0) + count(new1) from synced.customers_to_warehouse").await, 2);
    assert!(read[1] - read[0] < 100, "{} rows were read for one", read[1] - read[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_new_in_a_large_table_gets_the_type_of_all_its_first_values() {
    let app = app_with(&[record("1", json!({"id": 1, "v": 1}))]).await;
    app.db.run(MANY).await;
    let one = json!({"id": 2, "price": 10, "zip": 12345, "day": "2026-01-01", "flag": null, "code": 1});
    app.send(&Delivery::of(&[record("2", one)])).await.counts();
    app.db.projected().await;
    assert_eq!(
        app.db.text(FIELDS).await,
        "code bigint, day date, id bigint, price bigint, v bigint, zip bigint",
        "nulls have no type"
    );
    // What an operator builds on a column keeps it.
    app.db.run("create index on synced.customers_to_warehouse (code)").await;
    let more: Vec<Value> = (3..500)
        .map(|n| {
            let day = "2026-01-01T10:00:00Z";
            let fields = json!({"id": n, "price": 10.5, "zip": "01234", "day": day, "flag": true, "code": "x"});
            record(&n.to_string(), fields)
        })
        .collect();
    app.send(&Delivery::of(&more)).await.counts();
    app.db.projected().await;
    assert_eq!(
        app.db.text(FIELDS).await,
        "code bigint, day timestamptz, flag boolean, id bigint, price numeric, v bigint, zip text"
    );
    let values = "select concat_ws(' ', count(price), sum(price), count(zip), count(day), count(flag), count(_unfit))
                  from synced.customers_to_warehouse";
    assert_eq!(app.db.text(values).await, "498 5228.5 498 498 497 497");
    assert_eq!(app.db.count("select code from synced.customers_to_warehouse where id = 2").await, 1);
    let why = app.db.text("select blocked from polysink.fields where name = 'code'").await;
    assert!(why.contains("its values need text, and the table has more than 100,000 rows"), "{why}");
}

/// What is empty in a typed column is nowhere else in the row, also where the table is brought in line in batches.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_tables_empty_values_come_back_with_a_type_that_takes_them() {
    let app = app_with(&[record("1", json!({"id": 1, "v": 5})), record("2", json!({"id": 2, "v": ""}))]).await;
    app.db.run(MANY).await;
    app.works(&["column", TABLE, "v", "--type", "text", "--yes"]);
    let shown = "select string_agg(concat('[', v, ']'), ' ' order by _key) from synced.customers_to_warehouse where \
                 _hash in ('1', '2')";
    assert_eq!(app.db.text(shown).await, "[5] []");
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse where v = ''").await, 1);
}

/// A stray makes a column text only until there are enough values to know better; also in a large table.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_tables_new_field_gets_over_a_stray() {
    let app = app_with(&[record("1", json!({"id": 1, "v": 1}))]).await;
    app.db.run(MANY).await;
    app.send(&Delivery::of(&[record("2", json!({"id": 2, "price": "n/a"}))])).await.counts();
    app.db.projected().await;
    assert_eq!(app.db.text(FIELDS).await, "id bigint, price text, v bigint");
    let more: Vec<Value> = (3..300).map(|n| record(&n.to_string(), json!({"id": n, "price": 1.5}))).collect();
    app.send(&Delivery::of(&more)).await.counts();
    app.db.projected().await;
    assert_eq!(app.db.text(FIELDS).await, "id bigint, price numeric, v bigint");
    assert_eq!(
        app.db
            .text("select concat(count(price), ' ', sum(price), ' ', count(_unfit)) from synced.customers_to_warehouse")
            .await,
        "297 445.5 1"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_begins_to_come_with_a_fraction_of_zero_stays_itself() {
    let app = app_with(&[record("1", json!({"id": 1, "v": 1}))]).await;
    app.db.run(MANY).await;
    // After a thousand values the type is known.
    let many: Vec<Value> = (1..1_100).map(|n| record(&format!("k{n}"), json!({"id": n}))).collect();
    app.send(&Delivery::of(&many)).await.counts();
    app.db.projected().await; // in a pass of their own
    let body = r#"{"event":"sync.records","object":{"id":"1ea8f90a-b22e-4218-86d5-c3c109e1fbb7",
        "name":"Customers to warehouse","records":[
        {"hash":"a","fields":{"id":44.0}},{"hash":"b","fields":{"id":4.5e1}},{"hash":"c","fields":{"id":46.5}}]}}"#;
    app.send(&Delivery::of_body(body)).await.counts();
    app.db.projected().await;
    let ids = "select string_agg(concat(_key, id, _unfit), ' ' order by _key) from synced.customers_to_warehouse where \
               _key in ('a', 'b', 'c')";
    assert_eq!(app.db.text(ids).await, "a44 b45 c{\"id\": 46.5}");
    let shown = app.works(&["column", TABLE, "id"]);
    assert!(shown.contains("its values need numeric") && shown.contains("--type numeric"), "{shown}");
    // The same from the ledger.
    app.works(&["rebuild", TABLE]);
    assert_eq!(app.db.text(ids).await, "a44 b45 c{\"id\": 46.5}");
}
