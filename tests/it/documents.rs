//! Compares documents with the code: `.env.example`, `--help`, the settings, the README and the commands in it.
//!
//! `POLYSINK_BLESS=1 cargo test documents` rewrites what the code decides.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use polysink::config;

use serde_json::{Value, json};

use crate::harness::{Delivery, Service, TestApp, binary, eventually, record, run};

pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

pub fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[track_caller]
fn assert_file(name: &str, expected: &str) {
    #[expect(clippy::disallowed_methods, reason = "an option of the person who runs the test")]
    if std::env::var_os("POLYSINK_BLESS").is_some() {
        fs::write(path(name), expected).expect("it can be written");
    }
    assert!(read(name) == expected, "{name} is not what the code says; run POLYSINK_BLESS=1 cargo test documents");
}

/// Compares what stands between `<!-- NAME -->` and `<!-- /NAME -->` in a file.
#[track_caller]
pub fn assert_between(file: &str, name: &str, expected: &str) {
    let text = read(file);
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let from = text.find(&start).unwrap_or_else(|| panic!("{file} has no {start}")) + start.len();
    let to = text.find(&end).unwrap_or_else(|| panic!("{file} has no {end}"));
    assert_file(file, &format!("{}{expected}{}", &text[..from], &text[to..]));
}

#[test]
fn the_env_example_is_generated_from_the_settings() {
    assert_file(".env.example", &config::env_example());
}

#[test]
fn the_env_example_without_its_marks_is_a_good_configuration() {
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let dotenv = read(".env.example");
    let settings: Vec<&str> = dotenv
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| line.contains('_') && !line.starts_with(' '))
        .collect();
    assert_eq!(settings.len(), config::ALL.len());
    // Parsed as `.env` files are; the values must pass as settings too.
    fs::write(folder.path().join(".env"), settings.join("\n")).expect("it can be written");
    let values: BTreeMap<String, String> = dotenvy::from_path_iter(folder.path().join(".env"))
        .expect("it is there")
        .collect::<Result<_, _>>()
        .expect("it parses");
    let lookup = |name: &str| values.get(name).cloned();
    config::Reader::read(&lookup, |reader| (config::ServeConfig::read(reader), config::LogConfig::read(reader)))
        .expect("every example is a good value");
}

#[test]
fn the_help_of_every_command_is_as_committed() {
    let commands: [&[&str]; 23] = [
        &[],
        &["serve"],
        &["migrate"],
        &["send"],
        &["psql"],
        &["syncs"],
        &["identity"],
        &["identity", "set"],
        &["identity", "clear"],
        &["identity", "suggest"],
        &["column"],
        &["rebuild"],
        &["dbt"],
        &["replay"],
        &["prune"],
        &["forget"],
        &["rejections"],
        &["rejections", "list"],
        &["rejections", "show"],
        &["rejections", "export"],
        &["rejections", "resolve"],
        &["doctor"],
        &["health"],
    ];
    let mut text = String::new();
    for command in commands {
        let output = run(binary().args(command).arg("--help"));
        assert!(output.status.success());
        let help = String::from_utf8(output.stdout).expect("it is text");
        writeln!(text, "$ polysink {}\n\n{help}", [command, &["--help"]].concat().join(" "))
            .expect("a string takes every write");
    }
    assert_file("tests/snapshots/help.txt", &text);
}

#[test]
fn the_documents_list_every_setting_and_every_command() {
    let operations = read("docs/operations.md");
    assert_between("docs/settings.md", "settings", &config::markdown_table());
    let help = run(binary().arg("--help"));
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let commands =
        help.split("Commands:").nth(1).and_then(|rest| rest.split("Options:").next()).expect("it lists them");
    let is_command = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let commands: Vec<&str> =
        commands.lines().filter(is_command).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() > 20, "{commands:?}");
    for command in commands.into_iter().filter(|command| *command != "help") {
        assert!(operations.contains(&format!("| `{command}`")), "docs/operations.md does not list `{command}`");
    }
}

#[test]
fn the_changelog_and_the_manifest_agree_on_the_version() {
    let version = env!("CARGO_PKG_VERSION");
    let changelog = read("CHANGELOG.md");
    assert!(changelog.contains("## Unreleased") || changelog.contains(&format!("## {version}")));
    let output = run(binary().arg("--version"));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with(&format!("polysink {version}")));
}

