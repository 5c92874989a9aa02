//! A rebuild beside deliveries: what it delays, and what it does with records that it cannot project.

use serde_json::json;
use tokio::process::Command;

use crate::harness::{Delivery, SYNC, TestApp, binary, record};

/// Starts a command on the test's database.
fn start(app: &TestApp, arguments: &[&str]) -> tokio::process::Child {
    let mut command = binary();
    command.env("DATABASE_URL", app.db.url()).args(arguments).stdin(std::process::Stdio::null());
    Command::from(command).kill_on_drop(true).spawn().expect("the binary can be run")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_waits_at_its_end_delays_no_delivery() {
    const OTHER: &str = "5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47";
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.send(&Delivery::of_sync(OTHER, "Other", &[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;

    // A reader's lock keeps the rebuild in the middle of its last transaction.
    let mut reader = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("lock table synced.customers_to_warehouse in share mode")
        .execute(&mut *reader)
        .await
        .expect("it is free");
    let mut rebuild = start(&app, &["identity", "set", SYNC, "id"]);
    app.db.blocked().await;
    // Each of these has something new to say in the row of its sync.
    for (sync_id, n) in [(SYNC, 1), (OTHER, 1), (SYNC, 2), (OTHER, 2)] {
        let delivery = Delivery::of_sync(sync_id, &format!("Renamed {n}"), &[record(&n.to_string(), json!({"id": n}))]);
        assert_eq!(app.send(&delivery).await.counts(), [1, 1, 0, 0]);
    }
    assert!(rebuild.try_wait().expect("it is our child").is_none(), "the rebuild still waits");
    reader.commit().await.expect("it held only a lock");

    assert!(rebuild.wait().await.expect("it is our child").success());
    app.db.projected().await;
    let syncs = "select string_agg(concat(name, ' ', identity), ', ' order by table_name) from polysink.syncs";
    assert_eq!(app.db.text(syncs).await, "Renamed 2 {id}, Renamed 2 ");
    assert_eq!(
        app.db.text("select string_agg(id::text, ' ' order by id) from synced.customers_to_warehouse").await,
        "1 2"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_row_of_a_sync_is_left_for_a_later_delivery() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    let mut holder = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("select from polysink.syncs for update").execute(&mut *holder).await.expect("it is free");
    let renamed = |hash: &str| Delivery::of_sync(SYNC, "Renamed", &[record(hash, json!({"id": 1}))]);
    assert_eq!(app.send(&renamed("b")).await.counts(), [1, 1, 0, 0]);
    assert_eq!(app.db.text("select name from polysink.syncs").await, "Customers to warehouse");
    holder.rollback().await.expect("it held only a lock");
    app.send(&renamed("c")).await.counts();
    assert_eq!(app.db.text("select name from polysink.syncs").await, "Renamed");
}
