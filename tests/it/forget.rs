//! Erasure: an entity is gone from everywhere, beside deliveries and after crashes, and the rest stays as it was.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};

use crate::harness::{Delivery, Proxy, SYNC, TestApp, TestDatabase, record};
use crate::replay::derived;
use crate::retention::age;

/// The person, by whom each row about her can be found.
pub const JANE: &str = "jane.doe.7f3a@example.com";

pub fn jane(version: u32) -> Value {
    record(&format!("jane-{version}"), json!({"email": JANE, "n": version, "note": format!("of {JANE}")}))
}

pub fn joe(version: u32) -> Value {
    record(&format!("joe-{version}"), json!({"email": "joe@example.com", "n": version, "note": "x"}))
}

/// Everything that the database has, as text: all rows of all tables, what the planner knows of them, and all comments.
/// Bytes as the text that they are.
pub async fn everything(pool: &PgPool) -> String {
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', n.nspname, c.relname)
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
         union all values ('pg_stats'), ('pg_description')",
    )
    .fetch_all(pool)
    .await
    .expect("there are tables");
    let mut all = String::new();
    for table in tables {
        let sql = format!("select t::text from {table} t");
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(pool).await.expect("they can be read");
        all.push_str(&rows.join("\n"));
    }
    let payloads: Vec<Vec<u8>> =
        sqlx::query_scalar("select payload from polysink.rejections").fetch_all(pool).await.expect("they can be read");
    for payload in payloads {
        all.push_str(&String::from_utf8_lossy(&payload));
    }
    all
}

/// How many times a text occurs in the whole database.
pub async fn occurrences(db: &TestDatabase, text: &str) -> usize {
    everything(&db.pool).await.matches(text).count()
}

/// Whose entities are people, by their addresses.
pub async fn with_people(settings: &[(&str, &str)]) -> TestApp {
    let app = TestApp::spawn_with(settings).await;
    app.send(&Delivery::of(&[jane(1), joe(1)]).sent_ago(200)).await.counts();
    app.db.projected().await;
    app.works(&["identity", "set", SYNC, "email"]);
    app
}

