//! Settings that a DBA has made for polysink's role or its database: what is stored and shown is the same.

use serde_json::json;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPoolOptions;

use crate::harness::outage::{acknowledged, one};
use crate::harness::{Delivery, SYNC, TestApp, TestDatabase, record};

/// Each with a value that would change what statements mean, or end them.
const SETTINGS: [(&str, &str); 14] = [
    ("search_path", "synced, polysink, pg_catalog"),
    ("default_transaction_isolation", "serializable"),
    ("DateStyle", "'German, DMY'"),
    ("IntervalStyle", "sql_standard"),
    ("TimeZone", "'Pacific/Kiritimati'"),
    ("standard_conforming_strings", "off"),
    ("row_security", "off"),
    ("statement_timeout", "'150ms'"),
    ("lock_timeout", "'1ms'"),
    ("session_replication_role", "replica"),
    ("extra_float_digits", "-15"),
    ("bytea_output", "escape"),
    ("quote_all_identifiers", "on"),
    ("idle_in_transaction_session_timeout", "'100ms'"),
];

/// The fields' columns, the key and what does not fit of every row and version.
const SHOWN: &str = "
    select string_agg(row::text, e'\\n' order by row::text) from (
        select (select jsonb_object_agg(key, value) from jsonb_each(row) where key !~ '^_' or key in ('_key',
        '_unfit')) as row
        from (select to_jsonb(t) as row from synced.customers_to_warehouse t
              union all select to_jsonb(h) from synced.customers_to_warehouse_history h) as rows
    ) as shown";

async fn set(db: &TestDatabase, name: &str, value: &str) {
    let sql = format!("alter role polysink in database {} set {name} = {value}", db.name);
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&db.pool).await.expect("the superuser may");
}

/// What a service shows of the same deliveries.
///
/// * `setting`: made before it connects
async fn shown_with(setting: Option<(&str, &str)>) -> String {
    let db = TestDatabase::create().await;
    if let Some((name, value)) = setting {
        set(&db, name, value).await;
    }
    let app = TestApp::spawn_on(db, &[]).await;
    for n in 0..3 {
        let fields = |id: i64| {
            json!({
                "id": id, "n": n, "price": 0.1, "big": 12_345_678_901_234_567_890_u64, "text": "back\\slash 'quoted' \
                                                                                                \\'",
                "at": format!("2024-02-0{}T10:11:12.345678+05:30", n + 1), "day": "2024-03-04", "odd": "03.04.2024",
                "local": "2024-03-04 05:06:07", "nested": {"a": [1, null, "\\"]},
                "mixed": if n == 2 { json!("x") } else { json!(1) },
            })
        };
        let records: Vec<_> = (0..20).map(|id| record(&format!("{n}-{id}"), fields(id))).collect();
        app.send(&Delivery::of(&records)).await.counts();
    }
    app.db.projected().await;
    app.works(&["identity", "set", SYNC, "id"]);
    app.works(&["column", SYNC, "n", "--type", "text"]);
    app.db.projected().await;
    app.works(&["rebuild", SYNC]);
    let fresh = Delivery::of(&[record("late", json!({"id": 3, "n": "later", "new": true}))]);
    assert_eq!(app.send(&fresh).await.counts(), [1, 1, 0, 0]);
    app.db.projected().await;
    let reset = format!("alter role polysink in database {} reset all", app.db.name);
    sqlx::raw_sql(AssertSqlSafe(reset)).execute(&app.db.pool).await.expect("the superuser may");
    let fresh = PgPoolOptions::new().connect(&app.db.url()).await.expect("the database is there");
    sqlx::query_scalar(SHOWN).fetch_one(&fresh).await.expect("the statement is good")
}

#[tokio::test(flavor = "multi_thread")]
async fn output_does_not_depend_on_the_roles_settings() {
    let expected = shown_with(None).await;
    assert!(expected.contains("12345678901234567890") && expected.contains("2024-03-04"), "{expected}");
    for setting in SETTINGS {
        assert_eq!(shown_with(Some(setting)).await, expected, "{setting:?}");
    }
}

/// A DBA who makes a database read-only means it, as some providers do when its disk is full.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_read_only_by_default_is_an_outage_until_that_is_reset() {
    let app = TestApp::spawn().await;
    app.send(&one("before", 0)).await.counts();
    set(&app.db, "default_transaction_read_only", "on").await;
    let end = "select count(pg_terminate_backend(pid)) from pg_stat_activity
               where datname = current_database() and application_name like 'polysink%'";
    app.db.count(end).await;
    assert_eq!(acknowledged(&[app.send(&one("read-only", 0)).await]), 1);
    let ready = app.get("/health/ready").await.json();
    assert_eq!(ready["database"], "read-only", "{ready}");
    set(&app.db, "default_transaction_read_only", "off").await;
    app.db.becomes(crate::harness::outage::ROWS, "2 2").await;
}
