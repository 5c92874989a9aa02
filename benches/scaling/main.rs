//! How it grows: `cargo bench --features programs --bench scaling` stores 12,000,000 records of one sync, measures
//! after each million how much a record costs, its space and the time of queries, extrapolates, and writes
//! `docs/scaling.md` (15 minutes, 30 GB in the temporary folder). `POLYSINK_BENCH_ROWS` changes the number; with fewer
//! than 12,000,000 the document is printed and not written.
//!
//! Client, service and PostgreSQL share the machine, whose memory holds everything.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "figures are positive, and have few digits"
)]
#![allow(dead_code, reason = "it shares the parts of the benchmark that writes docs/performance.md")]

mod document;
#[path = "../../examples/bench/figures.rs"]
mod figures;
#[path = "../../tests/it/harness/mod.rs"]
#[allow(unused_imports, reason = "the integration tests use all of it")]
mod harness;
#[path = "../../examples/bench/load.rs"]
mod load;
#[path = "../../examples/bench/measure.rs"]
mod measure;
#[path = "../../examples/bench/plot.rs"]
mod plot;
#[path = "../../examples/bench/service.rs"]
mod service;

use std::path::Path;
use std::time::Instant;

use sqlx::AssertSqlSafe;

use document::{Query, Space, Step};
use harness::process::works;
use load::{Deliveries, Shape, Source, spread_hash};
use measure::Database;
use service::Polysink;

/// Records of the document's figures.
const ROWS: usize = 12_000_000;

/// As many steps.
const STEPS: usize = 12;

/// Clients, and write transactions at a time.
const CONNECTIONS: usize = 8;
const WRITERS: usize = 4;

/// How often a query is timed.
const TIMES: usize = 5;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be made");
    runtime.block_on(run());
}

async fn run() {
    let rows = rows();
    let database = Database::start(false).await;
    let polysink = Polysink::start(&database, &database.url(), WRITERS).await;
    let (source, shape) = (Source::new(1), Shape::batches(100));
    // The sync, its table and everything's first use.
    let first = Deliveries::of(&source, &shape, (ROWS..ROWS + 1_000).map(|n| (n, n)));
    polysink.measure(&database, &first, CONNECTIONS).await;
    let step = (rows / STEPS).max(shape.batch);
    let mut steps = Vec::new();
    for n in 0..STEPS {
        let deliveries = Deliveries::of(&source, &shape, (n * step..(n + 1) * step).map(|n| (n, n)));
        database.checkpoint().await;
        let measured = polysink.measure(&database, &deliveries, CONNECTIONS).await;
        drop(deliveries);
        let stored = (n + 1) * step;
        let queries = queries(&database, &source, stored).await;
        let space = space(&database, &source).await;
        eprintln!("{stored} stored: {measured}");
        steps.push(Step { stored, measured, queries, space });
    }
    let text = document::write(&steps);
    if rows >= ROWS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        std::fs::write(folder.join("scaling.md"), text).expect("the document can be written");
        document::plot(&steps, &folder.join("scaling.svg"));
    } else {
        print!("{text}");
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark has no settings")]
fn rows() -> usize {
    std::env::var("POLYSINK_BENCH_ROWS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROWS)
}

/// What readers ask. Each time is the best of several, in milliseconds.
async fn queries(database: &Database, source: &Source, stored: usize) -> Vec<Query> {
    let table = &source.table;
    database.server.run(&format!("vacuum analyze {table}")).await;
    let keys: Vec<String> = (0..1_000).map(|n| spread_hash(n * stored / 1_000)).collect();
    let queries = [
        (
            "1,000 rows by their keys",
            format!(
                "select count(t.email) from unnest('{{{}}}'::text[]) as k
                 join lateral (select email from {table} where _key = k limit 1) as t on true",
                keys.join(",")
            ),
        ),
        ("all rows, counted", format!("select count(*) from {table}")),
        ("all rows, grouped by a column", format!("select plan, count(*), avg(seats) from {table} group by plan")),
        (
            "the rows that changed in the last second of deliveries",
            format!(
                "select count(*) from {table}
                 where _changed_at > (select last_received_at - interval '1 second' from polysink.syncs)"
            ),
        ),
    ];
    let mut timed = Vec::new();
    for (name, sql) in queries {
        let mut best = f64::INFINITY;
        for _ in 0..TIMES {
            let began = Instant::now();
            let done = sqlx::query(AssertSqlSafe(sql.clone())).fetch_all(&database.pool).await;
            done.unwrap_or_else(|error| panic!("{error}: {sql}"));
            best = best.min(began.elapsed().as_secs_f64() * 1_000.0);
        }
        timed.push(Query { name, millis: best });
    }
    let mut best = f64::INFINITY;
    for _ in 0..TIMES {
        let began = Instant::now();
        works(&database.url(), &["syncs"]);
        best = best.min(began.elapsed().as_secs_f64() * 1_000.0);
    }
    timed.push(Query { name: "the command `polysink syncs`", millis: best });
    timed
}

/// The bytes of each table and index.
async fn space(database: &Database, source: &Source) -> Vec<Space> {
    const SQL: &str = "
        with t as (
            select 1 as n, 'ledger (`polysink.records`)' as name, 'polysink.records'::regclass::oid as oid
            union all
            select 2, 'query table', $1::regclass::oid
            union all
            select 3, 'raw deliveries (`polysink.envelopes`)', relid::oid
            from pg_partition_tree('polysink.envelopes') where isleaf
        ),
        parts as (
            select n, name || ': rows' as part, oid from t
            union all
            select n, name || ': large values', c.reltoastrelid from t join pg_class c using (oid)
            where c.reltoastrelid <> 0
            union all
            select n, name || ': index on ' || (
                       select string_agg(pg_get_indexdef(i.indexrelid, a, true), ', ' order by a)
                       from generate_series(1, i.indnkeyatts) as a),
                   i.indexrelid
            from t join pg_index i on i.indrelid = t.oid
        )
        select part, sum(pg_relation_size(oid))::int8 from parts group by n, part
        having sum(pg_relation_size(oid)) > 0 order by n, part not like '%: rows', part";
    let rows: Vec<(String, i64)> =
        sqlx::query_as(SQL).bind(&source.table).fetch_all(&database.pool).await.expect("the tables are there");
    rows.into_iter().map(|(part, bytes)| Space { part, bytes: bytes as f64 }).collect()
}
