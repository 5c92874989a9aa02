//! Numbers that are short as JSON and long as digits: what they expand to is bounded too.

use std::process::Command;

use serde_json::json;

use crate::harness::app::http_client;
use crate::harness::{Delivery, SYNC, Service, TestApp, TestDatabase, binary, record, run};

/// A number of eight bytes and 131,072 digits.
const LONG: &str = "1e131071";

/// A delivery whose records have as many of these as a record may.
fn long_numbers(hash: &str, records: usize) -> Delivery {
    let fields: Vec<String> = (0..7).map(|n| format!("\"f{n}\":{LONG}")).collect();
    let records: Vec<String> = (0..records)
        .map(|n| format!(r#"{{"hash":"{hash}{n}","fields":{{"id":"{hash}{n}",{}}}}}"#, fields.join(",")))
        .collect();
    Delivery::of_body(format!(
        r#"{{"event":"sync.records","object":{{"id":"{SYNC}","name":"Numbers","records":[{}]}}}}"#,
        records.join(",")
    ))
}

/// Limits the memory that a command may use for data, in KiB.
fn limited(command: &Command, kib: u32) -> Command {
    let mut limited = Command::new("sh");
    limited.args(["-c", &format!("ulimit -d {kib}; exec \"$0\" \"$@\"")]);
    limited.arg(command.get_program()).args(command.get_args());
    limited.env_clear().current_dir("/");
    for (name, value) in command.get_envs() {
        limited.env(name, value.expect("the environment is cleared before"));
    }
    limited
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_with_large_exponents_are_projected_in_little_memory() {
    const MEMORY: u32 = 130_000;
    let db = TestDatabase::create().await;
    let data = tempfile::tempdir().expect("a folder can be made");
    let service = Service::start(limited(&Service::on(&db.url(), data.path()), MEMORY));
    let http = http_client();
    // Written out, they would be 147 MB.
    assert_eq!(long_numbers("n", 160).gzipped().post(&http, &service.url).await.counts(), [160, 160, 0, 0]);
    db.projected().await;
    let whole = "select count(*)::text from synced.numbers where f0 = 10::numeric ^ 131071 and f6 = f0";
    assert_eq!(db.text(whole).await, "160");
    // The same as text, from a delivery and from the ledger.
    let mut column = binary();
    column.env("DATABASE_URL", db.url()).args(["column", "numbers", "f0", "--type", "text"]);
    let output = run(&mut limited(&column, MEMORY));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    long_numbers("t", 10).post(&http, &service.url).await.counts();
    db.projected().await;
    assert_eq!(db.text("select concat(count(*), ' ', sum(length(f0))) from synced.numbers").await, "170 22282240");
    let mut rebuild = binary();
    rebuild.env("DATABASE_URL", db.url()).args(["rebuild", "numbers"]);
    let output = run(&mut limited(&rebuild, MEMORY));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(db.text("select concat(count(*), ' ', sum(length(f0))) from synced.numbers").await, "170 22282240");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_too_many_digits_is_quarantined_alone() {
    let app = TestApp::spawn().await;
    let numbers: Vec<&str> = vec![LONG; 9];
    let bad = format!(r#"{{"hash":"bad","fields":{{"list":[{}]}}}}"#, numbers.join(","));
    let body = serde_json::to_string(&json!({"event": "sync.records", "object": {"id": SYNC, "name": "Numbers",
        "records": [record("good", json!({"id": 1})), "BAD"]}}))
    .expect("it is JSON");
    let answer = app.send(&Delivery::of_body(body.replace("\"BAD\"", &bad))).await;
    assert_eq!(answer.counts(), [2, 1, 0, 1]);
    app.db.projected().await;
    let told = app.db.text("select concat_ws(' ', reason, detail) from polysink.rejections").await;
    assert!(
        told.starts_with("numbers_too_long the exponents of its numbers add up to 1179639; at most 1048576"),
        "{told}"
    );
    assert_eq!(app.db.count("select count(*) from synced.numbers").await, 1);
}
