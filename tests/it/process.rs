//! The real process: killed, stopped, misconfigured.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nix::sys::signal::Signal;
use serde_json::json;
use tokio::sync::Mutex;

use crate::harness::app::http_client;
use crate::harness::{Delivery, SECRET, Service, TestDatabase, binary, record, run};

/// Sends deliveries of ten records each until the service is gone; notes the hashes of those acknowledged.
async fn load(url: String, worker: usize, acknowledged: Arc<Mutex<HashSet<String>>>, answers: Arc<AtomicUsize>) {
    let http = http_client();
    for n in 0.. {
        let hashes: Vec<String> = (0..10).map(|k| format!("w{worker}-{n}-{k}")).collect();
        let records: Vec<_> = hashes.iter().map(|hash| record(hash, json!({"hash": hash}))).collect();
        match Delivery::of(&records).try_post(&http, &url).await {
            Ok(answer) if answer.status == 200 => {
                acknowledged.lock().await.extend(hashes);
                answers.fetch_add(1, Ordering::Relaxed);
            }
            _ => return,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_kill_9_under_load_every_acknowledged_record_is_there_once() {
    let db = TestDatabase::create().await;
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let acknowledged = Arc::new(Mutex::new(HashSet::new()));
    for round in 1..=5 {
        let service = Service::start(Service::on(&db.url(), data.path()));
        let answers = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..8)
            .map(|n| {
                let (acknowledged, answers) = (Arc::clone(&acknowledged), Arc::clone(&answers));
                tokio::spawn(load(service.url.clone(), round * 100 + n, acknowledged, answers))
            })
            .collect();
        // Killed in the middle of the work: after a number of answers that differs from round to round.
        while answers.load(Ordering::Relaxed) < round * 40 {
            tokio::task::yield_now().await;
        }
        service.kill();
        for client in clients {
            client.await.expect("it does not panic");
        }
    }
    let stored: HashSet<String> = sqlx::query_scalar("select hash from polysink.records where times_received = 1")
        .fetch_all(&db.pool)
        .await
        .expect("the statement is good")
        .into_iter()
        .collect();
    let acknowledged = acknowledged.lock().await;
    assert!(acknowledged.len() >= 6_000, "{} records were acknowledged", acknowledged.len());
    assert_eq!(acknowledged.difference(&stored).count(), 0, "lost, or stored twice");
    let consistent =
        "select (select sum(record_count) from polysink.envelopes) = (select count(*) from polysink.records)";
    let consistent: bool = sqlx::query_scalar(consistent).fetch_one(&db.pool).await.expect("the statement is good");
    assert!(consistent, "an envelope is there with its records or not at all");
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

    // A delivery that cannot end keeps the service from stopping, until the second signal.
    let service = Service::start(Service::on(&db.url(), data.path()));
    let mut holder = db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("lock table polysink.records").execute(&mut *holder).await.expect("it is free");
    let url = service.url.clone();
    let delivery = tokio::spawn(async move { Delivery::documented().try_post(&http_client(), &url).await });
    db.blocked().await;
    service.signal(Signal::SIGTERM);
    while http_client().get(&service.url).send().await.is_ok() {
        tokio::task::yield_now().await; // the first signal has not been seen yet
    }
    // Signals that come with the first one count as one with it.
    let pid = service.pid();
    let insisting = tokio::spawn(async move {
        loop {
            let _ = nix::sys::signal::kill(pid, Signal::SIGTERM);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    });
    let (status, _) = tokio::task::spawn_blocking(|| service.wait()).await.expect("it does not panic");
    insisting.abort();
    assert_eq!(status.code(), Some(1), "{status}");
    holder.rollback().await.expect("it held only a lock");
    delivery.await.expect("it does not panic").expect_err("its connection was cut");
}

#[test]
fn every_bad_setting_is_named_at_once_and_no_secret_shown() {
    let output = run(binary()
        .arg("serve")
        .args(["--max-body", "many"])
        .env("DATABASE_URL", "mysql://user:hunter2@db/app")
        .env("POLYSINK_SECRETS", "tiny")
        .env("POLYSINK_LISTEN", "here"));
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr).expect("it is text");
    for name in ["DATABASE_URL", "POLYSINK_SECRETS", "POLYSINK_LISTEN", "POLYSINK_MAX_BODY"] {
        assert!(errors.contains(name), "{name} is missing in: {errors}");
    }
    assert!(!errors.contains("hunter2") && !errors.contains("tiny"), "{errors}");
}

#[test]
fn a_database_without_a_secret_is_refused() {
    let output = run(binary().arg("serve").env("DATABASE_URL", "postgres://localhost/app"));
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr).expect("it is text");
    assert!(errors.contains("POLYSINK_SECRETS") && errors.contains("anyone could write"), "{errors}");
}

#[test]
fn a_misspelt_setting_is_an_error_with_the_nearest_name() {
    for arguments in [&["serve"][..], &["syncs"], &["send"], &["health"]] {
        let output = run(binary().args(arguments).env("POLYSINK_SECRET", "correct-horse"));
        let errors = String::from_utf8(output.stderr).expect("it is text");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {errors}");
        assert!(errors.contains("POLYSINK_SECRET: is not a setting; did you mean POLYSINK_SECRETS?"), "{errors}");
        assert!(!errors.contains("correct-horse"), "{errors}");
    }
    let output = run(binary().arg("serve").env("POLYSINK_LOG", "WARNING"));
    let errors = String::from_utf8(output.stderr).expect("it is text");
    assert!(errors.contains("`WARNING` is not a valid log filter"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_and_placeholder_secrets_are_in_the_log_with_their_reason() {
    let db = TestDatabase::create().await;
    let mut command = binary();
    command
        .arg("serve")
        .env("DATABASE_URL", db.url())
        .env("POLYSINK_SECRETS", "prod=change-me-please")
        .env("POLYSINK_LISTEN", "127.0.0.1:0");
    let (service, log) = Service::start_logging(command);
    for (authorization, times) in [("Bearer wrong-horse", 2), ("Digest x=y", 1)] {
        for _ in 0..times {
            let answer =
                Delivery::documented().with("authorization", authorization).post(&http_client(), &service.url).await;
            assert_eq!(answer.status, 401);
        }
    }
    service.stop();
    let log = log.join().expect("it was read");
    let lines: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let placeholder = lines.iter().find(|line| line["message"] == "the secret is a placeholder; set one of your own");
    assert_eq!(placeholder.map(|line| &line["name"]), Some(&"prod".into()), "{log}");
    let refusals: Vec<_> = lines
        .iter()
        .filter(|line| line["message"] == "a delivery was refused")
        .map(|line| (line["why"].as_str().expect("it has a reason"), line["count"].as_u64().expect("it is counted")))
        .collect();
    assert_eq!(refusals, [("wrong_secret", 1), ("wrong_secret", 2), ("other_scheme", 1)], "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_come_from_flags_then_the_environment_then_dotenv() {
    let db = TestDatabase::create().await;
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let dotenv = format!(
        "DATABASE_URL='{}'\nPOLYSINK_SECRETS=from-dotenv\nPOLYSINK_LISTEN=127.0.0.1:0\nPOLYSINK_WEBHOOK_PATH=/from-dotenv\n",
        db.url()
    );
    std::fs::write(folder.path().join(".env"), dotenv).expect("it can be written");
    let start = |arguments: &[&str], path: Option<&str>| {
        let mut command = binary();
        command.current_dir(folder.path()).arg("serve").args(arguments).env("POLYSINK_DATA_DIR", folder.path());
        if let Some(path) = path {
            command.env("POLYSINK_WEBHOOK_PATH", path);
        }
        Service::start(command).url.clone()
    };
    assert!(start(&[], None).ends_with("/from-dotenv"));
    assert!(start(&[], Some("/from-environment")).ends_with("/from-environment"));
    assert!(start(&["--webhook-path", "/from-flag"], Some("/from-environment")).ends_with("/from-flag"));
}

#[test]
fn a_dotenv_that_cannot_be_read_is_an_error_that_shows_nothing_of_it() {
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    std::fs::write(folder.path().join(".env"), "POLYSINK_SECRETS=hunter2 hunter3\n").expect("it can be written");
    let output = run(binary().current_dir(folder.path()).arg("syncs"));
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr).expect("it is text");
    assert!(errors.contains(".env") && !errors.contains("hunter"), "{errors}");
}

/// Sends the beginning of a delivery and keeps the rest.
async fn slow_client(url: &str) -> tokio::net::TcpStream {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = url.trim_start_matches("http://").split('/').next().expect("it has an address");
    let mut client = tokio::net::TcpStream::connect(address).await.expect("the service listens");
    let head = format!(
        "POST /webhooks/polytomic HTTP/1.1\r\nHost: polysink\r\nAuthorization: Bearer {SECRET}\r\n\
         Polytomic-Signature-Timestamp: {}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\
         Expect: 100-continue\r\n\r\n",
        crate::harness::delivery::timestamp(0)
    );
    client.write_all(head.as_bytes()).await.expect("the service reads");
    let mut go_on = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    client.read_exact(&mut go_on).await.expect("the service waits for the body");
    client.write_all(b"{").await.expect("the service reads");
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client_does_not_hold_up_a_stop() {
    use tokio::io::AsyncReadExt as _;
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
