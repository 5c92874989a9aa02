//! `polysink column`, `polysink dbt`, and what they leave in the tables.

use serde_json::{Value, json};

use crate::harness::{Delivery, SYNC, TABLE, TestApp, record};

pub async fn app_with(records: &[Value]) -> TestApp {
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

pub const MISFITS: &str = "select string_agg(concat(name, ' ', misfits, ' ', misfit_since is not null), ', ' order by \
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
                'customers_to_warehouse'; select from polysink.run_status, polysink.next_runs";
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
