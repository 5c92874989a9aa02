//! Mixed deliveries for ten minutes or an hour, and what the service holds meanwhile. `script/soak` runs it.
//!
//! Deliveries of new and changed entities, repetitions, invalid records, malformed bodies, wrong secrets, large ones,
//! and every few seconds a field that is new; now and then the tables are rebuilt. Halfway, sixteen bodies of 27 MB
//! arrive at once. Every second memory, open files, connections, backlog and spool are sampled. At the end they are
//! plotted, and compared: nothing may grow, and memory must come back.

#[path = "../benches/harness/mod.rs"]
mod harness;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::SecondsFormat;
use clap::Parser;
use flate2::Compression;
use flate2::write::GzEncoder;
use plotters::prelude::*;
use polysink::local_pg;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use sqlx::postgres::PgPool;
use tokio::task::JoinSet;
use uuid::Uuid;

use harness::proc::status;
use harness::{Service, drained, polysink};

/// Senders, and how long each takes for a delivery and its pause.
const SENDERS: u64 = 4;
const EVERY: Duration = Duration::from_millis(100);

/// Records of an ordinary delivery, and of a large one.
const RECORDS: usize = 50;
const MANY_RECORDS: usize = 10_000;

/// How many entities change.
const ENTITIES: u32 = 20_000;

/// A new field appears, and the tables are rebuilt.
const FIELD_EVERY: Duration = Duration::from_secs(20);
const REBUILD_EVERY: Duration = Duration::from_secs(60);

/// The burst: bodies at once, and records of each, which make 27 MB.
const BURST: usize = 16;
const BURST_RECORDS: usize = 96_000;

/// How long after the load memory has to be back.
const REST: Duration = Duration::from_secs(60);

