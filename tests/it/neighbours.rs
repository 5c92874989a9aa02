//! One sync never delays another: whatever happens to its tables.

use serde_json::json;

use crate::harness::{Delivery, TestApp, eventually, record};

/// As many syncs as the projector has workers, and one more.
const ONE: &str = "00000000-0000-4000-8000-000000000001";
const TWO: &str = "00000000-0000-4000-8000-000000000002";
const THIRD: &str = "ffffffff-0000-4000-8000-000000000003";

fn of(sync_id: &str, n: u32) -> Delivery {
    let name = format!("s{}", sync_id.chars().last().unwrap_or_default());
    Delivery::of_sync(sync_id, &name, &[record(&format!("h{n}"), json!({"id": n, "mail": format!("m{n}@x.org")}))])
}

async fn app_with_three() -> TestApp {
    let app = TestApp::spawn().await;
    for sync_id in [ONE, TWO, THIRD] {
        app.send(&of(sync_id, 1)).await.counts();
    }
    app.db.projected().await;
    app
}

async fn begin(app: &TestApp, sql: &'static str) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut user = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql(sql).execute(&mut *user).await.expect("it is free");
    user
}

#[tokio::test(flavor = "multi_thread")]
async fn syncs_whose_dropped_tables_are_rebuilt_do_not_delay_another() {
    let app = app_with_three().await;
    app.db.run("drop table synced.s1; drop table synced.s2").await;
    // Their rebuilds end when this does: it creates tables of the same names, which nobody sees yet.
    let user = begin(&app, "create table synced.s1 (); create table synced.s2 ()").await;
    for sync_id in [ONE, TWO] {
        app.send(&of(sync_id, 2)).await.counts();
    }
    let rebuilding = "select count(*) from pg_stat_activity where datname = current_database()
                      and application_name like 'polysink operator%' and wait_event_type = 'Lock'";
    app.db.until(rebuilding, |waiting: i64| waiting == 2).await;

    app.send(&of(THIRD, 2)).await.counts();
    app.db.becomes("select count(*)::text from synced.s3", "2").await;
    user.rollback().await.expect("it was open");
    app.db.projected().await;
    assert_eq!(
        app.db.text("select concat((select count(*) from synced.s1), (select count(*) from synced.s2))").await,
        "22"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn syncs_whose_keys_are_rebuilt_are_projected_meanwhile() {
    let app = app_with_three().await;
    for table in ["s1", "s2", "s3"] {
        app.works(&["identity", "set", table, "id"]);
    }
    let user = begin(&app, "lock table synced.s1, synced.s2 in share mode").await;
    // As if the columns had had another type when the keys were made.
    app.db.run("update polysink.syncs set key_columns = '{text}' where table_name in ('s1', 's2')").await;
    for sync_id in [ONE, TWO] {
        app.send(&of(sync_id, 2)).await.counts();
    }
    app.send(&of(THIRD, 2)).await.counts();
    app.db.becomes("select count(*)::text from synced.s3", "2").await;
    user.rollback().await.expect("it was open");
    app.db.projected().await;
    let columns = "select string_agg(array_to_string(key_columns, ' '), ', ' order by table_name) from polysink.syncs";
    app.db.becomes(columns, "bigint, bigint, bigint").await;
    assert_eq!(app.db.text("select string_agg(_key, ' ' order by _key) from synced.s1").await, "[1] [2]");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_on_two_tables_holds_no_worker_for_long() {
    third_continues_meanwhile("lock table synced.s1, synced.s2 in share mode", 2, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn locked_rows_of_two_tables_hold_no_more_than_one_worker() {
    third_continues_meanwhile("select 1 from synced.s1 for update; select 1 from synced.s2 for update", 1, 1).await;
}

/// The third sync is projected while another session locks what the first two need.
///
/// * `n`: the record of the first two that is sent then
/// * `workers`: how many of the projector's workers may wait for it for long
async fn third_continues_meanwhile(lock: &'static str, n: u32, workers: i64) {
    let app = app_with_three().await;
    let user = begin(&app, lock).await;
    for sync_id in [ONE, TWO] {
        app.send(&of(sync_id, n)).await.counts();
    }
    waits_briefly(&app, workers).await;
    app.send(&of(THIRD, 2)).await.counts();
    app.db.becomes("select count(*)::text from synced.s3", "2").await;
    user.rollback().await.expect("it was open");
    app.db.projected().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_with_an_old_snapshot_does_not_make_the_backlog_dearer_with_each_delivery() {
    const DELIVERIES: u32 = 150;
    const READ: &str = "select idx_tup_read from pg_stat_user_indexes where indexrelname = 'backlog_sync_id_idx'";
    let mut app = TestApp::spawn().await;
    app.send(&of(ONE, 0)).await.counts();
    app.db.projected().await;
    let report = begin(&app, "set transaction isolation level repeatable read; select from pg_class").await;
    let mut read = vec![0];
    for round in 0..2 {
        for n in 0..DELIVERIES {
            app.send(&of(ONE, 1 + round * DELIVERIES + n)).await.counts();
            app.db.projected().await;
        }
        app.stop_and_end_sessions().await;
        read.push(app.db.count(READ).await);
        app = app.restarted().await;
    }
    let (first, second) = (read[1] - read[0], read[2] - read[1]);
    assert!(first >= i64::from(DELIVERIES), "{first} entries were read");
    assert!(second < 2 * first, "{DELIVERIES} deliveries read {first} entries, and the next ones {second}");
    report.rollback().await.expect("it was open");
}

/// Follows the projector through some failures: no more than `workers` of its statements wait for a lock for seconds.
async fn waits_briefly(app: &TestApp, workers: i64) {
    const LONG: &str = "select count(*) from pg_stat_activity where datname = current_database()
                        and application_name like 'polysink projector%' and wait_event_type = 'Lock'
                        and query_start < clock_timestamp() - interval '3 s'";
    eventually("six passes fail on the lock", async || {
        let waiting = app.db.count(LONG).await;
        assert!(waiting <= workers, "{waiting} workers wait for a user's lock");
        app.metrics().await.count("polysink_projection_failures_total", &[]) >= 6
    })
    .await;
}
