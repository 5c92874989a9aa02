//! The life of a delivery, and counts that are made in the background.

use chrono::{DateTime, Utc};
use polysink::model::SyncId;
use polysink::query_tables::sync_lock;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::outage::one;
use crate::harness::{Delivery, Outage, SYNC, TABLE, TestApp, process, record};
use polysink::maintenance;
use polysink::store::{Role, Store};

/// A delivery's life, as the command says it.
fn life(app: &TestApp, id: &str) -> Value {
    serde_json::from_str(&app.works(&["deliveries", "show", id, "--json"])).expect("it is JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_a_delivery_says_where_each_record_went_and_when() {
    let app = TestApp::spawn().await;
    let first = [record("a", json!({"id": 1, "v": "x"})), record("b", json!({"id": 2}))];
    let first = app.send(&Delivery::of(&first)).await.json()["envelope_id"].as_str().expect("it has one").to_owned();
    let second = [
        record("c", json!({"id": 3})),
        record("a", json!({"id": 1, "v": "x"})),
        json!({"hash": 7, "fields": {}}),
        record("c", json!({"id": 3})),
    ];
    let answer = app.send(&Delivery::of(&second)).await;
    assert_eq!(answer.counts(), [4, 1, 2, 1]);
    let second = answer.json()["envelope_id"].as_str().expect("it has one").to_owned();
    app.db.projected().await;
    app.works(&["identity", "set", TABLE, "id", "--yes"]);

    let shown = life(&app, &second);
    assert_eq!(
        (&shown["event"], &shown["records"], &shown["table"]),
        (&json!("sync.records"), &json!(4), &json!(TABLE))
    );
    assert_eq!((&shown["connection"], &shown["source_ip"]), (&json!("default"), &json!("127.0.0.1")));
    assert_eq!((&shown["outcome"], &shown["spooled"]), (&json!("stored"), &json!(false)));
    assert_eq!(shown["projection"]["state"], "projected");
    let times = [&shown["sent_at"], &shown["received_at"], &shown["stored_at"], &shown["projection"]["at"]];
    let times: Vec<DateTime<Utc>> =
        times.iter().map(|time| time.as_str().expect("each is known").parse().expect("it is a time")).collect();
    assert!(times.is_sorted(), "{times:?}");
    let records: Vec<_> = shown["records_shown"].as_array().expect("a list").iter().collect();
    let outcomes: Vec<&str> =
        records.iter().map(|record| record["outcome"]["outcome"].as_str().expect("one")).collect();
    assert_eq!(outcomes, ["new", "duplicate", "rejected", "duplicate"]);
    assert_eq!(records[1]["outcome"]["first"], first);
    assert_eq!(records[2]["outcome"]["reason"], "hash_not_string");
    assert!(records[2]["outcome"]["rejection_id"].is_string());
    assert_eq!((&records[0]["key"], &records[0]["has_row"]), (&json!("[3]"), &json!(true)));
    assert_eq!((&records[2]["key"], &records[2]["has_row"]), (&Value::Null, &json!(false)));

    let text = app.works(&["deliveries", "show", &second, "--limit", "2", "--body"]);
    assert!(text.contains("2 more; --limit shows them.") && text.contains("\"hash\": 7"), "{text}");
    assert!(text.contains(&format!("duplicate, first in {first}")), "{text}");

    // The list has both, the latest first, and says how many records were rejected.
    let listed: Value = serde_json::from_str(&app.works(&["deliveries", SYNC, "--json"])).expect("it is JSON");
    let listed = listed.as_array().expect("a list");
    assert_eq!([&listed[0]["envelope_id"], &listed[1]["envelope_id"]], [&json!(second), &json!(first)]);
    assert_eq!([&listed[0]["rejected"], &listed[1]["rejected"]], [&json!(1), &json!(0)]);
    assert!(app.works(&["deliveries", "--limit", "1"]).contains(&second));

    let (worked, error) = app.polysink(&["deliveries", "show", &Uuid::now_v7().to_string()]);
    assert!(!worked && error.contains("polysink rejections show"), "{error}");
    let (worked, error) = app.polysink(&["deliveries", "show"]);
    assert!(!worked && error.contains("polysink deliveries show ID"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_waits_and_one_whose_body_is_gone_say_so() {
    let app = TestApp::spawn().await;
    let mut held = app.db.pool.begin().await.expect("the database is there");
    let lock = sync_lock(SyncId(SYNC.parse().expect("it is an id")));
    sqlx::query("select pg_advisory_xact_lock($1)").bind(lock).execute(&mut *held).await.expect("it may lock");
    let id = app.send(&one("a", 1)).await.json()["envelope_id"].as_str().expect("it has one").to_owned();
    assert_eq!(life(&app, &id)["projection"]["state"], "waiting");
    held.rollback().await.expect("it was begun");
    app.db.projected().await;
    assert_eq!(life(&app, &id)["projection"]["state"], "projected");

    // Its head outlives its body.
    app.db
        .run(
            "create table polysink.heads_now partition of polysink.heads default;
             insert into polysink.heads (envelope_id, received_at, sent_at, connection, event, sync_id, record_count,
                                         outcome, stored_at, spooled)
             select envelope_id, received_at, sent_at, connection, event, sync_id, record_count, outcome, stored_at,
                    spooled from polysink.envelopes;
             delete from polysink.envelopes",
        )
        .await;
    let shown = life(&app, &id);
    assert_eq!((&shown["bytes"], &shown["records"], &shown["records_shown"]), (&Value::Null, &json!(1), &json!([])));
    assert!(app.works(&["deliveries", "show", &id, "--body"]).contains("The body is no longer kept"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spooled_delivery_says_that_it_was() {
    let mut outage = Outage::start();
    outage.send(&one("before", 0)).await.counts();
    outage.server.stop();
    let id = outage.send(&one("away", 0)).await.json()["envelope_id"].as_str().expect("it has one").to_owned();
    outage.server.start_again();
    outage.healed().await;
    let shown = process::works(&outage.server.url(), &["deliveries", "show", &id, "--json"]);
    let shown: Value = serde_json::from_str(&shown).expect("it is JSON");
    assert_eq!(shown["spooled"], true);
    assert_eq!(
        outage.server.text("select string_agg(spooled::text, ' ' order by received_at) from polysink.envelopes").await,
        "false true"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_made_in_the_background_and_follow_what_changes() {
    let app = TestApp::spawn().await;
    for n in 0..3 {
        app.send(&one("a", n)).await.counts();
    }
    app.db.projected().await;
    let url = app.db.url();
    let store = Store::new(url.parse::<sqlx::postgres::PgConnectOptions>().expect("it is a URL"), 1);
    let store = store.for_role(Role::Maintenance);
    let counted = async || maintenance::count(&store, polysink::app::now).await.expect("it can count");
    counted().await;
    let summary = "select format('%s %s %s', records, rows, usual_pause) from polysink.sync_summaries";
    app.db.becomes(summary, "3 3 ").await;
    assert_eq!(app.db.count("select sum(deliveries)::bigint from polysink.delivery_counts").await, 3);

    // Deliveries that a spool brings later count where they were received, and pauses are learned.
    app.db
        .run(
            "insert into polysink.envelopes (envelope_id, received_at, sent_at, connection, event, sync_id,
                                             record_count, outcome, body)
             select gen_random_uuid(), now() - n * interval '1 hour', now(), 'default', 'sync.records', s.sync_id, 0,
                    'stored', '{}'
             from polysink.syncs s cross join generate_series(0, 5) n
             where (now() - n * interval '1 hour')::date = now()::date or n = 0;
             update polysink.syncs set last_received_at = now() + interval '1 second'",
        )
        .await;
    counted().await;
    let sums = "select ((select sum(deliveries) from polysink.delivery_counts)
                     = (select count(*) from polysink.envelopes))::text";
    app.db.becomes(sums, "true").await;

    // A sync that is gone leaves nothing behind.
    app.db.run("delete from polysink.syncs").await;
    counted().await;
    assert_eq!(app.db.count("select count(*) from polysink.sync_summaries").await, 0);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn running_services_are_listed_until_they_stop() {
    let app = TestApp::spawn().await;
    let running = "select coalesce(string_agg(version, ' '), '') from polysink.replicas";
    app.db.becomes(running, env!("CARGO_PKG_VERSION")).await;
    let replica = app.replica().await;
    app.db.becomes("select count(*)::text from polysink.replicas", "2").await;
    drop(replica);
    let mut app = app;
    app.stop().await.expect("it stops");
    app.db.becomes("select count(*)::text from polysink.replicas", "0").await;
}

/// A body that was refused because its event had no name, and is taken once the quarantine has a better one.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_refused_body_replays_it() {
    let app = TestApp::spawn().await;
    let refused = app.send(&Delivery::of_body("{\"event\"")).await.json();
    let id = refused["rejection_id"].as_str().expect("it is quarantined");
    let admin = app.metrics_url().trim_end_matches("/metrics");
    let page = app.http.get(format!("{admin}/deliveries/{id}")).send().await.expect("it answers");
    let page = page.text().await.expect("it is a text");
    assert!(page.contains("not_json") && page.contains("Replay this rejection"), "{page}");
    let mark = page.split("name=\"mark\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("it has one");
    app.db
        .run(
            r#"update polysink.rejections set payload = '{"event":"sync.records","object":
               {"id":"1ea8f90a-b22e-4218-86d5-c3c109e1fbb7","records":[{"hash":"a","fields":{}}]}}'"#,
        )
        .await;
    let replay = app.http.post(format!("{admin}/deliveries/{id}/replay")).body(format!("mark={mark}"));
    let replay = replay.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(replay.send().await.expect("it answers").status(), 202);
    app.db.becomes("select coalesce(max(settlement), '') from polysink.rejections", "replayed").await;
    app.db.becomes("select count(*)::text from polysink.records", "1").await;
    app.db
        .becomes(
            "select coalesce(max(changed_by), '') from polysink.changes where action = 'replay'",
            "admin page, 127.0.0.1",
        )
        .await;
    // Its page is that of a delivery now.
    let page = app.http.get(format!("{admin}/deliveries/{id}")).send().await.expect("it answers");
    assert!(page.text().await.expect("it is a text").contains("<h1>Delivery"));
}
