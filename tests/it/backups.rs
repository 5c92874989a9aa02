//! Backups of a database that takes deliveries, and what comes after a restore.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::doctor::doctor_on;
use crate::harness::load::Load;
use crate::harness::outage::{acknowledged, healed, one};
use crate::harness::process::works;
use crate::harness::{Delivery, Server, Service, app::http_client, eventually, postgres::folder, record};

/// A program of Debian's PostgreSQL, which is the one that these tests run on.
fn program(name: &str) -> Command {
    Command::new(Path::new("/usr/lib/postgresql/15/bin").join(name))
}

const STORED: &str = "
    select concat_ws(' ', (select count(*) from polysink.records), (select count(*) from polysink.envelopes),
                     (select count(*) from synced.customers_to_warehouse))";

fn entity(id: u32, plan: &str) -> Delivery {
    Delivery::of(&[record(&format!("{id}-{plan}"), json!({"id": id, "plan": plan}))])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_is_restored_into_another_server_under_another_role_and_goes_on() {
    let first = Server::start();
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let service = Service::start(Service::on(&first.url(), data.path())).prepared();
    let http = http_client();
    for (id, plan) in [(1, "free"), (2, "free"), (1, "team")] {
        entity(id, plan).post(&http, &service.url).await.counts();
    }
    first.becomes("select count(*)::text from polysink.backlog", "0").await;
    works(&first.url(), &["identity", "set", "customers_to_warehouse", "id"]);
    // It is dumped while deliveries come.
    let load = Load::start("meanwhile", &[&service.url], 2);
    load.reaches(20).await;
    let file = data.path().join("polysink.dump");
    let dumped = program("pg_dump").args(["--format=custom", "--file"]).arg(&file).arg(first.url()).output();
    let dumped = dumped.expect("there is pg_dump");
    assert!(dumped.status.success(), "{dumped:?}");
    load.finish().await;
    assert!(service.stop().0.success());

    let second = Server::start();
    let roles = "create role sink login; create role polysink_reader nologin; create database warehouse owner sink";
    for sql in roles.split(';') {
        second.run(sql).await;
    }
    let url = second.url_as("sink").replace("/polysink?", "/warehouse?");
    let restored = program("pg_restore")
        .args(["--no-owner", "--no-privileges", "--role=sink", "--exit-on-error", "--dbname"])
        .arg(second.url().replace("/polysink?", "/warehouse?"))
        .arg(&file)
        .stdin(Stdio::null())
        .output()
        .expect("there is pg_restore");
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    let other = tempfile::tempdir().expect("there is a temporary folder");
    let service = Service::start(Service::on(&url, other.path()));
    healed(&http, &service.url).await;
    // Those before it are known; new ones are versions of the same entities.
    assert_eq!(entity(1, "team").post(&http, &service.url).await.counts(), [1, 0, 1, 0]);
    assert_eq!(entity(2, "enterprise").post(&http, &service.url).await.counts(), [1, 1, 0, 0]);
    let psql = |sql: &str| {
        let output = program("psql").args(["-Atc", sql]).arg(&url).output().expect("there is psql");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let rows = "select string_agg(concat_ws(' ', id, plan), ', ' order by id) from synced.customers_to_warehouse
                where id in ('1', '2')";
    eventually("they are in the query table", async || psql(rows) == "1 team, 2 enterprise").await;
    assert_eq!(psql("select has_table_privilege('polysink_reader', 'synced.customers_to_warehouse', 'select')"), "t");
    let listen = service.url.trim_start_matches("http://").trim_end_matches("/webhooks/polytomic").to_owned();
    let (is_well, findings) = doctor_on(&url, &[("POLYSINK_LISTEN", &listen)]);
    let bad = |finding: &&serde_json::Value| finding["level"] == "fail";
    assert_eq!(findings.values().filter(bad).collect::<Vec<_>>(), Vec::<&serde_json::Value>::new());
    assert!(is_well);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_in_time_is_reached_and_what_came_later_can_be_sent_again() {
    let archive = folder();
    let mut server = Server::start();
    server.give(archive.path());
    let archived = archive.path().display();
    server.run("alter system set archive_mode = on").await;
    server.run(&format!("alter system set archive_command = 'cp %p {archived}/%f'")).await;
    let backup = server.base_backup();
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let service = Service::start(Service::on(&server.url(), data.path())).prepared();
    let http = http_client();
    for n in 0..10 {
        assert_eq!(acknowledged(&[one("before", n).post(&http, &service.url).await]), 0);
    }
    server.becomes("select count(*)::text from polysink.backlog", "0").await;
    let before = server.text(STORED).await;
    server.run("select pg_create_restore_point('before the mistake')").await;
    for n in 0..5 {
        assert_eq!(acknowledged(&[one("after", n).post(&http, &service.url).await]), 0);
    }
    assert!(service.stop().0.success());
    server.run("select pg_switch_wal()").await;
    server
        .becomes("select (last_archived_wal is not null and failed_count = 0)::text from pg_stat_archiver", "true")
        .await;
    server.run("select pg_switch_wal()").await;
    server.stop();

    let settings = format!(
        "archive_mode = off\nrestore_command = 'cp {archived}/%f %p'\nrecovery_target_name = 'before the mistake'\n\
         recovery_target_action = 'promote'\n"
    );
    let restored = backup.start("recovery.signal", &settings);
    restored.becomes("select pg_is_in_recovery()::text", "false").await;
    assert_eq!(restored.text(STORED).await, before);
    let service = Service::start(Service::on(&restored.url(), data.path()));
    healed(&http, &service.url).await;
    // As a sync that is run again in Polytomic sends them.
    for n in 0..5 {
        assert_eq!(one("after", n).post(&http, &service.url).await.counts(), [1, 1, 0, 0]);
    }
    assert_eq!(one("before", 0).post(&http, &service.url).await.counts(), [1, 0, 1, 0]);
}
