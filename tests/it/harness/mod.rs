//! What the tests share.

pub mod app;
pub mod compared;
pub mod delivery;
pub mod hostile;
pub mod load;
pub mod metrics;
pub mod outage;
pub mod postgres;
pub mod process;
pub mod proxy;
pub mod server;
pub mod small_disk;

pub use app::TestApp;
pub use delivery::{Answer, Delivery, SECRET, SYNC, record};
pub use load::Load;
pub use metrics::Metrics;
pub use outage::Outage;
pub use postgres::TestDatabase;
pub use process::{LocalService, Service, binary, run};
pub use proxy::{Cut, Proxy};
pub use server::Server;
pub use small_disk::SmallDisk;
