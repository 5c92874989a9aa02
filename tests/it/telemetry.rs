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
use crate::harness::{Delivery, SECRET, SYNC, Service, TestDatabase, binary, eventually, record, run};

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
async fn a_panic_is_a_log_line_and_the_service_continues() {
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

/// Refuses records of Annie Easley in the ledger, quoting them, and those of Dorothy Vaughan in the quarantine too.
const QUOTING: &str = r"
    create function refuse() returns trigger language plpgsql as $$
    begin
        if to_jsonb(new)::text ~ 'Annie-Easley' or encode(decode(ltrim(to_jsonb(new)->>'payload', '\x'), 'hex'),
        'escape') ~ 'Vaughan'
           or to_jsonb(new)::text ~ 'Vaughan'
        then raise exception 'refused: %', to_jsonb(new)
            using errcode = 'check_violation', detail = to_jsonb(new)::text, constraint = 'no_people'; end if;
        return new;
    end $$;
    create trigger refuse before insert on polysink.records for each row execute function refuse();
    create trigger refuse before insert on polysink.rejections for each row execute function refuse()";

/// What is in requests and rows, and in no log, trace or reason.
const SECRETS: [&str; 23] = [
    SECRET,
    "token-of-the-admin",
    "wrong-but-secret",
    "in-the-query",
    "Lovelace",
    "Hopper",
    "Turing",
    "Somerville",
    "Johnson",
    "Clarke",
    "Burns",
    "Lamarr",
    "181512101852112",
    "Shiung",
    "Liskov",
    "Meitner",
    "Noether",
    "Kovalevskaya",
    "Mitchell",
    "Easley",
    "Vaughan",
    "Hamilton",
    "Uhlenbeck",
];

/// Requests with credentials, queries and bodies that are refused, and one that is not.
///
/// * `metrics`: the address of the admin listener's metrics
async fn request_with_secrets(http: &reqwest::Client, webhook: &str, metrics: &str) {
    let query = format!("{webhook}?token=in-the-query");
    let person = Delivery::of(&[record("a", json!({"name": "Ada-Lovelace"})), json!("Grace-Hopper")]);
    assert_eq!(person.post(http, &query).await.status, 200);
    assert_eq!(person.with("authorization", "Bearer wrong-but-secret").post(http, &query).await.status, 401);
    assert_eq!(Delivery::of_body("{\"Alan-Turing\"").post(http, &query).await.status, 400);
    http.get(format!("{metrics}?token=in-the-query")).bearer_auth("wrong-but-secret").send().await.expect("it answers");
    http.get(format!("{webhook}/nowhere?token=in-the-query")).send().await.expect("it answers");
}

/// Records that jsonb does not take.
async fn send_odd_values(http: &reqwest::Client, webhook: &str) {
    let nested = format!(r#"{{"name":"Maria-Mitchell","n":{}1{}}}"#, "[".repeat(7_000), "]".repeat(7_000));
    for fields in [r#"{"name":"Sofia-Kovalevskaya","n":1e999999}"#, &nested] {
        let body = format!(
            r#"{{"event":"sync.records","object":{{"id":"{SYNC}","records":[{{"hash":"odd","fields":{fields}}}]}}}}"#
        );
        Delivery::of_body(body).post(http, webhook).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_trace_or_reason_has_a_body_a_token_or_a_query_string() {
    let receiver = Receiver::start();
    let (db, folder, http) = (TestDatabase::create().await, tempfile::tempdir().expect("a folder"), http_client());
    let mut serve = Service::on(&db.url(), folder.path());
    serve
        .env("POLYSINK_LOG", "trace")
        .env("POLYSINK_ADMIN_TOKEN", "token-of-the-admin")
        .env("POLYSINK_ADMIN_LISTEN", "127.0.0.1:0")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint)
        .env("OTEL_BSP_SCHEDULE_DELAY", "200");
    let (mut service, log) = Service::start_logging(serve);
    let metrics = service.metrics_url();
    request_with_secrets(&http, &service.url, &metrics).await;
    db.projected().await;
    let mut told = String::new();
    let mut command = |arguments: &[&str]| {
        let done = run(binary().env("DATABASE_URL", db.url()).env("POLYSINK_LOG", "trace").args(arguments));
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{arguments:?}: {said}");
        // What it says to the operator who asks for a type quotes a value that does not fit.
        if arguments[0] != "column" {
            told.push_str(&said);
        }
    };
    let stored = async |records: &[Value]| {
        assert_eq!(Delivery::of(records).post(&http, &service.url).await.status, 200);
        db.projected().await;
    };

    // Rows that an operator's constraints refuse: when they come, and when a column gets another type.
    let cities = |name: &str, age: &str| {
        [
            record(name, json!({"name": name, "city": "Ursula-Burns", "age": age})),
            record(&format!("{name}-too"), json!({"name": format!("{name}-too"), "city": "Ursula-Burns", "age": 7})),
        ]
    };
    stored(&cities("Mary-Somerville", "Hedy-Lamarr")).await;
    command(&["identity", "set", SYNC, "name", "--yes"]);
    db.run("delete from synced.customers_to_warehouse where city is not null").await;
    db.run(
        "alter table synced.customers_to_warehouse add constraint no_person check (name <> 'Katherine-Johnson');
         create unique index one_city on synced.customers_to_warehouse (city)",
    )
    .await;
    stored(&cities("Katherine-Johnson", "181512101852112")).await;
    stored(&cities("Joan-Clarke", "181512101852112")).await;
    // Values that a column of another type does not take, and one that a constraint does not.
    db.run("alter table synced.customers_to_warehouse_history add column age_2 text check (age_2 is null)").await;
    command(&["column", SYNC, "age", "--type", "bigint", "--yes"]);
    db.projected().await;
    db.until("select count(*) from polysink.rejections where reason = 'unprojectable'", |all: i64| all > 0).await;
    // A column that takes no such value; keys that are too large; texts and numbers that jsonb does not take.
    stored(&[record("misfit", json!({"name": "Chien-Shiung-Wu", "age": "Barbara-Liskov"}))]).await;
    stored(&[record("key", json!({"name": "Lise-Meitner".repeat(1_000)}))]).await;
    stored(&[record("nul", json!({"name": "Emmy-Noether\0"}))]).await;
    send_odd_values(&http, &service.url).await;
    // Records that the ledger refuses.
    db.run(QUOTING).await;
    stored(&[record("ledger", json!({"name": "Annie-Easley"})), record("good", json!({"name": "good"}))]).await;
    // A ledger that does not answer for a while. What the quarantine refuses too is moved aside then.
    let mut holder = db.pool.begin().await.expect("it takes connections");
    sqlx::query("lock table polysink.records").execute(&mut *holder).await.expect("it is free");
    for (hash, name) in [("waits", "Margaret-Hamilton"), ("aside", "Dorothy-Vaughan")] {
        let waits = Delivery::of(&[record(hash, json!({"name": name}))]).post(&http, &service.url).await;
        assert_eq!(waits.status, 200);
    }
    holder.rollback().await.expect("it is open");
    db.until("select count(*) from polysink.records where hash = 'waits'", |all: i64| all == 1).await;
    // Work on all that is stored.
    command(&["rebuild", SYNC]);
    command(&["replay", "--yes"]);
    command(&["replay", "--rejected", "--yes"]);
    db.run("drop table synced.customers_to_warehouse").await;
    stored(&[record("last", json!({"name": "Karen-Uhlenbeck"}))]).await;
    let aside = folder.path().join("spool/set-aside");
    eventually("it is moved aside", async || std::fs::read_dir(&aside).map_or(0, Iterator::count) > 0).await;
    // The reasons of rejections are shown for all records that were refused together.
    let reasons = db.text("select string_agg(concat(reason, ' ', detail), '; ') from polysink.rejections").await;
    service.stop();
    let traced = receiver.spans().iter().map(|span| format!("{span:?}")).collect::<Vec<_>>().join("\n");
    assert!(traced.contains("projection") && traced.contains("transaction"), "{traced}");
    for reason in ["unprojectable", "key_too_large", "exception"] {
        assert!(reasons.contains(reason), "nothing took the way of {reason}: {reasons}");
    }
    let log = log.join().expect("it is read to its end");
    for part in ["no_person", "one_city", "a delivery was stored", "projected", "moved aside", "not fit"] {
        assert!(log.contains(part), "nothing took the way of {part}: {log}");
    }
    let all = [log, reasons, traced, told].concat();
    for secret in SECRETS {
        let lines: Vec<&str> = all.lines().filter(|line| line.contains(secret)).collect();
        assert!(lines.is_empty(), "{secret} is told:\n{}", lines.join("\n"));
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
