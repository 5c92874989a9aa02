//! What is spooled is stored in its own database, wherever the settings lead later.

use serde_json::json;

use crate::doctor::doctor_on;
use crate::harness::outage::{ROWS, acknowledged, one};
use crate::harness::{Metrics, Outage, Server, Service, binary, eventually, refuses_to_start, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_of_an_earlier_run_is_drained_wherever_it_is() {
    let mut outage = Outage::start();
    let folders = tempfile::tempdir().expect("there is a temporary folder");
    let folder = |name: &str| folders.path().join(name).to_str().expect("it is text").to_owned();
    // An empty setting is the default place.
    let runs =
        [("", folder("a")), (&folder("a"), folder("b")), (&folder("b"), "off".to_owned()), ("", "off".to_owned())];
    let mut sent = 0;
    for (before, after) in &runs {
        for is_killed in [false, true] {
            outage = outage.restarted_with(&[("POLYSINK_SPOOL", before)]);
            outage.server.stop();
            sent += 1;
            assert_eq!(acknowledged(&[outage.send(&one("waits", sent)).await]), 1);
            if !is_killed {
                assert!(outage.service.ends_in_time().await.success());
            }
            if after != "off" {
                outage = outage.restarted_with(&[("POLYSINK_SPOOL", after)]);
                let (status, answer) = outage.ready().await;
                assert_eq!(
                    (status, &answer["spool"], &answer["spooled"]["deliveries"]),
                    (200, &json!("ok"), &json!(1))
                );
                // New ones go to the new place.
                sent += 1;
                assert_eq!(acknowledged(&[outage.send(&one("new", sent)).await]), 1);
                assert_eq!(outage.ready().await.1["spooled"]["deliveries"], 2);
            }
            outage.server.start_again();
            outage = outage.restarted_with(&[("POLYSINK_SPOOL", after)]);
            outage.server.becomes(ROWS, &format!("{sent} {sent}")).await;
            let is_empty =
                async || outage.ready().await.1["spooled"]["deliveries"].as_u64().is_none_or(|left| left == 0);
            eventually("the spool is empty", is_empty).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_spool_folder_of_an_earlier_run_is_reported() {
    let mut outage = Outage::start();
    let folders = tempfile::tempdir().expect("there is a temporary folder");
    let (volume, unmounted) = (folders.path().join("volume"), folders.path().join("unmounted"));
    outage = outage.restarted_with(&[("POLYSINK_SPOOL", volume.to_str().expect("it is text"))]);
    outage.server.stop();
    assert_eq!(acknowledged(&[outage.send(&one("waits", 0)).await]), 1);
    assert!(outage.service.ends_in_time().await.success());
    std::fs::rename(&volume, &unmounted).expect("it is there");
    outage.server.start_again();
    outage = outage.restarted();
    let url = outage.service.url.clone();
    assert!(outage.service.ends_in_time().await.success(), "{url}");
    let log = std::mem::replace(&mut outage.log, std::thread::spawn(String::new)).join().expect("it does not panic");
    assert!(log.contains("the spool's folder of an earlier run is not there"), "{log}");
    std::fs::rename(&unmounted, &volume).expect("it is there");
    let outage = outage.restarted();
    outage.server.becomes(ROWS, "1 1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_is_never_drained_into_another_database() {
    let mut outage = Outage::start();
    let mut other = Server::start();
    outage.server.stop();
    assert_eq!(acknowledged(&[outage.send(&one("mine", 0)).await]), 1);
    assert!(outage.service.ends_in_time().await.success());
    let said = refuses_to_start(&mut Service::on(&other.url(), outage.data.path()));
    assert!(said.contains("1 deliveries in the spool") && said.contains("are for another database"), "{said}");
    // Also if the other database comes later. What is delivered meanwhile is kept.
    other.stop();
    let (service, log) = Service::start_logging(Service::on(&other.url(), outage.data.path()));
    other.start_again();
    assert_eq!(acknowledged(&[one("kept", 0).post(&outage.http, &service.url).await]), 1);
    // It has looked twice: what came of the first look is in the log.
    let looks = "select coalesce((select (seq_scan > 1)::text from pg_stat_user_tables where relname = \
                 'installation'), 'false')";
    other.becomes(looks, "true").await;
    assert!(service.stop().0.success());
    let log = log.join().expect("it does not panic");
    assert!(log.contains("are for another database"), "{log}");
    assert_eq!(other.text("select count(*)::text from polysink.records").await, "0");
    outage.server.start_again();
    outage = outage.restarted();
    outage.server.becomes(ROWS, "2 2").await;
    outage.healed().await;
    // An empty spool goes with any database.
    assert!(outage.service.ends_in_time().await.success());
    let service = Service::on(&other.url(), outage.data.path());
    let (service, _log) = Service::start_logging(service);
    other.stop();
    assert_eq!(acknowledged(&[one("theirs", 0).post(&outage.http, &service.url).await]), 1);
    other.start_again();
    other.becomes(ROWS, "1 1").await;
}

/// The findings of `polysink doctor` about what is set aside.
fn doctors(outage: &Outage) -> Option<serde_json::Value> {
    let spool = outage.data.path().join("spool");
    let spool = spool.to_str().expect("it is text");
    doctor_on(&outage.server.url(), &[("POLYSINK_SPOOL", spool)]).1.remove("set-aside")
}

/// Runs `polysink spool`.
fn spool(outage: &Outage, arguments: &[&str]) -> (bool, String) {
    let mut command = binary();
    command.env("DATABASE_URL", outage.server.url()).env("POLYSINK_DATA_DIR", outage.data.path()).arg("spool");
    let output = run(command.args(arguments));
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    (output.status.success(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_was_moved_aside_stays_visible_until_it_is_restored() {
    let mut outage = Outage::start();
    outage.refuse_records().await;
    outage.server.stop();
    assert_eq!(acknowledged(&[outage.send(&one("worst", 0)).await]), 1);
    assert_eq!(acknowledged(&[outage.send(&one("good", 0)).await]), 1);
    outage.server.start_again();
    outage.healed().await;
    outage.server.becomes(ROWS, "1 1").await;
    let url = outage.service.metrics_url();
    let metrics =
        async |outage: &Outage| Metrics::read(&outage.http, &url).await.count("polysink_spool_set_aside_files", &[]);
    assert_eq!(metrics(&outage).await, 1);
    assert_eq!(outage.ready().await.1["spooled"]["set_aside"], 1);
    let finding = doctors(&outage).expect("it is found");
    assert!(
        finding["level"] == "fail" && finding["found"].as_str().is_some_and(|found| found.contains("1 files")),
        "{finding}"
    );
    // The cause is still there.
    let (worked, said) = spool(&outage, &["restore"]);
    assert!(!worked && said.contains("1 delivery was refused again"), "{said}");
    assert_eq!(metrics(&outage).await, 1);
    outage
        .server
        .run_in("polysink", "drop trigger refuse on polysink.records; drop trigger refuse on polysink.rejections")
        .await;
    assert!(spool(&outage, &[]).1.contains(".body  "));
    let (worked, said) = spool(&outage, &["restore"]);
    assert!(worked && said.contains("1 delivery is stored"), "{said}");
    outage.server.becomes(ROWS, "2 2").await;
    assert_eq!(metrics(&outage).await, 0);
    assert_eq!(outage.ready().await.1["spooled"]["set_aside"], 0);
    assert_eq!(doctors(&outage), None);
    assert!(spool(&outage, &["restore"]).1.contains("No file was moved aside."));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_spool_is_restored_and_each_delivery_stored_once() {
    let mut outage = Outage::start();
    outage.server.stop();
    assert_eq!(acknowledged(&outage.burst("copied", 30).await), 30);
    assert!(outage.service.ends_in_time().await.success());
    let file = outage.data.path().join("spool/spool.sqlite");
    let copy = outage.data.path().join("copy.sqlite");
    std::fs::copy(&file, &copy).expect("it is there");
    let mut damaged = std::fs::read(&file).expect("it is there");
    let half = damaged.len() / 2;
    damaged[half..].fill(7);
    std::fs::write(&file, damaged).expect("it can be written");
    outage.server.start_again();
    outage = outage.restarted();
    outage.healed().await;
    let stored: usize =
        outage.server.text("select count(*)::text from polysink.records").await.parse().expect("it counts");
    assert!(stored < 30, "{stored} of a half");
    assert_eq!(outage.ready().await.1["spooled"]["set_aside"], 1);
    for _ in 0..2 {
        let (worked, said) = spool(&outage, &["restore", copy.to_str().expect("it is text")]);
        assert!(worked && said.contains("30 deliveries are readable"), "{said}");
        outage.server.becomes(ROWS, "30 30").await;
    }
    // The file of a service that runs is its own.
    let (worked, said) = spool(&outage, &["restore", file.to_str().expect("it is text")]);
    assert!(!worked && said.contains("another process is using it"), "{said}");
    let (worked, said) = spool(&outage, &["restore", "--delete"]);
    assert!(worked, "{said}");
    assert_eq!(outage.ready().await.1["spooled"]["set_aside"], 0);
    outage.server.becomes(ROWS, "30 30").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_folder_is_made_again() {
    let mut outage = Outage::start();
    let folder = outage.data.path().join("spool");
    // Between two outages, as a cleaner of temporary files does, and in the middle of one.
    std::fs::remove_dir_all(&folder).expect("it is there");
    outage.server.stop();
    assert_eq!(acknowledged(&[outage.send(&one("between", 0)).await]), 1);
    std::fs::remove_dir_all(&folder).expect("it is there");
    assert_eq!(acknowledged(&[outage.send(&one("within", 0)).await]), 1);
    outage = outage.restarted();
    assert_eq!(outage.ready().await.1["spooled"]["deliveries"], 2);
    outage.server.start_again();
    outage.server.becomes(ROWS, "2 2").await;
}
