//! Stopping the service: in order, in time, and at once.

use std::io::BufRead as _;
use std::process::ExitStatus;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::harness::app::http_client;
use crate::harness::load::Tally;
use crate::harness::outage::{ROWS, acknowledged, one, ready};
use crate::harness::{Delivery, Load, Metrics, Outage, SECRET, Service, TestDatabase, delivery, eventually, record};

/// Sends signals until it is dropped. Those that come with the first one count as one with it.
fn insist(pid: nix::unistd::Pid) -> JoinSet<()> {
    let mut task = JoinSet::new();
    task.spawn(async move {
        loop {
            let _ = nix::sys::signal::kill(pid, Signal::SIGTERM);
            tokio::time::sleep(Duration::from_millis(50)).await; // between two signals
        }
    });
    task
}

impl Outage {
    /// Asks the service to stop while it has a delivery. Returns the answer as it came over the wire.
    async fn stop_with(&mut self, delivery: &Delivery) -> (String, ExitStatus) {
        let mut client = begin(&self.service.url, delivery.body.len()).await;
        client.write_all(&delivery.body[1..]).await.expect("the service reads");
        let mut answer = String::new();
        let (status, read) = tokio::join!(self.service.ends_in_time(), client.read_to_string(&mut answer));
        read.expect("it is text");
        (answer, status)
    }
}

