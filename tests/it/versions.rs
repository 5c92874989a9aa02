//! The versions of PostgreSQL that polysink supports: one list, which documents, CI and these tests share.

use std::process::Command;

use crate::documents::{path, read};
use crate::harness::{TestDatabase, postgres, run};

/// The list of `script/postgres`.
fn versions() -> Vec<String> {
    let output = run(Command::new(path("script/postgres")).arg("--versions"));
    let text = String::from_utf8(output.stdout).expect("it is text");
    text.split_whitespace().map(str::to_owned).collect()
}

#[tokio::test]
async fn the_tests_run_on_the_version_that_was_asked_for() {
    let Some(programs) = postgres::programs() else { return };
    let output = run(Command::new(programs.join("postgres")).arg("--version"));
    let asked = String::from_utf8_lossy(&output.stdout).into_owned();
    let db = TestDatabase::create().await;
    let version = db.text("select split_part(version(), ' ', 2)").await;
    assert!(asked.contains(&format!("(PostgreSQL) {version}")), "{asked} was asked for, and it runs {version}");
}

#[test]
fn documents_and_ci_name_the_versions_that_the_tests_can_run_on() {
    let versions = versions();
    let (oldest, newest) = (&versions[0], &versions[versions.len() - 1]);
    assert!(read("README.md").contains(&format!("PostgreSQL {oldest} to {newest}.")), "README.md");
    assert!(read("src/doctor/server.rs").contains(&format!("PostgreSQL {oldest} to {newest}")), "polysink doctor");
    let ci = read(".ci/run");
    let tested: Vec<&str> = ci
        .lines()
        .filter_map(|line| line.strip_prefix("on_postgres "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let mut sorted = tested.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, versions, ".ci/run tests {tested:?}");
}
