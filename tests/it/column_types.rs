//! Which type a column gets, and which values fit it.

use serde_json::{Value, json};

use crate::columns::{MISFITS, app_with};
use crate::harness::{Delivery, SYNC, TABLE, TestApp, record};

#[tokio::test(flavor = "multi_thread")]
async fn uuids_and_timestamps_without_an_offset_are_learned() {
    let app = app_with(&[
        record("1", json!({"id": "5A3E7F0C-91d4-4c58-9d3b-2f6a1c0e8b47", "at": "2020-12-02T01:02:03"})),
        record("2", json!({"id": null, "at": "2020-12-03"})),
    ])
    .await;
    let types = "select string_agg(concat(column_name, ' ', data_type), ', ' order by column_name)
                 from information_schema.columns where table_schema = 'synced' and column_name in ('id', 'at')";
    assert_eq!(app.db.text(types).await, "at timestamp without time zone, id uuid");
    let rows = "select string_agg(concat_ws(' ', id, at), ', ' order by _key) from synced.customers_to_warehouse";
    let expected = "5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47 2020-12-02 01:02:03, 2020-12-03 00:00:00";
    assert_eq!(app.db.text(rows).await, expected);
    let many: Vec<Value> = (0..30)
        .map(|n| record(&format!("c{n}"), json!({"id": uuid::Uuid::from_u128(n), "at": "2021-01-01 00:00"})))
        .collect();
    app.send(&Delivery::of(&many)).await.counts();
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse where at = '2021-01-01'").await, 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_json_is_kept_as_text() {
    let deep = format!("{}1{}", "[".repeat(2_000), "]".repeat(2_000));
    let app = app_with(&[record("1", json!({"v": [1], "w": 1}))]).await;
    let body = format!(
        r#"{{"event":"sync.records","object":{{"id":"{SYNC}",
           "name":"Customers → Warehouse","records":[{{"hash":"2","fields":{{"v":{deep},"w":{deep}}}}}]}}}}"#
    );
    app.send(&Delivery::of_body(body)).await.counts();
    app.db.projected().await;
    let shown = "select concat(v is null, ' ', jsonb_typeof(_unfit -> 'v'), ' ',
                     length(_unfit ->> 'v'), ' ', length(_unfit ->> 'w'))
                 from synced.customers_to_warehouse where _key = '2'";
    assert_eq!(app.db.text(shown).await, "t string 4001 4001");
}

pub const FIELDS: &str = "
    select string_agg(concat(name, ' ', column_type), ', ' order by name) from polysink.fields
    where column_type is not null";

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_type_takes_postgres_spellings() {
    const SPELLINGS: &[(&str, &[&str])] = &[
        (
            "boolean",
            &[
                "true", "t", "yes", "y", "on", "1", "false", "f", "no", "n", "off", "0", " TRUE ", "tru", "fals", "of",
                "yE",
            ],
        ),
        ("bigint", &["7", " 8 ", "+9", "-0", "007", "-9223372036854775808"]),
        ("numeric", &[".5", "5.", "1e3", "-1.5E-2", "+3", " 4 ", "0001", "-.25e+1"]),
        (
            "uuid",
            &[
                "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}",
                "a0eebc999c0b4ef8bb6d6bb9bd380a11",
                "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
                "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
            ],
        ),
        ("text", &["x", "1.50", "true"]),
    ];
    let records: Vec<Value> = SPELLINGS
        .iter()
        .flat_map(|(name, spellings)| {
            spellings.iter().map(move |spelling| record(&format!("{name}{spelling}"), json!({*name: spelling})))
        })
        .collect();
    let app = app_with(&records).await;
    for (name, _) in SPELLINGS {
        let said = app.works(&["column", TABLE, name, "--type", name, "--yes"]);
        assert!(!said.contains("become"), "{said}");
    }
    // From the ledger, and then from the delivery.
    for _ in 0..2 {
        let differ = "select coalesce(string_agg(r.fields::text, ', '), 'none')
                      from synced.customers_to_warehouse t join polysink.records r on r.hash = t._hash
                      where (t.boolean, t.bigint, t.numeric, t.uuid, t.text) is distinct from
                            ((r.fields->>'boolean')::boolean, (r.fields->>'bigint')::bigint,
                            (r.fields->>'numeric')::numeric,
                             (r.fields->>'uuid')::uuid, r.fields->>'text')";
        assert_eq!(app.db.text(differ).await, "none");
        app.db.run("delete from synced.customers_to_warehouse").await;
        app.send(&Delivery::of(&records)).await.counts();
        app.db.projected().await;
    }
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse where _unfit is not null").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn timestamps_are_learned_as_sources_print_them() {
    let app = app_with(&[record(
        "1",
        json!({
            "snowflake": "2024-03-01 12:34:56.789 +0000",
            "bigquery": "2024-03-01 12:34:56.789 UTC", "rails": "2024-03-01 12:34:56 UTC",
            "comma": "2024-03-01T12:34:56,789Z",
            "basic": "20240301T123456Z", "java": "2024-03-01T13:34:56+01:00[Europe/Paris]",
        }),
    )])
    .await;
    assert_eq!(app.db.text("select string_agg(distinct column_type, ' ') from polysink.fields").await, "timestamptz");
    let instants =
        "select concat_ws(' ', count(*), count(distinct date_trunc('second', at))) from synced.customers_to_warehouse,
                    unnest(array[snowflake, bigquery, rails, comma, basic, java]) as at";
    assert_eq!(app.db.text(instants).await, "6 1");
}

