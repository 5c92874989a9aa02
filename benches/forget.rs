//! What an erasure costs in a large sync: `POLYSINK_BENCH_ROWS=10000000 cargo bench --bench forget`.
//!
//! One real service with its private PostgreSQL, and a sync of so many records in the ledger, the query table, its
//! history and the raw log. Told is how long the search takes for one entity, for a thousand, and for one whose key is
//! a number, beside what someone would write by hand for one entity without knowing the tables; then the erasure of a
//! thousand, whose last part is a vacuum.

mod harness;

use std::time::{Duration, Instant};

use polysink::local_pg;
use serde_json::json;
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use harness::{Service, deliver, polysink};

/// How many entities the erasure of many has.
const MANY: u64 = 1_000;

/// The sync as if it had delivered so many records, a hundred in each delivery, today.
const FILL: &str = r#"
    set synchronous_commit = off;
    create temporary table s as select sync_id from polysink.syncs;
    create temporary table d as
        select n, gen_random_uuid() as id, date_trunc('day', now(), 'UTC') + n * interval '1 millisecond' as at
        from generate_series(0, {records} / 100 - 1) as n;
    insert into polysink.envelopes (envelope_id, received_at, sent_at, connection, event, sync_id, record_count,
    outcome, body)
    select id, at, at, 'bench', 'sync.records', (table s), 100, 'stored',
           '{"event":"sync.records","object":{"id":"' || (table s) || '","name":"Bench","records":[' ||
           (select string_agg('{"hash":"' || md5(k::text) ||
                               '","fields":{"email":"person' || k || '@example.com","name":"Person ' || k ||
                              '","plan":"basic","city":"Springfield","score":' || k || ',"note":"' || repeat('x',
                              100) || '"}}', ',')
            from generate_series(n * 100, n * 100 + 99) as k) || ']}}'
    from d;
    insert into polysink.records
    select (table s), md5(k::text),
           jsonb_build_object('email', 'person' || k || '@example.com', 'name', 'Person ' || k, 'plan', 'basic',
           'city', 'Springfield',
                              'score', k, 'note', repeat('x', 100)),
           false, id, at, k % 100, at, id, at, k % 100, at, 1
    from d, generate_series(n * 100, n * 100 + 99) as k;
    insert into synced.bench (_key, _hash, email, name, plan, city, score, note, _first_received_at,
    _last_received_at, _changed_at,
                              _sent_at, _envelope_id, _position)
    select '["person' || k || '@example.com"]', md5(k::text), 'person' || k || '@example.com', 'Person ' || k,
    'basic', 'Springfield', k,
           repeat('x', 100), at, at, at, at, id, k % 100
    from d, generate_series(n * 100, n * 100 + 99) as k;
    insert into synced.bench_history (_key, _hash, email, name, plan, city, score, note, _first_received_at,
    _last_received_at, _changed_at,
                                      _sent_at, _envelope_id, _position, _valid_from)
    select _key, _hash, email, name, plan, city, score, note, _first_received_at, _last_received_at, _changed_at,
    _sent_at, _envelope_id,
           _position, _sent_at
    from synced.bench where _hash <> 'first';
    vacuum analyze polysink.records;
    vacuum analyze polysink.envelopes;
    vacuum analyze synced.bench;
    vacuum analyze synced.bench_history;
"#;

/// What someone would write by hand for one entity.
const BY_HAND: [&str; 2] = [
    "select count(*) from polysink.records where fields->>'email' = 'person4242@example.com'",
    "select count(*) from polysink.envelopes where body like '%person4242@example.com%'",
];

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    runtime.block_on(run(harness::rows()));
}

async fn run(rows: u64) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let service = Service::start();
    let secret = std::fs::read_to_string(service.data.path().join("secret")).expect("it was made").trim().to_owned();
    let fields = json!({"email": "x@example.com", "name": "X", "plan": "basic", "city": "Y", "score": 1, "note": "x"});
    let http = reqwest::Client::new();
    let first = [json!({"hash": "first", "fields": fields})];
    assert!(deliver(&http, &service.url, &secret, Uuid::new_v4(), "Bench", &first).await.0);
    let running = local_pg::running(service.data.path()).expect("it runs");
    let pool = PgPool::connect_with(running.options).await.expect("it runs");
    harness::drained(&pool).await;
    forget(&service, &["identity", "set", "bench", "email"]);
    let began = Instant::now();
    let mut connection = pool.acquire().await.expect("it runs");
    for statement in FILL.replace("{records}", &rows.to_string()).split(';').filter(|sql| !sql.trim().is_empty()) {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
            .execute(&mut *connection)
            .await
            .expect("the statement is good");
    }
    let bytes: i64 =
        sqlx::query_scalar("select pg_database_size(current_database())").fetch_one(&pool).await.expect("it runs");
    eprintln!("{} records, {} GB, made in {:.0?}", rows, bytes / 1_000_000_000, began.elapsed());
    measure(&service, &pool, rows).await;
}

async fn measure(service: &Service, pool: &PgPool, records: u64) {
    let keys = tempfile::NamedTempFile::new().expect("there is a folder");
    let many: Vec<String> = (0..MANY).map(|n| format!("person{}@example.com", n * (records / MANY))).collect();
    std::fs::write(keys.path(), many.join("\n")).expect("it can be written");
    let file = keys.path().to_str().expect("it is text");
    let mut by_hand = Duration::ZERO;
    for sql in BY_HAND {
        let began = Instant::now();
        let found: i64 = sqlx::query_scalar(sql).fetch_one(pool).await.expect("the statement is good");
        assert_eq!(found, 1);
        by_hand += began.elapsed();
    }
    println!("| what | seconds | of by hand |\n|---|---|---|");
    let row = |what: &str, took: Duration| {
        println!("| {what} | {:.2} | {:.3} |", took.as_secs_f64(), took.as_secs_f64() / by_hand.as_secs_f64());
    };
    row("one entity, by hand", by_hand);
    row("search for one", forget(service, &["forget", "bench", "person4242@example.com"]));
    row("search for 1,000", forget(service, &["forget", "bench", "--file", file]));
    row("erase 1,000", forget(service, &["forget", "bench", "--file", file, "--yes"]));
    row("erase one", forget(service, &["forget", "bench", "person4242@example.com", "--yes"]));
    let left: i64 = sqlx::query_scalar("select count(*) from polysink.records").fetch_one(pool).await.expect("it runs");
    assert_eq!(left.unsigned_abs(), records + 1 - MANY - 1);
    // A number can be written in many ways.
    forget(service, &["identity", "set", "bench", "score", "--yes"]);
    harness::drained(pool).await;
    row("search for one by a number", forget(service, &["forget", "bench", "424243"]));
}

/// Runs a command. Without `--yes` it ends before the question, which nobody answers.
fn forget(service: &Service, arguments: &[&str]) -> Duration {
    let began = Instant::now();
    let output =
        polysink(service.data.path()).args(arguments).stdin(std::process::Stdio::null()).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() || said.contains("pass --yes"), "{arguments:?}: {said}");
    began.elapsed()
}
