//! Posts the batches over several connections and adds up the answers.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use chrono::SecondsFormat;
use flate2::Compression;
use flate2::write::GzEncoder;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use crate::app;
use crate::cli::support::output::out;
use crate::cli::support::table::counted;

use super::batches::GeneratedBatch;

/// The agent of Polytomic's documentation, and the real one.
const AGENT: &str = "Polytomic/rel2021.05.25 (polysink send)";

/// Longer than the service takes to answer that its database is away.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many different errors are shown.
const SHOWN: usize = 3;

/// Where and how to send.
pub struct LoadPlan {
    /// Whether it is the service of the settings, on this machine: its certificate is for another name.
    pub is_own: bool,
    pub url: reqwest::Url,
    pub authorization: SecretString,
    /// Deliveries in flight at a time.
    pub connections: u16,
    pub gzip: bool,
    /// Maximum records per second.
    pub rate: Option<u32>,
    /// The number of records, if it is known.
    pub total: Option<u64>,
}

/// The acknowledged deliveries.
#[derive(Debug, Default)]
pub struct LoadSummary {
    deliveries: u64,
    records: u64,
    acknowledged_deliveries: u64,
    acknowledged: u64,
    new: u64,
    duplicates: u64,
    rejected: u64,
    spooled: u64,
    /// Errors, and how often each was answered.
    complaints: BTreeMap<String, u64>,
    latencies: Vec<Duration>,
    elapsed: Duration,
}

/// The part of an answer that is added up.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Acknowledgement {
    new: u64,
    duplicates: u64,
    rejected: u64,
    spooled: bool,
}

/// Sends all batches. A bad batch stops it after those in flight; the summary counts what was acknowledged by then.
pub async fn run(
    plan: LoadPlan,
    batches: impl Iterator<Item = anyhow::Result<GeneratedBatch>> + Send + 'static,
) -> anyhow::Result<LoadSummary> {
    let client = client(&plan)?;
    let bar = progress(plan.total);
    let (sender, receiver) = mpsc::channel(usize::from(plan.connections) * 2);
    let receiver = Arc::new(Mutex::new(receiver));
    let rate = plan.rate;
    let producer = tokio::task::spawn_blocking(move || -> anyhow::Result<()> {
        let began = Instant::now();
        let mut made = 0_u64;
        for batch in batches {
            let batch = batch?;
            if let Some(rate) = rate {
                // Each batch has its time, however long the answers take: a slow service gets no less load.
                let due = Duration::from_nanos(made.saturating_mul(1_000_000_000) / u64::from(rate));
                std::thread::sleep(due.saturating_sub(began.elapsed()));
                made += batch.records;
            }
            if sender.blocking_send(batch).is_err() {
                break; // every connection has gone
            }
        }
        Ok(())
    });
    let began = Instant::now();
    let mut connections = JoinSet::new();
    for _ in 0..plan.connections {
        let (client, url, receiver, bar) = (client.clone(), plan.url.clone(), Arc::clone(&receiver), bar.clone());
        connections.spawn(connection(client, url, plan.gzip, receiver, bar));
    }
    let mut summary = LoadSummary::default();
    for part in connections.join_all().await {
        summary.add(part);
    }
    summary.elapsed = began.elapsed();
    bar.finish_and_clear();
    if let Err(error) = producer.await.context("generating the records panicked")? {
        out!("{summary}");
        return Err(error.context("stopped before the end"));
    }
    Ok(summary)
}

fn client(plan: &LoadPlan) -> anyhow::Result<reqwest::Client> {
    let mut authorization = HeaderValue::from_str(plan.authorization.expose_secret())
        .map_err(|_| anyhow::anyhow!("the secret has characters that are not allowed in a header"))?;
    authorization.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, authorization);
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    if plan.gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let builder = reqwest::Client::builder().default_headers(headers).timeout(PATIENCE).no_proxy();
    let builder = builder.tls_danger_accept_invalid_certs(plan.is_own);
    builder.build().context("cannot create an HTTP client")
}

fn progress(total: Option<u64>) -> ProgressBar {
    let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new);
    let template = match total {
        Some(_) => "{bar:40} {human_pos}/{human_len} records  {per_sec}  {eta} left  {msg}",
        None => "{spinner} {human_pos} records  {per_sec}  {msg}",
    };
    bar.set_style(ProgressStyle::with_template(template).expect("the templates are well formed"));
    bar
}

