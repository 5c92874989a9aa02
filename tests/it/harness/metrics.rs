//! Metrics as Prometheus reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use prometheus_parse::{Sample, Scrape, Value};

/// One scrape.
#[derive(Debug)]
pub struct Metrics {
    pub text: String,
    samples: Vec<Sample>,
}

impl Metrics {
    pub async fn read(http: &reqwest::Client, url: &str) -> Self {
        let response = http.get(url).send().await.expect("the admin listener answers");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4");
        let text = response.text().await.expect("it is text");
        let lines = text.lines().map(|line| Ok(line.to_owned()));
        let Scrape { samples, .. } = Scrape::parse(lines).expect("it is the text format");
        Self { text, samples }
    }

    /// Waits until they are so. What the database says is reused for a moment.
    pub async fn until(http: &reqwest::Client, url: &str, is_so: impl Fn(&Self) -> bool) -> Self {
        let looking = async {
            loop {
                let metrics = Self::read(http, url).await;
                if is_so(&metrics) {
                    return metrics;
                }
                tokio::time::sleep(Duration::from_millis(50)).await; // between two looks
            }
        };
        tokio::time::timeout(Duration::from_secs(60), looking).await.expect("the metrics become so")
    }

    /// The sum of the samples with these labels, rounded up; `None` if there are none. Of a histogram, how many were
    /// observed.
    #[expect(clippy::cast_possible_truncation, reason = "the tests' counts are small")]
    pub fn get(&self, name: &str, labels: &[(&str, &str)]) -> Option<i64> {
        let mut found = self.samples.iter().filter(|sample| {
            sample.metric == name && labels.iter().all(|(label, value)| sample.labels.get(label) == Some(value))
        });
        let first = number(found.next()?);
        Some(found.map(number).fold(first, |sum, next| sum + next).ceil() as i64)
    }

    /// The same for one that has to be there.
    #[track_caller]
    pub fn count(&self, name: &str, labels: &[(&str, &str)]) -> i64 {
        self.get(name, labels).unwrap_or_else(|| panic!("no {name}{labels:?} in\n{}", self.text))
    }

    /// The values of a label.
    pub fn labels(&self, name: &str, label: &str) -> BTreeSet<&str> {
        let samples = self.samples.iter().filter(|sample| sample.metric == name);
        samples.filter_map(|sample| sample.labels.get(label)).collect()
    }

    /// The names of the samples' families.
    pub fn names(&self) -> BTreeSet<&str> {
        self.samples.iter().map(|sample| sample.metric.as_str()).collect()
    }

    /// Each family's type and help.
    pub fn families(&self) -> BTreeMap<&str, (&str, &str)> {
        let mut families: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
        for line in self.text.lines() {
            if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) {
                families.entry(name).or_default().1 = help;
            } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
                families.entry(name).or_default().0 = kind;
            }
        }
        families
    }
}

fn number(sample: &Sample) -> f64 {
    match &sample.value {
        Value::Counter(value) | Value::Gauge(value) | Value::Untyped(value) => *value,
        Value::Histogram(buckets) => buckets.last().map_or(0.0, |bucket| bucket.count),
        Value::Summary(_) => panic!("there are no summaries"),
    }
}
