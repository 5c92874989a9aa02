//! Who may post: addresses, credentials, freshness. Pure: bytes, `now` and policy come in, a [`Refusal`] or nothing comes out.
//!
//! `http` calls the three checks in the order of the design, before it reads a byte of the body; `config` builds the policy.

mod address;
mod credentials;
mod freshness;

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

pub use address::{Networks, ParseNetworksError, client_address};
pub use credentials::{Credentials, MIN_SECRET_BYTES};
pub use freshness::{Stale, sent_at};

/// Who may post, and how.
#[derive(Debug, Clone)]
pub struct Policy {
    pub credentials: Credentials,
    /// `None`: anybody.
    pub allowed: Option<Networks>,
    pub trusted_proxies: Networks,
    /// Zero: not checked.
    pub timestamp_tolerance: TimeDelta,
}

impl Policy {
    /// 403 for an address that is on no list, if there is one.
    pub fn check_address(&self, client: IpAddr) -> Result<(), Refusal> {
        match &self.allowed {
            Some(allowed) if !allowed.contains(client) => Err(Refusal::Address),
            _ => Ok(()),
        }
    }

    /// The name of the credential presented; `header` gives a header's value by its lower-case name.
    pub fn check_credentials<'a>(&self, header: impl Fn(&str) -> Option<&'a [u8]>) -> Result<&str, Refusal> {
        self.credentials.matching(header).ok_or(Refusal::Credentials)
    }

    /// When the request was sent; `None` where its header does not say and need not.
    pub fn check_freshness(&self, header: Option<&[u8]>, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Refusal> {
        Ok(sent_at(header, now, self.timestamp_tolerance)?)
    }
}

/// Why a request was refused before its body was looked at. One variant for each different answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 403.
    #[error("this address may not post here")]
    Address,
    /// 401. Says no more than that, to whoever asks.
    #[error("no or wrong credentials")]
    Credentials,
    /// 400.
    #[error(transparent)]
    Stale(#[from] Stale),
}
