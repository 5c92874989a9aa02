//! Databases that work, and need their time.

use std::time::Duration;

use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::harness::outage::{ROWS, acknowledged, healed, one};
use crate::harness::{
    Delivery, Metrics, Outage, Proxy, Server, Service, TestApp, TestDatabase, app::http_client, eventually, record,
};

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
    let service = Service::start(Service::on(&server.url(), data.path())).prepared();
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
async fn a_database_that_is_far_away_takes_deliveries_once_its_pace_is_known() {
    // 0.35 s a round trip.
    let proxy = Proxy::start_with_delay(Duration::from_millis(175)).await;
    let db = TestDatabase::create().await;
    let url = proxy.url(&db);
    let app = TestApp::spawn_through(db, &url, &[]).await;
    for n in 0..2 {
        acknowledged(&[app.send(&one("far", n)).await]);
    }
    healed(&app.http, &app.webhook()).await;
    app.db.becomes(ROWS, "2 2").await;
    for n in 2..5 {
        assert_eq!(acknowledged(&[app.send(&one("far", n)).await]), 0, "it is stored, not spooled");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_spooled_delivery_is_stored_over_a_slow_link_while_small_ones_are_not_spooled() {
    let proxy = Proxy::start_with_delay(Duration::from_millis(12)).await;
    let db = TestDatabase::create().await;
    let url = proxy.url(&db);
    let app = TestApp::spawn_through(db, &url, &[]).await;
    proxy.down();
    assert_eq!(acknowledged(&[app.send(&large(20)).await]), 1);
    proxy.up();
    // What is sent before the return of the database is noticed is spooled too.
    healed(&app.http, &app.webhook()).await;
    app.db.becomes(ROWS, "80 80").await;
    let direct = large(20);
    let (answer, small) = tokio::join!(app.send(&direct), async {
        let mut small = Vec::new();
        for n in 0..100 {
            small.push(app.send(&one("small", n)).await);
        }
        small
    });
    acknowledged(&[answer]);
    assert_eq!(acknowledged(&small), 0, "they do not wait for the large one");
    app.db.becomes(ROWS, "180 260").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spooled_delivery_that_the_database_does_not_take_is_reported_and_delays_no_other() {
    let mut outage = Outage::start();
    let slow = "create table public.polysink_held as select 1;
                create function slow() returns trigger language plpgsql as $$
                begin
                    while new.hash = 'held-0' and exists (select from public.polysink_held) loop
                        perform pg_sleep(0.02);
                    end loop;
                    return new;
                end $$;
                create trigger slow before insert on polysink.records for each row execute function slow()";
    outage.server.run(slow).await;
    assert_eq!(acknowledged(&[outage.send(&one("held", 0)).await]), 1);
    let failing = |ready: &serde_json::Value| ready["spooled"]["failing_seconds"].is_u64();
    eventually("the delivery is reported as failing", async || {
        // The database is away only until another delivery has been stored.
        acknowledged(&[outage.send(&one("another", 1)).await]);
        failing(&outage.ready().await.1)
    })
    .await;
    let url = outage.service.metrics_url();
    let since = "polysink_spool_failing_since_timestamp_seconds";
    assert!(Metrics::read(&outage.http, &url).await.count(since, &[]) > 1_000_000_000);
    outage.server.stop();
    for n in 2..30 {
        assert_eq!(acknowledged(&[outage.send(&one("beside", n)).await]), 1);
    }
    outage.server.start_again();
    outage.server.becomes("select count(*)::text from polysink.records", "29").await;
    let (status, ready) = outage.ready().await;
    assert_eq!((status, &ready["database"], failing(&ready)), (200, &json!("ok"), true), "{ready}");
    outage.server.run("delete from public.polysink_held").await;
    outage.healed().await;
    outage.server.becomes("select count(*)::text from polysink.records", "30").await;
    assert!(!failing(&outage.ready().await.1));
    assert_eq!(Metrics::read(&outage.http, &url).await.get(since, &[]), None);
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
