//! A real Prometheus with the rules of `ops/alerts.yml`.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::app::http_client;

/// Runs until it is dropped.
pub struct Prometheus {
    child: Child,
    url: String,
    http: reqwest::Client,
    _dir: TempDir,
}

impl Prometheus {
    /// Starts one that scrapes a service. `None` if the program is missing.
    ///
    /// * `metrics`: the URL of the service's metrics
    /// * `rules`: the text of the rules
    pub fn scraping(metrics: &str, rules: &str) -> Option<Self> {
        let program = super::tool("prometheus")?;
        let dir = tempfile::tempdir().expect("there is a temporary folder");
        std::fs::write(dir.path().join("rules.yml"), rules).expect("it can be written");
        let target = metrics.trim_start_matches("http://").trim_end_matches("/metrics");
        // The service waits two seconds for its database. JSON is YAML.
        let config = json!({
            "global": {"scrape_interval": "2500ms", "scrape_timeout": "2500ms", "evaluation_interval": "500ms"},
            "rule_files": ["rules.yml"],
            "scrape_configs": [{"job_name": "polysink", "static_configs": [{"targets": [target]}]}],
        });
        std::fs::write(dir.path().join("prometheus.yml"), config.to_string()).expect("it can be written");
        let (child, url) = start(&program, dir.path());
        Some(Self { child, url, http: http_client(), _dir: dir })
    }

    /// Waits until it answers questions.
    pub async fn ready(&self) {
        let url = format!("{}/-/ready", self.url);
        let is_ready = async || self.http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success());
        super::eventually("Prometheus is ready", is_ready).await;
    }

    async fn get(&self, path: &str) -> Value {
        let response = self.http.get(format!("{}/api/v1/{path}", self.url)).send().await.expect("it answers");
        response.json().await.expect("it is JSON")
    }

    /// The names of the alerts that fire.
    pub async fn firing(&self) -> BTreeSet<String> {
        let answer = self.get("alerts").await;
        let alerts = answer["data"]["alerts"].as_array().unwrap_or_else(|| panic!("{answer}"));
        let firing = alerts.iter().filter(|alert| alert["state"] == "firing");
        firing.map(|alert| alert["labels"]["alertname"].as_str().expect("each has one").to_owned()).collect()
    }

    /// How many times the service was scraped.
    pub async fn scrapes(&self) -> u64 {
        let answer = self.get("query?query=sum(count_over_time(up[10m]))").await;
        let value = answer["data"]["result"][0]["value"][1].as_str();
        value.map_or(0, |value| value.parse().expect("it is a number"))
    }
}

/// Starts it on any port, and returns its address.
fn start(program: &Path, dir: &Path) -> (Child, String) {
    let mut child = Command::new(program)
        .arg(format!("--config.file={}", dir.join("prometheus.yml").display()))
        .arg(format!("--storage.tsdb.path={}", dir.join("data").display()))
        .args(["--web.listen-address=127.0.0.1:0", "--log.format=json"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it can be run");
    let mut lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
    let mut log = Vec::new();
    let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let entry: Value = serde_json::from_str(&line).unwrap_or_default();
        log.push(line);
        (entry["msg"] == "Listening on").then(|| entry["address"].as_str().map(str::to_owned))?
    });
    let address = address.unwrap_or_else(|| panic!("it does not listen: {log:#?}"));
    // Read on, so that it never waits for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    (child, format!("http://{address}"))
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}
