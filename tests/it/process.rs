//! The real process: killed, misconfigured.

use crate::harness::app::http_client;
use crate::harness::load::Tally;
use crate::harness::{Delivery, Load, Metrics, Service, TestDatabase, binary, run};

#[tokio::test(flavor = "multi_thread")]
async fn after_kill_9_under_load_every_acknowledged_record_is_there_once() {
    let db = TestDatabase::create().await;
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let mut tally = Tally::default();
    for round in 1..=5 {
        let service = Service::start(Service::on(&db.url(), data.path()));
        let load = Load::start(&format!("round-{round}"), &[&service.url], 8);
        // Killed in the middle of the work: after a number of answers that differs from round to round.
        load.reaches(round * 40).await;
        service.kill();
        tally.add(load.gone().await);
    }
    assert!(tally.acknowledged() >= 6_000, "{} records were acknowledged", tally.acknowledged());
    let _service = Service::start(Service::on(&db.url(), data.path()));
    tally.check(&db.pool).await;
}

#[test]
fn every_bad_setting_is_named_at_once_and_no_secret_shown() {
    let output = run(binary()
        .arg("serve")
        .args(["--max-body", "many"])
        .env("DATABASE_URL", "mysql://user:hunter2@db/app")
        .env("POLYSINK_SECRETS", "tiny")
        .env("POLYSINK_LISTEN", "here")
        .env("POLYSINK_SHUTDOWN_DELAY", "30s"));
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr).expect("it is text");
    for name in ["DATABASE_URL", "POLYSINK_SECRETS", "POLYSINK_LISTEN", "POLYSINK_MAX_BODY", "POLYSINK_SHUTDOWN_DELAY"]
    {
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
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let mut command = binary();
    command
        .arg("serve")
        .env("DATABASE_URL", db.url())
        .env("POLYSINK_DATA_DIR", data.path())
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

/// Whatever is refused before a secret was shown: the answers come late, and few have a line.
#[tokio::test(flavor = "multi_thread")]
async fn requests_without_a_secret_cannot_flood_the_log() {
    for (kind, allowed) in [("ambiguous", "127.0.0.0/8"), ("address", "192.0.2.1"), ("credentials", "127.0.0.0/8")] {
        let db = TestDatabase::create().await;
        let data = tempfile::tempdir().expect("there is a temporary folder");
        let mut command = Service::on(&db.url(), data.path());
        command.env("POLYSINK_ALLOWED_IPS", allowed).env("POLYSINK_ADMIN_LISTEN", "127.0.0.1:0");
        let (mut service, log) = Service::start_logging(command);
        let (http, metrics) = (http_client(), service.metrics_url());
        let clients = (0..60).map(|_| {
            let (http, url) = (http.clone(), service.url.clone());
            tokio::spawn(async move {
                for _ in 0..4 {
                    let mut request = http.post(&url).header("authorization", "Bearer one");
                    if kind == "ambiguous" {
                        request = request.header("authorization", "Bearer two");
                    }
                    let status = request.send().await.expect("it answers").status();
                    assert!(status.is_client_error(), "{status}");
                }
            })
        });
        for client in clients.collect::<Vec<_>>() {
            client.await.expect("it does not panic");
        }
        let counted = Metrics::read(&http, &metrics).await;
        assert_eq!(counted.count("polysink_deliveries_total", &[("outcome", kind), ("sync_id", "")]), 240);
        service.stop();
        let log = log.join().expect("it was read");
        let lines: Vec<serde_json::Value> =
            log.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
        let refusals: Vec<_> = lines.iter().filter(|line| line["message"] == "a delivery was refused").collect();
        assert!((10..60).contains(&refusals.len()) && refusals.iter().all(|line| line["kind"] == kind), "{log}");
        let told: u64 = refusals.iter().map(|line| 1 + line["left_out"].as_u64().unwrap_or(0)).sum();
        assert!(told > 60, "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_come_from_flags_then_the_environment_then_dotenv() {
    let db = TestDatabase::create().await;
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let dotenv = format!(
        "DATABASE_URL='{}'\nPOLYSINK_SECRETS=from-dotenv\n\
         POLYSINK_LISTEN=127.0.0.1:0\nPOLYSINK_WEBHOOK_PATH=/from-dotenv\n",
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
