//! Random streams of deliveries: the query tables are what a rebuild gives.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::harness::app::Replica;
use crate::harness::{Delivery, TABLE, TestApp, record};
use crate::history::at;

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
