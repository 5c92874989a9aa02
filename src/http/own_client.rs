//! A client of the service on this machine.

use std::time::Duration;

/// For the health of the service that the settings describe. Its certificate is for another name than this machine's
/// address, so it is not checked: send nothing secret.
///
/// * `patience`: for a whole answer
pub fn own_client(patience: Duration) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().timeout(patience).no_proxy().tls_danger_accept_invalid_certs(true).build()
}
