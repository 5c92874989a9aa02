//! Migrating databases that an earlier polysink, or an operator, has left.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::harness::outage::{ROWS, acknowledged, healed, one, ready};
use crate::harness::process::works;
use crate::harness::{SECRET, Service, TestApp, TestDatabase, app::http_client, binary, refuses_to_start, run};
use polysink::store::migrations;

/// The function that an earlier text of migration 4 creates; its body fails on PostgreSQL 17 and later.
const EARLIER_FUNCTION: &str = "
    drop function polysink.jsonb_error(text);
    set check_function_bodies = off;
    create function polysink.jsonb_error(\"json\" text) returns text language plpgsql as $$
    begin
        perform json::jsonb;
        return null;
    exception when others then
        return format('%s (%s)', sqlerrm, sqlstate);
    end $$";

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_earlier_texts_of_migrations_is_taken_as_it_is() {
    let db = TestDatabase::create().await;
    db.run(
        "update polysink._sqlx_migrations set checksum = decode(case version
             when 1 then
                   'a95fe6e44d6f6f6da41601f298c092a103ed8d719c5e094994b6df4f312d707cd459c88c1e65f9436dce114cb256b5b2'
             else 'd4ce3b32a4d585e7bfb109b29e55879d8b0afdbce8aaa3c59bbbaf1a4d033adae20b6ff30ca0f2da9d36a90dd6e2a2d9'
         end, 'hex')
         where version in (1, 4);
         delete from polysink._sqlx_migrations where version = 14",
    )
    .await;
    db.run(EARLIER_FUNCTION).await;
    let store = db.store(2);
    migrations::migrate(&store, polysink::app::now()).await.expect("what it made is the same");
    store.close().await;
    let works = "select concat(polysink.jsonb_error('{}'), polysink.jsonb_error('{') like '%(22P02)')";
    assert_eq!(db.text(works).await, "t", "on every version of PostgreSQL");
}

/// Takes a migrated database back to where migration 13 is pending, which alters `polysink.envelopes`.
const WITHOUT_13: &str = "
    delete from polysink._sqlx_migrations where version >= 13;
    drop function polysink.lock_records, polysink.lock_envelopes, polysink.usual_pause, polysink.waiting_deliveries;
    alter table polysink.envelopes drop column erased_positions;
    drop table polysink.erasures;
    drop index if exists polysink.erasures_sync_id_started_at_idx;
    alter table polysink.backlog drop column entered_at;
    drop table polysink.installation;
    drop table polysink.replay_counts;
    drop table polysink.replaying;
    create table polysink.replaying (envelope_id uuid);
    alter table polysink.replays drop column listed, drop column counted_at;
    drop index if exists polysink.backlog_entered_at_idx;
    alter table polysink.records drop column revised;
    drop table polysink.split_versions;
    drop table polysink.adoptions;
    drop table polysink.same_values;
    drop table polysink.events;
    drop table polysink.heads;
    drop table polysink.changes;
    drop table polysink.passes;
    drop table polysink.sync_summaries;
    drop table polysink.delivery_counts;
    drop table polysink.replicas;
    drop table polysink.notices;
    drop table polysink.notice_messages;
    alter table polysink.envelopes drop column stored_at, drop column spooled;
    drop view polysink.run_status;
    drop view polysink.next_runs;
    drop table polysink.runs;
    drop table polysink.sync_sources;
    drop table polysink.deletions;
    alter table polysink.syncs drop column infers_deletions, drop column from_polytomic;
    alter table polysink.syncs drop column compare";

const WAITS: &str = "a migration waits for a lock that another session holds: process ";

