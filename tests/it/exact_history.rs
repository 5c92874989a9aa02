//! The query tables are what a rebuild gives, in each column, whatever came in whichever order.

use serde_json::json;

use crate::harness::{Delivery, TABLE, TestApp, record};
use crate::history::{at, send};

/// Each version with its first and last sighting: `A 10-20 …10`, and the current row.
const HISTORY: &str = "select concat((select string_agg(concat(v, ' ',
        extract(second from _valid_from)::int, '-', extract(second from _valid_to)::int,
                                             ' last ', extract(second from _last_sent_at)::int),
                                             ', ' order by _sent_at, _envelope_id, _position)
                    from synced.customers_to_warehouse_history),
                   '; now ', (select concat(v, ' since ', extract(second from _changed_at)::int, ' until ',
                   extract(second from _sent_at)::int)
                              from synced.customers_to_warehouse))";

fn seen(v: &str, second: u32) -> Delivery {
    at(&[record(v, json!({"id": 1, "v": v}))], second)
}

async fn with_identity() -> TestApp {
    let app = TestApp::spawn_with(&[("POLYSINK_TIMESTAMP_TOLERANCE", "0")]).await;
    app.send(&at(&[record("seed", json!({"id": 0, "v": "seed", "extra": 0}))], 0)).await.counts();
    app.db.projected().await;
    app.works(&["identity", "set", TABLE, "id"]);
    app.works(&["forget", TABLE, "0", "--yes"]);
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_delivery_cuts_a_version_where_it_was_seen() {
    let app = with_identity().await;
    send(&app, &[seen("A", 10), seen("A", 20), seen("A", 30), seen("A", 40), seen("A", 50), seen("B", 25)]).await;
    let exact = "A 10-25 last 20, B 25-30 last 25, A 30- last ; now A since 30 until 50";
    app.db.becomes(HISTORY, exact).await;
    app.works(&["rebuild", TABLE]);
    assert_eq!(app.db.text(HISTORY).await, exact);
    // Another late one, in the midst of what was counted again, and one that joins what belongs together.
    send(&app, &[seen("C", 35), seen("B", 32), seen("B", 33)]).await;
    let exact = "A 10-25 last 20, B 25-30 last 25, A 30-32 last 30, B 32-35 last 33, C 35-40 last 35, A 40- last ; \
                 now A since 40 until 50";
    app.db.becomes(HISTORY, exact).await;
    app.works(&["rebuild", TABLE]);
    assert_eq!(app.db.text(HISTORY).await, exact);
    assert_eq!(app.db.count("select count(*) from polysink.split_versions").await, 0);
}

/// A hash that polysink has made is in no body.
#[tokio::test(flavor = "multi_thread")]
async fn records_without_a_hash_are_read_from_the_raw_log_too() {
    let app = with_identity().await;
    let seen = |v: &str, second| at(&[json!({"fields": {"id": 1, "v": v}})], second);
    send(&app, &[seen("A", 10), seen("A", 20), seen("A", 30), seen("A", 40), seen("B", 25)]).await;
    app.db.becomes(HISTORY, "A 10-25 last 20, B 25-30 last 25, A 30- last ; now A since 30 until 40").await;
}

/// What was seen between two sightings of another content, both late, is a version of its own.
#[tokio::test(flavor = "multi_thread")]
async fn no_version_is_missing_after_several_late_deliveries() {
    let app = with_identity().await;
    send(&app, &[seen("A", 1), seen("A", 5), seen("A", 9)]).await;
    app.send(&seen("B", 3)).await.counts();
    app.send(&seen("B", 6)).await.counts();
    app.db.projected().await;
    app.db
        .becomes(HISTORY, "A 1-3 last 1, B 3-5 last 3, A 5-6 last 5, B 6-9 last 6, A 9- last ; now A since 9 until 9")
        .await;
}

/// The raw log has it already, and its time comes when it is projected.
#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_is_not_projected_yet_splits_nothing_in_advance() {
    let app = with_identity().await;
    send(&app, &[seen("B", 5), seen("A", 10), seen("A", 20), seen("A", 50)]).await;
    // No projection is committed; a period of which the end is not read is counted again.
    app.db
        .run(
            "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$;
             create trigger refuse before delete on polysink.backlog for each row execute function refuse()",
        )
        .await;
    app.send(&seen("B", 11)).await.counts();
    app.db
        .run(
            "insert into polysink.split_versions
             select sync_id, _key, _sent_at, _sent_at + interval '7 seconds', 1
             from polysink.syncs, synced.customers_to_warehouse_history where v = 'B'",
        )
        .await;
    app.db.until("select count(*) from polysink.split_versions", |left: i64| left == 0).await;
    app.db.run("drop function refuse cascade").await;
    app.db.projected().await;
    let exact = "B 5-10 last 5, A 10-11 last 10, B 11-20 last 11, A 20- last ; now A since 20 until 50";
    assert_eq!(app.db.text(HISTORY).await, exact);
}

