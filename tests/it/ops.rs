//! The alert rules, the dashboard and the runbook in `ops/` and `docs/`, against the metrics that there are.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Output};

use polysink::metrics;
use serde_json::Value;

use crate::documents::{path, read};
use crate::harness::{Delivery, TestApp, record};
use serde_json::json;

/// Prometheus' own tool, if it is there.
fn promtool() -> Option<Command> {
    crate::harness::tool("promtool").map(Command::new)
}

#[track_caller]
fn assert_good(output: &Output) {
    let said = [&output.stdout[..], &output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[test]
fn the_alert_rules_are_valid_and_pass_their_unit_tests() {
    let Some(mut promtool) = promtool() else { return };
    assert_good(&promtool.args(["check", "rules"]).arg(path("ops/alerts.yml")).output().expect("it can be run"));
    let mut promtool = self::promtool().expect("it was there");
    assert_good(&promtool.args(["test", "rules"]).arg(path("ops/alerts.test.yml")).output().expect("it can be run"));
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_reads_the_metrics_and_finds_nothing_to_object_to() {
    let app = TestApp::spawn().await;
    app.send(&Delivery::of(&[record("a", json!({"n": 1})), json!("no object")])).await;
    app.send(&Delivery::documented().without("authorization")).await;
    app.db.projected().await;
    let Some(mut promtool) = promtool() else { return };
    let file = tempfile::NamedTempFile::new().expect("there is a temporary folder");
    std::fs::write(file.path(), app.metrics().await.text).expect("it can be written");
    let input = std::fs::File::open(file.path()).expect("it is there");
    assert_good(&promtool.args(["check", "metrics"]).stdin(input).output().expect("it can be run"));
}

/// The expressions of the dashboard's panels.
fn dashboard_expressions() -> Vec<String> {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("expr").and_then(Value::as_str).map(str::to_owned));
                object.values().for_each(|value| collect(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let dashboard: Value = serde_json::from_str(&read("ops/grafana-dashboard.json")).expect("it is JSON");
    let mut found = Vec::new();
    collect(&dashboard, &mut found);
    found
}

#[test]
fn every_expression_of_the_dashboard_is_good() {
    let expressions = dashboard_expressions();
    assert!(expressions.len() > 40, "{}", expressions.len());
    let Some(mut promtool) = promtool() else { return };
    // What Grafana puts in.
    let rules: Vec<Value> = (1..)
        .zip(&expressions)
        .map(|(n, expression)| {
            let expression = expression.replace("$__rate_interval", "5m").replace("$instance", ".*");
            json!({"record": format!("panel:{n}"), "expr": expression})
        })
        .collect();
    let file = tempfile::Builder::new().suffix(".yml").tempfile().expect("there is a temporary folder");
    // JSON is YAML.
    let text = json!({"groups": [{"name": "dashboard", "rules": rules}]}).to_string();
    std::fs::write(file.path(), text).expect("it can be written");
    assert_good(&promtool.args(["check", "rules"]).arg(file.path()).output().expect("it can be run"));
}

#[test]
fn alerts_and_dashboard_use_metrics_that_there_are_and_the_dashboard_shows_each() {
    let described = metrics::described();
    let names: BTreeSet<&str> = described.iter().map(|family| family.name.as_str()).collect();
    let used = |text: &str| -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let ours = words.filter(|word| word.starts_with("polysink_"));
        let family = |word: &str| {
            let cut = ["_bucket", "_sum", "_count"].into_iter().find_map(|suffix| word.strip_suffix(suffix));
            cut.filter(|family| names.contains(family)).unwrap_or(word).to_owned()
        };
        ours.map(family).collect()
    };
    let mut on_the_dashboard = BTreeSet::new();
    for expression in dashboard_expressions() {
        on_the_dashboard.extend(used(&expression));
    }
    let dashboard = read("ops/grafana-dashboard.json");
    on_the_dashboard.extend(used(&dashboard));
    for name in used(&read("ops/alerts.yml")).iter().chain(&on_the_dashboard) {
        assert!(names.contains(name.as_str()), "there is no metric {name}");
    }
    // The limit stands in the setting, or beside what it limits.
    let left_out = ["polysink_connections_limit", "polysink_pool_connections_limit", "polysink_disk_size_bytes"];
    let elsewhere = [
        "polysink_spool_up",
        "polysink_spool_oldest_timestamp_seconds",
        "polysink_spool_failing_since_timestamp_seconds",
        "polysink_tls_certificate_end_timestamp_seconds",
    ];
    for name in names {
        let shown = on_the_dashboard.contains(name) || left_out.contains(&name) || elsewhere.contains(&name);
        assert!(shown, "the dashboard does not show {name}");
    }
}

#[test]
fn each_alert_has_a_section_in_the_runbook_and_each_section_its_alert() {
    let alerts = read("ops/alerts.yml");
    let named: BTreeSet<&str> =
        alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).map(str::trim).collect();
    let runbook = read("docs/runbook.md");
    let sections: BTreeSet<&str> = runbook.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(named, sections);
    for alert in &named {
        let link = format!("runbook: docs/runbook.md#{}", alert.to_ascii_lowercase());
        assert!(alerts.contains(&link), "{alert} has no link to its section");
    }
    for section in runbook.split("\n## ").skip(1) {
        for part in ["**Means**", "**Look**", "**Do**"] {
            assert!(section.contains(part), "{part} is missing in {}", section.lines().next().unwrap_or_default());
        }
    }
    let tests: BTreeSet<String> = read("ops/alerts.test.yml")
        .split("alertname: ")
        .skip(1)
        .map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect())
        .collect();
    assert_eq!(named.iter().map(ToString::to_string).collect::<BTreeSet<_>>(), tests, "each alert is tested");
}

/// The files that a person copies.
#[test]
fn the_files_of_ops_are_listed_where_people_look() {
    let readme = read("README.md");
    for file in std::fs::read_dir(path("ops")).expect("it is there") {
        let file: PathBuf = file.expect("it can be read").path();
        let name = file.file_name().and_then(|name| name.to_str()).expect("it is text");
        assert!(
            readme.contains(&format!("ops/{name}")) || name.ends_with(".test.yml"),
            "the README does not name {name}"
        );
    }
}
