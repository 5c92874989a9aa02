//! Polytomic's API: whether its keys are good, and what it says.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Finding;
use crate::polytomic::api::{ApiClients, ApiError};
use crate::store::tables::{deletions, runs, sync_sources};
use crate::store::{Store, StoreError};

/// Time for an answer, tries included.
const PATIENCE: Duration = Duration::from_secs(20);

const EXPECTED: &str = "a key that Polytomic's API accepts";

/// * `clients`: `None` if it is not asked
pub async fn check(clients: Option<&ApiClients>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, client) in clients.into_iter().flat_map(ApiClients::iter) {
        let asked = tokio::time::timeout(PATIENCE, client.me()).await;
        let finding = match asked.unwrap_or(Err(ApiError::TimedOut(PATIENCE))) {
            Ok(me) => {
                let owner = me.organization.or(me.email).unwrap_or_else(|| "an organization without a name".to_owned());
                Finding::ok("polytomic", format!("the key `{name}` is that of {owner}"), EXPECTED)
            }
            Err(error) => {
                let found = format!("the key `{name}`: {error}");
                // It says when runs arrived whole. Deliveries do not depend on it.
                Finding::warn("polytomic", found, EXPECTED, advice(&error))
            }
        };
        findings.push(finding);
    }
    findings
}

fn advice(error: &ApiError) -> &'static str {
    match error {
        ApiError::WrongKey | ApiError::Forbidden(_) => {
            "make a key in Polytomic's settings, and set POLYSINK_POLYTOMIC_KEY to it"
        }
        ApiError::RateLimited(_) => "wait; others ask with this key too",
        ApiError::Unreachable(_) | ApiError::TimedOut(_) => {
            "let this machine connect to POLYSINK_POLYTOMIC_URL; deliveries do not depend on it"
        }
        _ => "compare POLYSINK_POLYTOMIC_URL with the address at which you use Polytomic",
    }
}

/// Whether the syncs could be asked about, whether their late runs arrived whole, and whether deletions wait.
pub async fn check_runs(store: &Store, now: DateTime<Utc>) -> Result<Vec<Finding>, StoreError> {
    let short = runs::short(store, now - runs::SHORT_FOR).await?;
    let silent = sync_sources::errors(store, None).await?;
    let waiting = deletions::waiting(store).await?;
    Ok(vec![whole(&short), answered(&silent), decided(&waiting)])
}

/// * `waiting`: runs whose deletions wait for an operator, with their table and how many rows
fn decided(waiting: &[(String, String, u64)]) -> Finding {
    let expected = "no deletions wait for a decision";
    let Some((table, run, rows)) = waiting.first() else { return Finding::ok("deletions", "none waits", expected) };
    let found = format!("{rows} rows of {table} were not sent by the full run {run}");
    let advice = "compare with the source, and `polysink deletes` shows how to delete or to keep them";
    Finding::warn("deletions", found, expected, advice)
}

/// * `short`: runs of which records are missing, with their table and how many
fn whole(short: &[(String, String, u64)]) -> Finding {
    let expected = "every run of the last seven days arrived whole, as far as that is known";
    let Some((table, run, missing)) = short.last() else { return Finding::ok("runs", "nothing is missing", expected) };
    let found =
        format!("{} short, the last one {run} of {table}: {missing} records are missing", runs_are(short.len()));
    let advice =
        "`polysink repair` has Polytomic send them again; its sync history says which deliveries failed, and why";
    Finding::warn("runs", found, expected, advice)
}

fn runs_are(count: usize) -> String {
    if count == 1 { "1 run is".to_owned() } else { format!("{count} runs are") }
}

/// * `silent`: tables of syncs about which the API did not answer, each with why
fn answered(silent: &[(String, String)]) -> Finding {
    let expected = "Polytomic's API answers questions about each sync";
    let Some((table, error)) = silent.first() else { return Finding::ok("run-questions", "it does", expected) };
    let others = match silent.len() - 1 {
        0 => String::new(),
        others => format!(", and {others} more"),
    };
    let advice = "whether its runs arrived whole is not known; correct POLYSINK_POLYTOMIC_KEY or its rights, or wait";
    Finding::warn("run-questions", format!("{table}: {error}{others}"), expected, advice)
}
