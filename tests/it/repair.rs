//! Missing records are sent again.

use serde_json::{Value, json};

use crate::harness::polytomic::{FakePolytomic, KEY};
use crate::harness::process;
use crate::harness::{Delivery, SYNC, TestApp, eventually, record};
use crate::polytomic_runs::{ago, learned, run, spawn, status, verdict};

fn entities(ids: impl IntoIterator<Item = usize>) -> Delivery {
    let entity = |id: usize| record(&format!("entity-{id}"), json!({"id": id, "region": "eu"}));
    Delivery::of(&ids.into_iter().map(entity).collect::<Vec<Value>>())
}

/// A service with a run of which the entities 3 and 4 are missing.
async fn with_a_short_run(fake: &FakePolytomic, identity: &[&str]) -> TestApp {
    let app = spawn(fake).await;
    learned(&app, fake).await;
    let started = ago(10);
    app.send(&entities(0..3).sent_ago(8)).await.counts();
    app.db.projected().await;
    if !identity.is_empty() {
        app.works(&[&["identity", "set", SYNC, "--yes"], identity].concat());
    }
    let log: Vec<Value> = (0..5).map(|id| json!({"id": id, "region": "eu"})).collect();
    fake.state().logs.insert("lossy".to_owned(), Value::from(log).to_string());
    fake.put_run(SYNC, run("lossy", started, ago(3), 5));
    verdict(&app.db, "lossy", "short").await;
    app
}

fn repair<'a>(fake: &'a FakePolytomic, more: &[&'a str]) -> Vec<&'a str> {
    [&["repair", SYNC, "--yes", "--polytomic-key", KEY, "--polytomic-url", &fake.url], more].concat()
}

/// Runs the command meanwhile.
fn spawn_command(app: &TestApp, arguments: &[&str]) -> tokio::task::JoinHandle<(bool, String)> {
    let (url, arguments) = (app.db.url(), arguments.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
    tokio::task::spawn_blocking(move || {
        process::polysink(&url, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
    })
}

/// Waits for the run that the command starts. Returns its id.
async fn started(fake: &FakePolytomic) -> String {
    let find = || {
        let state = fake.state();
        let run = state.runs[SYNC].iter().find(|run| !run["request"].is_null());
        run.map(|run| run["id"].as_str().expect("it has one").to_owned())
    };
    eventually("a run is started", async || find().is_some()).await;
    find().expect("it was there")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_delivery_is_found_and_named_and_sent_again() {
    let fake = FakePolytomic::start();
    let app = with_a_short_run(&fake, &["id"]).await;
    fake.state().syncs.insert(SYNC.to_owned(), json!({"id": SYNC, "sync_all_records": true}));
    let command = spawn_command(&app, &repair(&fake, &[]));
    let id = started(&fake).await;
    let asked = fake.state().requests.iter().find(|asked| asked.method == "POST").cloned().expect("it was asked");
    assert_eq!(asked.body, json!({"identities": ["3", "4"]}));
    assert!(asked.headers["idempotency-key"].starts_with("polysink-lossy-"), "{:?}", asked.headers);
    app.send(&entities(3..5)).await.counts();
    fake.put_run(SYNC, run(&id, ago(2), ago(0), 2));
    let (worked, said) = command.await.expect("it runs");
    assert!(worked, "{said}");
    assert!(said.contains("2 records of run lossy did not arrive: [3], [4]."), "{said}");
    assert!(said.contains("They have arrived.\n"), "{said}");
    verdict(&app.db, "lossy", "complete").await;
    verdict(&app.db, &id, "complete").await;
    assert_eq!(status(&app.db, &id).await["full_run"], false, "it sends some records only");
    assert_eq!(status(&app.db, "lossy").await["proof"], "records");
    assert_eq!(app.works(&repair(&fake, &[])), "No records are missing, as far as is known.\n");
    let again = app.works(&repair(&fake, &["--run", "lossy"]));
    assert_eq!(again, "All records in the log of run lossy have arrived.\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_asked_for_by_the_models_identifier() {
    let fake = FakePolytomic::start();
    let app = with_a_short_run(&fake, &["region", "id"]).await;
    let field = |name: &str| json!({"target": name, "source": {"model_id": "m", "field": format!("{name}_of_model")}});
    fake.state().syncs.insert(SYNC.to_owned(), json!({"id": SYNC, "fields": [field("region"), field("id")]}));
    let model = |identifier: &str| json!({"id": "m", "identifier": identifier});
    fake.state().models.insert("m".to_owned(), model("email"));
    let (worked, said) = app.polysink(&repair(&fake, &[]));
    assert!(!worked && said.contains("by email, and its identity here is region, id: force a full resync"), "{said}");
    fake.state().models.insert("m".to_owned(), model("id_of_model"));
    let command = spawn_command(&app, &repair(&fake, &[]));
    let id = started(&fake).await;
    let asked = fake.state().requests.iter().find(|asked| asked.method == "POST").cloned().expect("it was asked");
    assert_eq!(asked.body, json!({"identities": ["3", "4"]}));
    let mut failed = run(&id, ago(2), ago(0), 0);
    failed["status"] = json!("failed");
    failed["errors"] = json!(["no such identity"]);
    fake.put_run(SYNC, failed);
    let (worked, said) = command.await.expect("it runs");
    assert!(!worked && said.contains(&format!("run {id} has failed: no such identity")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repair_that_cannot_be_says_why_and_what_to_do() {
    let fake = FakePolytomic::start();
    let app = with_a_short_run(&fake, &[]).await;
    let refused = |said: &(bool, String), expected: &str| assert!(!said.0 && said.1.contains(expected), "{}", said.1);
    refused(&app.polysink(&repair(&fake, &[])), "the missing records have no key: set an identity");
    app.works(&["identity", "set", SYNC, "id", "--yes"]);
    let asks = ["repair", SYNC, "--polytomic-key", KEY, "--polytomic-url", &fake.url];
    refused(&app.polysink(&asks), "No terminal to confirm on; pass --yes");
    refused(&app.polysink(&["repair", SYNC, "--yes"]), "POLYSINK_POLYTOMIC_KEY is not set");
    refused(&app.polysink(&repair(&fake, &["--run", "other"])), "the sync has no run \"other\"");
    let busy = json!({"id": "busy", "status": "running", "created_at": ago(1), "started_at": ago(1)});
    fake.put_run(SYNC, busy);
    refused(&app.polysink(&repair(&fake, &[])), "A run of the sync is in progress: repeat it afterwards");
    let log = fake.state().logs.insert("lossy".to_owned(), "not JSON".to_owned());
    let expected = "So it is not known which records are missing: force a full resync";
    refused(&app.polysink(&repair(&fake, &[])), expected);
    assert!(log.is_some());
    assert!(fake.state().runs[SYNC].iter().all(|run| run["request"].is_null()), "none was started");
}
