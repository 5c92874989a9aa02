//! What a service keeps in memory of what has come and gone: `cargo bench --bench left_behind`.
//!
//! One real service with its private PostgreSQL. Told is its resident memory after each load, once everything is in the
//! query tables and the allocator has had a moment to return what is free, in MiB; and how much more that is than
//! before the load.

mod harness;

use std::net::SocketAddr;
use std::time::Duration;

use polysink::local_pg;
use serde_json::{Value, json};
use sqlx::postgres::PgPool;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use uuid::Uuid;

use harness::proc::status;
use harness::{Service, deliver, drained};

const SYNCS: usize = 10_000;
const NAMES: usize = 10_000;
const CONNECTIONS: usize = 100_000;
const LARGE: usize = 60;
const LARGE_BYTES: usize = 5 << 20;

/// How many clients there are at once.
const CLIENTS: usize = 16;

/// For the allocator and the pools.
const MOMENT: Duration = Duration::from_secs(5);

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    runtime.block_on(run());
}

async fn run() {
    let service = Service::start();
    let secret = std::fs::read_to_string(service.data.path().join("secret")).expect("it was made").trim().to_owned();
    let running = local_pg::running(service.data.path()).expect("it runs");
    let pool = PgPool::connect_with(running.options).await.expect("it runs");
    let client = Client { http: reqwest::Client::new(), url: service.url.clone(), secret };
    let one = || [json!({"hash": Uuid::new_v4(), "fields": {"id": 1}})];
    // The first load warms everything up.
    at_once(1_000, |_| client.send(Uuid::new_v4(), "Warm up", &one())).await;
    let mut before = at_rest(&service, &pool).await;
    println!("| what came and went | MiB then | more |\n|---|---|---|\n| nothing | {before} | |");
    let mut tell = async |what: &str| {
        let now = at_rest(&service, &pool).await;
        println!("| {what} | {now} | {} |", now.saturating_sub(before));
        before = now;
    };
    at_once(LARGE, |n| client.send(Uuid::from_u128(n as u128 + 1), &"x".repeat(LARGE_BYTES), &one())).await;
    tell("60 syncs with names of 5 MB").await;
    let sync = Uuid::new_v4();
    at_once(NAMES, |n| client.send(sync, &format!("Name {n}"), &[])).await;
    tell("10,000 names of one sync").await;
    let address: SocketAddr = service.url.split('/').nth(2).expect("it has a host").parse().expect("it is an address");
    at_once(CONNECTIONS, |_| async move {
        let stream = TcpStream::connect(address).await.expect("it listens");
        stream.set_zero_linger().expect("it is open");
    })
    .await;
    tell("100,000 connections").await;
    at_once(SYNCS, |n| client.send(Uuid::new_v4(), &format!("Sync {n}"), &one())).await;
    tell("10,000 syncs").await;
}

#[derive(Clone)]
struct Client {
    http: reqwest::Client,
    url: String,
    secret: String,
}

impl Client {
    /// Posts records of a sync, until they are stored.
    fn send(&self, sync_id: Uuid, name: &str, records: &[Value]) -> impl Future<Output = ()> + Send + use<> {
        let (client, name, records) = (self.clone(), name.to_owned(), records.to_vec());
        async move {
            // A service that has too much in flight says so.
            while !deliver(&client.http, &client.url, &client.secret, sync_id, &name, &records).await.0 {}
        }
    }
}

/// Does it so many times, a few at once.
async fn at_once<F: Future<Output = ()> + Send + 'static>(times: usize, work: impl Fn(usize) -> F) {
    let mut running = JoinSet::new();
    for n in 0..times {
        if running.len() == CLIENTS {
            running.join_next().await.expect("some run").expect("it does not panic");
        }
        running.spawn(work(n));
    }
    running.join_all().await;
}

/// The service's memory in MiB, once all is projected.
async fn at_rest(service: &Service, pool: &PgPool) -> u64 {
    drained(pool).await;
    tokio::time::sleep(MOMENT).await; // see above
    status(service.pid(), "VmRSS:") / 1_024
}
