//! `polysink doctor`: what it says of a healthy set-up, and that it finds each thing that is wrong.

use std::collections::BTreeMap;
use std::process::Output;

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::harness::{Delivery, LocalService, SECRET, SYNC, TestApp, TestDatabase, binary, record, run};

/// The findings by check. Of several with one name, the worst.
fn findings(output: &Output) -> BTreeMap<String, Value> {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.is_empty(), "{said}");
    let all: Vec<Value> = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    let mut by_check: BTreeMap<String, Value> = BTreeMap::new();
    for finding in all {
        for part in ["check", "level", "found", "expected"] {
            assert!(finding[part].as_str().is_some_and(|text| !text.is_empty()), "no {part} in {finding}");
        }
        assert_eq!(finding["level"] != "ok", finding.get("advice").is_some(), "{finding}");
        let check = finding["check"].as_str().expect("it was checked").to_owned();
        let worse = by_check.get(&check).is_none_or(|known| known["level"] == "ok" || finding["level"] == "fail");
        if worse {
            by_check.insert(check, finding);
        }
    }
    by_check
}

/// Runs it on a database, with further settings.
pub fn doctor_on(url: &str, settings: &[(&str, &str)]) -> (bool, BTreeMap<String, Value>) {
    let mut command = binary();
    command.env("DATABASE_URL", url).env("POLYSINK_SECRETS", SECRET).env("POLYSINK_DATA_DIR", "/nonexistent/polysink");
    command.envs(settings.iter().copied()).args(["doctor", "--json"]);
    let output = run(&mut command);
    (output.status.success(), findings(&output))
}

pub fn doctor(app: &TestApp) -> BTreeMap<String, Value> {
    let address = app.base.trim_start_matches("http://").to_owned();
    doctor_on(&app.db.url(), &[("POLYSINK_LISTEN", &address)]).1
}

