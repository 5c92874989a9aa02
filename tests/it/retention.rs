//! Retention: whole days go, beside readers and deliveries, and nothing that is still needed.

use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use chrono::{Days, NaiveDate};
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::harness::postgres::make_days;
use crate::harness::{Delivery, Metrics, SYNC, TestApp, binary, record, run};
use polysink::maintenance::Retention;
use polysink::store::tables::expired;

/// A day that is long over.
fn old_day() -> NaiveDate {
    polysink::app::now().date_naive() - Days::new(40)
}

/// Makes everything that was received until now 40 days older.
pub async fn age(app: &TestApp) {
    // Around midnight the deliveries are of two days.
    make_days(&app.db.url(), [old_day(), old_day() - Days::new(1)]).await;
    // Days of an interval depend on the time zone otherwise, which a cluster refuses here.
    let earlier = |column: &str, days: u32| {
        format!("{column} = ({column} at time zone 'UTC' - interval '{days} days') at time zone 'UTC'")
    };
    let sql = format!(
        "begin;
         update polysink.envelopes set {0};
         update polysink.backlog set {0};
         update polysink.rejections set {0}, {1};
         commit",
        earlier("received_at", 40),
        earlier("settled_at", 39)
    );
    let sql = AssertSqlSafe(sql);
    sqlx::raw_sql(sql).execute(&app.db.pool).await.expect("the partitions are there");
}

/// A service that keeps everything by itself.
async fn spawn() -> TestApp {
    TestApp::spawn_with(&[("POLYSINK_RETENTION", "0")]).await
}

/// One whose only delivery is old, and in the query table.
async fn with_an_old_delivery() -> TestApp {
    let app = spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    age(&app).await;
    app
}

/// A replay has still to write every delivery.
async fn await_replay(app: &TestApp) {
    let replaying = "insert into polysink.replaying (rewritten, sent_at, envelope_id, received_at)
                     select true, sent_at, envelope_id, received_at from polysink.envelopes";
    sqlx::query(replaying).execute(&app.db.pool).await.expect("it is empty");
}

const OLD_PARTITIONS: &str =
    "select count(*) from pg_class where relnamespace = 'polysink'::regnamespace and relkind = 'r'
     and relname ~ '^envelopes_[0-9]{8}$' and to_date(right(relname, 8), 'YYYYMMDD') < current_date - 30";