async fn connection(
    client: reqwest::Client,
    url: reqwest::Url,
    gzip: bool,
    receiver: Arc<Mutex<mpsc::Receiver<GeneratedBatch>>>,
    bar: ProgressBar,
) -> LoadSummary {
    let mut summary = LoadSummary::default();
    loop {
        let next = receiver.lock().await.recv().await;
        let Some(batch) = next else { return summary };
        let records = batch.records;
        let body = if gzip { compressed(&batch.body) } else { batch.body.into_bytes() };
        let began = Instant::now();
        let timestamp = app::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        let request = client.post(url.clone()).header("Polytomic-Signature-Timestamp", timestamp).body(body);
        let answer = match request.send().await {
            Ok(response) => read(response).await,
            Err(error) => Err(format!("no answer: {:#}", anyhow::Error::from(error.without_url()))),
        };
        summary.count(records, began.elapsed(), answer);
        bar.inc(records);
    }
}

fn compressed(body: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body.as_bytes()).and_then(|()| encoder.finish()).expect("a vector takes every write")
}

async fn read(response: reqwest::Response) -> Result<Acknowledgement, String> {
    let status = response.status();
    let text = response.text().await.unwrap_or_default();
    if status == reqwest::StatusCode::OK {
        return Ok(serde_json::from_str(&text).unwrap_or_default());
    }
    let problem: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    Err(format!("{}: {}", status.as_u16(), problem["detail"].as_str().unwrap_or(text.trim())))
}

impl LoadSummary {
    /// Whether everything was acknowledged.
    pub fn is_good(&self) -> bool {
        self.acknowledged_deliveries == self.deliveries
    }

    fn count(&mut self, records: u64, latency: Duration, answer: Result<Acknowledgement, String>) {
        self.deliveries += 1;
        self.records += records;
        self.latencies.push(latency);
        match answer {
            Ok(answer) => {
                self.acknowledged_deliveries += 1;
                self.acknowledged += records;
                self.new += answer.new;
                self.duplicates += answer.duplicates;
                self.rejected += answer.rejected;
                self.spooled += if answer.spooled { records } else { 0 };
            }
            Err(complaint) => *self.complaints.entry(complaint).or_default() += 1,
        }
    }

    fn add(&mut self, other: Self) {
        self.deliveries += other.deliveries;
        self.records += other.records;
        self.acknowledged_deliveries += other.acknowledged_deliveries;
        self.acknowledged += other.acknowledged;
        self.new += other.new;
        self.duplicates += other.duplicates;
        self.rejected += other.rejected;
        self.spooled += other.spooled;
        self.latencies.extend(other.latencies);
        for (complaint, times) in other.complaints {
            *self.complaints.entry(complaint).or_default() += times;
        }
    }

    /// The latency that this share of the deliveries did not exceed.
    fn quantile(sorted: &[Duration], share: f64) -> Duration {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count of deliveries"
        )]
        let index = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len()) - 1;
        sorted[index]
    }
}

impl std::fmt::Display for LoadSummary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = HumanCount;
        let records = |of: u64| counted(of, "record", "records");
        let deliveries = |of: u64| counted(of, "delivery", "deliveries");
        let refused = self.deliveries - self.acknowledged_deliveries;
        writeln!(f, "sent          {} in {}", records(self.records), deliveries(self.deliveries))?;
        let acknowledged = (records(self.acknowledged), deliveries(self.acknowledged_deliveries));
        writeln!(f, "acknowledged  {} in {}", acknowledged.0, acknowledged.1)?;
        let duplicates = counted(self.duplicates, "duplicate", "duplicates");
        write!(f, "              {} new, {duplicates}, {} rejected", count(self.new), count(self.rejected))?;
        if self.spooled > 0 {
            write!(f, ", {} spooled by the receiver", count(self.spooled))?;
        }
        writeln!(f)?;
        if refused > 0 {
            writeln!(f, "refused       {}", deliveries(refused))?;
            for (complaint, times) in self.complaints.iter().take(SHOWN) {
                writeln!(f, "              {} × {complaint}", count(*times))?;
            }
            if self.complaints.len() > SHOWN {
                let others = counted((self.complaints.len() - SHOWN) as u64, "other answer", "other answers");
                writeln!(f, "              … and {others}")?;
            }
        }
        let seconds = self.elapsed.as_secs_f64().max(f64::MIN_POSITIVE);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "rates for people"
        )]
        let rate = |of: u64| count((of as f64 / seconds) as u64);
        writeln!(
            f,
            "took          {seconds:.2} s: {} records/s, {} deliveries/s",
            rate(self.acknowledged),
            rate(self.acknowledged_deliveries)
        )?;
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        if let Some(slowest) = sorted.last() {
            writeln!(
                f,
                "latency       {:.1?} median, {:.1?} p99, {slowest:.1?} slowest",
                Self::quantile(&sorted, 0.5),
                Self::quantile(&sorted, 0.99),
            )?;
        }
        Ok(())
    }
}
