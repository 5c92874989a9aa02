//! A raw log of years: what is done for a delivery, and what commands find, with a partition for each day.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde_json::json;

use crate::harness::outage::one;
use crate::harness::postgres::make_days;
use crate::harness::process::works;
use crate::harness::{Delivery, Outage, Server, TestApp, record};

/// As many days before today.
fn days_before(days: u64) -> impl Iterator<Item = NaiveDate> {
    let today = polysink::app::now().date_naive();
    (1..=days).map(move |n| today - Days::new(n))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_opens_no_days_but_its_own() {
    let mut server = Server::start();
    server.write("postgresql.auto.conf", "max_locks_per_transaction = 10\nmax_connections = 30\n");
    server.stop();
    server.start_again();
    let outage = Outage::on(server, &[("POLYSINK_RETENTION", "0")]);
    assert_eq!(outage.send(&one("before", 1)).await.status, 200);
    let server = &outage.server;
    server.becomes("select count(*)::text from polysink.backlog", "0").await;
    make_days(&server.url(), days_before(800)).await;
    let all: Result<i64, sqlx::Error> =
        sqlx::query_scalar("select count(*) from polysink.envelopes").fetch_one(&server.pool).await;
    assert!(all.is_err_and(|error| error.to_string().contains("out of shared memory")), "or this test finds nothing");

    // More often than a connection takes to plan a statement for all values.
    for n in 0..12 {
        assert_eq!(outage.send(&one("after", n)).await.status, 200);
        server.becomes("select count(*)::text from polysink.backlog", "0").await;
    }
    let table = "select count(*)::text from synced.customers_to_warehouse";
    assert_eq!(server.text(table).await, "13");
    let said = works(&server.url(), &["syncs"]);
    assert!(said.contains("customers_to_warehouse"), "{said}");
    let is_fresh = "select (max(last_received_at) > now() - interval '1 minute')::text from polysink.syncs";
    assert_eq!(server.text(is_fresh).await, "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_work_on_data_of_years_and_doctor_says_which_locks_it_needs() {
    const DELIVERIES: i64 = 30;
    let app = TestApp::spawn_with(&[("POLYSINK_RETENTION", "0")]).await;
    for n in 0..DELIVERIES {
        let both = [
            record(&format!("j{n}"), json!({"id": "jane", "n": n})),
            record(&format!("o{n}"), json!({"id": format!("other {n}"), "n": n})),
            record("same", json!({"id": "same", "n": 0})),
        ];
        app.send(&Delivery::of(&both)).await.counts();
    }
    app.db.projected().await;
    make_days(&app.db.url(), days_before(700)).await;
    // One every 23 days, so that runs of near ones and gaps between them both occur.
    app.db
        .run(
            "update polysink.envelopes e
             set received_at = received_at - n * interval '23 days', sent_at = sent_at - n * interval '23 days'
             from (select envelope_id, row_number() over (order by envelope_id desc) - 1 as n
             from polysink.envelopes) as o
             where o.envelope_id = e.envelope_id;
             update polysink.records r set first_sent_at = e.sent_at, first_received_at = e.received_at
             from polysink.envelopes e where e.envelope_id = r.first_envelope_id;
             update polysink.records r set last_sent_at = e.sent_at, last_received_at = e.received_at
             from polysink.envelopes e where e.envelope_id = r.last_envelope_id",
        )
        .await;

    app.works(&["identity", "set", "customers_to_warehouse", "id"]);
    let rows = "select concat(count(*), ' ', max(n) filter (where id = 'jane')) from synced.customers_to_warehouse";
    let versions = "select concat(count(*), ' ', count(*) filter (where id = 'jane'), ' ', count(distinct _valid_from))
                    from synced.customers_to_warehouse_history";
    assert_eq!(app.db.text(rows).await, format!("{} {}", DELIVERIES + 2, DELIVERIES - 1));
    assert_eq!(app.db.text(versions).await, format!("{} {DELIVERIES} {DELIVERIES}", 2 * DELIVERIES + 1));

    let counts = "select concat(count(*), ' ', sum(times_received)) from polysink.records";
    let before = app.db.text(counts).await;
    assert_eq!(before, format!("{} {}", 2 * DELIVERIES + 1, 3 * DELIVERIES));
    app.db.run("update polysink.records set times_received = 7 where hash in ('same', 'j3')").await;
    app.works(&["replay", "--yes"]);
    assert_eq!(app.db.text(counts).await, before);
    app.db.projected().await;
    assert_eq!(app.db.text(versions).await, format!("{} {DELIVERIES} {DELIVERIES}", 2 * DELIVERIES + 1));

    let said = app.works(&["forget", "customers_to_warehouse", "jane", "--yes"]);
    assert!(said.contains(&format!("in {DELIVERIES} raw deliveries")), "{said}");
    assert_eq!(app.db.count("select count(*) from polysink.envelopes where body like '%jane%'").await, 0);
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, DELIVERIES);
    app.works(&["rebuild", "customers_to_warehouse"]);
    assert_eq!(app.db.text(rows).await, format!("{} ", DELIVERIES + 1));

    let findings = crate::doctor::doctor(&app);
    let locks = &findings["locks"];
    let text = locks["found"].as_str().unwrap_or_default();
    let partitions = app.db.count("select count(*) from pg_inherits where inhparent = 'polysink.envelopes'::regclass");
    assert!(text.starts_with(&format!("{} days of raw log need", partitions.await)), "{locks:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_sync_follows_its_deliveries_within_a_second_without_new_names() {
    let app = TestApp::spawn().await;
    let (mut first, mut moves) = (None, 0);
    // A service that writes the time once a minute would not get there within its first minute.
    while moves < 3 {
        app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
        let last: DateTime<Utc> = sqlx::query_scalar("select last_received_at from polysink.syncs")
            .fetch_one(&app.db.pool)
            .await
            .expect("there is one");
        let began = *first.get_or_insert(last);
        assert!(last - began < TimeDelta::seconds(50), "it moved {moves} times");
        if last > began + TimeDelta::seconds(moves) {
            moves += 1;
        }
    }
}
