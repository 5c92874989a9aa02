//! The real binary, as a real process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};

/// The binary, in an environment that holds nothing of polysink's but what a test adds, in a folder without a `.env`.
pub fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polysink"));
    clean(&mut command);
    command
}

/// Leaves of the environment what a program needs to run.
pub fn clean(command: &mut Command) {
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LANG", "C.UTF-8").current_dir("/");
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().expect("the program can be run")
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
    pub fn start(mut command: Command) -> Self {
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
        // Read on, so that a full pipe never stops it.
        let mut errors = child.stderr.take().expect("its errors are piped");
        std::thread::spawn(move || std::io::copy(&mut errors, &mut std::io::sink()));
        Self { child, out, url }
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

    /// Waits for its end. Returns what else it wrote to standard output.
    pub fn wait(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().expect("it is our child");
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("its output is text");
        (status, rest)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