#[track_caller]
pub fn assert_found(findings: &BTreeMap<String, Value>, check: &str, level: &str, found: &str) {
    let finding = findings.get(check).unwrap_or_else(|| panic!("no {check} in {findings:#?}"));
    let text = finding["found"].as_str().unwrap_or_default();
    assert!(finding["level"] == level && text.contains(found), "{finding:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_set_up_has_nothing_to_look_at() {
    let local = LocalService::start();
    let delivery = local.sign(Delivery::of(&[record("a", json!({"id": 1}))]));
    assert_eq!(delivery.post(&crate::harness::app::http_client(), &local.service.url).await.status, 200);
    local.becomes("select count(*) from polysink.backlog", "0").await;
    let address = local.service.url.trim_start_matches("http://").split('/').next().expect("it has one").to_owned();
    let has_lz4 = crate::harness::TestDatabase::create_empty().await.has_lz4().await;
    let run_it = |arguments: &[&str]| {
        let mut command = binary();
        command.env("POLYSINK_DATA_DIR", &local.data).env("POLYSINK_LISTEN", &address).arg("doctor").args(arguments);
        run(&mut command)
    };
    let output = run_it(&["--json"]);
    assert!(output.status.success());
    for (check, finding) in findings(&output) {
        // The disk is this machine's, and some builds of PostgreSQL lack lz4.
        assert!(finding["level"] == "ok" || check == "disk" || check == "lz4" && !has_lz4, "{finding:#}");
    }
    let text = String::from_utf8(run_it(&[]).stdout).expect("it is text");
    assert!(text.contains("ok    reachable: ") && text.contains(" 0 failed"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_a_database_that_is_away() {
    let (worked, found) = doctor_on("postgres://polysink@127.0.0.1:1/polysink", &[]);
    assert!(!worked);
    assert_found(&found, "reachable", "fail", "127.0.0.1:1");
    assert_found(&found, "settings", "ok", "valid");
    assert!(!found.contains_key("schema-version"), "{found:#?}");

    let (worked, found) = doctor_on("postgres://polysink@127.0.0.1:1/polysink", &[("POLYSINK_WRITERS", "0")]);
    assert!(!worked);
    assert_found(&found, "settings", "fail", "POLYSINK_WRITERS: `0` is not a whole number");

    let exposed = [
        ("POLYSINK_SECRETS", "prod=change-me-please"),
        ("POLYSINK_ADMIN_LISTEN", "0.0.0.0:7465"),
        ("POLYSINK_ADMIN_TOKEN", "a-token-for-on-call"),
        ("POLYSINK_SPOOL", "off"),
    ];
    let (_, found) = doctor_on("postgres://polysink@127.0.0.1:1/polysink", &exposed);
    assert_found(&found, "secrets", "fail", "prod in POLYSINK_SECRETS");
    assert_found(&found, "admin-listener", "warn", "0.0.0.0:7465");
    assert_found(&found, "spool", "warn", "off");
    assert_found(&found, "service", "warn", "nothing answers");

    let output = run(binary().env("POLYSINK_DATA_DIR", "/nonexistent/polysink").args(["doctor", "--json"]));
    assert!(!output.status.success());
    assert_found(&findings(&output), "reachable", "fail", "no private PostgreSQL runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_migrated_or_of_another_version_or_encoding() {
    let empty = TestDatabase::create_empty().await;
    let (worked, found) = doctor_on(&empty.url(), &[]);
    assert!(!worked);
    assert_found(&found, "schema-version", "fail", "missing");

    let db = TestDatabase::create().await;
    let execute = |sql: &'static str| sqlx::raw_sql(sql).execute(&db.pool);
    execute("update polysink._sqlx_migrations set success = false where version = 11").await.expect("it may");
    assert_found(&doctor_on(&db.url(), &[]).1, "schema-version", "fail", "0011");
    execute("update polysink._sqlx_migrations set success = true").await.expect("it may");
    execute("insert into polysink._sqlx_migrations values (9999, 'later', now(), true, '', 0)").await.expect("it may");
    assert_found(&doctor_on(&db.url(), &[]).1, "schema-version", "fail", "migration 9999");

    let name = format!("{}_ascii", empty.name);
    let create = format!("create database {name} encoding 'SQL_ASCII' locale 'C' template template0");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&empty.pool).await.expect("it is new");
    let url = empty.url().replace(&empty.name, &name);
    assert_found(&doctor_on(&url, &[]).1, "encoding", "fail", "SQL_ASCII");
    let drop = format!("drop database {name} with (force)");
    sqlx::raw_sql(AssertSqlSafe(drop)).execute(&empty.pool).await.expect("it is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn privileges_are_named_and_the_grants_help() {
    let db = TestDatabase::create().await;
    let role = format!("limited_{}", db.name);
    let make = format!(
        "create role {role} login; grant usage on schema polysink to {role}; grant select on all tables in schema \
         polysink to {role}"
    );
    sqlx::raw_sql(AssertSqlSafe(make)).execute(&db.pool).await.expect("the superuser may");
    let url = db.url().replace("polysink@", &format!("{role}@"));
    let found = doctor_on(&url, &[]).1;
    assert_found(&found, "privileges", "fail", "insert on polysink.records");
    assert_found(&found, "privileges", "fail", "create on schema synced");
    assert_found(&found, "privileges", "fail", "ownership of polysink.envelopes");
    let advice = found["privileges"]["advice"].as_str().expect("it has one").trim_matches('`').to_owned();
    sqlx::raw_sql(AssertSqlSafe(advice)).execute(&db.pool).await.expect("the advice can be run as it is");
    assert_found(&doctor_on(&url, &[]).1, "privileges", "ok", "all");
    let drop = format!("reassign owned by {role} to polysink; drop owned by {role} cascade; drop role {role}");
    sqlx::raw_sql(AssertSqlSafe(drop)).execute(&db.pool).await.expect("the superuser may");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_and_who_else_is_connected() {
    let app = TestApp::spawn().await;
    let found = doctor(&app);
    // The tests' server is not durable.
    assert_found(&found, "durability", "fail", "fsync off");
    assert_found(&found, "service", "ok", "ready");
    assert_found(&found, "replicas", "ok", env!("CARGO_PKG_VERSION"));
    let older = "set application_name = 'polysink/0.0.9'";
    let mut other = app.db.pool.acquire().await.expect("there is a connection");
    sqlx::query(older).execute(&mut *other).await.expect("it may");
    assert_found(&doctor(&app), "replicas", "warn", "0.0.9");
    drop(other);
    let name = &app.db.name;
    let read_only = format!("alter database {name} set default_transaction_read_only = on");
    sqlx::raw_sql(AssertSqlSafe(read_only)).execute(&app.db.pool).await.expect("it may");
    assert_found(&doctor(&app), "read-only", "fail", "read-only");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_raw_log_and_its_partitions() {
    let app = TestApp::spawn_with(&[("POLYSINK_RETENTION", "0")]).await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    let found = doctor(&app);
    for check in ["partitions", "foreign-partitions", "retention", "schema-version", "privileges"] {
        assert_eq!(found[check]["level"], "ok", "{:#}", found[check]);
    }
    if app.db.has_lz4().await {
        assert_eq!(found["lz4"]["level"], "ok", "{:#}", found["lz4"]);
    } else {
        assert_found(&found, "lz4", "warn", "pglz");
    }
    let future = "do $$ declare part regclass; begin
        for part in select c.oid from pg_class c where c.relnamespace = 'polysink'::regnamespace and c.relispartition
                    and c.relkind = 'r' and c.relname > 'envelopes_' || to_char(now() at time zone 'utc', 'YYYYMMDD')
        loop execute format('drop table %s', part); end loop; end $$";
    let execute = |sql: &'static str| sqlx::raw_sql(sql).execute(&app.db.pool);
    execute(future).await.expect("it may");
    assert_found(&doctor(&app), "partitions", "warn", "0 days ahead");
    execute("create table polysink.mine partition of polysink.envelopes default").await.expect("it may");
    assert_found(&doctor(&app), "foreign-partitions", "fail", "polysink.mine");
    execute("alter table polysink.envelopes alter column body set compression pglz").await.expect("it may");
    assert_found(&doctor(&app), "lz4", "warn", "pglz");
    execute("drop table polysink.mine").await.expect("it is there");
    crate::retention::age(&app).await;
    assert_found(&doctor(&app), "retention", "warn", "2 days are due");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_query_tables_and_their_backlog() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1, "n": 2})), json!("no object")])).await.counts();
    app.db.projected().await;
    let found = doctor(&app);
    for check in ["backlog", "misfits", "blocked-changes", "columns", "query-tables"] {
        assert_eq!(found[check]["level"], "ok", "{:#}", found[check]);
    }
    assert_found(&found, "rejections", "warn", "1 open");
    app.works(&["column", SYNC, "n", "--type", "bigint"]);
    app.send(&Delivery::of(&[record("b", json!({"id": 2, "n": "many"}))])).await.counts();
    app.db.projected().await;
    assert_found(&doctor(&app), "misfits", "warn", "1 value does not fit its column, in customers_to_warehouse");

    let execute = |sql: &'static str| sqlx::raw_sql(sql).execute(&app.db.pool);
    execute("update polysink.fields set blocked = 'a view uses it' where name = 'n'").await.expect("it may");
    assert_found(&doctor(&app), "blocked-changes", "warn", "\"n\" of customers_to_warehouse: a view uses it");
    let many = "insert into polysink.fields
                    (sync_id, name, column_name, column_type, wanted_type, pinned, hidden, kinds, first_seen_at,
                    last_seen_at, ordinal)
                select sync_id, 'f' || n, 'f' || n, 'text', 'text', false, false, '{}', now(), now(), 100 + n
                from polysink.syncs, generate_series(1, 360) as n";
    execute(many).await.expect("it may");
    let found = doctor(&app);
    assert_found(&found, "columns", "warn", "customers_to_warehouse with 362");
    assert_found(&found, "query-tables", "warn", "the column f1 is missing");
    execute("delete from polysink.fields where name like 'f%'").await.expect("it may");
    execute("drop table synced.customers_to_warehouse").await.expect("it may");
    assert_found(&doctor(&app), "query-tables", "warn", "it is missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_that_is_old() {
    let mut app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    app.stop().await.expect("it stops");
    let waits = "insert into polysink.backlog (envelope_id, received_at, sent_at, sync_id, entered_at)
                 select envelope_id, received_at, sent_at, sync_id,
                 now() - interval '10 minutes' from polysink.envelopes";
    for (sql, level) in
        [(waits, "warn"), ("update polysink.backlog set entered_at = entered_at - interval '2 hours'", "fail")]
    {
        sqlx::raw_sql(sql).execute(&app.db.pool).await.expect("it may");
        assert_found(&doctor(&app), "backlog", level, "customers_to_warehouse is ");
    }
    // As a failover leaves it that lost the newest transaction.
    app.db.run("delete from polysink.syncs").await;
    assert_found(&doctor(&app), "backlog", "fail", "deliveries of 1 sync wait whose rows are not in polysink.syncs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_in_use() {
    let mut outage = crate::harness::Outage::start();
    outage.server.stop();
    outage.burst("away", 3).await;
    let address = outage.service.url.trim_start_matches("http://").split('/').next().expect("it has one").to_owned();
    let (worked, found) = doctor_on(&outage.server.url(), &[("POLYSINK_LISTEN", &address)]);
    assert!(!worked);
    assert_found(&found, "spool", "warn", "3 deliveries wait");
    assert_found(&found, "service", "ok", "ready");
    assert!(found.contains_key("reachable"));
}
