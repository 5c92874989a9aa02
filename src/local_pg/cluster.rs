//! One cluster on disk: created, started, adopted, stopped.

use std::ffi::CString;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::kill;
use nix::unistd::Pid;
use sha2::{Digest as _, Sha256};

use super::os::{FileOwner, run};
use super::programs::Programs;
use super::{At as _, LocalPgError, NAME};

/// The cluster's folder in the data folder.
pub const FOLDER: &str = "postgres";
/// Prefix of a cluster's name until it is complete.
pub const UNFINISHED: &str = "postgres.new";
/// The number in the socket's name; nothing listens on the network.
pub const PORT: u16 = 5432;

/// `sun_path` has 104 bytes on macOS and the BSDs and 108 on Linux, the last one a NUL.
const LONGEST_SOCKET_PATH: usize = 103;

/// How often to check another process's state while it changes: there is nothing to wait on.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Time for a server to end, or for a dead server's last processes to go.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub struct Cluster {
    dir: PathBuf,
    pub socket_dir: PathBuf,
    programs: Programs,
    owner: FileOwner,
}

impl Cluster {
    /// The cluster of `data_dir`, created if there is none.
    pub fn open(data_dir: &Path, programs: Programs, owner: FileOwner) -> Result<Self, LocalPgError> {
        let dir = data_dir.join(FOLDER);
        let socket_dir = socket_dir(data_dir);
        let cluster = Self { dir, socket_dir, programs, owner };
        if !cluster.dir.exists() {
            cluster.make(data_dir)?;
        } else if version(&cluster.dir).is_none() {
            return Err(LocalPgError::NotACluster(cluster.dir));
        }
        Ok(cluster)
    }

    /// Creates the cluster under another name and renames it, so that an existing one is complete.
    fn make(&self, data_dir: &Path) -> Result<(), LocalPgError> {
        let new = data_dir.join(format!("{UNFINISHED}.{}", std::process::id()));
        self.owner.private_dir(&new)?;
        // The builtin provider's order does not change with the C library. Before 17 there is C.UTF-8, on macOS
        // en_US.UTF-8.
        let locale: &[&str] = match self.programs.version {
            17.. => &["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"],
            _ if cfg!(target_os = "macos") => &["--locale=en_US.UTF-8"],
            _ => &["--locale=C.UTF-8"],
        };
        // `trust`: whoever can enter the socket's folder could read the files as well.
        let mut initdb = self.owner.command(&self.programs.path("initdb"), &new);
        initdb.arg("-D").arg(&new).args(["-U", NAME, "-E", "UTF8", "-A", "trust", "--data-checksums"]).args(locale);
        run(&mut initdb)?;

        let conf = new.join("postgresql.conf");
        let mut text = fs::read_to_string(&conf).at("cannot read", &conf)?;
        text.push_str(
            "\n# Rewritten at every start. Your own settings, below this line, win.\ninclude 'polysink.conf'\n",
        );
        fs::write(&conf, text).at("cannot write", &conf)?;
        self.write_conf(&new, "on")?;

        // A single-user server needs no socket, and no second process to stop.
        let mut single = self.owner.command(&self.programs.path("postgres"), &new);
        single.arg("--single").arg("-D").arg(&new).arg("postgres");
        single.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let program = self.programs.path("postgres");
        let mut child = single.spawn().at("cannot run", &program)?;
        let mut stdin = child.stdin.take().expect("its input is piped");
        stdin.write_all(format!("create database {NAME}\n").as_bytes()).at("cannot write to", &program)?;
        drop(stdin);
        let output = child.wait_with_output().at("cannot run", &program)?;
        if !output.status.success() {
            let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(LocalPgError::Program { program: program.display().to_string(), output });
        }
        fs::rename(&new, &self.dir).at("cannot rename", &new)
    }

    /// Whether the server was built with lz4, and takes it for the WAL.
    fn has_lz4(&self) -> bool {
        let mut postgres = self.owner.command(&self.programs.path("postgres"), &self.dir);
        run(postgres.arg("-D").arg(&self.dir).args(["-c", "wal_compression=lz4", "-C", "wal_compression"])).is_ok()
    }

