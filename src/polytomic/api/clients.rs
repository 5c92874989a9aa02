//! The clients of all organizations, each with its key.

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::{ApiError, ApiUrl, Client, ClientOptions};

/// The name of the client for all connections.
const UNNAMED: &str = "default";

/// The clients, by the names of the connections' secrets.
#[derive(Debug)]
pub struct ApiClients(Vec<(Option<String>, Client)>);

impl ApiClients {
    /// Nothing connects yet.
    ///
    /// # Errors
    ///
    /// If this machine has no certificates to trust.
    ///
    /// * `keys`: each with its name; one without is that of all connections
    /// * `first_pause`: after a first failure
    pub fn new(
        url: &ApiUrl,
        keys: Vec<(Option<String>, SecretString)>,
        first_pause: Duration,
        now: fn() -> DateTime<Utc>,
    ) -> Result<Self, ApiError> {
        let client = |(name, key)| Ok((name, Client::new(ClientOptions { url: url.clone(), key, first_pause, now })?));
        keys.into_iter().map(client).collect::<Result<_, _>>().map(Self)
    }

    /// The clients with the names of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Client)> {
        self.0.iter().map(|(name, client)| (name.as_deref().unwrap_or(UNNAMED), client))
    }

    /// The client for the deliveries of a connection: the one with its name, or the one without; `None` if all keys are
    /// those of other organizations.
    ///
    /// * `connection`: the name of the secret that the deliveries come with
    pub fn for_connection(&self, connection: &str) -> Option<&Client> {
        let named = self.0.iter().find(|(name, _)| name.as_deref() == Some(connection));
        named.or_else(|| self.0.iter().find(|(name, _)| name.is_none())).map(|(_, client)| client)
    }
}
