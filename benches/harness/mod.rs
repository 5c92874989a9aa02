//! What the benchmarks share: one real service with its private PostgreSQL.
#![allow(dead_code, reason = "each benchmark uses its part of this")]

#[path = "../../tests/it/harness/executable.rs"]
mod executable;
#[path = "../../tests/it/harness/proc.rs"]
pub mod proc;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::SecondsFormat;
use serde_json::json;
use sqlx::postgres::PgPool;
use uuid::Uuid;

use executable::executable;

const CONNECTIONS: &str = "8";

/// A service that is stopped at the end.
pub struct Service {
    child: Child,
    /// The webhook.
    pub url: String,
    /// The admin listener, without a path.
    pub admin: String,
    pub data: tempfile::TempDir,
}

impl Service {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// With further settings.
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        let data = tempfile::Builder::new().prefix("polysink-bench-").tempdir().expect("there is a temporary folder");
        std::fs::set_permissions(data.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).expect("it is ours");
        let mut child = polysink(data.path())
            .env("POLYSINK_LISTEN", "127.0.0.1:0")
            .env("POLYSINK_ADMIN_LISTEN", "127.0.0.1:0")
            .env("POLYSINK_LOG", "error")
            .envs(settings.iter().copied())
            .arg("serve")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary can be run");
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("its output is piped"));
        out.read_line(&mut line).expect("its output is text");
        let url = line.trim().strip_prefix("Listening on ").expect("the service starts").to_owned();
        line.clear();
        out.read_line(&mut line).expect("its output is text");
        let admin = line.trim().rsplit_once(" on ").expect("it has an admin listener").1;
        let admin = admin.trim_end_matches("/metrics").to_owned();
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        Self { child, url, admin, data }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends made-up records of a sync; returns the records a second that were acknowledged.
    pub fn send(&self, sync_id: Uuid, records: u64, more: &[&str]) -> f64 {
        let (records, sync) = (records.to_string(), sync_id.to_string());
        let name = format!("Bench {}", sync_id.simple());
        let output = polysink(self.data.path())
            .args(["send", "--url", &self.url, "--records", &records, "--sync-id", &sync, "--name", &name])
            .args(["--connections", CONNECTIONS])
            .args(more)
            .output()
            .expect("the binary can be run");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        let rate = said.lines().find_map(|line| line.strip_prefix("took")?.split(": ").nth(1)?.split(' ').next());
        rate.expect("it says how fast it was").replace(',', "").parse().expect("a rate is a number")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id().cast_signed());
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        let _ = self.child.wait();
    }
}

/// The binary, on the data folder of a service.
pub fn polysink(data: &Path) -> Command {
    let mut command = Command::new(executable());
    command.env("POLYSINK_DATA_DIR", data);
    command
}

/// Posts records of a sync. Returns whether they were stored, and how long the answer took.
pub async fn deliver(
    http: &reqwest::Client,
    url: &str,
    secret: &str,
    sync_id: Uuid,
    name: &str,
    records: &[serde_json::Value],
) -> (bool, Duration) {
    let object = json!({"id": sync_id, "name": name, "records": records, "metadata": {}});
    let request = http
        .post(url)
        .bearer_auth(secret)
        .header("polytomic-signature-timestamp", polysink::app::now().to_rfc3339_opts(SecondsFormat::Secs, true))
        .json(&json!({"event": "sync.records", "object": object}));
    let began = Instant::now();
    let stored = request.send().await.is_ok_and(|answer| answer.status().is_success());
    (stored, began.elapsed())
}

/// Waits until everything that was acknowledged can be queried.
pub async fn drained(pool: &PgPool) {
    while sqlx::query_scalar::<_, bool>("select exists (select from polysink.backlog)")
        .fetch_one(pool)
        .await
        .expect("it answers")
    {
        tokio::time::sleep(Duration::from_millis(2)).await; // between two looks
    }
}

/// How many rows a large table has.
#[expect(clippy::disallowed_methods, reason = "a benchmark has no settings")]
pub fn rows() -> u64 {
    std::env::var("POLYSINK_BENCH_ROWS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000)
}