#[tokio::test(flavor = "multi_thread")]
async fn prune_shows_and_removes_expired_days_and_the_tables_keep_their_rows() {
    let app = spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1})), record("b", json!({"id": 2}))])).await.counts();
    app.db.projected().await;
    age(&app).await;
    app.send(&Delivery::of(&[record("c", json!({"id": 3}))])).await.counts();
    app.db.projected().await;

    let (worked, said) = app.polysink(&["prune"]);
    assert!(!worked && said.contains("pass --yes") && said.contains("2 days of raw deliveries"), "{said}");
    assert_eq!(app.db.count(OLD_PARTITIONS).await, 2, "nothing happens without an answer");
    let said = app.works(&["prune", "--yes"]);
    assert!(said.contains("Removed 2 days of raw deliveries and 0 resolved rejections."), "{said}");
    assert_eq!(app.db.count(OLD_PARTITIONS).await, 0);
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 1);
    assert_eq!(app.db.count("select count(*) from polysink.records").await, 3);
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 3);
    assert!(app.works(&["prune", "--yes"]).contains("Nothing is older than 30days."));
    app.works(&["rebuild", SYNC]);
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 3, "the ledger has the rest");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_stays_for_as_long_as_a_delivery_of_it_is_not_in_the_query_tables() {
    let app = spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    let mut holder = app.db.pool.begin().await.expect("there is a connection");
    sqlx::query("lock table synced.customers_to_warehouse").execute(&mut *holder).await.expect("it may");
    app.send(&Delivery::of(&[record("b", json!({"id": 2}))])).await.counts();
    age(&app).await;
    let (worked, said) = app.polysink(&["prune", "--yes"]);
    assert!(!worked && said.contains("1 day has deliveries that are not in the query tables, and will stay"), "{said}");
    assert!(said.contains(" stays: deliveries of that day are not in the query tables"), "{said}");
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 2);
    holder.rollback().await.expect("it was open");
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 2);
    app.works(&["prune", "--yes"]);
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_a_replay_has_still_to_write_stays_too() {
    let app = with_an_old_delivery().await;
    await_replay(&app).await;
    let (worked, _) = app.polysink(&["prune", "--yes"]);
    assert!(!worked);
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 1);
    sqlx::query("delete from polysink.replaying").execute(&app.db.pool).await.expect("it may");
    app.works(&["prune", "--yes"]);
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_apply_it_by_themselves_and_say_when() {
    let app = with_an_old_delivery().await;
    let keep = [("POLYSINK_RETENTION", "30d")];
    let (one, _two) = (app.replica_with(&keep).await, app.replica_with(&keep).await);
    app.db.until(OLD_PARTITIONS, |left: i64| left == 0).await;
    app.db.until("select count(*) from polysink.retention where removed_partitions = 2", |runs: i64| runs == 1).await;
    let url = one.metrics_url().to_owned();
    let ran = |metrics: &Metrics| metrics.get("polysink_retention_last_run_timestamp_seconds", &[]);
    let metrics = Metrics::until(&app.http, &url, |metrics| ran(metrics).is_some()).await;
    let ago = polysink::app::now().timestamp() - ran(&metrics).expect("it is there");
    assert!((-2..120).contains(&ago), "{ago}");
    assert_eq!(metrics.count("polysink_retention_kept_partitions", &[]), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_and_writers_continue_while_it_waits_for_one_of_them() {
    let app = with_an_old_delivery().await;
    // A backup reads all day.
    let mut backup = app.db.pool.begin().await.expect("there is a connection");
    sqlx::query("set transaction isolation level repeatable read").execute(&mut *backup).await.expect("it may");
    let read = "select count(*) from polysink.envelopes";
    let before: i64 = sqlx::query_scalar(read).fetch_one(&mut *backup).await.expect("it may");
    assert_eq!(before, 1);

    let pruning = tokio::task::spawn_blocking({
        let url = app.db.url();
        move || {
            let mut command = binary();
            run(command.env("DATABASE_URL", url).args(["prune", "--yes"]))
        }
    });
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
                 and query like 'alter table polysink.envelopes detach%'";
    app.db.until(waits, |waiting: i64| waiting == 1).await;
    for n in 0..20 {
        let delivery = Delivery::of(&[record(&format!("during-{n}"), json!({"id": n}))]);
        let answer = tokio::time::timeout(Duration::from_secs(2), app.send(&delivery)).await.expect("it does not wait");
        assert_eq!(answer.json().get("spooled"), None, "{answer:?}");
    }
    let mut writer = app.db.pool.begin().await.expect("there is a connection");
    let during: i64 = sqlx::query_scalar(read).fetch_one(&mut *writer).await.expect("it does not wait");
    assert!(during >= 20, "{during}");
    writer.rollback().await.expect("it was open");
    let output = pruning.await.expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && said.contains("another session uses the raw log"), "{said}");
    let still: i64 = sqlx::query_scalar(read).fetch_one(&mut *backup).await.expect("it may");
    assert_eq!(still, 1, "the backup sees what it saw");
    backup.rollback().await.expect("it was open");

    // What was begun is finished. The partitions of the next days are not in its way.
    app.works(&["migrate"]);
    app.works(&["prune", "--yes"]);
    assert_eq!(app.db.count(OLD_PARTITIONS).await, 0);
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_is_finished_and_a_day_that_an_operator_detached_stays() {
    let app = with_an_old_delivery().await;
    let name = |day: NaiveDate| format!("polysink.envelopes_{}", day.format("%Y%m%d"));
    let (marked, kept) = (name(old_day()), name(old_day() - Days::new(1)));
    let execute = |sql: String| sqlx::raw_sql(AssertSqlSafe(sql)).execute(&app.db.pool);
    execute(format!("comment on table {marked} is 'Over: polysink is removing it.'")).await.expect("it may");
    execute(format!("alter table polysink.envelopes detach partition {marked} concurrently")).await.expect("it may");
    execute(format!("alter table polysink.envelopes detach partition {kept}")).await.expect("it may");
    app.works(&["prune", "--yes"]);
    let left = "select string_agg(relname, ' ') from pg_class where relkind = 'r' and relname ~ '^envelopes_[0-9]{8}$'
                and to_date(right(relname, 8), 'YYYYMMDD') < current_date - 30";
    assert_eq!(format!("polysink.{}", app.db.text(left).await), kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_step_it_is_finished_by_the_next_run() {
    for point in ["prune-marked", "prune-detached", "prune-copied"] {
        let app = with_an_old_delivery().await;
        app.send(&Delivery::of(&[record("b", json!({"id": 2}))])).await.counts();
        app.db.projected().await;
        let mut prune = binary();
        prune.env("DATABASE_URL", app.db.url()).env("FAILPOINTS", format!("{point}=return")).args(["prune", "--yes"]);
        assert_eq!(run(&mut prune).status.signal(), Some(9), "{point}");
        assert_eq!(app.send(&Delivery::of(&[record("c", json!({"id": 3}))])).await.counts(), [1, 1, 0, 0]);
        // The server ends the session of the process that died, and its lock with it.
        let locks = "select count(*) from pg_locks where locktype = 'advisory' and objid::bigint = 1886549358
                     and database = (select oid from pg_database where datname = current_database())";
        app.db.until(locks, |held: i64| held == 0).await;
        app.works(&["prune", "--yes"]);
        assert_eq!(app.db.count(OLD_PARTITIONS).await, 0, "{point}");
        assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 2, "{point}");
        assert_eq!(app.db.count("select count(*) from polysink.heads").await, 1, "{point}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_outlive_bodies_and_go_in_their_time() {
    let app = with_an_old_delivery().await;
    let facts = "select to_jsonb(e) - '{body,metadata,erased_positions}'::text[] from polysink.envelopes e";
    let heads = "select to_jsonb(h) from polysink.heads h";
    let before: serde_json::Value = sqlx::query_scalar(facts).fetch_one(&app.db.pool).await.expect("it is there");
    app.works(&["prune", "--yes"]);
    let kept: serde_json::Value = sqlx::query_scalar(heads).fetch_one(&app.db.pool).await.expect("it is there");
    assert_eq!(kept, before);
    let said = app.works(&["prune", "--yes", "--retention-headers", "0"]);
    assert!(said.contains("Nothing is older"), "{said}");
    let (_, said) = app.polysink(&["prune", "--retention-headers", "35d"]);
    assert!(said.contains("Beyond POLYSINK_RETENTION_HEADERS: 2 days of heads."), "{said}");
    let mut reader = app.db.pool.begin().await.expect("there is a connection");
    sqlx::query("select from polysink.heads").execute(&mut *reader).await.expect("it may");
    let said = app.works(&["prune", "--yes", "--retention-headers", "35d"]);
    assert!(said.contains("2 days of heads stay for now: another session uses them."), "{said}");
    reader.rollback().await.expect("it was open");
    let said = app.works(&["prune", "--yes", "--retention-headers", "35d"]);
    assert!(said.contains("Removed 2 days of heads of deliveries."), "{said}");
    assert_eq!(app.db.count("select count(*) from pg_inherits where inhparent = 'polysink.heads'::regclass").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_of_days_beyond_their_own_retention_are_not_kept() {
    let app = with_an_old_delivery().await;
    app.works(&["prune", "--yes", "--retention-headers", "35d"]);
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 0);
    assert_eq!(app.db.count("select count(*) from pg_inherits where inhparent = 'polysink.heads'::regclass").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_needed_again_by_the_time_it_is_detached_gets_its_place_back() {
    let app = with_an_old_delivery().await;
    // As a replay does that begins between the first look and the detachment.
    await_replay(&app).await;
    let name = app.db.text("select tableoid::regclass::text from polysink.envelopes").await;
    for sql in [
        format!("comment on table {name} is 'Over: polysink is removing it.'"),
        format!("alter table polysink.envelopes detach partition {name} concurrently"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&app.db.pool).await.expect("it may");
    }
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 0);
    let (worked, said) = app.polysink(&["prune", "--yes"]);
    assert!(!worked && said.contains(" stays: "), "{said}");
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 1);
    let comments = "select count(*) from pg_class where relnamespace = 'polysink'::regnamespace
                    and obj_description(oid, 'pg_class') = 'Over: polysink is removing it.'";
    assert_eq!(app.db.count(comments).await, 0);
    assert!(app.works(&["replay", "--yes"]).contains("Replayed 1 delivery"));
}

#[tokio::test(flavor = "multi_thread")]
async fn resolved_rejections_go_with_their_deliveries_and_open_ones_stay() {
    let app = spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1})), json!("settled")])).await.counts();
    app.send(&Delivery::of_body("{\"open\"")).await;
    app.works(&[
        "rejections",
        "resolve",
        &app.db.text("select rejection_id::text from polysink.rejections where scope = 'record'").await,
    ]);
    app.db.projected().await;
    age(&app).await;
    app.send(&Delivery::of(&[record("b", json!({"id": 1})), json!("settled")])).await.counts();
    app.db.projected().await;
    let today = app
        .db
        .text("select rejection_id::text from polysink.rejections where scope = 'record' and settled_at is null")
        .await;
    app.works(&["rejections", "resolve", &today]);
    let said = app.works(&["prune", "--yes"]);
    assert!(said.contains("Removed 2 days of raw deliveries and 1 resolved rejection."), "{said}");
    let left = "select string_agg(scope || ' ' || (settled_at is null), ', ' order by scope) from polysink.rejections";
    assert_eq!(app.db.text(left).await, "envelope true, record false");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_at_a_time_does_it_and_none_if_everything_is_kept() {
    let app = with_an_old_delivery().await;
    let store = app.db.store(1);
    let lock = expired::hold_lock(&store).await.expect("the database is there").expect("it is free");
    let (worked, said) = app.polysink(&["prune", "--yes"]);
    assert!(!worked && said.contains("another process is applying the retention"), "{said}");
    drop(lock);
    store.close().await;
    let said = app.works(&["prune", "--yes", "--retention", "0"]);
    assert!(said.contains("everything is kept"), "{said}");
    let (worked, said) = app.polysink(&["prune", "--yes", "--retention", "1h"]);
    assert!(!worked && said.contains("POLYSINK_RETENTION: `1h` is too short; expected at least 1d"), "{said}");
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 1);
}

/// A virtual machine that goes on after a pause, or a start before the time is synchronized.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_removes_nothing() {
    let app = spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    let store = app.db.store(1);
    let keep = Retention { bodies: chrono::TimeDelta::days(30), heads: None };
    for (off, is_used) in [(40 * 86_400, false), (-40 * 86_400, false), (90, false), (30, true), (-30, true)] {
        let now = polysink::app::now() + chrono::TimeDelta::seconds(off);
        let pruned = polysink::maintenance::prune(&store, keep, now).await;
        assert_eq!(pruned.is_ok(), is_used, "{off}: {pruned:?}");
        if let Err(error) = pruned {
            assert!(error.to_string().contains("differ by more than a minute"), "{error}");
        }
        let plan = polysink::maintenance::plan_prune(&store, keep, now).await;
        assert_eq!(plan.is_ok(), is_used, "{off}: {plan:?}");
    }
    assert_eq!(app.db.text("select count(*)::text from polysink.envelopes").await, "1");
    store.close().await;
}
