//! The faults: what each does to the service, its database or its disk, and how many times.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::harness::hostile::attack;
use crate::harness::outage::healed;
use crate::harness::proc::status;
use crate::harness::{Cut, Load, Proxy, Server, Service, SmallDisk, TestApp, TestDatabase, binary};
use crate::trial::{CLIENTS, ENTITIES, Operator, Outcome, Run, Trial};

/// The same where they send for as long as it takes to heal, so that comparing does not take longer than the fault.
const FEW_CLIENTS: usize = 2;

pub async fn service_killed(run: Run) -> Outcome {
    let mut trial = Trial::start(run);
    for _ in 0..50 * run.times {
        let load = trial.load();
        trial.moment(&load).await;
        trial.outage = trial.outage.restarted();
        trial.tally.add(load.gone().await);
        trial.heal().await;
    }
    trial.done().await
}

pub async fn killed_while_spooling(run: Run) -> Outcome {
    let mut trial = Trial::start(run);
    trial.outage.server.stop();
    for _ in 0..50 * run.times {
        let load = trial.load();
        trial.moment(&load).await;
        trial.outage = trial.outage.restarted();
        trial.tally.add(load.gone().await);
    }
    trial.outage.server.start_again();
    trial.heal().await;
    trial.done().await
}

pub async fn killed_while_draining(run: Run) -> Outcome {
    let mut trial = Trial::start(run);
    for _ in 0..20 * run.times {
        trial.outage.server.stop();
        let load = trial.load();
        load.reaches(500).await;
        trial.tally.add(load.finish().await);
        trial.outage.server.start_again();
        let left = trial.random.random_range(1..500);
        while trial.outage.ready().await.1["spooled"]["deliveries"].as_u64().is_some_and(|now| now > left) {}
        trial.outage = trial.outage.restarted();
        trial.heal().await;
    }
    trial.done().await
}

/// Takes the server away and gives it back under load, again and again.
pub async fn taken_away(run: Run, rounds: usize, take: fn(&mut Server), give: fn(&mut Server)) -> Outcome {
    let mut trial = Trial::start(run);
    let load = Load::start_sharing(ENTITIES, "away", &[&trial.outage.service.url], FEW_CLIENTS);
    for _ in 0..rounds {
        trial.moment(&load).await;
        take(&mut trial.outage.server);
        trial.moment(&load).await;
        give(&mut trial.outage.server);
        trial.heal().await;
    }
    trial.rounds = rounds;
    trial.tally.add(load.finish().await);
    trial.heal().await;
    trial.done().await
}

pub async fn away_for_a_minute(run: Run) -> Outcome {
    let mut trial = Trial::start(run);
    trial.rounds = 1;
    let load = Load::start_sharing(ENTITIES, "minute", &[&trial.outage.service.url], FEW_CLIENTS);
    trial.moment(&load).await;
    trial.outage.server.stop();
    tokio::time::sleep(Duration::from_secs(62) * u32::try_from(run.times).expect("they are few")).await; // the outage
    trial.tally.add(load.finish().await);
    trial.outage.server.start_again();
    trial.heal().await;
    assert!(trial.outage.service.ends_in_time().await.success());
    let log = std::mem::replace(&mut trial.outage.log, std::thread::spawn(String::new));
    let log = log.join().expect("it does not panic");
    assert!(log.matches("deliveries wait in the spool").count() >= 2, "at first and every minute: {log}");
    trial.outage = trial.outage.restarted();
    trial.done().await
}

pub async fn asked_to_stop(run: Run) -> Outcome {
    let mut trial = Trial::start(run);
    for _ in 0..20 * run.times {
        let load = trial.load();
        trial.moment(&load).await;
        assert!(trial.outage.service.ends_in_time().await.success());
        trial.tally.add(load.gone().await);
        trial.outage = trial.outage.restarted();
        trial.heal().await;
    }
    trial.done().await
}

