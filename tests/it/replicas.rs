//! Several services on one database: what one does the others learn, what has to happen once happens once, and one
//! that is killed holds nothing.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Output;
use std::thread;

use polysink::model::SyncId;
use polysink::query_tables::{rebuild_lock, sync_lock};
use polysink::store::{StoreError, migrations};
use serde_json::json;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use crate::doctor::{assert_found, doctor};
use crate::harness::app::http_client;
use crate::harness::outage::{ROWS, healed, one};
use crate::harness::polytomic::{FakePolytomic, KEY};
use crate::harness::sink::NoticeSink;
use crate::harness::{Delivery, Metrics, Outage, SYNC, Server, Service, TestApp, TestDatabase, record, run};

/// The hints that a service has heard.
fn heard(metrics: &Metrics, about: &str) -> i64 {
    metrics.count("polysink_hints_total", &[("about", about)])
}

#[tokio::test(flavor = "multi_thread")]
async fn four_are_born_at_once_on_an_empty_database() {
    let server = Server::start();
    let folders: Vec<_> = (0..4).map(|_| tempfile::tempdir().expect("there is a temporary folder")).collect();
    let services: Vec<Service> = thread::scope(|scope| {
        let start = |folder: &tempfile::TempDir| Service::start(Service::on(&server.url(), folder.path()));
        let starting: Vec<_> = folders.iter().map(|folder| scope.spawn(move || start(folder))).collect();
        starting.into_iter().map(|one| one.join().expect("it starts")).collect()
    });
    let http = http_client();
    for service in &services {
        healed(&http, &service.url).await;
    }
    let sends = (0..80).map(|n| {
        let (http, url) = (&http, &services[n % 4].url);
        async move { one("born", n % 20).post(http, url).await }
    });
    let answers = futures_util::future::join_all(sends).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    for service in &services {
        healed(&http, &service.url).await;
    }
    server.becomes(ROWS, "20 80").await;
    server.becomes("select count(*)::text from polysink.backlog", "0").await;
    server.becomes("select count(*)::text from synced.customers_to_warehouse", "20").await;
    let migrations = "select concat(count(*), ' ', count(distinct version), ' ', bool_and(success))
                      from polysink._sqlx_migrations";
    let all = sqlx::migrate!().iter().count();
    assert_eq!(server.text(migrations).await, format!("{all} {all} t"));
    server.becomes("select count(*)::text from polysink.replicas where migration is not null", "4").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_stores_and_changes_the_others_hear() {
    let app = TestApp::spawn().await;
    let replica = app.replica().await;
    let of_replica = || Metrics::read(&app.http, replica.metrics_url());
    let hears = |metrics: &Metrics| metrics.count("polysink_hints_up", &[]) == 1;
    app.metrics_until(hears).await;
    Metrics::until(&app.http, replica.metrics_url(), hears).await;

    app.send(&Delivery::of(&[record("a", json!({"n": 1}))])).await.counts();
    Metrics::until(&app.http, replica.metrics_url(), |metrics| heard(metrics, "deliveries") > 0).await;
    app.db.projected().await;
    assert_eq!(heard(&app.metrics().await, "deliveries"), 0, "it needs no hint of its own deliveries");

    // An operator's command is a process of its own, which both hear.
    let before = (heard(&app.metrics().await, "changes"), heard(&of_replica().await, "changes"));
    app.works(&["column", SYNC, "n", "--type", "text"]);
    app.metrics_until(|metrics| heard(metrics, "changes") > before.0).await;
    Metrics::until(&app.http, replica.metrics_url(), |metrics| heard(metrics, "changes") > before.1).await;

    // A connection that is lost is replaced.
    let lost = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                where application_name like 'polysink listener %' and datname = current_database()";
    assert_eq!(app.db.count(lost).await, 2);
    let listeners = "select count(*)::text from pg_stat_activity
                     where application_name like 'polysink listener %' and datname = current_database()";
    app.db.becomes(listeners, "2").await;
    let before = heard(&of_replica().await, "deliveries");
    Metrics::until(&app.http, replica.metrics_url(), hears).await;
    app.send(&Delivery::of(&[record("b", json!({"n": 2}))])).await.counts();
    Metrics::until(&app.http, replica.metrics_url(), |metrics| heard(metrics, "deliveries") > before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_on_the_channel_by_others_does_no_harm() {
    let app = TestApp::spawn().await;
    app.metrics_until(|metrics| metrics.count("polysink_hints_up", &[]) == 1).await;
    app.db.run("notify polysink; notify polysink, 'nonsense'; notify polysink, 'deliveries somebody'").await;
    app.metrics_until(|metrics| heard(metrics, "deliveries") == 1).await;
    assert_eq!(heard(&app.metrics().await, "changes"), 0);
    app.send(&Delivery::of(&[record("a", json!({"n": 1}))])).await.counts();
    app.db.projected().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_one_has_seen_is_used_by_another() {
    let app = TestApp::spawn().await;
    let replica = app.replica().await;
    let url = format!("{}/webhooks/polytomic", replica.base());
    for n in 0..6 {
        // Each sees fields first that the other one then gets values of.
        let (first, then) = if n % 2 == 0 { (app.webhook(), &url) } else { (url.clone(), &app.webhook()) };
        let field = format!("field_{n}");
        let new = Delivery::of(&[record(&format!("{n}-1"), json!({"id": n, (field.as_str()): n}))]);
        new.post(&app.http, &first).await.counts();
        let known = Delivery::of(&[record(&format!("{n}-2"), json!({"id": n, (field.as_str()): 10 + n}))]);
        known.post(&app.http, then).await.counts();
    }
    app.db.projected().await;
    let columns = "select count(*) from information_schema.columns
                   where table_name = 'customers_to_warehouse' and column_name like 'field_%' and data_type = 'bigint'";
    assert_eq!(app.db.count(columns).await, 6);
    let values = "select sum(coalesce(field_0, 0) + coalesce(field_1, 0) + coalesce(field_2, 0) + coalesce(field_3, 0)
                             + coalesce(field_4, 0) + coalesce(field_5, 0))::bigint
                  from synced.customers_to_warehouse where _unfit is null";
    assert_eq!(app.db.count(values).await, 2 * 15 + 60);
}

/// Runs a service until it kills itself on taking a lock.
fn dies_with(lock: i64, server: &Server, folder: &std::path::Path, settings: &[(&str, &str)]) {
    let mut command = Service::on(&server.url(), folder);
    command.envs(settings.iter().copied()).env("FAILPOINTS", format!("lock-{lock:x}=return"));
    let output: Output = run(&mut command);
    assert_eq!(output.status.signal(), Some(9), "lock {lock:x}: {}", String::from_utf8_lossy(&output.stderr));
}

/// An advisory lock whose number is its name in ASCII.
fn named(name: &str) -> i64 {
    name.bytes().fold(0, |number, byte| number << 8 | i64::from(byte))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_holds_no_lock() {
    let (fake, sink) = (FakePolytomic::start(), NoticeSink::start());
    let notify = format!("ops=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw@{}", sink.url);
    let settings = [
        ("POLYSINK_POLYTOMIC_KEY", KEY),
        ("POLYSINK_POLYTOMIC_URL", fake.url.as_str()),
        ("POLYSINK_NOTIFY", notify.as_str()),
        ("POLYSINK_NOTIFY_KINDS", "schema"),
        ("POLYSINK_RETENTION", "400d"),
    ];
    let server = Server::start();
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    for at_start in ["polysink", "polyday"] {
        dies_with(named(at_start), &server, folder.path(), &settings);
    }
    let mut outage = Outage::on(server, &settings);
    outage.healed().await;
    assert_eq!(outage.send(&one("before", 0)).await.status, 200);
    outage.server.becomes("select count(*)::text from polysink.backlog", "0").await;

    // The scheduled work of each is done by the next one.
    for (lock, is_done) in [
        ("polypage", "select count(*)::text from polysink.sync_summaries where counted_at > now() - interval '1 hour'"),
        ("polyprun", "select count(*)::text from polysink.retention where ran_at > now() - interval '1 hour'"),
        ("polynote", "select count(*)::text from polysink.notices where kind = 'schema'"),
        ("polyruns", "select count(*)::text from polysink.sync_sources where asked_at > now() - interval '1 hour'"),
    ] {
        drop(outage.service);
        let undo = "update polysink.sync_summaries set counted_at = now() - interval '1 day';
                    update polysink.retention set ran_at = now() - interval '1 day';
                    delete from polysink.notices; delete from polysink.notice_messages;
                    update polysink.sync_sources set asked_at = now() - interval '1 day'";
        outage.server.run(undo).await;
        dies_with(named(lock), &outage.server, folder.path(), &settings);
        let next = Outage::on(outage.server, &settings);
        next.server.becomes(is_done, "1").await;
        outage = next;
    }

    // A projection: another session holds the table until the first service is gone.
    let mut holder = outage.server.pool.begin().await.expect("there is a connection");
    sqlx::query("lock table synced.customers_to_warehouse").execute(&mut *holder).await.expect("it may");
    assert_eq!(outage.send(&one("projected", 1)).await.status, 200);
    drop(outage.service);
    holder.rollback().await.expect("it was open");
    let sync_id = SyncId(SYNC.parse().expect("it is an id"));
    dies_with(sync_lock(sync_id), &outage.server, folder.path(), &settings);
    let outage = Outage::on(outage.server, &settings);
    let rows = "select count(*)::text from synced.customers_to_warehouse";
    outage.server.becomes(rows, "2").await;

    // The rebuild of a table that an operator dropped.
    drop(outage.service);
    outage.server.run("drop table synced.customers_to_warehouse").await;
    dies_with(rebuild_lock(sync_id), &outage.server, folder.path(), &settings);
    let outage = Outage::on(outage.server, &settings);
    outage.server.becomes(rows, "2").await;
}

/// The migrations, and one more.
fn with_one_more(sql: &str) -> Migrator {
    let mut all = sqlx::migrate!().migrations.into_owned();
    let version = all.iter().map(|migration| migration.version).max().expect("there are some") + 1;
    let sql = AssertSqlSafe(sql.to_owned()).into_sql_str();
    all.push(Migration::new(version, "one more".into(), MigrationType::Simple, sql, false));
    Migrator::with_migrations(all)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_takes_something_away_waits_until_earlier_versions_have_stopped() {
    let app = TestApp::spawn().await;
    app.db.becomes("select count(*)::text from polysink.replicas", "1").await;
    let store = app.db.store(1);
    let known = migrations::latest();
    let again = format!("delete from polysink._sqlx_migrations where version > {known}; drop table polysink.more");
    let undo = || sqlx::raw_sql(AssertSqlSafe(again.clone())).execute(&app.db.pool);
    let expands = with_one_more("create table polysink.more ()");
    migrations::apply(&store, &expands).await.expect("it takes nothing away");
    undo().await.expect("it is there");

    let contracts = with_one_more(&format!("-- contracts: {:04}\ncreate table polysink.more ()", known + 1));
    let refused = migrations::apply(&store, &contracts).await.expect_err("a service does not know it");
    assert!(matches!(refused, StoreError::Unsafe { migration, .. } if migration == known + 1), "{refused:?}");
    let said = refused.to_string();
    assert!(said.contains(env!("CARGO_PKG_VERSION")) && said.contains("Upgrade or stop them"), "{said}");
    let made = "select count(*)::text from pg_class where oid = to_regclass('polysink.more')";
    assert_eq!(app.db.text(made).await, "0");

    // The running service does not use what this one takes away.
    let safe = with_one_more(&format!("-- contracts: {known:04}\ncreate table polysink.more ()"));
    migrations::apply(&store, &safe).await.expect("the service does not use it");
    undo().await.expect("it is there");

    // Versions before say nothing; and one that was killed counts no more after a while.
    app.db.run("update polysink.replicas set migration = null").await;
    migrations::apply(&store, &safe).await.expect_err("it may use it");
    app.db.run("update polysink.replicas set seen_at = now() - interval '2 minutes'").await;
    migrations::apply(&store, &contracts).await.expect("none runs");
    assert_eq!(app.db.text(made).await, "1");
    store.close().await;
}

/// Migrations of released versions stand as they are, and so does what they took away.
#[test]
fn migrations_that_take_something_away_say_from_whom() {
    let takes_away = [
        "drop table",
        "drop column",
        "drop view",
        "drop function",
        "drop index",
        "rename to",
        "rename column",
        "set not null",
        "set data type",
    ];
    let faults = |sql: &str| {
        let words = sql.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        takes_away.iter().any(|taken| words.contains(taken))
            && !sql.lines().any(|line| line.starts_with("-- contracts: "))
    };
    assert!(faults("alter table polysink.syncs drop column name;"), "a planted one");
    assert!(!faults("-- contracts: 0040\nalter table polysink.syncs drop column name;"));
    for migration in sqlx::migrate!().iter().filter(|migration| migration.version > 36) {
        assert!(!faults(migration.sql.as_str()), "{}: say `-- contracts: NNNN`", migration.description);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_lists_them() {
    let app = TestApp::spawn().await;
    let _replica = app.replica().await;
    app.db.becomes("select count(*)::text from polysink.replicas", "2").await;
    let host = polysink::app::host().expect("it has a name");
    let found = doctor(&app);
    assert_found(&found, "replicas", "ok", &format!("version {}; {host} (", env!("CARGO_PKG_VERSION")));
    let older = "update polysink.replicas set version = '0.0.9'
                 where replica_id = (select max(replica_id::text)::uuid from polysink.replicas)";
    app.db.run(older).await;
    assert_found(&doctor(&app), "replicas", "warn", "0.0.9");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_databases_of_a_server_hear_nothing_of_each_other() {
    let (app, other) = (TestApp::spawn().await, TestApp::spawn_on(TestDatabase::create().await, &[]).await);
    other.metrics_until(|metrics| metrics.count("polysink_hints_up", &[]) == 1).await;
    let replica = app.replica().await;
    Metrics::until(&app.http, replica.metrics_url(), |metrics| metrics.count("polysink_hints_up", &[]) == 1).await;
    app.send(&Delivery::of(&[record("a", json!({"n": 1}))])).await.counts();
    Metrics::until(&app.http, replica.metrics_url(), |metrics| heard(metrics, "deliveries") > 0).await;
    assert_eq!(heard(&other.metrics().await, "deliveries"), 0);
}
