//! Syncs that were made again in Polytomic, and go on as the earlier ones.

#[cfg(feature = "failpoints")]
use std::os::unix::process::ExitStatusExt as _;

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::doctor::doctor;
#[cfg(feature = "failpoints")]
use crate::harness::load::Tally;
use crate::harness::outage::{acknowledged, one};
use crate::harness::process::works;
use crate::harness::{Delivery, Load, Outage, SYNC, TABLE, TestApp, TestDatabase, binary, record, run};
use crate::retention::age;

/// The earlier sync. Its table is `customers_to_warehouse`, and that of the new one, [`SYNC`],
/// `customers_to_warehouse_2`.
const EARLIER: &str = "0ea8f90a-b22e-4218-86d5-c3c109e1fbb7";
const NAME: &str = "Customers to warehouse";
fn version(id: u32, v: &str) -> Value {
    record(&format!("{id}{v}"), json!({"id": id, "v": v}))
}

/// Sent at some second of one hour today.
fn at(sync_id: &str, records: &[Value], second: u32) -> Delivery {
    let hour = polysink::app::now().format("%Y-%m-%dT%H");
    Delivery::of_sync(sync_id, NAME, records).sent_at(&format!("{hour}:00:{second:02}Z"))
}

async fn spawn() -> TestApp {
    TestApp::spawn_with(&[("POLYSINK_TIMESTAMP_TOLERANCE", "0"), ("POLYSINK_RETENTION", "0")]).await
}

async fn send(app: &TestApp, delivery: &Delivery) {
    app.send(delivery).await.counts();
    app.db.projected().await;
}

/// How many rows of schema `polysink` have the id of the new sync, but for `adoptions`, and for `heads`, which keep the
/// id that a sync had.
async fn traces(db: &TestDatabase) -> i64 {
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', table_schema, table_name) from information_schema.columns
         where table_schema = 'polysink' and column_name = 'sync_id' and table_name not like 'envelopes\\_%'
           and table_name !~ '^heads'",
    )
    .fetch_all(&db.pool)
    .await
    .expect("it may be read");
    assert!(tables.len() > 8, "{tables:?}");
    let mut traces = 0;
    for table in tables {
        let sql = format!("select count(*) from {table} where sync_id = '{SYNC}'");
        traces += sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).fetch_one(&db.pool).await.expect("it may be read");
    }
    traces
}

/// What the tables, the ledger and the quarantine have, without what differs between two services that got the same.
async fn everything(db: &TestDatabase) -> Vec<String> {
    let mut all = Vec::new();
    for sql in [
        "select concat('row ', to_jsonb(t) - '{_envelope_id,_first_received_at,_last_received_at}'::text[])
         from synced.customers_to_warehouse t order by 1",
        "select concat('version ', to_jsonb(t)
            - '{_envelope_id,_first_received_at,_last_received_at,_last_envelope_id}'::text[])
         from synced.customers_to_warehouse_history t order by 1",
        "select concat('record ', to_jsonb(t)
            - '{first_envelope_id,last_envelope_id,first_received_at,last_received_at}'::text[])
         from polysink.records t order by 1",
        "select concat('rejection ', sync_id, scope, reason, position, settlement, convert_from(payload, 'UTF8'))
         from polysink.rejections
         where settled_at is null order by 1",
        "select concat('delivery ', sync_id, sent_at, outcome, record_count) from polysink.envelopes order by 1",
        "select concat('field ', name, column_name, column_type, pinned, hidden, misfits)
         from polysink.fields order by 1",
        "select concat('sync ', sync_id, name, table_name, identity, metadata) from polysink.syncs order by 1",
    ] {
        all.extend(sqlx::query_scalar::<_, String>(sql).fetch_all(&db.pool).await.expect("it may be read"));
    }
    all
}

#[track_caller]
fn assert_same(one: &[String], other: &[String]) {
    let only = |one: &[String], other: &[String]| -> Vec<String> {
        one.iter().filter(|row| !other.contains(row)).cloned().collect()
    };
    assert_eq!((one.len(), only(one, other)), (other.len(), only(other, one)));
}

