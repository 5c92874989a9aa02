//! The process killed at each step of a write, of the spool and of the drain: what was acknowledged is stored once.

use std::os::unix::process::ExitStatusExt as _;

use crate::harness::load::Tally;
use crate::harness::outage::{ROWS, acknowledged, one};
use crate::harness::{Load, Outage};

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
