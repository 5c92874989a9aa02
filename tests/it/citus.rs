//! What a Citus cluster takes and refuses. With `CITUS_URL`, the tests' databases are on one; without it, the committed
//! statements and migrations are checked against rules that a cluster of three nodes has taught.

use polysink::store::citus::{Distribution, TABLES};
use serde_json::{Value, json};

use crate::documents::path;
use crate::harness::citus::cluster;
use crate::harness::process::polysink;
use crate::harness::{Delivery, TestApp, TestDatabase, record};

/// The tables that are divided over the nodes.
fn distributed() -> impl Iterator<Item = &'static str> {
    TABLES.iter().filter(|(_, how)| *how != Distribution::Reference).map(|(name, _)| *name)
}

/// The text without comments and constants, in lower case, with single spaces.
fn plain(sql: &str) -> String {
    let without_comments: String =
        sql.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code)).collect::<Vec<_>>().join(" ");
    let code: String = without_comments.split('\'').step_by(2).collect::<Vec<_>>().join("''");
    code.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a table is named, and not one whose name begins with its name.
fn names(sql: &str, table: &str) -> bool {
    let name = format!("polysink.{table}");
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    sql.match_indices(&name).any(|(at, _)| ends(&sql[at + name.len()..]))
}

/// The table that a statement writes, if it is a distributed one.
fn written(sql: &str) -> Option<&'static str> {
    let target = ["insert into ", "update ", "delete from "]
        .iter()
        .filter_map(|verb| sql.find(verb).map(|at| (at, &sql[at + verb.len()..])))
        .min_by_key(|(at, _)| *at)?
        .1;
    distributed().find(|table| names(target.split(' ').next().unwrap_or_default(), table))
}

/// The reasons why a cluster refuses a statement.
fn refused(sql: &str) -> Vec<&'static str> {
    let sql = plain(sql);
    let is_distributed = distributed().any(|table| names(&sql, table));
    let mut reasons = Vec::new();
    if is_distributed && (sql.contains(" for update") || sql.contains(" for share")) {
        reasons.push("rows of several shards cannot be locked by one statement");
    }
    if is_distributed && sql.contains("with recursive") {
        reasons.push("a recursive query reads several shards");
    }
    let writes = ["insert into ", "delete from ", "update polysink."];
    let written_tables: usize = writes.iter().map(|verb| sql.matches(verb).count()).sum();
    if is_distributed && written_tables > 1 {
        reasons.push("a statement writes several tables");
    }
    // The time when a row came into a table is a default of the column, which the coordinator gives.
    let volatile = ["clock_timestamp(", "random(", "gen_random_uuid(", "nextval(", "timeofday("];
    if written(&sql).is_some() && volatile.iter().any(|function| sql.contains(function)) {
        reasons.push("each shard would give another value");
    }
    reasons
}

/// The reasons why a migration cannot be distributed.
fn undistributable(sql: &str) -> Vec<&'static str> {
    let sql = plain(sql);
    let mut reasons = Vec::new();
    if ["create sequence", "serial", "as identity", "nextval("].iter().any(|word| sql.contains(word)) {
        reasons.push("a sequence");
    }
    if sql.contains("foreign key") || sql.contains(" references ") {
        reasons.push("a foreign key");
    }
    reasons
}

#[test]
fn the_committed_statements_and_migrations_have_forms_that_a_cluster_takes() {
    let mut checked = 0;
    for file in std::fs::read_dir(path(".sqlx")).expect("it is there") {
        let text = std::fs::read_to_string(file.expect("it can be read").path()).expect("it can be read");
        let statement: Value = serde_json::from_str(&text).expect("it is JSON");
        let sql = statement["query"].as_str().expect("it is text");
        assert!(refused(sql).is_empty(), "{sql}: {:?}", refused(sql));
        checked += 1;
    }
    assert!(checked > 200, "{checked}");
    for migration in sqlx::migrate!().iter() {
        let faults = undistributable(migration.sql.as_str());
        assert!(faults.is_empty(), "{}: {faults:?}", migration.description);
    }
}

#[test]
fn the_checker_catches_what_is_planted() {
    for planted in [
        "select hash from polysink.records where hash = any($1) for update",
        "with recursive r as (select 1 from polysink.envelopes union all select 1 from r) select * from r",
        "with gone as (delete from polysink.backlog returning *) insert into polysink.heads select * from gone",
        "update polysink.records set last_received_at = clock_timestamp() where hash = $1",
        "insert into polysink.backlog (envelope_id) select gen_random_uuid() from generate_series(1, $1)",
    ] {
        assert_eq!(refused(planted).len(), 1, "{planted}");
    }
    for taken in [
        "select sync_id from polysink.syncs where sync_id = any($1) for update skip locked",
        "select * from polysink.lock_records($1, $2)",
        "update polysink.notices set noticed_at = clock_timestamp()",
        "delete from polysink.backlog where envelope_id = any($1)",
        "select 'for update' from polysink.records -- for update",
    ] {
        assert!(refused(taken).is_empty(), "{taken}");
    }
    assert_eq!(undistributable("create table polysink.x (id bigserial primary key)"), ["a sequence"]);
    assert_eq!(undistributable("alter table polysink.x add foreign key (a) references polysink.y"), ["a foreign key"]);
    assert!(undistributable("create table polysink.x (id uuid primary key)").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_the_extension_is_said() {
    if cluster().is_some() {
        return;
    }
    let db = TestDatabase::create().await;
    let (worked, said) = polysink(&db.url(), &["distribute", "--yes"]);
    assert!(!worked && said.contains("create extension citus") && said.contains("citus_add_node"), "{said}");
}

/// Of an empty database only: a test's database on a cluster comes from a template that is distributed.
#[tokio::test(flavor = "multi_thread")]
async fn on_a_cluster_everything_is_distributed() {
    let Some(_) = cluster() else { return };
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    app.works(&["identity", "set", "customers_to_warehouse", "id"]);
    assert!(app.works(&["distribute"]).contains("All tables are distributed"));
}
