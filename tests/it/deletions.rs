//! Rows that a whole full run did not send.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::doctor::doctor;
use crate::harness::polytomic::FakePolytomic;
use crate::harness::{Delivery, SYNC, TestApp, record};
use crate::polytomic_runs::{ago, learned, run, spawn, status, verdict};

const DELETED: &str = "select coalesce(string_agg(id::text, ' ' order by id), '')
                       from synced.customers_to_warehouse where _deleted_at is not null";

/// The same, whether the column exists or not.
const DELETED_THEN: &str =
    "select coalesce(string_agg(t->>'id', ' ' order by t->>'id') filter (where t->>'_deleted_at' is not null), '')
     from (select to_jsonb(c) as t from synced.customers_to_warehouse c) as all_rows";

const LATER: &str = "select coalesce((select state || rows from polysink.deletions where execution_id = 'later'), '')";

const STATE: &str = "select coalesce((select state from polysink.deletions where execution_id = 'full'), '')";

/// The versions of three entities, and when each ends.
const VERSIONS: &str = "select coalesce(string_agg(h.id || h.name || case
                                when h._valid_to is null and h._last_sent_at is null then ' lasts'
                                when h._valid_to = r.completed_at and h._last_sent_at < r.started_at
                                    then ' ends with the run'
                                when h._valid_to = h.next then ' ends with the next'
                                else ' is odd' end, ', ' order by h.id, h._valid_from), '')
                        from (select *, lead(_sent_at) over (partition by _key order by _sent_at) as next
                              from synced.customers_to_warehouse_history) h
                        cross join (select * from polysink.runs where execution_id = 'full') r
                        where h.id between 97 and 99";

/// A delivery of entities with these ids.
fn entities(name: &str, ids: impl IntoIterator<Item = usize>) -> Delivery {
    let records: Vec<Value> =
        ids.into_iter().map(|id| record(&format!("{name}-{id}"), json!({"id": id, "name": name}))).collect();
    Delivery::of(&records)
}

/// A service with a hundred entities, of a sync that sends all records in each run.
async fn with_entities(fake: &FakePolytomic) -> TestApp {
    let app = spawn(fake).await;
    learned(&app, fake).await;
    app.send(&entities("a", 0..100).sent_ago(120)).await.counts();
    app.db.projected().await;
    app.works(&["identity", "set", SYNC, "id", "--yes"]);
    app.works(&["deletes", SYNC, "on"]);
    fake.state().syncs.insert(SYNC.to_owned(), json!({"id": SYNC, "sync_all_records": true}));
    app
}

