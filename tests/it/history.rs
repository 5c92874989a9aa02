//! Entities and their versions.

use serde_json::{Value, json};

use crate::harness::{Delivery, SYNC, Service, TestApp, binary, record, run};

/// Each entity's versions, oldest first: `A 10:00:00-10:00:05`.
const VERSIONS: &str =
    "select coalesce(string_agg(concat(v, ' ', to_char(_valid_from at time zone 'UTC', 'MI:SS'), '-',
                                          coalesce(to_char(_valid_to at time zone 'UTC', 'MI:SS'), '…')),
                                   ', ' order by _key, _sent_at, _envelope_id, _position), '')
     from synced.customers_to_warehouse_history";

/// The entities as they are now.
pub const NOW: &str =
    "select coalesce(string_agg(concat(id, v), ' ' order by _key), '') from synced.customers_to_warehouse";

pub fn version(id: u32, v: &str) -> Value {
    record(&format!("{id}{v}"), json!({"id": id, "v": v}))
}

/// Sent at some second of one hour today.
pub fn at(records: &[Value], seconds: u32) -> Delivery {
    let hour = polysink::app::now().format("%Y-%m-%dT%H");
    Delivery::of(records).sent_at(&format!("{hour}:{:02}:{:02}Z", seconds / 60, seconds % 60))
}

/// A service that accepts deliveries of any age, with a sync whose identity is `id`.
pub async fn with_identity() -> TestApp {
    let app = TestApp::spawn_with(&[("POLYSINK_TIMESTAMP_TOLERANCE", "0")]).await;
    app.send(&at(&[version(0, "seed")], 0)).await.counts();
    app.db.projected().await;
    app.works(&["identity", "set", "customers_to_warehouse", "id"]);
    app.db.run("delete from synced.customers_to_warehouse; delete from synced.customers_to_warehouse_history").await;
    app
}