/// Sends mixed deliveries, samples what the service holds, and plots it.
#[derive(Parser)]
struct Options {
    /// How long the load lasts.
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// Where the plot goes.
    #[arg(long, default_value = "target/soak.svg")]
    plot: PathBuf,
    /// Chooses the deliveries.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What the service holds at one moment.
#[derive(Debug, Clone, Copy, Default)]
struct Sample {
    /// Seconds since the start.
    at: f64,
    memory_mib: f64,
    open_files: f64,
    connections: f64,
    /// Deliveries that are not in the query tables.
    backlog: f64,
    spooled: f64,
}

/// What is plotted and compared.
type Series = (&'static str, fn(&Sample) -> f64);

const SERIES: [Series; 5] = [
    ("memory (RSS), MiB", |sample| sample.memory_mib),
    ("open files", |sample| sample.open_files),
    ("connections to the database", |sample| sample.connections),
    ("backlog, deliveries", |sample| sample.backlog),
    ("spool, deliveries", |sample| sample.spooled),
];

/// What was sent, by answer.
#[derive(Debug, Default)]
struct Answers {
    deliveries: AtomicU64,
    records: AtomicU64,
    rejected: AtomicU64,
    refused: AtomicU64,
    unexpected: Mutex<Vec<String>>,
}

/// What all senders share.
struct Shared {
    http: reqwest::Client,
    url: String,
    secret: String,
    sync_id: Uuid,
    began: Instant,
    over: AtomicBool,
    answers: Answers,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    ExitCode::from(u8::from(!runtime.block_on(soak(&options))))
}

/// Returns whether all is well.
async fn soak(options: &Options) -> bool {
    let length = Duration::from_secs(options.minutes * 60);
    let service = Service::start();
    let database = local_pg::running(service.data.path()).expect("it runs").options;
    let pool = PgPool::connect_with(database.application_name("soak")).await.expect("it takes connections");
    let secret = std::fs::read_to_string(service.data.path().join("secret")).expect("it was made").trim().to_owned();
    let shared = Arc::new(Shared {
        http: reqwest::Client::builder().no_proxy().build().expect("a client can be made"),
        url: service.url.clone(),
        secret,
        sync_id: Uuid::now_v7(),
        began: Instant::now(),
        over: AtomicBool::new(false),
        answers: Answers::default(),
    });
    tokio::time::sleep(Duration::from_secs(3)).await; // the service has started
    let idle = memory_mib(service.pid());

    let samples = Arc::<Mutex<Vec<Sample>>>::default();
    let watch =
        tokio::spawn(sample_each_second(Arc::clone(&shared), service.pid(), pool.clone(), Arc::clone(&samples)));
    let mut senders: JoinSet<()> =
        (0..SENDERS).map(|n| send(Arc::clone(&shared), options.seed.wrapping_add(n))).collect();
    senders.spawn(rebuild_now_and_then(Arc::clone(&shared), service.data.path().to_owned()));
    tokio::time::sleep(length / 2).await; // the first half of the load
    std::fs::write(format!("/proc/{}/clear_refs", service.pid()), "5").expect("the process is ours");
    send_burst(Arc::clone(&shared)).await;
    let peak = mib(status(service.pid(), "VmHWM:"));
    tokio::time::sleep(length.saturating_sub(shared.began.elapsed())).await; // the second half
    shared.over.store(true, Ordering::Relaxed);
    senders.join_all().await;
    drained(&pool).await;
    tokio::time::sleep(REST).await; // the time in which memory has to come back
    let rested = memory_mib(service.pid());
    watch.abort();
    let samples = std::mem::take(&mut *samples.lock().unwrap_or_else(PoisonError::into_inner));
    let end_of_load = samples.partition_point(|sample| sample.at < length.as_secs_f64());
    plot(&options.plot, &samples, length.as_secs_f64()).expect("the plot can be written");

    let Answers { deliveries, records, rejected, refused, unexpected } = &shared.answers;
    let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
    println!(
        "{} minutes: {} deliveries with {} records stored, {} records rejected, {} deliveries refused as they should \
         be",
        options.minutes,
        load(deliveries),
        load(records),
        load(rejected),
        load(refused)
    );
    println!("Memory: {idle:.0} MiB idle, {peak:.0} at the most in the burst, {rested:.0} a minute after the load.");
    let mut well = rested <= 2.0 * idle;
    for (name, value) in SERIES {
        let (change, mean) = trend(&samples[end_of_load * 3 / 4..end_of_load], value);
        println!(
            "{name}: {mean:.0} on average in the last quarter of the load, {change:+.0} from its begin to its end"
        );
        well &= change <= f64::max(mean * 0.1, 5.0);
    }
    let unexpected = std::mem::take(&mut *unexpected.lock().unwrap_or_else(PoisonError::into_inner));
    println!("Unexpected answers: {}", unexpected.len());
    unexpected.iter().take(5).for_each(|answer| println!("  {answer}"));
    let (stored, counted) = counts(&pool).await;
    println!("Records in the envelopes: {stored}; in the ledger and the quarantine: {counted}.");
    println!("Plot: {}", options.plot.display());
    well && unexpected.is_empty() && stored == counted && stored == load(records) + load(rejected)
}

/// Records that were received: by the envelopes, and by ledger and quarantine.
async fn counts(pool: &PgPool) -> (u64, u64) {
    let (stored, counted): (i64, i64) = sqlx::query_as(
        "select (select sum(record_count)::bigint from polysink.envelopes),
                (select sum(times_received)::bigint from polysink.records)
              + (select count(*) from polysink.rejections where scope = 'record')",
    )
    .fetch_one(pool)
    .await
    .expect("it answers");
    (stored.unsigned_abs(), counted.unsigned_abs())
}

async fn send(shared: Arc<Shared>, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut last = delivery(&shared, records(&shared, &mut random, RECORDS));
    while !shared.over.load(Ordering::Relaxed) {
        let next = tokio::time::sleep(EVERY); // the rate of the traffic
        match random.random_range(0..200) {
            0..140 => {
                last = delivery(&shared, records(&shared, &mut random, RECORDS));
                post(&shared, &last, random.random(), &shared.secret, 200).await;
            }
            140..170 => post(&shared, &last, random.random(), &shared.secret, 200).await,
            170..186 => {
                let mut records = records(&shared, &mut random, RECORDS);
                records[7] = json!({"hash": 7, "fields": {}});
                post(&shared, &delivery(&shared, records), random.random(), &shared.secret, 200).await;
            }
            186..194 => post(&shared, &last[..last.len() / 2], random.random(), &shared.secret, 400).await,
            194..199 => post(&shared, &last, false, "a wrong secret", 401).await,
            _ => {
                let many = delivery(&shared, records(&shared, &mut random, MANY_RECORDS));
                post(&shared, &many, random.random(), &shared.secret, 200).await;
            }
        }
        next.await;
    }
}

/// New contents of random entities.
fn records(shared: &Shared, random: &mut StdRng, count: usize) -> Vec<Value> {
    let newest = shared.began.elapsed().as_secs() / FIELD_EVERY.as_secs();
    let record = |_| {
        let (id, version) = (random.random_range(0..ENTITIES), random.random_range(0..20));
        let field = format!("field_{}", random.random_range(0..=newest));
        let fields = json!({
            "id": id,
            "email": format!("person-{id}@example.com"),
            "score": f64::from(version) / 4.0,
            "updated_at": format!("2026-01-{:02}T00:00:00Z", version + 1),
            "note": "x".repeat(random.random_range(0..300)),
            field: version,
        });
        json!({"hash": format!("{id}-{version}-{newest}"), "fields": fields})
    };
    (0..count).map(record).collect()
}

fn delivery(shared: &Shared, records: Vec<Value>) -> Vec<u8> {
    let object = json!({"id": shared.sync_id, "name": "Soak", "records": records, "metadata": {}});
    json!({"event": "sync.records", "object": object}).to_string().into_bytes()
}

/// Posts a body, and counts the answer.
async fn post(shared: &Shared, body: &[u8], gzipped: bool, secret: &str, expected: u16) {
    let body = if gzipped { gzip(body) } else { body.to_vec() };
    let request = shared
        .http
        .post(&shared.url)
        .bearer_auth(secret)
        .header("content-type", "application/json")
        .header("polytomic-signature-timestamp", polysink::app::now().to_rfc3339_opts(SecondsFormat::Secs, true))
        .body(body);
    let answered = async {
        let answer = request.send().await?;
        Ok::<_, reqwest::Error>((answer.status().as_u16(), answer.text().await?))
    };
    let answers = &shared.answers;
    match answered.await {
        Ok((200, text)) if expected == 200 => {
            let answer: Value = serde_json::from_str(&text).expect("it is JSON");
            let rejected = answer["rejected"].as_u64().unwrap_or(0);
            answers.deliveries.fetch_add(1, Ordering::Relaxed);
            answers.records.fetch_add(answer["records"].as_u64().unwrap_or(0) - rejected, Ordering::Relaxed);
            answers.rejected.fetch_add(rejected, Ordering::Relaxed);
        }
        // A burst may take the budget, and then the rest is told to come back.
        Ok((status, _)) if status == expected || status == 503 => {
            answers.refused.fetch_add(1, Ordering::Relaxed);
        }
        other => answers.unexpected.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{other:?}")),
    }
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).expect("a vector takes every write");
    encoder.finish().expect("a vector takes every write")
}

/// Bodies of 27 MB. What the budget does not allow is refused, as it should be.
async fn send_burst(shared: Arc<Shared>) {
    let text = "x".repeat(230);
    let bodies = (0..BURST).map(|n| {
        let records =
            (0..BURST_RECORDS).map(|k| json!({"hash": format!("burst-{n}-{k}"), "fields": {"id": k, "note": text}}));
        let object =
            json!({"id": Uuid::now_v7(), "name": "Burst", "records": records.collect::<Vec<_>>(), "metadata": {}});
        json!({"event": "sync.records", "object": object}).to_string().into_bytes()
    });
    let bodies: Vec<Vec<u8>> = bodies.collect();
    let posts = bodies.iter().map(|body| post(&shared, body, false, &shared.secret, 200));
    futures_util::future::join_all(posts).await;
}

async fn rebuild_now_and_then(shared: Arc<Shared>, data: PathBuf) {
    let run = async |arguments: &[&str]| {
        let mut command = tokio::process::Command::from(polysink(&data));
        let output = command.args(arguments).stdin(Stdio::null()).output().await.expect("the binary can be run");
        if !output.status.success() {
            let said = format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            shared.answers.unexpected.lock().unwrap_or_else(PoisonError::into_inner).push(said);
        }
    };
    let mut next = REBUILD_EVERY / 2;
    let mut identified = false;
    while !shared.over.load(Ordering::Relaxed) {
        if shared.began.elapsed() >= next {
            if identified {
                run(&["rebuild", "soak"]).await;
            } else {
                run(&["identity", "set", "soak", "id", "--yes"]).await;
                identified = true;
            }
            next += REBUILD_EVERY;
        }
        tokio::time::sleep(Duration::from_millis(200)).await; // between two looks
    }
}

async fn sample_each_second(shared: Arc<Shared>, pid: u32, pool: PgPool, samples: Arc<Mutex<Vec<Sample>>>) {
    loop {
        let sample = sample(&shared, pid, &pool).await;
        samples.lock().unwrap_or_else(PoisonError::into_inner).push(sample);
        tokio::time::sleep(Duration::from_secs(1)).await; // between two samples
    }
}

async fn sample(shared: &Shared, pid: u32, pool: &PgPool) -> Sample {
    let base = shared.url.strip_suffix("/webhooks/polytomic").expect("it is the webhook");
    let ready = shared.http.get(format!("{base}/health/ready")).send().await.expect("the service answers");
    let ready: Value = ready.json().await.expect("it is JSON");
    let (connections, backlog): (i32, i32) = sqlx::query_as(
        "select (select count(*)::integer from pg_stat_activity where application_name like 'polysink%'),
                (select count(*)::integer from polysink.backlog)",
    )
    .fetch_one(pool)
    .await
    .expect("it answers");
    let files = std::fs::read_dir(Path::new("/proc").join(pid.to_string()).join("fd")).expect("it runs").count();
    Sample {
        at: shared.began.elapsed().as_secs_f64(),
        memory_mib: memory_mib(pid),
        open_files: u32::try_from(files).expect("they are few").into(),
        connections: connections.into(),
        backlog: backlog.into(),
        spooled: ready["spooled"]["deliveries"].as_f64().unwrap_or(0.0),
    }
}

fn memory_mib(pid: u32) -> f64 {
    mib(status(pid, "VmRSS:"))
}

fn mib(kib: u64) -> f64 {
    f64::from(u32::try_from(kib).expect("it is less than 4 TiB")) / 1024.0
}

/// By the line through the samples that fits best: how much the value grows over all of them, and its mean.
fn trend(samples: &[Sample], value: fn(&Sample) -> f64) -> (f64, f64) {
    let count = f64::from(u32::try_from(samples.len()).expect("they are few"));
    let mean_of = |value: &dyn Fn(&Sample) -> f64| samples.iter().map(value).sum::<f64>() / count;
    let (at, mean) = (mean_of(&|sample| sample.at), mean_of(&value));
    let covariance = mean_of(&|sample| (sample.at - at) * (value(sample) - mean));
    let variance = mean_of(&|sample| (sample.at - at).powi(2));
    let length = samples.last().map_or(0.0, |last| last.at - samples[0].at);
    (covariance / variance * length, mean)
}

/// One chart for each series, one above the other.
fn plot(path: &Path, samples: &[Sample], end_of_load: f64) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(path, (900, 1000)).into_drawing_area();
    root.fill(&WHITE)?;
    let end = samples.last().map_or(1.0, |last| last.at);
    for ((name, value), area) in SERIES.into_iter().zip(root.split_evenly((SERIES.len(), 1))) {
        let most = samples.iter().map(value).fold(1.0, f64::max) * 1.1;
        let mut chart = ChartBuilder::on(&area)
            .caption(name, ("sans-serif", 15))
            .margin(8)
            .x_label_area_size(40)
            .y_label_area_size(60)
            .build_cartesian_2d(0.0..end / 60.0, 0.0..most)?;
        chart.configure_mesh().x_desc("minutes").x_labels(11).y_labels(5).light_line_style(TRANSPARENT).draw()?;
        let load = [(end_of_load / 60.0, 0.0), (end_of_load / 60.0, most)];
        chart.draw_series(LineSeries::new(load, &RED))?;
        chart.draw_series(LineSeries::new(samples.iter().map(|sample| (sample.at / 60.0, value(sample))), &BLUE))?;
    }
    root.present()?;
    Ok(())
}
