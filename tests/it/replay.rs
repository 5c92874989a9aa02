//! Replays: what was lost of the ledger and the query tables comes back from the raw log, and nothing is counted twice.

use std::os::unix::process::ExitStatusExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::doctor::doctor_on;
use crate::harness::{Delivery, SYNC, TestApp, TestDatabase, binary, record, run};
use crate::retention::age;

const OTHER: &str = "7d1f2c1e-0b0f-4d64-9a4e-0c7f5d0c9a11";

/// All rows and columns of what is derived from the raw log, as text.
pub async fn derived(db: &TestDatabase) -> Vec<String> {
    let mut all = Vec::new();
    let tables: Vec<String> = sqlx::query_scalar(
        "select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables
         where schemaname = 'synced' or (schemaname = 'polysink' and tablename in ('records', 'syncs', 'fields',
         'catalogues'))
         order by 1",
    )
    .fetch_all(&db.pool)
    .await
    .expect("there are tables");
    for table in tables {
        // These two move with each pass and each delivery.
        let sql = format!(
            "select '{table} ' || (to_jsonb(t) - 'version' - 'last_received_at')::text
             from {table} t order by 1"
        );
        let rows: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&db.pool).await.expect("they can be read");
        all.extend(rows);
    }
    all
}

/// Deliveries with repeats, edits, late arrivals, rejects, misfits and new fields, of two syncs.
async fn send_history(app: &TestApp) {
    let edit = |id: u32, version: u32| record(&format!("{id}-{version}"), json!({"id": id, "v": version, "n": "x"}));
    let deliveries = [
        Delivery::of(&[edit(1, 1), edit(2, 1), edit(1, 1)]).sent_ago(100),
        Delivery::of(&[edit(1, 2), json!({"hash": 7, "fields": {}})]).sent_ago(80),
        Delivery::of(&[edit(3, 1), edit(2, 2)]).sent_ago(60),
        // Late: sent before the two above.
        Delivery::of(&[edit(1, 1), edit(4, 1), edit(3, 0)]).sent_ago(90),
        Delivery::of(&[edit(1, 1)]).sent_ago(50),
        Delivery::of_sync(
            OTHER,
            "Other",
            &[record("o", json!({"a": [1, 2]})), record("p", json!({"b": "2020-01-01"}))],
        ),
        Delivery::of(&[record("odd", json!({"id": 9, "v": "not a number", "late": true}))]).sent_ago(10),
    ];
    for delivery in &deliveries {
        assert_eq!(app.send(delivery).await.status, 200);
        app.db.projected().await;
    }
    app.works(&["identity", "set", SYNC, "id", "--yes"]);
    app.db.projected().await;
    for n in 0..40 {
        assert_eq!(app.send(&Delivery::of(&[edit(n, 3), edit(n % 5, n)])).await.status, 200);
    }
    app.db.projected().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_of_a_complete_ledger_changes_nothing() {
    let app = TestApp::spawn().await;
    send_history(&app).await;
    let before = derived(&app.db).await;
    for arguments in
        [&["replay", "--yes"][..], &["replay", "--yes", "--sync", SYNC], &["replay", "--yes", "--since", "1h"]]
    {
        let said = app.works(arguments);
        assert!(said.contains("The ledger lacked nothing."), "{said}");
        app.db.projected().await;
        pretty(&before, &derived(&app.db).await);
    }
    assert!(app.works(&["replay", "--yes", "--until", "2020-01-01"]).contains("No delivery in the raw log matches"));
    assert!(app.works(&["replay", "--yes", "--sync", OTHER]).contains("1 delivery with 2 records"));
}

#[track_caller]
pub fn pretty(before: &[String], after: &[String]) {
    let gone: Vec<_> = before.iter().filter(|row| !after.contains(row)).collect();
    let new: Vec<_> = after.iter().filter(|row| !before.contains(row)).collect();
    assert!(before == after, "gone: {gone:#?}\nnew: {new:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_onto_emptied_tables_gives_the_same_rows() {
    let app = TestApp::spawn().await;
    send_history(&app).await;
    let before = derived(&app.db).await;
    app.db
        .run(
            "truncate polysink.records, synced.customers_to_warehouse, synced.customers_to_warehouse_history, \
                synced.other",
        )
        .await;
    let said = app.works(&["replay", "--yes"]);
    assert!(said.contains("Restored what the ledger lacked"), "{said}");
    app.db.projected().await;
    pretty(&before, &derived(&app.db).await);
}

/// What a replay puts into the backlog was received long ago, and has only begun to wait.
#[tokio::test(flavor = "multi_thread")]
async fn a_replay_does_not_look_like_an_outage() {
    let mut app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    age(&app).await;
    app.stop().await.expect("it stops");
    app.db.run("truncate polysink.records").await;
    app.works(&["replay", "--yes"]);
    let syncs: Value = serde_json::from_str(&app.works(&["syncs", "--json"])).expect("it is JSON");
    assert_eq!(syncs[0]["waiting_deliveries"], 1, "nobody projects it: {syncs}");
    assert!(syncs[0]["projection_lag_seconds"].as_u64().is_some_and(|lag| lag < 600), "{syncs}");
    let (_, found) = doctor_on(&app.db.url(), &[]);
    assert_ne!(found["backlog"]["level"], "fail", "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_that_come_before_and_during_a_replay_are_counted_once() {
    let app = TestApp::spawn().await;
    let all = |n: u32| -> Vec<Value> { (0..50).map(|k| record(&format!("r{k}"), json!({"id": k, "n": n}))).collect() };
    for n in 0..30 {
        app.send(&Delivery::of(&all(n)).sent_ago(i64::from(100 - n))).await.counts();
    }
    app.db.projected().await;
    app.db.run("truncate polysink.records").await;
    // Each row exists again, with its newest sighting, before the replay comes to it; a part of it is replayed first.
    app.send(&Delivery::of(&all(90))).await.counts();
    app.works(&["replay", "--yes", "--since", "2020-01-01", "--until", "1ms"]);
    let url = app.db.url();
    let replay = tokio::task::spawn_blocking(move || run(binary().env("DATABASE_URL", url).args(["replay", "--yes"])));
    for n in 0..20 {
        app.send(&Delivery::of(&all(100 + n))).await.counts();
    }
    assert!(replay.await.expect("it does not panic").status.success());
    app.db.projected().await;
    let counted = "select string_agg(distinct times_received::text, ' ') from polysink.records";
    assert_eq!(app.db.text(counted).await, "51");
    assert_eq!(app.db.count("select min((fields->>'n')::bigint) from polysink.records").await, 119);
}

/// Records whose count in the ledger is not how often the raw log has them.
const MISCOUNTED: &str = "
    select coalesce(string_agg(concat(hash, ' ', l.times_received, ' for ', s.times), ', '), '') from (
        select e.sync_id, r->>'hash' as hash, count(*) as times
        from polysink.envelopes e, jsonb_array_elements(e.body::jsonb->'object'->'records') r
        where jsonb_typeof(r->'hash') = 'string' group by 1, 2) s
    full join polysink.records l using (sync_id, hash) where l.times_received is distinct from s.times";

/// A replay that is killed after its first part.
fn killed_replay(url: &str) -> std::process::Output {
    let mut replay = binary();
    replay.env("DATABASE_URL", url).env("FAILPOINTS", "replay-committed=return");
    run(replay.args(["replay", "--yes"]))
}

/// Runs replays that are killed after the first part that they commit, until one has nothing left. Returns how many.
fn killed_at_every_part(url: &str) -> usize {
    for killed in 0.. {
        let ended = killed_replay(url);
        if ended.status.success() {
            return killed;
        }
        assert_eq!(ended.status.signal(), Some(9), "{}", String::from_utf8_lossy(&ended.stderr));
    }
    unreachable!("it does not end otherwise")
}

/// People whose records come again and again, in deliveries of two replicas, while the ledger that was lost is restored
/// from them by replays that die after each part, and the identity changes.
#[tokio::test(flavor = "multi_thread")]
async fn each_sighting_counts_once_during_and_after_any_replay() {
    let app = TestApp::spawn().await;
    let replica = app.replica().await;
    let people = |n: u32| -> Vec<Value> {
        (0..400)
            .map(|k| record(&format!("p{k}"), json!({"id": k, "n": n, "mail": format!("{k}@example.com")})))
            .collect()
    };
    for n in 0..40 {
        let all = people(n);
        let some: Vec<Value> = all.iter().cycle().skip(n as usize * 7).take(300 + n as usize * 4).cloned().collect();
        app.send(&Delivery::of(&some).sent_ago(i64::from((n * 37) % 100))).await.counts();
    }
    app.db.projected().await;
    assert_eq!(app.db.text(MISCOUNTED).await, "");
    app.db.run("truncate polysink.records").await;
    let ended = Arc::new(AtomicBool::new(false));
    let live = [app.base.as_str(), replica.base()].map(|base| {
        let (http, webhook, ended) = (app.http.clone(), format!("{base}/webhooks/polytomic"), Arc::clone(&ended));
        tokio::spawn(async move {
            let mut sent = 0;
            while !ended.load(Ordering::Relaxed) {
                let few: Vec<Value> = people(100 + sent).into_iter().skip(sent as usize % 380).take(20).collect();
                Delivery::of(&few).post(&http, &webhook).await.counts();
                sent += 1;
            }
            sent
        })
    });
    let url = app.db.url();
    let replay = tokio::task::spawn_blocking(move || killed_at_every_part(&url));
    app.db.until("select count(*) from polysink.replaying where done", |done: i64| done > 0).await;
    tokio::task::block_in_place(|| app.works(&["identity", "set", SYNC, "mail", "--yes"]));
    let killed = replay.await.expect("it does not panic");
    ended.store(true, Ordering::Relaxed);
    assert!(killed > 8, "{killed}");
    for live in live {
        assert!(live.await.expect("it does not panic") > 8);
    }
    assert_eq!(app.db.text(MISCOUNTED).await, "");
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 400);
    assert_eq!(app.db.count("select count(*) from polysink.replay_counts").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_delivered_again_between_two_parts_of_a_replay_is_counted() {
    let app = TestApp::spawn().await;
    let filler = |n: u32| -> Vec<Value> { (0..300).map(|k| record(&format!("f{n}-{k}"), json!({"id": k}))).collect() };
    let jane = || record("jane", json!({"id": "jane@example.com"}));
    for n in 0..12 {
        let mut records = filler(n);
        if n % 4 != 3 {
            records.push(jane());
        }
        app.send(&Delivery::of(&records).sent_ago(i64::from(100 - n))).await.counts();
    }
    app.db.projected().await;
    app.db.run("truncate polysink.records").await;
    assert_eq!(killed_replay(&app.db.url()).status.signal(), Some(9));
    app.send(&Delivery::of(&[jane()])).await.counts();
    app.works(&["replay", "--yes"]);
    assert_eq!(app.db.text(MISCOUNTED).await, "");
    assert_eq!(app.db.count("select times_received from polysink.records where hash = 'jane'").await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_of_some_deliveries_counts_in_all_of_them() {
    let app = TestApp::spawn().await;
    for n in 0..5 {
        app.send(&Delivery::of(&[record("jane", json!({"id": n})), record(&n.to_string(), json!({"id": n}))]))
            .await
            .counts();
    }
    app.db.projected().await;
    app.db.run("truncate polysink.records").await;
    let last = app.db.text("select max(received_at)::text from polysink.envelopes").await.replace(' ', "T");
    let said = app.works(&["replay", "--yes", "--since", &format!("{last}:00")]);
    assert!(said.contains("Replayed 1 delivery.") && said.contains("lacked: 2 records."), "{said}");
    assert!(said.contains("Corrected how often 1 record was received."), "{said}");
    let counts = "select string_agg(hash || ' ' || times_received, ', ' order by hash) from polysink.records";
    assert_eq!(app.db.text(counts).await, "4 1, jane 5");
}

/// Too high is corrected too, but where the record can have come before the raw log begins.
#[tokio::test(flavor = "multi_thread")]
async fn a_count_never_falls_below_what_is_known_from_before_the_raw_log() {
    let app = TestApp::spawn().await;
    let record = |name: &str| record(name, json!({"id": name}));
    for _ in 0..3 {
        app.send(&Delivery::of(&[record("old"), record("new"), record("low")])).await.counts();
    }
    app.db.projected().await;
    app.db.run("update polysink.records set times_received = case hash when 'low' then 1 else 9 end").await;
    let counts = "select string_agg(hash || ' ' || times_received, ', ' order by hash) from polysink.records";
    app.db
        .run(
            "update polysink.records set first_sent_at = first_sent_at - interval '40 days',
                 first_received_at = first_received_at - interval '40 days' where hash = 'old';
             update polysink.syncs set first_received_at = first_received_at - interval '40 days';
             update polysink.records set first_sent_at = first_sent_at + interval '1 day' where hash = 'new'",
        )
        .await;
    app.works(&["replay", "--yes"]);
    assert_eq!(app.db.text(counts).await, "low 3, new 3, old 9");
    // Nothing came before the raw log.
    app.db.run("update polysink.syncs set first_received_at = first_received_at + interval '40 days'").await;
    app.works(&["replay", "--yes"]);
    assert_eq!(app.db.text(counts).await, "low 3, new 3, old 3");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_replay_at_a_time_and_each_to_its_end() {
    let app = TestApp::spawn().await;
    for n in 0..30 {
        let records: Vec<Value> = (0..300).map(|k| record(&format!("{n}-{k}"), json!({"id": k}))).collect();
        app.send(&Delivery::of(&records)).await.counts();
    }
    app.db.run("truncate polysink.records").await;
    let refused = |arguments: &[&str]| {
        let (worked, said) = app.polysink(&[&["replay", "--yes"], arguments].concat());
        assert!(!worked, "{said}");
        said
    };
    let mut replay = binary();
    replay.env("DATABASE_URL", app.db.url()).env("FAILPOINTS", "replay-committed=1*off->pause");
    replay.stderr(std::process::Stdio::null()).stdout(std::process::Stdio::null());
    let mut replay = replay.args(["replay", "--yes", "--sync", SYNC]).spawn().expect("it runs");
    app.db.until("select count(*) from polysink.replaying where done", |done: i64| done > 0).await;
    for arguments in [&[][..], &["--sync", SYNC], &["--since", "1h"], &["--rejected"]] {
        assert!(refused(arguments).contains("another process is replaying"), "{arguments:?}");
    }
    replay.kill().expect("it runs");
    replay.wait().expect("it is our child");
    // Those of other tests are in other databases.
    let held = "select count(*) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()
                  and database = (select oid from pg_database where datname = current_database())";
    app.db.until(held, |held: i64| held == 0).await;
    for arguments in [&[][..], &["--since", "1h"], &["--rejected"]] {
        let said = refused(arguments);
        assert!(said.contains("of its 30 deliveries are left. Finish it first:"), "{said}");
        assert!(said.contains(&format!("polysink replay --sync {SYNC}\n")), "{said}");
    }
    assert!(app.works(&["replay", "--yes", "--sync", SYNC]).contains("was interrupted: "));
    assert_eq!(app.db.text(MISCOUNTED).await, "");
    app.works(&["replay", "--yes", "--rejected"]);
}

/// An erasure between two parts takes a record's count along; if the record comes again, it counts from one.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_erased_during_a_replay_has_no_count() {
    let app = TestApp::spawn().await;
    for n in 0..12 {
        let mut records: Vec<Value> = (0..300).map(|k| record(&format!("{n}-{k}"), json!({"id": k}))).collect();
        records.push(record("jane", json!({"id": "jane"})));
        app.send(&Delivery::of(&records)).await.counts();
    }
    app.db.projected().await;
    assert_eq!(killed_replay(&app.db.url()).status.signal(), Some(9));
    assert_eq!(app.db.count("select count(*) from polysink.replay_counts where hash = 'jane'").await, 1);
    app.works(&["forget", SYNC, "jane", "--yes"]);
    assert_eq!(app.db.count("select count(*) from polysink.replay_counts where hash = 'jane'").await, 0);
    app.send(&Delivery::of(&[record("jane", json!({"id": "jane"}))])).await.counts();
    app.works(&["replay", "--yes"]);
    assert_eq!(app.db.text(MISCOUNTED).await, "");
    assert_eq!(app.db.count("select times_received from polysink.records where hash = 'jane'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_replay_resumes() {
    let app = TestApp::spawn().await;
    for n in 0..3_000 {
        app.send(&Delivery::of(&[record(&format!("r{n}"), json!({"id": n}))])).await.counts();
    }
    app.db.projected().await;
    let before = derived(&app.db).await;
    app.db.run("truncate polysink.records, synced.customers_to_warehouse").await;
    let mut replay = binary();
    let replay = replay.env("DATABASE_URL", app.db.url()).args(["replay", "--yes"]);
    let mut replay =
        replay.stderr(std::process::Stdio::null()).stdout(std::process::Stdio::piped()).spawn().expect("it runs");
    app.db.becomes("select (count(*) > 0)::text from polysink.records", "true").await;
    let pid = nix::unistd::Pid::from_raw(replay.id().cast_signed());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).expect("it runs");
    replay.wait().expect("it is our child");
    let left = app.db.count("select count(*) from polysink.replaying where not done").await;
    assert!(0 < left && left < 3_000, "{left}");
    let said = app.works(&["replay", "--yes"]);
    assert!(said.contains(" was interrupted: ") && said.contains("of its 3,000 deliveries are left"), "{said}");
    assert_eq!(app.db.count("select count(*) from polysink.replays").await, 0);
    app.db.projected().await;
    pretty(&before, &derived(&app.db).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_a_replay_after_its_batch_and_says_how_to_continue() {
    let app = TestApp::spawn().await;
    let records: Vec<Value> = (0..2_000).map(|n| record(&format!("r{n}"), json!({"id": n}))).collect();
    for n in 0..30 {
        app.send(&Delivery::of(&records).sent_ago(60 - n)).await.counts();
    }
    app.db.run("truncate polysink.records").await;
    let mut replay = binary();
    let replay = replay.env("DATABASE_URL", app.db.url()).args(["replay", "--yes", "--since", "1h"]);
    let replay =
        replay.stderr(std::process::Stdio::null()).stdout(std::process::Stdio::piped()).spawn().expect("it runs");
    app.db.becomes("select (count(*) > 0)::text from polysink.records", "true").await;
    let pid = nix::unistd::Pid::from_raw(replay.id().cast_signed());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).expect("it runs");
    let output = replay.wait_with_output().expect("it is our child");
    let said = String::from_utf8(output.stdout).expect("it is text");
    assert_eq!(output.status.code(), Some(1), "{said}");
    let (_, command) = said.split_once("To continue:\n\n  polysink ").expect("it says how");
    let arguments: Vec<&str> = command.split_whitespace().chain(["--yes"]).collect();
    let said = app.works(&arguments);
    assert!(said.contains(" was interrupted: "), "{said}");
    let counted = "select concat(count(*), ' ', min(times_received), ' ', max(times_received)) from polysink.records";
    assert_eq!(app.db.text(counted).await, "2000 30 30");
}
