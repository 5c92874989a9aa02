//! `/metrics`

use std::path::Path;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};

use super::{AdminOptions, Shared};
use crate::disk::DiskSpace;
use crate::metrics::{self, DiskUse, InProcess, SpoolUse};

/// All metrics in Prometheus' text format.
pub async fn metrics(shared: web::Data<Shared>) -> HttpResponse {
    let (observed, up) = shared.observation.latest().await;
    let options = &shared.options;
    let text = options.metrics.encode(&held(options), observed.as_deref(), up, (options.now)());
    HttpResponse::Ok().insert_header((CONTENT_TYPE, metrics::CONTENT_TYPE)).body(text)
}

/// The state of this process now.
fn held(options: &AdminOptions) -> InProcess {
    let (in_flight_bytes, in_flight_bytes_limit) = options.public_use.in_flight_bytes();
    let (connections, connections_limit) = options.public_use.connections();
    let totals = options.queue.spooled();
    let spool = SpoolUse {
        deliveries: totals.entries,
        bytes: totals.bytes,
        bytes_limit: options.spool_max,
        oldest: totals.oldest_at(),
        set_aside: options.queue.set_aside(),
        failing_since: options.queue.spool_failing_since(),
        works: options.queue.spool_status().is_some_and(|status| status.takes_deliveries()),
    };
    InProcess {
        queued: options.queue.waiting(),
        in_flight: options.queue.in_flight(),
        in_flight_bytes,
        in_flight_bytes_limit,
        connections,
        connections_limit,
        certificate_ends_at: options.public_use.certificate_ends_at().map(|at| at.timestamp()),
        pools: options.store.pools(),
        takes_deliveries: !options.queue.is_away(),
        spool,
        disks: options.folders.iter().filter_map(|(of, folder)| disk(of, folder)).collect(),
    }
}

fn disk(of: &'static str, folder: &Path) -> Option<DiskUse> {
    let DiskSpace { free, size } = DiskSpace::of(folder)?;
    Some(DiskUse { of, free_bytes: free, size_bytes: size })
}
