//! Every row of the design's HTTP table, in the order of its checks.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::harness::delivery::head;
use crate::harness::{Answer, Delivery, SECRET, TestApp, eventually, record};

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_counts_new_duplicate_and_rejected_records() {
    let app = TestApp::spawn().await;
    let records = [record("a", json!({"n": 1})), record("b", json!({"n": 2})), record("a", json!({"n": 1}))];
    let answer = app.send(&Delivery::of(&records)).await;
    assert_eq!(answer.counts(), [3, 2, 1, 0]);
    assert_eq!(answer.json()["received"], true);
    let id = answer.json()["envelope_id"].as_str().expect("it has one").to_owned();
    assert_eq!(app.db.text("select envelope_id::text from polysink.envelopes").await, id);
    assert_eq!(app.send(&Delivery::of(&records)).await.counts(), [3, 0, 3, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_event_is_kept_and_ignored() {
    let app = TestApp::spawn().await;
    let answer = app.send(&Delivery::of_body(r#"{"event":"sync.deleted","object":{"x":1}}"#)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({"received": true, "ignored": "sync.deleted"}));
    let kept = app.db.text("select outcome || ' ' || event || ' ' || body from polysink.envelopes").await;
    assert_eq!(kept, r#"ignored sync.deleted {"event":"sync.deleted","object":{"x":1}}"#);
    assert_eq!(app.db.count("select count(*) from polysink.syncs").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn unusable_records_are_quarantined_and_the_rest_is_stored() {
    let app = TestApp::spawn().await;
    let records = [record("a", json!({"n": 1})), json!("no object"), json!({"hash": 7, "fields": {}})];
    assert_eq!(app.send(&Delivery::of(&records)).await.counts(), [3, 1, 0, 2]);
    let set_aside =
        "select string_agg(reason || ' ' || position || ' ' || convert_from(payload, 'utf8'), '; ' order by position)
                     from polysink.rejections where scope = 'record' and envelope_id is not null
                     and settled_at is null";
    assert_eq!(
        app.db.text(set_aside).await,
        r#"record_not_object 1 "no object"; hash_not_string 2 {"fields":{},"hash":7}"#
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_allowed_is_refused_before_its_credentials_are_looked_at() {
    let app = TestApp::spawn_with(&[("POLYSINK_ALLOWED_IPS", "polytomic, 192.0.2.0/24")]).await;
    assert_eq!(app.send(&Delivery::documented()).await.problem(403), "address");
    assert_eq!(app.send(&Delivery::documented().without("authorization")).await.problem(403), "address");
    assert_eq!(app.get("/health/live").await.status, 200, "health stays open");
    nothing_is_kept(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_trusted_proxy_the_client_is_who_is_allowed_and_noted() {
    let settings = [("POLYSINK_ALLOWED_IPS", "192.0.2.0/24"), ("POLYSINK_TRUSTED_PROXIES", "127.0.0.0/8")];
    let app = TestApp::spawn_with(&settings).await;
    let from = |chain: &str| Delivery::documented().with("x-forwarded-for", chain);
    assert_eq!(app.send(&from("192.0.2.7, 203.0.113.1")).await.problem(403), "address");
    assert_eq!(app.send(&from("203.0.113.1, 192.0.2.7, 127.0.0.9")).await.status, 200);
    assert_eq!(app.db.text("select source_ip::text from polysink.envelopes").await, "192.0.2.7/32");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_may_come_without_its_scheme() {
    let app = TestApp::spawn().await;
    assert_eq!(app.send(&Delivery::documented().with("authorization", SECRET)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_or_wrong_credentials_are_refused_and_nothing_of_the_body_is_kept() {
    let app = TestApp::spawn().await;
    for (authorization, why) in [
        ("Bearer wrong-horse-battery", "the credentials are invalid"),
        ("wrong-horse-battery", "the credentials are invalid"),
        ("Bearer", "the credentials are invalid"),
        ("Basic Y29ycmVjdA==", "does not accept this kind of credentials"),
        ("Digest username=\"polytomic\"", "does not accept this kind of credentials"),
    ] {
        let answer = app.send(&Delivery::documented().with("authorization", authorization)).await;
        assert_eq!(answer.problem(401), "credentials", "{authorization}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"polysink\"");
        let detail = answer.json()["detail"].as_str().expect("it says why").to_owned();
        assert!(detail.contains(why) && detail.contains("POLYSINK_SECRETS on the receiver"), "{detail}");
    }
    let answer = app.send(&Delivery::documented().without("authorization")).await;
    assert_eq!(answer.problem(401), "credentials");
    assert!(answer.json()["detail"].as_str().expect("it says why").contains("has no credentials"));
    // Neither an old timestamp nor a bad body changes the answer: credentials come first.
    let bad = Delivery::of_body("not json").without("authorization").sent_ago(4000);
    assert_eq!(app.send(&bad).await.problem(401), "credentials");
    nothing_is_kept(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_secrets_basic_and_a_header_are_accepted_side_by_side() {
    let app = TestApp::spawn_with(&[
        ("POLYSINK_SECRETS", "old-secret-1,new=new-secret-2"),
        ("POLYSINK_BASIC", "basic-one=polytomic:pass-word"),
        ("POLYSINK_HEADER", "key=X-Api-Key:abc-def"),
        ("POLYSINK_QUERY", "query-1=token:abc-def&tenant:a b"),
    ])
    .await;
    let plain = Delivery::documented().without("authorization");
    for (header, value, connection) in [
        ("authorization", "Bearer old-secret-1", "default"),
        ("authorization", "bearer new-secret-2", "new"),
        ("authorization", "Basic cG9seXRvbWljOnBhc3Mtd29yZA==", "basic-one"),
        ("x-api-key", "abc-def", "key"),
    ] {
        assert_eq!(app.send(&plain.clone().with(header, value)).await.status, 200, "{connection}");
        let latest = "select connection from polysink.envelopes order by envelope_id desc limit 1";
        assert_eq!(app.db.text(latest).await, connection);
    }
    let by_query = format!("{}?tenant=a+b&token=abc-def", app.webhook());
    assert_eq!(plain.post(&app.http, &by_query).await.status, 200);
    assert_eq!(app.db.count("select count(*) from polysink.envelopes where connection = 'query-1'").await, 1);
    let wrong = plain.post(&app.http, &by_query.replace("abc-def", "hunter2")).await;
    assert_eq!(wrong.problem(401), "credentials");
    let detail = wrong.json()["detail"].to_string();
    assert!(detail.contains("the credentials are invalid") && detail.contains("POLYSINK_QUERY"), "{detail}");
    let refused = app.send(&plain).await;
    assert_eq!(refused.problem(401), "credentials");
    assert!(refused.headers["www-authenticate"].to_str().expect("it is text").contains("Basic realm="));
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_failures_are_answered_late_and_right_credentials_never() {
    let app = TestApp::spawn().await;
    let wrong = Delivery::documented().with("authorization", "Bearer wrong-horse-battery");
    let began = std::time::Instant::now();
    for _ in 0..6 {
        app.send(&wrong).await.problem(401);
    }
    // Pauses of 50, 100 and 200 ms: the least that can have passed, on any machine.
    assert!(began.elapsed() >= Duration::from_millis(350), "{:?}", began.elapsed());
    // A failure that is held up (400 ms by now) does not hold up a delivery that is right, from the same address.
    let timed = async |delivery: &Delivery| (app.send(delivery).await, std::time::Instant::now());
    let documented = Delivery::documented();
    let (held_up, right) = tokio::join!(timed(&wrong), timed(&documented));
    held_up.0.problem(401);
    assert_eq!(right.0.status, 200);
    assert!(right.1 < held_up.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_that_is_stale_future_missing_or_unreadable_is_refused() {
    let app = TestApp::spawn().await;
    let delivery = Delivery::documented();
    assert_eq!(app.send(&delivery.clone().sent_ago(400)).await.problem(400), "stale");
    assert_eq!(app.send(&delivery.clone().sent_ago(-400)).await.problem(400), "future");
    assert_eq!(app.send(&delivery.clone().without("polytomic-signature-timestamp")).await.problem(400), "timestamp");
    assert_eq!(app.send(&delivery.clone().sent_at("yesterday")).await.problem(400), "timestamp");
    // The timestamp comes before the body: a bad one is not put into quarantine.
    assert_eq!(app.send(&Delivery::of_body("not json").sent_ago(400)).await.problem(400), "stale");
    nothing_is_kept(&app).await;
    assert_eq!(app.send(&delivery.sent_ago(200)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_check_off_sent_at_is_the_header_or_the_time_of_receipt() {
    let app = TestApp::spawn_with(&[("POLYSINK_TIMESTAMP_TOLERANCE", "0")]).await;
    assert_eq!(app.send(&Delivery::documented().sent_at("2021-06-01T22:55:36Z")).await.status, 200);
    assert_eq!(app.send(&Delivery::documented().sent_at("yesterday")).await.status, 200);
    assert_eq!(app.send(&Delivery::documented().without("polytomic-signature-timestamp")).await.status, 200);
    let sent = "select count(*) filter (where sent_at = '2021-06-01 22:55:36+00') * 10
                    + count(*) filter (where sent_at = received_at)
                from polysink.envelopes";
    assert_eq!(app.db.count(sent).await, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trailing_slash_is_accepted_and_any_other_path_is_answered_with_the_right_one() {
    let app = TestApp::spawn().await;
    for (path, status) in [
        ("/webhooks/polytomic/", 200),
        ("//webhooks/polytomic", 200),
        ("/webhooks//polytomic//?a=b", 200),
        ("/webhooks/polytomic/x", 404),
        ("/webhooks", 404),
        ("/", 404),
    ] {
        let answer = Delivery::documented().post(&app.http, &format!("{}{path}", app.base)).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        if status == 404 {
            assert!(answer.text.contains("The webhook is POST /webhooks/polytomic;"), "{}", answer.text);
        }
        // The same before the body is sent.
        let mut stream = app.connect().await;
        let head = head("content-length: 2\r\nexpect: 100-continue\r\n").replacen("/webhooks/polytomic", path, 1);
        stream.write_all(head.as_bytes()).await.expect("it is sent");
        let expected = if status == 200 { "HTTP/1.1 100 " } else { "HTTP/1.1 404 " };
        let mut start = vec![0; expected.len()];
        stream.read_exact(&mut start).await.expect("it is answered");
        assert_eq!(String::from_utf8_lossy(&start), expected, "{path}");
    }
    assert_eq!(app.get("/health/live/").await.status, 200);
    assert_eq!(app.metrics().await.count("polysink_refused_requests_total", &[("reason", "not-found")]), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_database_away_the_answer_is_503_and_ready_says_so() {
    let app = TestApp::spawn().await;
    assert_eq!(app.send(&Delivery::documented()).await.status, 200);
    assert_eq!(app.get("/health/ready").await.status, 200);
    let away = TestApp::spawn_with(&[("POLYSINK_SPOOL", "off")]).await;
    let gone = away.db.name.clone();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("drop database {gone} with (force)")))
        .execute(&app.db.pool)
        .await
        .expect("the superuser may");
    let answer = away.send(&Delivery::documented()).await;
    assert_eq!(answer.problem(503), "unavailable");
    assert_eq!(answer.headers["retry-after"], "5");
    assert_eq!(
        away.send(&Delivery::of_body("not json")).await.problem(503),
        "unavailable",
        "nor could it be set aside"
    );
    let ready = away.get("/health/ready").await;
    assert_eq!((ready.status, ready.json()["database"].as_str()), (503, Some("away")));
    assert_eq!(away.get("/health/live").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_of_an_older_version_is_not_ready_and_names_the_missing_migration() {
    let app = TestApp::spawn_with(&[("POLYSINK_SPOOL", "off")]).await;
    app.db.run("delete from polysink._sqlx_migrations where version = 2; drop table polysink.backlog").await;
    assert_eq!(app.send(&Delivery::documented()).await.problem(503), "unavailable");
    let ready = app.get("/health/ready").await;
    assert_eq!((ready.status, ready.json()["database"].as_str()), (503, Some("outdated")));
    let detail = ready.json()["detail"].as_str().expect("there is one").to_owned();
    assert!(detail.contains("0002_projection") && detail.contains("polysink migrate"), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_in_flight_is_answered_503_and_passes() {
    let app = TestApp::spawn_with(&[("POLYSINK_MAX_BODY", "64KiB"), ("POLYSINK_MAX_INFLIGHT", "64KiB")]).await;
    // A client sends most of a body and waits, so that its bytes are held. Should another delivery be in flight when
    // they arrive, it is the one that is refused; then the next one tries.
    let second = Delivery::of(&[record("a", json!({"text": "x".repeat(30_000)}))]);
    let mut slow = Vec::new();
    let refused = loop {
        assert!(slow.len() < 500, "nothing was ever refused");
        let mut client = app.connect().await;
        client.write_all(head("content-length: 60000\r\n").as_bytes()).await.expect("it is sent");
        client.write_all(&vec![b' '; 50_000]).await.expect("it is sent");
        slow.push(client);
        let answer = app.send(&second).await;
        if answer.status != 200 {
            break answer;
        }
    };
    assert_eq!(refused.problem(503), "busy");
    assert_eq!(refused.headers["retry-after"], "5");
    drop(slow);
    eventually("there is room again", async || app.send(&second).await.status == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_and_paths_are_405_and_404() {
    let app = TestApp::spawn().await;
    for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("it is one");
        let response = app.http.request(method.clone(), app.webhook()).send().await.expect("it answers");
        let answer = Answer::read(response).await;
        assert_eq!((answer.status, answer.headers["allow"].to_str().ok()), (405, Some("POST")), "{method}");
    }
    let posted = app.http.post(format!("{}/health/live", app.base)).send().await.expect("it answers");
    assert_eq!((posted.status().as_u16(), posted.headers()["allow"].to_str().ok()), (405, Some("GET, HEAD")));
    for path in ["/", "/webhooks", "/webhooks/polytomic/x", "/metrics", "/health", "/syncs/1"] {
        assert_eq!(app.get(path).await.problem(404), "not-found", "{path}");
    }
    assert_eq!(app.get("/health/live").await.json(), json!({"status": "ok"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_is_where_the_settings_put_it() {
    let app = TestApp::spawn_with(&[("POLYSINK_WEBHOOK_PATH", "/in/poly-1")]).await;
    assert_eq!(app.send(&Delivery::documented()).await.status, 404);
    let answer = Delivery::documented().post(&app.http, &format!("{}/in/poly-1", app.base)).await;
    assert_eq!(answer.counts(), [1, 1, 0, 0]);
}

pub async fn nothing_is_kept(app: &TestApp) {
    let kept = "select (select count(*) from polysink.envelopes) + (select count(*) from polysink.records)
                     + (select count(*) from polysink.rejections) + (select count(*) from polysink.syncs)";
    assert_eq!(app.db.count(kept).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_frees_nothing_that_is_still_being_written() {
    let app = TestApp::spawn_with(&[("POLYSINK_MAX_BODY", "64KiB"), ("POLYSINK_MAX_INFLIGHT", "64KiB")]).await;
    let mut holder = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("lock table polysink.records").execute(&mut *holder).await.expect("it is free");
    let large = Delivery::of(&[record("large", json!({"text": "x".repeat(40_000)}))]);
    let (http, url) = (app.http.clone(), app.webhook());
    let client = tokio::spawn(async move { large.try_post(&http, &url).await });
    app.db.blocked().await;
    client.abort();
    assert!(client.await.is_err_and(|error| error.is_cancelled()));
    let small = Delivery::of(&[record("small", json!({}))]);
    assert_eq!(app.send(&small).await.problem(503), "busy");
    holder.commit().await.expect("it held only a lock");
    // What the client sent is stored all the same, and its memory free then.
    app.db.becomes("select count(*)::text from polysink.records", "1").await;
    let answer = loop {
        let answer = app.send(&small).await;
        if answer.status == 200 {
            break answer;
        }
        assert_eq!(answer.problem(503), "busy");
    };
    assert_eq!(answer.counts(), [1, 1, 0, 0]);
}