/// Of a closed version too, and where the raw log no longer has everything: then what is known stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_keeps_closed_versions_that_the_raw_log_no_longer_has() {
    let app = with_identity().await;
    send(&app, &[seen("A", 10), seen("A", 20), seen("A", 30), seen("A", 40), seen("Z", 50)]).await;
    app.db.run("delete from polysink.envelopes where extract(second from sent_at) in (10, 30)").await;
    send(&app, &[seen("B", 25)]).await;
    app.db
        .becomes(HISTORY, "A 10-25 last 20, B 25-40 last 25, A 40-50 last 40, Z 50- last ; now Z since 50 until 50")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_entity_is_not_counted_again() {
    let mut app = with_identity().await;
    send(&app, &[seen("A", 10), seen("B", 20)]).await;
    app.stop().await.expect("it stops");
    app.db.run("insert into polysink.split_versions select sync_id, '[1]', now(), now(), 1 from polysink.syncs").await;
    app.works(&["forget", TABLE, "1", "--yes"]);
    assert_eq!(app.db.count("select count(*) from polysink.split_versions").await, 0);
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse_history").await, 0);
}

const CONTENTS: &str = "select concat((select string_agg(concat(v, ' ', extra), ', ' order by _sent_at)
        from synced.customers_to_warehouse_history),
                   '; now ', (select string_agg(concat(v, ' ', extra),
                   ', ' order by _key) from synced.customers_to_warehouse),
                   '; ledger ', (select string_agg(concat(fields->>'v', ' ', fields->>'extra'),
                   ', ' order by hash) from polysink.records))";

/// All rows of a record have the fields of its newest sighting.
#[tokio::test(flavor = "multi_thread")]
async fn a_known_record_with_new_fields_has_them_in_each_row() {
    let app = with_identity().await;
    let full = |second| at(&[record("A", json!({"id": 1, "v": "A", "extra": 7}))], second);
    send(&app, &[seen("A", 10), seen("B", 20), seen("A", 30)]).await;
    assert_eq!(app.db.text(CONTENTS).await, "A , B , A ; now A ; ledger A , B ");
    send(&app, &[full(40)]).await;
    let exact = "A 7, B , A 7; now A 7; ledger A 7, B ";
    assert_eq!(app.db.text(CONTENTS).await, exact);
    app.works(&["rebuild", TABLE]);
    assert_eq!(app.db.text(CONTENTS).await, exact);
    // Without the fields again.
    send(&app, &[seen("A", 50)]).await;
    let exact = "A , B , A ; now A ; ledger A , B ";
    assert_eq!(app.db.text(CONTENTS).await, exact);
    app.works(&["rebuild", TABLE]);
    assert_eq!(app.db.text(CONTENTS).await, exact);
}

/// With an identity and without.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_content_that_comes_late_overwrites_nothing() {
    for has_identity in [true, false] {
        let app = with_identity().await;
        if !has_identity {
            app.works(&["identity", "clear", TABLE, "--yes"]);
        }
        let sent = |v: &str, second| at(&[record("H", json!({"id": 1, "v": v}))], second);
        send(&app, &[sent("first", 20), sent("newest", 30), sent("old, late", 10)]).await;
        let rows = "select concat((select string_agg(v, ', ') from synced.customers_to_warehouse), '; ',
                                  (select string_agg(v, ', ') from synced.customers_to_warehouse_history))";
        let exact = if has_identity { "newest; newest" } else { "newest; " };
        assert_eq!(app.db.text(rows).await, exact);
        app.works(&["rebuild", TABLE]);
        assert_eq!(app.db.text(rows).await, exact);
    }
}

/// A record's values in some way to write them.
fn written(hash: &str, fields: &str, second: u32) -> Delivery {
    at(&[record(hash, serde_json::from_str(fields).expect("it is JSON"))], second)
}