/// Values that say nothing leave the type to the others.
#[tokio::test(flavor = "multi_thread")]
async fn empty_strings_and_zero_dates_are_empty_in_a_typed_column() {
    let (day, at) = ("0000-00-00", "0000-00-00 00:00:00");
    let fields = json!({"n": "", "day": day, "at": at, "id": " ", "flag": "", "note": "", "tags": ""});
    let app = app_with(&[record("0", fields.clone())]).await;
    let full = json!({"n": 7.5, "day": "2026-01-02", "at": "2026-01-02 03:04:05",
                        "id": "5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47",
        "flag": true, "note": "x", "tags": ["a"]});
    app.send(&Delivery::of(&[record("1", full), record("2", fields)])).await.counts();
    app.db.projected().await;
    let types = "at timestamp, day date, flag boolean, id uuid, n numeric, note text, tags jsonb";
    assert_eq!(app.db.text(FIELDS).await, types);
    let rows =
        "select string_agg(concat_ws('|', num_nulls(n, day, at, id, flag), note, tags, _unfit), ' ' order by _key)
                from synced.customers_to_warehouse";
    let expected = r#"5||"" 0|x|["a"] 5||"""#;
    assert_eq!(app.db.text(rows).await, expected);
    assert_eq!(app.db.count("select sum(misfits)::int8 from polysink.fields").await, 0);
    assert!(!app.works(&["syncs"]).contains("not fit"));
    app.works(&["rebuild", TABLE]);
    assert_eq!(app.db.text(rows).await, expected);
    // A type that takes them shows them again; a pinned one does not count them.
    app.works(&["column", TABLE, "day", "--type", "text", "--yes"]);
    let days = "select string_agg(day, ' ' order by _key) from synced.customers_to_warehouse";
    assert_eq!(app.db.text(days).await, "0000-00-00 2026-01-02 0000-00-00");
    let said = app.works(&["column", TABLE, "day", "--type", "date", "--format", "us", "--yes"]);
    assert!(!said.contains("not fit"), "{said}");
}

/// Whenever it arrives, in one delivery with the others or alone.
#[tokio::test(flavor = "multi_thread")]
async fn one_stray_value_of_a_thousand_does_not_decide() {
    let usual =
        |n: usize| json!({"n": n, "status": "paid", "day": "2026-01-02", "at": "2026-01-02T03:04:05Z", "price": 10});
    let stray =
        json!({"n": "unknown", "status": {"code": 1}, "day": "soon", "at": "2026-01-02T03:04:05", "price": 10.5});
    let types = "at timestamptz, day date, n bigint, price numeric, status text";
    let rows =
        "select string_agg(concat_ws('|', n, status, day, at, price, _unfit), ' ') from synced.customers_to_warehouse
                where _hash = 'stray'";
    for at in [0, 500, 999] {
        for in_one in [true, false] {
            let app = TestApp::spawn().await;
            let mut records: Vec<Value> = (0..1_000).map(|n| record(&n.to_string(), usual(n))).collect();
            records[at] = record("stray", stray.clone());
            let parts =
                if in_one { vec![&records[..]] } else { vec![&records[..at], &records[at..=at], &records[at + 1..]] };
            for part in parts.into_iter().filter(|part| !part.is_empty()) {
                app.send(&Delivery::of(part)).await.counts();
                app.db.projected().await;
            }
            let case = format!("the stray at {at}, in one delivery: {in_one}");
            assert_eq!(app.db.text(FIELDS).await, types, "{case}");
            let shown = r#"10.5|{"n": "unknown", "at": "2026-01-02T03:04:05", "day": "soon", "status": {"code": 1}}"#;
            assert_eq!(app.db.text(rows).await, shown, "{case}");
            assert_eq!(app.db.text(MISFITS).await, "at 1 t, day 1 t, n 1 t, price 0 f, status 1 t", "{case}");
            assert_eq!(
                app.db.count("select count(*) from synced.customers_to_warehouse where status = 'paid'").await,
                999
            );
        }
    }
}

/// A stray id is an entity like others, and is found by its id.
#[tokio::test(flavor = "multi_thread")]
async fn each_id_counts() {
    let app = app_with(&[record("1", json!({"id": 1}))]).await;
    app.works(&["identity", "set", TABLE, "id", "--yes"]);
    let mut records: Vec<Value> = (2..500).map(|n| record(&n.to_string(), json!({"id": n}))).collect();
    records.push(record("stray", json!({"id": "A-1"})));
    app.send(&Delivery::of(&records)).await.counts();
    app.db.projected().await;
    app.db.until("select count(*) from synced.customers_to_warehouse", |rows: i64| rows == 500).await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse where id = 'A-1'").await, 1);
}
