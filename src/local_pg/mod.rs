//! The private PostgreSQL: created, started, adopted, watched and stopped together with the service. `app` starts it if
//! no `DATABASE_URL` is set; `cli` looks for a running one.
//!
//! Everything is in the data folder: `postgres/` is the cluster, `run/` the socket, `lock` keeps a second service away.
//! `pg_ctl` starts the server in a session of its own: Ctrl-C in the terminal reaches only the service, which stops
//! PostgreSQL after its own work. A server that a killed service left running is adopted at the next start.
//!
//! All functions block; call them from the blocking pool.

mod cluster;
mod os;
mod programs;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use cluster::Cluster;
pub use programs::Programs;

/// The superuser and the database of every private cluster.
const NAME: &str = "polysink";

/// Why the private PostgreSQL is not available. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum LocalPgError {
    #[error(
        "DATABASE_URL is not set, and PostgreSQL (14 or later) is not installed, so no private server can start. \
         Either:\n  install it: `apt-get install postgresql` on Debian and Ubuntu, `brew install postgresql@17` on \
         macOS\n  or run `docker compose up`, which includes PostgreSQL\n  or set DATABASE_URL to an existing \
         PostgreSQL"
    )]
    NoPrograms,
    #[error(
        "the cluster in {} was created by PostgreSQL {version}, which is not installed; \
         install it (`apt-get install postgresql-{version}`, `brew install postgresql@{version}`)",
        cluster.display()
    )]
    NoProgramsOfVersion { cluster: PathBuf, version: u32 },
    #[error(
        "another polysink is using the data folder {}; stop it, or give this one a folder of its own with \
         POLYSINK_DATA_DIR",
        .0.display()
    )]
    InUse(PathBuf),
    #[error(
        "PostgreSQL does not run as root, and the user `postgres` to run it as does not exist. Install the package \
         `postgresql`, start polysink as another user, or set DATABASE_URL"
    )]
    NoPostgresUser,
    #[error(
        "PostgreSQL runs as the user `postgres`, which cannot enter the folder {} above {}; choose another data folder \
         with POLYSINK_DATA_DIR, or open that one with `chmod o+x`",
        closed.display(), data_dir.display()
    )]
    ClosedFolder { closed: PathBuf, data_dir: PathBuf },
    #[error("other users can enter {}, the folder for PostgreSQL's socket; remove it", .0.display())]
    UnsafeSocketDir(PathBuf),
    #[error("{} is not a folder; set POLYSINK_DATA_DIR to a folder, or to a path where one can be \
             created", .0.display())]
    NotAFolder(PathBuf),
    #[error(
        "{} is not a PostgreSQL cluster; move it away, or set POLYSINK_DATA_DIR to another folder", .0.display()
    )]
    NotACluster(PathBuf),
    #[error("`{program}` failed:\n{output}")]
    Program { program: String, output: String },
    #[error("{what} {}: {error}", path.display())]
    Io { what: &'static str, path: PathBuf, error: io::Error },
}

/// The default time for a server to stop.
const STOP: Duration = Duration::from_secs(60);

/// The file that a service locks in its data folder; it also marks the folder as polysink's.
const LOCK_FILE: &str = "lock";

/// Adds the file to an I/O error.
trait At<T> {
    fn at(self, what: &'static str, path: &Path) -> Result<T, LocalPgError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, what: &'static str, path: &Path) -> Result<T, LocalPgError> {
        self.map_err(|error| LocalPgError::Io { what, path: path.to_owned(), error })
    }
}

/// A running private PostgreSQL. Stops on drop.
#[derive(Debug)]
pub struct LocalPostgres {
    cluster: Cluster,
    /// Whether the server should run; locked during a start, so that it is not stopped then.
    wanted: Mutex<bool>,
    /// Held while the service lives; the system releases it however the service ends.
    _lock: File,
}

