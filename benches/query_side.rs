//! What the query side costs and gives: `cargo bench --bench query_side`.
//!
//! One real service with its private PostgreSQL, one real client. Each figure is a ratio against something run beside
//! it: reads against a typed table made by hand, the delivery rate against the same without a projector. Rounds are
//! interleaved, and every round is printed beside its median. `POLYSINK_BENCH_ROWS` changes the 1,000,000 entities.

mod harness;

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use polysink::local_pg;
use polysink::model::SyncId;
use polysink::query_tables::sync_lock;
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

use harness::{Service, drained, polysink, rows};

const ROUNDS: usize = 3;
const RATE_RECORDS: u64 = 200_000;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    runtime.block_on(run());
}

async fn run() {
    let service = Service::start();
    let options = local_pg::running(service.data.path()).expect("it runs").options;
    let pool = PgPool::connect_with(options.clone()).await.expect("it takes connections");
    rates(&service, &pool).await;
    reads(&service, &pool).await;
}

/// Deliveries with the projector at work against the same without, and how long until the last row can be queried.
async fn rates(service: &Service, pool: &PgPool) {
    let (mut without, mut with, mut end_to_end, mut alone) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    service.send(Uuid::now_v7(), 20_000, &[]);
    drained(pool).await;
    for round in 1..=ROUNDS {
        // The session that holds a sync's lock keeps the projector from it.
        let sync = Uuid::now_v7();
        let mut holder = pool.acquire().await.expect("it takes connections");
        let lock = sync_lock(SyncId(sync));
        sqlx::query("select pg_advisory_lock($1)").bind(lock).execute(&mut *holder).await.expect("it is free");
        without.push(service.send(sync, RATE_RECORDS, &[]));
        sqlx::query("select pg_advisory_unlock($1)").bind(lock).execute(&mut *holder).await.expect("it is held");
        let began = Instant::now();
        drained(pool).await;
        alone.push(per_second(RATE_RECORDS, began.elapsed()));

        let began = Instant::now();
        with.push(service.send(Uuid::now_v7(), RATE_RECORDS, &[]));
        drained(pool).await;
        end_to_end.push(per_second(RATE_RECORDS, began.elapsed()));
        println!(
            "round {round}: without projector {:.0}/s, with {:.0}/s, end to end {:.0}/s, projector alone {:.0}/s",
            without[round - 1],
            with[round - 1],
            end_to_end[round - 1],
            alone[round - 1]
        );
    }
    let (without, with, end_to_end) = (median(&without), median(&with), median(&end_to_end));
    println!("\n| figure | value | ratio | aim |\n|---|---|---|---|");
    println!("| acknowledged, no projector | {without:.0}/s | 1.00 | |");
    println!("| acknowledged, projector at work | {with:.0}/s | {:.2} of that | ≥ 0.9 |", with / without);
    println!("| until the last row is typed | {end_to_end:.0}/s | {:.2} of acknowledged | ≥ 0.5 |", end_to_end / with);
    println!("| the projector by itself | {:.0}/s | | |", median(&alone));

    let database = pool.clone();
    let half = (with / 2.0).floor();
    let sampler = tokio::spawn(async move {
        let mut lags = Vec::new();
        loop {
            let oldest: Option<DateTime<Utc>> = sqlx::query_scalar("select min(received_at) from polysink.backlog")
                .fetch_one(&database)
                .await
                .expect("it answers");
            let lag = oldest.and_then(|oldest| (polysink::app::now() - oldest).to_std().ok());
            lags.push(lag.unwrap_or_default());
            if lags.len() > 50 && lags[lags.len() - 40..].iter().all(Duration::is_zero) {
                return lags; // it is over
            }
            tokio::time::sleep(Duration::from_millis(25)).await; // between two looks
        }
    });
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a rate")]
    let rate = half as u64;
    service.send(Uuid::now_v7(), rate * 15, &["--rate", &rate.to_string()]);
    let mut lags = sampler.await.expect("it does not panic");
    lags.truncate(lags.len() - 40);
    lags.sort();
    let at = |share: usize| lags[(lags.len() - 1) * share / 100].as_millis();
    println!("| lag at half that rate ({half:.0}/s) | p50 {} ms, p99 {} ms | | p99 ≤ 1,000 ms |\n", at(50), at(99));
}