async fn bodies(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar("select body from polysink.envelopes order by received_at")
        .fetch_all(&app.db.pool)
        .await
        .expect("they can be read")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_gone_from_everywhere_and_the_rest_stays_to_the_letter() {
    let app = with_people(&[]).await;
    let odd = format!(
        "{{\"event\":\"sync.records\", \"object\" : {{\"id\":\"{SYNC}\",\"records\":[ \
         {{\"fields\":{{\"email\":\"{JANE}\"}}}} ,\n {{\"hash\":7,\"fields\":{{\"email\":\"{JANE}\",\"n\":1.00}}}}, {} \
         ,{{\"hash\":8,\"fields\":{{\"n\":\"\\u0041\"}}}}] }} }}",
        joe(3)
    );
    let unknown = json!({"event": "sync.deleted", "object": {"id": SYNC, "records": [jane(9), joe(9)]}}).to_string();
    let malformed = json!({"object": {"id": SYNC, "records": [jane(8), joe(8)]}}).to_string();
    let many: Vec<Value> = (0..150)
        .map(|n| json!({"hash": n, "fields": {"email": if n % 3 == 0 { JANE } else { "joe@example.com" }}}))
        .collect();
    for delivery in [
        Delivery::of(&[joe(1), jane(2), jane(1)]).sent_ago(180),
        Delivery::of_body(odd.clone()).sent_ago(160),
        Delivery::of(&[jane(1)]).sent_ago(140),
        Delivery::of(&many),
        Delivery::of_body(unknown),
    ] {
        assert_eq!(app.send(&delivery).await.status, 200);
    }
    // A key that is there twice: nothing of it can be read.
    let malformed = malformed.replacen('{', "{\"event\":\"sync.records\",\"event\":1,", 1);
    assert_eq!(app.send(&Delivery::of_body(malformed)).await.status, 400);
    app.db.projected().await;
    let before = bodies(&app).await;
    assert!(occurrences(&app.db, JANE).await > 60);

    let (worked, said) = app.polysink(&["forget", "customers_to_warehouse", JANE]);
    assert!(!worked && said.contains("pass --yes"), "{said}");
    assert!(
        said.contains(
            "This erases 1 entity of customers_to_warehouse: 1 row and 5 versions of the query tables, 3 records of \
             the ledger, 57 records in 6 raw deliveries, 2 rejections."
        ),
        "{said}"
    );
    assert_eq!(bodies(&app).await, before, "nothing happens without an answer");
    let said =
        app.works(&["forget", "customers_to_warehouse", JANE, "--yes", "--reference", "request 17", "--unreadable"]);
    assert!(said.contains("Erased 1 row and 5 versions") && said.contains("3 rejections"), "{said}");

    assert_eq!(occurrences(&app.db, JANE).await, 0, "{:?}", everything(&app.db.pool).await.find(JANE));
    assert_eq!(occurrences(&app.db, "jane-").await, 0);
    let after = bodies(&app).await;
    assert_eq!(after[0], before[0].replace(&format!("{},", jane(1)), ""));
    assert_eq!(after[1], before[1].replace(&format!(",{},{}", jane(2), jane(1)), ""));
    let odd = odd.replace(&format!("{{\"fields\":{{\"email\":\"{JANE}\"}}}} ,\n "), "");
    assert_eq!(after[2], odd.replace(&format!("{{\"hash\":7,\"fields\":{{\"email\":\"{JANE}\",\"n\":1.00}}}}, "), ""));
    assert_eq!(after[3], before[3].replace(&jane(1).to_string(), ""));
    assert_eq!(app.db.count("select count(*) from polysink.rejections, unnest(positions)").await, 100);
    let audit =
        "select concat_ws(' ', reference, rows, versions, records, deliveries, sightings, cardinality(key_digests),
                        finished_at > started_at, identity) from polysink.erasures";
    assert_eq!(app.db.text(audit).await, "request 17 1 5 3 6 57 1 t {email}");
    assert_eq!(app.db.text("select email from synced.customers_to_warehouse").await, "joe@example.com");

    // A key that is known can be checked against what is left.
    let digest = "select concat(key_digests[1] =
                      sha256(uuid_send(erasure_id) || convert_to('[\"jane.doe.7f3a@example.com\"]', 'UTF8')))
                  from polysink.erasures";
    assert_eq!(app.db.text(digest).await, "t");
    let said = app.works(&["forget", "customers_to_warehouse", JANE, "--yes"]);
    assert!(said.contains("Nothing is stored for") && said.contains("Nothing to erase for 1 entity"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_erasure_a_rebuild_and_a_replay_work_as_before() {
    let app = with_people(&[]).await;
    let bad = json!({"hash": 7, "fields": {"email": "joe@example.com"}});
    for delivery in [
        Delivery::of(&[jane(2), joe(2), jane(1), joe(1), bad]).sent_ago(150),
        Delivery::of(&[joe(2), jane(2), joe(3)]).sent_ago(120),
        Delivery::of(&[jane(3), jane(2)]).sent_ago(100),
    ] {
        assert_eq!(app.send(&delivery).await.status, 200);
        app.db.projected().await;
    }
    app.works(&["forget", SYNC, JANE, "--yes"]);
    let before = derived(&app.db).await;
    app.works(&["rebuild", SYNC]);
    assert_eq!(derived(&app.db).await, before);
    app.works(&["replay", "--yes"]);
    app.db.projected().await;
    assert_eq!(derived(&app.db).await, before);
    // From the raw log alone.
    app.db
        .run("truncate polysink.records; truncate synced.customers_to_warehouse, synced.customers_to_warehouse_history")
        .await;
    app.works(&["replay", "--yes"]);
    app.db.projected().await;
    assert_eq!(derived(&app.db).await, before);
    let places =
        "select string_agg(concat(hash, first_position, last_position), ' ' order by hash) from polysink.records";
    assert_eq!(app.db.text(places).await, "joe-113 joe-210 joe-322", "the others keep their positions");
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_between_the_first_and_the_last_are_found_too() {
    let app = with_people(&[]).await;
    for n in 0..5 {
        app.send(&Delivery::of(&[joe(n), jane(1)]).sent_ago(150 - i64::from(n))).await.counts();
    }
    app.db.projected().await;
    let said = app.works(&["forget", SYNC, JANE, "--yes"]);
    assert!(
        said.contains("Erased 1 row and 1 version of the query tables, 1 record of the ledger, 6 records in 6 raw"),
        "{said}"
    );
    assert_eq!(occurrences(&app.db, JANE).await, 0);
}

/// What the ledger counts says nothing of where a record is.
#[tokio::test(flavor = "multi_thread")]
async fn every_delivery_with_the_person_is_found_even_if_ledger_and_tables_have_nothing() {
    let app = with_people(&[]).await;
    for n in 0..8 {
        app.send(&Delivery::of(&[joe(n), jane(1), joe(20 + n)]).sent_ago(150 - i64::from(n))).await.counts();
    }
    app.send(&Delivery::of(&[jane(2), joe(40)])).await.counts();
    app.db.projected().await;
    app.db
        .run(
            "update polysink.records set times_received = 1;
             delete from polysink.records where hash = 'jane-2';
             delete from synced.customers_to_warehouse_history where _hash = 'jane-1'",
        )
        .await;
    let said = app.works(&["forget", SYNC, JANE, "--yes"]);
    assert!(said.contains("1 record of the ledger, 10 records in 10 raw deliveries"), "{said}");
    assert_eq!(occurrences(&app.db, JANE).await, 0);
    assert_eq!(app.db.count("select count(*) from polysink.records").await, 17);
    let said = app.works(&["forget", SYNC, JANE, "--yes"]);
    assert!(said.contains("Nothing is stored for"), "{said}");
}

/// The same value can be written in many ways, and as another JSON type.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_found_however_it_is_written() {
    let uuid = "5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47";
    let cases: [(&str, &str, &str, &[&str]); 6] = [
        (
            "text",
            "\"joe@example.com\"",
            "jané/\"x\"@example.com",
            &[
                r#""jané/\"x\"@example.com""#,
                r#""jan\u00e9\/\u0022x\u0022\u0040example.com""#,
                concat!(
                    r#""\u006a\u0061\u006e\u00E9/\"\u0078\"@"#,
                    r#"\u0065\u0078\u0061\u006d\u0070\u006c\u0065.\u0063\u006f\u006d""#,
                ),
            ],
        ),
        (
            "text",
            "\"joe\"",
            "12300",
            &["12300", "12300.0", "123e2", "1.23E+4", "1230000e-2", "\"12300\"", "\"\\u00312300\""],
        ),
        ("bigint", "7", "424242", &["424242", "424242.00", "42.4242e4", "4242420e-1", "\"424242\""]),
        ("numeric", "0.5", "-1.5", &["-1.5", "-1.50", "-15e-1", "-0.15E1", "\"-1.5\""]),
        ("jsonb", "{\"a\":1}", "{\"b\":[2]}", &["{\"b\":[2]}", "{ \"b\" : [2.0] }", "{\"\\u0062\":[20e-1]}"]),
        (
            "uuid",
            "\"00000000-0000-4000-8000-000000000000\"",
            uuid,
            &[
                "\"5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47\"",
                "\"5A3E7F0C-91d4-4c58-9D3B-2F6A1C0E8B47\"",
                "\"5a3e7f0c\\u002d91d4-4c58-9d3b-2f6a1c0e8b47\"",
            ],
        ),
    ];
    for (column, other, key, written) in cases {
        // The ledger and the raw log are searched in other ways for many keys.
        for many in [false, true] {
            let app = TestApp::spawn().await;
            let of = |n: usize, id: &str| format!(r#"{{"hash":"h{n}","fields":{{"id":{id},"n":{n}}}}}"#);
            let send = async |records: &str| {
                let body = format!(
                    r#"{{"event":"sync.records","object":{{"id":"{SYNC}","name":"Ids","records":[{records}]}}}}"#
                );
                app.send(&Delivery::of_body(body)).await.counts();
            };
            send(&of(99, other)).await;
            app.db.projected().await;
            let learned = "select column_type from polysink.fields where name = 'id'";
            assert_eq!(app.db.text(learned).await, column);
            app.works(&["identity", "set", SYNC, "id", "--yes"]);
            app.db.projected().await;
            for (n, id) in written.iter().enumerate() {
                send(&[of(n, id), of(200 + n, other)].join(",")).await;
            }
            app.db.projected().await;
            // The query tables know nothing.
            app.db.run("delete from synced.ids; delete from synced.ids_history").await;
            let mut keys = vec![key.to_owned()];
            if many {
                keys.extend(
                    (0..20).map(|n| if column == "uuid" { format!("{n:08}{}", &uuid[8..]) } else { format!("9{n}") }),
                );
            }
            let file = tempfile::NamedTempFile::new().expect("there is a folder");
            std::fs::write(file.path(), keys.join("\n")).expect("it can be written");
            let said = app.works(&["forget", SYNC, "--file", file.path().to_str().expect("it is text"), "--yes"]);
            let all = written.len();
            let erased = format!("{all} records of the ledger, {all} records in {all} raw deliveries");
            let left = app.db.text("select string_agg(hash || (fields->>'id'), ' ') from polysink.records").await;
            assert!(said.contains(&erased), "{column} {key} of {}: {said}, left: {left}", keys.len());
            assert_eq!(app.db.text("select min(hash) from polysink.records").await, "h200", "{column} {key}");
        }
    }
}

/// An erasure's clock can be behind that of the replica whose spool has the person.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_reaches_deliveries_of_a_clock_that_is_behind() {
    let proxy = Proxy::start().await;
    let db = TestDatabase::create().await;
    let url = proxy.url(&db);
    let app = TestApp::spawn_through(db, &url, &[]).await;
    app.send(&Delivery::of(&[jane(1), joe(1)])).await.counts();
    app.db.projected().await;
    app.works(&["identity", "set", SYNC, "email"]);
    proxy.down();
    assert!(app.send(&Delivery::of(&[jane(2), joe(2)])).await.text.contains("\"spooled\":true"));
    app.works(&["forget", SYNC, JANE, "--yes"]);
    app.db.run("update polysink.erasures set started_at = started_at - interval '2 minutes'").await;
    proxy.up();
    app.db.until("select count(*) from polysink.envelopes", |all: i64| all == 2).await;
    app.db.projected().await;
    assert_eq!(occurrences(&app.db, JANE).await, 0);
    app.db.until("select spooled from polysink.erasures", |lost: i64| lost == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_whose_deliveries_are_older_than_the_raw_log_is_erased_all_the_same() {
    let app = with_people(&[("POLYSINK_RETENTION", "0")]).await;
    age(&app).await;
    app.works(&["prune", "--yes"]);
    app.send(&Delivery::of(&[joe(5), jane(5)])).await.counts();
    app.db.projected().await;
    let said = app.works(&["forget", SYNC, JANE, "--yes"]);
    assert!(
        said.contains("2 versions of the query tables, 2 records of the ledger, 1 record in 1 raw delivery"),
        "{said}"
    );
    assert_eq!(occurrences(&app.db, JANE).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_those_of_the_query_table() {
    let app = TestApp::spawn().await;
    let fields = |region: &str, id: Value| json!({"region": region, "id": id});
    let records = [
        record("a", fields("eu", json!(1))),
        record("b", fields("eu", json!("1"))),
        record("c", fields("us", json!("x"))),
        record("d", fields("us", json!(null))),
        record("e", json!({"other": 1})),
    ];
    app.send(&Delivery::of(&records)).await.counts();
    app.db.projected().await;
    let left = "select string_agg(hash, '' order by hash) from polysink.records";
    // Without an identity each record is an entity.
    app.works(&["forget", SYNC, "e", "--yes"]);
    assert_eq!(app.db.text(left).await, "abcd");
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 4);

    app.works(&["column", SYNC, "id", "--type", "jsonb", "--yes"]);
    app.db.projected().await;
    app.works(&["identity", "set", SYNC, "id"]);
    let (_, said) = app.polysink(&["forget", SYNC, "1", "--yes"]);
    assert!(said.contains("\"1\" can mean several entities; write one of these: [\"1\"], [1]"), "{said}");
    app.works(&["forget", SYNC, "[1]", "--yes"]);
    assert_eq!(app.db.text(left).await, "bcd");

    app.works(&["identity", "set", SYNC, "region", "id"]);
    let (worked, said) = app.polysink(&["forget", SYNC, "eu", "--yes"]);
    assert!(
        !worked && said.contains("the identity is (region, id); write a JSON array with 2 values, as in _key"),
        "{said}"
    );
    let (worked, said) = app.polysink(&["forget", SYNC, "[\"us\",null]", "--yes"]);
    assert!(!worked && said.contains("no entity has null in its identity"), "{said}");
    app.works(&["forget", SYNC, "[\"eu\", \"1\"]", "[\"us\",\"x\"]", "--yes"]);
    assert_eq!(app.db.text(left).await, "d");
    // A record of no entity goes by its hash.
    let said = app.works(&["forget", SYNC, "d", "--yes"]);
    assert!(
        said.contains("0 versions of the query tables, 1 record of the ledger, 1 record in 1 raw delivery"),
        "{said}"
    );
    assert_eq!(app.db.count("select count(*) from polysink.records").await, 0);
    app.send(&Delivery::of(&records)).await.counts();
    app.db.projected().await;
    let (worked, said) = app.polysink(&["forget", SYNC, "a", "--yes"]);
    assert!(!worked && said.contains("write a JSON array with 2 values"), "a record of an entity does not: {said}");
    let (worked, said) = app.polysink(&["forget", "nobody", "1", "--yes"]);
    assert!(!worked && said.contains("no sync matches \"nobody\""), "{said}");
    let (worked, said) = app.polysink(&["forget", SYNC, "--file", "/nowhere", "--yes"]);
    assert!(!worked && said.contains("cannot read /nowhere"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reason_of_another_rejection_quotes_the_erased_person() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("first", json!({"mail": "first@example.com", "n": 0}))])).await.counts();
    app.db.projected().await;
    app.works(&["identity", "set", "customers_to_warehouse", "mail", "--yes"]);
    // Two constraints: PostgreSQL quotes the row for one, and the key for the other.
    app.db
        .run(
            "alter table synced.customers_to_warehouse add constraint n_small check (n < 1000);
             create unique index one_n on synced.customers_to_warehouse (n)",
        )
        .await;
    // Many are refused with one reason.
    let people = |from: u64, n: fn(u64) -> u64| {
        let people = from..from + 300;
        Delivery::of(
            &people
                .map(|id| record(&format!("h{id}"), json!({"mail": format!("user{id:05}@example.com"), "n": n(id)})))
                .collect::<Vec<_>>(),
        )
    };
    app.send(&people(0, |id| 1_000 + id)).await.counts();
    app.send(&people(300, |_| 7)).await.counts();
    app.db.until("select count(*) from polysink.backlog", |waiting: i64| waiting == 0).await;
    let refused = "select count(*) from polysink.rejections where reason = 'unprojectable'";
    assert_eq!(app.db.count(refused).await, 599, "all but the first whose n is 7");
    let quoting = "select count(*) from polysink.rejections where detail ~ 'user[0-9]|example.com|Failing row|Key '";
    assert_eq!(app.db.count(quoting).await, 0);
    for person in ["user00200@example.com", "user00400@example.com"] {
        let said = app.works(&["forget", "customers_to_warehouse", person, "--yes"]);
        assert!(said.contains("1 rejection"), "{said}");
        assert_eq!(occurrences(&app.db, person).await, 0);
    }
}
