//! The real binary, as a real process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::executable::executable;
use super::{Delivery, eventually, postgres};

/// The binary, in an environment that holds nothing of polysink's but what a test adds, in a folder without a `.env`.
pub fn binary() -> Command {
    let mut command = Command::new(executable());
    clean(&mut command);
    command.env("POLYSINK_ADMIN_LISTEN", "off");
    command
}

/// Leaves of the environment what a program needs to run.
pub fn clean(command: &mut Command) {
    let mut path = "/usr/local/bin:/usr/bin:/bin".to_owned();
    if let Some(programs) = postgres::programs() {
        path = format!("{}:{path}", programs.display());
    }
    command.env_clear().env("PATH", path).env("LANG", "C.UTF-8").current_dir("/");
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().expect("the program can be run")
}

/// Runs a `serve` that should end with an error, and returns what it says. One that goes on instead has failed.
pub fn refuses_to_start(command: &mut Command) -> String {
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary can be run");
    let mut errors = child.stderr.take().expect("its errors are piped");
    let reading = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = errors.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    let began = std::time::Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("it is our child") {
            break Some(status);
        }
        if began.elapsed() > Duration::from_secs(60) {
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        std::thread::sleep(Duration::from_millis(20)); // between two looks
    };
    let said = reading.join().expect("it does not panic");
    assert!(status.is_some_and(|status| status.code() == Some(1)), "it started: {said}");
    said
}

