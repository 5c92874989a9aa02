//! Notices: what people are told, once, and by sinks that fail.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use serde_json::json;
use sha2::Sha256;

use crate::doctor::doctor;
use crate::harness::app::http_client;
use crate::harness::outage::healed;
use crate::harness::sink::{NoticeSink, Received};
use crate::harness::{Delivery, Proxy, SmallDisk, TABLE, TestApp, TestDatabase, binary, eventually, record, run};

/// The key of the sinks' signatures.
const KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A sync that has sent nothing for three hours, though it does every half hour.
const QUIET: &str = "
    update polysink.sync_summaries set usual_pause = interval '30 minutes', counted_at = now();
    update polysink.syncs set last_received_at = now() - interval '3 hours'";

/// Runs as Polytomic's API would tell of them. Its errors quote values.
const RUNS: &str = "
    insert into polysink.runs (sync_id, source_id, execution_id, status, started_at, completed_at, counts, errors,
        expected, received_min, received_max, verdict, settled_at)
    select sync_id, sync_id, r.id, 'completed', now() - interval '1 hour', now() - interval '1 minute', '{}',
        array['duplicate key Barbara-Liskov'], 10, 7, 7, r.verdict, r.settled
    from polysink.syncs, (values ('short-1', 'short', now()), ('failed-1', 'failed', now()),
        ('complete-1', 'complete', now()), ('short-2', 'short', null)) as r (id, verdict, settled)";

fn signed(name: &str, sink: &NoticeSink) -> String {
    format!("{name}=whsec_{KEY}@{}", sink.url)
}

/// Checks a signature as a receiver does.
fn assert_signed(received: &Received) {
    let header = |name: &str| received.headers[name].clone();
    let key = STANDARD.decode(KEY).expect("it is base64");
    let text = format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), received.body);
    let mac = Hmac::<Sha256>::new_from_slice(&key).expect("it is a key").chain_update(text).finalize();
    assert_eq!(header("webhook-signature"), format!("v1,{}", STANDARD.encode(mac.into_bytes())));
    assert_eq!(header("content-type"), "application/json");
}

/// How many notices a sink has taken that have this text.
fn taken(sink: &NoticeSink, text: &str) -> usize {
    sink.notices().iter().filter(|notice| notice.contains(text)).count()
}

async fn takes(sink: &NoticeSink, text: &str) {
    let what = format!("{text:?} among {:?}", sink.notices());
    eventually(&what, async || taken(sink, text) > 0).await;
}

/// The disk of the machine that runs the tests may be full.
const BUT_DISK: (&str, &str) = ("POLYSINK_NOTIFY_KINDS", "quiet,runs,schema,misfits,rejections,spool");

