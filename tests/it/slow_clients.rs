//! Clients that connect and send nothing, or slowly, or with `Expect: 100-continue`.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::harness::delivery::{head, timestamp};
use crate::harness::{Delivery, SECRET, TestApp, record};

/// Long enough for a service that answers, and not for one that waits for what never comes.
const SOON: Duration = Duration::from_secs(5);

fn one() -> Delivery {
    Delivery::of(&[record("a", json!({"id": 1}))])
}

/// What comes until the service closes the connection, or for as long as `until` is not in it.
async fn read_until(stream: &mut TcpStream, until: &str) -> String {
    let mut said = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&said).contains(until) {
        match timeout(SOON, stream.read(&mut buffer)).await.expect("the service says something") {
            Ok(0) | Err(_) => break,
            Ok(read) => said.extend_from_slice(&buffer[..read]),
        }
    }
    String::from_utf8_lossy(&said).into_owned()
}

async fn ask(app: &TestApp, request: &str) -> String {
    let mut stream = app.connect().await;
    stream.write_all(request.as_bytes()).await.expect("it is open");
    read_until(&mut stream, "}").await
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_whose_bodies_never_come_keep_no_client_out() {
    let app = TestApp::spawn_with(&[("POLYSINK_MAX_CONNECTIONS", "20")]).await;
    let mut held = JoinSet::new();
    for n in 0..60 {
        let mut stream = app.connect().await;
        // Some say nothing, some send half a head, and some a head without its body.
        let sent = match n % 3 {
            0 => String::new(),
            1 => "POST /webhooks/polytomic HTTP/1.1\r\nHost:".to_owned(),
            _ => head("Content-Length: 100\r\n"),
        };
        stream.write_all(sent.as_bytes()).await.expect("it is open");
        held.spawn(async move { stream.read_to_end(&mut Vec::new()).await });
    }
    // Those that waited longest have to go.
    for _ in 0..40 {
        let _ = timeout(SOON, held.join_next()).await.expect("it was closed");
    }
    for n in 0..5 {
        let delivery = Delivery::of(&[record(&n.to_string(), json!({"id": n}))]);
        let answer = timeout(SOON, app.send(&delivery)).await.expect("it is let in at once");
        assert_eq!(answer.counts(), [1, 1, 0, 0]);
    }
    assert_eq!(timeout(SOON, app.get("/health/live")).await.expect("it is let in at once").status, 200);
    let _ = timeout(SOON, held.join_next()).await.expect("another had to make room");
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_that_are_answered_late_keep_no_client_out() {
    let app = TestApp::spawn_with(&[("POLYSINK_MAX_CONNECTIONS", "20")]).await;
    let mut held = JoinSet::new();
    for _ in 0..60 {
        let mut stream = app.connect().await;
        let guess = head("Content-Length: 2\r\n").replace(SECRET, "wrong-horse-battery");
        stream.write_all(format!("{guess}{{}}").as_bytes()).await.expect("it is open");
        held.spawn(async move { stream.read_to_end(&mut Vec::new()).await });
    }
    for _ in 0..40 {
        let _ = timeout(SOON, held.join_next()).await.expect("it was closed");
    }
    assert_eq!(timeout(SOON, app.send(&one())).await.expect("it is let in at once").status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_per_address_are_limited_except_for_trusted_proxies() {
    let settings = [("POLYSINK_MAX_CONNECTIONS_PER_ADDRESS", "5")];
    let app = TestApp::spawn_with(&settings).await;
    let mut held = Vec::new();
    for _ in 0..5 {
        let mut stream = app.connect().await;
        stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("it is open");
        assert!(read_until(&mut stream, "}").await.starts_with("HTTP/1.1 200"), "five are let in");
        held.push(stream);
    }
    let said = ask(&app, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(said.starts_with("HTTP/1.1 503") && said.contains("urn:polysink:problem:connections"), "{said}");
    assert!(said.contains("POLYSINK_MAX_CONNECTIONS_PER_ADDRESS"), "{said}");
    drop(held);

    let app = TestApp::spawn_with(&[settings[0], ("POLYSINK_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let mut held = Vec::new();
    for _ in 0..10 {
        let mut stream = app.connect().await;
        stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("it is open");
        assert!(read_until(&mut stream, "}").await.starts_with("HTTP/1.1 200"), "it is a proxy");
        held.push(stream);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_invited_only_where_it_would_be_taken() {
    let app = TestApp::spawn_with(&[("POLYSINK_MAX_BODY", "1MiB")]).await;
    let expect = |further: &str| head(&format!("Expect: 100-continue\r\n{further}"));
    let good = expect("Content-Length: 2\r\n");
    let cases = [
        (good.replace(SECRET, "wrong-horse-battery"), "401", "credentials"),
        (good.replace(&timestamp(0)[..4], "2001"), "400", "stale"),
        (good.replace("application/json", "text/plain"), "415", "media-type"),
        (expect("Content-Length: 2000000\r\n"), "413", "too-large"),
        (good.replace("/webhooks/polytomic", "/elsewhere"), "404", "not-found"),
        (good.replace("POST", "PUT"), "405", "method"),
    ];
    for (request, status, kind) in cases {
        let said = ask(&app, &request).await;
        assert!(said.starts_with(&format!("HTTP/1.1 {status}")), "{request}: {said}");
        assert!(said.contains(&format!("urn:polysink:problem:{kind}")) && !said.contains("100 Continue"), "{said}");
    }

    let body = json!({"event": "sync.records", "object": {"id": crate::harness::SYNC, "records": []}}).to_string();
    let mut stream = app.connect().await;
    let request = expect(&format!("Content-Length: {}\r\n", body.len()));
    stream.write_all(request.as_bytes()).await.expect("it is open");
    assert_eq!(read_until(&mut stream, "\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).await.expect("it is open");
    assert!(read_until(&mut stream, "}").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_looks_at_the_parameters_of_the_url() {
    let app = TestApp::spawn_with(&[("POLYSINK_QUERY", "query=token:letters-and-more")]).await;
    let request = |query: &str| {
        let head = head("Expect: 100-continue\r\nContent-Length: 1000000\r\n")
            .replace(&format!("Authorization: Bearer {SECRET}\r\n"), "");
        head.replace("/webhooks/polytomic ", &format!("/webhooks/polytomic?{query} "))
    };
    let mut stream = app.connect().await;
    stream.write_all(request("token=letters-and-more").as_bytes()).await.expect("it is open");
    assert_eq!(read_until(&mut stream, "\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    let said = ask(&app, &request("token=letters-and-less")).await;
    assert!(said.starts_with("HTTP/1.1 401") && said.contains("POLYSINK_QUERY"), "{said}");
}

/// Whoever asks for a token, or sends an event, has shown nothing before the end of the body.
#[tokio::test(flavor = "multi_thread")]
async fn forms_and_events_that_never_come_keep_no_client_out() {
    let clients = ("POLYSINK_OAUTH", "prod=polytomic:letters-and-more");
    let events = ("POLYSINK_EVENTS_SECRET", "letters-of-events");
    let app = TestApp::spawn_with(&[("POLYSINK_MAX_CONNECTIONS", "20"), clients, events]).await;
    let mut held = JoinSet::new();
    for n in 0..60 {
        let mut stream = app.connect().await;
        let (path, kind) = match n % 2 {
            0 => ("/oauth/token", "application/x-www-form-urlencoded"),
            _ => ("/webhooks/polytomic/events", "application/json\r\nPolytomic-Signature: 00"),
        };
        let request =
            format!("POST {path} HTTP/1.1\r\nHost: polysink\r\nContent-Type: {kind}\r\nContent-Length: 100\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("it is open");
        held.spawn(async move { stream.read_to_end(&mut Vec::new()).await });
    }
    for _ in 0..40 {
        let _ = timeout(SOON, held.join_next()).await.expect("it was closed");
    }
    for n in 0..5 {
        let delivery = Delivery::of(&[record(&n.to_string(), json!({"id": n}))]);
        assert_eq!(timeout(SOON, app.send(&delivery)).await.expect("it is let in").status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_are_repeated_and_differ_are_refused() {
    let app = TestApp::spawn_with(&[("POLYSINK_HEADER", "key=X-Api-Key:letters-and-more")]).await;
    let body = "{}";
    let length = format!("Content-Length: {}\r\n", body.len());
    for (further, name) in [
        ("Authorization: Bearer other-horse-battery\r\n", "authorization"),
        ("Polytomic-Signature-Timestamp: 2021-06-01T22:55:36Z\r\n", "polytomic-signature-timestamp"),
        ("X-Api-Key: letters-and-more\r\nX-Api-Key: another-one\r\n", "x-api-key"),
    ] {
        let said = ask(&app, &format!("{}{body}", head(&format!("{further}{length}")))).await;
        assert!(said.starts_with("HTTP/1.1 400") && said.contains("urn:polysink:problem:ambiguous"), "{said}");
        assert!(said.contains(&format!("`{name}`")), "{said}");
    }
    // The same twice is one.
    let again = format!("Authorization: Bearer {SECRET}\r\n{length}");
    let said = ask(&app, &format!("{}{body}", head(&again))).await;
    assert!(said.contains("urn:polysink:problem:malformed"), "it came as far as the body: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_body_is_refused_and_leaves_nothing() {
    let app = TestApp::spawn().await;
    for further in ["", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n"] {
        let body = if further.contains("chunked") { "0\r\n\r\n" } else { "" };
        let said = ask(&app, &format!("{}{body}", head(further))).await;
        assert!(said.starts_with("HTTP/1.1 400") && said.contains("urn:polysink:problem:empty"), "{said}");
    }
    assert_eq!(app.db.count("select count(*) from polysink.rejections").await, 0);
}
