//! The receivers that one would write instead: `benches/peers/`. Each stores the raw body and the records, and types
//! nothing.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tokio::net::TcpStream;

use crate::figures::Turn;
use crate::harness::eventually;
use crate::harness::proc::children;
use crate::load::Deliveries;
use crate::measure::{Database, Measured};

/// A receiver that runs.
pub struct Peer {
    pub turn: Turn,
    child: Child,
    url: String,
}

impl Peer {
    /// Starts all that can be: without Node or Python, or without their packages, there are fewer.
    pub async fn start_all(database: &Database) -> Vec<Self> {
        let folder = copied();
        let schema = std::fs::read_to_string(folder.join("schema.sql")).expect("it was copied");
        database.server.run(&schema).await;
        let mut peers = Vec::new();
        if has_node_packages(&folder) {
            for (turn, file) in [(Turn::Fastify, "fastify_unnest.js"), (Turn::Express, "express_rows.js")] {
                let mut command = Command::new("node");
                command.arg(file).env("DATABASE_URL", database.url());
                peers.extend(Self::start(turn, command, &folder).await);
            }
        }
        if has_python_packages(&folder) {
            let mut command = Command::new(folder.join("venv/bin/uvicorn"));
            command.args(["fastapi_asyncpg:app", "--workers", "2", "--log-level", "error"]);
            // Its driver takes the socket from the parameter only if the URL has no other host.
            command.env("DATABASE_URL", database.url().replacen("@localhost/", "@/", 1));
            peers.extend(Self::start(Turn::FastApi, command, &folder).await);
        }
        peers
    }

    async fn start(turn: Turn, mut command: Command, folder: &Path) -> Option<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).ok()?.port();
        if turn == Turn::FastApi {
            command.args(["--port", &port.to_string()]);
        }
        let child = command.env("PORT", port.to_string()).current_dir(folder).stdout(Stdio::null()).spawn().ok()?;
        let peer = Self { turn, child, url: format!("http://127.0.0.1:{port}/webhooks/polytomic") };
        eventually("it listens", async || TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
        Some(peer)
    }

    /// Sends it the deliveries, of which it has stored none.
    pub async fn run(&self, database: &Database, deliveries: &Deliveries, connections: usize) -> Measured {
        database.server.run("truncate peer.envelopes, peer.records").await;
        let mut own = children(self.child.id());
        own.push(self.child.id());
        let before = database.counters(&own).await;
        let took = deliveries.send(&self.url, "secret", connections).await;
        let after = database.counters(&own).await;
        assert_eq!(database.rows("peer.records").await, deliveries.records, "every record is a row");
        Measured::of(deliveries.records, took, took, before, after)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Its workers end with it.
        let pid = nix::unistd::Pid::from_raw(self.child.id().cast_signed());
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        let _ = self.child.wait();
    }
}

/// The folder in which they run.
fn copied() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("target/peers");
    std::fs::create_dir_all(&folder).expect("it can be made");
    for file in std::fs::read_dir(root.join("benches/peers")).expect("it is there") {
        let file = file.expect("it can be read");
        std::fs::copy(file.path(), folder.join(file.file_name())).expect("it can be copied");
    }
    folder
}

/// Has npm fetch the packages once.
fn has_node_packages(folder: &Path) -> bool {
    let works = folder.join("node_modules/express").exists()
        || succeeds(Command::new("npm").args(["install", "--no-audit", "--no-fund"]).current_dir(folder));
    if !works {
        eprintln!("Node or its packages are missing: polysink is not compared with Fastify and Express");
    }
    works
}

/// Has pip fetch the packages once.
fn has_python_packages(folder: &Path) -> bool {
    let works = folder.join("venv/bin/uvicorn").exists()
        || succeeds(Command::new("python3").args(["-m", "venv", "venv"]).current_dir(folder))
            && succeeds(
                Command::new("venv/bin/pip").args(["install", "--quiet", "-r", "requirements.txt"]).current_dir(folder),
            );
    if !works {
        eprintln!("Python or its packages are missing: polysink is not compared with FastAPI");
    }
    works
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}
