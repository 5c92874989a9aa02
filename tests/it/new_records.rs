//! Syncs that only send new records are written by `copy`; whatever else they then send counts as before.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Delivery, TestApp, record};

/// Notes each statement that inserts into the ledger.
const NOTING: &str = "
    create table public.statements (n integer generated always as identity, text text);
    create function public.note() returns trigger language plpgsql security definer as
        $$ begin insert into public.statements (text) values (current_query()); return null; end $$;
    create trigger note before insert on polysink.records for each statement execute function public.note()";

const COPIES: &str = "select count(*) from public.statements where text like 'copy %'";

fn records(name: &str, numbers: std::ops::Range<usize>) -> Vec<Value> {
    numbers.map(|n| record(&format!("{name}-{n}"), json!({"id": n, "name": name}))).collect()
}

/// An app whose sync has sent only new records, until they are expected.
async fn expecting_new_ones(name: &str) -> TestApp {
    let app = TestApp::spawn().await;
    app.db.run(NOTING).await;
    for n in 0..5 {
        let sent = records(name, n * 500..(n + 1) * 500);
        assert_eq!(app.send(&Delivery::of(&sent)).await.counts(), [500, 500, 0, 0]);
    }
    assert_eq!(app.db.count(COPIES).await, 1, "the last one is expected to be new");
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_record_among_expected_new_ones_counts_as_a_duplicate() {
    let app = expecting_new_ones("a").await;
    assert_eq!(app.send(&Delivery::of(&records("a", 2_400..2_900))).await.counts(), [500, 400, 100, 0]);
    assert_eq!(app.send(&Delivery::of(&records("a", 2_900..3_000))).await.counts(), [100, 100, 0, 0]);
    let last = "select text from public.statements order by n desc limit 1";
    assert!(app.db.text(last).await.contains("on conflict"), "new records are no longer expected");
    let counts = "select concat(count(*), ' ', sum(times_received), ' ', max(times_received)) from polysink.records";
    assert_eq!(app.db.text(counts).await, "3000 3100 2");
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 3_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_comes_twice_in_an_expected_new_delivery_is_one() {
    let app = expecting_new_ones("a").await;
    let twice = [records("b", 0..100), records("b", 0..100)].concat();
    assert_eq!(app.send(&Delivery::of(&twice)).await.counts(), [200, 100, 100, 0]);
    assert_eq!(app.db.count(COPIES).await, 2);
    let counts = "select count(*) from polysink.records where hash like 'b-%' and times_received = 2";
    assert_eq!(app.db.count(counts).await, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_ledger_refuses_of_expected_new_records_is_quarantined() {
    let app = expecting_new_ones("a").await;
    let refuse = "
        create function public.refuse() returns trigger language plpgsql as
            $$ begin if new.hash = 'b-7' then raise data_exception; end if; return new; end $$;
        create trigger refuse before insert on polysink.records for each row execute function public.refuse()";
    app.db.run(refuse).await;
    assert_eq!(app.send(&Delivery::of(&records("b", 0..100))).await.counts(), [100, 99, 0, 1]);
    assert_eq!(app.db.count("select count(*) from polysink.records where hash like 'b-%'").await, 99);
    assert_eq!(app.db.count("select count(*) from polysink.rejections").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_that_expect_new_records_store_each_once() {
    let app = expecting_new_ones("a").await;
    let replica = app.replica().await;
    let urls = [app.webhook(), format!("{}/webhooks/polytomic", replica.base())];
    for n in 0..5 {
        let sent = records("other", n * 500..(n + 1) * 500);
        assert_eq!(Delivery::of(&sent).post(&app.http, &urls[1]).await.counts(), [500, 500, 0, 0]);
    }
    // Both get the same deliveries at the same time, in another order.
    let deliveries: Vec<Delivery> = (0..40).map(|n| Delivery::of(&records("b", n * 50..(n + 1) * 50))).collect();
    let first = deliveries.iter().map(|delivery| delivery.post(&app.http, &urls[0]));
    let second = deliveries.iter().rev().map(|delivery| delivery.post(&app.http, &urls[1]));
    let (first, second) = tokio::join!(join_all(first), join_all(second));
    let new: u64 = first.iter().chain(&second).map(|answer| answer.counts()[1]).sum();
    assert_eq!(new, 2_000, "each record is new to one delivery");
    let counts = "select concat(count(*), ' ', min(times_received), ' ', max(times_received)) from polysink.records \
                  where hash like 'b-%'";
    assert_eq!(app.db.text(counts).await, "2000 2 2");
}

/// All rows of the table, with what polysink adds to them.
const ROWS: &str = "select string_agg(t::text, e'\n' order by _key) from synced.customers_to_warehouse t";

/// An app whose table has only been given new records, until they are expected.
async fn table_expecting_new_ones() -> TestApp {
    let app = TestApp::spawn().await;
    for n in 0..3 {
        app.send(&Delivery::of(&records("a", n * 600..(n + 1) * 600)).sent_ago(60)).await;
        app.db.projected().await;
    }
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_row_among_expected_new_ones_becomes_what_a_rebuild_makes_of_it() {
    let app = table_expecting_new_ones().await;
    // Records that the table has, sent before and after those that it has them from, between new ones.
    for (sent, seconds_ago) in [(1_700..1_900, 90), (1_850..2_000, 30), (10..11, 120), (2_000..2_700, 20)] {
        let delivery = Delivery::of(&records("a", sent)).sent_ago(seconds_ago);
        app.send(&delivery).await;
        app.db.projected().await;
    }
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse").await, 2_700);
    let rows = app.db.text(ROWS).await;
    app.works(&["rebuild", "customers_to_warehouse"]);
    let rebuilt = app.db.text(ROWS).await;
    for (row, rebuilt) in rows.lines().zip(rebuilt.lines()) {
        assert_eq!(row, rebuilt);
    }
    assert_eq!(rows.lines().count(), rebuilt.lines().count());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_someone_else_inserted_among_expected_new_ones_is_replaced() {
    let app = table_expecting_new_ones().await;
    let insert = "
        create table public.other as select * from synced.customers_to_warehouse where _key = 'a-7';
        update public.other set _key = 'b-9', _hash = 'of something else', name = 'not from Polytomic';
        insert into synced.customers_to_warehouse select * from public.other";
    app.db.run(insert).await;
    app.send(&Delivery::of(&records("b", 0..600))).await;
    app.db.projected().await;
    assert_eq!(app.db.count("select count(*) from synced.customers_to_warehouse where name = 'b'").await, 600);
}