/// A log shipper that hangs, or a terminal that is paused.
#[tokio::test(flavor = "multi_thread")]
async fn a_standard_error_without_a_reader_stops_nothing() {
    let db = TestDatabase::create().await;
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let mut serve = Service::on(&db.url(), data.path());
    serve.env("POLYSINK_ADMIN_LISTEN", "127.0.0.1:0");
    let (mut service, errors) = Service::start_unread(serve);
    let (http, metrics) = (http_client(), service.metrics_url());
    // Far more lines than a pipe holds, and than may wait.
    let load = Load::start("unread", &[&service.url], 4);
    load.reaches(6_000).await;
    load.finish().await.check(&db.pool).await;
    let dropped = |metrics: &Metrics| metrics.count("polysink_log_dropped_lines_total", &[]) > 0;
    Metrics::until(&http, &metrics, dropped).await;
    // Once it is read, it tells what is missing.
    let reading = tokio::task::spawn_blocking(move || {
        let mut lines = std::io::BufReader::new(errors).lines().map_while(Result::ok);
        lines.find(|line| line.contains("lines of the log were dropped"))
    });
    let told = tokio::time::timeout(Duration::from_secs(60), reading).await.expect("it is told");
    assert!(told.expect("it does not panic").is_some());
    assert!(service.ends_in_time().await.success());

    let (mut service, _errors) = Service::start_unread(Service::on(&db.url(), data.path()));
    let load = Load::start("still unread", &[&service.url], 4);
    load.reaches(400).await;
    load.finish().await;
    assert!(service.ends_in_time().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn under_nohup_it_outlives_its_terminal() {
    let db = TestDatabase::create().await;
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let plain = Service::on(&db.url(), data.path());
    let mut nohup = std::process::Command::new("nohup");
    nohup.arg(plain.get_program()).arg("serve").env_clear();
    nohup.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut service = Service::start(nohup);
    service.signal(Signal::SIGHUP);
    let answer = Delivery::documented().post(&http_client(), &service.url).await;
    assert_eq!(answer.status, 200);
    assert!(service.ends_in_time().await.success());
    // Otherwise the end of the terminal ends it.
    let mut service = Service::start(plain);
    service.signal(Signal::SIGHUP);
    assert!(service.ends().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_it_in_order_and_a_second_signal_at_once() {
    let db = TestDatabase::create().await;
    let data = tempfile::tempdir().expect("there is a temporary folder");
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let service = Service::start(Service::on(&db.url(), data.path()));
        let delivery = Delivery::of(&[record(&format!("{signal}"), json!({}))]);
        assert_eq!(delivery.post(&http_client(), &service.url).await.counts(), [1, 1, 0, 0]);
        service.signal(signal);
        let (status, _) = service.wait();
        assert!(status.success(), "{signal}: {status}");
    }

    // A delivery that cannot end, and the delay for load balancers, keep the service from stopping, until the second
    // signal.
    let mut command = Service::on(&db.url(), data.path());
    command.env("POLYSINK_SPOOL", "off").env("POLYSINK_SHUTDOWN_DELAY", "29s");
    let service = Service::start(command);
    let mut holder = db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("lock table polysink.records").execute(&mut *holder).await.expect("it is free");
    let url = service.url.clone();
    let delivery = tokio::spawn(async move { Delivery::documented().try_post(&http_client(), &url).await });
    db.blocked().await;
    service.signal(Signal::SIGTERM);
    let is_leaving = async || ready(&http_client(), &service.url).await.1["status"] == "stopping";
    eventually("it has seen the first signal", is_leaving).await;
    let insisting = insist(service.pid());
    let (status, _) = tokio::task::spawn_blocking(|| service.wait()).await.expect("it does not panic");
    drop(insisting);
    assert_eq!(status.code(), Some(1), "{status}");
    holder.rollback().await.expect("it held only a lock");
    // Refused because it waited too long, or its connection was cut.
    let answer = delivery.await.expect("it does not panic");
    assert!(answer.map_or(true, |answer| answer.status == 503), "it was not stored");
}

/// Sends the beginning of a delivery and keeps the rest.
async fn slow_client(url: &str) -> TcpStream {
    begin(url, 1000).await
}

/// Sends a delivery's head and the first byte of its body.
///
/// * `length`: bytes of the body
async fn begin(url: &str, length: usize) -> TcpStream {
    let address = url.trim_start_matches("http://").split('/').next().expect("it has an address");
    let mut client = TcpStream::connect(address).await.expect("the service listens");
    let head = format!(
        "POST /webhooks/polytomic HTTP/1.1\r\nHost: polysink\r\nAuthorization: Bearer {SECRET}\r\n\
         Polytomic-Signature-Timestamp: {}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Expect: 100-continue\r\n\r\n",
        delivery::timestamp(0)
    );
    client.write_all(head.as_bytes()).await.expect("the service reads");
    let mut go_on = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    client.read_exact(&mut go_on).await.expect("the service waits for the body");
    client.write_all(b"{").await.expect("the service reads");
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client_does_not_hold_up_a_stop() {
    let db = TestDatabase::create().await;
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let mut command = Service::on(&db.url(), data.path());
    command.env("POLYSINK_SHUTDOWN_TIMEOUT", "40s");
    let mut service = Service::start(command);
    let idle = http_client(); // its connection is kept alive
    assert_eq!(Delivery::documented().post(&idle, &service.url).await.counts(), [1, 1, 0, 0]);
    let mut slow = slow_client(&service.url).await;
    let mut answer = String::new();
    let (status, read) = tokio::join!(service.ends_in_time(), slow.read_to_string(&mut answer));
    read.expect("it is text");
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("problem:stopping"), "{answer}");
    assert!(status.success(), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_reports_not_ready_before_it_refuses_deliveries() {
    let outage = Outage::start_with(&[("POLYSINK_SHUTDOWN_DELAY", "5s")]);
    assert_eq!(outage.ready().await.0, 200);
    outage.service.signal(Signal::SIGTERM);
    let refused = loop {
        // A new connection each time, as probes have.
        let (status, answer) = ready(&http_client(), &outage.service.url).await;
        if status != 200 {
            break (status, answer);
        }
    };
    assert_eq!(refused, (503, json!({"status": "stopping"})));
    let late = one("late", 0).post(&http_client(), &outage.service.url).await;
    assert_eq!(late.counts(), [1, 1, 0, 0]);
    let (status, _) = outage.service.wait();
    assert!(status.success(), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_spools_the_deliveries_that_it_cannot_finish() {
    let mut outage = Outage::start_with(&[("POLYSINK_SHUTDOWN_TIMEOUT", "6s")]);
    let slow =
        "create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(9); return null; end';
                create trigger slow before insert on polysink.records for each statement execute function slow()";
    outage.server.run(slow).await;
    // The database has twelve seconds for so many records, and takes nine.
    let records: Vec<_> = (0..20_000).map(|n| record(&format!("large-{n}"), json!({"id": n}))).collect();
    let (answer, status) = outage.stop_with(&Delivery::of(&records)).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"spooled\":true"), "{answer}");
    assert!(status.success(), "{status}");
    outage.server.run("drop function slow cascade").await;
    let outage = outage.restarted();
    outage.server.becomes(ROWS, "20000 20000").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_the_database_is_away_keeps_what_was_spooled() {
    let mut outage = Outage::start();
    assert_eq!(acknowledged(&outage.burst("before", 1).await), 0);
    outage.server.signal(Signal::SIGSTOP);
    let (answer, status) = outage.stop_with(&one("frozen", 0)).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"spooled\":true"), "{answer}");
    assert!(status.success(), "{status}");
    outage.server.signal(Signal::SIGCONT);
    outage.server.stop();
    let mut outage = outage.restarted();
    assert_eq!(acknowledged(&outage.burst("away", 20).await), 20);
    let status = outage.service.ends_in_time().await;
    assert!(status.success(), "{status}");
    outage.server.start_again();
    let outage = outage.restarted();
    outage.server.becomes(ROWS, "22 22").await;
    outage.healed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_loses_nothing_that_was_acknowledged() {
    let mut outage = Outage::start();
    let mut tally = Tally::default();
    for round in 0..4 {
        let away = round % 2 == 1;
        if away {
            outage.server.stop();
        }
        let _slow = slow_client(&outage.service.url).await; // keeps it from stopping in order
        let load = Load::start(&format!("round-{round}"), &[&outage.service.url], 4);
        load.reaches(40).await;
        let insisting = insist(outage.service.pid());
        let status = outage.service.ends().await;
        drop(insisting);
        assert_eq!(status.code(), Some(1), "{status}");
        tally.add(load.gone().await);
        outage = outage.restarted();
        if away {
            outage.server.start_again();
        }
        outage.healed().await;
    }
    assert!(tally.stored >= 80 && tally.spooled >= 80, "{tally:?}");
    tally.check(&outage.server.pool).await;
}
