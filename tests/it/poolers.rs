//! The service and its commands behind PgBouncer, as Debian has it.

use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection, Row as _};

use crate::harness::{
    Bouncer, Delivery, Load, SECRET, Service, TestApp, TestDatabase, binary, record, refuses_to_start, run,
};

/// Runs the service and every command through a pooler, under load.
///
/// * `settings`: those that say so
async fn everything_works(mode: &str, settings: &[(&str, &str)]) {
    everything_works_on(TestDatabase::create().await, mode, settings).await;
}

/// Checks that nothing of polysink is left on the pooler's server connections: statements, limits, other settings.
async fn leaves_nothing_behind(url: &str) {
    let options: PgConnectOptions = url.replace("@/", "@localhost/").parse().expect("it is a URL");
    let options = options.extra_float_digits(None);
    let mut held = Vec::new();
    for _ in 0..Bouncer::TRANSACTIONS {
        let mut connection = PgConnection::connect_with(&options).await.expect("it takes connections");
        sqlx::raw_sql("begin").execute(&mut connection).await.expect("it begins");
        let sql =
            "select concat_ws(' ', (select count(*) from pg_prepared_statements), current_setting('lock_timeout'),
                                    current_setting('statement_timeout'), current_setting('row_security'),
                                    current_setting('search_path'))";
        let row = sqlx::raw_sql(sql).fetch_one(&mut connection).await.expect("it answers");
        assert_eq!(row.get::<String, _>(0), "0 0 0 on \"$user\", public");
        held.push(connection);
    }
}

async fn everything_works_on(db: TestDatabase, mode: &str, settings: &[(&str, &str)]) {
    let Some(bouncer) = Bouncer::start(mode) else { return };
    let url = bouncer.url(&db);
    let mut app = TestApp::spawn_through(db, &url, settings).await;
    let (status, ready) = (app.get("/health/ready").await.status, app.get("/health/ready").await.json());
    assert_eq!((status, &ready["database"]), (200, &json!("ok")), "{ready}");
    let say = |arguments: &[&str]| {
        let mut command = binary();
        command
            .env("DATABASE_URL", &url)
            .env("POLYSINK_SECRETS", SECRET)
            .envs(settings.iter().copied())
            .args(arguments);
        let output = run(&mut command);
        let said = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned();
        (output.status.success(), said)
    };
    let works = |arguments: &[&str]| {
        let (worked, said) = say(arguments);
        assert!(worked, "{arguments:?}: {said}");
    };
    let load = Load::start("pooled", &[&app.webhook()], 4);
    load.reaches(60).await;
    let sync = app.db.text("select table_name from polysink.syncs limit 1").await;
    works(&["migrate"]);
    works(&["syncs"]);
    works(&["identity", "set", &sync, "id"]);
    works(&["rebuild", &sync]);
    works(&["column", &sync, "n", "--type", "text"]);
    works(&["replay", "--yes"]);
    works(&["rejections"]);
    works(&["prune", "--yes"]);
    let (_, doctor) = say(&["doctor"]);
    let failed: Vec<&str> = doctor.lines().filter(|line| line.starts_with("FAIL")).collect();
    assert_eq!(failed, ["FAIL  durability: fsync off"], "the tests' server has no more to object to: {doctor}");
    assert!(doctor.contains("ok    pooler: "), "{doctor}");
    load.reaches(120).await;
    let tally = load.finish().await;
    assert_eq!(app.metrics().await.count("polysink_spool_appended_total", &[]), 0);
    app.db.projected().await;
    tally.check(&app.db.pool).await;
    app.send(&Delivery::of(&[record("gone", json!({"id": 1, "email": "jane@example.com"}))])).await.counts();
    app.db.projected().await;
    works(&["identity", "set", "customers_to_warehouse", "email"]);
    works(&["forget", "customers_to_warehouse", "jane@example.com", "--yes"]);
    assert_eq!(app.db.count("select count(*) from polysink.envelopes where body like '%jane@%'").await, 0);
    app.stop().await.expect("it stops in order");
    if mode == "transaction" {
        leaves_nothing_behind(&url).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_in_session_mode_needs_no_setting() {
    everything_works("session", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_in_transaction_mode_works_whole_with_the_setting() {
    everything_works("transaction", &[("POLYSINK_POOLER", "transaction")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_url_serves_the_work_that_needs_a_session() {
    let db = TestDatabase::create().await;
    let direct = db.url();
    everything_works_on(db, "transaction", &[("POLYSINK_POOLER", "transaction"), ("POLYSINK_DIRECT_URL", &direct)])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_pooler_without_the_setting_is_an_error_that_names_it() {
    let Some(bouncer) = Bouncer::start("transaction") else { return };
    let db = TestDatabase::create().await;
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let said = refuses_to_start(&mut Service::on(&bouncer.url(&db), data.path()));
    assert!(said.contains("set POLYSINK_POOLER=transaction"), "{said}");
    let mut doctor = binary();
    doctor.env("DATABASE_URL", bouncer.url(&db)).env("POLYSINK_SECRETS", SECRET).arg("doctor");
    let output = run(&mut doctor);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && said.contains("set POLYSINK_POOLER=transaction"), "{said}");
    // What was tried leaves nothing behind for the pooler's other clients.
    let left = "select count(*) from pg_stat_activity where datname = current_database() and application_name like \
                'polysink w%'";
    assert_eq!(db.count(left).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_the_pooler_refuses_is_an_error_that_says_what_to_write() {
    let Some(bouncer) = Bouncer::start("session") else { return };
    let db = TestDatabase::create().await;
    let data = tempfile::tempdir().expect("there is a temporary folder");
    for (url, says) in [
        (
            format!("{}&options=-c%20jit%3Doff", bouncer.url(&db)),
            "`ignore_startup_parameters = options` into pgbouncer.ini",
        ),
        (bouncer.url(&db).replace("polysink@", "nobody@"), "authentication failed"),
    ] {
        let said = refuses_to_start(&mut Service::on(&url, data.path()));
        assert!(said.contains(says), "{said}");
    }
}