/// A run that sends these entities, as they are.
async fn full_run(
    app: &TestApp,
    fake: &FakePolytomic,
    name: &str,
    started: DateTime<Utc>,
    ids: std::ops::Range<usize>,
) {
    let sent = (polysink::app::now() - started).num_seconds() - 3;
    app.send(&entities("a", ids.clone()).sent_ago(sent)).await.counts();
    fake.put_run(SYNC, run(name, started, started + TimeDelta::seconds(6), ids.len()));
    verdict(&app.db, name, "complete").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_run_ends_rows_that_it_did_not_send_and_an_undo_brings_them_back() {
    let fake = FakePolytomic::start();
    let app = with_entities(&fake).await;
    let started = ago(60);
    full_run(&app, &fake, "full", started, 0..97).await;
    app.db.becomes(DELETED_THEN, "97 98 99").await;
    assert_eq!(app.db.text(VERSIONS).await, "97a ends with the run, 98a ends with the run, 99a ends with the run");
    let at =
        "select count(*) from synced.customers_to_warehouse t join polysink.runs r on r.completed_at = t._deleted_at
              where r.execution_id = 'full'";
    assert_eq!(app.db.count(at).await, 3);
    let listed = app.works(&["deletes", SYNC]);
    assert!(listed.contains("3  applied  full"), "{listed}");

    // Sent again: as it was, and changed.
    app.send(&entities("a", [97])).await.counts();
    app.send(&entities("b", [98])).await.counts();
    app.db.becomes(DELETED, "99").await;
    let come_back = "97a lasts, 98a ends with the run, 98b lasts, 99a ends with the run";
    assert_eq!(app.db.text(VERSIONS).await, come_back);
    // A record that comes late, and was sent before the run, changes the past alone.
    let before = (started - TimeDelta::seconds(30)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    app.send(&entities("c", [99]).sent_at(&before)).await.counts();
    app.db.projected().await;
    assert_eq!(app.db.text(DELETED).await, "99");
    let late = "97a lasts, 98a ends with the run, 98b lasts, 99a ends with the next, 99c ends with the run";
    assert_eq!(app.db.text(VERSIONS).await, late);
    let name = "select name from synced.customers_to_warehouse where id = 99";
    assert_eq!(app.db.text(name).await, "c");

    app.db.run("alter table synced.customers_to_warehouse drop column _deleted_at").await;
    app.send(&entities("a", [1])).await.counts();
    app.db.becomes(DELETED_THEN, "99").await;
    app.works(&["rebuild", SYNC]);
    assert_eq!((app.db.text(DELETED).await.as_str(), app.db.text(VERSIONS).await.as_str()), ("99", late));
    app.works(&["rebuild", SYNC, "--new-tables", "--yes"]);
    assert_eq!((app.db.text(DELETED).await.as_str(), app.db.text(VERSIONS).await.as_str()), ("99", late));

    app.works(&["deletes", SYNC, "undo", "full"]);
    assert_eq!(app.db.text(DELETED).await, "");
    let living = "97a lasts, 98a ends with the next, 98b lasts, 99a ends with the next, 99c lasts";
    assert_eq!(app.db.text(VERSIONS).await, living);
    let listed = app.works(&["deletes", SYNC]);
    assert!(listed.contains("3  undone  full"), "{listed}");
    app.works(&["rebuild", SYNC]);
    assert_eq!(app.db.text(VERSIONS).await, living);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rows_wait_for_an_operator() {
    let fake = FakePolytomic::start();
    let app = with_entities(&fake).await;
    full_run(&app, &fake, "full", ago(60), 0..90).await;
    app.db.becomes(STATE, "waiting").await;
    let listed = app.works(&["deletes", SYNC]);
    assert!(listed.contains("waiting: they are more than 5 % of 100 rows"), "{listed}");
    assert!(listed.contains(&format!("polysink deletes {SYNC} apply full")), "{listed}");
    let finding = &doctor(&app)["deletions"];
    assert_eq!(finding["found"], "10 rows of customers_to_warehouse were not sent by the full run full");
    app.works(&["deletes", SYNC, "apply", "full"]);
    assert_eq!(app.db.text(DELETED).await, "90 91 92 93 94 95 96 97 98 99");
    assert_eq!(doctor(&app)["deletions"]["level"], "ok");
    // A later run that sends some of them; it is itself not asked about the others again.
    full_run(&app, &fake, "later", ago(40), 0..95).await;
    app.db.becomes(DELETED, "95 96 97 98 99").await;
    app.db.becomes(LATER, "applied0").await;
    app.works(&["deletes", SYNC, "undo", "full"]);
    app.works(&["deletes", SYNC, "apply", "full"]);
    assert_eq!(app.db.text(DELETED).await, "95 96 97 98 99");
    let (worked, error) = app.polysink(&["deletes", SYNC, "undo", "other"]);
    assert!(!worked && error.contains("no deletions of a run \"other\""), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_deleted_unless_a_run_proves_it() {
    let fake = FakePolytomic::start();
    let app = spawn(&fake).await;
    learned(&app, &fake).await;
    app.send(&entities("a", 0..100).sent_ago(120)).await.counts();
    app.db.projected().await;
    let (worked, error) = app.polysink(&["deletes", SYNC, "on"]);
    assert!(!worked && error.contains("has no identity"), "{error}");
    app.works(&["identity", "set", SYNC, "id", "--yes"]);
    assert!(app.works(&["deletes", SYNC]).contains("To turn it on"));
    // Off; an incremental run; one that is short.
    fake.state().syncs.insert(SYNC.to_owned(), json!({"id": SYNC, "sync_all_records": true}));
    full_run(&app, &fake, "off", ago(90), 0..97).await;
    app.works(&["deletes", SYNC, "on"]);
    app.db.becomes("select coalesce(string_agg(execution_id, ' '), '') from polysink.deletions", "off").await;
    app.works(&["deletes", SYNC, "undo", "off"]);
    fake.state().syncs.insert(SYNC.to_owned(), json!({"id": SYNC, "sync_all_records": false}));
    full_run(&app, &fake, "incremental", ago(70), 0..3).await;
    fake.state().syncs.insert(SYNC.to_owned(), json!({"id": SYNC, "sync_all_records": true}));
    app.send(&entities("a", 0..97).sent_ago(47)).await.counts();
    fake.put_run(SYNC, run("short", ago(50), ago(44), 98));
    verdict(&app.db, "short", "short").await;
    // One that tells nothing new shows that the others were looked at.
    full_run(&app, &fake, "whole", ago(30), 0..100).await;
    app.db
        .becomes("select string_agg(execution_id, ' ' order by completed_at) from polysink.deletions", "off whole")
        .await;
    assert_eq!(app.db.text(DELETED).await, "");
    assert_eq!(status(&app.db, "off").await["verdict"], "complete");
}
