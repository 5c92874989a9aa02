//! The checks of `polysink doctor`: each says what was found, what was expected and what to do. Called by
//! `cli::doctor`.
//!
//! A check that cannot be made, because an earlier one failed, is left out. Nothing is changed, and `serve` can run
//! meanwhile.

mod machine;
mod polytomic;
mod schema;
mod schema_facts;
mod server;
mod server_facts;
mod settings;
mod tables;

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::http::admin;
use crate::metrics::Observed;
use crate::polytomic::api::ApiClients;
use crate::query_tables::{drift, identity_index, missing, new_tables};
use crate::store::tables::{adoptions, expired, notices, syncs};
use crate::store::{Store, StoreError};
use crate::tls::TlsFiles;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Ok,
    /// It works, and will not for ever, or is slow, or is open to others.
    Warn,
    /// It does not work.
    Fail,
}

/// The result of one check.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// The check's name, in kebab case.
    pub check: &'static str,
    pub level: Level,
    pub found: String,
    pub expected: &'static str,
    /// Advice, if it is not ok.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Finding {
    pub fn ok(check: &'static str, found: impl Into<String>, expected: &'static str) -> Self {
        Self { check, level: Level::Ok, found: found.into(), expected, advice: None }
    }

    pub fn warn(
        check: &'static str,
        found: impl Into<String>,
        expected: &'static str,
        advice: impl Into<String>,
    ) -> Self {
        Self { check, level: Level::Warn, found: found.into(), expected, advice: Some(advice.into()) }
    }

    pub fn fail(
        check: &'static str,
        found: impl Into<String>,
        expected: &'static str,
        advice: impl Into<String>,
    ) -> Self {
        Self { check, level: Level::Fail, found: found.into(), expected, advice: Some(advice.into()) }
    }
}

