//! Runs against a fake Polytomic, from start to verdict.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use polysink::polytomic::runs::RunPace;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::doctor::doctor;
use crate::harness::app::http_client;
use crate::harness::polytomic::{FakePolytomic, Fault, KEY};
use crate::harness::{Delivery, Metrics, SYNC, TestApp, TestDatabase, eventually, record};
use crate::retention::age;

/// The id of a sync that was made again.
const AGAIN: &str = "6c0d6d2e-2f9b-4b9e-9a0e-5a3f5f5b7e77";

/// A service that asks the fake one.
pub async fn spawn(fake: &FakePolytomic) -> TestApp {
    TestApp::spawn_with(&settings(fake)).await
}

pub fn settings(fake: &FakePolytomic) -> [(&'static str, &str); 2] {
    [("POLYSINK_POLYTOMIC_KEY", KEY), ("POLYSINK_POLYTOMIC_URL", &fake.url)]
}

pub fn ago(seconds: i64) -> DateTime<Utc> {
    polysink::app::now() - TimeDelta::seconds(seconds)
}

/// A run that has ended well.
pub fn run(id: &str, started: DateTime<Utc>, ended: DateTime<Utc>, total: usize) -> Value {
    json!({
        "id": id, "status": "completed", "created_at": started, "started_at": started, "completed_at": ended,
        "counts": {"total": total, "error": 0}
    })
}

/// A delivery of so many records.
pub fn delivery(name: &str, records: usize) -> Delivery {
    let records: Vec<Value> = (0..records).map(|n| record(&format!("{name}-{n}"), json!({"id": n}))).collect();
    Delivery::of(&records)
}

/// Waits until a run has a verdict.
pub async fn verdict(db: &TestDatabase, run: &str, expected: &str) {
    let sql = "select coalesce(jsonb_object_agg(execution_id, verdict), '{}')::text from polysink.run_status";
    let is_so = |all: String| serde_json::from_str::<Value>(&all).expect("it is JSON")[run] == expected;
    db.until(sql, is_so).await;
}

/// A run, as everyone can read it.
pub async fn status(db: &TestDatabase, run: &str) -> Value {
    let row = sqlx::query_scalar("select to_jsonb(r) from polysink.run_status r where execution_id = $1");
    row.bind(run).fetch_one(&db.pool).await.expect("there is one")
}

/// Three runs, after which it is known which count is that of the records.
pub async fn learned(app: &TestApp, fake: &FakePolytomic) {
    for (n, begins) in [(1, 250), (2, 230), (3, 210)] {
        app.send(&delivery(&format!("learn-{n}"), n).sent_ago(begins - 5)).await.counts();
        fake.put_run(SYNC, run(&format!("learn-{n}"), ago(begins), ago(begins - 10), n));
    }
    for n in 1..=3 {
        verdict(&app.db, &format!("learn-{n}"), "complete").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_followed_from_its_start_to_its_verdict() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    let started = ago(60);
    app.send(&delivery("first", 2).sent_ago(50)).await.counts();
    let running = json!({"id": "first", "status": "running", "created_at": started, "started_at": started});
    fake.put_run(SYNC, running);
    verdict(&app.db, "first", "running").await;
    app.send(&delivery("second", 3).sent_ago(40)).await.counts();
    fake.put_run(SYNC, run("first", started, ago(30), 5));
    verdict(&app.db, "first", "unverified").await;
    let run = status(&app.db, "first").await;
    assert_eq!((&run["expected"], &run["received"]), (&Value::Null, &json!(5)));
    assert!(run["reason"].as_str().expect("it has one").contains("not known yet"), "{run}");
    let listed = app.works(&["runs"]);
    assert!(listed.contains("unverified: which count"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_delivery_makes_a_run_short_until_it_comes() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    learned(&app, &fake).await;
    let (started, sent_at) = (ago(10), ago(5).format("%Y-%m-%dT%H:%M:%SZ").to_string());
    app.send(&delivery("arrived", 3).sent_at(&sent_at)).await.counts();
    fake.put_run(SYNC, run("lossy", started, ago(1), 7));
    verdict(&app.db, "lossy", "short").await;
    let run = status(&app.db, "lossy").await;
    assert_eq!((&run["expected"], &run["received"], &run["short_by"]), (&json!(7), &json!(3), &json!(4)));
    let listed = app.works(&["runs", SYNC]);
    assert!(listed.contains("short by 4"), "{listed}");
    let missing = |metrics: &Metrics| metrics.get("polysink_run_short_records", &[("sync_id", SYNC)]);
    app.metrics_until(|metrics| missing(metrics) == Some(4)).await;
    let found = doctor(&app)["runs"]["found"].clone();
    assert_eq!(found, "1 run is short, the last one lossy of customers_to_warehouse: 4 records are missing");
    assert!(app.works(&["dbt"]).contains("  - name: polysink_runs\n"), "a test of the view");
    // As from the spool of another replica.
    app.send(&delivery("lost", 4).sent_at(&sent_at)).await.counts();
    verdict(&app.db, "lossy", "complete").await;
    assert_eq!(status(&app.db, "lossy").await["proof"], "counts");
    app.metrics_until(|metrics| missing(metrics) == Some(0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_full_run_that_is_complete_sends_what_was_missing() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    learned(&app, &fake).await;
    fake.put_run(SYNC, run("lossy", ago(190), ago(180), 2));
    verdict(&app.db, "lossy", "short").await;
    assert_eq!(status(&app.db, "lossy").await["missing"], 2);
    app.send(&delivery("again", 2).sent_ago(165)).await.counts();
    fake.put_run(SYNC, run("incremental", ago(170), ago(160), 2));
    verdict(&app.db, "incremental", "complete").await;
    assert_eq!(status(&app.db, "lossy").await["missing"], 2, "it need not have sent them");
    fake.state().syncs.insert(SYNC.to_owned(), json!({"id": SYNC, "sync_all_records": true}));
    app.send(&delivery("all", 2).sent_ago(145)).await.counts();
    fake.put_run(SYNC, run("full", ago(150), ago(140), 2));
    verdict(&app.db, "full", "complete").await;
    let lossy = status(&app.db, "lossy").await;
    assert_eq!((&lossy["verdict"], &lossy["missing"]), (&json!("short"), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_run_shows_how_far_it_is() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    app.send(&delivery("first", 2).sent_ago(50)).await.counts();
    let mut running = run("first", ago(60), ago(0), 8);
    running["status"] = json!("running");
    running["completed_at"] = Value::Null;
    fake.put_run(SYNC, running);
    // It is noted before what came of it is counted.
    eventually("it shows", async || app.works(&["runs"]).contains("running: 2 of 8, 25 %")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_ends_have_their_own_verdicts() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    learned(&app, &fake).await;
    app.send(&delivery("twice", 2).sent_ago(185)).await.counts();
    app.send(&delivery("twice", 2).sent_ago(184)).await.counts();
    fake.put_run(SYNC, run("over", ago(190), ago(180), 2));
    verdict(&app.db, "over", "over").await;
    let mut failed = run("failed", ago(170), ago(160), 2);
    failed["status"] = json!("failed");
    failed["errors"] = json!(["the target refused"]);
    fake.put_run(SYNC, failed);
    verdict(&app.db, "failed", "failed").await;
    let mut uncounted = run("uncounted", ago(150), ago(140), 2);
    uncounted["counts"] = json!({"total": "-3"});
    fake.put_run(SYNC, uncounted);
    verdict(&app.db, "uncounted", "unverified").await;
    fake.put_run(SYNC, run("one", ago(130), ago(110), 2));
    fake.put_run(SYNC, run("other", ago(120), ago(100), 2));
    verdict(&app.db, "one", "ambiguous").await;
    verdict(&app.db, "other", "ambiguous").await;
    let started = ago(80);
    fake.put_run(SYNC, json!({"id": "gone", "status": "running", "created_at": started, "started_at": started}));
    verdict(&app.db, "gone", "running").await;
    fake.state().runs.get_mut(SYNC).expect("it has runs").retain(|run| run["id"] != "gone");
    verdict(&app.db, "gone", "unknown").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_settles_before_it_is_said_to_be_short() {
    let fake = FakePolytomic::start();
    let mut app = spawn(&fake).await;
    learned(&app, &fake).await;
    app.stop().await.expect("it stops");
    let patient = RunPace { settling: TimeDelta::hours(1), ..TestApp::hasty() };
    let app = TestApp::spawn_paced(app.db, &settings(&fake), patient).await;
    app.send(&delivery("arrived", 3)).await.counts();
    fake.put_run(SYNC, run("lossy", ago(5), ago(-1), 7));
    verdict(&app.db, "lossy", "settling").await;
    app.send(&delivery("lost", 4)).await.counts();
    verdict(&app.db, "lossy", "complete").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_is_away_changes_a_metric_and_nothing_else() {
    let fake = FakePolytomic::start();
    for _ in 0..40 {
        fake.fail(Fault::Status(500, Vec::new(), "out of order".to_owned()));
    }
    let app = spawn(&fake).await;
    app.send(&delivery("first", 2)).await.counts();
    app.metrics_until(|metrics| metrics.get("polysink_polytomic_asks_total", &[("result", "status")]) > Some(0)).await;
    let error = app.db.text("select error from polysink.sync_sources").await;
    assert_eq!(error, "Polytomic's API answered 500: out of order");
    let listed = app.works(&["runs"]);
    assert!(listed.contains("out of order"), "{listed}");
    let finding = &doctor(&app)["run-questions"];
    assert_eq!(finding["found"], "customers_to_warehouse: Polytomic's API answered 500: out of order");
    fake.state().faults.clear();
    fake.put_run(SYNC, run("first", ago(5), ago(-1), 2));
    verdict(&app.db, "first", "unverified").await;
    assert_eq!(app.db.count("select count(error) from polysink.sync_sources").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_postgresql_does_not_take_are_changed() {
    let fake = FakePolytomic::start();
    fake.fail(Fault::Status(418, Vec::new(), "{\"message\": \"a\\u0000b\"}".to_owned()));
    let app = spawn(&fake).await;
    app.send(&delivery("first", 2).sent_ago(20)).await.counts();
    let error = "select coalesce((select error from polysink.sync_sources), '')";
    app.db.until(error, |error: String| error == "Polytomic's API answered 418: a\u{fffd}b").await;
    fake.state().syncs.insert(SYNC.to_owned(), json!({"id": SYNC, "name": "a\u{0}b"}));
    let mut odd = run("odd", ago(30), ago(10), 2);
    odd["errors"] = json!(["c\u{0}d"]);
    fake.put_run(SYNC, odd);
    verdict(&app.db, "odd", "unverified").await;
    assert_eq!(app.db.text("select name from polysink.sync_sources").await, "a\u{fffd}b");
    assert_eq!(app.db.text("select errors[1] from polysink.runs").await, "c\u{fffd}d");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_of_another_organization_is_not_asked_about_with_this_key() {
    let fake = FakePolytomic::start();
    let key = format!("other={KEY}");
    let settings = [("POLYSINK_POLYTOMIC_KEY", key.as_str()), ("POLYSINK_POLYTOMIC_URL", &fake.url)];
    let app = TestApp::spawn_with(&settings).await;
    app.send(&delivery("first", 2)).await.counts();
    let sql = "select coalesce((select error from polysink.sync_sources), '')";
    app.db.until(sql, |error: String| error.contains("no key named default")).await;
    assert_eq!(fake.paths(), [] as [&str; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_before_the_first_delivery_are_not_judged() {
    let fake = FakePolytomic::start();
    for n in 0..10 {
        fake.put_run(SYNC, run(&format!("early-{n}"), ago(10_000 - n), ago(9_000 - n), 5));
    }
    let app = spawn(&fake).await;
    app.send(&delivery("first", 2)).await.counts();
    fake.put_run(SYNC, run("first", ago(5), ago(-1), 2));
    verdict(&app.db, "first", "unverified").await;
    assert_eq!(app.db.count("select count(*) from polysink.runs").await, 1);
    let further = fake.paths().into_iter().filter(|path| path.contains("page_token"));
    assert_eq!(further.count(), 0, "the pages before are not read");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_verdict_is_given_once_however_many_replicas_ask() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    let replica = app.replica_with(&settings(&fake)).await;
    learned(&app, &fake).await;
    let complete = |metrics: &Metrics| {
        metrics.get("polysink_run_verdicts_total", &[("verdict", "complete")]).expect("it is there from the start")
    };
    let other = Metrics::read(&http_client(), replica.metrics_url()).await;
    assert_eq!(complete(&app.metrics().await) + complete(&other), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_of_an_adopted_sync_are_those_of_the_one_that_continues() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    learned(&app, &fake).await;
    let records = [record("again-0", json!({"id": 0})), record("again-1", json!({"id": 1}))];
    app.send(&Delivery::of_sync(AGAIN, "made again", &records).sent_ago(95)).await.counts();
    fake.put_run(AGAIN, run("again", ago(100), ago(90), 2));
    verdict(&app.db, "again", "unverified").await;
    app.works(&["adopt", AGAIN, SYNC, "--yes"]);
    assert_eq!(status(&app.db, "again").await["sync_id"], SYNC);
    let records = [record("more", json!({"id": 2}))];
    app.send(&Delivery::of_sync(AGAIN, "made again", &records).sent_ago(75)).await.counts();
    fake.put_run(AGAIN, run("more", ago(80), ago(70), 1));
    verdict(&app.db, "more", "unverified").await;
    let run = status(&app.db, "more").await;
    assert_eq!((&run["sync_id"], &run["received"]), (&json!(SYNC), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_asked_about_while_its_sync_is_adopted_is_there_once() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    app.send(&delivery("first", 2)).await.counts();
    app.send(&Delivery::of_sync(AGAIN, "made again", &[record("again", json!({"id": 0}))])).await.counts();
    fake.put_run(AGAIN, run("again", ago(5), ago(-1), 1));
    verdict(&app.db, "again", "unverified").await;
    let runs_of_it = format!("/api/syncs/{AGAIN}/executions");
    let asked = || {
        fake.paths()
            .iter()
            .filter(|path| path.split('?').next().is_some_and(|path| path.ends_with(&runs_of_it)))
            .count()
    };
    let answers = Arc::new(Semaphore::new(0));
    fake.state().held.insert(runs_of_it.clone(), Arc::clone(&answers));
    let before = asked();
    eventually("its runs are asked for", async || asked() > before).await;
    app.works(&["adopt", AGAIN, SYNC, "--yes"]);
    answers.add_permits(Semaphore::MAX_PERMITS);
    let before = asked();
    eventually("they are asked for once more", async || asked() > before).await;
    assert_eq!(app.db.count("select count(*) from polysink.runs where execution_id = 'again'").await, 1);
    assert_eq!(status(&app.db, "again").await["sync_id"], SYNC);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_counted_by_heads_once_the_bodies_are_gone() {
    const DAYS: i64 = 40 * 86_400;
    let fake = FakePolytomic::start();
    let mut all = settings(&fake).to_vec();
    all.push(("POLYSINK_RETENTION", "0"));
    let app = TestApp::spawn_with(&all).await;
    app.send(&delivery("old", 2).sent_ago(20)).await.counts();
    app.db.projected().await;
    age(&app).await;
    app.db
        .run(
            "update polysink.envelopes set sent_at = sent_at - interval '40 days';
             update polysink.syncs set first_received_at = first_received_at - interval '40 days'",
        )
        .await;
    app.works(&["prune", "--yes"]);
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 0);
    fake.put_run(SYNC, run("old", ago(DAYS + 30), ago(DAYS + 5), 2));
    verdict(&app.db, "old", "unverified").await;
    let run = status(&app.db, "old").await;
    assert_eq!(run["received"], 2, "{run}");
    assert!(run["reason"].as_str().is_some_and(|reason| reason.contains("not known yet")), "{run}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_is_what_is_expected_of_a_sync() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    app.send(&delivery("first", 2).sent_ago(20)).await.counts();
    let next = |metrics: &Metrics| metrics.get("polysink_sync_next_run_timestamp_seconds", &[("sync_id", SYNC)]);
    fake.put_run(SYNC, run("first", ago(30), ago(10), 2));
    verdict(&app.db, "first", "unverified").await;
    assert_eq!(next(&app.metrics().await), None, "it has no schedule");
    fake.state().next_execution_time = Some(ago(-7_230).to_rfc3339());
    let metrics = app.metrics_until(|metrics| next(metrics).is_some()).await;
    assert!((next(&metrics).expect("it is there") - ago(-7_230).timestamp()).abs() <= 60, "{metrics:?}");
    let listed = app.works(&["syncs"]);
    assert!(listed.contains("NEXT RUN") && listed.contains("in 2 h"), "{listed}");
    fake.state().next_execution_time = Some(ago(3_700).to_rfc3339());
    app.metrics_until(|metrics| next(metrics).is_some_and(|next| next < ago(0).timestamp())).await;
    assert!(app.works(&["syncs"]).contains("1 h overdue"));
    // While a run is in progress, it is not.
    let started = ago(5);
    fake.put_run(SYNC, json!({"id": "late", "status": "running", "created_at": started, "started_at": started}));
    app.metrics_until(|metrics| next(metrics).is_none()).await;
}
