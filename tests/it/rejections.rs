//! Rejections: exported, corrected, replayed, resolved.

use serde_json::{Value, json};

use crate::harness::{Delivery, SYNC, TestApp, binary, record, run};
use crate::replay::{derived, pretty};

/// The ledger refuses records whose hash begins with `bad`, until the function is dropped.
const REFUSE_BAD: &str = "
    create function refuse() returns trigger language plpgsql as
        $$ begin if new.hash like 'bad%' then raise data_exception; end if; return new; end $$;
    create trigger refuse before insert on polysink.records for each row execute function refuse()";

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_unknown_is_replayed_by_a_version_that_knows_it() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"id": 1})), json!({"hash": 1})])).await.counts();
    app.db.projected().await;
    // What was learned of the values is there already.
    let derived = async || -> Vec<String> {
        derived(&app.db).await.into_iter().filter(|row| !row.starts_with("polysink.fields ")).collect()
    };
    let before = derived().await;
    // As an earlier version would have kept it, to which the event meant nothing.
    app.db
        .run(
            "update polysink.envelopes set outcome = 'ignored', event = 'sync.records',
                sync_id = null, metadata = null, record_count = 0;
             truncate polysink.records, polysink.rejections, synced.customers_to_warehouse",
        )
        .await;
    assert!(app.works(&["replay", "--yes"]).contains("1 delivery"));
    app.db.projected().await;
    pretty(&before, &derived().await);
    assert_eq!(
        app.db.text("select concat(outcome, record_count, sync_id is null) from polysink.envelopes").await,
        "stored2f"
    );
    assert_eq!(app.db.text("select string_agg(reason, ' ') from polysink.rejections").await, "fields_not_object");
}