/// An earlier sync with an identity and columns that an operator has changed.
async fn with_earlier() -> TestApp {
    let app = spawn().await;
    let records = [
        record("1a", json!({"id": 1, "v": "a", "price": 1, "secret": "s"})),
        record("2a", json!({"id": 2, "v": "a", "price": "2", "secret": "s"})),
        record("none", json!({"v": "no key"})),
    ];
    send(&app, &at(EARLIER, &records, 10)).await;
    app.works(&["column", TABLE, "id", "--type", "text", "--yes"]);
    app.works(&["identity", "set", TABLE, "id"]);
    app.works(&["column", TABLE, "price", "--type", "text", "--yes"]);
    app.works(&["column", TABLE, "secret", "--hide", "--yes"]);
    app.works(&["column", TABLE, "v", "--name", "vv"]);
    send(&app, &at(EARLIER, &[version(1, "b"), version(3, "a")], 20)).await;
    app
}

/// What comes under the new id, or under the earlier one.
async fn send_again(app: &TestApp, sync_id: &str) {
    let long = "x".repeat(9_000);
    let deliveries = [
        // Records that both have, edits, one that goes back, and new fields.
        at(
            sync_id,
            &[version(1, "b"), version(2, "b"), record("1a", json!({"id": 1, "v": "a", "price": 1, "secret": "s"}))],
            30,
        ),
        at(
            sync_id,
            &[version(1, "b"), record("4a", json!({"id": 4, "v": "a", "new": 5, "price": 9.5, "secret": 1}))],
            40,
        ),
        // Rejected: a record that is none, and one whose key is too large.
        at(
            sync_id,
            &[json!({"hash": 7, "fields": {}}), record("long", json!({"id": long, "v": "z"})), version(5, "a")],
            41,
        ),
        // Other fields under a hash that the earlier one has.
        at(sync_id, &[record("3a", json!({"id": 3, "v": "a", "new": 7}))], 42),
        // Late: sent before what the earlier one had last.
        at(sync_id, &[version(3, "0"), version(1, "a2")], 15),
        at(sync_id, &[record("none", json!({"v": "no key"}))], 44),
    ];
    for delivery in deliveries {
        send(app, &delivery).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_adoption_the_tables_are_as_if_all_deliveries_were_the_earlier_syncs() {
    let (app, reference) = (with_earlier().await, with_earlier().await);
    send_again(&app, SYNC).await;
    send_again(&reference, EARLIER).await;
    assert_eq!(
        app.db.text("select string_agg(table_name, ' ' order by 1) from polysink.syncs").await.matches(' ').count(),
        1
    );

    let (worked, said) = app.polysink(&["adopt", "customers_to_warehouse_2", TABLE]);
    assert!(!worked && said.contains("pass --yes"), "{said}");
    let what = "This stores 6 deliveries with 10 records of customers_to_warehouse_2 as those of \
                customers_to_warehouse, and all later deliveries of 1ea8f90a-b22e-4218-86d5-c3c109e1fbb7.";
    assert!(said.contains(what), "{said}");
    let said = app.works(&["adopt", "customers_to_warehouse_2", TABLE, "--yes"]);
    assert!(said.contains("1ea8f90a-b22e-4218-86d5-c3c109e1fbb7 continues in customers_to_warehouse"), "{said}");
    app.db.projected().await;
    assert_same(&everything(&app.db).await, &everything(&reference.db).await);

    // What comes next, and what a rebuild and a replay give.
    for (app, sync_id) in [(&app, SYNC), (&reference, EARLIER)] {
        send(app, &at(sync_id, &[version(1, "c"), version(6, "a"), json!({"hash": 7})], 50)).await;
        send(app, &at(EARLIER, &[version(2, "c")], 51)).await;
    }
    assert_same(&everything(&app.db).await, &everything(&reference.db).await);
    assert_eq!(traces(&app.db).await, 0);
    let before = everything(&app.db).await;
    assert!(app.works(&["replay", "--yes"]).contains("The ledger lacked nothing."));
    app.db.projected().await;
    assert_same(&everything(&app.db).await, &before);
    app.works(&["rebuild", TABLE]);
    assert_same(&everything(&app.db).await, &before);

    // The new id finds the sync; the tables of the new one are gone.
    assert!(app.works(&["column", SYNC]).contains("vv"));
    assert!(app.works(&["replay", "--sync", SYNC, "--yes"]).contains("Replayed 10 deliveries"));
    let tables = "select string_agg(tablename, ' ' order by tablename collate \"C\") from pg_tables
                  where schemaname = 'synced'";
    assert_eq!(app.db.text(tables).await, "customers_to_warehouse customers_to_warehouse_history");
    let checks = doctor(&app);
    assert_eq!((&checks["adoptions"]["level"], &checks["made-again"]["level"]), (&json!("ok"), &json!("ok")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_cannot_be_adopted_stays_and_the_reason_is_printed() {
    let app = with_earlier().await;
    send(&app, &at(SYNC, &[record("a", json!({"email": "a"}))], 30)).await;
    let says = |arguments: &[&str], text: &str| {
        let (worked, said) = app.polysink(arguments);
        assert!(!worked && said.contains(text), "{text}: {said}");
    };
    says(&["adopt", TABLE, TABLE, "--yes"], "a sync cannot adopt itself");
    says(&["adopt", "nobody", TABLE, "--yes"], "no sync matches \"nobody\"");
    says(&["adopt", SYNC, TABLE], "It has no id, which identifies the entities of customers_to_warehouse");
    app.db.run("create index by_email on synced.customers_to_warehouse_2 (email)").await;
    let lost =
        "With the tables you lose what you have built on them: the index synced.by_email. It cannot be taken back.";
    says(&["adopt", SYNC, TABLE], lost);
    app.db.run("create view report as select * from synced.customers_to_warehouse_2").await;
    says(
        &["adopt", SYNC, TABLE, "--yes"],
        "in the way are the view polysink.report. Drop these, run this again, and create them on \
         customers_to_warehouse",
    );
    app.db.run("drop view report").await;
    // A reader keeps the table; what was begun is finished later.
    let mut reader = app.db.pool.begin().await.expect("there is a connection");
    sqlx::raw_sql("select from synced.customers_to_warehouse_2").execute(&mut *reader).await.expect("it may be read");
    says(&["adopt", SYNC, TABLE, "--yes"], "other sessions keep using its tables; run this again");
    reader.commit().await.expect("it has only read");
    let finish = format!("polysink adopt {SYNC} {EARLIER}");
    for command in [
        &["forget", TABLE, "1", "--yes"][..],
        &["replay", "--yes"],
        &["replay", "--rejected", "--yes"],
        &["adopt", TABLE, SYNC],
    ] {
        says(command, &finish);
    }
    let check = &doctor(&app)["adoptions"];
    assert!(check["level"] == "warn" && check["advice"].to_string().contains(&finish), "{check}");
    app.works(&["adopt", SYNC, EARLIER, "--yes"]);
    app.db.projected().await;
    assert_eq!(doctor(&app)["adoptions"]["level"], "ok");
    assert_eq!(app.db.count("select count(*) from polysink.unidentified").await, 2);
    assert_eq!(traces(&app.db).await, 0);
}

/// It adopts what has adopted another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_was_made_again_twice_continues_as_the_first() {
    let third = "2ea8f90a-b22e-4218-86d5-c3c109e1fbb7";
    let app = with_earlier().await;
    send(&app, &at(SYNC, &[version(7, "a")], 30)).await;
    send(&app, &at(third, &[version(8, "a")], 31)).await;
    app.works(&["adopt", third, SYNC, "--yes"]);
    app.works(&["adopt", SYNC, EARLIER, "--yes"]);
    for sync_id in [EARLIER, SYNC, third] {
        send(&app, &at(sync_id, &[record(sync_id, json!({"id": sync_id, "v": "last"}))], 40)).await;
    }
    let keys = "select string_agg(left(id, 1), ' ' order by id) from synced.customers_to_warehouse";
    assert_eq!(app.db.text(keys).await, "0 1 1 2 2 3 7 8");
    assert_eq!(app.db.count("select count(*) from polysink.syncs").await, 1);
    assert_eq!(traces(&app.db).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_whose_deliveries_are_no_longer_kept_are_adopted_too() {
    let app = with_earlier().await;
    let hidden = |id: u32, v: &str| record(&format!("{id}{v}"), json!({"id": id, "v": v, "ssn": "1", "only here": v}));
    send(&app, &at(SYNC, &[hidden(1, "x"), hidden(9, "x")], 30)).await;
    app.works(&["column", SYNC, "ssn", "--hide", "--yes"]);
    age(&app).await;
    send(&app, &at(SYNC, &[version(1, "y")], 31)).await;
    app.works(&["prune", "--yes"]);
    assert_eq!(app.db.count("select count(*) from polysink.envelopes").await, 1);
    let said = app.works(&["adopt", SYNC, EARLIER, "--yes"]);
    assert!(said.contains("The raw log no longer has all deliveries, so the tables are rebuilt."), "{said}");
    app.db.projected().await;
    let rows = "select string_agg(concat(id, vv, only_here), ' ' order by id) from synced.customers_to_warehouse";
    assert_eq!(app.db.text(rows).await, "1y 2a 3a 9xx");
    let versions =
        "select string_agg(vv, ' ' order by _valid_from) from synced.customers_to_warehouse_history where id = '1'";
    assert_eq!(app.db.text(versions).await, "a b x y");
    // What was hidden stays hidden.
    assert!(
        !app.db
            .text("select to_jsonb(t)::text from synced.customers_to_warehouse t where id = '9'")
            .await
            .contains("ssn")
    );
    assert_eq!(traces(&app.db).await, 0);
}

/// A body that was rejected has the new id.
#[tokio::test(flavor = "multi_thread")]
async fn rejected_bodies_of_the_new_id_are_replayed_to_the_earlier_one() {
    let app = with_earlier().await;
    send(&app, &at(SYNC, &[version(7, "a")], 30)).await;
    let refuse = "create function refuse() returns trigger language plpgsql as $$ begin raise data_exception; end $$;
                  create trigger refuse before insert on polysink.envelopes for each row execute function refuse()";
    app.db.run(refuse).await;
    let quarantined = app.send(&at(SYNC, &[version(7, "b")], 31)).await;
    assert_eq!((quarantined.status, quarantined.json()["reason"] == "unstorable"), (400, true), "{quarantined:?}");
    app.db.run("drop function refuse cascade").await;
    app.works(&["adopt", SYNC, EARLIER, "--yes"]);
    app.db.run(refuse).await;
    app.send(&at(SYNC, &[version(7, "c")], 32)).await;
    app.db.run("drop function refuse cascade").await;
    assert_eq!(app.db.count("select count(*) from polysink.rejections where scope = 'envelope'").await, 2);
    assert_eq!(traces(&app.db).await, 0);
    let said = app.works(&["replay", "--rejected", "--sync", SYNC, "--yes"]);
    assert!(said.contains("Replayed 2 rejections: 2 stored and resolved."), "{said}");
    app.db.projected().await;
    let versions =
        "select string_agg(vv, ' ' order by _valid_from) from synced.customers_to_warehouse_history where id = '7'";
    assert_eq!(app.db.text(versions).await, "a b c");
    assert_eq!(traces(&app.db).await, 0);
}

/// Two replicas write without a pause.
#[tokio::test(flavor = "multi_thread")]
async fn deliveries_continue_while_a_sync_is_adopted() {
    let app = TestApp::spawn().await;
    let replica = app.replica().await;
    app.send(&Delivery::of_sync(EARLIER, NAME, &[record("first", json!({"id": "first", "n": 0}))])).await.counts();
    app.db.projected().await;
    app.works(&["identity", "set", TABLE, "id"]);
    let load =
        Load::start_sharing(20, "adopted", &[&app.webhook(), &format!("{}/webhooks/polytomic", replica.base())], 4);
    load.reaches(50).await;
    let (url, mut adopt) = (app.db.url(), binary());
    adopt.env("DATABASE_URL", url).args(["adopt", SYNC, EARLIER, "--yes"]);
    let adopt = tokio::task::spawn_blocking(move || run(&mut adopt));
    // A dump is no obstacle.
    let mut dump = app.db.pool.begin().await.expect("there is a connection");
    sqlx::raw_sql("lock table polysink.envelopes, polysink.adoptions in access share mode")
        .execute(&mut *dump)
        .await
        .expect("it may");
    let adopted = adopt.await.expect("it does not panic");
    assert!(adopted.status.success(), "{}", String::from_utf8_lossy(&adopted.stderr));
    dump.commit().await.expect("it has only read");
    let before = load.acknowledged();
    load.reaches(before + 50).await;
    let mut tally = load.finish().await;
    assert_eq!(tally.refused, 0);
    tally.note("first");
    tally.check(&app.db.pool).await;
    assert_eq!(traces(&app.db).await, 0);
    assert_eq!(app.db.count("select count(*) from polysink.syncs").await, 1);
}

/// What was spooled before belongs to the earlier sync, and loses what is erased from that.
#[tokio::test(flavor = "multi_thread")]
async fn a_spool_is_drained_into_the_earlier_sync() {
    let mut outage = Outage::start();
    let earlier = |id: u32| Delivery::of_sync(EARLIER, NAME, &[record(&format!("e{id}"), json!({"id": id, "n": id}))]);
    outage.send(&earlier(100)).await.counts();
    assert_eq!(acknowledged(&[outage.send(&one("stored", 1)).await]), 0);
    outage.server.becomes("select count(*)::text from polysink.backlog", "0").await;
    works(&outage.server.url(), &["identity", "set", TABLE, "id"]);
    outage.server.stop();
    let spooled = acknowledged(&outage.burst("spooled", 20).await);
    assert_eq!(spooled, 20);
    outage.service.signal(nix::sys::signal::Signal::SIGKILL);
    outage.service.ends().await;
    outage.server.start_again();
    works(&outage.server.url(), &["adopt", SYNC, EARLIER, "--yes"]);
    works(&outage.server.url(), &["forget", TABLE, "7", "--yes"]);
    let outage = outage.restarted();
    outage.healed().await;
    outage.server.becomes("select count(*)::text from polysink.backlog", "0").await;
    let stored = "select concat(count(*), ' ', count(*) filter (where hash = 'spooled-7'), ' ', count(distinct \
                  sync_id)) from polysink.records";
    assert_eq!(outage.server.text(stored).await, "21 0 1");
    assert_eq!(outage.server.text("select concat(spooled) from polysink.erasures").await, "1");
    assert_eq!(
        outage.server.text("select concat(count(*)) from synced.customers_to_warehouse where id = '7'").await,
        "0"
    );
    assert_eq!(
        outage.server.text("select concat(count(*)) from polysink.envelopes where body like '%spooled-7\"%'").await,
        "0"
    );
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_step_it_is_run_again_and_ends() {
    let app = TestApp::spawn().await;
    let mut all = Tally::default();
    app.send(&Delivery::of_sync(EARLIER, NAME, &[record("first", json!({"id": "first", "n": 0}))])).await.counts();
    all.note("first");
    app.db.projected().await;
    app.works(&["identity", "set", TABLE, "id"]);
    let load = Load::start_sharing(20, "killed", &[&app.webhook()], 2);
    load.reaches(100).await;
    let points = ["adopt-begun", "adopt-tables-removed", "adopt-records-moved", "adopt-deliveries-moved"];
    for point in points {
        let mut adopt = binary();
        adopt.env("DATABASE_URL", app.db.url()).env("FAILPOINTS", format!("{point}=return"));
        let killed = run(adopt.args(["adopt", SYNC, EARLIER, "--yes"]));
        assert_eq!(killed.status.signal(), Some(9), "{point}: {}", String::from_utf8_lossy(&killed.stderr));
        assert_eq!(doctor(&app)["adoptions"]["level"], "warn", "{point}");
        let before = load.acknowledged();
        load.reaches(before + 10).await;
    }
    app.works(&["adopt", SYNC, EARLIER, "--yes"]);
    all.add(load.finish().await);
    all.check(&app.db.pool).await;
    assert_eq!(traces(&app.db).await, 0);
    assert_eq!(doctor(&app)["adoptions"]["level"], "ok");
}
