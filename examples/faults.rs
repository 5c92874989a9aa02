//! Every fault under load, and one table: what was acknowledged, lost, stored twice, shown wrongly and refused, and how
//! long it took to heal. `script/faults` runs it.
//!
//! Half of the records are of entities that all clients send. Meanwhile an operator rebuilds the tables, and changes
//! the identity and a column. After each fault the ledger is compared with what was acknowledged, record by record, and
//! the query tables with the ledger, row by row; before and after one more rebuild. The moments of the faults are
//! random; the seed is printed, so that a run can be repeated.

#[path = "../tests/it/harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the integration tests use all of it")]
mod harness;

use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use nix::sys::signal::Signal;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use sqlx::PgPool;
use tokio::task::JoinHandle;

use harness::compared::Compared;
use harness::hostile::attack;
use harness::load::Tally;
use harness::outage::healed;
use harness::{Cut, Load, Outage, Proxy, SYNC, Server, Service, SmallDisk, TestApp, TestDatabase, binary};

/// Clients that send at once.
const CLIENTS: usize = 8;

/// The same where they send for as long as it takes to heal, so that comparing does not take longer than the fault.
const FEW_CLIENTS: usize = 2;

/// How many entities they share.
const ENTITIES: u32 = 200;

/// Runs every fault, or those whose names contain a word.
#[derive(Parser)]
struct Options {
    /// A part of the names of faults.
    #[arg(default_value = "")]
    name: String,
    /// Chooses the moments of the faults.
    #[arg(long)]
    seed: Option<u64>,
    /// Six times the rounds: about an hour instead of ten minutes.
    #[arg(long)]
    long: bool,
}

/// How a fault is run.
#[derive(Clone, Copy)]
struct Run {
    seed: u64,
    /// How many times the rounds.
    times: usize,
}

/// What became of a fault.
struct Outcome {
    rounds: usize,
    tally: Tally,
    /// The operator's commands that were carried out.
    changes: usize,
    compared: Compared,
    /// The longest time from the end of a fault to an empty spool and a database that takes deliveries.
    healing: Duration,
}

/// What the operator does, again and again.
const CHANGES: [&[&str]; 7] = [
    &["rebuild", SYNC],
    &["identity", "set", SYNC, "id", "--yes"],
    &["column", SYNC, "n", "--type", "text", "--yes"],
    &["rebuild", SYNC],
    &["column", SYNC, "n", "--type", "numeric", "--yes"],
    &["identity", "clear", SYNC, "--yes"],
    &["column", SYNC, "n", "--type", "bigint", "--yes"],
];

/// An operator who rebuilds tables and changes the identity and a column, whatever happens to the database.
struct Operator {
    database_url: String,
    over: Arc<AtomicBool>,
    work: JoinHandle<usize>,
}

impl Operator {
    fn start(database_url: &str) -> Self {
        let (database_url, over) = (database_url.to_owned(), Arc::<AtomicBool>::default());
        let work = tokio::spawn({
            let (url, over) = (database_url.clone(), Arc::clone(&over));
            async move {
                let mut done = 0;
                for change in CHANGES.iter().cycle() {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    done += usize::from(carried_out(&url, change).await);
                }
                done
            }
        });
        Self { database_url, over, work }
    }

    /// Compares, rebuilds the tables and compares again. Returns how many commands were carried out before that, and
    /// what is wrong.
    async fn check(self, tally: &Tally, pool: &PgPool) -> (usize, Compared) {
        self.over.store(true, Ordering::Relaxed);
        let changes = self.work.await.expect("it does not panic");
        let mut compared = tally.compare(pool).await;
        assert!(carried_out(&self.database_url, CHANGES[0]).await, "the tables cannot be rebuilt");
        compared.differ += tally.compare(pool).await.differ;
        (changes, compared)
    }
}

/// Runs a command; returns whether it succeeded. One that fails says why, and never hangs.
async fn carried_out(database_url: &str, arguments: &[&str]) -> bool {
    let mut command = tokio::process::Command::from(binary());
    command.args(arguments).env("DATABASE_URL", database_url).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_secs(240), command.output()).await;
    let output = output.unwrap_or_else(|_| panic!("{arguments:?} hangs")).expect("the binary can be run");
    let errors = String::from_utf8_lossy(&output.stderr);
    let said_why = output.status.code() == Some(1) && !errors.trim().is_empty() && !errors.contains("panicked");
    assert!(output.status.success() || said_why, "{arguments:?}: {:?}, {errors}", output.status);
    output.status.success()
}

/// A fault in progress: the service, its operator, what was acknowledged, and the random moments.
struct Trial {
    outage: Outage,
    operator: Operator,
    tally: Tally,
    random: StdRng,
    rounds: usize,
    healing: Duration,
}

impl Trial {
    fn start(run: Run) -> Self {
        Self::start_with(run, &[])
    }

    fn start_with(run: Run, settings: &[(&str, &str)]) -> Self {
        let outage = Outage::start_with(settings);
        let operator = Operator::start(&outage.server.url());
        let random = StdRng::seed_from_u64(run.seed);
        Self { outage, operator, tally: Tally::default(), random, rounds: 0, healing: Duration::ZERO }
    }

