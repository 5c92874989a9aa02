//! HTTPS on the public listener: with real certificates, renewed under open connections.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::doctor::doctor_on;
use crate::harness::app::http_client;
use crate::harness::delivery::{Answer, head};
use crate::harness::{Delivery, Metrics, SECRET, Service, TestApp, TestDatabase, eventually, record, refuses_to_start};
use crate::harness::{binary, run};

/// A certificate for 127.0.0.1 with its key, as files.
pub struct Certificate {
    folder: tempfile::TempDir,
    der: CertificateDer<'static>,
}

impl Certificate {
    fn new() -> Self {
        Self::ending_in(10_000)
    }

    /// * `days`: until its end
    pub fn ending_in(days: i64) -> Self {
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let der = write(folder.path().to_owned(), days);
        Self { folder, der }
    }

    /// Another certificate in the same files.
    ///
    /// * `days`: until its end
    fn renew(&mut self, days: i64) {
        self.der = write(self.folder.path().to_owned(), days);
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("it is text").to_owned()
    }

    fn settings(&self) -> [(&'static str, String); 2] {
        [("POLYSINK_TLS_CERT", self.file("tls.crt")), ("POLYSINK_TLS_KEY", self.file("tls.key"))]
    }

    pub async fn spawn(&self, further: &[(&str, &str)]) -> TestApp {
        let own = self.settings();
        let mut settings: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
        settings.extend(further);
        TestApp::spawn_with(&settings).await
    }

    /// A client that trusts this certificate alone.
    fn client(&self) -> reqwest::Client {
        let root = reqwest::Certificate::from_der(&self.der).expect("it is one");
        reqwest::Client::builder().no_proxy().tls_certs_only([root]).build().expect("it can be made")
    }
}

fn write(folder: PathBuf, days: i64) -> CertificateDer<'static> {
    let key = KeyPair::generate().expect("there is randomness");
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).expect("it is a name");
    let ends_at = polysink::app::now() + chrono::TimeDelta::days(days);
    params.not_after = std::time::SystemTime::from(ends_at).into();
    let certificate = params.self_signed(&key).expect("it can be signed");
    std::fs::write(folder.join("tls.key"), key.serialize_pem()).expect("it can be written");
    std::fs::write(folder.join("tls.crt"), certificate.pem()).expect("it can be written");
    certificate.der().clone()
}

/// The same address over HTTPS.
fn secured(app: &TestApp) -> String {
    app.webhook().replace("http://", "https://")
}

fn one(name: &str) -> Delivery {
    Delivery::of(&[record(name, json!({"id": 1}))])
}

/// A connection whose TLS is done; it accepts this certificate alone.
async fn connect(app: &TestApp, der: &CertificateDer<'static>) -> std::io::Result<TlsStream<TcpStream>> {
    let _ = http_client(); // its TLS provider
    let mut roots = rustls::RootCertStore::empty();
    roots.add(der.clone()).expect("it can be a root");
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").expect("it is a name");
    TlsConnector::from(Arc::new(config)).connect(name, app.connect().await).await
}

