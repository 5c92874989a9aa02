//! `polysink dbt`

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::cli::support::output::{out, outln};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

use crate::query_tables::{DescribedColumn, DescribedTable, Ident, described};
use crate::store::tables::runs;

use super::support::connect::{DataScope, with_database};
use super::support::settings::Settings;

/// Print a dbt sources file (1.10 and later) for the query tables, with tests and freshness: `polysink dbt >
/// models/polysink.yml`
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Write the sources file to this folder as polysink.yml, and a staging view for each table that has none there yet
    #[arg(long, value_name = "FOLDER")]
    models: Option<PathBuf>,

    /// Hours without a delivery after which dbt warns
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..))]
    warn_after: u32,

    /// Hours without a delivery after which dbt fails [default: never]
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..))]
    error_after: Option<u32>,

    #[command(flatten)]
    settings: Settings<DataScope>,
}

/// The test that every late run arrived whole.
const RUNS: &str = r#"  - name: polysink_runs
    description: "Whether each run of a sync arrived whole, by what Polytomic's API says."
    schema: polysink
    tables:
      - name: run_status
        columns:
          - name: missing
            data_type: bigint
            description: "Records of a run that Polytomic sent and that did not arrive."
            data_tests:
              - accepted_values:
                  arguments: {values: [0], quote: false}
                  config: {where: "completed_at > current_timestamp - interval '7 days'"}
"#;

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        let tables = described::tables(&store).await?;
        let mut sources = sources(&tables, options.warn_after, options.error_after);
        if runs::are_known(&store).await? {
            sources.push_str(RUNS);
        }
        match &options.models {
            Some(folder) => write_models(folder, &sources, &tables)?,
            None => out!("{sources}"),
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

/// Writes the sources file, and the views that do not exist: those are the user's once they exist.
fn write_models(folder: &Path, sources: &str, tables: &[DescribedTable]) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let path = folder.join("polysink.yml");
    fs::write(&path, sources).with_context(|| format!("cannot write {}", path.display()))?;
    outln!("Wrote {}.", path.display());
    for table in tables {
        let path = folder.join(format!("stg_polysink__{}.sql", table.name));
        match fs::File::create_new(&path) {
            Ok(mut file) => {
                io::Write::write_all(&mut file, staging_view(table).as_bytes())
                    .with_context(|| format!("cannot write {}", path.display()))?;
                outln!("Wrote {}.", path.display());
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => outln!("Kept {}.", path.display()),
            Err(error) => return Err(error).with_context(|| format!("cannot write {}", path.display())),
        }
    }
    Ok(())
}

/// A model that selects the columns of a table by name.
fn staging_view(table: &DescribedTable) -> String {
    let columns: Vec<String> = columns(table).map(|column| format!("    {}", Ident(&column.name))).collect();
    format!(
        "-- A start by `polysink dbt --models`; change it as you like, it is not written again.\n\
         -- While the view exists, the types of these columns stay as they are. To change one, drop the view, run\n\
         -- `polysink column SYNC FIELD --type TYPE`, and then `dbt run`.\n\
         {{{{ config(materialized='view') }}}}\n\nselect\n{}\nfrom {{{{ source('polysink', '{}') }}}}\n",
        columns.join(",\n"),
        table.name
    )
}

/// The columns that dbt can name: not those of the user's own whose names its templates would take for theirs.
fn columns(table: &DescribedTable) -> impl Iterator<Item = &DescribedColumn> {
    table.columns.iter().filter(|column| without_templates(&column.name) == column.name)
}

/// The text with a space wherever dbt's templates would begin (Jinja's `{{`, `{%` and `{#`).
fn without_templates(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if matches!(char, '{' | '%' | '#') && out.ends_with('{') {
            out.push(' ');
        }
        out.push(char);
    }
    out
}

/// A YAML string in double quotes (<https://yaml.org/spec/1.2.2/#57-escaped-characters>). Only letters, digits,
/// punctuation and symbols stand as they are: YAML takes few other characters, and its parsers differ in which.
fn quoted(text: &str) -> String {
    use GeneralCategoryGroup::{Letter, Mark, Number, Punctuation, Symbol};
    let mut out = String::from('"');
    for char in without_templates(text).chars() {
        let code = u32::from(char);
        let _ = match char {
            '"' | '\\' => write!(out, "\\{char}"),
            '\n' => write!(out, "\\n"),
            '\t' => write!(out, "\\t"),
            ' ' => write!(out, " "),
            _ if matches!(char.general_category_group(), Letter | Mark | Number | Punctuation | Symbol) => {
                write!(out, "{char}")
            }
            _ if code <= 0xffff => write!(out, "\\u{code:04x}"),
            _ => write!(out, "\\U{code:08x}"),
        };
    }
    out.push('"');
    out
}

