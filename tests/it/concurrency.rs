//! Many deliveries at once.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Delivery, SYNC, TestApp, record};

/// Each delivery has the keys of a window over the same 300, in an order of its own.
fn overlapping(n: usize) -> Delivery {
    let mut keys: Vec<usize> = (0..100).map(|k| (n * 37 + k) % 300).collect();
    if n.is_multiple_of(2) {
        keys.reverse();
    }
    let records: Vec<Value> = keys.iter().map(|k| record(&format!("k{k}"), json!({"k": k}))).collect();
    Delivery::of_sync(SYNC, "Overlapping", &records)
}

#[tokio::test(flavor = "multi_thread")]
async fn overlapping_deliveries_over_two_replicas_add_up_without_a_deadlock() {
    let app = TestApp::spawn().await;
    let replica = app.replica().await;
    let urls = [app.webhook(), format!("{}/webhooks/polytomic", replica.base())];
    let deliveries: Vec<Delivery> = (0..120).map(overlapping).collect();
    let mut new = 0;
    for round in deliveries.chunks(40) {
        let sent = round.iter().zip(urls.iter().cycle()).map(|(delivery, url)| delivery.post(&app.http, url));
        for answer in join_all(sent).await {
            let [records, fresh, duplicates, rejected] = answer.counts();
            assert_eq!((records, fresh + duplicates, rejected), (100, 100, 0));
            new += fresh;
        }
    }
    assert_eq!(new, 300, "each record is new to one delivery");
    assert_eq!(app.db.count("select count(*) from polysink.records").await, 300);
    assert_eq!(app.db.count("select sum(times_received)::bigint from polysink.records").await, 12_000);
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 120);
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(app.db.count(deadlocks).await, 0);
    // The newest sighting does not depend on who committed last.
    let stale = "select count(*) from polysink.records r
                 where last_envelope_id <> (select max(e.envelope_id::text)::uuid from polysink.envelopes e
                                            where e.sent_at = r.last_sent_at
                                            and e.body like '%\"k' || (r.fields->>'k') || '\"%')";
    assert_eq!(app.db.count(stale).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_syncs_of_one_name_at_once_get_tables_of_their_own() {
    let app = TestApp::spawn().await;
    let ids: Vec<String> = (0..30).map(|_| uuid::Uuid::new_v4().to_string()).collect();
    let deliveries: Vec<Delivery> =
        ids.iter().map(|id| Delivery::of_sync(id, "Namesakes", &[record("a", json!({"id": id}))])).collect();
    for answer in join_all(deliveries.iter().map(|delivery| app.send(delivery))).await {
        assert_eq!(answer.counts(), [1, 1, 0, 0]);
    }
    let names: Vec<String> = sqlx::query_scalar("select table_name from polysink.syncs")
        .fetch_all(&app.db.pool)
        .await
        .expect("they are there");
    let distinct: HashSet<&String> = names.iter().collect();
    assert_eq!((names.len(), distinct.len()), (30, 30));
    assert!(names.contains(&"namesakes".to_owned()) && names.contains(&"namesakes_30".to_owned()), "{names:?}");
}