/// Posts on an open connection. Returns the answer's first line.
async fn post(stream: &mut TlsStream<TcpStream>) -> String {
    let body = r#"{"event": "sync.records", "object": {"id": "1ea8f90a-b22e-4218-86d5-c3c109e1fbb7", "records": []}}"#;
    let request = format!("{}{body}", head(&format!("Content-Length: {}\r\n", body.len())));
    stream.write_all(request.as_bytes()).await.expect("it is open");
    let mut said = Vec::new();
    while !said.ends_with(b"}") {
        let mut buffer = [0; 4_096];
        let read = stream.read(&mut buffer).await.expect("it is open");
        assert_ne!(read, 0, "it ended after {}", String::from_utf8_lossy(&said));
        said.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8_lossy(&said).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_come_over_https_and_http_is_told_so() {
    let certificate = Certificate::new();
    let app = certificate.spawn(&[]).await;
    let http = certificate.client();
    let large: Vec<_> = (0..5_000).map(|n| record(&n.to_string(), json!({"id": n, "text": "x".repeat(100)}))).collect();
    assert_eq!(Delivery::of(&large).post(&http, &secured(&app)).await.counts(), [5_000, 5_000, 0, 0]);
    assert_eq!(Delivery::of(&large).gzipped().post(&http, &secured(&app)).await.counts(), [5_000, 0, 5_000, 0]);
    let refused = one("x").with("authorization", "Bearer wrong-secret").post(&http, &secured(&app)).await;
    assert_eq!(refused.problem(401), "credentials");
    let plain = app.send(&one("x")).await;
    assert_eq!(plain.problem(400), "https");
    assert!(plain.text.contains("https://"), "{plain:?}");
    one("x").try_post(&http_client(), &secured(&app)).await.expect_err("it does not trust the certificate");
    let tls = |metrics: &Metrics| metrics.get("polysink_refused_requests_total", &[("reason", "tls")]);
    app.metrics_until(|metrics| tls(metrics) == Some(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_taken_and_open_connections_stay() {
    let mut certificate = Certificate::new();
    let app = certificate.spawn(&[]).await;
    let old = certificate.der.clone();
    let mut open = connect(&app, &old).await.expect("it is trusted");
    assert_eq!(post(&mut open).await, "HTTP/1.1 200 OK");
    let ends_at = |metrics: &Metrics| metrics.get("polysink_tls_certificate_end_timestamp_seconds", &[]);
    let before = ends_at(&app.metrics().await).expect("there is one");
    // The half of a renewal, as a program writes it that knows nothing of the service.
    std::fs::write(certificate.file("tls.crt"), "").expect("it can be written");
    assert!(connect(&app, &old).await.is_ok());
    certificate.renew(300);
    let is_new = async || connect(&app, &certificate.der).await.is_ok();
    eventually("new connections get the new certificate", is_new).await;
    assert!(connect(&app, &old).await.is_err());
    assert_eq!(post(&mut open).await, "HTTP/1.1 200 OK");
    let after = ends_at(&app.metrics().await).expect("there is one");
    assert!((9_699..=9_701).contains(&((before - after) / 86_400)), "{before}, then {after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_do_not_finish_tls_keep_nobody_out_and_no_stop_waiting() {
    let certificate = Certificate::new();
    let mut app = certificate.spawn(&[("POLYSINK_MAX_CONNECTIONS", "5")]).await;
    let mut silent = Vec::new();
    for n in 0..8 {
        let mut stream = app.connect().await;
        // Some say nothing, and some begin a handshake.
        stream.write_all(&[0x16, 0x03, 0x01][..(n % 2) * 3]).await.expect("it is open");
        silent.push(stream);
    }
    let http = certificate.client();
    for n in 0..3 {
        one(&n.to_string()).post(&http, &secured(&app)).await.counts();
    }
    // Those that came first had to go. Several threads accept, so these need not be those that connected first.
    let is_closed = |stream: &&TcpStream| matches!(stream.try_read(&mut [0]), Ok(0));
    eventually("some were closed", async || silent.iter().filter(is_closed).count() >= 3).await;
    let mut garbage = app.connect().await;
    garbage.write_all(b"\x00garbage that is not TLS, and long enough to be read as such\n").await.expect("it is open");
    garbage.read_to_end(&mut Vec::new()).await.ok();
    tokio::time::timeout(Duration::from_secs(5), app.stop()).await.expect("none is waited for").expect("it stops");
    drop(silent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_over_a_limit_is_told_over_tls() {
    let certificate = Certificate::new();
    let app = certificate.spawn(&[("POLYSINK_MAX_CONNECTIONS_PER_ADDRESS", "1")]).await;
    let mut open = connect(&app, &certificate.der).await.expect("it is trusted");
    assert_eq!(post(&mut open).await, "HTTP/1.1 200 OK");
    let http = certificate.client();
    let health = http.get(secured(&app).replace("/webhooks/polytomic", "/health/live"));
    let refused = Answer::read(health.send().await.expect("it answers")).await;
    assert_eq!((refused.problem(503).as_str(), &refused.headers["retry-after"] == "5"), ("connections", true));
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_find_a_service_that_speaks_https() {
    let mut certificate = Certificate::new();
    let db = TestDatabase::create().await;
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let mut command = Service::on(&db.url(), data.path());
    command.envs(certificate.settings());
    let service = Service::start(command);
    assert!(service.url.starts_with("https://127.0.0.1:"), "{}", service.url);
    one("a").post(&certificate.client(), &service.url).await.counts();
    let listen = service.url.trim_start_matches("https://").trim_end_matches("/webhooks/polytomic").to_owned();
    let mut settings = certificate.settings().to_vec();
    settings.extend([("POLYSINK_LISTEN", listen), ("DATABASE_URL", db.url()), ("POLYSINK_SECRETS", SECRET.to_owned())]);
    for arguments in [&["health"][..], &["send", "--records", "100"]] {
        let output = run(binary().envs(settings.clone()).args(arguments));
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }
    assert_eq!(db.count("select count(*) from polysink.records").await, 101);
    let found = |settings: &[(&str, String)]| {
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (_, findings) = doctor_on(&db.url(), &settings);
        assert_eq!(findings["service"]["level"], "ok", "{findings:#?}");
        let tls = &findings["tls"];
        (tls["level"].as_str().unwrap_or_default().to_owned(), tls["found"].to_string())
    };
    assert_eq!(found(&settings).0, "ok");
    certificate.renew(13);
    let (level, text) = found(&settings);
    assert!(level == "warn" && text.contains("127.0.0.1 ends on 20"), "{level}: {text}");
    certificate.renew(-1);
    assert_eq!(found(&settings).0, "fail");
    std::fs::write(certificate.file("tls.key"), KeyPair::generate().expect("there is randomness").serialize_pem())
        .expect("it can be written");
    let (level, text) = found(&settings);
    assert!(level == "fail" && text.contains("does not belong"), "{level}: {text}");
    // With these, a start says so too.
    let mut command = Service::on(&db.url(), data.path());
    command.envs(certificate.settings());
    let (status, _) = service.stop();
    assert!(status.success());
    let said = refuses_to_start(&mut command);
    assert!(said.contains("POLYSINK_TLS_CERT") && said.contains("does not belong to the certificate"), "{said}");
    let mut half = Service::on(&db.url(), data.path());
    half.env("POLYSINK_TLS_CERT", "/nowhere");
    let said = refuses_to_start(&mut half);
    assert!(said.contains("POLYSINK_TLS_KEY: is not set, and POLYSINK_TLS_CERT is"), "{said}");
}