pub async fn commits_cut(cut: Cut, run: Run) -> Outcome {
    let mut random = StdRng::seed_from_u64(run.seed);
    let proxy = Proxy::start().await;
    let db = TestDatabase::create().await;
    let url = proxy.url(&db);
    let app = TestApp::spawn_through(db, &url, &[]).await;
    // Not through the proxy: the commits that are cut are those of deliveries and of the projector.
    let operator = Operator::start(&app.db.url());
    let load = Load::start_sharing(ENTITIES, "cut", &[&app.webhook()], CLIENTS);
    let (mut rounds, mut healing) = (0, Duration::ZERO);
    while rounds < 500 * run.times {
        // Few of them are tried again; with many, deliveries are spooled that may have been stored.
        let commits = if random.random_bool(0.8) { random.random_range(1..10) } else { random.random_range(60..120) };
        proxy.cut(cut, commits);
        rounds += commits;
        while proxy.uncut() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await; // between two looks
        }
        let began = Instant::now();
        load.reaches(load.acknowledged() + 20).await;
        healing = healing.max(began.elapsed());
    }
    let tally = load.finish().await;
    healed(&app.http, &app.webhook()).await;
    let (changes, compared) = operator.check(&tally, &app.db.pool).await;
    Outcome { rounds, tally, changes, compared, healing }
}

pub async fn disk_of_postgres_full(disk: &SmallDisk, run: Run) -> Outcome {
    let mut trial = Trial::start(run);
    let space = disk.path().join("space");
    std::fs::create_dir(&space).expect("it is new");
    trial.outage.server.give(&space);
    assert!(trial.outage.service.ends_in_time().await.success());
    let sql = format!("create tablespace small location '{}'", space.display());
    for sql in [&sql, "alter database polysink set tablespace small"] {
        trial.outage.server.run_in("postgres", sql).await;
    }
    trial.outage = trial.outage.restarted();
    for _ in 0..5 * run.times {
        let load = trial.load();
        trial.moment(&load).await;
        disk.fill();
        load.until(|tally| tally.spooled >= 100).await;
        disk.free();
        trial.tally.add(load.finish().await);
        trial.heal().await;
    }
    trial.done().await
}

pub async fn disk_of_the_spool_full(disk: &SmallDisk, run: Run) -> Outcome {
    let folder = disk.path().join("spool");
    let settings = [("POLYSINK_SPOOL", folder.to_str().expect("it is text"))];
    let mut trial = Trial::start_with(run, &settings);
    for _ in 0..5 * run.times {
        trial.outage.server.stop();
        let load = trial.load();
        trial.moment(&load).await;
        disk.fill();
        load.until(|tally| tally.refused >= 50).await;
        disk.free();
        trial.moment(&load).await;
        trial.tally.add(load.finish().await);
        trial.outage.server.start_again();
        trial.heal().await;
    }
    trial.done().await
}

/// Before each start there is another place for the spool, or none, while the one of before still has deliveries.
pub async fn spool_moved(run: Run) -> Outcome {
    let mut trial = Trial::start(run);
    let places = tempfile::tempdir().expect("there is a temporary folder");
    let place = |n: usize| places.path().join(n.to_string()).to_str().expect("it is text").to_owned();
    for round in 0..10 * run.times {
        trial.outage = trial.outage.restarted_with(&[("POLYSINK_SPOOL", &place(round))]);
        trial.outage.server.stop();
        let load = trial.load();
        trial.moment(&load).await;
        trial.tally.add(load.finish().await);
        trial.outage.server.start_again();
        let next = if round % 2 == 0 { "off".to_owned() } else { place(round + 1) };
        trial.outage = trial.outage.restarted_with(&[("POLYSINK_SPOOL", &next)]);
        trial.heal().await;
    }
    trial.done().await
}

/// The spool's folder is removed under the running service, while deliveries are spooled and between outages.
pub async fn spools_folder_removed(run: Run) -> Outcome {
    let mut trial = Trial::start(run);
    let folder = trial.outage.data.path().join("spool");
    for _ in 0..10 * run.times {
        trial.outage.server.stop();
        let load = trial.load();
        for _ in 0..3 {
            trial.moment(&load).await;
            // It fails if the service makes the folder again meanwhile.
            let _ = std::fs::remove_dir_all(&folder);
        }
        trial.moment(&load).await;
        trial.tally.add(load.finish().await);
        trial.outage = trial.outage.restarted();
        trial.outage.server.start_again();
        trial.heal().await;
        let _ = std::fs::remove_dir_all(&folder);
    }
    trial.done().await
}

