//! Real-world data: collections of the npm package vega-datasets, fetched by `script/test-data`.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::{Delivery, TestApp, record, skip};

/// A collection; the test is skipped on a machine without npm.
fn collection(name: &str) -> Option<Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/test-data/vega-datasets-2.11.0/data");
    let Ok(text) = std::fs::read_to_string(folder.join(name)) else {
        return skip(&format!("script/test-data has not brought {name}"));
    };
    Some(serde_json::from_str(&text).expect("it is JSON"))
}

async fn deliver(app: &TestApp, name: &str, rows: &[Value]) {
    for (n, rows) in rows.chunks(500).enumerate() {
        let records: Vec<Value> =
            rows.iter().enumerate().map(|(i, row)| record(&format!("{n}-{i}"), row.clone())).collect();
        let expected = u64::try_from(records.len()).expect("it is small");
        let counts = app.send(&Delivery::of_sync(crate::harness::SYNC, name, &records)).await.counts();
        assert_eq!(counts, [expected, expected, 0, 0]);
    }
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from polysink.rejections").await, 0);
}

/// Every value of the ledger is found again in its row: in its column, or in `_unfit`.
const LOST: &str = "select count(*) from polysink.records r
     join synced.sync_under_test t on t._key = r.hash
     cross join lateral jsonb_each(r.fields) as value
     join polysink.fields f on f.name = value.key
     where value.value <> 'null'
       and case when t._unfit ? f.name then t._unfit->f.name <> value.value
                when f.column_type = 'timestamptz'
                    then (to_jsonb(t)->>f.column_name)::timestamptz <> (value.value #>> '{}')::timestamptz
                when f.column_type in ('text', 'date') then to_jsonb(t)->>f.column_name <> value.value #>> '{}'
                else to_jsonb(t)->f.column_name <> value.value end is not false";

const TYPES: &str = "select string_agg(concat(name, ' ', column_type), ', ' order by name) from polysink.fields";

#[tokio::test(flavor = "multi_thread")]
async fn films_with_numbers_for_titles_and_dates_in_odd_formats() {
    let Some(films) = collection("movies.json") else { return };
    let app = TestApp::spawn().await;
    let films = films.as_array().expect("it is an array");
    deliver(&app, "Sync under test", films).await;
    assert_eq!(app.db.count("select count(*) from synced.sync_under_test").await, 3201);
    assert_eq!(
        app.db.text(TYPES).await,
        "Creative Type text, Director text, Distributor text, IMDB Rating numeric, IMDB Votes bigint, MPAA Rating \
         text, Major Genre text, Production Budget bigint, Release Date text, Rotten Tomatoes Rating bigint, Running \
         Time min bigint, Source text, Title text, US DVD Sales bigint, US Gross bigint, Worldwide Gross bigint"
    );
    assert_eq!(app.db.count(LOST).await, 0);
    let numbers = "select string_agg(title, ', ' order by title) from synced.sync_under_test where title ~ '^[0-9]+$'";
    assert!(app.db.text(numbers).await.contains("1408, 1776, 1941, 2012, 2046"));
    let gross = "select sum(us_gross)::bigint from synced.sync_under_test";
    let expected: i64 = films.iter().filter_map(|film| film["US Gross"].as_i64()).sum();
    assert_eq!(app.db.count(gross).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn earthquakes_as_nested_geojson() {
    let Some(quakes) = collection("earthquakes.json") else { return };
    let app = TestApp::spawn().await;
    let features = quakes["features"].as_array().expect("it has features");
    deliver(&app, "Sync under test", features).await;
    assert_eq!(app.db.text(TYPES).await, "geometry jsonb, id text, properties jsonb, type text");
    assert_eq!(app.db.count(LOST).await, 0);
    let strongest = "select format('%s %s', properties->>'mag', geometry->'coordinates'->>2)
                     from synced.sync_under_test where properties->>'mag' is not null
                     order by (properties->>'mag')::numeric desc limit 1";
    assert!(app.db.text(strongest).await.starts_with(|c: char| c.is_ascii_digit()));

    // The same, flattened as a warehouse would have it.
    let flat: Vec<Value> = features
        .iter()
        .map(|feature| {
            let mut fields = feature["properties"].as_object().expect("it has properties").clone();
            fields.insert("coordinates".to_owned(), feature["geometry"]["coordinates"].clone());
            fields.insert("quake id".to_owned(), feature["id"].clone());
            Value::Object(fields)
        })
        .collect();
    let app = TestApp::spawn().await;
    deliver(&app, "Sync under test", &flat).await;
    assert_eq!(app.db.count(LOST).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn collections_of_different_shapes_in_one_sync() {
    let app = TestApp::spawn().await;
    let mut rows: Vec<Value> = Vec::new();
    for name in ["penguins.json", "countries.json", "movies.json"] {
        let Some(collection) = collection(name) else { return };
        rows.extend(collection.as_array().expect("it is an array").iter().take(400).cloned());
    }
    rows.push(json!({"Beak Length (mm)": "unknown", "year": 1955.5, "Title": {"en": "x"}}));
    deliver(&app, "Sync under test", &rows).await;
    assert_eq!(app.db.count(LOST).await, 0);
    let rows = i64::try_from(rows.len()).expect("they are few");
    assert_eq!(app.db.count("select count(*) from synced.sync_under_test").await, rows);
}
