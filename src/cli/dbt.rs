//! `polysink dbt`

use std::fmt::Write as _;
use std::process::ExitCode;

use crate::cli::output::out;
use crate::query_tables::DescribedTable;

use super::connect::{DataScope, with_database};
use super::settings::Settings;

/// Print a dbt sources file (1.10 and later) for the query tables, with freshness: `polysink dbt > models/polysink.yml`
#[derive(Debug, clap::Args)]
pub struct Options {
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
        out!("{}", sources(&tables, options.warn_after, options.error_after));
        Ok(ExitCode::SUCCESS)
    })
    .await
}

/// The file. Every JSON string is a YAML string, so texts are written as those.
fn sources(tables: &[DescribedTable], warn_after: u32, error_after: Option<u32>) -> String {
    let text = |text: &str| serde_json::to_string(text).expect("a string is always JSON");
    let mut out = String::from(
        "# Written by `polysink dbt`; write it again when fields are added.\nversion: 2\n\nsources:\n  - name: polysink\n    \
         description: \"Synced by Polytomic, received by polysink.\"\n    schema: synced\n    config:\n      \
         loaded_at_field: _last_received_at\n      freshness:\n",
    );
    let _ = writeln!(out, "        warn_after: {{count: {warn_after}, period: hour}}");
    if let Some(hours) = error_after {
        let _ = writeln!(out, "        error_after: {{count: {hours}, period: hour}}");
    }
    let _ = writeln!(out, "    tables:{}", if tables.is_empty() { " []" } else { "" });
    for table in tables {
        let _ = writeln!(out, "      - name: {}\n        description: {}", text(&table.name), text(&table.comment));
        if table.is_history {
            // The history has no freshness of its own.
            out.push_str("        config:\n          freshness: null\n");
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
        }
    }
    out
}