    /// Starts the load of the next round.
    fn load(&mut self) -> Load {
        self.rounds += 1;
        Load::start_sharing(ENTITIES, &format!("round-{}", self.rounds), &[&self.outage.service.url], CLIENTS)
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
        let Self { outage, operator, tally, rounds, healing, .. } = self;
        let (changes, compared) = operator.check(&tally, &outage.server.pool).await;
        Outcome { rounds, tally, changes, compared, healing }
    }
}

async fn service_killed(run: Run) -> Outcome {
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

async fn killed_while_spooling(run: Run) -> Outcome {
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

async fn killed_while_draining(run: Run) -> Outcome {
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
async fn taken_away(run: Run, rounds: usize, take: fn(&mut Server), give: fn(&mut Server)) -> Outcome {
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

async fn away_for_a_minute(run: Run) -> Outcome {
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

async fn asked_to_stop(run: Run) -> Outcome {
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

async fn commits_cut(cut: Cut, run: Run) -> Outcome {
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

async fn disk_of_postgres_full(disk: &SmallDisk, run: Run) -> Outcome {
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

async fn disk_of_the_spool_full(disk: &SmallDisk, run: Run) -> Outcome {
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
async fn spool_moved(run: Run) -> Outcome {
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
async fn spools_folder_removed(run: Run) -> Outcome {
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
async fn ledger_lost(run: Run) -> Outcome {
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

async fn replicas(count: usize, run: Run) -> Outcome {
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
    let process = Path::new("/proc").join(service.pid().to_string());
    let status = std::fs::read_to_string(process.join("status")).expect("it runs");
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: u64 = memory.and_then(|memory| memory.trim().strip_suffix(" kB")?.parse().ok()).expect("it is there");
    (kib / 1024, std::fs::read_dir(process.join("fd")).expect("it runs").count())
}

async fn hostile_requests(run: Run) -> Outcome {
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

/// Runs one fault; `None` if this machine cannot have it.
async fn outcome(name: &str, run: Run) -> Option<Outcome> {
    let outcome = match name {
        "kill -9 of the service" => service_killed(run).await,
        "kill -9 while it spools" => killed_while_spooling(run).await,
        "kill -9 while it drains" => killed_while_draining(run).await,
        "SIGTERM to the service" => asked_to_stop(run).await,
        "PostgreSQL stopped (immediate)" => taken_away(run, 50 * run.times, Server::stop, Server::start_again).await,
        "PostgreSQL frozen" => {
            let (freeze, thaw) = (
                |server: &mut Server| server.signal(Signal::SIGSTOP),
                |server: &mut Server| server.signal(Signal::SIGCONT),
            );
            taken_away(run, 10 * run.times, freeze, thaw).await
        }
        "PostgreSQL away for a minute" => away_for_a_minute(run).await,
        "cut before the commit" => commits_cut(Cut::BeforeCommit, run).await,
        "cut after the commit" => commits_cut(Cut::AfterCommit, run).await,
        "PostgreSQL's disk full" => disk_of_postgres_full(&SmallDisk::mount(100)?, run).await,
        "the spool's disk full" => disk_of_the_spool_full(&SmallDisk::mount(24)?, run).await,
        "the spool moved or turned off" => spool_moved(run).await,
        "the spool's folder removed" => spools_folder_removed(run).await,
        "the ledger lost, replays killed" => ledger_lost(run).await,
        "two replicas, PostgreSQL stopped" => replicas(2, run).await,
        "four replicas, PostgreSQL stopped" => replicas(4, run).await,
        "hostile requests" => hostile_requests(run).await,
        _ => unreachable!("it is not in the list"),
    };
    Some(outcome)
}

const FAULTS: [&str; 17] = [
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
    "the spool moved or turned off",
    "the spool's folder removed",
    "the ledger lost, replays killed",
    "two replicas, PostgreSQL stopped",
    "four replicas, PostgreSQL stopped",
    "hostile requests",
];

fn main() -> ExitCode {
    let options = Options::parse();
    let run =
        Run { seed: options.seed.unwrap_or_else(|| rand::rng().random()), times: if options.long { 6 } else { 1 } };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    println!(
        "Seed {}. Counts are records but for the 503s, which are deliveries of ten; times are seconds.\n",
        run.seed
    );
    println!(
        "| fault | rounds | acknowledged | of them spooled | lost | stored twice | rows that differ | changes by an \
         operator | 503 | healed in |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let mut failed = false;
    for name in FAULTS.into_iter().filter(|name| name.contains(&options.name)) {
        let began = Instant::now();
        let Some(Outcome { rounds, tally, changes, compared, healing }) = runtime.block_on(outcome(name, run)) else {
            println!("| {name} | not possible here |||||||||");
            continue;
        };
        failed |= compared != Compared::default() || tally.acknowledged() == 0;
        println!(
            "| {name} | {rounds} | {} | {} | {} | {} | {} | {changes} | {} | {:.1} |",
            tally.acknowledged(),
            tally.spooled * harness::load::RECORDS,
            compared.lost.max(compared.torn),
            compared.twice.max(-compared.torn),
            compared.differ,
            tally.refused,
            healing.as_secs_f64(),
        );
        eprintln!("{name}: {:.0} s", began.elapsed().as_secs_f64());
    }
    ExitCode::from(u8::from(failed))
}
