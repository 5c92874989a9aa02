//! DDL on a table that an autovacuum is at work on.

use serde_json::json;

use crate::harness::app::http_client;
use crate::harness::{Delivery, Service, binary, record, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_fields_column_does_not_wait_for_an_autovacuum_to_end() {
    let dir = tempfile::tempdir().expect("there is a temporary folder");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o711);
    std::fs::set_permissions(dir.path(), open).expect("the folder is ours");
    let data = dir.path().join("data");
    let mut command = binary();
    command.env("POLYSINK_LISTEN", "127.0.0.1:0").env("POLYSINK_DATA_DIR", &data).arg("serve");
    let service = Service::start(command);
    let secret = std::fs::read_to_string(data.join("secret")).expect("it was made");
    let psql = |sql: &str| {
        let output = run(binary().env("POLYSINK_DATA_DIR", &data).args(["psql", "-X", "-Atqc", sql]));
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let until = async |sql: &str, wanted: &str| {
        let looks = async {
            while psql(sql) != wanted {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await; // between two looks
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), looks).await.expect("it comes to that");
    };
    let send = async |records: &[serde_json::Value]| {
        let delivery = Delivery::of(records).with("authorization", &format!("Bearer {}", secret.trim()));
        delivery.post(&http_client(), &service.url).await.counts();
    };
    let wide = "x".repeat(1_000);
    let records: Vec<_> = (0..4_000).map(|n| record(&format!("h{n}"), json!({"id": n, "text": wide}))).collect();
    send(&records).await;
    until("select count(*) from polysink.backlog", "0").await;
    // An autovacuum that takes minutes: it rests for as long as it may after each of hundreds of pages.
    psql("alter system set autovacuum_naptime = '1s'");
    psql("select pg_reload_conf()");
    psql("alter table synced.customers_to_warehouse set (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
              autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)");
    psql("update synced.customers_to_warehouse set text = upper(text)");
    until("select count(*) from pg_stat_progress_vacuum where relid = 'synced.customers_to_warehouse'::regclass", "1")
        .await;

    send(&[record("new", json!({"id": 5_000, "more": "of it"}))]).await;
    let column = "select count(*) from pg_attribute where attrelid = 'synced.customers_to_warehouse'::regclass and attname = 'more'";
    until(column, "1").await;
    until("select more from synced.customers_to_warehouse where id = 5000", "of it").await;

    // PostgreSQL starts over at once, and an operator's change does not wait for that one either.
    until("select count(*) from pg_stat_progress_vacuum where relid = 'synced.customers_to_warehouse'::regclass", "1")
        .await;
    let output =
        run(binary().env("POLYSINK_DATA_DIR", &data).args(["column", "customers_to_warehouse", "text", "--hide"]));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(psql("select count(*) from synced.customers_to_warehouse t where to_jsonb(t) ? 'text'"), "0");
}