    /// The settings that make it private and durable.
    ///
    /// * `wal_compression`: pglz, which is what `on` means, takes several times the CPU of lz4
    fn write_conf(&self, dir: &Path, wal_compression: &str) -> Result<(), LocalPgError> {
        let text = format!(
            "# Written by polysink at every start; put your own settings into postgresql.conf, below the include.\n\
             listen_addresses = ''\n\
             port = {PORT}\n\
             unix_socket_directories = '{}'\n\
             unix_socket_permissions = 0700\n\
             fsync = on\n\
             full_page_writes = on\n\
             synchronous_commit = on\n\
             max_wal_size = 4GB\n\
             checkpoint_timeout = 15min\n\
             wal_compression = {wal_compression}\n\
             shared_buffers = 256MB\n\
             # Room for years of days of the raw log.\n\
             max_locks_per_transaction = 256\n\
             timezone = 'UTC'\n\
             log_timezone = 'UTC'\n\
             logging_collector = on\n\
             log_directory = 'log'\n\
             # Without it, the row that a constraint refuses would be in the log.\n\
             log_error_verbosity = terse\n\
             log_filename = 'postgresql-%a.log'\n\
             log_truncate_on_rotation = on\n\
             log_rotation_age = 1d\n\
             log_rotation_size = 0\n",
            self.socket_dir.display().to_string().replace('\'', "''"),
        );
        let path = dir.join("polysink.conf");
        fs::write(&path, text).at("cannot write", &path)?;
        self.owner.give(&path)
    }

    /// Whether the server runs and accepts connections.
    pub fn is_ready(&self) -> bool {
        self.postmaster().is_some_and(|postmaster| postmaster.state == State::Ready)
    }

    fn postmaster(&self) -> Option<Postmaster> {
        Postmaster::read(&self.dir).filter(|postmaster| postmaster.is_alive(&self.dir))
    }

    /// Adopts a running server, waits for one that is starting or stopping, starts it otherwise.
    pub fn ensure_running(&self) -> Result<(), LocalPgError> {
        let began = Instant::now();
        loop {
            match self.postmaster().map(|postmaster| postmaster.state) {
                Some(State::Ready) => return Ok(()),
                // Recovery has no time limit.
                Some(State::Starting) => std::thread::sleep(LOOK_AGAIN),
                Some(State::Stopping) if began.elapsed() < PATIENCE => std::thread::sleep(LOOK_AGAIN),
                Some(State::Stopping) => drop(self.stop("immediate", PATIENCE)),
                None => match self.start() {
                    Ok(()) => {}
                    // The last processes of a killed server may still hold its shared memory for a moment.
                    Err(LocalPgError::Program { output, .. })
                        if output.contains("shared memory block") && began.elapsed() < PATIENCE =>
                    {
                        std::thread::sleep(LOOK_AGAIN);
                    }
                    Err(error) => return Err(error),
                },
            }
        }
    }

    fn start(&self) -> Result<(), LocalPgError> {
        self.remove_stale_locks();
        if self.socket_dir.exists() && !self.owner.owns_privately(&self.socket_dir) {
            return Err(LocalPgError::UnsafeSocketDir(self.socket_dir.clone()));
        }
        self.owner.private_dir(&self.socket_dir)?;
        self.write_conf(&self.dir, if self.has_lz4() { "lz4" } else { "on" })?;
        let log = self.dir.join("startup.log");
        fs::write(&log, "").at("cannot write", &log)?;
        self.owner.give(&log)?;
        // PGDATA and a relative log: pg_ctl passes arguments through a shell, and a folder's name may hold characters
        // with a meaning there.
        let mut start = self.owner.command(&self.programs.path("pg_ctl"), &self.dir);
        start.env("PGDATA", &self.dir).args(["start", "--silent", "--wait", "--timeout=86400", "--log=startup.log"]);
        // The server inherits these. It would keep a pipe open, and we would wait for it.
        start.stdout(Stdio::null()).stderr(Stdio::null());
        let program = self.programs.path("pg_ctl");
        if start.status().at("cannot run", &program)?.success() {
            return Ok(());
        }
        let output = fs::read_to_string(&log).unwrap_or_default();
        Err(LocalPgError::Program { program: program.display().to_string(), output: output.trim().to_owned() })
    }

    /// After a crash of the machine, the pid in a lock file may be another process's, and PostgreSQL would not start.
    /// We hold the data folder's lock and know that the process is not this cluster's.
    fn remove_stale_locks(&self) {
        if let Some(postmaster) = Postmaster::read(&self.dir)
            && exists(postmaster.pid)
            && !postmaster.is_alive(&self.dir)
        {
            tracing::warn!(
                pid = postmaster.pid.as_raw(),
                "removing the lock files of a PostgreSQL that no longer runs"
            );
            let _ = fs::remove_file(self.dir.join("postmaster.pid"));
            let _ = fs::remove_file(self.socket_dir.join(format!(".s.PGSQL.{PORT}.lock")));
        }
    }

