//! Valid records that PostgreSQL refuses.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Delivery, Proxy, SYNC, TestApp, TestDatabase, binary, record, run};

/// Past the range of `numeric`, which jsonb keeps numbers as.
const TOO_BIG: &str = r#"{"hash":"poison","fields":{"n":1e200000}}"#;

fn delivery(records: &[String]) -> Delivery {
    Delivery::of_body(format!(
        r#"{{"event":"sync.records","object":{{"id":"{SYNC}","name":"Poisoned","records":[{}],"metadata":null}}}}"#,
        records.join(",")
    ))
}

fn good(n: usize) -> String {
    record(&format!("g{n}"), json!({"n": n})).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_unstorable_record_among_good_ones_is_the_only_one_quarantined() {
    let app = TestApp::spawn().await;
    let mut records: Vec<String> = (0..200).map(good).collect();
    records.insert(77, TOO_BIG.to_owned());
    assert_eq!(app.send(&delivery(&records)).await.counts(), [201, 200, 0, 1]);
    assert_eq!(app.db.count("select count(*) from polysink.records").await, 200);
    let set_aside = "select format('%s %s %s %s %s', scope, reason, position, sync_id, convert_from(payload, 'utf8'))
                     from polysink.rejections";
    assert_eq!(app.db.text(set_aside).await, format!("record unstorable 77 {SYNC} {TOO_BIG}"));
    let detail = app.db.text("select detail from polysink.rejections").await;
    assert!(detail.contains("numeric") && detail.contains("22003"), "PostgreSQL's own words: {detail}");
    let envelope = "select count(*) from polysink.rejections join polysink.envelopes using (envelope_id)";
    assert_eq!(app.db.count(envelope).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_unstorable_record_is_quarantined_by_itself() {
    let app = TestApp::spawn().await;
    let deep = format!(r#"{{"hash":"deep","fields":{{"a":{}1{}}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let twice = TOO_BIG.to_owned();
    let records = [good(1), deep, twice.clone(), good(2), twice, good(3)];
    assert_eq!(app.send(&delivery(&records)).await.counts(), [6, 3, 0, 3]);
    let positions = "select string_agg(position::text, ' ' order by position) from polysink.rejections";
    assert_eq!(app.db.text(positions).await, "1 2 4", "each sighting of a record that is set aside");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_of_only_unstorable_records_is_acknowledged_and_quarantined() {
    let app = TestApp::spawn().await;
    let records: Vec<String> = (0..50).map(|n| format!(r#"{{"hash":"p{n}","fields":{{"n":-1e200000}}}}"#)).collect();
    assert_eq!(app.send(&delivery(&records)).await.counts(), [50, 0, 0, 50]);
    assert_eq!(app.db.count("select count(*) from polysink.rejections").await, 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_that_share_a_transaction_with_poison_do_not_suffer() {
    let app = TestApp::spawn_with(&[("POLYSINK_WRITERS", "1")]).await;
    let poisoned = delivery(&[good(1000), TOO_BIG.to_owned()]);
    let healthy: Vec<Delivery> =
        (0..60).map(|n| Delivery::of_sync(SYNC, "Poisoned", &[record(&format!("h{n}"), json!({"n": n}))])).collect();
    let all = healthy.iter().chain(std::iter::once(&poisoned));
    let answers = futures_util::future::join_all(all.map(|delivery| app.send(delivery))).await;
    let (last, rest) = answers.split_last().expect("there are many");
    assert_eq!(last.counts(), [2, 1, 0, 1]);
    assert!(rest.iter().all(|answer| answer.counts() == [1, 1, 0, 0]));
    assert_eq!(app.db.count("select count(*) from polysink.records").await, 61);
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_that_jsonb_cannot_hold_costs_no_record() {
    let app = TestApp::spawn().await;
    let body = format!(
        r#"{{"event":"sync.records","object":{{"id":"{SYNC}","name":"n","records":[{}],
        "metadata":{{"n":1e200000}}}}}}"#,
        good(1)
    );
    assert_eq!(app.send(&Delivery::of_body(body.clone())).await.counts(), [1, 1, 0, 0]);
    assert_eq!(app.db.count("select count(*) from polysink.envelopes where metadata is null").await, 1);
    assert_eq!(app.db.text("select body from polysink.envelopes").await, body);
}

#[tokio::test(flavor = "multi_thread")]
async fn messy_but_storable_records_are_stored() {
    let app = TestApp::spawn().await;
    let long = "x".repeat(1_000);
    let wide: serde_json::Map<_, _> = (0..5_000).map(|n| (format!("f{n}"), json!(n))).collect();
    let records: Vec<Value> = vec![
        json!({"hash": long, "fields": {}}),
        json!({"hash": "'; drop table polysink.records; --", "fields": {"'; --": "\"; select 1"}}),
        json!({"hash": "big", "fields": {"text": "y".repeat(2_000_000)}}),
        json!({"hash": "wide", "fields": wide}),
    ];
    assert_eq!(app.send(&Delivery::of(&records)).await.counts(), [4, 4, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_in_bulk_is_answered_in_time_over_a_slow_link() {
    let proxy = Proxy::start_with_delay(Duration::from_millis(1)).await;
    let db = TestDatabase::create().await;
    let url = proxy.url(&db);
    let app = TestApp::spawn_through(db, &url, &[]).await;
    let numbers = |n: usize| format!(r#"{{"hash":"n{n}","fields":{{"n":1e200000,"pad":"{}"}}}}"#, "x".repeat(1_900));
    let deep =
        |n: usize| format!(r#"{{"hash":"d{n}","fields":{{"a":{}1{}}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let mut numbers: Vec<String> = (0..5_000).map(numbers).collect();
    let mut deep: Vec<String> = (0..50).map(deep).collect();
    for records in [&mut numbers, &mut deep] {
        let poison = records.len();
        records.extend((0..100).map(good));
        let answer = app.send(&delivery(records)).await;
        let [all, _, _, rejected] = answer.counts();
        assert_eq!((all, rejected), (poison as u64 + 100, poison as u64));
    }
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from synced.poisoned").await, 100);
    let records = "select sum(coalesce(cardinality(positions), 1)) from polysink.rejections
                   where reason = 'unstorable' and (payload like '{\"hash\":%' or payload like '[{\"hash\":%')";
    assert_eq!(app.db.count(records).await, 5_050);
    assert_eq!(app.db.count("select count(*) from polysink.rejections").await, 51, "5,000 are one row");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_records_unusable_for_one_reason_are_one_row_that_has_them_all() {
    let app = TestApp::spawn().await;
    let mut records: Vec<String> = (0..300).map(good).collect();
    records.extend((0..150).map(|n| format!(r#"{{"hash":{n},"fields":{{"n":{n}}}}}"#)));
    records.extend((0..150).map(|n| format!(r#"{{"hash":"p{n}","fields":{{"n":1e200{n:03}}}}}"#)));
    records.extend(["1".to_owned(), "[]".to_owned()]);
    assert_eq!(app.send(&delivery(&records)).await.counts(), [602, 300, 0, 302]);
    let rows = "select string_agg(concat_ws(' ', reason, position, cardinality(positions)), ', ' order by position)
                           from polysink.rejections where scope = 'record'";
    assert_eq!(
        app.db.text(rows).await,
        "hash_not_string 300 150, unstorable 450 150, record_not_object 600, record_not_object 601"
    );
    for (reason, start, end) in [("hash_not_string", 300, 450), ("unstorable", 450, 600)] {
        let (positions, payload): (Vec<i32>, Vec<u8>) =
            sqlx::query_as("select positions, payload from polysink.rejections where reason = $1")
                .bind(reason)
                .fetch_one(&app.db.pool)
                .await
                .expect("there is one");
        assert_eq!(positions, (start..end).collect::<Vec<i32>>());
        let range = usize::try_from(start).expect("it is small")..usize::try_from(end).expect("it is small");
        assert_eq!(String::from_utf8_lossy(&payload), format!("[{}]", records[range].join(",")), "to the letter");
    }
    // What the ledger did not take is passed over by the projector.
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from synced.poisoned").await, 300);
    let listed = run(binary().env("DATABASE_URL", app.db.url()).args(["rejections", "--json"]));
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("it is JSON");
    let records: u64 = listed.as_array().expect("it is a list").iter().filter_map(|row| row["records"].as_u64()).sum();
    assert_eq!(records, 302);
}
