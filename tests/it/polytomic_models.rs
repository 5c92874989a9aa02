//! Syncs that are configured as their models in Polytomic say.

use serde_json::{Value, json};

use crate::harness::polytomic::{FakePolytomic, KEY};
use crate::harness::{Delivery, SYNC, TestApp, record};
use crate::polytomic_runs::spawn;

const TABLE: &str = "synced.customers_to_warehouse";

/// A sync whose records are known by `Customer ID`.
fn describe(fake: &FakePolytomic) {
    let field = |target: &str, field: &str| json!({"target": target, "source": {"model_id": "m", "field": field}});
    let fields = [field("Customer ID", "id"), field("zip", "zip"), field("at", "created"), field("name", "name")];
    let described = |name: &str, description: &str, kind: &str| {
        let label = name;
        json!({"name": name, "label": label, "description": description, "type": kind, "unique": false})
    };
    let mut state = fake.state();
    state.syncs.insert(SYNC.to_owned(), json!({"id": SYNC, "name": "A sync", "fields": fields}));
    let fields = [
        described("id", "What the shop calls a customer's number.", "number"),
        described("zip", "", "string"),
        described("created", "When it was created", "datetime"),
        described("name", "Its name", "boolean"),
    ];
    state.models.insert("m".to_owned(), json!({"id": "m", "name": "Customers", "identifier": "id", "fields": fields}));
}

fn customers(name: &str, ids: std::ops::Range<u32>) -> Delivery {
    let customer = |id: u32| {
        let fields = json!({"Customer ID": id, "zip": 10_000 + id, "at": "2026-01-02T03:04:05Z", "name": name});
        record(&format!("{name}-{id}"), fields)
    };
    Delivery::of(&ids.map(customer).collect::<Vec<Value>>())
}

async fn comment(app: &TestApp, column: &str) -> Option<String> {
    let sql =
        "select col_description(attrelid, attnum) from pg_attribute where attrelid = $1::regclass and attname = $2";
    sqlx::query_scalar(sql).bind(TABLE).bind(column).fetch_one(&app.db.pool).await.expect("it is there")
}

async fn types(app: &TestApp) -> String {
    app.db
        .text(
            "select string_agg(column_name || ' ' || data_type, ', ' order by column_name)
             from information_schema.columns
             where table_name = 'customers_to_warehouse' and column_name not like '\\_%'",
        )
        .await
}

const MODEL: &str = "select coalesce(string_agg(identity[1], ' '), '') from polysink.sync_sources";

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_is_suggested_and_taken_from_the_model() {
    let fake = FakePolytomic::start();
    describe(&fake);
    let app = spawn(&fake).await;
    app.send(&customers("a", 0..5)).await.counts();
    app.db.becomes(MODEL, "Customer ID").await;
    let suggested = app.works(&["identity", "suggest", SYNC]);
    let first = suggested.lines().nth(1).expect("there are some");
    assert!(first.starts_with("Customer ID") && first.contains("Polytomic knows the records by it"), "{suggested}");
    let set = format!("Polytomic knows its records by Customer ID: polysink identity set {SYNC} --from-polytomic");
    assert!(suggested.contains(&set), "{suggested}");
    assert!(suggested.contains("By its model there: zip text (a string there, bigint here)."), "{suggested}");
    assert!(suggested.contains("By its model there: name boolean (a boolean there, text here)."), "{suggested}");
    assert_eq!(app.db.count("select count(*) from polysink.syncs where identity is not null").await, 0);

    sqlx::raw_sql("comment on column synced.customers_to_warehouse.at is 'ours'")
        .execute(&app.db.pool)
        .await
        .expect("it is there");
    let said = app.works(&["identity", "set", SYNC, "--from-polytomic", "--yes"]);
    assert!(
        said.contains("name boolean (a boolean there, text here) stays as it is: not all of its values fit"),
        "{said}"
    );
    assert_eq!(types(&app).await, "at timestamp with time zone, customer_id bigint, name text, zip text");
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse_history").await, 5);
    let number = "What the shop calls a customer's number.\nThe field \"Customer ID\" of the Polytomic sync.";
    assert_eq!(comment(&app, "customer_id").await.as_deref(), Some(number));
    assert_eq!(comment(&app, "at").await.as_deref(), Some("ours"), "an operator's comment stays");
    assert_eq!(comment(&app, "zip").await.as_deref(), Some("The field \"zip\" of the Polytomic sync."));
    let again = app.works(&["identity", "set", SYNC, "--from-polytomic", "--yes"]);
    assert!(again.contains("That is already the sync's identity."), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_sync_configures_itself() {
    let fake = FakePolytomic::start();
    describe(&fake);
    let settings =
        [("POLYSINK_POLYTOMIC_KEY", KEY), ("POLYSINK_POLYTOMIC_URL", &fake.url), ("POLYSINK_AUTO_IDENTITY", "true")];
    let app = TestApp::spawn_with(&settings).await;
    app.send(&customers("a", 0..5)).await.counts();
    let configured = "select coalesce(string_agg(identity[1] || from_polytomic, ' '), '') from polysink.syncs";
    app.db.becomes(configured, "Customer IDtrue").await;
    assert_eq!(types(&app).await, "at timestamp with time zone, customer_id bigint, name text, zip text");
    app.send(&customers("b", 3..6)).await.counts();
    app.db.projected().await;
    let versions = "select count(*) from synced.customers_to_warehouse_history";
    let rows = "select count(*) from synced.customers_to_warehouse";
    assert_eq!((app.db.count(rows).await, app.db.count(versions).await), (6, 8));
    // An operator's decision stays.
    app.works(&["identity", "clear", SYNC, "--yes"]);
    fake.state().requests.clear();
    app.metrics_until(|metrics| metrics.get("polysink_polytomic_asks_total", &[("result", "ok")]) > Some(3)).await;
    assert_eq!(app.db.count("select count(*) from polysink.syncs where identity is not null").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_says_nothing_changes_nothing() {
    let fake = FakePolytomic::start();
    fake.state().syncs.insert(SYNC.to_owned(), json!({"id": SYNC, "name": "A sync"}));
    let app = spawn(&fake).await;
    app.send(&customers("a", 0..5)).await.counts();
    app.db.until("select count(model_at) from polysink.sync_sources", |known: i64| known == 1).await;
    let suggested = app.works(&["identity", "suggest", SYNC]);
    assert!(!suggested.contains("Polytomic"), "{suggested}");
    let (worked, error) = app.polysink(&["identity", "set", SYNC, "--from-polytomic"]);
    assert!(!worked && error.contains("Polytomic does not say which field identifies a record"), "{error}");
    let (worked, error) = app.polysink(&["identity", "set", SYNC, "zip", "--from-polytomic"]);
    assert!(!worked && error.contains("cannot be used with"), "{error}");
    let other = TestApp::spawn().await;
    other.send(&customers("a", 0..5)).await.counts();
    let (worked, error) = other.polysink(&["identity", "set", SYNC, "--from-polytomic"]);
    assert!(!worked && error.contains("the sync's model is not known yet: with POLYSINK_POLYTOMIC_KEY set"), "{error}");
}
