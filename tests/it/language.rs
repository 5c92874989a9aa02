//! Keeps the words and the names of the code and its documents plain: one name for one type, and no word that the
//! project has replaced.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::architecture::{root, rust_files};
use crate::harness::TestDatabase;

/// Words that have a plainer one. Names in the database, of metrics and of folders are public, and stay: with an
/// underscore or a hyphen they do not match.
const REPLACED: [(&str, &str); 22] = [
    ("anew", "again"),
    ("beside", "while … continues, with, besides"),
    ("chores", "background tasks"),
    ("done over", "repeated"),
    ("go on with", "continue"),
    ("goes on with", "continues"),
    ("gone on with", "resumed"),
    ("halving", "bisecting"),
    ("mend", "repair"),
    ("mended", "repaired"),
    ("of those that", "the noun itself"),
    ("set aside", "moved aside, quarantined"),
    ("sets aside", "moves aside, quarantines"),
    ("settle", "resolve, commit, backfill"),
    ("settled", "resolved, committed, backfilled"),
    ("so many", "how many, this many"),
    ("so often", "how often"),
    ("somebody", "an operator, another session, the client"),
    ("to be had", "available"),
    ("under way", "in flight"),
    ("well again", "usable again"),
    ("what there is", "the noun itself"),
];

/// A command of clap has `Options`, named with its module.
const QUALIFIED: [&str; 1] = ["Options"];

fn text_files() -> Vec<(String, String)> {
    let mut files = rust_files(&root().join("src"));
    for folder in ["docs", "ops", "script"] {
        let entries = fs::read_dir(root().join(folder)).expect("the folder exists");
        files.extend(entries.map(|entry| entry.expect("the folder is readable").path()));
    }
    files.extend(
        [
            "README.md",
            "ARCHITECTURE.md",
            "CHANGELOG.md",
            ".env.example",
            "docker-compose.yml",
            "tests/snapshots/help.txt",
        ]
        .map(|name| root().join(name)),
    );
    let text =
        |path: &Path| (path.strip_prefix(root()).map(|path| path.display().to_string()), fs::read_to_string(path));
    let readable = files.iter().filter_map(|path| match text(path) {
        (Ok(name), Ok(text)) => Some((name, text)),
        _ => None,
    });
    readable.collect()
}

fn is_word(text: &str, at: usize, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let (before, after) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
    !before.is_some_and(is_part) && !after.is_some_and(is_part)
}

/// The replaced words in a text: where, and what to write instead.
fn replaced_words(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let lower = line.to_lowercase();
        for (word, instead) in REPLACED {
            if lower.match_indices(word).any(|(at, _)| is_word(&lower, at, word)) {
                found.push(format!("{name}:{}: \"{word}\": write {instead}", n + 1));
            }
        }
    }
    found
}

/// Sentences that begin with "What …" or "Of …", where a noun would do. Headings and questions may.
fn nounless_sentences(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let is_heading = line.starts_with('#') && !name.starts_with("script/");
        if is_heading || line.trim_end().ends_with('?') {
            continue;
        }
        let sentence = line.trim_start().trim_start_matches(['/', '!', '-', '*', '|', ' ']);
        let starts = |text: &str| text.starts_with("What ") || text.starts_with("Of ");
        let is_comment = line.trim_start().starts_with("//");
        let is_prose = is_comment || !name.starts_with("src/");
        let within = [". ", "\""].iter().any(|end| line.split(end).skip(1).any(starts));
        if (is_prose && starts(sentence)) || within {
            found.push(format!("{name}:{}: {}", n + 1, line.trim()));
        }
    }
    found
}

#[test]
fn replaced_words_do_not_come_back() {
    let found: Vec<String> = text_files().iter().flat_map(|(name, text)| replaced_words(name, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_sentence_begins_with_what_or_of_to_avoid_a_noun() {
    let found: Vec<String> = text_files().iter().flat_map(|(name, text)| nounless_sentences(name, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Migrations keep their texts, because their checksums are stored; later ones replace the comments.
#[tokio::test(flavor = "multi_thread")]
async fn the_comments_in_the_database_are_plain() {
    let db = TestDatabase::create().await;
    let comments: Vec<String> = sqlx::query_scalar(
        "select d.description from pg_catalog.pg_description d
         left join pg_catalog.pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass
         left join pg_catalog.pg_namespace n
             on n.oid = case d.classoid when 'pg_namespace'::regclass then d.objoid else c.relnamespace end
         where n.nspname in ('polysink', 'synced')",
    )
    .fetch_all(&db.pool)
    .await
    .expect("the catalogue is readable");
    assert!(comments.len() > 100, "{} comments", comments.len());
    let found = comments
        .iter()
        .flat_map(|comment| [replaced_words(comment, comment), nounless_sentences("a comment", comment)].concat());
    let found: Vec<String> = found.collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_public_type_shares_its_name() {
    let mut types: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
    for path in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&path).expect("sources are text");
        for line in text.lines() {
            let mut words = line.split_whitespace().peekable();
            let is_public = words.next_if(|word| word.starts_with("pub")).is_some();
            while words.next_if(|word| word.ends_with(')')).is_some() {} // pub(in a::path)
            let is_type = words.next().is_some_and(|word| ["struct", "enum", "trait", "union", "type"].contains(&word));
            let Some(name) = words.next().filter(|_| is_type && (is_public || !line.starts_with(' '))) else {
                continue;
            };
            let name: String = name.chars().take_while(|c| c.is_alphanumeric()).collect();
            if name.starts_with(char::is_uppercase) && !QUALIFIED.contains(&name.as_str()) {
                types.entry(name).or_default().push((path.display().to_string(), is_public));
            }
        }
    }
    assert!(types.len() > 200, "{} types", types.len());
    let shared = types.iter().filter(|(_, places)| places.len() > 1 && places.iter().any(|(_, is_public)| *is_public));
    let shared: Vec<String> = shared.map(|(name, places)| format!("{name}: {places:?}")).collect();
    assert!(shared.is_empty(), "{}", shared.join("\n"));
}

#[test]
fn no_source_file_has_more_than_450_lines_and_no_line_more_than_120_columns() {
    let folders = ["src", "tests", "benches", "examples", "fuzz"].map(|folder| rust_files(&root().join(folder)));
    for path in folders.into_iter().flatten() {
        let text = fs::read_to_string(&path).expect("sources are text");
        assert!(text.lines().count() <= 450, "{}: {} lines", path.display(), text.lines().count());
        for (n, line) in text.lines().enumerate() {
            assert!(line.chars().count() <= 120, "{}:{}: {line}", path.display(), n + 1);
        }
    }
}
