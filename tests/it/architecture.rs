//! Compares the modules of the code with the diagram in ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// From the top down: a module uses those below it and none above.
const ORDER: [&str; 27] = [
    "cli",
    "app",
    "notify",
    "doctor",
    "http",
    "polytomic",
    "maintenance",
    "projector",
    "writer",
    "ledger",
    "query_tables",
    "store",
    "history",
    "columns",
    "telemetry",
    "config",
    "tls",
    "verify",
    "envelope",
    "local_pg",
    "backoff",
    "traces",
    "metrics",
    "model",
    "disk",
    "memory",
    "failpoints",
];

/// These take bytes and time as arguments, and wait for nothing.
const PURE: [&str; 6] = ["model", "backoff", "verify", "envelope", "columns", "history"];

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Each module's code, without comments and tests.
fn modules() -> BTreeMap<String, String> {
    let source = root().join("src");
    let mut modules: BTreeMap<String, String> = BTreeMap::new();
    for path in rust_files(&source) {
        let relative = path.strip_prefix(&source).expect("it is in there");
        let name = relative.components().next().expect("it has a name").as_os_str().to_string_lossy();
        let name = name.trim_end_matches(".rs");
        if ["lib", "main"].contains(&name) {
            continue;
        }
        let text = fs::read_to_string(&path).expect("it is text");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        modules.entry(name.to_owned()).or_default().extend(lines.flat_map(|line| [line, "\n"]));
    }
    modules
}

/// Which module uses which.
fn arrows() -> BTreeSet<(String, String)> {
    let mut arrows = BTreeSet::new();
    for (module, code) in modules() {
        for used in code.split("crate::").skip(1) {
            let used: String = used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            if used != module && !used.is_empty() {
                arrows.insert((module.clone(), used));
            }
        }
    }
    arrows
}

#[test]
fn arrows_between_modules_go_down_only() {
    let place = |module: &str| ORDER.iter().position(|known| *known == module);
    for (from, to) in arrows() {
        let (above, below) = (place(&from), place(&to));
        assert!(above.is_some() && below.is_some(), "{from} or {to} has no place in the order");
        assert!(above < below, "{from} uses {to}, which stands above it");
    }
}

#[test]
fn the_diagram_shows_each_arrow_and_no_other() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("it is there");
    let diagram = text.split("```mermaid").nth(1).and_then(|rest| rest.split("```").next()).expect("it has a diagram");
    let mut drawn = BTreeSet::new();
    for line in diagram.lines().filter_map(|line| line.split_once("-->")) {
        for to in line.1.split('&') {
            drawn.insert((line.0.trim().to_owned(), to.trim().to_owned()));
        }
    }
    let actual = arrows();
    let missing: Vec<_> = actual.difference(&drawn).collect();
    let gone: Vec<_> = drawn.difference(&actual).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not in the diagram: {missing:?}; not in the code: {gone:?}");
}

#[test]
fn pure_modules_wait_for_nothing() {
    let modules = modules();
    for module in PURE {
        for library in ["actix", "sqlx", "tokio", "std::env", "SystemTime", "Utc::now"] {
            assert!(!modules[module].contains(library), "{module} uses {library}");
        }
    }
}
