//! The process killed at each step of a write, of the spool and of the drain: what was acknowledged is stored once.

use std::os::unix::process::ExitStatusExt as _;

use serde_json::json;

use crate::harness::load::Tally;
use crate::harness::outage::{ROWS, acknowledged, one};
use crate::harness::{Delivery, Load, Metrics, Outage, Service, record, run};

/// Waits until the service has killed itself.
async fn dies(outage: &mut Outage, point: &str) {
    let status = outage.service.ends().await;
    assert_eq!(status.signal(), Some(9), "{point}: {status}");
}

/// Where it is, and how often it gets there before.
fn at(point: &str, before: usize) -> String {
    format!("{point}={before}*off->return")
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_writes() {
    let mut outage = Outage::start();
    let mut tally = Tally::default();
    for point in ["write", "written"] {
        for before in [0, 7] {
            outage = outage.restarted_with(&[("FAILPOINTS", &at(point, before))]);
            let load = Load::start(&format!("{point}-{before}"), &[&outage.service.url], 4);
            dies(&mut outage, point).await;
            tally.add(load.gone().await);
        }
    }
    let outage = outage.restarted();
    outage.healed().await;
    tally.check(&outage.server.pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_spools() {
    let mut outage = Outage::start();
    let mut tally = Tally::default();
    outage.server.stop();
    for point in ["spool-change", "spool-changed"] {
        for before in [0, 7] {
            outage = outage.restarted_with(&[("FAILPOINTS", &at(point, before))]);
            let load = Load::start(&format!("{point}-{before}"), &[&outage.service.url], 4);
            dies(&mut outage, point).await;
            tally.add(load.gone().await);
        }
    }
    outage = outage.restarted();
    outage.server.start_again();
    outage.healed().await;
    assert_eq!(tally.stored, 0, "the database was away");
    tally.check(&outage.server.pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_drains() {
    let mut outage = Outage::start();
    let mut tally = Tally::default();
    let points = ["drain-read", "write", "written", "drain-written", "spool-change", "spool-changed", "drain-deleted"];
    for point in points {
        outage.server.stop();
        outage = outage.restarted();
        let load = Load::start(point, &[&outage.service.url], 4);
        load.reaches(50).await;
        tally.add(load.finish().await);
        for before in [0, 2] {
            outage = outage.restarted_with(&[("FAILPOINTS", &at(point, before))]);
            if before == 0 {
                outage.server.start_again();
            }
            dies(&mut outage, point).await;
        }
        outage = outage.restarted();
        outage.healed().await;
        tally.check(&outage.server.pool).await;
    }
    assert!(tally.spooled >= 350, "{tally:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_sets_an_entry_aside() {
    let mut outage = Outage::start();
    outage.refuse_records().await;
    outage.server.stop();
    assert_eq!(acknowledged(&outage.burst("before", 3).await), 3);
    assert_eq!(acknowledged(&[outage.send(&one("worst", 0)).await]), 1);
    assert_eq!(acknowledged(&outage.burst("after", 3).await), 3);
    outage = outage.restarted_with(&[("FAILPOINTS", "spool-set-aside=return")]);
    outage.server.start_again();
    dies(&mut outage, "spool-set-aside").await;
    outage = outage.restarted();
    outage.healed().await;
    outage.server.becomes(ROWS, "6 6").await;
    let aside = outage.set_aside();
    assert!(aside.len() == 1 && aside[0].contains("worst-0"), "{aside:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_rescues_a_damaged_spool() {
    let mut outage = Outage::start();
    outage.server.stop();
    assert_eq!(acknowledged(&outage.burst("rescued", 20).await), 20);
    for (n, point) in ["spool-rescued", "spool-replacing"].into_iter().enumerate() {
        assert!(outage.service.ends_in_time().await.success());
        let file = outage.data.path().join("spool/spool.sqlite");
        let mut bytes = std::fs::read(&file).expect("it is there");
        bytes[100] ^= 1; // the first page of the schema is no leaf any more
        std::fs::write(&file, bytes).expect("it can be written");
        let mut command = Service::on(&outage.server.url(), outage.data.path());
        let output = run(command.env("FAILPOINTS", format!("{point}=return")));
        assert_eq!(output.status.signal(), Some(9), "{point}");
        outage = outage.restarted();
        let aside = outage.data.path().join(format!("spool/spool.unreadable-{}.sqlite", n + 1));
        assert!(aside.exists(), "{point}");
        assert_eq!(outage.ready().await.1["spooled"]["deliveries"], 20, "{point}");
    }
    outage.server.start_again();
    outage.server.becomes(ROWS, "20 20").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_counts_in_the_budget_until_it_is_on_the_spools_disk() {
    // A disk that needs five seconds.
    let mut outage = Outage::start_with(&[("FAILPOINTS", "spool-change=1*sleep(5000)->off")]);
    let url = outage.service.metrics_url();
    outage.server.stop();
    let large = Delivery::of(&[record("large", json!({"text": "x".repeat(4_000_000)}))]);
    let (http, webhook) = (outage.http.clone(), outage.service.url.clone());
    let client = tokio::spawn(async move { large.post(&http, &webhook).await });
    let is_away = |metrics: &Metrics| metrics.count("polysink_database_takes_deliveries", &[]) == 0;
    Metrics::until(&outage.http, &url, is_away).await;
    // Whether or not its client waits.
    client.abort();
    let mut looks = 0;
    loop {
        let metrics = Metrics::read(&outage.http, &url).await;
        if metrics.count("polysink_spool_appended_total", &[]) == 1 {
            break;
        }
        assert!(metrics.count("polysink_in_flight_bytes", &[]) >= 4_000_000, "{}", metrics.text);
        looks += 1;
    }
    assert!(looks > 0, "the disk was not slow");
    Metrics::until(&outage.http, &url, |metrics| metrics.count("polysink_in_flight_bytes", &[]) == 0).await;
}
