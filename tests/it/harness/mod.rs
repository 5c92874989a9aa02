//! What the tests share.

pub mod app;
pub mod bouncer;
pub mod browser;
pub mod citus;
pub mod compared;
pub mod delivery;
pub mod executable;
pub mod hostile;
pub mod load;
pub mod metrics;
pub mod outage;
pub mod polytomic;
pub mod postgres;
pub mod proc;
pub mod process;
pub mod prometheus;
pub mod proxy;
pub mod server;
pub mod sink;
pub mod small_disk;

use std::time::Duration;

pub use app::TestApp;
pub use bouncer::Bouncer;
pub use browser::Browser;
pub use delivery::{Answer, Delivery, SECRET, SYNC, TABLE, record};
pub use load::Load;
pub use metrics::Metrics;
pub use outage::Outage;
pub use postgres::TestDatabase;
pub use process::{LocalService, Service, binary, refuses_to_start, run};
pub use prometheus::Prometheus;
pub use proxy::{Cut, Proxy};
pub use server::Server;
pub use small_disk::SmallDisk;

/// Skips a test that this machine cannot run. Where `CI` is set, that fails the test: none passes there without
/// running.
#[expect(clippy::disallowed_methods, reason = "whether this is CI, only the environment says")]
pub fn skip<T>(why: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none(), "cannot run this test: {why}");
    eprintln!("skipped: {why}");
    None
}

/// Waits until something holds; fails after two minutes.
///
/// * `what`: for the failure's message
pub async fn eventually(what: &str, holds: impl AsyncFnMut() -> bool) {
    assert!(is_in_time(holds).await, "not within two minutes: {what}");
}

/// Waits until something holds. Returns false after two minutes.
pub async fn is_in_time(mut holds: impl AsyncFnMut() -> bool) -> bool {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await; // between two looks
        }
    };
    tokio::time::timeout(Duration::from_secs(120), waiting).await.is_ok()
}

/// A program that `script/tools` fetches; the test is skipped without it.
pub fn tool(name: &str) -> Option<std::path::PathBuf> {
    let program = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin").join(name);
    if program.exists() {
        return Some(program);
    }
    skip(&format!("script/tools has not brought {name}"))
}
