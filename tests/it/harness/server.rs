//! A PostgreSQL of a test's own, which it can stop, freeze and start again.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use polysink::local_pg::{self, LocalPostgres};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, PgPool};

use super::proc::children;

pub struct Server {
    local: Option<LocalPostgres>,
    data: PathBuf,
    options: PgConnectOptions,
    socket_dir: PathBuf,
    /// As the superuser.
    pub pool: PgPool,
    _dir: tempfile::TempDir,
}

/// The files of a server, from which another one can be started.
pub struct BaseBackup {
    dir: tempfile::TempDir,
    data: PathBuf,
}

impl BaseBackup {
    /// * `signal`: the file that says what the server is: `standby.signal` or `recovery.signal`
    /// * `settings`: lines for `postgresql.auto.conf`
    pub fn start(self, signal: &str, settings: &str) -> Server {
        let cluster = self.data.join("postgres");
        std::fs::write(cluster.join(signal), "").expect("it can be written");
        let auto = cluster.join("postgresql.auto.conf");
        let settings = std::fs::read_to_string(&auto).expect("it is there") + settings;
        std::fs::write(&auto, settings).expect("it can be written");
        Server::on(self.dir, self.data)
    }
}

impl Server {
    pub fn start() -> Self {
        let dir = super::postgres::folder();
        let data = dir.path().join("data");
        Self::on(dir, data)
    }

    /// Starts the server of a data folder.
    fn on(dir: tempfile::TempDir, data: PathBuf) -> Self {
        let local = LocalPostgres::start(&data).expect("it starts");
        let running = local_pg::running(&data).expect("it runs");
        let pool = PgPoolOptions::new().max_connections(2).connect_lazy_with(running.options.clone());
        let (options, socket_dir) = (running.options, running.socket_dir);
        Self { local: Some(local), data, options, socket_dir, pool, _dir: dir }
    }

    /// A streaming replica of it. Stops and starts it to copy its files.
    pub fn standby(&mut self) -> Self {
        let primary = format!("primary_conninfo = 'host={} user=polysink'\n", self.socket_dir.display());
        self.base_backup().start("standby.signal", &primary)
    }

    /// A copy of its files, as a base backup is. Stops and starts it.
    pub fn base_backup(&mut self) -> BaseBackup {
        let dir = super::postgres::folder();
        let data = dir.path().join("data");
        self.local.take().expect("it runs").stop_within(Duration::from_secs(30));
        let copied =
            std::process::Command::new("cp").arg("-a").args([&self.data, &data]).status().expect("there is cp");
        assert!(copied.success());
        self.start_again();
        BaseBackup { dir, data }
    }

    /// Writes a file into the server's folder, as one of its user.
    pub fn write(&self, name: &str, content: &str) {
        let path = self.data.join("postgres").join(name);
        std::fs::write(&path, content).expect("it can be written");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("the file is ours");
        self.give(&path);
    }

    /// The content of a file in the server's folder.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.data.join("postgres").join(name)).expect("it can be read")
    }

    /// The folder of its socket, as a parameter `host`.
    pub fn host(&self) -> String {
        self.socket_dir.display().to_string()
    }

    /// The path of its socket.
    pub fn socket(&self) -> PathBuf {
        self.socket_dir.join(format!(".s.PGSQL.{}", self.options.get_port()))
    }

    /// As `DATABASE_URL` would have it.
    pub fn url(&self) -> String {
        self.url_as("polysink")
    }

    /// The same for another role.
    pub fn url_as(&self, role: &str) -> String {
        format!("postgres://{role}@localhost/polysink?host={}", self.socket_dir.display())
    }

    /// Makes a folder one of the server's user.
    pub fn give(&self, folder: &Path) {
        let owner = std::fs::metadata(self.data.join("postgres")).expect("the server's folder is there");
        std::os::unix::fs::chown(folder, Some(owner.uid()), Some(owner.gid())).expect("this user may");
    }

    /// Stops it as a crash would.
    pub fn stop(&mut self) {
        self.local.take().expect("it runs").stop_immediately();
    }

    pub fn start_again(&mut self) {
        self.local = Some(LocalPostgres::start(&self.data).expect("it starts"));
    }

    /// Stops all its processes where they are, or lets them go on.
    pub fn signal(&self, signal: Signal) {
        let postmaster = self.postmaster();
        for pid in std::iter::once(postmaster).chain(children(postmaster)) {
            let _ = kill(Pid::from_raw(pid.cast_signed()), signal); // a child may have ended
        }
    }

    /// The process that has started the others.
    pub fn postmaster(&self) -> u32 {
        let file = self.read("postmaster.pid");
        file.lines().next().expect("its first line is the process").parse().expect("a number")
    }

    /// Runs a script, on a connection of its own.
    pub async fn run(&self, sql: &str) {
        self.run_in("polysink", sql).await;
    }

    /// Runs a script in another database.
    pub async fn run_in(&self, database: &str, sql: &str) {
        use sqlx::Connection as _;
        let options = self.options.clone().database(database);
        let mut connection = sqlx::PgConnection::connect_with(&options).await.expect("it takes connections");
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.expect("the script is good");
    }

    /// What a statement selects.
    pub async fn text(&self, sql: &'static str) -> String {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect("the statement is good")
    }

    /// Waits until a statement selects this text. While the server is away, or has no tables yet, it does not.
    pub async fn becomes(&self, sql: &'static str, text: &str) {
        let mut last = None;
        let looks = async {
            loop {
                last = Some(sqlx::query_scalar::<_, String>(sql).fetch_one(&self.pool).await);
                if matches!(&last, Some(Ok(found)) if found == text) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await; // between two looks
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(60), looks).await.is_ok();
        assert!(in_time, "{sql}: {last:?} is not {text}");
    }
}