/// Parts of the machine that are examined, besides the database.
#[derive(Debug)]
pub struct Subject {
    /// Settings with a secret from an example: setting and name.
    pub placeholders: Vec<(&'static str, String)>,
    /// The admin listener's address, if it is not loopback.
    pub exposed_admin: Option<std::net::SocketAddr>,
    /// Where deliveries are accepted, for the state of the running service.
    pub health: String,
    /// `None` without TLS.
    pub tls: Option<TlsFiles>,
    /// `None` if it is off.
    pub spool: Option<PathBuf>,
    /// With the private PostgreSQL.
    pub data_dir: Option<PathBuf>,
    /// `None` to keep all.
    pub retention: Option<TimeDelta>,
    /// `None` if Polytomic's API is not asked.
    pub polytomic: Option<ApiClients>,
}

const POOLER_EXPECTED: &str = "no transaction pooler, or POLYSINK_POOLER=transaction";

/// Time for the checks of the database together.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The checks that need no database.
pub async fn examine_machine(subject: &Subject, now: DateTime<Utc>) -> Vec<Finding> {
    let mut findings = settings::check(subject);
    findings.extend(machine::check(subject, now).await);
    findings.extend(polytomic::check(subject.polytomic.as_ref()).await);
    findings
}

/// Runs every check that can be made.
///
/// * `store`: not connected yet
/// * `now`: returns the time
pub async fn examine(subject: &Subject, store: &Store, now: fn() -> DateTime<Utc>) -> Vec<Finding> {
    let mut findings = examine_machine(subject, now()).await;
    let database = tokio::time::timeout(PATIENCE, database(subject, store, now, &mut findings)).await;
    if database.is_err() {
        let advice = "look at the server's load; run it again";
        findings.push(Finding::fail("database", "it did not answer in a minute", "answers", advice));
    }
    findings
}

async fn database(subject: &Subject, store: &Store, now: fn() -> DateTime<Utc>, findings: &mut Vec<Finding>) {
    match store.check_pooler().await {
        Ok(()) => findings.push(Finding::ok("pooler", "as POLYSINK_POOLER says", POOLER_EXPECTED)),
        Err(error @ StoreError::TransactionPooler) => {
            let advice = "set POLYSINK_POOLER=transaction, or let the pooler keep sessions";
            return findings.push(Finding::fail("pooler", error.to_string(), POOLER_EXPECTED, advice));
        }
        Err(_) => {} // the next check says why
    }
    let before = now();
    let facts = match server_facts::read(store).await {
        Ok(facts) => facts,
        Err(error) => {
            let found = format!("{}: {error}", store.address());
            let advice = "start it, or correct DATABASE_URL; deliveries are spooled meanwhile if `serve` runs";
            findings.push(Finding::fail("reachable", found, "a connection", advice));
            return;
        }
    };
    findings.push(Finding::ok("reachable", store.address(), "a connection"));
    findings.extend(server::check(&facts, before, now()));
    let schema = match schema_facts::migrations(store).await {
        Ok(schema) => schema,
        Err(error) => return findings.push(unanswered("schema", &error)),
    };
    let is_ready = schema::migrations(&schema, findings);
    findings.push(judged("privileges", schema_facts::missing_privileges(store).await, schema::privileges));
    if !is_ready {
        return;
    }
    match schema_facts::state(store, schema::WIDE).await {
        Ok(state) => {
            findings.extend(schema::check(&state));
            findings.push(server::buffers(&facts, state.ledger_index_bytes));
            findings.push(server::locks(&facts, state.days));
        }
        Err(error) => findings.push(unanswered("schema-state", &error)),
    }
    let observed = async { Ok((admin::observe(store, now()).await?, syncs::count_missing(store).await?)) };
    match observed.await {
        Ok((observed, missing_syncs)) => {
            findings.extend(tables::check(&observed, missing_syncs, now()));
            let ids: Vec<_> = observed.syncs.iter().map(|sync| sync.sync_id).collect();
            findings.push(judged("query-tables", drift::of_syncs(store, &ids).await, tables::drift));
            findings.push(judged("identity-indexes", missing_indexes(store, &observed).await, tables::indexes));
            findings.push(judged("made-again", syncs::made_again(store).await, tables::made_again));
            findings.push(judged("adoptions", adoptions::unfinished(store).await, tables::unfinished));
            findings.push(judged("dropped-columns", new_tables::worn_tables(store, tables::WORN).await, tables::worn));
            findings.push(judged("other-tables", missing::tables_of_no_sync(store).await, tables::left_over));
        }
        Err(error) => findings.push(unanswered("syncs", &error)),
    }
    findings.push(judged("notices", notices::failing(store).await, tables::sinks));
    match polytomic::check_runs(store, now()).await {
        Ok(found) => findings.extend(found),
        Err(error) => findings.push(unanswered("runs", &error)),
    }
    if let Some(keep) = subject.retention {
        // A day has an hour to be removed in, and a day more.
        findings.push(judged(
            "retention",
            expired::partitions(store, now() - keep - TimeDelta::days(1)).await,
            schema::retention,
        ));
    }
}

/// The tables of syncs whose identity has no index, or still has that of an earlier one.
async fn missing_indexes(store: &Store, observed: &Observed) -> Result<Vec<String>, StoreError> {
    let mut missing = Vec::new();
    for sync in &observed.syncs {
        if identity_index::is_due(store, sync.sync_id).await? {
            missing.push(sync.table.clone());
        }
    }
    Ok(missing)
}

/// A check's finding in an answer of the database, or that the database did not answer.
fn judged<T>(check: &'static str, answer: Result<Vec<T>, StoreError>, judge: impl FnOnce(&[T]) -> Finding) -> Finding {
    answer.map_or_else(|error| unanswered(check, &error), |answer| judge(&answer))
}

fn unanswered(check: &'static str, error: &StoreError) -> Finding {
    Finding::fail(check, error.to_string(), "an answer", "grant the privileges that are missing, and run it again")
}
