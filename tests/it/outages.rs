//! The database goes away, and deliveries do not: they are spooled, and stored once when it is back.

use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::harness::app::http_client;
use crate::harness::outage::{ROWS, acknowledged, one, ready};
use crate::harness::{
    Delivery, Outage, Server, Service, TestApp, TestDatabase, eventually, record, refuses_to_start, run,
};

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_spooled_while_the_server_is_stopped_and_stored_once_when_it_is_back() {
    let mut outage = Outage::start();
    assert_eq!(acknowledged(&outage.burst("before", 4).await), 0);
    outage.server.stop();
    assert_eq!(acknowledged(&outage.burst("away", 50).await), 50);
    let spooled = outage.send(&one("more", 0)).await.json();
    assert!(spooled["envelope_id"].is_string(), "{spooled}");
    assert_eq!((&spooled["records"], &spooled["rejected"]), (&json!(1), &json!(0)));

    // What is unusable is kept too, and the answers are those of other days.
    let mixed = Delivery::of(&[record("mixed", json!({"id": 1})), json!({"hash": 1, "fields": {}})]);
    let mixed = outage.send(&mixed).await.json();
    assert_eq!((&mixed["spooled"], &mixed["records"], &mixed["rejected"]), (&json!(true), &json!(2), &json!(1)));
    let malformed = outage.send(&Delivery::of_body("{\"event\"")).await;
    assert_eq!(malformed.problem(400), "malformed");
    let unknown = Delivery::of_body(json!({"event": "sync.finished", "object": {}}).to_string());
    assert_eq!(outage.send(&unknown).await.json(), json!({"received": true, "ignored": "sync.finished"}));

    let (status, answer) = outage.ready().await;
    assert_eq!((status, &answer["database"], &answer["spool"]), (200, &json!("away"), &json!("ok")), "{answer}");
    assert_eq!(answer["spooled"]["deliveries"], 54);
    assert!(answer["spooled"]["bytes"].as_u64().is_some_and(|bytes| bytes > 10_000), "{answer}");
    assert!(answer["spooled"]["oldest_seconds"].is_u64(), "{answer}");

    outage.server.start_again();
    outage.server.becomes(ROWS, "56 56").await;
    outage.healed().await;
    let rejections = "select string_agg(reason, ' ' order by reason) from polysink.rejections";
    assert_eq!(outage.server.text(rejections).await, "hash_not_string not_json");
    assert_eq!(
        outage.server.text("select string_agg(event, ' ') from polysink.envelopes where outcome = 'ignored'").await,
        "sync.finished"
    );
    outage.server.becomes("select count(*)::text from synced.customers_to_warehouse", "56").await;
    assert_eq!(acknowledged(&outage.burst("after", 4).await), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_delivery_waits_for_a_database_that_is_known_to_be_away() {
    let outage = Outage::start();
    acknowledged(&outage.burst("before", 1).await);
    outage.server.signal(Signal::SIGSTOP);
    // The first ones find out.
    assert_eq!(acknowledged(&outage.burst("frozen", 8).await), 8);
    let began = Instant::now();
    for n in 0..50 {
        assert_eq!(acknowledged(&[outage.send(&one("known", n)).await]), 1);
    }
    // One try of the database takes two seconds; fifty of them would be far more than this.
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    outage.server.signal(Signal::SIGCONT);
    outage.server.becomes(ROWS, "59 59").await;
    outage.healed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_database_is_away_until_it_takes_writes() {
    let outage = Outage::start();
    acknowledged(&outage.burst("before", 1).await);
    // As after a failover to a standby: new sessions are read-only.
    outage.server.run("alter system set default_transaction_read_only = on").await;
    outage.server.run("select pg_reload_conf()").await;
    outage.server.becomes("select current_setting('transaction_read_only')", "on").await;
    assert_eq!(acknowledged(&outage.burst("read-only", 8).await), 8);
    // An answer is repeated for a second.
    let is_said = async || outage.ready().await.1["database"] == "read-only";
    eventually("it says why", is_said).await;
    assert_eq!(outage.ready().await.0, 200);
    outage.server.run("alter system reset default_transaction_read_only").await;
    outage.server.run("select pg_reload_conf()").await;
    outage.server.becomes(ROWS, "9 9").await;
    outage.healed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_connections_to_give_is_away() {
    let outage = Outage::start();
    outage.server.run("create role writer login; grant all on database polysink to writer").await;
    outage.server.run("alter schema polysink owner to writer").await;
    let data = tempfile::tempdir().expect("there is a temporary folder");
    outage.server.run("drop schema polysink cascade; drop schema synced cascade").await;
    let service = Service::start(Service::on(&outage.server.url_as("writer"), data.path())).prepared();
    let post = async |name: &str| one(name, 0).post(&outage.http, &service.url).await;
    assert_eq!(acknowledged(&[post("before").await]), 0);
    outage.server.run("alter role writer connection limit 0").await;
    outage.server.run("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'writer'").await;
    assert_eq!(acknowledged(&[post("none").await]), 1);
    outage.server.run("alter role writer connection limit -1").await;
    outage.server.becomes(ROWS, "2 2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_waits_too_long_for_a_lock_is_spooled() {
    let app = TestApp::spawn().await;
    let mut holder = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("lock table polysink.records").execute(&mut *holder).await.expect("it is free");
    assert_eq!(acknowledged(&[app.send(&one("locked", 0)).await]), 1);
    holder.commit().await.expect("it held only a lock");
    app.db.becomes(ROWS, "1 1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_starts_while_its_database_is_away_and_migrates_it_later() {
    let mut server = Server::start();
    let url = server.url();
    server.stop();
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let service = Service::start(Service::on(&url, data.path()));
    let http = http_client();
    assert_eq!(acknowledged(&[one("early", 0).post(&http, &service.url).await]), 1);
    let (status, answer) = ready(&http, &service.url).await;
    assert_eq!((status, &answer["database"], &answer["spool"]), (200, &json!("away"), &json!("ok")), "{answer}");
    server.start_again();
    server.becomes("select count(*)::text from synced.customers_to_warehouse", "1").await;
    assert_eq!(acknowledged(&[one("late", 0).post(&http, &service.url).await]), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn spooled_deliveries_are_stored_by_the_next_service_after_a_kill() {
    let mut outage = Outage::start();
    outage.server.stop();
    assert_eq!(acknowledged(&outage.burst("killed", 20).await), 20);
    outage = outage.restarted();
    let (_, answer) = ready(&outage.http, &outage.service.url).await;
    assert_eq!(answer["spooled"]["deliveries"], 20, "{answer}");
    outage.server.start_again();
    outage.server.becomes(ROWS, "20 20").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_the_database_never_takes_does_not_block_the_rest() {
    let mut outage = Outage::start();
    outage.refuse_records().await;
    outage.server.stop();
    assert_eq!(acknowledged(&outage.burst("first", 2).await), 2);
    for name in ["bad", "worst"] {
        assert_eq!(acknowledged(&[outage.send(&one(name, 0)).await]), 1);
    }
    assert_eq!(acknowledged(&outage.burst("last", 2).await), 2);
    outage.server.start_again();
    outage.healed().await;
    assert_eq!(outage.server.text(ROWS).await, "4 4");
    let quarantined = "select string_agg(encode(payload, 'escape'), ' ') from polysink.rejections";
    assert!(outage.server.text(quarantined).await.contains("bad-0"), "what the ledger refuses is quarantined");
    let aside = outage.set_aside();
    assert!(aside.len() == 1 && aside[0].contains("worst-0"), "what the quarantine refuses is set aside: {aside:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_when_deliveries_are_spooled_and_when_all_are_stored() {
    let mut outage = Outage::start();
    outage.server.stop();
    for n in 0..2 {
        assert_eq!(acknowledged(&[outage.send(&one("away", n)).await]), 1);
    }
    outage.server.start_again();
    outage.healed().await;
    assert!(outage.service.ends_in_time().await.success());
    let log = outage.log.join().expect("it does not panic");
    let said = |what: &str| log.lines().filter(|line| line.contains(what)).count();
    assert_eq!(said("the database does not take deliveries; spooling them until it does"), 1, "{log}");
    assert_eq!(said("deliveries wait in the spool"), 1, "{log}");
    assert_eq!(said("the database takes deliveries again"), 1, "{log}");
    assert_eq!(said("the spool is empty: all spooled deliveries are stored"), 1, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reachable_but_unusable_database_is_an_error_at_the_start() {
    let db = TestDatabase::create().await;
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let latin = TestDatabase::create_latin1().await;
    let role = format!("none_{}", db.name);
    let create = format!("create role {role} login");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&db.pool).await.expect("the superuser may");
    db.run("insert into polysink._sqlx_migrations values (9999, 'newer', now(), true, '', 0)").await;
    let url = db.url();
    for (url, reason) in [
        (url.replace(&db.name, "no_such_database"), "does not exist"),
        (latin.url(), "encoding is LATIN1"),
        (url.replace("polysink@", &format!("{role}@")), "permission denied"),
        (url, "newer than this polysink: it has migration 9999; run a newer polysink"),
    ] {
        let output = run(&mut Service::on(&url, data.path()));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && errors.contains(reason), "{reason}: {errors}");
    }
    let drop = format!("drop role {role}");
    sqlx::raw_sql(AssertSqlSafe(drop)).execute(&db.pool).await.expect("the superuser may");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_is_stored_first_however_often_the_drain_has_tried() {
    let mut outage = Outage::start();
    let order = "create table public.stored (n serial, envelope_id uuid);
                 create function stored() returns trigger language plpgsql as
                     'begin insert into public.stored (envelope_id) values (new.envelope_id); return null; end';
                 create trigger stored after insert on polysink.envelopes for each row execute function stored()";
    outage.server.run(order).await;
    outage.server.stop();
    let mut sent = 0;
    eventually("the oldest delivery has waited for five seconds", async || {
        acknowledged(&[outage.send(&one("ordered", sent)).await]);
        sent += 1;
        outage.ready().await.1["spooled"]["oldest_seconds"].as_u64() >= Some(5)
    })
    .await;
    outage.server.start_again();
    outage.healed().await;
    let in_order = "select (array_agg(envelope_id order by n) = array_agg(envelope_id order by envelope_id))::text
                    from public.stored";
    assert_eq!(outage.server.text(in_order).await, "true");
    assert_eq!(outage.server.text("select count(*)::text from public.stored").await, sent.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_services_do_not_share_a_spool() {
    let outage = Outage::start();
    let output = run(&mut Service::on(&outage.server.url(), outage.data.path()));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && errors.contains("another polysink is using the spool folder"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_that_cannot_be_written_is_an_error_at_the_start() {
    let server = Server::start();
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let mut command = Service::on(&server.url(), data.path());
    let output = run(command.env("POLYSINK_SPOOL", "/proc/spool"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && errors.contains("/proc/spool (POLYSINK_SPOOL)"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_spool_refuses_and_says_so_until_it_is_drained() {
    let mut outage = Outage::start_with(&[("POLYSINK_SPOOL_MAX", "2MiB"), ("POLYSINK_MAX_BODY", "1MiB")]);
    outage.server.stop();
    let wide = |n: usize| Delivery::of(&[record(&format!("wide-{n}"), json!({"text": "x".repeat(900_000)}))]);
    let mut statuses = Vec::new();
    for n in 0..4 {
        let answer = outage.send(&wide(n)).await;
        if answer.status == 503 {
            assert_eq!(answer.problem(503), "spool");
            assert_eq!(answer.headers["retry-after"], "5");
        }
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [200, 200, 503, 503]);
    let (status, answer) = outage.ready().await;
    assert_eq!((status, &answer["spool"]), (503, &json!("full")), "{answer}");
    outage.server.start_again();
    outage.server.becomes(ROWS, "2 2").await;
    let (status, answer) = outage.ready().await;
    assert_eq!((status, &answer["spool"]), (200, &json!("ok")), "{answer}");
}

/// What a load balancer does when a large one did not fit: it must come back for the smaller ones.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_delivery_that_does_not_fit_does_not_keep_smaller_ones_out() {
    let mut outage = Outage::start_with(&[("POLYSINK_SPOOL_MAX", "2MiB"), ("POLYSINK_MAX_BODY", "2MiB")]);
    outage.server.stop();
    let wide = |n: usize| Delivery::of(&[record(&format!("wide-{n}"), json!({"text": "x".repeat(1_300_000)}))]);
    assert_eq!(outage.send(&wide(0)).await.status, 200);
    assert_eq!(outage.send(&wide(1)).await.problem(503), "spool");
    eventually("it is ready, without any delivery", async || outage.ready().await.0 == 200).await;
    let mut taken = 0;
    while outage.send(&one("small", taken)).await.status == 200 {
        taken += 1;
        assert!(taken < 10_000, "the spool takes more than its limit");
    }
    assert!(taken > 500, "only {taken} small ones fit");
    // Now it is full for all, and says so until it is drained.
    let (status, answer) = outage.ready().await;
    assert_eq!((status, &answer["spool"]), (503, &json!("full")), "{answer}");
}

/// What is in the spool's folder, by name.
fn spooled_files(data: &Path) -> Vec<String> {
    let files = std::fs::read_dir(data.join("spool")).expect("it is there").flatten();
    files.map(|file| file.file_name().into_string().expect("it is text")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_file_is_moved_aside() {
    let notes = b"this is no spool, but somebody's notes";
    let mut server = Server::start();
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let spool = data.path().join("spool");
    std::fs::create_dir(&spool).expect("it is new");
    std::fs::write(spool.join("spool.sqlite"), notes).expect("it can be written");
    let (service, log) = Service::start_logging(Service::on(&server.url(), data.path()));
    assert_eq!(std::fs::read(spool.join("spool.unreadable-1.sqlite")).expect("it was moved aside"), notes);
    server.stop();
    let http = http_client();
    assert_eq!(acknowledged(&[one("beside", 0).post(&http, &service.url).await]), 1);
    server.start_again();
    server.becomes(ROWS, "1 1").await;
    assert!(service.stop().0.success());
    let log = log.join().expect("it does not panic");
    assert!(log.contains("spool.unreadable-1.sqlite") && log.contains("the spool's file is unreadable"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_costs_only_the_delivery_that_it_hits() {
    let mut outage = Outage::start();
    outage.server.stop();
    let wide = |n: usize| Delivery::of(&[record(&format!("wide-{n}"), json!({"text": format!("{n:04}").repeat(500)}))]);
    for n in 0..20 {
        assert_eq!(acknowledged(&[outage.send(&wide(n)).await]), 1);
    }
    assert!(outage.service.ends_in_time().await.success());
    // A bit of one body, in each copy that the file and its log hold of it.
    let mut flipped = 0;
    for name in ["spool.sqlite", "spool.sqlite-wal"] {
        let path = outage.data.path().join("spool").join(name);
        let mut bytes = std::fs::read(&path).expect("it is there");
        for at in 0..bytes.len().saturating_sub(32) {
            if bytes[at..at + 32] == *b"00070007000700070007000700070007" {
                bytes[at] ^= 1;
                flipped += 1;
            }
        }
        std::fs::write(&path, bytes).expect("it can be written");
    }
    assert!(flipped > 0, "the bodies are plain text");
    outage = outage.restarted();
    outage.server.start_again();
    outage.server.becomes(ROWS, "19 19").await;
    outage.healed().await;
    let aside = spooled_files(outage.data.path());
    assert!(aside.iter().any(|name| name.starts_with("spool.unreadable-1.sqlite")), "{aside:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_of_an_earlier_version_is_an_error_at_the_start() {
    let server = Server::start();
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let spool = data.path().join("spool");
    std::fs::create_dir(&spool).expect("it is new");
    std::fs::write(spool.join("spool.redb"), "redb").expect("it can be written");
    let errors = refuses_to_start(&mut Service::on(&server.url(), data.path()));
    assert!(errors.contains("spool.redb holds deliveries"), "{errors}");
    assert_eq!(std::fs::read(spool.join("spool.redb")).expect("it stays"), b"redb");
}
