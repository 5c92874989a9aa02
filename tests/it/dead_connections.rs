//! Connections that fall silent, and a server that does not answer: nothing is closed, and nothing arrives.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;

use crate::harness::app::http_client;
use crate::harness::{
    Delivery, LocalService, Proxy, SYNC, Service, TestApp, TestDatabase, binary, eventually, record, run,
};

/// A service whose database is behind the proxy. Without a spool, only what the database took is acknowledged.
async fn app_behind(proxy: &Proxy) -> TestApp {
    let db = TestDatabase::create().await;
    let url = proxy.url(&db);
    TestApp::spawn_through(db, &url, &[("POLYSINK_SPOOL", "off")]).await
}

/// Sends deliveries of one record each at once, and returns the statuses of their answers.
async fn burst(app: &TestApp, name: &str, deliveries: usize) -> Vec<u16> {
    let deliveries: Vec<Delivery> =
        (0..deliveries).map(|n| Delivery::of(&[record(&format!("{name}-{n}"), json!({"id": n}))])).collect();
    let answers = futures_util::future::join_all(deliveries.iter().map(|delivery| app.send(delivery))).await;
    answers.iter().map(|answer| answer.status).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_forgotten_cost_no_delivery() {
    let proxy = Proxy::start().await;
    let app = app_behind(&proxy).await;
    assert_eq!(burst(&app, "before", 16).await, [200; 16]);
    app.db.projected().await;
    for round in ["first", "second"] {
        proxy.forget();
        assert_eq!(burst(&app, round, 16).await, [200; 16], "{round}");
        app.db.projected().await;
    }
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 48);
    assert_eq!(app.db.count("select count(*) from polysink.records where times_received = 1").await, 48);
    assert_eq!(app.get("/health/ready").await.status, 200);
}

/// A transaction that is in the middle of its work is the hard case: the server holds its locks until another session
/// ends it.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_whose_connection_dies_midway_is_repeated() {
    let proxy = Proxy::start().await;
    let app = app_behind(&proxy).await;
    let mut holder = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("lock table polysink.records").execute(&mut *holder).await.expect("it is free");
    let delivery = Delivery::of(&[record("a", json!({"id": 1}))]);
    let (answer, ()) = tokio::join!(app.send(&delivery), async {
        app.db.blocked().await;
        proxy.forget();
        holder.commit().await.expect("it held only a lock");
    });
    assert_eq!(answer.counts(), [1, 1, 0, 0]);
    app.db.projected().await;

    // The same for a projection, in the middle of its batch.
    let mut holder = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("lock table synced.customers_to_warehouse").execute(&mut *holder).await.expect("it is free");
    app.send(&Delivery::of(&[record("b", json!({"id": 2}))])).await.counts();
    app.db.blocked().await;
    proxy.forget();
    holder.commit().await.expect("it held only a lock");
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_is_down_refuses_and_heals_with_its_return() {
    let proxy = Proxy::start().await;
    let app = app_behind(&proxy).await;
    assert_eq!(burst(&app, "before", 8).await, [200; 8]);
    app.db.projected().await;
    proxy.down();
    assert_eq!(burst(&app, "down", 8).await, [503; 8]);
    assert_eq!(app.get("/health/ready").await.status, 503);
    proxy.up();
    assert_eq!(burst(&app, "after", 8).await, [200; 8]);
    app.db.projected().await;
    let hashes = "select count(*) from synced.customers_to_warehouse where _hash ~ '^(before|after)'";
    assert_eq!(app.db.count(hashes).await, 16);
    // An answer is repeated for a second.
    eventually("it is ready", async || app.get("/health/ready").await.status == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_connection_is_forgotten_says_so_and_ends() {
    let proxy = Proxy::start().await;
    let app = app_behind(&proxy).await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    let mut holder = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("lock table synced.customers_to_warehouse in share mode")
        .execute(&mut *holder)
        .await
        .expect("it is free");
    let url = proxy.url(&app.db);
    let command = tokio::task::spawn_blocking(move || {
        run(binary().env("DATABASE_URL", url).args(["identity", "set", SYNC, "id"]))
    });
    app.db.blocked().await;
    proxy.forget();
    holder.commit().await.expect("it held only a lock");
    let output = command.await.expect("it does not panic");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && errors.contains("connection to the database was lost"), "{errors}");
    // Whether the server had finished by then or not, the next run works.
    let output = run(binary().env("DATABASE_URL", app.db.url()).args(["identity", "set", SYNC, "id"]));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(app.db.text("select concat(identity) from polysink.syncs").await, "{id}");
}

/// The processes of a private PostgreSQL: the one that accepts connections, and all that serve one.
fn processes(local: &LocalService) -> Vec<Pid> {
    let file = std::fs::read_to_string(local.data.join("postgres/postmaster.pid")).expect("a running server has one");
    let postmaster = file.lines().next().expect("its first line is the process").to_owned();
    let others = local.psql("select pid from pg_stat_activity where pid <> pg_backend_pid()");
    let all = std::iter::once(postmaster.as_str()).chain(others.lines());
    all.map(|pid| Pid::from_raw(pid.parse().expect("it is a number"))).collect()
}

fn send_all(processes: &[Pid], signal: Signal) {
    for pid in processes {
        kill(*pid, signal).expect("it runs");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_to_a_frozen_server_are_spooled_until_it_continues() {
    let mut local = LocalService::start();
    let http = http_client();
    let send = async |name: &str| {
        let deliveries: Vec<Delivery> =
            (0..8).map(|n| local.sign(Delivery::of(&[record(&format!("{name}-{n}"), json!({"id": n}))]))).collect();
        let answers = deliveries.iter().map(|delivery| delivery.post(&http, &local.service.url));
        futures_util::future::join_all(answers).await.iter().map(|answer| answer.status).collect::<Vec<u16>>()
    };
    assert_eq!(send("before").await, [200; 8]);
    let frozen = processes(&local);
    send_all(&frozen, Signal::SIGSTOP);
    assert_eq!(send("frozen").await, [200; 8]);
    send_all(&frozen, Signal::SIGCONT);
    assert_eq!(send("after").await, [200; 8]);
    let rows = "select count(*) || ' ' || (select count(*) from polysink.backlog) from synced.customers_to_warehouse
                where _hash ~ '^(before|frozen|after)'";
    local.becomes(rows, "24 0").await;

    // Frozen for good, with a delivery in flight: the stop keeps to its time, and the next service takes the server
    // over.
    let frozen = processes(&local);
    send_all(&frozen, Signal::SIGSTOP);
    let url = local.service.url.clone();
    let delivery = local.sign(Delivery::documented());
    let in_flight = tokio::spawn(async move { delivery.try_post(&http_client(), &url).await });
    let status = local.service.ends_in_time().await;
    assert!(status.success(), "{status}");
    let answer = in_flight.await.expect("it does not panic");
    let spooled = answer.is_ok_and(|answer| answer.status == 200); // otherwise it came after the end
    send_all(&frozen, Signal::SIGCONT);
    local.service = Service::start(LocalService::command(&local.data));
    if spooled {
        local.becomes("select count(*) from synced.webhook_http_endpoint_sync", "1").await;
    }
    // Without an answer the delivery may be stored all the same: then its projection follows.
    local.becomes(rows, "24 0").await;
    assert!(local.service.ends_in_time().await.success());
}