/// Versions of one entity: `a 10-20 last 10`; then the row.
#[tokio::test(flavor = "multi_thread")]
async fn where_values_are_compared_another_hash_alone_is_no_version() {
    let app = with_identity().await;
    let deliveries = [
        written("h1", r#"{"id": 1, "v": "a", "extra": 5}"#, 10),
        written("h2", r#"{"extra": 5.0, "v": "a", "id": 1}"#, 20),
        written("h3", r#"{"id": 1, "v": "a", "extra": 5, "added": null}"#, 30),
        written("h4", r#"{"id": 1, "v": "b", "extra": 5}"#, 40),
        written("h5", r#"{"id": 1.0, "v": "a", "extra": 5e0}"#, 50),
        written("h6", r#"{"id": 1, "v": "a", "extra": 5, "added": "now"}"#, 55),
    ];
    send(&app, &deliveries[..2]).await;
    let by_hash = "a 10-20 last 10, a 20- last ; now a since 20 until 20";
    assert_eq!(app.db.text(HISTORY).await, by_hash);
    app.works(&["identity", "set", TABLE, "id", "--compare", "values", "--yes"]);
    assert_eq!(app.db.text(HISTORY).await, "a 10- last ; now a since 10 until 20");
    send(&app, &deliveries[2..]).await;
    let by_values = "a 10-40 last 30, b 40-50 last 40, a 50-55 last 50, a 55- last ; now a since 55 until 55";
    assert_eq!(app.db.text(HISTORY).await, by_values);
    let hashes = "select string_agg(_hash, ' ' order by _sent_at) from synced.customers_to_warehouse_history";
    assert_eq!(app.db.text(hashes).await, "h1 h4 h1 h6", "the first with the values");
    app.works(&["rebuild", TABLE]);
    assert_eq!(app.db.text(HISTORY).await, by_values);
    assert_eq!(app.db.text(hashes).await, "h1 h4 h1 h6");
    // The ledger has them all, and joins.
    assert_eq!(app.db.count("select count(*) from polysink.records").await, 6);
    let joined = "select count(*) from synced.customers_to_warehouse_history join polysink.records on hash = _hash";
    assert_eq!(app.db.count(joined).await, 4);
    // A late one, between two that are written differently, is read from the raw log.
    send(&app, &[written("h7", r#"{"v": "b", "id": 1, "extra": 5}"#, 25)]).await;
    let late = "a 10-25 last 20, b 25-30 last 25, a 30-40 last 30, b 40-50 last 40, a 50-55 last 50, a 55- last ; now \
                a since 55 until 55";
    app.db.becomes(HISTORY, late).await;
    app.works(&["rebuild", TABLE]);
    assert_eq!(app.db.text(HISTORY).await, late);
    // Another identity keeps the setting; the documented word is in the list.
    app.works(&["identity", "set", TABLE, "v", "--yes"]);
    assert!(app.works(&["syncs", "--json"]).contains(r#""compare": "values""#));
    assert!(app.works(&["identity", "set", TABLE, "v", "--yes"]).contains("already the sync's identity"));
    app.works(&["identity", "set", TABLE, "id", "--compare", "hash", "--yes"]);
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse_history").await, 7);
    assert_eq!(app.db.count("select count(*) from polysink.same_values").await, 0);
}

/// One that others have as theirs, and that comes with other fields.
#[tokio::test(flavor = "multi_thread")]
async fn a_hash_with_two_contents_stands_for_no_other() {
    let app = with_identity().await;
    app.works(&["identity", "set", TABLE, "id", "--compare", "values", "--yes"]);
    let deliveries = [
        written("h1", r#"{"id": 1, "v": "a"}"#, 10),
        written("h2", r#"{"id": 1.0, "v": "a"}"#, 20),
        written("h1", r#"{"id": 1, "v": "other"}"#, 30),
        written("h3", r#"{"v": "a", "id": 1}"#, 40),
    ];
    send(&app, &deliveries).await;
    let exact = "other 10-20 last 10, a 20-30 last 20, other 30-40 last 30, a 40- last ; now a since 40 until 40";
    app.db.becomes(HISTORY, exact).await;
    app.works(&["rebuild", TABLE]);
    assert_eq!(app.db.text(HISTORY).await, exact);
}

/// As after a kill between the word that the keys need a rebuild and its beginning, or while another task for the sync
/// was running.
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_was_not_begun_is_made_without_another_delivery() {
    let app = with_identity().await;
    send(&app, &[seen("A", 10), seen("B", 20)]).await;
    app.db.run("update synced.customers_to_warehouse set v = 'another'").await;
    app.db.run("update polysink.syncs set key_columns = null").await;
    app.db.becomes(HISTORY, "A 10-20 last 10, B 20- last ; now B since 20 until 20").await;
    let keys = "select (count(*) = 1)::text from polysink.syncs where key_columns is not null";
    app.db.becomes(keys, "true").await;
}

/// Digests of what was erased are not kept.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_takes_every_way_to_write_the_values() {
    let app = with_identity().await;
    app.works(&["identity", "set", TABLE, "id", "--compare", "values", "--yes"]);
    let deliveries = [
        written("h1", r#"{"id": 1, "v": "a"}"#, 10),
        written("h2", r#"{"id": 1.0, "v": "a"}"#, 20),
        written("h3", r#"{"id": 2, "v": "a"}"#, 30),
    ];
    send(&app, &deliveries).await;
    app.works(&["forget", TABLE, "1", "--yes"]);
    let left = "select concat((select string_agg(hash, ' ') from polysink.records), '; ',
                              (select string_agg(hash, ' ') from polysink.same_values))";
    assert_eq!(app.db.text(left).await, "h3; h3");
    send(&app, &deliveries[1..2]).await;
    let rows = "select string_agg(concat(id::int, _hash), ' ' order by id) from synced.customers_to_warehouse";
    assert_eq!(app.db.text(rows).await, "1h2 2h3");
}