#[tokio::test(flavor = "multi_thread")]
async fn a_service_listens_and_spools_while_a_migration_waits_for_a_lock() {
    let db = TestDatabase::create().await;
    db.run(WITHOUT_13).await;
    let mut reader = db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("set application_name = 'an analyst'; select from polysink.envelopes")
        .execute(&mut *reader)
        .await
        .expect("it may read");
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let (service, log) = Service::start_logging(Service::on(&db.url(), data.path()));
    let http = http_client();
    assert_eq!(acknowledged(&[one("early", 0).post(&http, &service.url).await]), 1, "it is spooled");
    assert_eq!(ready(&http, &service.url).await.0, 200);
    // The command waits for the same lock, and says so. Meanwhile another replica's writes get through within a
    // writer's time.
    let mut migrate = binary();
    migrate.arg("migrate").env("DATABASE_URL", db.url()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut migrate = tokio::process::Command::from(migrate).spawn().expect("the binary can be run");
    let mut said = BufReader::new(migrate.stderr.take().expect("it is piped")).lines();
    let writes = async {
        loop {
            let write = "begin; set local lock_timeout = '2s';
                         insert into polysink.backlog (sync_id, envelope_id, received_at)
                         select gen_random_uuid(), gen_random_uuid(), now() from polysink.envelopes limit 0; commit";
            sqlx::raw_sql(write).execute(&db.pool).await.expect("it gets its lock");
        }
    };
    let line = tokio::select! {
        line = said.next_line() => line.expect("it is text").expect("it says something"),
        () = writes => unreachable!("it never ends"),
    };
    assert!(line.contains(WAITS) && line.ends_with("; trying again until it is released"), "{line}");
    reader.commit().await.expect("it only read");
    assert!(migrate.wait().await.expect("it is our child").success());
    db.becomes(ROWS, "1 1").await;
    healed(&http, &service.url).await;
    assert!(service.stop().0.success());
    let log = log.join().expect("it does not panic");
    assert!(log.contains(WAITS) && log.contains("application an analyst, idle in transaction"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_that_a_dba_made_are_a_warning_at_the_start() {
    let made = [
        // A default partition has rows of a coming day.
        "do $$ begin
             execute format('drop table polysink.envelopes_%s', to_char(now() at time zone 'utc' + interval '7 days',
             'YYYYMMDD'));
         end $$;
         create table polysink.envelopes_rest partition of polysink.envelopes default;
         insert into polysink.envelopes (envelope_id, received_at, sent_at, connection, event, record_count, outcome,
         body)
         select gen_random_uuid(), date_trunc('day', now(), 'UTC') + interval '7 days 1 hour', now(), 'x', 'x', 0,
         'ignored', '{}'",
        // A longer one begins among the coming days.
        "do $$ declare day text := to_char(now() at time zone 'utc' + interval '7 days', 'YYYYMMDD'); begin
             execute format('drop table polysink.envelopes_%s', day);
             execute format('create table polysink.envelopes_month partition of polysink.envelopes
                                 for values from (%L) to (%L)', day || ' 00:00:00+00',
                            date_trunc('day', now(), 'UTC') + interval '30 days');
         end $$",
        // A coming day is detached.
        "do $$ declare day text := to_char(now() at time zone 'utc' + interval '7 days', 'YYYYMMDD'); begin
             execute format('alter table polysink.envelopes detach partition polysink.envelopes_%s', day);
         end $$",
    ];
    for (sql, check) in made.into_iter().zip(["foreign-partitions", "foreign-partitions", "detached-days"]) {
        let db = TestDatabase::create().await;
        // The days of the template are those of when the tests began.
        works(&db.url(), &["migrate"]);
        db.run(sql).await;
        let app = TestApp::spawn_on(db, &[]).await;
        app.send(&one("stored", 0)).await.counts();
        let said = app.works(&["migrate"]);
        assert!(said.contains("cannot create the partition of ") && said.contains("up to date"), "{said}");
        let doctor = run(binary().env("DATABASE_URL", app.db.url()).env("POLYSINK_SECRETS", SECRET).arg("doctor"));
        let doctor = String::from_utf8_lossy(&doctor.stdout).into_owned();
        assert!(doctor.contains(&format!("FAIL  {check}: polysink.envelopes_")), "{doctor}");
    }
}

/// Whatever takes the deliveries of today is good enough.
#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_cannot_be_made_is_an_error_only_if_nothing_takes_its_deliveries() {
    let today = "do $$ declare day text := to_char(now() at time zone 'utc', 'YYYYMMDD'); begin
                     execute format('alter table polysink.envelopes detach partition polysink.envelopes_%s', day);
                 end $$";
    let db = TestDatabase::create().await;
    db.run(today).await;
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let said = refuses_to_start(&mut Service::on(&db.url(), data.path()));
    assert!(
        said.contains("cannot migrate the database: relation \"envelopes_") && said.contains("already exists"),
        "{said}"
    );
    db.run("create table polysink.envelopes_rest partition of polysink.envelopes default").await;
    let app = TestApp::spawn_on(db, &[]).await;
    app.send(&one("stored", 0)).await.counts();
}
