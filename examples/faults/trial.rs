//! A fault in progress: the service under load, an operator who changes it, and what was acknowledged.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use sqlx::PgPool;
use tokio::task::JoinHandle;

use crate::harness::compared::Compared;
use crate::harness::load::Tally;
use crate::harness::{Load, Outage, SYNC, binary};

/// Clients that send at once.
pub const CLIENTS: usize = 8;

/// How many entities they share.
pub const ENTITIES: u32 = 200;

/// How a fault is run.
#[derive(Clone, Copy)]
pub struct Run {
    pub seed: u64,
    /// How many times the rounds.
    pub times: usize,
}

/// What became of a fault.
pub struct Outcome {
    pub rounds: usize,
    pub tally: Tally,
    /// The operator's commands that were carried out.
    pub changes: usize,
    pub compared: Compared,
    /// The longest time from the end of a fault to an empty spool and a database that takes deliveries.
    pub healing: Duration,
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
pub struct Operator {
    pub database_url: String,
    pub over: Arc<AtomicBool>,
    pub work: JoinHandle<usize>,
}

impl Operator {
    pub fn start(database_url: &str) -> Self {
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
    pub async fn check(self, tally: &Tally, pool: &PgPool) -> (usize, Compared) {
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
pub struct Trial {
    pub outage: Outage,
    pub operator: Operator,
    pub tally: Tally,
    pub random: StdRng,
    pub rounds: usize,
    pub healing: Duration,
}

impl Trial {
    pub fn start(run: Run) -> Self {
        Self::start_with(run, &[])
    }

    pub fn start_with(run: Run, settings: &[(&str, &str)]) -> Self {
        let outage = Outage::start_with(settings);
        let operator = Operator::start(&outage.server.url());
        let random = StdRng::seed_from_u64(run.seed);
        Self { outage, operator, tally: Tally::default(), random, rounds: 0, healing: Duration::ZERO }
    }

    /// Starts the load of the next round.
    pub fn load(&mut self) -> Load {
        self.rounds += 1;
        Load::start_sharing(ENTITIES, &format!("round-{}", self.rounds), &[&self.outage.service.url], CLIENTS)
    }

    /// Lets a random number of deliveries be acknowledged, and a random moment pass.
    pub async fn moment(&mut self, load: &Load) {
        load.reaches(load.acknowledged() + self.random.random_range(20..200)).await;
        tokio::time::sleep(Duration::from_micros(self.random.random_range(0..10_000))).await; // until the moment
    }

    /// Waits until all is well, and notes how long it took.
    pub async fn heal(&mut self) {
        let began = Instant::now();
        self.outage.healed().await;
        self.healing = self.healing.max(began.elapsed());
    }

    pub async fn done(self) -> Outcome {
        let Self { outage, operator, tally, rounds, healing, .. } = self;
        let (changes, compared) = operator.check(&tally, &outage.server.pool).await;
        Outcome { rounds, tally, changes, compared, healing }
    }
}
