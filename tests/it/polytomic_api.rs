//! The client of Polytomic's API, over real HTTP against a server that answers as documented and misbehaves.

use std::time::Duration;

use polysink::model::SyncId;
use polysink::polytomic::api::{ApiError, ApiUrl, Client, ClientOptions, LogKind, RunCounts};
use serde_json::json;

use crate::doctor::doctor_on;
use crate::harness::polytomic::{FakePolytomic, Fault, KEY};
use crate::harness::{SYNC, TestDatabase, app::http_client};

fn client(fake: &FakePolytomic) -> Client {
    client_with(fake, KEY)
}

fn client_with(fake: &FakePolytomic, key: &str) -> Client {
    let _ = http_client(); // its TLS provider
    let url = ApiUrl::new(fake.url.parse().expect("it is a URL"));
    let options =
        ClientOptions { url, key: key.into(), first_pause: Duration::from_millis(1), now: polysink::app::now };
    Client::new(options).expect("a client can be made")
}

fn sync() -> SyncId {
    SyncId(SYNC.parse().expect("it is an id"))
}

fn run(n: usize) -> serde_json::Value {
    json!({
        "id": format!("run-{n}"), "status": "completed", "started_at": "2026-04-01T10:00:00Z",
        "completed_at": "2026-04-01T10:05:00Z", "counts": {"total": n}
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_read_page_by_page_the_latest_first() {
    let fake = FakePolytomic::start();
    for n in 0..7 {
        fake.put_run(SYNC, run(n));
    }
    let client = client(&fake);
    let (mut found, mut page) = (Vec::new(), None);
    loop {
        let next = client.executions(sync(), page.as_deref()).await.expect("it answers");
        found.extend(next.items.into_iter().map(|run| run.id));
        page = next.next;
        if page.is_none() {
            break;
        }
    }
    assert_eq!(found, ["run-6", "run-5", "run-4", "run-3", "run-2", "run-1", "run-0"]);
    let one = client.execution(sync(), "run-3").await.expect("it is there");
    assert_eq!(one.counts, RunCounts { total: Some(3), ..RunCounts::default() });
    let asked = fake.state().requests[0].clone();
    assert_eq!(asked.headers["x-polytomic-version"], "2025-09-18");
    assert_eq!(asked.headers["x-polytomic-access-mode"], "read-only");
    assert_eq!(asked.headers["authorization"], format!("Bearer {KEY}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_an_organization_is_presented_as_basic_credentials() {
    let fake = FakePolytomic::start();
    fake.state().basic = true;
    let client = client(&fake);
    for _ in 0..2 {
        assert_eq!(client.me().await.expect("it answers").organization.as_deref(), Some("An organization"));
    }
    assert_eq!(fake.paths().len(), 3, "the right way is remembered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_and_what_is_not_there_are_said_at_once() {
    let fake = FakePolytomic::start();
    assert_eq!(client_with(&fake, "another-key").me().await.expect_err("it is wrong"), ApiError::WrongKey);
    assert_eq!(fake.paths().len(), 2, "both ways, each once");
    let client = client(&fake);
    assert_eq!(client.status(sync()).await.expect_err("it is not there"), ApiError::NotFound("sync"));
    fake.put_run(SYNC, run(1));
    assert_eq!(client.execution(sync(), "../me").await.expect_err("it is not there"), ApiError::NotFound("run"));
    fake.fail(Fault::Status(403, Vec::new(), r#"{"message":"no \n rights"}"#.to_owned()));
    let error = client.me().await.expect_err("it is forbidden");
    assert_eq!(error, ApiError::Forbidden("no \n rights".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_that_pass_are_outlasted() {
    let fake = FakePolytomic::start();
    let client = client(&fake);
    fake.fail(Fault::Status(503, Vec::new(), "<html>".to_owned()));
    fake.fail(Fault::Cut);
    fake.fail(Fault::Status(429, vec![("retry-after-ms", "1".to_owned())], String::new()));
    client.me().await.expect("the fourth try is answered");
    assert_eq!(fake.paths().len(), 4);
    for _ in 0..4 {
        fake.fail(Fault::Status(502, Vec::new(), "a proxy".to_owned()));
    }
    let error = client.me().await.expect_err("it does not pass");
    assert_eq!(error, ApiError::Status { status: 502, message: "a proxy".to_owned() });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_holds_back_all_questions() {
    let fake = FakePolytomic::start();
    let client = client(&fake);
    fake.fail(Fault::Status(429, vec![("retry-after", "3600".to_owned())], String::new()));
    for _ in 0..2 {
        let error = client.me().await.expect_err("it is for an hour");
        assert!(matches!(error, ApiError::RateLimited(left) if left > Duration::from_secs(3500)), "{error}");
    }
    assert_eq!(fake.paths().len(), 1, "nothing was asked meanwhile");
    let endless = FakePolytomic::start();
    endless.fail(Fault::Status(429, vec![("retry-after", u64::MAX.to_string())], String::new()));
    let error = self::client(&endless).me().await.expect_err("it is for ever");
    assert!(matches!(error, ApiError::RateLimited(left) if left <= Duration::from_secs(86_400)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_cannot_be_used_are_named() {
    let fake = FakePolytomic::start();
    let client = client(&fake);
    fake.fail(Fault::Endless);
    assert!(matches!(client.me().await.expect_err("it has no end"), ApiError::TooLarge { .. }));
    for body in ["", "<html>", "[]", "{}", r#"{"data": 7}"#, r#"{"data": null}"#] {
        fake.fail(Fault::Body(body.to_owned()));
        let error = client.me().await.expect_err(body);
        assert!(matches!(error, ApiError::Unreadable(_)), "{body}: {error}");
    }
    let elsewhere = FakePolytomic::start();
    let location = vec![("location", format!("{}/api/me", elsewhere.url))];
    fake.fail(Fault::Status(302, location, String::new()));
    assert_eq!(client.me().await.expect_err("it leads elsewhere"), ApiError::Redirected);
    assert_eq!(elsewhere.paths(), [] as [&str; 0], "the key went nowhere else");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_is_not_there_is_said() {
    let fake = FakePolytomic::start();
    let client = client(&fake);
    drop(fake);
    let error = client.me().await.expect_err("nothing listens");
    assert!(matches!(error, ApiError::Unreachable(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_read_without_the_key() {
    let fake = FakePolytomic::start();
    fake.put_run(SYNC, run(1));
    fake.state().logs.insert("run-1".to_owned(), "[1, 2, 3]".to_owned());
    let client = client(&fake);
    let links = client.log(sync(), "run-1", LogKind::Records).await.expect("it is there");
    let mut log = client.open_log(&links.urls[0]).await.expect("it opens");
    let mut text = Vec::new();
    while let Some(part) = log.next().await.expect("it can be read") {
        text.extend(part);
    }
    assert_eq!(text, b"[1, 2, 3]");
    assert!(!format!("{links:?}").contains("secret"), "a signed link is not logged");
    let error = client.open_log("http://169.254.169.254/latest/meta-data").await.expect_err("it leads inside");
    assert!(matches!(error, ApiError::Unreadable(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_idempotency_key_starts_one_run() {
    let fake = FakePolytomic::start();
    fake.put_run(SYNC, run(1));
    let client = client(&fake);
    let entities = ["a".to_owned(), "b".to_owned()];
    let first = client.start(sync(), &entities, "polysink-run-1-1").await.expect("it starts");
    let again = client.start(sync(), &entities, "polysink-run-1-1").await.expect("it is the same");
    assert_eq!(first.id, again.id);
    assert_eq!(fake.state().requests[0].body, json!({"identities": ["a", "b"]}));
    let error = client.start(sync(), &[], "polysink-run-1-2").await.expect_err("one is in progress");
    assert_eq!(error, ApiError::Conflict("the sync is running".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_whose_key_it_is_and_what_is_wrong_with_another() {
    let fake = FakePolytomic::start();
    let db = TestDatabase::create().await;
    let found = |key: &str| {
        let settings = [("POLYSINK_POLYTOMIC_KEY", key), ("POLYSINK_POLYTOMIC_URL", fake.url.as_str())];
        let (_, findings) = doctor_on(&db.url(), &settings);
        let text = |member: &str| findings["polytomic"][member].as_str().unwrap_or_default().to_owned();
        (text("level"), text("found"))
    };
    assert_eq!(found(KEY), ("ok".to_owned(), "the key `default` is that of An organization".to_owned()));
    let (level, said) = found(&format!("prod={KEY},staging=another-key"));
    assert_eq!(level, "warn");
    assert!(said.starts_with("the key `staging`: Polytomic's API does not accept the key"), "{said}");
    let (_, without) = doctor_on(&db.url(), &[]);
    assert!(!without.contains_key("polytomic"), "it is asked for with a key alone");
    let settings = [("POLYSINK_POLYTOMIC_KEY", KEY), ("POLYSINK_POLYTOMIC_URL", "http://app.polytomic.com")];
    let (worked, findings) = doctor_on(&db.url(), &settings);
    let said = findings["settings"]["found"].as_str().expect("it is wrong");
    assert!(!worked && said.contains("POLYSINK_POLYTOMIC_URL") && said.contains("not encrypted"), "{said}");
}