pub async fn send(app: &TestApp, deliveries: &[Delivery]) {
    for delivery in deliveries {
        app.send(delivery).await.counts();
        app.db.projected().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entity_that_alternates_between_two_values_has_a_version_per_change() {
    let app = with_identity().await;
    send(
        &app,
        &[at(&[version(1, "A")], 1), at(&[version(1, "B")], 2), at(&[version(1, "A")], 3), at(&[version(1, "A")], 4)],
    )
    .await;
    assert_eq!(app.db.text(NOW).await, "1A");
    assert_eq!(app.db.text(VERSIONS).await, "A 00:01-00:02, B 00:02-00:03, A 00:03-…");
    let as_of = "select v from synced.customers_to_warehouse_history
                 where _valid_from <= date_trunc('hour', now()) + interval '2.5 seconds'
                   and (_valid_to > date_trunc('hour', now()) + interval '2.5 seconds' or _valid_to is null)";
    assert_eq!(app.db.text(as_of).await, "B");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_constraint_on_the_history_does_not_keep_versions_from_ending() {
    let app = with_identity().await;
    send(&app, &[at(&[version(1, "A")], 1)]).await;
    app.db
        .run(
            "alter table synced.customers_to_warehouse_history alter column v set not null, add check (v <> ''),
                 add column team text not null default 'sales'",
        )
        .await;
    send(&app, &[at(&[version(1, "B")], 2), at(&[version(1, "B")], 3), at(&[version(1, "A")], 4)]).await;
    assert_eq!(app.db.text(VERSIONS).await, "A 00:01-00:02, B 00:02-00:04, A 00:04-…");
    assert_eq!(app.db.count("select count(*) from polysink.rejections").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_exact_inside_one_second_and_inside_one_payload() {
    let app = with_identity().await;
    send(&app, &[at(&[version(1, "A"), version(1, "B"), version(1, "A")], 1)]).await;
    send(&app, &[at(&[version(2, "A")], 1), at(&[version(2, "B")], 1), at(&[version(2, "A")], 1)]).await;
    assert_eq!(app.db.text(NOW).await, "1A 2A");
    let each = "A 00:01-00:01, B 00:01-00:01, A 00:01-…";
    assert_eq!(app.db.text(VERSIONS).await, format!("{each}, {each}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_come_out_the_same_across_replicas() {
    let app = with_identity().await;
    let replica = app.replica_with(&[("POLYSINK_TIMESTAMP_TOLERANCE", "0")]).await;
    for (n, v) in ["A", "B", "A", "B"].into_iter().enumerate() {
        let delivery = at(&[version(1, v)], 1);
        let base = if n % 2 == 0 { app.base.as_str() } else { replica.base() };
        delivery.post(&app.http, &format!("{base}/webhooks/polytomic")).await.counts();
    }
    app.db.projected().await;
    assert_eq!(app.db.text(NOW).await, "1B");
    assert_eq!(app.db.text(VERSIONS).await, "A 00:01-00:01, B 00:01-00:01, A 00:01-00:01, B 00:01-…");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_arrival_takes_its_place_and_never_overwrites_newer_values() {
    let app = with_identity().await;
    send(&app, &[at(&[version(1, "A")], 10), at(&[version(1, "C")], 30), at(&[version(1, "B")], 20)]).await;
    assert_eq!(app.db.text(NOW).await, "1C");
    assert_eq!(app.db.text(VERSIONS).await, "A 00:10-00:20, B 00:20-00:30, C 00:30-…");
    send(&app, &[at(&[version(1, "C")], 40), at(&[version(1, "D")], 35)]).await;
    assert_eq!(app.db.text(VERSIONS).await, "A 00:10-00:20, B 00:20-00:30, C 00:30-00:35, D 00:35-00:40, C 00:40-…");
    send(&app, &[at(&[version(1, "Z")], 5), at(&[version(1, "Z")], 4), at(&[version(1, "B")], 15)]).await;
    assert_eq!(
        app.db.text(VERSIONS).await,
        "Z 00:04-00:10, A 00:10-00:15, B 00:15-00:30, C 00:30-00:35, D 00:35-00:40, C 00:40-…"
    );
    let first = "select (_first_received_at =
                     (select received_at from polysink.envelopes order by sent_at offset 1 limit 1))::text
                 from synced.customers_to_warehouse";
    assert_eq!(app.db.text(first).await, "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_of_one_entity_alone_is_projected_however_many_versions_it_has() {
    const MANY: u32 = 60_000;
    let app = with_identity().await;
    let versions: Vec<Value> = (0..MANY).map(|n| version(1, &n.to_string())).collect();
    app.send(&at(&versions, 10)).await.counts();
    app.db.projected().await;
    let count = "select concat(count(*), ' ', count(_valid_to)) from synced.customers_to_warehouse_history";
    assert_eq!(app.db.text(count).await, "60000 59999");
    assert_eq!(app.db.text(NOW).await, "159999");
    // All of them late, between those.
    let versions: Vec<Value> = (0..MANY).map(|n| version(1, &format!("late{n}"))).collect();
    app.send(&at(&versions, 5)).await.counts();
    app.db.projected().await;
    assert_eq!(app.db.text(count).await, "120000 119999");
    assert_eq!(app.db.text(NOW).await, "159999");
}

#[tokio::test(flavor = "multi_thread")]
async fn records_without_the_identity_are_counted_and_visible() {
    let app = with_identity().await;
    let records =
        [version(1, "A"), record("x", json!({"v": "lacks it"})), record("y", json!({"id": null, "v": "null"}))];
    send(&app, &[at(&records, 1)]).await;
    assert_eq!(app.db.text(NOW).await, "1A");
    assert_eq!(app.db.text("select string_agg(hash, ',' order by hash) from polysink.unidentified").await, "x,y");
    let listed: Value = serde_json::from_str(&app.works(&["syncs", "--json"])).expect("it is JSON");
    assert_eq!(listed[0]["unidentified_records"], 2);
    assert_eq!(listed[0]["identity"], json!(["id"]));
    assert!(app.works(&["syncs"]).contains("2 records have no value for id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_an_identity_makes_the_history_of_stored_records() {
    let app = TestApp::spawn_with(&[("POLYSINK_TIMESTAMP_TOLERANCE", "0")]).await;
    send(&app, &[at(&[version(1, "A"), version(2, "A")], 1), at(&[version(1, "B")], 2), at(&[version(1, "A")], 3)])
        .await;
    assert_eq!(app.db.text(NOW).await, "1A 1B 2A", "a row per distinct record");
    app.db
        .run(
            "create view synced.mine as select v, count(*) as entities from synced.customers_to_warehouse group by v;
             create index by_v on synced.customers_to_warehouse (v); grant select on synced.customers_to_warehouse to
             public;",
        )
        .await;
    let said = app.works(&["identity", "set", SYNC, "id"]);
    assert!(said.contains("2 rows"), "{said}");
    assert_eq!(app.db.text(NOW).await, "1A 2A");
    assert_eq!(app.db.text(VERSIONS).await, "A 00:01-00:02, B 00:02-00:03, A 00:03-…, A 00:01-…");
    assert_eq!(app.db.text("select string_agg(concat(v, entities), ',') from synced.mine").await, "A2");
    assert_eq!(app.db.count("select count(*) from pg_indexes where indexname = 'by_v'").await, 1);
    assert_eq!(
        app.db.text("select has_table_privilege('public', 'synced.customers_to_warehouse', 'select')::text").await,
        "true"
    );
    send(&app, &[at(&[version(2, "C")], 4)]).await;
    assert_eq!(app.db.text(NOW).await, "1A 2C");
    app.works(&["identity", "clear", "Customers to warehouse"]);
    assert_eq!(app.db.text(NOW).await, "1A 1B 2A 2C");
    assert_eq!(app.db.text(VERSIONS).await, "", "the history stays, empty");
    let left = "select count(*) from pg_class where relname like 'shadow%'";
    assert_eq!(app.db.count(left).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_is_set_while_deliveries_continue() {
    let app = TestApp::spawn_with(&[("POLYSINK_TIMESTAMP_TOLERANCE", "0")]).await;
    send(&app, &[at(&(0..500).map(|id| version(id, "A")).collect::<Vec<_>>(), 1)]).await;
    let http = app.http.clone();
    let (webhook, (stop, mut stopped)) = (app.webhook(), tokio::sync::oneshot::channel::<()>());
    let sender = tokio::spawn(async move {
        let mut sent = 0;
        while stopped.try_recv() == Err(tokio::sync::oneshot::error::TryRecvError::Empty) {
            sent += 1;
            let records: Vec<Value> = (0..50).map(|id| version(id * 10, &format!("v{sent}"))).collect();
            Delivery::of(&records).post(&http, &webhook).await.counts();
        }
        sent
    });
    let database = app.db.url();
    let commands = tokio::task::spawn_blocking(move || {
        let table = "customers_to_warehouse";
        let commands: [&[&str]; 4] = [
            &["identity", "set", table, "id"],
            &["rebuild", table],
            &["identity", "clear", table],
            &["identity", "set", table, "id"],
        ];
        commands.map(|arguments| run(binary().env("DATABASE_URL", &database).args(arguments)).status.success())
    });
    assert_eq!(commands.await.expect("it does not panic"), [true; 4]);
    drop(stop);
    let sent = sender.await.expect("every delivery is taken");
    app.db.projected().await;
    assert!(sent > 3);
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 500);
    let latest = "select count(*) from synced.customers_to_warehouse t
                  join lateral (
                      select r.hash from polysink.records r
                      where (r.fields->>'id')::bigint = t.id
                      order by r.last_sent_at desc, r.last_envelope_id desc, r.last_position desc limit 1
                  ) as newest on true
                  where t._hash <> newest.hash";
    assert_eq!(app.db.count(latest).await, 0);
    let open = "select count(*) from synced.customers_to_warehouse_history where _valid_to is null";
    assert_eq!(app.db.count(open).await, 500);
    assert_eq!(app.db.text(MISSING_VERSIONS).await, "0");
}

/// Records whose first sighting is in no version of their entity.
const MISSING_VERSIONS: &str = "select count(*)::text from polysink.records r
     where not exists (select from synced.customers_to_warehouse_history h where h._hash = r.hash)";

#[tokio::test(flavor = "multi_thread")]
async fn rebuilt_equals_live() {
    let app = with_identity().await;
    let mut random = 7_u32;
    let mut next = |below: u32| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 8) % below
    };
    // Sent in order, so that no merged version is split later.
    for second in 1..60 {
        let records: Vec<Value> = (0..20)
            .map(|_| {
                let (id, v) = (next(15), next(3));
                record(
                    &format!("{id}-{v}"),
                    json!({"id": id, "v": format!("v{v}"), "n": f64::from(v) + 0.5, "extra": {"v": v}}),
                )
            })
            .collect();
        app.send(&at(&records, second)).await.counts();
    }
    app.db.projected().await;
    let table = "select md5(string_agg(t::text, E'\\n' order by _key)) from synced.customers_to_warehouse t";
    let history = "select md5(string_agg(h::text, E'\\n' order by _key, _sent_at, _envelope_id, _position))
                   from synced.customers_to_warehouse_history h";
    // The seed of the harness was deleted behind polysink's back; a first rebuild brings it back.
    app.works(&["rebuild", "customers_to_warehouse"]);
    app.db.run("delete from synced.customers_to_warehouse where id = 0 and v = 'seed'").await;
    let live = (app.db.text(table).await, app.db.text(history).await);
    app.db
        .run(
            "update synced.customers_to_warehouse set v = 'wrong'; delete from \
                synced.customers_to_warehouse_history where id = 3",
        )
        .await;
    app.works(&["rebuild", "customers_to_warehouse"]);
    assert_eq!((app.db.text(table).await, app.db.text(history).await), live);
    assert!(app.db.count("select count(*) from synced.customers_to_warehouse_history").await > 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_keeps_sightings_older_than_the_raw_log() {
    let app = with_identity().await;
    send(&app, &[at(&[version(1, "A")], 1), at(&[version(1, "B")], 2), at(&[version(1, "A"), version(2, "X")], 3)])
        .await;
    let before = app.db.text(VERSIONS).await;
    app.db.run("delete from polysink.envelopes").await;
    send(&app, &[at(&[version(1, "A")], 4), at(&[version(1, "C")], 5)]).await;
    let live = app.db.text(VERSIONS).await;
    assert_eq!(live, "A 00:01-00:02, B 00:02-00:03, A 00:03-00:05, C 00:05-…, X 00:03-…", "{before}");
    let said = app.works(&["rebuild", "customers_to_warehouse"]);
    assert!(said.contains("the oldest kept delivery is of"), "{said}");
    // The seed of the harness is still in the ledger.
    assert_eq!(app.db.text(VERSIONS).await, format!("seed 00:00-…, {live}"));
    assert_eq!(app.db.text(NOW).await, "0seed 1C 2X");

    // With the history gone too, the ledger is what is left: first and last sightings.
    app.db.run("delete from polysink.envelopes; drop table synced.customers_to_warehouse_history").await;
    let said = app.works(&["rebuild", "customers_to_warehouse"]);
    assert!(said.contains("no delivery of this sync is kept"), "{said}");
    let from_ledger = app.db.text(VERSIONS).await;
    assert!(
        from_ledger.ends_with("A 00:01-00:02, B 00:02-00:04, A 00:04-00:05, C 00:05-…, X 00:03-…"),
        "{from_ledger}"
    );
}

/// The raw log is cut by when a delivery was received, and history goes by when it was sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_keeps_sightings_that_the_raw_log_no_longer_has() {
    let app = with_identity().await;
    let gone = [
        at(&[version(1, "A"), version(2, "A"), version(3, "A"), version(4, "A")], 10),
        at(&[version(1, "B"), version(2, "A"), version(3, "C")], 20),
    ];
    send(&app, &gone).await;
    app.db.run("delete from polysink.envelopes").await;
    // Received later: one sent before all, one between, one that goes on.
    let kept = [
        at(&[version(1, "Z"), version(2, "Z"), version(5, "Z")], 5),
        at(&[version(2, "B"), version(3, "A"), version(4, "A")], 15),
        at(&[version(1, "B"), version(2, "C"), version(3, "A"), version(5, "Z")], 30),
    ];
    send(&app, &kept).await;
    let live = app.db.text(VERSIONS).await;
    assert_eq!(
        live,
        "Z 00:05-00:10, A 00:10-00:20, B 00:20-…, \
         Z 00:05-00:10, A 00:10-00:15, B 00:15-00:20, A 00:20-00:30, C 00:30-…, \
         A 00:10-00:20, C 00:20-00:30, A 00:30-…, \
         A 00:10-…, Z 00:05-…"
    );
    let all = "select md5(string_agg(h::text, E'\\n' order by _key, _sent_at, _envelope_id, _position))
               from synced.customers_to_warehouse_history h where id between 1 and 5";
    let rows = "select md5(string_agg(t::text, E'\\n' order by _key)) from synced.customers_to_warehouse t where id \
                between 1 and 5";
    let before = (app.db.text(all).await, app.db.text(rows).await);
    app.works(&["rebuild", "customers_to_warehouse"]);
    assert_eq!((app.db.text(all).await, app.db.text(rows).await), before, "{}", app.db.text(VERSIONS).await);

    // Dropped tables come back from the ledger and what raw there is: every record is in some version.
    app.db.run("drop table synced.customers_to_warehouse").await;
    send(&app, &[at(&[version(6, "D")], 40)]).await;
    app.db.becomes("select count(*)::text from synced.customers_to_warehouse", "7").await;
    assert_eq!(app.db.text(all).await, before.0, "the history was there");
    app.db.run("drop table synced.customers_to_warehouse, synced.customers_to_warehouse_history").await;
    send(&app, &[at(&[version(6, "D")], 41)]).await;
    app.db.becomes(MISSING_VERSIONS, "0").await;
    assert_eq!(app.db.text(NOW).await, "0seed 1B 2C 3A 4A 5Z 6D");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_whose_history_would_be_lost_asks() {
    let app = with_identity().await;
    send(&app, &[at(&[version(1, "A")], 1), at(&[version(1, "B")], 2)]).await;
    app.db.run("delete from polysink.envelopes").await;
    let refused = run(binary().env("DATABASE_URL", app.db.url()).args(["identity", "set", SYNC, "v"]));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("2 versions") && said.contains("--yes"), "{said}");
    assert_eq!(app.db.text(NOW).await, "1B");
    app.works(&["identity", "set", SYNC, "v", "--yes"]);
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 3, "A, B and the seed");
}

#[test]
fn kill_9_while_projecting_loses_and_doubles_nothing() {
    let runtime = tokio::runtime::Runtime::new().expect("it can be made");
    let db = runtime.block_on(crate::harness::TestDatabase::create());
    let dir = tempfile::tempdir().expect("there is a temporary folder");
    let http = runtime.block_on(async { crate::harness::app::http_client() });
    let mut sent = 0;
    for round in 0..6 {
        let service = Service::start(Service::on(&db.url(), dir.path()));
        runtime.block_on(async {
            for _ in 0..10 {
                let records: Vec<Value> = (0..200)
                    .map(|n| record(&format!("{}", sent * 200 + n), json!({"id": (sent * 200 + n) % 700, "v": sent})))
                    .collect();
                Delivery::of(&records).post(&http, &service.url).await.counts();
                sent += 1;
            }
        });
        service.kill();
        if round == 2 {
            let chosen = run(binary().env("DATABASE_URL", db.url()).args(["identity", "set", SYNC, "id"]));
            assert!(chosen.status.success(), "{}", String::from_utf8_lossy(&chosen.stderr));
        }
    }
    let service = Service::start(Service::on(&db.url(), dir.path()));
    runtime.block_on(async {
        db.projected().await;
        assert_eq!(db.count("select count(*) from polysink.records").await, i64::from(sent) * 200);
        assert_eq!(db.count("select count(*) from synced.customers_to_warehouse").await, 700);
        // Every record changed its entity, and so is a version.
        assert_eq!(db.count("select count(*) from synced.customers_to_warehouse_history").await, i64::from(sent) * 200);
        let counted = "select (kinds->>'integer')::bigint from polysink.fields where name = 'v'";
        assert_eq!(db.count(counted).await, i64::from(sent) * 200, "each was projected once");
    });
    let (status, _) = service.stop();
    assert!(status.success());
}

/// The query of docs/querying.md that leaves out versions with the same values.
#[tokio::test(flavor = "multi_thread")]
async fn the_documented_query_finds_the_changes_of_values_alone() {
    let app = with_identity().await;
    let fields = [
        json!({"id": 1, "v": "a", "n": 5}),
        json!({"n": 5.0, "v": "a", "id": 1}),
        json!({"id": 1, "v": "a", "n": 5, "absent before": null}),
        json!({"id": 1, "v": "b", "n": 5}),
        json!({"id": 1, "v": "b"}),
    ];
    for (n, fields) in (1..).zip(fields) {
        app.send(&at(&[record(&format!("h{n}"), fields)], n)).await.counts();
    }
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse_history").await, 5, "each is a record");
    let documented = include_str!("../../docs/querying.md").split("```");
    let query = documented.filter_map(|block| block.strip_prefix("sql\n")).find(|block| block.contains("column_of_h"));
    let query = query
        .expect("it is there")
        .trim_end()
        .trim_end_matches(';')
        .replace("synced.customers", "synced.customers_to_warehouse");
    let changes = format!(
        "select string_agg(concat(extract(second from changed_at)::int, ' ', field, ': ', was, ' to ', became),
            ', ' order by changed_at)
         from ({query}) as changes"
    );
    assert_eq!(app.db.text(changes.leak()).await, "4 v: \"a\" to \"b\", 5 n: 5 to ");
}
