//! A service whose database can be taken away.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::app::http_client;
use super::{Answer, Delivery, Server, Service, record};

/// How many records are in the ledger, and how many were received.
pub const ROWS: &str = "select concat(count(*), ' ', sum(times_received)) from polysink.records";

/// A service on a server of its own, with its spool in a temporary folder.
pub struct Outage {
    pub server: Server,
    pub service: Service,
    pub http: reqwest::Client,
    pub data: tempfile::TempDir,
    settings: Vec<(&'static str, String)>,
}

impl Outage {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// With further settings.
    pub fn start_with(settings: &[(&'static str, &str)]) -> Self {
        let server = Server::start();
        let data = tempfile::tempdir().expect("there is a temporary folder");
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let service = Service::start(command(&server, &data, &settings));
        Self { server, service, http: http_client(), data, settings }
    }

    /// Kills the service, unless it has ended, and starts it again.
    pub fn restarted(self) -> Self {
        drop(self.service);
        let service = Service::start(command(&self.server, &self.data, &self.settings));
        Self { service, ..self }
    }

    pub async fn send(&self, delivery: &Delivery) -> Answer {
        delivery.post(&self.http, &self.service.url).await
    }

    /// Sends deliveries of one record each at once.
    pub async fn burst(&self, name: &str, deliveries: usize) -> Vec<Answer> {
        let deliveries: Vec<Delivery> = (0..deliveries).map(|n| one(name, n)).collect();
        futures_util::future::join_all(deliveries.iter().map(|delivery| self.send(delivery))).await
    }

    pub async fn ready(&self) -> (u16, Value) {
        ready(&self.http, &self.service.url).await
    }

    /// Waits until the database is back for the service, and the spool is empty.
    pub async fn healed(&self) {
        let looks = async {
            loop {
                let (status, ready) = self.ready().await;
                if status == 200 && ready["database"] == "ok" && ready["spooled"]["deliveries"] == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await; // between two looks
            }
        };
        tokio::time::timeout(Duration::from_secs(60), looks).await.expect("it heals");
    }
}

fn command(server: &Server, data: &tempfile::TempDir, settings: &[(&'static str, String)]) -> Command {
    let mut command = Service::on(&server.url(), data.path());
    command.envs(settings.iter().map(|(name, value)| (*name, value)));
    command
}

/// What `/health/ready` answers.
pub async fn ready(http: &reqwest::Client, webhook: &str) -> (u16, Value) {
    let base = webhook.strip_suffix("/webhooks/polytomic").expect("it is the webhook");
    let answer = http.get(format!("{base}/health/ready")).send().await.expect("the service answers");
    (answer.status().as_u16(), answer.json().await.expect("it is JSON"))
}

/// A delivery of one record.
pub fn one(name: &str, n: usize) -> Delivery {
    Delivery::of(&[record(&format!("{name}-{n}"), json!({"id": n, "name": name}))])
}

/// Checks that every delivery was acknowledged, and returns how many were spooled.
#[track_caller]
pub fn acknowledged(answers: &[Answer]) -> usize {
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    answers.iter().filter(|answer| answer.json()["spooled"] == true).count()
}
