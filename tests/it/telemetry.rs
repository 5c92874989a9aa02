//! Logs and traces of the real process: a line for each delivery, an id that connects them, and spans at a receiver.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::{Value, json};

use crate::harness::app::http_client;
use crate::harness::{Delivery, SECRET, SYNC, Service, TestDatabase, binary, record, run};

/// The lines of a log that are about deliveries.
fn deliveries(log: &str) -> Vec<Value> {
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")));
    lines.filter(|line: &Value| line["message"].as_str().is_some_and(|text| text.starts_with("a delivery"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_delivery_has_one_line_and_an_id_that_is_in_its_answer_too() {
    let (db, folder, http) = (TestDatabase::create().await, tempfile::tempdir().expect("a folder"), http_client());
    let (service, log) = Service::start_logging(Service::on(&db.url(), folder.path()));
    let stored = Delivery::of(&[record("a", json!({"n": 1})), json!(7)]).with("x-request-id", "from-the-sender");
    let stored = stored.post(&http, &service.url).await;
    assert_eq!(stored.headers["x-request-id"], "from-the-sender");
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let traced =
        Delivery::of(&[record("a", json!({"n": 1}))]).with("traceparent", &format!("00-{trace}-00f067aa0ba902b7-01"));
    let traced = traced.post(&http, &service.url).await;
    assert_eq!(traced.headers["x-request-id"], trace);
    let unknown = Delivery::of_body(r#"{"event":"sync.finished","object":{}}"#).post(&http, &service.url).await;
    let refused = Delivery::documented()
        .without("authorization")
        .with("x-request-id", "no\"good")
        .post(&http, &service.url)
        .await;
    assert_eq!(refused.problem(401), "credentials");
    let malformed = Delivery::of_body("{").post(&http, &service.url).await;
    assert_eq!(malformed.problem(400), "malformed");
    let (status, _) = service.stop();
    assert!(status.success());

    let lines = deliveries(&log.join().expect("it is read to its end"));
    assert_eq!(lines.len(), 5, "{lines:#?}");
    let answers = [&stored, &traced, &unknown, &refused, &malformed];
    for (line, answer) in lines.iter().zip(answers) {
        assert_eq!(line["request_id"], answer.headers["x-request-id"].to_str().expect("it is text"), "{line}");
        assert_eq!(line["client"], "127.0.0.1", "{line}");
    }
    let messages: Vec<&str> = lines.iter().filter_map(|line| line["message"].as_str()).collect();
    assert_eq!(
        messages,
        [
            "a delivery was stored",
            "a delivery was stored",
            "a delivery with an unknown event was kept",
            "a delivery was refused",
            "a delivery was refused"
        ]
    );
    let first = &lines[0];
    assert_eq!(first["envelope_id"], stored.json()["envelope_id"]);
    assert_eq!((&first["sync_id"], &first["connection"]), (&json!(SYNC), &json!("default")));
    assert_eq!((&first["records"], &first["new"], &first["rejected"]), (&json!(2), &json!(1), &json!(1)));
    assert_eq!(lines[1]["duplicates"], 1);
    assert_eq!(refused.json()["request_id"], lines[3]["request_id"]);
    assert_eq!(lines[4]["rejection_id"], malformed.json()["rejection_id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_line_like_any_other_and_the_service_goes_on() {
    let (db, folder, http) = (TestDatabase::create().await, tempfile::tempdir().expect("a folder"), http_client());
    let mut serve = Service::on(&db.url(), folder.path());
    serve.env("FAILPOINTS", "write=1*panic(on purpose)->off");
    let (service, log) = Service::start_logging(serve);
    let delivery = Delivery::of(&[record("a", json!({"n": 1}))]);
    assert_eq!(delivery.post(&http, &service.url).await.problem(503), "unavailable");
    assert_eq!(delivery.post(&http, &service.url).await.counts(), [1, 1, 0, 0]);
    service.stop();
    let log = log.join().expect("it is read to its end");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect();
    let panics: Vec<&Value> = lines.iter().filter(|line| line.get("panic").is_some()).collect();
    assert_eq!(panics.len(), 1, "{log}");
    assert!(panics[0]["panic"].as_str().is_some_and(|message| message.contains("on purpose")), "{log}");
    assert!(panics[0]["location"].is_string(), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_has_a_body_a_token_or_a_query_string() {
    let (db, folder, http) = (TestDatabase::create().await, tempfile::tempdir().expect("a folder"), http_client());
    let mut serve = Service::on(&db.url(), folder.path());
    serve
        .env("POLYSINK_LOG", "polysink=trace")
        .env("POLYSINK_ADMIN_TOKEN", "token-of-the-admin")
        .env("POLYSINK_ADMIN_LISTEN", "127.0.0.1:0");
    let (mut service, log) = Service::start_logging(serve);
    let metrics = service.metrics_url();
    let query = format!("{}?token=in-the-query", service.url);
    let person = Delivery::of(&[record("a", json!({"name": "Ada-Lovelace"})), json!("Grace-Hopper")]);
    assert_eq!(person.post(&http, &query).await.status, 200);
    assert_eq!(person.with("authorization", "Bearer wrong-but-secret").post(&http, &query).await.status, 401);
    assert_eq!(Delivery::of_body("{\"Alan-Turing\"").post(&http, &query).await.status, 400);
    http.get(format!("{metrics}?token=in-the-query")).bearer_auth("wrong-but-secret").send().await.expect("it answers");
    http.get(format!("{}/nowhere?token=in-the-query", service.url)).send().await.expect("it answers");
    db.projected().await;
    // Rows that an operator's constraints refuse: when they come, and when a column gets another type.
    let sql = "alter table synced.customers_to_warehouse add constraint no_person check (name <> 'Katherine-Johnson');
               create unique index one_city on synced.customers_to_warehouse (city)";
    let cities = |name: &str, age: &str| {
        Delivery::of(&[
            record(name, json!({"name": name, "city": "Ursula-Burns", "age": age})),
            record(&format!("{name}-too"), json!({"name": format!("{name}-too"), "city": "Ursula-Burns", "age": 7})),
        ])
    };
    assert_eq!(cities("Mary-Somerville", "Hedy-Lamarr").post(&http, &service.url).await.status, 200);
    db.projected().await;
    let command = |arguments: &[&str]| {
        let done = run(binary().env("DATABASE_URL", db.url()).args(arguments));
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    };
    command(&["identity", "set", SYNC, "name", "--yes"]);
    db.run("delete from synced.customers_to_warehouse where city is not null").await;
    db.run(sql).await;
    assert_eq!(cities("Katherine-Johnson", "1815").post(&http, &service.url).await.status, 200);
    assert_eq!(cities("Joan-Clarke", "1815").post(&http, &service.url).await.status, 200);
    db.projected().await;
    // Values that a column of another type does not take, and one that a constraint does not.
    db.run("alter table synced.customers_to_warehouse_history add column age_2 text check (age_2 is null)").await;
    command(&["column", SYNC, "age", "--type", "bigint", "--yes"]);
    db.projected().await;
    command(&["rebuild", SYNC]);
    db.projected().await;
    db.until("select count(*) from polysink.rejections where reason = 'unprojectable'", |all: i64| all > 0).await;
    // The reasons of rejections are shown for all records that were refused together.
    let reasons = db.text("select string_agg(detail, '; ') from polysink.rejections").await;
    service.stop();
    let log = log.join().expect("it is read to its end") + &reasons;
    assert!(log.contains("no_person") && log.contains("one_city"), "{log}");
    assert!(log.contains("a delivery was stored") && log.contains("projected"), "{log}");
    for secret in [
        SECRET,
        "token-of-the-admin",
        "wrong-but-secret",
        "in-the-query",
        "Ada-Lovelace",
        "Grace-Hopper",
        "Alan-Turing",
        "Mary-Somerville",
        "Katherine-Johnson",
        "Joan-Clarke",
        "Ursula-Burns",
        "Hedy-Lamarr",
        "1815",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}

/// An OTLP receiver.
struct Receiver {
    endpoint: String,
    requests: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
}

impl Receiver {
    fn start() -> Self {
        let requests = Arc::<Mutex<Vec<ExportTraceServiceRequest>>>::default();
        let received = web::Data::from(Arc::clone(&requests));
        let server = HttpServer::new(move || {
            App::new().app_data(received.clone()).route(
                "/v1/traces",
                web::post().to(
                    |body: web::Bytes, received: web::Data<Mutex<Vec<ExportTraceServiceRequest>>>| async move {
                        let request = ExportTraceServiceRequest::decode(body).expect("it is OTLP");
                        received.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                        HttpResponse::Ok().content_type("application/x-protobuf").body("")
                    },
                ),
            )
        });
        let server = server.workers(1).disable_signals().bind("127.0.0.1:0").expect("a port is free");
        let endpoint = format!("http://{}", server.addrs()[0]);
        tokio::spawn(server.run());
        Self { endpoint, requests }
    }

    fn spans(&self) -> Vec<Span> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let scopes =
            requests.iter().flat_map(|request| &request.resource_spans).flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    /// An attribute of the process.
    fn resource(&self, key: &str) -> Option<String> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let resource = requests.first()?.resource_spans.first()?.resource.clone()?;
        text(&resource.attributes.iter().find(|attribute| attribute.key == key)?.value.clone()?.value?)
    }
}

fn text(value: &any_value::Value) -> Option<String> {
    match value {
        any_value::Value::StringValue(text) => Some(text.clone()),
        any_value::Value::IntValue(number) => Some(number.to_string()),
        _ => None,
    }
}

fn attribute(span: &Span, key: &str) -> Option<String> {
    text(&span.attributes.iter().find(|attribute| attribute.key == key)?.value.clone()?.value?)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes every write");
        text
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_traced_from_its_sender_to_its_transaction() {
    let receiver = Receiver::start();
    let (db, folder, http) = (TestDatabase::create().await, tempfile::tempdir().expect("a folder"), http_client());
    let mut serve = Service::on(&db.url(), folder.path());
    // Exported at the end alone, so that nothing is lost on the way.
    serve.env("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint).env("OTEL_BSP_SCHEDULE_DELAY", "600000");
    let service = Service::start(serve);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let delivery =
        Delivery::of(&[record("a", json!({"n": 1}))]).with("traceparent", &format!("00-{trace}-00f067aa0ba902b7-01"));
    let answer = delivery.post(&http, &service.url).await;
    assert_eq!(Delivery::documented().without("authorization").post(&http, &service.url).await.status, 401);
    db.projected().await;
    let (status, _) = service.stop();
    assert!(status.success());

    let spans = receiver.spans();
    let named = |name: &str| spans.iter().filter(|span| span.name == name).collect::<Vec<_>>();
    let [delivery, refused] = named("delivery")[..] else { panic!("{spans:#?}") };
    assert_eq!(
        (hex(&delivery.trace_id), hex(&delivery.parent_span_id)),
        (trace.to_owned(), "00f067aa0ba902b7".to_owned())
    );
    assert_eq!(attribute(delivery, "http.response.status_code").as_deref(), Some("200"));
    assert_eq!(attribute(delivery, "request_id").as_deref(), Some(trace));
    assert_eq!(attribute(delivery, "envelope_id").as_deref(), answer.json()["envelope_id"].as_str());
    assert_eq!(attribute(delivery, "sync_id").as_deref(), Some(SYNC));
    assert_eq!(attribute(refused, "outcome").as_deref(), Some("credentials"));
    assert_ne!(refused.trace_id, delivery.trace_id);
    for part in ["read", "parse", "store"] {
        let [part] = named(part)[..] else { panic!("{part}: {spans:#?}") };
        assert_eq!((&part.trace_id, &part.parent_span_id), (&delivery.trace_id, &delivery.span_id));
    }
    let [transaction] = named("transaction")[..] else { panic!("{spans:#?}") };
    let [store] = named("store")[..] else { panic!("{spans:#?}") };
    assert_eq!(transaction.links.iter().map(|link| &link.span_id).collect::<Vec<_>>(), [&store.span_id]);
    assert_eq!(attribute(transaction, "records").as_deref(), Some("1"));
    assert!(named("projection").iter().any(|span| attribute(span, "records").as_deref() == Some("1")), "{spans:#?}");
    assert_eq!(receiver.resource("service.name").as_deref(), Some("polysink"));
    assert_eq!(receiver.resource("service.version").as_deref(), Some(env!("CARGO_PKG_VERSION")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_harms_nothing() {
    let (db, folder, http) = (TestDatabase::create().await, tempfile::tempdir().expect("a folder"), http_client());
    let mut serve = Service::on(&db.url(), folder.path());
    // Nothing listens on port 9; it is reserved.
    serve.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9").env("OTEL_BSP_SCHEDULE_DELAY", "50");
    let (mut service, log) = Service::start_logging(serve);
    for n in 0..20 {
        let delivery = Delivery::of(&[record(&n.to_string(), json!({"n": n}))]);
        assert_eq!(delivery.post(&http, &service.url).await.status, 200);
    }
    let ended = tokio::time::timeout(Duration::from_secs(30), service.ends_in_time()).await.expect("it ends");
    assert!(ended.success());
    let log = log.join().expect("it is read to its end");
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn another_protocol_is_refused_at_the_start() {
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let mut serve = Service::on("postgres://localhost/none", folder.path());
    serve.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317").env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let output = run(&mut serve);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains("OTEL_EXPORTER_OTLP_PROTOCOL: `grpc` is not http/protobuf"), "{said}");
}
