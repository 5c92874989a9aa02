//! The query tables are what a rebuild gives, in each column, whatever came in whichever order.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::harness::app::Replica;
use crate::harness::{Delivery, TestApp, record};
use crate::history::{at, send};

const TABLE: &str = "customers_to_warehouse";

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

/// All that the query tables show, without the order of the rows.
const ALL: &str = "
    select concat_ws(E'\\n',
        (select string_agg(to_jsonb(t)::text, E'\\n' order by _key) from synced.customers_to_warehouse t),
        '--',
        (select string_agg(to_jsonb(h)::text, E'\\n' order by _key, _sent_at, _envelope_id, _position)
         from synced.customers_to_warehouse_history h))";

/// What is left to do beside the backlog.
const LEFT: &str = "
    select (select count(*) from polysink.backlog) + (select count(*) from polysink.backfills)
         + (select count(*) from polysink.split_versions)
         + (select count(*) from polysink.fields where unsettled is not null)";

/// Random deliveries to two replicas, and operators who change the identity and columns meanwhile.
struct Stream {
    random: StdRng,
    /// What was sent, to repeat it.
    sent: Vec<Delivery>,
    /// Records grow by so many fields.
    grown: u32,
    /// Whether a hash covers all that a record has, and how it is written; then values are compared too.
    exact_hashes: bool,
    log: String,
}

impl Stream {
    fn one_in(&mut self, n: u32) -> bool {
        self.random.random_range(0..n) == 0
    }

    fn record(&mut self) -> Value {
        let (id, v) = (self.random.random_range(0..8), self.random.random_range(0..4));
        let hash = format!("{id}-{v}");
        let mut fields = json!({"id": id, "v": v, "region": if v % 2 == 0 { "eu" } else { "us" }});
        // One field is of many kinds. It follows from the hash.
        fields["n"] = match (id * 4 + v) % 9 {
            0 => json!("text"),
            1 => json!(1.5),
            2 => json!(null),
            3 => json!({"a": v}),
            4 => json!(""),
            5 => json!("2026-01-02"),
            6 => json!(7.0),
            _ => json!(id),
        };
        for n in 0..self.grown {
            if !self.one_in(4) {
                fields[format!("grown{n}")] = json!(n);
            }
        }
        // Of one entity, polysink makes the hashes.
        if id == 7 {
            json!({"fields": fields})
        } else if self.exact_hashes {
            self.written_somehow(&hash, fields)
        } else {
            record(&hash, fields)
        }
    }

    /// The same values in one of several ways to write them, each with a hash of its own.
    fn written_somehow(&mut self, hash: &str, mut fields: Value) -> Value {
        let way = self.random.random_range(0..4);
        let grown: String =
            (0..self.grown).map(|n| if fields[format!("grown{n}")].is_null() { '-' } else { '+' }).collect();
        if way & 1 == 1 {
            fields["absent"] = Value::Null;
        }
        if let Some(id) = fields["id"].as_f64().filter(|_| way & 2 == 2) {
            fields["id"] = json!(id); // 3.0
        }
        fields.as_object_mut().expect("it is one").retain(|name, value| !name.starts_with("grown") || !value.is_null());
        record(&format!("{hash} {grown} {way}"), fields)
    }

    fn delivery(&mut self) -> Delivery {
        if !self.sent.is_empty() && self.one_in(6) {
            return self.sent[self.random.random_range(0..self.sent.len())].clone();
        }
        let count = self.random.random_range(1..5);
        let records: Vec<Value> = (0..count).map(|_| self.record()).collect();
        // Mostly in order, with ties; sometimes late.
        let newest = u32::try_from(self.sent.len() / 3).unwrap_or(0).min(3_500);
        let second = if self.one_in(4) { self.random.random_range(0..=newest) } else { newest };
        let delivery = at(&records, second);
        self.sent.push(delivery.clone());
        delivery
    }

    /// What an operator does.
    fn command(&mut self) -> Vec<&'static str> {
        let compare = ["--compare", if self.exact_hashes && !self.one_in(3) { "values" } else { "hash" }];
        let commands: [&[&str]; 14] = [
            &["identity", "set", TABLE, "id", compare[0], compare[1], "--yes"],
            &["identity", "set", TABLE, "id", compare[0], compare[1], "--yes"],
            &["identity", "set", TABLE, "id", "region", "--yes"],
            &["identity", "set", TABLE, "region", "--yes"],
            &["identity", "clear", TABLE, "--yes"],
            &["column", TABLE, "field:n", "--type", "numeric", "--yes"],
            &["column", TABLE, "field:n", "--type", "text", "--yes"],
            &["column", TABLE, "field:n", "--type", "jsonb", "--yes"],
            &["column", TABLE, "field:n", "--type", "date", "--yes"],
            &["column", TABLE, "field:id", "--type", "text", "--yes"],
            &["column", TABLE, "field:id", "--type", "bigint", "--yes"],
            &["column", TABLE, "field:v", "--hide", "--yes"],
            &["column", TABLE, "field:v", "--show", "--yes"],
            &["column", TABLE, "field:v", "--name", "renamed", "--yes"],
        ];
        commands[self.random.random_range(0..commands.len())].to_vec()
    }
}