impl LocalPostgres {
    /// Starts the cluster in `data_dir`: creates it if there is none, adopts it if it runs already.
    pub fn start(data_dir: &Path) -> Result<Self, LocalPgError> {
        let programs = cluster::programs(&data_dir.join(cluster::FOLDER))?;
        let owner = os::FileOwner::for_this_process()?;
        owner.prepare_data_dir(data_dir)?;
        let lock = lock(data_dir)?;
        remove_unfinished(data_dir)?;
        let cluster = Cluster::open(data_dir, programs, owner)?;
        let postgres = Self { cluster, wanted: Mutex::new(true), _lock: lock };
        postgres.cluster.ensure_running()?;
        Ok(postgres)
    }

    /// Restarts the server if it has died. Returns true if it had.
    pub fn revive(&self) -> Result<bool, LocalPgError> {
        let wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        if !*wanted || self.cluster.is_ready() {
            return Ok(false);
        }
        self.cluster.ensure_running()?;
        Ok(true)
    }

    /// How to connect.
    pub fn options(&self) -> PgConnectOptions {
        options(&self.cluster.socket_dir)
    }

    /// Stops the server at once, for an exit that cannot wait; its next start recovers from the log.
    pub fn stop_immediately(&self) {
        self.unwant();
        self.cluster.stop("immediate", STOP);
    }

    /// Shuts the server down within `patience`, or stops it at once. Returns true if it is stopped afterwards.
    pub fn stop_within(&self, patience: Duration) -> bool {
        self.unwant();
        self.cluster.stop("fast", patience / 2) || self.cluster.stop("immediate", patience / 2)
    }

    /// Prevents further starts. Waits for one in progress.
    fn unwant(&self) {
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner) = false;
    }
}

impl Drop for LocalPostgres {
    fn drop(&mut self) {
        let wanted = self.wanted.get_mut().unwrap_or_else(PoisonError::into_inner);
        if *wanted {
            self.stop_within(STOP);
        }
    }
}

/// A private PostgreSQL that another process runs.
#[derive(Debug)]
pub struct Running {
    pub options: PgConnectOptions,
    /// The folder of its socket, for psql's `-h`.
    pub socket_dir: PathBuf,
    pub user: &'static str,
    pub database: &'static str,
    /// The folder of its programs, psql among them.
    pub bin_dir: Option<PathBuf>,
}

/// The private PostgreSQL of `data_dir`, if it runs.
pub fn running(data_dir: &Path) -> Option<Running> {
    let dir = data_dir.join(cluster::FOLDER);
    let postmaster = cluster::Postmaster::read(&dir).filter(|postmaster| postmaster.is_alive(&dir))?;
    let bin_dir = cluster::version(&dir).and_then(Programs::of_version).map(|programs| programs.dir);
    let socket_dir = postmaster.socket_dir;
    Some(Running { options: options(&socket_dir), socket_dir, user: NAME, database: NAME, bin_dir })
}

fn options(socket_dir: &Path) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass().socket(socket_dir).port(cluster::PORT).username(NAME).database(NAME)
}

/// Fails if a service uses the data folder. Creates nothing.
pub fn check_unused(data_dir: &Path) -> Result<(), LocalPgError> {
    if data_dir.join(LOCK_FILE).exists() { lock(data_dir).map(drop) } else { Ok(()) }
}

fn lock(data_dir: &Path) -> Result<File, LocalPgError> {
    let path = data_dir.join(LOCK_FILE);
    let file = File::options().create(true).truncate(false).write(true).open(&path).at("cannot open", &path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LocalPgError::InUse(data_dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(error).at("cannot lock", &path),
    }
}

/// Removes clusters whose creation was interrupted. A complete one has been renamed.
fn remove_unfinished(data_dir: &Path) -> Result<(), LocalPgError> {
    for entry in fs::read_dir(data_dir).at("cannot read", data_dir)? {
        let entry = entry.at("cannot read", data_dir)?;
        if entry.file_name().to_string_lossy().starts_with(cluster::UNFINISHED) {
            // The initdb of a killed service may still be writing there; then the next start removes it.
            if let Err(error) = fs::remove_dir_all(entry.path()) {
                tracing::debug!(%error, path = %entry.path().display(), "cannot remove an incomplete cluster yet");
            }
        }
    }
    Ok(())
}
