//! What people build on the query tables refuses single rows, and stops nothing else.

use serde_json::{Value, json};

use crate::harness::{Delivery, SYNC, TestApp, record};

/// What an operator does to `synced.t`, and the records that it refuses, by `v`.
struct Case {
    name: &'static str,
    sql: &'static str,
    refused: &'static str,
}

const CASES: &[Case] = &[
    Case {
        name: "a deferred foreign key",
        sql: "create table public.known (v text primary key);
             insert into public.known values ('first'), ('good'), ('later');
              alter table synced.t add foreign key (v) references public.known deferrable initially deferred",
        refused: "bad",
    },
    Case {
        name: "a deferred unique constraint",
        sql: "alter table synced.t add unique (v) deferrable initially deferred;
              insert into synced.t (v, _key, _hash, _first_received_at, _last_received_at, _changed_at, _sent_at,
              _envelope_id, _position)
              select 'bad', 'theirs', 'theirs', _first_received_at, _last_received_at, _changed_at, _sent_at,
              _envelope_id, _position
              from synced.t",
        refused: "bad",
    },
    Case {
        name: "an exception of a trigger",
        sql: "create function public.guard() returns trigger language plpgsql as
              $$ begin if new.v = 'bad' then raise exception 'v is bad'; end if; return new; end $$;
              create trigger guard before insert or update on synced.t for each row execute function public.guard()",
        refused: "bad",
    },
    Case {
        name: "a trigger that raises what a constraint would",
        sql: "create function public.guard() returns trigger language plpgsql as
              $$ begin if new.v = 'bad' then raise exception 'v is bad' using errcode = 'check_violation'; end if;
              return new; end $$;
              create trigger guard before insert or update on synced.t for each row execute function public.guard()",
        refused: "bad",
    },
    Case {
        name: "a deferred constraint trigger",
        sql: "create function public.guard() returns trigger language plpgsql as
              $$ begin if new.v = 'bad' then raise exception 'v is bad'; end if; return new; end $$;
              create constraint trigger guard after insert or update on synced.t deferrable initially deferred
              for each row execute function public.guard()",
        refused: "bad",
    },
    Case {
        name: "a trigger that fails by itself",
        sql: "create function public.guard() returns trigger language plpgsql as
              $$ begin if new.v = 'bad' then insert into public.nowhere values (1); end if; return new; end $$;
              create trigger guard before insert or update on synced.t for each row execute function public.guard()",
        refused: "bad",
    },
    Case {
        name: "no partition for the row",
        sql: "alter table synced.t rename to only_good;
              create table synced.t (like synced.only_good including defaults,
              primary key (_key)) partition by list (_key);
              create table synced.others partition of synced.t for values in ('first', 'good', 'later')",
        refused: "bad",
    },
];

fn of(v: &str) -> Value {
    record(v, json!({"v": v}))
}

async fn send(app: &TestApp, records: &[Value]) {
    app.send(&Delivery::of_sync(SYNC, "t", records)).await.counts();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_an_operators_object_refuses_is_quarantined_and_the_others_are_projected() {
    for Case { name, sql, refused } in CASES {
        let app = TestApp::spawn().await;
        send(&app, &[of("first")]).await;
        app.db.projected().await;
        app.db.run(sql).await;
        send(&app, &[of(refused), of("good")]).await;
        send(&app, &[of("later")]).await;
        app.db.projected().await;
        let rows = "select string_agg(v, ' ' order by v) from synced.t where v in ('good', 'later')";
        assert_eq!(app.db.text(rows).await, "good later", "{name}");
        let rejected = "select coalesce(string_agg(concat(reason, ' ', convert_from(payload, 'UTF8')::json->>'hash'), \
                        ', '), 'none') from polysink.rejections";
        assert_eq!(app.db.text(rejected).await, format!("unprojectable {refused}"), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_refuses_every_row_does_not_stop_the_sync_and_says_why() {
    let app = TestApp::spawn().await;
    send(&app, &[of("first")]).await;
    app.db.projected().await;
    app.db.run("create publication everything for table synced.t; alter table synced.t replica identity nothing").await;
    send(&app, &[of("first"), of("second")]).await;
    app.db.projected().await;
    let refused = "select string_agg(distinct detail, ', ') from polysink.rejections having count(*) = 2";
    let why = app.db.text(refused).await;
    assert!(why.contains("does not have a replica identity and publishes updates"), "{why}");
    app.db.run("alter table synced.t replica identity default").await;
    app.works(&["rebuild", "t"]);
    assert_eq!(app.db.text("select string_agg(v, ' ' order by v) from synced.t").await, "first second");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_table_that_refuses_many_are_all_tried() {
    const ROWS: i64 = 1_500;
    for share in [10, 2] {
        let app = TestApp::spawn().await;
        send(&app, &[record("first", json!({"n": 1, "v": "good"}))]).await;
        app.db.projected().await;
        app.db.run("alter table synced.t add check (v <> 'bad')").await;
        let of = |n: i64| {
            let v = if n % share == 0 { "bad" } else { "good" };
            record(&n.to_string(), json!({"n": n, "v": v}))
        };
        send(&app, &(0..ROWS).map(of).collect::<Vec<_>>()).await;
        app.db.projected().await;
        let bad = ROWS / share;
        let rows = app.db.count("select count(*) from synced.t").await;
        let rejected = app.db.count("select count(*) from polysink.rejections").await;
        assert_eq!((rows, rejected), ((ROWS - bad) + 1, bad), "one in {share}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ddl_that_is_forbidden_delays_the_column_alone() {
    let forbidden = ["create function public.forbid() returns event_trigger language plpgsql as
         $$ begin if tg_tag in ('ALTER TABLE', 'COMMENT') then raise exception 'ask the DBA'; end if; end $$;
         create event trigger forbid on ddl_command_start execute function public.forbid()"];
    for sql in forbidden {
        let app = TestApp::spawn().await;
        send(&app, &[of("first")]).await;
        app.db.projected().await;
        app.db.run(sql).await;
        send(&app, &[record("second", json!({"v": "second", "w": 2}))]).await;
        app.db
            .becomes(
                "select coalesce(string_agg(concat(v, _unfit), ' ' order by v), '') from synced.t",
                "first second{\"w\": 2}",
            )
            .await;
        app.db.becomes("select count(*)::text from polysink.backlog", "0").await;
        let why = app.db.text("select blocked from polysink.fields where name = 'w'").await;
        assert!(why.contains("cannot add the column"), "{why}");
        app.db.run("drop event trigger forbid").await;
        app.works(&["column", "t", "w", "--type", "bigint"]);
        app.db.becomes("select string_agg(concat(v, w), ' ' order by v) from synced.t", "first second2").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_on_the_ledger_refuses_its_records_alone() {
    let app = TestApp::spawn().await;
    app.db
        .run(
            "create function public.guard() returns trigger language plpgsql as
             $$ begin if new.fields->>'v' = 'bad' then raise exception 'v is bad'; end if; return new; end $$;
             create trigger guard before insert on polysink.records for each row execute function public.guard()",
        )
        .await;
    let answer = app.send(&Delivery::of_sync(SYNC, "t", &[of("good"), of("bad")])).await;
    assert_eq!(answer.counts(), [2, 1, 0, 1]);
    app.db.projected().await;
    assert_eq!(app.db.text("select string_agg(v, ' ') from synced.t").await, "good");
}
