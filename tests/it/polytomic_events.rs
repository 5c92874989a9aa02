//! Signed events of Polytomic's organization webhook, over HTTP.

use std::time::Duration;

use chrono::TimeDelta;
use hmac::Mac as _;
use polysink::polytomic::runs::RunPace;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::harness::delivery::Answer;
use crate::harness::polytomic::{FakePolytomic, KEY};
use crate::harness::{Delivery, Outage, SYNC, Server, TestApp, TestDatabase, record};

const SECRET: &str = "the secret of events";
const SETTINGS: [(&str, &str); 1] = [("POLYSINK_EVENTS_SECRET", SECRET)];
const PATH: &str = "/events";

/// In hex.
fn signature(secret: &str, body: &str) -> String {
    let mac = hmac::Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("it takes any key");
    format!("{:x}", mac.chain_update(body).finalize().into_bytes())
}

/// Posts an event with a signature, beside the webhook.
async fn post(http: &reqwest::Client, webhook: &str, signature: Option<&str>, body: &str) -> Answer {
    let request = http.post(format!("{webhook}{PATH}")).header("content-type", "application/json");
    let request = signature.into_iter().fold(request, |request, text| request.header("Polytomic-Signature", text));
    Answer::read(request.body(body.to_owned()).send().await.expect("it answers")).await
}

async fn post_signed(app: &TestApp, event: &Value) -> Answer {
    let body = event.to_string();
    post(&app.http, &app.webhook(), Some(&signature(SECRET, &body)), &body).await
}

async fn count(db: &TestDatabase) -> i64 {
    db.count("select count(*) from polysink.events").await
}

fn completed(id: &str) -> Value {
    json!({"id": id, "type": "sync.completed", "event": {"sync_id": SYNC, "execution_id": "e", "record_count": 7}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_event_is_kept_once_whatever_its_type() {
    let app = TestApp::spawn_with(&SETTINGS).await;
    for event in [completed("one"), completed("one"), json!({"type": "of.next.year", "id": "two"}), json!({})] {
        let answer = post_signed(&app, &event).await;
        assert_eq!((answer.status, answer.json()), (200, json!({"received": true})));
    }
    let kept = "select string_agg(concat_ws(' ', left(event_id, 7), type, sync_id, execution_id), ', ' order by type)
                from polysink.events";
    assert_eq!(app.db.text(kept).await, format!("two of.next.year, one sync.completed {SYNC} e, sha256: unknown"));
    let metrics = app.metrics().await;
    let results = ["kept", "repeated", "event-signature"]
        .map(|result| metrics.get("polysink_polytomic_events_total", &[("result", result)]));
    assert_eq!(results, [Some(3), Some(1), Some(0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_without_the_right_signature_are_refused_and_not_kept() {
    let app = TestApp::spawn_with(&SETTINGS).await;
    let body = completed("one").to_string();
    let right = signature(SECRET, &body);
    let (other, longer) = (signature("another secret", &body), format!("{body} "));
    let webhook = app.webhook();
    for (signature, body) in [(None, &body), (Some(other.as_str()), &body), (Some(""), &body), (Some(&right), &longer)]
    {
        let answer = post(&app.http, &webhook, signature, body).await;
        assert_eq!(answer.problem(401), "event-signature");
        assert!(answer.text.contains("POLYSINK_EVENTS_SECRET"), "{answer:?}");
        assert_eq!(answer.headers["www-authenticate"], "Polytomic-Signature");
    }
    let twice = app.http.post(format!("{webhook}{PATH}")).header("content-type", "application/json");
    let twice = twice.header("polytomic-signature", &right).header("polytomic-signature", &right).body(body.clone());
    assert_eq!(twice.send().await.expect("it answers").status(), 400);
    for bad in ["[1]", "{", "\"text\""] {
        let answer = post(&app.http, &webhook, Some(&signature(SECRET, bad)), bad).await;
        assert_eq!(answer.problem(400), "event");
    }
    let huge = format!("{{\"id\": \"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(post(&app.http, &webhook, Some(&signature(SECRET, &huge)), &huge).await.status, 413);
    let got = app.http.get(format!("{webhook}{PATH}")).send().await.expect("it answers");
    assert_eq!(got.status(), 405);
    assert_eq!(count(&app.db).await, 0);
    // The secret of events is not one of deliveries.
    let delivery = Delivery::documented().with("authorization", &format!("Bearer {SECRET}"));
    app.send(&delivery).await.problem(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_the_address_does_not_exist() {
    let app = TestApp::spawn().await;
    let body = completed("one").to_string();
    post(&app.http, &app.webhook(), Some(&signature(SECRET, &body)), &body).await.problem(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_kept_is_sent_again() {
    let mut outage = Outage::on(Server::start(), &SETTINGS);
    let body = completed("one").to_string();
    let signature = signature(SECRET, &body);
    outage.server.stop();
    let answer = post(&outage.http, &outage.service.url, Some(&signature), &body).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    outage.server.start_again();
    crate::harness::eventually("it is kept", async || {
        post(&outage.http, &outage.service.url, Some(&signature), &body).await.status == 200
    })
    .await;
    outage.server.becomes("select count(*)::text from polysink.events", "1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_has_the_api_asked_at_once_and_proves_nothing() {
    let fake = FakePolytomic::start();
    let hour = TimeDelta::hours(1);
    let lazy = RunPace { look: Duration::from_secs(3_600), busy: hour, idle: hour, ..TestApp::hasty() };
    let settings = [SETTINGS[0], ("POLYSINK_POLYTOMIC_KEY", KEY), ("POLYSINK_POLYTOMIC_URL", fake.url.as_str())];
    let app = TestApp::spawn_paced(TestDatabase::create().await, &settings, lazy).await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))]).sent_ago(20)).await.counts();
    let (started, ended) =
        (polysink::app::now() - TimeDelta::seconds(30), polysink::app::now() - TimeDelta::seconds(10));
    // The event says that seven records were sent, the API does not.
    fake.put_run(
        SYNC,
        json!({"id": "e", "status": "completed", "started_at": started, "completed_at": ended, "counts": {"total": 1}}),
    );
    assert_eq!(post_signed(&app, &completed("one")).await.status, 200);
    let is_there = |runs: i64| runs == 1;
    app.db.until("select count(*) from polysink.run_status where verdict = 'unverified'", is_there).await;
    let asked = fake.paths().len();
    // The same again, and one of a sync that is not ours.
    assert_eq!(post_signed(&app, &completed("one")).await.status, 200);
    let other = json!({"id": "x", "type": "sync.failed", "event": {"sync_id": "7b0e4d0a-3f2c-4c3e-8a57-0d9f6f0f4b11"}});
    assert_eq!(post_signed(&app, &other).await.status, 200);
    assert_eq!(post_signed(&app, &completed("two")).await.status, 200);
    let since = "select count(*) from polysink.sync_sources
                 where asked_at > (select max(received_at) from polysink.events)";
    app.db.until(since, is_there).await;
    assert!(fake.paths()[asked..].iter().all(|path| path.contains(SYNC)), "{:?}", fake.paths());
}
