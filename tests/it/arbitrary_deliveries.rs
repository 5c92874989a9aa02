//! Property tests: arbitrary deliveries are stored, and every value is found again.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value};

use crate::harness::{Delivery, TestApp, record};

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,8})?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
            .prop_map(Value::from),
        "[-+]?[0-9]{1,20}(\\.[0-9]{0,5})?".prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,8}", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Records whose fields have few names, so that one field meets many kinds.
fn fields() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(prop_oneof!["[a-c]", "[A-C ]{1,3}", ".{0,70}"], value(), 0..8)
        .prop_map(|map| map.into_iter().collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn any_object_reads_back_equal_and_never_stops_the_projector() {
    let app = TestApp::spawn().await;
    let mut runner = TestRunner::default();
    let mut sent: Vec<Map<String, Value>> = Vec::new();
    for round in 0..12 {
        let records: Vec<Map<String, Value>> =
            (0..25).map(|_| fields().new_tree(&mut runner).expect("it makes one").current()).collect();
        let delivered: Vec<Value> = records
            .iter()
            .enumerate()
            .map(|(n, fields)| record(&format!("{round}-{n}"), Value::Object(fields.clone())))
            .collect();
        assert_eq!(app.send(&Delivery::of(&delivered)).await.counts(), [25, 25, 0, 0], "{delivered:?}");
        sent.extend(records);
    }
    app.db.projected().await;
    for (n, fields) in sent.iter().enumerate() {
        let body = Value::Object(fields.clone()).to_string();
        let same: bool = sqlx::query_scalar(
            "select not altered and fields = $2::jsonb or altered and fields is not null from polysink.records where \
             hash = $1",
        )
        .bind(format!("{}-{}", n / 25, n % 25))
        .bind(body.replace("\\u0000", "\\ufffd"))
        .fetch_one(&app.db.pool)
        .await
        .expect("it is in the ledger");
        assert!(same, "{body}");
    }
    let rows = "select count(*) from synced.customers_to_warehouse";
    assert_eq!(app.db.count(rows).await, i64::try_from(sent.len()).expect("they are few"));
    assert_eq!(app.db.count("select count(*) from polysink.rejections").await, 0);
}

/// What Rust makes of a number is what PostgreSQL makes of it.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_written_as_postgres_writes_them() {
    let app = TestApp::spawn().await;
    let mut runner = TestRunner::default();
    let literal = "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,12})?([eE][-+]?[0-9]{1,2})?";
    let literals: Vec<String> = (0..300)
        .map(|_| {
            proptest::string::string_regex(literal)
                .expect("it is a pattern")
                .new_tree(&mut runner)
                .expect("it makes one")
                .current()
        })
        .collect();
    // As large and as fine as numeric takes them.
    let extremes = [
        "9".repeat(131_072),
        format!("-0.{}7", "0".repeat(16_382)),
        format!("{}.{}", "1".repeat(99_999), "2".repeat(9_999)),
        "1e131071".to_owned(),
        "-12.5E+60000".to_owned(),
        "-1.50e-16000".to_owned(),
        "0.0e-16382".to_owned(),
    ];
    let records: Vec<String> = literals
        .iter()
        .chain(&extremes)
        .enumerate()
        .map(|(n, literal)| format!(r#"{{"hash":"{n}","fields":{{"number":{literal},"text":{literal}}}}}"#))
        .collect();
    // Texts among them, more than one in a hundred, make the second field text.
    let texts = (0..20).map(|n| format!(r#"{{"hash":"t{n}","fields":{{"text":"x"}}}}"#));
    let records: Vec<String> = records.into_iter().chain(texts).collect();
    let body = format!(
        r#"{{"event":"sync.records","object":{{"id":"{}","name":"Numbers","records":[{}]}}}}"#,
        crate::harness::SYNC,
        records.join(",")
    );
    app.send(&Delivery::of_body(body)).await.counts();
    app.db.projected().await;
    let types = "select string_agg(concat(name, ' ', column_type), ', ' order by name) from polysink.fields";
    assert_eq!(app.db.text(types).await, "number numeric, text text");
    let differ = "select coalesce(string_agg(concat(t.number, ' ', t.text, ' ', r.fields), ', '), 'none')
                  from synced.numbers t join polysink.records r on r.hash = t._hash
                  where t._hash !~ '^t' and (t.number::text, t.text) is distinct from (r.fields->>'number',
                  r.fields->>'text')";
    assert_eq!(app.db.text(differ).await, "none");
}
