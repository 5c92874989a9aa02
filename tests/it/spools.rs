//! What is spooled is stored in its own database, wherever the settings lead later.

use serde_json::json;

use crate::harness::outage::{ROWS, acknowledged, one};
use crate::harness::{Outage, Server, Service, refuses_to_start};

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
            while outage.ready().await.1["spooled"]["deliveries"].as_u64().is_some_and(|left| left > 0) {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await; // between two looks
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_an_earlier_run_that_is_not_there_is_told() {
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
    let looks = "select coalesce((select (seq_scan > 1)::text from pg_stat_user_tables where relname = 'installation'), 'false')";
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