/// The file.
fn sources(tables: &[DescribedTable], warn_after: u32, error_after: Option<u32>) -> String {
    let mut out = String::from(
        "# Written by `polysink dbt`; write it again when fields are added.\nversion: 2\n\nsources:\n\
         \x20 - name: polysink\n\
         \x20   description: \"Synced by Polytomic, received by polysink.\"\n    schema: synced\n    config:\n\
         \x20     freshness:\n",
    );
    let _ = writeln!(out, "        warn_after: {{count: {warn_after}, period: hour}}");
    if let Some(hours) = error_after {
        let _ = writeln!(out, "        error_after: {{count: {hours}, period: hour}}");
    }
    let _ = writeln!(out, "    tables:{}", if tables.is_empty() { " []" } else { "" });
    for table in tables {
        let _ = writeln!(out, "      - name: {}\n        description: {}", quoted(&table.name), quoted(&table.comment));
        out.push_str("        config:\n");
        if table.is_history {
            // The history has no freshness of its own.
            out.push_str("          freshness: null\n");
        } else {
            // One row of an indexed table: the greatest time of the query table would take a scan of it.
            let name = table.name.replace('\'', "''");
            let query = format!("select last_received_at from polysink.syncs where table_name = '{name}'");
            let _ = writeln!(out, "          loaded_at_query: {}", quoted(&query));
        }
        out.push_str("        columns:\n");
        for column in columns(table) {
            let _ = writeln!(
                out,
                "          - name: {}\n            data_type: {}\n            description: {}",
                quoted(&column.name),
                quoted(&column.sql_type),
                quoted(&column.comment)
            );
            out.push_str(tests(table, &column.name, column.is_identity));
        }
    }
    out
}

/// The tests of a column: what identifies a row is unique and not null.
fn tests(table: &DescribedTable, column: &str, is_identity: bool) -> &'static str {
    let identifies_alone = table.columns.iter().filter(|column| column.is_identity).count() == 1;
    if !table.is_history && (column == "_key" || (is_identity && identifies_alone)) {
        "            data_tests: [unique, not_null]\n"
    } else if is_identity || column == "_key" {
        "            data_tests: [not_null]\n"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use yaml_rust2::YamlLoader;

    use super::*;

    fn table(name: &str, comment: &str, columns: &[(&str, &str)]) -> DescribedTable {
        let column = |(name, comment): &(&str, &str)| DescribedColumn {
            name: (*name).to_owned(),
            sql_type: "text".to_owned(),
            comment: (*comment).to_owned(),
            is_identity: false,
        };
        DescribedTable {
            name: name.to_owned(),
            comment: comment.to_owned(),
            is_history: false,
            columns: columns.iter().map(column).collect(),
        }
    }

    /// Every character that YAML takes unescaped (<https://yaml.org/spec/1.2.2/#51-character-set>), without the byte
    /// order mark.
    fn is_printable(char: char) -> bool {
        let is_ascii = matches!(char, '\n' | ' '..='~');
        is_ascii
            || matches!(char, '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
    }

    /// As dbt reads it: through the templates, then as YAML.
    fn read(sources: &str) -> yaml_rust2::Yaml {
        let rendered = minijinja::Environment::new().render_str(sources, ()).expect("it is a template");
        assert_eq!(rendered, sources.strip_suffix('\n').unwrap_or(sources), "nothing in it is a template");
        assert!(sources.chars().all(is_printable), "{sources:?}");
        YamlLoader::load_from_str(sources).expect("it is YAML").remove(0)
    }

    #[test]
    fn hostile_names_make_a_file_that_dbt_reads() {
        for text in [
            "{{ doc('x') }}",
            "{% if %}",
            "{# never closed",
            "{{{%{#",
            "a\u{0}b\u{1b}[0m\u{7f}\u{85}",
            "\u{feff}\u{fffe}\u{ffff}\u{1ffff}",
            "\u{2028}one\u{2029}two",
            "\"quoted\" \\ 'single' : # - ? !tag &anchor *alias",
            "tab\tnew\nline\r\n",
            "ग्राहक 客户 👩‍👩‍👧 \u{202e}",
        ] {
            let file = read(&sources(&[table("t", text, &[("c", text)])], 24, None));
            let tables = &file["sources"][0]["tables"];
            assert_eq!(tables[0]["description"].as_str(), Some(&*without_templates(text)));
            assert_eq!(tables[0]["columns"][0]["description"].as_str(), Some(&*without_templates(text)));
        }
        assert_eq!(without_templates("{{{%{#"), "{ { { %{ #");
    }

    #[test]
    fn a_column_whose_name_is_a_template_is_left_out() {
        let table = table("t", "", &[("{{ x }}", ""), ("y", "")]);
        let file = read(&sources(std::slice::from_ref(&table), 24, None));
        assert_eq!(file["sources"][0]["tables"][0]["columns"].as_vec().map(Vec::len), Some(1));
        let view = staging_view(&table);
        assert!(view.contains("\"y\"") && !view.contains("x }"), "{view}");
    }

    proptest! {
        #[test]
        fn any_name_makes_a_file_that_dbt_reads(
            // Also characters that end lines or templates.
            texts in prop::collection::vec("(\\PC|[\\x00-\\x9f]|\\{\\{|\\{%|\\{#|\
                [\u{2028}\u{2029}\u{feff}\u{fffe}\u{ffff}\u{10ffff}\"\\\\]){0,40}", 4)
        ) {
            let [name, comment, column, description] = &texts[..] else { panic!("there are four") };
            // Names have been made identifiers.
            let (name, column) = (crate::columns::table_name(name), crate::columns::column_name(column));
            let file = read(&sources(&[table(&name, comment, &[(&column, description)])], 24, Some(48)));
            let table = &file["sources"][0]["tables"][0];
            prop_assert_eq!(table["name"].as_str(), Some(&*name));
            prop_assert_eq!(table["description"].as_str(), Some(&*without_templates(comment)));
            prop_assert_eq!(table["columns"][0]["name"].as_str(), Some(&*column));
            prop_assert_eq!(table["columns"][0]["description"].as_str(), Some(&*without_templates(description)));
        }
    }
}
