//! The commands, as a person types them.

use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::harness::{Delivery, SECRET, SYNC, Service, TestApp, TestDatabase, binary, record, run};

fn polysink(db: &TestDatabase, arguments: &[&str]) -> Output {
    run(binary().env("DATABASE_URL", db.url()).env("POLYSINK_DATA_DIR", "/nonexistent").args(arguments))
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", errors(output));
    String::from_utf8(output.stdout.clone()).expect("it is text")
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn send_posts_as_polytomic_does_and_counts_the_acknowledged_records() {
    let app = TestApp::spawn().await;
    let send = |more: &[&str]| {
        let url = app.webhook();
        let arguments = [&["send", "--url", &url, "--secret", SECRET, "--records", "2500"], more].concat();
        out(&polysink(&app.db, &arguments))
    };
    let first = send(&["--gzip", "--batch", "1000"]);
    assert!(first.contains("acknowledged  2,500 records in 3 deliveries"), "{first}");
    assert!(first.contains("2,500 new, 0 duplicates, 0 rejected"), "{first}");
    let second = send(&["--connections", "8"]);
    assert!(second.contains("0 new, 2,500 duplicates, 0 rejected") && second.contains("25 deliveries"), "{second}");
    let agents = "select string_agg(distinct user_agent, ',') from polysink.envelopes";
    assert_eq!(app.db.text(agents).await, "Polytomic/rel2021.05.25 (polysink send)");
    assert_eq!(app.db.count("select count(distinct fields->>'plan') from polysink.records").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn send_reads_records_from_a_file_and_names_a_bad_line() {
    let app = TestApp::spawn().await;
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let file = folder.path().join("records.ndjson");
    let path = file.to_str().expect("it is text");
    let url = app.webhook();
    let arguments =
        ["send", "--url", &url, "--secret", SECRET, "--file", path, "--sync-id", SYNC, "--name", "From a file"];
    std::fs::write(&file, "{\"n\": 1.50}\n\n{\"n\": 2}\n").expect("it can be written");
    assert!(out(&polysink(&app.db, &arguments)).contains("2 new, 0 duplicates"));
    let stored = "select string_agg(fields->>'n', ' ' order by fields->>'n')
                  from polysink.records join polysink.syncs using (sync_id)
                  where name = 'From a file'";
    assert_eq!(app.db.text(stored).await, "1.50 2");

    std::fs::write(&file, "{\"n\": 3}\n[4]\n").expect("it can be written");
    let bad = polysink(&app.db, &arguments);
    assert_eq!(bad.status.code(), Some(1));
    assert!(errors(&bad).contains("line 2 is not a JSON object"), "{}", errors(&bad));
    let missing = polysink(&app.db, &["send", "--secret", SECRET, "--file", "/nonexistent/file"]);
    assert!(errors(&missing).contains("cannot open /nonexistent/file"), "{}", errors(&missing));
}

#[tokio::test(flavor = "multi_thread")]
async fn send_fails_when_something_was_refused_and_says_why() {
    let app = TestApp::spawn().await;
    let url = app.webhook();
    let wrong = polysink(&app.db, &["send", "--url", &url, "--secret", "wrong-horse", "--records", "1"]);
    assert_eq!(wrong.status.code(), Some(1));
    let told = String::from_utf8_lossy(&wrong.stdout).into_owned();
    assert!(told.contains("1 × 401: Nothing was stored: the credentials are invalid"), "{told}");
    let without = polysink(&app.db, &["send", "--url", &url, "--records", "1"]);
    assert!(errors(&without).contains("no secret"), "{}", errors(&without));
    let unheard = polysink(&app.db, &["send", "--url", "http://127.0.0.1:9/", "--secret", SECRET, "--records", "1"]);
    assert!(String::from_utf8_lossy(&unheard.stdout).contains("no answer"), "{unheard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn syncs_shows_the_disk_space_of_each() {
    let app = TestApp::spawn().await;
    let wide = |n: usize| record(&format!("h{n}"), json!({"id": n, "text": "x".repeat(500)}));
    app.send(&Delivery::of(&(0..400).map(wide).collect::<Vec<_>>())).await.counts();
    let small = Delivery::of_sync("0d0c9a04-3b0e-4a53-8d0b-5a4c1de0a111", "Plans", &[record("a", json!({"id": 1}))]);
    app.send(&small).await.counts();
    app.db.projected().await;
    app.works(&["identity", "set", "customers_to_warehouse", "id"]);

    let json: Value = serde_json::from_str(&app.works(&["syncs", "--sizes", "--json"])).expect("it is JSON");
    let of = |table: &str, part: &str| {
        let sync = json.as_array().expect("it is an array").iter().find(|sync| sync["table"] == table);
        sync.expect("it is listed")["bytes"][part].as_i64().expect("it is a number")
    };
    let table = "select pg_total_relation_size('synced.customers_to_warehouse')";
    assert_eq!(of("customers_to_warehouse", "table"), app.db.count(table).await);
    let history = "select pg_total_relation_size('synced.customers_to_warehouse_history')";
    assert_eq!(of("customers_to_warehouse", "history"), app.db.count(history).await);
    assert_eq!(of("plans", "history"), 0);
    let ledger = app.db.count("select pg_total_relation_size('polysink.records')").await;
    let shares = of("customers_to_warehouse", "ledger") + of("plans", "ledger");
    assert!((shares - ledger).abs() <= 1 && of("plans", "ledger") < ledger / 20, "{shares} of {ledger}");
    let raw_log = "select sum(pg_total_relation_size(relid))::bigint from pg_partition_tree('polysink.envelopes')";
    let raw_log = app.db.count(raw_log).await;
    let shares = of("customers_to_warehouse", "raw_log") + of("plans", "raw_log");
    assert!((shares - raw_log).abs() <= 1, "{shares} of {raw_log}");

    let said = app.works(&["syncs", "--sizes"]);
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        lines[0].contains("QUERY TABLE") && lines[1].starts_with("customers_to_warehouse ") && lines[1].contains("iB"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn syncs_lists_them_for_people_and_for_programs() {
    let app = TestApp::spawn().await;
    assert_eq!(out(&polysink(&app.db, &["syncs"])), "No deliveries yet.\n");
    let records: Vec<Value> = (0..1_234).map(|n| record(&format!("h{n}"), json!({}))).collect();
    app.send(&Delivery::of(&records)).await.counts();
    let table = out(&polysink(&app.db, &["syncs"]));
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("NAME                    TABLE                   RECORDS  LAST DELIVERY"), "{table}");
    assert!(lines[1].starts_with("Customers to warehouse  customers_to_warehouse    1,234  20"), "{table}");
    assert!(lines[1].contains(" s ago") && lines[1].ends_with(SYNC), "{table}");
    let json: Value = serde_json::from_str(&out(&polysink(&app.db, &["syncs", "--json"]))).expect("it is JSON");
    assert_eq!((&json[0]["table"], &json[0]["records"]), (&json!("customers_to_warehouse"), &json!(1234)));
    assert!(json[0]["freshness_seconds"].as_u64().is_some_and(|seconds| seconds < 60), "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rejections_are_listed_and_shown() {
    let app = TestApp::spawn().await;
    assert_eq!(out(&polysink(&app.db, &["rejections"])), "The quarantine is empty.\n");
    let answer = app.send(&Delivery::of_body("{\"event\":")).await;
    let id = answer.json()["rejection_id"].as_str().expect("it has one").to_owned();
    app.send(&Delivery::of(&[json!([1, 2])])).await.counts();
    let list = out(&polysink(&app.db, &["rejections"]));
    assert_eq!(list.lines().count(), 3, "{list}");
    assert!(list.contains("not_json") && list.contains("record_not_object") && list.contains(&id), "{list}");
    assert_eq!(out(&polysink(&app.db, &["rejections", "list", "--limit", "1"])).lines().count(), 2);
    let json: Value = serde_json::from_str(&out(&polysink(&app.db, &["rejections", "--json"]))).expect("it is JSON");
    assert_eq!((json.as_array().map(Vec::len), &json[1]["scope"]), (Some(2), &json!("envelope")));
    let shown = out(&polysink(&app.db, &["rejections", "show", &id]));
    assert!(shown.contains("reason      not_json") && shown.ends_with("\n\n{\"event\":\n"), "{shown}");
    let none = polysink(&app.db, &["rejections", "show", SYNC]);
    assert!(errors(&none).contains("does not exist"), "{}", errors(&none));
    assert!(answer.text.contains(&format!("polysink rejections show {id}")), "the answer names the command");
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_prepares_a_database_and_serve_can_leave_it_out() {
    let db = TestDatabase::create_empty().await;
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let mut serve = Service::on(&db.url(), folder.path());
    let refused = run(serve.arg("--no-migrate"));
    assert!(errors(&refused).contains("polysink migrate"), "{}", errors(&refused));
    let syncs = polysink(&db, &["syncs"]);
    assert!(errors(&syncs).contains("the database has no polysink tables"), "{}", errors(&syncs));
    for _ in 0..2 {
        assert_eq!(out(&polysink(&db, &["migrate"])), "The database is up to date.\n");
    }
    let mut serve = Service::on(&db.url(), folder.path());
    serve.arg("--no-migrate");
    assert!(Service::start(serve).stop().0.success());

    // The tables of an older version.
    db.run("delete from polysink._sqlx_migrations where version = 2; drop table polysink.backlog").await;
    let mut serve = Service::on(&db.url(), folder.path());
    let refused = errors(&run(serve.arg("--no-migrate")));
    assert!(refused.contains("0002_projection is missing") && refused.contains("polysink migrate"), "{refused}");
}

/// libpq reads a plus sign as one; the parameters of sqlx are not its.
#[tokio::test(flavor = "multi_thread")]
async fn psql_gets_the_options_of_the_url_as_they_are() {
    let db = TestDatabase::create().await;
    let url = db.url();
    let separator = if url.contains('?') { '&' } else { '?' };
    let options = "options=-c%20statement_timeout%3D12345%20-c%20application_name%3Da%2Bb&statement-cache-capacity=0";
    let mut psql = binary();
    psql.env("DATABASE_URL", format!("{url}{separator}{options}")).env_remove("PGAPPNAME");
    let shown = run(psql.args(["psql", "-X", "-Atc", "select current_setting('statement_timeout')"]));
    assert_eq!(String::from_utf8_lossy(&shown.stdout).trim(), "12345ms", "{}", String::from_utf8_lossy(&shown.stderr));
    // A parameter of another driver is named, and what to write.
    let mut psql = binary();
    psql.env("DATABASE_URL", format!("{url}{separator}pgbouncer=true"));
    let said = String::from_utf8(run(psql.args(["psql", "-c", "select 1"])).stderr).expect("it is text");
    assert!(said.contains("`pgbouncer`; remove it, and set POLYSINK_POOLER=transaction"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn psql_passes_its_arguments_through() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::documented()).await.counts();
    let rows = out(&polysink(&app.db, &["psql", "-X", "-At", "-c", "select hash from polysink.records"]));
    assert_eq!(rows, "b7421c6c57bd49f7\n");
    assert!(out(&polysink(&app.db, &["psql", "-?"])).contains("psql is the PostgreSQL interactive terminal"));
    assert!(out(&polysink(&app.db, &["psql", "--help"])).contains("polysink psql"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_used_is_named_with_the_reason_once() {
    let db = TestDatabase::create_empty().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let no_server = format!("postgres://nobody@{}/x", closed.expect("there is a port"));
    let missing = db.url().replace(&db.name, "no_such_database");
    let latin = TestDatabase::create_latin1().await;
    for (url, reason) in [
        (no_server, "refused"),
        (missing, "database \"no_such_database\" does not exist"),
        (latin.url(), "encoding is LATIN1"),
    ] {
        let output = run(binary().env("DATABASE_URL", url).arg("migrate"));
        let said = errors(&output);
        assert_eq!((output.status.code(), said.matches(reason).count()), (Some(1), 1), "{said}");
    }
}

#[test]
fn a_flag_wins_over_the_environment_whichever_way_a_secret_is_given_there() {
    let file = tempfile::NamedTempFile::new().expect("there is a temporary folder");
    std::fs::write(file.path(), "postgres://file@127.0.0.1:1/x").expect("it can be written");
    let output = run(binary().env("DATABASE_URL_FILE", file.path()).args([
        "syncs",
        "--database-url",
        "postgres://flag@127.0.0.1:1/x",
    ]));
    assert!(errors(&output).contains("refused"), "{}", errors(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn health_exits_with_0_if_ready_and_1_if_not() {
    let app = TestApp::spawn_with(&[("POLYSINK_SPOOL", "off")]).await;
    let address = app.base.strip_prefix("http://").expect("it is plain HTTP");
    let health =
        || run(binary().arg("health").env("POLYSINK_LISTEN", address).env("POLYSINK_DATA_DIR", "/nonexistent"));
    assert!(out(&health()).starts_with("200 {"));
    sqlx::raw_sql("drop schema polysink cascade").execute(&app.db.pool).await.expect("the superuser may");
    let unhealthy = loop {
        let output = health();
        if !output.status.success() {
            break output; // an answer may be a second old
        }
    };
    assert_eq!(unhealthy.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unhealthy.stdout).starts_with("503 {"));
    let gone =
        run(binary().arg("health").env("POLYSINK_LISTEN", "127.0.0.1:9").env("POLYSINK_DATA_DIR", "/nonexistent"));
    assert!(errors(&gone).contains("cannot reach the service"), "{}", errors(&gone));
}

#[test]
fn shells_and_man_learn_all_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = out(&run(binary().args(["completions", shell])));
        assert!(text.contains("rejections") && text.contains("timestamp-tolerance"), "{shell}: {text}");
    }
    assert!(!run(binary().args(["completions", "command.com"])).status.success());
    let page = out(&run(binary().arg("man")));
    assert!(page.starts_with(".ie") && page.contains(".TH polysink 1"), "{page}");
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    out(&run(binary().args(["man", "--dir"]).arg(folder.path())));
    for name in ["polysink.1", "polysink-serve.1", "polysink-rejections-show.1"] {
        let page = std::fs::read_to_string(folder.path().join(name)).expect("it was written");
        assert!(page.contains(".SH NAME"), "{name}: {page}");
    }
    let nowhere = run(binary().args(["man", "--dir", "/nonexistent/man"]));
    assert!(errors(&nowhere).contains("cannot write the manual pages into /nonexistent/man"), "{}", errors(&nowhere));
}

#[test]
fn without_a_database_the_commands_say_what_to_do() {
    for command in ["syncs", "rejections", "psql"] {
        let output = run(binary().arg(command).env("POLYSINK_DATA_DIR", "/nonexistent"));
        assert_eq!(output.status.code(), Some(1), "{command}");
        assert!(errors(&output).contains("polysink serve"), "{command}: {}", errors(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_that_is_closed_ends_a_command_quietly() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::documented()).await;
    app.db.projected().await;
    let table = "webhook_http_endpoint_sync";
    for arguments in [
        &["syncs"][..],
        &["syncs", "--json"],
        &["rejections", "--json"],
        &["dbt"],
        &["column", table],
        &["identity", "suggest", table],
        &["rebuild", table],
        &["migrate"],
    ] {
        let (reader, writer) = std::io::pipe().expect("there are pipes");
        drop(reader);
        let mut command = binary();
        let command = command.env("DATABASE_URL", app.db.url()).args(arguments).stdin(Stdio::null()).stdout(writer);
        let output = command.stderr(Stdio::piped()).spawn().and_then(std::process::Child::wait_with_output);
        let output = output.expect("the program can be run");
        assert_eq!((output.status.code(), errors(&output).as_str()), (Some(141), ""), "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_makes_a_sync_of_its_own_and_never_renames_another() {
    let app = TestApp::spawn().await;
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let path = folder.path().join("movies.json");
    std::fs::write(&path, "\u{feff}[{\"id\": 1},\n {\"id\": 2}]").expect("it can be written");
    let path = path.to_str().expect("it is text");
    // Without --url, `send` also looks at the database.
    let listen = app.webhook().replace("http://", "").replace("/webhooks/polytomic", "");
    let send = |arguments: &[&str]| {
        let base = ["send", "--listen", &listen, "--secret", SECRET];
        polysink(&app.db, &[&base[..], arguments].concat())
    };
    let said = out(&send(&["--file", path]));
    assert!(said.starts_with("sent          2 records in 1 delivery\n"), "{said}");
    assert!(out(&send(&["--file", path])).contains("0 new, 2 duplicates"));
    assert!(out(&send(&["--records", "1"])).contains("1 new, 0 duplicates"));
    let syncs = "select string_agg(name || ' ' || table_name, ', ' order by name) from polysink.syncs";
    assert_eq!(app.db.text(syncs).await, "Sample customers sample_customers, movies movies");
    for (arguments, expected) in [
        (&["--file", path, "--name", "Sample customers"][..], "is the sync of the generated records"),
        (&["--file", path, "--sync-id", SYNC], "--name"),
        (&["--file", path, "--sync-id", SYNC, "--name", "movies"], "the sync \"movies\" exists with the id"),
        (&["--file", "-"], "standard input has no name; pass --name"),
    ] {
        let refused = send(arguments);
        assert!(
            !refused.status.success() && errors(&refused).contains(expected),
            "{arguments:?}: {}",
            errors(&refused)
        );
    }
    let id: String = app.db.text("select sync_id::text from polysink.syncs where name = 'movies'").await;
    let refused = send(&["--file", path, "--sync-id", &id, "--name", "films"]);
    assert!(errors(&refused).contains("this would rename it"), "{}", errors(&refused));
    std::fs::write(folder.path().join("people.csv"), "id,name\n1,Ada\n").expect("it can be written");
    let csv = send(&["--file", folder.path().join("people.csv").to_str().expect("it is text")]);
    assert!(errors(&csv).contains("For CSV, convert it first"), "{}", errors(&csv));
    assert_eq!(app.db.text(syncs).await, "Sample customers sample_customers, movies movies");
}

#[test]
fn errors_name_the_place_and_say_nothing_twice() {
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let syncs = |dotenv: &str| {
        std::fs::write(folder.path().join(".env"), dotenv).expect("it can be written");
        let output = run(binary().arg("syncs").current_dir(folder.path()));
        assert_eq!(output.status.code(), Some(1), "{dotenv}");
        errors(&output)
    };
    let refused = syncs("DATABASE_URL=postgres://polysink:hunter2@127.0.0.1:9/polysink");
    assert!(refused.contains("cannot connect to the database at 127.0.0.1:9: "), "{refused}");
    assert_eq!(refused.matches("Connection refused").count(), 1, "{refused}");
    let mode = syncs("DATABASE_URL=postgres://polysink:hunter2@127.0.0.1:9/polysink?sslmode=on");
    assert!(mode.contains("sslmode `on` is not one of disable, allow"), "{mode}");
    let encoded = syncs("DATABASE_URL='postgres://polysink:hunter/2@127.0.0.1:9/polysink'");
    assert!(encoded.contains("write @ as %40") && !encoded.contains("hunter"), "{encoded}");
    let line = syncs("POLYSINK_LOG=info\n\nPOLYSINK_SECRETS=two words\n");
    assert!(line.contains(".env, line 3: expected NAME=VALUE") && !line.contains("two"), "{line}");
    let dollar = syncs("# settings\nPOLYSINK_SECRETS=prod=pa$word-1\n");
    assert!(dollar.contains(".env, line 2: `$` in POLYSINK_SECRETS") && !dollar.contains("word-1"), "{dollar}");
    std::fs::remove_file(folder.path().join(".env")).expect("it is there");
    std::fs::create_dir(folder.path().join(".env")).expect("it can be made");
    let directory = errors(&run(binary().arg("syncs").current_dir(folder.path())));
    assert_eq!(directory, "polysink: cannot read .env: Is a directory (os error 21)\n");
}

/// Every command that needs the database, with a port on which nothing listens, and with a server that does not answer.
#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_each_command_says_so_and_fails() {
    let id = "00000000-0000-0000-0000-000000000000";
    let commands: [&[&str]; 18] = [
        &["serve", "--spool", "off", "--listen", "127.0.0.1:0"],
        &["migrate"],
        &["psql", "-c", "select 1"],
        &["syncs"],
        &["identity", "set", "customers", "id"],
        &["identity", "clear", "customers", "--yes"],
        &["identity", "suggest", "customers"],
        &["column", "customers"],
        &["rebuild", "customers"],
        &["dbt"],
        &["replay", "--yes"],
        &["prune", "--yes"],
        &["forget", "customers", "1", "--yes"],
        &["rejections", "list"],
        &["rejections", "show", id],
        &["rejections", "resolve", id],
        &["spool", "restore", "none.sqlite"],
        &["doctor"],
    ];
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let silent = silent.local_addr().expect("it has an address").port();
    for port in [1, silent] {
        let mut running = Vec::new();
        // psql waits for a server for as long as whoever sits before it.
        for command in commands.into_iter().filter(|command| command[0] != "psql" || port == 1) {
            let mut polysink = binary();
            polysink.env("DATABASE_URL", format!("postgres://polysink@127.0.0.1:{port}/polysink"));
            polysink.env("POLYSINK_SECRETS", SECRET).env("POLYSINK_DATA_DIR", data.path()).args(command);
            polysink.stdout(Stdio::piped()).stderr(Stdio::piped());
            running.push((command, polysink.spawn().expect("it starts")));
        }
        for (command, child) in running {
            let output = child.wait_with_output().expect("it ends");
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            assert!(output.status.code().is_some_and(|code| code > 0), "{command:?} on {port}: {said}");
            assert!(!said.contains("panicked") && !said.contains("RUST_BACKTRACE"), "{command:?} on {port}: {said}");
            let address = format!("127.0.0.1:{port}");
            assert!(
                said.contains(&address) || command[0] == "psql" && said.contains("onnection"),
                "{command:?} on {port}: {said}"
            );
        }
    }
}

/// What has just been received is asked for, and waited for a moment.
#[tokio::test(flavor = "multi_thread")]
async fn commands_know_the_fields_of_the_delivery_before() {
    for n in 0..3 {
        let app = TestApp::spawn().await;
        app.send(&Delivery::of(&[record("1", json!({"email": "ada@example.com"}))])).await.counts();
        match n {
            0 => drop(app.works(&["identity", "set", "customers_to_warehouse", "email"])),
            1 => assert!(app.works(&["identity", "suggest", "customers_to_warehouse"]).contains("email")),
            _ => assert!(app.works(&["column", "customers_to_warehouse"]).contains("email")),
        }
    }
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("1", json!({"id": 1}))])).await.counts();
    app.db.projected().await;
    let mut lock = app.db.pool.begin().await.expect("the database is there");
    sqlx::raw_sql("lock table synced.customers_to_warehouse").execute(&mut *lock).await.expect("it may");
    app.send(&Delivery::of(&[record("2", json!({"id": 2, "new": 1}))])).await.counts();
    let said = app.works(&["column", "customers_to_warehouse"]);
    assert!(said.contains("1 delivery is not in them yet"), "{said}");
    let (worked, said) = app.polysink(&["identity", "set", "customers_to_warehouse", "new"]);
    assert!(
        !worked && said.contains("seconds behind") && said.contains("the sync has no field \"new\"; it has: id"),
        "{said}"
    );
}
