//! The admin listener: who may read it, and what the metrics say.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::TcpListener;

use polysink::metrics::{self, Described};
use serde_json::json;
use tokio::io::AsyncReadExt as _;

use crate::documents::assert_between;
use crate::harness::app::http_client;
use crate::harness::{Answer, Delivery, Metrics, Outage, SYNC, Service, TestApp, TestDatabase, binary, record, run};

const TOKEN: &str = "a-token-for-on-call";

#[test]
fn the_list_of_metrics_is_generated_from_the_code() {
    let mut table = String::from("| metric | type | labels | meaning |\n|---|---|---|---|\n");
    for Described { name, kind, labels, help } in metrics::described() {
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        writeln!(table, "| `{name}` | {kind} | {} | {help} |", labels.join(", ")).expect("a string takes every write");
    }
    assert_between("docs/metrics.md", "metrics", &table);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_change_the_metrics_that_count_them() {
    let app = TestApp::spawn().await;
    let sync = ("sync_id", SYNC);
    let before = app.metrics().await;
    assert_eq!(before.get("polysink_deliveries_total", &[sync]), None, "the sync is unknown");
    let records = [record("a", json!({"n": 1})), record("b", json!({"n": 2})), record("a", json!({"n": 1})), json!(1)];
    let delivery = Delivery::of(&records).gzipped();
    assert_eq!(app.send(&delivery).await.counts(), [4, 2, 1, 1]);
    app.db.projected().await;
    // What the database says is reused for a moment.
    let has_sync = |metrics: &Metrics| metrics.get("polysink_sync_info", &[sync]).is_some();
    let after = app.metrics_until(has_sync).await;
    for (result, count) in [("new", 2), ("duplicate", 1), ("rejected", 1), ("spooled", 0)] {
        assert_eq!(after.count("polysink_records_total", &[("result", result), sync]), count, "{result}");
    }
    assert_eq!(after.count("polysink_deliveries_total", &[("outcome", "stored"), sync]), 1);
    let grown = |name: &str, labels: &[(&str, &str)]| after.count(name, labels) - before.get(name, labels).unwrap_or(0);
    let bytes = i64::try_from(delivery.body.len()).expect("it is small");
    assert_eq!(grown("polysink_wire_bytes_total", &[]), bytes);
    assert!(grown("polysink_decompressed_bytes_total", &[]) > bytes);
    assert_eq!(grown("polysink_request_duration_seconds", &[("status", "2xx")]), 1);
    assert_eq!(grown("polysink_transaction_duration_seconds", &[("result", "committed")]), 1);
    for once in ["polysink_queue_wait_seconds", "polysink_group_deliveries", "polysink_group_records"] {
        assert_eq!(grown(once, &[]), 1, "{once}");
    }
    assert_eq!(grown("polysink_projected_records_total", &[]), 3);
    assert!(grown("polysink_projection_duration_seconds", &[]) >= 1);
    let age = polysink::app::now().timestamp() - after.count("polysink_sync_last_delivery_timestamp_seconds", &[sync]);
    assert!((-1..=60).contains(&age), "{age}");
    assert_eq!(after.count("polysink_rejections_open", &[]), 1);
    assert_eq!(after.count("polysink_sync_info", &[sync, ("table", "customers_to_warehouse")]), 1);
    assert!(after.count("polysink_database_bytes", &[]) > 1_000_000);
    assert!(after.count("polysink_partitions_ahead", &[]) >= 6);
    assert!(after.count("polysink_disk_free_bytes", &[("of", "spool")]) > 0);
    assert!(after.count("polysink_pool_connections", &[("role", "writer")]) >= 1);
    assert!(after.count("polysink_connections", &[]) >= 1);
    assert_eq!(after.count("polysink_database_up", &[]), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_counted_by_why() {
    let app = TestApp::spawn().await;
    let reasons =
        |metrics: &Metrics, reason: &str| metrics.count("polysink_refused_credentials_total", &[("reason", reason)]);
    let before = app.metrics().await;
    assert_eq!(reasons(&before, "wrong_secret"), 0, "the series is there before its first event");
    assert_eq!(app.send(&Delivery::documented().with("authorization", "Bearer wrong")).await.status, 401);
    assert_eq!(app.send(&Delivery::documented().without("authorization")).await.status, 401);
    assert_eq!(app.send(&Delivery::documented().sent_ago(3_600)).await.status, 400);
    assert_eq!(app.send(&Delivery::of_body("{")).await.status, 400);
    let unknown = Delivery::of_body(json!({"event": "sync.finished", "object": {}}).to_string());
    assert_eq!(app.send(&unknown).await.status, 200);
    let after = app.metrics().await;
    assert_eq!((reasons(&after, "wrong_secret"), reasons(&after, "missing")), (1, 1));
    for (outcome, count) in [("credentials", 2), ("stale", 1), ("malformed", 1), ("ignored", 1)] {
        assert_eq!(
            after.count("polysink_deliveries_total", &[("outcome", outcome), ("sync_id", "")]),
            count,
            "{outcome}"
        );
    }
    assert_eq!(after.count("polysink_request_duration_seconds", &[("status", "4xx")]), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_over_a_limit_are_counted() {
    let app = TestApp::spawn_with(&[("POLYSINK_MAX_CONNECTIONS_PER_ADDRESS", "2")]).await;
    let _held = [app.connect().await, app.connect().await];
    app.metrics_until(|metrics| metrics.count("polysink_connections", &[]) == 2).await;
    let mut answer = String::new();
    app.connect().await.read_to_string(&mut answer).await.expect("it is answered and closed");
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert_eq!(app.metrics().await.count("polysink_refused_connections_total", &[("limit", "address")]), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_backlog_its_lag_and_misfits_show_by_sync() {
    let app = TestApp::spawn().await;
    let sync = ("sync_id", SYNC);
    app.send(&Delivery::of(&[record("a", json!({"n": 1}))])).await;
    app.db.projected().await;
    app.works(&["column", SYNC, "n", "--type", "bigint"]);
    app.send(&Delivery::of(&[record("b", json!({"n": "many"}))])).await;
    app.db.projected().await;
    assert_eq!(app.metrics().await.count("polysink_projection_misfits", &[sync]), 1);

    // Another session holds the table, so that deliveries wait.
    let mut holder = app.db.pool.begin().await.expect("there is a connection");
    sqlx::query("lock table synced.customers_to_warehouse").execute(&mut *holder).await.expect("it may");
    app.send(&Delivery::of(&[record("c", json!({"n": 3}))])).await;
    let waiting = app.metrics_until(|metrics| metrics.get("polysink_projection_lag_seconds", &[sync]) > Some(0)).await;
    assert_eq!(waiting.count("polysink_projection_backlog_deliveries", &[sync]), 1);
    app.metrics_until(|metrics| metrics.count("polysink_projection_failures_total", &[]) >= 1).await;
    holder.rollback().await.expect("it was open");
    app.db.projected().await;
    let after = app.metrics_until(|metrics| metrics.get("polysink_projection_lag_seconds", &[sync]) == Some(0)).await;
    assert_eq!(after.count("polysink_projection_backlog_deliveries", &[sync]), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuilds_of_other_processes_show() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"n": 1}))])).await;
    app.db.projected().await;
    assert_eq!(app.metrics().await.count("polysink_rebuilds_running", &[]), 0);
    // A rebuild waits for the table, and holds its own lock meanwhile.
    let mut holder = app.db.pool.begin().await.expect("there is a connection");
    sqlx::query("lock table synced.customers_to_warehouse").execute(&mut *holder).await.expect("it may");
    let mut rebuild =
        binary().env("DATABASE_URL", app.db.url()).args(["rebuild", SYNC]).spawn().expect("it can be run");
    app.metrics_until(|metrics| metrics.count("polysink_rebuilds_running", &[]) == 1).await;
    holder.rollback().await.expect("it was open");
    assert!(rebuild.wait().expect("it is our child").success());
    app.metrics_until(|metrics| metrics.count("polysink_rebuilds_running", &[]) == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_shows_and_its_end() {
    let mut outage = Outage::start();
    outage.burst("before", 1).await;
    let url = outage.service.metrics_url();
    // Absent while there is none; the tests of slow databases, of schedules and of TLS have them.
    let absent = [
        "polysink_spool_failing_since_timestamp_seconds",
        "polysink_spool_oldest_timestamp_seconds",
        "polysink_sync_next_run_timestamp_seconds",
        "polysink_tls_certificate_end_timestamp_seconds",
    ];
    let described: Vec<Described> =
        metrics::described().into_iter().filter(|one| !absent.contains(&one.name.as_str())).collect();
    outage.healed().await;
    let is_up = |metrics: &Metrics| metrics.count("polysink_database_up", &[]) == 1;
    // The rest is there once scheduled work has run for the first time.
    let is_complete = |metrics: &Metrics| {
        let families = metrics.families();
        is_up(metrics) && described.iter().all(|one| families.contains_key(one.name.as_str()))
    };
    let before = Metrics::until(&outage.http, &url, is_complete).await;
    assert_eq!(before.count("polysink_database_takes_deliveries", &[]), 1);
    assert_eq!(before.get("polysink_spool_oldest_timestamp_seconds", &[]), None);
    outage.server.stop();
    outage.burst("away", 10).await;
    let away = Metrics::until(&outage.http, &url, |metrics| !is_up(metrics)).await;
    assert_eq!(away.count("polysink_database_takes_deliveries", &[]), 0);
    // On a busy machine the first delivery may have been spooled too.
    let more = |metrics: &Metrics, name: &str, labels: &[(&str, &str)]| {
        metrics.count(name, labels) - before.count(name, labels)
    };
    assert_eq!(more(&away, "polysink_spool_appended_total", &[]), 10);
    assert_eq!(away.count("polysink_spool_deliveries", &[]), 10);
    assert_eq!(more(&away, "polysink_records_total", &[("result", "spooled")]), 10);
    assert!(away.count("polysink_spool_bytes", &[]) > 0);
    assert!(away.count("polysink_spool_oldest_timestamp_seconds", &[]) > 1_000_000_000);
    assert_eq!(away.count("polysink_spool_up", &[]), 1);
    assert!(away.count("polysink_transaction_duration_seconds", &[("result", "failed")]) >= 1);
    let families = away.families();
    for Described { name, kind, help, .. } in &described {
        assert_eq!(families.get(name.as_str()), Some(&(*kind, help.as_str())), "{name}");
    }
    outage.server.start_again();
    outage.healed().await;
    let after = Metrics::until(&outage.http, &url, is_up).await;
    assert_eq!(more(&after, "polysink_spool_drained_total", &[]), 10);
    assert_eq!(after.count("polysink_records_total", &[("result", "new")]), 11);
    assert_eq!(after.count("polysink_spool_deliveries", &[]), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn syncs_beyond_two_hundred_share_a_label() {
    let app = TestApp::spawn().await;
    for n in 0..205_u32 {
        let id = format!("1ea8f90a-b22e-4218-86d5-{n:012x}");
        let delivery = Delivery::of_sync(&id, &format!("Sync {n}"), &[record("a", json!({"n": 1}))]);
        assert_eq!(app.send(&delivery).await.status, 200);
    }
    let metrics = app.metrics().await;
    let syncs: BTreeSet<&str> = metrics.labels("polysink_deliveries_total", "sync_id");
    assert_eq!(syncs.len(), 202, "200, the others, and those that were refused before their sync was known");
    assert_eq!(metrics.count("polysink_records_total", &[("sync_id", "other"), ("result", "new")]), 5);
    let observed = metrics.labels("polysink_sync_last_delivery_timestamp_seconds", "sync_id");
    assert!(observed.len() <= 201 && observed.contains("other"), "{observed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configured_token_is_required() {
    let app = TestApp::spawn_with(&[("POLYSINK_ADMIN_TOKEN", TOKEN)]).await;
    let url = app.metrics_url();
    let get =
        |request: reqwest::RequestBuilder| async { Answer::read(request.send().await.expect("it answers")).await };
    let none = get(app.http.get(url)).await;
    assert_eq!(none.problem(401), "admin-token");
    assert!(none.headers["www-authenticate"].to_str().expect("it is text").starts_with("Basic "));
    assert!(!none.text.contains("polysink_"), "{none:?}");
    assert_eq!(get(app.http.get(url).bearer_auth("a-token-for-on-cal")).await.problem(401), "admin-token");
    assert_eq!(get(app.http.get(url).bearer_auth(TOKEN)).await.status, 200);
    assert_eq!(get(app.http.get(url).basic_auth("anyone", Some(TOKEN))).await.status, 200);
    assert_eq!(get(app.http.get(url).header("host", "metrics.example").bearer_auth(TOKEN)).await.status, 200);
    assert_eq!(get(app.http.get(url.replace("/metrics", "/other"))).await.status, 401, "whatever the path");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_it_is_read_by_address_and_by_get() {
    let app = TestApp::spawn().await;
    let url = app.metrics_url();
    let get =
        |request: reqwest::RequestBuilder| async { Answer::read(request.send().await.expect("it answers")).await };
    assert_eq!(get(app.http.get(url).header("host", "evil.example")).await.problem(421), "admin-host");
    assert_eq!(get(app.http.head(url)).await.status, 200);
    let post = get(app.http.post(url)).await;
    assert_eq!(
        (post.problem(405).as_str(), post.headers["allow"].to_str().expect("it is text")),
        ("method", "GET, HEAD")
    );
    assert_eq!(get(app.http.get(url.replace("/metrics", "/webhooks/polytomic"))).await.problem(404), "not-found");
    assert_eq!(app.get("/metrics").await.problem(404), "not-found", "the public listener has none");
}

#[test]
fn an_address_that_others_reach_needs_a_token() {
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let mut serve = Service::on("postgres://localhost/none", folder.path());
    let output = run(serve.env("POLYSINK_ADMIN_LISTEN", "0.0.0.0:0"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(
        said.contains("POLYSINK_ADMIN_LISTEN: `0.0.0.0:0` is not loopback, and POLYSINK_ADMIN_TOKEN is not set"),
        "{said}"
    );
    let output = run(serve.env("POLYSINK_ADMIN_TOKEN", "short"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("POLYSINK_ADMIN_TOKEN: has 5 bytes; expected at least 6"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_use_stops_the_start_and_says_which() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = taken.local_addr().expect("it has one").to_string();
    let (db, folder) = (TestDatabase::create().await, tempfile::tempdir().expect("there is a temporary folder"));
    let output = run(Service::on(&db.url(), folder.path()).env("POLYSINK_ADMIN_LISTEN", &address));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains(&format!("cannot listen on {address} (POLYSINK_ADMIN_LISTEN)")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn off_and_empty_are_no_listener_and_the_address_is_printed() {
    let (db, folder) = (TestDatabase::create().await, tempfile::tempdir().expect("there is a temporary folder"));
    for off in ["off", ""] {
        let mut serve = Service::on(&db.url(), folder.path());
        serve.env("POLYSINK_ADMIN_LISTEN", off);
        let (_, rest) = Service::start(serve).stop();
        assert!(!rest.contains("Metrics"), "{rest}");
    }
    let mut serve = Service::on(&db.url(), folder.path());
    serve.env("POLYSINK_ADMIN_LISTEN", "127.0.0.1:0");
    let mut service = Service::start(serve);
    let metrics = Metrics::read(&http_client(), &service.metrics_url()).await;
    assert_eq!(metrics.count("polysink_build_info", &[("version", env!("CARGO_PKG_VERSION"))]), 1);
    assert!(metrics.names().iter().any(|name| name.starts_with("process_")));
}