/// Runs a command on a database. Returns whether it succeeded, and what it said on both outputs.
pub fn polysink(url: &str, arguments: &[&str]) -> (bool, String) {
    let output = run(binary().env("DATABASE_URL", url).args(arguments));
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// The same for a command that has to work.
#[track_caller]
pub fn works(url: &str, arguments: &[&str]) -> String {
    let (worked, said) = polysink(url, arguments);
    assert!(worked, "{arguments:?}: {said}");
    said
}

/// A `polysink serve` that runs. Killed when dropped.
pub struct Service {
    child: Child,
    out: BufReader<ChildStdout>,
    /// The webhook's URL, as the first line on standard output tells it.
    pub url: String,
}

impl Service {
    /// Starts it and waits until it listens.
    ///
    /// * `command`: with the settings, up to and including `serve`
    pub fn start(command: Command) -> Self {
        Self::start_logging(command).0
    }

    /// The same; the thread returns what it wrote to standard error, once it has ended.
    pub fn start_logging(command: Command) -> (Self, JoinHandle<String>) {
        let (service, mut errors) = Self::start_unread(command);
        // Read on, so that the whole log is there.
        let log = std::thread::spawn(move || {
            let mut log = Vec::new();
            let _ = errors.read_to_end(&mut log);
            String::from_utf8_lossy(&log).into_owned()
        });
        (service, log)
    }

    /// The same; nothing reads its standard error.
    pub fn start_unread(mut command: Command) -> (Self, ChildStderr) {
        let mut child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary can be run");
        let mut out = BufReader::new(child.stdout.take().expect("its output is piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("its output is text");
        let Some(url) = line.trim_end().strip_prefix("Listening on ") else {
            let mut errors = String::new();
            let _ = child.stderr.take().expect("its errors are piped").read_to_string(&mut errors);
            panic!("the service did not start: {errors}");
        };
        let url = url.to_owned();
        let errors = child.stderr.take().expect("its errors are piped");
        (Self { child, out, url }, errors)
    }

    /// Waits until it has migrated its database. A service does not wait for that on a slow machine before it listens,
    /// and spools what it gets meanwhile.
    pub fn prepared(self) -> Self {
        let base = self.url.strip_suffix("/webhooks/polytomic").expect("it is the webhook");
        let address = base.strip_prefix("http://").expect("it is plain HTTP");
        let started = Instant::now();
        loop {
            let mut connection = TcpStream::connect(address).expect("it listens");
            let request = format!("GET /health/ready HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
            connection.write_all(request.as_bytes()).expect("it reads");
            let mut answer = String::new();
            connection.read_to_string(&mut answer).expect("it answers with text");
            if answer.contains(r#""database":"ok""#) {
                return self;
            }
            assert!(started.elapsed() < Duration::from_secs(300), "its database is not prepared: {answer}");
            std::thread::sleep(Duration::from_millis(20)); // between two looks
        }
    }

    /// On a database, with one secret, on any port.
    pub fn on(database_url: &str, data_dir: &Path) -> Command {
        let mut command = binary();
        command
            .env("DATABASE_URL", database_url)
            .env("POLYSINK_SECRETS", super::SECRET)
            .env("POLYSINK_LISTEN", "127.0.0.1:0")
            .env("POLYSINK_DATA_DIR", data_dir)
            .arg("serve");
        command
    }

    /// The next line on standard output.
    pub fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("its output is text");
        line.trim_end().to_owned()
    }

    /// The URL of the metrics of a service with an admin listener, as its second line tells it.
    pub fn metrics_url(&mut self) -> String {
        let line = self.next_line();
        line.split_once(", metrics on ").unwrap_or_else(|| panic!("the second line is {line:?}")).1.to_owned()
    }

    pub fn pid(&self) -> nix::unistd::Pid {
        nix::unistd::Pid::from_raw(self.child.id().cast_signed())
    }

    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        nix::sys::signal::kill(self.pid(), signal).expect("it runs");
    }

    /// Kills it as a lack of memory would.
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it is our child");
    }

    /// Asks it to stop, and waits. Returns what else it wrote to standard output.
    pub fn stop(self) -> (ExitStatus, String) {
        self.signal(nix::sys::signal::Signal::SIGTERM);
        self.wait()
    }

    /// Asks it to stop; one that takes longer than systemd and compose allow has failed.
    pub async fn ends_in_time(&mut self) -> ExitStatus {
        self.signal(nix::sys::signal::Signal::SIGTERM);
        self.ends().await
    }

    /// Waits for its end, as long as systemd and compose do.
    pub async fn ends(&mut self) -> ExitStatus {
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait().expect("it is our child") {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(20)).await; // between two looks
            }
        };
        tokio::time::timeout(Duration::from_secs(40), ended).await.expect("it ends")
    }

    /// Waits for its end. Returns what else it wrote to standard output.
    pub fn wait(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().expect("it is our child");
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("its output is text");
        (status, rest)
    }
}

/// A service with a private PostgreSQL of its own, in a temporary folder.
pub struct LocalService {
    pub service: Service,
    /// The data folder.
    pub data: PathBuf,
    _dir: tempfile::TempDir,
}

impl LocalService {
    pub fn start() -> Self {
        let dir = postgres::folder();
        let data = dir.path().join("data");
        Self { service: Service::start(Self::command(&data)), data, _dir: dir }
    }

    /// What starts a service on a data folder.
    pub fn command(data: &Path) -> Command {
        let mut command = binary();
        command.env("POLYSINK_LISTEN", "127.0.0.1:0").env("POLYSINK_DATA_DIR", data).arg("serve");
        command
    }

    /// The delivery with the secret that this service made.
    pub fn sign(&self, delivery: Delivery) -> Delivery {
        let secret = std::fs::read_to_string(self.data.join("secret")).expect("it was made");
        delivery.with("authorization", &format!("Bearer {}", secret.trim()))
    }

    /// What a statement selects, as psql prints it.
    pub fn psql(&self, sql: &str) -> String {
        let output = run(binary().env("POLYSINK_DATA_DIR", &self.data).args(["psql", "-X", "-Atqc", sql]));
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Waits until a statement selects this; a test that would wait forever fails instead.
    pub async fn becomes(&self, sql: &str, text: &str) {
        eventually(sql, async || self.psql(sql) == text).await;
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
