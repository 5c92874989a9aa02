//! A service whose database can be taken away.

use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::app::http_client;
use super::{Answer, Delivery, Server, Service, eventually, record};

/// How many records are in the ledger, and how many were received.
pub const ROWS: &str = "select concat(count(*), ' ', sum(times_received)) from polysink.records";

/// A service on a server of its own, with its spool in a temporary folder.
pub struct Outage {
    pub server: Server,
    pub service: Service,
    pub http: reqwest::Client,
    pub data: TempDir,
    /// What the service logs, once it has ended.
    pub log: JoinHandle<String>,
}

impl Outage {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// With further settings.
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::on(Server::start(), settings)
    }

    /// On a server that a test has set up.
    pub fn on(server: Server, settings: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().expect("there is a temporary folder");
        let (service, log) = serve(&server, &data, settings);
        Self { server, service: service.prepared(), http: http_client(), data, log }
    }

    /// Kills the service, unless it has ended, and starts it again.
    pub fn restarted(self) -> Self {
        self.restarted_with(&[])
    }

    /// The same, with further settings.
    pub fn restarted_with(self, settings: &[(&str, &str)]) -> Self {
        drop(self.service);
        let (service, log) = serve(&self.server, &self.data, settings);
        Self { service, log, ..self }
    }

    pub async fn send(&self, delivery: &Delivery) -> Answer {
        delivery.post(&self.http, &self.service.url).await
    }

    /// Sends deliveries of one record each at once.
    pub async fn burst(&self, name: &str, deliveries: usize) -> Vec<Answer> {
        let deliveries: Vec<Delivery> = (0..deliveries).map(|n| one(name, n)).collect();
        futures_util::future::join_all(deliveries.iter().map(|delivery| self.send(delivery))).await
    }

    /// From now on, the ledger refuses records whose hash begins with `bad` or `worst`, and the quarantine the latter.
    pub async fn refuse_records(&self) {
        let sql = r"
            create function refuse() returns trigger language plpgsql as $$
            begin
                if to_jsonb(new)->>'hash' ~ '^(bad|worst)' or encode(decode(ltrim(to_jsonb(new)->>'payload', '\x'),
                'hex'), 'escape') ~ 'worst'
                then raise data_exception; end if;
                return new;
            end $$;
            create trigger refuse before insert on polysink.records for each row execute function refuse();
            create trigger refuse before insert on polysink.rejections for each row execute function refuse()";
        self.server.run(sql).await;
    }

    /// The bodies of the entries that were set aside.
    pub fn set_aside(&self) -> Vec<String> {
        let Ok(files) = std::fs::read_dir(self.data.path().join("spool/set-aside")) else { return Vec::new() };
        let paths = files.map(|file| file.expect("it can be read").path());
        let bodies = paths.filter(|path| path.extension().is_some_and(|extension| extension == "body"));
        bodies.map(|path| std::fs::read_to_string(path).expect("it is text")).collect()
    }

    pub async fn ready(&self) -> (u16, Value) {
        ready(&self.http, &self.service.url).await
    }

    /// Waits until the service is ready without its database.
    pub async fn is_away(&self) {
        let is_away = async || matches!(self.ready().await, (200, ready) if ready["database"] == "away");
        eventually("it is ready without its database", is_away).await;
    }

    /// Waits until the database is back for the service, and the spool is empty.
    pub async fn healed(&self) {
        healed(&self.http, &self.service.url).await;
    }
}

fn serve(server: &Server, data: &TempDir, settings: &[(&str, &str)]) -> (Service, JoinHandle<String>) {
    let mut command = Service::on(&server.url(), data.path());
    command.env("POLYSINK_ADMIN_LISTEN", "127.0.0.1:0");
    command.envs(settings.iter().copied());
    Service::start_logging(command)
}

/// What `/health/ready` answers.
pub async fn ready(http: &reqwest::Client, webhook: &str) -> (u16, Value) {
    let base = webhook.strip_suffix("/webhooks/polytomic").expect("it is the webhook");
    let answer = http.get(format!("{base}/health/ready")).send().await.expect("the service answers");
    (answer.status().as_u16(), answer.json().await.expect("it is JSON"))
}

/// Waits until a service has its database back, and its spool is empty.
pub async fn healed(http: &reqwest::Client, webhook: &str) {
    let mut last = None;
    let looks = async {
        loop {
            let (status, ready) = ready(http, webhook).await;
            // Without a spool there is no such member, unless one of before still has deliveries.
            let spooled = ready["spooled"]["deliveries"].as_u64().unwrap_or(0);
            if status == 200 && ready["database"] == "ok" && spooled == 0 {
                return;
            }
            last = Some(ready);
            tokio::time::sleep(Duration::from_millis(20)).await; // between two looks
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(300), looks).await.is_ok();
    assert!(in_time, "it does not heal: {last:?}");
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