/// Links to files, and the names of tests behind a link to their file.
#[test]
fn links_within_the_documents_lead_somewhere() {
    let docs = std::fs::read_dir(path("docs")).expect("it is there").map(|file| file.expect("it can be read").path());
    let docs = docs.filter(|file| file.extension().is_some_and(|extension| extension == "md"));
    let documents = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(path).into_iter().chain(docs);
    for document in documents {
        let markdown = std::fs::read_to_string(&document).expect("it is text");
        for link in markdown.split("](").skip(1) {
            let (target, rest) = link.split_once(')').expect("a link ends");
            let target = target.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let file = document.with_file_name(target);
            assert!(file.exists(), "{} links to {target}, which is not there", document.display());
            let test = rest.strip_prefix(" `").and_then(|rest| rest.split('`').next());
            let is_code = file.extension().is_some_and(|extension| extension == "rs");
            if let (true, Some(test)) = (is_code, test) {
                let code = std::fs::read_to_string(&file).expect("it is text");
                assert!(code.contains(&format!("fn {test}(")), "{target} has no test {test}");
            }
        }
    }
}

/// Source files and folders that are named in backticks: `writer/limit.rs`, `projector/pass/`.
#[test]
fn the_architecture_names_files_that_exist() {
    let architecture = read("ARCHITECTURE.md");
    let names = architecture.split('`').skip(1).step_by(2);
    let is_path = |name: &&str| name.contains('/') && [".rs", "/"].iter().any(|end| name.ends_with(end));
    let modules = ["src", "src/http", "src/query_tables", "src/store", "src/cli", "src/ledger", "."].map(path);
    for name in names.filter(is_path) {
        assert!(modules.iter().any(|folder| folder.join(name).exists()), "ARCHITECTURE.md: there is no {name}");
    }
}

/// One `$ command` of a block of the kind `console`, and what the block shows below it.
struct Example {
    command: String,
    shown: String,
}

fn examples(markdown: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for block in markdown.split("```console\n").skip(1) {
        let block = block.split("```").next().expect("a split has a first part");
        let mut open = false;
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                examples.push(Example { command: command.to_owned(), shown: String::new() });
                open = command.ends_with('\\');
            } else if open {
                let example = examples.last_mut().expect("a command is open");
                example.command.push('\n');
                example.command.push_str(line);
                open = line.ends_with('\\');
            } else if let Some(example) = examples.last_mut() {
                example.shown.push_str(line);
                example.shown.push('\n');
            }
        }
    }
    examples
}

