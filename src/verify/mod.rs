//! Who may post: addresses, credentials, freshness. Pure: takes bytes, `now` and the policy, returns a [`Refusal`] or
//! nothing.
//!
//! `http` runs the three checks in the order of the design, before it reads the body; `config` builds the policy.

mod address;
mod admin_token;
mod credentials;
mod event_signature;
mod freshness;
mod list;
mod oauth;
mod page_key;

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

pub use address::{Networks, ParseNetworksError, client_address, is_loopback};
pub use admin_token::AdminToken;
pub use credentials::{CredentialFault, Credentials, MIN_SECRET_BYTES, RefusedCredentials};
pub use event_signature::{EVENTS_PATH, EventSecrets, SIGNATURE, SignatureForm};
pub use freshness::{Stale, sent_at};
pub use list::{is_token, list_items, named_item};
pub use oauth::{TOKEN_LIFETIME, TOKEN_PATH};
pub use page_key::PageKey;

/// Who may post, and how.
#[derive(Debug, Clone)]
pub struct Policy {
    pub credentials: Credentials,
    /// `None`: all addresses.
    pub allowed: Option<Networks>,
    pub trusted_proxies: Networks,
    /// Zero: not checked.
    pub timestamp_tolerance: TimeDelta,
}

impl Policy {
    /// 403 for an address outside the list, if there is one.
    pub fn check_address(&self, client: IpAddr) -> Result<(), Refusal> {
        match &self.allowed {
            Some(allowed) if !allowed.contains(client) => Err(Refusal::Address),
            _ => Ok(()),
        }
    }

    /// The name of the credential presented.
    ///
    /// * `values`: returns all values of a header, by its lower-case name
    /// * `query`: of the request's URL, as it came
    pub fn check_credentials<'a>(
        &self,
        values: impl Fn(&str) -> Vec<&'a [u8]>,
        query: &str,
        now: DateTime<Utc>,
    ) -> Result<&str, Refusal> {
        for name in self.credentials.headers() {
            only(name, &values(name))?;
        }
        Ok(self.credentials.matching(|name| values(name).first().copied(), query, now)?)
    }

    /// When the request was sent; `None` if the header does not say and need not.
    ///
    /// * `values`: all values of the [`TIMESTAMP`] header
    pub fn check_freshness(&self, values: &[&[u8]], now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Refusal> {
        Ok(sent_at(only(TIMESTAMP, values)?, now, self.timestamp_tolerance)?)
    }
}

/// The header with the time of sending, in lower case.
pub const TIMESTAMP: &str = "polytomic-signature-timestamp";

/// The value of a header that must be unique. With two, a proxy and the service might each believe another.
fn only<'a>(name: &str, values: &[&'a [u8]]) -> Result<Option<&'a [u8]>, Refusal> {
    let Some((first, others)) = values.split_first() else { return Ok(None) };
    if others.iter().any(|other| other != first) {
        return Err(Refusal::Ambiguous(name.to_owned()));
    }
    Ok(Some(first))
}

/// Why a request was refused before its body was read. One variant per answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 403.
    #[error("address not allowed")]
    Address,
    /// 401.
    #[error("missing or invalid credentials")]
    Credentials(RefusedCredentials),
    /// 400: the header with this name occurs more than once, with different values.
    #[error("it has several {0} headers with different values")]
    Ambiguous(String),
    /// 400.
    #[error(transparent)]
    Stale(#[from] Stale),
}

impl From<RefusedCredentials> for Refusal {
    fn from(refused: RefusedCredentials) -> Self {
        Self::Credentials(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_is_repeated_has_to_say_the_same() {
        assert_eq!(only("a", &[]), Ok(None));
        assert_eq!(only("a", &[b"x"]), Ok(Some(b"x".as_slice())));
        assert_eq!(only("a", &[b"x", b"x"]), Ok(Some(b"x".as_slice())));
        assert_eq!(only("a", &[b"x", b"y", b"x"]), Err(Refusal::Ambiguous("a".to_owned())));
    }
}
