//! The query tables read by logical replication: a slot, and a subscription of another server.

use serde_json::{Value, json};

use crate::harness::app::http_client;
use crate::harness::process::works;
use crate::harness::{Delivery, Server, Service, record};

/// A server that others can subscribe to.
fn publisher() -> Server {
    let mut server = Server::start();
    let set = "alter system set wal_level = logical";
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(server.run(set)));
    server.stop();
    server.start_again();
    server
}

struct Source {
    server: Server,
    service: Service,
    _data: tempfile::TempDir,
}

impl Source {
    /// A service with one customer.
    async fn start() -> Self {
        let server = publisher();
        let data = tempfile::tempdir().expect("there is a temporary folder");
        let service = Service::start(Service::on(&server.url(), data.path())).prepared();
        let source = Self { server, service, _data: data };
        source.send(&[customer(1, "free")]).await;
        works(&source.server.url(), &["identity", "set", "customers_to_warehouse", "id"]);
        source
    }

    /// Sends records, and waits until they are in the query table.
    async fn send(&self, records: &[Value]) {
        Delivery::of(records).post(&http_client(), &self.service.url).await.counts();
        self.server.becomes("select count(*)::text from polysink.backlog", "0").await;
    }

    /// What a slot has of the customers, as the kind of each change with the plan; it has it once.
    async fn changes(&self) -> Vec<String> {
        let sql = "select coalesce(string_agg(data, E'\\n'), '') from pg_logical_slot_get_changes('cdc', null, null)
                   where data like 'table synced.customers_to_warehouse:%'";
        let data = self.server.text(sql).await;
        let change = |line: &str| {
            let kind = ["INSERT", "UPDATE", "DELETE"].into_iter().find(|kind| line.contains(&format!(" {kind}: ")));
            let plan = line.split("plan[text]:").nth(1).and_then(|rest| rest.split('\'').nth(1));
            format!("{} {}", kind.expect("it is a change"), plan.unwrap_or("?"))
        };
        data.lines().map(change).collect()
    }
}

fn customer(id: u32, plan: &str) -> Value {
    record(&format!("{id}-{plan}"), json!({"id": id, "plan": plan}))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_has_each_change_of_a_row_and_nothing_of_a_rebuild_that_changes_none() {
    let source = Source::start().await;
    source.server.run("select pg_create_logical_replication_slot('cdc', 'test_decoding')").await;
    source.send(&[customer(2, "free")]).await;
    source.send(&[customer(1, "team")]).await;
    assert_eq!(source.changes().await, ["INSERT free", "UPDATE team"]);
    // The same content again moves `_sent_at`; a rebuild writes only rows that differ.
    source.send(&[customer(1, "team")]).await;
    assert_eq!(source.changes().await, ["UPDATE team"]);
    works(&source.server.url(), &["rebuild", "customers_to_warehouse"]);
    assert_eq!(source.changes().await, Vec::<String>::new());
    works(&source.server.url(), &["forget", "customers_to_warehouse", "2", "--yes"]);
    assert_eq!(source.changes().await, ["DELETE ?"]);
    // Another identity is another key.
    works(&source.server.url(), &["identity", "clear", "customers_to_warehouse"]);
    let mut changes = source.changes().await;
    changes.sort();
    assert_eq!(changes, ["DELETE ?", "INSERT free", "INSERT team"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_server_follows_the_query_tables() {
    let source = Source::start().await;
    let url = source.server.url();
    source.server.run("create publication synced for table synced.customers_to_warehouse").await;
    let follower = Server::start();
    let schema = std::process::Command::new("/usr/lib/postgresql/15/bin/pg_dump")
        .args(["--schema-only", "--no-owner", "--no-privileges", "--schema=synced", &url])
        .output()
        .expect("there is pg_dump");
    assert!(schema.status.success(), "{schema:?}");
    let schema = String::from_utf8(schema.stdout).expect("it is text");
    let schema: String = schema
        .lines()
        .filter(|line| !line.starts_with('\\') && !line.contains("PUBLICATION"))
        .collect::<Vec<_>>()
        .join("\n");
    follower.run(&schema).await;
    let subscribe = format!(
        "create subscription synced connection 'host={} dbname=polysink user=polysink' publication synced",
        source.server.host()
    );
    follower.run(&subscribe).await;
    let rows = "select coalesce(string_agg(concat_ws(' ', id, plan), ', ' order by id), '') \
                from synced.customers_to_warehouse";
    follower.becomes(rows, "1 free").await;
    source.send(&[customer(1, "team"), customer(2, "free")]).await;
    follower.becomes(rows, "1 team, 2 free").await;
    works(&url, &["rebuild", "customers_to_warehouse"]);
    works(&url, &["forget", "customers_to_warehouse", "1", "--yes"]);
    follower.becomes(rows, "2 free").await;
    // A new field is a column here first.
    follower.run("alter table synced.customers_to_warehouse add column seats bigint").await;
    source.send(&[record("3", json!({"id": 3, "plan": "free", "seats": 5}))]).await;
    let seats = "select coalesce(string_agg(concat_ws(' ', id, seats), ', ' order by id), '') \
                 from synced.customers_to_warehouse";
    follower.becomes(seats, "2, 3 5").await;
    follower.run("drop subscription synced").await;
}
