//! What operators changed, and which columns the service added: `polysink.changes`.

use serde_json::json;

use crate::harness::{Delivery, SYNC, TABLE, TestApp, record};

/// Every change: who, what, before and after.
const CHANGES: &str = "select coalesce(string_agg(concat_ws(' | ',
                           case when changed_by = 'polysink' then 'polysink'
                                when changed_by ~ '^[^@]+@.+$' then 'operator' else changed_by end,
                           action, coalesce(before::text, '-'), after::text), E'\\n' order by change_id), '')
                       from polysink.changes";

#[tokio::test(flavor = "multi_thread")]
async fn what_operators_change_is_noted_with_who_and_what_was_before() {
    let app = TestApp::spawn().await;
    let records = [record("1", json!({"id": 1, "price": 5, "note": "a"})), json!({"hash": 1, "fields": {}})];
    app.send(&Delivery::of(&records)).await.counts();
    app.db.projected().await;
    app.works(&["identity", "set", TABLE, "id", "--yes"]);
    app.works(&["column", TABLE, "price", "--type", "numeric", "--yes"]);
    app.works(&["column", TABLE, "note", "--name", "remark"]);
    app.works(&["column", TABLE, "note", "--hide"]);
    app.works(&["rebuild", TABLE]);
    let rejection = app.db.text("select rejection_id::text from polysink.rejections").await;
    app.works(&["rejections", "resolve", &rejection]);
    app.works(&["replay", "--yes"]);
    app.works(&["deletes", SYNC, "on"]);
    app.works(&["deletes", SYNC, "on"]);
    app.works(&["forget", TABLE, "1", "--reference", "T-1", "--yes"]);

    let changes = app.db.text(CHANGES).await;
    let lines: Vec<&str> = changes.lines().collect();
    let is = |n: usize, start: &str| assert!(lines[n].starts_with(start), "{n}: {start}\n{changes}");
    is(0, r#"polysink | columns | - | {"id": {"type": "bigint", "column": "id"}"#);
    is(1, r#"operator | identity | {"compare": "hash", "identity": null} | {"compare": "hash", "identity": ["id"]}"#);
    is(2, r#"operator | columns | {"price": {"type": "bigint", "column": "price"}} | {"price": {"type": "numeric""#);
    is(
        3,
        r#"operator | columns | {"note": {"type": "text", "column": "note"}} | {"note": {"type": "text", "column": "r"#,
    );
    is(4, r#"operator | columns | {"note": {"type": "text", "column": "remark"}} | {"note": {"hidden": true}}"#);
    is(5, "operator | rebuild | -");
    is(6, "operator | resolve | - | {\"rejections\": [\"");
    is(7, "operator | replay | - | {\"since\": null, \"until\": null}");
    is(8, r#"operator | deletes | {"on": false} | {"on": true}"#);
    is(9, r#"operator | forget | - | {"entities": 1, "reference": "T-1"}"#);
    assert_eq!(lines.len(), 10, "a change that changes nothing is none\n{changes}");
    let of_sync = "select count(*) from polysink.changes where sync_id is not null";
    assert_eq!(app.db.count(of_sync).await, 9, "the replay alone was of all");
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_the_service_adds_and_widens_are_noted_once() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("1", json!({"v": 1}))])).await.counts();
    app.db.projected().await;
    for n in 2..5 {
        app.send(&Delivery::of(&[record(&n.to_string(), json!({"v": n}))])).await.counts();
        app.db.projected().await;
    }
    assert_eq!(app.db.count("select count(*) from polysink.changes").await, 1, "only the first has a new column");
    app.send(&Delivery::of(&[record("5", json!({"v": 1.5, "w": true}))])).await.counts();
    app.db.projected().await;
    app.db.becomes("select column_type from polysink.fields where name = 'v'", "numeric").await;
    let last =
        "select concat_ws(' | ', before::text, after::text) from polysink.changes order by change_id desc limit 1";
    let last = app.db.text(last).await;
    assert!(last.contains(r#"{"v": {"type": "bigint""#) && last.contains(r#""w": {"type": "boolean""#), "{last}");
}