/// A delivery whose values must never be in a notice.
fn private(hash: &str, age: &str) -> Delivery {
    Delivery::of(&[record(hash, json!({"id": hash, "age": age, "name": "Barbara-Liskov"}))])
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_is_told_once_to_each_sink_signed_and_without_values() {
    let (ops, slack) = (NoticeSink::start(), NoticeSink::start());
    let sinks = format!("{}, team=slack@{}", signed("ops", &ops), slack.url);
    let app = TestApp::spawn_with(&[("POLYSINK_NOTIFY", &sinks), BUT_DISK]).await;
    app.send(&Delivery::of(&[record("1", json!({"id": "a", "age": 39, "name": "Barbara-Liskov"}))])).await.counts();
    takes(
        &ops,
        "schema: Customers to warehouse is new: table synced.customers_to_warehouse has age bigint, id text, name text",
    )
    .await;
    app.works(&["column", TABLE, "age", "--type", "bigint", "--yes"]);
    app.send(&private("2", "Chien-Shiung-Wu")).await.counts();
    takes(&ops, "misfits: Customers to warehouse: a value of field age does not fit column age (bigint)").await;
    app.send(&Delivery::of(&[json!({"hash": 1, "fields": {"name": "Barbara-Liskov"}})])).await;
    takes(&ops, "rejections: Rejected deliveries or records of Customers to warehouse: hash_not_string (1)").await;
    app.send(&Delivery::of_body("{\"Barbara-Liskov")).await;
    takes(&ops, "rejections: Rejected deliveries or records of no known sync: not_json (1)").await;

    // The same again is not told again; what is new is.
    app.send(&private("3", "Chien-Shiung-Wu")).await.counts();
    app.send(&Delivery::of(&[json!({"hash": 2, "fields": {}})])).await;
    app.send(&Delivery::of(&[record("4", json!({"id": "d", "age": 1.5, "weight": 60}))])).await.counts();
    takes(&ops, "schema: Customers to warehouse: synced.customers_to_warehouse has changed: weight bigint (new)").await;
    for once in ["is new", "misfits: ", "hash_not_string", "not_json", "weight"] {
        assert_eq!(taken(&ops, once), 1, "{once}: {:#?}", ops.notices());
    }
    // What is over and comes again is new.
    let ids = app.db.text("select string_agg(rejection_id::text, ' ') from polysink.rejections").await;
    app.works(&["rejections", "resolve"].into_iter().chain(ids.split(' ')).collect::<Vec<_>>());
    let open = "select count(*) from polysink.notices where kind = 'rejections' and over_at is null";
    app.db.until(open, |open: i64| open == 0).await;
    app.send(&Delivery::of(&[json!({"hash": 3, "fields": {}})])).await;
    eventually("it is told again", async || taken(&ops, "hash_not_string") == 2).await;

    for received in ops.received() {
        assert_signed(&received);
    }
    let last = ops.notices().len();
    let in_slack = || slack.received().iter().map(|received| received.body.matches("\\n•").count()).sum::<usize>();
    eventually("the other sink has all of them", async || in_slack() == last).await;
    let text = slack.received()[0].json()["text"].as_str().expect("it is a text").to_owned();
    assert!(text.contains("`polysink identity set customers_to_warehouse FIELD`"), "{text}");
    assert!(slack.received().iter().all(|received| !received.headers.contains_key("webhook-signature")));
    let everything: String = ops.received().into_iter().chain(slack.received()).map(|received| received.body).collect();
    for value in ["Barbara", "Chien-Shiung", "39"] {
        assert!(!everything.contains(&format!("\"{value}")) && !everything.contains(&format!(" {value}")), "{value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_that_fails_gets_the_same_message_later_and_delays_no_other() {
    let (bad, good) = (NoticeSink::start(), NoticeSink::start());
    bad.state().answers.extend([500, 429, 301, 404]);
    let sinks = format!("{}, {}", signed("bad", &bad), signed("good", &good));
    let app = TestApp::spawn_with(&[("POLYSINK_NOTIFY", &sinks), BUT_DISK]).await;
    app.send(&Delivery::of(&[record("1", json!({"id": 1}))])).await.counts();
    takes(&good, "is new").await;
    takes(&bad, "is new").await;
    let received = bad.received();
    assert_eq!(received.iter().map(|received| received.status).collect::<Vec<_>>(), [500, 429, 301, 404, 200]);
    let ids: std::collections::BTreeSet<&String> =
        received.iter().map(|received| &received.headers["webhook-id"]).collect();
    assert_eq!(ids.len(), 1, "a receiver can tell that it is the same one");
    received.iter().for_each(assert_signed);
    assert_eq!(good.received()[0].headers["webhook-id"], received[0].headers["webhook-id"]);
    let sent = "select string_agg(concat(sink, ' ', tries, ' ', sent_at is not null), ', ' order by sink)
                from polysink.notice_messages";
    app.db.becomes(sent, "bad 4 t, good 0 t").await;

    // One that keeps failing is a finding of `doctor`, with its answer and without its URL.
    bad.state().answers.extend(std::iter::repeat_n(503, 10_000));
    app.send(&Delivery::of(&[record("2", json!({"id": 2, "new": 1}))])).await.counts();
    eventually("doctor finds it", async || {
        let found = doctor(&app)["notices"]["found"].to_string();
        found.contains("bad: 1 message waits: it answered 503: said so") && !found.contains(&bad.url)
    })
    .await;
    bad.state().answers.clear();
    takes(&bad, "new bigint (new)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_replicas_and_a_restart_each_thing_is_told_once() {
    let sink = NoticeSink::start();
    let setting = signed("ops", &sink);
    let settings = [("POLYSINK_NOTIFY", setting.as_str()), BUT_DISK];
    let mut app = TestApp::spawn_with(&settings).await;
    let _replica = app.replica_with(&settings).await;
    for n in 0..5 {
        let fields = json!({"id": n, (format!("field_{n}")): 1});
        app.send(&Delivery::of(&[record(&n.to_string(), fields)])).await.counts();
        takes(&sink, &format!("field_{n} bigint")).await;
    }
    app.stop().await.expect("it stops");
    let app = TestApp::spawn_on(app.db, &settings).await;
    app.send(&Delivery::of(&[record("9", json!({"id": 9, "last": 1}))])).await.counts();
    takes(&sink, "last bigint (new)").await;
    assert_eq!(sink.notices().len(), 6, "{:#?}", sink.notices());
}

#[tokio::test(flavor = "multi_thread")]
async fn late_syncs_and_bad_runs_are_told_and_again_after_they_were_well() {
    let sink = NoticeSink::start();
    let app = TestApp::spawn_with(&[("POLYSINK_NOTIFY", &signed("ops", &sink)), BUT_DISK]).await;
    app.send(&Delivery::of(&[record("1", json!({"id": 1}))])).await.counts();
    let counted = "select count(*) from polysink.sync_summaries";
    app.db.until(counted, |counted: i64| counted == 1).await;
    app.db.run(QUIET).await;
    takes(&sink, "quiet: Customers to warehouse is late: nothing since").await;
    assert_eq!(taken(&sink, "and it usually sends at least every 30m"), 1);
    app.db.run("update polysink.syncs set last_received_at = now()").await;
    let open = "select count(*) from polysink.notices where kind = 'quiet' and over_at is null";
    app.db.until(open, |open: i64| open == 0).await;
    app.db.run(QUIET).await;
    eventually("it is told again", async || taken(&sink, "is late") == 2).await;

    app.db.run(RUNS).await;
    takes(&sink, "runs: Customers to warehouse: of run short-1, 3 of 10 records are missing").await;
    takes(&sink, "runs: Customers to warehouse: Polytomic says that run failed-1 failed").await;
    app.db.run("update polysink.runs set verdict = 'complete', received_max = 10 where execution_id = 'short-1'").await;
    let open = "select count(*) from polysink.notices where kind = 'runs' and over_at is null";
    app.db.until(open, |open: i64| open == 1).await;
    app.db.run("update polysink.runs set settled_at = now() where execution_id = 'short-2'").await;
    takes(&sink, "of run short-2").await;
    assert_eq!(sink.notices().iter().filter(|notice| notice.starts_with("runs: ")).count(), 3);
    assert!(
        sink.received().iter().all(|received| !received.body.contains("Barbara")),
        "Polytomic's errors quote values"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_that_are_off_are_not_told_until_they_are_on() {
    let sink = NoticeSink::start();
    let setting = signed("ops", &sink);
    let app = TestApp::spawn_with(&[("POLYSINK_NOTIFY", &setting), ("POLYSINK_NOTIFY_KINDS", "schema")]).await;
    app.send(&Delivery::of(&[record("1", json!({"id": 1})), json!({"hash": 1, "fields": {}})])).await.counts();
    takes(&sink, "is new").await;
    app.send(&Delivery::of(&[record("2", json!({"id": 2, "more": 1}))])).await.counts();
    takes(&sink, "more bigint (new)").await;
    assert_eq!(app.db.count("select count(*) from polysink.notices where kind <> 'schema'").await, 0);
    let _replica = app.replica_with(&[("POLYSINK_NOTIFY", &setting), BUT_DISK]).await;
    takes(&sink, "hash_not_string").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_in_use_is_told_while_the_database_is_away() {
    let (sink, proxy) = (NoticeSink::start(), Proxy::start().await);
    sink.state().answers.extend([500, 500]);
    let db = TestDatabase::create().await;
    let url = proxy.url(&db);
    let app = TestApp::spawn_through(db, &url, &[("POLYSINK_NOTIFY", &signed("ops", &sink))]).await;
    app.send(&Delivery::of(&[record("1", json!({"id": 1}))])).await.counts();
    takes(&sink, "is new").await;
    proxy.down();
    let answer = app.send(&Delivery::of(&[record("2", json!({"id": 2}))])).await;
    assert_eq!((answer.status, &answer.json()["spooled"]), (200, &json!(true)));
    takes(&sink, "spool: The database does not take deliveries").await;
    proxy.up();
    // What is sent before the return of the database is noticed is spooled too.
    healed(&app.http, &app.webhook()).await;
    app.db.until("select count(*) from polysink.records", |records: i64| records == 2).await;
    app.send(&Delivery::of(&[record("3", json!({"id": 3, "later": 1}))])).await.counts();
    takes(&sink, "later bigint (new)").await;
    assert_eq!(taken(&sink, "spool: "), 1, "{:#?}", sink.notices());
    sink.received().iter().for_each(assert_signed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_nearly_full_is_told_once() {
    let Some(disk) = SmallDisk::mount(600) else { return };
    let sink = NoticeSink::start();
    let spool = disk.path().join("spool");
    let setting = signed("ops", &sink);
    let settings = [("POLYSINK_NOTIFY", setting.as_str()), ("POLYSINK_SPOOL", spool.to_str().expect("it is text"))];
    let app = TestApp::spawn_with(&settings).await;
    app.send(&Delivery::of(&[record("1", json!({"id": 1}))])).await.counts();
    takes(&sink, "is new").await;
    assert_eq!(taken(&sink, "disk: "), 0, "there are 600 MiB");
    disk.fill();
    takes(&sink, "disk: The disk of the spool folder is nearly full: ").await;
    disk.free();
    disk.fill();
    app.send(&Delivery::of(&[record("2", json!({"id": 2, "later": 1}))])).await.counts();
    takes(&sink, "later bigint (new)").await;
    assert_eq!(taken(&sink, "disk: "), 1, "{:#?}", sink.notices());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_says_which_sinks_take_it() {
    let _ = http_client(); // its TLS provider
    let (one, two) = (NoticeSink::start(), NoticeSink::start());
    let test = |setting: &str, arguments: &[&str]| {
        let output = run(binary().env("POLYSINK_NOTIFY", setting).args(["notify", "test"]).args(arguments));
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).expect("it is text"))
    };
    let setting = format!("{}, two=slack@{}", signed("one", &one), two.url);
    let run = tokio::task::block_in_place(|| test(&setting, &[]));
    assert!(run.0 && run.1.contains("one: it took the test, msg_"), "{run:?}");
    assert_eq!(one.notices(), ["test: This is a test. Notices of polysink arrive here."]);
    assert_eq!(one.received()[0].json()["type"], "polysink.test");
    assert_signed(&one.received()[0]);
    assert!(two.received()[0].body.contains("This is a test"), "{:?}", two.received());

    two.state().answers.push_back(404);
    let (worked, said) = tokio::task::block_in_place(|| test(&setting, &["two"]));
    assert!(!worked && said.contains("two: it answered 404: said so"), "{said}");
    assert_eq!(one.received().len(), 1, "the other one was not asked");
    let (worked, said) = tokio::task::block_in_place(|| test(&setting, &["three"]));
    assert!(!worked && said.contains("POLYSINK_NOTIFY has no sink \"three\"; it has one, two"), "{said}");
    let (worked, said) = tokio::task::block_in_place(|| test("", &[]));
    assert!(!worked && said.contains("POLYSINK_NOTIFY is not set"), "{said}");
    let (worked, said) = tokio::task::block_in_place(|| test("one=slack@https://127.0.0.1:1/secret-path", &[]));
    assert!(!worked && said.contains("one: it cannot be reached: ") && !said.contains("secret-path"), "{said}");
    let (worked, said) = tokio::task::block_in_place(|| test("one=short@https://example.com/", &[]));
    assert!(!worked && said.contains("its key is not base64 of 24 to 64 bytes"), "{said}");
}
