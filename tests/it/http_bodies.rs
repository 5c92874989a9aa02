//! The answers to bodies and heads: encodings, sizes, and bodies that are not envelopes.

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::delivery::{gzip, head};
use crate::harness::{Delivery, SECRET, SYNC, TestApp, record};
use crate::http_answers::nothing_is_kept;

#[tokio::test(flavor = "multi_thread")]
async fn other_content_types_and_encodings_are_refused() {
    let app = TestApp::spawn().await;
    let delivery = Delivery::documented();
    assert_eq!(app.send(&delivery.clone().with("content-type", "text/plain")).await.problem(415), "media-type");
    assert_eq!(app.send(&delivery.clone().without("content-type")).await.problem(415), "media-type");
    for encoding in ["br", "deflate", "zstd", "gzip, br", "gzip, gzip, gzip"] {
        assert_eq!(app.send(&delivery.clone().with("content-encoding", encoding)).await.problem(415), "encoding");
    }
    nothing_is_kept(&app).await;
    let relaxed = delivery.with("content-type", "application/json; charset=utf-8").with("content-encoding", "identity");
    assert_eq!(app.send(&relaxed).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn gzip_is_taken_declared_or_not_in_one_member_or_more() {
    let app = TestApp::spawn().await;
    let body = |hash: &str| Delivery::of(&[record(hash, json!({"n": 1}))]).body;
    assert_eq!(app.send(&Delivery::of_body(body("declared")).gzipped()).await.counts(), [1, 1, 0, 0]);
    assert_eq!(app.send(&Delivery::of_body(gzip(&body("undeclared")))).await.counts(), [1, 1, 0, 0]);
    let x_gzip = Delivery::of_body(gzip(&body("x-gzip"))).with("content-encoding", "X-GZip");
    assert_eq!(app.send(&x_gzip).await.counts(), [1, 1, 0, 0]);
    let two = body("members");
    let (left, right) = two.split_at(40);
    let members = Delivery::of_body([gzip(left), gzip(right)].concat()).with("content-encoding", "gzip");
    assert_eq!(app.send(&members).await.counts(), [1, 1, 0, 0]);
    // A proxy that decompressed the body and left the header standing.
    let stripped = Delivery::of_body(body("stripped")).with("content-encoding", "gzip");
    assert_eq!(app.send(&stripped).await.counts(), [1, 1, 0, 0]);
    let bodies =
        "select count(*) from polysink.envelopes where body::jsonb -> 'object' ->> 'name' = 'Customers to warehouse'";
    assert_eq!(app.db.count(bodies).await, 5, "every body is kept decompressed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_gzip_body_is_quarantined_as_it_came() {
    let app = TestApp::spawn().await;
    let mut wire = gzip(&Delivery::documented().body);
    wire.truncate(wire.len() - 12);
    let answer = app.send(&Delivery::of_body(wire.clone()).with("content-encoding", "gzip")).await;
    assert_eq!(answer.problem(400), "malformed");
    assert_eq!(answer.json()["reason"], "bad_gzip");
    let kept: Vec<u8> = sqlx::query_scalar("select payload from polysink.rejections where scope = 'envelope'")
        .fetch_one(&app.db.pool)
        .await
        .expect("it is there");
    assert_eq!(kept, wire);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_bodies_are_refused_before_and_after_decompression() {
    let app = TestApp::spawn_with(&[("POLYSINK_MAX_BODY", "100KiB")]).await;
    let large = Delivery::of(&[record("a", json!({"text": "x".repeat(200_000)}))]);
    assert_eq!(app.send(&large).await.problem(413), "too-large");
    assert!(gzip(&large.body).len() < 10_000);
    assert_eq!(app.send(&large.clone().gzipped()).await.problem(413), "too-large", "a bomb");
    nothing_is_kept(&app).await;
    let fits = Delivery::of(&[record("a", json!({"text": "x".repeat(90_000)}))]);
    assert_eq!(app.send(&fits).await.counts(), [1, 1, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_a_length_is_cut_off_at_the_cap() {
    let app = TestApp::spawn_with(&[("POLYSINK_MAX_BODY", "100KiB")]).await;
    let mut stream = app.connect().await;
    stream.write_all(head("transfer-encoding: chunked\r\n").as_bytes()).await.expect("it is sent");
    let chunk = format!("{:x}\r\n{}\r\n", 20_000, "x".repeat(20_000));
    for _ in 0..10 {
        stream.write_all(chunk.as_bytes()).await.expect("what comes too late is drained, not reset");
    }
    stream.write_all(b"0\r\n\r\n").await.expect("it is sent");
    assert!(answered(&mut stream).await.starts_with("HTTP/1.1 413 "));
    nothing_is_kept(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_may_be_compressed_twice_and_padded() {
    let app = TestApp::spawn().await;
    let plain = Delivery::documented().body;
    let padded = [gzip(&plain), vec![0; 100]].concat();
    for (encoding, body) in [
        ("gzip, gzip", gzip(&gzip(&plain))),
        ("identity, gzip", gzip(&plain)),
        ("gzip,identity", padded),
        ("GZIP , X-Gzip", gzip(&plain)),
        ("gzip, gzip", plain.clone()),
    ] {
        let answer = app.send(&Delivery::of_body(body).with("content-encoding", encoding)).await;
        assert_eq!(answer.status, 200, "{encoding}: {}", answer.text);
    }
    for encoding in ["gzip, br", "gzip, gzip, gzip", "deflate"] {
        let answer = app.send(&Delivery::documented().with("content-encoding", encoding)).await;
        assert_eq!(answer.problem(415), "encoding");
    }
}

/// A file as text, in chunks of its own: each begins like a very long header name.
#[tokio::test(flavor = "multi_thread")]
async fn long_words_in_chunks_are_no_headers() {
    let app = TestApp::spawn().await;
    for word in ["0123456789abcdef".repeat(20_000), "_-AZaz09".repeat(40_000), "x".repeat(65_536)] {
        let body = Delivery::of(&[record("file", json!({"id": 1, "file": word}))]).body;
        let text = String::from_utf8(body).expect("it is text");
        let at = text.find(&word).expect("it is there");
        let (before, rest) = text.split_at(at);
        let (inside, after) = rest.split_at(word.len());
        let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
        let mut stream = app.connect().await;
        stream.write_all(head("transfer-encoding: chunked\r\n").as_bytes()).await.expect("it is sent");
        for part in [before, inside, after] {
            stream.write_all(chunk(part).as_bytes()).await.expect("it is sent");
        }
        stream.write_all(b"0\r\n\r\n").await.expect("it is sent");
        let answer = answered(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
}

/// `http::HeaderName` takes 65,535 bytes, and actix-http panics on more.
#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_too_long_is_answered_431_and_counted() {
    let app = TestApp::spawn().await;
    let name = "x".repeat(65_536);
    let good = head("content-length: 2\r\n") + "{}";
    for first in ["", &good] {
        for long in [format!("{name}: 1\r\n"), format!("a: {name}\r\n"), "a: b\r\n".repeat(30_000)] {
            let mut stream = app.connect().await;
            let request = first.to_owned() + &head(&long);
            // The client may have its answer, and a reset, before all is sent.
            let _ = stream.write_all(request.as_bytes()).await;
            let mut answers = String::new();
            let _ = stream.read_to_string(&mut answers).await;
            assert!(answers.contains("HTTP/1.1 431 "), "{answers:?}");
            assert_eq!(answers.starts_with("HTTP/1.1 400 "), !first.is_empty(), "{answers:?}");
        }
    }
    assert_eq!(app.metrics().await.count("polysink_refused_requests_total", &[("reason", "head")]), 6);
    // One below the limit.
    let mut stream = app.connect().await;
    let near = head(&format!("a: {}\r\ncontent-length: 2\r\n", "x".repeat(65_000))) + "{}";
    stream.write_all(near.as_bytes()).await.expect("it is sent");
    assert!(answered(&mut stream).await.starts_with("HTTP/1.1 400 "), "the body is not a delivery");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_early_refusal_drains_the_body_so_that_the_answer_is_read() {
    let app = TestApp::spawn().await;
    let mut stream = app.connect().await;
    let length = 20_000_000;
    let head = head(&format!("content-length: {length}\r\n"));
    stream.write_all(head.replace(SECRET, "wrong-secret").as_bytes()).await.expect("it is sent");
    // More than socket buffers hold: without a drain this write would fail, or the answer be lost to a reset.
    let sent = stream.write_all(&vec![b'x'; length]).await;
    assert!(sent.is_ok(), "{sent:?}");
    assert!(answered(&mut stream).await.starts_with("HTTP/1.1 401 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_envelope_is_answered_400_and_quarantined() {
    let app = TestApp::spawn().await;
    let object = |inner: &str| format!(r#"{{"event":"sync.records","object":{inner}}}"#);
    let table = [
        ("not json".to_owned(), "not_json"),
        ("[1]".to_owned(), "no_event"),
        ("{}".to_owned(), "no_event"),
        (r#"{"event":"sync.records"}"#.to_owned(), "no_object"),
        (object(r#"{"records":[]}"#), "bad_sync_id"),
        (object(r#"{"id":"seven","records":[]}"#), "bad_sync_id"),
        (object(&format!(r#"{{"id":"{SYNC}"}}"#)), "no_records"),
        (object(&format!(r#"{{"id":"{SYNC}","records":{{}}}}"#)), "no_records"),
    ];
    for (body, reason) in &table {
        let answer = app.send(&Delivery::of_body(body.clone())).await;
        assert_eq!(answer.problem(400), "malformed", "{body}");
        assert_eq!(answer.json()["reason"], *reason, "{body}");
        let id = answer.json()["rejection_id"].as_str().expect("it has one").to_owned();
        let kept: (String, Vec<u8>) =
            sqlx::query_as("select reason, payload from polysink.rejections where rejection_id = $1::uuid")
                .bind(id)
                .fetch_one(&app.db.pool)
                .await
                .expect("it is in the quarantine");
        assert_eq!(kept, ((*reason).to_owned(), body.clone().into_bytes()));
    }
    let not_utf8 = app.send(&Delivery::of_body(b"{\"event\":\"\xff\"}".to_vec())).await;
    assert_eq!(not_utf8.problem(400), "malformed");
    assert_eq!(not_utf8.json()["reason"], "not_utf8");
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 0);
}

/// The answer's first bytes; what follows a close does not matter.
async fn answered(stream: &mut TcpStream) -> String {
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer).await.expect("there is an answer, and no reset");
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn more_records_than_the_limit_are_413() {
    let app = TestApp::spawn_with(&[("POLYSINK_MAX_RECORDS", "1000")]).await;
    let body = |record: &str, count: usize| {
        let records = vec![record; count].join(",");
        format!(r#"{{"event":"sync.records","object":{{"id":"{SYNC}","name":"n","records":[{records}]}}}}"#)
    };
    for (record, most) in [
        ("1", 15_000_000),
        ("{}", 4_000_000),
        (r#"{"fields":{}}"#, 1_001),
        (r#"{"hash":"h","fields":{"a":{}}}"#, 1_001),
    ] {
        let answer = app.send(&Delivery::of_body(body(record, most)).gzipped()).await;
        assert_eq!(answer.problem(413), "too-many-records", "{record}");
        assert!(answer.text.contains("1000") && answer.text.contains("POLYSINK_MAX_RECORDS"), "{}", answer.text);
        let [records, ..] = app.send(&Delivery::of_body(body(record, 1_000))).await.counts();
        assert_eq!(records, 1_000, "{record}");
    }
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 4);
}
