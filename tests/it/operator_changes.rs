//! Query tables that an operator changed, names that are taken, and rows that a table refuses.

use serde_json::{Value, json};

use crate::doctor::doctor;
use crate::harness::{Delivery, SYNC, TABLE, TestApp, record};

async fn app_with(records: &[Value]) -> TestApp {
    let app = TestApp::spawn().await;
    send(&app, records).await;
    app
}

async fn send(app: &TestApp, records: &[Value]) {
    app.send(&Delivery::of(records)).await.counts();
    app.db.projected().await;
}

const ROWS: &str = "select string_agg(concat_ws('|', to_jsonb(t)->>'id', to_jsonb(t)->>'v', _unfit), ' ' order by _key)
                    from synced.customers_to_warehouse t";

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_an_operator_dropped_is_restored_with_its_values() {
    let app = app_with(&[record("1", json!({"id": 1, "v": "a"})), record("2", json!({"id": 2, "v": "b"}))]).await;
    app.db.run("alter table synced.customers_to_warehouse drop column v").await;
    send(&app, &[record("3", json!({"id": 3, "v": "c"}))]).await;
    app.db.becomes(ROWS, "1|a 2|b 3|c").await;
    assert_eq!(app.db.count("select count(*) from polysink.rejections").await, 0);

    // Many rows at once are inserted by COPY.
    app.db.run("alter table synced.customers_to_warehouse drop column v").await;
    let many: Vec<Value> = (4..100).map(|n| record(&format!("{n:03}"), json!({"id": n, "v": "x"}))).collect();
    send(&app, &many).await;
    app.db.becomes("select count(v)::text from synced.customers_to_warehouse", "99").await;
    app.db
        .run(
            "delete from synced.customers_to_warehouse where id > 3; delete from polysink.records where \
                fields->'id' > '3'",
        )
        .await;

    app.db.run("alter table synced.customers_to_warehouse drop column v").await;
    app.works(&["rebuild", TABLE]);
    app.db.becomes(ROWS, "1|a 2|b 3|c").await;

    app.db.run("alter table synced.customers_to_warehouse drop column v").await;
    app.works(&["column", TABLE, "v", "--type", "jsonb"]);
    app.db.becomes(ROWS, "1|a 2|b 3|c").await;
    app.db.run("alter table synced.customers_to_warehouse drop column v").await;
    app.works(&["column", TABLE, "v", "--hide"]);
    assert_eq!(app.db.text(ROWS).await, "1 2 3");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_own_column_stays() {
    let app = app_with(&[record("1", json!({"id": 1}))]).await;
    app.db
        .run("alter table synced.customers_to_warehouse add column v text default 'mine', add column v_2 integer")
        .await;
    send(&app, &[record("2", json!({"id": 2, "v": "b"}))]).await;
    let rows =
        "select string_agg(concat_ws('|', id, v, v_3, _unfit), ' ' order by _key) from synced.customers_to_warehouse";
    assert_eq!(app.db.text(rows).await, "1|mine 2|mine|b");
    app.works(&["rebuild", TABLE]);
    assert_eq!(app.db.text(rows).await, "1|mine 2|mine|b");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_that_an_operator_changed_costs_no_record_its_row() {
    let app = app_with(&[record("1", json!({"id": 1, "v": "a"}))]).await;
    app.db
        .run("alter table synced.customers_to_warehouse alter column v type varchar(3), alter column id type integer")
        .await;
    send(&app, &[record("2", json!({"id": 5_000_000_000_i64, "v": "longer"}))]).await;
    app.db.becomes(ROWS, "1|a 5000000000|longer").await;
    assert_eq!(app.db.count("select count(*) from polysink.rejections").await, 0);

    // If a view uses it, it stays the operator's, and the field gets another column.
    app.db
        .run(
            "alter table synced.customers_to_warehouse alter column v type varchar(7);
             create view public.mine as select v from synced.customers_to_warehouse",
        )
        .await;
    send(&app, &[record("2b", json!({"id": 2, "v": "much longer"}))]).await;
    let other = "select string_agg(v_2, ' ' order by _key) from synced.customers_to_warehouse";
    app.db.becomes(other, "a longer much longer").await;
    assert_eq!(app.db.count("select count(*) from polysink.rejections").await, 0);
    app.db.run("drop view public.mine; alter table synced.customers_to_warehouse drop column v").await;
    app.works(&["column", TABLE, "v", "--name", "v"]);
    app.db
        .run("delete from synced.customers_to_warehouse where id = 2; delete from polysink.records where hash = '2b'")
        .await;

    // One that polysink gives too is what the column is then, until its values call for another.
    app.db.run("alter table synced.customers_to_warehouse alter column v type jsonb using to_jsonb(v)").await;
    app.works(&["rebuild", TABLE]);
    send(&app, &[record("3", json!({"id": 3, "v": "c"}))]).await;
    app.db.becomes(ROWS, "1|a 5000000000|longer 3|c").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_primary_key_is_made_again() {
    let app = app_with(&[record("1", json!({"id": 1, "v": "a"}))]).await;
    app.db.run("alter table synced.customers_to_warehouse drop constraint customers_to_warehouse_pkey").await;
    send(&app, &[record("1", json!({"id": 1, "v": "a"})), record("2", json!({"id": 2, "v": "b"}))]).await;
    app.db.becomes(ROWS, "1|a 2|b").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_system_column_is_reported() {
    let app = app_with(&[record("1", json!({"id": 1, "v": "a"}))]).await;
    app.db.run("alter table synced.customers_to_warehouse drop column _position").await;
    let (worked, said) = app.polysink(&["rebuild", TABLE]);
    assert!(!worked && said.contains("_position") && said.contains("drop the table"), "{said}");
    app.db.run("drop table synced.customers_to_warehouse").await;
    app.works(&["rebuild", TABLE]);
    assert_eq!(app.db.text(ROWS).await, "1|a");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_taken_in_synced_are_left_alone() {
    let app = TestApp::spawn().await;
    app.db
        .run(
            "create view synced.a_view as select 1 as one; create materialized view synced.a_matview as select 1 as one;
             create type synced.a_type as enum ('x'); create table synced.a_table (mine integer);
             create sequence synced.a_history_history; create domain synced.a_domain_history as text;
             create index an_index on synced.a_table (mine);",
        )
        .await;
    let names = ["a view", "a matview", "a type", "a table", "a history", "a domain", "an index", "a table pkey"];
    for (n, name) in (1..).zip(names) {
        let id = format!("5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b{n:02}");
        app.send(&Delivery::of_sync(&id, name, &[record("1", json!({"n": n}))])).await.counts();
    }
    app.db.projected().await;
    let tables = "select string_agg(table_name, ' ' order by name) from polysink.syncs";
    assert_eq!(
        app.db.text(tables).await,
        "a_domain_2 a_history_sync a_matview_2 a_table_2 a_table_pkey a_type_2 a_view_2 an_index_2"
    );
    let all = "select sum(n)::bigint from (
                   select n from synced.a_domain_2 union all select n from synced.a_history_sync
                   union all select n from synced.a_matview_2 union all select n from synced.a_table_2
                   union all select n from synced.a_table_pkey union all select n from synced.a_type_2
                   union all select n from synced.a_view_2 union all select n from synced.an_index_2) as t";
    assert_eq!(app.db.count(all).await, 36);
    assert_eq!(app.db.count("select count(*) from synced.a_table").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_taken_later_is_left_alone_too() {
    let app = app_with(&[record("1", json!({"id": 1, "v": "a"}))]).await;
    app.db
        .run(
            "create materialized view synced.customers_to_warehouse_history as
                 select count(*) as entities from synced.customers_to_warehouse",
        )
        .await;
    let (worked, said) = app.polysink(&["identity", "set", TABLE, "id"]);
    assert!(!worked && said.contains("is a materialized view that polysink did not create"), "{said}");
    assert_eq!(app.db.text("select coalesce(identity::text, 'none') from polysink.syncs").await, "none");
    assert_eq!(app.db.text(ROWS).await, "1|a");
    app.db.run("drop materialized view synced.customers_to_warehouse_history").await;
    app.works(&["identity", "set", TABLE, "id"]);

    app.db
        .run(
            "drop table synced.customers_to_warehouse, synced.customers_to_warehouse_history;
             create view synced.customers_to_warehouse as select 1 as mine",
        )
        .await;
    send(&app, &[record("2", json!({"id": 2, "v": "b"}))]).await;
    let rows = "select string_agg(concat_ws('|', id, v), ' ' order by _key) from synced.customers_to_warehouse_2";
    app.db
        .becomes("select count(*)::text from polysink.syncs where table_name = 'customers_to_warehouse_2'", "1")
        .await;
    app.db.becomes(rows, "1|a 2|b").await;
    assert_eq!(app.db.count("select mine::bigint from synced.customers_to_warehouse").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_an_operators_constraint_refuses_are_left_out_of_a_rebuild_and_reported() {
    let versions: Vec<Value> = (0..40).map(|n| record(&format!("h{n}"), json!({"id": n % 20, "n": n}))).collect();
    let app = app_with(&versions).await;
    app.db
        .run(
            "delete from synced.customers_to_warehouse where n = 31;
             alter table synced.customers_to_warehouse add constraint mine check (n <> 31);
             create table public.mine (key text references synced.customers_to_warehouse (_key));
             insert into public.mine values ('h3')",
        )
        .await;
    let said = app.works(&["rebuild", TABLE]);
    assert!(said.contains("39 rows") && said.contains("(1 row)") && said.contains("mine"), "{said}");
    // h3 is no key once there is an identity, and a foreign key holds it.
    let said = app.works(&["identity", "set", TABLE, "id"]);
    assert!(said.contains("(2 rows)"), "{said}");
    let keys = "select string_agg(_key, ' ' order by _key) from synced.customers_to_warehouse where _key in ('[1]', \
                '[11]', 'h3')";
    assert_eq!(app.db.text(keys).await, "[1] h3", "not [11]");
    send(&app, &[record("h40", json!({"id": 11, "n": 40}))]).await;
    assert_eq!(app.db.count("select n from synced.customers_to_warehouse where id = 11").await, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn wide_rows_and_their_neighbours_keep_every_value_when_columns_change() {
    let wide = |value: &str| -> Value {
        (0..400).map(|n| (format!("f{n:03}"), json!(value.repeat(20)))).collect::<serde_json::Map<_, _>>().into()
    };
    let narrow: Vec<Value> = (0..20).map(|n| record(&format!("n{n:02}"), json!({"f000": n, "f001": n}))).collect();
    let app = app_with(&narrow).await;
    // What was numbers becomes text, two columns at once, and 398 columns come.
    send(&app, &[record("wide", wide("ab"))]).await;
    let types = "select string_agg(distinct column_type, ',') from polysink.fields";
    assert_eq!(app.db.text(types).await, "text");
    let whole = "select count(*) from synced.customers_to_warehouse t,
                     jsonb_each(to_jsonb(t) || coalesce(_unfit, '{}')) where key ~ '^f[0-9]' and value <> 'null'
                     and value in (to_jsonb(repeat('ab', 20)), to_jsonb(substr(_key, 2)::text),
                     to_jsonb(ltrim(substr(_key, 2), '0')), '\"0\"')";
    app.db.becomes("select count(*)::text from polysink.fields where unsettled is not null", "0").await;
    assert_eq!(app.db.count(whole).await, 440);
    let unfit = "select count(*) from synced.customers_to_warehouse where _unfit is not null";
    assert_eq!(app.db.count(unfit).await, 1, "the wide one alone");
    for change in [&["--hide"][..], &["--show"], &["--type", "jsonb"]] {
        app.works(&[&["column", TABLE, "f000"], change].concat());
    }
    assert_eq!(app.db.count("select count(f000) from synced.customers_to_warehouse").await, 21);
    let all = "select count(*) from synced.customers_to_warehouse t, jsonb_each(to_jsonb(t) || coalesce(_unfit, '{}'))
               where key ~ '^f[0-9]' and value <> 'null' and value <> 'true'";
    assert_eq!(app.db.count(all).await, 440);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_an_operators_constraint_refuses_stays_in_unfit() {
    let app = app_with(&[record("1", json!({"id": 1, "v": 5})), record("2", json!({"id": 2, "v": 500}))]).await;
    app.works(&["column", TABLE, "v", "--hide"]);
    app.db
        .run(
            "create function public.small(row_of synced.customers_to_warehouse) returns boolean language sql immutable
                 as $$ select coalesce((to_jsonb(row_of)->>'v')::numeric < 100, true) $$;
             alter table synced.customers_to_warehouse add constraint mine check
             (public.small(customers_to_warehouse))",
        )
        .await;
    app.works(&["column", TABLE, "v", "--show"]);
    assert_eq!(app.db.text(ROWS).await, r#"1|5 2|{"v": 500}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_sync_is_called_so_in_its_tables_comment() {
    let app = app_with(&[record("1", json!({"id": 1}))]).await;
    app.send(&Delivery::of_sync(SYNC, "Kunden", &[record("2", json!({"id": 2}))])).await.counts();
    let comment = "select split_part(obj_description('synced.customers_to_warehouse'::regclass, 'pg_class'), ',', 1)";
    app.db.becomes(comment, "Polytomic sync \"Kunden\"").await;
}

/// Of all syncs, without a delivery, and with the right to read for `polysink_reader`.
#[tokio::test(flavor = "multi_thread")]
async fn without_their_schema_deliveries_are_taken_and_the_tables_come_back() {
    let mut app = TestApp::spawn().await;
    let other = "2ea8f90a-b22e-4218-86d5-c3c109e1fbb7";
    app.send(&Delivery::of(&[record("1", json!({"id": 1}))])).await.counts();
    app.send(&Delivery::of_sync(other, "Other", &[record("1", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    app.works(&["identity", "set", "other", "id"]);
    let drop_schema = "drop schema synced cascade";
    let back = "select concat(to_regclass('synced.customers_to_warehouse'), ' ', to_regclass('synced.other'), ' ', \
                to_regclass('synced.other_history'))";
    let all = "synced.customers_to_warehouse synced.other synced.other_history";
    app.db.run(drop_schema).await;
    app.db.becomes(back, all).await;
    let rows =
        "select (select count(*) from synced.customers_to_warehouse) + (select count(*) from synced.other_history)";
    app.db.until(rows, |rows: i64| rows == 2).await;
    let mut reader = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("set local role polysink_reader; select from synced.other, synced.customers_to_warehouse")
        .execute(&mut *reader)
        .await
        .expect("a reader reads them");
    drop(reader);
    // While no service runs.
    app.stop().await.expect("it stops");
    app.db.run(drop_schema).await;
    let said = doctor(&app);
    assert!(said["query-tables"]["found"].as_str().is_some_and(|found| found.contains("it is missing")), "{said:#?}");
    let app = TestApp::spawn_on(app.db, &[]).await;
    app.send(&Delivery::of(&[record("2", json!({"id": 2}))])).await.counts();
    app.db.becomes(back, all).await;
    app.db.until(rows, |rows: i64| rows == 3).await;
    assert_eq!(
        app.db.text("select obj_description('synced'::regnamespace)").await.split('.').next(),
        Some("One table per Polytomic sync")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_table_is_made_again_without_a_delivery_and_is_said() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("1", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    assert_eq!(doctor(&app)["other-tables"]["level"], "ok");
    app.db.run("alter table synced.customers_to_warehouse rename to customers").await;
    app.db.until("select to_regclass('synced.customers_to_warehouse') is not null", |back: bool| back).await;
    let said = doctor(&app);
    assert_eq!(said["other-tables"]["found"], "no sync has synced.customers");
}

/// PostgreSQL counts dropped columns for as long as a table lives.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_with_no_place_for_columns_is_made_new_with_its_grants() {
    let app = app_with(&[record("1", json!({"id": 1, "v": "a"})), record("2", json!({"id": 2, "v": "b"}))]).await;
    app.works(&["identity", "set", TABLE, "id"]);
    assert_eq!(doctor(&app)["dropped-columns"]["level"], "ok");
    app.db
        .run(
            "do $$ begin loop begin
                 alter table synced.customers_to_warehouse add column x int;
                 alter table synced.customers_to_warehouse drop column x;
             exception when too_many_columns then exit; end; end loop; end $$;
             create role analyst_of_36;
             grant select on synced.customers_to_warehouse to analyst_of_36 with grant option;
             grant select (id) on synced.customers_to_warehouse_history to public;
             alter table synced.customers_to_warehouse add constraint v_short check (length(v) < 9);
             create view public.report as select id from synced.customers_to_warehouse",
        )
        .await;
    send(&app, &[record("3", json!({"id": 3, "new": 1}))]).await;
    let blocked = app.db.text("select blocked from polysink.fields where name = 'new'").await;
    assert!(blocked.contains("1600 columns") && blocked.contains("--new-tables"), "{blocked}");
    assert_eq!(doctor(&app)["dropped-columns"]["level"], "warn");

    let (worked, said) = app.polysink(&["rebuild", TABLE, "--new-tables"]);
    assert!(!worked && said.contains("in the way are the view report. Drop these"), "{said}");
    app.db.run("drop view public.report").await;
    let (worked, said) = app.polysink(&["rebuild", TABLE, "--new-tables"]);
    let lost = "With the old tables you lose what you have built on them: the constraint v_short. ";
    assert!(!worked && said.contains(lost) && said.contains("pass --yes"), "{said}");
    assert!(app.works(&["rebuild", TABLE, "--new-tables", "--yes"]).contains("The table has 3 rows."));
    let granted = "select concat(has_table_privilege(
                       'analyst_of_36', 'synced.customers_to_warehouse', 'select with grant option'), ' ',
                                 has_column_privilege('analyst_of_36', 'synced.customers_to_warehouse_history', 'id',
                                 'select'), ' ',
                                 has_column_privilege('analyst_of_36', 'synced.customers_to_warehouse_history', 'v',
                                 'select'))";
    assert_eq!(app.db.text(granted).await, "t t f");
    app.db.run("drop owned by analyst_of_36; drop role analyst_of_36").await;
    send(&app, &[record("4", json!({"id": 4, "new": 2}))]).await;
    let values = "select string_agg(concat(id, v, new), ' ' order by id) from synced.customers_to_warehouse";
    assert_eq!(app.db.text(values).await, "1a 2b 31 42");
    assert_eq!(
        app.db.count("select count(*) from synced.customers_to_warehouse_history where new is not null").await,
        2
    );
    assert_eq!(doctor(&app)["dropped-columns"]["level"], "ok");
}

/// Its id is another one in Polytomic.
#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_was_made_again_is_said() {
    let again = "2ea8f90a-b22e-4218-86d5-c3c109e1fbb7";
    let app = app_with(&[record("1", json!({"id": 1}))]).await;
    app.send(&Delivery::of_sync("3ea8f90a-b22e-4218-86d5-c3c109e1fbb7", "Other", &[record("1", json!({"id": 1}))]))
        .await
        .counts();
    assert_eq!(doctor(&app)["made-again"]["level"], "ok");
    app.send(&Delivery::of_sync(again, "Customers to warehouse", &[record("1", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    let said = app.works(&["syncs"]);
    let line = "customers_to_warehouse_2 has the name of customers_to_warehouse, which has had no delivery since 20";
    assert!(said.contains(line), "{said}");
    let found = doctor(&app)["made-again"]["found"].to_string();
    assert!(found.contains(line), "{found}");
    // Both go on: they are two.
    app.db.run("update polysink.syncs set last_received_at = now() where table_name = 'customers_to_warehouse'").await;
    assert!(!app.works(&["syncs"]).contains("has the name of"));
}
