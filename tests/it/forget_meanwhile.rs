//! Erasure while something else is going on: deliveries, spooled ones, replicas, rebuilds, replays, and kills.

use std::process::Stdio;

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::forget::{JANE, everything, jane, joe, occurrences, with_people};
use crate::harness::load::RECORDS;
use crate::harness::{Delivery, Load, LocalService, Proxy, SYNC, TestApp, TestDatabase, binary, eventually, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_not_projected_yet_is_erased_and_never_projected() {
    let app = with_people(&[]).await;
    let mut holder = app.db.pool.begin().await.expect("there is a connection");
    // The projector's lock for the sync.
    let sync = uuid::Uuid::parse_str(SYNC).expect("it is an id");
    let lock = polysink::query_tables::sync_lock(polysink::model::SyncId(sync));
    sqlx::query("select pg_advisory_xact_lock($1)").bind(lock).execute(&mut *holder).await.expect("it may");
    app.send(&Delivery::of(&[jane(7), joe(7)])).await.counts();
    app.send(&Delivery::of(&[jane(8)])).await.counts();
    let mut forget = binary()
        .env("DATABASE_URL", app.db.url())
        .args(["forget", SYNC, JANE, "--yes"])
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    // Its last step waits for the lock; bodies have lost their records by then.
    app.db
        .until("select count(*) from polysink.envelopes where erased_positions is not null", |cut: i64| cut == 3)
        .await;
    // Another one comes before the end, and with a record that is known.
    app.send(&Delivery::of(&[joe(8), jane(9), jane(1)])).await.counts();
    holder.rollback().await.expect("it was open");
    assert!(forget.wait().expect("it ends").success());
    app.db.projected().await;
    assert_eq!(occurrences(&app.db, JANE).await, 0);
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse_history").await, 3);
    assert_eq!(app.db.count("select n from synced.customers_to_warehouse").await, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn spooled_deliveries_lose_the_person_when_they_are_stored() {
    let proxy = Proxy::start().await;
    let db = TestDatabase::create().await;
    let url = proxy.url(&db);
    let app = TestApp::spawn_through(db, &url, &[]).await;
    app.send(&Delivery::of(&[jane(1), joe(1)])).await.counts();
    app.db.projected().await;
    app.works(&["identity", "set", SYNC, "email"]);
    proxy.down();
    let bad = json!({"hash": 7, "fields": {"email": JANE}});
    let malformed = json!({"event": "sync.records", "object": {"id": SYNC, "records": {"a": JANE}}}).to_string();
    for delivery in [Delivery::of(&[jane(2), bad, joe(2)]), Delivery::of(&[jane(1)]), Delivery::of(&[joe(3)])] {
        assert!(app.send(&delivery).await.text.contains("\"spooled\":true"));
    }
    assert_eq!(app.send(&Delivery::of_body(malformed)).await.status, 400);
    app.works(&["forget", SYNC, JANE, "--yes"]);
    assert_eq!(occurrences(&app.db, JANE).await, 0);
    proxy.up();
    app.db.until("select count(*) from polysink.envelopes", |all: i64| all == 4).await;
    app.db.until("select count(*) from polysink.rejections", |all: i64| all == 1).await;
    app.db.projected().await;
    assert_eq!(occurrences(&app.db, "jane-").await, 0);
    assert_eq!(app.db.count("select count(*) from polysink.records").await, 3);
    assert_eq!(app.db.count("select n from synced.customers_to_warehouse").await, 3);
    app.db.until("select spooled from polysink.erasures", |lost: i64| lost == 3).await;
    // What has no array of records cannot lose one. It is in the quarantine, and the next erasure says so.
    let said = app.works(&["forget", SYNC, JANE, "--yes"]);
    assert!(said.contains("1 rejection or record that cannot be read mentions a key"), "{said}");
    app.works(&["forget", SYNC, JANE, "--yes", "--unreadable"]);
    assert_eq!(occurrences(&app.db, JANE).await, 0);
    // What is delivered after the erasure is stored again.
    app.send(&Delivery::of(&[jane(2)])).await.counts();
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_erased_while_two_replicas_receive_and_nothing_else_changes() {
    let app = TestApp::spawn().await;
    let other = app.replica().await;
    let replica = format!("{}/webhooks/polytomic", other.base());
    let load = Load::start_sharing(20, "load", &[&app.webhook(), &replica], 6);
    load.reaches(200).await;
    app.works(&["identity", "set", SYNC, "id"]);
    load.reaches(400).await;
    // Entities that are delivered again and again, and some that were delivered once.
    let keys: Vec<String> =
        (0..5).map(|n| format!("shared-{n}")).chain((0..20).map(|n| format!("load-{}-{}-1", n % 6, n / 6))).collect();
    let file = tempfile::NamedTempFile::new().expect("there is a folder");
    std::fs::write(file.path(), keys.join("\r\n")).expect("it can be written");
    let path = file.path().to_str().expect("it is text");
    for _ in 0..3 {
        let forget =
            binary().env("DATABASE_URL", app.db.url()).args(["forget", SYNC, "--file", path, "--yes"]).output();
        let forget = forget.expect("it ends");
        assert!(forget.status.success(), "{}", String::from_utf8_lossy(&forget.stderr));
        load.reaches(load.acknowledged() + 100).await;
    }
    let mut tally = load.finish().await;
    app.db.projected().await;
    let said = app.works(&["forget", SYNC, "--file", path, "--yes"]);
    assert!(said.contains("25 entities"), "{said}");
    let erased = |hash: &str| {
        keys.iter().any(|key| hash == key || hash.starts_with(&format!("{key}-")) && key.starts_with("shared"))
    };
    let before = tally.records.len();
    tally.records.retain(|hash, _| !erased(hash));
    assert_eq!(before - tally.records.len(), 5 * 5 + 20);
    assert!(tally.acknowledged() > 1_000 && RECORDS == 10);
    tally.check(&app.db.pool).await;
    let left = everything(&app.db.pool).await;
    for key in &keys {
        assert!(!left.contains(&format!("\"{key}\"")), "{key}");
    }
}

#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_step_it_is_run_again_and_ends() {
    use std::os::unix::process::ExitStatusExt as _;

    use crate::doctor::doctor;

    let app = with_people(&[]).await;
    for point in ["forget-started", "forget-cut", "forget-finish", "forget-finished"] {
        app.send(&Delivery::of(&[jane(2), joe(2), jane(3)])).await.counts();
        app.send(&Delivery::of(&[jane(4)])).await.counts();
        app.db.projected().await;
        let mut forget = binary();
        forget.env("DATABASE_URL", app.db.url()).env("FAILPOINTS", format!("{point}=return"));
        let killed = run(forget.args(["forget", SYNC, JANE, "--yes"]));
        assert_eq!(killed.status.signal(), Some(9), "{point}");
        let level = if point == "forget-finished" { "ok" } else { "warn" };
        assert_eq!(doctor(&app)["erasures"]["level"], level, "{point}");
        // What led to the rest may be gone.
        app.db.run("truncate synced.customers_to_warehouse, synced.customers_to_warehouse_history").await;
        let said = app.works(&["forget", SYNC, JANE, "--yes"]);
        assert_eq!(said.contains("was interrupted"), point != "forget-finished", "{point}: {said}");
        assert_eq!(occurrences(&app.db, JANE).await, 0, "{point}");
        assert_eq!(occurrences(&app.db, "jane-").await, 0, "{point}");
        app.works(&["rebuild", SYNC]);
        assert_eq!(
            app.db.count("select count(*) from polysink.erasures where finished_at is null").await,
            0,
            "{point}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_runs_is_not_disturbed() {
    let app = with_people(&[]).await;
    let mut holder = app.db.pool.begin().await.expect("there is a connection");
    sqlx::query("lock table synced.customers_to_warehouse").execute(&mut *holder).await.expect("it may");
    let mut rebuild = binary();
    rebuild.env("DATABASE_URL", app.db.url()).args(["rebuild", SYNC]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut rebuild = rebuild.spawn().expect("it starts");
    app.db.blocked().await;
    let (worked, said) = app.polysink(&["forget", SYNC, JANE, "--yes"]);
    assert!(!worked && said.contains("another process is rebuilding this sync"), "{said}");
    holder.rollback().await.expect("it was open");
    assert!(rebuild.wait().expect("it ends").success());
    app.works(&["forget", SYNC, JANE, "--yes"]);
    assert_eq!(occurrences(&app.db, JANE).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_in_progress_brings_nothing_back() {
    let app = with_people(&[]).await;
    for n in 0..200 {
        app.send(&Delivery::of(&[joe(n), jane(n)])).await.counts();
    }
    app.db.projected().await;
    app.db.run("truncate polysink.records").await;
    let replay = std::thread::spawn({
        let url = app.db.url();
        move || run(binary().env("DATABASE_URL", url).args(["replay", "--yes"]))
    });
    app.db.until("select count(*) from polysink.replays", |begun: i64| begun > 0).await;
    app.works(&["forget", SYNC, JANE, "--yes"]);
    assert!(replay.join().expect("it ends").status.success());
    app.db.projected().await;
    assert_eq!(occurrences(&app.db, JANE).await, 0);
    assert_eq!(app.db.count("select count(*) from polysink.records").await, 200);
}

/// The files of a folder that have a text, but for PostgreSQL's.
fn files_with(folder: &std::path::Path, text: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).expect("it can be read") {
        let path = file.expect("it can be read").path();
        if path.is_dir() && !path.ends_with("postgres") {
            found.extend(files_with(&path, text));
        } else if path.is_file() {
            let content = std::fs::read(&path).expect("it can be read");
            if content.windows(text.len()).any(|part| part == text.as_bytes()) {
                found.push(path);
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_a_data_folder_has_the_person_after_an_outage_and_an_erasure() {
    let local = LocalService::start();
    let http = crate::harness::app::http_client();
    let send = async |records: &[Value]| local.sign(Delivery::of(records)).post(&http, &local.service.url).await;
    send(&[jane(1), joe(1)]).await.counts();
    local.becomes("select count(*) from polysink.backlog", "0").await;
    let set = |on: &str| {
        local.psql(&format!("alter system set default_transaction_read_only = {on}"));
        local.psql("select pg_reload_conf()");
    };
    let command = |arguments: &[&str]| {
        let output = run(binary().env("POLYSINK_DATA_DIR", &local.data).args(arguments));
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    command(&["identity", "set", SYNC, "email"]);
    set("on");
    eventually("it is spooled", async || send(&[jane(2), joe(2)]).await.text.contains("spooled")).await;
    assert_eq!(files_with(&local.data, JANE).len(), 1, "the spool");
    set("off");
    local.becomes("select count(*) from polysink.records where hash ~ '-2$'", "2").await;
    local.becomes("select count(*) from polysink.backlog", "0").await;
    command(&["forget", SYNC, JANE, "--yes"]);
    let options = polysink::local_pg::running(&local.data).expect("it runs").options;
    let pool = PgPool::connect_with(options).await.expect("it runs");
    let left = everything(&pool).await;
    assert!(!left.contains(JANE) && left.contains("joe@example.com"));
    eventually("the empty spool is replaced", async || files_with(&local.data, JANE).is_empty()).await;
    pool.close().await;
}
