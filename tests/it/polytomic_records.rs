//! The logs of runs against a fake Polytomic: which records are missing.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::polytomic::{FakePolytomic, KEY};
use crate::harness::{Delivery, SYNC, TestApp, record};
use crate::polytomic_runs::{ago, learned, run, spawn, status, verdict};

/// A log of these records, as JSON lines.
fn log(ids: impl IntoIterator<Item = usize>) -> String {
    ids.into_iter().map(|id| json!({"id": id}).to_string() + "\n").collect()
}

/// Records with these ids, of one delivery.
fn ids(name: &str, ids: impl IntoIterator<Item = usize>) -> Delivery {
    let records: Vec<Value> = ids.into_iter().map(|id| record(&format!("{name}-{id}"), json!({"id": id}))).collect();
    Delivery::of(&records)
}

async fn with_identity(app: &TestApp) {
    app.db.projected().await;
    app.works(&["identity", "set", SYNC, "id", "--yes"]);
}

/// The missing records of a run, as a command shows them.
fn missing(app: &TestApp, fake: &FakePolytomic, run: &str) -> String {
    app.works(&["runs", SYNC, "--missing", run, "--polytomic-key", KEY, "--polytomic-url", &fake.url])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_a_short_run_names_the_records_that_are_missing() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    learned(&app, &fake).await;
    with_identity(&app).await;
    let started = ago(10);
    app.send(&ids("arrived", 100..103).sent_ago(8)).await.counts();
    fake.state().logs.insert("lossy".to_owned(), log(100..105));
    fake.put_run(SYNC, run("lossy", started, ago(3), 5));
    verdict(&app.db, "lossy", "short").await;
    let absent = "select coalesce(absent, 0) from polysink.runs where execution_id = 'lossy'";
    app.db.until(absent, |absent: i64| absent == 2).await;
    assert_eq!(status(&app.db, "lossy").await["short_by"], 2);
    let shown = missing(&app, &fake, "lossy");
    assert_eq!(shown, "The log of run lossy has 5 records; 2 have not arrived.\n  [103]\n  [104]\n");
    // In another run, long after.
    app.send(&ids("again", 103..105)).await.counts();
    verdict(&app.db, "lossy", "complete").await;
    let lossy = status(&app.db, "lossy").await;
    assert_eq!((&lossy["proof"], &lossy["expected"], &lossy["missing"]), (&json!("records"), &json!(5), &json!(0)));
    assert_eq!(missing(&app, &fake, "lossy"), "The log of run lossy has 5 records; all have arrived.\n");
    let keys_sent = fake
        .state()
        .requests
        .iter()
        .any(|asked| asked.path.starts_with("/logs/") && asked.headers.contains_key("authorization"));
    assert!(!keys_sent, "a log needs no key");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_run_is_proved_by_its_log() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    let started = ago(10);
    app.send(&ids("first", 0..4).sent_ago(8)).await.counts();
    // As entries around the records, in an array.
    let entries: Vec<Value> = (0..4).map(|id| json!({"action": "insert", "record": {"id": id}})).collect();
    fake.state().logs.insert("first".to_owned(), json!({ "records": entries }).to_string());
    fake.put_run(SYNC, run("first", started, ago(3), 77));
    verdict(&app.db, "first", "complete").await;
    assert_eq!(status(&app.db, "first").await["proof"], "records");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_identity_records_are_compared_by_their_values() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    let sent = [("a", json!({"id": 1, "name": "x", "n": 1.50})), ("b", json!({"id": 2, "name": null}))];
    let records: Vec<Value> = sent.iter().map(|(hash, fields)| record(hash, fields.clone())).collect();
    let started = ago(10);
    app.send(&Delivery::of(&records).sent_ago(8)).await.counts();
    let lines = "{\"name\":\"x\",\"n\":1.5,\"id\":1}\n{\"id\":2}\n{\"id\":3,\"name\":\"lost\"}\n";
    fake.state().logs.insert("first".to_owned(), lines.to_owned());
    fake.put_run(SYNC, run("first", started, ago(3), 3));
    verdict(&app.db, "first", "short").await;
    let shown = missing(&app, &fake, "first");
    assert!(shown.ends_with("1 has not arrived.\n  {\"id\":3,\"name\":\"lost\"}\n"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_at_the_same_time_are_told_apart_by_their_logs() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    learned(&app, &fake).await;
    with_identity(&app).await;
    let started = ago(20);
    app.send(&ids("both", 10..13).sent_ago(15)).await.counts();
    for (name, ids) in [("one", 10..12), ("other", 12..14)] {
        fake.state().logs.insert(name.to_owned(), log(ids));
    }
    fake.put_run(SYNC, run("one", started, ago(11), 2));
    fake.put_run(SYNC, run("other", started + TimeDelta::seconds(2), ago(10), 2));
    verdict(&app.db, "one", "complete").await;
    verdict(&app.db, "other", "short").await;
    assert_eq!(missing(&app, &fake, "other").lines().last(), Some("  [13]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_entities_are_not_missing() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    learned(&app, &fake).await;
    with_identity(&app).await;
    let started = ago(10);
    app.send(&ids("arrived", [301, 302]).sent_ago(8)).await.counts();
    app.db.projected().await;
    app.works(&["forget", SYNC, "301", "--yes"]);
    fake.state().logs.insert("lossy".to_owned(), log(300..303));
    fake.put_run(SYNC, run("lossy", started, ago(3), 3));
    verdict(&app.db, "lossy", "short").await;
    assert_eq!(missing(&app, &fake, "lossy").lines().last(), Some("  [300]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_proves_nothing_leaves_a_run_to_its_counts() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    learned(&app, &fake).await;
    with_identity(&app).await;
    let many = log(0..400_000);
    let large = format!("[{{\"id\":\"{}\"}}]", "x".repeat(2 << 20));
    let logs = [
        ("csv", "id,name\n1,secret", "it is not JSON of records; that shows in its line 1, column 1"),
        ("foreign", "[{\"key\":1},{\"key\":2}]", "2 of the log's 2 records have no field of the sync"),
        ("other-ids", "[{\"id\":\"a\"},{\"id\":\"b\"}]", "none of the log's 2 records is like one that arrived"),
        ("partial", "[{\"id\":1}]", "the log has 1 records, and not all: at least 3 were sent"),
        ("cut", "[{\"id\":1}", "it is not JSON of records"),
        ("large", &large, "one of its records has more than 1048576 bytes"),
        ("endless", &many, "it has more than 4194304 bytes"),
        ("inside", "", "the link to the log leads into a private network"),
        ("plain", "", "the link to the log is not https"),
        ("none", "", "Polytomic has no log of it"),
    ];
    let link = |url: &str| vec![url.to_owned()];
    for (n, (name, text, _)) in logs.iter().enumerate() {
        let begins = 190 - 15 * i64::try_from(n).expect("it is small");
        app.send(&ids(name, [1, 2]).sent_ago(begins - 5)).await.counts();
        let mut state = fake.state();
        match *name {
            "inside" => drop(state.links.insert(name.to_string(), link("https://169.254.169.254/latest/meta-data"))),
            "plain" => drop(state.links.insert(name.to_string(), link("http://logs.example.com/1"))),
            "none" => {}
            _ => drop(state.logs.insert(name.to_string(), text.to_string())),
        }
        drop(state);
        fake.put_run(SYNC, run(name, ago(begins), ago(begins - 10), 3));
    }
    for (name, _, expected) in logs {
        verdict(&app.db, name, "short").await;
        let read = "select coalesce(jsonb_object_agg(execution_id, log_checked_at), '{}')::text from polysink.runs";
        app.db
            .until(read, |all: String| !serde_json::from_str::<Value>(&all).expect("it is JSON")[name].is_null())
            .await;
        let kept: Option<String> =
            sqlx::query_scalar("select log_problem from polysink.runs where execution_id = $1 and absent is null")
                .bind(name)
                .fetch_one(&app.db.pool)
                .await
                .expect("it is there, and was not compared");
        let kept = kept.expect("it says why");
        assert!(kept.contains(expected) && !kept.contains("secret"), "{name}: {kept}");
        // The command has larger limits than this service.
        if name == "large" || name == "endless" {
            continue;
        }
        let shown =
            app.polysink(&["runs", SYNC, "--missing", name, "--polytomic-key", KEY, "--polytomic-url", &fake.url]);
        assert!(!shown.0 && shown.1.contains(expected), "{name}: {}", shown.1);
    }
}