/// A number that the environment has.
#[expect(clippy::disallowed_methods, reason = "a developer's setting for this test, not one of polysink's")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// `POLYSINK_TEST_SEED` repeats a run; `POLYSINK_TEST_MINUTES` is how long it goes on.
#[tokio::test(flavor = "multi_thread")]
async fn after_any_stream_of_deliveries_the_tables_are_as_a_rebuild_makes_them() {
    let seed = number("POLYSINK_TEST_SEED").unwrap_or_else(|| rand::rng().random());
    let minutes = number("POLYSINK_TEST_MINUTES");
    eprintln!("POLYSINK_TEST_SEED={seed}");
    let ends = minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let mut deliveries = 0;
    for round in 0.. {
        if ends.map_or(round >= 2, |ends| Instant::now() >= ends) {
            break;
        }
        let seed = seed.wrapping_add(round);
        deliveries += one_stream(seed, round % 2 == 1).await;
    }
    eprintln!("{deliveries} deliveries, each row as a rebuild gives it");
}

/// Returns how many deliveries were sent.
///
/// * `exact_hashes`: as in [`Stream`]
async fn one_stream(seed: u64, exact_hashes: bool) -> usize {
    const SETTINGS: &[(&str, &str)] = &[("POLYSINK_TIMESTAMP_TOLERANCE", "0")];
    let app = TestApp::spawn_with(SETTINGS).await;
    let mut replica: Option<Replica> = None;
    let random = StdRng::seed_from_u64(seed);
    let mut stream = Stream { random, sent: Vec::new(), grown: 0, exact_hashes, log: String::new() };
    let mut deliveries = 0;
    app.send(&at(&[record("seed", json!({"id": 100, "v": 1, "region": "eu", "n": 1}))], 0)).await.counts();
    app.db.projected().await;
    let compare = if exact_hashes { "values" } else { "hash" };
    app.works(&["identity", "set", TABLE, "id", "--compare", compare, "--yes"]);
    for part in 0..25 {
        for _ in 0..6 {
            // Several at a time, so that they overtake each other.
            let some: Vec<Delivery> = (0..10).map(|_| stream.delivery()).collect();
            deliveries += some.len();
            let bases = [Some(app.base.as_str()), replica.as_ref().map(Replica::base)];
            let bases: Vec<&str> = bases.into_iter().flatten().collect();
            let sends = some.iter().enumerate().map(|(n, delivery)| {
                let url = format!("{}/webhooks/polytomic", bases[n % bases.len()]);
                let http = app.http.clone();
                async move { delivery.post(&http, &url).await.counts() }
            });
            futures_util::future::join_all(sends).await;
            if stream.one_in(3) {
                let command = stream.command();
                let (worked, said) = app.polysink(&command);
                let _ = writeln!(stream.log, "{} after {deliveries}: {worked} {}", command.join(" "), said.trim());
            }
            if stream.one_in(12) {
                replica = match replica {
                    Some(_) => None,
                    None => Some(app.replica_with(SETTINGS).await),
                };
            }
        }
        if stream.one_in(8) && stream.grown < 4 {
            stream.grown += 1;
        }
        app.db.until(LEFT, |left: i64| left == 0).await;
        let live = app.db.text(ALL).await;
        app.works(&["rebuild", TABLE]);
        let rebuilt = app.db.text(ALL).await;
        if live != rebuilt {
            let only = |one: &str, other: &str| -> Vec<String> {
                let other: std::collections::HashSet<&str> = other.lines().collect();
                one.lines().filter(|line| !other.contains(line)).take(6).map(str::to_owned).collect()
            };
            panic!(
                "POLYSINK_TEST_SEED={seed}, part {part}:\nlive:\n{}\nrebuilt:\n{}\n{}",
                only(&live, &rebuilt).join("\n"),
                only(&rebuilt, &live).join("\n"),
                stream.log
            );
        }
    }
    deliveries
}