    /// Stops the server. Returns true if it is stopped afterwards.
    ///
    /// * `patience`: time to wait for that, at least a second
    pub fn stop(&self, mode: &str, patience: Duration) -> bool {
        if self.postmaster().is_none() {
            return true;
        }
        let mut stop = self.owner.command(&self.programs.path("pg_ctl"), &self.dir);
        stop.env("PGDATA", &self.dir).args(["stop", "--silent", "--wait", "--mode", mode]);
        stop.arg(format!("--timeout={}", patience.as_secs().max(1)));
        match run(&mut stop) {
            Ok(_) => true,
            Err(error) => {
                tracing::error!(%error, mode, "PostgreSQL did not stop");
                self.postmaster().is_none()
            }
        }
    }
}

/// The programs for the cluster in `dir`: of the version that created it, or the preferred ones for a new one.
pub fn programs(dir: &Path) -> Result<Programs, LocalPgError> {
    match version(dir) {
        Some(version) => Programs::of_version(version)
            .ok_or_else(|| LocalPgError::NoProgramsOfVersion { cluster: dir.to_owned(), version }),
        None => Programs::preferred().ok_or(LocalPgError::NoPrograms),
    }
}

/// The major version of the cluster in `dir`; `None` without a cluster.
pub fn version(dir: &Path) -> Option<u32> {
    fs::read_to_string(dir.join("PG_VERSION")).ok()?.trim().parse().ok()
}

/// The socket's folder: in the data folder, or in /tmp under a unique name if that path is too long for a socket.
fn socket_dir(data_dir: &Path) -> PathBuf {
    let dir = data_dir.join("run");
    let socket = dir.join(format!(".s.PGSQL.{PORT}"));
    let listable = !dir.as_os_str().as_bytes().iter().any(|byte| b",\"".contains(byte));
    if socket.as_os_str().len() <= LONGEST_SOCKET_PATH
        && listable
        && CString::new(socket.as_os_str().as_bytes()).is_ok()
    {
        return dir;
    }
    let digest = Sha256::digest(data_dir.as_os_str().as_bytes());
    PathBuf::from("/tmp").join(format!("polysink-{digest:.16x}"))
}

/// The content of a running server's `postmaster.pid`.
#[derive(Debug, PartialEq, Eq)]
pub struct Postmaster {
    pid: Pid,
    pub socket_dir: PathBuf,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Starting,
    Ready,
    Stopping,
}

impl Postmaster {
    pub fn read(dir: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(dir.join("postmaster.pid")).ok()?)
    }

    /// Line 1 is the process, 5 the socket's folder, 8 the state: PostgreSQL's `pidfile.h`, the same since version 10.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok().map(Pid::from_raw)?;
        let socket_dir = lines.nth(3).map(PathBuf::from).unwrap_or_default();
        let state = match lines.nth(2).map(str::trim) {
            Some("ready" | "standby") => State::Ready,
            Some("stopping") => State::Stopping,
            _ => State::Starting,
        };
        Some(Self { pid, socket_dir, state })
    }

    /// Whether the process is the server of the cluster in `dir`, not another one with its pid.
    pub fn is_alive(&self, dir: &Path) -> bool {
        if !exists(self.pid) {
            return false;
        }
        if cfg!(target_os = "linux") {
            // A server's working folder is its cluster's. A zombie has none.
            let here = fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
            return fs::read_link(format!("/proc/{}/cwd", self.pid)).is_ok_and(|cwd| cwd == here);
        }
        let mut ps = FileOwner::Ourselves.command(Path::new("/bin/ps"), Path::new("/"));
        run(ps.args(["-o", "comm=", "-p", &self.pid.to_string()]))
            .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("postgres"))
    }
}

/// Whether a process with this pid exists, of any user.
fn exists(pid: Pid) -> bool {
    !matches!(kill(pid, None), Err(nix::errno::Errno::ESRCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_file_has_process_socket_and_state() {
        let text = "4711\n/d/postgres\n1700000000\n5432\n/d/run\n\n  1234 5678\nready   \n";
        let expected = Postmaster { pid: Pid::from_raw(4711), socket_dir: "/d/run".into(), state: State::Ready };
        assert_eq!(Postmaster::parse(text), Some(expected));
        assert_eq!(Postmaster::parse("4711\n").expect("it has a process").state, State::Starting);
        assert_eq!(Postmaster::parse(""), None);
    }

    #[test]
    fn a_deep_data_folder_gets_its_socket_elsewhere() {
        assert_eq!(socket_dir(Path::new("/var/lib/polysink")), Path::new("/var/lib/polysink/run"));
        let deep = PathBuf::from("/").join("d".repeat(100));
        let elsewhere = socket_dir(&deep);
        assert!(elsewhere.starts_with("/tmp") && elsewhere.as_os_str().len() < 40, "{elsewhere:?}");
        assert_ne!(elsewhere, socket_dir(&PathBuf::from("/").join("e".repeat(100))));
    }
}
