//! Every fault under load, and one table: what was acknowledged, lost, stored twice and refused, and how long it took to heal.
//! `script/faults` runs it.
//!
//! After each fault the ledger is compared with what was acknowledged, record by record. The moments of the faults are random; the
//! seed is printed, so that a run can be repeated.

#[path = "../tests/it/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the integration tests use all of it")]
mod harness;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use nix::sys::signal::Signal;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use harness::load::{Compared, Tally};
use harness::outage::healed;
use harness::{Cut, Load, Outage, Proxy, Server, Service, SmallDisk, TestApp, TestDatabase};

/// Clients that send at once.
const CLIENTS: usize = 8;

/// Runs every fault, or those whose names contain a word.
#[derive(Parser)]
struct Options {
    /// A part of the names of faults.
    #[arg(default_value = "")]
    name: String,
    /// Chooses the moments of the faults.
    #[arg(long)]
    seed: Option<u64>,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What became of a fault.
struct Outcome {
    rounds: usize,
    tally: Tally,
    compared: Compared,
    /// The longest time from the end of a fault to an empty spool and a database that takes deliveries.
    healing: Duration,
}

/// A fault in progress: the service, what it acknowledged, and the random moments.
struct Trial {
    outage: Outage,
    tally: Tally,
    random: StdRng,
    rounds: usize,
    healing: Duration,
}

impl Trial {
    fn start(seed: u64) -> Self {
        Self::start_with(seed, &[])
    }

    fn start_with(seed: u64, settings: &[(&str, &str)]) -> Self {
        let outage = Outage::start_with(settings);
        let random = StdRng::seed_from_u64(seed);
        Self { outage, tally: Tally::default(), random, rounds: 0, healing: Duration::ZERO }
    }

    /// Starts the load of the next round.
    fn load(&mut self) -> Load {
        self.rounds += 1;
        Load::start(&format!("round-{}", self.rounds), &[&self.outage.service.url], CLIENTS)
    }

    /// Lets a random number of deliveries be acknowledged, and a random moment pass.
    async fn moment(&mut self, load: &Load) {
        load.reaches(load.acknowledged() + self.random.random_range(20..200)).await;
        tokio::time::sleep(Duration::from_micros(self.random.random_range(0..10_000))).await; // until the moment
    }

    /// Waits until all is well, and notes how long it took.
    async fn heal(&mut self) {
        let began = Instant::now();
        self.outage.healed().await;
        self.healing = self.healing.max(began.elapsed());
    }

