//! A thousand syncs of a hundred connections in one database: that they all get their tables and their turns, and that
//! lists, metrics, page and a further replica take them.

use std::collections::HashSet;
use std::fmt::Write as _;

use futures_util::{StreamExt as _, stream};
use serde_json::json;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::harness::outage::healed;
use crate::harness::{Delivery, TestApp, record};

const SYNCS: usize = 1_000;
const CONNECTIONS: usize = 100;

/// Clients at a time.
const CLIENTS: usize = 16;

fn sync_id(n: usize) -> String {
    Uuid::from_u128(0x1ea8_f90a_b22e_4218_86d5_0000_0000_0000 + n as u128).to_string()
}

fn secret(connection: usize) -> String {
    format!("the-secret-of-connection-{connection}")
}

/// A delivery of one of the syncs, through its connection. Names come twice, as those of different organizations do.
fn delivery(n: usize, value: i64) -> Delivery {
    let records = [record(&format!("h{value}"), json!({"id": value, "sync": n}))];
    let of_sync = Delivery::of_sync(&sync_id(n), &format!("Sync {}", n / 2), &records);
    of_sync.with("authorization", &format!("Bearer {}", secret(n % CONNECTIONS)))
}

/// Sends one record of each sync.
async fn send(app: &TestApp, value: i64) {
    let answers = stream::iter(0..SYNCS).map(|n| {
        let delivery = delivery(n, value);
        async move { app.send(&delivery).await }
    });
    let statuses: Vec<u16> = answers.buffer_unordered(CLIENTS).map(|answer| answer.status).collect().await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    healed(&app.http, &app.webhook()).await;
    app.db.projected().await;
}

/// What a query table has.
async fn rows(app: &TestApp, table: &str) -> String {
    let sql = format!("select string_agg(concat(id, ' of ', sync), ', ' order by id) from synced.{table}");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&app.db.pool).await.expect("it is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_syncs_of_a_hundred_connections_live_in_one_database() {
    let mut secrets = String::new();
    for connection in 0..CONNECTIONS {
        write!(secrets, "c{connection}={},", secret(connection)).expect("a string takes every write");
    }
    let app = TestApp::spawn_with(&[("POLYSINK_SECRETS", secrets.trim_end_matches(','))]).await;
    send(&app, 1).await;

    // Each has a table of its own, and its own row.
    let tables: Vec<String> = sqlx::query_scalar("select table_name from polysink.syncs order by sync_id")
        .fetch_all(&app.db.pool)
        .await
        .expect("they are there");
    assert_eq!(tables.iter().collect::<HashSet<_>>().len(), SYNCS, "each has another");
    for n in [0, 1, 2, 499, 998, 999] {
        assert_eq!(rows(&app, &tables[n]).await, format!("1 of {n}"));
    }
    let connections = "select count(distinct connection) from polysink.envelopes";
    assert_eq!(app.db.count(connections).await, 100);

    // They are listed; metrics have labels for some of them, and one for the rest.
    let listed = app.works(&["syncs", "--json"]);
    assert!((0..SYNCS).all(|n| listed.contains(&sync_id(n))), "all are listed");
    let metrics = app.metrics().await;
    let labels = metrics.labels("polysink_records_total", "sync_id");
    assert_eq!((labels.len(), labels.contains("other")), (201, true));
    assert_eq!(metrics.count("polysink_records_total", &[("result", "new")]), 1_000);

    let page = app.http.get(app.metrics_url().trim_end_matches("/metrics")).send().await.expect("it answers");
    assert_eq!(page.status(), 200);
    let page = page.text().await.expect("it is text");
    assert!(page.contains("Sync 499"), "the page shows syncs:\n{page}");

    // A further replica finds what it has to do among them.
    let replica = app.replica().await;
    send(&app, 2).await;
    drop(replica);
    for n in [0, 1, 2, 499, 998, 999] {
        assert_eq!(rows(&app, &tables[n]).await, format!("1 of {n}, 2 of {n}"));
    }
}