/// What differs from run to run becomes a mark: ids, times, rates.
fn normalized(text: &str) -> String {
    let number = |c: char| c.is_ascii_digit();
    text.lines()
        .filter(|line| !line.starts_with("took") && !line.starts_with("latency"))
        .map(|line| {
            let words = line.split_inclusive([' ', '|', '"', ',', '(', '\'']).map(|word| {
                let bare = word.trim_end_matches([' ', '|', '"', ',', '(', '\'']);
                let is_id = bare.len() == 36 && uuid::Uuid::try_parse(bare).is_ok();
                let is_time = bare.len() >= 8
                    && bare.starts_with(number)
                    && (bare.contains(':') || bare.matches('-').count() == 2);
                if is_id || is_time { word.replace(bare, "…") } else { word.to_owned() }
            });
            let line: String = words.collect();
            let mut words: Vec<&str> = line.split_whitespace().collect();
            for n in 2..words.len() {
                // Seconds, or minutes on a busy machine.
                if words[n] == "ago" {
                    words[n - 2] = "…";
                    words[n - 1] = "…";
                }
            }
            words.join(" ")
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Each command of the README's try-it blocks does what the README shows, in order, against a first start.
#[tokio::test(flavor = "multi_thread")]
async fn the_readmes_commands_print_the_output_it_shows() {
    let folder = tempfile::Builder::new().prefix("polysink-readme-").tempdir().expect("there is a temporary folder");
    fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).expect("it is ours");
    let data = folder.path().join("data");
    let mut serve = binary();
    serve.env("POLYSINK_DATA_DIR", &data).env("POLYSINK_LISTEN", "127.0.0.1:0").arg("serve");
    let service = Service::start(serve);
    let address = service.url.strip_prefix("http://").and_then(|rest| rest.split('/').next()).expect("it has one");
    let mut ran = 0;
    for Example { command, shown } in examples(&read("README.md")) {
        if command.starts_with("script/") || command.starts_with("git ") || command.contains("docker") {
            continue; // the first is this service; CI runs it as it stands, in script/check-server
        }
        let typed = command
            .replace("target/release/polysink", env!("CARGO_BIN_EXE_polysink"))
            .replace("127.0.0.1:8080", address)
            .replace("~/.local/share/polysink", data.to_str().expect("it is text"));
        let mut shell = Command::new("sh");
        crate::harness::process::clean(&mut shell);
        let output = shell
            .args(["-c", &typed])
            .env("POLYSINK_DATA_DIR", &data)
            .env("POLYSINK_LISTEN", address)
            .env("PAGER", "cat")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null())
            .output()
            .expect("there is a shell");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{command}\n{said}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(normalized(&said).trim(), normalized(&shown).trim(), "{command}");
        ran += 1;
        // A person takes longer to type the next command than the projector needs.
        let waiting = || {
            let mut count = binary();
            count.env("POLYSINK_DATA_DIR", &data).args(["psql", "-Atc", "select count(*) from polysink.backlog"]);
            String::from_utf8_lossy(&run(&mut count).stdout).trim().to_owned()
        };
        eventually("the query tables have it", async || waiting() == "0").await;
    }
    assert!(ran >= 5, "the README shows {ran} commands");
    assert!(service.stop().0.success());
}

/// Each query of the README runs, and finds something in what `send` sends.
#[tokio::test(flavor = "multi_thread")]
async fn the_readmes_queries_run() {
    let app = TestApp::spawn().await;
    for records in ["200", "200"] {
        let url = app.webhook();
        let sent =
            run(binary().args(["send", "--url", &url, "--secret", crate::harness::SECRET, "--records", records]));
        assert!(sent.status.success());
    }
    app.db.projected().await;
    let set = run(binary().env("DATABASE_URL", app.db.url()).args(["identity", "set", "sample_customers", "id"]));
    assert!(set.status.success());
    let queries = queries(&read("README.md"));
    assert!(queries.len() >= 3, "the README has {} queries", queries.len());
    assert_each_finds_something(&app, &queries).await;
}

/// Each query of the cookbook runs, and finds something in two syncs to which all that has happened.
#[tokio::test(flavor = "multi_thread")]
async fn the_cookbooks_queries_run() {
    let app = TestApp::spawn_with(&[("POLYSINK_TIMESTAMP_TOLERANCE", "0")]).await;
    let customers = "5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47";
    let customer = |id: u32, plan: &str, seats: Value| {
        let fields = json!({"id": id, "email": format!("c{}@example.com", id % 7), "plan": plan, "seats": seats,
                            "address": {"country": "GB"}, "tags": ["vip", "beta"]});
        record(&format!("{id}-{plan}-{seats}"), fields)
    };
    let everybody: Vec<Value> = (1..=1_000).map(|id| customer(id, "team", json!(id))).collect();
    let orders: Vec<Value> = (1..=20)
        .map(|id| record(&format!("o{id}"), json!({"id": id, "customer_id": id, "amount": f64::from(id) * 1.5})))
        .collect();
    let few = [customer(1, "free", json!(1)), customer(2, "team", json!("many")), record("n", json!({"plan": "none"}))];
    for delivery in [
        Delivery::of_sync(customers, "Customers", &everybody).sent_ago(7_200),
        Delivery::of_sync(crate::harness::SYNC, "Orders", &orders).sent_ago(3_600),
        Delivery::of_sync(customers, "Customers", &few),
        Delivery::of_sync(customers, "Customers", &everybody[2..900]),
    ] {
        app.send(&delivery).await.counts();
        app.db.projected().await;
    }
    for table in ["customers", "orders"] {
        let set = run(binary().env("DATABASE_URL", app.db.url()).args(["identity", "set", table, "id"]));
        assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
    }
    app.db
        .run(
            "insert into polysink.deletions
             select sync_id, 'a run', now() - interval '90 minutes', now() - interval '80 minutes', 1, 'applied', null,
                    now()
             from polysink.syncs where table_name = 'customers'",
        )
        .await;
    app.send(&Delivery::of_sync(customers, "Customers", &few[..1])).await.counts();
    app.db.projected().await;
    let queries = queries(&read("docs/querying.md"));
    assert!(queries.len() >= 13, "the cookbook has {} queries", queries.len());
    assert_each_finds_something(&app, &queries).await;
}

fn queries(markdown: &str) -> Vec<String> {
    let blocks = markdown.split("```sql\n").skip(1).filter_map(|rest| rest.split("```").next());
    let queries = blocks.flat_map(|block| block.split(";\n")).filter(|query| !query.trim().is_empty());
    queries.map(str::to_owned).collect()
}

async fn assert_each_finds_something(app: &TestApp, queries: &[String]) {
    for query in queries {
        let rows = sqlx::query(sqlx::AssertSqlSafe(query.as_str())).fetch_all(&app.db.pool).await;
        let rows = rows.unwrap_or_else(|error| panic!("{query}\n{error}"));
        assert!(!rows.is_empty(), "nothing found by {query}");
    }
}
