//! `polysink column`, `polysink dbt`, and what they leave in the tables.

use serde_json::{Value, json};

use crate::harness::{Delivery, SYNC, TestApp, record};

const TABLE: &str = "customers_to_warehouse";

async fn app_with(records: &[Value]) -> TestApp {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(records)).await.counts();
    app.db.projected().await;
    app
}

const ROWS: &str = "select string_agg(concat_ws('|', to_jsonb(t)->>'v', _unfit), ' ' order by _key) from \
                    synced.customers_to_warehouse t";

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_type_applies_to_stored_and_later_values() {
    let app = app_with(&[
        record("1", json!({"v": "10"})),
        record("2", json!({"v": "012.50"})),
        record("3", json!({"v": "many"})),
    ])
    .await;
    let (worked, said) = app.polysink(&["column", TABLE, "v", "--type", "numeric"]);
    let question = "2 of 3 values fit numeric. The other becomes null and stays in _unfit, such as \"many\".";
    assert!(!worked && said.contains(question) && said.contains("No terminal to confirm on; pass --yes"), "{said}");
    let said = app.works(&["column", TABLE, "v", "--type", "numeric", "--yes"]);
    assert!(said.contains("1 value does not fit since") && said.contains("--type text"), "{said}");
    assert_eq!(app.db.text(ROWS).await, r#"10 12.50 {"v": "many"}"#);
    app.send(&Delivery::of(&[record("4", json!({"v": "7"})), record("5", json!({"v": true}))])).await.counts();
    app.db.projected().await;
    assert_eq!(app.db.text(ROWS).await, r#"10 12.50 {"v": "many"} 7 {"v": true}"#);
    app.works(&["rebuild", TABLE]);
    assert_eq!(app.db.text(ROWS).await, r#"10 12.50 {"v": "many"} 7 {"v": true}"#);
    app.works(&["column", TABLE, "v", "--type", "text"]);
    assert_eq!(app.db.text(ROWS).await, "10 012.50 many 7 true", "read from the ledger again");
}

const MISFITS: &str = "select string_agg(concat(name, ' ', misfits, ' ', misfit_since is not null), ', ' order by \
                       name) from polysink.fields";

#[tokio::test(flavor = "multi_thread")]
async fn dates_in_a_foreign_form_are_read_by_a_format() {
    let app = app_with(&[
        record("1", json!({"v": "Apr 01 1965", "at": 1_606_867_200})),
        record("2", json!({"v": "Dec 31 2020", "at": "1606867200"})),
    ])
    .await;
    let (_, said) = app.polysink(&["column", TABLE, "v", "--type", "date"]);
    assert!(said.contains("0 of 2 values fit date.") && said.contains("Pass --format"), "{said}");
    let said = app.works(&["column", TABLE, "v", "--type", "date", "--format", "%b %d %Y"]);
    assert!(said.contains("All 2 values fit date.") && said.contains("pinned, format %b %d %Y"), "{said}");
    app.works(&["column", TABLE, "at", "--type", "timestamptz", "--format", "epoch"]);
    app.send(&Delivery::of(&[
        record("3", json!({"v": "Feb 29 2020", "at": 0})),
        record("4", json!({"v": "2021-01-01", "at": "soon"})),
    ]))
    .await
    .counts();
    app.db.projected().await;
    let rows =
        "select string_agg(concat_ws(' ', v, to_char(at at time zone 'UTC', 'YYYY-MM-DD'), _unfit), ', ' order by _key)
                from synced.customers_to_warehouse";
    let expected = "1965-04-01 2020-12-02, 2020-12-31 2020-12-02, 2020-02-29 1970-01-01, 2021-01-01 {\"at\": \"soon\"}";
    assert_eq!(app.db.text(rows).await, expected);
    app.works(&["rebuild", TABLE]);
    assert_eq!(app.db.text(rows).await, expected);
    assert_eq!(app.db.text(MISFITS).await, "at 1 t, v 0 f");
    // The type stays, the values are read in another way.
    let said = app.works(&["column", TABLE, "v", "--type", "date", "--format", "%d.%m.%Y", "--yes"]);
    assert!(said.contains("3 values do not fit since"), "{said}");
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse where v is not null").await, 1);
    for (arguments, expected) in [
        (&["--type", "text", "--format", "us"][..], "--format is for date, timestamp and timestamptz"),
        (&["--type", "date", "--format", "DD.MM.YYYY"], "a strftime pattern such as"),
        (&["--format", "us"], "--type"),
    ] {
        let (worked, said) = app.polysink(&[&["column", TABLE, "v"], arguments].concat());
        assert!(!worked && said.contains(expected), "{arguments:?}: {said}");
    }
}

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
async fn values_that_stop_fitting_are_counted_and_said() {
    let app = TestApp::spawn().await;
    let records: Vec<Value> = (0..1_000).map(|n| record(&format!("n{n}"), json!({"v": n}))).collect();
    app.send(&Delivery::of(&records)).await.counts();
    app.send(&Delivery::of(&[record("a", json!({"v": "A-1"})), record("b", json!({"v": "A-2"}))])).await.counts();
    app.db.projected().await;
    assert_eq!(app.db.text(MISFITS).await, "v 2 t");
    let said = app.works(&["column", TABLE, "v"]);
    let note = "To change the type of v: polysink column customers_to_warehouse v --type text";
    assert!(said.contains("2 values do not fit since") && said.contains(note), "{said}");
    let said = app.works(&["syncs"]);
    assert!(
        said.contains("customers_to_warehouse: 2 values do not fit; `polysink column customers_to_warehouse`"),
        "{said}"
    );
    let syncs: Value = serde_json::from_str(&app.works(&["syncs", "--json"])).expect("it is JSON");
    assert_eq!(syncs[0]["misfits"], 2);
    let said = app.works(&["column", TABLE, "v", "--type", "text"]);
    assert!(said.contains("All 1,002 values fit text."), "{said}");
    assert_eq!(app.db.text(MISFITS).await, "v 0 f");
    assert_eq!(app.db.text("select v from synced.customers_to_warehouse where _key = 'a'").await, "A-1");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_column_keeps_its_name_and_its_values() {
    let app = app_with(&[record("1", json!({"v": 1, "w": 2}))]).await;
    app.works(&["column", TABLE, "v", "--name", "seats"]);
    app.send(&Delivery::of(&[record("2", json!({"v": 3, "w": 4}))])).await.counts();
    app.db.projected().await;
    assert_eq!(app.db.count("select sum(seats)::bigint from synced.customers_to_warehouse").await, 4);
    let refused = |arguments: &[&str]| {
        let (worked, said) = app.polysink(arguments);
        assert!(!worked, "{arguments:?}");
        said
    };
    assert!(refused(&["column", TABLE, "v", "--name", "w"]).contains("\"w\" already has that column"));
    assert!(refused(&["column", TABLE, "v", "--name", "Select"]).contains("\"select_\""));
    assert!(refused(&["column", TABLE, "nothing"]).contains("it has: v, w"));
    assert!(refused(&["column", TABLE, "v", "--type", "varchar"]).contains("possible values"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_field_leaves_the_query_tables_and_comes_back_whole() {
    let app =
        app_with(&[record("1", json!({"v": 1, "ssn": "078-05-1120"})), record("2", json!({"v": "x", "ssn": 5}))]).await;
    app.works(&["identity", "set", TABLE, "v"]);
    app.works(&["column", TABLE, "ssn", "--hide"]);
    app.send(&Delivery::of(&[record("3", json!({"v": 3, "ssn": "secret"}))])).await.counts();
    app.db.projected().await;
    let shown = "select count(*) from (
                     select to_jsonb(t)::text as row from synced.customers_to_warehouse t
                     union all select to_jsonb(t)::text from synced.customers_to_warehouse_history t) as all_rows
                 where row ~ 'ssn|078-05-1120|secret'";
    assert_eq!(app.db.count(shown).await, 0);
    let (worked, said) = app.polysink(&["column", TABLE, "v", "--hide"]);
    assert!(!worked && said.contains("identity"), "{said}");
    let listed = app.works(&["column", TABLE]);
    assert!(listed.lines().any(|line| line.starts_with("ssn") && line.contains("hidden")), "{listed}");
    app.works(&["column", TABLE, "ssn", "--show"]);
    let all = "select string_agg(ssn, ' ' order by _key) from synced.customers_to_warehouse";
    assert_eq!(app.db.text(all).await, "078-05-1120 secret 5");
    let history = "select count(ssn) from synced.customers_to_warehouse_history";
    assert_eq!(app.db.count(history).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_a_view_forbids_says_so_and_changes_nothing() {
    let app = app_with(&[record("1", json!({"v": 1}))]).await;
    app.db.run("create view synced.mine as select v from synced.customers_to_warehouse").await;
    for change in [&["--type", "text"][..], &["--hide"]] {
        let (worked, said) = app.polysink(&[&["column", TABLE, "v"], change].concat());
        assert!(!worked && said.contains("synced.mine") && said.contains("othing was changed"), "{said}");
    }
    assert_eq!(
        app.db.text("select format('%s %s %s', column_type, pinned, hidden) from polysink.fields").await,
        "bigint f f"
    );
    assert_eq!(app.db.count("select v from synced.mine").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn suggest_ranks_identifying_fields_first() {
    let records: Vec<Value> = (0..50)
        .map(|n| {
            record(
                &format!("{n}"),
                json!({"plan": n % 3, "customer id": n,
            "phone": if n % 5 == 0 { Value::Null } else { json!(format!("+{n}")) }}),
            )
        })
        .collect();
    let app = app_with(&records).await;
    let said = app.works(&["identity", "suggest", SYNC]);
    let fields: Vec<&str> =
        said.lines().skip(1).take(3).map(|line| line.split("  ").next().unwrap_or_default()).collect();
    assert_eq!(fields, ["customer id", "phone", "plan"], "{said}");
    assert!(said.contains("unique and never null; its name says so"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn dbt_gets_every_table_and_column_with_its_description() {
    let app = app_with(&[record("1", json!({"id": 1, "na\"me: #x": "a"}))]).await;
    app.works(&["identity", "set", TABLE, "id"]);
    let yaml = app.works(&["dbt", "--error-after", "72"]);
    for line in [
        "version: 2",
        "    schema: synced",
        "          loaded_at_query: \"select last_received_at from polysink.syncs where table_name = \
         'customers_to_warehouse'\"",
        "        warn_after: {count: 24, period: hour}",
        "        error_after: {count: 72, period: hour}",
        "      - name: \"customers_to_warehouse\"",
        "      - name: \"customers_to_warehouse_history\"",
        "          - name: \"na_me_x\"",
        "            data_type: \"bigint\"",
        "            description: \"The field \\\"na\\\\\\\"me: #x\\\" of the Polytomic sync.\"",
    ] {
        assert!(yaml.lines().any(|found| found == line), "{line} is missing in\n{yaml}");
    }
    let described = "select count(*) from pg_attribute where attrelid in ('synced.customers_to_warehouse'::regclass,
                     'synced.customers_to_warehouse_history'::regclass) and attnum > 0 and not attisdropped";
    let columns = app.db.count(described).await;
    assert_eq!(i64::try_from(yaml.matches("data_type:").count()).expect("they are few"), columns);
    let tests = |column: &str| -> Vec<&str> {
        let name = format!("          - name: \"{column}\"\n");
        let columns = yaml.split(&name).skip(1).map(|rest| rest.split("          - name:").next().unwrap_or(rest));
        columns
            .map(|column| column.split_once("data_tests: ").map_or("", |(_, tests)| tests.lines().next().unwrap_or("")))
            .collect()
    };
    assert_eq!(tests("id"), ["[unique, not_null]", "[not_null]"], "of the table, and of its history");
    assert_eq!(tests("_key"), ["[unique, not_null]", "[not_null]"]);
    assert_eq!(tests("na_me_x"), ["", ""]);
    let read = "set local role polysink_reader; select last_received_at from polysink.syncs where table_name = \
                'customers_to_warehouse'";
    let mut transaction = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql(read).execute(&mut *transaction).await.expect("a reader may know how fresh a sync is");
    let all = sqlx::raw_sql("select metadata from polysink.syncs").execute(&mut *transaction).await;
    assert!(all.is_err(), "and nothing else of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn dbt_gets_a_staging_view_for_each_table_and_keeps_edited_ones() {
    let app = app_with(&[record("1", json!({"id": 1, "Select": "a"}))]).await;
    let folder = tempfile::tempdir().expect("there is room");
    let folder = folder.path().join("models");
    let models = folder.to_str().expect("it is UTF-8");
    assert!(app.works(&["dbt", "--models", models]).contains("Wrote "));
    assert!(std::fs::read_to_string(folder.join("polysink.yml")).expect("it is there").contains("version: 2"));
    let view = folder.join("stg_polysink__customers_to_warehouse.sql");
    let sql = std::fs::read_to_string(&view).expect("it is there");
    let (_, select) = sql.split_once("\n\n").expect("it begins with its settings");
    let select = select.replace("{{ source('polysink', 'customers_to_warehouse') }}", "synced.customers_to_warehouse");
    let create = format!("create view public.staging as {select}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&app.db.pool).await.expect("it is SQL");
    std::fs::write(&view, "mine").expect("it can be written");
    assert!(app.works(&["dbt", "--models", models]).contains("Kept "));
    assert_eq!(std::fs::read_to_string(&view).expect("it is there"), "mine");

    let (worked, said) = app.polysink(&["column", TABLE, "id", "--type", "text", "--yes"]);
    assert!(!worked && said.contains("drop the view") && said.contains("`dbt run`"), "{said}");
    app.send(&Delivery::of(&[record("2", json!({"id": 1.5}))])).await.counts();
    app.db.projected().await;
    let said = app.works(&["column", TABLE]);
    assert!(said.contains("\nid: cannot change it to numeric:") && said.contains("`dbt run`"), "{said}");
}

/// Rows of a sync, made behind polysink's back in the ledger and in the query table: many, quickly.
const MANY: &str = "
    insert into polysink.records
    select r.sync_id, 'm' || n, jsonb_build_object('id', n, 'v', n), false, r.first_envelope_id, r.first_sent_at, n,
    r.first_received_at,
           r.last_envelope_id, r.last_sent_at, n, r.last_received_at, 1
    from polysink.records r, generate_series(10, 110000) as n where r.hash = '1';
    insert into synced.customers_to_warehouse
           (id, v, _key, _hash, _first_received_at, _last_received_at, _changed_at, _sent_at, _envelope_id, _position)
    select n, n, 'm' || n, 'm' || n, _first_received_at, _last_received_at, _changed_at, _sent_at, _envelope_id, n
    from synced.customers_to_warehouse, generate_series(10, 110000) as n where _key = '1'";

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_projected_while_the_rows_of_a_large_table_are_brought_in_line() {
    let app = app_with(&[record("1", json!({"id": 1, "v": 1}))]).await;
    app.db.run(MANY).await;
    app.db
        .run(
            "update synced.customers_to_warehouse set v = null; update polysink.fields set unsettled = 'all' where \
                name = 'v'",
        )
        .await;
    app.db.becomes("select count(*)::text from polysink.backfills", "1").await;
    app.send(&Delivery::of(&[record("2", json!({"id": 2, "v": 2}))])).await.counts();
    app.db
        .becomes("select coalesce(max(id) filter (where _key = '2'), 0)::text from synced.customers_to_warehouse", "2")
        .await;
    assert_eq!(app.db.count("select count(*) from polysink.backfills").await, 1, "there is more to do");
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse where v is distinct from id").await, 0);
    assert_eq!(app.db.count("select count(*) from polysink.backfills").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_tables_column_is_retyped_hidden_and_shown_in_batches() {
    let app = app_with(&[record("1", json!({"id": 1, "v": 1}))]).await;
    app.db.run(MANY).await;
    let said = app.works(&["column", TABLE, "v", "--type", "text", "--yes"]);
    assert!(said.contains("text"), "{said}");
    let wrong =
        "select count(*) from synced.customers_to_warehouse where v is distinct from id::text or _unfit is not null";
    assert_eq!(app.db.count(wrong).await, 0);

    // A dropped column's values stay in the rows until they are written again: each of them was.
    let newest = app.db.text("select max(xmin::text::bigint)::text from synced.customers_to_warehouse").await;
    app.works(&["column", TABLE, "v", "--hide"]);
    let oldest = app.db.text("select min(xmin::text::bigint)::text from synced.customers_to_warehouse").await;
    assert!(oldest.parse::<u64>().expect("a number") > newest.parse::<u64>().expect("a number"), "{oldest} {newest}");
    assert_eq!(app.db.text("select concat(column_type, unsettled) from polysink.fields where name = 'v'").await, "");
    app.works(&["column", TABLE, "v", "--show"]);
    assert_eq!(app.db.count(wrong).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_field_looks_at_no_row_of_a_table_with_many_misfits() {
    const READ: &str = "select (seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_user_tables
                        where relname = 'customers_to_warehouse'";
    let mut app = app_with(&[record("1", json!({"id": 1, "v": 1}))]).await;
    app.db
        .run(
            "insert into synced.customers_to_warehouse
                 (_key, _hash, _unfit, _first_received_at, _last_received_at, _changed_at, _sent_at, _envelope_id,
                 _position)
             select 'm' || n, 'm' || n, '{\"v\": \"no number\"}', _first_received_at, _last_received_at, _changed_at,
             _sent_at,
                    _envelope_id, n
             from synced.customers_to_warehouse, generate_series(1, 5000) as n",
        )
        .await;
    let mut read = Vec::new();
    for n in 0..2 {
        app.stop_and_end_sessions().await;
        read.push(app.db.count(READ).await);
        app = app.restarted().await;
        let mut fields = json!({"id": 2});
        fields[format!("new{n}")] = json!(true);
        app.send(&Delivery::of(&[record(&format!("n{n}"), fields)])).await.counts();
        app.db.projected().await;
    }
    assert_eq!(app.db.count("select count(new0) + count(new1) from synced.customers_to_warehouse").await, 2);
    assert!(read[1] - read[0] < 100, "{} rows were read for one", read[1] - read[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_new_in_a_large_table_gets_the_type_of_all_its_first_values() {
    let app = app_with(&[record("1", json!({"id": 1, "v": 1}))]).await;
    app.db.run(MANY).await;
    let one = json!({"id": 2, "price": 10, "zip": 12345, "day": "2026-01-01", "flag": null, "code": 1});
    app.send(&Delivery::of(&[record("2", one)])).await.counts();
    app.db.projected().await;
    assert_eq!(
        app.db.text(FIELDS).await,
        "code bigint, day date, id bigint, price bigint, v bigint, zip bigint",
        "nulls have no type"
    );
    // What an operator builds on a column keeps it.
    app.db.run("create index on synced.customers_to_warehouse (code)").await;
    let more: Vec<Value> = (3..500)
        .map(|n| {
            let day = "2026-01-01T10:00:00Z";
            let fields = json!({"id": n, "price": 10.5, "zip": "01234", "day": day, "flag": true, "code": "x"});
            record(&n.to_string(), fields)
        })
        .collect();
    app.send(&Delivery::of(&more)).await.counts();
    app.db.projected().await;
    assert_eq!(
        app.db.text(FIELDS).await,
        "code bigint, day timestamptz, flag boolean, id bigint, price numeric, v bigint, zip text"
    );
    let values = "select concat_ws(' ', count(price), sum(price), count(zip), count(day), count(flag), count(_unfit))
                  from synced.customers_to_warehouse";
    assert_eq!(app.db.text(values).await, "498 5228.5 498 498 497 497");
    assert_eq!(app.db.count("select code from synced.customers_to_warehouse where id = 2").await, 1);
    let why = app.db.text("select blocked from polysink.fields where name = 'code'").await;
    assert!(why.contains("its values need text, and the table has more than 100,000 rows"), "{why}");
}

const FIELDS: &str = "select string_agg(concat(name, ' ', column_type), ', ' order by name) from polysink.fields where \
                      column_type is not null";

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
async fn an_id_that_begins_to_come_with_a_fraction_of_zero_stays_itself() {
    let app = app_with(&[record("1", json!({"id": 1, "v": 1}))]).await;
    app.db.run(MANY).await;
    // After a thousand values the type is known.
    let many: Vec<Value> = (1..1_100).map(|n| record(&format!("k{n}"), json!({"id": n}))).collect();
    app.send(&Delivery::of(&many)).await.counts();
    let body = r#"{"event":"sync.records","object":{"id":"1ea8f90a-b22e-4218-86d5-c3c109e1fbb7",
        "name":"Customers to warehouse","records":[
        {"hash":"a","fields":{"id":44.0}},{"hash":"b","fields":{"id":4.5e1}},{"hash":"c","fields":{"id":46.5}}]}}"#;
    app.send(&Delivery::of_body(body)).await.counts();
    app.db.projected().await;
    let ids = "select string_agg(concat(_key, id, _unfit), ' ' order by _key) from synced.customers_to_warehouse where \
               _key in ('a', 'b', 'c')";
    assert_eq!(app.db.text(ids).await, "a44 b45 c{\"id\": 46.5}");
    let shown = app.works(&["column", TABLE, "id"]);
    assert!(shown.contains("its values need numeric") && shown.contains("--type numeric"), "{shown}");
    // The same from the ledger.
    app.works(&["rebuild", TABLE]);
    assert_eq!(app.db.text(ids).await, "a44 b45 c{\"id\": 46.5}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_format_that_would_throw_a_part_away_is_refused_and_times_without_an_offset_are_said_to_be_utc() {
    let app = app_with(&[record("1", json!({"at": "31.12.2020 23:59 CEST", "local": "31.12.2020 23:59"}))]).await;
    let (worked, said) =
        app.polysink(&["column", TABLE, "at", "--type", "timestamptz", "--format", "%d.%m.%Y %H:%M %Z"]);
    assert!(!worked && said.contains("it reads the offset or the zone and throws it away"), "{said}");
    let said = app.works(&["column", TABLE, "local", "--type", "timestamptz", "--format", "%d.%m.%Y %H:%M"]);
    assert!(said.contains("1 time is without an offset; read as UTC."), "{said}");
    let said = app.works(&["column", TABLE, "local", "--type", "timestamp", "--format", "%d.%m.%Y %H:%M"]);
    assert!(!said.contains("UTC"), "{said}");
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

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_compared_by_their_types_and_not_by_the_types_printed_names() {
    let app =
        app_with(&[record("1", json!({"t": "x", "u": "5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47", "j": {"a": 1}, "n": 1}))])
            .await;
    app.db
        .run(
            "do $$ begin execute format('alter database %I set quote_all_identifiers = on', current_database()); \
                end $$",
        )
        .await;
    let said = app.works(&["column", TABLE, "n", "--type", "text"]);
    assert!(said.contains("text"), "{said}");
    assert_eq!(
        app.db.text("select concat_ws(' ', t, u, j, n) from synced.customers_to_warehouse").await,
        "x 5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47 {\"a\": 1} 1"
    );
    let (_, said) = app.polysink(&["doctor"]);
    assert!(!said.contains("its column") && !said.contains("does not exist"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_two_fields_is_not_guessed() {
    let app = app_with(&[record("1", json!({"email": 1, "Email": 2, "email_2": 3}))]).await;
    let (worked, said) = app.polysink(&["column", TABLE, "email_2", "--hide"]);
    let both = "the field \"email_2\", whose column is email_2_2, and the field \"email\", whose column is email_2.";
    assert!(!worked && said.contains(both) && said.contains("column:email_2 for the second"), "{said}");
    app.works(&["column", TABLE, "column:email_2", "--hide"]);
    assert_eq!(app.db.text("select concat_ws(' ', email, email_2_2) from synced.customers_to_warehouse").await, "2 3");
    app.works(&["column", TABLE, "field:email", "--show"]);
    assert_eq!(
        app.db.text("select concat_ws(' ', email, email_2, email_2_2) from synced.customers_to_warehouse").await,
        "2 1 3"
    );
    // Another sync's name does not hide a table's.
    let other = Delivery::of_sync("5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47", TABLE, &[record("1", json!({"id": 1}))]);
    app.send(&other).await.counts();
    app.db.projected().await;
    let said = app.works(&["column", TABLE]);
    assert!(said.contains("Email"), "{said}");
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

/// What is empty in a typed column is nowhere else in the row, also where the table is brought in line in batches.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_tables_empty_values_come_back_with_a_type_that_takes_them() {
    let app = app_with(&[record("1", json!({"id": 1, "v": 5})), record("2", json!({"id": 2, "v": ""}))]).await;
    app.db.run(MANY).await;
    app.works(&["column", TABLE, "v", "--type", "text", "--yes"]);
    let shown = "select string_agg(concat('[', v, ']'), ' ' order by _key) from synced.customers_to_warehouse where \
                 _hash in ('1', '2')";
    assert_eq!(app.db.text(shown).await, "[5] []");
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse where v = ''").await, 1);
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

/// A stray makes a column text only until there are enough values to know better; also in a large table.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_tables_new_field_gets_over_a_stray() {
    let app = app_with(&[record("1", json!({"id": 1, "v": 1}))]).await;
    app.db.run(MANY).await;
    app.send(&Delivery::of(&[record("2", json!({"id": 2, "price": "n/a"}))])).await.counts();
    app.db.projected().await;
    assert_eq!(app.db.text(FIELDS).await, "id bigint, price text, v bigint");
    let more: Vec<Value> = (3..300).map(|n| record(&n.to_string(), json!({"id": n, "price": 1.5}))).collect();
    app.send(&Delivery::of(&more)).await.counts();
    app.db.projected().await;
    assert_eq!(app.db.text(FIELDS).await, "id bigint, price numeric, v bigint");
    assert_eq!(
        app.db
            .text("select concat(count(price), ' ', sum(price), ' ', count(_unfit)) from synced.customers_to_warehouse")
            .await,
        "297 445.5 1"
    );
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

/// Letters keep their marks in any script; one name that is written in two ways is two fields, which is said.
#[tokio::test(flavor = "multi_thread")]
async fn names_keep_their_letters_and_those_that_look_alike_are_said() {
    let fields = json!({
        "Tên khách hàng": 1, "ชื่อลูกค้า": 2, "ग्राहक का नाम": 3,
        "cafe\u{301}": 4, "zero\u{200b}width": 5
    });
    let app = app_with(&[record("1", fields), record("2", json!({"caf\u{e9}": 6}))]).await;
    app.db.run("select \"tên_khách_hàng\" from synced.customers_to_warehouse").await;
    let columns = "select string_agg(column_name, ' ' order by ordinal) from polysink.fields";
    assert_eq!(app.db.text(columns).await, "tên_khách_hàng café zerowidth ग्राहक_का_नाम ชื่อลูกค้า café_2");
    // PostgreSQL takes them without quotes.
    app.db
        .run(
            "select tên_khách_hàng, ชื่อลูกค้า, ग्राहक_का_नाम, café, café_2 from \
                synced.customers_to_warehouse",
        )
        .await;
    let said = app.works(&["column", TABLE]);
    let note = "café and café_2 are two fields: their names look alike, but are written differently: \"cafe\\u{301}\" \
                and \"caf\\u{e9}\"";
    assert!(said.contains(note), "{said}");
}
