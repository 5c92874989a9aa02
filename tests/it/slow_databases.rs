//! Databases that work, and need their time.

use std::time::Duration;

use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::harness::outage::{ROWS, acknowledged, one};
use crate::harness::{Delivery, Proxy, Server, Service, TestApp, TestDatabase, app::http_client, record};

/// A delivery of few and large records.
fn large(megabytes: usize) -> Delivery {
    let records: Vec<_> = (0..megabytes * 4)
        .map(|n| record(&format!("large-{n}"), json!({"id": n, "text": "x".repeat(250_000)})))
        .collect();
    Delivery::of(&records)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_delivery_of_few_records_is_stored_over_a_slow_link() {
    // 64 KiB each 12 ms: 44 Mbit/s.
    let proxy = Proxy::start_with_delay(Duration::from_millis(12)).await;
    let db = TestDatabase::create().await;
    let url = proxy.url(&db);
    let app = TestApp::spawn_through(db, &url, &[("POLYSINK_SPOOL", "off")]).await;
    let [all, new, ..] = app.send(&large(15)).await.counts();
    assert_eq!((all, new), (60, 60));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_commits_slowly_stores_everything() {
    let server = Server::start();
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let service = Service::start(Service::on(&server.url(), data.path()));
    let http = http_client();
    // Deferred to the commit, where it takes what a synchronous standby would.
    let slow =
        "create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(2.5); return null; end';
                create constraint trigger slow after insert on polysink.syncs deferrable initially deferred
                for each row execute function slow()";
    server.run(slow).await;
    let sync = |n: usize| {
        let id = format!("00000000-0000-4000-8000-{n:012}");
        Delivery::of_sync(&id, &format!("Slow {n}"), &[record("a", json!({"id": n}))])
    };
    for n in 0..3 {
        acknowledged(&[sync(n).post(&http, &service.url).await]);
    }
    server.becomes("select count(*)::text from polysink.syncs", "3").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_on_the_ledger_counts_as_away_and_deliveries_do_not_wait_for_it() {
    let app = TestApp::spawn().await;
    app.send(&one("before", 0)).await.counts();
    let mut holder = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql(AssertSqlSafe("lock table polysink.records")).execute(&mut *holder).await.expect("it is free");
    for n in 0..4 {
        assert_eq!(acknowledged(&[app.send(&one("locked", n)).await]), 1);
    }
    let ready = app.get("/health/ready").await.json();
    assert_eq!(ready["database"], "away", "{ready}");
    let away = app.metrics().await;
    assert_eq!(away.count("polysink_database_takes_deliveries", &[]), 0);
    holder.commit().await.expect("it held only a lock");
    app.db.becomes(ROWS, "5 5").await;
    app.metrics_until(|metrics| metrics.count("polysink_database_takes_deliveries", &[]) == 1).await;
}