    async fn done(self) -> Outcome {
        let compared = self.tally.compare(&self.outage.server.pool).await;
        Outcome { rounds: self.rounds, tally: self.tally, compared, healing: self.healing }
    }
}

async fn service_killed(seed: u64) -> Outcome {
    let mut trial = Trial::start(seed);
    for _ in 0..50 {
        let load = trial.load();
        trial.moment(&load).await;
        trial.outage = trial.outage.restarted();
        trial.tally.add(load.gone().await);
        trial.heal().await;
    }
    trial.done().await
}

async fn killed_while_spooling(seed: u64) -> Outcome {
    let mut trial = Trial::start(seed);
    trial.outage.server.stop();
    for _ in 0..50 {
        let load = trial.load();
        trial.moment(&load).await;
        trial.outage = trial.outage.restarted();
        trial.tally.add(load.gone().await);
    }
    trial.outage.server.start_again();
    trial.heal().await;
    trial.done().await
}

async fn killed_while_draining(seed: u64) -> Outcome {
    let mut trial = Trial::start(seed);
    for _ in 0..20 {
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
async fn taken_away(seed: u64, rounds: usize, take: fn(&mut Server), give: fn(&mut Server)) -> Outcome {
    let mut trial = Trial::start(seed);
    let load = trial.load();
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

async fn away_for_a_minute(seed: u64) -> Outcome {
    let mut trial = Trial::start(seed);
    let load = trial.load();
    trial.moment(&load).await;
    trial.outage.server.stop();
    tokio::time::sleep(Duration::from_secs(62)).await; // the outage
    trial.tally.add(load.finish().await);
    trial.outage.server.start_again();
    trial.heal().await;
    assert!(trial.outage.service.ends_in_time().await.success());
    let log = std::mem::replace(&mut trial.outage.log, std::thread::spawn(String::new));
    let log = log.join().expect("it does not panic");
    assert!(log.matches("deliveries wait in the spool").count() >= 2, "at first and every minute: {log}");
    trial.done().await
}

async fn asked_to_stop(seed: u64) -> Outcome {
    let mut trial = Trial::start(seed);
    for _ in 0..20 {
        let load = trial.load();
        trial.moment(&load).await;
        assert!(trial.outage.service.ends_in_time().await.success());
        trial.tally.add(load.gone().await);
        trial.outage = trial.outage.restarted();
        trial.heal().await;
    }
    trial.done().await
}

async fn commits_cut(cut: Cut, seed: u64) -> Outcome {
    let mut random = StdRng::seed_from_u64(seed);
    let proxy = Proxy::start().await;
    let db = TestDatabase::create().await;
    let url = proxy.url(&db);
    let app = TestApp::spawn_through(db, &url, &[]).await;
    let load = Load::start("cut", &[&app.webhook()], CLIENTS);
    let (mut rounds, mut healing) = (0, Duration::ZERO);
    while rounds < 500 {
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
    let compared = tally.compare(&app.db.pool).await;
    Outcome { rounds, tally, compared, healing }
}

async fn disk_of_postgres_full(disk: &SmallDisk, seed: u64) -> Outcome {
    let mut trial = Trial::start(seed);
    let space = disk.path().join("space");
    std::fs::create_dir(&space).expect("it is new");
    trial.outage.server.give(&space);
    assert!(trial.outage.service.ends_in_time().await.success());
    let sql = format!("create tablespace small location '{}'", space.display());
    for sql in [&sql, "alter database polysink set tablespace small"] {
        trial.outage.server.run_in("postgres", sql).await;
    }
    trial.outage = trial.outage.restarted();
    for _ in 0..5 {
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

async fn disk_of_the_spool_full(disk: &SmallDisk, seed: u64) -> Outcome {
    let folder = disk.path().join("spool");
    let settings = [("POLYSINK_SPOOL", folder.to_str().expect("it is text"))];
    let mut trial = Trial::start_with(seed, &settings);
    for _ in 0..5 {
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

async fn replicas(count: usize, seed: u64) -> Outcome {
    let mut trial = Trial::start(seed);
    let folders: Vec<_> = (1..count).map(|_| tempfile::tempdir().expect("there is a temporary folder")).collect();
    let others: Vec<Service> =
        folders.iter().map(|folder| Service::start(Service::on(&trial.outage.server.url(), folder.path()))).collect();
    let urls = [&trial.outage.service].into_iter().chain(&others).map(|service| service.url.clone());
    let urls: Vec<String> = urls.collect();
    let load = Load::start("replicas", &urls.iter().map(String::as_str).collect::<Vec<_>>(), CLIENTS);
    for _ in 0..5 {
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
    trial.rounds = 5;
    let tally = load.finish().await;
    for url in &urls {
        healed(&trial.outage.http, url).await;
    }
    trial.tally.add(tally);
    trial.done().await
}

/// Runs one fault; `None` if this machine cannot have it.
async fn run(name: &str, seed: u64) -> Option<Outcome> {
    let outcome = match name {
        "kill -9 of the service" => service_killed(seed).await,
        "kill -9 while it spools" => killed_while_spooling(seed).await,
        "kill -9 while it drains" => killed_while_draining(seed).await,
        "SIGTERM to the service" => asked_to_stop(seed).await,
        "PostgreSQL stopped (immediate)" => taken_away(seed, 50, Server::stop, Server::start_again).await,
        "PostgreSQL frozen" => {
            let (freeze, thaw) = (
                |server: &mut Server| server.signal(Signal::SIGSTOP),
                |server: &mut Server| server.signal(Signal::SIGCONT),
            );
            taken_away(seed, 10, freeze, thaw).await
        }
        "PostgreSQL away for a minute" => away_for_a_minute(seed).await,
        "cut before the commit" => commits_cut(Cut::BeforeCommit, seed).await,
        "cut after the commit" => commits_cut(Cut::AfterCommit, seed).await,
        "PostgreSQL's disk full" => disk_of_postgres_full(&SmallDisk::mount(100)?, seed).await,
        "the spool's disk full" => disk_of_the_spool_full(&SmallDisk::mount(24)?, seed).await,
        "two replicas, PostgreSQL stopped" => replicas(2, seed).await,
        "four replicas, PostgreSQL stopped" => replicas(4, seed).await,
        _ => unreachable!("it is not in the list"),
    };
    Some(outcome)
}

const FAULTS: [&str; 13] = [
    "kill -9 of the service",
    "kill -9 while it spools",
    "kill -9 while it drains",
    "SIGTERM to the service",
    "PostgreSQL stopped (immediate)",
    "PostgreSQL frozen",
    "PostgreSQL away for a minute",
    "cut before the commit",
    "cut after the commit",
    "PostgreSQL's disk full",
    "the spool's disk full",
    "two replicas, PostgreSQL stopped",
    "four replicas, PostgreSQL stopped",
];

fn main() -> ExitCode {
    let options = Options::parse();
    let seed = options.seed.unwrap_or_else(|| rand::rng().random());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    println!("Seed {seed}. Counts are records but for the 503s, which are deliveries of ten; times are seconds.\n");
    println!("| fault | rounds | acknowledged | of them spooled | lost | stored twice | 503 | healed in |");
    println!("|---|---|---|---|---|---|---|---|");
    let mut failed = false;
    for name in FAULTS.into_iter().filter(|name| name.contains(&options.name)) {
        let Some(Outcome { rounds, tally, compared, healing }) = runtime.block_on(run(name, seed)) else {
            println!("| {name} | not possible here |||||||");
            continue;
        };
        let (acknowledged, spooled) = (tally.hashes.len(), tally.spooled * harness::load::RECORDS);
        let Compared { lost, twice, torn } = compared;
        failed |= lost > 0 || twice > 0 || torn != 0 || acknowledged == 0;
        let seconds = healing.as_secs_f64();
        println!(
            "| {name} | {rounds} | {acknowledged} | {spooled} | {lost} | {twice} | {} | {seconds:.1} |",
            tally.refused
        );
    }
    ExitCode::from(u8::from(failed))
}
