//! Tokens of OAuth clients, over HTTP: asked for, used, refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::harness::delivery::Answer;
use crate::harness::{Delivery, TestApp, record};

const CLIENTS: (&str, &str) = ("POLYSINK_OAUTH", "prod=polytomic:first-secret,stage=an id:100% of,,a:secret");
const GRANT: &str = "grant_type=client_credentials";

/// Asks for a token.
///
/// * `basic`: id and secret for the header
async fn ask(app: &TestApp, base: &str, basic: Option<&str>, form: &str) -> Answer {
    let request = app.http.post(format!("{base}/oauth/token")).body(form.to_owned());
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let header = basic.map(|pair| format!("Basic {}", STANDARD.encode(pair)));
    let request = header.into_iter().fold(request, |request, header| request.header("authorization", header));
    Answer::read(request.send().await.expect("it answers")).await
}

/// The token of an answer.
fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    let json = answer.json();
    assert_eq!((&json["token_type"], &json["expires_in"]), (&json!("Bearer"), &json!(3_600)));
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["pragma"], "no-cache");
    json["access_token"].as_str().expect("it has one").to_owned()
}

fn delivery(name: &str, token: &str) -> Delivery {
    Delivery::of(&[record(name, json!({"id": 1}))]).with("authorization", &format!("Bearer {token}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_client_gets_a_token_that_every_replica_accepts() {
    let app = TestApp::spawn_with(&[CLIENTS]).await;
    let replica = app.replica_with(&[CLIENTS]).await;
    let base = app.webhook().replace("/webhooks/polytomic", "");
    let in_form = format!("{GRANT}&client_id=an+id&client_secret=100%25+of%2Ca%3Asecret&scope=read+write&audience=x");
    let asked = [
        ("prod", Some("polytomic:first-secret"), GRANT.to_owned()),
        ("prod", Some("polytomic:first-secret"), format!("{GRANT}&client_id=polytomic")),
        ("stage", Some("an+id:100%25+of%2Ca%3Asecret"), format!("scope=&{GRANT}")),
        ("stage", Some("an id:100% of,a:secret"), GRANT.to_owned()),
        ("stage", None, in_form),
    ];
    for (n, (connection, basic, form)) in asked.iter().enumerate() {
        let token = token(&ask(&app, &base, *basic, form).await);
        for url in [app.webhook(), format!("{}/webhooks/polytomic", replica.base())] {
            let answer = delivery(&n.to_string(), &token).post(&app.http, &url).await;
            assert_eq!(answer.status, 200, "{connection} at {url}: {answer:?}");
        }
    }
    let by = "select string_agg(concat_ws(' ', connection, deliveries), ', ' order by connection)
              from (select connection, count(*) as deliveries from polysink.envelopes group by connection) as c";
    assert_eq!(app.db.text(by).await, "prod 4, stage 6");
    // The secret by itself is not a token; the one of the other setting still is.
    assert_eq!(app.send(&delivery("x", "first-secret")).await.problem(401), "credentials");
    app.send(&Delivery::of(&[record("y", json!({"id": 1}))])).await.counts();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_outlives_a_restart_and_ends_with_its_secret() {
    let mut app = TestApp::spawn_with(&[CLIENTS]).await;
    let base = app.webhook().replace("/webhooks/polytomic", "");
    let token = token(&ask(&app, &base, Some("polytomic:first-secret"), GRANT).await);
    app.stop().await.expect("it stops");
    let other = [("POLYSINK_OAUTH", "prod=polytomic:second-secret")];
    let (same, changed) = (app.replica_with(&[CLIENTS]).await, app.replica_with(&other).await);
    let url = |base: &str| format!("{base}/webhooks/polytomic");
    assert_eq!(delivery("a", &token).post(&app.http, &url(same.base())).await.status, 200);
    let refused = delivery("b", &token).post(&app.http, &url(changed.base())).await;
    assert_eq!(refused.problem(401), "credentials");
    assert!(refused.text.contains("POLYSINK_OAUTH"), "{refused:?}");
    assert_eq!(refused.headers["www-authenticate"], r#"Bearer realm="polysink""#);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gets_no_token_is_told_why_in_the_words_of_the_standard() {
    let app = TestApp::spawn_with(&[CLIENTS]).await;
    let base = app.webhook().replace("/webhooks/polytomic", "");
    let right = Some("polytomic:first-secret");
    let secret_too = format!("{GRANT}&client_secret=first-secret");
    let twice = format!("{GRANT}&{GRANT}");
    for (basic, form, status, error) in [
        (Some("polytomic:wrong-secret"), GRANT, 401, "invalid_client"),
        (Some("nobody:first-secret"), GRANT, 401, "invalid_client"),
        (Some("an id:first-secret"), GRANT, 401, "invalid_client"),
        (None, "grant_type=client_credentials&client_id=polytomic&client_secret=x", 401, "invalid_client"),
        (right, "grant_type=client_credentials&client_id=other", 401, "invalid_client"),
        (right, "", 400, "invalid_request"),
        (right, "grant_type=", 400, "invalid_request"),
        (right, "grant_type=password", 400, "unsupported_grant_type"),
        (right, &secret_too, 400, "invalid_request"),
        (right, &twice, 400, "invalid_request"),
        (None, GRANT, 400, "invalid_request"),
    ] {
        let answer = ask(&app, &base, basic, form).await;
        let json = answer.json();
        assert_eq!((answer.status, &json["error"]), (status, &json!(error)), "{basic:?} {form}");
        assert!(json["error_description"].as_str().is_some_and(|text| text.ends_with('.')), "{json}");
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401);
    }
    let url = format!("{base}/oauth/token");
    let as_json = app.http.post(&url).json(&json!({"grant_type": "client_credentials"})).send();
    let as_json = Answer::read(as_json.await.expect("it answers")).await;
    assert_eq!((as_json.status, &as_json.json()["error"]), (400, &json!("invalid_request")));
    assert!(as_json.text.contains("x-www-form-urlencoded"), "{as_json:?}");
    let got = Answer::read(app.http.get(&url).send().await.expect("it answers")).await;
    assert_eq!(got.problem(405), "method");
    assert_eq!(got.headers["allow"], "POST");
    let long = ask(&app, &base, right, &format!("{GRANT}&scope={}", "x".repeat(20_000))).await;
    assert_eq!(long.problem(413), "too-large");
    let refused = app.metrics().await.get("polysink_refused_credentials_total", &[("reason", "wrong_client")]);
    assert_eq!(refused, Some(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_clients_there_are_no_tokens_and_an_address_that_may_not_post_gets_none() {
    let app = TestApp::spawn().await;
    let base = app.webhook().replace("/webhooks/polytomic", "");
    assert_eq!(ask(&app, &base, Some("polytomic:first-secret"), GRANT).await.problem(404), "not-found");
    let elsewhere = app.replica_with(&[CLIENTS, ("POLYSINK_ALLOWED_IPS", "192.0.2.0/24")]).await;
    let answer = ask(&app, elsewhere.base(), Some("polytomic:first-secret"), GRANT).await;
    assert_eq!(answer.problem(403), "address");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_waits_to_be_invited_gets_its_token() {
    let app = TestApp::spawn_with(&[CLIENTS]).await;
    let mut stream = app.connect().await;
    let head = format!(
        "POST /oauth/token HTTP/1.1\r\nHost: polysink\r\nConnection: close\r\nExpect: 100-continue\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nAuthorization: Basic {}\r\n\r\n",
        GRANT.len(),
        STANDARD.encode("polytomic:first-secret"),
    );
    stream.write_all(head.as_bytes()).await.expect("it is open");
    let invitation = "HTTP/1.1 100 Continue\r\n\r\n";
    let mut said = vec![0; invitation.len()];
    stream.read_exact(&mut said).await.expect("it is invited");
    assert_eq!(String::from_utf8_lossy(&said), invitation);
    stream.write_all(GRANT.as_bytes()).await.expect("it is open");
    let mut said = String::new();
    stream.read_to_string(&mut said).await.expect("it answers");
    assert!(said.starts_with("HTTP/1.1 200") && said.contains("access_token"), "{said}");
}
