//! Connections that are cut while the service works.

use serde_json::json;

use crate::harness::{Delivery, TestApp, eventually, record};

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_cut_midway_is_tried_again_and_counts_once() {
    let app = TestApp::spawn().await;
    let mut holder = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("lock table polysink.records").execute(&mut *holder).await.expect("it is free");
    let delivery = Delivery::of(&[record("a", json!({"n": 1})), record("b", json!({"n": 2}))]);
    let (answer, ()) = tokio::join!(app.send(&delivery), async {
        // The envelope is written, the ledger is waited for: cut here.
        let pid = app.db.blocked().await;
        sqlx::query("select pg_terminate_backend($1)")
            .bind(pid)
            .execute(&app.db.pool)
            .await
            .expect("the superuser may");
        app.db.blocked().await;
        holder.commit().await.expect("it held only a lock");
    });
    assert_eq!(answer.counts(), [2, 2, 0, 0]);
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 1);
    assert_eq!(app.db.text("select string_agg(times_received::text, ' ') from polysink.records").await, "1 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_hangs_is_answered_503_and_what_it_did_not_commit_is_not_there() {
    let app = TestApp::spawn_with(&[("POLYSINK_SPOOL", "off")]).await;
    let mut holder = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("lock table polysink.records").execute(&mut *holder).await.expect("it is free");
    let answer = app.send(&Delivery::documented()).await;
    assert_eq!(answer.problem(503), "unavailable");
    holder.commit().await.expect("it held only a lock");
    // Sent again, as the answer said: stored once.
    let [records, ..] = app.send(&Delivery::documented()).await.counts();
    assert_eq!(records, 1);
    assert_eq!(app.db.count("select count(*) from polysink.records").await, 1);
    let consistent = "select (select sum(times_received)::bigint from polysink.records)
                           - (select sum(record_count)::bigint from polysink.envelopes)";
    assert_eq!(app.db.count(consistent).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_died_while_idle_cost_no_delivery() {
    let app = TestApp::spawn().await;
    for n in 0..3 {
        let deliveries: Vec<Delivery> =
            (0..8).map(|k| Delivery::of(&[record(&format!("{n}-{k}"), json!({}))])).collect();
        let sent = futures_util::future::join_all(deliveries.iter().map(|delivery| app.send(delivery))).await;
        assert!(sent.iter().all(|answer| answer.counts() == [1, 1, 0, 0]));
        app.db
            .run(
                "select pg_terminate_backend(pid) from pg_stat_activity
                 where datname = current_database() and application_name like 'polysink%'",
            )
            .await;
    }
    assert_eq!(app.db.count("select count(*) from polysink.records where times_received = 1").await, 24);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_what_is_in_flight() {
    let mut app = TestApp::spawn().await;
    let mut holder = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("lock table polysink.records").execute(&mut *holder).await.expect("it is free");
    let (http, url) = (app.http.clone(), app.webhook());
    let delivery = tokio::spawn(async move { Delivery::documented().post(&http, &url).await });
    app.db.blocked().await;
    let base = app.base.clone();
    let http = app.http.clone();
    let (stopped, ()) = tokio::join!(app.stop(), async {
        let refuses = async || http.get(format!("{base}/health/live")).send().await.is_err();
        eventually("the stop has closed the listener", refuses).await;
        holder.commit().await.expect("it held only a lock");
    });
    stopped.expect("it stops in order");
    assert_eq!(delivery.await.expect("it does not panic").counts(), [1, 1, 0, 0]);
    assert!(app.http.get(format!("{}/health/live", app.base)).send().await.is_err(), "nothing listens any more");
}
