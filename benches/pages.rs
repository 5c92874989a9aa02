//! What the pages cost with many syncs and records: `POLYSINK_BENCH_ROWS=10000000 cargo bench --bench pages`.
//!
//! One real service with its private PostgreSQL, 100 syncs, and so many records in the ledger and the raw log, a
//! hundred in each delivery, received over the last day; 10,000 rejections are open. Told is how long each page takes
//! until it is read, all of it, at the median and at the most, and how long counting the records of each sync takes, as
//! a page without summaries would have to.

mod harness;

use std::time::{Duration, Instant};

use polysink::local_pg;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use harness::{Service, deliver};

const SYNCS: usize = 100;

/// How many times each page is read.
const READS: usize = 15;

/// The status of all is reused for two seconds.
const UNTIL_STALE: Duration = Duration::from_millis(2_100);

/// The syncs as if they had delivered so many records.
const FILL: &str = "
    set synchronous_commit = off;
    create temporary table s as
        select row_number() over (order by sync_id) - 1 as i, sync_id from polysink.syncs;
    create temporary table d as
        select n, gen_random_uuid() as id, now() - interval '1 day' * ((n + 1) / ({records} / 100.0)) as at, sync_id
        from generate_series(0, {records} / 100 - 1) as n join s on s.i = n % 100;
    insert into polysink.envelopes (envelope_id, received_at, sent_at, connection, event, sync_id, record_count,
                                    outcome, body, stored_at)
    select id, greatest(at, date_trunc('day', now(), 'UTC')), at, 'bench', 'sync.records', sync_id, 100, 'stored',
           '{\"event\":\"sync.records\",\"object\":{\"id\":\"' || sync_id || '\",\"records\":[]}}', at
    from d;
    insert into polysink.records
    select sync_id, md5(k::text), jsonb_build_object('id', k, 'plan', 'basic'), false, id, at, k % 100, at, id, at,
           k % 100, at, 1
    from d, generate_series(n * 100, n * 100 + 99) as k;
    insert into polysink.rejections (rejection_id, received_at, sent_at, connection, scope, reason, detail, sync_id,
                                     envelope_id, position, payload)
    select gen_random_uuid(), at, at, 'bench', 'record', 'hash_not_string', 'a reason', sync_id, id, 0, '{}'
    from d where n < 10000;
    vacuum analyze polysink.records;
    vacuum analyze polysink.envelopes;
    vacuum analyze polysink.rejections";

/// A page that counts by itself would ask this.
const BY_COUNTING: &str = "select count(*) from (select sync_id, count(*) from polysink.records group by sync_id) as c";

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    runtime.block_on(run(harness::rows()));
}

async fn run(rows: u64) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let service = Service::start();
    let secret = std::fs::read_to_string(service.data.path().join("secret")).expect("it was made").trim().to_owned();
    let http = reqwest::Client::new();
    for n in 0..SYNCS {
        let fields: Value = (0..20).map(|field| (format!("field_{field}"), json!(n))).collect();
        let records = [json!({"hash": "first", "fields": fields})];
        let id = Uuid::from_u128(n as u128 + 1);
        assert!(deliver(&http, &service.url, &secret, id, &format!("Bench {n}"), &records).await.0);
    }
    let running = local_pg::running(service.data.path()).expect("it runs");
    let pool = PgPool::connect_with(running.options).await.expect("it runs");
    harness::drained(&pool).await;
    let delivery: Uuid = sqlx::query_scalar("select envelope_id from polysink.envelopes order by received_at limit 1")
        .fetch_one(&pool)
        .await
        .expect("it runs");
    let began = Instant::now();
    let mut connection = pool.acquire().await.expect("it runs");
    for statement in FILL.replace("{records}", &rows.to_string()).split(';').filter(|sql| !sql.trim().is_empty()) {
        let run = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut *connection);
        run.await.expect("the statement is good");
    }
    eprintln!("{rows} records made in {:.0?}", began.elapsed());
    measure(&service, &http, &pool, delivery).await;
}

async fn measure(service: &Service, http: &reqwest::Client, pool: &PgPool, delivery: Uuid) {
    let mut counting = Vec::new();
    for _ in 0..3 {
        let began = Instant::now();
        let _: i64 = sqlx::query_scalar(BY_COUNTING).fetch_one(pool).await.expect("the statement is good");
        counting.push(began.elapsed());
    }
    counting.sort_unstable();
    println!("| | median ms | most ms | of counting |\n|---|---|---|---|");
    let row = |what: &str, mut took: Vec<Duration>| {
        took.sort_unstable();
        let [median, most] = [took[took.len() / 2], took[took.len() - 1]].map(|time| time.as_secs_f64() * 1e3);
        println!("| {what} | {median:.1} | {most:.1} | {:.3} |", median / (counting[1].as_secs_f64() * 1e3));
    };
    row("count the records of each sync", counting.clone());
    let sync = format!("/syncs/{}", Uuid::from_u128(7));
    for (what, path, pause) in [
        ("the status page", "/", UNTIL_STALE),
        ("the page of a sync", sync.as_str(), Duration::ZERO),
        ("the page of a delivery", &format!("/deliveries/{delivery}"), Duration::ZERO),
    ] {
        let mut took = Vec::new();
        for _ in 0..READS {
            tokio::time::sleep(pause).await; // until nothing is reused
            let began = Instant::now();
            let answer = http.get(format!("{}{path}", service.admin)).send().await.expect("it answers");
            assert!(answer.status().is_success(), "{path}: {}", answer.status());
            answer.text().await.expect("it is whole");
            took.push(began.elapsed());
        }
        row(what, took);
    }
}
