//! Polytomic's API: whether its keys are good.

use std::time::Duration;

use super::Finding;
use crate::polytomic::api::{ApiClients, ApiError};

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
