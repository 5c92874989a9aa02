//! `polysink dbt`

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::cli::output::{out, outln};
use crate::query_tables::{DescribedTable, Ident};

use super::connect::{DataScope, with_database};
use super::settings::Settings;

/// Print a dbt sources file (1.10 and later) for the query tables, with tests and freshness: `polysink dbt > models/polysink.yml`
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

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    with_database(&options.settings, async |store| {
        let tables = store.described_tables().await?;
        let sources = sources(&tables, options.warn_after, options.error_after);
        match &options.models {
            Some(folder) => write_models(folder, &sources, &tables)?,
            None => out!("{sources}"),
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

/// Writes the sources file, and the views that do not exist: those are the user's once they are there.
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
    let columns: Vec<String> = table.columns.iter().map(|column| format!("    {}", Ident(&column.name))).collect();
    format!(
        "-- A start by `polysink dbt --models`; change it as you like, it is not written again.\n\
         -- While the view exists, the types of these columns stay as they are. To change one, drop the view, run\n\
         -- `polysink column SYNC FIELD --type TYPE`, and then `dbt run`.\n\
         {{{{ config(materialized='view') }}}}\n\nselect\n{}\nfrom {{{{ source('polysink', '{}') }}}}\n",
        columns.join(",\n"),
        table.name
    )
}

/// The file. Every JSON string is a YAML string, so texts are written as those.
fn sources(tables: &[DescribedTable], warn_after: u32, error_after: Option<u32>) -> String {
    let text = |text: &str| serde_json::to_string(text).expect("a string is always JSON");
    let mut out = String::from(
        "# Written by `polysink dbt`; write it again when fields are added.\nversion: 2\n\nsources:\n  - name: polysink\n    \
         description: \"Synced by Polytomic, received by polysink.\"\n    schema: synced\n    config:\n      freshness:\n",
    );
    let _ = writeln!(out, "        warn_after: {{count: {warn_after}, period: hour}}");
    if let Some(hours) = error_after {
        let _ = writeln!(out, "        error_after: {{count: {hours}, period: hour}}");
    }
    let _ = writeln!(out, "    tables:{}", if tables.is_empty() { " []" } else { "" });
    for table in tables {
        let _ = writeln!(out, "      - name: {}\n        description: {}", text(&table.name), text(&table.comment));
        out.push_str("        config:\n");
        if table.is_history {
            // The history has no freshness of its own.
            out.push_str("          freshness: null\n");
        } else {
            // One row of an indexed table: the greatest time of the query table would take a scan of it.
            let name = table.name.replace('\'', "''");
            let query = format!("select last_received_at from polysink.syncs where table_name = '{name}'");
            let _ = writeln!(out, "          loaded_at_query: {}", text(&query));
        }
        out.push_str("        columns:\n");
        for column in &table.columns {
            let _ = writeln!(
                out,
                "          - name: {}\n            data_type: {}\n            description: {}",
                text(&column.name),
                text(&column.sql_type),
                text(&column.comment)
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
