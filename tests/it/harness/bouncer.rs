//! A PgBouncer before the tests' PostgreSQL.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::unistd::geteuid;

use super::TestDatabase;
use super::postgres::{folder, socket};

pub struct Bouncer {
    child: Child,
    dir: tempfile::TempDir,
}

/// Its socket's number, in a folder of its own.
const PORT: u16 = 6432;

impl Bouncer {
    /// How many transactions it runs at once in transaction mode: fewer than a service would like.
    pub const TRANSACTIONS: usize = 6;

    /// Starts one, unless PgBouncer is missing.
    ///
    /// * `mode`: `session` or `transaction`
    pub fn start(mode: &str) -> Option<Self> {
        let program = super::tool("pgbouncer")?;
        let dir = folder();
        let socket = socket();
        let host = socket.parent().expect("it is in a folder").display();
        let path = dir.path().display();
        // As it is installed, but for what a test needs to find it.
        let user = if geteuid().is_root() { "user = postgres" } else { "" };
        let ini = format!(
            "[databases]\n* = host={host}\n[pgbouncer]\n{user}\nlisten_port = {PORT}\nunix_socket_dir = {path}\n\
             logfile = {path}/log\nauth_type = trust\nauth_file = {path}/users\npool_mode = {mode}\n\
             default_pool_size = {}\nmax_client_conn = 200\n",
            if mode == "session" { 60 } else { Self::TRANSACTIONS }
        );
        std::fs::write(dir.path().join("ini"), ini).expect("it can be written");
        std::fs::write(dir.path().join("users"), "\"polysink\" \"\"\n").expect("it can be written");
        if geteuid().is_root() {
            let postgres = nix::unistd::User::from_name("postgres").expect("users can be read").expect("it is there");
            let (uid, gid) = (postgres.uid.as_raw(), postgres.gid.as_raw());
            std::os::unix::fs::chown(dir.path(), Some(uid), Some(gid)).expect("root may");
        }
        // The libraries that `script/tools` brought with it.
        let real = std::fs::canonicalize(&program).expect("it is there");
        let libraries = real.ancestors().nth(3).expect("it is in usr/sbin").join("usr/lib/x86_64-linux-gnu");
        let child = Command::new(program)
            .arg(dir.path().join("ini"))
            .env("LD_LIBRARY_PATH", libraries)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it can be run");
        let bouncer = Self { child, dir };
        let began = Instant::now();
        while !bouncer.dir.path().join(format!(".s.PGSQL.{PORT}")).exists() {
            let log = || std::fs::read_to_string(bouncer.dir.path().join("log")).unwrap_or_default();
            assert!(began.elapsed() < Duration::from_secs(30), "it does not start: {}", log());
            std::thread::sleep(Duration::from_millis(10)); // between two looks
        }
        Some(bouncer)
    }

    /// `DATABASE_URL` for the way through it.
    pub fn url(&self, db: &TestDatabase) -> String {
        format!("postgres://polysink@/{}?host={}&port={PORT}", db.name, self.dir.path().display())
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
