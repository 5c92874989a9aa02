//! A rebuild beside deliveries: what it delays, and what it does with records that it cannot project.

use polysink::model::SyncId;
use polysink::projector::{self, RebuildError, Watcher};
use polysink::store::Store;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::harness::{Delivery, SYNC, TestApp, binary, record};

/// Starts a command on the test's database.
fn start(app: &TestApp, arguments: &[&str]) -> tokio::process::Child {
    let mut command = binary();
    command.env("DATABASE_URL", app.db.url()).args(arguments).stdin(std::process::Stdio::null());
    command.stderr(std::process::Stdio::piped());
    Command::from(command).kill_on_drop(true).spawn().expect("the binary can be run")
}

/// A reader whose lock keeps a rebuild in the middle of its last transaction.
async fn reading(app: &TestApp) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut reader = app.db.pool.begin().await.expect("the database is there");
    let lock = sqlx::raw_sql("lock table synced.customers_to_warehouse in share mode");
    lock.execute(&mut *reader).await.expect("it is free");
    reader
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_waits_for_a_session_that_uses_an_interrupted_ones_tables() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    // A vacuum does that, for as long as a second after another session has begun to wait.
    let left = "create unlogged table polysink.shadow_1ea8f90ab22e421886d5c3c109e1fbb7_0badcafe (id bigint)";
    sqlx::raw_sql(left).execute(&app.db.pool).await.expect("it is new");
    let mut user = app.db.pool.begin().await.expect("the database is there");
    let lock =
        sqlx::raw_sql("lock table polysink.shadow_1ea8f90ab22e421886d5c3c109e1fbb7_0badcafe in access share mode");
    lock.execute(&mut *user).await.expect("it is free");

    let mut rebuild = start(&app, &["rebuild", SYNC]);
    let waits = "select count(*) from pg_stat_activity
                 where datname = current_database() and application_name like 'polysink operator%'
                   and wait_event_type = 'Lock' and query_start < clock_timestamp() - interval '500 ms'";
    app.db.until(waits, |waiting: i64| waiting == 1).await;
    user.rollback().await.expect("it was open");
    assert!(rebuild.wait().await.expect("it ends").success());
    assert_eq!(app.db.count("select count(*) from pg_tables where tablename like 'shadow%'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_waits_at_its_end_delays_no_delivery() {
    const OTHER: &str = "5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47";
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.send(&Delivery::of_sync(OTHER, "Other", &[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;

    let reader = reading(&app).await;
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

/// Reads what a command says on standard error, up to the first line with this text.
async fn says(command: &mut tokio::process::Child, text: &str) {
    let mut lines = BufReader::new(command.stderr.take().expect("its errors are piped")).lines();
    while let Some(line) = lines.next_line().await.expect("it is text") {
        if line.contains(text) {
            return;
        }
    }
    panic!("it does not say {text:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_wait_for_a_rebuild_that_another_process_does() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    app.works(&["identity", "set", SYNC, "id"]);

    let reader = reading(&app).await;
    let mut first = start(&app, &["rebuild", SYNC]);
    app.db.blocked().await;
    let mut second = start(&app, &["rebuild", SYNC]);
    says(&mut second, "Waiting: another process is rebuilding this sync").await;
    reader.rollback().await.expect("it was open");
    for command in [&mut first, &mut second] {
        assert!(command.wait().await.expect("it ends").success());
    }
    assert_eq!(app.db.text("select concat(_key, ' ', id) from synced.customers_to_warehouse").await, "[1] 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_of_the_identity_is_changed_while_another_process_holds_the_rebuilds_lock() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    let mut reader = app.db.pool.begin().await.expect("the database is there");
    let snapshot = sqlx::raw_sql("set transaction isolation level repeatable read; select from pg_class");
    snapshot.execute(&mut *reader).await.expect("it is the first statement");
    // The index of the identity waits for the end of the snapshot.
    let mut identity = start(&app, &["identity", "set", SYNC, "id"]);
    app.db.blocked().await;
    // As if the column had had another type. Nothing else is to do for it.
    app.db.run("update polysink.syncs set key_columns = '{text}'").await;
    let mut column = start(&app, &["column", SYNC, "id", "--show"]);
    says(&mut column, "Waiting: another process is rebuilding this sync").await;
    reader.rollback().await.expect("it was open");
    for command in [&mut identity, &mut column] {
        assert!(command.wait().await.expect("it ends").success());
    }
    assert_eq!(app.db.text("select key_columns[1] from polysink.syncs").await, "bigint");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_can_be_interrupted_while_it_merges() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    let reader = reading(&app).await;
    let rebuild = start(&app, &["identity", "set", SYNC, "id"]);
    app.db.blocked().await;
    interrupt(&rebuild);
    let output = tokio::time::timeout(std::time::Duration::from_secs(20), rebuild.wait_with_output());
    let output = output.await.expect("it does not wait for the reader").expect("it is our child");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("interrupted; nothing was changed"), "{said}");

    // Its transaction is gone from the server as well: the service projects again.
    reader.commit().await.expect("it held only a lock");
    app.send(&Delivery::of(&[record("b", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 2, "there is no identity");
}

/// What a killed rebuild has made is dropped by the service, and what one makes that runs is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_rebuilds_tables_are_dropped() {
    const SHADOWS: &str = "select count(*) from pg_tables where tablename like 'shadow%'";
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    let reader = reading(&app).await;
    let mut rebuild = start(&app, &["identity", "set", SYNC, "id"]);
    app.db.blocked().await;
    let running = app.replica().await; // it looks at once
    Delivery::of(&[record("b", json!({"id": 2}))])
        .post(&app.http, &format!("{}/webhooks/polytomic", running.base()))
        .await
        .counts();
    assert_eq!(app.db.count(SHADOWS).await, 4, "the rebuild runs");
    rebuild.kill().await.expect("it is our child");
    reader.rollback().await.expect("it held only a lock");
    app.db.until(SHADOWS, |shadows: i64| shadows == 0).await;
}

fn interrupt(child: &tokio::process::Child) {
    let pid = nix::unistd::Pid::from_raw(child.id().expect("it runs").cast_signed());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).expect("it is our child");
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

/// The open rejections: how many of each reason.
const QUARANTINED: &str = "select coalesce(string_agg(concat(reason, ' ', n), ', ' order by reason), '')
     from (select reason, count(*) as n from polysink.rejections where settled_at is null group by reason) as r";

#[tokio::test(flavor = "multi_thread")]
async fn records_whose_identity_is_too_large_are_quarantined_and_counted() {
    let app = TestApp::spawn().await;
    let value = |n: usize| if n.is_multiple_of(7) { format!("{n}{}", "x".repeat(4_000)) } else { n.to_string() };
    let records: Vec<Value> = (0..70).map(|n| record(&format!("h{n}"), json!({"id": value(n), "plan": n}))).collect();
    app.send(&Delivery::of(&records)).await.counts();
    app.db.projected().await;
    let said = app.works(&["identity", "set", SYNC, "id"]);
    assert!(said.contains("60 rows") && said.contains("10 records"), "{said}");
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 60);
    assert_eq!(app.db.text(QUARANTINED).await, "key_too_large 10");
    let payload = "select convert_from(payload, 'UTF8') from polysink.rejections where position = 7";
    assert!(app.db.text(payload).await.starts_with(r#"{"fields":{"id":"7xxx"#));

    // Once more changes nothing; without the delivery, what the ledger has is quarantined.
    app.works(&["rebuild", SYNC]);
    assert_eq!(app.db.text(QUARANTINED).await, "key_too_large 10");
    app.db.run("delete from polysink.rejections; delete from polysink.envelopes").await;
    app.works(&["rebuild", SYNC]);
    assert_eq!(app.db.text(QUARANTINED).await, "key_too_large 10");
    let payload = "select convert_from(payload, 'UTF8') from polysink.rejections where position = 7";
    assert!(app.db.text(payload).await.starts_with(r#"{"hash":"h7","fields":{"id": "7xxx"#));

    // Under an identity that fits, all of them have their row.
    app.works(&["identity", "set", SYNC, "plan", "--yes"]);
    assert_eq!(app.db.text(QUARANTINED).await, "");
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 70);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_projected_does_not_block_a_rebuild() {
    let app = TestApp::spawn().await;
    let records: Vec<Value> = (0..40).map(|n| record(&format!("h{n}"), json!({"id": n, "n": n}))).collect();
    app.send(&Delivery::of(&records)).await.counts();
    app.db.projected().await;
    // The tables that a rebuild works in refuse one row.
    app.db
        .run(
            "create function spoil() returns event_trigger language plpgsql as $$
             declare made text;
             begin
                 for made in select object_identity from pg_event_trigger_ddl_commands()
                             where command_tag = 'CREATE TABLE'
                             and object_identity ~ '^polysink.shadow_[0-9a-f]+_[0-9a-f]+(_history)?$'
                 loop
                     execute format('alter table %s add constraint spoilt check (n <> 7)', made);
                 end loop;
             end $$;
             create event trigger spoil on ddl_command_end when tag in ('CREATE TABLE') execute function spoil()",
        )
        .await;
    // From the ledger, and from the raw log.
    for (arguments, rows) in [(&["rebuild", SYNC][..], "39 rows"), (&["identity", "set", SYNC, "id"], "39 rows")] {
        let said = app.works(arguments);
        assert!(said.contains(rows) && said.contains("1 record;"), "{said}");
        assert_eq!(app.db.text(QUARANTINED).await, "unprojectable 1");
    }
    assert_eq!(app.db.count("select count(*) from pg_tables where tablename like 'shadow%'").await, 0);
}

/// Does something between two batches of a rebuild.
struct Between<F>(F);

impl<F: FnMut()> Watcher for Between<F> {
    fn at(&mut self, _: u64, _: u64) {
        (self.0)();
    }

    fn is_interrupted(&self) -> bool {
        false
    }
}

/// A store of the test's own on the service's database.
fn store(app: &TestApp) -> Store {
    app.db.store(4)
}

#[tokio::test(flavor = "multi_thread")]
async fn types_learned_during_a_rebuild_stay_learned() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1, "v": "x"}))])).await.counts();
    app.db.projected().await;
    let runtime = tokio::runtime::Handle::current();
    let mut first = true;
    let mut watcher = Between(|| {
        if std::mem::take(&mut first) {
            tokio::task::block_in_place(|| {
                runtime.block_on(async {
                    app.send(&Delivery::of(&[record("b", json!({"id": 2, "v": 5}))])).await.counts();
                    app.db.projected().await;
                });
            });
        }
    });
    let id = SyncId(SYNC.parse().expect("it is an id"));
    let plan = projector::plan(&store(&app), id, |_| Some(vec!["id".to_owned()])).await.expect("it can be planned");
    let summary = plan.run(&mut watcher).await.expect("it works");
    assert_eq!(summary.rows, 2);
    let kinds = "select string_agg(concat(name, ' ', kinds), ', ' order by name) from polysink.fields";
    assert_eq!(app.db.text(kinds).await, r#"id {"integer": 2}, v {"text": 1, "integer": 1}"#);
    let seen = "select (last_seen_at = (select max(received_at) from polysink.envelopes))::text from polysink.fields \
                where name = 'v'";
    assert_eq!(app.db.text(seen).await, "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_lost_its_lock_changes_nothing() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    let runtime = tokio::runtime::Handle::current();
    // The connection that holds the lock is idle in its transaction.
    let cut = "select count(*) from (
                   select pg_terminate_backend(a.pid, 5000) from pg_stat_activity a join pg_locks l using (pid)
                   where a.datname = current_database() and a.state = 'idle in transaction' and l.locktype = 'advisory'
               ) as t";
    let mut watcher = Between(|| {
        tokio::task::block_in_place(|| runtime.block_on(app.db.count(cut)));
    });
    let id = SyncId(SYNC.parse().expect("it is an id"));
    let plan = projector::plan(&store(&app), id, |_| Some(vec!["id".to_owned()])).await.expect("it can be planned");
    let error = plan.run(&mut watcher).await.expect_err("its lock is gone");
    assert!(matches!(error, RebuildError::LockLost), "{error}");
    assert_eq!(app.db.text("select concat(identity) from polysink.syncs").await, "");
    // The next run cleans up after it.
    app.works(&["identity", "set", SYNC, "id"]);
    assert_eq!(app.db.count("select count(*) from pg_tables where tablename like 'shadow%'").await, 0);
}