#[tokio::test(flavor = "multi_thread")]
async fn rejections_go_through_after_a_fix_and_are_resolved() {
    let app = TestApp::spawn().await;
    app.db.run(REFUSE_BAD).await;
    let mixed = [
        record("good", json!({"id": 1, "v": 7})),
        record("bad-1", json!({"id": 2, "v": "seven"})),
        json!({"hash": 3, "fields": {}}),
    ];
    app.send(&Delivery::of(&mixed)).await.counts();
    let malformed = app.send(&Delivery::of_body("{\"event\":")).await;
    assert_eq!(malformed.problem(400), "malformed");
    app.db.projected().await;

    let said = app.works(&["replay", "--rejected", "--yes"]);
    assert!(said.contains("Replayed 3 rejections: 0 stored and resolved."), "{said}");
    assert!(said.contains("Still wrong, and open: 3"), "{said}");

    // The ledger takes it now; the body was repaired by hand; the third stays wrong.
    app.db.run("drop function refuse cascade").await;
    app.db
        .run(
            "update polysink.rejections set payload = convert_to(
                 '{\"event\":\"sync.records\",\"object\":{\"id\":\"7d1f2c1e-0b0f-4d64-9a4e-0c7f5d0c9a11\",
                 \"name\":\"Other\",
                   \"records\":[{\"hash\":\"m\",\"fields\":{\"id\":9}}]}}', 'UTF8')
             where scope = 'envelope'",
        )
        .await;
    for round in ["first", "second"] {
        let said = app.works(&["replay", "--rejected", "--yes"]);
        assert_eq!(said.contains("2 stored and resolved."), round == "first", "{said}");
        app.db.projected().await;
        let ledger = "select string_agg(hash || times_received, ' ' order by hash) from polysink.records";
        assert_eq!(app.db.text(ledger).await, "bad-11 good1 m1");
        let values = "select string_agg(v, ' ' order by id) from synced.customers_to_warehouse";
        app.db.becomes(values, "7 seven").await;
        assert_eq!(app.db.count("select count(*) from synced.other where id = 9").await, 1);
        let open =
            "select string_agg(reason || coalesce(settlement, ''), ' ' order by reason) from polysink.rejections";
        assert_eq!(app.db.text(open).await, "hash_not_string not_jsonreplayed unstorablereplayed");
    }
    let (_, said) = app.polysink(&["replay", "--rejected"]);
    assert!(said.contains("This replays 1 rejection.") && said.contains("--yes"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_record_whose_delivery_is_gone_is_stored_all_the_same() {
    let app = TestApp::spawn().await;
    app.db.run(REFUSE_BAD).await;
    app.send(&Delivery::of(&[record("good", json!({"id": 1})), record("bad-1", json!({"id": 2}))])).await.counts();
    app.db.projected().await;
    app.db.run("drop function refuse cascade; delete from polysink.envelopes").await;
    let said = app.works(&["replay", "--rejected", "--yes"]);
    assert!(said.contains("1 stored and resolved."), "{said}");
    app.db.projected().await;
    assert_eq!(app.db.text("select string_agg(hash, ' ' order by hash) from polysink.records").await, "bad-1 good");
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn rejections_are_exported_corrected_and_replayed_or_sent() {
    let app = TestApp::spawn().await;
    let bad = json!({"hash": "r1", "fields": "none"});
    app.send(&Delivery::of(&[record("good", json!({"id": 1})), bad])).await.counts();
    for body in ["{\"event\":", "{\"event\":}"] {
        assert_eq!(app.send(&Delivery::of_body(body)).await.problem(400), "malformed");
    }
    app.db.projected().await;

    // Filters.
    let listed = |arguments: &[&str]| {
        let rows: Vec<Value> =
            serde_json::from_str(&app.works(&[&["rejections", "--json"], arguments].concat())).expect("JSON");
        rows.len()
    };
    assert_eq!(listed(&[]), 3);
    assert_eq!(listed(&["--open", "--reason", "not_json"]), 2);
    assert_eq!(listed(&["--sync", SYNC]), 1);
    assert_eq!(listed(&["--since", "1h", "--sync", "Customers to warehouse", "--reason", "fields_not_object"]), 1);
    assert_eq!(listed(&["--since", "2999-01-01"]), 0);

    // Shown for people, and to the byte.
    let id = app.db.text("select rejection_id::text from polysink.rejections where scope = 'record'").await;
    assert!(app.works(&["rejections", "show", &id]).contains("{\n  \"fields\": \"none\",\n  \"hash\": \"r1\"\n}"));
    assert_eq!(app.works(&["rejections", "show", "--raw", &id]), "{\"fields\":\"none\",\"hash\":\"r1\"}");

    // Corrected in the export, and replayed as what was received then.
    let exported = app.works(&["rejections", "export"]);
    assert_eq!(exported.lines().count(), 3);
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let file = folder.path().join("rejected.ndjson");
    let corrected = exported.replace("\\\"none\\\"", "{\\\"id\\\":2}");
    assert_ne!(corrected, exported);
    std::fs::write(&file, &corrected).expect("it can be written");
    let path = file.to_str().expect("it is text");
    let said = app.works(&["replay", "--rejected", "--yes", "--file", path]);
    assert!(
        said.contains("Replayed 3 rejections: 1 stored and resolved.") && said.contains("Still wrong, and open: 2"),
        "{said}"
    );
    assert!(app.works(&["replay", "--rejected", "--yes", "--file", path]).contains("Resolved before, or unknown: 1."));
    app.db.projected().await;
    assert_eq!(
        app.db.text("select string_agg(id::text, ' ' order by id) from synced.customers_to_warehouse").await,
        "1 2"
    );
    let sightings = "select concat(times_received, ' ',
                         last_sent_at = (select sent_at from polysink.envelopes where record_count = 2))
                     from polysink.records where hash = 'r1'";
    assert_eq!(app.db.text(sightings).await, "1 t");
    // And sent as a new delivery, which is the same record again.
    std::fs::write(&file, corrected.lines().find(|line| line.contains("r1")).expect("it is there"))
        .expect("it can be written");
    let address = app.base.strip_prefix("http://").expect("it is plain HTTP");
    let mut command = binary();
    command
        .env("DATABASE_URL", app.db.url())
        .env("POLYSINK_LISTEN", address)
        .env("POLYSINK_SECRETS", crate::harness::SECRET);
    let sent = run(command.args(["send", "--file", path]));
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    assert_eq!(app.db.count("select times_received from polysink.records where hash = 'r1'").await, 2);
    assert_eq!(app.db.text("select name from polysink.syncs").await, "Customers to warehouse");

    // The rest is resolved by hand, once.
    let open: Vec<String> =
        sqlx::query_scalar("select rejection_id::text from polysink.rejections where settled_at is null")
            .fetch_all(&app.db.pool)
            .await
            .expect("they are there");
    let ids: Vec<&str> = open.iter().map(String::as_str).collect();
    assert!(app.works(&[&["rejections", "resolve"], &ids[..]].concat()).contains("Resolved 2 rejections."));
    let (worked, said) = app.polysink(&["rejections", "resolve", ids[0]]);
    assert!(!worked && said.contains("not open, or not there"), "{said}");
    assert_eq!((listed(&[]), listed(&["--all"])), (0, 3));
    assert!(app.works(&["rejections", "show", ids[0]]).contains(", resolved"));
}
