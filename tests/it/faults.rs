//! Faults under load: what was acknowledged is stored, once, whatever happened meanwhile.

use nix::sys::signal::Signal;
use serde_json::json;

use crate::harness::load::Tally;
use crate::harness::outage::{ROWS, acknowledged, healed, one};
use crate::harness::{
    Answer, Cut, Delivery, Load, Outage, Proxy, Service, SmallDisk, TestApp, TestDatabase, eventually, record,
};

/// A delivery of one record of half a megabyte, which no compression makes smaller.
fn wide(name: &str, n: usize) -> Delivery {
    let mut state = n as u64 + 1;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + ((state >> 33) % 90) as u8)
    });
    let noise: String = noise.take(500_000).collect();
    Delivery::of(&[record(&format!("{name}-{n}"), json!({"noise": noise}))])
}

fn is_spooled(answer: &Answer) -> bool {
    answer.status == 200 && answer.json()["spooled"] == true
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_stopped_and_frozen_under_load() {
    let mut outage = Outage::start();
    let load = Load::start("load", &[&outage.service.url], 4);
    for round in 1..=3 {
        load.reaches(round * 300 - 200).await;
        outage.server.stop();
        load.reaches(round * 300 - 100).await;
        outage.server.start_again();
        load.reaches(round * 300).await;
        outage.server.signal(Signal::SIGSTOP);
        load.reaches(round * 300 + 50).await;
        outage.server.signal(Signal::SIGCONT);
        outage.healed().await;
    }
    let tally = load.finish().await;
    outage.healed().await;
    assert!(tally.refused == 0 && tally.spooled > 0 && tally.stored > 0, "{tally:?}");
    tally.check(&outage.server.pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_twenty_times_while_it_spools() {
    let mut outage = Outage::start();
    outage.server.stop();
    let mut tally = Tally::default();
    for round in 1..=20 {
        let load = Load::start(&format!("round-{round}"), &[&outage.service.url], 4);
        load.reaches(round * 3).await;
        outage = outage.restarted();
        tally.add(load.gone().await);
    }
    assert!(tally.spooled >= 20 * 3 && tally.stored == 0, "{tally:?}");
    outage.server.start_again();
    outage.healed().await;
    tally.check(&outage.server.pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_twenty_times_while_it_drains() {
    let mut outage = Outage::start();
    let mut tally = Tally::default();
    let mut midway = 0;
    for round in 1..=20 {
        outage.server.stop();
        let load = Load::start(&format!("round-{round}"), &[&outage.service.url], 4);
        load.reaches(120).await;
        tally.add(load.finish().await);
        let (_, full) = outage.ready().await;
        let full = full["spooled"]["deliveries"].as_u64().expect("it is a number");
        outage.server.start_again();
        // Killed when a part of it has been drained, which differs from round to round.
        let goal = full - full * round / 25;
        let left = async || outage.ready().await.1["spooled"]["deliveries"].as_u64();
        eventually("a part is drained", async || left().await.is_none_or(|left| left <= goal)).await;
        outage = outage.restarted();
        let left = outage.ready().await.1["spooled"]["deliveries"].as_u64().expect("it is a number");
        midway += u64::from(0 < left && left < full);
    }
    assert!(midway >= 5, "killed in the middle of a drain {midway} times");
    outage.healed().await;
    tally.check(&outage.server.pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_spool_and_drain_side_by_side() {
    let mut outage = Outage::start();
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let replica = Service::start(Service::on(&outage.server.url(), data.path()));
    let urls = [outage.service.url.as_str(), &replica.url];
    let load = Load::start("load", &urls, 8);
    load.reaches(100).await;
    outage.server.stop();
    load.reaches(400).await;
    // The same records to both.
    for url in urls {
        let same: Vec<_> = (0..50).map(|n| one("same", n)).collect();
        let sent = same.iter().map(|delivery| delivery.post(&outage.http, url));
        assert_eq!(acknowledged(&futures_util::future::join_all(sent).await), 50);
    }
    outage.server.start_again();
    let mut tally = load.finish().await;
    outage.healed().await;
    let same = "select concat(count(*), ' ', sum(times_received)) from polysink.records where hash like 'same-%'";
    outage.server.becomes(same, "50 100").await;
    healed(&outage.http, &replica.url).await;
    assert!(tally.refused == 0 && tally.spooled > 100, "{tally:?}");
    (0..100).for_each(|n| tally.note(&format!("same-{}", n % 50)));
    tally.check(&outage.server.pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_cut_counts_once() {
    for cut in [Cut::BeforeCommit, Cut::AfterCommit] {
        let proxy = Proxy::start().await;
        let db = TestDatabase::create().await;
        let url = proxy.url(&db);
        let app = TestApp::spawn_through(db, &url, &[]).await;
        assert_eq!(app.send(&one("before", 0)).await.counts(), [1, 1, 0, 0]);
        app.db.projected().await;
        for n in 0..20 {
            // One is tried again.
            proxy.cut(cut, 1);
            assert_eq!(app.send(&one("once", n)).await.counts(), [1, 1, 0, 0], "{cut:?}");
            assert_eq!(proxy.uncut(), 0, "{cut:?}");
        }
        // So many that deliveries are spooled, although the database may have them.
        let load = Load::start("cut", &[&app.webhook()], 4);
        for _ in 0..3 {
            proxy.cut(cut, 30);
            eventually("the connections are cut", async || proxy.uncut() == 0).await;
        }
        let tally = load.finish().await;
        assert!(tally.refused == 0 && tally.spooled > 0, "{cut:?}: {tally:?}");
        healed(&app.http, &app.webhook()).await;
        tally.check(&app.db.pool).await;
        app.db.projected().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_whose_disk_is_full_is_away_until_there_is_room() {
    let Some(disk) = SmallDisk::mount(100) else { return };
    let mut outage = Outage::start();
    let space = disk.path().join("space");
    std::fs::create_dir(&space).expect("it is new");
    outage.server.give(&space);
    // The tables are on the small disk; the log of PostgreSQL is not.
    assert!(outage.service.ends_in_time().await.success());
    outage.server.run_in("postgres", &format!("create tablespace small location '{}'", space.display())).await;
    outage.server.run_in("postgres", "alter database polysink set tablespace small").await;
    outage = outage.restarted();
    assert_eq!(acknowledged(&[outage.send(&one("before", 0)).await]), 0);
    disk.fill();
    let mut sent = 1;
    eventually("a delivery is spooled", async || {
        let answer = outage.send(&wide("full", sent)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        sent += 1;
        is_spooled(&answer)
    })
    .await;
    let load = Load::start("load", &[&outage.service.url], 4);
    load.until(|tally| tally.spooled >= 50).await;
    outage.is_away().await;
    disk.free();
    let tally = load.finish().await;
    outage.healed().await;
    assert_eq!(tally.refused, 0, "{tally:?}");
    let wide = "select concat(count(*), ' ', sum(times_received)) from polysink.records where fields ? 'noise'";
    outage.server.becomes(wide, &format!("{0} {0}", sent - 1)).await;
    tally.check(&outage.server.pool).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_spool_keeps_no_delivery_from_a_database_that_is_back() {
    let Some(disk) = SmallDisk::mount(8) else { return };
    let spool = disk.path().join("spool");
    let mut outage = Outage::start_with(&[("POLYSINK_SPOOL", spool.to_str().expect("it is text"))]);
    outage.server.stop();
    disk.fill();
    // Its file is closed after the error, and cannot be opened again.
    assert_eq!(outage.send(&wide("full", 0)).await.problem(503), "spool");
    std::fs::rename(&spool, disk.path().join("gone")).expect("it is there");
    std::fs::write(&spool, "").expect("the name is free");
    assert_eq!(outage.send(&one("gone", 0)).await.problem(503), "spool");
    outage.server.start_again();
    let mut n = 0;
    eventually("deliveries are stored again", async || {
        n += 1;
        outage.send(&one("back", n)).await.status == 200
    })
    .await;
    let (status, answer) = outage.ready().await;
    assert_eq!((status, &answer["database"], &answer["spool"]), (200, &json!("ok"), &json!("failed")), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_whose_disk_is_full_refuses_and_recovers_by_itself() {
    let Some(disk) = SmallDisk::mount(24) else { return };
    let spool = disk.path().join("spool");
    let mut outage = Outage::start_with(&[("POLYSINK_SPOOL", spool.to_str().expect("it is text"))]);
    outage.server.stop();
    let mut taken = 0;
    // Room for the first, and none for the last.
    for round in ["first", "second"] {
        let refused = loop {
            let answer = outage.send(&wide(round, taken)).await;
            if answer.status != 200 {
                break answer;
            }
            taken += 1;
            if taken == 3 {
                disk.fill();
            }
        };
        assert_eq!(refused.problem(503), "spool");
        let (status, answer) = outage.ready().await;
        assert_eq!((status, &answer["spool"]), (503, &json!("failed")), "{answer}");
        if round == "first" {
            disk.free();
            assert_eq!(acknowledged(&[outage.send(&wide("room", 0)).await]), 1);
            taken += 1;
            assert_eq!(outage.ready().await.1["spool"], "ok");
        }
    }
    // The disk stays full, and the spool has to be drained all the same.
    outage.server.start_again();
    let rows = format!("{taken} {taken}");
    outage.server.becomes(ROWS, &rows).await;
    outage.healed().await;
    outage.server.stop();
    assert_eq!(acknowledged(&[outage.send(&wide("after", 0)).await]), 1);
}
