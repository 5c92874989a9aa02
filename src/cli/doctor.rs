//! `polysink doctor`

use std::process::ExitCode;

use crate::app;
use crate::cli::support::output::outln;
use crate::config::{LOGGING, SERVE, ServeConfig, Setting};
use crate::doctor::{self, Finding, Level};
use crate::store::Store;

use super::support::connect;
use super::support::settings::{Scope, Settings};

/// Run every check: settings, database, schema, query tables, spool, disks
///
/// Each finding says what was found, what was expected, and what to do. Runs while `serve` runs, changes nothing, and
/// exits 1 if a check fails.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    settings: Settings<DoctorScope>,
}

#[derive(Debug)]
struct DoctorScope;

impl Scope for DoctorScope {
    const GROUPS: &'static [&'static [&'static Setting]] = &[SERVE, LOGGING];
}

pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let findings = examine(&options).await;
    if options.json {
        outln!("{}", serde_json::to_string_pretty(&findings)?);
    } else {
        print(&findings);
    }
    let worst = findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok);
    Ok(if worst == Level::Fail { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn examine(options: &Options) -> Vec<Finding> {
    let expected = "valid settings";
    let config = match options.settings.read(ServeConfig::read) {
        Ok(config) => config,
        Err(errors) => {
            let each = errors.0.iter().map(|error| {
                let found = format!("{}: {}", error.name, error.message);
                Finding::fail("settings", found, expected, "correct it; `.env.example` documents each setting")
            });
            return each.collect();
        }
    };
    let mut findings = vec![Finding::ok("settings", "all are valid", expected)];
    let polytomic = match app::polytomic_clients_of(&config) {
        Ok(clients) => clients,
        Err(error) => {
            let advice = "install the certificates that this machine trusts";
            findings.push(Finding::warn("polytomic", error.to_string(), "a client of Polytomic's API", advice));
            None
        }
    };
    let subject = app::subject(&config, polytomic);
    match connect::database(&config.data) {
        Ok(database) => {
            let store = Store::new(database, 1);
            findings.extend(doctor::examine(&subject, &store, app::now).await);
            store.close().await;
        }
        Err(error) => {
            findings.extend(doctor::examine_machine(&subject, app::now()).await);
            findings.push(Finding::fail(
                "reachable",
                error.to_string(),
                "a connection",
                "start it with `polysink serve`",
            ));
        }
    }
    findings
}

fn print(findings: &[Finding]) {
    for Finding { check, level, found, expected, advice } in findings {
        let word = match level {
            Level::Ok => console::style("ok  ").green(),
            Level::Warn => console::style("warn").yellow(),
            Level::Fail => console::style("FAIL").red(),
        };
        outln!("{word}  {check}: {found}");
        if let Some(advice) = advice {
            outln!("      expected: {expected}");
            outln!("      do: {advice}");
        }
    }
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    outln!("\n{} ok, {} to look at, {} failed", count(Level::Ok), count(Level::Warn), count(Level::Fail));
}