/// Queries on a sync's table against the same on a table made by hand with the same rows.
async fn reads(service: &Service, pool: &PgPool) {
    let rows = rows();
    let sync = Uuid::now_v7();
    let began = Instant::now();
    let acknowledged = service.send(sync, rows, &["--batch", "1000"]);
    drained(pool).await;
    println!(
        "{rows} records: acknowledged at {acknowledged:.0}/s, typed at {:.0}/s",
        per_second(rows, began.elapsed())
    );
    let table = format!("synced.bench_{}", sync.simple());
    let began = Instant::now();
    let set = polysink(service.data.path()).args(["identity", "set", &sync.to_string(), "id"]).status();
    assert!(set.expect("the binary can be run").success());
    println!("identity set: rebuilt at {:.0}/s\n", per_second(rows, began.elapsed()));

    let mut connection = PgConnection::connect_with(&pool.connect_options()).await.expect("it takes connections");
    let setup = format!(
        "set max_parallel_workers_per_gather = 0;
         create schema hand;
         create table hand.customers (
             id bigint primary key, email text, name text, company text, plan text, seats bigint, mrr numeric,
             active boolean,
             signed_up_at timestamptz, renews_on date, address jsonb, tags jsonb, referred_by bigint);
         insert into hand.customers
         select id, email, name, company, plan, seats, mrr, active, signed_up_at, renews_on, address, tags, referred_by
         from {table};
         create table hand.sourced as select c.*, t._hash, t._first_received_at, t._last_received_at, t._changed_at,
         t._sent_at,
             t._envelope_id, t._position
         from hand.customers c join {table} t using (id);
         alter table hand.sourced add primary key (id);"
    );
    sqlx::raw_sql(AssertSqlSafe(setup)).execute(&mut connection).await.expect("it is good");
    for table in [table.as_str(), "hand.customers", "hand.sourced"] {
        let vacuum = format!("vacuum (full, analyze) {table}");
        sqlx::raw_sql(AssertSqlSafe(vacuum)).execute(&mut connection).await.expect("it is good");
    }
    // A table made by hand has no columns that say when and whence; the third has them, to tell what they cost.
    println!("| read of {rows} entities | synced | by hand | ratio | by hand, with when and whence | ratio | aim |");
    println!("|---|---|---|---|---|---|---|");
    for (name, query, hand_query) in [
        ("count", "select count(*) from TABLE", None),
        ("filtered sum", "select sum(mrr) from TABLE where plan = 'team' and active", None),
        ("group by", "select plan, count(*), avg(seats) from TABLE group by plan", None),
        (
            "timestamp range",
            "select count(*) from TABLE where signed_up_at >= '2022-01-01' and signed_up_at < '2022-04-01'",
            None,
        ),
        (
            "1,000 look-ups by key",
            "select count(t.email) from generate_series(1, 1000) n join lateral (select email from TABLE where _key = \
             '[' || n * 900 || ']') t on true",
            Some(
                "select count(t.email) from generate_series(1, 1000) n join lateral (select email from TABLE where id \
                 = n * 900) t on true",
            ),
        ),
    ] {
        let of = |query: &str, table: &str| query.replace("TABLE", table);
        let (mut ours, mut theirs, mut sourced) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..7 {
            let by_hand = hand_query.unwrap_or(query);
            ours.push(timed(&mut connection, &of(query, &table)).await);
            theirs.push(timed(&mut connection, &of(by_hand, "hand.customers")).await);
            sourced.push(timed(&mut connection, &of(by_hand, "hand.sourced")).await);
        }
        let (ours, theirs, sourced) = (median(&ours), median(&theirs), median(&sourced));
        println!(
            "| {name} | {ours:.1} ms | {theirs:.1} ms | {:.2} | {sourced:.1} ms | {:.2} | 1.0 to 1.1 |",
            ours / theirs,
            ours / sourced
        );
    }
}

/// Milliseconds.
async fn timed(connection: &mut PgConnection, query: &str) -> f64 {
    let began = Instant::now();
    sqlx::query(AssertSqlSafe(query)).fetch_all(connection).await.expect("it is good");
    began.elapsed().as_secs_f64() * 1_000.0
}

#[expect(clippy::cast_precision_loss, reason = "a rate needs no more digits")]
fn per_second(records: u64, elapsed: Duration) -> f64 {
    records as f64 / elapsed.as_secs_f64()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
