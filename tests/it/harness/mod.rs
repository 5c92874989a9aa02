//! What the tests share.

pub mod app;
pub mod bouncer;
pub mod compared;
pub mod delivery;
pub mod hostile;
pub mod load;
pub mod metrics;
pub mod outage;
pub mod postgres;
pub mod process;
pub mod prometheus;
pub mod proxy;
pub mod server;
pub mod small_disk;

pub use app::TestApp;
pub use bouncer::Bouncer;
pub use delivery::{Answer, Delivery, SECRET, SYNC, record};
pub use load::Load;
pub use metrics::Metrics;
pub use outage::Outage;
pub use postgres::TestDatabase;
pub use process::{LocalService, Service, binary, refuses_to_start, run};
pub use prometheus::Prometheus;
pub use proxy::{Cut, Proxy};
pub use server::Server;
pub use small_disk::SmallDisk;

/// A program that `script/tools` fetches. Where that cannot, the test is skipped; CI has it.
#[expect(clippy::disallowed_methods, reason = "whether this is CI, only the environment says")]
pub fn tool(name: &str) -> Option<std::path::PathBuf> {
    let program = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin").join(name);
    if program.exists() {
        return Some(program);
    }
    assert!(std::env::var_os("CI").is_none(), "script/tools has not brought {name}");
    eprintln!("{name} is missing; see script/tools");
    None
}