/// The ledger is lost under load, and restored by replays that are killed at random moments.
pub async fn ledger_lost(run: Run) -> Outcome {
    let mut trial = Trial::start(run);
    for _ in 0..5 * run.times {
        let load = trial.load();
        trial.moment(&load).await;
        trial.outage.server.run("truncate polysink.records").await;
        let url = trial.outage.server.url();
        for killed in 0.. {
            let mut replay = tokio::process::Command::from(binary());
            replay.args(["replay", "--yes"]).env("DATABASE_URL", &url).stdin(Stdio::null()).kill_on_drop(true);
            replay.stdout(Stdio::null()).stderr(Stdio::inherit());
            let mut replay = replay.spawn().expect("the binary can be run");
            let moment = Duration::from_millis(trial.random.random_range(300..1_500));
            // The last one is not killed.
            let moment = if killed < 5 { moment } else { Duration::from_secs(240) };
            if let Ok(ended) = tokio::time::timeout(moment, replay.wait()).await {
                assert!(ended.expect("it is our child").success(), "a replay fails");
                break;
            }
            assert!(killed < 5, "a replay hangs");
            replay.kill().await.expect("it runs");
        }
        trial.tally.add(load.finish().await);
        trial.heal().await;
    }
    trial.done().await
}

pub async fn replicas(count: usize, run: Run) -> Outcome {
    let mut trial = Trial::start(run);
    let folders: Vec<_> = (1..count).map(|_| tempfile::tempdir().expect("there is a temporary folder")).collect();
    let others: Vec<Service> =
        folders.iter().map(|folder| Service::start(Service::on(&trial.outage.server.url(), folder.path()))).collect();
    let urls = [&trial.outage.service].into_iter().chain(&others).map(|service| service.url.clone());
    let urls: Vec<String> = urls.collect();
    let load = Load::start_sharing(ENTITIES, "replicas", &urls.iter().map(String::as_str).collect::<Vec<_>>(), CLIENTS);
    for _ in 0..5 * run.times {
        trial.moment(&load).await;
        trial.outage.server.stop();
        trial.moment(&load).await;
        trial.outage.server.start_again();
        let began = Instant::now();
        for url in &urls {
            healed(&trial.outage.http, url).await;
        }
        trial.healing = trial.healing.max(began.elapsed());
    }
    trial.rounds = 5 * run.times;
    let tally = load.finish().await;
    for url in &urls {
        healed(&trial.outage.http, url).await;
    }
    trial.tally.add(tally);
    trial.done().await
}

/// What a service uses: memory in MiB, and open files.
fn usage(service: &Service) -> (u64, usize) {
    let pid = service.pid().as_raw().cast_unsigned();
    let files = std::fs::read_dir(format!("/proc/{pid}/fd")).expect("it runs");
    (status(pid, "VmRSS:") / 1024, files.count())
}

pub async fn hostile_requests(run: Run) -> Outcome {
    let mut trial = Trial::start_with(run, &[("POLYSINK_MAX_BODY", "32MiB")]);
    let webhook = trial.outage.service.url.clone();
    // What it needs for the first requests stays.
    let attacked = attack(&webhook, 1_000, run.seed).await;
    trial.tally.add(attacked.tally);
    let before = usage(&trial.outage.service);
    let attacked = attack(&webhook, 9_000 * run.times, run.seed.wrapping_add(1_000)).await;
    trial.tally.add(attacked.tally);
    trial.rounds = 1_000 + 9_000 * run.times;
    trial.heal().await;
    let after = usage(&trial.outage.service);
    eprintln!("memory in MiB and open files: {before:?} before, {after:?} after");
    assert!(after.1 <= before.1 + 16, "files stay open: {before:?} before, {after:?} after");
    assert!(after.0 <= before.0 + 100, "memory grows: {before:?} MiB before, {after:?} after");
    let smuggled = "select count(*)::text from polysink.records where hash like 'smuggled-%'";
    trial.outage.server.becomes(smuggled, "0").await;
    trial.done().await
}
