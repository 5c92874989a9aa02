//! DDL on a table during an autovacuum.

use serde_json::json;

use crate::harness::app::http_client;
use crate::harness::{Delivery, LocalService, binary, record, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_fields_column_does_not_wait_for_an_autovacuum_to_end() {
    let local = LocalService::start();
    let send = async |records: &[serde_json::Value]| {
        local.sign(Delivery::of(records)).post(&http_client(), &local.service.url).await.counts();
    };
    let wide = "x".repeat(1_000);
    let records: Vec<_> = (0..4_000).map(|n| record(&format!("h{n}"), json!({"id": n, "text": wide}))).collect();
    send(&records).await;
    local.becomes("select count(*) from polysink.backlog", "0").await;
    // An autovacuum that takes minutes: it rests for as long as it may after each of hundreds of pages.
    local.psql("alter system set autovacuum_naptime = '1s'");
    local.psql("select pg_reload_conf()");
    local.psql(
        "alter table synced.customers_to_warehouse set (autovacuum_vacuum_threshold = 0,
        autovacuum_vacuum_scale_factor = 0,
              autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)",
    );
    local.psql("update synced.customers_to_warehouse set text = upper(text)");
    local
        .becomes(
            "select count(*) from pg_stat_progress_vacuum where relid = 'synced.customers_to_warehouse'::regclass",
            "1",
        )
        .await;

    send(&[record("new", json!({"id": 5_000, "more": "of it"}))]).await;
    let column = "select count(*) from pg_attribute where attrelid = 'synced.customers_to_warehouse'::regclass and \
                  attname = 'more'";
    local.becomes(column, "1").await;
    local.becomes("select more from synced.customers_to_warehouse where id = 5000", "of it").await;

    // PostgreSQL starts over at once, and an operator's change does not wait for that one either.
    local
        .becomes(
            "select count(*) from pg_stat_progress_vacuum where relid = 'synced.customers_to_warehouse'::regclass",
            "1",
        )
        .await;
    let output = run(binary().env("POLYSINK_DATA_DIR", &local.data).args([
        "column",
        "customers_to_warehouse",
        "text",
        "--hide",
    ]));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(local.psql("select count(*) from synced.customers_to_warehouse t where to_jsonb(t) ? 'text'"), "0");
}
